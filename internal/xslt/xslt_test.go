package xslt

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir/tree"
)

const head = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">`

func parse(t testing.TB, text string) *tree.Node {
	t.Helper()
	root, err := tree.ParseXML(text, tree.XMLOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func transform(t *testing.T, body, source string, params map[string]string) (string, error) {
	t.Helper()
	sheet, err := Compile(head + body + `</xsl:stylesheet>`)
	if err != nil {
		t.Fatal(err)
	}
	return sheet.Transform(parse(t, source), params)
}

// What differs from xsltproc, or what it cannot be asked for with a file alone.
func TestTransform(t *testing.T) {
	const plain = `<xsl:output omit-xml-declaration="yes"/>`
	tests := []struct {
		name, body, source string
		params             map[string]string
		want               string
	}{
		{"declaration", `<xsl:template match="/"><r/></xsl:template>`, `<a/>`, nil, `<?xml version="1.0" encoding="UTF-8"?><r/>`},
		{"parameter", plain + `<xsl:param name="p" select="'no'"/><xsl:template match="/"><r><xsl:value-of select="$p"/></r></xsl:template>`, `<a/>`,
			map[string]string{"p": "<yes>", "other": "x"}, `<r>&lt;yes&gt;</r>`},
		{"xml:space in the source", plain + `<xsl:strip-space elements="*"/><xsl:template match="/"><xsl:copy-of select="*"/></xsl:template>`,
			`<a> <b xml:space="preserve"> <c/> </b> </a>`, nil, `<a><b xml:space="preserve"> <c/> </b></a>`},
		{"the case of letters comes last", `<xsl:output method="text"/><xsl:template match="/"><xsl:for-each select="//v"><xsl:sort/><xsl:value-of select="."/>,</xsl:for-each></xsl:template>`,
			`<l><v>b</v><v>B</v><v>a</v><v>C</v></l>`, nil, `a,b,B,C,`},
		{"upper-first", `<xsl:output method="text"/><xsl:template match="/"><xsl:for-each select="//v"><xsl:sort case-order="upper-first"/><xsl:value-of select="."/>,</xsl:for-each></xsl:template>`,
			`<l><v>b</v><v>B</v><v>a</v><v>C</v></l>`, nil, `a,B,b,C,`},
		{"numbers in full", `<xsl:output method="text"/><xsl:template match="/"><xsl:value-of select="0.1 + 0.2"/>|<xsl:value-of select="123456789012345"/>|<xsl:value-of select="number('1e3')"/></xsl:template>`,
			`<a/>`, nil, `0.30000000000000004|123456789012345|NaN`},
		{"halves go to even", `<xsl:output method="text"/><xsl:template match="/"><xsl:value-of select="format-number(0.5, '0')"/>|<xsl:value-of select="format-number(2.5, '0')"/>|<xsl:value-of select="format-number(1.5, '0')"/>|<xsl:value-of select="format-number(0.5, '#.00')"/></xsl:template>`,
			`<a/>`, nil, `0|2|2|.50`},
		{"quotes in a pattern", `<xsl:output method="text"/><xsl:template match="/"><xsl:value-of select='format-number(5, "&apos;#&apos;0")'/></xsl:template>`, `<a/>`, nil, `#5`},
		{"a small encoding", `<xsl:output encoding="US-ASCII"/><xsl:template match="/"><r a="é"><xsl:value-of select="/a"/></r></xsl:template>`, `<a>€</a>`, nil,
			`<?xml version="1.0" encoding="US-ASCII"?><r a="&#233;">&#8364;</r>`},
		{"HTML says its encoding", `<xsl:template match="/"><html><head/><body/></html></xsl:template>`, `<a/>`, nil,
			"<html>\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"></head>\n<body></body>\n</html>"},
		{"generated stylesheet", plain + `<xsl:namespace-alias xmlns:g="urn:g" stylesheet-prefix="g" result-prefix="xsl"/><xsl:template match="/"><g:if xmlns:g="urn:g" test="1"/></xsl:template>`, `<a/>`, nil,
			`<xsl:if xmlns:xsl="http://www.w3.org/1999/XSL/Transform" test="1"/>`},
		{"a prefix that is taken", plain + `<xsl:template match="/"><p:r xmlns:p="urn:1"><xsl:attribute name="p:a" namespace="urn:2">x</xsl:attribute></p:r></xsl:template>`, `<a/>`, nil,
			`<p:r xmlns:p="urn:1" xmlns:ns0="urn:2" ns0:a="x"/>`},
		{"back to no namespace", plain + `<xsl:template match="/"><r xmlns="urn:1"><xsl:copy-of select="//b"/></r></xsl:template>`, `<a><b/></a>`, nil, `<r xmlns="urn:1"><b xmlns=""/></r>`},
		{"dashes in a comment", plain + `<xsl:template match="/"><r><xsl:comment>a--b-</xsl:comment></r></xsl:template>`, `<a/>`, nil, `<r><!--a- -b- --></r>`},
		{"attribute after content", plain + `<xsl:template match="/"><r>x<xsl:attribute name="a">1</xsl:attribute></r></xsl:template>`, `<a/>`, nil, `<r>x</r>`},
		{"CDATA and text are one", plain + `<xsl:template match="/"><r><xsl:value-of select="count(/a/text())"/></r></xsl:template>`, `<a>x<![CDATA[y]]>z</a>`, nil, `<r>1</r>`},
		{"nodes in a fragment", plain + `<xsl:variable name="v"><b/><b/></xsl:variable><xsl:template match="/"><r><xsl:value-of select="count($v/b)"/></r></xsl:template>`, `<a/>`, nil, `<r>2</r>`},
		{"following an attribute", plain + `<xsl:template match="/"><r><xsl:value-of select="count(//b/@x/following::*)"/></r></xsl:template>`, `<a><b x="1"><c/></b><d/></a>`, nil, `<r>2</r>`},
		{"every second", `<xsl:output method="text"/><xsl:template match="i[position() mod 2 = 0]"><xsl:value-of select="."/></xsl:template><xsl:template match="i"/>`,
			`<a><i>1</i><i>2</i><i>3</i><i>4</i></a>`, nil, `24`},
	}
	for _, tt := range tests {
		got, err := transform(t, tt.body, tt.source, tt.params)
		if got != tt.want || err != nil {
			t.Errorf("%s\n got %s, %v\nwant %s", tt.name, got, err, tt.want)
		}
	}
}

func TestRefused(t *testing.T) {
	inTemplate := func(s string) string {
		return head + "\n<xsl:template match=\"/\">\n  " + s + "</xsl:template></xsl:stylesheet>"
	}
	tests := []struct {
		name, sheet  string
		line, column int
		want         string
	}{
		{"not XML", head + "\n<a>", 2, 4, "not closed"},
		{"a document type", "<!DOCTYPE a>\n<a/>", 1, 1, "document type"},
		{"another root", "<a/>", 1, 1, "xsl:version"},
		{"no version", `<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>`, 1, 1, "version"},
		{"import", head + "\n  <xsl:import href='x'/></xsl:stylesheet>", 2, 3, "not available"},
		{"include", head + "\n  <xsl:include href='x'/></xsl:stylesheet>", 2, 3, "not available"},
		{"text between declarations", head + "x</xsl:stylesheet>", 1, 1, "text"},
		{"an unknown declaration", head + "\n<!-- <x> --><xsl:foo/></xsl:stylesheet>", 2, 13, "xsl:foo"},
		{"an unknown instruction", inTemplate("<xsl:foo/>"), 3, 3, "xsl:foo"},
		{"a bad expression", inTemplate("é<xsl:value-of select='a b'/>"), 3, 4, "XPath"},
		{"an unknown variable", inTemplate("<xsl:value-of select='$x'/>"), 3, 3, "$x"},
		{"a variable out of its place", inTemplate("<xsl:if test='1'><xsl:variable name='x'/></xsl:if>\n<xsl:value-of select='$x'/>"), 4, 1, "$x"},
		{"an unknown function", inTemplate("<xsl:value-of select='foo()'/>"), 3, 3, "foo()"},
		{"an argument too many", inTemplate("<xsl:value-of select='true(1)'/>"), 3, 3, "true"},
		{"an unknown template", inTemplate("<xsl:call-template name='x'/>"), 3, 3, "no template"},
		{"an unknown prefix", inTemplate("<xsl:value-of select='p:a'/>"), 3, 3, "prefix"},
		{"an axis in a pattern", head + "\n<xsl:template match='ancestor::a'/></xsl:stylesheet>", 2, 1, "axis"},
		{"a pattern that is no path", head + "\n<xsl:template match='1 + 1'/></xsl:stylesheet>", 2, 1, "match"},
		{"a template for nothing", head + "\n<xsl:template/></xsl:stylesheet>", 2, 1, "neither"},
		{"two templates of a name", head + "<xsl:template name='a'/>\n<xsl:template name='a'/></xsl:stylesheet>", 2, 1, "two templates"},
		{"an open brace", inTemplate("<a b='{1'/>"), 3, 3, "{"},
		{"a closing brace", inTemplate("<a b='}'/>"), 3, 3, "}"},
		{"a late parameter", inTemplate("<a/><xsl:param name='p'/>"), 3, 7, "xsl:param"},
		{"a method", head + "\n<xsl:output method='pdf'/></xsl:stylesheet>", 2, 1, "method"},
		{"brackets without end", inTemplate("<xsl:value-of select='" + strings.Repeat("(", 300) + "'/>"), 3, 3, "brackets"},
		{"elements too deep", head + strings.Repeat("<a>", 300), 1, 677, "inside one another"},
	}
	for _, tt := range tests {
		_, err := Compile(tt.sheet)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want an *Error", tt.name, err)
			continue
		}
		if e.Line != tt.line || e.Column != tt.column || !strings.Contains(e.Problem, tt.want) {
			t.Errorf("%s: got %v, want %q at line %d, column %d", tt.name, e, tt.want, tt.line, tt.column)
		}
	}
}

func TestEnded(t *testing.T) {
	many := "<a>" + strings.Repeat("<b>SECRET</b>", 3000) + "</a>"
	tests := []struct{ name, body, source, want string }{
		{"endless templates", `<xsl:template match="/" name="t"><xsl:call-template name="t"/></xsl:template>`, "<a/>", "templates wait"},
		{"endless modes", `<xsl:template match="node()|/"><xsl:apply-templates select="."/></xsl:template>`, "<a/>", "templates wait"},
		{"endless sets", `<xsl:attribute-set name="s" use-attribute-sets="s"/><xsl:template match="/"><r xsl:use-attribute-sets="s"/></xsl:template>`, "<a/>", "uses itself"},
		{"a circle of variables", `<xsl:variable name="a" select="$b"/><xsl:variable name="b" select="$a"/><xsl:template match="/"/>`, "<a/>", "own value"},
		{"too many steps", `<xsl:template match="/"><xsl:value-of select="count(//b[count(//b[. = current()]) > 0][count(//b) > 0][count(//b) > 1][count(//b) > 2][count(//b) > 3])"/></xsl:template>`, many, "steps"},
		{"a text that doubles", `<xsl:template match="/" name="t"><xsl:param name="s" select="//b[1]"/><xsl:call-template name="t"><xsl:with-param name="s" select="concat($s, $s)"/></xsl:call-template></xsl:template>`, many, "long"},
		{"a result that grows", `<xsl:template match="/"><xsl:for-each select="//b"><xsl:for-each select="//b"><x>0123456789</x></xsl:for-each></xsl:for-each></xsl:template>`, many, "steps"},
		{"another document", `<xsl:template match="/"><xsl:value-of select="document('file:///etc/passwd')"/></xsl:template>`, "<a/>", "document()"},
		{"a function of Java", `<xsl:template match="/"><xsl:value-of select="j:now()" xmlns:j="java:java.util.Date"/></xsl:template>`, "<a/>", "now()"},
		{"a message", `<xsl:template match="/"><xsl:message terminate="yes"><xsl:value-of select="."/></xsl:message></xsl:template>`, many, "xsl:message"},
		{"a value instead of nodes", `<xsl:template match="/"><xsl:for-each select="string(//b)"/></xsl:template>`, many, "nodes"},
		{"a name with blanks", `<xsl:template match="/"><xsl:element name="{//b} x"/></xsl:template>`, many, "name"},
		{"an unknown key", `<xsl:template match="/"><xsl:value-of select="key('k', 1)"/></xsl:template>`, many, "key"},
		{"a long padding", `<xsl:template match="/"><xsl:value-of select="s:padding(10000000000, 'x')" xmlns:s="http://exslt.org/strings"/></xsl:template>`, "<a/>", "long"},
		{"a version to come", `<xsl:template match="/"><e:x xmlns:e="urn:e" xsl:extension-element-prefixes="e"/></xsl:template>`, "<a/>", "fallback"},
	}
	for _, tt := range tests {
		sheet, err := Compile(head + tt.body + `</xsl:stylesheet>`)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		sheet.steps = MaxSteps / 5 // or it takes seconds
		_, err = sheet.Transform(parse(t, tt.source), nil)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Problem, tt.want) || e.Line != 1 || e.Column < 2 {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		} else if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: the error holds content: %v", tt.name, err)
		}
	}
}

func TestTransformText(t *testing.T) {
	identity, err := Compile(head + `<xsl:output omit-xml-declaration="yes"/><xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template></xsl:stylesheet>`)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, source, want, problem string }{
		{"around the root", "<?xml version='1.0'?>\n<?style x?> <!--c--><a>1</a>\n<!--d-->", "<?style x?><!--c--><a>1</a><!--d-->", ""},
		{"two roots", "<a/>\n<b/>", "", "line 2"},
		{"text before", "x<a/>", "", "text"},
		{"nothing", "", "", "root"},
		{"no XML", "MSH|^~\\&|SECRET", "", "XML line 1"},
	}
	for _, tt := range tests {
		got, err := identity.TransformText(context.Background(), tt.source, nil)
		if got != tt.want || (err != nil) != (tt.problem != "") {
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.want)
		}
		if err != nil && (!strings.Contains(err.Error(), tt.problem) || strings.Contains(err.Error(), "SECRET")) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.problem)
		}
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	sheet, err := Compile(head + `<xsl:template match="/"><xsl:value-of select="count(//b[count(//b) > 0])"/></xsl:template></xsl:stylesheet>`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sheet.TransformText(ctx, "<a>"+strings.Repeat("<b/>", 1000)+"</a>", nil); err == nil || !strings.Contains(err.Error(), "outside") {
		t.Errorf("got %v", err)
	}
}

func TestWithOutput(t *testing.T) {
	sheet, err := Compile(head + `<xsl:template match="/"><r><a/></r></xsl:template></xsl:stylesheet>`)
	if err != nil {
		t.Fatal(err)
	}
	other := sheet.WithOutput(map[string]string{"indent": "yes", "omit-xml-declaration": "yes", "{http://xml.apache.org/xslt}indent-amount": "4"})
	for s, want := range map[*Stylesheet]string{sheet: `<?xml version="1.0" encoding="UTF-8"?><r><a/></r>`, other: "<r>\n    <a/>\n</r>\n"} {
		if got, err := s.Transform(parse(t, "<x/>"), nil); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}

// A stylesheet is shared by all messages; a source stays as it is.
func TestShared(t *testing.T) {
	sheet, err := Compile(read(t, "testdata/hl7_rewrite.xsl"))
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, "testdata/hl7_rewrite.xml")
	want, err := sheet.Transform(parse(t, text), nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			source := parse(t, text)
			before := source.XMLString()
			if got, err := sheet.Transform(source, nil); got != want || err != nil {
				t.Errorf("got %s, %v", got, err)
			}
			if after := source.XMLString(); after != before || source.Changed() {
				t.Errorf("the source was changed: %s", after)
			}
		})
	}
	wg.Wait()
}

func TestLongStep(t *testing.T) {
	source := parse(t, "<a>"+strings.Repeat("<i><j>x</j></i>", 5000)+"</a>")
	sheet, err := Compile(head + `<xsl:output method="text"/><xsl:template match="i[position() mod 2 = 1]/j">y</xsl:template><xsl:template match="j"/></xsl:stylesheet>`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sheet.Transform(source, nil)
	if len(got) != 2500 || err != nil {
		t.Errorf("got %d characters, %v", len(got), err)
	}
}
