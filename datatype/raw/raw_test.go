package raw

import (
	"testing"

	"github.com/weir-health/weir/datatype/datatypetest"
)

func TestSuite(t *testing.T) {
	datatypetest.Run(t, datatypetest.Suite{Def: Def, Messages: []string{"anything", "<a"}})
}
