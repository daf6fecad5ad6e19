package e4x

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// xmlLiteral reads an XML literal from its < on. Inside it the scanner's
// tokens mean nothing; only the expressions in braces are read as script.
func (p *parser) xmlLiteral() node {
	start := p.tok.pos
	n := &xmlLit{lit: &Literal{}}
	p.pos = start
	switch {
	case p.scanner.at("<>"):
		p.pos += len("<>")
		n.lit.List = true
		n.lit.Nodes = p.xmlChildren(n, start)
		p.pos += len("</")
		p.xmlSpace()
		if !p.xmlTake(">") {
			p.failAt(p.pos, "expected </> to end the XML list")
		}
	case p.scanner.at("<![CDATA["):
		n.lit.Nodes = []*Node{p.xmlSpecial()}
	case p.scanner.at("<?"):
		n.lit.Nodes = []*Node{p.xmlProlog(n)}
	default:
		n.lit.Nodes = []*Node{p.xmlElement(n)}
	}
	n.lit.Holes = len(n.holes)
	p.tok.end = p.pos
	p.next()
	n.at = p.since(start)
	return n
}

// xmlProlog reads an element with what stands before it: an XML declaration, other
// instructions and comments, which are no part of the value. People paste whole
// documents, such as style sheets. An instruction without an element is a value.
func (p *parser) xmlProlog(lit *xmlLit) *Node {
	for {
		n := p.xmlSpecial()
		end := p.pos
		p.xmlSpace()
		switch {
		case p.scanner.at("<?"), p.scanner.at("<!--"):
		case p.xmlOpens():
			return p.xmlElement(lit)
		default:
			p.pos = end
			return n
		}
	}
}

// xmlOpens tells whether an element begins here.
func (p *parser) xmlOpens() bool {
	if p.pos+1 >= len(p.src) || p.src[p.pos] != '<' {
		return false
	}
	r, _ := utf8.DecodeRuneInString(p.src[p.pos+1:])
	return isXMLName(r, true)
}

// xmlElement reads an element from its < on.
func (p *parser) xmlElement(lit *xmlLit) *Node {
	start := p.pos
	p.tok.pos = start // where deeper reports
	p.deeper()
	p.pos++
	e := &Node{Kind: Element, Name: p.xmlName(lit)}
	if len(e.Name) == 0 {
		p.failAt(start, "expected the name of a tag after <; a less-than sign in XML text is &lt;")
	}
	given := make(map[string]bool)
	for {
		space := p.xmlSpace()
		if p.xmlTake("/>") {
			break
		}
		if p.xmlTake(">") {
			e.Children = p.xmlChildren(lit, start)
			p.xmlClosing(e)
			break
		}
		if !space {
			p.failAt(p.pos, "expected a blank, > or /> in the tag")
		}
		e.Attrs = append(e.Attrs, p.xmlAttribute(lit, given))
	}
	p.depth--
	return e
}

// xmlClosing reads a closing tag. Names that are known must be the same.
func (p *parser) xmlClosing(e *Node) {
	start := p.pos
	p.pos += len("</")
	name := p.xmlName(&xmlLit{})
	open, known := e.Name.Static()
	closing, static := name.Static()
	if known && static && open != closing {
		p.failAt(start, "the tag <"+open+"> is closed by </"+closing+">")
	}
	p.xmlSpace()
	if !p.xmlTake(">") {
		p.failAt(p.pos, "expected > to end the closing tag")
	}
}

// xmlAttribute reads an attribute. given holds the names of those before it.
func (p *parser) xmlAttribute(lit *xmlLit, given map[string]bool) Attr {
	start := p.pos
	a := Attr{Name: p.xmlName(lit)}
	if len(a.Name) == 0 {
		p.failAt(start, "expected the name of an attribute, > or />")
	}
	if name, static := a.Name.Static(); static {
		if given[name] {
			p.failAt(start, "the attribute "+name+" is given twice")
		}
		given[name] = true
	}
	p.xmlSpace()
	if !p.xmlTake("=") {
		p.failAt(p.pos, "expected = after the name of an attribute")
	}
	p.xmlSpace()
	if p.pos >= len(p.src) {
		p.failAt(p.pos, "unexpected end of script in an XML literal")
	}
	switch c := p.src[p.pos]; c {
	case '{':
		a.Value = Parts{{Hole: p.xmlHole(lit)}}
	case '"', '\'':
		n := strings.IndexByte(p.src[p.pos+1:], c)
		if n < 0 {
			p.failAt(p.pos, "the value of the attribute has no end")
		}
		from := p.pos + 1
		p.pos = from + n + 1
		if i := strings.IndexByte(p.src[from:from+n], '<'); i >= 0 {
			p.failAt(from+i, "a less-than sign in the value of an attribute is &lt;")
		}
		if value := p.xmlText(from, from+n, true); value != "" {
			a.Value = Parts{{Text: value, Hole: -1}}
		}
	default:
		p.failAt(p.pos, "the value of an attribute needs quotes or braces")
	}
	return a
}

// xmlChildren reads up to the next closing tag, which stays to be read.
func (p *parser) xmlChildren(lit *xmlLit, start int) (list []*Node) {
	for {
		from := p.pos
		n := strings.IndexAny(p.src[p.pos:], "<{")
		if n < 0 {
			p.failAt(start, "the XML literal has no end")
		}
		p.pos += n
		if n > 0 {
			list = append(list, &Node{Kind: Text, Text: p.xmlText(from, p.pos, false)})
		}
		switch {
		case p.src[p.pos] == '{':
			list = append(list, &Node{Kind: Hole, Hole: p.xmlHole(lit)})
		case p.scanner.at("</"):
			return list
		case p.scanner.at("<!"), p.scanner.at("<?"):
			list = append(list, p.xmlSpecial())
		default:
			list = append(list, p.xmlElement(lit))
		}
	}
}

// xmlSpecial reads a comment, a CDATA section or a processing instruction.
func (p *parser) xmlSpecial() *Node {
	between := func(open, end string) string {
		body := p.src[p.pos+len(open):]
		n := strings.Index(body, end)
		if n < 0 {
			p.failAt(p.pos, open+" without "+end)
		}
		p.pos += len(open) + n + len(end)
		return lineFeeds(body[:n])
	}
	switch {
	case p.scanner.at("<!--"):
		return &Node{Kind: Comment, Text: between("<!--", "-->")}
	case p.scanner.at("<![CDATA["):
		return &Node{Kind: CDATA, Text: between("<![CDATA[", "]]>")}
	case p.scanner.at("<?"):
		body := between("<?", "?>")
		n := strings.IndexAny(body, " \t\n")
		if n < 0 {
			n = len(body)
		}
		return &Node{Kind: ProcInst, Name: Parts{{Text: body[:n], Hole: -1}}, Text: strings.TrimLeft(body[n:], " \t\n")}
	}
	p.failAt(p.pos, "only comments and CDATA may begin with <! in an XML literal")
	return nil
}

// xmlHole reads an expression in braces and returns its number.
func (p *parser) xmlHole(lit *xmlLit) int {
	p.pos++
	p.apart(func() {
		p.next()
		lit.holes = append(lit.holes, p.expression())
		if !p.tok.is("}") {
			p.unexpected()
		}
	})
	p.pos = p.tok.end
	return len(lit.holes) - 1
}

// xmlName reads a name, which may have holes. It is empty if there is none.
func (p *parser) xmlName(lit *xmlLit) (name Parts) {
	for p.pos < len(p.src) {
		if p.src[p.pos] == '{' {
			name = append(name, Part{Hole: p.xmlHole(lit)})
			continue
		}
		from := p.pos
		for p.pos < len(p.src) {
			r, n := utf8.DecodeRuneInString(p.src[p.pos:])
			if !isXMLName(r, p.pos == from && len(name) == 0) {
				break
			}
			p.pos += n
		}
		if p.pos == from {
			break
		}
		name = append(name, Part{Text: p.src[from:p.pos], Hole: -1})
	}
	return name
}

func isXMLName(r rune, first bool) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', r == ':':
		return true
	case r >= '0' && r <= '9', r == '-', r == '.', r == '\u00b7':
		return !first
	case r < utf8.RuneSelf, r == utf8.RuneError:
		return false
	}
	return unicode.IsLetter(r) || !first && unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd)
}

func (p *parser) xmlSpace() (any bool) {
	for p.pos < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.pos]) >= 0 {
		p.pos++
		any = true
	}
	return any
}

func (p *parser) xmlTake(s string) bool {
	if p.scanner.at(s) {
		p.pos += len(s)
		return true
	}
	return false
}

// xmlText decodes the text between two offsets. In the value of an attribute
// white space becomes blanks, as XML says.
func (p *parser) xmlText(from, to int, attribute bool) string {
	s := lineFeeds(p.src[from:to])
	if attribute && strings.ContainsAny(s, "\n\t") {
		s = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\t' {
				return ' '
			}
			return r
		}, s)
	}
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		end := strings.IndexByte(s, ';')
		r, ok := rune(0), false
		if end > 0 {
			r, ok = reference(s[:end])
		}
		if !ok {
			p.failAt(from+strings.IndexByte(p.src[from:to], '&'), "broken reference in XML text; an ampersand is &amp;")
		}
		b.WriteRune(r)
		s = s[end+1:]
	}
}

// reference decodes what stands between & and ;.
func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !isXMLChar(rune(v)) {
		return 0, false
	}
	return rune(v), true
}

func isXMLChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff ||
		r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= unicode.MaxRune
}

// lineFeeds makes all line ends LF.
func lineFeeds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
