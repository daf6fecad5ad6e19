// Package xml is the data type "XML". Scripts get the root element.
package xml

import (
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/tree"
)

// Def is how the engine knows this data type.
var Def = weir.DataTypeDef{
	Name:    "XML",
	Summary: "XML documents, without document types.",
	New:     func() weir.DataType { return new(Type) },
}

// New returns the data type with its default settings.
func New() *Type {
	t := new(Type)
	config.Default(t)
	return t
}

// Type is the data type "XML". Its settings are those of Mirth.
type Type struct {
	stripNamespaces bool

	splitType   string
	elementName string
	level       int
	query       string
	batchScript string
}

var (
	_ weir.TreeType = (*Type)(nil)
	_ weir.Passer   = (*Type)(nil)
	_ weir.Splitter = (*Type)(nil)
)

// Fields lists the settings.
func (t *Type) Fields(f *config.Fields) {
	f.Bool(&t.stripNamespaces, "serializationProperties.stripNamespaces", false, "Take all declarations of namespaces out of messages read.")

	const batch = "batchProperties."
	f.String(&t.splitType, batch+"splitType", byName, "How a batch is cut into messages.").OneOf(byName, byLevel, byQuery, byScript)
	f.String(&t.elementName, batch+"elementName", "", "Name of the elements that are messages, at any depth.")
	f.Int(&t.level, batch+"level", 1, "How deep the elements are that are messages; the root is at 0.").Range(0, tree.MaxXMLDepth)
	f.String(&t.query, batch+"query", "", "XPath of the elements that are messages.")
	f.String(&t.batchScript, batch+"batchScript", "", "The script that cuts a batch.")
}

// Form says that scripts get an XML tree.
func (t *Type) Form() weir.Form { return weir.FormTree }

// reading is how scripts' own parser reads by default: no indentation, no
// processing instructions, but comments inside the root.
var reading = tree.XMLOptions{DropBlank: true, DropProcInsts: true}

// Parse reads a document. White space around it, the XML declaration, processing
// instructions and blanks between elements are dropped. A document type is
// refused, and so is everything that is not well-formed.
func (t *Type) Parse(text string) (*tree.Node, error) {
	text = strings.TrimSpace(text)
	if t.stripNamespaces {
		text = strip(text)
	}
	return tree.ParseXML(text, reading)
}

// Encode writes the markup of root without declaration and indentation, the
// attributes in alphabetical order; see [tree.Node.XMLString].
func (t *Type) Encode(root *tree.Node) (text string, regular bool, err error) {
	return root.XMLString(), root.Kind == tree.Element && t.regular(root), nil
}

// regular reports whether reading what is written gives the same tree. Where a
// case is rare the answer is no without a closer look.
func (t *Type) regular(n *tree.Node) bool {
	if t.stripNamespaces && (len(n.Namespaces()) > 0 || n.Name.Space != "") {
		return false
	}
	var elements, blank bool
	var last tree.Kind
	for i, c := range n.Children() {
		switch c.Kind {
		case tree.Element:
			elements = true
			if !t.regular(c) {
				return false
			}
		case tree.Text:
			if c.Data == "" || i > 0 && last == tree.Text {
				return false
			}
			blank = blank || strings.TrimSpace(c.Data) == ""
		default:
			return false
		}
		last = c.Kind
	}
	return !(elements && blank)
}

// NeedsTree reports that no setting asks for a tree.
func (t *Type) NeedsTree(bool) bool { return false }

// Pass takes the declarations of namespaces out when the settings say so.
func (t *Type) Pass(text string, _ weir.DataType) string {
	if t.stripNamespaces {
		return strip(text)
	}
	return text
}
