package mirth

import (
	"os"
	"path/filepath"
	"testing"
)

// exports are all the export files of the project's cases.
func exports(t testing.TB) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"../../test/cases/*/*.xml", "../../test/bench-channels/*.xml"} {
		found, _ := filepath.Glob(pattern)
		names = append(names, found...)
	}
	if len(names) == 0 {
		t.Fatal("no exports in test/cases and test/bench-channels")
	}
	return names
}

func TestExportsAreReadWithoutNotes(t *testing.T) {
	for _, name := range exports(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		im, err := ReadFile(name, data)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(im.Channels) == 0 {
			t.Errorf("%s: no channels", name)
		}
		for _, n := range im.Notes {
			t.Errorf("%s: %s", name, n)
		}
	}
}
