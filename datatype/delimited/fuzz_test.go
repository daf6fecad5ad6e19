package delimited

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/datatype/datatypetest"
	"github.com/weir-health/weir/tree"
)

// What is called regular is, under any settings; nothing panics; and a batch
// loses nothing but what it is told to skip.
func FuzzDelimited(f *testing.F) {
	for _, s := range append(suite.Messages, "a\r\n\"b\\\"\"\"", "\"\"\"a\"", "a,\"b\\,\"") {
		f.Add(s, ",", `\n`, `"`, `\`, byte(0), "")
		f.Add(s, ";;", `\r\n`, "''", "''", byte(0xff), "x,y")
	}
	f.Fuzz(func(t *testing.T, text, column, record, quote, escape string, options byte, value string) {
		dt := New()
		dt.read = layout{column: column, record: record, quote: quote, escape: escape, doubled: options&1 == 0}
		dt.ignoreCR = options&2 == 0
		dt.numberedRows = options&4 != 0
		if options&8 != 0 {
			dt.columnNames = []string{"row", "b"}
		}
		if options&16 != 0 {
			dt.read.widths = []string{"2", "3"}
		}
		if options&32 == 0 {
			dt.write = dt.read
		}
		root, err := dt.Parse(text)
		if err != nil {
			return
		}
		check(t, dt, root)
		if rows := root.Children(); len(rows) > 0 {
			rows[len(rows)/2].Append(tree.NewLeaf(columnName+"2", value))
			check(t, dt, root)
		}
		all := ""
		for m, err := range dt.Split(text) {
			if err != nil || m == "" {
				t.Fatalf("Split(%q) yields %q, %v", text, m, err)
			}
			all += m
		}
		if rest, ok := strings.CutPrefix(text, all); !ok || strings.Trim(rest, "\r") != "" {
			t.Fatalf("Split(%q) gives %q", text, all)
		}
	})
}

func check(t *testing.T, dt *Type, root *tree.Node) {
	text, regular, err := dt.Encode(root)
	if err != nil {
		t.Fatal(err)
	}
	again, err := dt.Parse(text)
	if err != nil || !regular {
		return
	}
	if d := datatypetest.Difference(again, root); d != "" {
		t.Fatalf("%q is regular, but: %s", text, d)
	}
	if got, _, _ := dt.Encode(again); got != text {
		t.Fatalf("%q is not stable: %q", text, got)
	}
}
