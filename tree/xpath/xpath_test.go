package xpath

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir/tree"
)

const orders = `<orders xmlns:p="urn:p" n="2"><order id="1" p:id="x"><status>new</status><item>a</item><item>b</item></order>` +
	`<group><order id="2"><!--note--><status>done</status><item><![CDATA[c]]></item></order></group><p:order id="3"/>tail</orders>`

func parse(t testing.TB, text string) *tree.Node {
	t.Helper()
	root, err := tree.ParseXML(text, tree.XMLOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// show writes nodes briefly: an element with its id, an attribute or text with its data.
func show(nodes []*tree.Node) string {
	var parts []string
	for _, n := range nodes {
		s := n.Name.Local + "=" + n.Data
		if id := n.Attribute(tree.Name{Local: "id"}); id != nil {
			s = n.Name.Local + id.Data
		} else if n.Kind == tree.Element {
			s = n.Name.Local
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func TestNodes(t *testing.T) {
	tests := []struct{ expression, want string }{
		{"/orders/order", "order1"},
		{"//order", "order1 order2"},
		{"//order | //status", "order1 status order2 status"},
		{"//status | //order", "order1 status order2 status"},
		{"//p:order", "order3"},
		{"//*[local-name()='order']", "order1 order2 order3"},
		{"//order[status='new']", "order1"},
		{"//order[item='c']", "order2"},
		{"//order[2]", ""},
		{"(//order)[2]", "order2"},
		{"//item[last()]", "item item"},
		{"//item[position()=2]/text()", "=b"},
		{"//order/@id", "id=1 id=2"},
		{"//@*[.='3']/..", "order3"},
		{"//@p:id", "id=x"},
		{"//comment()", "=note"},
		{"/orders/text()", "=tail"},
		{"//status/following-sibling::item", "item item item"},
		{"//item[2]/preceding-sibling::*", "status item"},
		{"//item/ancestor::*", "orders order1 group order2"},
		{"//item/..", "order1 order2"},
		{"//order[@id='2']/preceding::item", "item item"},
		{"//status[.='new']/following::order", "order2"},
		{"/*", "orders"},
		{"/", ""},
		{".", "orders"},
		{"order", "order1"},
		{"//nothing", ""},
	}
	root := parse(t, orders)
	for _, tt := range tests {
		e, err := Compile(tt.expression, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.expression, err)
			continue
		}
		if nodes, err := e.Nodes(root); show(nodes) != tt.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", tt.expression, show(nodes), err, tt.want)
		}
	}
}

// An expression sees the document from the node it is given.
func TestContext(t *testing.T) {
	root := parse(t, orders)
	order := root.Children()[1].Children()[0]
	for expression, want := range map[string]string{
		"item": "item", "..": "group", "/orders/order": "order1", "../../order/item[1]": "item", "@id": "id=2", "preceding::status": "status",
	} {
		e, err := Compile(expression, nil)
		if err != nil {
			t.Fatal(err)
		}
		if nodes, err := e.Nodes(order); show(nodes) != want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", expression, show(nodes), err, want)
		}
	}
	up, _ := Compile("..", nil)
	if nodes, err := up.Nodes(order.Attributes()[0]); show(nodes) != "order2" || err != nil {
		t.Errorf("from an attribute: got %q, %v", show(nodes), err)
	}
}

func TestNamespaces(t *testing.T) {
	root := parse(t, `<a xmlns="urn:x"><b xmlns="urn:y" id="1"/><q:b xmlns:q="urn:x" id="2"/></a>`)
	e, err := Compile("//n:b", map[string]string{"n": "urn:x"})
	if err != nil {
		t.Fatal(err)
	}
	if nodes, err := e.Nodes(root); show(nodes) != "b2" || err != nil {
		t.Errorf("got %q, %v", show(nodes), err)
	}
	if _, err := Compile("//m:b", map[string]string{"n": "urn:x"}); err == nil {
		t.Error("a prefix without namespace is taken")
	}
}

func TestEvaluate(t *testing.T) {
	root := parse(t, orders)
	for expression, want := range map[string]any{
		"count(//item)": 3.0, "string(//order[2]/@id)": "", "string(//order/@id)": "1", "//order/@id = '2'": true, "1 + 2": 3.0, "concat(/orders/@n, '!')": "2!",
	} {
		e, err := Compile(expression, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Evaluate(root); got != want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", expression, got, err, want)
		}
		if _, err := e.Nodes(root); err != ErrNoNodes {
			t.Errorf("%s: Nodes gives %v", expression, err)
		}
	}
	e, _ := Compile("//order", nil)
	if got, err := e.Evaluate(root); err != nil || show(got.([]*tree.Node)) != "order1 order2" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestRefused(t *testing.T) {
	for name, expression := range map[string]string{
		"nothing": "", "a bracket": "//a[", "a variable": "$x/a", "an unknown function": "foo()", "an axis": "foo::a", "too long": strings.Repeat("a/", MaxLength) + "a", "too deep": strings.Repeat("(", 500) + "a" + strings.Repeat(")", 500),
	} {
		if _, err := Compile(expression, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	e, err := Compile("sum(//a)", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Evaluate(parse(t, "<x><a>SECRET</a></x>")); err != nil && strings.Contains(err.Error(), "SECRET") {
		t.Errorf("the error holds content: %v", err)
	}
}

// The evaluation begins near the limit, so that the test is quick.
func TestTooManySteps(t *testing.T) {
	root := parse(t, "<x>"+strings.Repeat("<a/>", 1000)+"</x>")
	e, err := Compile("//a[count(//a) > 0]", nil)
	if err != nil {
		t.Fatal(err)
	}
	steps := MaxSteps - 100_000
	if err := guard(func() { inOrder(e.compiled.Select(newCursor(root, &steps))) }); !errors.Is(err, ErrTooManySteps) {
		t.Errorf("got %v", err)
	}
}

// Run it with -race.
func TestManyGoroutines(t *testing.T) {
	nodes, _ := Compile("//order | //item[last()]", nil)
	value, _ := Compile("count(//item)", nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			root := parse(t, orders)
			for range 50 {
				if found, err := nodes.Nodes(root); len(found) != 4 || err != nil {
					t.Errorf("got %q, %v", show(found), err)
				}
				if n, err := value.Evaluate(root); n != 3.0 || err != nil {
					t.Errorf("got %v, %v", n, err)
				}
			}
		})
	}
	wg.Wait()
}

// Whatever the expression and the document, nothing panics.
func FuzzXPath(f *testing.F) {
	for _, s := range []string{"//order[status='new']", "(//a | //b)[last()]/@*", "sum(//item) div 0", "//a/preceding::*/ancestor-or-self::node()", "matches(., '[')", "substring(//a, //b)"} {
		f.Add(s, orders)
	}
	f.Fuzz(func(t *testing.T, expression, text string) {
		if len(text) > 500 || len(expression) > 100 {
			return
		}
		root, err := tree.ParseXML(text, tree.XMLOptions{})
		if err != nil {
			return
		}
		e, err := Compile(expression, nil)
		if err != nil {
			return
		}
		e.Evaluate(root)
		e.Nodes(root)
	})
}
