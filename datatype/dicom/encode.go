package dicom

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
	"github.com/weir-health/weir/wire/dicom"
)

// Encode writes an object in base64. As in Mirth an element counts when its name
// is "tag" and what its attribute tag says; where vr is missing, the standard's
// representation is taken. Lengths and positions are not read, and elements come
// in the order of their tags.
func (t *Type) Encode(root *tree.Node) (text string, regular bool, err error) {
	o := new(dicom.Object)
	if o.Elements, err = elementsOf(root, dicom.Charsets{}, 0); err != nil {
		return "", false, err
	}
	file, err := o.Bytes()
	if err != nil {
		return "", false, &weir.Fault{At: elementName(dicom.TransferSyntax), Err: err, Hint: "Keep the element, or remove all elements whose names begin with tag0002."}
	}
	if len(file) > MaxSize {
		return "", false, fmt.Errorf("the object is larger than %d bytes", MaxSize)
	}
	text = base64.StdEncoding.EncodeToString(file)
	return text, t.regular(root, text), nil
}

func elementsOf(parent *tree.Node, cs dicom.Charsets, depth int) ([]dicom.Element, error) {
	if depth > dicom.MaxDepth {
		return nil, fmt.Errorf("more than %d sequences are inside one another", dicom.MaxDepth)
	}
	var out []dicom.Element
	for _, n := range parent.Children() {
		name, ok := tagOf(n)
		if !ok {
			continue
		}
		tag, err := dicom.ParseTag(name)
		if err != nil {
			return nil, err
		}
		e := dicom.Element{Tag: tag, VR: vrOf(n, tag)}
		if err := fill(&e, n, cs, depth); err != nil {
			return nil, fault(n, err)
		}
		if tag == dicom.SpecificCharacterSet {
			cs = dicom.CharsetsOf(string(e.Value))
		}
		out = append(out, e)
	}
	return out, nil
}

// fault tells in which element something is wrong; what is inside of another
// element has been told already.
func fault(n *tree.Node, err error) error {
	if _, told := err.(*weir.Fault); told {
		return err
	}
	return &weir.Fault{At: n.Name.Local, Err: err, Hint: "Correct the step that sets this element, or its attribute vr."}
}

// tagOf returns the attribute tag of an element that is named after it.
func tagOf(n *tree.Node) (string, bool) {
	if n.Kind != tree.Element {
		return "", false
	}
	a := n.Attribute(tree.Name{Local: tagAttribute})
	if a == nil || n.Name.Local != "tag"+a.Data {
		return "", false
	}
	return a.Data, true
}

func vrOf(n *tree.Node, tag dicom.Tag) dicom.VR {
	a := n.Attribute(tree.Name{Local: vrAttribute})
	if a == nil {
		return dicom.VROf(tag)
	}
	return dicom.VR(a.Data)
}

func fill(e *dicom.Element, n *tree.Node, cs dicom.Charsets, depth int) error {
	if !e.VR.Valid() {
		return fmt.Errorf("its attribute vr is no value representation")
	}
	if v, ok := n.Source().(*value); ok && v.vr == e.VR {
		e.Value = v.vr.Plain(v.bytes, v.bigEndian)
		return nil
	}
	for _, c := range n.Children() {
		if c.Kind != tree.Element || c.Name.Local != itemName {
			continue
		}
		i, err := itemOf(e, c, cs, depth)
		if err != nil {
			return err
		}
		e.Items = append(e.Items, i)
	}
	if e.Items != nil || e.VR == dicom.SQ {
		return nil
	}
	var err error
	e.Value, err = e.VR.Parse(textOf(n), cs)
	return err
}

func itemOf(e *dicom.Element, n *tree.Node, cs dicom.Charsets, depth int) (i dicom.Item, err error) {
	switch v, ok := n.Source().(*value); {
	case e.IsSequence():
		i.Elements, err = elementsOf(n, cs, depth+1)
	case ok && v.vr == e.VR:
		i.Fragment = v.vr.Plain(v.bytes, v.bigEndian)
	default:
		i.Fragment, err = e.VR.Parse(textOf(n), dicom.Charsets{})
	}
	return i, err
}

func textOf(n *tree.Node) string {
	var b strings.Builder
	for _, c := range n.Children() {
		if c.Kind == tree.Text || c.Kind == tree.CDATA {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// regular reports whether reading the text gives the same tree, lengths and
// positions too: so it is when the object was written as this package writes.
func (t *Type) regular(root *tree.Node, text string) bool {
	if text == "" {
		return false
	}
	again, err := t.Parse(text)
	return err == nil && same(again, root)
}

func same(a, b *tree.Node) bool {
	if a.Kind != b.Kind || a.Name != b.Name || a.Data != b.Data || len(a.Namespaces())+len(b.Namespaces()) > 0 ||
		len(a.Attributes()) != len(b.Attributes()) {
		return false
	}
	for _, x := range a.Attributes() {
		if y := b.Attribute(x.Name); y == nil || y.Data != x.Data {
			return false
		}
	}
	v, _ := a.Source().(*value)
	w, _ := b.Source().(*value)
	if v != nil && w != nil && v.vr == w.vr && v.bigEndian == w.bigEndian && v.charsets == w.charsets && string(v.bytes) == string(w.bytes) {
		return true
	}
	if len(a.Children()) != len(b.Children()) {
		return false
	}
	for i, c := range a.Children() {
		if !same(c, b.Children()[i]) {
			return false
		}
	}
	return true
}
