package main

import "testing"

func TestSize(t *testing.T) {
	for text, want := range map[string]string{
		"16MiB": "16MiB", "16 mib": "16MiB", "0": "0", "1000": "1000", "1024": "1KiB", "5GB": "5000000000", "1 B": "1", "8TiB": "8TiB",
	} {
		var s size
		if err := s.Set(text); err != nil || s.String() != want {
			t.Errorf("%q: got %s, error %v, want %s", text, s.String(), err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5GB", "16 apples", "99999999TiB", "0x10"} {
		s := size(7)
		if err := s.Set(text); err == nil || s != 7 {
			t.Errorf("%q was taken as %s", text, s.String())
		}
	}
}
