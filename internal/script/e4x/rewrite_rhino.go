package e4x

import "strings"

// try joins catch clauses with conditions into one.
func (r *rewriter) try(n *try) {
	if len(n.catches) == 0 || n.catches[0].cond == nil {
		children(n, func(n node) {
			if c, ok := n.(*catch); ok {
				r.target(c.param, true)
				r.caught(c)
				r.emit(c.body)
				return
			}
			r.emit(n)
		})
		return
	}
	r.emit(n.body)
	var thrown string
	closing := " }"
	for i, c := range n.catches {
		id, isName := c.param.(*ident)
		switch {
		case i == 0 && isName:
			thrown = id.name
			r.w.copy(id.end)
			r.w.put(") {")
			if r.rhino {
				r.w.put(" ", thrown, " = ", host("caught"), thrown, ");")
			}
		case i == 0:
			thrown = r.names.temp()
			r.w.copy(startOf(c.param))
			r.w.put(thrown, ") { let ")
			r.target(c.param, true)
			r.w.copy(endOf(c.param))
			r.w.put(" = ", thrown, ";")
		case c.param == nil || isName && id.name == thrown:
			r.w.put(" else")
		default:
			r.w.skip(startOf(c.param))
			r.w.put(" else { let ")
			r.target(c.param, true)
			r.w.copy(endOf(c.param))
			r.w.put(" = ", thrown, ";")
			closing += " }"
		}
		if c.cond != nil {
			r.w.skip(startOf(c.cond))
			r.w.put(" if (")
			r.emit(c.cond)
			r.w.copy(endOf(c.cond))
			r.w.put(")")
		}
		r.w.skip(c.body.pos)
		r.w.put(" ")
		r.emit(c.body)
		r.w.copy(c.body.end)
	}
	if n.catches[len(n.catches)-1].cond != nil {
		r.w.put(" else throw ", thrown, ";")
	}
	r.w.put(closing)
	if n.finally != nil {
		r.emit(n.finally)
	}
}

// caught has a clause begin with the error as Rhino words it, where it looks at
// the error.
func (r *rewriter) caught(c *catch) {
	id, ok := c.param.(*ident)
	if !ok || !r.rhino || !strings.Contains(r.w.src[c.body.pos:c.body.end], id.name) {
		return
	}
	r.w.copy(c.body.pos + 1)
	r.w.put(" ", id.name, " = ", host("caught"), id.name, ");")
}

// letBlock writes let (a = 1) {…}. The initializers see the names outside, so
// their values wait in helper variables.
func (r *rewriter) letBlock(n *letBlock) {
	r.w.copy(n.pos)
	r.w.put("{ ")
	inner := make([]string, len(n.decls))
	for i, d := range n.decls {
		inner[i] = oneLine(r.w.src[startOf(d.target):endOf(d.target)])
		if d.init == nil {
			continue
		}
		temp := r.names.temp()
		inner[i] += " = " + temp
		r.w.skip(startOf(d.init))
		r.w.put("let ", temp, " = ")
		r.arg(d.init)
		r.w.put("; ")
	}
	r.w.skip(n.body.pos)
	if len(inner) > 0 {
		r.w.put("{ let ", strings.Join(inner, ", "), "; ")
	} else {
		r.w.put("{ ")
	}
	r.emit(n.body)
	r.w.copy(n.end)
	r.w.put(" } }")
}

// letExpr writes let (a = 1) a + 2 as a call that keeps the order of the
// source: first the values, then the function that takes them.
func (r *rewriter) letExpr(n *letExpr) {
	r.w.copy(n.pos)
	r.w.put("((...v) => (f) => f(...v))(")
	params := make([]string, len(n.decls))
	for i, d := range n.decls {
		params[i] = oneLine(r.w.src[startOf(d.target):endOf(d.target)])
		if i > 0 {
			r.w.put(", ")
		}
		if d.init == nil {
			r.w.put("void 0")
			continue
		}
		r.arg(d.init)
	}
	r.w.skip(startOf(n.body))
	r.w.put(")((", strings.Join(params, ", "), ") => (")
	r.emit(n.body)
	r.w.copy(n.end)
	r.w.put("))")
}

func oneLine(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "\u2028", " ", "\u2029", " ").Replace(s)
}

// comprehension writes [item for each (x in list) if (cond)]: a function that
// makes an item, handed to one that has the loops, as this is the order of the
// source.
func (r *rewriter) comprehension(n *comprehension) {
	item, list := r.names.free+"f", r.names.free+"r"
	var vars []string
	for _, l := range n.loops {
		names(l.target, func(id *ident) { vars = append(vars, id.name) })
	}
	args := strings.Join(vars, ", ")
	r.w.copy(n.pos)
	r.w.put("((e, l) => l(e))((", args, ") => (")
	r.w.skip(startOf(n.item))
	r.emit(n.item)
	r.w.copy(endOf(n.item))
	r.w.put("), (", item, ") => { var ", list, " = [];")
	for _, l := range n.loops {
		r.w.skip(startOf(l.target))
		r.w.put(" for (let ")
		r.target(l.target, true)
		r.w.copy(endOf(l.target))
		r.w.skip(startOf(l.list))
		if l.each {
			r.w.put(" of ", host("each"))
			r.arg(l.list)
			r.w.put("))")
		} else {
			r.w.put(" in ")
			r.arg(l.list)
			r.w.put(")")
		}
	}
	if n.cond != nil {
		r.w.skip(startOf(n.cond))
		r.w.put(" if (")
		r.arg(n.cond)
		r.w.put(")")
	}
	r.w.skip(n.end)
	r.w.put(" ", list, ".push(", item, "(", args, ")); return ", list, "; })")
}

// template writes a template. In Rhino's dialect it is a string, so its ${
// is escaped, and so are the escapes that only strings have.
func (r *rewriter) template(n *template) {
	if !r.rhino {
		each(n.holes, r.emit)
		return
	}
	src, end := r.w.src, n.end-1
	for i := n.pos + 1; i < end; i++ {
		switch src[i] {
		case '$':
			if src[i+1] == '{' {
				r.w.copy(i)
				r.w.put(`\`)
			}
		case '\\':
			r.stringEscape(i, end)
			i++
		}
	}
}

// stringEscape replaces an escape at i that a template does not take.
func (r *rewriter) stringEscape(i, end int) {
	s := r.w.src[i:end]
	switch c := s[1]; {
	case c >= '0' && c <= '7':
		if c == '0' && (len(s) == 2 || !isDigit(s[2])) {
			return
		}
		var b strings.Builder
		n := escape(&b, s)
		v := []rune(b.String())[0]
		r.w.copy(i)
		r.w.put(`\x`, string("0123456789abcdef"[v>>4]), string("0123456789abcdef"[v&15]))
		r.w.skip(i + n)
	case c == '8' || c == '9',
		c == 'x' && !(len(s) >= 4 && isHex(s[2]) && isHex(s[3])),
		c == 'u' && !isUnicodeEscape(s):
		r.w.copy(i)
		r.w.skip(i + 1)
	}
}

func isUnicodeEscape(s string) bool {
	_, n := unicodeEscape(s)
	return n > 0
}
