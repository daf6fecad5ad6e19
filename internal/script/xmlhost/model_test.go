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
// way: trees of elements, texts and attributes without namespaces, and lists that
// know where they were asked for. It shares no code with the engine.

type mNode struct {
	name   string // "" for a text
	text   string // of a text or an attribute
	attrs  map[string]*mNode
	kids   []*mNode
	parent *mNode
	isAttr bool
}

// mValue is undefined (nil items and single nil), one node, or a list.
type mValue struct {
	one   *mNode
	items []*mNode
	list  bool
	base  *mValue // what a list was read from, with name
	name  string
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
	var names []string
	for k := range n.attrs {
		names = append(names, k)
	}
	sort.Strings(names)
	s := "<" + n.name
	for _, k := range names {
		s += " " + k + `="` + n.attrs[k].text + `"`
	}
	inside := ""
	for _, k := range n.kids {
		inside += k.markup()
	}
	if inside == "" {
		return s + "/>"
	}
	return s + ">" + inside + "</" + n.name + ">"
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
	c := &mNode{name: n.name, text: n.text, isAttr: n.isAttr, attrs: map[string]*mNode{}}
	for k, a := range n.attrs {
		c.attrs[k] = &mNode{name: k, text: a.text, isAttr: true, parent: c}
	}
	for _, k := range n.kids {
		c.add(len(c.kids), k.copy())
	}
	return c
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

func (n *mNode) setText(s string) {
	for _, k := range n.kids {
		k.parent = nil
	}
	n.kids = nil
	if s != "" {
		n.add(0, &mNode{text: s})
	}
}

func element(name, text string) *mNode {
	n := &mNode{name: name, attrs: map[string]*mNode{}}
	n.setText(text)
	return n
}

// get reads a member: a name, "*", "@k", "..name" or an index.
func (v *mValue) get(key string) *mValue {
	if v.undefined() {
		typeError()
	}
	if i, err := strconv.Atoi(key); err == nil {
		all := v.all()
		if i < len(all) {
			return &mValue{one: all[i]}
		}
		return &mValue{}
	}
	out := &mValue{list: true, base: v, name: key}
	for _, n := range v.all() {
		switch {
		case strings.HasPrefix(key, ".."):
			out.items = n.descendants(key[2:], out.items)
		case key[0] == '@':
			if a := n.attrs[key[1:]]; a != nil {
				out.items = append(out.items, a)
			}
		default:
			for _, k := range n.kids {
				if key == "*" || k.name == key {
					out.items = append(out.items, k)
				}
			}
		}
	}
	return out
}

func (n *mNode) descendants(name string, out []*mNode) []*mNode {
	for _, k := range n.kids {
		if k.name == name {
			out = append(out, k)
		}
		out = k.descendants(name, out)
	}
	return out
}

// create is the node that a member is assigned to: the one there is, or a new
// one where the list was asked for, which the list then holds.
func (v *mValue) create() *mNode {
	all := v.all()
	switch {
	case v.undefined() || len(all) > 1:
		typeError()
	case len(all) == 1:
		return all[0]
	case v.base == nil:
		typeError()
	}
	// ECMA-357 §9.2.1.10 assigns an empty text, which replaces what is there by now.
	parent := &mValue{one: v.base.create()}
	parent.set(v.name, "", nil, false)
	v.items = parent.get(v.name).items
	return v.items[0]
}

// set assigns a text or copies of nodes to a member.
func (v *mValue) set(key, text string, nodes []*mNode, isXML bool) {
	if i, err := strconv.Atoi(key); err == nil {
		v.setItem(i, text, nodes, isXML)
		return
	}
	n := v.create()
	if key[0] == '@' {
		n.attrs[key[1:]] = &mNode{name: key[1:], text: text, isAttr: true, parent: n}
		return
	}
	fresh := []*mNode{element(key, text)}
	if isXML {
		fresh = nil
		for _, c := range nodes {
			fresh = append(fresh, c.copy())
		}
	}
	at := -1
	for i := 0; i < len(n.kids); {
		if n.kids[i].name != key {
			i++
			continue
		}
		if at < 0 {
			at = i
		}
		n.drop(n.kids[i])
	}
	if at < 0 {
		at = len(n.kids)
	}
	for i, c := range fresh {
		n.add(at+i, c)
	}
}

func (v *mValue) setItem(i int, text string, nodes []*mNode, isXML bool) {
	if !v.list {
		typeError() // x[0] = … on one XML
	}
	if i < len(v.items) {
		item := v.items[i]
		if !isXML {
			item.setText(text)
			return
		}
		p := item.parent
		at := p.index(item)
		p.drop(item)
		for j, c := range nodes {
			p.add(at+j, c.copy())
		}
		return
	}
	var parent *mNode
	if len(v.items) > 0 {
		parent = v.items[0].parent
		for _, n := range v.items {
			if n.parent != parent || n.parent == nil {
				return // the list gets an item, and no tree does
			}
		}
	} else {
		parent = v.base.create()
	}
	if !isXML {
		n := element(v.name, text)
		if len(v.items) > 0 {
			n = v.items[0].copy() // a new item is like the first, with its attributes
			n.setText(text)
		}
		nodes = []*mNode{n}
	}
	for _, c := range nodes {
		parent.add(len(parent.kids), c.copy())
	}
}

func (v *mValue) remove(key string) {
	if v.undefined() {
		typeError()
	}
	if key[0] == '@' {
		for _, n := range v.all() {
			delete(n.attrs, key[1:])
		}
		return
	}
	for _, k := range v.get(key).all() {
		if k.parent != nil {
			k.parent.drop(k)
		}
	}
}

// play is a random script, and beside each of its lines what the model says.
type play struct {
	r       *rand.Rand
	vars    map[string]*mValue
	lines   []string
	answers []string
}

// randomPath returns a chain of reads as source and as its value. plain chains have
// names and indexes only, and can be assigned to.
func (p *play) randomPath(plain bool) (string, func() *mValue) {
	name := []string{"x", "x", "x", "y"}[p.r.IntN(4)]
	source, keys := name, []string{}
	for range p.r.IntN(4) {
		key := p.pick("b", "c", "d", "b", "c", "0", "1")
		if !plain {
			key = p.pick("b", "c", "d", "b", "0", "1", "*", "@k", "..b", "..c")
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
			v = v.get(k)
		}
		return v
	}
}

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
	n := element(name, text)
	attr := ""
	if p.r.IntN(3) == 0 {
		attr = ` k="` + text + `q"`
		n.attrs["k"] = &mNode{name: "k", text: text + "q", isAttr: true, parent: n}
	}
	inside := text
	if p.r.IntN(3) == 0 {
		inside += "<c>w</c>"
		n.add(len(n.kids), element("c", "w"))
	}
	return "<" + name + attr + ">" + inside + "</" + name + ">", n
}

func (p *play) step() {
	switch p.r.IntN(18) {
	case 0, 1, 2:
		p.observe()
	case 3, 4:
		path, at := p.randomPath(true)
		key, text := p.pick("b", "c", "d", "@k", "@m"), p.pick("v", "w", "", "1", "<&>")
		if key[0] == '@' {
			text = p.pick("v", "1", "")
		}
		p.do(path+member(key)+" = '"+text+"'", func() string { at().set(key, text, nil, false); return text })
	case 5, 6:
		path, at := p.randomPath(true)
		key := p.pick("b", "c", "d")
		s, n := p.fragment()
		p.do("("+path+member(key)+" = "+s+").toXMLString()", func() string {
			at().set(key, "", []*mNode{n}, true)
			return n.markup()
		})
	case 7:
		path, at := p.randomPath(true)
		key, i, text := p.pick("b", "c"), p.pick("0", "1", "3"), p.pick("v", "w")
		p.do(path+member(key)+"["+i+"] = '"+text+"'", func() string { at().get(key).set(i, text, nil, false); return text })
	case 8:
		path, at := p.randomPath(true)
		key := p.pick("b", "c", "@k")
		p.do("delete "+path+member(key), func() string { at().remove(key); return "true" })
	case 9:
		path, at := p.randomPath(true)
		key, i := p.pick("b", "c"), p.pick("0", "1")
		p.do("delete "+path+member(key)+"["+i+"]", func() string { at().get(key).remove(i); return "true" })
	case 10:
		path, at := p.randomPath(true)
		key := p.pick("b", "c", "d")
		p.do(path+member(key)+" += 'z'", func() string {
			v := at()
			text := v.get(key).string() + "z"
			v.set(key, text, nil, false)
			return text
		})
	case 11:
		path, at := p.randomPath(true)
		s, n := p.fragment()
		method := p.pick("appendChild", "prependChild")
		p.do(path+"."+method+"("+s+") != null", func() string {
			v := at()
			if v.undefined() || len(v.all()) != 1 {
				typeError()
			}
			to := v.all()[0]
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
		p.do(path+".setName('"+name+"')", func() string {
			v := at()
			if v.undefined() || len(v.all()) != 1 {
				typeError()
			}
			v.all()[0].name = name
			return "undefined"
		})
	case 14:
		path, at := p.randomPath(true)
		text := p.pick("v", "w")
		p.do(path+".setChildren('"+text+"') != null", func() string {
			v := at()
			if v.undefined() || len(v.all()) != 1 {
				typeError()
			}
			v.all()[0].setText(text)
			return "true"
		})
	case 15:
		path, at := p.randomPath(true)
		key, i := p.pick("b", "c"), p.pick("0", "1")
		s, n := p.fragment()
		p.do("("+path+member(key)+"["+i+"] = "+s+", x.toXMLString())", func() string {
			at().get(key).set(i, "", []*mNode{n}, true)
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
			ref := v.get(key)
			if index != "" {
				ref = ref.get(index[1:2])
			}
			if len(v.all()) != 1 {
				typeError()
			}
			to := v.all()[0]
			if ref.one == nil || ref.one.parent != to {
				return "true"
			}
			i := to.index(ref.one)
			if method == "insertChildAfter" {
				i++
			}
			to.add(i, n.copy())
			return "true"
		})
	case 17:
		path, at := p.randomPath(true)
		key, text := p.pick("b", "c", "d"), p.pick("v", "w")
		p.do(path+".replace('"+key+"', '"+text+"') != null", func() string {
			v := at()
			if v.undefined() || len(v.all()) != 1 {
				typeError()
			}
			(&mValue{one: v.all()[0]}).set(key, text, nil, false)
			return "true"
		})
	}
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
	switch p.r.IntN(16) {
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
		p.do("(function () { var s = ''; for each (var v in "+path+") s += v.nodeKind() + ','; return s })()", func() string {
			s := ""
			for _, n := range at().all() {
				s += n.kind() + ","
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
		p.do(path+".name()", func() string {
			v := need()
			if len(v.all()) != 1 {
				typeError()
			}
			if n := v.all()[0]; !n.isText() {
				return n.name
			}
			return "null"
		})
	case 9:
		p.do("("+path+" + <c>1</c>).length()", func() string {
			v := at()
			if v.undefined() {
				return "skip"
			}
			return strconv.Itoa(len(v.all()) + 1)
		})
	case 10:
		key, text := p.pick("b", "c", "@k"), p.pick("v", "1", "w")
		source := key
		p.do(path+".("+source+" == '"+text+"').toXMLString()", func() string {
			s := ""
			for _, n := range need().all() {
				v := (&mValue{one: n}).get(key)
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
				if n.parent != all[0].parent {
					return "none"
				}
			}
			if all[0].parent == nil {
				return "none"
			}
			return all[0].parent.name
		})
	case 13:
		p.do(path+".childIndex()", func() string {
			all := need().all()
			if len(all) != 1 {
				typeError()
			}
			if n := all[0]; n.parent != nil && !n.isAttr {
				return strconv.Itoa(n.parent.index(n))
			}
			return "-1"
		})
	case 14:
		p.do(path+".attributes().length() + ',' + "+path+".elements().length() + ',' + "+path+".text().length() + ',' + "+path+".children().length()", func() string {
			attributes, elements, texts := 0, 0, 0
			for _, n := range need().all() {
				attributes += len(n.attrs)
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
			a, b := at(), also().get("0")
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
	}
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

// newPlay makes a script of some steps.
func newPlay(seed uint64, steps int) *play {
	p := &play{r: rand.New(rand.NewPCG(seed, 1)), vars: map[string]*mValue{}}
	root := element("a", "")
	for _, k := range []struct{ name, text string }{{"b", "1"}, {"c", "v"}, {"b", ""}} {
		root.add(len(root.kids), element(k.name, k.text))
	}
	root.kids[0].attrs["k"] = &mNode{name: "k", text: "v", isAttr: true, parent: root.kids[0]}
	root.kids[2].add(0, element("c", "w"))
	p.vars["x"] = &mValue{one: root}
	p.vars["y"] = &mValue{one: root}
	for range steps {
		p.step()
		p.do("x.toXMLString()", func() string { return p.vars["x"].markup() })
	}
	return p
}

func (p *play) script() string {
	return `var x = <a><b k="v">1</b><c>v</c><b><c>w</c></b></a>, y = x, out = [];
function t(f) { var s; try { s = String(f()) } catch (e) { s = e.name } out.push(s) }
` + strings.Join(p.lines, "\n") + "\nreturn out.join('\\n')"
}

func comparePlay(t *testing.T, seed uint64, steps int) {
	p := newPlay(seed, steps)
	got, err := runCase(p.script())
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, p.script())
	}
	answers := strings.Split(got, "\n")
	for i, want := range p.answers {
		if want != "skip" && (i >= len(answers) || answers[i] != want) {
			t.Fatalf("seed %d, line %d\n%s\n got %q\nwant %q", seed, i, strings.Join(p.lines[:i+1], "\n"), answers[i], want)
		}
	}
}

// TestModel compares the engine with the model on fixed random scripts.
func TestModel(t *testing.T) {
	for seed := range uint64(1000) {
		comparePlay(t, seed, 12)
	}
}

// FuzzModel does so on any.
func FuzzModel(f *testing.F) {
	f.Add(uint64(1), 12)
	f.Fuzz(func(t *testing.T, seed uint64, steps int) { comparePlay(t, seed, min(max(steps, 1), 60)) })
}
