package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	before := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\n"
	for _, c := range []struct{ name, after, want string }{
		{"the same", before, ""},
		{"a line changed", strings.Replace(before, "g", "G", 1), "@@ -4,7 +4,7 @@\n d\n e\n f\n-g\n+G\n h\n i\n j\n"},
		{"a line came", strings.Replace(before, "b\n", "b\nx\n", 1), "@@ -1,5 +1,6 @@\n a\n b\n+x\n c\n d\n e\n"},
		{"two places", strings.NewReplacer("b\n", "", "m", "M").Replace(before), "@@ -1,5 +1,4 @@\n a\n-b\n c\n d\n e\n@@ -10,5 +9,5 @@\n j\n k\n l\n-m\n+M\n n\n"},
		{"all gone", "", "@@ -1,14 +0,0 @@\n-a\n-b\n-c\n-d\n-e\n-f\n-g\n-h\n-i\n-j\n-k\n-l\n-m\n-n\n"},
	} {
		want := c.want
		if want != "" {
			want = "--- old\n+++ new\n" + want
		}
		if got := unified("old", "new", before, c.after); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

// TestUnifiedLeadsOver applies the diffs of random texts.
func TestUnifiedLeadsOver(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	lines := func() string {
		var b strings.Builder
		for range random.IntN(40) {
			fmt.Fprintln(&b, random.IntN(5))
		}
		return b.String()
	}
	for range 500 {
		before, after := lines(), lines()
		if got := patched(t, before, unified("a", "b", before, after)); got != after && before != after {
			t.Fatalf("from\n%s\nto\n%s\nthe diff leads to\n%s", before, after, got)
		}
	}
}

// patched applies a unified diff.
func patched(t *testing.T, before, diff string) string {
	old := splitLines(before)
	var out []string
	at := 0
	for _, line := range splitLines(diff) {
		switch {
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
		case strings.HasPrefix(line, "@@"):
			var start, count, newStart, newCount int
			if _, err := fmt.Sscanf(line, "@@ -%d,%d +%d,%d @@", &start, &count, &newStart, &newCount); err != nil {
				t.Fatal(err)
			}
			if count > 0 {
				start--
			}
			out = append(out, old[at:start]...)
			at = start
			wanted := newStart
			if newCount > 0 {
				wanted--
			}
			if len(out) != wanted {
				t.Fatalf("%s stands after %d new lines", line, len(out))
			}
		case line[0] == '+':
			out = append(out, line[1:])
		default:
			if old[at] != line[1:] {
				t.Fatalf("line %d is %q, the diff has %q", at+1, old[at], line)
			}
			if line[0] == ' ' {
				out = append(out, old[at])
			}
			at++
		}
	}
	out = append(out, old[at:]...)
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "\n") + "\n"
}
