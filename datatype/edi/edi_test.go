package edi

import (
	"maps"
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datatype/datatypetest"
	"github.com/weir-health/weir/tree"
)

const read = "serializationProperties."

// isa is an ISA of 105 characters, without the end of the segment.
const isa = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *240310*0159*^*00501*000000001*0*P*:"

const eligibility = isa + "~GS*HS*CLINIC*PAYER*20240310*0159*1*X*005010X279A1~ST*270*0001*005010X279A1~" +
	"BHT*0022*13*10001234*20240310*1319~HL*1**20*1~NM1*PR*2*PAYER*****PI*842610001~EQ*30~SE*6*0001~GE*1*1~IEA*1*000000001~"

// with returns the data type with some settings of its reading, given as name=value.
func with(t testing.TB, settings ...string) *Type {
	t.Helper()
	dt := new(Type)
	if unknown, err := config.Decode(group(settings), dt); err != nil || len(unknown) > 0 {
		t.Fatalf("settings %q: unknown %q, error %v", settings, unknown, err)
	}
	return dt
}

func group(settings []string) config.Group {
	g := config.Setting{Name: strings.TrimSuffix(read, ".")}
	for _, s := range settings {
		name, text, _ := strings.Cut(s, "=")
		g.Group = append(g.Group, config.Setting{Name: name, Text: text})
	}
	return config.Group{g}
}

var suite = datatypetest.Suite{
	Def: Def,
	Messages: []string{
		eligibility,
		strings.ReplaceAll(eligibility, "~", "~\n"),
		strings.NewReplacer("~", "\n", "*", "|", ":", ">").Replace(eligibility),
		"ST*270*0001~",
		"SV1**HC:99213::*~SE~",
		"UNB*x:y:*é::~",
	},
	Broken:  []string{"", "A~", " A~ \n", "*SECRET~", "1SECRET*a~", "ST*1~SECRET segment*2~"},
	Written: func(text string) string { return text },
}

func TestSuite(t *testing.T) { datatypetest.Run(t, suite) }

// children returns the markup of what is inside of a root.
func children(n *tree.Node) string {
	var out []byte
	for _, c := range n.Children() {
		out = c.AppendXML(out)
	}
	return string(out)
}

func TestParse(t *testing.T) {
	tests := []struct {
		name     string
		settings []string
		text     string
		root     string
		want     string
	}{
		{"two elements", nil, "ST*270*0001~", otherRoot, "<ST><ST.01><ST.01.1>270</ST.01.1></ST.01><ST.02><ST.02.1>0001</ST.02.1></ST.02></ST>"},
		{"subelements and gaps", nil, "SV1**HC:99213::*~", otherRoot,
			"<SV1><SV1.01/><SV1.02><SV1.02.1>HC</SV1.02.1><SV1.02.2>99213</SV1.02.2><SV1.02.3/><SV1.02.4/></SV1.02><SV1.03/></SV1>"},
		{"an ISA", nil, "ISA*a*:~", x12Root, "<ISA><ISA.01><ISA.01.1>a</ISA.01.1></ISA.01><ISA.02><ISA.02.1/><ISA.02.2/></ISA.02></ISA>"},
		{"an ISA that is not first", nil, "ST~ISA*a~", otherRoot, "<ST/><ISA><ISA.01><ISA.01.1>a</ISA.01.1></ISA.01></ISA>"},
		{"empty segments", nil, "~~AB*1~~ \n~SE~\n~", otherRoot, "<AB><AB.01><AB.01.1>1</AB.01.1></AB.01></AB><SE/>"},
		{"line breaks", nil, "\n ST*a\rb~\r\n SE *c ~\r\n", otherRoot, "<ST><ST.01><ST.01.1>a\nb</ST.01.1></ST.01></ST><SE><SE.01><SE.01.1>c </SE.01.1></SE.01></SE>"},
		{"delimiters", []string{"segmentDelimiter=0x1E", "elementDelimiter=|", `subelementDelimiter=\t`}, "ST|a\tb\x1eSE", otherRoot,
			"<ST><ST.01><ST.01.1>a</ST.01.1><ST.01.2>b</ST.01.2></ST.01></ST><SE/>"},
		{"every character ends a segment", []string{`segmentDelimiter=~!`}, "ST*a!SE*b~", otherRoot,
			"<ST><ST.01><ST.01.1>a</ST.01.1></ST.01></ST><SE><SE.01><SE.01.1>b</SE.01.1></SE.01></SE>"},
		{"no subelements", []string{"subelementDelimiter="}, "ST*a:b~", otherRoot, "<ST><ST.01><ST.01.1>a:b</ST.01.1></ST.01></ST>"},
		{"many elements", nil, "ST" + strings.Repeat("*", 100) + "x~", otherRoot, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, err := with(t, tt.settings...).Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				last := root.Children()[0].Children()[99]
				if got := last.XMLString(); got != "<ST.100><ST.100.1>x</ST.100.1></ST.100>" {
					t.Errorf("got %s", got)
				}
				return
			}
			if got := children(root); root.Name.Local != tt.root || got != tt.want {
				t.Errorf("Parse(%q)\n got %s %s\nwant %s %s", tt.text, root.Name.Local, got, tt.root, tt.want)
			}
		})
	}
}

func TestRoot(t *testing.T) {
	if len(isa) != 105 {
		t.Fatalf("the ISA has %d characters", len(isa))
	}
	replaced := strings.NewReplacer("*", "|", ":", ">").Replace(isa)
	tests := []struct {
		name     string
		settings []string
		text     string
		want     string
	}{
		{"defaults", nil, "ST*1~", `<EDIMessage elementDelimiter="*" segmentDelimiter="~" subelementDelimiter=":"`},
		{"settings", []string{`segmentDelimiter=\n`, "elementDelimiter=+"}, "ST+1\n", `<EDIMessage elementDelimiter="+" segmentDelimiter="&#10;" subelementDelimiter=":"`},
		{"from the ISA", nil, replaced + "!GS|x!", `<X12Transaction elementDelimiter="|" segmentDelimiter="!" subelementDelimiter="&gt;"`},
		{"with a line feed", nil, replaced + "!\r\nGS|x!\r\n", `<X12Transaction elementDelimiter="|" segmentDelimiter="!&#10;" subelementDelimiter="&gt;"`},
		{"a line feed alone", nil, replaced + "\nGS|x\n", `<X12Transaction elementDelimiter="|" segmentDelimiter="&#10;" subelementDelimiter="&gt;"`},
		{"too short to infer", nil, isa, `<X12Transaction elementDelimiter="*" segmentDelimiter="~" subelementDelimiter=":"`},
		{"not inferred", []string{"inferX12Delimiters=false", "segmentDelimiter=!", "elementDelimiter=|"}, replaced + "!GS|x!", `<X12Transaction elementDelimiter="|" segmentDelimiter="!" subelementDelimiter=":"`},
	}
	for _, tt := range tests {
		root, err := with(t, tt.settings...).Parse(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := root.XMLString(); !strings.HasPrefix(got, tt.want+">") {
			t.Errorf("%s: Parse(%q)\n got %s\nwant %s", tt.name, tt.text, got, tt.want)
		}
		text, regular, err := with(t, tt.settings...).Encode(root)
		want := strings.ReplaceAll(tt.text, "\r\n", "\n")
		if tt.name == "too short to infer" {
			want += "~"
		}
		if text != want || err != nil {
			t.Errorf("%s: got %q, %v\nwant %q", tt.name, text, err, want)
		}
		if !regular {
			t.Errorf("%s: %q is not regular", tt.name, text)
		}
	}
}

func TestISAKeepsBlanksAndDelimiter(t *testing.T) {
	root, err := New().Parse(eligibility)
	if err != nil {
		t.Fatal(err)
	}
	got := root.Children()[0].XMLString()
	for _, want := range []string{"<ISA.02><ISA.02.1>          </ISA.02.1></ISA.02>", "<ISA.16><ISA.16.1/><ISA.16.2/></ISA.16>"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant %s in it", got, want)
		}
	}
}

func TestParseRefused(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"too short", " A~ ", "the message is too short"},
		{"no name", "ST*1~*2~", "segment 2: there is no segment name"},
		{"elements without end", "ST~SE" + strings.Repeat("*", MaxSegmentDelimiters+1), "segment 2: there are more than 100000 delimiters"},
		{"delimiters without end", strings.Repeat("A***:~", MaxDelimiters/4+1), "the message has more than 4000000 delimiters"},
		{"segments without end", strings.Repeat("A~", MaxSegments+1), "the message has more than 1000000 segments"},
	}
	for _, tt := range tests {
		if _, err := New().Parse(tt.text); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %s…", tt.name, err, tt.want)
		}
	}
}

func TestEncode(t *testing.T) {
	tests := []struct{ name, xml, want string }{
		{"a gap before an element", "<X><X.03><X.03.1>q</X.03.1></X.03></X>", "X***q~"},
		{"a gap before a subelement", "<X><X.01><X.01.3>z</X.01.3></X.01></X>", "X*::z~"},
		{"the same in a message", "<EDIMessage><X><X.03><X.03.1>q</X.03.1></X.03></X><X><X.01><X.01.3>z</X.01.3></X.01></X></EDIMessage>", "X***q~X*::z~"},
		{"gaps inside", "<EDIMessage><X><X.01/><X.04><X.04.2>a</X.04.2><X.04.5>b</X.04.5></X.04></X></EDIMessage>", "X****:a:::b~"},
		{"delimiters of the root", `<a segmentDelimiter="!&#10;" elementDelimiter="|" subelementDelimiter="^"><X><X.02><X.02.1>a</X.02.1><X.02.2>b</X.02.2></X.02></X></a>`, "X||a^b!\n"},
		{"out of order", "<EDIMessage><X><X.03>a</X.03><X.01>b</X.01><X.01>c</X.01></X></EDIMessage>", "X***a*b*c~"},
		{"nothing inside", "<EDIMessage><X/><Y></Y></EDIMessage>", "X~Y~"},
		{"texts", "<EDIMessage>\n <X>\n  <X.01>a*b</X.01>\n  <X.02>\n   <X.02.1> c<!--x--><![CDATA[&]]></X.02.1>\n  </X.02>\n </X>\n</EDIMessage>", "X*a*b* c&~"},
		{"no segments", "<EDIMessage/>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, err := tree.ParseXML(tt.xml, tree.XMLOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := New().Encode(root); got != tt.want || err != nil {
				t.Errorf("Encode(%s)\n got %q, %v\nwant %q", tt.xml, got, err, tt.want)
			}
		})
	}
	far, _ := tree.ParseXML("<X><X.10001>a</X.10001><X.20002/></X>", tree.XMLOptions{})
	if _, _, err := New().Encode(far); err == nil {
		t.Error("a far element is written")
	}
}

// A change is written with the rest as it was, and known to be regular or not.
func TestChange(t *testing.T) {
	tests := []struct {
		name    string
		change  func(root *tree.Node)
		want    string
		regular bool
	}{
		{"a text", func(r *tree.Node) { r.Children()[1].Children()[0].Children()[0].SetText("y") }, "ST*1:2~SE*y~", true},
		{"a delimiter in a text", func(r *tree.Node) { r.Children()[1].Children()[0].Children()[0].SetText("y*") }, "ST*1:2~SE*y*~", false},
		{"a segment", func(r *tree.Node) { r.Append(tree.New("ZZ")) }, "ST*1:2~SE*x~ZZ~", true},
		{"an ISA at the beginning", func(r *tree.Node) { r.Insert(0, tree.New("ISA")) }, "ISA~ST*1:2~SE*x~", false},
		{"a name", func(r *tree.Node) { r.Children()[0].SetName(tree.Name{Local: "GE"}) }, "GE*1:2~SE*x~", false},
		{"the delimiters", func(r *tree.Node) { r.SetAttribute(tree.Name{Local: elementAttribute}, "|") }, "ST|1:2~SE|x~", false},
		{"one delimiter less", func(r *tree.Node) { r.RemoveAttribute(r.Attributes()[0]) }, "ST*1:2~SE*x~", false},
		{"blanks at the end", func(r *tree.Node) { r.Children()[1].Children()[0].Children()[0].SetText("y ") }, "ST*1:2~SE*y ~", false},
	}
	for _, tt := range tests {
		root, err := New().Parse("ST*1:2~SE*x~")
		if err != nil {
			t.Fatal(err)
		}
		tt.change(root)
		got, regular, err := New().Encode(root)
		if got != tt.want || regular != tt.regular || err != nil {
			t.Errorf("%s: got %q, regular %v, %v\nwant %q, %v", tt.name, got, regular, err, tt.want, tt.regular)
		}
	}
}

func TestDescribe(t *testing.T) {
	tests := []struct {
		name, text string
		want       map[string]any
	}{
		{"an interchange", eligibility, map[string]any{"mirth_source": "CLINIC         ", "mirth_type": "270", "mirth_version": "005010X279A1"}},
		{"no ISA", "GS*HS*CLINIC*B*C*D*E*X*005010~ST*270:1~", map[string]any{"mirth_source": "CLINIC", "mirth_type": "270", "mirth_version": "005010"}},
		{"an ISA without sender", "ISA*1~GS*HS*CLINIC~", map[string]any{"mirth_source": "CLINIC"}},
		{"neither", "UNH*1~BGM~", map[string]any{}},
		{"broken", "ST*1~*~", map[string]any{"mirth_type": "1"}},
		{"too short", "ST", nil},
	}
	for _, tt := range tests {
		if got := New().Describe(tt.text); !maps.Equal(got, tt.want) {
			t.Errorf("%s: Describe(%q)\n got %v\nwant %v", tt.name, tt.text, got, tt.want)
		}
	}
}

func TestBatchScript(t *testing.T) {
	if _, ok := New().BatchScript(); !ok {
		t.Error("batches are cut by a script only")
	}
}
