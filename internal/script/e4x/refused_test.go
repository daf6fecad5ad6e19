package e4x

import (
	"strings"
	"testing"
)

func TestRefused(t *testing.T) {
	deep := strings.Repeat("(", MaxDepth+1)
	tests := []struct {
		name, src string
		line, col int
		msg       string
	}{
		{"bracket after ..", "var a;\nm..['OBX.5.1']", 2, 4, "unexpected ["},
		{"string without end", "a = 'x\n'", 1, 5, "string without end"},
		{"regular expression without end", "a = /x\n/", 1, 5, "regular expression without end"},
		{"comment without end", "a /* b", 1, 3, "comment without end"},
		{"template without end", "a = `b", 1, 5, "template without end"},
		{"two statements on one line", "a b", 1, 3, "unexpected b"},
		{"missing )", "f(a", 1, 4, "unexpected end of script, expected )"},
		{"missing }", "if (a) {\n b", 2, 3, "unexpected end of script"},
		{"keyword as a variable", "var if = 1", 1, 5, "unexpected if"},
		{"throw without a value", "throw\nx", 1, 1, "throw needs a value on the same line"},
		{"assignment to a call", "f() = 1", 1, 1, "this cannot be assigned to"},
		{"assignment to a number", "x + 1 = 2", 1, 1, "this cannot be assigned to"},
		{"assignment to descendants", "x..b = 1", 1, 1, "descendants (..) cannot be assigned to"},
		{"assignment to a predicate", "x.(a) = 1", 1, 1, "the result of a predicate cannot be assigned to"},
		{"parameter that is no name", "(a.b) => 1", 1, 2, "a name or a pattern is needed here"},
		{"attribute without an object", "a = @id", 1, 5, "@ selects from XML and needs an object here, as in x.@"},
		{"unreachable catch", "try { } catch (e) { } catch (f) { }", 1, 23, "a catch after the one that catches everything"},
		{"module", "import a from 'b'", 1, 1, "modules are not supported: import"},
		{"number and name", "3in x", 1, 2, "a name or digit directly after a number"},
		{"predicate in a class", "class A { f(x) { x.(b) } }", 1, 19, "a predicate cannot be used in strict code or a class"},
		{"arguments that goja would lose", "function f(a = () => arguments[0]) {}", 1, 22, "arguments cannot be used in an arrow function in a default value"},
		{"xml without end", "x = <a><b></b>", 1, 5, "the XML literal has no end"},
		{"xml with the wrong closing tag", "x = <a>\n<b></a>", 2, 4, "the tag <b> is closed by </a>"},
		{"less-than in xml text", "x = <sql>a\nwhere x < 5</sql>", 2, 9, "expected the name of a tag after <; a less-than sign in XML text is &lt;"},
		{"unknown entity", "x = <a>&nbsp;</a>", 1, 8, "broken reference in XML text; an ampersand is &amp;"},
		{"ampersand in xml", "x = <a>a & b</a>", 1, 10, "broken reference in XML text; an ampersand is &amp;"},
		{"attribute without quotes", "x = <a k=v/>", 1, 10, "the value of an attribute needs quotes or braces"},
		{"attribute twice", "x = <a k='1' k='2'/>", 1, 14, "the attribute k is given twice"},
		{"empty hole", "x = <a>{}</a>", 1, 9, "unexpected }"},
		{"doctype", "x = <a><!DOCTYPE b></a>", 1, 8, "only comments and CDATA may begin with <! in an XML literal"},
		{"too deep", deep, 1, MaxDepth, "the script nests too deeply"},
		{"too deep in xml", "x = " + strings.Repeat("<a>", MaxDepth+1), 1, 5 + 3*(MaxDepth-3), "the script nests too deeply"},
		{"chain too long", "a" + strings.Repeat(".b", MaxChain+1), 1, 1, "the chain of members and calls is too long"},
		{"too long", strings.Repeat(" ", MaxSource+1), 1, 1, "the script is longer than 4 MB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u, err := Rewrite("step 1", test.src, Options{})
			if err == nil {
				t.Fatalf("accepted:\n%s", u.Code)
			}
			e := err.(*SyntaxError)
			if e.Name != "step 1" || e.Line != test.line || e.Column != test.col || e.Msg != test.msg {
				t.Errorf("\n got %v\nwant step 1:%d:%d: %s", e, test.line, test.col, test.msg)
			}
		})
	}
}
