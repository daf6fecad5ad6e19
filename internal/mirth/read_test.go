package mirth

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// exports are all the export files of the project's cases.
func exports(t testing.TB) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"../../test/cases/*/*.xml", "../../test/bench-channels/*.xml"} {
		found, _ := filepath.Glob(pattern)
		names = append(names, found...)
	}
	if len(names) == 0 {
		t.Fatal("no exports in test/cases and test/bench-channels")
	}
	return names
}

func TestExportsAreReadWithoutNotes(t *testing.T) {
	for _, name := range exports(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		im, err := ReadFile(name, data)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(im.Channels) == 0 {
			t.Errorf("%s: no channels", name)
		}
		for _, n := range im.Notes {
			t.Errorf("%s: %s", name, n)
		}
	}
}

// wrap makes a small channel; more goes before its end, in place of %s.
func wrap(id, more string) string {
	return `<channel version="4.5.2"><id>` + id + `</id><nextMetaDataId>2</nextMetaDataId><name>` + id + ` name</name>
<sourceConnector version="4.5.2"><metaDataId>0</metaDataId><name>sourceConnector</name>
<properties class="com.mirth.connect.connectors.vm.VmReceiverProperties" version="4.5.2"><pluginProperties/></properties>
<transformer version="4.5.2"><elements/><inboundDataType>RAW</inboundDataType><outboundDataType>RAW</outboundDataType></transformer>
<filter version="4.5.2"><elements/></filter><transportName>Channel Reader</transportName></sourceConnector>
<destinationConnectors><connector version="4.5.2"><metaDataId>1</metaDataId><name>Out</name>
<properties class="com.mirth.connect.connectors.vm.VmDispatcherProperties"><channelId>none</channelId></properties>
<transformer><elements/><inboundDataType>RAW</inboundDataType><outboundDataType>RAW</outboundDataType></transformer>
<filter><elements/></filter><transportName>Channel Writer</transportName><enabled>true</enabled></connector></destinationConnectors>
` + more + `</channel>`
}

func read(t testing.TB, text string) *Import {
	t.Helper()
	im, err := ReadFile("test.xml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestKinds(t *testing.T) {
	const template = `<codeTemplate version="4.5.2"><id>t</id><name>T</name><contextSet><delegate><contextType>CHANNEL_DEPLOY</contextType></delegate></contextSet><properties class="x"><type>FUNCTION</type><code>f</code></properties></codeTemplate>`
	const library = `<codeTemplateLibrary version="4.5.2"><id>l</id><name>L</name><includeNewChannels>true</includeNewChannels><codeTemplates>` + template + `</codeTemplates></codeTemplateLibrary>`
	const alert = `<alertModel version="4.5.2"><id>a</id><name>A</name></alertModel>`
	const group = `<channelGroup version="4.5.2"><id>g</id><name>G</name><channels>`
	for _, c := range []struct{ text, kind, summary string }{
		{wrap("a", ""), "channel", "channel"},
		{`<?xml version="1.0"?><!-- export --><list>` + wrap("a", "") + wrap("b", "") + `</list>`, "channel list", "channel list, 2 channels"},
		{group + wrap("a", "") + `</channels></channelGroup>`, "channel group", "channel group, 1 channel, 1 group"},
		{`<set>` + group + `<channel version="4.5.2"><id>a</id><revision>0</revision></channel></channels></channelGroup></set>`, "channel group list", "channel group list, 1 group"},
		{library, "code template library", "code template library"},
		{`<list>` + library + `</list>`, "code template library list", "code template library list, 1 code template library"},
		{template, "code template", "code template, 1 code template library"},
		{alert, "alert", "alert"},
		{`<list>` + alert + alert + `</list>`, "alert list", "alert list, 2 alerts"},
		{`<set><channelTag><id>t</id><name>T</name></channelTag></set>`, "channel tag list", "channel tag list, 1 tag"},
		{`<list/>`, "empty list", "empty list"},
		{`<list><` + directoryResource + ` version="4.5.2"><id>Default Resource</id></` + directoryResource + `></list>`, "resource list", "resource list, 1 resource"},
		{`<list><metaDataColumn><name>SOURCE</name></metaDataColumn></list>`, "metadata column list", "metadata column list"},
		{"<message><messageId>1</messageId></message>\n<message/>", "message export", "message export, 1 message"},
		{"<?xml version='1.0'?>\n<list>\n <message>a</message><message version='4.5.2'>b</message></list>", "message export", "message export, 2 messages"},
		{`<map><entry><string>Deploy</string><string>x();</string></entry><entry><string>Shutdown</string><string>y();</string></entry></map>`, "global scripts", "global scripts"},
		{`<map><entry><string>k</string><com.mirth.connect.util.ConfigurationProperty><value>v</value></com.mirth.connect.util.ConfigurationProperty></entry></map>`, "configuration map", "configuration map, 1 configuration entry"},
		{"# c\nk = v\n", "configuration map", "configuration map, 1 configuration entry"},
	} {
		im, err := ReadFile("x", []byte(c.text))
		if err != nil {
			t.Errorf("%.60s: %v", c.text, err)
			continue
		}
		if im.Kind != c.kind || im.Summary() != c.summary {
			t.Errorf("%.60s\n got %q, %q\nwant %q, %q", c.text, im.Kind, im.Summary(), c.kind, c.summary)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "the file is empty"},
		{"blanks", " \r\n\t", "the file is empty"},
		{"byte order mark alone", "\ufeff", "the file is empty"},
		{"an HL7 message", "MSH|^~\\&|A|B\rPID|1", "neither XML nor a configuration map"},
		{"JSON", `{"a": 1}`, "neither XML nor a configuration map"},
		{"binary", "PK\x03\x04\xff\xfe", "neither XML nor a configuration map"},
		{"a login page", "<!DOCTYPE html><html></html>", "is a web page"},
		{"a page without document type", "<HTML><body></body></HTML>", "is a web page"},
		{"a document type", `<?xml version="1.0"?><!DOCTYPE channel [<!ENTITY x "y">]><channel/>`, "document type"},
		{"an entity", wrap("a", "<description>&x;</description>"), "an & is not followed"},
		{"a filter", `<filter version="4.5.2"><elements/></filter>`, "a filter alone"},
		{"something else", "<project/>", "<project> is not an export"},
		{"a list of something else", "<list><string>a</string></list>", "<list> of <string> is not an export"},
		{"a map of something else", "<map><entry><string>a</string><channelMetadata><enabled>true</enabled></channelMetadata></entry></map>", "is not an export"},
		{"cut in a text", wrap("a", "")[:80], "it was cut"},
		{"cut in a tag", `<channel version="4.5`, "has no end"},
		{"cut after a tag's name", `<channel `, "it was cut"},
		{"wrong end tag", "<list>\n<channel>\n</list>", "line 3: </list> stands where <channel> of line 2 should end"},
		{"end tag alone", "</list>", "has no start tag"},
		{"two roots", "<list/><list/>", "second root"},
		{"text after the root", "<list/>x", "outside of the root"},
		{"attribute without value", "<list a/>", "no attribute"},
		{"attribute without quotes", "<list a=b/>", "no quoted value"},
		{"invalid UTF-8", "<list>\n<string>\xff</string></list>", "line 2: a character is not valid UTF-8"},
		{"comment without end", "<list><!-- </list>", "a comment has no end"},
		{"number of no character", "<list>&#x110000;</list>", "an & is not followed"},
	} {
		im, err := ReadFile("x.xml", []byte(c.text))
		if err == nil {
			t.Errorf("%s: accepted as %s", c.name, im.Kind)
		} else if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "x.xml: ") {
			t.Errorf("%s\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		limits           limits
	}{
		{"size", wrap("a", ""), "more than 100", limits{100, 50, 500}},
		{"depth", "<list>" + strings.Repeat("<a>", 60) + strings.Repeat("</a>", 60) + "</list>", "more than 50 elements are inside", limits{1 << 20, 50, 500}},
		{"elements", "<list>" + strings.Repeat("<a/>", 500) + "</list>", "more than 500 elements", limits{1 << 20, 50, 500}},
		{"attributes", "<list " + strings.Repeat(`a="" `, 600) + "/>", "more than 500 elements", limits{1 << 20, 50, 500}},
	} {
		if _, err := readFile([]byte(c.text), c.limits); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

func TestCharacters(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"carriage return", "a&#xd;b&#13;c", "a\rb\rc"},
		{"line ends of the file", "a\r\nb\rc\n", "a\nb\nc\n"},
		{"characters that XML forbids", "&#x1;&#11;&#x1C;", "\x01\x0b\x1c"},
		{"entities", "&lt;&gt;&amp;&quot;&apos;", `<>&"'`},
		{"CDATA", "a<![CDATA[<b>&amp;]]>c", "a<b>&amp;c"},
		{"comment", "a<!-- b -->c", "ac"},
		{"blank", "  ", "  "},
	} {
		im := read(t, wrap("a", "<description>"+c.text+"</description>"))
		if got := im.Channels[0].Description; got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEncodings(t *testing.T) {
	const text = "Größe – „x“"
	utf16file := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(wrap("a", "<description>"+text+"</description>"))) {
		utf16file = append(utf16file, byte(u), byte(u>>8))
	}
	western := wrap("a", "<description>Gr\xf6\xdfe \x96 \x84x\x93</description>")
	for name, data := range map[string][]byte{
		"UTF-8":        []byte(wrap("a", "<description>"+text+"</description>")),
		"with a mark":  []byte("\ufeff" + wrap("a", "<description>"+text+"</description>")),
		"UTF-16":       utf16file,
		"ISO-8859-1":   []byte(`<?xml version="1.0" encoding="ISO-8859-1"?>` + western),
		"Windows-1252": []byte(`<?xml version='1.0' encoding = 'windows-1252' ?>` + western),
	} {
		im, err := ReadFile(name, data)
		if err != nil {
			t.Error(err)
		} else if got := im.Channels[0].Description; got != text {
			t.Errorf("%s: got %q, want %q", name, got, text)
		}
	}
}

// TestBrokenChannels: what cannot be read is noted, and the others come out.
func TestBrokenChannels(t *testing.T) {
	im := read(t, "<list>\n"+wrap("a", "")+
		`<channel version="4.5.2"><id>b</id></channel>`+
		`<channel><id>c</id><name>C</name><version>2.2.1</version><sourceConnector/></channel>`+
		`<channel version="4.5.2"><id>d</id><name>D</name></channel>`+
		`<channel version="4.5.2"><name>E</name></channel>`+wrap("f", "")+"</list>")
	if len(im.Channels) != 2 || im.Channels[1].ID != "f" || !im.Blocked() {
		t.Fatalf("got %d channels, blocked %v", len(im.Channels), im.Blocked())
	}
	var got []string
	for _, n := range im.Notes {
		got = append(got, n.Channel+": "+n.Text)
	}
	want := []string{
		"C: the channel was written by Mirth Connect 2.2.1, whose format is not read",
		"D: the channel has no source connector",
		"E: the channel has no id",
		"b: the channel has no name",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestUnknownIsKeptAndNoted(t *testing.T) {
	text := wrap("a", `<future kind="x"><deep>1</deep></future><properties version="4.5.2"><later>2</later><initialState>SYNCING</initialState><messageStorageMode>SOME</messageStorageMode></properties><description>twice</description><description>2nd</description>`)
	text = strings.Replace(text, "<filter><elements/></filter>", "<filter><elements/><odd>3</odd></filter><strange/>", 1)
	im := read(t, text)
	extra := im.Channels[0].Extra
	for path, want := range map[string]string{
		"future.deep": "1", "future.@kind": "x", "properties.later": "2", "description": "2nd",
		"destinationConnectors.connector.metaDataId": "1", "destinationConnectors.connector.filter.odd": "3",
	} {
		if got := extra.Text(path); got != want {
			t.Errorf("Extra %s: got %q, want %q", path, got, want)
		}
	}
	var got []string
	for _, n := range im.Notes {
		got = append(got, n.Severity.String()+" "+n.Path)
	}
	want := []string{
		"blocks channel/properties/messageStorageMode",
		"difference channel/properties/initialState",
		"difference channel/description",
		"info channel/destinationConnectors/connector[1]/strange",
		"info channel/destinationConnectors/connector[1]/filter/odd",
		"info channel/future",
		"info channel/properties/later",
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, n := range im.Notes {
		if n.Line == 0 || n.Channel != "a name" {
			t.Errorf("%s: line %d, channel %q", n.Path, n.Line, n.Channel)
		}
	}
}

func TestNewerVersion(t *testing.T) {
	im := read(t, strings.Replace(wrap("a", ""), "4.5.2", "4.6.0", 1))
	if len(im.Channels) != 1 || len(im.Notes) != 1 || im.Notes[0].Severity != Difference || im.Version != "4.6.0" {
		t.Errorf("got version %s, notes %v", im.Version, im.Notes)
	}
}

func TestNotesHaveALimit(t *testing.T) {
	im := read(t, wrap("a", strings.Repeat("<x/>", MaxNotes+5)))
	if len(im.Notes) != MaxNotes+1 || im.Notes[0].Text != "there are 5 more notes" {
		t.Errorf("got %d notes, first %q", len(im.Notes), im.Notes[0])
	}
}

func TestReferences(t *testing.T) {
	im := read(t, wrap("a", `<x><one><v>1</v></one><two reference="../one"/><three reference="../../x"/><four reference="../nothing"/></x>`))
	extra := im.Channels[0].Extra
	if got := extra.Text("x.two.v"); got != "1" {
		t.Errorf("x.two.v: got %q", got)
	}
	if got := extra.Text("x.three.@reference"); got != "../../x" {
		t.Errorf("x.three.@reference: got %q", got)
	}
	followed := 0
	for _, n := range im.Notes {
		if n.Severity == Difference {
			followed++
		}
	}
	if followed != 2 {
		t.Errorf("got notes %q", im.Notes)
	}
}

func FuzzReadFile(f *testing.F) {
	for _, name := range exports(f) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, c := range migrationCases {
		f.Add([]byte(wrap("a", c.before)))
	}
	f.Add([]byte(wrap("a", `<x reference="../id"/>`)))
	f.Add([]byte("# comment\nkey = a\\\n  b\n\\u0041:x"))
	f.Add([]byte(`<serverConfiguration version="3.2.0"><channels>` + wrap("a", "") + `</channels><globalScripts><entry><string>Deploy</string><string/></entry></globalScripts></serverConfiguration>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		im, err := readFile(data, limits{file: 1 << 20, depth: 100, elements: 10_000})
		if err == nil && len(im.Notes) > MaxNotes+1 {
			t.Errorf("%d notes", len(im.Notes))
		}
		if err != nil {
			return
		}
		for _, ch := range im.Channels {
			text := WriteChannel(ch, im.Inside[ch.ID])
			if _, err := ReadFile("written", text); err != nil {
				t.Errorf("what was written cannot be read: %v\n%s", err, text)
			}
		}
	})
}
