package e4x

import (
	"strings"
	"testing"
)

// Each mark in the source must be found again from its place in the output.
func TestPosition(t *testing.T) {
	src := "var MARK1 = msg['PID']['PID.3'][MARK2].toString() + MARK3;\n" +
		"if (a == MARK4) { x.b += MARK5 } /* é */ MARK6()\n" +
		"y = <a k={MARK7}>\n  {MARK8}\n</a>.b + MARK9\n" +
		"const c = 1; c = MARK10; f(MARK11)\r\n" +
		"for each (var i in MARK12.l.(q == MARK13)) MARK14;\r\n" +
		"[MARK15 for each (x in l)]; let (a = MARK16) { MARK17 }\n"
	u, err := Rewrite("t", src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, in := linesOf(u.Code), linesOf(src)
	for n := 1; n <= 17; n++ {
		mark := "MARK" + itoa(n)
		at := strings.Index(u.Code, mark)
		if at < 0 {
			t.Fatalf("%s is gone:\n%s", mark, u.Code)
		}
		line, col := out.position(at)
		gotLine, gotCol := u.Position(line, col)
		wantLine, wantCol := in.position(strings.Index(src, mark))
		if gotLine != wantLine || gotCol != wantCol {
			t.Errorf("%s at %d:%d leads to %d:%d, want %d:%d", mark, line, col, gotLine, gotCol, wantLine, wantCol)
		}
		if gotLine != line {
			t.Errorf("%s moved from line %d to %d", mark, gotLine, line)
		}
	}
}

func TestPositionOfInsertedText(t *testing.T) {
	u, err := Rewrite("t", "a;\n  b == c", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if line, col := u.Position(2, strings.Index(u.Code, "__e4x")-2); line != 2 || col != 3 {
		t.Errorf("the call leads to %d:%d, want 2:3", line, col)
	}
}

func TestPositionOfUntouchedCode(t *testing.T) {
	u, err := Rewrite("t", "a;\n b", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if line, col := u.Position(2, 5); line != 2 || col != 5 {
		t.Errorf("got %d:%d", line, col)
	}
}
