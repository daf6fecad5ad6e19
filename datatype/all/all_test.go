package all

import (
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Every data type can be made with its defaults, is there once, and is in order.
func TestDataTypes(t *testing.T) {
	for _, def := range DataTypes {
		dt := def.New()
		config.Default(dt)
		if def.Name != strings.ToUpper(def.Name) || def.Summary == "" {
			t.Errorf("definition %+v", def)
		}
	}
	names := func(a, b weir.DataTypeDef) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(DataTypes, names) {
		t.Error("the list is not in order")
	}
}
