package transform

import (
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

const codes = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">` +
	`<xsl:output omit-xml-declaration="yes"/><xsl:template match="/"><codes><xsl:apply-templates select="//OBX.3.1"/></codes></xsl:template>` +
	`<xsl:template match="OBX.3.1"><c><xsl:value-of select="."/></c></xsl:template></xsl:stylesheet>`

func TestXSLTStep(t *testing.T) {
	step := func(source, template string) weir.Step {
		return weir.Step{Type: "XSLT Step", Name: "sheet", Settings: set("sourceXml", source, "resultVariable", "r", "template", template, "useCustomFactory", "false")}
	}
	sheet := quote(codes)
	iterator := weir.Step{Type: "Iterator", Settings: set("target", "msg['OBX']", "indexVariable", "i"), Steps: []weir.Step{on(step("msg['OBX'][i]", sheet))}}
	for _, c := range []struct {
		name string
		step weir.Step
		want string
	}{
		{"a message", step("msg", sheet), "<codes><c>WBC</c><c>HGB</c></codes>"},
		{"its text", step("msg.toString()", sheet), "<codes><c>WBC</c><c>HGB</c></codes>"},
		{"a literal", step("<a><OBX.3.1>x</OBX.3.1></a>", sheet), "<codes><c>x</c></codes>"},
		{"in an iterator", iterator, "[<codes><c>WBC</c></codes>, <codes><c>HGB</c></codes>]"},
	} {
		res, channelMap, err := run(t, Config{Transformer: hl7(c.step)}, oru)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := channelMap["r"]
		if list, ok := got.(interface{ Items() []any }); ok {
			var texts []string
			for _, item := range list.Items() {
				texts = append(texts, item.(string))
			}
			got = "[" + strings.Join(texts, ", ") + "]"
		}
		if got != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
		if res.Encoded != oru {
			t.Errorf("%s: the message became %q", c.name, res.Encoded)
		}
	}
}

// What goes wrong names the step and the place in the stylesheet, and holds nothing
// of the message.
func TestXSLTStepFails(t *testing.T) {
	for _, c := range []struct{ name, source, template, want string }{
		{"no XML", "'DOE^JANE'", quote(codes), "XML line 1, column 1"},
		{"no stylesheet", "msg", "'<a/>'", "XSLT line 1, column 1"},
		{"a bad expression", "msg", quote(strings.Replace(codes, "select=\".\"", "select=\"a b\"", 1)), "XSLT line 1"},
		{"a message", "msg", quote(strings.Replace(codes, "<c>", "<xsl:message terminate=\"yes\"><xsl:value-of select=\"//PID\"/></xsl:message><c>", 1)), "xsl:message"},
		{"nothing", "", quote(codes), "root element"},
	} {
		_, _, err := run(t, Config{Transformer: hl7(weir.Step{Type: "XSLT Step", Name: "sheet", Settings: set("sourceXml", c.source, "resultVariable", "r", "template", c.template)})}, oru)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "sheet") {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		} else if strings.Contains(err.Error(), "JANE") {
			t.Errorf("%s: the error holds content: %v", c.name, err)
		}
	}
}
