package hl7v2

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/tree"
)

// parseXML reads markup as scripts do.
func parseXML(t testing.TB, markup string) *tree.Node {
	t.Helper()
	root, err := tree.ParseXML(markup, tree.XMLOptions{DropBlank: true})
	if err != nil {
		t.Fatalf("ParseXML(%q): %v", markup, err)
	}
	return root
}

func TestEncodeXML(t *testing.T) {
	const header = `<MSH><MSH.1>|</MSH.1><MSH.2>^~\&amp;</MSH.2></MSH>`
	tests := []struct{ name, xml, want string }{
		{"gaps", "<PID><PID.3>x</PID.3><PID.5><PID.5.3>z</PID.5.3></PID.5></PID>", "PID|||x||^^z"},
		{"lower number behind higher", "<PID><PID.5><PID.5.1>a</PID.5.1></PID.5><PID.3><PID.3.1>b</PID.3.1></PID.3></PID>", "PID|||||a|b"},
		{"its number counts from there", "<PID><PID.5>a</PID.5><PID.3>b</PID.3><PID.5>c</PID.5></PID>", "PID|||||a|b||c"},
		{"repetitions", "<PID><PID.3><PID.3.1>1</PID.3.1></PID.3><PID.3><PID.3.1>2</PID.3.1><PID.3.4><PID.3.4.2>q</PID.3.4.2></PID.3.4></PID.3></PID>", "PID|||1~2^^^&q"},
		{"component behind a higher one", "<PID><PID.5><PID.5.3>c</PID.5.3><PID.5.1>a</PID.5.1></PID.5></PID>", "PID|||||^^c^a"},
		{"text before subcomponents", "<PID><PID.3><PID.3.4>H<PID.3.4.1>H</PID.3.4.1><PID.3.4.2>2</PID.3.4.2></PID.3.4></PID.3></PID>", "PID|||^^^HH&2"},
		{"empty segment", "<ZZ1/>", "ZZ1|"},
		{"empty field past the end", "<PID><PID.1>1</PID.1><PID.4/></PID>", "PID|1|||"},
		{"delimiters in a text", "<PID><PID.3><PID.3.1>a|b^c&amp;d~e</PID.3.1></PID.3></PID>", "PID|||a|b^c&d~e"},
		{"indentation", "<PID>\n  <PID.1>\n    <PID.1.1> x </PID.1.1>\n  </PID.1>\n</PID>", "PID| x "},
		{"white space in a leaf", "<PID><PID.1><PID.1.1>  </PID.1.1></PID.1></PID>", "PID|  "},
		{"attributes and comments", "<PID a='1'><!-- c --><PID.1 b='2'>x<!-- d --></PID.1><?p i?></PID>", "PID|x"},
		{"CDATA", "<PID><PID.1><![CDATA[a & b]]></PID.1></PID>", "PID|a & b"},
		{"header later", "<PID/><BHS><BHS.1>|</BHS.1><BHS.2>^~\\&amp;</BHS.2><BHS.4>x</BHS.4></BHS>", "PID|\rBHS|^~\\&||x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			xml := "<HL7Message>" + header + tt.xml + "</HL7Message>"
			got, _, err := New().Encode(parseXML(t, xml))
			if want := `MSH|^~\&` + "\r" + tt.want + "\r"; got != want || err != nil {
				t.Errorf("Encode(%s)\n got %q, %v\nwant %q", xml, got, err, want)
			}
		})
	}
}

func TestEncodeParts(t *testing.T) {
	tests := []struct{ name, xml, want string }{
		{"segment", "<PID><PID.3><PID.3.1>1</PID.3.1></PID.3></PID>", "PID|||1"},
		{"field", "<PID.5><PID.5.1>a</PID.5.1><PID.5.3>c</PID.5.3></PID.5>", "a^^c"},
		{"component", "<PID.5.1><PID.5.1.1>a</PID.5.1.1><PID.5.1.2>c</PID.5.1.2></PID.5.1>", "a&c"},
		{"subcomponent", "<PID.5.1.1>a</PID.5.1.1>", "a"},
		{"header", "<MSH><MSH.1>#</MSH.1><MSH.2>*%!$</MSH.2><MSH.4><MSH.4.1>a</MSH.4.1><MSH.4.2>b</MSH.4.2></MSH.4></MSH>", "MSH#*%!$##a*b"},
		{"no segments", "<HL7Message/>", ""},
		{"default delimiters", "<HL7Message><PID><PID.1><PID.1.2><PID.1.2.2>x</PID.1.2.2></PID.1.2></PID.1></PID></HL7Message>", "PID|^&x\r"},
		{"MSH-2 of three characters", `<HL7Message><MSH><MSH.1>|</MSH.1><MSH.2>^~\</MSH.2><MSH.3><MSH.3.1><MSH.3.1.2>x</MSH.3.1.2></MSH.3.1></MSH.3></MSH></HL7Message>`, `MSH|^~\|&x` + "\r"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, regular, err := New().Encode(parseXML(t, tt.xml))
			if got != tt.want || regular || err != nil {
				t.Errorf("Encode(%s)\n got %q, %v, %v\nwant %q, false", tt.xml, got, regular, err, tt.want)
			}
		})
	}
}

func TestEncodeRefused(t *testing.T) {
	for _, xml := range []string{
		"<PID><PID.20000>x</PID.20000></PID>",
		"<HL7Message><PID><PID.1><PID.1.999999999>x</PID.1.999999999></PID.1></PID></HL7Message>",
	} {
		if got, _, err := New().Encode(parseXML(t, xml)); err == nil {
			t.Errorf("Encode(%s)\n got %.40q\nwant an error", xml, got)
		}
	}
}

// What nobody touched comes out as it came in but for what Mirth changes.
func TestEncodeUntouched(t *testing.T) {
	tests := []struct {
		name, text, want string
		settings         []string
		irregular        bool
	}{
		{"as it is", msh + "PID|1||~~^^&&|\r", "", nil, false},
		{"no end", msh + "PV1|1", msh + "PV1|1\r", nil, false},
		{"several ends", msh + "PV1|1\r\r\r", msh + "PV1|1\r", nil, false},
		{"white space around", "\n " + msh + "PV1|1 \t\r\x1c\r", msh + "PV1|1\r", nil, false},
		{"blank segments", msh + "\r \rPV1|1\r", msh + "PV1|1\r", nil, false},
		{"line feeds", "MSH|^~\\&|A\nPV1|1\n", "MSH|^~\\&|A\rPV1|1\r", nil, false},
		{"both", "MSH|^~\\&|A\r\nPV1|1\r\n", "MSH|^~\\&|A\rPV1|1\r", nil, false},
		{"both, with line feeds kept", "MSH|^~\\&|A\r\nPV1|1\r\n\r\n", "MSH|^~\\&|A\rPV1|1\r", []string{keepLineBreaks}, false},
		{"no separator", msh + "Z9\rPV1|1\r", msh + "Z9|\rPV1|1\r", nil, true},
		{"escape missing", "MSH|^~&|A\rPID|a&b\r", "MSH|^~\\&|A\rPID|a&b\r", nil, false},
		{"three characters", "MSH|^~\\|A\rPID|a&b\r", "", nil, false},
		{"no header", "PID|a~b^c&d\r", "", nil, false},
		{"only a header", "MSH|^~\\&\r", "", nil, false},
		{"repetitions off", msh + "PID|a~b\r", "", []string{noRepetitions}, false},
		{"other end", msh + "PID|a\r", strings.ReplaceAll(msh+"PID|a\r", "\r", "\n"), []string{writeDelimiter + `\n`}, false},
		{"end that is not read", msh + "PID|a\r", strings.ReplaceAll(msh+"PID|a\r", "\r", "\x1e"), []string{writeDelimiter + `0x1E`}, true},
		{"ends of two characters", msh + "PID|a\r", strings.ReplaceAll(msh+"PID|a\r", "\r", "\r\n"), []string{writeDelimiter + `\r\n`}, false},
		{"nothing at the end", msh + "PID|a\r", "MSH|^~\\&|A|BPID|a", []string{writeDelimiter}, true},
		{"end that is no white space", "MSH|^~\\&|A*PID|a**", "MSH|^~\\&|A*PID|a*", []string{readDelimiter + "*", writeDelimiter + "*"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dt := with(t, tt.settings...)
			want := tt.want
			if want == "" {
				want = tt.text
			}
			root, err := dt.Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			got, regular, err := dt.Encode(root)
			if got != want || regular == tt.irregular || err != nil {
				t.Errorf("Encode(Parse(%q))\n got %q, %v, %v\nwant %q, %v", tt.text, got, regular, err, want, !tt.irregular)
			}
			touch(root)
			got, regular, err = dt.Encode(root)
			if got != want || regular == tt.irregular || err != nil {
				t.Errorf("Encode(Parse(%q)) with everything touched\n got %q, %v, %v\nwant %q, %v", tt.text, got, regular, err, want, !tt.irregular)
			}
		})
	}
}

// touch changes every element of a tree to what it is.
func touch(n *tree.Node) {
	for _, c := range n.Children() {
		touch(c)
	}
	if n.Kind == tree.Element {
		n.SetName(n.Name)
	}
}

// regular is true only where Parse would give the same tree.
func TestRegular(t *testing.T) {
	const text = msh + "PID|1||123^^^X~456||DOE^JANE&Q^||\rPV1|1|I\r"
	at := func(n *tree.Node, path ...int) *tree.Node {
		for _, i := range path {
			n = n.Children()[i]
		}
		return n
	}
	tests := []struct {
		name   string
		change func(root *tree.Node)
		want   bool
	}{
		{"a component", func(r *tree.Node) { at(r, 1, 0, 0).SetText("2") }, true},
		{"an empty component", func(r *tree.Node) { at(r, 1, 2, 1).SetText("2") }, true},
		{"a subcomponent", func(r *tree.Node) { at(r, 1, 5, 1, 0).SetText("2") }, true},
		{"a segment removed", func(r *tree.Node) { r.Remove(1) }, true},
		{"a segment moved", func(r *tree.Node) { s := r.Remove(1); r.Append(s) }, true},
		{"a segment added", func(r *tree.Node) { r.Append(parseXML(t, "<NTE><NTE.1/><NTE.2><NTE.2.1>x</NTE.2.1></NTE.2></NTE>")) }, true},
		{"a field removed at the end", func(r *tree.Node) { at(r, 1).Remove(7) }, true},
		{"the header's third field", func(r *tree.Node) { at(r, 0, 2, 0).SetText("x") }, true},
		{"other delimiters", func(r *tree.Node) { at(r, 0, 1).SetText("*%!$") }, true},
		{"a repetition added", func(r *tree.Node) { at(r, 1).Insert(3, parseXML(t, "<PID.3><PID.3.1>7</PID.3.1></PID.3>")) }, true},

		{"a separator in a text", func(r *tree.Node) { at(r, 1, 0, 0).SetText("a^b") }, false},
		{"a line break in a text", func(r *tree.Node) { at(r, 1, 0, 0).SetText("a\nb") }, false},
		{"the only component emptied", func(r *tree.Node) { at(r, 1, 0, 0).SetText("") }, false},
		{"text directly in a field", func(r *tree.Node) { at(r, 1, 0).SetText("2") }, false},
		{"a field removed in the middle", func(r *tree.Node) { at(r, 1).Remove(4) }, false},
		{"an attribute", func(r *tree.Node) { at(r, 1, 0).SetAttribute(tree.Name{Local: "a"}, "b") }, false},
		{"a gap", func(r *tree.Node) { at(r, 2).Append(parseXML(t, "<PV1.4><PV1.4.1>x</PV1.4.1></PV1.4>")) }, false},
		{"a segment without fields", func(r *tree.Node) { r.Append(tree.New("ZZ1")) }, false},
		{"one subcomponent", func(r *tree.Node) { at(r, 1, 5, 1).Remove(1) }, false},
		{"the header removed", func(r *tree.Node) { r.Remove(0) }, false},
		{"the header last", func(r *tree.Node) { s := r.Remove(0); r.Append(s) }, false},
		{"white space at the end", func(r *tree.Node) { at(r, 2, 1, 0).SetText("I ") }, false},
		{"CDATA", func(r *tree.Node) { at(r, 1, 0, 0).SetChildren(&tree.Node{Kind: tree.CDATA, Data: "x"}) }, false},
		{"an empty MSH-2", func(r *tree.Node) { at(r, 0, 1).SetText("") }, false},
		{"an MSH-2 that is repaired", func(r *tree.Node) { at(r, 0, 1).SetText("^~&") }, false},
		{"no subcomponents announced", func(r *tree.Node) { at(r, 0, 1).SetText(`^~\`) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dt := New()
			root, err := dt.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			tt.change(root)
			got, regular, err := dt.Encode(root)
			if err != nil || regular != tt.want {
				t.Errorf("Encode\n got %q, regular %v, %v\nwant %v", got, regular, err, tt.want)
			}
			again, err := dt.Parse(got)
			if same := err == nil && shape(again) == shape(root); regular && !same {
				t.Errorf("regular, but Parse gives\n%s\nof\n%s", shape(again), shape(root))
			}
		})
	}
}
