package e4x

import (
	"slices"
	"unicode/utf8"
)

// writer makes the output from pieces of the source, in order, and text of our
// own. It keeps the lines: what is skipped gives its line ends back.
type writer struct {
	src     string
	out     []byte
	at      int   // up to here the source was copied or skipped
	patches []int // offsets of <!-- and --> to turn into plain comments, and of format characters to blank
	spans   []span
}

// copy takes the source up to pos over as it stands.
func (w *writer) copy(pos int) {
	if pos <= w.at {
		return
	}
	w.span(w.at, false)
	for len(w.patches) > 0 && w.patches[0] < pos {
		p := w.patches[0]
		w.patches = w.patches[1:]
		if p < w.at {
			continue
		}
		w.out = append(w.out, w.src[w.at:p]...)
		if c := w.src[p]; c == '<' || c == '-' {
			w.out = append(w.out, "//"...)
			w.at = p + 2 // the rest of the mark is comment text
			continue
		}
		_, n := utf8.DecodeRuneInString(w.src[p:])
		w.out = append(w.out, "    "[:n]...)
		w.at = p + n
	}
	w.out = append(w.out, w.src[w.at:pos]...)
	w.at = pos
}

// skip leaves the source up to pos out, but for its line ends.
func (w *writer) skip(pos int) {
	for w.at < pos {
		n := lineEnd(w.src, w.at)
		if n == 0 {
			w.at++
			continue
		}
		w.span(w.at, true)
		w.out = append(w.out, w.src[w.at:w.at+n]...)
		w.at += n
	}
}

// put adds text, which belongs to the place where the writer is. A blank keeps
// it apart from a word before it, as in return<a/>.
func (w *writer) put(text ...string) {
	w.span(w.at, true)
	if n := len(w.out); n > 0 && isWordByte(w.out[n-1]) && isWordByte(text[0][0]) {
		w.out = append(w.out, ' ')
	}
	for _, t := range text {
		w.out = append(w.out, t...)
	}
}

func (w *writer) span(src int, inserted bool) {
	s := span{int32(len(w.out)), int32(src), inserted}
	if n := len(w.spans); n > 0 && w.spans[n-1].out == s.out {
		w.spans[n-1] = s
		return
	}
	w.spans = append(w.spans, s)
}

// finish copies the rest and returns the output. Output that is the source
// costs nothing.
func (w *writer) finish() (string, positions) {
	if len(w.out) == 0 && w.at == 0 && len(w.patches) == 0 {
		return w.src, positions{none: true}
	}
	w.copy(len(w.src))
	code := string(w.out)
	return code, positions{spans: slices.Clone(w.spans), out: linesOf(code), src: linesOf(w.src)}
}

func isWordByte(c byte) bool { return isNameStart(c) || isDigit(c) || c >= 0x80 }
