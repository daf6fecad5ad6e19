package history

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHistory(t *testing.T) {
	at := time.Date(2026, 1, 31, 8, 15, 0, 0, time.UTC)
	dir := t.TempDir()
	l := Open(dir, func() time.Time { return at })
	keep := func(id, name, text, why string) {
		t.Helper()
		if err := l.Keep(Saved{Channels, Entry{ID: id, Name: name, By: By{Who: "ada", Why: why, How: "test"}}, []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
	keep("a-1", "Ward", "one\n", "it is new")
	keep("a-1", "Ward", "one\n", "the same")
	keep("a-1", "Ward", "two\nlines", "")
	keep("../../x", "Odd", "odd", "")
	if err := l.Keep(Saved{Channels, Entry{ID: "a-1", Name: "Ward", Removed: true}, nil}); err != nil {
		t.Fatal(err)
	}
	keep("a-1", "Ward 2", "two\nlines", strings.Repeat("ä", maxWhy))
	l = Open(dir, nil)
	list, err := l.Entries(Channels, "a-1")
	if err != nil || len(list) != 4 || list[0].Number != 4 || list[0].Name != "Ward 2" || !list[1].Removed || list[3].Why != "it is new" || list[3].Who != "ada" || !list[3].Time.Equal(at) {
		t.Errorf("entries: %+v %v", list, err)
	}
	if len(list[0].Why) != maxWhy {
		t.Errorf("a reason of %d bytes", len(list[0].Why))
	}
	if e, text, err := l.Get(Channels, "a-1", 2); err != nil || string(text) != "two\nlines" || e.Number != 2 {
		t.Errorf("get: %+v %q %v", e, text, err)
	}
	if _, _, err := l.Get(Channels, "a-1", 9); !errors.Is(err, ErrUnknown) {
		t.Errorf("a revision that is not there: %v", err)
	}
	objects, err := l.Objects(Channels)
	if err != nil || len(objects) != 2 || objects[0].ID != "../../x" || objects[1].Number != 4 {
		t.Errorf("objects: %+v %v", objects, err)
	}
	for _, kind := range []string{Libraries, Scripts} {
		if none, err := l.Objects(kind); err != nil || len(none) != 0 {
			t.Errorf("%s: %+v %v", kind, none, err)
		}
	}
	outside, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(outside) != 1 {
		t.Errorf("in the directory are %v (%v)", outside, err)
	}
}

// A file that somebody has cut or changed is an error that names it.
func TestBroken(t *testing.T) {
	dir := t.TempDir()
	l := Open(dir, time.Now)
	if err := l.Keep(Saved{Alerts, Entry{ID: "x", Name: "X"}, []byte("text")}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, Alerts, "x", "000001")
	for _, bad := range []string{"", "{}", "no json\ntext", strings.Repeat("x", 2*maxHead)} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := l.Get(Alerts, "x", 1); err == nil || !strings.Contains(err.Error(), "000001") {
			t.Errorf("%.10q: %v", bad, err)
		}
	}
	// What comes next is kept all the same.
	if err := l.Keep(Saved{Alerts, Entry{ID: "x", Name: "X"}, []byte("text")}); err != nil {
		t.Error(err)
	}
}
