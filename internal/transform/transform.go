// Package transform is one filter with one transformer. The source, each
// destination and each response transformer are the same thing here: text in,
// a decision, text out.
//
// A step that is not JavaScript is turned into the JavaScript that Mirth would
// generate for it (steps.go), so that all steps of a transformer share one
// function body, as channels expect.
//
// Where neither filter nor transformer has anything to do, no script runs and
// the text passes with no more than what the data type does in passing.
package transform

import (
	"context"
	"fmt"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/tree"
)

// Types finds a data type by its name in exports.
type Types func(name string) (weir.DataTypeDef, bool)

// NewDataType returns a data type with its settings decoded and checked.
func NewDataType(types Types, name string, settings config.Group) (weir.DataType, error) {
	def, ok := types(name)
	if !ok {
		return nil, &weir.Fault{
			Err:  fmt.Errorf("data type %q is not known", name),
			Hint: "Choose one that Weir has, or move the work to a script with data type RAW.",
		}
	}
	dt := def.New()
	if _, err := config.Decode(settings, dt); err != nil {
		return nil, &weir.Fault{At: name, Err: err, Hint: "Correct the data type's properties."}
	}
	if c, ok := dt.(interface{ CheckSettings() error }); ok {
		if err := c.CheckSettings(); err != nil {
			return nil, err
		}
	}
	return dt, nil
}

// Executor runs one filter and transformer. It is immutable and may be used by
// many goroutines.
type Executor struct {
	Inbound, Outbound         weir.DataType
	inboundName, outboundName string
	program                   *script.Program // nil when nothing runs
	template                  string          // outbound template, blank: none
	serialized                string          // the same as scripts see it
}

// Config is what an Executor is made from.
type Config struct {
	Name        string // for errors: "source transformer"
	Filter      []weir.Step
	Transformer weir.Transformer
	Templates   []script.Part // code templates of the context
	Response    bool          // a response transformer
	Types       Types
	Limits      script.Limits
	Dialect     string            // of the scripts, script.Modern or empty
	Modules     map[string]string // what modern scripts import
	Context     string            // where scripts run, as in script.Scope
}

// New compiles an executor. Errors name the step and the place in it.
func New(c Config) (*Executor, error) {
	t := c.Transformer
	in, err := NewDataType(c.Types, t.Inbound, t.InboundSettings)
	if err != nil {
		return nil, fmt.Errorf("%s: inbound: %w", c.Name, err)
	}
	out, err := NewDataType(c.Types, t.Outbound, t.OutboundSettings)
	if err != nil {
		return nil, fmt.Errorf("%s: outbound: %w", c.Name, err)
	}
	e := &Executor{Inbound: in, Outbound: out, inboundName: t.Inbound, outboundName: t.Outbound}
	if strings.TrimSpace(t.OutboundTemplate) != "" {
		e.template = t.OutboundTemplate
		// A template that is not of its type is an error of each message.
		if tmpl, err := input(out, e.template); err == nil && tmpl.Root != nil {
			e.serialized = tmpl.Root.XMLString()
			if own, ok := out.(weir.Serializer); ok {
				e.serialized, _ = own.Serialize(e.template) // it was read already
			}
		} else {
			e.serialized = e.template
		}
	}
	if c.Dialect == script.Modern {
		if err := onlyScripts(c.Filter, t.Steps); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	rules, err := rulesOf(c.Filter)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	steps, err := stepsOf(t.Steps)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	if len(rules) == 0 && len(steps) == 0 && e.template == "" && t.Inbound == t.Outbound && !needsTree(in, true) && !needsTree(out, false) {
		return e, nil
	}
	if c.Dialect == script.Modern {
		e.program, err = script.CompileModernTransformer(c.Name, c.Context, c.Modules, rules, steps, c.Response)
	} else {
		e.program, err = script.CompileTransformer(c.Name, c.Templates, rules, steps, c.Response)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	e.program.Limits = c.Limits
	return e, nil
}

// onlyScripts refuses steps that are forms: what they generate is in the dialect
// of Mirth.
func onlyScripts(lists ...[]weir.Step) error {
	for _, list := range lists {
		for _, s := range list {
			if s.Enabled && s.Type != "JavaScript" && s.Type != "External Script" {
				return &weir.Fault{Err: fmt.Errorf("%q is of type %s, which the modern dialect does not have", s.Name, s.Type),
					Hint: "Write it as a script."}
			}
		}
	}
	return nil
}

func needsTree(dt weir.DataType, inbound bool) bool {
	p, ok := dt.(weir.Passer)
	return ok && p.NeedsTree(inbound)
}

func rulesOf(filter []weir.Step) ([]script.Rule, error) {
	var rules []script.Rule
	for _, s := range filter {
		if !s.Enabled {
			continue
		}
		code, err := ruleCode(s)
		if err != nil {
			return nil, err
		}
		op := s.Operator
		switch {
		case len(rules) == 0:
			op = "" // the first enabled rule has nothing before it to combine with
		case op != "AND" && op != "OR":
			return nil, &weir.Fault{
				Err:  fmt.Errorf("rule %q has no operator", s.Name),
				Hint: "Choose AND or OR for every rule but the first.",
			}
		}
		rules = append(rules, script.Rule{Part: script.Part{Name: partName("rule", len(rules), s.Name), Code: code}, Operator: op})
	}
	return rules, nil
}

func stepsOf(steps []weir.Step) ([]script.Part, error) {
	var parts []script.Part
	for _, s := range steps {
		if !s.Enabled {
			continue
		}
		text, err := code(s)
		if err != nil {
			return nil, err
		}
		parts = append(parts, script.Part{Name: partName("step", len(parts), s.Name), Code: text})
	}
	return parts, nil
}

func partName(kind string, n int, name string) string {
	if name == "" {
		return fmt.Sprintf("%s %d", kind, n)
	}
	return fmt.Sprintf("%s %d: %s", kind, n, name)
}

// Active reports whether a script or a conversion runs at all.
func (e *Executor) Active() bool { return e.program != nil }

// ChangesAt returns the bytes of which a text must have at least one for Run to change
// it. ok is false where that cannot be said, since more than a data type's pass is done.
func (e *Executor) ChangesAt() (bytes string, ok bool) {
	if e.program != nil {
		return "", false
	}
	if _, ok := e.Inbound.(weir.Passer); !ok {
		return "", true
	}
	if p, ok := e.Inbound.(weir.SteadyPasser); ok {
		return p.ChangesAt(e.Outbound)
	}
	return "", false
}

// InboundName and OutboundName are the names of the data types.
func (e *Executor) InboundName() string  { return e.inboundName }
func (e *Executor) OutboundName() string { return e.outboundName }

// Result is what became of a text.
type Result struct {
	Accepted bool
	Encoded  string // outbound text; empty when not accepted
	// Transformed is the serialized form after the steps. Where it follows from
	// Encoded and Hint it is not made at all and Derived is true;
	// [Executor.Derive] makes it when somebody looks.
	Transformed    string
	HasTransformed bool
	Derived        bool
	Hint           string
}

// Run filters and transforms one text.
func (e *Executor) Run(ctx context.Context, scope *script.Scope, text string) (Result, error) {
	if e.program == nil {
		if p, ok := e.Inbound.(weir.Passer); ok {
			text = p.Pass(text, e.Outbound)
		}
		return Result{Accepted: true, Encoded: text}, nil
	}
	in, err := input(e.Inbound, text)
	if err != nil {
		return Result{}, fmt.Errorf("reading the message as %s: %w", e.inboundName, err)
	}
	if e.template != "" {
		tmpl, err := input(e.Outbound, e.template)
		if err != nil {
			return Result{}, fmt.Errorf("reading the outbound template as %s: %w", e.outboundName, err)
		}
		tmpl.Text = e.serialized
		in.Template = &tmpl
	}
	out, err := e.program.Transform(ctx, scope, in)
	if err != nil {
		return Result{}, err
	}
	return e.encode(out)
}

func input(dt weir.DataType, text string) (script.Input, error) {
	in := script.Input{Form: dt.Form(), Text: text}
	if tt, ok := dt.(weir.TreeType); ok {
		root, err := tt.Parse(text)
		if err != nil {
			return in, err
		}
		in.Root = root
	}
	return in, nil
}

func (e *Executor) encode(out script.Output) (Result, error) {
	res := Result{Accepted: out.Accepted, HasTransformed: true}
	tt, isTree := e.Outbound.(weir.TreeType)
	if !isTree {
		if out.IsTree {
			out.Text = out.Root.XMLString()
		}
		res.Transformed = out.Text
		if out.Accepted {
			res.Encoded = out.Text
		}
		return res, nil
	}
	root := out.Root
	if !out.IsTree {
		res.Transformed = out.Text
		if !out.Accepted {
			return res, nil
		}
		var err error
		if root, err = tree.ParseXML(out.Text, tree.XMLOptions{}); err != nil {
			return res, fmt.Errorf("writing the message as %s: the script's result is not XML: %w", e.outboundName, err)
		}
	}
	if !out.Accepted {
		res.Transformed = root.XMLString()
		return res, nil
	}
	var err error
	if res.Encoded, res.Hint, res.Derived, err = encodeHint(tt, root); err != nil {
		return res, fmt.Errorf("writing the message as %s: %w", e.outboundName, err)
	}
	if res.Derived = res.Derived && out.IsTree; !res.Derived && out.IsTree {
		res.Transformed = root.XMLString()
	}
	return res, nil
}

func encodeHint(tt weir.TreeType, root *tree.Node) (text, hint string, ok bool, err error) {
	if rr, can := tt.(weir.Rereader); can {
		return rr.EncodeHint(root)
	}
	text, ok, err = tt.Encode(root)
	return text, "", ok, err
}

// Derive makes the transformed form that Run left out, from the encoded text and
// the hint that Run gave with it.
func (e *Executor) Derive(encoded, hint string) (string, error) {
	if rr, ok := e.Outbound.(weir.Rereader); ok && hint != "" {
		root, err := rr.Reread(encoded, hint)
		if err != nil {
			return "", err
		}
		return root.XMLString(), nil
	}
	in, err := input(e.Outbound, encoded)
	if err != nil || in.Root == nil {
		return encoded, err
	}
	return in.Root.XMLString(), nil
}

// Serialize is the form of an inbound text that scripts begin with.
func (e *Executor) Serialize(text string) (string, error) {
	if own, ok := e.Inbound.(weir.Serializer); ok {
		return own.Serialize(text)
	}
	in, err := input(e.Inbound, text)
	if err != nil || in.Root == nil {
		return text, err
	}
	return in.Root.XMLString(), nil
}
