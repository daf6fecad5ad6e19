package script_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestTransformer(t *testing.T) {
	const head = `var sheet = '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:param name="p"/>' +
		'<xsl:template match="/"><r p="{$p}"><a/></r></xsl:template></xsl:stylesheet>';
		importPackage(javax.xml.transform); importPackage(javax.xml.transform.stream); importPackage(java.io);
		var w = new StringWriter(), in_ = new StreamSource(new StringReader('<x><y>1</y></x>')), f = TransformerFactory.newInstance();
		var t = f.newTransformer(new StreamSource(new StringReader(sheet)));
		`
	cases := []struct{ name, body, want string }{
		{"a parameter", `t.setParameter('p', 'v'); t.transform(in_, new StreamResult(w)); return w.toString()`, `<?xml version="1.0" encoding="UTF-8"?><r p="v"><a/></r>`},
		{"output", `t.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, 'yes'); t.setOutputProperty(OutputKeys.INDENT, 'yes'); t.transform(in_, new StreamResult(w)); return w.toString()`,
			"<r p=\"\">\n    <a/>\n</r>\n"},
		{"indented", `t.setOutputProperty(OutputKeys.INDENT, 'yes'); t.setOutputProperty('{http://xml.apache.org/xslt}indent-amount', '1'); t.transform(in_, new StreamResult(w)); return w.toString()`,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?><r p=\"\">\n <a/>\n</r>\n"},
		{"templates", `t = f.newTemplates(new StreamSource(new StringReader(sheet))).newTransformer(); t.transform(in_, new StreamResult(w)); return w.getBuffer().length()`, `54`},
		{"identity", `f.newTransformer().transform(in_, new StreamResult(w)); return w.toString()`, `<?xml version="1.0" encoding="UTF-8"?><x><y>1</y></x>`},
		{"bytes", `var o = new ByteArrayOutputStream(); f.newTransformer().transform(new StreamSource(new ByteArrayInputStream(new java.lang.String('<é/>').getBytes('UTF-8'))), new StreamResult(o)); return o.toString('UTF-8')`,
			`<?xml version="1.0" encoding="UTF-8"?><é/>`},
		{"a stylesheet that is none", `try { f.newTransformer(in_); } catch (e) { return e.javaException.getClass().getName() }`, "javax.xml.transform.TransformerConfigurationException"},
		{"a source that is none", `try { t.transform(new StreamSource(new StringReader('x')), new StreamResult(w)); } catch (e) { return e.javaException.getMessage() }`,
			"the source: XML line 1, column 1: there is text outside of the root element"},
		{"a file", `try { t.transform(new StreamSource('file:///etc/passwd'), new StreamResult(w)); } catch (e) { return e.javaException.getMessage().indexOf('not reachable') > 0 }`, "true"},
	}
	for _, c := range cases {
		got, err := runBody(t, newScope(), head+c.body)
		if err != nil || strings.TrimSuffix(fmt.Sprint(got), ".0") != c.want {
			t.Errorf("%s: got %v, %v, want %s", c.name, got, err, c.want)
		}
	}
}
