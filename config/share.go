package config

import (
	"hash/maphash"
	"slices"
)

// Sharer gives groups that are equal one and the same memory, and so texts: a thousand
// channels have the settings of their data types a thousand times over. The zero value
// is ready, and keeps what it has seen for as long as it is kept itself.
type Sharer struct {
	seed   maphash.Seed
	groups map[uint64][]Group
	texts  map[string]string
}

// Group returns a group equal to g, with the memory of the first one that was. Nobody
// else may use g meanwhile, since its texts and groups are replaced in place; of what
// is returned nothing may be changed.
func (s *Sharer) Group(g Group) Group {
	if len(g) == 0 {
		return g
	}
	if s.groups == nil {
		s.seed, s.groups, s.texts = maphash.MakeSeed(), map[uint64][]Group{}, map[string]string{}
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	for i := range g {
		set := &g[i]
		set.Group = s.Group(set.Group)
		for _, text := range []*string{&set.Name, &set.Text, &set.Class} {
			*text = s.Text(*text)
			h.WriteString(*text)
			h.WriteByte(0)
		}
		if len(set.Group) > 0 {
			maphash.WriteComparable(&h, &set.Group[0]) // which is shared: its place says what is in it
		}
	}
	sum := h.Sum64()
	for _, known := range s.groups[sum] {
		if slices.EqualFunc(known, g, same) {
			return known
		}
	}
	g = slices.Clip(g)
	s.groups[sum] = append(s.groups[sum], g)
	return g
}

// Text returns an equal text, with the memory of the first one that was.
func (s *Sharer) Text(text string) string {
	if known, ok := s.texts[text]; ok {
		return known
	}
	if s.texts == nil {
		s.texts = map[string]string{}
	}
	s.texts[text] = text
	return text
}

// same reports whether two settings are equal, whose groups are shared.
func same(a, b Setting) bool {
	if a.Name != b.Name || a.Text != b.Text || a.Class != b.Class || len(a.Group) != len(b.Group) || (a.Group == nil) != (b.Group == nil) {
		return false
	}
	return len(a.Group) == 0 || &a.Group[0] == &b.Group[0]
}
