// Package datatypetest is the suite that every data type passes. A data type's
// test hands over its definition and messages:
//
//	func TestSuite(t *testing.T) {
//		datatypetest.Run(t, datatypetest.Suite{Def: Def, Messages: …, Broken: …})
//	}
package datatypetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/tree"
)

// Secret is a word to put into broken messages: no error may repeat it.
const Secret = "SECRET"

// Suite is what the tests work with.
type Suite struct {
	Def      weir.DataTypeDef
	Settings config.Group // over the defaults

	// Messages can be read. Broken ones cannot; they may contain Secret.
	Messages []string
	Broken   []string

	// Written is what comes of a message that is read and written, and that
	// nobody touched; nil when it is the message itself.
	Written func(text string) string
}

// Run tests a data type.
func Run(t *testing.T, s Suite) {
	t.Run("settings", s.settings)
	if s.Written == nil {
		s.Written = func(text string) string { return text }
	}
	dt := s.new(t)
	if _, isTree := dt.(weir.TreeType); isTree != (dt.Form() == weir.FormTree) {
		t.Errorf("%s has form %v, but is a TreeType: %v", s.Def.Name, dt.Form(), isTree)
	}
	if isTreeType(dt) {
		t.Run("untouched", s.untouched)
		t.Run("broken", s.broken)
	}
	t.Run("any text", func(t *testing.T) {
		for _, text := range append(append([]string{"", " ", "\x00", "<", "{", strings.Repeat("\r", 100)}, s.Messages...), s.Broken...) {
			exercise(t, dt, text)
		}
	})
	t.Run("many goroutines", s.concurrent)
}

func isTreeType(dt weir.DataType) bool { _, ok := dt.(weir.TreeType); return ok }

func (s *Suite) new(t testing.TB) weir.DataType {
	t.Helper()
	dt := s.Def.New()
	if _, err := config.Decode(s.Settings, dt); err != nil {
		t.Fatalf("%s: %v", s.Def.Name, err)
	}
	return dt
}

// settings checks that the defaults are fit for use, and that every setting is
// documented and declared once.
func (s *Suite) settings(t *testing.T) {
	if s.Def.Name == "" || s.Def.Summary == "" {
		t.Errorf("the definition %+v lacks a name or a summary", s.Def)
	}
	dt := s.Def.New()
	if _, err := config.Decode(nil, dt); err != nil {
		t.Fatalf("the defaults do not decode: %v", err)
	}
	if c, ok := dt.(interface{ CheckSettings() error }); ok {
		if err := c.CheckSettings(); err != nil {
			t.Errorf("the defaults are refused: %v", err)
		}
	}
	seen := map[string]bool{}
	for _, f := range config.List(s.Def.New()) {
		if f.Help == "" || seen[f.Name] {
			t.Errorf("setting %s: help %q, declared before: %v", f.Name, f.Help, seen[f.Name])
		}
		seen[f.Name] = true
	}
}

// untouched checks that reading is not a change.
func (s *Suite) untouched(t *testing.T) {
	dt := s.new(t).(weir.TreeType)
	for _, text := range s.Messages {
		want := s.Written(text)
		for _, look := range []struct {
			name string
			at   func(*tree.Node) *tree.Node
		}{
			{"untouched", func(n *tree.Node) *tree.Node { return n }},
			{"looked at", func(n *tree.Node) *tree.Node { lookAt(n); return n }},
			{"copied", (*tree.Node).Copy},
		} {
			root, err := dt.Parse(text)
			if err != nil {
				t.Fatalf("Parse(%q): %v", text, err)
			}
			root = look.at(root)
			got, regular, err := dt.Encode(root)
			if got != want || err != nil {
				t.Errorf("%s: Encode(Parse(%q))\n got %q, %v\nwant %q", look.name, text, got, err, want)
			}
			if regular {
				checkRegular(t, dt, root, got)
			}
		}
		if again, err := dt.Parse(want); err != nil {
			t.Errorf("what is written cannot be read: Parse(%q): %v", want, err)
		} else if got, _, err := dt.Encode(again); got != want || err != nil {
			t.Errorf("not stable: Encode(Parse(%q))\n got %q, %v", want, got, err)
		}
	}
}

// checkRegular checks what a data type promises by calling a text regular.
func checkRegular(t *testing.T, dt weir.TreeType, root *tree.Node, text string) {
	t.Helper()
	again, err := dt.Parse(text)
	if err != nil {
		t.Errorf("%q is called regular, but: %v", text, err)
		return
	}
	if d := Difference(again, root); d != "" {
		t.Errorf("%q is called regular, but its tree differs: %s", text, d)
	}
}

func lookAt(n *tree.Node) {
	for _, c := range n.Children() {
		lookAt(c)
	}
}

// broken checks that errors come, and that they hold no content.
func (s *Suite) broken(t *testing.T) {
	dt := s.new(t).(weir.TreeType)
	for _, text := range s.Broken {
		_, err := dt.Parse(text)
		if err == nil {
			t.Errorf("Parse(%q) gives no error", text)
		} else if strings.Contains(err.Error(), Secret) {
			t.Errorf("Parse(%q): the error holds content: %v", text, err)
		}
	}
}

// concurrent uses one data type from many goroutines; run it with -race.
func (s *Suite) concurrent(t *testing.T) {
	dt := s.new(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, text := range s.Messages {
				exercise(t, dt, text)
			}
		})
	}
	wg.Wait()
}

// exercise does with a text everything that the data type can. Nothing may panic.
func exercise(t *testing.T, dt weir.DataType, text string) {
	if tt, ok := dt.(weir.TreeType); ok {
		if root, err := tt.Parse(text); err == nil {
			lookAt(root)
			if out, regular, err := tt.Encode(root); err == nil && regular {
				checkRegular(t, tt, root, out)
			}
		}
	}
	lookup := func(string) (any, bool) { return nil, false }
	same := func(s string) string { return s }
	if p, ok := dt.(weir.Passer); ok {
		p.Pass(text, dt)
	}
	if d, ok := dt.(weir.Describer); ok {
		d.Describe(text)
	}
	if r, ok := dt.(weir.Responder); ok {
		for _, status := range []weir.Status{weir.Sent, weir.Error, weir.Filtered} {
			if reply, err := r.Respond(text, status, same, time.Unix(0, 0)); err != nil && reply != "" {
				t.Errorf("Respond(%q) gives a reply %q and an error %v", text, reply, err)
			}
		}
	}
	if c, ok := dt.(weir.ResponseChecker); ok {
		r := weir.Response{Status: weir.Sent, Message: text}
		if got := c.Check(r, text, lookup); got.Message != text {
			t.Errorf("Check(%q) changes the message to %q", text, got.Message)
		}
	}
	if b, ok := dt.(weir.Splitter); ok {
		failed := false
		for m, err := range b.Split(text) {
			if failed || err == nil && m == "" {
				t.Errorf("Split(%q) yields %q, %v after an error: %v", text, m, err, failed)
			}
			failed = err != nil
		}
	}
}

// Fuzz is the fuzz test of a tree type: what is read is written stably, whoever
// looks at it, and nothing panics.
func Fuzz(f *testing.F, s Suite) {
	for _, text := range append(append([]string(nil), s.Messages...), s.Broken...) {
		f.Add(text)
	}
	dt := s.new(f)
	f.Fuzz(func(t *testing.T, text string) {
		exercise(t, dt, text)
		tt, ok := dt.(weir.TreeType)
		if !ok {
			return
		}
		root, err := tt.Parse(text)
		if err != nil {
			return
		}
		want, _, err := tt.Encode(root)
		if err != nil {
			t.Fatalf("Encode(Parse(%q)): %v", text, err)
		}
		lookAt(root)
		if got, _, err := tt.Encode(root); got != want || err != nil {
			t.Fatalf("Encode(Parse(%q)) after a look\n got %q, %v\nwant %q", text, got, err, want)
		}
		if again, err := tt.Parse(want); err == nil {
			if got, _, _ := tt.Encode(again); got != want {
				t.Fatalf("Encode(Parse(%q)) is not stable\n got %q\nfrom %q", text, got, want)
			}
		}
	})
}

// Difference tells in what two trees differ first, or "" when they are equal.
// Attributes are compared in any order.
func Difference(got, want *tree.Node) string {
	at := want.Name.Local
	switch {
	case got.Kind != want.Kind || !got.Name.Is(want.Name) || got.Kind != tree.Element && got.Data != want.Data:
		return fmt.Sprintf("got %+v %q, want %+v %q", got.Name, got.Data, want.Name, want.Data)
	case len(got.Attributes()) != len(want.Attributes()):
		return fmt.Sprintf("%s has %d attributes, want %d", at, len(got.Attributes()), len(want.Attributes()))
	case len(got.Children()) != len(want.Children()):
		return fmt.Sprintf("%s has %d children, want %d", at, len(got.Children()), len(want.Children()))
	}
	for _, a := range want.Attributes() {
		if b := got.Attribute(a.Name); b == nil || b.Data != a.Data {
			return fmt.Sprintf("%s: attribute %s differs", at, a.Name.Local)
		}
	}
	for i, c := range want.Children() {
		if d := Difference(got.Children()[i], c); d != "" {
			return at + "/" + d
		}
	}
	return ""
}
