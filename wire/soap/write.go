package soap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// String writes the envelope in the form in which Mirth keeps responses: what
// JAX-WS makes of a message, printed by the transformer of Java.
//
// JAX-WS fills an empty envelope of its own, which has a header, and so an answer
// without a header gets an empty one, and the envelope a second prefix for its
// namespace. Blanks and comments between envelope, header, its entries and body
// are not kept; those in the body are. The transformer sorts attributes, leaves out
// namespaces that are declared again, and writes CDATA as text.
func (e *Envelope) String() string {
	w := &writer{scope: scope{}}
	w.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>`)
	prefix := "SOAP-ENV"
	if e.Version == SOAP12 {
		prefix = "env"
	}
	root := *e.root
	if !slices.ContainsFunc(root.namespaces, func(ns namespace) bool { return ns.prefix == prefix }) {
		root.namespaces = append(slices.Clip(root.namespaces), namespace{prefix, e.Version.Space()})
	}
	root.children = nil
	if e.header == nil {
		root.children = append(root.children, node{element: &Element{prefix: prefix, Name: Name{e.Version.Space(), "Header"}}})
	} else {
		header := *e.header
		header.children = nil
		for _, entry := range e.header.Elements() {
			header.children = append(header.children, node{element: entry})
		}
		root.children = append(root.children, node{element: &header})
	}
	body := *e.body
	body.children = slices.DeleteFunc(slices.Clone(body.children), func(n node) bool { return n.markup != "" })
	root.children = append(root.children, node{element: &body})
	w.element(&root)
	return w.String()
}

// Fault is an answer that says why there is none.
type Fault struct {
	Code   string // without its prefix: Client, Server, Sender, Receiver, …
	Reason string

	element *Element
}

// Fault returns the fault in the body, or nil.
func (e *Envelope) Fault() *Fault {
	payload := e.Payload()
	space := e.Version.Space()
	if payload == nil || payload.Name != (Name{space, "Fault"}) {
		return nil
	}
	f := &Fault{element: payload}
	code, reason := payload.Element(Name{"", "faultcode"}), payload.Element(Name{"", "faultstring"})
	if e.Version == SOAP12 {
		if code = payload.Element(Name{space, "Code"}); code != nil {
			code = code.Element(Name{space, "Value"})
		}
		if reason = payload.Element(Name{space, "Reason"}); reason != nil {
			reason = reason.Element(Name{space, "Text"})
		}
	}
	if code != nil {
		f.Code = code.Resolve(code.Text()).Local
	}
	if reason != nil {
		f.Reason = reason.Text()
	}
	return f
}

// String writes the element of a fault as Mirth keeps it: without a declaration and
// with each element in a line of its own. One of SOAP 1.1 is made anew of its parts,
// as JAX-WS does, with a prefix of its own and without what is no part.
func (f *Fault) String() string {
	e := f.element.alone()
	if e.Name.Space == Space11 {
		e = f.anew()
	}
	w := &writer{scope: scope{}, indent: true}
	w.element(e)
	return w.String()
}

func (f *Fault) anew() *Element {
	const own = "SOAP-ENV"
	out := &Element{prefix: own, Name: f.element.Name, namespaces: []namespace{{own, Space11}}}
	for _, local := range []string{"faultcode", "faultstring", "faultactor"} {
		from := f.element.Element(Name{"", local})
		if from == nil {
			continue
		}
		part := &Element{Name: from.Name, children: []node{{text: from.Text()}}}
		if prefix, _, ok := strings.Cut(strings.TrimSpace(from.Text()), ":"); ok && local == "faultcode" {
			if uri, known := from.uriOf(prefix); known && (prefix != own || uri != Space11) {
				part.namespaces = []namespace{{prefix, uri}}
			}
		}
		out.children = append(out.children, node{element: part})
	}
	if from := f.element.Element(Name{"", "detail"}); from != nil {
		detail := &Element{Name: from.Name}
		for _, entry := range from.Elements() {
			detail.children = append(detail.children, node{element: entry.alone()})
		}
		out.children = append(out.children, node{element: detail})
	}
	return out
}

// alone returns the element with the namespaces that it takes from those around it.
func (e *Element) alone() *Element {
	out := *e
	used := map[string]bool{}
	e.prefixes(used)
	for _, ns := range e.namespaces {
		delete(used, ns.prefix)
	}
	out.namespaces = slices.Clip(out.namespaces)
	for p := e.parent; p != nil; p = p.parent {
		for _, ns := range p.namespaces {
			if used[ns.prefix] {
				out.namespaces = append(out.namespaces, ns)
				delete(used, ns.prefix)
			}
		}
	}
	return &out
}

// prefixes notes those of elements and attributes, and what may be those of names in
// texts, such as a fault's code.
func (e *Element) prefixes(used map[string]bool) {
	used[e.prefix] = true
	for _, a := range e.attributes {
		if a.prefix != "" {
			used[a.prefix] = true
		}
	}
	for _, n := range e.children {
		if n.element != nil {
			n.element.prefixes(used)
		} else if prefix, _, ok := strings.Cut(strings.TrimSpace(n.text), ":"); ok {
			used[prefix] = true
		}
	}
}

// writer prints elements as the transformer of Java does.
type writer struct {
	strings.Builder
	scope  scope
	indent bool
	depth  int
}

func (w *writer) element(e *Element) {
	name := qualified(e.prefix, e.Name.Local)
	w.WriteString("<" + name)
	w.declarations(e)
	w.scope.enter(e)
	w.attributes(e)
	children := e.children
	inline := !w.indent || slices.ContainsFunc(children, func(n node) bool { return n.element == nil && strings.TrimSpace(n.text) != "" })
	if !inline {
		children = slices.DeleteFunc(slices.Clone(children), func(n node) bool { return n.element == nil && n.markup == "" })
	}
	if empty(children) {
		w.WriteString("/>")
	} else {
		w.WriteByte('>')
		w.content(children, inline)
		w.WriteString("</" + name + ">")
	}
	w.scope.leave(e)
	if w.indent && w.depth == 0 {
		w.WriteByte('\n')
	}
}

func (w *writer) content(children []node, inline bool) {
	outer := w.indent
	w.indent = outer && !inline
	w.depth++
	for _, n := range children {
		if w.indent {
			w.line(w.depth)
		}
		switch {
		case n.element != nil:
			w.element(n.element)
		case n.markup != "":
			w.WriteString(n.markup)
		default:
			w.escape(n.text, false)
		}
	}
	w.depth--
	if w.indent {
		w.line(w.depth)
	}
	w.indent = outer
}

func (w *writer) line(depth int) { w.WriteString("\n" + strings.Repeat("    ", depth)) }

func empty(children []node) bool {
	return !slices.ContainsFunc(children, func(n node) bool { return n.element != nil || n.text != "" || n.markup != "" })
}

// declarations writes the namespaces that are new here.
func (w *writer) declarations(e *Element) {
	sorted := slices.SortedFunc(slices.Values(e.namespaces), func(a, b namespace) int { return cmp.Compare(a.prefix, b.prefix) })
	for _, ns := range sorted {
		if uri, known := w.scope.of(ns.prefix); known && uri == ns.uri {
			continue
		}
		w.WriteByte(' ')
		if ns.prefix == "" {
			w.WriteString("xmlns")
		} else {
			w.WriteString("xmlns:" + ns.prefix)
		}
		w.value(ns.uri)
	}
}

func (w *writer) attributes(e *Element) {
	full := func(a attribute) string { return qualified(a.prefix, a.name.Local) }
	for _, a := range slices.SortedFunc(slices.Values(e.attributes), func(a, b attribute) int { return cmp.Compare(full(a), full(b)) }) {
		w.WriteString(" " + full(a))
		w.value(a.value)
	}
}

func (w *writer) value(text string) {
	w.WriteString(`="`)
	w.escape(text, true)
	w.WriteByte('"')
}

func qualified(prefix, local string) string {
	if prefix == "" {
		return local
	}
	return prefix + ":" + local
}

func (w *writer) escape(text string, attribute bool) {
	for _, r := range text {
		switch {
		case r == '&':
			w.WriteString("&amp;")
		case r == '<':
			w.WriteString("&lt;")
		case r == '>':
			w.WriteString("&gt;")
		case r == '"' && attribute:
			w.WriteString("&quot;")
		case r == '\r', (r == '\n' || r == '\t') && attribute, r >= 0x7f && r <= 0x9f, r == 0x2028:
			w.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		default:
			w.WriteRune(r)
		}
	}
}
