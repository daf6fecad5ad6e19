package transform

import "github.com/weir-health/weir/internal/script"

// Program is the compiled script, nil where there is nothing to run.
func (e *Executor) Program() *script.Program {
	if e == nil {
		return nil
	}
	return e.program
}
