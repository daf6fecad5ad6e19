package hl7v2

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/tree"
)

const msh = `MSH|^~\&|A|B` + "\r"

// with returns the data type with some settings changed, given as name=value.
func with(t testing.TB, settings ...string) *Type {
	t.Helper()
	var g config.Group
	for _, s := range settings {
		path, text, _ := strings.Cut(s, "=")
		group, name, _ := strings.Cut(path, ".")
		g = add(g, group, config.Setting{Name: name, Text: text})
	}
	dt := new(Type)
	if unknown, err := config.Decode(g, dt); err != nil || len(unknown) > 0 {
		t.Fatalf("settings %q: unknown %q, error %v", settings, unknown, err)
	}
	return dt
}

func add(g config.Group, group string, s config.Setting) config.Group {
	for i := range g {
		if g[i].Name == group {
			g[i].Group = append(g[i].Group, s)
			return g
		}
	}
	return append(g, config.Setting{Name: group, Group: config.Group{s}})
}

const (
	noRepetitions   = "serializationProperties.handleRepetitions=false"
	noSubcomponents = "serializationProperties.handleSubcomponents=false"
	keepLineBreaks  = "serializationProperties.convertLineBreaks=false"
	readDelimiter   = "serializationProperties.segmentDelimiter="
	writeDelimiter  = "deserializationProperties.segmentDelimiter="
)

// shape writes a tree briefly: PID.3{PID.3.1=x PID.3.2{}}.
func shape(n *tree.Node) string {
	children := n.Children()
	if len(children) == 1 && children[0].Kind == tree.Text {
		return n.Name.Local + "=" + children[0].Data
	}
	var parts []string
	for _, c := range children {
		parts = append(parts, shape(c))
	}
	return n.Name.Local + "{" + strings.Join(parts, " ") + "}"
}

func TestParse(t *testing.T) {
	tests := []struct {
		name     string
		settings []string
		text     string // behind a header
		want     string // without the header
	}{
		{"components, repetitions, subcomponents", nil, "PID|1||123^^^X~456||DOE^JANE&Q^||",
			"PID{PID.1{PID.1.1=1} PID.2{} PID.3{PID.3.1=123 PID.3.2{} PID.3.3{} PID.3.4=X} PID.3{PID.3.1=456} PID.4{} " +
				"PID.5{PID.5.1=DOE PID.5.2{PID.5.2.1=JANE PID.5.2.2=Q} PID.5.3{}} PID.6{} PID.7{}}"},
		{"no separator", nil, "ZZ1", "ZZ1{}"},
		{"one separator", nil, "ZZ1|", "ZZ1{ZZ1.1{}}"},
		{"empty repetitions", nil, "PV1|1|~x~", "PV1{PV1.1{PV1.1.1=1} PV1.2{} PV1.2{PV1.2.1=x} PV1.2{}}"},
		{"only separators", nil, "PV1||&&|^", "PV1{PV1.1{} PV1.2{PV1.2.1{PV1.2.1.1{} PV1.2.1.2{} PV1.2.1.3{}}} PV1.3{PV1.3.1{} PV1.3.2{}}}"},
		{"escapes stay", nil, `OBX|1|FT|a\T\b`, `OBX{OBX.1{OBX.1.1=1} OBX.2{OBX.2.1=FT} OBX.3{OBX.3.1=a\T\b}}`},
		{"a lone ampersand separates", nil, `OBX|<5 & >2`, `OBX{OBX.1{OBX.1.1{OBX.1.1.1=<5  OBX.1.1.2= >2}}}`},
		{"blanks stay", nil, "AL1|1|  two  spaces |", "AL1{AL1.1{AL1.1.1=1} AL1.2{AL1.2.1=  two  spaces } AL1.3{}}"},
		{"not ASCII", nil, "NTE|1||café", "NTE{NTE.1{NTE.1.1=1} NTE.2{} NTE.3{NTE.3.1=café}}"},
		{"blank lines", nil, "\r\rPV1|1\r  \rPV2|2\r\n\n", "PV1{PV1.1{PV1.1.1=1}} PV2{PV2.1{PV2.1.1=2}}"},
		{"repetitions off", []string{noRepetitions}, "PID|a~b^c", "PID{PID.1{PID.1.1=a~b PID.1.2=c}}"},
		{"subcomponents off", []string{noSubcomponents}, "PID|b^c&d", "PID{PID.1{PID.1.1=b PID.1.2=c&d}}"},
		{"long and lower case names", nil, "Zabcd|1\rzz|2", "Zabcd{Zabcd.1{Zabcd.1.1=1}} zz{zz.1{zz.1.1=2}}"},
		{"line feeds end segments", nil, "PV1|1\nPV2|1", "PV1{PV1.1{PV1.1.1=1}} PV2{PV2.1{PV2.1.1=1}}"},
		{"line feeds kept", []string{keepLineBreaks}, "PV1|1\nPV2|1", "PV1{PV1.1{PV1.1.1=1\nPV2} PV1.2{PV1.2.1=1}}"},
		{"CRLF with line feeds kept", []string{keepLineBreaks}, "PV1|1\r\nPV2|1\r\n\r\nZZ1\r\n", "PV1{PV1.1{PV1.1.1=1}} PV2{PV2.1{PV2.1.1=1}} ZZ1{}"},
		{"blanks around a name", nil, " PV1|1\r\tPV2 | 1\r ZZ1 ", "PV1{PV1.1{PV1.1.1=1}} PV2{PV2.1{PV2.1.1= 1}} ZZ1{}"},
		{"own segment delimiter", []string{readDelimiter + "0x1E"}, "PV1|1\x1ePV2|1", "PV1{PV1.1{PV1.1.1=1}} PV2{PV2.1{PV2.1.1=1}}"},
		{"every character of the delimiter", []string{readDelimiter + `"*#"`}, "PV1|1*PV2|1#PV3|1*#", "PV1{PV1.1{PV1.1.1=1}} PV2{PV2.1{PV2.1.1=1}} PV3{PV3.1{PV3.1.1=1}}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := parsed(t, with(t, tt.settings...), msh+tt.text)
			want := `HL7Message{MSH{MSH.1=| MSH.2=^~\& MSH.3{MSH.3.1=A} MSH.4{MSH.4.1=B}} ` + tt.want + "}"
			if got != want {
				t.Errorf("Parse(%q)\n got %q\nwant %q", msh+tt.text, got, want)
			}
		})
	}
}

func parsed(t *testing.T, dt *Type, text string) string {
	t.Helper()
	root, err := dt.Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return shape(root)
}

func TestParseHeaders(t *testing.T) {
	const pid = "PID{PID.1{PID.1.1=a} PID.1{PID.1.1=b PID.1.2"
	tests := []struct{ name, text, want string }{
		{"none", "PID|a~b^c&d", pid + "=c&d}}"},
		{"escape missing", `MSH|^~&|A` + "\rPID|a~b^c&d", `MSH{MSH.1=| MSH.2=^~\& MSH.3{MSH.3.1=A}} ` + pid + "{PID.1.2.1=c PID.1.2.2=d}}}"},
		{"no subcomponents", `MSH|^~\|A` + "\rPID|a~b^c&d", `MSH{MSH.1=| MSH.2=^~\ MSH.3{MSH.3.1=A}} ` + pid + "=c&d}}"},
		{"truncation character", `MSH|^~\&#|A` + "\rPID|a~b^c&d", `MSH{MSH.1=| MSH.2=^~\&# MSH.3{MSH.3.1=A}} ` + pid + "{PID.1.2.1=c PID.1.2.2=d}}}"},
		{"own delimiters", `MSH#$%!*#A` + "\rPID#a%b$c*d", `MSH{MSH.1=# MSH.2=$%!* MSH.3{MSH.3.1=A}} ` + pid + "{PID.1.2.1=c PID.1.2.2=d}}}"},
		{"delimiters beyond ASCII", `MSH§¤¦¬µ§A` + "\rPID§a¦b¤cµd", `MSH{MSH.1=§ MSH.2=¤¦¬µ MSH.3{MSH.3.1=A}} ` + pid + "{PID.1.2.1=c PID.1.2.2=d}}}"},
		{"MSH-2 empty", "MSH||A\rPID|a~b^c&d", "MSH{MSH.1=| MSH.2{} MSH.3{MSH.3.1=A}} " + pid + "=c&d}}"},
		{"nothing behind MSH-2", `MSH|^~\&` + "\rPID|a~b^c&d", `MSH{MSH.1=| MSH.2=^~\&} ` + pid + "{PID.1.2.1=c PID.1.2.2=d}}}"},
		{"file and batch", `FHS|^~\&|A` + "\r" + `BHS|^~\&|B` + "\r" + `MSH|^~\&|C`,
			`FHS{FHS.1=| FHS.2=^~\& FHS.3{FHS.3.1=A}} BHS{BHS.1=| BHS.2=^~\& BHS.3{BHS.3.1=B}} MSH{MSH.1=| MSH.2=^~\& MSH.3{MSH.3.1=C}}`},
		{"white space around", " \r\n\x0bMSH|^~\\&|A|\r\x1c\r", `MSH{MSH.1=| MSH.2=^~\& MSH.3{MSH.3.1=A} MSH.4{}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, want := parsed(t, New(), tt.text), "HL7Message{"+tt.want+"}"
			if got != want {
				t.Errorf("Parse(%q)\n got %q\nwant %q", tt.text, got, want)
			}
		})
	}
}

func TestParseRefused(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "too short"},
		{"five characters", " PID|1 ", "too short"},
		{"a line break inside a field", msh + "NTE|1||first\rsecond line|x", "segment 3: there is no segment name"},
		{"no name", msh + "|x", "segment 2: there is no segment name"},
		{"JSON", `{"a": "b"}`, "segment 1: there is no segment name"},
		{"too many segments", strings.Repeat("P|\r", MaxSegments+1), "more than 250000 segments"},
		{"too many delimiters in a segment", msh + "PID" + strings.Repeat("|", MaxSegmentDelimiters+1), "segment 2: there are more than 100000 delimiters"},
		{"too many delimiters", msh + strings.Repeat("PID"+strings.Repeat("|~", 45_000)+"\r", 50), "there are more than 4000000 delimiters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New().Parse(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse(%.40q)\n got %v\nwant an error with %q", tt.text, err, tt.want)
			}
		})
	}
}
