package xslt

import (
	"strings"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// literal is an element that becomes part of the result.
type literal struct {
	place
	name       xpath.Name
	prefix     string
	scope      []xpath.Namespace
	sets       [][]*attributeSet
	attributes []literalAttribute
	body       sequence
}

type literalAttribute struct {
	name   xpath.Name
	prefix string
	value  avt
}

func (in *literal) run(s *state) {
	s.out.start(in.name, in.prefix, in.scope)
	s.useSets(in.sets)
	for i := range in.attributes {
		a := &in.attributes[i]
		s.out.attribute(a.name, a.prefix, s.expand(a.value))
	}
	in.body.run(s)
	s.out.end()
}

// element is xsl:element.
type element struct {
	place
	name, space avt
	scope       *tree.Node
	sets        [][]*attributeSet
	body        sequence
}

func (in *element) run(s *state) {
	prefix, name, ok := s.qualified(in.name, in.space, in.scope, true)
	if !ok {
		xpath.Fail("the name of an element is not valid or its prefix is not declared")
	}
	s.out.start(name, prefix, nil)
	s.useSets(in.sets)
	in.body.run(s)
	s.out.end()
}

// attributeInstruction is xsl:attribute.
type attributeInstruction struct {
	place
	name, space avt
	scope       *tree.Node
	body        sequence
}

func (in *attributeInstruction) run(s *state) {
	prefix, name, ok := s.qualified(in.name, in.space, in.scope, false)
	if !ok || prefix == "" && name.Local == "xmlns" {
		xpath.Fail("the name of an attribute is not valid or its prefix is not declared")
	}
	s.out.attribute(name, prefix, s.textOf(in.body))
}

// qualified makes a name of the attributes name and namespace. What has no prefix is
// in the default namespace only if it is an element.
func (s *state) qualified(name, space avt, scope *tree.Node, isElement bool) (prefix string, q xpath.Name, ok bool) {
	text := s.expand(name)
	prefix, localName, found := strings.Cut(text, ":")
	if !found {
		prefix, localName = "", text
	}
	q.Local = localName
	if !xpath.IsNCName(localName) || found && !xpath.IsNCName(prefix) {
		return "", q, false
	}
	switch {
	case space != nil:
		if q.Space = s.expand(space); q.Space == "" || prefix == "xmlns" {
			prefix = ""
		}
	case found || isElement:
		if q.Space, ok = scope.NamespaceOf(prefix); !ok {
			return "", q, false
		}
	}
	return prefix, q, true
}

type commentInstruction struct {
	place
	body sequence
}

// run puts a blank between dashes, which could not be read again.
func (in *commentInstruction) run(s *state) {
	text := s.textOf(in.body)
	for strings.Contains(text, "--") {
		text = strings.ReplaceAll(text, "--", "- -")
	}
	if strings.HasSuffix(text, "-") {
		text += " "
	}
	s.out.leaf(xpath.Comment, "", text)
}

type procInst struct {
	place
	name avt
	body sequence
}

func (in *procInst) run(s *state) {
	name := s.expand(in.name)
	if !xpath.IsNCName(name) || strings.EqualFold(name, "xml") {
		xpath.Fail("the name of a processing instruction is not valid")
	}
	s.out.leaf(xpath.ProcInst, name, strings.ReplaceAll(strings.TrimLeft(s.textOf(in.body), " \t\r\n"), "?>", "? >"))
}

// attributeSet is one xsl:attribute-set; sets of one name are used together.
type attributeSet struct {
	compiled bool
	uses     [][]*attributeSet
	body     sequence
	slots    int
}

func (s *state) useSets(sets [][]*attributeSet) {
	for _, set := range sets {
		for _, part := range set {
			if s.depth++; s.depth > MaxTemplates {
				xpath.Fail("an attribute set uses itself")
			}
			sub := *s
			sub.vars = make([]xpath.Value, part.slots)
			sub.useSets(part.uses)
			part.body.run(&sub)
			s.depth--
		}
	}
}
