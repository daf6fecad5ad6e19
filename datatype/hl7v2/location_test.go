package hl7v2

import "testing"

func TestGet(t *testing.T) {
	const text = "\n" + `MSH|^~\&|APP^1.2&x|B` + "\r\n" + `PID|1||884^^^NGH&2.16&ISO^MR~943|a\T\b` + "\nOBX|1||first\nOBXX|no\rOBX|2||second\r"
	tests := []struct{ path, want string }{
		{"MSH-1", "|"},
		{"MSH-2", `^~\&`},
		{"MSH-3", "APP^1.2&x"},
		{"MSH-3.2.2", "x"},
		{"MSH-4", "B"},
		{"MSH-5", ""},
		{"PID-3", "884^^^NGH&2.16&ISO^MR"},
		{"PID-3.4", "NGH&2.16&ISO"},
		{"PID-3.4.2", "2.16"},
		{"PID-3.4.4", ""},
		{"PID-3.9", ""},
		{"PID-3[2]", "943"},
		{"PID-3[2].1", "943"},
		{"PID-3[2].1.1", "943"},
		{"PID-3[3].1", ""},
		{"PID.3.1", "884"},
		{"PID-4", `a\T\b`},
		{"OBX-3", "first"},
		{"OBX[2]-3", "second"},
		{"OBX[3]-3", ""},
		{"ZZZ-1", ""},
		{"nonsense", ""},
	}
	for _, tt := range tests {
		if got := Get(text, tt.path); got != tt.want {
			t.Errorf("Get(%q)\n got %q\nwant %q", tt.path, got, tt.want)
		}
	}
	for _, tt := range []struct{ text, path, want string }{
		{"PID|1|a^b", "PID-2.2", "b"},
		{`MSH#$%!*#A$B` + "\rPID#a%b$c*d", "PID-1[2].2.2", "d"},
		{`MSH|^~\|A` + "\rPID|a&b", "PID-1.1.1", "a&b"},
		{"", "PID-1", ""},
	} {
		if got := Get(tt.text, tt.path); got != tt.want {
			t.Errorf("Get(%q, %q)\n got %q\nwant %q", tt.text, tt.path, got, tt.want)
		}
	}
}

func TestParseLocation(t *testing.T) {
	for _, path := range []string{"PID-3", "PID-3.1", "PID-3[2].1", "OBX[3]-5", "OBX[3]-5[2].1.2", "zz-1"} {
		l, err := ParseLocation(path)
		if err != nil || l.String() != path {
			t.Errorf("ParseLocation(%q) = %+v, %v, written %q", path, l, err, l.String())
		}
	}
	for _, path := range []string{"", "PID", "-3", "PID-", "PID-0", "PID-3[", "PID-3[0]", "PID-3[1", "PID-3.", "PID-3.1.2.3", "PID-3x", "PID-99999999999999999999", "PID[2]"} {
		if l, err := ParseLocation(path); err == nil {
			t.Errorf("ParseLocation(%q)\n got %+v\nwant an error", path, l)
		}
	}
}

func TestDescribe(t *testing.T) {
	tests := []struct{ text, source, kind, version string }{
		{`MSH|^~\&|A|HOSP^1|C|D|||ADT^A01^ADT_A01|1|P|2.5.1^USA` + "\rbroken", "HOSP", "ADT-A01", "2.5.1"},
		{`MSH|^~\&|A|||||||1`, "", "", ""},
		{`MSH|^~\&|A||||||ACK|1`, "", "ACK", ""},
		{"FHS|^~\\&|x|y\rMSH|^~\\&||F", "F", "", ""},
		{"<HL7Message/>", "", "", ""},
		{"", "", "", ""},
	}
	for _, tt := range tests {
		got := New().Describe(tt.text)
		for name, want := range map[string]string{"mirth_source": tt.source, "mirth_type": tt.kind, "mirth_version": tt.version} {
			if value, ok := got[name]; ok != (want != "") || ok && value != want {
				t.Errorf("Describe(%q)[%s]\n got %v, %v\nwant %q", tt.text, name, value, ok, want)
			}
		}
	}
}

func TestPass(t *testing.T) {
	tests := []struct {
		name     string
		settings []string
		text     string
		want     string
	}{
		{"nothing to do", nil, " MSH|^~\\&|A\r\rPID|1\r\r ", " MSH|^~\\&|A\r\rPID|1\r\r "},
		{"line breaks", nil, "A\nB\r\nC\rD\n\n", "A\rB\rC\rD\r\r"},
		{"line breaks kept", []string{keepLineBreaks}, "A\nB\r\nC\r", "A\nB\r\nC\r"},
		{"other delimiter", []string{writeDelimiter + `\n`}, "A\rB\r\nC", "A\nB\nC"},
		{"own delimiters", []string{readDelimiter + "0x1E", writeDelimiter + `\r\n`}, "A\rB\x1eC", "A\r\nB\r\nC"},
	}
	for _, tt := range tests {
		dt := with(t, tt.settings...)
		if got := dt.Pass(tt.text, dt); got != tt.want {
			t.Errorf("%s: Pass(%q)\n got %q\nwant %q", tt.name, tt.text, got, tt.want)
		}
	}
}

func TestSplit(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"envelope", "FHS|x\rBHS|y\rMSH|1\rPID|1\rMSH|2\rBTS|2\rFTS|1\r", []string{"MSH|1\rPID|1\r", "MSH|2\r"}},
		{"line breaks", "MSH|1\nPID|1\r\nMSH|2\rPID|2", []string{"MSH|1\rPID|1\r", "MSH|2\rPID|2\r"}},
		{"blank line", "MSH|1\r\rPID|1\r", []string{"MSH|1\r", "PID|1\r"}},
		{"before the first", "ZZ1|1\rMSH|1\r", []string{"ZZ1|1\r", "MSH|1\r"}},
		{"frames", "\x0bMSH|1\r\x1c\r\x0bMSH|2\r\x1c\r", []string{"MSH|1\r", "MSH|2\r"}},
		{"nothing", "\r\nFHS|x\r\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for m, err := range New().Split(tt.text) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, m)
			}
			if len(got) != len(tt.want) {
				t.Fatalf("Split(%q)\n got %q\nwant %q", tt.text, got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("Split(%q)\n got %q\nwant %q", tt.text, got, tt.want)
				}
			}
		})
	}
	for range New().Split("MSH|1\rMSH|2\r") {
		break // ends without more calls
	}
	for _, err := range with(t, "batchProperties.splitType=JavaScript").Split("MSH|1\r") {
		if err != ErrScriptBatch {
			t.Errorf("got %v, want ErrScriptBatch", err)
		}
	}
}
