package xpath

import (
	"errors"
	"strings"
	"testing"
)

type environment struct{}

func (environment) Namespace(prefix string) (string, bool) { return "urn:" + prefix, prefix != "x" }
func (environment) Variable(name Name) (int, bool)         { return 0, name.Local == "v" }
func (environment) Function(Name) (*Function, error)       { return nil, errors.New("no such function") }

type variables struct{ value Value }

func (v variables) Variable(int) Value { return v.value }

// small is <a p:k="1">x<b>2</b><b>3</b></a>.
func small() (root, a *Node) {
	var f Forest
	root = f.New(Root)
	add := func(parent *Node, kind Kind, name, data string) *Node {
		n := f.New(kind)
		n.Name.Local, n.Data = name, data
		if kind == Attribute {
			parent.AddAttribute(n)
		} else {
			parent.Append(n)
		}
		return n
	}
	a = add(root, Element, "a", "")
	a.Scope = []Namespace{{"p", "urn:p"}}
	k := add(a, Attribute, "k", "1")
	k.Name.Space, k.Prefix = "urn:p", "p"
	add(a, Text, "", "x")
	add(add(a, Element, "b", ""), Text, "", "2")
	add(add(a, Element, "b", ""), Text, "", "3")
	return root, a
}

func TestEval(t *testing.T) {
	root, _ := small()
	for text, want := range map[string]Value{
		"count(//b)": 2.0, "string(/a)": "x23", "//b = 3": true, "//b > //@p:k": true, "//b[2] - //b": 1.0, "$v": "V",
		"concat($v, '-', name(/*/@*))": "V-p:k", "//b[. = 3] = (//b)[last()]": true, "- - 2": 2.0, "--$v = 0": false,
		"'a' and ''": false, "1 or $v": true, "count(//node() | //@*)": 7.0, "count(/a/namespace::*)": 2.0, "not(//c)": true,
		"7 mod 4 * 2": 6.0, "string(div div div)": "NaN", "8 div 2 div 2": 2.0, "sum(//b)": 5.0,
	} {
		e, err := Compile(text, environment{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := e.Eval(&Context{Node: root, Position: 1, Size: 1, Variables: variables{"V"}, Budget: &Budget{Steps: 1000}})
		if got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "an operator without operand": "1 +", "two operands": "1 2", "a name after a name": "a b", "an open bracket": "a[1",
		"an open call": "count(", "no axis": "foo::a", "no prefix": "x:a", "no variable": "$w", "no function": "foo()", "a lone dollar": "$",
		"a literal without end": "'a", "a character": "a # b", "an exclamation mark": "a ! b", "too many arguments": "true(1)", "too few": "contains('a')",
		"a step that is a number": "a/1", "too long": strings.Repeat("a/", MaxLength), "too deep": strings.Repeat("a[", MaxDepth+1) + "1" + strings.Repeat("]", MaxDepth+1),
	} {
		if _, err := Compile(text, environment{}); err == nil {
			t.Errorf("%s is taken: %.40s", name, text)
		}
	}
	for name, text := range map[string]string{
		"an axis": "a/parent::b", "a number": "1", "a variable": "$v/a", "dots": "..", "a filter": "(a)[1]",
	} {
		if _, err := CompilePattern(text, environment{}); err == nil {
			t.Errorf("%s is taken as a pattern: %s", name, text)
		}
	}
}

func TestPriority(t *testing.T) {
	for text, want := range map[string]float64{
		"a": 0, "@a": 0, "p:a": 0, "processing-instruction('x')": 0, "p:*": -0.25, "@p:*": -0.25, "*": -0.5, "@*": -0.5, "node()": -0.5,
		"text()": -0.5, "processing-instruction()": -0.5, "/": 0.5, "a/b": 0.5, "//a": 0.5, "a[1]": 0.5,
	} {
		p, err := CompilePattern(text, environment{})
		if err != nil || p[0].Priority() != want {
			t.Errorf("%s: got %v, %v, want %v", text, p, err, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"12": "12", " -1.50\n": "-1.5", ".5": "0.5", "5.": "5", "1e3": "NaN", "+1": "NaN", "": "NaN", "-": "NaN", ".": "NaN", "1.2.3": "NaN", "--1": "NaN",
		"0.000001": "0.000001", "100000000000000000000000": "100000000000000000000000", "-0": "0", "Infinity": "NaN", "1 2": "NaN",
	} {
		if got := FormatNumber(ParseNumber(text)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	for f, want := range map[float64]float64{0.5: 1, -0.5: 0, 1.5: 2, -1.5: -1, 2.4: 2, 0.49999999999999994: 0, 4503599627370497.5: 4503599627370498} {
		if got := Round(f); got != want {
			t.Errorf("Round(%v) is %v, want %v", f, got, want)
		}
	}
}

// An evaluation ends when the budget does.
func TestBudget(t *testing.T) {
	root, _ := small()
	e, err := Compile("//node()[//node()[//node()]]", environment{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, ok := recover().(*Failure); !ok {
			t.Error("the evaluation did not fail")
		}
	}()
	e.Eval(&Context{Node: root, Position: 1, Size: 1, Budget: &Budget{Steps: 50}})
}
