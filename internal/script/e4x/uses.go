package e4x

import (
	"slices"
	"strings"
)

// Use is one place where a script uses a name that it does not declare, or a
// member below one: java.io.File, FileUtil.read. What a local variable stands
// for is followed where it is given a value once.
type Use struct {
	Path    []string // java, io, File
	Kind    UseKind
	Args    []Value
	Pos     int  // offset in the source
	Guarded bool // in the block of a try, or asked for by typeof: a script that counts on its absence
	Checked bool // the operand of typeof itself
	Inner   bool // in the body of a function, which may never be called

	// On is what made the value that a Method is called on, and Chain the methods
	// called in a row, the last one being this one. Path is that of On.
	On    *Use
	Chain []string
}

// UseKind is how something is used.
type UseKind uint8

const (
	Read UseKind = iota
	Called
	Made // by new
	Written
	Method // of a value that a name made, or a variable that is given one once
)

// Value is what is known of an argument without running the script.
type Value struct {
	Text  string // the text, or its beginning
	Known bool   // Text is all of it
	From  *Use   // what it was made by, or read from, where that is a use
}

// Begins reports whether at least the beginning of the text is known.
func (v Value) Begins() bool { return v.Known || v.Text != "" }

// Uses lists what a script uses of its surroundings, in the order of the source.
func Uses(name, source string, o Options) ([]Use, error) {
	prog, err := parse(name, source, o)
	if err != nil {
		return nil, err
	}
	r := resolve(prog, source, o)
	if r.err != nil {
		return nil, located(name, source, r.err)
	}
	u := &users{given: make(map[*binding]single), asked: make(map[string]bool)}
	for _, n := range prog.body {
		u.collect(n)
	}
	for _, n := range prog.body {
		u.visit(n)
	}
	checked := make(map[string]bool)
	for _, use := range u.uses {
		if use.Checked {
			checked[strings.Join(use.Path, ".")] = true
		}
	}
	for i := range u.uses {
		for n := range u.uses[i].Path {
			if checked[strings.Join(u.uses[i].Path[:n+1], ".")] {
				u.uses[i].Guarded = true
			}
		}
	}
	// A method that is also looked at without a call may be one that the script
	// asks for before it calls it.
	return slices.DeleteFunc(u.uses, func(use Use) bool {
		return use.Kind == Method && u.asked[use.Chain[len(use.Chain)-1]]
	}), nil
}

// Places returns what gives the line and column of an offset in a source, from 1.
func Places(source string) func(offset int) (line, column int) {
	return linesOf(source).position
}

// users collects uses.
type users struct {
	given map[*binding]single
	uses  []Use
	try   int             // nesting of try blocks
	inner int             // nesting of functions
	depth int             // of values in values
	asked map[string]bool // members that are read and not called
}

// single is the value of a variable that gets one once.
type single struct {
	value node
	each  bool // an element of value
	times int
}

func (u *users) give(n node, value node, each bool) {
	if id, ok := n.(*ident); ok {
		if id.bind != nil {
			g := u.given[id.bind]
			u.given[id.bind] = single{value, each, g.times + 1}
		}
		return
	}
	// a pattern: each name in it gets something
	children(n, func(c node) { u.give(c, nil, false) })
}

// collect finds what variables are given.
func (u *users) collect(n node) {
	switch n := n.(type) {
	case *declarator:
		if n.init != nil {
			u.give(n.target, n.init, false)
		} else if _, plainName := n.target.(*ident); !plainName {
			u.give(n.target, nil, false)
		}
	case *assign:
		value := n.r
		if n.op != "=" {
			value = nil
		}
		if id, ok := bare(n.l).(*ident); ok {
			u.give(id, value, false)
		}
	case *update:
		if id, ok := bare(n.x).(*ident); ok {
			u.give(id, nil, false)
		}
	case *forIn:
		target := n.left
		if d, ok := target.(*varDecl); ok && len(d.decls) == 1 {
			target = d.decls[0].target
		}
		if n.each.pos != 0 || n.of {
			u.give(target, n.right, true)
		} else {
			u.give(target, nil, false)
		}
	case *fn:
		for _, p := range n.params {
			u.give(p, nil, false)
		}
		if n.name != nil {
			u.give(n.name, nil, false)
		}
	}
	children(n, u.collect)
}

// maxFollow is how many variables are followed from one to the next.
const maxFollow = 20

// value tells what is known of an expression.
func (u *users) value(n node) Value {
	if u.depth++; u.depth > maxFollow {
		u.depth--
		return Value{}
	}
	defer func() { u.depth-- }()
	switch n := bare(n).(type) {
	case *str:
		return Value{Text: n.value, Known: true}
	case *atom:
		if len(n.text) > 0 && n.text[0] >= '0' && n.text[0] <= '9' {
			return Value{Text: n.text, Known: true}
		}
	case *binary:
		return u.sum(n)
	case *ident:
		if g, ok := u.once(n); ok {
			v := u.value(g.value)
			if g.each {
				v = Value{From: v.From}
			}
			return v
		}
		if n.bind == nil {
			return Value{From: &Use{Path: []string{n.name}, Kind: Read, Pos: n.pos}}
		}
	case *newCall:
		if path, ok := u.path(n.callee); ok {
			use := &Use{Path: path, Kind: Made, Pos: n.pos, Args: u.values(n.args)}
			if isText(path) && len(use.Args) == 1 {
				return use.Args[0]
			}
			return Value{From: use}
		}
	case *call:
		if m, ok := bare(n.callee).(*member); ok && len(n.args) == 0 {
			switch v := u.value(m.obj); m.name {
			case "toString", "trim", "valueOf":
				return v
			case "getPath", "getAbsolutePath", "getCanonicalPath", "getAbsoluteFile", "getCanonicalFile", "toPath", "toFile",
				"listFiles", "toAbsolutePath", "toRealPath", "normalize", "toURL", "toURI":
				return Value{From: v.From}
			}
		}
		if path, ok := u.path(n.callee); ok {
			use := &Use{Path: path, Kind: Called, Pos: n.pos, Args: u.values(n.args)}
			if isText(path) && len(use.Args) == 1 {
				return use.Args[0]
			}
			return Value{From: use}
		}
		if m, ok := bare(n.callee).(*member); ok && m.name == "listFiles" {
			return Value{From: u.value(m.obj).From}
		}
	case *index:
		return Value{From: u.value(n.obj).From}
	case *member:
		if path, ok := u.path(n); ok {
			return Value{From: &Use{Path: path, Kind: Read, Pos: n.pos}}
		}
		switch n.name {
		case "path", "absolutePath", "canonicalPath", "absoluteFile":
			return Value{From: u.value(n.obj).From}
		}
	}
	return Value{}
}

// sum is what is known of a + b + c, from the left.
func (u *users) sum(n *binary) Value {
	terms := []node{}
	var left node = n
	for {
		b, ok := bare(left).(*binary)
		if !ok || b.op != "+" {
			break
		}
		terms, left = append(terms, b.r), b.l
	}
	if len(terms) == 0 {
		return Value{}
	}
	v := u.value(left)
	for i := len(terms) - 1; i >= 0 && v.Known; i-- {
		r := u.value(terms[i])
		v = Value{Text: v.Text + r.Text, Known: r.Known}
	}
	return Value{Text: v.Text, Known: v.Known}
}

// made returns what made a value in plain sight, a class or a method of one, and the
// methods called on it since.
func (u *users) made(n node) (on *Use, chain []string, ok bool) {
	if u.depth++; u.depth > maxFollow {
		u.depth--
		return nil, nil, false
	}
	defer func() { u.depth-- }()
	switch n := bare(n).(type) {
	case *ident:
		if g, ok := u.once(n); ok && !g.each {
			return u.made(g.value)
		}
	case *newCall:
		if path, ok := u.path(n.callee); ok && n.extra == nil {
			return &Use{Path: path, Kind: Made, Pos: n.pos}, nil, true
		}
	case *call:
		if path, ok := u.path(n.callee); ok {
			return &Use{Path: path, Kind: Called, Pos: n.pos}, nil, len(path) > 1 // a function gives anything
		}
		if m, ok := bare(n.callee).(*member); ok {
			on, chain, ok := u.made(m.obj)
			return on, append(chain[:len(chain):len(chain)], m.name), ok
		}
	}
	return nil, nil, false
}

// method adds the call of a method on a value that was made in plain sight.
func (u *users) method(n *call) {
	m, ok := bare(n.callee).(*member)
	if !ok || n.optional {
		return
	}
	if on, chain, ok := u.made(m.obj); ok {
		u.add(Use{Path: on.Path, Kind: Method, Pos: m.nameAt.pos, On: on, Chain: append(chain[:len(chain):len(chain)], m.name)})
	}
}

// isText tells the functions that give a text back as it is.
func isText(path []string) bool {
	name := strings.TrimPrefix(strings.Join(path, "."), "Packages.")
	return name == "String" || name == "java.lang.String"
}

func (u *users) values(args []node) []Value {
	out := make([]Value, len(args))
	for i, a := range args {
		out[i] = u.value(a)
	}
	return out
}

// once returns what a variable is given, if that happens once.
func (u *users) once(id *ident) (single, bool) {
	if id.bind == nil || id.dyn {
		return single{}, false
	}
	g := u.given[id.bind]
	return g, g.times == 1 && g.value != nil
}

// path returns the dotted path of an expression that begins with a free name.
func (u *users) path(n node) ([]string, bool) {
	if u.depth++; u.depth > maxFollow {
		u.depth--
		return nil, false
	}
	defer func() { u.depth-- }()
	switch n := bare(n).(type) {
	case *ident:
		if n.bind == nil {
			return []string{n.name}, true
		}
		if g, ok := u.once(n); ok && !g.each {
			switch bare(g.value).(type) {
			case *ident, *member, *index:
				return u.path(g.value)
			}
		}
	case *member:
		if path, ok := u.path(n.obj); ok {
			return append(path[:len(path):len(path)], n.name), true
		}
	case *index:
		if key, ok := bare(n.key).(*str); ok {
			if path, ok := u.path(n.obj); ok {
				return append(path[:len(path):len(path)], key.value), true
			}
		}
	}
	return nil, false
}

func (u *users) add(use Use) {
	use.Guarded = use.Guarded || u.try > 0
	use.Inner = u.inner > 0
	u.uses = append(u.uses, use)
}

func (u *users) visit(n node) {
	switch n := n.(type) {
	case *try:
		if len(n.catches) > 0 {
			u.try++
			u.visit(n.body)
			u.try--
		} else {
			u.visit(n.body)
		}
		for _, c := range n.catches {
			u.visit(c)
		}
		if n.finally != nil {
			u.visit(n.finally)
		}
		return
	case *unary:
		if n.op == "typeof" {
			if path, ok := u.path(n.x); ok {
				pos, _ := n.x.extent()
				u.add(Use{Path: path, Pos: pos, Guarded: true, Checked: true})
				return
			}
		}
	case *assign:
		if path, ok := u.path(n.l); ok {
			pos, _ := n.l.extent()
			u.add(Use{Path: path, Kind: Written, Pos: pos})
			u.visit(n.r)
			return
		}
	case *newCall:
		if path, ok := u.path(n.callee); ok {
			u.add(Use{Path: path, Kind: Made, Pos: n.pos, Args: u.values(n.args)})
			u.each(n.args)
			if n.extra != nil {
				u.visit(n.extra)
			}
			return
		}
	case *call:
		if path, ok := u.path(n.callee); ok {
			u.add(Use{Path: path, Kind: Called, Pos: n.pos, Args: u.values(n.args)})
			u.each(n.args)
			return
		}
		u.method(n)
		if m, ok := bare(n.callee).(*member); ok && !n.optional {
			u.visit(m.obj)
			u.each(n.args)
			return
		}
	case *member, *index:
		if m, ok := n.(*member); ok {
			u.asked[m.name] = true
		}
		if path, ok := u.path(n); ok {
			pos, _ := n.extent()
			u.add(Use{Path: path, Pos: pos})
			if i, ok := n.(*index); ok {
				u.visit(i.key)
			}
			return
		}
	case *ident:
		if n.bind == nil && !n.dyn {
			u.add(Use{Path: []string{n.name}, Pos: n.pos})
		}
		return
	case *fn:
		if n.name != nil && n.name.bind == nil {
			u.add(Use{Path: []string{n.name.name}, Kind: Written, Pos: n.pos})
		}
		u.inner++
		children(n, u.visit)
		u.inner--
		return
	}
	children(n, u.visit)
}

func (u *users) each(list []node) {
	for _, n := range list {
		u.visit(n)
	}
}
