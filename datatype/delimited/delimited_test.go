package delimited

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datatype/datatypetest"
	"github.com/weir-health/weir/tree"
)

const (
	read  = "serializationProperties."
	write = "deserializationProperties."
	batch = "batchProperties."
)

// with returns the data type with some settings changed, given as name=value. A
// list has its items between commas.
func with(t testing.TB, settings ...string) *Type {
	t.Helper()
	dt := new(Type)
	if unknown, err := config.Decode(group(settings), dt); err != nil || len(unknown) > 0 {
		t.Fatalf("settings %q: unknown %q, error %v", settings, unknown, err)
	}
	return dt
}

func group(settings []string) config.Group {
	var g config.Group
	for _, s := range settings {
		path, text, _ := strings.Cut(s, "=")
		parent, name, _ := strings.Cut(path, ".")
		setting := config.Setting{Name: name, Text: text}
		if name == "columnWidths" || name == "columnNames" {
			setting.Text = ""
			for _, item := range strings.Split(text, ",") {
				setting.Group = append(setting.Group, config.Setting{Text: item})
			}
		}
		i := 0
		for i < len(g) && g[i].Name != parent {
			i++
		}
		if i == len(g) {
			g = append(g, config.Setting{Name: parent})
		}
		g[i].Group = append(g[i].Group, setting)
	}
	return g
}

var suite = datatypetest.Suite{
	Def: Def,
	Messages: []string{
		"a,b\n1,2\n",
		"\n",
		"a,,\n\nx\n",
		"\"a,b\",c\n",
		"\"say \"\"hi\"\", loud\",x\"y\"\n",
		"\"two\nlines\",é\n",
	},
}

func TestSuite(t *testing.T) { datatypetest.Run(t, suite) }

func TestSuiteFixedWidth(t *testing.T) {
	s := suite
	s.Settings = group([]string{read + "columnWidths=3,2", write + "columnWidths=3,2"})
	s.Messages = []string{"AB CD\n", "ABCDE\nX  Y \n"}
	datatypetest.Run(t, s)
}

func TestParse(t *testing.T) {
	const escaped = read + "escapeWithDoubleQuote=false"
	tests := []struct {
		name     string
		settings []string
		text     string
		want     string // without <delimited>
	}{
		{"two records", nil, "a,b\n1,2\n", "<row><column1>a</column1><column2>b</column2></row><row><column1>1</column1><column2>2</column2></row>"},
		{"nothing", nil, "", ""},
		{"no delimiter at the end", nil, "a", "<row><column1>a</column1></row>"},
		{"an empty column", nil, "a,,c", "<row><column1>a</column1><column2/><column3>c</column3></row>"},
		{"an empty column at the end", nil, "a,b,", "<row><column1>a</column1><column2>b</column2><column3/></row>"},
		{"an empty line", nil, "a\n\nb\n", "<row><column1>a</column1></row><row><column1/></row><row><column1>b</column1></row>"},
		{"blanks", nil, " a , b \n", "<row><column1> a </column1><column2> b </column2></row>"},
		{"quotes around a delimiter", nil, `"a,b",c`, "<row><column1>a,b</column1><column2>c</column2></row>"},
		{"quotes in quotes", nil, `"say ""hi""",x`, `<row><column1>say "hi"</column1><column2>x</column2></row>`},
		{"an escaped quote", []string{escaped}, `"a\"b"`, `<row><column1>a"b</column1></row>`},
		{"an escaped escape", []string{escaped}, `"a\\",b`, `<row><column1>a\</column1><column2>b</column2></row>`},
		{"an escape before nothing", []string{escaped}, `"a\b",b\"`, `<row><column1>a\b</column1><column2>b\"</column2></row>`},
		{"an escape of its own", []string{escaped, read + "quoteToken='", read + "quoteEscapeToken=%"}, `'a%'b'`, `<row><column1>a'b</column1></row>`},
		{"a quote that is not first", nil, `x"y"`, `<row><column1>x"y"</column1></row>`},
		{"text after a quote", nil, `"ab"cd,e`, "<row><column1>abcd</column1><column2>e</column2></row>"},
		{"a quote without end", nil, "\"ab,c\nd", "<row><column1>ab,c\nd</column1></row>"},
		{"a record delimiter in quotes", nil, "\"a\nb\",c\n", "<row><column1>a\nb</column1><column2>c</column2></row>"},
		{"no quotes", []string{read + "quoteToken="}, `"a,b"`, `<row><column1>"a</column1><column2>b"</column2></row>`},
		{"names", []string{read + "columnNames=id,name"}, "1,Bob,extra", "<row><id>1</id><name>Bob</name><column3>extra</column3></row>"},
		{"numbered rows", []string{read + "numberedRows=true"}, "a\nb\n", "<row1><column1>a</column1></row1><row2><column1>b</column1></row2>"},
		{"carriage returns", nil, "a,b\r\n\r\"c\r,d\"\r\n\r", "<row><column1>a</column1><column2>b</column2></row><row><column1>c,d</column1></row>"},
		{"carriage returns kept", []string{read + "ignoreCR=false"}, "a\r\n", "<row><column1>a&#13;</column1></row>"},
		{"carriage returns as delimiter", []string{read + `recordDelimiter=\r`}, "a\rb\r", "<row><column1>a</column1></row><row><column1>b</column1></row>"},
		{"line ends as delimiter", []string{read + `recordDelimiter=\r\n`}, "a\r\nb\r\n", "<row><column1>a</column1></row><row><column1>b</column1></row>"},
		{"delimiters", []string{read + `columnDelimiter=\t`, read + "recordDelimiter=0x1E"}, "a\tb\x1ec", "<row><column1>a</column1><column2>b</column2></row><row><column1>c</column1></row>"},
		{"long delimiters", []string{read + "columnDelimiter=::", read + "recordDelimiter=;;"}, "a:::b;;c;d", "<row><column1>a</column1><column2>:b</column2></row><row><column1>c;d</column1></row>"},
		{"no column delimiter", []string{read + "columnDelimiter="}, "a,b\n", "<row><column1>a,b</column1></row>"},
		{"widths", []string{read + "columnWidths=3,2"}, "AB CDxx\n", "<row><column1>AB</column1><column2>CD</column2></row>"},
		{"widths, short", []string{read + "columnWidths=3,2"}, "ABC\nA\n\nABCD", "<row><column1>ABC</column1></row><row><column1>A</column1></row><row/><row><column1>ABC</column1><column2>D</column2></row>"},
		{"widths, in characters", []string{read + "columnWidths=2,2"}, "éüßa\r\n", "<row><column1>éü</column1><column2>ßa</column2></row>"},
		{"widths, quotes", []string{read + "columnWidths=3,2"}, " \",\"\n", "<row><column1> \",</column1><column2>\"</column2></row>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, err := with(t, tt.settings...).Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			want := "<delimited>" + tt.want + "</delimited>"
			if tt.want == "" {
				want = "<delimited/>"
			}
			if got := root.XMLString(); got != want {
				t.Errorf("Parse(%q)\n got %s\nwant %s", tt.text, got, want)
			}
		})
	}
}

func TestParseRefused(t *testing.T) {
	many := strings.Repeat(",", MaxColumns)
	tests := []struct {
		name     string
		settings []string
		text     string
		want     string
	}{
		{"no record delimiter", []string{read + "recordDelimiter="}, "a", "serializationProperties.recordDelimiter: "},
		{"a name that is no name", []string{read + "columnNames=id,First Name"}, "a", "serializationProperties.columnNames: name 2 "},
		{"widths", []string{read + "columnWidths=3,0"}, "a", "serializationProperties.columnWidths: width 2 "},
		{"columns without end", nil, "a\n" + many, "record 2: a record has more than 100000 columns"},
		{"cells without end", nil, strings.Repeat("\n", MaxCells/2+1), "record 2000001: the message has more than 4000000 "},
	}
	for _, tt := range tests {
		_, err := with(t, tt.settings...).Parse(tt.text)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %s…", tt.name, err, tt.want)
		}
	}
}

func TestEncode(t *testing.T) {
	const escaped = write + "escapeWithDoubleQuote=false"
	tests := []struct {
		name     string
		settings []string
		xml      string
		want     string
	}{
		{"a delimiter", nil, `<row><c>a,b</c><c>q"x</c></row>`, "\"a,b\",q\"x\n"},
		{"a delimiter and quotes", nil, `<row><c>a,"b"</c></row>`, "\"a,\"\"b\"\"\"\n"},
		{"a record delimiter", nil, "<delimited><row><c>a\nb</c></row></delimited>", "\"a\nb\"\n"},
		{"an escape", nil, `<row><c>a\b</c><c>a\,b</c></row>`, `a\b,"a\\,b"` + "\n"},
		{"an escaped quote", []string{escaped}, `<row><c>a,"b\</c></row>`, `"a,\"b\\"` + "\n"},
		{"an escape that is the quote", []string{escaped, write + `quoteEscapeToken="`, write + `quoteToken="`}, `<row><c>a,"</c></row>`, `"a,"""` + "\n"},
		{"no quotes", []string{write + "quoteToken="}, `<row><c>a,b"</c></row>`, "a,b\"\n"},
		{"rows by their names", nil, "<x><Row7><c>a</c></Row7><y><ROWDY><c>b</c><rowc>c</rowc></ROWDY></y><z>d</z></x>", "a\nb,c\n"},
		{"names in any order", nil, "<d><row><column2>a</column2><column1>b</column1></row></d>", "a,b\n"},
		{"an empty row", nil, "<d><row/><row><c/><c/></row></d>", "\n,\n"},
		{"no rows", nil, "<d><c>a</c></d>", ""},
		{"indentation, comments, CDATA", nil, "<d>\n  <row>\n    <c>a<!--x--><![CDATA[&]]></c>\n    <c> </c>\n  </row>\n</d>", "a&, \n"},
		{"elements in a column", nil, "<row><c>a<b>b</b>c</c></row>", "abc\n"},
		{"delimiters", []string{write + "columnDelimiter=|", write + `recordDelimiter=\r\n`}, "<d><row><c>a</c><c>b</c></row><row><c>c,</c></row></d>", "a|b\r\nc,\r\n"},
		{"widths", []string{write + "columnWidths=3,2"}, "<row><c>ABCD</c><c>é</c><c>more</c></row>", "ABCé \n"},
		{"widths, short", []string{write + "columnWidths=3,2"}, "<d><row><c>A</c></row><row/></d>", "A  \n\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, err := tree.ParseXML(tt.xml, tree.XMLOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := with(t, tt.settings...).Encode(root); got != tt.want || err != nil {
				t.Errorf("Encode(%s)\n got %q, %v\nwant %q", tt.xml, got, err, tt.want)
			}
		})
	}
}

func TestRegular(t *testing.T) {
	tests := []struct {
		name     string
		settings []string
		text     string
		want     bool
	}{
		{"plain", nil, "a,b\nc\n", true},
		{"nothing", nil, "", true},
		{"quoted", nil, "\"a,b\"\"\"\n", true},
		{"names and numbers", []string{read + "columnNames=a,b", read + "numberedRows=true"}, "1,2,3\n4\n", true},
		{"a quote at the beginning", nil, "\"\"\"a\"\n", false},
		{"an escape that is doubled", nil, `"a\,b"`, false},
		{"a carriage return", []string{read + "ignoreCR=false"}, "a\r\n", true},
		{"other delimiters written", []string{write + "columnDelimiter=;"}, "a,b\n", false},
		{"long delimiters", []string{read + "columnDelimiter=aa", write + "columnDelimiter=aa"}, "a,b\n", false},
		{"widths", []string{read + "columnWidths=3,2", write + "columnWidths=3,2"}, "abcde\n", false},
	}
	for _, tt := range tests {
		dt := with(t, tt.settings...)
		root, err := dt.Parse(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if text, regular, err := dt.Encode(root); regular != tt.want || err != nil {
			t.Errorf("%s: %q regular %v, %v, want %v", tt.name, text, regular, err, tt.want)
		}
	}
}

func TestNeedsTree(t *testing.T) {
	tests := []struct {
		setting string
		in, out bool
	}{
		{batch + "splitType=Delimiter", false, false},
		{read + "columnDelimiter=;", true, false},
		{read + `recordDelimiter=\r`, true, false},
		{read + "columnWidths=1,2", true, false},
		{read + "quoteToken='", true, false},
		{read + "escapeWithDoubleQuote=false", true, false},
		{read + "quoteEscapeToken=%", true, false},
		{read + "columnNames=a", true, false},
		{read + "numberedRows=true", true, false},
		{read + "ignoreCR=false", true, false},
		{write + "columnDelimiter=;", false, true},
		{write + `recordDelimiter=\r`, false, true},
		{write + "columnWidths=1,2", false, true},
		{write + "quoteToken='", false, true},
		{write + "escapeWithDoubleQuote=false", false, true},
		{write + "quoteEscapeToken=%", false, true},
	}
	for _, tt := range tests {
		dt := with(t, tt.setting)
		if in, out := dt.NeedsTree(true), dt.NeedsTree(false); in != tt.in || out != tt.out {
			t.Errorf("%s: NeedsTree %v, %v, want %v, %v", tt.setting, in, out, tt.in, tt.out)
		}
	}
	if got := New().Pass("a\r\n", New()); got != "a\r\n" {
		t.Errorf("Pass gives %q", got)
	}
}

func TestCheckSettings(t *testing.T) {
	if err := New().CheckSettings(); err != nil {
		t.Error(err)
	}
	for _, setting := range []string{read + "columnWidths=x", write + "columnWidths=1,1000001"} {
		name, _, _ := strings.Cut(setting, "=")
		if err := with(t, setting).CheckSettings(); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: got %v", setting, err)
		}
	}
}
