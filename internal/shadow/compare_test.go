package shadow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	const msh = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\r"
	for _, c := range []struct{ name, recorded, here, masks, want string }{
		{"the same", msh + "PID|1\r", msh + "PID|1\r", "", ""},
		{"a field", msh + "PID|1||7", msh + "PID|1||8", "", `PID-3 7→8`},
		{"a component", msh + "PID|1||7^^^A", msh + "PID|1||7^^^B", "", `PID-3.4 A→B`},
		{"a subcomponent", msh + "PID|1||7^^^A&1", msh + "PID|1||7^^^A&2", "", `PID-3.4.2 1→2`},
		{"a repetition", msh + "PID|1||7~8", msh + "PID|1||7~9", "", `PID-3[2] 8→9`},
		{"a repetition more", msh + "PID|1||7", msh + "PID|1||7~9", "", `PID-3[2] →9`},
		{"a segment more", msh + "OBX|1\rOBX|2\r", msh + "OBX|1\rNTE|x\rOBX|2\r", "", `NTE →NTE|x`},
		{"a segment less", msh + "PID|1\rPV1|1\r", msh + "PID|1\r", "", `PV1 PV1|1→`},
		{"the second of a name", msh + "OBX|1|a\rOBX|2|b\r", msh + "OBX|1|a\rOBX|2|c\r", "", `OBX[2]-2 b→c`},
		{"the header", msh, strings.Replace(msh, "20260101", "20260102", 1), "", `MSH-7 20260101→20260102`},
		{"the header, masked", msh, strings.Replace(msh, "20260101", "20260102", 1), "MSH-7", ""},
		{"masked with what is inside", msh + "PID|1||7^^^A", msh + "PID|1||8^^^B", "PID-3", ""},
		{"a mask of a longer number", msh + strings.Repeat("|", 9) + "", msh + "PID|1", "PID-1", "line"},
		{"all of a segment", msh + "ZZ1|a", msh + "ZZ1|b|c", "ZZ1", ""},
		{"any number", msh + "OBX|1|a\rOBX|2|b\r", msh + "OBX|1|x\rOBX|2|y\r", "OBX-2", ""},
		{"one number", msh + "OBX|1|a\rOBX|2|b\r", msh + "OBX|1|x\rOBX|2|y\r", "OBX[1]-2", `OBX[2]-2 b→y`},
		{"any field", msh + "OBX|1|a", msh + "OBX|2|b", "OBX-*", ""},
		{"another connector's rule", msh + "PID|1", msh + "PID|2", "Other: PID-1", `PID-1 1→2`},
		{"this connector's rule", msh + "PID|1", msh + "PID|2", "Lab: PID-1", ""},
		{"cut out", "at 10:15 done", "at 10:16 done", `re:\d\d:\d\d`, ""},
		{"line ends alone", msh + "PID|1\r", msh + "PID|1\n", "", "layout"},
		{"trailing delimiters", msh + "PID|1||7^^", msh + "PID|1||7", "", "PID-3 (trailing delimiters) 7^^→7"},
		{"other delimiters", msh + "PID|a^b", strings.NewReplacer("|", "#", "^", "!").Replace(msh + "PID|a^b"), "", "MSH-2 ^~\\&→!~\\&"},
		{"XML", "<a><b>1</b><b x='1'>2</b></a>", "<a><b>1</b><b x='2'>3</b></a>", "", "/a/b[2]/@x 1→2; /a/b[2] 2→3"},
		{"XML, an element more", "<a><b/></a>", "<a><b/><c>1</c></a>", "", "/a/c →1"},
		{"XML, masked", "<a><b>1</b><b>2</b></a>", "<a><b>3</b><b>4</b></a>", "/a/b", ""},
		{"XML, other layout", "<a><b>1</b></a>", "<a>\n <b>1</b>\n</a>", "", "layout"},
		{"no XML", "<a", "<b", "", "line 1 <a→<b"},
		{"JSON", `{"a":[1,2],"b":"x"}`, `{"a":[1,3],"c":"x"}`, "", `/a[2] 2→3; /b "x"→; /c →"x"`},
		{"JSON, masked", `{"a":[1,2]}`, `{"a":[1,3]}`, "/a", ""},
		{"lines", "a\nb\nc", "a\nx\nc", "", "line 2 b→x"},
		{"a line more", "a\nc", "a\nb\nc", "", "line 2 →b"},
		{"nothing", "", "a", "", "line 1 →a"},
	} {
		masks, err := ParseMasks(c.masks)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range Compare(c.recorded, c.here, masks, "Lab") {
			got = append(got, fmt.Sprintf("%s %s→%s", d.Place, d.Recorded, d.Here))
		}
		text := strings.Join(got, "; ")
		switch {
		case c.want == "line":
			if text == "" {
				t.Errorf("%s: nothing was found", c.name)
			}
		case c.want == "layout":
			if !strings.HasPrefix(text, "layout ") || len(got) != 1 {
				t.Errorf("%s: %s", c.name, text)
			}
		case text != c.want:
			t.Errorf("%s:\n got %s\nwant %s", c.name, text, c.want)
		}
	}
}

func TestMaskRules(t *testing.T) {
	for _, bad := range []string{"re:(", "PID 3"} {
		if _, err := ParseMasks(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	masks, err := ParseMasks("# a comment", "", "Lab: status", "sent.template")
	if err != nil || len(masks) != 2 {
		t.Fatal(masks, err)
	}
	got := []bool{masks.Hides("Lab", "status"), masks.Hides("X", "status"), masks.Hides("X", "sent.template"), masks.Hides("X", "sent.templates")}
	if !slices.Equal(got, []bool{true, false, true, false}) {
		t.Error(got)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("MSH|^~\\&|A\rPID|1^2&3~4", "MSH#!~\\&#A\rPID#1")
	f.Add("<a><b c='d'/></a>", "<a>x</a>")
	f.Add(`{"a":[1]}`, `[{"a":null}]`)
	f.Fuzz(func(t *testing.T, a, b string) {
		if found := Compare(a, b, nil, ""); (len(found) == 0) != (a == b) {
			t.Errorf("%q and %q: %v", a, b, found)
		}
	})
}
