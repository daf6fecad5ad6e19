package tree

import "testing"

func TestStripNamespaces(t *testing.T) {
	tests := []struct{ text, want string }{
		{`<a xmlns="urn:x" xmlns:p="urn:p"><p:b/></a>`, `<a><p:b/></a>`},
		{`<a b="1" xmlns='urn:x' c="2"/>`, `<a b="1" c="2"/>`},
		{"<a\n  xmlns = \"urn:x\"\n  b=\"1\">", "<a\n  b=\"1\">"},
		{`<a b=" xmlns='x'">xmlns="y" <!-- <a xmlns="z"> --><![CDATA[<a xmlns="z">]]></a>`, `<a b=" xmlns='x'">xmlns="y" <!-- <a xmlns="z"> --><![CDATA[<a xmlns="z">]]></a>`},
		{`<a xmlnsx="1"/>`, `<a xmlnsx="1"/>`},
		{`<a xmlns="`, `<a`},
		{`xmlns <!-- `, `xmlns <!-- `},
		{`<a b='xmlns`, `<a b='xmlns`},
	}
	for _, tt := range tests {
		if got := StripNamespaces(tt.text); got != tt.want {
			t.Errorf("StripNamespaces(%q)\n got %q\nwant %q", tt.text, got, tt.want)
		}
	}
}
