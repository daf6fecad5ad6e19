package xslt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// compiler makes a Stylesheet of a tree. A problem is a panic with an *Error, which
// Compile recovers.
type compiler struct {
	sheet  *Stylesheet
	root   *tree.Node
	places map[*tree.Node]place

	globals map[xpath.Name]int
	locals  []local // visible where the compiler is
	slots   int     // of the template
	calls   []func()

	version string
	aliases map[string]alias // by the stylesheet's namespace
}

type local struct {
	name xpath.Name
	slot int
}

type alias struct{ prefix, uri string }

func newCompiler(root *tree.Node, places map[*tree.Node]place) *compiler {
	return &compiler{
		root: root, places: places, globals: make(map[xpath.Name]int), aliases: make(map[string]alias),
		sheet: &Stylesheet{
			modes:     make(map[xpath.Name]*rules),
			templates: make(map[xpath.Name]*template),
			keys:      make(map[xpath.Name][]*key),
			sets:      make(map[xpath.Name][]*attributeSet),
			formats:   map[xpath.Name]*decimalFormat{{}: newDecimalFormat()},
			tree:      root,
			steps:     MaxSteps,
		},
	}
}

func (c *compiler) fail(n *tree.Node, format string, args ...any) {
	at := c.places[n]
	panic(&Error{at.line, at.column, fmt.Sprintf(format, args...)})
}

func isXSL(n *tree.Node, local string) bool {
	return n.Kind == tree.Element && n.Name.Space == Space && n.Name.Local == local
}

func (c *compiler) compile() {
	if !isXSL(c.root, "stylesheet") && !isXSL(c.root, "transform") {
		c.simplified()
		return
	}
	c.version = c.required(c.root, "version")
	var top []*tree.Node
	for _, n := range c.root.Children() {
		switch {
		case n.Kind == tree.Element:
			top = append(top, n)
		case strings.TrimSpace(n.Data) != "":
			c.fail(c.root, "there is text between the declarations")
		}
	}
	for _, n := range top {
		c.announce(n)
	}
	for _, n := range top {
		c.declaration(n)
	}
	c.finish()
}

// simplified compiles a stylesheet that is one literal result element.
func (c *compiler) simplified() {
	if c.version = attribute(c.root, tree.Name{Space: Space, Local: "version"}); c.version == "" {
		c.fail(c.root, "the root element is neither xsl:stylesheet nor has it an attribute xsl:version")
	}
	patterns, err := xpath.CompilePattern("/", c.environment(c.root))
	if err != nil {
		c.fail(c.root, "%s", err)
	}
	t := &template{place: c.places[c.root]}
	t.body = sequence{c.literal(c.root)}
	t.slots = c.slots
	c.addRule(xpath.Name{}, rule{template: t, pattern: patterns[0]})
	c.finish()
}

func (c *compiler) finish() {
	for _, call := range c.calls {
		call()
	}
	for _, r := range c.sheet.modes {
		r.sort()
	}
}

// announce makes known what declarations may refer to before it stands there.
func (c *compiler) announce(n *tree.Node) {
	if n.Name.Space != Space {
		return
	}
	switch n.Name.Local {
	case "variable", "param":
		name := c.qname(n, c.required(n, "name"))
		if _, known := c.globals[name]; known {
			c.fail(n, "there are two global variables of one name")
		}
		c.globals[name] = -1 - len(c.globals)
		c.sheet.globals = append(c.sheet.globals, &global{name: name, param: n.Name.Local == "param"})
	case "key":
		name := c.qname(n, c.required(n, "name"))
		c.sheet.keys[name] = append(c.sheet.keys[name], &key{})
	case "namespace-alias":
		from, to := c.aliasOf(n, "stylesheet-prefix"), c.aliasOf(n, "result-prefix")
		c.aliases[from.uri] = to
	case "decimal-format":
		c.decimalFormat(n)
	case "attribute-set":
		name := c.qname(n, c.required(n, "name"))
		c.sheet.sets[name] = append(c.sheet.sets[name], &attributeSet{})
	}
}

func (c *compiler) aliasOf(n *tree.Node, name string) alias {
	prefix := c.required(n, name)
	if prefix == "#default" {
		prefix = ""
	}
	uri, ok := n.NamespaceOf(prefix)
	if !ok {
		c.fail(n, "the prefix %s is not declared", prefix)
	}
	return alias{prefix, uri}
}

func (c *compiler) declaration(n *tree.Node) {
	if n.Name.Space != Space {
		if n.Name.Space == "" {
			c.fail(n, "an element without namespace is no declaration")
		}
		return // data for document('')
	}
	c.slots, c.locals = 0, nil
	switch n.Name.Local {
	case "template":
		c.template(n)
	case "variable", "param":
		c.global(n)
	case "key":
		c.key(n)
	case "attribute-set":
		c.attributeSet(n)
	case "output":
		c.output(n)
	case "strip-space", "preserve-space":
		c.spaceRules(n)
	case "namespace-alias", "decimal-format":
	case "import", "include":
		c.fail(n, "xsl:%s is not available: a stylesheet reaches no other files", n.Name.Local)
	default:
		if c.version == "1.0" {
			c.fail(n, "xsl:%s is no declaration", n.Name.Local)
		}
	}
}

func (c *compiler) template(n *tree.Node) {
	t := &template{place: c.places[n]}
	name, match := text(n, "name"), text(n, "match")
	if name == "" && match == "" {
		c.fail(n, "a template has neither name nor match")
	}
	t.body = c.body(n)
	t.slots = c.slots
	if name != "" {
		q := c.qname(n, name)
		if c.sheet.templates[q] != nil {
			c.fail(n, "there are two templates of one name")
		}
		c.sheet.templates[q] = t
	}
	if match == "" {
		return
	}
	var mode xpath.Name
	if m := text(n, "mode"); m != "" {
		mode = c.qname(n, m)
	}
	c.locals = nil
	for _, p := range c.pattern(n, "match") {
		r := rule{template: t, pattern: p, priority: p.Priority()}
		if has(n, "priority") {
			r.priority = xpath.ParseNumber(text(n, "priority"))
			if r.priority != r.priority {
				c.fail(n, "the priority is no number")
			}
		}
		c.addRule(mode, r)
	}
}

func (c *compiler) addRule(mode xpath.Name, r rule) {
	if c.sheet.modes[mode] == nil {
		c.sheet.modes[mode] = newRules()
	}
	c.sheet.modes[mode].add(r)
}

func (c *compiler) global(n *tree.Node) {
	g := c.sheet.globals[-1-c.globals[c.qname(n, text(n, "name"))]]
	g.binding = c.binding(n)
	g.slots = c.slots
}

func (c *compiler) key(n *tree.Node) {
	list := c.sheet.keys[c.qname(n, text(n, "name"))]
	k := list[slices.IndexFunc(list, func(k *key) bool { return k.use == nil })]
	k.match = c.pattern(n, "match")
	k.use = c.expression(n, "use")
}

func (c *compiler) attributeSet(n *tree.Node) {
	list := c.sheet.sets[c.qname(n, text(n, "name"))]
	set := list[slices.IndexFunc(list, func(s *attributeSet) bool { return !s.compiled })]
	set.compiled = true
	set.uses = c.attributeSets(n, text(n, "use-attribute-sets"))
	for _, a := range n.Children() {
		if a.Kind == tree.Element && !isXSL(a, "attribute") {
			c.fail(a, "an attribute set holds something other than xsl:attribute")
		}
	}
	set.body = c.body(n)
	set.slots = c.slots
}

// attributeSets resolves the names of attribute sets.
func (c *compiler) attributeSets(n *tree.Node, names string) [][]*attributeSet {
	var sets [][]*attributeSet
	for _, name := range strings.Fields(names) {
		set := c.sheet.sets[c.qname(n, name)]
		if set == nil {
			c.fail(n, "there is no attribute set %s", name)
		}
		sets = append(sets, set)
	}
	return sets
}

func (c *compiler) spaceRules(n *tree.Node) {
	env := c.environment(n)
	for _, name := range strings.Fields(c.required(n, "elements")) {
		patterns, err := xpath.CompilePattern(name, env)
		if err != nil {
			c.fail(n, "%s", err)
		}
		c.sheet.spaces = append(c.sheet.spaces, spaceRule{patterns[0], n.Name.Local == "strip-space"})
	}
}
