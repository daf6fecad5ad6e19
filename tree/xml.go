package tree

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of the XML parser when the options name none.
const (
	MaxXMLSize  = 256 << 20 // bytes
	MaxXMLDepth = 1000      // elements inside one another

	maxXMLNamespaces = 1000 // declarations in force at once

	stopEvery = 4096 // tags and texts between two questions to Stopped
)

// XMLNamespace is what the prefix xml always means.
const XMLNamespace = "http://www.w3.org/XML/1998/namespace"

// DeclarationNamespace is that of the attributes which declare namespaces.
const DeclarationNamespace = "http://www.w3.org/2000/xmlns/"

// XMLOptions tell how XML is parsed. The zero value keeps everything.
type XMLOptions struct {
	MaxSize  int // bytes; 0 means MaxXMLSize
	MaxDepth int // elements inside one another; 0 means MaxXMLDepth

	// DropBlank leaves out texts of white space only, where their parent also
	// has elements: indentation goes, a leaf that holds blanks keeps them.
	DropBlank     bool
	DropComments  bool
	DropProcInsts bool

	// AsWritten takes names as they are written, prefix and all, and declarations
	// of namespaces for attributes, as readers do that know no namespaces.
	AsWritten bool

	// Scope are the namespaces declared outside of the text.
	Scope []Namespace

	// Stopped, if set, is asked now and then; true ends the parsing with an error.
	Stopped func() bool
}

// XMLError is why a text is not XML, and where. It never quotes the text.
type XMLError struct {
	Line, Column int // from 1; the column counts characters
	Problem      string
}

func (e *XMLError) Error() string {
	return fmt.Sprintf("XML line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// ParseXML parses a document and returns its root element. What stands before
// and after the root is checked and dropped.
//
// The text must be well-formed, with all prefixes declared, in UTF-8; what an
// XML declaration says about the encoding is ignored. Document types and
// entities other than the five of XML are refused. Line ends become LF.
//
// It is lenient in one thing: a numeric reference may name a character that XML
// 1.0 forbids, such as &#11;, because widespread writers make them.
//
// Every error is an [*XMLError]. The tree shares memory with text.
func ParseXML(text string, o XMLOptions) (*Node, error) {
	top, err := ParseXMLDocument(text, o)
	if err != nil {
		return nil, err
	}
	return top[slices.IndexFunc(top, isElement)], nil
}

// ParseXMLDocument is [ParseXML] with what stands before and after the root
// element: comments and processing instructions.
func ParseXMLDocument(text string, o XMLOptions) ([]*Node, error) {
	p := newXMLParser(text, o)
	p.document = true
	top, err := p.parse()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(top, isElement) {
		return nil, p.fail(len(text), "there is no root element")
	}
	return top, nil
}

func isElement(n *Node) bool { return n.Kind == Element }

// ParseXMLFragment parses what may stand inside an element: any number of
// elements, texts, comments and processing instructions. An XML declaration may
// come first. Otherwise it is like [ParseXML].
func ParseXMLFragment(text string, o XMLOptions) ([]*Node, error) {
	return newXMLParser(text, o).parse()
}

// xmlParser reads text from pos on. Its nodes come from slabs, and the children
// of open elements wait on one stack until the end tag says how many they are.
type xmlParser struct {
	XMLOptions
	text     string
	pos      int
	document bool

	open    []xmlOpen
	pending []*Node
	scope   []Namespace
	nodes   []Node
	lists   []*Node
	buf     []byte
}

// xmlOpen is an element whose end tag has not come.
type xmlOpen struct {
	node     *Node
	tag      string // as written, with its prefix
	children int    // where they begin on the stack
	scope    int    // how many declarations are outside
}

func newXMLParser(text string, o XMLOptions) *xmlParser {
	if o.MaxSize == 0 {
		o.MaxSize = MaxXMLSize
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = MaxXMLDepth
	}
	return &xmlParser{XMLOptions: o, text: text, scope: append([]Namespace(nil), o.Scope...)}
}

func (p *xmlParser) parse() ([]*Node, error) {
	if len(p.text) > p.MaxSize {
		return nil, &XMLError{1, 1, fmt.Sprintf("the text is larger than %d bytes", p.MaxSize)}
	}
	if i := invalidUTF8(p.text); i >= 0 {
		return nil, p.fail(i, "a character is not valid UTF-8")
	}
	p.pos = len(p.text) - len(strings.TrimPrefix(p.text, "\ufeff"))
	if err := p.declaration(); err != nil {
		return nil, err
	}
	for i := 1; p.pos < len(p.text); i++ {
		if err := p.next(); err != nil {
			return nil, err
		}
		if i%stopEvery == 0 && p.Stopped != nil && p.Stopped() {
			return nil, p.fail(p.pos, "the parsing was ended")
		}
	}
	if len(p.open) > 0 {
		return nil, p.fail(p.pos, "an element is not closed")
	}
	return p.take(0), nil
}

// next reads one piece of markup, or the text up to the next.
func (p *xmlParser) next() error {
	rest := p.text[p.pos:]
	switch {
	case rest[0] != '<':
		return p.characters()
	case strings.HasPrefix(rest, "</"):
		return p.endTag()
	case strings.HasPrefix(rest, "<!--"):
		return p.comment()
	case strings.HasPrefix(rest, "<![CDATA["):
		return p.cdata()
	case strings.HasPrefix(rest, "<?"):
		return p.procInst()
	case strings.HasPrefix(rest, "<!DOCTYPE"):
		return p.fail(p.pos, "a document type is not accepted")
	default:
		return p.startTag()
	}
}

func (p *xmlParser) declaration() error {
	rest := p.text[p.pos:]
	if !strings.HasPrefix(rest, "<?xml") || len(rest) == 5 || !isBlank(rest[5]) {
		return nil
	}
	end := strings.Index(rest, "?>")
	if end < 0 {
		return p.fail(p.pos, "the XML declaration has no end")
	}
	p.pos += end + 2
	return nil
}

func (p *xmlParser) startTag() error {
	start := p.pos
	p.pos++
	tag, prefix, local, err := p.name()
	if err != nil {
		return err
	}
	if len(p.open) >= p.MaxDepth {
		return p.fail(start, fmt.Sprintf("more than %d elements are inside one another", p.MaxDepth))
	}
	if p.document && len(p.open) == 0 && len(p.pending) > 0 {
		return p.fail(start, "there is a second root element")
	}
	n := p.node(Element)
	outside := len(p.scope)
	empty, err := p.attributes(n)
	if err != nil {
		return err
	}
	if p.AsWritten {
		n.Name = Name{Local: tag}
		if repeats(n.Attributes()) {
			return p.fail(start, "an attribute is there twice")
		}
	} else if err := p.resolve(n, prefix, local, start); err != nil {
		return err
	}
	p.pending = append(p.pending, n)
	if empty {
		p.scope = p.scope[:outside]
		return nil
	}
	p.open = append(p.open, xmlOpen{n, tag, len(p.pending), outside})
	return nil
}

// attributes reads up to the end of the start tag. Names keep their prefixes
// unresolved, because declarations may follow; xmlns attributes go to the scope.
func (p *xmlParser) attributes(n *Node) (empty bool, err error) {
	for {
		spaced := p.skipBlanks()
		switch {
		case p.pos >= len(p.text):
			return false, p.fail(p.pos, "a start tag has no end")
		case p.text[p.pos] == '>':
			p.pos++
			return false, nil
		case strings.HasPrefix(p.text[p.pos:], "/>"):
			p.pos += 2
			return true, nil
		case !spaced:
			return false, p.fail(p.pos, "white space is missing before an attribute")
		}
		if err := p.attribute(n); err != nil {
			return false, err
		}
	}
}

func (p *xmlParser) attribute(n *Node) error {
	start := p.pos
	tag, prefix, local, err := p.name()
	if err != nil {
		return err
	}
	p.skipBlanks()
	if p.pos >= len(p.text) || p.text[p.pos] != '=' {
		return p.fail(p.pos, "an attribute has no value")
	}
	p.pos++
	p.skipBlanks()
	value, err := p.quoted()
	if err != nil {
		return err
	}
	if !p.AsWritten && (tag == "xmlns" || prefix == "xmlns") {
		return p.declare(n, prefix, local, value, start)
	}
	a := p.node(Attribute)
	a.Name = Name{Prefix: prefix, Local: local}
	if p.AsWritten {
		a.Name = Name{Local: tag}
	}
	a.Data = value
	a.parent = n
	t := n.ownTag()
	t.attrs = append(t.attrs, a)
	return nil
}

func (p *xmlParser) declare(n *Node, prefix, local, uri string, at int) error {
	ns := Namespace{Prefix: local, URI: uri}
	if prefix == "" {
		ns.Prefix = ""
	}
	switch {
	case ns.Prefix == "xmlns", ns.Prefix == "xml" && uri != XMLNamespace, ns.Prefix != "xml" && uri == XMLNamespace:
		return p.fail(at, "a reserved prefix is declared")
	case prefix != "" && uri == "":
		return p.fail(at, "a prefix is declared without a namespace")
	}
	if len(p.scope) >= maxXMLNamespaces {
		return p.fail(at, fmt.Sprintf("more than %d namespaces are declared", maxXMLNamespaces))
	}
	for _, s := range n.Namespaces() {
		if s.Prefix == ns.Prefix {
			return p.fail(at, "a namespace is declared twice")
		}
	}
	n.FillNamespace(ns)
	p.scope = append(p.scope, ns)
	return nil
}

// resolve gives the element and its attributes their namespaces.
func (p *xmlParser) resolve(n *Node, prefix, local string, at int) error {
	space, ok := p.lookup(prefix)
	if !ok {
		return p.fail(at, "a prefix is not declared")
	}
	n.Name = Name{Space: space, Prefix: prefix, Local: local}
	for _, a := range n.Attributes() {
		if a.Name.Prefix == "" {
			continue
		}
		if a.Name.Space, ok = p.lookup(a.Name.Prefix); !ok {
			return p.fail(at, "a prefix is not declared")
		}
	}
	if repeats(n.Attributes()) {
		return p.fail(at, "an attribute is there twice")
	}
	return nil
}

func repeats(attrs []*Node) bool {
	if len(attrs) <= 16 {
		for i, a := range attrs {
			for _, b := range attrs[:i] {
				if a.Name.Is(b.Name) {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[Name]bool, len(attrs))
	for _, a := range attrs {
		name := Name{Space: a.Name.Space, Local: a.Name.Local}
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

func (p *xmlParser) lookup(prefix string) (uri string, ok bool) {
	for i := len(p.scope) - 1; i >= 0; i-- {
		if p.scope[i].Prefix == prefix {
			return p.scope[i].URI, true
		}
	}
	if prefix == "xml" {
		return XMLNamespace, true
	}
	return "", prefix == ""
}

func (p *xmlParser) endTag() error {
	start := p.pos
	if len(p.open) == 0 {
		return p.fail(start, "an end tag has no start tag")
	}
	e := &p.open[len(p.open)-1]
	p.pos += 2
	if !strings.HasPrefix(p.text[p.pos:], e.tag) {
		return p.fail(start, "the end tag does not match the start tag")
	}
	p.pos += len(e.tag)
	p.skipBlanks()
	if p.pos >= len(p.text) || p.text[p.pos] != '>' {
		return p.fail(start, "the end tag does not match the start tag")
	}
	p.pos++
	e.node.nodes = p.take(e.children)
	for _, c := range e.node.nodes {
		c.parent = e.node
	}
	p.scope = p.scope[:e.scope]
	p.open = p.open[:len(p.open)-1]
	return nil
}

// take removes the children from the stack, without blanks where those go.
func (p *xmlParser) take(from int) []*Node {
	found := p.pending[from:]
	p.pending = p.pending[:from]
	if len(found) == 0 {
		return nil
	}
	if p.DropBlank && hasElement(found) {
		kept := found[:0]
		for _, n := range found {
			if n.Kind != Text || !allBlank(n.Data) {
				kept = append(kept, n)
			}
		}
		found = kept
	}
	if cap(p.lists)-len(p.lists) < len(found) {
		p.lists = make([]*Node, 0, max(64, len(found)))
	}
	i := len(p.lists)
	p.lists = append(p.lists, found...)
	return p.lists[i:len(p.lists):len(p.lists)]
}

// characters reads text up to the next markup.
func (p *xmlParser) characters() error {
	start := p.pos
	value, err := p.value('<', "]]>")
	if err != nil {
		return err
	}
	if p.document && len(p.open) == 0 {
		if allBlank(value) {
			return nil
		}
		return p.fail(start, "there is text outside of the root element")
	}
	p.add(Text, value)
	return nil
}

func (p *xmlParser) cdata() error {
	start := p.pos
	value, err := p.upTo("<![CDATA[", "]]>", "a CDATA section has no end")
	if err != nil {
		return err
	}
	if p.document && len(p.open) == 0 {
		return p.fail(start, "there is text outside of the root element")
	}
	p.add(CDATA, value)
	return nil
}

func (p *xmlParser) comment() error {
	start := p.pos
	value, err := p.upTo("<!--", "-->", "a comment has no end")
	if err != nil {
		return err
	}
	if strings.Contains(value, "--") || strings.HasSuffix(value, "-") {
		return p.fail(start, "a comment contains two dashes")
	}
	if !p.DropComments && !(p.document && len(p.open) == 0) {
		p.add(Comment, value)
	}
	return nil
}

func (p *xmlParser) procInst() error {
	start := p.pos
	value, err := p.upTo("<?", "?>", "a processing instruction has no end")
	if err != nil {
		return err
	}
	target, data := value, ""
	if i := strings.IndexAny(value, " \t\n"); i >= 0 {
		target, data = value[:i], strings.TrimLeft(value[i:], " \t\n")
	}
	switch {
	case !IsXMLName(target):
		return p.fail(start, "a processing instruction has no proper name")
	case strings.EqualFold(target, "xml"):
		return p.fail(start, "an XML declaration is not at the beginning")
	}
	if !p.DropProcInsts && !(p.document && len(p.open) == 0) {
		p.add(ProcInst, data).Name.Local = target
	}
	return nil
}

func (p *xmlParser) add(kind Kind, data string) *Node {
	n := p.node(kind)
	n.Data = data
	p.pending = append(p.pending, n)
	return n
}

func (p *xmlParser) node(kind Kind) *Node {
	if len(p.nodes) == cap(p.nodes) {
		p.nodes = make([]Node, 0, min(128, max(8, 2*cap(p.nodes))))
	}
	p.nodes = p.nodes[:len(p.nodes)+1]
	n := &p.nodes[len(p.nodes)-1]
	n.Kind = kind
	return n
}

// fail makes the error for a place in the text.
func (p *xmlParser) fail(at int, problem string) error {
	before := p.text[:at]
	line := 1 + strings.Count(before, "\n")
	before = before[strings.LastIndexByte(before, '\n')+1:]
	return &XMLError{Line: line, Column: 1 + utf8.RuneCountInString(before), Problem: problem}
}

func hasElement(nodes []*Node) bool {
	for _, n := range nodes {
		if n.Kind == Element {
			return true
		}
	}
	return false
}
