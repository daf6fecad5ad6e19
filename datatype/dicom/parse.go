package dicom

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
	"github.com/weir-health/weir/wire/dicom"
)

// MaxSize is the largest object in bytes.
const MaxSize = 512 << 20

// The names of what a tree is made of.
const (
	rootName = "dicom"
	itemName = "item"

	lengthAttribute   = "len"
	positionAttribute = "pos" // of an element
	offsetAttribute   = "off" // of an item
	tagAttribute      = "tag"
	vrAttribute       = "vr"
)

// Parse reads an object into its tree; see the package comment. What is no base64
// in the text is passed over, as Mirth does.
func (t *Type) Parse(text string) (*tree.Node, error) {
	file, err := decode(text)
	if err != nil {
		return nil, err
	}
	o, err := dicom.Read(file)
	if err != nil {
		return nil, &weir.Fault{Err: err, Hint: "Check that the source is set to binary and that the sender sends whole DICOM objects."}
	}
	root := tree.New(rootName)
	root.Fill(nodes(o.Elements, o.BigEndian, dicom.Charsets{})...)
	return root, nil
}

func decode(text string) ([]byte, error) {
	if base64.StdEncoding.DecodedLen(len(text)) > MaxSize+3 {
		return nil, errors.New("the object is larger than " + strconv.Itoa(MaxSize) + " bytes")
	}
	if b, err := base64.StdEncoding.DecodeString(text); err == nil {
		return b, nil
	}
	kept := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '+', r == '/':
			return r
		case r == '-': // of the alphabet for URLs
			return '+'
		case r == '_':
			return '/'
		}
		return -1
	}, text)
	b, err := base64.RawStdEncoding.DecodeString(kept)
	if err != nil {
		return nil, &weir.Fault{Err: errors.New("the message is not base64"), Hint: "Give a DICOM object in base64."}
	}
	return b, nil
}

func nodes(elements []dicom.Element, bigEndian bool, cs dicom.Charsets) []*tree.Node {
	out := make([]*tree.Node, 0, len(elements))
	for i := range elements {
		e := &elements[i]
		if e.Tag == dicom.SpecificCharacterSet {
			cs = dicom.CharsetsOf(string(e.Value))
		}
		out = append(out, node(e, bigEndian, cs))
	}
	return out
}

func node(e *dicom.Element, bigEndian bool, cs dicom.Charsets) *tree.Node {
	big := bigEndian && !isMeta(e.Tag)
	var n *tree.Node
	if e.Items == nil {
		n = tree.NewLazy(elementName(e.Tag), &value{e.VR, e.Value, big, cs})
	} else {
		n = tree.New(elementName(e.Tag))
	}
	attribute(n, lengthAttribute, strconv.Itoa(e.Length))
	attribute(n, positionAttribute, strconv.Itoa(e.Position))
	attribute(n, tagAttribute, e.Tag.String())
	attribute(n, vrAttribute, string(e.VR))
	for i := range e.Items {
		n.Fill(itemNode(e, &e.Items[i], big, cs))
	}
	return n
}

func itemNode(e *dicom.Element, i *dicom.Item, bigEndian bool, cs dicom.Charsets) *tree.Node {
	var n *tree.Node
	if e.IsSequence() {
		n = tree.New(itemName)
		n.Fill(nodes(i.Elements, bigEndian, cs)...)
	} else {
		n = tree.NewLazy(itemName, &value{e.VR, i.Fragment, bigEndian, dicom.Charsets{}})
	}
	attribute(n, lengthAttribute, strconv.Itoa(i.Length))
	attribute(n, offsetAttribute, strconv.Itoa(i.Position))
	return n
}

func attribute(n *tree.Node, name, value string) { n.FillAttribute(tree.Name{Local: name}, value) }

func elementName(tag dicom.Tag) string { return "tag" + tag.String() }

func isMeta(tag dicom.Tag) bool { return tag>>16 == 2 }

// value is the inside of an element or fragment that nobody has looked at.
type value struct {
	vr        dicom.VR
	bytes     []byte
	bigEndian bool
	charsets  dicom.Charsets
}

// Expand adds the text.
func (v *value) Expand(n *tree.Node) {
	if text := v.vr.Text(v.bytes, v.bigEndian, v.charsets); text != "" {
		n.Fill(tree.NewText(text))
	}
}

// Lacks says that a value contains no elements.
func (v *value) Lacks(string) bool { return true }
