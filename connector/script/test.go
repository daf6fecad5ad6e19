package script

import (
	"context"

	"github.com/weir-health/weir"
)

const nothing = "A script makes its own connections; there is none to try."

// Test has nothing to try.
func (r *Reader) Test(context.Context, weir.TestEnv) (string, error) { return nothing, nil }

// Test has nothing to try.
func (w *Writer) Test(context.Context, weir.TestEnv) (string, error) { return nothing, nil }

var (
	_ weir.Tester = (*Reader)(nil)
	_ weir.Tester = (*Writer)(nil)
)
