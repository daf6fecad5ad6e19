// Package edi is the data type "EDI/X12": segments of elements and subelements
// between delimiters, as in the interchanges of ASC X12 and in EDIFACT.
//
//	ST*270*0001~    <EDIMessage elementDelimiter="*" segmentDelimiter="~" subelementDelimiter=":">
//	                  <ST><ST.01><ST.01.1>270</ST.01.1></ST.01><ST.02>…</ST.02></ST></EDIMessage>
//
// The root is an X12Transaction when the message begins with an ISA. Its
// attributes carry the delimiters that the message is written with again.
//
// A segment is split when somebody looks inside it; one that nobody changed is
// written as it was.
package edi

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Def is how the engine knows this data type.
var Def = weir.DataTypeDef{
	Name:    "EDI/X12",
	Summary: "EDI messages, such as the claims of X12: segments and elements between delimiters.",
	New:     func() weir.DataType { return new(Type) },
}

// New returns the data type with its default settings.
func New() *Type {
	t := new(Type)
	config.Default(t)
	return t
}

// Type is the data type "EDI/X12". Its settings are those of Mirth. Only a script
// can cut its batches.
type Type struct {
	segmentDelimiter    string
	elementDelimiter    string
	subelementDelimiter string
	infer               bool

	splitType   string
	batchScript string
}

var (
	_ weir.TreeType  = (*Type)(nil)
	_ weir.Describer = (*Type)(nil)
)

// Fields lists the settings.
func (t *Type) Fields(f *config.Fields) {
	const read = "serializationProperties."
	f.String(&t.segmentDelimiter, read+"segmentDelimiter", "~", "Characters that end a segment.")
	f.String(&t.elementDelimiter, read+"elementDelimiter", "*", "What separates elements.")
	f.String(&t.subelementDelimiter, read+"subelementDelimiter", ":", "What separates subelements.")
	f.Bool(&t.infer, read+"inferX12Delimiters", true, "Take the delimiters from the ISA segment of a message that begins with one.")

	const batch = "batchProperties."
	f.String(&t.splitType, batch+"splitType", "JavaScript", "How a batch is cut into messages.").OneOf("JavaScript")
	f.String(&t.batchScript, batch+"batchScript", "", "The script that cuts a batch.")
}

// Form says that scripts get an XML tree.
func (t *Type) Form() weir.Form { return weir.FormTree }

// BatchScript returns the script that cuts batches.
func (t *Type) BatchScript() (script string, ok bool) { return t.batchScript, true }
