package xslt

import (
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir/tree"
)

// place is where an element begins in the text of a stylesheet.
type place struct{ line, column int }

func (p *place) where() *place { return p }

// places finds the elements of a parsed document in its text: both have the same
// order. The text is known to be well-formed.
func places(root *tree.Node, text string) map[*tree.Node]place {
	found := make(map[*tree.Node]place)
	f := finder{text: text, line: 1}
	f.visit(root, found)
	return found
}

type finder struct {
	text  string
	pos   int
	line  int
	start int // of the line
	seen  int // up to where lines are counted
}

func (f *finder) visit(n *tree.Node, found map[*tree.Node]place) {
	found[n] = f.next()
	for _, c := range n.Children() {
		if c.Kind == tree.Element {
			f.visit(c, found)
		}
	}
}

// next goes behind the next start tag and returns where it begins.
func (f *finder) next() place {
	for f.pos < len(f.text) {
		i := strings.IndexByte(f.text[f.pos:], '<')
		if i < 0 {
			break
		}
		f.pos += i
		rest := f.text[f.pos:]
		switch {
		case strings.HasPrefix(rest, "<!--"):
			f.past("-->")
		case strings.HasPrefix(rest, "<![CDATA["):
			f.past("]]>")
		case strings.HasPrefix(rest, "<?"):
			f.past("?>")
		case strings.HasPrefix(rest, "</"):
			f.past(">")
		default:
			at := f.place()
			f.tag()
			return at
		}
	}
	return f.place()
}

func (f *finder) past(end string) {
	if i := strings.Index(f.text[f.pos:], end); i >= 0 {
		f.pos += i + len(end)
		return
	}
	f.pos = len(f.text)
}

func (f *finder) tag() {
	for ; f.pos < len(f.text) && f.text[f.pos] != '>'; f.pos++ {
		if c := f.text[f.pos]; c == '"' || c == '\'' {
			f.pos++
			f.past(string(c))
			f.pos--
		}
	}
}

func (f *finder) place() place {
	for ; f.seen < f.pos; f.seen++ {
		if f.text[f.seen] == '\n' {
			f.line++
			f.start = f.seen + 1
		}
	}
	return place{f.line, 1 + utf8.RuneCountInString(f.text[f.start:f.pos])}
}
