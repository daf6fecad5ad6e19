package java

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/weir-health/weir/tree"
)

func parseXML(text string) (*tree.Node, error) {
	return tree.ParseXML(strings.TrimSpace(text), tree.XMLOptions{})
}

func elements(n *tree.Node) (elems []*tree.Node, text string) {
	var b strings.Builder
	for _, c := range n.Children() {
		switch c.Kind {
		case tree.Element:
			elems = append(elems, c)
		case tree.Text, tree.CDATA:
			b.WriteString(c.Data)
		}
	}
	return elems, b.String()
}

func qualified(n tree.Name) string {
	if n.Prefix != "" {
		return n.Prefix + ":" + n.Local
	}
	return n.Local
}

// indentXML writes an element on lines of its own, four blanks a level.
func indentXML(b *strings.Builder, n *tree.Node, depth int) {
	pad := strings.Repeat("    ", depth)
	elems, _ := elements(n)
	if len(elems) == 0 {
		b.WriteString(pad + n.XMLString() + "\n")
		return
	}
	shell := n.Copy()
	shell.SetChildren()
	open := strings.TrimSuffix(shell.XMLString(), "/>")
	b.WriteString(pad + open + ">\n")
	for _, c := range n.Children() {
		switch {
		case c.Kind == tree.Element:
			indentXML(b, c, depth+1)
		case c.Kind == tree.Text && strings.TrimSpace(c.Data) == "":
		default:
			b.WriteString(pad + "    " + strings.TrimSpace(c.XMLString()) + "\n")
		}
	}
	b.WriteString(pad + "</" + qualified(n.Name) + ">\n")
}

// jsonOptions are those of XmlUtil.toJson.
type jsonOptions struct {
	arrays     bool // repeated children become arrays
	primitives bool // numbers and booleans are written without quotes
	pretty     bool
	normalize  bool // a namespace is declared once
	always     bool // every child is an array
	expand     bool // every text is an object
}

// toJSON writes the root as the one member of an object.
func (o jsonOptions) toJSON(root *tree.Node) string {
	var b strings.Builder
	b.WriteByte('{')
	b.WriteString(jsonText(qualified(root.Name)) + ":")
	o.value(&b, root, map[string]string{})
	b.WriteByte('}')
	return b.String()
}

func (o jsonOptions) value(b *strings.Builder, n *tree.Node, scope map[string]string) {
	var members []string
	inner := scope
	for _, ns := range n.Namespaces() {
		if o.normalize && scope[ns.Prefix] == ns.URI {
			continue
		}
		if len(inner) == len(scope) {
			inner = make(map[string]string, len(scope)+1)
			for k, v := range scope {
				inner[k] = v
			}
		}
		inner[ns.Prefix] = ns.URI
		key := "@xmlns"
		if ns.Prefix != "" {
			key += ":" + ns.Prefix
		}
		members = append(members, jsonText(key)+":"+jsonText(ns.URI))
	}
	for _, a := range n.Attributes() {
		members = append(members, jsonText("@"+qualified(a.Name))+":"+jsonText(a.Data))
	}
	elems, text := elements(n)
	if len(elems) == 0 {
		switch {
		case len(members) == 0 && !o.expand:
			b.WriteString(o.scalar(text))
			return
		case text != "" || o.expand:
			members = append(members, `"$":`+o.scalar(text))
		}
	}
	members = append(members, o.children(elems, inner)...)
	b.WriteString("{" + strings.Join(members, ",") + "}")
}

// children groups elements of one name, in the order of the first.
func (o jsonOptions) children(elems []*tree.Node, scope map[string]string) []string {
	var order []string
	groups := make(map[string][]*tree.Node)
	for _, e := range elems {
		name := qualified(e.Name)
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], e)
	}
	var members []string
	for _, name := range order {
		var values []string
		for _, e := range groups[name] {
			var b strings.Builder
			o.value(&b, e, scope)
			values = append(values, b.String())
		}
		v := values[0]
		if o.always || len(values) > 1 {
			v = "[" + strings.Join(values, ",") + "]"
		}
		members = append(members, jsonText(name)+":"+v)
	}
	return members
}

func (o jsonOptions) scalar(text string) string {
	switch {
	case text == "":
		return "null"
	case !o.primitives:
	case text == "true" || text == "false":
		return text
	case isJSONNumber(text):
		return text
	}
	return jsonText(text)
}

// isJSONNumber keeps numbers with leading zeros and the like as texts.
func isJSONNumber(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 15 || digits[0] < '0' || digits[0] > '9' || len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		return false
	}
	return json.Valid([]byte(s))
}

func jsonText(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// prettyJSON indents by two blanks and writes "k" : v; what is not JSON comes
// back as it is.
func prettyJSON(text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var b strings.Builder
	if writePretty(d, &b, 0) != nil || d.More() {
		return text
	}
	return b.String()
}

// errDeep refuses texts whose parts lie deeper in one another than any message's.
var errDeep = errors.New("the JSON text is nested too deeply")

func writePretty(d *json.Decoder, b *strings.Builder, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	t, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return writeScalar(b, t)
	}
	b.WriteString(delim.String())
	pad := "\n" + strings.Repeat("  ", depth+1)
	for n := 0; d.More(); n++ {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteString(pad)
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			b.WriteString(jsonText(key.(string)) + " : ")
		}
		if err := writePretty(d, b, depth+1); err != nil {
			return err
		}
	}
	end, err := d.Token()
	if err != nil {
		return err
	}
	if s := b.String(); s[len(s)-1] == '{' || s[len(s)-1] == '[' {
		b.WriteByte(' ')
	} else {
		b.WriteString("\n" + strings.Repeat("  ", depth))
	}
	b.WriteString(end.(json.Delim).String())
	return nil
}

func writeScalar(b *strings.Builder, t json.Token) error {
	switch t := t.(type) {
	case string:
		b.WriteString(jsonText(t))
	case json.Number:
		b.WriteString(t.String())
	case bool:
		b.WriteString(strconv.FormatBool(t))
	default:
		b.WriteString("null")
	}
	return nil
}

// jsonToXML is JsonUtil.toXml: the inverse of toJSON. The text must be an object
// with one member.
func jsonToXML(text string, pretty bool) (string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	t, err := d.Token()
	if err != nil || t != json.Delim('{') {
		return "", errors.New("the JSON text is not an object")
	}
	key, err := d.Token()
	if err != nil {
		return "", err
	}
	name, ok := key.(string)
	if !ok {
		return "", errors.New("the JSON object is empty")
	}
	holder := tree.New("holder")
	if err := readElement(d, holder, name, 0); err != nil {
		return "", err
	}
	if d.More() || len(holder.Children()) != 1 {
		return "", errors.New("the JSON object has more than one member")
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" ?>`)
	writeOpen(&b, holder.Children()[0])
	return b.String(), nil
}

// readElement reads the value of a member into parent: an element, several for
// an array, an attribute or a text.
func readElement(d *json.Decoder, parent *tree.Node, name string, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch t {
	case json.Delim('['):
		for d.More() {
			if err := readElement(d, parent, name, depth+1); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	case json.Delim('{'):
		n := tree.New(name)
		parent.Append(n)
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return err
			}
			if err := readElement(d, n, key.(string), depth+1); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	var b strings.Builder
	if s, ok := t.(string); ok {
		b.WriteString(s)
	} else if t != nil {
		writeScalar(&b, t)
	}
	switch {
	case strings.HasPrefix(name, "@"):
		parent.FillAttribute(tree.Name{Local: name[1:]}, b.String())
	case name == "$":
		parent.Append(tree.NewText(b.String()))
	default:
		parent.Append(tree.NewLeaf(name, b.String()))
	}
	return nil
}

// writeOpen writes markup in which an empty element has an end tag.
func writeOpen(b *strings.Builder, n *tree.Node) {
	if n.Kind != tree.Element {
		b.Write(tree.AppendXMLText(nil, n.Data))
		return
	}
	b.WriteString("<" + n.Name.Local)
	for _, a := range n.Attributes() {
		b.WriteString(" " + a.Name.Local + `="`)
		b.Write(tree.AppendXMLAttribute(nil, a.Data))
		b.WriteByte('"')
	}
	b.WriteByte('>')
	for _, c := range n.Children() {
		writeOpen(b, c)
	}
	b.WriteString("</" + n.Name.Local + ">")
}
