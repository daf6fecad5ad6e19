package xslt

import (
	"strings"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// body compiles what stands inside an element. Variables end with it.
func (c *compiler) body(n *tree.Node) sequence {
	outside := len(c.locals)
	var seq sequence
	children := n.Children()
	params := isXSL(n, "template")
	for i := 0; i < len(children); i++ {
		child := children[i]
		if child.Kind == tree.Element {
			if params = params && isXSL(child, "param"); isXSL(child, "param") && !params {
				c.fail(child, "xsl:param is not at the beginning of a template")
			}
			if in := c.instruction(child); in != nil {
				seq = append(seq, in)
			}
			continue
		}
		run := child.Data
		for i+1 < len(children) && children[i+1].Kind != tree.Element {
			i++
			run += children[i].Data
		}
		if strings.Trim(run, " \t\r\n") != "" || preserved(n) {
			seq = append(seq, &textInstruction{place: c.places[n], text: run})
		}
	}
	c.locals = c.locals[:outside]
	return seq
}

// preserved reports whether blank texts in a stylesheet are kept.
func preserved(n *tree.Node) bool {
	for ; n != nil; n = n.Parent() {
		switch attribute(n, tree.Name{Space: tree.XMLNamespace, Local: "space"}) {
		case "preserve":
			return true
		case "default":
			return false
		}
	}
	return false
}

// instruction compiles an element; nil where it stands for nothing by itself.
func (c *compiler) instruction(n *tree.Node) instruction {
	if n.Name.Space != Space {
		if c.isExtension(n) {
			return c.unknown(n)
		}
		return c.literal(n)
	}
	at := c.places[n]
	switch n.Name.Local {
	case "apply-templates":
		return c.applyTemplates(n)
	case "call-template":
		return c.callTemplate(n)
	case "apply-imports":
		return &applyImports{place: at}
	case "for-each":
		f := &forEach{place: at, nodes: c.expression(n, "select"), sorts: c.sorts(n)}
		f.body = c.body(n)
		return f
	case "value-of":
		return &valueOf{place: at, value: c.expression(n, "select"), raw: c.yes(n, "disable-output-escaping")}
	case "copy-of":
		return &copyOf{place: at, value: c.expression(n, "select")}
	case "copy":
		return &copyNode{place: at, sets: c.attributeSets(n, text(n, "use-attribute-sets")), body: c.body(n)}
	case "if":
		return &choose{place: at, whens: []when{{c.expression(n, "test"), c.body(n)}}}
	case "choose":
		return c.choose(n)
	case "variable", "param":
		return c.variable(n)
	case "text":
		return c.textElement(n)
	case "element":
		return c.element(n)
	case "attribute":
		return &attributeInstruction{place: at, name: c.nameTemplate(n), space: c.valueTemplate(n, "namespace"), scope: n, body: c.body(n)}
	case "comment":
		return &commentInstruction{place: at, body: c.body(n)}
	case "processing-instruction":
		return &procInst{place: at, name: c.nameTemplate(n), body: c.body(n)}
	case "number":
		return c.number(n)
	case "message":
		return &message{place: at, terminate: c.yes(n, "terminate"), body: c.body(n)}
	case "sort":
		if p := n.Parent(); isXSL(p, "for-each") {
			return nil // compiled with its parent
		}
		c.fail(n, "xsl:sort is not in its place")
	case "fallback":
		return nil
	}
	return c.unknown(n)
}

// isExtension reports whether the namespace of an element is one of extensions.
func (c *compiler) isExtension(n *tree.Node) bool {
	return c.inPrefixes(n, "extension-element-prefixes", n.Name.Space)
}

// inPrefixes looks for a namespace in a list of prefixes that the stylesheet and
// literal elements around n may have.
func (c *compiler) inPrefixes(n *tree.Node, list, uri string) bool {
	for e := n; e != nil; e = e.Parent() {
		name := tree.Name{Local: list}
		if e.Name.Space != Space {
			name.Space = Space
		}
		for _, prefix := range strings.Fields(attribute(e, name)) {
			if prefix == "#default" {
				prefix = ""
			}
			found, ok := e.NamespaceOf(prefix)
			if !ok {
				c.fail(e, "the prefix %s is not declared", prefix)
			}
			if found == uri {
				return true
			}
		}
	}
	return false
}

// unknown compiles an element of an extension or of a later version.
func (c *compiler) unknown(n *tree.Node) instruction {
	if n.Name.Space == Space && c.version == "1.0" {
		c.fail(n, "xsl:%s is no instruction", n.Name.Local)
	}
	u := &unknown{place: c.places[n]}
	for _, child := range n.Children() {
		if isXSL(child, "fallback") {
			u.has = true
			u.fallback = append(u.fallback, c.body(child)...)
		}
	}
	return u
}

func (c *compiler) choose(n *tree.Node) instruction {
	in := &choose{place: c.places[n]}
	for _, child := range n.Children() {
		switch {
		case isXSL(child, "when") && in.otherwise == nil:
			in.whens = append(in.whens, when{c.expression(child, "test"), c.body(child)})
		case isXSL(child, "otherwise") && in.otherwise == nil:
			in.otherwise = append(sequence{}, c.body(child)...)
		case child.Kind == tree.Element:
			c.fail(child, "something is not in its place in xsl:choose")
		case strings.TrimSpace(child.Data) != "":
			c.fail(n, "there is text in xsl:choose")
		}
	}
	if len(in.whens) == 0 {
		c.fail(n, "xsl:choose has no xsl:when")
	}
	return in
}

func (c *compiler) textElement(n *tree.Node) instruction {
	in := &textInstruction{place: c.places[n], raw: c.yes(n, "disable-output-escaping")}
	for _, child := range n.Children() {
		if child.Kind == tree.Element {
			c.fail(child, "there is an element in xsl:text")
		}
		in.text += child.Data
	}
	return in
}

func (c *compiler) nameTemplate(n *tree.Node) avt {
	c.required(n, "name")
	return c.valueTemplate(n, "name")
}

func (c *compiler) element(n *tree.Node) instruction {
	return &element{
		place: c.places[n], name: c.nameTemplate(n), space: c.valueTemplate(n, "namespace"), scope: n,
		sets: c.attributeSets(n, text(n, "use-attribute-sets")), body: c.body(n),
	}
}

// binding compiles the value of a variable or parameter.
func (c *compiler) binding(n *tree.Node) binding {
	b := binding{place: c.places[n], value: c.optional(n, "select")}
	if b.value == nil {
		b.body = c.body(n)
	} else if len(c.body(n)) > 0 {
		c.fail(n, "xsl:%s has both select and content", n.Name.Local)
	}
	return b
}

func (c *compiler) variable(n *tree.Node) instruction {
	v := &variable{name: c.qname(n, c.required(n, "name")), param: n.Name.Local == "param", binding: c.binding(n)}
	v.slot = c.slots
	c.slots++
	c.locals = append(c.locals, local{v.name, v.slot})
	return v
}

func (c *compiler) applyTemplates(n *tree.Node) instruction {
	in := &applyTemplates{place: c.places[n], nodes: c.optional(n, "select"), sorts: c.sorts(n), arguments: c.arguments(n)}
	if m := text(n, "mode"); m != "" {
		in.mode = c.qname(n, m)
	}
	for _, child := range n.Children() {
		if child.Kind == tree.Element && !isXSL(child, "sort") && !isXSL(child, "with-param") {
			c.fail(child, "something is not in its place in xsl:apply-templates")
		}
	}
	return in
}

func (c *compiler) callTemplate(n *tree.Node) instruction {
	in := &callTemplate{place: c.places[n], arguments: c.arguments(n)}
	name := c.qname(n, c.required(n, "name"))
	c.calls = append(c.calls, func() {
		if in.template = c.sheet.templates[name]; in.template == nil {
			c.fail(n, "there is no template %s", text(n, "name"))
		}
	})
	return in
}

func (c *compiler) arguments(n *tree.Node) []argument {
	var list []argument
	for _, child := range n.Children() {
		if isXSL(child, "with-param") {
			list = append(list, argument{c.qname(child, c.required(child, "name")), c.binding(child)})
		}
	}
	return list
}

func (c *compiler) sorts(n *tree.Node) []sortKey {
	var list []sortKey
	for _, child := range n.Children() {
		if !isXSL(child, "sort") {
			continue
		}
		s := sortKey{dataType: c.valueTemplate(child, "data-type"), order: c.valueTemplate(child, "order"), caseOrder: c.valueTemplate(child, "case-order")}
		if s.value = c.optional(child, "select"); s.value == nil {
			s.value = c.expr(child, ".")
		}
		list = append(list, s)
	}
	return list
}

// literal compiles an element that becomes part of the result.
func (c *compiler) literal(n *tree.Node) instruction {
	in := &literal{place: c.places[n]}
	in.prefix, in.name = c.aliased(n.Name)
	for _, ns := range scopeOf(n) {
		if ns.URI == Space || c.inPrefixes(n, "exclude-result-prefixes", ns.URI) || c.inPrefixes(n, "extension-element-prefixes", ns.URI) {
			continue
		}
		if a, ok := c.aliases[ns.URI]; ok {
			ns = xpath.Namespace{Prefix: a.prefix, URI: a.uri}
		}
		in.scope = append(in.scope, ns)
	}
	for _, a := range n.Attributes() {
		if a.Name.Space == Space {
			if a.Name.Local == "use-attribute-sets" {
				in.sets = c.attributeSets(n, a.Data)
			}
			continue
		}
		var l literalAttribute
		l.name = xpath.Name{Space: a.Name.Space, Local: a.Name.Local}
		l.prefix = a.Name.Prefix
		if a.Name.Space != "" {
			l.prefix, l.name = c.aliased(a.Name)
		}
		l.value = c.avt(n, a.Data)
		in.attributes = append(in.attributes, l)
	}
	in.body = c.body(n)
	return in
}

func (c *compiler) aliased(name tree.Name) (prefix string, q xpath.Name) {
	if a, ok := c.aliases[name.Space]; ok {
		return a.prefix, xpath.Name{Space: a.uri, Local: name.Local}
	}
	return name.Prefix, xpath.Name{Space: name.Space, Local: name.Local}
}

// scopeOf returns the namespaces in force at an element, outermost first.
func scopeOf(n *tree.Node) []xpath.Namespace {
	if n == nil {
		return nil
	}
	outer := scopeOf(n.Parent())
	own := n.Namespaces()
	if len(own) == 0 {
		return outer
	}
	var scope []xpath.Namespace
	for _, o := range outer {
		redeclared := false
		for _, s := range own {
			redeclared = redeclared || s.Prefix == o.Prefix
		}
		if !redeclared {
			scope = append(scope, o)
		}
	}
	for _, s := range own {
		if s.URI != "" && s.Prefix != "xml" {
			scope = append(scope, xpath.Namespace{Prefix: s.Prefix, URI: s.URI})
		}
	}
	return scope
}
