package script

import (
	"context"

	"github.com/weir-health/weir"
)

// Part is a piece of script with the name under which errors speak of it, such
// as "step 0: edits" or "code template: getSegment".
type Part struct {
	Name string
	Code string
}

// Rule is a filter rule: a part that returns true to accept. Operator is "AND"
// or "OR" and joins it to the rules before it.
type Rule struct {
	Part
	Operator string
}

// Program is a compiled script. It is immutable and may be run by many
// goroutines at once.
type Program struct {
	Name string

	// Limits of each run; set before the first one. Zero values mean the
	// defaults.
	Limits Limits
}

// CompileScript compiles a script that is the body of one function: pre- and
// postprocessors, deploy and undeploy scripts, those of readers, writers,
// attachments and batches. An error is a *[Error].
func CompileScript(name string, templates []Part, body Part) (*Program, error) {
	return &Program{Name: name}, nil
}

// CompileTransformer compiles a filter and a transformer. Rules are the enabled
// ones, all steps share one function body. A response transformer has no rules.
// An error is a *[Error].
func CompileTransformer(name string, templates []Part, rules []Rule, steps []Part, response bool) (*Program, error) {
	return &Program{Name: name}, nil
}

// Run runs a script and returns what it returned: nil for null and undefined,
// else a value as the package comment lists them. A Response that the script
// made is a weir.Response, a RawMessage a *weir.Inbound. An error is a *[Error].
func (p *Program) Run(ctx context.Context, s *Scope) (any, error) { return nil, nil }

// Transform runs a filter and transformer. An error is a *[Error].
func (p *Program) Transform(ctx context.Context, s *Scope, in Input) (Output, error) {
	return Output{Accepted: true, IsTree: in.Form == weir.FormTree, Root: in.Root, Text: in.Text}, nil
}
