// Package dicom is the data type "DICOM". A message is a DICOM object in base64;
// scripts see its elements as XML, named by their tags:
//
//	<dicom>
//	  <tag00100010 len="8" pos="400" tag="00100010" vr="PN">DOE^JANE</tag00100010>
//	  <tag00081140 len="-1" pos="420" tag="00081140" vr="SQ">
//	    <item len="-1" off="432">…</item>
//	  </tag00081140>
//	</dicom>
//
// Several values stand between backslashes. Texts are without padding, numbers are
// decimal, bytes hexadecimal; see package wire/dicom for how objects are read and
// written. The table of DICOM's elements is only needed for their representations:
// what a script adds may name its own in vr.
//
// An element counts by its attribute tag. As in Mirth, msg['tag00100010'] = 'X' makes
// a new element without attributes, which is then not written;
// msg['tag00100010'].setChildren('X') keeps them.
//
// A value is written out as text when somebody looks at it; one that nobody
// changed is written as it was.
package dicom

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Def is how the engine knows this data type.
var Def = weir.DataTypeDef{
	Name:    "DICOM",
	Summary: "DICOM objects, in base64; scripts see their elements as XML.",
	New:     func() weir.DataType { return new(Type) },
}

// New returns the data type.
func New() *Type {
	t := new(Type)
	config.Default(t)
	return t
}

// Type is the data type "DICOM". Like Mirth's it has no settings, and it cannot
// cut batches.
type Type struct{}

var (
	_ weir.TreeType   = (*Type)(nil)
	_ weir.BinaryType = (*Type)(nil)
)

// Fields lists no settings.
func (t *Type) Fields(*config.Fields) {}

// Form says that scripts get an XML tree.
func (t *Type) Form() weir.Form { return weir.FormTree }

// Binary says that a message is bytes, in base64.
func (t *Type) Binary() bool { return true }
