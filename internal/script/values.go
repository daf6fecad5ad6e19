package script

import (
	"encoding/json"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
	"github.com/weir-health/weir/tree"
)

// Object is what remains of a plain JavaScript object after its run: its keys in
// order, with values as the package comment lists them. It is immutable.
type Object struct {
	Keys   []string
	Values map[string]any
}

// Get returns a member.
func (o *Object) Get(key string) (any, bool) { v, ok := o.Values[key]; return v, ok }

// Portable gives the members without their order.
func (o *Object) Portable() any { return o.Values }

// String is what JavaScript shows of an object.
func (o *Object) String() string { return "[object Object]" }

// MarshalJSON writes the members in order.
func (o *Object) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, k := range o.Keys {
		if i > 0 {
			b.WriteByte(',')
		}
		key, _ := json.Marshal(k)
		v, err := json.Marshal(o.Values[k])
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

// XML is what remains of an XML value after its run: copies of its nodes. It is
// immutable.
type XML struct {
	Nodes []*tree.Node
	text  string
}

// String is the text that a script gets from toString.
func (x *XML) String() string { return x.text }

// Portable gives the text.
func (x *XML) Portable() any { return x.text }

// Bounds of a copy. What lies deeper, is more, or holds itself is left out.
const (
	maxNesting = 60
	maxCopied  = 500_000

	maxCopiedLate = 10_000 // of a run that was ended
)

// neutral returns the lasting form of a JavaScript value.
func (r *run) neutral(v goja.Value) any {
	c := copier{r: r, path: make(map[any]bool), left: maxCopied}
	return c.copy(v)
}

// copier makes one copy of a value with all that it holds.
type copier struct {
	r    *run
	path map[any]bool // the objects around the one being copied
	left int          // values that may still be copied
}

func (c *copier) copy(v goja.Value) any {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) || c.left <= 0 {
		return nil
	}
	if c.left--; c.left%1024 == 0 && c.r.ctx.Err() != nil {
		c.left = min(c.left, maxCopiedLate)
	}
	o, ok := v.(*goja.Object)
	if !ok {
		switch x := v.Export().(type) {
		case string, bool, float64:
			return x
		case int64:
			return float64(x)
		}
		return v.String()
	}
	if x, isJava := java.Unwrap(o); isJava {
		return c.java(x)
	}
	if nodes, isXML := c.r.xml.Nodes(o); isXML {
		x := &XML{text: c.r.xml.Text(o)}
		for _, n := range nodes {
			x.Nodes = append(x.Nodes, n.Copy())
		}
		return x
	}
	switch o.ClassName() {
	case "Array":
		return c.inside(o, func() any {
			n := int(o.Get("length").ToInteger())
			items := make([]any, min(n, c.left))
			for i := range items {
				items[i] = c.copy(o.Get(strconv.Itoa(i)))
			}
			return items
		})
	case "Object":
		return c.inside(o, func() any {
			obj := &Object{Keys: o.Keys(), Values: make(map[string]any)}
			for _, k := range obj.Keys {
				obj.Values[k] = c.copy(o.Get(k))
			}
			return obj
		})
	case "Date":
		if t, ok := o.Export().(time.Time); ok {
			return t
		}
	case "Number":
		return o.ToFloat()
	case "Boolean":
		b, _ := o.Export().(bool)
		return b
	}
	return o.String()
}

// inside runs f for what o holds; an o that holds itself is left out there.
func (c *copier) inside(o any, f func() any) any {
	if c.path[o] || len(c.path) >= maxNesting {
		return nil
	}
	c.path[o] = true
	defer delete(c.path, o)
	return f()
}

// java copies a Java value. Collections inside of JavaScript objects are copied,
// too, since they could hold the object.
func (c *copier) java(x any) any {
	items, ok := x.(interface{ Items() []any })
	if ok {
		return c.inside(x, func() any {
			out := make([]any, 0)
			for _, item := range items.Items() {
				out = append(out, c.copy(c.r.java.ToJS(item)))
			}
			return out
		})
	}
	if m, ok := x.(*java.Map); ok {
		return c.inside(x, func() any {
			obj := &Object{Values: make(map[string]any)}
			for _, p := range m.Pairs() {
				k := java.Text(p.Key)
				obj.Keys = append(obj.Keys, k)
				obj.Values[k] = c.copy(c.r.java.ToJS(p.Value))
			}
			return obj
		})
	}
	lasting, _ := c.r.lasting(x)
	return lasting
}

// lasting returns the lasting form of a Java value; changed is false when it is
// the value itself.
func (r *run) lasting(v any) (lasting any, changed bool) {
	switch v := v.(type) {
	case *java.Held:
		if r.ending {
			return v.Last(r.java), true
		}
		if live := v.Value(r.java); live != nil {
			return r.neutral(live), true
		}
		return v.Portable(), true
	case *response:
		return v.lasting(), true
	case *headers:
		return v.MultiMap, true
	case *connectorMessage, *wholeMessage:
		return java.Text(v), true
	}
	return v, false
}

// alive returns the form in which a run shares a lasting value that scripts can
// change, or nil for all others.
func (r *run) alive(v any) any {
	switch v := v.(type) {
	case []any, *Object, *XML, time.Time:
		live, _ := r.live(v)
		return r.java.FromJS(live)
	case weir.Response:
		return &response{Response: v, hasStatus: true}
	case *weir.Response:
		if v != nil {
			return &response{Response: *v, hasStatus: true}
		}
	case map[string]any:
		return javaMap(v)
	case map[string]string:
		m := java.NewMap()
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			m.Set(k, v[k])
		}
		return m
	case *weir.MultiMap:
		return &headers{v}
	case weir.Row:
		m := java.NewMap()
		for _, e := range v {
			m.Set(e.Key, e.Value)
		}
		return m
	case weir.Columns:
		m := java.NewColumns()
		for _, e := range v {
			m.Set(e.Key, e.Value)
		}
		return m
	case []weir.Row:
		return listOf(r, v)
	case []weir.Columns:
		return listOf(r, v)
	case []weir.Response:
		return listOf(r, v)
	case []string:
		l := java.NewList()
		for _, s := range v {
			l.Add(s)
		}
		return l
	case []int:
		l := java.NewList()
		for _, n := range v {
			l.Add(int32(n))
		}
		return l
	}
	return nil
}

// listOf is the Java list of what alive makes of some values.
func listOf[T any](r *run, values []T) *java.List {
	l := java.NewList()
	for _, v := range values {
		l.Add(r.alive(v))
	}
	return l
}

// live returns the JavaScript value of a lasting one.
func (r *run) live(v any) (goja.Value, bool) {
	switch v := v.(type) {
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = r.member(item)
		}
		return r.rt.NewArray(items...), true
	case *Object:
		o := r.rt.NewObject()
		for _, k := range v.Keys {
			o.Set(k, r.member(v.Values[k]))
		}
		return o, true
	case *XML:
		return r.liveXML(v), true
	case time.Time:
		d, err := r.rt.New(r.rt.Get("Date"), r.rt.ToValue(v.UnixMilli()))
		if err != nil {
			return nil, false
		}
		return d, true
	case int:
		return r.rt.ToValue(v), true
	}
	if a := r.alive(v); a != nil {
		return r.java.ToJS(a), true
	}
	return nil, false
}

// member returns the value of an element of an array or object: JavaScript's
// own strings and numbers.
func (r *run) member(v any) goja.Value {
	switch v := v.(type) {
	case nil:
		return goja.Null()
	case string, bool, float64:
		return r.rt.ToValue(v)
	}
	return r.java.ToJS(v)
}

func (r *run) liveXML(x *XML) goja.Value {
	if len(x.Nodes) == 1 {
		return r.xml.Wrap(x.Nodes[0].Copy())
	}
	list, err := r.rt.New(r.rt.Get("XMLList"))
	if err != nil {
		return r.rt.ToValue(x.text)
	}
	for i, n := range x.Nodes {
		list.Set(strconv.Itoa(i), r.xml.Wrap(n.Copy()))
	}
	return list
}

// returned is what a script's result becomes for the caller of Run.
func (r *run) returned(v goja.Value) any {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	if x, ok := java.Unwrap(v); ok {
		return r.returnedJava(x)
	}
	if o, ok := v.(*goja.Object); ok && o.ClassName() == "Array" {
		n := int(o.Get("length").ToInteger())
		items := make([]any, n)
		for i := range items {
			items[i] = r.returned(o.Get(strconv.Itoa(i)))
		}
		return items
	}
	return r.neutral(v)
}

// returnedJava turns a Java value into what the engine's Go code works with.
func (r *run) returnedJava(x any) any {
	switch x := x.(type) {
	case *rawMessage:
		return x.inbound(r)
	case interface{ Items() []any }:
		items := x.Items()
		out := make([]any, len(items))
		for i, item := range items {
			out[i] = r.returnedJava(item)
		}
		return out
	case *java.Map:
		out := make(weir.Row, 0, x.Len())
		for _, p := range x.Pairs() {
			out = append(out, weir.Entry{Key: java.Text(p.Key), Value: r.returnedJava(p.Value)})
		}
		if x.IsColumns() {
			return weir.Columns(out)
		}
		return out
	case *java.Enum:
		if s, ok := weir.ParseStatus(x.Name()); ok {
			return s
		}
		return x.Name()
	case *java.Builder:
		return x.String()
	}
	lasting, _ := r.lasting(x)
	return lasting
}
