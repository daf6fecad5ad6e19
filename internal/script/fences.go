package script

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/java"
)

// Bounds of what one call of a built-in function may work on or make. A script
// can be interrupted between its own operations but not inside of a built-in
// function, so none may take long or much in one call.
const (
	maxLength = 10_000_000 // elements of an array that a call goes through
	maxText   = 256 << 20  // characters of a text that a call makes
	maxInside = 1000       // values inside one another
	maxTyped  = 128 << 20  // bytes of typed arrays that a run makes
)

// fences is a set of the fences in fenceList.
type fences uint64

// fence stands before built-in functions: it refuses a call that would go on
// without end. It costs a run something, so a script gets those whose names its
// text holds.
type fence struct {
	words   []string // the names, of which one must be in the script
	lengths bool     // needed only where a script can make a long array of nothing
	arrays  bool     // needed only where a script has arrays, by whatever name
	install func(r *run)
}

var fenceList = append([]fence{
	{words: []string{"repeat"}, install: (*run).fenceRepeat},
	{words: []string{"padStart", "padEnd"}, install: (*run).fencePad},
	{words: []string{"concat"}, install: (*run).fenceConcat},
	{words: []string{"flat"}, install: (*run).fenceFlat},
	{words: []string{"replace", "match", "split", "search"}, install: (*run).fenceSearches},
	{words: []string{"RegExp"}, install: (*run).fenceRegExp},
	{words: []string{"stringify"}, install: (*run).fenceStringify},
	{words: []string{"parse"}, install: (*run).fenceParse},
	{words: []string{"ArrayBuffer", "Int8", "Uint8", "Int16", "Uint16", "Int32", "Uint32", "Float32", "Float64", "Int64"},
		install: (*run).fenceTyped},
	{words: []string{"BigInt"}, install: (*run).fenceBigInt},
	{words: []string{"Proxy"}, install: (*run).fenceProxy},
	{words: []string{"bind"}, install: (*run).fenceBind},
	{words: []string{".create", "'create'", `"create"`}, install: (*run).fenceCreate},
	{words: []string{"apply", "Reflect"}, lengths: true, install: (*run).fenceApply},
	{words: []string{"from", "raw"}, lengths: true, install: (*run).fenceFrom},
	{arrays: true, install: (*run).fenceHoles},
	{arrays: true, install: (*run).fenceJoin},
}, arrayFences()...)

// arrayMethods go through all of an array, or of what says it has a length.
var arrayMethods = []string{"indexOf", "lastIndexOf", "includes", "every", "some", "forEach", "map", "filter", "reduce", "reduceRight",
	"find", "findIndex", "findLast", "findLastIndex", "fill", "reverse", "sort", "shift", "unshift", "splice", "slice", "copyWithin",
	"toSorted", "toReversed", "toSpliced", "with", "flatMap", "toLocaleString"}

func arrayFences() (list []fence) {
	for _, name := range arrayMethods {
		list = append(list, fence{words: []string{name}, lengths: true, install: func(r *run) {
			r.before(r.rt.NewArray().Prototype(), name, func(this goja.Value, _ []goja.Value) { r.limitLength(lengthOf(this)) })
		}})
	}
	return list
}

var (
	// givesLength finds what may give a length to something: an array made or set
	// to one, or a property of that name anywhere but in a plain read of one.
	givesLength = regexp.MustCompile(`Array\s*\(\s*[^)\s]|\.\s*length\s*(?:[-+*/%&|^]|<<|\*\*)?=[^=]|(?:^|[^.\w$])length\b|defineProp|Object\s*\.\s*assign`)

	// givesArrays finds what may make an array or an element: a literal that is not
	// empty, a method that returns one, an assignment to a key that is not a text.
	// Most scripts of messages have none of it.
	givesArrays = regexp.MustCompile(`(?:[=(,:?\[{};&|!+\-*~<>%^/)]|\b(?:return|typeof|in|of|case|yield|throw|void|delete|new|else|do|await)|^)\s*\[\s*[^\]\s]` +
		`|\[\s*[^'"\s][^\]]*\]\s*(?:[-+*/%&|^?]{0,2}|<<|>>>?)=[^=]|\]\s*(?:\+\+|--)|(?:\+\+|--)\s*[\w$.]+\[` +
		`|Array|\.\.\.|\b(?:push|unshift|concat|split|splice|slice|map|filter|match|matchAll|entries|keys|values|flat|from|of|parse|apply|exec|arguments)\b`)

	// givesNames finds what may call a built-in function without its name.
	givesNames = regexp.MustCompile(`\beval\b|\bFunction\b|\bconstructor\b|\bReflect\b|getOwnProp|\\u(?:00|\{)[4-7]|\\x[4-7]|` +
		`\[\s*['"][^'"\]]*['"]\s*\+\s*['"]|\[\s*String\s*\.\s*from`)
)

// fencesFor returns the fences that a script needs.
func fencesFor(code string) (set fences) {
	lengths, names := givesLength.MatchString(code), givesNames.MatchString(code)
	arrays := lengths || givesArrays.MatchString(code)
	for i, g := range fenceList {
		if g.lengths && !lengths && !names {
			continue
		}
		wanted := names || g.arrays && arrays
		for _, w := range g.words {
			wanted = wanted || strings.Contains(code, w)
		}
		if wanted {
			set |= 1 << i
		}
	}
	return set
}

func (set fences) install(r *run) {
	for i, g := range fenceList {
		if set&(1<<i) != 0 {
			g.install(r)
		}
	}
}

// fenceHoles makes the empty elements of arrays ask whether the run was ended: a
// built-in function that goes through them looks them up in the prototypes.
func (r *run) fenceHoles() {
	h := r.rt.NewDynamicObject(&holes{r})
	if err := r.rt.NewArray().Prototype().SetPrototype(h); err != nil {
		panic(err)
	}
}

// holes is the prototype of Array.prototype. It has nothing of its own.
type holes struct{ r *run }

func (h *holes) Get(string) goja.Value       { h.r.going(); return nil }
func (h *holes) Set(string, goja.Value) bool { return true }
func (h *holes) Delete(string) bool          { return true }
func (h *holes) Keys() []string              { return nil }

// Has is asked before an element is added, too.
func (h *holes) Has(key string) bool {
	h.r.going()
	if len(key) >= 8 && key[0] <= '9' && isIndex(key) {
		h.r.throw("RangeError", "Invalid array length")
	}
	return false
}

// isIndex reports whether a key of digits is an index past maxLength.
func isIndex(key string) bool {
	n := 0
	for i := 0; i < len(key); i++ {
		if key[i] < '0' || key[i] > '9' {
			return false
		}
		n = min(n*10+int(key[i]-'0'), math.MaxInt32)
	}
	return n > maxLength
}

// going throws when the run was ended. The script cannot go on with what it
// catches: the runtime is interrupted.
func (r *run) going() {
	if r.ctx.Err() != nil {
		panic(r.rt.NewGoError(errTime))
	}
}

// builtin is a built-in function with what it was called on.
type builtin func(this goja.Value, args []goja.Value) goja.Value

// around puts check before a method of a built-in object: it may throw, or go on
// by calling method.
func (r *run) around(o *goja.Object, name string, check func(method builtin, this goja.Value, args []goja.Value) goja.Value) {
	f, ok := o.Get(name).(*goja.Object)
	if !ok {
		return
	}
	call, ok := goja.AssertFunction(f)
	if !ok {
		return
	}
	method := func(this goja.Value, args []goja.Value) goja.Value {
		v, err := call(this, args...)
		if err != nil {
			panic(err)
		}
		return v
	}
	p := r.rt.NewProxy(f, &goja.ProxyTrapConfig{Apply: func(_ *goja.Object, this goja.Value, args []goja.Value) goja.Value {
		return check(method, this, args)
	}})
	if err := o.DefineDataProperty(name, r.rt.ToValue(p), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		panic(err)
	}
}

// before is around for a check that only throws.
func (r *run) before(o *goja.Object, name string, check func(this goja.Value, args []goja.Value)) {
	r.around(o, name, func(method builtin, this goja.Value, args []goja.Value) goja.Value {
		check(this, args)
		return method(this, args)
	})
}

// constructing puts check before a global constructor.
func (r *run) constructing(name string, check func(args []goja.Value)) {
	f, ok := r.rt.Get(name).(*goja.Object)
	if !ok {
		return
	}
	call, _ := goja.AssertFunction(f)
	var fenced *goja.Object
	p := r.rt.NewProxy(f, &goja.ProxyTrapConfig{
		Apply: func(_ *goja.Object, this goja.Value, args []goja.Value) goja.Value {
			check(args)
			v, err := call(this, args...)
			if err != nil {
				panic(err)
			}
			return v
		},
		Construct: func(_ *goja.Object, args []goja.Value, target *goja.Object) *goja.Object {
			check(args)
			if target == fenced {
				target = f
			}
			o, err := r.construct(f, target, args)
			if err != nil {
				panic(err)
			}
			return o
		},
	})
	fenced = r.rt.ToValue(p).(*goja.Object)
	r.set(name, fenced)
	if proto, ok := f.Get("prototype").(*goja.Object); ok {
		// [].constructor is the fenced one, too; a refusal does not matter.
		_ = proto.DefineDataProperty("constructor", fenced, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
}

func (r *run) construct(f, target *goja.Object, args []goja.Value) (*goja.Object, error) {
	if target == f {
		return r.rt.New(f, args...)
	}
	c, _ := goja.AssertConstructor(f)
	return c(target, args...)
}

func (r *run) prototype(name string) *goja.Object {
	return r.rt.Get(name).ToObject(r.rt).Get("prototype").ToObject(r.rt)
}

func arg(args []goja.Value, i int) goja.Value {
	if i < len(args) {
		return args[i]
	}
	return goja.Undefined()
}

// lengthOf is the length that an object says it has, 0 for what is no object.
func lengthOf(v goja.Value) int64 {
	o, ok := v.(*goja.Object)
	if !ok {
		return 0
	}
	if l := o.Get("length"); l != nil {
		return l.ToInteger()
	}
	return 0
}

func (r *run) limitLength(n int64) {
	if n > maxLength {
		r.throw("RangeError", "Invalid array length")
	}
}

func (r *run) limitText(n float64) {
	if n > maxText {
		r.throw("RangeError", "Invalid string length")
	}
}

func isString(v goja.Value) (goja.String, bool) {
	s, ok := v.(goja.String)
	return s, ok
}

func (r *run) fenceRepeat() {
	r.before(r.prototype("String"), "repeat", func(this goja.Value, args []goja.Value) {
		if n := arg(args, 0).ToFloat(); n > 1 {
			r.limitText(n * float64(len(this.String())))
		}
	})
}

func (r *run) fencePad() {
	for _, name := range []string{"padStart", "padEnd"} {
		r.before(r.prototype("String"), name, func(_ goja.Value, args []goja.Value) { r.limitText(arg(args, 0).ToFloat()) })
	}
}

func (r *run) fenceConcat() {
	r.before(r.prototype("Array"), "concat", func(this goja.Value, args []goja.Value) {
		n := lengthOf(this)
		for _, a := range args {
			n += lengthOf(a)
			r.limitLength(n)
		}
	})
	r.before(r.prototype("String"), "concat", func(this goja.Value, args []goja.Value) {
		n := 0
		for _, a := range append([]goja.Value{this}, args...) {
			if s, ok := isString(a); ok {
				n += s.Length()
			}
			r.limitText(float64(n))
		}
	})
}

// fenceFlat counts what flat would make.
func (r *run) fenceFlat() {
	r.before(r.prototype("Array"), "flat", func(this goja.Value, args []goja.Value) {
		depth := 1.0
		if len(args) > 0 {
			depth = args[0].ToFloat()
		}
		left := int64(maxLength)
		var count func(v goja.Value, depth float64, inside int)
		count = func(v goja.Value, depth float64, inside int) {
			n := lengthOf(v)
			if left -= n; left < 0 || inside > maxInside {
				r.limitLength(maxLength + 1)
			}
			if depth < 0 {
				return
			}
			r.going()
			o := v.(*goja.Object)
			for i := range n {
				if e, ok := o.Get(strconv.FormatInt(i, 10)).(*goja.Object); ok && e.ClassName() == "Array" {
					count(e, depth-1, inside+1)
				}
			}
		}
		if _, ok := this.(*goja.Object); ok {
			count(this, depth, 0)
		}
	})
}

// fenceJoin writes out an array by itself: it counts, and knows how deep it is
// inside of itself. The text of an array needs it, too.
func (r *run) fenceJoin() {
	depth := 0
	r.around(r.rt.NewArray().Prototype(), "join", func(method builtin, this goja.Value, args []goja.Value) goja.Value {
		n := lengthOf(this)
		r.limitLength(n)
		if depth > maxInside {
			r.throw("RangeError", "Maximum call stack size exceeded")
		}
		depth++
		defer func() { depth-- }()
		if n > 0 {
			r.limitJoined(this.(*goja.Object), n, arg(args, 0))
		}
		return method(this, args)
	})
}

// limitJoined throws when the texts of an array are too long together. Only
// texts count that are strings already: all others come from a script's code or
// are short.
func (r *run) limitJoined(o *goja.Object, n int64, separator goja.Value) {
	total := 0.0
	if s, ok := isString(separator); ok {
		total = float64(s.Length()) * float64(n-1)
	}
	r.limitText(total)
	if n < 8 {
		return
	}
	for i := range n {
		if s, ok := isString(o.Get(strconv.FormatInt(i, 10))); ok {
			total += float64(s.Length())
		}
		if i%1024 == 0 {
			r.limitText(total)
			r.going()
		}
	}
	r.limitText(total)
}

func (r *run) fenceTyped() {
	made := 0.0
	for _, name := range []string{"ArrayBuffer", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array",
		"Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"} {
		r.constructing(name, func(args []goja.Value) {
			v := arg(args, 0)
			if o, ok := v.(*goja.Object); ok {
				if o.ClassName() != "ArrayBuffer" {
					r.limitLength(lengthOf(o))
				}
				return
			}
			n := v.ToFloat()
			switch {
			case strings.Contains(name, "64"):
				n *= 8
			case strings.Contains(name, "32"):
				n *= 4
			case strings.Contains(name, "16"):
				n *= 2
			}
			if n > 0 {
				made += n
			}
			if made > maxTyped {
				r.throw("RangeError", "Invalid typed array length")
			}
		})
	}
}

// maxDigits is how long a text may be that becomes a BigInt.
const maxDigits = 100_000

func (r *run) fenceBigInt() {
	r.constructing("BigInt", func(args []goja.Value) {
		if s, ok := isString(arg(args, 0)); ok && s.Length() > maxDigits {
			r.throw("RangeError", "Maximum BigInt size exceeded")
		}
	})
}

// fenceProxy keeps proxies from lying too deep in one another, and from being
// their own prototypes: they are gone through by recursion.
func (r *run) fenceProxy() {
	f, ok := r.rt.Get("Proxy").(*goja.Object)
	if !ok {
		return
	}
	depths := make(map[*goja.Object]int)
	depthOf := func(args []goja.Value) int {
		depth := 1
		for _, a := range args {
			if o, ok := a.(*goja.Object); ok {
				depth = max(depth, depths[o]+1)
			}
		}
		if depth > maxInside {
			r.throw("RangeError", "Maximum call stack size exceeded")
		}
		return depth
	}
	made, _ := goja.AssertConstructor(f)
	p := r.rt.NewProxy(f, &goja.ProxyTrapConfig{Construct: func(_ *goja.Object, args []goja.Value, _ *goja.Object) *goja.Object {
		depth := depthOf(args)
		o, err := made(nil, args...)
		if err != nil {
			panic(err)
		}
		depths[o] = depth
		return o
	}})
	r.around(f, "revocable", func(method builtin, this goja.Value, args []goja.Value) goja.Value {
		depth := depthOf(args)
		v := method(this, args)
		if o, ok := v.(*goja.Object).Get("proxy").(*goja.Object); ok {
			depths[o] = depth
		}
		return v
	})
	r.set("Proxy", r.rt.ToValue(p))

	noProxy := func(proto goja.Value) {
		o, _ := proto.(*goja.Object)
		for i := 0; o != nil; i++ {
			if depths[o] > 0 || i > maxInside {
				r.throw("TypeError", "an object that is there cannot get a proxy as its prototype")
			}
			o = o.Prototype()
		}
	}
	check := func(_ goja.Value, args []goja.Value) { noProxy(arg(args, 1)) }
	object := r.prototype("Object")
	r.before(r.rt.Get("Object").ToObject(r.rt), "setPrototypeOf", check)
	r.before(r.rt.Get("Reflect").ToObject(r.rt), "setPrototypeOf", check)
	set, _ := goja.AssertFunction(r.rt.Get("Object").ToObject(r.rt).Get("setPrototypeOf"))
	setter := r.native(func(c goja.FunctionCall) goja.Value {
		_, isObject := c.Argument(0).(*goja.Object)
		if _, ok := c.This.(*goja.Object); ok && (isObject || goja.IsNull(c.Argument(0))) {
			if _, err := set(goja.Undefined(), c.This, c.Argument(0)); err != nil {
				panic(err)
			}
		}
		return goja.Undefined()
	})
	getter := r.native(func(c goja.FunctionCall) goja.Value {
		if p := c.This.ToObject(r.rt).Prototype(); p != nil {
			return p
		}
		return goja.Null()
	})
	if err := object.DefineAccessorProperty("__proto__", getter, setter, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		panic(err)
	}
}

func (r *run) fenceBind() {
	depths := make(map[*goja.Object]int)
	r.around(r.prototype("Function"), "bind", func(method builtin, this goja.Value, args []goja.Value) goja.Value {
		depth := 1
		if o, ok := this.(*goja.Object); ok {
			depth = depths[o] + 1
		}
		if depth > maxInside {
			r.throw("RangeError", "Maximum call stack size exceeded")
		}
		v := method(this, args)
		if o, ok := v.(*goja.Object); ok {
			depths[o] = depth
		}
		return v
	})
}

// fenceCreate keeps chains of prototypes short.
func (r *run) fenceCreate() {
	r.before(r.rt.Get("Object").ToObject(r.rt), "create", func(_ goja.Value, args []goja.Value) {
		o, _ := arg(args, 0).(*goja.Object)
		for i := 0; o != nil; i++ {
			if i > maxInside {
				r.throw("RangeError", "the chain of prototypes is too long")
			}
			o = o.Prototype()
		}
	})
}

func (r *run) fenceApply() {
	r.before(r.prototype("Function"), "apply", func(_ goja.Value, args []goja.Value) { r.limitLength(lengthOf(arg(args, 1))) })
	reflect := r.rt.Get("Reflect").ToObject(r.rt)
	r.before(reflect, "apply", func(_ goja.Value, args []goja.Value) { r.limitLength(lengthOf(arg(args, 2))) })
	r.before(reflect, "construct", func(_ goja.Value, args []goja.Value) { r.limitLength(lengthOf(arg(args, 1))) })
}

func (r *run) fenceFrom() {
	r.before(r.rt.Get("Array").ToObject(r.rt), "from", func(_ goja.Value, args []goja.Value) { r.limitLength(lengthOf(arg(args, 0))) })
	r.before(r.rt.Get("String").ToObject(r.rt), "raw", func(_ goja.Value, args []goja.Value) {
		if o, ok := arg(args, 0).(*goja.Object); ok {
			r.limitLength(lengthOf(o.Get("raw")))
		}
	})
}

// fenceStringify looks at every value that becomes JSON.
func (r *run) fenceStringify() {
	r.around(r.rt.Get("JSON").ToObject(r.rt), "stringify", func(method builtin, this goja.Value, args []goja.Value) goja.Value {
		call := func(args []goja.Value) (goja.Value, error) { return method(this, args), nil }
		v, _ := r.boundedJSON(call, args)
		return v
	})
}

// boundedJSON calls JSON.stringify with a replacer that counts, and ends it when
// the run was ended.
func (r *run) boundedJSON(stringify func(args []goja.Value) (goja.Value, error), args []goja.Value) (goja.Value, error) {
	args = append(append([]goja.Value(nil), args...), goja.Undefined(), goja.Undefined())[:max(len(args), 2)]
	total, left, inside := 0, maxLength, map[*goja.Object]int{}
	var keys []string
	user, isFunction := goja.AssertFunction(args[1])
	list, isList := args[1].(*goja.Object)
	isList = isList && !isFunction && list.ClassName() == "Array"
	if isList {
		r.limitLength(lengthOf(list))
		for i := range lengthOf(list) {
			keys = append(keys, list.Get(strconv.FormatInt(i, 10)).String())
		}
	}
	args[1] = r.rt.ToValue(func(c goja.FunctionCall) goja.Value {
		v := c.Argument(1)
		if isFunction {
			w, err := user(c.This, c.Arguments...)
			if err != nil {
				panic(err)
			}
			v = w
		}
		left--
		if s, ok := isString(v); ok {
			total += s.Length()
		}
		r.limitText(float64(total))
		if left%64 == 0 {
			r.going()
		}
		if left < 0 {
			r.limitLength(maxLength + 1)
		}
		o, ok := v.(*goja.Object)
		if !ok {
			return v
		}
		if isList && o.ClassName() == "Object" {
			if _, isJava := java.Unwrap(o); !isJava {
				o = r.chosen(o, keys)
				v = o
			}
		}
		holder, _ := c.This.(*goja.Object)
		if inside[o] = inside[holder] + 1; inside[o] > maxInside {
			r.throw("RangeError", "Maximum call stack size exceeded")
		}
		if o.ClassName() == "Array" {
			r.limitLength(lengthOf(o))
		}
		return v
	})
	return stringify(args)
}

// chosen is an object with the members that JSON.stringify was told to write.
func (r *run) chosen(o *goja.Object, keys []string) *goja.Object {
	c := r.rt.NewObject()
	for _, k := range keys {
		if v := o.Get(k); v != nil {
			_ = c.Set(k, v) // a new object takes everything
		}
	}
	return c
}

func (r *run) fenceParse() {
	r.before(r.rt.Get("JSON").ToObject(r.rt), "parse", func(_ goja.Value, args []goja.Value) {
		if s, ok := isString(arg(args, 0)); ok && nestsJSON(s.String()) {
			r.throw("SyntaxError", "JSON values lie too deep in one another")
		}
	})
}

// nestsJSON reports whether JSON lies too deep in itself to be parsed.
func nestsJSON(text string) bool {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '[', '{':
			if depth++; depth > maxInside {
				return true
			}
		case ']', '}':
			depth--
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		}
	}
	return false
}

// fenceRegExp refuses expressions that the compilers cannot take.
func (r *run) fenceRegExp() {
	r.constructing("RegExp", func(args []goja.Value) { r.limitExpression(arg(args, 0)) })
}

func (r *run) limitExpression(v goja.Value) {
	if s, ok := isString(v); ok && (s.Length() > maxExpression || java.Nests(s.String())) {
		r.throw("SyntaxError", "Invalid regular expression: too large")
	}
}

// maxExpression is how long a regular expression may be.
const maxExpression = 1 << 20

// fenceSearches makes searches in long texts ask whether the run was ended, and
// count what they make.
func (r *run) fenceSearches() {
	proto := r.prototype("String")
	var exec goja.Callable
	patient := func(this, v goja.Value) {
		re, ok := v.(*goja.Object)
		if !ok {
			r.limitExpression(v)
			return
		}
		if re.ClassName() != "RegExp" || lengthOfText(this) < java.LongText || !java.Rescans(re.Get("source").String()) {
			return
		}
		if exec == nil {
			exec, _ = goja.AssertFunction(r.prototype("RegExp").Get("exec"))
		}
		// With an exec of its own an expression is looked for one match at a time.
		_ = re.DefineDataProperty("exec", r.rt.ToValue(func(c goja.FunctionCall) goja.Value {
			r.going()
			m, err := exec(c.This, c.Arguments...)
			if err != nil {
				panic(err)
			}
			return m
		}), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	for _, name := range []string{"match", "matchAll", "search"} {
		r.before(proto, name, func(this goja.Value, args []goja.Value) { patient(this, arg(args, 0)) })
	}
	r.before(proto, "split", func(this goja.Value, args []goja.Value) {
		if _, ok := arg(args, 0).(*goja.Object); ok {
			patient(this, args[0])
		} else if s, ok := isString(arg(args, 0)); ok && s.Length() == 0 {
			r.limitLength(int64(lengthOfText(this)))
		}
	})
	for _, name := range []string{"replace", "replaceAll"} {
		r.around(proto, name, func(method builtin, this goja.Value, args []goja.Value) goja.Value {
			if _, ok := arg(args, 0).(*goja.Object); ok {
				patient(this, args[0])
			}
			with, ok := isString(arg(args, 1))
			if ok && r.mayGrow(this, with) {
				args = []goja.Value{args[0], r.counted(with.String())}
			}
			return method(this, args)
		})
	}
}

func lengthOfText(v goja.Value) int {
	if s, ok := isString(v); ok {
		return s.Length()
	}
	if o, ok := v.(*goja.Object); ok && o.ClassName() == "String" {
		return int(lengthOf(o))
	}
	return 0
}

// mayGrow reports whether replacing could make a text that is too long.
func (r *run) mayGrow(this goja.Value, with goja.String) bool {
	n := float64(lengthOfText(this) + 1)
	if strings.Contains(with.String(), "$") {
		return n > java.LongText
	}
	return n*float64(with.Length()) > maxText
}

// counted is a replacement as a function, which counts what it has made.
func (r *run) counted(with string) goja.Value {
	total := 0
	return r.rt.ToValue(func(c goja.FunctionCall) goja.Value {
		s := expand(with, c.Arguments)
		total += len(s)
		r.limitText(float64(total))
		r.going()
		return r.rt.ToValue(s)
	})
}

// expand fills in a replacement: $1, $&, $`, $', $$. args are those of a
// replacement function: the match, the groups, its place and the whole text.
func expand(with string, args []goja.Value) string {
	last := len(args) - 1
	var named *goja.Object
	if o, ok := args[last].(*goja.Object); ok {
		named, last = o, last-1
	}
	if !strings.Contains(with, "$") {
		return with
	}
	whole, _ := isString(args[last])
	at, groups, match := int(args[last-1].ToInteger()), args[1:last-1], args[0]
	var b strings.Builder
	for i := 0; i < len(with); i++ {
		if with[i] != '$' || i+1 == len(with) {
			b.WriteByte(with[i])
			continue
		}
		i++
		switch ch := with[i]; {
		case ch == '$':
			b.WriteByte('$')
		case ch == '&':
			b.WriteString(match.String())
		case ch == '`':
			b.WriteString(whole.Substring(0, at).String())
		case ch == '\'':
			b.WriteString(whole.Substring(min(at+lengthOfText(match), whole.Length()), whole.Length()).String())
		case ch >= '0' && ch <= '9':
			n := int(ch - '0')
			if i+1 < len(with) && with[i+1] >= '0' && with[i+1] <= '9' && n*10+int(with[i+1]-'0') <= len(groups) {
				i++
				n = n*10 + int(with[i]-'0')
			}
			if n == 0 || n > len(groups) {
				b.WriteByte('$')
				i--
				b.WriteByte(with[i+1])
				i++
			} else if !goja.IsUndefined(groups[n-1]) {
				b.WriteString(groups[n-1].String())
			}
		case ch == '<' && named != nil && strings.Contains(with[i:], ">"):
			end := i + strings.IndexByte(with[i:], '>')
			if v := named.Get(with[i+1 : end]); v != nil && !goja.IsUndefined(v) {
				b.WriteString(v.String())
			}
			i = end
		default:
			b.WriteByte('$')
			i--
			b.WriteByte(with[i+1])
			i++
		}
	}
	return b.String()
}
