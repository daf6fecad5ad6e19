package channel

import (
	"context"

	"github.com/weir-health/weir"
)

const inside = "Messages go from channel to channel inside the engine; there is no connection to try."

// Test has nothing to try.
func (r *Reader) Test(context.Context, weir.TestEnv) (string, error) { return inside, nil }

// Test has nothing to try.
func (w *Writer) Test(context.Context, weir.TestEnv) (string, error) { return inside, nil }

var (
	_ weir.Tester = (*Reader)(nil)
	_ weir.Tester = (*Writer)(nil)
)
