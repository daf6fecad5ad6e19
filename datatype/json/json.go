// Package json is the data type "JSON". Scripts get the parsed value, and what they
// leave is written without spacing; a string is written as it is.
package json

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Def is how the engine knows this data type.
var Def = weir.DataTypeDef{
	Name:    "JSON",
	Summary: "JSON, which scripts get as a value.",
	New:     func() weir.DataType { return new(Type) },
}

// New returns the data type with its default settings.
func New() *Type {
	t := new(Type)
	config.Default(t)
	return t
}

// Type is the data type "JSON". Only a script can cut its batches.
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

// Form says that scripts get a JavaScript value.
func (t *Type) Form() weir.Form { return weir.FormJSON }

// BatchScript returns the script that cuts batches.
func (t *Type) BatchScript() (script string, ok bool) { return t.batchScript, true }
