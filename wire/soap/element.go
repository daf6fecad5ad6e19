package soap

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of a document.
const (
	MaxDepth      = 256
	MaxNodes      = 1 << 19 // elements and texts, where the caller says no other number
	MaxAttributes = 256     // of one element, with the namespaces it declares
)

// Name is a name with its namespace.
type Name struct{ Space, Local string }

// String writes a name as Java's QName does: {space}local.
func (n Name) String() string {
	if n.Space == "" {
		return n.Local
	}
	return "{" + n.Space + "}" + n.Local
}

// ParseName reads what String writes.
func ParseName(text string) Name {
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, "{"); ok {
		if space, local, ok := strings.Cut(rest, "}"); ok {
			return Name{space, local}
		}
	}
	return Name{Local: text}
}

// Element is an element of a document.
type Element struct {
	Name Name

	prefix     string
	namespaces []namespace // declared here
	attributes []attribute
	children   []node
	parent     *Element
}

type namespace struct{ prefix, uri string }

type attribute struct {
	prefix string
	name   Name
	value  string
}

// node is what may stand in an element: one of an element, a text and other
// markup, such as a comment, as it is written.
type node struct {
	element *Element
	text    string
	markup  string
}

// Elements returns the elements in an element.
func (e *Element) Elements() (out []*Element) {
	for _, n := range e.children {
		if n.element != nil {
			out = append(out, n.element)
		}
	}
	return out
}

// Element returns the first element with a name in an element, or nil.
func (e *Element) Element(name Name) *Element {
	for _, n := range e.children {
		if n.element != nil && n.element.Name == name {
			return n.element
		}
	}
	return nil
}

// Text returns the text that stands directly in an element.
func (e *Element) Text() string {
	if len(e.children) == 1 {
		return e.children[0].text
	}
	var b strings.Builder
	for _, n := range e.children {
		b.WriteString(n.text)
	}
	return b.String()
}

// Attribute returns the value of an attribute, or "".
func (e *Element) Attribute(name Name) string {
	for _, a := range e.attributes {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// Resolve reads a name with a prefix, as it stands in values and texts.
func (e *Element) Resolve(text string) Name {
	text = strings.TrimSpace(text)
	prefix, local, ok := strings.Cut(text, ":")
	if !ok {
		prefix, local = "", text
	}
	uri, _ := e.uriOf(prefix)
	return Name{uri, local}
}

// uriOf returns the namespace of a prefix.
func (e *Element) uriOf(prefix string) (uri string, ok bool) {
	switch prefix {
	case "xml":
		return "http://www.w3.org/XML/1998/namespace", true
	case "xmlns":
		return "http://www.w3.org/2000/xmlns/", true
	}
	for ; e != nil; e = e.parent {
		for _, ns := range e.namespaces {
			if ns.prefix == prefix {
				return ns.uri, true
			}
		}
	}
	return "", prefix == ""
}

// document is a text that was read: its element, and how that is written there.
type document struct {
	root   *Element
	source string
}

// Reasons why a document is refused.
var (
	errDoctype  = errors.New("the document has a document type, which is not allowed")
	errDeep     = fmt.Errorf("elements lie in one another more than %d deep", MaxDepth)
	errMany     = errors.New("the document has more elements and texts than are accepted")
	errWide     = fmt.Errorf("an element has more than %d attributes", MaxAttributes)
	errNesting  = errors.New("the document is not well-formed: elements do not end where they should")
	errOutside  = errors.New("the document is not well-formed: there is not one element that holds all")
	errPrefix   = errors.New("the document uses a prefix that it does not declare")
	errTwice    = errors.New("the document is not well-formed: an element has an attribute twice")
	errUnfinish = errors.New("the document ends too early")
)

// parser makes elements of tokens.
type parser struct {
	d     *xml.Decoder
	text  string
	from  int64 // where the root element begins
	doc   document
	open  *Element
	scope scope
	depth int
	left  int // of the nodes that are accepted
}

// scope is which namespaces prefixes stand for, the innermost last.
type scope map[string][]string

func (s scope) of(prefix string) (uri string, ok bool) {
	if prefix == "xml" || prefix == "xmlns" {
		return (*Element)(nil).uriOf(prefix)
	}
	if all := s[prefix]; len(all) > 0 {
		return all[len(all)-1], true
	}
	return "", prefix == ""
}

func (s scope) enter(e *Element) {
	for _, ns := range e.namespaces {
		s[ns.prefix] = append(s[ns.prefix], ns.uri)
	}
}

func (s scope) leave(e *Element) {
	for _, ns := range e.namespaces {
		s[ns.prefix] = s[ns.prefix][:len(s[ns.prefix])-1]
	}
}

// parse reads a document of at most so many nodes. Its text is UTF-8, whatever its
// declaration says.
func parse(text string, nodes int) (*document, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	p := &parser{d: xml.NewDecoder(strings.NewReader(text)), text: text, scope: scope{}, left: nodes}
	p.d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		before := p.d.InputOffset()
		token, err := p.d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, syntax(err)
		}
		if err := p.take(token, before); err != nil {
			return nil, err
		}
	}
	switch {
	case p.open != nil:
		return nil, errUnfinish
	case p.doc.root == nil:
		return nil, errOutside
	}
	return &p.doc, nil
}

// syntax is an error of the decoder without the text that it complains about.
func syntax(err error) error {
	var s *xml.SyntaxError
	if errors.As(err, &s) {
		return fmt.Errorf("the document is not well-formed in line %d", s.Line)
	}
	return errors.New("the document is not well-formed")
}

func (p *parser) take(token xml.Token, before int64) error {
	switch t := token.(type) {
	case xml.StartElement:
		return p.start(t, before)
	case xml.EndElement:
		return p.end(t)
	case xml.Directive:
		return errDoctype
	case xml.CharData:
		if p.open == nil {
			if strings.TrimSpace(string(t)) != "" {
				return errOutside
			}
			return nil
		}
		return p.add(node{text: string(t)})
	case xml.Comment:
		return p.add(node{markup: "<!--" + string(t) + "-->"})
	case xml.ProcInst:
		if t.Target != "xml" {
			return p.add(node{markup: "<?" + t.Target + " " + string(t.Inst) + "?>"})
		}
	}
	return nil
}

// add puts a node into the element that is open.
func (p *parser) add(n node) error {
	if p.left--; p.left < 0 {
		return errMany
	}
	if p.open != nil {
		p.open.children = append(p.open.children, n)
	}
	return nil
}

func (p *parser) start(t xml.StartElement, before int64) error {
	p.depth++
	switch {
	case p.depth > MaxDepth:
		return errDeep
	case len(t.Attr) > MaxAttributes:
		return errWide
	case p.open == nil && p.doc.root != nil:
		return errOutside
	}
	e := &Element{prefix: t.Name.Space, parent: p.open}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns":
			e.namespaces = append(e.namespaces, namespace{a.Name.Local, a.Value})
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			e.namespaces = append(e.namespaces, namespace{"", a.Value})
		default:
			e.attributes = append(e.attributes, attribute{a.Name.Space, Name{"", a.Name.Local}, a.Value})
		}
	}
	p.scope.enter(e)
	if err := e.resolve(p.scope, t.Name.Local); err != nil {
		return err
	}
	if p.open == nil {
		p.doc.root, p.from = e, before
	}
	err := p.add(node{element: e})
	p.open = e
	return err
}

// resolve finds the namespaces of the names in a tag.
func (e *Element) resolve(in scope, local string) error {
	uri, ok := in.of(e.prefix)
	if !ok {
		return errPrefix
	}
	e.Name = Name{uri, local}
	for i := range e.attributes {
		a := &e.attributes[i]
		if a.prefix != "" { // without a prefix an attribute has no namespace
			if a.name.Space, ok = in.of(a.prefix); !ok {
				return errPrefix
			}
		}
		for _, earlier := range e.attributes[:i] {
			if earlier.name == a.name {
				return errTwice
			}
		}
	}
	for i, ns := range e.namespaces {
		for _, earlier := range e.namespaces[:i] {
			if earlier.prefix == ns.prefix {
				return errTwice
			}
		}
	}
	return nil
}

func (p *parser) end(t xml.EndElement) error {
	if p.open == nil || p.open.Name.Local != t.Name.Local || p.open.prefix != t.Name.Space {
		return errNesting
	}
	p.scope.leave(p.open)
	p.open = p.open.parent
	p.depth--
	if p.open == nil {
		p.doc.source = p.text[p.from:p.d.InputOffset()]
	}
	return nil
}
