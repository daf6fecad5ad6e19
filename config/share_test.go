package config

import (
	"reflect"
	"testing"
)

// What is equal gets one memory, and what is not stays as it was.
func TestSharer(t *testing.T) {
	settings := func(port, delimiter string) Group {
		return Group{{Name: "port", Text: port},
			{Name: "type", Class: "X", Group: Group{{Name: "delimiter", Text: delimiter}, {Name: "none", Group: Group{}}}}}
	}
	var s Sharer
	first := s.Group(settings("1", ","))
	for _, c := range []struct {
		what           string
		g              Group
		all, delimiter bool // shared with first
	}{
		{"the same", settings("1", ","), true, true},
		{"another port", settings("2", ","), false, true},
		{"another delimiter", settings("1", ";"), false, false},
		{"one setting less", settings("1", ",")[:1], false, false},
		{"texts that join to the same", Group{{Name: "por", Text: "t1"}}, false, false},
	} {
		want := append(Group{}, c.g...)
		got := s.Group(c.g)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", c.what, got, want)
		}
		if all := &got[0] == &first[0]; all != c.all {
			t.Errorf("%s: shared as a whole is %v", c.what, all)
		}
		if len(got) > 1 {
			if part := &got[1].Group[0] == &first[1].Group[0]; part != c.delimiter {
				t.Errorf("%s: shared below is %v", c.what, part)
			}
		}
	}
	if got := s.Group(Group{}); got == nil {
		t.Error("an empty group became none")
	}
}
