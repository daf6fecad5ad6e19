package document

import (
	"math"
	"strings"
)

// line is a piece of a page that is not torn: a line of text, a row of a table.
// What is in it is placed from its upper left corner, in points, downwards.
type line struct {
	height  float64
	marks   []mark
	keep    bool // on the page of the next line
	newPage bool
	head    []line // of the table that the line is a row of, to be repeated
}

// mark is something drawn.
type mark struct {
	kind  markKind
	x, y  float64 // of text the baseline's start, else the upper left corner
	w, h  float64
	lead  float64 // of text: the blank that it begins with, which is not underlined
	text  string  // in WinAnsiEncoding
	style style
	image *picture
	color color
}

type markKind byte

const (
	textMark markKind = iota
	fillMark
	strokeMark
	imageMark
)

// layout breaks blocks into lines.
type layout struct {
	height float64 // of a page
	lines  int
	err    error
}

func (l *layout) line(out []line, one line) []line {
	if l.lines++; l.lines > maxLines && l.err == nil {
		l.err = tooMany(maxLines, "lines")
	}
	return append(out, one)
}

func (l *layout) blocks(blocks []block, width float64) (out []line) {
	gap := 0.0
	for _, b := range blocks {
		if l.err != nil {
			return out
		}
		if b.newPage {
			out = l.line(out, line{newPage: true})
			gap = 0
			continue
		}
		if gap = max(gap, b.before); gap > 0 && len(out) > 0 {
			out = l.line(out, line{height: gap, keep: out[len(out)-1].keep})
		}
		indent := min(b.indent, width/2)
		switch {
		case b.rule:
			out = l.line(out, line{height: 1, marks: []mark{{kind: fillMark, x: indent, w: width - indent, h: 0.75, color: color{128, 128, 128}}}})
		case b.table != nil:
			out = l.table(out, b, indent, width-indent)
		default:
			out = l.paragraph(out, b, indent, width-indent)
		}
		gap = b.after
	}
	if gap > 0 && len(out) > 0 {
		out = l.line(out, line{height: gap})
	}
	return out
}

// word is what stands on a line without a break: text in one style or an image.
type word struct {
	text  string
	style style
	image *picture
	w, h  float64 // h of images
	space bool    // a line may end before it, and there is a blank between
	end   bool
}

// words cuts runs at their blanks.
func words(runs []run) (out []word) {
	space := false
	for _, r := range runs {
		switch {
		case r.end:
			out, space = append(out, word{end: true, style: r.style}), false
			continue
		case r.image != nil:
			out, space = append(out, word{image: r.image, style: r.style, space: space}), false
			continue
		}
		text := winAnsi(r.text)
		if r.style.pre || r.style.nowrap {
			out, space = append(out, word{text: text, style: r.style, space: space}), false
			continue
		}
		for text != "" {
			trimmed := strings.TrimLeft(text, " ")
			space = space || len(trimmed) < len(text)
			part, _, _ := strings.Cut(trimmed, " ")
			if part != "" {
				out, space = append(out, word{text: part, style: r.style, space: space}), false
			}
			text = trimmed[len(part):]
		}
	}
	for i := range out {
		out[i].w = out[i].style.face().width(out[i].text, out[i].style.size)
	}
	return out
}

func (w word) blank() float64 {
	if !w.space {
		return 0
	}
	return w.style.face().width(" ", w.style.size)
}

func (l *layout) paragraph(out []line, b block, indent, width float64) []line {
	var row []word
	used := 0.0
	marker := b.marker
	flush := func(last style) {
		out = l.line(out, l.set(row, b, marker, indent, width, last))
		row, used, marker = row[:0], 0, ""
	}
	all := words(b.runs)
	for i := 0; i < len(all) && l.err == nil; i++ {
		w := all[i]
		if w.image != nil {
			w.w, w.h = w.image.fit(width, l.height*0.95)
		}
		switch {
		case w.end:
			flush(w.style)
			continue
		case used > 0 && used+w.blank()+w.w > width+0.01 && w.space:
			flush(w.style)
		case used > 0 && used+w.w > width+0.01 && !w.space:
			// Parts without a blank between move together, if they began after one.
			if at := lastSpace(row); at > 0 {
				moved := append([]word(nil), row[at:]...)
				row = row[:at]
				flush(w.style)
				row = append(row, moved...)
				row[0].space = false
				used = widthOf(row)
			}
			if used+w.w > width+0.01 {
				flush(w.style)
			}
		}
		if used == 0 {
			w.space = false
		}
		for w.image == nil && used == 0 && w.w > width+0.01 && len(w.text) > 1 && l.err == nil { // longer than a line
			n := fitting(w, width)
			row = append(row, word{text: w.text[:n], style: w.style, w: w.style.face().width(w.text[:n], w.style.size)})
			flush(w.style)
			w.text = w.text[n:]
			w.w = w.style.face().width(w.text, w.style.size)
		}
		used += w.blank() + w.w
		row = append(row, w)
	}
	if len(row) > 0 {
		flush(row[len(row)-1].style)
	}
	if b.keep && len(out) > 0 {
		out[len(out)-1].keep = true
	}
	return out
}

func lastSpace(row []word) int {
	for i := len(row) - 1; i > 0; i-- {
		if row[i].space {
			return i
		}
	}
	return 0
}

func widthOf(row []word) (w float64) {
	for _, one := range row {
		w += one.blank() + one.w
	}
	return w
}

// fitting is how many characters of a word fit, at least one.
func fitting(w word, width float64) int {
	f, sum := w.style.face(), 0.0
	for i := 0; i < len(w.text); i++ {
		if sum += f.width(w.text[i:i+1], w.style.size); sum > width {
			return max(i, 1)
		}
	}
	return len(w.text)
}

// leading is the height of a line, in sizes of its text.
const leading = 1.2

// set places the words of a line.
func (l *layout) set(row []word, b block, marker string, indent, width float64, last style) line {
	ascent, descent := 0.0, 0.0
	for _, w := range row {
		if w.image != nil {
			ascent = max(ascent, w.h)
			continue
		}
		ascent = max(ascent, w.style.size*(0.95+max(w.style.rise, 0)))
		descent = max(descent, w.style.size*(leading-0.95-min(w.style.rise, 0)))
	}
	if len(row) == 0 {
		ascent, descent = last.size*0.95, last.size*(leading-0.95)
	}
	out := line{height: ascent + descent}
	x := indent
	switch free := width - widthOf(row); b.align {
	case center:
		x += max(free/2, 0)
	case right:
		x += max(free, 0)
	}
	if marker != "" {
		text, s := winAnsi(marker), last
		if len(row) > 0 {
			s = row[0].style
		}
		out.marks = append(out.marks, mark{text: text, style: s, x: max(indent-6-s.face().width(text, s.size), 0), y: ascent})
	}
	for _, w := range row {
		if w.image != nil {
			x += w.blank()
			out.marks = append(out.marks, mark{kind: imageMark, image: w.image, x: x, y: ascent - w.h, w: w.w, h: w.h})
			x += w.w
			continue
		}
		text := w.text
		if w.space { // the blank is part of the text, so that it can be searched and copied
			text = " " + text
		}
		m := mark{text: text, style: w.style, x: x, y: ascent - w.style.rise*w.style.size, w: w.blank() + w.w, lead: w.blank()}
		if n := len(out.marks); n > 0 && out.marks[n-1].joins(m) {
			out.marks[n-1].text += text
			out.marks[n-1].w += m.w
		} else {
			out.marks = append(out.marks, m)
		}
		x += m.w
	}
	return out
}

// joins reports whether a text goes on where m ends.
func (m mark) joins(next mark) bool {
	a, b := m.style, next.style
	a.background, b.background = nil, nil
	return m.kind == textMark && m.w > 0 && a == b && m.y == next.y && math.Abs(m.x+m.w-next.x) < 0.01
}

// table sets the rows of a table, each as a line; one that is higher than a page
// becomes several.
func (l *layout) table(out []line, b block, indent, width float64) []line {
	t := b.table
	columns := t.columns(width)
	total := 0.0
	for _, w := range columns {
		total += w
	}
	switch b.align {
	case center:
		indent += max((width-total)/2, 0)
	case right:
		indent += max(width-total, 0)
	}
	var head []line
	body := false
	for _, r := range t.rows {
		if l.err != nil {
			return out
		}
		for _, one := range l.row(t, r, columns, indent) {
			if r.head && !body && len(head) < 10 {
				head = append(head, one)
				one.keep = true
			} else {
				body = true
				one.head = head
			}
			out = l.line(out, one)
		}
	}
	return out
}

// columns decides on the widths of columns: what is asked for, then what their
// content wants, shortened to what there is.
func (t *table) columns(width float64) []float64 {
	n := 0
	for _, r := range t.rows {
		span := 0
		for _, c := range r.cells {
			span += c.span
		}
		n = max(n, span)
	}
	low, high, asked := make([]float64, n), make([]float64, n), make([]float64, n)
	for _, r := range t.rows {
		at := 0
		for _, c := range r.cells {
			if c.span == 1 {
				lo, hi := measure(c.blocks, 0)
				low[at], high[at] = max(low[at], lo+2*t.pad+2), max(high[at], hi+2*t.pad+2)
				if w, ok := c.width.of(width); ok {
					asked[at] = max(asked[at], w)
				}
			}
			at += c.span
		}
	}
	whole, wide := t.width.of(width)
	whole = min(whole, width)
	for _, r := range t.rows { // cells over several columns widen all of them
		at := 0
		for _, c := range r.cells {
			if c.span > 1 {
				lo, hi := measure(c.blocks, 0)
				var sumLow, sumHigh float64
				for i := at; i < at+c.span; i++ {
					sumLow, sumHigh = sumLow+low[i], sumHigh+high[i]
				}
				for i := at; i < at+c.span; i++ {
					low[i] += max(lo+2*t.pad+2-sumLow, 0) / float64(c.span)
					high[i] += max(hi+2*t.pad+2-sumHigh, 0) / float64(c.span)
				}
			}
			at += c.span
		}
	}
	out := make([]float64, n)
	var sum, flexible float64
	for i := range out {
		high[i] = max(high[i], low[i], 4)
		out[i] = high[i]
		if asked[i] > 0 {
			out[i] = max(asked[i], low[i])
		} else {
			flexible += high[i]
		}
		sum += out[i]
	}
	limit := width
	if wide {
		limit = whole
	}
	switch {
	case sum > limit: // take from what is above the least
		least := 0.0
		for i := range out {
			low[i] = min(max(low[i], 4), out[i])
			least += low[i]
		}
		for i := range out {
			if least >= limit || sum <= least {
				out[i] = low[i] * limit / max(least, 1)
			} else {
				out[i] = low[i] + (out[i]-low[i])*(limit-least)/(sum-least)
			}
		}
	case wide && sum > 0:
		for i := range out {
			switch {
			case flexible == 0:
				out[i] *= limit / sum
			case asked[i] == 0:
				out[i] += (limit - sum) * high[i] / flexible
			}
		}
	}
	return out
}

// measure returns the least width of blocks, and that without breaks.
func measure(blocks []block, depth int) (low, high float64) {
	for _, b := range blocks {
		if b.table != nil {
			if depth < maxTables {
				for _, r := range b.table.rows {
					var rowLow, rowHigh float64
					for _, c := range r.cells {
						lo, hi := measure(c.blocks, depth+1)
						rowLow, rowHigh = rowLow+lo+2*b.table.pad+2, rowHigh+hi+2*b.table.pad+2
					}
					low, high = max(low, rowLow+b.indent), max(high, rowHigh+b.indent)
				}
			}
			continue
		}
		sum := b.indent
		for _, w := range words(b.runs) {
			if w.image != nil {
				w.w = w.image.width
			}
			if w.end {
				sum = b.indent
				continue
			}
			sum += w.blank() + w.w
			low, high = max(low, w.w+b.indent), max(high, sum)
		}
	}
	return low, high
}

// row sets a row.
func (l *layout) row(t *table, r row, columns []float64, indent float64) (out []line) {
	cells := make([][]line, len(r.cells))
	left := make([]float64, len(r.cells))
	width := make([]float64, len(r.cells))
	at, x := 0, indent
	for i, c := range r.cells {
		for range c.span {
			width[i] += columns[at]
			at++
		}
		left[i] = x
		x += width[i]
		cells[i] = l.blocks(c.blocks, max(width[i]-2*t.pad-2, 1))
	}
	for first := true; first || some(cells); first = false {
		one := line{height: 2*t.pad + 2}
		var content []mark
		for i := range cells {
			y := t.pad + 1
			n := 0
			for ; n < len(cells[i]) && (n == 0 || y+cells[i][n].height+t.pad+1 <= l.height); n++ {
				for _, m := range cells[i][n].marks {
					m.x, m.y = m.x+left[i]+t.pad+1, m.y+y
					content = append(content, m)
				}
				y += cells[i][n].height
			}
			cells[i] = cells[i][n:]
			one.height = max(one.height, y+t.pad+1)
		}
		one.height = min(one.height, l.height)
		for i, c := range r.cells {
			if c.background != nil {
				one.marks = append(one.marks, mark{kind: fillMark, x: left[i], w: width[i], h: one.height, color: *c.background})
			}
			if t.border > 0 {
				one.marks = append(one.marks, mark{kind: strokeMark, x: left[i], w: width[i], h: one.height})
			}
		}
		one.marks = append(one.marks, content...)
		out = l.line(out, one)
		if l.err != nil {
			return out
		}
	}
	return out
}

func some(cells [][]line) bool {
	for _, c := range cells {
		if len(c) > 0 {
			return true
		}
	}
	return false
}

// pages fills pages with lines.
func (l *layout) pages(lines []line) (pages [][]mark, err error) {
	if l.err != nil {
		return nil, l.err
	}
	var page []mark
	y := 0.0
	next := func() {
		pages = append(pages, page)
		page, y = nil, 0
	}
	for i := 0; i < len(lines); i++ {
		one := lines[i]
		need := one.height
		for j := i; lines[j].keep && j+1 < len(lines) && j < i+10; j++ {
			need += lines[j+1].height
		}
		if need > l.height {
			need = one.height
		}
		switch {
		case one.newPage:
			if len(page) > 0 {
				next()
			}
			continue
		case y > 0 && y+need > l.height+0.01:
			next()
			if tall(one.head)+one.height <= l.height {
				for _, h := range one.head {
					page, y = place(page, h, y)
				}
			}
		}
		if len(pages) >= maxPages {
			return nil, tooMany(maxPages, "pages")
		}
		if y == 0 && len(one.marks) == 0 && len(pages) > 0 { // a gap at the top
			continue
		}
		page, y = place(page, one, y)
	}
	if len(page) > 0 || len(pages) == 0 {
		next()
	}
	return pages, nil
}

func tall(lines []line) (h float64) {
	for _, one := range lines {
		h += one.height
	}
	return h
}

func place(page []mark, one line, y float64) ([]mark, float64) {
	for _, m := range one.marks {
		m.y += y
		page = append(page, m)
	}
	return page, y + one.height
}
