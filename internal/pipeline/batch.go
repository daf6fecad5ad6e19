package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
)

// batchScript names the setting, and the script in errors.
const batchScript = "batchProperties.batchScript"

// scriptSplit is a data type whose batches a script may cut. ok tells that the
// settings choose that.
type scriptSplit interface {
	BatchScript() (code string, ok bool)
}

// batchScope is a data type that prepares a batch for its script, and that has
// variables for it. first tells the first run of a batch.
type batchScope interface {
	PrepareBatch(text string) string
	BatchVariables(first bool) map[string]any
}

// compileBatch compiles the batch script, or reports a batch that could not be
// split.
func (c *Channel) compileBatch() error {
	inbound := c.sourceExec.Inbound
	if by, ok := inbound.(scriptSplit); ok {
		if code, byScript := by.BatchScript(); byScript {
			return c.compileBatchScript(code)
		}
	}
	if _, ok := inbound.(weir.Splitter); !ok {
		return &weir.Fault{
			Err:  fmt.Errorf("batch processing is on, but data type %s has no way to split a batch", c.Config.Source.Transformer.Inbound),
			Hint: "Turn batch processing off.",
		}
	}
	if settings, ok := inbound.(interface{ CheckBatch() error }); ok {
		return settings.CheckBatch()
	}
	return nil
}

func (c *Channel) compileBatchScript(code string) error {
	if strings.TrimSpace(code) == "" {
		return &weir.Fault{
			At:   batchScript,
			Err:  errors.New("the batch is to be split by a script, and there is none"),
			Hint: "Write one that returns the next message of reader, or turn batch processing off.",
		}
	}
	const context = "CHANNEL_BATCH"
	p, err := c.compileScript("batch script", context, code)
	if err != nil {
		return err
	}
	p.Limits.Time = c.engine.ScriptTime
	c.batchScript = p
	return nil
}

// parts cuts a batch into its messages.
func (c *Channel) parts(in weir.Inbound) iter.Seq2[string, error] {
	if c.batchScript == nil {
		return c.sourceExec.Inbound.(weir.Splitter).Split(in.Text)
	}
	return func(yield func(string, error) bool) {
		scope := script.Scope{Context: "CHANNEL_BATCH", SourceMap: in.SourceMap}
		if scope.SourceMap == nil {
			scope.SourceMap = map[string]any{} // scripts have it, empty or not
		}
		special, _ := c.sourceExec.Inbound.(batchScope)
		text := in.Text
		if special != nil {
			text = special.PrepareBatch(text)
		}
		reader := script.NewReader(text)
		for first := true; ; first = false {
			scope.Vars = map[string]any{}
			if special != nil {
				scope.Vars = special.BatchVariables(first)
			}
			scope.Vars["reader"] = reader
			part, err := c.nextPart(c.running().ctx, scope)
			if err != nil {
				yield("", err)
				return
			}
			if part == "" || !yield(part, nil) {
				return
			}
		}
	}
}

// nextPart runs the batch script once. What it returns is the next message;
// nothing, or an empty text, ends the batch.
func (c *Channel) nextPart(ctx context.Context, scope script.Scope) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	v, err := c.batchScript.Run(ctx, c.scope(nil, scope))
	if err != nil || v == nil {
		return "", err
	}
	return textOf(v), nil
}
