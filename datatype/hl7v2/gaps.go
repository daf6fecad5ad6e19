package hl7v2

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/weir-health/weir/tree"
)

// MaxGaps is how many elements Encode may fill in and still tell where.
const MaxGaps = 200

// A script that assigns PID.5.7 where there are five components leaves a tree
// without PID.5.6; the text has its place, since what follows must be counted.
// Reading the text gives an empty PID.5.6 that the tree did not have. gaps are
// the places of such elements in the tree that is read, in its order.
type gaps []place

// place is the indexes of an element: its segment's in the message, its field's
// in the segment (repetitions count), its own in the field. whole stands for the
// levels below.
type place struct{ segment, field, component int }

const whole = -1

// String writes the places as the hint that Reread takes: "2.6.5 3.18".
func (g gaps) String() string {
	var b []byte
	for i, p := range g {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(p.segment), 10)
		b = strconv.AppendInt(append(b, '.'), int64(p.field), 10)
		if p.component != whole {
			b = strconv.AppendInt(append(b, '.'), int64(p.component), 10)
		}
	}
	return string(b)
}

// Reread parses a text that EncodeHint wrote, and takes out the elements that
// its hint names: the tree is then the one that was written.
func (t *Type) Reread(text, hint string) (*tree.Node, error) {
	root, err := t.Parse(text)
	if err != nil {
		return nil, err
	}
	places := strings.Fields(hint)
	for i := len(places) - 1; i >= 0; i-- { // from the end, so that indexes stay true
		if err := remove(root, places[i]); err != nil {
			return nil, err
		}
	}
	return root, nil
}

func remove(n *tree.Node, place string) error {
	for {
		index, rest, more := strings.Cut(place, ".")
		i, err := strconv.Atoi(index)
		if err != nil || i < 0 || i >= len(n.Children()) {
			return fmt.Errorf("the text does not have the place %q that its hint names", place)
		}
		if !more {
			n.Remove(i)
			return nil
		}
		n, place = n.Children()[i], rest
	}
}
