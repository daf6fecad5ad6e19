package script

import "sort"

// DestinationSet is the destinations, by metadata id, that a message still goes
// to. A source filter or transformer takes some out.
type DestinationSet struct {
	ids map[int]bool
}

// NewDestinationSet returns the set of those ids.
func NewDestinationSet(ids []int) *DestinationSet {
	d := &DestinationSet{ids: make(map[int]bool, len(ids))}
	for _, id := range ids {
		d.ids[id] = true
	}
	return d
}

// IDs returns what is left, in rising order.
func (d *DestinationSet) IDs() []int {
	ids := make([]int, 0, len(d.ids))
	for id := range d.ids {
		ids = append(ids, id)
	}
	sort.Ints(ids)
	return ids
}

// Has reports whether the message goes to that destination.
func (d *DestinationSet) Has(id int) bool { return d.ids[id] }

// Remove takes ids out and reports whether that changed anything.
func (d *DestinationSet) Remove(ids ...int) bool {
	before := len(d.ids)
	for _, id := range ids {
		delete(d.ids, id)
	}
	return len(d.ids) != before
}

// Keep takes all but those ids out and reports whether that changed anything.
func (d *DestinationSet) Keep(ids ...int) bool {
	keep := make(map[int]bool, len(ids))
	for _, id := range ids {
		keep[id] = d.ids[id]
	}
	before := len(d.ids)
	for id := range d.ids {
		if !keep[id] {
			delete(d.ids, id)
		}
	}
	return len(d.ids) != before
}
