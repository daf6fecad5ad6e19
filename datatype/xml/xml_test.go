package xml

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datatype/datatypetest"
	"github.com/weir-health/weir/tree"
)

var suite = datatypetest.Suite{
	Def: Def,
	Messages: []string{
		"<a/>",
		"<a>x &amp; y<b c=\"1\" d=\"2\"/>z</a>",
		`<a xmlns="urn:x" xmlns:p="urn:p"><p:b p:c="1"/><d xmlns=""/></a>`,
		"<a><!--c--><![CDATA[x < y]]></a>",
		"<a> </a>",
		"<a>é&#13;</a>",
	},
	Broken: []string{
		"", "SECRET", "<a>", "<a></b>", "<!DOCTYPE SECRET><a/>", "<a>&SECRET;</a>", "<p:SECRET/>", "<a/><SECRET/>", `<a SECRET="1" SECRET="2"/>`,
	},
}

func TestSuite(t *testing.T) { datatypetest.Run(t, suite) }

func FuzzXML(f *testing.F) { datatypetest.Fuzz(f, suite) }

func TestEncode(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"declaration and white space", "\n<?xml version=\"1.0\"?>\n<a>\n  <b/>\n</a>\n", "<a><b/></a>"},
		{"processing instructions", "<?p x?><a><?q y?><b/></a>", "<a><b/></a>"},
		{"attributes in order", `<a z="1" b="2"/>`, `<a b="2" z="1"/>`},
		{"line ends", "<a>x\r\ny</a>", "<a>x\ny</a>"},
		{"mixed content", "<a>x <b/> y</a>", "<a>x <b/> y</a>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, err := New().Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := New().Encode(root); got != tt.want || err != nil {
				t.Errorf("Encode(Parse(%q))\n got %q, %v\nwant %q", tt.text, got, err, tt.want)
			}
		})
	}
}

// regular is true only where Parse would give the same tree.
func TestRegular(t *testing.T) {
	tests := []struct {
		name   string
		change func(root *tree.Node)
		want   bool
	}{
		{"a text", func(r *tree.Node) { r.Children()[0].SetText("y") }, true},
		{"an element", func(r *tree.Node) { r.Append(tree.New("e")) }, true},
		{"two texts", func(r *tree.Node) { r.Children()[0].Append(tree.NewText("y")) }, false},
		{"blanks between elements", func(r *tree.Node) { r.Append(tree.NewText(" ")) }, false},
		{"an instruction", func(r *tree.Node) { r.Append(&tree.Node{Kind: tree.ProcInst, Name: tree.Name{Local: "p"}}) }, false},
	}
	for _, tt := range tests {
		root, err := New().Parse("<a><b>x</b><c/></a>")
		if err != nil {
			t.Fatal(err)
		}
		tt.change(root)
		text, regular, _ := New().Encode(root)
		again, err := New().Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if same := datatypetest.Difference(again, root) == ""; regular != tt.want || regular && !same {
			t.Errorf("%s: %q regular %v, want %v, equal %v", tt.name, text, regular, tt.want, same)
		}
	}
}

func TestStrip(t *testing.T) {
	dt := with(t, "serializationProperties", "stripNamespaces", "true")
	if root, err := dt.Parse(`<a xmlns="urn:x"><b/></a>`); err != nil || root.Name.Space != "" {
		t.Errorf("Parse keeps the namespace: %+v, %v", root, err)
	}
	if _, err := dt.Parse(`<a xmlns:p="urn:x"><p:b/></a>`); err == nil {
		t.Error("Parse takes a prefix whose declaration was stripped")
	}
	if got := dt.Pass(` <a xmlns="x"/>`, dt); got != " <a />" {
		t.Errorf("Pass gives %q", got)
	}
}

func with(t *testing.T, settings ...string) *Type {
	t.Helper()
	dt := new(Type)
	group := config.Setting{Name: settings[0]}
	for i := 1; i+1 < len(settings); i += 2 {
		group.Group = append(group.Group, config.Setting{Name: settings[i], Text: settings[i+1]})
	}
	if _, err := config.Decode(config.Group{group}, dt); err != nil {
		t.Fatal(err)
	}
	return dt
}

func TestSplit(t *testing.T) {
	const batch = `<?xml version="1.0"?><all xmlns:p="urn:p"><m><p:id>1</p:id><e/></m><g><m>a <b/></m></g><x/><m><m/></m></all>`
	tests := []struct {
		name     string
		settings []string
		want     []string
	}{
		{"by name", []string{"elementName", "m"}, []string{
			"<m>\n    <p:id xmlns:p=\"urn:p\">1</p:id>\n    <e/>\n</m>\n", "<m>a <b/></m>\n", "<m>\n    <m/>\n</m>\n", "<m/>\n"}},
		{"by name with prefix", []string{"elementName", "p:id"}, []string{"<p:id xmlns:p=\"urn:p\">1</p:id>\n"}},
		{"by level", []string{"splitType", "Level", "level", "2"}, []string{"<p:id xmlns:p=\"urn:p\">1</p:id>\n", "<e/>\n", "<m>a <b/></m>\n", "<m/>\n"}},
		{"the root", []string{"splitType", "Level", "level", "0"}, []string{
			"<all xmlns:p=\"urn:p\">\n    <m>\n        <p:id>1</p:id>\n        <e/>\n    </m>\n    <g>\n        <m>a <b/></m>\n    </g>\n    <x/>\n    <m>\n        <m/>\n    </m>\n</all>\n"}},
		{"by query", []string{"splitType", "XPath_Query", "query", "//m[p:id='1'] | /all/m/m | //g"}, []string{
			"<m>\n    <p:id xmlns:p=\"urn:p\">1</p:id>\n    <e/>\n</m>\n", "<g>\n    <m>a <b/></m>\n</g>\n", "<m/>\n"}},
		{"by query, inside one another", []string{"splitType", "XPath_Query", "query", "//m"}, []string{
			"<m>\n    <p:id xmlns:p=\"urn:p\">1</p:id>\n    <e/>\n</m>\n", "<m>a <b/></m>\n", "<m>\n    <m/>\n</m>\n", "<m/>\n"}},
		{"nothing found", []string{"elementName", "zz"}, nil},
		{"nothing found by query", []string{"splitType", "XPath_Query", "query", "/m"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for m, err := range with(t, append([]string{"batchProperties"}, tt.settings...)...).Split(batch) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, m)
			}
			if strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("Split(%q)\n got %q\nwant %q", batch, got, tt.want)
			}
		})
	}
}

func TestSplitRefused(t *testing.T) {
	for name, settings := range map[string][]string{
		"no query": {"batchProperties", "splitType", "XPath_Query"},
		"no XPath": {"batchProperties", "splitType", "XPath_Query", "query", "/a["},
		"script":   {"batchProperties", "splitType", "JavaScript"},
		"no name":  {"batchProperties"},
		"no XML":   {"batchProperties", "elementName", "a"},
		"no level": {"batchProperties", "splitType", "Level"},
	} {
		dt := with(t, settings...)
		calls := 0
		for m, err := range dt.Split("<a") {
			if calls++; err == nil {
				t.Errorf("%s: Split yields %q", name, m)
			}
		}
		if calls != 1 {
			t.Errorf("%s: Split yields %d times, want one error", name, calls)
		}
	}
}

// A query that finds the wrong things is known when it has a document.
func TestSplitByQueryRefused(t *testing.T) {
	for name, query := range map[string]string{"a number": "count(//a)", "an attribute": "//a/@b", "a text": "//a/text()"} {
		calls := 0
		for m, err := range with(t, "batchProperties", "splitType", "XPath_Query", "query", query).Split(`<a b="1">SECRET</a>`) {
			if calls++; err == nil || !strings.HasPrefix(err.Error(), "batchProperties.query: ") || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%s: Split yields %q, %v", name, m, err)
			}
		}
		if calls != 1 {
			t.Errorf("%s: Split yields %d times, want one error", name, calls)
		}
	}
}
