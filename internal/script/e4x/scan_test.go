package e4x

import (
	"strings"
	"testing"
)

// The string after the source lists what the parser must have found in it.
func TestReadings(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"division after name", "a / b / c", ""},
		{"division after )", "(a) / 2 / g", ""},
		{"division after ]", "x.n[0] / 2 / y['n'] / 5", ""},
		{"division after }", "({}) / 2 / 1", ""},
		{"division after keyword property", "x.return / 2 / g", ""},
		{"division after ++", "a++ / 2 / g", ""},
		{"division by an object's property", "a /b.c /d", ""},
		{"regex after =", "x = /=/g", "/=/g"},
		{"regex after (", "f(/a/, /b/)", "/a/ /b/"},
		{"regex after return", "return /a/", "/a/"},
		{"regex after typeof", "typeof /a/", "/a/"},
		{"regex after a block", "{}\n/a/.test(b)", "/a/"},
		{"regex after if", "if (x) /a/.test(b)", "/a/"},
		{"regex after an arrow body", "f = () => {}\n/a/.test(b)", "/a/"},
		{"regex with a slash in a class", "x = /[/]'/", "/[/]'/"},
		{"regex with an escaped slash", `s.replace(/<\/b>/g, '')`, `/<\/b>/g`},
		{"regex with =", "x = [/=/]", "/=/"},
		{"regex inside a template hole", "`${/}/}`", "/}/"},
		{"comparison after a name", "a <b && b> a", ""},
		{"comparison without blanks", "(a<b)", ""},
		{"comparison after a number", "1 <b> 2", ""},
		{"comparison after )", "(a) <b> (c)", ""},
		{"comparison after ]", "a[0] <b> c", ""},
		{"comparison after a string", "'a' <b> c", ""},
		{"shift", "a << b", ""},
		{"xml after =", "x = <a/>", "xml"},
		{"xml after (", "f(<a/>, <b/>)", "xml xml"},
		{"xml after [ ? :", "[<a/>, c ? <b/> : <c/>]", "xml xml xml"},
		{"xml after return", "return <a/>", "xml"},
		{"xml after +", "x = 'a' + <b/>", "xml"},
		{"xml as a statement", "<a/>", "xml"},
		{"xml after a block", "{}<a/>", "xml"},
		{"xml compared to xml", "x = <a/> < <b/>", "xml xml"},
		{"xml in a hole in xml", "x = <a>{<b/>}</a>", "xml xml"},
		{"xml list", "x = <></>", "xml"},
		{"regex in a hole in xml", "x = <a>{/}/.test(s)}</a>", "xml /}/"},
		{"braces in a hole in xml", "x = <a>{f({k: '}'})}</a>", "xml"},
		{"text like script in xml", "x = <a>it's /* // \" ` </a>", "xml"},
		{"xml in a string", `"<a>{1}</a> for each (x in y) a..b.@c"`, ""},
		{"xml in comments", "// <a>\n/* x..y <b> */ f()", ""},
		{"html comment", "a <!-- b\n c", ""},
		{"html comment in arguments", "f(<!-- c -->\n)", ""},
		{"html comment closed at the start of a line", "a\n--> b c d", ""},
		{"decrement and greater", "while (n --> 0) f()", ""},
		{"optional chain", "a?.b?.[c]?.(d)", ""},
		{"condition with a decimal", "a?.5:1", ""},
		{"range and rest", "f(...a)", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			prog, err := parse("t", test.src, Options{Modern: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := literalsIn(prog); got != test.want {
				t.Errorf("%s\n got %q\nwant %q", test.src, got, test.want)
			}
		})
	}
}

// literalsIn lists the regular expressions and XML literals of a script.
func literalsIn(prog *program) string {
	var found []string
	var visit func(node)
	visit = func(n node) {
		switch n := n.(type) {
		case *xmlLit:
			found = append(found, "xml")
		case *atom:
			if n.text[0] == '/' {
				found = append(found, n.text)
			}
		}
		children(n, visit)
	}
	each(prog.body, visit)
	return strings.Join(found, " ")
}

// Every row is a script and the number of its statements.
func TestSemicolons(t *testing.T) {
	tests := []struct {
		src  string
		want int
	}{
		{"a\nb", 2},
		{"a\n(b)", 1},
		{"a\n[b]", 1},
		{"a\n+b", 1},
		{"a\n/b/c", 1},
		{"a\n++b", 2},
		{"a\n--b", 2},
		{"a;b", 2},
		{"a\n.b", 1},
		{"a\n`b`", 1},
		{"return\na", 2},
		{"x: for (;;) { break\nx }", 1},
		{"do a\nwhile (b) c", 2},
		{"do a; while (b)\n+c", 2},
		{"if (a) b\nelse c", 1},
		{"var a\nvar b", 2},
		{"var a = b\n(c)", 1},
		{"let\na", 1},
		{"a\n<b/>\nc", 1}, // a < b / > … is refused
		{"async\nfunction f() {}", 2},
		{"a /* \n */ b", 2},
		{"x = function () {}\nf()", 2},
		{"x = () => {}\n(b)", 2},
	}
	for _, test := range tests {
		prog, err := parse("t", test.src, Options{})
		if test.src == "a\n<b/>\nc" {
			if err == nil {
				t.Errorf("%q is accepted", test.src)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", test.src, err)
		} else if got := len(prog.body); got != test.want {
			t.Errorf("%q: %d statements, want %d", test.src, got, test.want)
		}
	}
}
