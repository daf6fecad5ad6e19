package java

import (
	"errors"
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/xslt"
	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// qname is a javax.xml.namespace.QName.
type qname struct{ space, local, prefix string }

func (qname) JavaClass() string { return "javax.xml.namespace.QName" }
func (q qname) String() string {
	if q.space == "" {
		return q.local
	}
	return "{" + q.space + "}" + q.local
}

// xpathSpace is the namespace of the names that say what an expression is to give.
const xpathSpace = "http://www.w3.org/1999/XSL/Transform"

// xpathEvaluator is an XPath with the namespaces that its expressions know.
type xpathEvaluator struct{ namespaces goja.Value }

func (*xpathEvaluator) JavaClass() string { return "javax.xml.xpath.XPath" }

// xpathExpression is an XPathExpression.
type xpathExpression struct{ e *xpath.Expr }

func (*xpathExpression) JavaClass() string { return "javax.xml.xpath.XPathExpression" }

const xpathPackage = "javax.xml.xpath."

func xpathClasses() []*Class {
	newFactory := func(*Call) any { return &object{xpathPackage + "XPathFactory"} }
	ignored := func(*Call) any { return Void }
	refuse := func(c *Call) any {
		panic(c.Throw("java.lang.UnsupportedOperationException", "write the value into the expression, or look at the nodes in the script"))
	}
	constants := map[string]any{"DOM_OBJECT_MODEL": "http://java.sun.com/jaxp/xpath/dom"}
	for _, name := range strings.Fields("NUMBER STRING BOOLEAN NODESET NODE") {
		kind := name
		if name == "NODESET" {
			kind = "nodeSet"
		}
		constants[name] = qname{xpathSpace, map[bool]string{true: kind, false: strings.ToUpper(kind)}[kind == "nodeSet"], ""}
	}
	return []*Class{
		{Name: xpathPackage + "XPathFactory", Static: Methods{"newInstance": newFactory, "newDefaultInstance": newFactory}, Constants: map[string]any{
			"DEFAULT_OBJECT_MODEL_URI": "http://java.sun.com/jaxp/xpath/dom"}, Methods: Methods{
			"newXPath":   func(*Call) any { return &xpathEvaluator{} },
			"setFeature": ignored, "setXPathVariableResolver": refuse, "setXPathFunctionResolver": refuse,
		}},
		{Name: xpathPackage + "XPath", Methods: Methods{
			"compile": func(c *Call) any { return &xpathExpression{c.compileXPath(c.This.(*xpathEvaluator), c.Need(0))} },
			"evaluate": func(c *Call) any {
				return c.evaluate(c.compileXPath(c.This.(*xpathEvaluator), c.Need(0)), 1)
			},
			"setNamespaceContext": func(c *Call) any { c.This.(*xpathEvaluator).namespaces = c.Arg(0); return Void },
			"getNamespaceContext": func(c *Call) any {
				if v := c.This.(*xpathEvaluator).namespaces; v != nil {
					return v
				}
				return nil
			},
			"reset":                    func(c *Call) any { c.This.(*xpathEvaluator).namespaces = nil; return Void },
			"setXPathVariableResolver": refuse, "setXPathFunctionResolver": refuse,
		}},
		{Name: xpathPackage + "XPathExpression", Methods: Methods{
			"evaluate": func(c *Call) any { return c.evaluate(c.This.(*xpathExpression).e, 0) },
		}},
		{Name: xpathPackage + "XPathConstants", Constants: constants},
		{Name: "javax.xml.namespace.NamespaceContext"},
		{Name: "javax.xml.namespace.QName", New: func(c *Call) any {
			if c.Len() == 1 {
				return qname{local: c.Need(0)}
			}
			return qname{c.Text(0), c.Need(1), c.Text(2)}
		}, Methods: Methods{
			"getNamespaceURI": func(c *Call) any { return c.This.(qname).space },
			"getLocalPart":    func(c *Call) any { return c.This.(qname).local },
			"getPrefix":       func(c *Call) any { return c.This.(qname).prefix },
			"equals": func(c *Call) any {
				o, ok := c.Object(0).(qname)
				q := c.This.(qname)
				return ok && o.space == q.space && o.local == q.local
			},
			"toString": func(c *Call) any { return c.This.(qname).String() },
		}},
	}
}

// xpathFault is an error of an expression or its evaluation, which holds nothing of a
// document.
func (c *Call) xpathFault(text string) any {
	return c.VM.ThrowJava(&Throwable{Class: xpathPackage + "XPathExpressionException", Message: text, HasText: true, Plain: true})
}

// compileXPath compiles an expression; a NamespaceContext, which is an object of the
// script, tells what its prefixes are.
func (c *Call) compileXPath(x *xpathEvaluator, text string) *xpath.Expr {
	e, err := xpath.Compile(text, namespaceContext{c, x.namespaces})
	if err != nil {
		panic(c.xpathFault(err.Error()))
	}
	return e
}

// namespaceContext is what stands around an expression: no variables, no functions.
type namespaceContext struct {
	c *Call
	v goja.Value
}

func (n namespaceContext) Namespace(prefix string) (uri string, ok bool) {
	if prefix == "xml" {
		return tree.XMLNamespace, true
	}
	o, isObject := n.v.(*goja.Object)
	if !isObject {
		return "", false
	}
	get, isFunction := goja.AssertFunction(o.Get("getNamespaceURI"))
	if !isFunction {
		return "", false
	}
	v, err := get(o, n.c.VM.Runtime.ToValue(prefix))
	if err != nil {
		panic(err)
	}
	if goja.IsNull(v) || goja.IsUndefined(v) {
		return "", false
	}
	uri = n.c.VM.TextOf(v)
	return uri, uri != ""
}

func (namespaceContext) Variable(xpath.Name) (int, bool) { return 0, false }
func (namespaceContext) Function(name xpath.Name) (*xpath.Function, error) {
	return nil, errors.New("there is no function of that name")
}

// xpathForm is a document, or a tree without one, as XPath sees it, for one state of
// the document.
type xpathForm struct {
	top   *tree.Node
	state int
	root  *xpath.Node
	forth map[*tree.Node]*xpath.Node
	back  map[*xpath.Node]*tree.Node
}

// xpathForm returns the form of what a node stands in.
func (d domNode) xpathForm(budget *xpath.Budget) *xpathForm {
	top := d.n.Root()
	if f := d.doc.form; f != nil && f.top == top && f.state == d.doc.changes {
		return f
	}
	f := &xpathForm{top: top, state: d.doc.changes, forth: map[*tree.Node]*xpath.Node{}, back: map[*xpath.Node]*tree.Node{}}
	b := formBuilder{xpathForm: f, budget: budget}
	f.root = b.make(xpath.Root, top)
	if kind := (domNode{top, d.doc}).kind(); kind == documentNode || kind == fragmentNode {
		b.children(f.root, top)
	} else {
		b.node(f.root, top)
	}
	d.doc.form = f
	return f
}

type formBuilder struct {
	*xpathForm
	forest xpath.Forest
	budget *xpath.Budget
}

func (b *formBuilder) make(kind xpath.Kind, of *tree.Node) *xpath.Node {
	b.budget.Spend(1)
	n := b.forest.New(kind)
	b.forth[of], b.back[n] = n, of
	return n
}

// children adds what is inside of an element. Texts that are neighbours are one for
// XPath, which is the first of them.
func (b *formBuilder) children(parent *xpath.Node, of *tree.Node) {
	all := of.Children()
	for i := 0; i < len(all); i++ {
		from := i
		for all[i].Kind == tree.Text || all[i].Kind == tree.CDATA {
			if i+1 == len(all) || all[i+1].Kind != tree.Text && all[i+1].Kind != tree.CDATA {
				break
			}
			i++
		}
		if i == from {
			b.node(parent, all[i])
			continue
		}
		n := b.make(xpath.Text, all[from])
		n.Data = joinedTexts(all[from : i+1])
		for _, t := range all[from : i+1] {
			b.forth[t] = n
		}
		parent.Append(n)
	}
}

func joinedTexts(texts []*tree.Node) string {
	var b strings.Builder
	for _, t := range texts {
		b.WriteString(t.Data)
	}
	return b.String()
}

var xpathKinds = map[tree.Kind]xpath.Kind{tree.Element: xpath.Element, tree.Text: xpath.Text, tree.CDATA: xpath.Text,
	tree.Comment: xpath.Comment, tree.ProcInst: xpath.ProcInst, tree.Attribute: xpath.Attribute}

func (b *formBuilder) node(parent *xpath.Node, of *tree.Node) {
	if of.Kind == tree.Text || of.Kind == tree.CDATA {
		if of.Data == "" {
			return // which XPath does not have
		}
	}
	n := b.make(xpathKinds[of.Kind], of)
	n.Data = of.Data
	n.Name, n.Prefix = xpathName(of.Name)
	parent.Append(n)
	if of.Kind != tree.Element {
		return
	}
	n.Data = ""
	n.Scope = parent.Scope
	for _, a := range of.Attributes() {
		if prefix, ok := declaration1(a); ok {
			n.Scope = inScope(n.Scope, prefix, a.Data)
			continue
		}
		made := b.make(xpath.Attribute, a)
		made.Data = a.Data
		made.Name, made.Prefix = xpathName(a.Name)
		n.AddAttribute(made)
	}
	b.children(n, of)
}

// inScope is a scope with one namespace more, or without that of a prefix.
func inScope(scope []xpath.Namespace, prefix, uri string) []xpath.Namespace {
	var out []xpath.Namespace
	for _, s := range scope {
		if s.Prefix != prefix {
			out = append(out, s)
		}
	}
	if uri != "" {
		out = append(out, xpath.Namespace{Prefix: prefix, URI: uri})
	}
	return out
}

// xpathName is a name as expressions compare it. One of level 1 with a prefix is no
// name that an expression can have; its parts are those that the functions of XPath
// give.
func xpathName(n tree.Name) (name xpath.Name, prefix string) {
	if n.Space != level1 {
		return xpath.Name{Space: n.Space, Local: n.Local}, n.Prefix
	}
	before, after, colon := strings.Cut(n.Local, ":")
	if !colon {
		return xpath.Name{Local: n.Local}, ""
	}
	return xpath.Name{Space: xpath.NoNamespaces, Local: after}, before
}

// evaluate evaluates an expression for the arguments from i on: a node or an
// InputSource, and what the result is to be.
func (c *Call) evaluate(e *xpath.Expr, i int) any {
	kind := "STRING"
	if q, ok := c.Object(i + 1).(qname); ok {
		kind = q.local
	}
	var at domNode
	switch v := c.Object(i).(type) {
	case domNode:
		at = v
	case *nodeList:
		at = v.of
	case nil:
		at = newDocument().node()
	case *inputSource:
		at = c.parseDocument(&builderSettings{aware: true}, c.xmlSource(i)).node()
	default:
		panic(c.xpathFault("an expression is evaluated for a Node or an InputSource; read the text with DocumentBuilder.parse first"))
	}
	defer at.doc.lock(c.VM)()
	v, back, err := at.evaluate(c, e)
	if err != "" {
		panic(c.xpathFault(err))
	}
	switch kind {
	case "NUMBER":
		return Object(xpath.Number(v))
	case "BOOLEAN":
		return Object(xpath.Bool(v))
	case "nodeSet", "NODE":
		set, ok := v.(xpath.Nodes)
		if !ok {
			panic(c.xpathFault("the expression gives a value, not nodes"))
		}
		var found []*tree.Node
		for _, n := range set {
			if t := back[n]; t != nil { // there are no nodes of namespaces in the DOM
				found = append(found, t)
			}
		}
		if kind == "nodeSet" {
			return &nodeList{class: domPackage + "NodeList", of: at, nodes: found}
		}
		if len(found) == 0 {
			return nil
		}
		return at.at(found[0])
	}
	return xpath.String(v)
}

// evaluate is the value of an expression at a node, with what the nodes of it stand
// for; or what is wrong.
func (d domNode) evaluate(c *Call, e *xpath.Expr) (v xpath.Value, back map[*xpath.Node]*tree.Node, wrong string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *xpath.Failure:
			wrong = r.Problem
		default:
			panic(r)
		}
	}()
	budget := &xpath.Budget{Steps: xslt.MaxSteps, Check: func() bool { return c.VM.Context.Err() == nil }}
	f := d.xpathForm(budget)
	at := f.forth[d.n]
	if at == nil {
		at = f.root
	}
	return e.Eval(&xpath.Context{Node: at, Position: 1, Size: 1, Current: at, Budget: budget}), f.back, ""
}
