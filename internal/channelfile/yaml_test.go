package channelfile

import (
	"strings"
	"testing"
)

// TestTextsComeBack writes texts of every kind as a value, in a list and as a key,
// and reads them again.
func TestTextsComeBack(t *testing.T) {
	for _, s := range []string{"", "a", "true", "True", "null", "~", "0x1E", "1.0", "007", "12345678901234567890", "1e3", "-", "- a", "a: b", "a #b", "#a",
		"env:NAME", "[Default Resource]", "{a}", "'", `"`, `\r`, "a\rb", "a\r\nb\n", "line\nline", "line\nline\n", "line\n\nline\n\n", "\nline", "  indented\nx",
		"\tx\ny", "x\n \ny", "x\n\ty", "a\x00b\x1f", "über Größe", "\u2028", "\ufeffx", "|", "> a", "%a", "@a", "`a`", "a ", " a", "a\n# b\n", "a\n- b: c\n---\nd",
		"if (a < b && c) { return '\\'' + \"x\"; }\n// ok\n", "yes", "1_000", "2024-01-01", ".inf", "=", "a,b", "?a", "a\n...\nb", "x: |\n  y", "😀", "\u0085", "a\tb",
		"<<", "*a", "&a", "!a", "a\n\n\n  b\n", "+1", "-1", "a\nb ", "a\nb \n", "a \nb", "1:20", ":", "a:"} {
		n := &node{kind: mappingKind}
		n.set("value", text(s))
		n.set("list", &node{kind: listKind, items: []*node{text(s), text("x")}})
		m := &node{kind: mappingKind}
		m.set("k"+s, text("v"))
		n.set("map", m)
		n.set("end", text("e"))
		out := emit(n)
		got, err := parse([]byte(out))
		if err != nil {
			t.Errorf("%q: %v\n%s", s, err, out)
			continue
		}
		if v := got.get("value").text; v != s {
			t.Errorf("value %q came back as %q:\n%s", s, v, out)
		}
		if l := got.get("list"); len(l.items) != 2 || l.items[0].text != s {
			t.Errorf("item %q came back as %+v:\n%s", s, l.items[0], out)
		}
		if m := got.get("map"); len(m.entries) != 1 || m.entries[0].key != "k"+s {
			t.Errorf("key %q came back as %+v:\n%s", "k"+s, m.entries, out)
		}
		if got.get("end").text != "e" {
			t.Errorf("%q: what follows is lost:\n%s", s, out)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"alias", "a: &x 1\nb: *x\n", "line 1: anchors"},
		{"tag", "a: !!binary eA==\n", "line 1: anchors"},
		{"merge", "a:\n  <<: {b: 1}\n", "line 2: anchors"},
		{"key twice", "a: 1\nb: 2\na: 3\n", "line 3:"},
		{"two documents", "a: 1\n---\nb: 2\n", "2 YAML documents"},
		{"nothing", "# only a comment\n", "0 YAML documents"},
		{"many brackets", "a: " + strings.Repeat("[", 1<<20), "brackets are open"},
		{"many dashes", strings.Repeat("- ", 1<<20), "lists are inside one another"},
		{"deep", "a: " + strings.Repeat("[", 150) + strings.Repeat("]", 150) + "\n", "inside one another"},
		{"not closed", "a: \"x\n", "line 1:"},
	} {
		if _, err := parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}
