// Package xml is the data type "XML". Scripts get the root element.
package xml

import (
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
	documents tree.Documents

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
	f.Bool(&t.documents.StripNamespaces, "serializationProperties.stripNamespaces", false, "Take all declarations of namespaces out of messages read.")

	const batch = "batchProperties."
	f.String(&t.splitType, batch+"splitType", byName, "How a batch is cut into messages.").OneOf(byName, byLevel, byQuery, byScript)
	f.String(&t.elementName, batch+"elementName", "", "Name of the elements that are messages, at any depth.")
	f.Int(&t.level, batch+"level", 1, "How deep the elements are that are messages; the root is at 0.").Range(0, tree.MaxXMLDepth)
	f.String(&t.query, batch+"query", "", "XPath of the elements that are messages.")
	f.String(&t.batchScript, batch+"batchScript", "", "The script that cuts a batch.")
}

// Form says that scripts get an XML tree.
func (t *Type) Form() weir.Form { return weir.FormTree }

// Parse reads a document; see [tree.Documents.Parse].
func (t *Type) Parse(text string) (*tree.Node, error) { return t.documents.Parse(text) }

// Serialize returns the text that scripts begin with; see [tree.Documents.Serialize].
func (t *Type) Serialize(text string) (string, error) { return t.documents.Serialize(text), nil }

// Encode writes the markup of root; see [tree.Documents.Encode].
func (t *Type) Encode(root *tree.Node) (text string, regular bool, err error) {
	text, regular = t.documents.Encode(root)
	return text, regular, nil
}

// NeedsTree reports that no setting asks for a tree.
func (t *Type) NeedsTree(bool) bool { return false }

// Pass takes the declarations of namespaces out when the settings say so.
func (t *Type) Pass(text string, _ weir.DataType) string { return t.documents.Pass(text) }

// ChangesAt implements [weir.SteadyPasser]. Namespaces are known by more than a byte.
func (t *Type) ChangesAt(weir.DataType) (bytes string, ok bool) {
	return "", !t.documents.StripNamespaces
}
