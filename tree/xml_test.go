package tree

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParseXMLAndWrite(t *testing.T) {
	drop := XMLOptions{DropBlank: true, DropProcInsts: true}
	tests := []struct {
		name    string
		text    string
		options XMLOptions
		want    string // "" means the text itself
	}{
		{"leaf", `<a>x</a>`, XMLOptions{}, ""},
		{"empty", `<a></a>`, XMLOptions{}, `<a/>`},
		{"nested", `<a><b>1</b><c/>t</a>`, XMLOptions{}, ""},
		{"hl7 names", `<PID><PID.3><PID.3.1>1</PID.3.1></PID.3></PID>`, XMLOptions{}, ""},
		{"names beyond ASCII", `<große·x ä="1">…</große·x>`, XMLOptions{}, ""},
		{"attributes in alphabetical order", `<a z='1' b="2" ab = "3"/>`, XMLOptions{}, `<a ab="3" b="2" z="1"/>`},
		{"attribute white space", "<a b='x\n\ty\r\nz&#10;'/>", XMLOptions{}, `<a b="x  y z&#10;"/>`},
		{"quotes in attributes", `<a b='"' c="'"/>`, XMLOptions{}, `<a b="&quot;" c="'"/>`},
		{"entities", `<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x41;</a>`, XMLOptions{}, `<a>&lt;&amp;&gt;"'AA</a>`},
		{"attribute escapes", `<a b="&lt;&amp;>&#9;"/>`, XMLOptions{}, `<a b="&lt;&amp;&gt;&#9;"/>`},
		{"character forbidden in XML 1.0", `<a>&#11;&#x0;</a>`, XMLOptions{}, `<a>&#11;&#0;</a>`},
		{"surrogates as two references", `<a>&#xD83D;&#xDE00;</a>`, XMLOptions{}, `<a>😀</a>`},
		{"half a surrogate", `<a>&#xD83D;x</a>`, XMLOptions{}, "<a>\ufffdx</a>"},
		{"C1 controls are references", "<a>\u0085\u2028é中</a>", XMLOptions{}, `<a>&#133;&#8232;é中</a>`},
		{"line ends", "<a>x\r\ny\rz&#13;</a>", XMLOptions{}, "<a>x\ny\nz&#13;</a>"},
		{"CDATA stays", `<a><![CDATA[x < y]]>z</a>`, XMLOptions{}, ""},
		{"comments and instructions", `<a><!-- c --><?p d?></a>`, XMLOptions{}, ""},
		{"dropped", `<a><!--c--><?p d?><b/></a>`, XMLOptions{DropComments: true, DropProcInsts: true}, `<a><b/></a>`},
		{"around the root", "<?xml version='1.0'?>\n<!-- c --><?p?><a/><!-- d -->\n", XMLOptions{}, `<a/>`},
		{"byte order mark", "\ufeff<a/>", XMLOptions{}, `<a/>`},
		{"blanks", "<a>\n <b> 1 </b>\n <c>  </c> </a>", drop, `<a><b> 1 </b><c>  </c></a>`},
		{"blanks are kept", "<a>\n <b/></a>", XMLOptions{}, ""},
		{"bracket in text", `<a>] ]] ></a>`, XMLOptions{}, `<a>] ]] &gt;</a>`},

		{"as written", `<p:a p:k="1" xmlns="urn:x"><q:b/></p:a>`, XMLOptions{AsWritten: true}, `<p:a p:k="1" xmlns="urn:x"><q:b/></p:a>`},

		{"default namespace", `<a xmlns="urn:x"><b/><c xmlns=""/></a>`, XMLOptions{}, ""},
		{"prefixes", `<p:a xmlns="urn:d" xmlns:p="urn:p"><b/><p:c p:k="1"/></p:a>`, XMLOptions{}, `<p:a xmlns:p="urn:p" xmlns="urn:d"><b/><p:c p:k="1"/></p:a>`},
		{"redundant declaration", `<a xmlns="urn:x"><b xmlns="urn:x"/></a>`, XMLOptions{}, `<a xmlns="urn:x"><b/></a>`},
		{"unused declaration", `<a xmlns:p="urn:p"/>`, XMLOptions{}, ""},
		{"xml prefix", `<a xml:lang="de"/>`, XMLOptions{}, ""},
		{"declarations first", `<a a="1" xmlns:z="urn:z" z:b="2" xmlns="urn:d"/>`, XMLOptions{}, `<a xmlns="urn:d" xmlns:z="urn:z" a="1" z:b="2"/>`},
		{"scope from outside", `<p:a/>`, XMLOptions{Scope: []Namespace{{"p", "urn:p"}}}, `<p:a xmlns:p="urn:p"/>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := ParseXML(tt.text, tt.options)
			if err != nil {
				t.Fatalf("ParseXML(%q): %v", tt.text, err)
			}
			want := tt.want
			if want == "" {
				want = tt.text
			}
			if got := n.XMLString(); got != want {
				t.Errorf("ParseXML(%q)\n got %q\nwant %q", tt.text, got, want)
			}
			if n.Changed() {
				t.Error("a parsed tree counts as changed")
			}
		})
	}
}

func TestParseXMLRefuses(t *testing.T) {
	tests := []struct {
		name, text   string
		line, column int
	}{
		{"nothing", "", 1, 1},
		{"text only", "x", 1, 1},
		{"text after the root", "<a/> x", 1, 5},
		{"second root", "<a/><b/>", 1, 5},
		{"not closed", "<a>\n<b></b>", 2, 8},
		{"wrong end tag", "<a>\n <b></a>", 2, 5},
		{"longer end tag", "<a></ab>", 1, 4},
		{"end tag alone", "</a>", 1, 1},
		{"no name", "< a/>", 1, 2},
		{"digit first", "<1a/>", 1, 2},
		{"two colons", "<a:b:c/>", 1, 5},
		{"prefix not declared", "<p:a/>", 1, 1},
		{"attribute prefix not declared", "<a p:b='1'/>", 1, 1},
		{"prefix undeclared again", "<a xmlns:p=''/>", 1, 4},
		{"xmlns as a prefix", "<a xmlns:xmlns='urn:x'/>", 1, 4},
		{"attribute twice", "<a b='1' b='2'/>", 1, 1},
		{"one of many attributes twice", "<a" + manyAttributes(20) + " x7=''/>", 1, 1},
		{"too many namespaces", "<a" + strings.ReplaceAll(manyAttributes(1001), "x", "xmlns:x") + "/>", 1, 14894},
		{"attribute twice by namespace", "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", 1, 1},
		{"attribute without value", "<a b/>", 1, 5},
		{"attribute without quotes", "<a b=1/>", 1, 6},
		{"attributes without blank", "<a b='1'c='2'/>", 1, 9},
		{"less than in an attribute", "<a b='<'/>", 1, 7},
		{"ampersand alone", "<a>x & y</a>", 1, 6},
		{"entity not known", "<a>&nbsp;</a>", 1, 4},
		{"reference too large", "<a>&#x110000;</a>", 1, 4},
		{"reference with a sign", "<a>&#+65;</a>", 1, 4},
		{"control character", "<a>é\x0b</a>", 1, 5},
		{"not UTF-8", "<a>\xff</a>", 1, 4},
		{"end of CDATA in text", "<a>]]></a>", 1, 4},
		{"comment with dashes", "<a><!-- -- --></a>", 1, 4},
		{"comment without end", "<a><!-- </a>", 1, 4},
		{"document type", "<!DOCTYPE a><a/>", 1, 1},
		{"declaration inside", "<a><?xml version='1.0'?></a>", 1, 4},
		{"too deep", strings.Repeat("<a>", MaxXMLDepth+1), 1, 3001},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := ParseXML(tt.text, XMLOptions{})
			var e *XMLError
			if !errors.As(err, &e) {
				t.Fatalf("ParseXML(%q) = %v, %v; want an XMLError", tt.text, n, err)
			}
			if e.Line != tt.line || e.Column != tt.column {
				t.Errorf("ParseXML(%.60q): %v; want it at %d:%d", tt.text, e, tt.line, tt.column)
			}
		})
	}
	if _, err := ParseXML("<a/>", XMLOptions{MaxSize: 3}); err == nil {
		t.Error("a text above MaxSize was accepted")
	}
}

func manyAttributes(count int) string {
	s := ""
	for i := range count {
		s += fmt.Sprintf(" x%d='u'", i)
	}
	return s
}

func TestParseXMLFragment(t *testing.T) {
	nodes, err := ParseXMLFragment("t<a/> <b>1</b>", XMLOptions{})
	if err != nil || len(nodes) != 4 {
		t.Fatalf("got %d nodes, %v; want 4", len(nodes), err)
	}
	nodes, _ = ParseXMLFragment(" <a/> <b/>", XMLOptions{DropBlank: true})
	if len(nodes) != 2 {
		t.Errorf("got %d nodes without blanks, want 2", len(nodes))
	}
}

func TestWriteMadeNodes(t *testing.T) {
	made := func(make func(n *Node)) *Node {
		n := New("a")
		make(n)
		return n
	}
	tests := []struct {
		name string
		node *Node
		want string
	}{
		{"namespace without declaration", NewNamed(Name{Space: "urn:x", Local: "a"}), `<a xmlns="urn:x"/>`},
		{"no namespace below one", made(func(n *Node) {
			n.Name.Space = "urn:x"
			n.Fill(New("b"))
		}), `<a xmlns="urn:x"><b xmlns=""/></a>`},
		{"attribute without prefix", made(func(n *Node) {
			n.FillAttribute(Name{Space: "urn:x", Local: "k"}, "v")
		}), `<a xmlns:ns0="urn:x" ns0:k="v"/>`},
		{"attribute with a prefix", made(func(n *Node) {
			n.FillAttribute(Name{Space: "urn:x", Prefix: "x", Local: "k"}, "v")
		}), `<a xmlns:x="urn:x" x:k="v"/>`},
		{"two attributes want one prefix, the last has it", made(func(n *Node) {
			n.FillAttribute(Name{Space: "urn:x", Prefix: "x", Local: "k"}, "1")
			n.FillAttribute(Name{Space: "urn:y", Prefix: "x", Local: "m"}, "2")
		}), `<a xmlns:x="urn:y" x:k="1" x:m="2"/>`},
		{"a part of a document", made(func(n *Node) {
			n.Name.Space = "urn:x"
			n.FillAttribute(Name{Local: "b"}, "1")
			n.FillAttribute(Name{Space: "urn:p", Prefix: "p", Local: "a"}, "2")
			n.FillNamespace(Namespace{"z", "urn:z"})
		}), `<a xmlns:z="urn:z" b="1" xmlns:p="urn:p" p:a="2" xmlns="urn:x"/>`},
		{"a part with a prefix and without attributes", made(func(n *Node) {
			n.Name.Space, n.Name.Prefix = "urn:x", "p"
			n.FillNamespace(Namespace{"a", "urn:a"})
		}), `<p:a xmlns:p="urn:x" xmlns:a="urn:a"/>`},
		{"the same further inside", made(func(n *Node) {
			n.Fill(NewNamed(Name{"urn:x", "p", "b"}))
			n.Children()[0].FillNamespace(Namespace{"a", "urn:a"})
		}), `<a><p:b xmlns:a="urn:a" xmlns:p="urn:x"/></a>`},
		{"a prefix without a namespace", made(func(n *Node) { n.Name.Prefix = "p" }), `<p:a/>`},
		{"name against declaration", made(func(n *Node) {
			n.Declare(Namespace{"", "urn:x"})
		}), `<a xmlns=""/>`},
		{"empty text", made(func(n *Node) { n.Fill(NewText("")) }), `<a/>`},
		{"dashes in a comment", &Node{Kind: Comment, Data: "a---b-"}, `<!--a- - -b- -->`},
		{"end in CDATA", &Node{Kind: CDATA, Data: "]]>"}, `<![CDATA[]]]]><![CDATA[>]]>`},
		{"attribute", &Node{Kind: Attribute, Data: "x"}, ``},
	}
	for _, tt := range tests {
		if got := tt.node.XMLString(); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestNamespaceLookup(t *testing.T) {
	root, err := ParseXML(`<a xmlns="urn:d" xmlns:p="urn:p"><b xmlns:p="urn:q"/></a>`, XMLOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b := root.Children()[0]
	if uri, _ := b.NamespaceOf("p"); uri != "urn:q" {
		t.Errorf("p is %q, want urn:q", uri)
	}
	if _, ok := b.NamespaceOf("z"); ok {
		t.Error("z is declared")
	}
}

// What was written once is read and written the same ever after, and nothing
// makes the parser panic.
func FuzzXML(f *testing.F) {
	for _, s := range []string{
		`<a b="1">x<![CDATA[y]]><!--c--><?p d?><c/></a>`,
		`<p:a xmlns:p="u" xmlns="v"><b p:k="1" xmlns=""/></p:a>`,
		"<?xml version='1.0'?>\r\n<a>&#xD83D;&#xDE00;&#11;&amp;</a>", "<a", "<a b='", "<a>]]", "</", "<!", "<?", "&#",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		nodes, err := ParseXMLFragment(text, XMLOptions{})
		if err != nil {
			var e *XMLError
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("error %v without a place", err)
			}
			return
		}
		for _, n := range nodes {
			if n.Kind != Element {
				continue
			}
			first := n.XMLString()
			again, err := ParseXML(first, XMLOptions{})
			if err != nil {
				t.Fatalf("%q was written as %q: %v", text, first, err)
			}
			if second := again.XMLString(); second != first {
				t.Fatalf("%q was written as %q, then %q", text, first, second)
			}
		}
	})
}

func BenchmarkParseXML(b *testing.B) {
	text := "<HL7Message>" + strings.Repeat("<PID><PID.3><PID.3.1>10001</PID.3.1><PID.3.5>MR</PID.3.5></PID.3></PID>", 30) + "</HL7Message>"
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseXML(text, XMLOptions{DropBlank: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteXML(b *testing.B) {
	text := "<HL7Message>" + strings.Repeat("<PID><PID.3><PID.3.1>10001</PID.3.1><PID.3.5>MR</PID.3.5></PID.3></PID>", 30) + "</HL7Message>"
	n, err := ParseXML(text, XMLOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var buf []byte
	for b.Loop() {
		buf = n.AppendXML(buf[:0])
	}
}
