package script

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
	"github.com/weir-health/weir/internal/script/xmlhost"
	"github.com/weir-health/weir/tree"
)

// run is one run of a program, with the runtime it has for itself.
type run struct {
	ctx   context.Context
	p     *Program
	scope *Scope

	rt    *goja.Runtime
	xml   *xmlhost.Host
	java  *java.VM
	guard guard

	outbound *Input // of a transformer: the outbound template, nil when there is none

	logger  string       // name of the logger, which a transformer changes
	phase   *goja.Object // the variable phase, once a script asked for it
	maps    runMaps
	imports []string // packages that importPackage named
	ending  bool     // the script has ended: copies made now are the last

	// Of the modern dialect: nodes, methods and facades, each made once.
	nodes         map[*tree.Node]*goja.Object
	modernMethods map[string]goja.Value
	facades       map[*goja.Object]*goja.Object
	modernClasses map[*goja.Object]*goja.Object // the class behind each
}

func (p *Program) start(ctx context.Context, s *Scope) *run {
	r := &run{p: p, scope: s, rt: goja.New(), logger: loggerOf(s)}
	r.ctx = r.guard.begin(ctx, p.Limits.time(), r.rt)
	r.rt.SetMaxCallStackSize(p.Limits.depth())
	r.rt.SetParserOptions(parser.WithDisableSourceMaps)
	r.java = java.New(r.rt, library(), java.Hooks{Text: r.textOf, Neutral: r.neutral, Live: r.live, Tagged: p.extras.tags})
	r.java.Context, r.java.Owner, r.java.Access = r.ctx, r, s.Access
	if p.Access != nil {
		r.java.Access = p.Access
	}
	r.xml = xmlhost.Install(r.rt, p.literals, xmlhost.Hooks{
		Equal:  r.java.Equal,
		Each:   r.java.Each,
		Text:   r.javaText,
		Caught: r.caught,
		Lazy:   true,

		Stopped:  func() bool { return r.ctx.Err() != nil },
		Untagged: !p.extras.tags,
	})
	r.rt.GlobalObject().SetPrototype(r.rt.NewDynamicObject(&globals{r: r}))
	return r
}

// Run runs a script and returns what it returned: nil for null and undefined,
// else a value as the package comment lists them. A Response that the script
// made is a weir.Response, a RawMessage a *weir.Inbound. An error is a *[Error].
func (p *Program) Run(ctx context.Context, s *Scope) (result any, err error) {
	p.prepare(s)
	r := p.start(ctx, s)
	err = r.protect(func() error {
		if _, err := r.rt.RunProgram(p.main.program); err != nil {
			return err
		}
		v, err := r.call("doScript")
		if err != nil {
			return err
		}
		result = r.returned(v)
		return nil
	})
	return result, err
}

// Transform runs a filter and transformer. An error is a *[Error].
func (p *Program) Transform(ctx context.Context, s *Scope, in Input) (out Output, err error) {
	p.prepare(s)
	r := p.start(ctx, s)
	err = r.protect(func() error {
		if p.modern {
			out, err = r.transformModern(in)
		} else {
			out, err = r.transform(in)
		}
		return err
	})
	return out, err
}

// prepare fills in what a scope may leave out.
func (p *Program) prepare(s *Scope) {
	if s.Whole != nil && s.Message == nil {
		s.Message = Merge(s.Whole)
	}
	if s.Response != nil && *s.Response == (ResponseVars{Original: s.Response.Original}) {
		o := s.Response.Original
		s.Response.Status, s.Response.StatusMessage, s.Response.Error = o.Status, o.StatusMessage, o.Error
	}
}

// protect installs what the script needs more of and runs f, then brings the maps into their lasting form, whether f
// succeeded or not: all of it within the limits, since even looking at a value
// can run a script's code. A fault of the engine itself becomes an error, too: it
// ends the message and not the server.
func (r *run) protect(f func() error) (err error) {
	defer func() {
		x := recover()
		reason := r.guard.stop()
		switch {
		case reason != nil && (err != nil || x != nil):
			if cut, ok := x.(error); ok && err == nil {
				err = cut // passed on by a function of ours, with its place
			}
			err = r.ended(reason, err)
		case x != nil:
			err = &Error{Script: r.p.Name, Kind: "internal error",
				Message: fmt.Sprintf("the script engine failed (%T)", x), Thrown: fmt.Sprint(x) + "\n" + string(debug.Stack())}
		case err != nil:
			if _, ok := err.(*Error); !ok {
				err = &Error{Script: r.p.Name, Kind: "internal error", Message: "the script could not be run", Err: err}
			}
		}
	}()
	defer r.release()
	defer r.finish()
	if r.p.extras != (extras{}) {
		r.p.extras.install(r) // which runs code, and may be ended in it
	}
	if err = f(); err != nil && r.guard.reasonSoFar() == nil {
		err = r.fault(err)
	}
	return err
}

// call calls a function that the program has defined.
func (r *run) call(name string) (goja.Value, error) {
	f, ok := goja.AssertFunction(r.rt.GlobalObject().Get(name))
	if !ok {
		return nil, fmt.Errorf("the script has replaced %s", name)
	}
	return f(goja.Undefined())
}

func (r *run) transform(in Input) (out Output, err error) {
	if err := r.input(in); err != nil {
		return out, err
	}
	if _, err := r.rt.RunProgram(r.p.main.program); err != nil {
		return out, err
	}
	out.Accepted = true
	if r.p.filter {
		r.enter("filter")
		v, err := r.call("doFilter")
		if err != nil {
			return out, err
		}
		out.Accepted = v.ToBoolean()
	}
	completed := true
	if out.Accepted && r.p.steps {
		if !r.p.response {
			r.enter("transformer")
		}
		v, err := r.call("doTransform")
		if err != nil {
			return out, err
		}
		completed = v.SameAs(r.rt.GlobalObject().Get("__e4x"))
	}
	name := "msg"
	if in.Template != nil {
		name = "tmp"
	}
	return r.output(out, r.rt.GlobalObject().Get(name), completed)
}

// enter switches the logger, and the variable phase, to filter or transformer.
func (r *run) enter(phase string) {
	r.logger = phase
	if r.phase != nil {
		r.phase.Set("0", phase)
	}
}

// input makes msg and tmp.
func (r *run) input(in Input) error {
	msg, err := r.message(in)
	if err != nil {
		return err
	}
	if in.Form == weir.FormText {
		// RAW gives a String object, whose typeof is "object".
		if msg, err = r.rt.New(r.rt.Get("String"), msg); err != nil {
			return err
		}
	}
	r.set("msg", msg)
	if r.outbound = in.Template; in.Template != nil {
		tmp, err := r.message(*in.Template)
		if err != nil {
			return err
		}
		r.set("tmp", tmp)
	}
	if in.Form == weir.FormTree && in.Root != nil {
		for _, ns := range in.Root.Namespaces() {
			if ns.Prefix == "" {
				r.xml.SetDefaultNamespace(ns.URI)
			}
		}
	}
	return nil
}

func (r *run) message(in Input) (goja.Value, error) {
	switch {
	case in.Form == weir.FormTree && in.Root != nil:
		return r.xml.Wrap(in.Root), nil
	case in.Form == weir.FormJSON:
		if nestsJSON(in.Text) {
			return nil, &Error{Script: r.p.Name, Kind: "SyntaxError", Message: "the values of the message lie too deep in one another"}
		}
		parse, _ := goja.AssertFunction(r.rt.Get("JSON").ToObject(r.rt).Get("parse"))
		return parse(goja.Undefined(), r.rt.ToValue(in.Text))
	}
	return r.rt.ToValue(in.Text), nil
}

// output reads msg or tmp after the script. completed is false where a return
// skipped what Mirth puts after the last step: the markup of a root without
// child elements is taken there, so without it only its text comes out.
func (r *run) output(out Output, v goja.Value, completed bool) (Output, error) {
	if nodes, isXML := r.xml.Nodes(v); isXML {
		if len(nodes) == 1 && nodes[0].Kind == tree.Element && (completed || complex(nodes[0])) {
			out.IsTree, out.Root = true, nodes[0]
			if out.Root.Parent() != nil {
				out.Root = out.Root.Copy()
			}
			return out, nil
		}
		out.Text = r.xml.Text(v)
		if completed {
			out.Text = r.xml.XMLString(v)
		}
		return out, nil
	}
	if o, ok := v.(*goja.Object); ok {
		if class := o.ClassName(); class == "Array" || class == "Object" {
			if _, isJava := java.Unwrap(o); !isJava {
				text, err := r.stringify(o)
				out.Text = text
				return out, err
			}
		}
	}
	if v == nil {
		v = goja.Undefined()
	}
	out.Text = r.text(v)
	return out, nil
}

// complex reports whether an element has child elements.
func complex(n *tree.Node) bool {
	for _, c := range n.Children() {
		if c.Kind == tree.Element {
			return true
		}
	}
	return false
}

func (r *run) stringify(o *goja.Object) (string, error) {
	f, _ := goja.AssertFunction(r.rt.Get("JSON").ToObject(r.rt).Get("stringify"))
	v, err := r.boundedJSON(func(args []goja.Value) (goja.Value, error) { return f(goja.Undefined(), args...) }, []goja.Value{o})
	if err != nil {
		return "", err
	}
	return v.String(), nil
}

// text is String(v), of a Java value the text that Java gives.
func (r *run) text(v goja.Value) string {
	if x, ok := java.Unwrap(v); ok {
		return r.java.Text(x)
	}
	if _, isXML := r.xml.Nodes(v); isXML {
		return r.xml.Text(v)
	}
	return v.String()
}

// textOf gives Java the text of an XML object.
func (r *run) textOf(v goja.Value) (string, bool) {
	if _, isXML := r.xml.Nodes(v); isXML {
		return r.xml.Text(v), true
	}
	return "", false
}

// javaText gives XML the text of a Java value.
func (r *run) javaText(v goja.Value) (string, bool) {
	x, ok := java.Unwrap(v)
	if !ok {
		return "", false
	}
	return r.java.Text(x), true
}
