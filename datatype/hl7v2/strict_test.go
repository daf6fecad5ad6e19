package hl7v2

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/tree"
)

var updateStrict = flag.Bool("update", false, "rewrite the expected results")

func strict(t testing.TB, more ...string) *Type {
	return with(t, append([]string{"serializationProperties.useStrictParser=true", "deserializationProperties.useStrictParser=true"}, more...)...)
}

// Every testdata/strict/*.hl7 is a message; the file beside it with .xml is its XML
// encoding, a tag on each line, and the one with .written is what is written again, where that
// differs from the message.
func TestStrict(t *testing.T) {
	inputs, err := filepath.Glob("testdata/strict/*.hl7")
	if err != nil || len(inputs) < 10 {
		t.Fatalf("%d cases, %v", len(inputs), err)
	}
	for _, in := range inputs {
		t.Run(strings.TrimSuffix(filepath.Base(in), ".hl7"), func(t *testing.T) {
			text := readFile(t, in)
			dt := strict(t)
			root, err := dt.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			markup := strings.ReplaceAll(root.XMLString(), "><", ">\n<") + "\n"
			compare(t, in+".xml", markup)
			out, _, err := dt.Encode(root)
			if err != nil {
				t.Fatal(err)
			}
			if out != text || exists(in+".written") {
				compare(t, in+".written", out)
			}
			// What a script hands back has been markup meanwhile.
			again, err := tree.ParseXML(root.XMLString(), tree.XMLOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := dt.Encode(again); got != out || err != nil {
				t.Errorf("by way of markup\n got %q, %v\nwant %q", got, err, out)
			}
			stable, err := dt.Parse(out)
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := dt.Encode(stable); got != out || err != nil {
				t.Errorf("not stable\n got %q, %v\nwant %q", got, err, out)
			}
		})
	}
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func exists(name string) bool { _, err := os.Stat(name); return err == nil }

func compare(t *testing.T, name, got string) {
	t.Helper()
	if *updateStrict {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := readFile(t, name); got != want {
		t.Errorf("%s\n got %s\nwant %s", name, got, want)
	}
}

const strictHead = "MSH|^~\\&|A|B|C|D|20240310||ADT^A01^ADT_A01|1|P|2.5\r"

func TestStrictRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, words string }{
		"no MSH":                 {"PID|1||SECRET", "does not begin with an MSH"},
		"no version":             {"MSH|^~\\&|SECRET|B|C|D|1||ADT^A01|1|P", "MSH-12"},
		"another version":        {"MSH|^~\\&|A|B|C|D|1||ADT^A01|1|P|9.9", "MSH-12"},
		"an unknown structure":   {"MSH|^~\\&|A|B|C|D|1||ADT^Z99|1|P|2.5", "the structure ADT_Z99, which version 2.5"},
		"a structure of content": {"MSH|^~\\&|A|B|C|D|1||ADT^A01^SECRET SECRET|1|P|2.5", "MSH-9"},
		"OBX-5 without a type":   {strictHead + "OBX|1||X||SECRET", "segment 2: OBX-2: the data type of OBX-5 is missing"},
		"OBX-5 of another type":  {strictHead + "OBX|1|QQ|X||SECRET", "OBX-2: the data type of OBX-5 is none of version 2.5"},
	} {
		_, err := strict(t).Parse(c.text)
		if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: got %v, want the words %q", name, err, c.words)
		}
	}
	for name, markup := range map[string]string{
		"no MSH": "<ADT_A01/>", "no version": "<ADT_A01><MSH><MSH.1>|</MSH.1></MSH></ADT_A01>",
		"Mirth's own XML": "<HL7Message><MSH><MSH.12><MSH.12.1>2.5</MSH.12.1></MSH.12></MSH></HL7Message>",
		"a foreign field": "<ADT_A01><MSH><MSH.12><VID.1>2.5</VID.1></MSH.12><PID.3/></MSH></ADT_A01>",
	} {
		root, err := tree.ParseXML(markup, tree.XMLOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := strict(t).Encode(root); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestStrictValidation(t *testing.T) {
	dt := strict(t, "serializationProperties.useStrictValidation=true", "deserializationProperties.useStrictValidation=true")
	for field, ok := range map[string]bool{
		"PID|1||||||19700101":             true,
		"PID|1||||||1970":                 true,
		"PID|1||||||197001011259-0500":    true,
		"PID|1||||||\"\"":                 true,
		"PID|1||||||19701301":             false,
		"PID|1||||||SECRET":               false,
		"PID|x":                           false,
		"OBX|1|NM|X||-5.4":                true,
		"OBX|1|NM|X||5,4":                 false,
		"OBX|1|TM|X||2360":                false,
		"OBX|1|DT|X||20240231":            true,
		"OBX|1|ST|X||" + long(200):        true,
		"OBX|1|ST|X||" + long(201):        false,
		"OBX|1|CE|X||" + long(201) + "^x": false,
	} {
		_, err := dt.Parse(strictHead + field)
		if (err == nil) != ok || err != nil && (strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), field[:3]+"-")) {
			t.Errorf("%.30s: got %v", field, err)
		}
		root, err := strict(t).Parse(strictHead + field)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := dt.Encode(root); (err == nil) != ok && !strings.HasPrefix(field, "OBX") {
			t.Errorf("written %.30s: got %v", field, err)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

func TestStrictNamespaces(t *testing.T) {
	text := strictHead + "PID|1\r"
	root, err := strict(t, "serializationProperties.stripNamespaces=true").Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if markup := root.XMLString(); strings.Contains(markup, "xmlns") || !strings.HasPrefix(markup, "<ADT_A01><MSH>") {
		t.Errorf("got %s", markup)
	}
	if got, _, err := strict(t).Encode(root); got != text || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// What scripts do to a message comes out in the order of the structure.
func TestStrictEdit(t *testing.T) {
	read := func(more string) *tree.Node {
		root, err := strict(t).Parse(strictHead + "EVN||1\rPID|1||2\r" + more)
		if err != nil {
			t.Fatal(err)
		}
		return root
	}
	add := func(parent *tree.Node, markup string) {
		n, err := tree.ParseXML(markup, tree.XMLOptions{})
		if err != nil {
			t.Fatal(err)
		}
		parent.Append(n)
	}
	for _, c := range []struct {
		name, more string
		edit       func(root *tree.Node)
		want       string
	}{
		{"a segment goes to its place", "PV1|1|I\rAL1|1\r", func(r *tree.Node) { add(r, "<PD1><PD1.2>x</PD1.2></PD1>") },
			"PID|1||2\rPD1||x\rPV1|1|I\rAL1|1\r"},
		{"a segment of one's own goes to the end", "PV1|1|I\r", func(r *tree.Node) {
			add(r, "<ZZ1><ZZ1.1>x</ZZ1.1></ZZ1>")
			add(r, "<PV2><PV2.1><PL.1>w</PL.1></PV2.1></PV2>")
		},
			"PID|1||2\rPV1|1|I\rPV2|w\rZZ1|x\r"},
		{"fields by their numbers", "", func(r *tree.Node) { add(child(r, "PID"), "<PID.2><CX.4><HD.2>u</HD.2></CX.4></PID.2>") },
			"PID|1|^^^&u|2\r"},
		{"delimiters are escaped", "", func(r *tree.Node) { child(child(r, "PID"), "PID.1").SetText(`a|b^c&d~e\f`) },
			`PID|a\F\b\S\c\T\d\R\e\E\f||2` + "\r"},
		{"white space is one blank", "", func(r *tree.Node) { child(child(r, "PID"), "PID.1").SetText(" a \r\n  b ") }, "PID|a b||2\r"},
		{"an empty segment goes", "PV1|1|I\rPV2|\r", func(*tree.Node) {}, "PID|1||2\rPV1|1|I\r"},
		{"a group without its first segment", "PV1|1|I\r", func(r *tree.Node) { add(r, "<ADT_A01.INSURANCE><IN2><IN2.2>x</IN2.2></IN2></ADT_A01.INSURANCE>") },
			"PID|1||2\rPV1|1|I\rIN1|\rIN2||x\r"},
	} {
		root := read(c.more)
		c.edit(root)
		got, _, err := strict(t).Encode(root)
		if want := strictHead + "EVN||1\r" + c.want; got != want || err != nil {
			t.Errorf("%s\n got %q, %v\nwant %q", c.name, got, err, want)
		}
	}
}

func TestStrictSegmentDelimiter(t *testing.T) {
	dt := strict(t, `serializationProperties.segmentDelimiter=\n`, `deserializationProperties.segmentDelimiter=0x1E`)
	root, err := dt.Parse(strings.ReplaceAll(strictHead, "\r", "\n") + "PID|1")
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := dt.Encode(root); err != nil || got != strings.ReplaceAll(strictHead, "\r", "\x1e")+"PID|1\x1e" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A setting of one side has nothing to do with the other.
func TestStrictOneSide(t *testing.T) {
	text := strictHead + "PID|1||2\r"
	reads := with(t, "serializationProperties.useStrictParser=true")
	root, err := reads.Parse(text)
	if err != nil || root.Name.Local != "ADT_A01" {
		t.Fatalf("root %v, %v", root, err)
	}
	if _, regular, _ := reads.Encode(root); regular {
		t.Error("what the other parser writes is called regular")
	}
	if !reads.NeedsTree(true) || reads.NeedsTree(false) {
		t.Error("the side is not told apart")
	}
}

// The dictionary is whole: every type and segment that it names is there.
func TestDictionary(t *testing.T) {
	all := dictionaries()
	for _, version := range []string{"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"} {
		d := all[version]
		if d == nil {
			t.Fatalf("version %s is missing", version)
		}
		for about, types := range d.segments {
			for _, name := range types {
				if name != unknown && !d.isKnownType(name) {
					t.Errorf("%s: segment %s has the type %s, which is not there", version, about, name)
				}
			}
		}
		for about, types := range d.types {
			for _, name := range types {
				if name != unknown && !d.isKnownType(name) {
					t.Errorf("%s: type %s has the type %s, which is not there", version, about, name)
				}
			}
		}
		for event, name := range d.alike {
			if d.messages[name] == nil || d.messages[event] != nil {
				t.Errorf("%s: %s is said to be like %s", version, event, name)
			}
		}
		for event, name := range d.events {
			if d.messages[name] == nil {
				t.Errorf("%s: event %s has the structure %s, which is not there", version, event, name)
			}
		}
		for name, s := range d.messages {
			if !strings.HasPrefix(name, "ACK") && len(s.parts) < 2 || s.parts[0].name != "MSH" && s.parts[0].name != "FHS" && s.parts[0].name != "BHS" {
				t.Errorf("%s: message %s begins with %+v", version, name, s.parts)
			}
			checkSegments(t, d, name, s)
		}
		for _, name := range []string{"ACK", "ORU_R01", "ADT_A01"} {
			if d.messages[name] == nil {
				t.Errorf("%s: message %s is missing", version, name)
			}
		}
	}
}

func checkSegments(t *testing.T, d *dictionary, message string, s *structure) {
	for _, p := range s.parts {
		if p.group != nil {
			checkSegments(t, d, message, p.group)
		} else if d.segments[p.name] == nil && !strings.HasPrefix(p.name, "Z") {
			t.Errorf("%s: message %s has the segment %s, which is not there", d.version, message, p.name)
		}
	}
}

// The messages of every day are found by their events, whatever the version.
func TestStructures(t *testing.T) {
	for _, c := range []struct{ version, code, event, explicit, name string }{
		{"2.3", "ADT", "A08", "", "ADT_A08"},
		{"2.3.1", "ADT", "A08", "", "ADT_A08"},
		{"2.3", "ADT", "A31", "", "ADT_A31"},
		{"2.4", "ADT", "A08", "", "ADT_A01"},
		{"2.5", "ADT", "A08", "", "ADT_A01"},
		{"2.5", "ADT", "A28", "", "ADT_A05"},
		{"2.5", "ADT", "A40", "ADT_A39", "ADT_A39"},
		{"2.5", "ADT", "A04", "ADT_A04", "ADT_A01"}, // as many senders write it
		{"2.4", "SIU", "S14", "", "SIU_S12"},
		{"2.4", "MDM", "T04", "", "MDM_T02"},
		{"2.5.1", "OML", "O21", "", "OML_O21"},
		{"2.4", "DFT", "P03", "", "DFT_P03"},
		{"2.4", "BAR", "P05", "", "BAR_P05"},
		{"2.3", "QRY", "A19", "", "QRY_A19"},
		{"2.5", "ACK", "A01", "", "ACK"},
		{"2.2", "ACK", "", "", "ACK"},
		{"2.8", "VXU", "V04", "", "VXU_V04"},
		{"2.7", "ORU", "R01", "ORU_R01", "ORU_R01"},
	} {
		name, s := dictionaries()[c.version].structureOf(c.code, c.event, c.explicit)
		if name != c.name || s == nil {
			t.Errorf("%+v: got %s, found %v", c, name, s != nil)
		}
	}
}

// What the strict parser reads, it writes stably, and nothing panics.
func FuzzStrict(f *testing.F) {
	inputs, err := filepath.Glob("testdata/strict/*.hl7")
	if err != nil {
		f.Fatal(err)
	}
	for _, in := range inputs {
		f.Add(readFile(f, in))
	}
	dt := strict(f)
	valid := strict(f, "serializationProperties.useStrictValidation=true")
	f.Fuzz(func(t *testing.T, text string) {
		valid.Parse(text)
		root, err := dt.Parse(text)
		if err != nil {
			return
		}
		out, _, err := dt.Encode(root)
		if err != nil {
			return
		}
		again, err := dt.Parse(out)
		if err != nil {
			return // such as a control character that was the first of a segment
		}
		if _, _, err := dt.Encode(again); err != nil {
			t.Fatalf("%q was written as %q, which cannot be written again: %v", text, out, err)
		}
	})
}

// Whatever markup a script hands over, the strict parser writes it or says why not.
func FuzzStrictEncode(f *testing.F) {
	inputs, err := filepath.Glob("testdata/strict/*.xml")
	if err != nil || len(inputs) < 10 {
		f.Fatalf("%d cases, %v", len(inputs), err)
	}
	for _, in := range inputs {
		f.Add(readFile(f, in))
	}
	dt := strict(f, "deserializationProperties.useStrictValidation=true")
	f.Fuzz(func(t *testing.T, markup string) {
		root, err := tree.ParseXML(markup, tree.XMLOptions{})
		if err != nil {
			return
		}
		if text, regular, err := dt.Encode(root); err == nil && (text == "" || regular) {
			t.Fatalf("%q was written as %q, regular %v", markup, text, regular)
		}
	})
}
