package xmlhost_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// The model is E4X as scripts of channels see it, written down in the simplest
// way: trees of elements, texts and attributes, and lists that know where they were
// asked for. It shares no code with the engine.

type mNode struct {
	uri, prefix, name string // name is "" for a text
	text              string // of a text or an attribute
	attrs             []*mNode
	decls             map[string]string // prefixes declared here
	kids              []*mNode
	parent            *mNode
	isAttr            bool
}

// mSpace is a Namespace object. Its prefix is decided when it first names something.
type mSpace struct {
	uri, prefix string
	decided     bool
}

// mKey is what a member is read or written by.
type mKey struct {
	index       int // -1 for a name
	attr, below bool
	any         bool // in every namespace
	space       *mSpace
	name        string // "" for *
}

// mValue is undefined (nil items and single nil), one node, or a list.
type mValue struct {
	one   *mNode
	items []*mNode
	list  bool
	base  *mValue // what a list was read from, with key; nil where nothing is kept
	key   mKey
	kept  bool // the key is kept
}

type mThrow struct{ name string }

func typeError() { panic(mThrow{"TypeError"}) }

func (v *mValue) all() []*mNode {
	if v.one != nil {
		return []*mNode{v.one}
	}
	return v.items
}

func (v *mValue) undefined() bool { return v.one == nil && !v.list }

func (n *mNode) isText() bool { return n.name == "" }

func (n *mNode) simple() bool {
	for _, k := range n.kids {
		if !k.isText() {
			return false
		}
	}
	return true
}

func (n *mNode) string() string {
	if n.isText() || n.isAttr {
		return n.text
	}
	if !n.simple() {
		return n.markup()
	}
	s := ""
	for _, k := range n.kids {
		s += k.text
	}
	return s
}

func (n *mNode) markup() string {
	if n.isAttr {
		return "" // as the engine of the channels does
	}
	if n.isText() {
		return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(n.text)
	}
	return n.write(map[string]string{"": ""}, true)
}

func (n *mNode) tag() string {
	if n.prefix != "" {
		return n.prefix + ":" + n.name
	}
	return n.name
}

func (n *mNode) sortedAttrs() []*mNode {
	attrs := append([]*mNode(nil), n.attrs...)
	sort.SliceStable(attrs, func(i, j int) bool { return attrs[i].tag() < attrs[j].tag() })
	return attrs
}

// write writes the start tag in the order of the serializer: declarations, attributes
// with what their names need, and what the element's name needs; of the first element
// its own prefix before all, once the first attribute has come.
func (n *mNode) write(outside map[string]string, first bool) string {
	scope := map[string]string{}
	for p, u := range outside {
		scope[p] = u
	}
	type pair struct{ name, value string }
	var tag []pair
	add := func(name, value string) {
		for i := range tag {
			if tag[i].name == name {
				tag[i].value = value
				return
			}
		}
		tag = append(tag, pair{name, value})
	}
	declare := func(prefix, uri string) {
		if old, ok := scope[prefix]; ok && old == uri {
			return
		}
		scope[prefix] = uri
		if prefix == "" {
			add("xmlns", uri)
		} else if uri != "" {
			add("xmlns:"+prefix, uri)
		}
	}
	var prefixes []string
	for p := range n.decls {
		prefixes = append(prefixes, p)
	}
	sort.Strings(prefixes)
	attrs := n.sortedAttrs()
	own := n.prefix
	if n.uri == "" {
		own = ""
	}
	if uri, ok := n.decls[n.prefix]; first && ok {
		if uri != "" {
			declare(n.prefix, uri)
		}
	} else if first && own == n.prefix && n.uri != "" && (len(attrs) == 0 || attrs[0].uri != "" && attrs[0].prefix == n.prefix && n.prefix != "") {
		if len(attrs) > 0 {
			declare(n.prefix, attrs[0].uri)
		} else {
			declare(own, n.uri)
		}
	}
	for _, p := range prefixes {
		declare(p, n.decls[p])
	}
	generated := 0
	for _, a := range attrs {
		name := a.tag()
		if a.uri != "" {
			if a.prefix == "" {
				name = "ns" + strconv.Itoa(generated) + ":" + name
			}
			generated++
			declare(name[:strings.Index(name, ":")], a.uri)
		}
		add(name, a.text)
	}
	declare(own, n.uri)
	s := "<" + n.tag()
	for _, a := range tag {
		s += " " + a.name + `="` + a.value + `"`
	}
	inside := ""
	for _, k := range n.kids {
		if k.isText() {
			inside += k.markup()
		} else {
			inside += k.write(scope, false)
		}
	}
	if inside == "" {
		return s + "/>"
	}
	return s + ">" + inside + "</" + n.tag() + ">"
}

// uriOf is the namespace of a prefix at a node: by declarations, and by names.
func (n *mNode) uriOf(prefix string) string {
	for e := n; e != nil; e = e.parent {
		if e.isText() || e.isAttr {
			continue
		}
		if e.uri != "" && e.prefix == prefix {
			return e.uri
		}
		if u, ok := e.decls[prefix]; ok {
			return u
		}
	}
	return ""
}

// prefixOf decides the prefix of a namespace for something made at a node.
func (s *mSpace) prefixOf(n *mNode) string {
	if s.decided || s.uri == "" || n == nil {
		s.decided = true
		return s.prefix
	}
	s.decided = true
	for e := n; e != nil; e = e.parent {
		if e.isText() || e.isAttr {
			continue
		}
		if e.uri == s.uri && e.prefix != "" && n.uriOf(e.prefix) == s.uri {
			s.prefix = e.prefix
			return s.prefix
		}
		var found []string
		for p, u := range e.decls {
			if p != "" && u == s.uri && n.uriOf(p) == u {
				found = append(found, p)
			}
		}
		if len(found) > 0 {
			sort.Strings(found)
			s.prefix = found[0]
			return s.prefix
		}
	}
	if n.uriOf("") == s.uri {
		return ""
	}
	for i := 0; ; i++ {
		s.prefix = "e4x_" + strconv.Itoa(i)
		if n.uriOf(s.prefix) == "" {
			break
		}
	}
	top := n
	for top.parent != nil {
		top = top.parent
	}
	top.decls[s.prefix] = s.uri
	return s.prefix
}

// declared is what an element declares, and its default namespace if that is new.
func (n *mNode) declared() map[string]string {
	found := map[string]string{}
	if n.parent == nil || n.uriOf("") != n.parent.uriOf("") {
		found[""] = n.uriOf("")
	}
	for p, u := range n.decls {
		if p != "" {
			found[p] = u
		}
	}
	return found
}

// inScope is what is declared at a node; the innermost declaration counts.
func (n *mNode) inScope() map[string]string {
	found := map[string]string{}
	for e := n; e != nil; e = e.parent {
		if e.isText() || e.isAttr {
			continue
		}
		for p, u := range e.declared() {
			if _, ok := found[p]; !ok {
				found[p] = u
			}
		}
	}
	return found
}

// spaces lists namespaces as the scripts do: sorted, without the empty one.
func spaces(m map[string]string) string {
	var list []string
	for p, u := range m {
		if p != "" || u != "" {
			list = append(list, p+"="+u)
		}
	}
	sort.Strings(list)
	return strings.Join(list, ",")
}

func (v *mValue) string() string {
	if v.undefined() {
		return "undefined"
	}
	all := v.all()
	if len(all) == 1 {
		return all[0].string()
	}
	// A list of texts and the like is their texts, any other is markup.
	s := ""
	simple := true
	for _, n := range all {
		if !n.isText() && !n.isAttr {
			simple = false
		}
	}
	for _, n := range all {
		if simple {
			s += n.text
		} else {
			s += n.markup()
		}
	}
	return s
}

func (v *mValue) markup() string {
	s := ""
	for _, n := range v.all() {
		s += n.markup()
	}
	return s
}

func (n *mNode) copy() *mNode {
	c := &mNode{uri: n.uri, prefix: n.prefix, name: n.name, text: n.text, isAttr: n.isAttr, decls: map[string]string{}}
	for p, u := range n.decls {
		c.decls[p] = u
	}
	for _, a := range n.attrs {
		c.attrs = append(c.attrs, &mNode{uri: a.uri, prefix: a.prefix, name: a.name, text: a.text, isAttr: true, parent: c})
	}
	for _, k := range n.kids {
		c.add(len(c.kids), k.copy())
	}
	return c
}

// inserted is a copy to be put among children, where an attribute is its text.
func (n *mNode) inserted() *mNode {
	if n.isAttr {
		return &mNode{text: n.text}
	}
	return n.copy()
}

func (n *mNode) add(at int, k *mNode) {
	k.parent = n
	n.kids = append(n.kids[:at:at], append([]*mNode{k}, n.kids[at:]...)...)
}

func (n *mNode) index(k *mNode) int {
	for i, c := range n.kids {
		if c == k {
			return i
		}
	}
	return -1
}

func (n *mNode) drop(k *mNode) {
	if i := n.index(k); i >= 0 {
		n.kids = append(n.kids[:i:i], n.kids[i+1:]...)
		k.parent = nil
	}
}

// setText makes a text, be it empty, the only child.
func (n *mNode) setText(s string) {
	for _, k := range n.kids {
		k.parent = nil
	}
	n.kids = nil
	n.add(0, &mNode{text: s})
}

// element makes an element for a key, at a place in a tree or nowhere.
func (k mKey) element(at *mNode) *mNode {
	return &mNode{uri: k.space.uri, prefix: k.space.prefixOf(at), name: k.name, decls: map[string]string{}}
}

func (k mKey) selects(n *mNode) bool {
	if k.any && k.name == "" {
		return true
	}
	return !n.isText() && (k.name == "" || k.name == n.name) && (k.any || k.space.uri == n.uri)
}

// xmlnsAttrs are the declarations as attributes, which * finds.
func (n *mNode) allAttrs() []*mNode {
	attrs := append([]*mNode(nil), n.attrs...)
	for p, u := range n.decls {
		a := &mNode{uri: "http://www.w3.org/2000/xmlns/", prefix: "xmlns", name: p, text: u, isAttr: true, parent: n}
		if p == "" {
			a.prefix, a.name = "", "xmlns"
		}
		attrs = append(attrs, a)
	}
	sort.SliceStable(attrs, func(i, j int) bool { return attrs[i].tag() < attrs[j].tag() })
	return attrs
}

// get reads a member.
func (v *mValue) get(key mKey) *mValue {
	if v.undefined() {
		typeError()
	}
	if key.index >= 0 {
		if all := v.all(); key.index < len(all) {
			return &mValue{one: all[key.index]}
		}
		return &mValue{}
	}
	out := &mValue{list: true, base: v, key: key, kept: !key.attr && !key.below}
	if key.below || key.attr && v.one != nil {
		out.base = nil
	}
	for _, n := range v.all() {
		switch {
		case key.below:
			out.items = n.descendants(key, out.items)
		case key.attr:
			for _, a := range n.allAttrs() {
				if key.selects(a) {
					out.items = append(out.items, a)
				}
			}
		default:
			for _, k := range n.kids {
				if key.selects(k) {
					out.items = append(out.items, k)
				}
			}
		}
	}
	return out
}

func (n *mNode) descendants(key mKey, out []*mNode) []*mNode {
	for _, k := range n.kids {
		if key.selects(k) {
			out = append(out, k)
		}
		out = k.descendants(key, out)
	}
	return out
}

// change does something to the node a member is assigned to: the one there is, or a new
// one where the list was asked for, which is put there afterwards.
func (v *mValue) change(do func(n *mNode)) {
	all := v.all()
	switch {
	case v.undefined() || len(all) > 1:
		typeError()
	case len(all) == 1:
		do(all[0])
		return
	case !v.kept || v.base == nil || v.key.name == "" || v.key.any:
		typeError()
	}
	n := v.key.element(nil)
	v.items = []*mNode{n}
	do(n)
	v.base.change(func(parent *mNode) {
		parent.place(mKey{index: -1, space: &mSpace{uri: v.key.space.uri}, name: v.key.name}, func() []*mNode { return []*mNode{n} })
		v.items = []*mNode{parent.kids[len(parent.kids)-1]}
	})
}

// set assigns a text or copies of nodes to a member.
func (v *mValue) set(key mKey, text string, nodes []*mNode, isXML bool) {
	if key.index >= 0 {
		v.setItem(key.index, text, nodes, isXML)
		return
	}
	v.change(func(n *mNode) { n.set(key, text, nodes, isXML) })
}

func (n *mNode) set(key mKey, text string, nodes []*mNode, isXML bool) {
	if key.attr {
		if n.isText() || n.isAttr {
			typeError()
		}
		for _, a := range n.attrs {
			if a.name == key.name && a.uri == key.space.uri {
				a.prefix, a.text = key.space.prefixOf(n), text
				return
			}
		}
		n.attrs = append(n.attrs, &mNode{uri: key.space.uri, prefix: key.space.prefixOf(n), name: key.name, text: text, isAttr: true, parent: n})
		return
	}
	if n.isText() || n.isAttr {
		return
	}
	n.place(key, func() []*mNode {
		if !isXML {
			fresh := key.element(n)
			fresh.setText(text)
			return []*mNode{fresh}
		}
		var fresh []*mNode
		for _, c := range nodes {
			fresh = append(fresh, c.copy())
		}
		return fresh
	})
}

// place puts nodes where the first child of a name is, after the others have gone.
func (n *mNode) place(key mKey, fresh func() []*mNode) {
	var old []*mNode
	for _, k := range n.kids {
		if key.selects(k) {
			old = append(old, k)
		}
	}
	at := len(n.kids)
	if len(old) > 0 {
		for _, k := range old[1:] {
			n.drop(k)
		}
	}
	nodes := fresh()
	if len(old) > 0 {
		at = n.index(old[0])
		n.drop(old[0])
	}
	for i, c := range nodes {
		n.add(at+i, c)
	}
}

// setItem assigns to a list by index. An item that gets a text is changed, and a copy
// takes its place; the list keeps the item.
func (v *mValue) setItem(i int, text string, nodes []*mNode, isXML bool) {
	if !v.list {
		typeError() // x[0] = … on one XML
	}
	var item *mNode
	if i < len(v.items) {
		item = v.items[i]
	}
	switch {
	case isXML:
	case !v.kept:
		nodes = []*mNode{{text: text}}
	case item != nil:
		if !item.isText() && !item.isAttr {
			item.setText(text)
		}
		nodes = []*mNode{item}
	case len(v.items) > 0:
		c := v.items[0].copy()
		if !c.isText() {
			c.setText(text)
		}
		nodes = []*mNode{c}
	default:
		c := v.key.element(nil)
		c.setText(text)
		nodes = []*mNode{c}
	}
	if item != nil {
		if p := item.parent; p != nil && !item.isAttr {
			at := p.index(item)
			c := nodes[0].copy()
			p.drop(item)
			p.add(at, c)
			return // a literal is one node, and the list keeps the item
		}
		v.items = append(v.items[:i:i], append([]*mNode{nodes[0]}, v.items[i+1:]...)...)
		return
	}
	var parent *mNode
	if len(v.items) > 0 {
		parent = v.items[0].parent
		for _, n := range v.items {
			if n.parent != parent || n.parent == nil || n.isAttr {
				parent = nil
				break
			}
		}
	} else if v.base != nil && len(v.base.all()) == 1 {
		parent = v.base.all()[0]
	}
	if parent == nil {
		v.items = append(v.items, nodes...)
		return
	}
	if parent.isText() || parent.isAttr {
		return
	}
	for _, c := range nodes {
		parent.add(len(parent.kids), c.inserted())
	}
	v.items = append(v.items, parent.kids[len(parent.kids)-1])
}

func (n *mNode) dropAttr(a *mNode) {
	if a.uri == "http://www.w3.org/2000/xmlns/" {
		delete(n.decls, strings.TrimPrefix(a.name, "xmlns"))
		return
	}
	for i, b := range n.attrs {
		if a == b {
			n.attrs = append(n.attrs[:i:i], n.attrs[i+1:]...)
			a.parent = nil
			return
		}
	}
}

// remove deletes a member, and reports whether it is gone.
func (v *mValue) remove(key mKey) bool {
	if v.undefined() {
		typeError()
	}
	for _, k := range v.get(key).all() {
		switch {
		case k.parent == nil:
		case k.isAttr:
			k.parent.dropAttr(k)
		default:
			k.parent.drop(k)
		}
	}
	if key.index >= 0 {
		if v.list && key.index < len(v.items) {
			v.items = append(v.items[:key.index:key.index], v.items[key.index+1:]...)
		}
		return key.index >= len(v.all())
	}
	return len(v.get(key).all()) == 0
}

// play is a random script, and beside each of its lines what the model says.
type play struct {
	r       *rand.Rand
	vars    map[string]*mValue
	spaces  map[string]*mSpace // the Namespace objects n0, n1 …
	space   *mSpace            // the default xml namespace
	lines   []string
	answers []string
}

const modelSpaces = `n0 = new Namespace(''), n1 = new Namespace('urn:x'), n2 = new Namespace('q', 'urn:y'), n3 = new Namespace('p', 'urn:x'), n4 = new Namespace('', 'urn:y')`

func newSpaces() map[string]*mSpace {
	return map[string]*mSpace{
		"n0": {decided: true}, "n1": {uri: "urn:x"}, "n2": {uri: "urn:y", prefix: "q", decided: true},
		"n3": {uri: "urn:x", prefix: "p", decided: true}, "n4": {uri: "urn:y", decided: true},
	}
}

// key is what a member in a script selects when it is read.
func (p *play) key(source string) mKey {
	k := mKey{index: -1, space: &mSpace{uri: p.space.uri}}
	if i, err := strconv.Atoi(source); err == nil {
		return mKey{index: i}
	}
	source, k.below = strings.CutPrefix(source, "..")
	source, k.attr = strings.CutPrefix(source, "@")
	if k.attr {
		k.space = &mSpace{}
	}
	if ns, name, ok := strings.Cut(source, "::"); ok {
		source = name
		if k.any = ns == "*"; !k.any {
			k.space = p.spaces[ns]
		}
	} else if source == "*" {
		k.any = true
	}
	k.name = strings.TrimPrefix(source, "*")
	return k
}

// randomPath returns a chain of reads as source and as its value. plain chains have
// names and indexes only, and can be assigned to.
func (p *play) randomPath(plain bool) (string, func() *mValue) {
	name := []string{"x", "x", "x", "y"}[p.r.IntN(4)]
	source, keys := name, []string{}
	for range p.r.IntN(4) {
		key := p.pick("b", "c", "d", "b", "c", "0", "1", p.qualified())
		if !plain {
			key = p.pick("b", "c", "d", "b", "0", "1", "*", "@k", "..b", "..c", p.qualified(), "*::b", ".."+p.qualified(), "@*", "@*::k", "@"+p.qualified(), "n1::*")
		}
		if _, err := strconv.Atoi(key); err == nil && len(keys) == 0 {
			key = "b" // an index on one XML has rules of its own, see below
		}
		keys = append(keys, key)
		source += member(key)
		if key[0] == '@' {
			break
		}
	}
	return source, func() *mValue {
		v := p.vars[name]
		for _, k := range keys {
			v = v.get(p.key(k))
		}
		return v
	}
}

func (p *play) randomSpace() string { return p.pick("n0", "n1", "n1", "n2", "n3", "n4") }

func (p *play) qualified() string { return p.randomSpace() + "::" + p.pick("b", "c", "d") }

func member(key string) string {
	if _, err := strconv.Atoi(key); err == nil {
		return "[" + key + "]"
	}
	if strings.HasPrefix(key, "..") {
		return key
	}
	return "." + key
}

func (p *play) pick(of ...string) string { return of[p.r.IntN(len(of))] }

// do adds a line and runs it on the model.
func (p *play) do(source string, f func() string) {
	p.lines = append(p.lines, "t(function () { return "+source+" });")
	answer := func() (s string) {
		defer func() {
			switch e := recover().(type) {
			case nil:
			case mThrow:
				s = e.name
			default:
				panic(e)
			}
		}()
		return f()
	}()
	p.answers = append(p.answers, answer)
}

// fragment is a random element as source and as the model's.
func (p *play) fragment() (string, *mNode) {
	name, text := p.pick("b", "c", "d"), p.pick("", "v", "1")
	n := &mNode{name: name, uri: p.space.uri, decls: map[string]string{}}
	if text != "" {
		n.setText(text)
	}
	attr := ""
	switch p.r.IntN(6) {
	case 0, 1:
		attr = ` k="` + text + `q"`
		n.attrs = append(n.attrs, &mNode{name: "k", text: text + "q", isAttr: true, parent: n})
	case 2:
		attr = ` xmlns="urn:y"`
		n.uri, n.decls[""] = "urn:y", "urn:y"
	case 3:
		attr = ` xmlns:p="urn:x" p:k="2"`
		n.decls["p"] = "urn:x"
		n.attrs = append(n.attrs, &mNode{uri: "urn:x", prefix: "p", name: "k", text: "2", isAttr: true, parent: n})
	}
	inside := text
	if p.r.IntN(3) == 0 {
		inside += "<c>w</c>"
		c := &mNode{name: "c", uri: n.uri, decls: map[string]string{}}
		c.setText("w")
		n.add(len(n.kids), c)
	}
	return "<" + name + attr + ">" + inside + "</" + name + ">", n
}

// single is the one node of a value, for methods that others do not have.
func (v *mValue) single() *mNode {
	if v.undefined() || len(v.all()) != 1 {
		typeError()
	}
	return v.all()[0]
}

func (n *mNode) isElement() bool { return !n.isText() && !n.isAttr }

func (p *play) step() {
	switch p.r.IntN(25) {
	case 0, 1, 2:
		p.observe()
	case 3, 4:
		path, at := p.randomPath(true)
		key, text := p.pick("b", "c", "d", "@k", "@m", p.qualified(), "@"+p.randomSpace()+"::k"), p.pick("v", "w", "", "1", "<&>")
		if key[0] == '@' {
			text = p.pick("v", "1", "")
		}
		p.do(path+member(key)+" = '"+text+"'", func() string {
			v := at()
			v.set(p.key(key), text, nil, false)
			return text
		})
	case 5, 6:
		path, at := p.randomPath(true)
		key := p.pick("b", "c", "d", p.qualified())
		s, n := p.fragment()
		p.do("("+path+member(key)+" = "+s+").toXMLString()", func() string {
			at().set(p.key(key), "", []*mNode{n}, true)
			return n.markup()
		})
	case 7:
		path, at := p.randomPath(true)
		key, i, text := p.pick("b", "c", p.qualified()), p.pick("0", "1", "3"), p.pick("v", "w")
		p.do(path+member(key)+"["+i+"] = '"+text+"'", func() string {
			at().get(p.key(key)).set(p.key(i), text, nil, false)
			return text
		})
	case 8:
		path, at := p.randomPath(true)
		key := p.pick("b", "c", "@k", p.qualified(), "@*", "@"+p.randomSpace()+"::k", "*::b")
		p.do("delete "+path+member(key), func() string {
			gone := at().remove(p.key(key))
			if strings.Contains(key, "::") {
				return "skip" // what delete of such a reference gives is not in the sheet
			}
			return strconv.FormatBool(gone)
		})
	case 9:
		path, at := p.randomPath(true)
		key, i := p.pick("b", "c"), p.pick("0", "1")
		p.do("delete "+path+member(key)+"["+i+"]", func() string { return strconv.FormatBool(at().get(p.key(key)).remove(p.key(i))) })
	case 10:
		path, at := p.randomPath(true)
		key := p.pick("b", "c", "d", p.qualified())
		p.do(path+member(key)+" += 'z'", func() string {
			v := at()
			text := v.get(p.key(key)).string() + "z"
			v.set(p.key(key), text, nil, false)
			return text
		})
	case 11:
		path, at := p.randomPath(true)
		s, n := p.fragment()
		method := p.pick("appendChild", "prependChild")
		p.do(path+"."+method+"("+s+") != null", func() string {
			to := at().single()
			if !to.isElement() {
				return "true"
			}
			if method == "appendChild" {
				to.add(len(to.kids), n.copy())
			} else {
				to.add(0, n.copy())
			}
			return "true"
		})
	case 12: // a variable that stays in the tree, or is a copy
		path, at := p.randomPath(true)
		if p.r.IntN(2) == 0 {
			p.do("(y = "+path+", typeof y)", func() string {
				v := at()
				if v.undefined() {
					p.vars["y"] = &mValue{}
					return "undefined"
				}
				p.vars["y"] = v
				return "xml"
			})
			return
		}
		p.do("(y = "+path+".copy()).toXMLString()", func() string {
			v := at()
			if v.undefined() {
				typeError()
			}
			c := mValue{list: v.list}
			for _, n := range v.all() {
				c.items = append(c.items, n.copy())
			}
			if !v.list {
				c = mValue{one: c.items[0]}
			}
			p.vars["y"] = &c
			return c.markup()
		})
	case 13:
		path, at := p.randomPath(true)
		name := p.pick("b", "c", "e")
		space := p.pick("", "", "n1", "n2", "n3")
		source := "'" + name + "'"
		if space != "" {
			source = "new QName(" + space + ", '" + name + "')"
		}
		p.do(path+".setName("+source+")", func() string {
			n := at().single()
			s := *p.space
			if space != "" {
				s = *p.spaces[space]
			}
			if !n.isText() {
				n.uri, n.prefix, n.name = s.uri, s.prefixOf(n), name
			}
			return "undefined"
		})
	case 14:
		path, at := p.randomPath(true)
		text := p.pick("v", "w", "")
		p.do(path+".setChildren('"+text+"') != null", func() string {
			if n := at().single(); n.isElement() {
				n.setText(text)
			}
			return "true"
		})
	case 15:
		path, at := p.randomPath(true)
		key, i := p.pick("b", "c"), p.pick("0", "1")
		s, n := p.fragment()
		p.do("("+path+member(key)+"["+i+"] = "+s+", x.toXMLString())", func() string {
			at().get(p.key(key)).set(p.key(i), "", []*mNode{n}, true)
			return p.vars["x"].markup()
		})
	case 16: // beside a child, or a list, which is ignored
		path, at := p.randomPath(true)
		key, index := p.pick("b", "c"), p.pick("[0]", "[1]", "")
		method := p.pick("insertChildAfter", "insertChildBefore")
		s, n := p.fragment()
		p.do(path+"."+method+"("+path+member(key)+index+", "+s+") != null", func() string {
			v := at()
			if v.undefined() {
				typeError()
			}
			ref := v.get(p.key(key))
			if index != "" {
				ref = ref.get(p.key(index[1:2]))
			}
			to := v.single()
			if ref.one == nil {
				return "false"
			}
			if i := to.index(ref.one); i >= 0 {
				if method == "insertChildAfter" {
					i++
				}
				to.add(i, n.copy())
			}
			return "true"
		})
	case 17:
		path, at := p.randomPath(true)
		key, text := p.pick("b", "c", "d"), p.pick("v", "w")
		p.do(path+".replace('"+key+"', '"+text+"') != null", func() string {
			at().single().set(p.key(key), text, nil, false)
			return "true"
		})
	case 18, 19:
		uri := p.pick("urn:x", "urn:y", "", "urn:z")
		source := "'" + uri + "'"
		s := &mSpace{uri: uri, decided: uri == ""}
		if p.r.IntN(2) == 0 {
			name := p.randomSpace()
			source, s = name, p.spaces[name]
		}
		copied := *s
		p.space = &copied
		p.lines = append(p.lines, "default xml namespace = "+source+";")
	case 20:
		path, at := p.randomPath(true)
		name := p.randomSpace()
		p.do(path+".setNamespace("+name+")", func() string {
			n := at().single()
			if s := *p.spaces[name]; !n.isText() {
				n.uri, n.prefix = s.uri, s.prefixOf(n)
			}
			return "undefined"
		})
	case 21:
		path, at := p.randomPath(true)
		prefix, uri := p.pick("z", "w", "p9"), p.pick("urn:x", "urn:z")
		p.do(path+".addNamespace(new Namespace('"+prefix+"', '"+uri+"')) != null", func() string {
			if n := at().single(); n.isElement() {
				n.decls[prefix] = uri
			}
			return "true"
		})
	case 22:
		path, at := p.randomPath(true)
		name := p.pick("n1", "n2", "n3")
		p.do(path+".removeNamespace("+name+") != null", func() string {
			n, s := at().single(), p.spaces[name]
			if !n.isElement() {
				return "true"
			}
			for _, a := range append([]*mNode{n}, n.attrs...) {
				if s.decided && a.uri == s.uri && a.prefix == s.prefix {
					return "true"
				}
			}
			if n.uriOf("") == s.uri {
				return "true"
			}
			for e := n; e != nil; e = e.parent {
				if found := (&mSpace{uri: s.uri}); e.knows(s.uri, n) {
					if prefix := found.prefixOf(n); !s.decided || s.prefix == prefix {
						n.decls[prefix] = n.uriOf("")
					}
					break
				}
			}
			return "true"
		})
	case 23: // what is set in a function ends with it
		path, at := p.randomPath(true)
		key, name := p.pick("b", "c", "d"), p.randomSpace()
		p.do("(function () { default xml namespace = "+name+"; "+path+member(key)+" = 'f'; return "+path+member(key)+".length() })()", func() string {
			outside := p.space
			defer func() { p.space = outside }()
			s := *p.spaces[name]
			p.space = &s
			at().set(p.key(key), "f", nil, false)
			return strconv.Itoa(len(at().get(p.key(key)).all()))
		})
	case 24:
		path, at := p.randomPath(true)
		name := p.pick("b", "e")
		p.do(path+".setLocalName('"+name+"')", func() string {
			if n := at().single(); !n.isText() {
				n.name = name
			}
			return "undefined"
		})
	}
}

// knows reports whether an element's own name or declarations give a namespace a
// prefix that still means it at n.
func (n *mNode) knows(uri string, at *mNode) bool {
	if n.isText() || n.isAttr {
		return false
	}
	if n.uri == uri && n.prefix != "" && at.uriOf(n.prefix) == uri {
		return true
	}
	for p, u := range n.decls {
		if p != "" && u == uri && at.uriOf(p) == uri {
			return true
		}
	}
	return false
}

func (p *play) observe() {
	path, at := p.randomPath(false)
	need := func() *mValue {
		v := at()
		if v.undefined() {
			typeError()
		}
		return v
	}
	switch p.r.IntN(20) {
	case 0:
		p.do("String("+path+")", func() string { return at().string() })
	case 1:
		p.do(path+".length()", func() string { return strconv.Itoa(len(need().all())) })
	case 2:
		p.do(path+".toXMLString()", func() string { return need().markup() })
	case 3:
		text := p.pick("v", "1", "")
		p.do(path+" == '"+text+"'", func() string {
			v := at()
			all := v.all()
			simple := len(all) == 1 && all[0].simple()
			return strconv.FormatBool(simple && all[0].string() == text)
		})
	case 4:
		p.do("typeof "+path, func() string {
			if at().undefined() {
				return "undefined"
			}
			return "xml"
		})
	case 5:
		p.do(path+" + 'z'", func() string { return at().string() + "z" })
	case 6:
		p.do("(function () { var s = ''; for each (var v in "+path+") s += v.nodeKind() + v.name() + ','; return s })()", func() string {
			s := ""
			for _, n := range at().all() {
				s += n.kind() + n.fullName() + ","
			}
			return s
		})
	case 7:
		p.do("(function () { var s = ''; for (var i in "+path+") s += i + ','; return s })()", func() string {
			s := ""
			for i := range at().all() {
				s += strconv.Itoa(i) + ","
			}
			return s
		})
	case 8:
		p.do(path+".name()", func() string { return need().single().fullName() })
	case 9:
		p.do("("+path+" + <c>1</c>).length()", func() string {
			v := at()
			if v.undefined() {
				return "skip"
			}
			return strconv.Itoa(len(v.all()) + 1)
		})
	case 10:
		key, text := p.pick("b", "c", "@k", "n1::b", "@n3::k"), p.pick("v", "1", "w")
		source := key
		p.do(path+".("+source+" == '"+text+"').toXMLString()", func() string {
			s := ""
			for _, n := range need().all() {
				v := (&mValue{one: n}).get(p.key(key))
				if all := v.all(); len(all) == 1 && all[0].simple() && all[0].string() == text {
					s += n.markup()
				}
			}
			return s
		})
	case 12:
		p.do(path+".parent() == null ? 'none' : String("+path+".parent().name())", func() string {
			all := need().all()
			if len(all) == 0 {
				return "none"
			}
			for _, n := range all {
				if n.isAttr || n.parent != all[0].parent {
					return "none"
				}
			}
			if all[0].parent == nil {
				return "none"
			}
			return all[0].parent.fullName()
		})
	case 13:
		p.do(path+".childIndex()", func() string {
			if n := need().single(); n.parent != nil && !n.isAttr {
				return strconv.Itoa(n.parent.index(n))
			}
			return "-1"
		})
	case 14:
		p.do(path+".attributes().length() + ',' + "+path+".elements().length() + ',' + "+path+".text().length() + ',' + "+path+".children().length()", func() string {
			attributes, elements, texts := 0, 0, 0
			for _, n := range need().all() {
				attributes += len(n.attrs) + len(n.decls)
				if n.isAttr {
					texts++ // its value
				}
				for _, k := range n.kids {
					if k.isText() {
						texts++
					} else {
						elements++
					}
				}
			}
			return fmt.Sprintf("%d,%d,%d,%d", attributes, elements, texts, elements+texts)
		})
	case 15:
		other, also := p.randomPath(false)
		p.do(path+" == "+other+"[0]", func() string {
			a, b := at(), also().get(p.key("0"))
			if a.undefined() || b.undefined() || b.one.isAttr || len(a.all()) == 1 && a.all()[0].isAttr {
				return "skip" // what the sheet says nothing about
			}
			return strconv.FormatBool(len(a.all()) == 1 && a.all()[0].markup() == b.one.markup())
		})
	case 11:
		p.do(path+".hasSimpleContent()", func() string {
			all := need().all()
			switch len(all) {
			case 0:
				return "true"
			case 1:
				return strconv.FormatBool(all[0].simple())
			}
			for _, n := range all {
				if !n.isText() && !n.isAttr {
					return "false"
				}
			}
			return "true"
		})
	case 16:
		p.do(path+".inScopeNamespaces().map(function (n) { return n.prefix + '=' + n.uri }).sort().join()", func() string {
			return spaces(need().single().inScope())
		})
	case 17:
		p.do(path+".namespaceDeclarations().map(function (n) { return n.prefix + '=' + n.uri }).sort().join()", func() string {
			n := need().single()
			if !n.isElement() {
				return ""
			}
			return spaces(n.declared())
		})
	case 18:
		prefix := p.pick("own", "p", "q", "", "zz")
		source := "'" + prefix + "'"
		if prefix == "own" {
			source = ""
		}
		p.do("(function () { var n = "+path+".namespace("+source+"); return n === undefined ? 'none' : n.prefix + '=' + n.uri })()", func() string {
			n := need().single()
			prefix := prefix
			if prefix == "own" {
				prefix = n.prefix
			}
			if prefix == "" && n.isAttr {
				return "="
			}
			if uri, ok := n.inScope()[prefix]; ok || prefix == "" {
				return prefix + "=" + uri
			}
			return "none"
		})
	case 19:
		key := p.pick("b", "c", "0", "1", "*", "@k")
		p.do("'"+key+"' in "+path, func() string {
			v := need()
			got := v.get(p.key(key))
			return strconv.FormatBool(!got.undefined() && len(got.all()) > 0)
		})
	}
}

func (n *mNode) fullName() string {
	switch {
	case n.isText():
		return "null"
	case n.uri != "":
		return n.uri + "::" + n.name
	}
	return n.name
}

func (n *mNode) kind() string {
	switch {
	case n.isAttr:
		return "attribute"
	case n.isText():
		return "text"
	}
	return "element"
}

// Roots are what scripts begin with.
const (
	plainRoot     = `<a><b k="v">1</b><c>v</c><b><c>w</c></b></a>`
	qualifiedRoot = `<p:a xmlns:p="urn:x" xmlns:q="urn:y" q:k="1"><p:b k="v">1</p:b><q:c>v</q:c><b><p:c>w</p:c></b></p:a>`
)

// build makes the model's tree of a root: names with texts or with what is inside.
func build(name, uri, prefix, text string, kids ...*mNode) *mNode {
	n := &mNode{name: name, uri: uri, prefix: prefix, decls: map[string]string{}}
	if text != "" {
		n.setText(text)
	}
	for _, k := range kids {
		n.add(len(n.kids), k)
	}
	return n
}

func (n *mNode) with(uri, prefix, name, text string) *mNode {
	n.attrs = append(n.attrs, &mNode{uri: uri, prefix: prefix, name: name, text: text, isAttr: true, parent: n})
	return n
}

// newPlay makes a script of some steps.
func newPlay(seed uint64, steps int) *play {
	p := &play{r: rand.New(rand.NewPCG(seed, 1)), vars: map[string]*mValue{}, spaces: newSpaces(), space: &mSpace{decided: true}}
	root := build("a", "", "", "", build("b", "", "", "1").with("", "", "k", "v"), build("c", "", "", "v"), build("b", "", "", "", build("c", "", "", "w")))
	if p.rootSource(seed) == qualifiedRoot {
		root = build("a", "urn:x", "p", "", build("b", "urn:x", "p", "1").with("", "", "k", "v"), build("c", "urn:y", "q", "v"),
			build("b", "", "", "", build("c", "urn:x", "p", "w"))).with("urn:y", "q", "k", "1")
		root.decls = map[string]string{"p": "urn:x", "q": "urn:y"}
	}
	p.vars["x"] = &mValue{one: root}
	p.vars["y"] = &mValue{one: root}
	for range steps {
		p.step()
		p.do("x.toXMLString()", func() string { return p.vars["x"].markup() })
	}
	return p
}

func (p *play) rootSource(seed uint64) string {
	if seed%3 == 2 {
		return qualifiedRoot
	}
	return plainRoot
}

func (p *play) script(seed uint64) string {
	return "var x = " + p.rootSource(seed) + ", y = x, out = [], " + modelSpaces + ";" + `
function t(f) { var s; try { s = String(f()) } catch (e) { s = e.name } out.push(s) }
` + strings.Join(p.lines, "\n") + "\nreturn out.join('\\n')"
}

func comparePlay(t *testing.T, seed uint64, steps int) {
	p := newPlay(seed, steps)
	got, err := runCase(p.script(seed))
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, p.script(seed))
	}
	answers := strings.Split(got, "\n")
	for i, want := range p.answers {
		if want != "skip" && (i >= len(answers) || answers[i] != want) {
			t.Fatalf("seed %d, line %d\n%s\n got %q\nwant %q", seed, i, p.script(seed), answers[i], want)
		}
	}
}

// TestModel compares the engine with the model on fixed random scripts.
func TestModel(t *testing.T) {
	for seed := range uint64(600) {
		comparePlay(t, seed, 12)
	}
}

// FuzzModel does so on any.
func FuzzModel(f *testing.F) {
	f.Add(uint64(1), 12)
	f.Fuzz(func(t *testing.T, seed uint64, steps int) { comparePlay(t, seed, min(max(steps, 1), 60)) })
}
