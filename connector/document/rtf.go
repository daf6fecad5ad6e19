package document

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"unicode/utf16"
)

// maxRTF bounds the document, in which images take two characters a byte.
const maxRTF = 256 << 20

// writeRTF makes an RTF 1.9 document of blocks.
func writeRTF(blocks []block, page paper) ([]byte, error) {
	w := &rtf{colors: map[color]int{{}: 1}, table: []color{{}}}
	width, _ := page.inner()
	w.blocks(blocks, width, "")
	if w.body.Len() > maxRTF {
		return nil, tooMany(maxRTF, "bytes")
	}
	var out bytes.Buffer
	out.WriteString(`{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman Times New Roman;}{\f1\fswiss Arial;}{\f2\fmodern Courier New;}}{\colortbl;`)
	for _, c := range w.table {
		fmt.Fprintf(&out, `\red%d\green%d\blue%d;`, c.r, c.g, c.b)
	}
	fmt.Fprintf(&out, "}\n\\uc1\\paperw%d\\paperh%d\\margl%d\\margr%d\\margt%d\\margb%d\n", twips(page.width), twips(page.height),
		twips(page.left), twips(page.right), twips(page.top), twips(page.bottom))
	out.Write(w.body.Bytes())
	out.WriteString("}\n")
	return out.Bytes(), nil
}

func twips(points float64) int { return int(points*20 + 0.5) }

type rtf struct {
	body   bytes.Buffer
	colors map[color]int
	table  []color
}

// blocks writes paragraphs; inTable is \intbl within cells.
func (w *rtf) blocks(blocks []block, width float64, inTable string) {
	for i, b := range blocks {
		if w.body.Len() > maxRTF {
			return
		}
		last := i == len(blocks)-1
		switch {
		case b.newPage:
			if inTable == "" {
				w.body.WriteString("\\page\n")
			}
		case b.rule:
			w.body.WriteString(`\pard` + inTable + `\brdrb\brdrs\brdrw10 `)
			w.end(inTable, last)
		case b.table != nil && inTable == "":
			w.rows(b.table, b.indent, width)
		case b.table != nil: // a table in a cell becomes paragraphs
			for _, r := range b.table.rows {
				for _, c := range r.cells {
					w.blocks(c.blocks, width, inTable)
					w.body.WriteString(`\tab `)
				}
				w.body.WriteString("\\par\n")
			}
		default:
			w.paragraph(b, width, inTable)
			w.end(inTable, last)
		}
	}
}

// end ends a paragraph; the last one of a cell is ended by the cell.
func (w *rtf) end(inTable string, last bool) {
	if inTable == "" || !last {
		w.body.WriteString("\\par\n")
	}
}

func (w *rtf) paragraph(b block, width float64, inTable string) {
	fmt.Fprintf(&w.body, `\pard%s\plain%s\sb%d\sa%d\li%d`, inTable, [...]string{`\ql`, `\qc`, `\qr`}[b.align], twips(b.before), twips(b.after), twips(b.indent))
	if b.keep {
		w.body.WriteString(`\keepn`)
	}
	w.body.WriteByte(' ')
	if b.marker != "" {
		w.body.WriteString(`\fi-300\tx` + fmt.Sprint(twips(b.indent)) + ` `)
		w.text(b.marker)
		w.body.WriteString(`\tab `)
	}
	for _, r := range b.runs {
		switch {
		case r.end:
			w.body.WriteString("\\line\n")
		case r.image != nil:
			w.image(r.image, width)
		default:
			w.run(r)
		}
	}
}

func (w *rtf) run(r run) {
	s := r.style
	fmt.Fprintf(&w.body, `{\f%d\fs%d\cf%d`, s.family, max(int(s.size*2+0.5), 1), w.color(s.color))
	for _, one := range []struct {
		on   bool
		word string
	}{{s.bold, `\b`}, {s.italic, `\i`}, {s.underline, `\ul`}, {s.strike, `\strike`}, {s.rise > 0, `\super`}, {s.rise < 0, `\sub`}} {
		if one.on {
			w.body.WriteString(one.word)
		}
	}
	w.body.WriteByte(' ')
	w.text(r.text)
	w.body.WriteByte('}')
}

func (w *rtf) color(c color) int {
	n, ok := w.colors[c]
	if !ok {
		w.table = append(w.table, c)
		n = len(w.table)
		w.colors[c] = n
	}
	return n
}

// text writes characters, those beyond ASCII as UTF-16 units.
func (w *rtf) text(text string) {
	for _, r := range text {
		switch {
		case r == '\\' || r == '{' || r == '}':
			w.body.WriteByte('\\')
			w.body.WriteByte(byte(r))
		case r < ' ':
		case r < 0x7f:
			w.body.WriteByte(byte(r))
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&w.body, `\u%d?`, int16(unit))
			}
		}
	}
}

func (w *rtf) image(p *picture, width float64) {
	pw, ph := p.fit(max(width, 1), 1500)
	kind := "pngblip"
	if p.jpeg {
		kind = "jpegblip"
	}
	fmt.Fprintf(&w.body, `{\pict\%s\picw%d\pich%d\picwgoal%d\pichgoal%d `, kind, p.pixW, p.pixH, twips(pw), twips(ph))
	if w.body.Len()+2*len(p.data) <= maxRTF+1 {
		w.body.WriteString(hex.EncodeToString(p.data))
	}
	w.body.WriteByte('}')
}

func (w *rtf) rows(t *table, indent, width float64) {
	columns := t.columns(max(width-indent, 1))
	for _, r := range t.rows {
		w.body.WriteString(`\trowd\trgaph60`)
		if r.head {
			w.body.WriteString(`\trhdr`)
		}
		fmt.Fprintf(&w.body, `\trleft%d`, twips(indent))
		at, x := 0, indent
		for _, c := range r.cells {
			for range c.span {
				x += columns[at]
				at++
			}
			if t.border > 0 {
				w.body.WriteString(`\clbrdrt\brdrs\brdrw15\clbrdrl\brdrs\brdrw15\clbrdrb\brdrs\brdrw15\clbrdrr\brdrs\brdrw15`)
			}
			if c.background != nil {
				fmt.Fprintf(&w.body, `\clcbpat%d`, w.color(*c.background))
			}
			fmt.Fprintf(&w.body, `\cellx%d`, twips(x))
		}
		w.body.WriteByte('\n')
		at = 0
		for _, c := range r.cells {
			sum := 0.0
			for range c.span {
				sum += columns[at]
				at++
			}
			if len(c.blocks) == 0 {
				w.body.WriteString(`\pard\intbl`)
			}
			w.blocks(c.blocks, sum, `\intbl`)
			w.body.WriteString("\\cell\n")
		}
		w.body.WriteString("\\row\n")
	}
	w.body.WriteString("\\pard\n")
}
