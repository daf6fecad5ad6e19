package document

import (
	"errors"
	"fmt"
)

// Limits on what a message can make of a template.
const (
	maxSource = 32 << 20 // bytes of the template
	maxLines  = 500_000  // lines of text and rows, in all
	maxPages  = 5_000
	maxTables = 8        // tables in each other; deeper ones become paragraphs
	maxCells  = 64       // columns of a table
	maxPixels = 40 << 20 // of all images, decoded
	maxImages = 500
)

var errTooLarge = errors.New("the document is too large")

func tooMany(n int, what string) error {
	return fmt.Errorf("%w: more than %d %s", errTooLarge, n, what)
}

// block is a paragraph, a table, a rule or the end of a page. Measures are in
// points.
type block struct {
	runs          []run
	table         *table
	rule, newPage bool

	align         align
	indent        float64 // from the left
	marker        string  // of a list item, set left of the text
	before, after float64
	keep          bool // on the page of what follows: headings
}

// run is text in one style, an image, or the end of a line.
type run struct {
	text  string
	style style
	image *picture
	end   bool
}

type align byte

const (
	left align = iota
	center
	right
)

type family byte

const (
	timesFamily family = iota
	helveticaFamily
	courierFamily
)

// style is how text looks.
type style struct {
	family       family
	size         float64
	bold, italic bool
	underline    bool
	strike       bool
	rise         float64 // part of the size: above 0 superscript
	color        color
	pre, nowrap  bool
	align        align
	background   *color // of a cell
}

type color struct{ r, g, b uint8 }

type table struct {
	rows   []row
	width  length
	border float64 // width of lines around cells; 0: none
	pad    float64
}

type row struct {
	cells []cell
	head  bool // repeated on every page
}

type cell struct {
	blocks     []block
	span       int
	width      length
	background *color
}

// length is points, or a part of what there is.
type length struct {
	points, part float64
}

func (l length) of(whole float64) (float64, bool) {
	if l.part > 0 {
		return l.part * whole, true
	}
	return l.points, l.points > 0
}

// paper is the size of pages and their margins.
type paper struct {
	width, height            float64
	top, right, bottom, left float64
}

func (p paper) inner() (width, height float64) {
	return p.width - p.left - p.right, p.height - p.top - p.bottom
}
