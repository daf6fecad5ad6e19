// Package raw is the data type "RAW": text that nobody takes apart. Scripts get
// it as a string.
package raw

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Def is how the engine knows this data type.
var Def = weir.DataTypeDef{
	Name:    "RAW",
	Summary: "Any text, which scripts get as a string.",
	New:     func() weir.DataType { return new(Type) },
}

// New returns the data type with its default settings.
func New() *Type {
	t := new(Type)
	config.Default(t)
	return t
}

// Type is the data type "RAW". Only a script can cut its batches.
type Type struct {
	splitType   string
	batchScript string
}

var _ weir.DataType = (*Type)(nil)

// Fields lists the settings.
func (t *Type) Fields(f *config.Fields) {
	f.String(&t.splitType, "batchProperties.splitType", "JavaScript", "How a batch is cut into messages.").OneOf("JavaScript")
	f.String(&t.batchScript, "batchProperties.batchScript", "", "The script that cuts a batch.")
}

// Form says that scripts get a string.
func (t *Type) Form() weir.Form { return weir.FormText }

// BatchScript returns the script that cuts batches.
func (t *Type) BatchScript() (script string, ok bool) { return t.batchScript, true }
