package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func all(*Event) bool { return true }

func open(t *testing.T, path string) (*Log, error) {
	t.Helper()
	l, err := Open(path, func() time.Time { return time.Date(2026, 1, 31, 8, 15, 0, 0, time.UTC) })
	if l != nil {
		t.Cleanup(func() { l.Close() })
	}
	return l, err
}

func written(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.log")
	l, err := open(t, path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if err := l.Add(Event{Name: fmt.Sprint("Event ", i+1), UserID: i, Attributes: []Attribute{{"channel", "Ward"}}}); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestFind(t *testing.T) {
	l, err := open(t, written(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		offset, limit int
		want          string
	}{{0, 2, "5 4 "}, {1, 2, "4 3 "}, {4, 10, "1 "}, {5, 10, ""}, {0, 0, ""}} {
		found, count, err := l.Find(all, c.offset, c.limit)
		got := ""
		for _, e := range found {
			got += fmt.Sprint(e.ID, " ")
		}
		if err != nil || got != c.want || count != 5 {
			t.Errorf("Find(%d, %d) = %q of %d, %v; want %q", c.offset, c.limit, got, count, err, c.want)
		}
	}
}

// Whatever is done to the file shows, but for what a crash leaves at its end.
func TestChain(t *testing.T) {
	lines := func(data []byte) [][]byte { return bytes.SplitAfter(data, []byte("\n")) }
	for _, c := range []struct {
		name   string
		change func([]byte) []byte
		broken bool
	}{
		{"as it was", func(d []byte) []byte { return d }, false},
		{"cut while it was written", func(d []byte) []byte { return append(d, `{"id":6,"na`...) }, false},
		{"a value changed", func(d []byte) []byte { return bytes.Replace(d, []byte("Event 3"), []byte("Event X"), 1) }, true},
		{"one taken out", func(d []byte) []byte { l := lines(d); return bytes.Join(append(l[:2:2], l[3:]...), nil) }, true},
		{"two exchanged", func(d []byte) []byte { l := lines(d); l[1], l[2] = l[2], l[1]; return bytes.Join(l, nil) }, true},
		{"one that is none", func(d []byte) []byte { return append([]byte("nonsense\n"), d...) }, true},
	} {
		path := written(t)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, c.change(data), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := open(t, path)
		if l == nil || errors.Is(err, ErrChain) != c.broken {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err := l.Add(Event{Name: "Later"}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if found, _, err := l.Find(all, 0, 1); err != nil || len(found) != 1 || found[0].Name != "Later" {
			t.Errorf("%s: the newest is %v, %v", c.name, found, err)
		}
	}
}

// Events are bounded, whatever they are made of.
func TestLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	l, err := open(t, path)
	if err != nil {
		t.Fatal(err)
	}
	var many []Attribute
	for range 100 {
		many = append(many, Attribute{strings.Repeat("\x00", 9999), strings.Repeat("\x01", 99999)})
	}
	if err := l.Add(Event{Name: strings.Repeat("\xff", 9999), Attributes: many}); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, path); err != nil {
		t.Error(err)
	}
}
