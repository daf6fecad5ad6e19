package mirthapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/weir-health/weir/internal/mirth"
)

// JSON is the XML written otherwise: an attribute is a key with an @ before it,
// text beside attributes is "$", elements of one name are an array, and what looks
// like a number or a truth is one.

// maxJSONDepth is how deep a JSON body may nest.
const maxJSONDepth = mirth.MaxDepth

func toJSON(n *mirth.Node) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	writeKey(&b, n.Name)
	writeJSON(&b, n)
	b.WriteByte('}')
	return b.Bytes()
}

func writeKey(b *bytes.Buffer, key string) {
	writeString(b, key)
	b.WriteByte(':')
}

func writeString(b *bytes.Buffer, s string) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	enc.Encode(s)
	b.Truncate(b.Len() - 1) // the line feed
}

var jsonPrimitive = regexp.MustCompile(`^(true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)$`)

func writeScalar(b *bytes.Buffer, text string) {
	switch {
	case text == "":
		b.WriteString("null")
	case len(text) < 30 && jsonPrimitive.MatchString(text):
		b.WriteString(text)
	default:
		writeString(b, text)
	}
}

func writeJSON(b *bytes.Buffer, n *mirth.Node) {
	if len(n.Attrs) == 0 && len(n.Children) == 0 {
		writeScalar(b, n.Text)
		return
	}
	b.WriteByte('{')
	first := true
	key := func(name string) {
		if !first {
			b.WriteByte(',')
		}
		first = false
		writeKey(b, name)
	}
	for _, a := range n.Attrs {
		key("@" + a.Name)
		writeScalar(b, a.Value)
	}
	if n.Text != "" {
		key("$")
		writeScalar(b, n.Text)
	}
	groups := map[string][]*mirth.Node{}
	var order []string
	for _, c := range n.Children {
		if groups[c.Name] == nil {
			order = append(order, c.Name)
		}
		groups[c.Name] = append(groups[c.Name], c)
	}
	for _, name := range order {
		key(name)
		list := groups[name]
		if len(list) > 1 {
			b.WriteByte('[')
		}
		for i, c := range list {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, c)
		}
		if len(list) > 1 {
			b.WriteByte(']')
		}
	}
	b.WriteByte('}')
}

var errNoDocument = errors.New("the body is not an object with one key, the name of the root element")

// fromJSON reads a JSON body as the XML it stands for.
func fromJSON(data []byte) (*mirth.Node, error) {
	d := &jsonReader{dec: json.NewDecoder(bytes.NewReader(data))}
	d.dec.UseNumber()
	holder := &mirth.Node{}
	if err := d.value(holder, "", 0); err != nil {
		return nil, fmt.Errorf("JSON at byte %d: %w", d.dec.InputOffset(), err)
	}
	if len(holder.Children) != 1 || len(holder.Children[0].Children) != 1 || d.dec.More() {
		return nil, errNoDocument
	}
	root := holder.Children[0]
	if len(root.Attrs) > 0 || root.Text != "" {
		return nil, errNoDocument
	}
	return root.Children[0], nil
}

type jsonReader struct {
	dec   *json.Decoder
	count int
}

// value reads one value as children of a name.
func (d *jsonReader) value(into *mirth.Node, name string, depth int) error {
	if d.count++; depth > maxJSONDepth || d.count > mirth.MaxElements {
		return errors.New("the document is too large or too deep")
	}
	token, err := d.dec.Token()
	if err != nil {
		return errors.New("this is not JSON")
	}
	switch token {
	case json.Delim('['):
		for d.dec.More() {
			if err := d.value(into, name, depth+1); err != nil {
				return err
			}
		}
		_, err := d.dec.Token()
		return err
	case json.Delim('{'):
		return d.object(into, name, depth)
	}
	if token == nil {
		into.Add(mirth.El(name))
	} else {
		into.Add(mirth.Leaf(name, fmt.Sprint(token)))
	}
	return nil
}

func (d *jsonReader) object(into *mirth.Node, name string, depth int) error {
	n := mirth.El(name)
	into.Add(n)
	for d.dec.More() {
		token, err := d.dec.Token()
		if err != nil {
			return errors.New("this is not JSON")
		}
		key, _ := token.(string)
		switch {
		case key == "$" || strings.HasPrefix(key, "@"):
			held := &mirth.Node{}
			if err := d.value(held, "held", depth+1); err != nil {
				return err
			}
			text := held.TextAt("held")
			if key == "$" {
				n.Text = text
			} else if name := key[1:]; validName(name) {
				if mirth.Foreign(text) {
					return errForeign
				}
				n.SetAttr(name, text)
			}
		case mirth.Foreign(key):
			return errForeign
		case !validName(key):
			return errors.New("a key cannot be the name of an element")
		default:
			if err := d.value(n, key, depth+1); err != nil {
				return err
			}
		}
	}
	_, err := d.dec.Token()
	return err
}

var errForeign = errors.New("a name of Java's that no export has, and that harms programs in Java, is not accepted")

// validName keeps markup out of names, which are written as they are.
func validName(name string) bool {
	return name != "" && len(name) < 1000 && !strings.ContainsAny(name, " \t\r\n/><=\"'&!?")
}
