package tree

import "testing"

func TestStripNamespaces(t *testing.T) {
	tests := []struct{ text, want string }{
		{`<a xmlns="urn:x" xmlns:p="urn:p"><p:b/></a>`, `<a  ><p:b/></a>`},
		{`<a b="1" xmlns="urn:x" c="2"/>`, `<a b="1"  c="2"/>`},
		{`<a xmlns='urn:x'/>`, `<a xmlns='urn:x'/>`},
		{`<a xmlns = "urn:x"/>`, `<a xmlns = "urn:x"/>`},
		{`<a>xmlns="y"<!-- xmlns:z="z" --></a>`, `<a><!--  --></a>`},
		{`<a xmlns="`, `<a xmlns="`},
	}
	for _, tt := range tests {
		if got := StripNamespaces(tt.text); got != tt.want {
			t.Errorf("StripNamespaces(%q)\n got %q\nwant %q", tt.text, got, tt.want)
		}
	}
}
