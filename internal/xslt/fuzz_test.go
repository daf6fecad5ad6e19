package xslt

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// Whatever a stylesheet is, it is refused with a place or does its work within the
// limits.
func FuzzTransform(f *testing.F) {
	sheets, _ := filepath.Glob("testdata/*.xsl")
	for _, path := range sheets {
		f.Add(read(f, path), read(f, strings.TrimSuffix(path, ".xsl")+".xml"))
	}
	f.Fuzz(func(t *testing.T, stylesheet, source string) {
		sheet, err := Compile(stylesheet)
		if err != nil {
			placed(t, err)
			return
		}
		root, err := tree.ParseXML(source, tree.XMLOptions{})
		if err != nil {
			return
		}
		sheet.steps = 100_000
		if _, err := sheet.Transform(root, nil); err != nil {
			placed(t, err)
		}
	})
}

func placed(t *testing.T, err error) {
	var e *Error
	if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
		t.Fatalf("error %v without a place", err)
	}
}

type noEnvironment struct{}

func (noEnvironment) Namespace(prefix string) (string, bool) { return "urn:" + prefix, prefix != "x" }
func (noEnvironment) Variable(name xpath.Name) (int, bool)   { return 0, name.Local == "v" }
func (noEnvironment) Function(name xpath.Name) (*xpath.Function, error) {
	if f := extensions[name]; f != nil {
		return f, nil
	}
	return nil, errors.New("no function")
}

func FuzzXPath(f *testing.F) {
	for _, s := range []string{
		"//a[@b='1']/..|c", "-$v + 2 * 3 mod 4 div 5", "ancestor-or-self::p:*[last()-1]", "(//a)[2][. > 1]", "concat('a',\"b\",string(.))",
		"processing-instruction('x')/following::node()", "substring(., 2, 3)", "/", "* * *", "a[1][2]", "and and or", "key('a','b')/c//d",
	} {
		f.Add(s)
	}
	root, err := tree.ParseXML(`<a b="1">x<!--c--><c xmlns="urn:p"><d e="2"/>3</c><?x y?><a>4</a></a>`, tree.XMLOptions{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if patterns, err := xpath.CompilePattern(text, noEnvironment{}); err == nil {
			evaluate(root, func(c *xpath.Context) {
				for _, p := range patterns {
					p.Matches(c, c.Node)
				}
			})
		}
		if e, err := xpath.Compile(text, noEnvironment{}); err == nil {
			evaluate(root, func(c *xpath.Context) { e.Eval(c) })
		}
	})
}

// evaluate calls f at every node, with the failures that it may have recovered.
func evaluate(root *tree.Node, f func(*xpath.Context)) {
	e := &evaluation{sheet: &Stylesheet{}}
	e.budget.Steps = 100_000
	defer func() {
		switch r := recover().(type) {
		case nil, *xpath.Failure:
		default:
			panic(r)
		}
	}()
	e.source = e.document([]*tree.Node{root}, func(*evaluation, *xpath.Node) bool { return false })
	var visit func(n *xpath.Node)
	visit = func(n *xpath.Node) {
		s := &state{evaluation: e, node: n, position: 1, size: 1, vars: []xpath.Value{"v"}}
		f(s.context())
		for _, a := range n.Attributes {
			s.node = a
			f(s.context())
		}
		for _, c := range n.Children {
			visit(c)
		}
	}
	visit(e.source)
}
