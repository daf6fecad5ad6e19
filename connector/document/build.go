package document

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// selfClosed finds elements closed as only XML closes them.
var selfClosed = regexp.MustCompile(`<([A-Za-z][A-Za-z0-9]*)((?:\s[^<>]*)?)/>`)

var void = map[string]bool{"br": true, "hr": true, "img": true, "meta": true, "link": true, "col": true, "input": true, "base": true, "wbr": true, "area": true}

// parse reads a document. page is its size unless its own style sheet says
// another.
func parse(source string, page paper) ([]block, paper, error) {
	if len(source) > maxSource {
		return nil, page, tooMany(maxSource, "bytes")
	}
	source = selfClosed.ReplaceAllStringFunc(source, func(tag string) string {
		m := selfClosed.FindStringSubmatch(tag)
		if void[strings.ToLower(m[1])] {
			return tag
		}
		return "<" + m[1] + m[2] + "></" + m[1] + ">"
	})
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return nil, page, fmt.Errorf("the template cannot be read as HTML: %w", err)
	}
	b := &builder{budget: new(budget)}
	b.sheets(root, &page)
	page.fit()
	b.children(root, style{size: 12}, within{})
	b.flush(0)
	return b.blocks, page, b.err
}

// budget is what a document may still use.
type budget struct{ images, pixels, blocks int }

// builder makes blocks of elements.
type builder struct {
	rules  []rule
	blocks []block
	budget *budget
	tables int // this one is in
	err    error

	open  block // the paragraph that is being filled
	space bool  // a blank is due before the next word
}

// within is what elements inherit besides the style.
type within struct {
	indent float64
	list   *list
}

type list struct {
	ordered bool
	next    int
}

// sheets reads the style elements.
func (b *builder) sheets(n *html.Node, page *paper) {
	for n := range n.Descendants() {
		if n.Type == html.ElementNode && n.Data == "style" && n.FirstChild != nil {
			rules, decl := parseSheet(n.FirstChild.Data)
			b.rules = append(b.rules, rules...)
			page.set(decl)
		}
	}
}

func (b *builder) children(n *html.Node, s style, c within) {
	for child := n.FirstChild; child != nil && b.err == nil; child = child.NextSibling {
		b.node(child, s, c)
	}
}

func (b *builder) node(n *html.Node, s style, c within) {
	switch n.Type {
	case html.TextNode:
		b.text(n.Data, s)
	case html.ElementNode:
		b.element(n, s, c)
	case html.DocumentNode:
		b.children(n, s, c)
	}
}

// box is what style sheets say of an element beside its text.
type box struct {
	before, after  *float64
	left           float64
	breakB, breakA bool
	width          length
	height         length
	hidden         bool
	border         bool
}

// styled applies style sheets and attributes to an element.
func (b *builder) styled(n *html.Node, s *style) (x box) {
	var all []declaration
	for _, r := range b.rules {
		if r.matches(n) {
			all = append(all, r.declarations...)
		}
	}
	if a := attribute(n, "align"); a != "" {
		all = append(all, declaration{"text-align", a})
	}
	if a := attribute(n, "bgcolor"); a != "" {
		all = append(all, declaration{"background-color", a})
	}
	for _, name := range []string{"width", "height"} {
		if a := attribute(n, name); a != "" {
			all = append(all, declaration{name, a})
		}
	}
	all = append(all, declarations(attribute(n, "style"))...)
	for _, d := range all {
		s.set(d)
		l, isLength := points(d.value, s.size)
		switch d.name {
		case "width":
			x.width = l
		case "height":
			x.height = l
		case "margin-top", "margin-bottom", "margin-left":
			if isLength && l.part == 0 {
				switch p := min(l.points, 500); d.name {
				case "margin-top":
					x.before = &p
				case "margin-bottom":
					x.after = &p
				default:
					x.left = min(p, 200)
				}
			}
		case "margin":
			if f := strings.Fields(d.value); len(f) > 0 {
				if l, ok := points(f[0], s.size); ok && l.part == 0 {
					p := min(l.points, 500)
					x.before, x.after = &p, &p
				}
			}
		case "page-break-before", "break-before":
			x.breakB = d.value == "always" || d.value == "page"
		case "page-break-after", "break-after":
			x.breakA = d.value == "always" || d.value == "page"
		case "display":
			x.hidden = d.value == "none"
		case "border":
			x.border = !strings.HasPrefix(d.value, "0") && !strings.Contains(d.value, "none")
		}
	}
	return x
}

var headings = map[string]float64{"h1": 2, "h2": 1.5, "h3": 1.17, "h4": 1, "h5": 0.83, "h6": 0.67}

// margins of blocks, in sizes of their text.
var margins = map[string]float64{"p": 1, "h1": 0.67, "h2": 0.83, "h3": 1, "h4": 1.33, "h5": 1.5, "h6": 1.67, "ul": 0.5, "ol": 0.5,
	"pre": 1, "blockquote": 1, "dl": 1}

func (b *builder) element(n *html.Node, s style, c within) {
	size := s.size
	s.background = nil
	switch n.Data {
	case "head", "script", "style", "title", "template", "noscript", "object", "iframe", "svg", "math", "textarea", "select":
		return
	case "b", "strong", "th":
		s.bold = true
	case "i", "em", "cite", "var", "dfn":
		s.italic = true
	case "u", "ins":
		s.underline = true
	case "s", "strike", "del":
		s.strike = true
	case "code", "tt", "kbd", "samp", "pre":
		s.family = courierFamily
		s.pre = s.pre || n.Data == "pre"
	case "sup":
		s.rise, s.size = 0.4, size*0.7
	case "sub":
		s.rise, s.size = -0.2, size*0.7
	case "small":
		s.size = size * 0.83
	case "big":
		s.size = size * 1.17
	case "center":
		s.align = center
	case "font":
		b.font(n, &s)
	}
	if h, ok := headings[n.Data]; ok {
		s.size, s.bold = size*h, true
	}
	if n.Data == "th" {
		s.align = center
	}
	s.size = min(max(s.size, 1), 400)
	x := b.styled(n, &s)
	if x.hidden {
		return
	}
	switch n.Data {
	case "br":
		b.space = false
		b.add(run{end: true, style: s})
		return
	case "img":
		b.image(n, s, x)
		return
	case "hr":
		b.flush(0)
		b.append(block{rule: true, indent: c.indent, before: 4, after: 4})
		return
	case "table":
		b.table(n, s, c, x)
		return
	}
	if isBlock(n.Data) {
		b.block(n, s, c, x)
		return
	}
	b.children(n, s, c)
}

func isBlock(name string) bool {
	switch name {
	case "html", "body", "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "blockquote", "center", "address", "dl", "dt", "dd",
		"section", "article", "header", "footer", "main", "nav", "aside", "form", "fieldset", "figure", "figcaption", "legend",
		"tr", "td", "th", "tbody", "thead", "tfoot", "caption":
		return true
	}
	return false
}

// block fills paragraphs with what is in an element.
func (b *builder) block(n *html.Node, s style, c within, x box) {
	margin := margins[n.Data] * s.size
	before, after := margin, margin
	if x.before != nil {
		before = *x.before
	}
	if x.after != nil {
		after = *x.after
	}
	b.flush(0)
	if x.breakB {
		b.append(block{newPage: true})
	}
	c.indent += x.left
	marker := ""
	switch n.Data {
	case "ul", "ol":
		c.indent += 24
		start, err := strconv.Atoi(attribute(n, "start"))
		if err != nil || start < 0 || start > 1e6 {
			start = 1
		}
		c.list = &list{ordered: n.Data == "ol", next: start}
	case "li":
		marker = "\u2022"
		if c.list != nil && c.list.ordered {
			marker = strconv.Itoa(c.list.next) + "."
			c.list.next++
		}
	case "blockquote", "dd":
		c.indent += 30
	}
	c.indent = min(c.indent, 240)
	if marker == "" && len(b.open.runs) == 0 {
		marker = b.open.marker // a paragraph that begins a list item
	}
	first := len(b.blocks)
	b.open = block{align: s.align, indent: c.indent, marker: marker}
	inner := n.FirstChild
	for ; inner != nil && b.err == nil; inner = inner.NextSibling {
		if b.open.runs == nil && b.open.marker == "" {
			b.open.align, b.open.indent = s.align, c.indent
		}
		b.node(inner, s, c)
	}
	if _, ok := headings[n.Data]; ok {
		b.open.keep = true
	}
	b.flush(0)
	b.open = block{}
	if len(b.blocks) > first {
		b.blocks[first].before = max(b.blocks[first].before, before)
		last := &b.blocks[len(b.blocks)-1]
		last.after = max(last.after, after)
	}
	if x.breakA {
		b.append(block{newPage: true})
	}
}

func (b *builder) font(n *html.Node, s *style) {
	if face := attribute(n, "face"); face != "" {
		s.family = familyOf(face)
	}
	if c, ok := colorOf(attribute(n, "color")); ok {
		s.color = c
	}
	sizes := []float64{7.5, 10, 12, 13.5, 18, 24, 36}
	if i, err := strconv.Atoi(attribute(n, "size")); err == nil && i >= 1 && i <= 7 {
		s.size = sizes[i-1]
	}
}

func (b *builder) image(n *html.Node, s style, x box) {
	if b.budget.images++; b.budget.images > maxImages {
		b.err = tooMany(maxImages, "images")
		return
	}
	p := readPicture(attribute(n, "src"))
	if p == nil {
		b.text(attribute(n, "alt"), s)
		return
	}
	if !p.jpeg {
		b.budget.pixels += p.pixW * p.pixH
	}
	if b.budget.pixels > maxPixels {
		b.err = tooMany(maxPixels, "pixels")
		return
	}
	p.asked(x.width, x.height)
	if b.space {
		b.space = false
		b.add(run{text: " ", style: s})
	}
	b.add(run{image: p, style: s})
}

// text adds characters, blanks as HTML has them.
func (b *builder) text(t string, s style) {
	if s.pre {
		for i, line := range strings.Split(strings.ReplaceAll(strings.ReplaceAll(t, "\r\n", "\n"), "\r", "\n"), "\n") {
			if i > 0 {
				b.add(run{end: true, style: s})
			}
			if line != "" {
				b.add(run{text: strings.ReplaceAll(line, "\t", "    "), style: s})
			}
		}
		return
	}
	var out strings.Builder
	for _, r := range t {
		switch r {
		case ' ', '\t', '\n', '\r', '\f':
			b.space = b.space || len(b.open.runs) > 0 && !b.open.runs[len(b.open.runs)-1].end || out.Len() > 0
		default:
			if b.space {
				out.WriteByte(' ')
				b.space = false
			}
			out.WriteRune(r)
		}
	}
	if out.Len() > 0 {
		b.add(run{text: out.String(), style: s})
	}
}

func (b *builder) add(r run) {
	if b.open.runs == nil && b.open.marker == "" {
		b.open.align = r.style.align
	}
	b.open.runs = append(b.open.runs, r)
}

// flush ends the open paragraph, if anything is in it.
func (b *builder) flush(after float64) {
	b.space = false
	if len(b.open.runs) > 0 {
		if last := len(b.open.runs) - 1; b.open.runs[last].end && last > 0 { // a br at the end makes no line
			b.open.runs = b.open.runs[:last]
		}
		b.open.after = after
		b.append(b.open)
		b.open = block{align: b.open.align, indent: b.open.indent}
	}
}

func (b *builder) append(one block) {
	if b.budget.blocks++; b.budget.blocks > maxLines {
		b.err = tooMany(maxLines, "paragraphs")
		return
	}
	b.blocks = append(b.blocks, one)
}

// table reads the rows of a table. A cell that spans rows stands in the first of
// them and leaves room in the others.
func (b *builder) table(n *html.Node, s style, c within, x box) {
	if b.tables >= maxTables {
		b.children(n, s, c)
		return
	}
	b.flush(0)
	if x.breakB {
		b.append(block{newPage: true})
	}
	t := &table{width: x.width, pad: 2}
	if l, ok := points(attribute(n, "cellpadding"), 0); ok {
		t.pad = min(l.points, 50)
	}
	if a := attribute(n, "border"); x.border || a != "" && a != "0" {
		t.border = 0.75
	}
	s.align = left
	rows := &rowsOf{b: b, t: t, spans: map[int]int{}}
	rows.collect(n, s, false)
	if len(t.rows) > 0 {
		b.append(block{table: t, indent: c.indent, align: tableAlign(n), before: 2, after: 2})
	}
	if x.breakA {
		b.append(block{newPage: true})
	}
}

func tableAlign(n *html.Node) align { return alignOf(attribute(n, "align")) }

type rowsOf struct {
	b     *builder
	t     *table
	spans map[int]int // by column: rows that a cell above still spans
}

func (r *rowsOf) collect(n *html.Node, s style, head bool) {
	for child := n.FirstChild; child != nil && r.b.err == nil; child = child.NextSibling {
		if child.Type != html.ElementNode {
			continue
		}
		s := s
		switch child.Data {
		case "thead":
			r.b.styled(child, &s)
			r.collect(child, s, true)
		case "tbody", "tfoot":
			r.b.styled(child, &s)
			r.collect(child, s, false)
		case "caption":
			r.b.element(child, s, within{})
			r.b.flush(2)
		case "tr":
			r.row(child, s, head)
		}
	}
}

func (r *rowsOf) row(n *html.Node, s style, head bool) {
	background := s.background
	x := r.b.styled(n, &s)
	if x.hidden {
		return
	}
	if s.background == nil {
		s.background = background
	}
	out := row{head: head}
	column := 0
	room := func() {
		for r.spans[column] > 0 && column < maxCells {
			r.spans[column]--
			out.cells = append(out.cells, cell{span: 1, background: s.background})
			column++
		}
	}
	for child := n.FirstChild; child != nil && r.b.err == nil; child = child.NextSibling {
		if child.Type != html.ElementNode || child.Data != "td" && child.Data != "th" {
			continue
		}
		if room(); column >= maxCells {
			r.b.err = tooMany(maxCells, "columns")
			return
		}
		one := r.cell(child, s)
		one.span = min(max(number(attribute(child, "colspan")), 1), maxCells-column)
		down := min(max(number(attribute(child, "rowspan")), 1), 1000) - 1
		for range one.span {
			r.spans[column] = down
			column++
		}
		out.cells = append(out.cells, one)
	}
	room()
	if r.b.budget.blocks++; r.b.budget.blocks > maxLines {
		r.b.err = tooMany(maxLines, "rows")
		return
	}
	if len(out.cells) > 0 {
		r.t.rows = append(r.t.rows, out)
	}
}

func (r *rowsOf) cell(n *html.Node, s style) cell {
	inner := &builder{rules: r.b.rules, budget: r.b.budget, tables: r.b.tables + 1}
	looks := s
	if n.Data == "th" {
		looks.bold, looks.align = true, center
	}
	x := inner.styled(n, &looks)
	if x.border {
		r.t.border = 0.75
	}
	content := looks
	content.background = nil
	inner.open.align = looks.align
	inner.children(n, content, within{})
	inner.flush(0)
	r.b.err = inner.err
	return cell{blocks: inner.blocks, width: x.width, background: looks.background}
}

func number(text string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(text))
	return n
}
