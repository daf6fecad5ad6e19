package script

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// A message of the modern dialect is a node of the same lazy tree that E4X works
// on. Paths are those of HL7 where the tree is: PID-5.1, OBX[2]-5, counted from 1,
// and from a segment 5.1; a path that ends early means its first component. In
// other trees they are names with slashes, such as patient/name[2].

// nodeObject is a node in a script.
type nodeObject struct {
	r *run
	n *tree.Node
}

func (r *run) nodeValue(n *tree.Node) goja.Value {
	if n == nil {
		return goja.Null()
	}
	if o := r.nodes[n]; o != nil {
		return o
	}
	o := r.rt.NewDynamicObject(&nodeObject{r, n})
	if r.nodes == nil {
		r.nodes = map[*tree.Node]*goja.Object{}
	}
	r.nodes[n] = o
	return o
}

// nodeOf returns the node behind a value, or nil.
func nodeOf(v goja.Value) *tree.Node {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil
	}
	if n, ok := o.Export().(*nodeObject); ok {
		return n.n
	}
	return nil
}

func (o *nodeObject) Has(key string) bool { return o.Get(key) != nil }
func (o *nodeObject) Delete(string) bool  { return false }
func (o *nodeObject) Keys() []string      { return nil }

func (o *nodeObject) Set(key string, v goja.Value) bool {
	if key != "text" {
		return false // which strict code is told
	}
	o.n.SetText(o.r.plainText(v))
	return true
}

func (o *nodeObject) Get(key string) goja.Value {
	switch key {
	case "name":
		return o.r.rt.ToValue(o.n.Name.Local)
	case "text":
		return o.r.rt.ToValue(nodeText(o.n))
	}
	r := o.r
	if v := r.modernMethods[key]; v != nil {
		return v
	}
	f := nodeMethods()[key]
	if f == nil {
		return nil
	}
	v := r.native(func(c goja.FunctionCall) goja.Value {
		n := nodeOf(c.This)
		if n == nil {
			r.throw("TypeError", key+" was called on something that is no part of a message")
		}
		return f(r, n, c.Arguments)
	})
	if r.modernMethods == nil {
		r.modernMethods = map[string]goja.Value{}
	}
	r.modernMethods[key] = v
	return v
}

// argument is an argument as text, "" where it is missing.
func (r *run) argument(args []goja.Value, i int) string {
	if i >= len(args) {
		return ""
	}
	return r.plainText(args[i])
}

func (r *run) plainText(v goja.Value) string {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return ""
	}
	if n := nodeOf(v); n != nil {
		return nodeText(n)
	}
	return v.String()
}

// nodeMethods are the methods of a node. They are listed in modern_types.go, too.
func nodeMethods() map[string]func(r *run, n *tree.Node, args []goja.Value) goja.Value {
	return map[string]func(r *run, n *tree.Node, args []goja.Value) goja.Value{
		"get": func(r *run, n *tree.Node, args []goja.Value) goja.Value {
			found := follow(n, r.path(n, args), false)
			if found == nil {
				return r.rt.ToValue("")
			}
			return r.rt.ToValue(nodeText(found))
		},
		"set": func(r *run, n *tree.Node, args []goja.Value) goja.Value {
			firstPart(r.made(follow(n, r.path(n, args), true)), true).SetText(r.argument(args, 1))
			return goja.Undefined()
		},
		"remove": func(r *run, n *tree.Node, args []goja.Value) goja.Value {
			target := n
			if len(args) > 0 {
				target = follow(n, r.path(n, args), false)
			}
			if target != nil && target.Parent() != nil {
				target.Parent().Remove(target.Index())
			}
			return goja.Undefined()
		},
		"segments": listed,
		"children": listed,
		"child": func(r *run, n *tree.Node, args []goja.Value) goja.Value {
			number := 1
			if len(args) > 1 {
				number = int(args[1].ToInteger())
			}
			return r.nodeValue(nth(n, r.argument(args, 0), number))
		},
		"parent": func(r *run, n *tree.Node, args []goja.Value) goja.Value { return r.nodeValue(n.Parent()) },
		"add": func(r *run, n *tree.Node, args []goja.Value) goja.Value {
			c := tree.New(r.elementName(args))
			if len(args) > 1 {
				c.SetText(r.argument(args, 1))
			}
			n.Append(c)
			return r.nodeValue(c)
		},
		"addAfter": func(r *run, n *tree.Node, args []goja.Value) goja.Value {
			if n.Parent() == nil {
				r.throw("TypeError", errAfterRoot)
			}
			c := tree.New(r.elementName(args))
			n.Parent().Insert(n.Index()+1, c)
			return r.nodeValue(c)
		},
		"attribute": func(r *run, n *tree.Node, args []goja.Value) goja.Value {
			if a := n.Attribute(tree.Name{Local: r.argument(args, 0)}); a != nil {
				return r.rt.ToValue(a.Data)
			}
			return r.rt.ToValue("")
		},
		"setAttribute": func(r *run, n *tree.Node, args []goja.Value) goja.Value {
			n.SetAttribute(tree.Name{Local: r.elementName(args)}, r.argument(args, 1))
			return goja.Undefined()
		},
		"toString": func(r *run, n *tree.Node, args []goja.Value) goja.Value { return r.rt.ToValue(nodeText(n)) },
		"toXML":    func(r *run, n *tree.Node, args []goja.Value) goja.Value { return r.rt.ToValue(n.XMLString()) },
	}
}

// listed are the elements inside, all or those of a name.
func listed(r *run, n *tree.Node, args []goja.Value) goja.Value {
	name := r.argument(args, 0)
	var list []any
	for _, c := range n.Children() {
		if c.Kind == tree.Element && (name == "" || c.Name.Local == name) {
			list = append(list, r.nodeValue(c))
		}
	}
	return r.rt.NewArray(list...)
}

func (r *run) elementName(args []goja.Value) string {
	name := r.argument(args, 0)
	if !tree.IsXMLName(name) {
		r.throw("TypeError", errElementName)
	}
	return name
}

// nodeText is the text inside of a node. A field or component of HL7 that has parts
// is read by its first one, as its path is.
func nodeText(n *tree.Node) string {
	if n.Kind != tree.Element {
		return n.Data
	}
	var b strings.Builder
	for _, c := range n.Children() {
		switch {
		case c.Kind == tree.Element && hl7Part.MatchString(c.Name.Local) && c.Name.Local == n.Name.Local+".1":
			return nodeText(c)
		case c.Kind == tree.Element, c.Kind == tree.Text:
			b.WriteString(nodeText(c))
		}
	}
	return b.String()
}

// step is one name of a path with its number, from 1.
type step struct {
	name   string
	number int
}

var (
	hl7Path   = regexp.MustCompile(`^([A-Z][A-Z0-9]{2})(?:\[(\d{1,6})\])?[-.](\d{1,4})(?:\[(\d{1,6})\])?(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?$`)
	segment   = regexp.MustCompile(`^[A-Z][A-Z0-9]{2}$`)
	fieldPath = regexp.MustCompile(`^(\d{1,4})(?:\[(\d{1,6})\])?(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?$`)
	hl7Part   = regexp.MustCompile(`^[A-Z][A-Z0-9]{2}\.\d+(?:\.\d+)*$`)
	namedStep = regexp.MustCompile(`^([^\[\]/]+)(?:\[(\d{1,6})\])?$`)
)

// What a script is told of its mistakes, in words of ours: they hold nothing of a
// message.
const (
	errElementName = "the name of an element or attribute is missing or cannot be one"
	errPath        = "a path is written PID-5.1, OBX[2]-5, or name/name[2]"
	errNumber      = "the number in the path is too far beyond what is there, or below 1"
	errAfterRoot   = "nothing can stand after the message itself"
)

// path reads the path that a script gave, relative to a node.
func (r *run) path(n *tree.Node, args []goja.Value) []step {
	text := r.argument(args, 0)
	if m := hl7Path.FindStringSubmatch(text); m != nil && !segment.MatchString(n.Name.Local) {
		return append([]step{{m[1], numberOf(m[2])}}, fieldSteps(m[1], m[3:])...)
	}
	if m := fieldPath.FindStringSubmatch(text); m != nil && segment.MatchString(n.Name.Local) {
		return fieldSteps(n.Name.Local, m[1:])
	}
	var steps []step
	for _, part := range strings.Split(text, "/") {
		m := namedStep.FindStringSubmatch(part)
		if m == nil || !tree.IsXMLName(m[1]) {
			r.throw("TypeError", errPath)
		}
		steps = append(steps, step{m[1], numberOf(m[2])})
	}
	return steps
}

// fieldSteps are those inside a segment: field, its repetition, component,
// subcomponent.
func fieldSteps(segment string, m []string) []step {
	name := segment + "." + m[0]
	steps := []step{{name, numberOf(m[1])}}
	for _, part := range m[2:] {
		if part == "" {
			break
		}
		name += "." + part
		steps = append(steps, step{name, 1})
	}
	return steps
}

func numberOf(s string) int {
	if s == "" {
		return 1
	}
	n, _ := strconv.Atoi(s)
	return n
}

func nth(n *tree.Node, name string, number int) *tree.Node {
	for _, c := range n.Children() {
		if c.Kind == tree.Element && c.Name.Local == name {
			if number--; number == 0 {
				return c
			}
		}
	}
	return nil
}

// maxMade is how many repetitions a path may make at once.
const maxMade = 1000

// follow goes along a path. What is missing is made where the caller wants to
// write, else the answer is nil. The end of a path into HL7 is the first part of
// what it names.
func follow(n *tree.Node, steps []step, write bool) *tree.Node {
	for _, s := range steps {
		next := nth(n, s.name, s.number)
		for made := 0; next == nil && write && made < maxMade; made++ {
			n.Insert(placeFor(n, s.name), tree.New(s.name))
			next = nth(n, s.name, s.number)
		}
		if next == nil {
			return nil
		}
		n = next
	}
	return n
}

// firstPart is the first component or subcomponent of what a path into HL7 names;
// a field that has none gets one where it is to be written.
func firstPart(n *tree.Node, write bool) *tree.Node {
	for hl7Part.MatchString(n.Name.Local) {
		first := nth(n, n.Name.Local+".1", 1)
		if first == nil && write && strings.Count(n.Name.Local, ".") == 1 && len(n.Children()) == 0 {
			first = tree.New(n.Name.Local + ".1")
			n.Append(first)
		}
		if first == nil {
			break
		}
		n = first
	}
	return n
}

// made refuses a path that would need more repetitions than are made.
func (r *run) made(n *tree.Node) *tree.Node {
	if n == nil {
		r.throw("RangeError", errNumber)
	}
	return n
}

// placeFor is where a new child belongs: fields and components stand in the order
// of their numbers, a segment after the last of its name, all else at the end.
func placeFor(n *tree.Node, name string) int {
	children := n.Children()
	at := len(children)
	dot := strings.LastIndexByte(name, '.')
	own, err := strconv.Atoi(name[dot+1:])
	if dot < 0 || err != nil {
		for i, c := range children {
			if c.Kind == tree.Element && c.Name.Local == name {
				at = i + 1
			}
		}
		return at
	}
	for i, c := range children {
		in, number, ok := cutNumber(c.Name.Local)
		if ok && in == name[:dot] && number > own {
			return i
		}
	}
	return at
}

func cutNumber(name string) (prefix string, number int, ok bool) {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return "", 0, false
	}
	number, err := strconv.Atoi(name[dot+1:])
	return name[:dot], number, err == nil
}
