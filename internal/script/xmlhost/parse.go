package xmlhost

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// Parse does what new XML(text) does: a text that begins with < is parsed, of
// several root elements the last one counts, and comments outside of it are
// dropped. Any other text becomes a text node. Errors are [*tree.XMLError].
func (h *Host) Parse(text string) (*tree.Node, error) {
	if text == "" || text[0] != '<' {
		return tree.NewText(text), nil
	}
	nodes, err := h.parseFragment(text)
	if err != nil {
		return nil, err
	}
	s := h.settings()
	var last *tree.Node
	for _, n := range nodes {
		switch {
		case n.Kind == tree.Element:
			last = n
		case n.Kind == tree.Comment && s.ignoreComments:
		case last == nil:
			last = n
		}
	}
	if last == nil {
		last = tree.NewText("")
	}
	return last, nil
}

func (h *Host) parseFragment(text string) ([]*tree.Node, error) {
	s := h.settings()
	o := tree.XMLOptions{DropBlank: s.ignoreWhitespace, DropProcInsts: s.dropsProcInsts(), Stopped: h.hooks.Stopped}
	if h.space.uri != "" {
		o.Scope = []tree.Namespace{{URI: h.space.uri}}
	}
	return tree.ParseXMLFragment(strings.TrimSpace(text), o)
}

func (h *Host) parse(text string) *tree.Node {
	if strings.HasPrefix(text, "<>") {
		h.throw("An XMLList is not an XML")
	}
	n, err := h.Parse(text)
	if err != nil {
		h.throw("%s", err.Error())
	}
	return n
}

// makeXML is XML(v), and new XML(v), which copies.
func (h *Host) makeXML(v goja.Value, isNew bool) goja.Value {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return h.wrap(tree.NewText(""))
	}
	x, ok := h.xml(v)
	if !ok {
		return h.wrap(h.parse(h.Text(v)))
	}
	n := x.only()
	if n == nil {
		h.throw("A list of %d items is not an XML", x.count())
	}
	if isNew {
		n = n.Copy()
	}
	return h.wrap(n)
}

// makeXMLList is XMLList(v), and new XMLList(v), which never is v itself.
func (h *Host) makeXMLList(v goja.Value, isNew bool) goja.Value {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return h.newList().value()
	}
	x, ok := h.xml(v)
	if ok && x.list != nil && !isNew {
		return v
	}
	if ok {
		return h.newList(x.all()...).value()
	}
	text := strings.TrimSpace(h.Text(v))
	if strings.HasPrefix(text, "<>") {
		if !strings.HasSuffix(text, "</>") {
			h.throw("An XMLList has no end")
		}
		text = text[2 : len(text)-3]
	}
	nodes, err := h.parseFragment(text)
	if err != nil {
		h.throw("%s", err.Error())
	}
	return h.newList(nodes...).value()
}
