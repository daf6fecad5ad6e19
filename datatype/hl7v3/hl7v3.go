// Package hl7v3 is the data type "HL7V3": messages of HL7 version 3, CDA among
// them, which are XML. Scripts get the root element. It differs from the data
// type "XML" in that only a script can cut its batches.
package hl7v3

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/tree"
)

// Def is how the engine knows this data type.
var Def = weir.DataTypeDef{
	Name:    "HL7V3",
	Summary: "HL7 version 3 messages and CDA documents, which are XML.",
	New:     func() weir.DataType { return new(Type) },
}

// New returns the data type with its default settings.
func New() *Type {
	t := new(Type)
	config.Default(t)
	return t
}

// Type is the data type "HL7V3". Its settings are those of Mirth.
type Type struct {
	documents tree.Documents

	splitType   string
	batchScript string
}

var (
	_ weir.TreeType = (*Type)(nil)
	_ weir.Passer   = (*Type)(nil)
)

// Fields lists the settings.
func (t *Type) Fields(f *config.Fields) {
	f.Bool(&t.documents.StripNamespaces, "serializationProperties.stripNamespaces", false, "Take all declarations of namespaces out of messages read.")
	f.String(&t.splitType, "batchProperties.splitType", "JavaScript", "How a batch is cut into messages.").OneOf("JavaScript")
	f.String(&t.batchScript, "batchProperties.batchScript", "", "The script that cuts a batch.")
}

// Form says that scripts get an XML tree.
func (t *Type) Form() weir.Form { return weir.FormTree }

// BatchScript returns the script that cuts batches.
func (t *Type) BatchScript() (script string, ok bool) { return t.batchScript, true }

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
