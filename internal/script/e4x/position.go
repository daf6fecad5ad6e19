package e4x

import (
	"sort"
	"strings"
)

// positions leads from the output back to the source.
type positions struct {
	spans []span
	out   lines
	src   lines
	none  bool // output and source are the same
}

// span says where the output from offset out on comes from, up to the next
// span.
type span struct {
	out, src int32 // a text of MaxSource, rewritten, is far below 2 GiB
	inserted bool  // text of our own; all of it belongs to the place src
}

// Position returns the place in the source of a place in the code. Lines and
// columns count from 1, columns in bytes, as goja counts them. The line is
// always the same. A place inside inserted text gives the source the text was
// inserted at; a place beyond the end gives the nearest one.
func (u *Unit) Position(line, col int) (srcLine, srcCol int) {
	p := &u.places
	if p.none {
		return line, col
	}
	off := p.out.offset(line, col)
	i := sort.Search(len(p.spans), func(i int) bool { return int(p.spans[i].out) > off }) - 1
	if i < 0 {
		return line, col
	}
	s := p.spans[i]
	if s.inserted {
		return p.src.position(int(s.src))
	}
	return p.src.position(int(s.src) + off - int(s.out))
}

// lines holds the offset at which each line of a text starts.
type lines struct {
	starts []int
	size   int
}

// linesOf finds the lines of a text. LF, CR, CRLF, U+2028 and U+2029 end one.
func linesOf(s string) lines {
	l := lines{starts: []int{0}, size: len(s)}
	for i := 0; i < len(s); {
		if n := lineEnd(s, i); n > 0 {
			i += n
			l.starts = append(l.starts, i)
			continue
		}
		i++
	}
	return l
}

func (l lines) offset(line, col int) int {
	line = min(max(line, 1), len(l.starts))
	return min(l.starts[line-1]+max(col, 1)-1, l.size)
}

func (l lines) position(off int) (line, col int) {
	off = min(off, l.size)
	line = sort.Search(len(l.starts), func(i int) bool { return l.starts[i] > off })
	return line, off - l.starts[line-1] + 1
}

// lineEnd returns the length of the line end at s[i:], or 0.
func lineEnd(s string, i int) int {
	switch s[i] {
	case '\n':
		return 1
	case '\r':
		if i+1 < len(s) && s[i+1] == '\n' {
			return 2
		}
		return 1
	case 0xe2:
		if strings.HasPrefix(s[i:], "\u2028") || strings.HasPrefix(s[i:], "\u2029") {
			return 3
		}
	}
	return 0
}
