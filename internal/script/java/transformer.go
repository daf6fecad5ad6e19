package java

import (
	"errors"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/xslt"
)

// transformerFactory is a javax.xml.transform.TransformerFactory.
type transformerFactory struct{ _ byte }

func (*transformerFactory) JavaClass() string { return "javax.xml.transform.TransformerFactory" }

// templates is a compiled stylesheet.
type templates struct{ sheet *xslt.Stylesheet }

func (*templates) JavaClass() string { return "javax.xml.transform.Templates" }

// transformer is a stylesheet with the parameters and output properties that a
// script gives it.
type transformer struct {
	sheet  *xslt.Stylesheet
	params map[string]string
	output map[string]string
}

func (*transformer) JavaClass() string { return "javax.xml.transform.Transformer" }

// streamSource and streamResult are what a transformer reads and writes.
type streamSource struct{ of any }

func (*streamSource) JavaClass() string { return "javax.xml.transform.stream.StreamSource" }

type streamResult struct{ to any }

func (*streamResult) JavaClass() string { return "javax.xml.transform.stream.StreamResult" }

// identity is what a transformer without stylesheet does.
const identity = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">` +
	`<xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template></xsl:stylesheet>`

// sheets keeps compiled stylesheets by their text: a step brings its own with every
// message.
var sheets cache[*xslt.Stylesheet]

// maxCachedSheet is the greatest length of a stylesheet that is kept, in bytes.
const maxCachedSheet = 256 << 10

func compileSheet(c *Call, text string) *xslt.Stylesheet {
	if sheet, ok := sheets.get(text); ok {
		return sheet
	}
	sheet, err := xslt.Compile(text)
	if err != nil {
		panic(transformerFault(c, "TransformerConfigurationException", err))
	}
	if len(text) <= maxCachedSheet {
		sheets.put(text, sheet)
	}
	return sheet
}

// transformerFault throws an error of XSLT or of XML, neither of which quotes the source.
func transformerFault(c *Call, class string, err error) goja.Value {
	return c.VM.ThrowJava(&Throwable{Class: "javax.xml.transform." + class, Message: err.Error(), HasText: true, Plain: true})
}

// sourceText reads an argument that is a StreamSource to its end.
func (c *Call) sourceText(i int) string {
	s, ok := c.Object(i).(*streamSource)
	if !ok {
		panic(c.Throw("java.lang.IllegalArgumentException", "only a StreamSource can be a source"))
	}
	switch v := s.of.(type) {
	case *reader:
		return v.rest(c)
	case *input:
		return c.decode(v.rest(c), "UTF-8")
	}
	panic(c.Throw("javax.xml.transform.TransformerException", "a StreamSource needs a Reader or InputStream; files and addresses are not reachable"))
}

func transformerClasses() []*Class {
	void := func(*Call) any { return Void }
	newTransformer := func(sheet *xslt.Stylesheet) any {
		return &transformer{sheet: sheet, params: make(map[string]string), output: make(map[string]string)}
	}
	newFactory := func(*Call) any { return &transformerFactory{} }
	const pkg = "javax.xml.transform."
	return []*Class{
		{Name: pkg + "TransformerFactory", Static: Methods{"newInstance": newFactory, "newDefaultInstance": newFactory}, Methods: Methods{
			"newTransformer": func(c *Call) any {
				if c.Len() == 0 {
					return newTransformer(compileSheet(c, identity))
				}
				return newTransformer(compileSheet(c, c.sourceText(0)))
			},
			"newTemplates": func(c *Call) any { return &templates{compileSheet(c, c.sourceText(0))} },
			"setFeature":   void, "setAttribute": void, "setErrorListener": void, "setURIResolver": void,
		}},
		{Name: pkg + "Templates", Methods: Methods{
			"newTransformer": func(c *Call) any { return newTransformer(c.This.(*templates).sheet) },
		}},
		{Name: pkg + "Transformer", Methods: Methods{
			"transform":         transformStream,
			"setParameter":      func(c *Call) any { c.This.(*transformer).params[c.Need(0)] = c.Text(1); return Void },
			"clearParameters":   func(c *Call) any { clear(c.This.(*transformer).params); return Void },
			"setOutputProperty": func(c *Call) any { c.This.(*transformer).output[c.Need(0)] = c.Text(1); return Void },
			"setErrorListener":  void, "setURIResolver": void,
		}},
		{Name: pkg + "stream.StreamSource", New: func(c *Call) any { return &streamSource{c.Object(0)} }},
		{Name: pkg + "stream.StreamResult", New: func(c *Call) any { return &streamResult{c.Object(0)} }},
		{Name: pkg + "OutputKeys", Constants: map[string]any{
			"METHOD": "method", "ENCODING": "encoding", "INDENT": "indent", "OMIT_XML_DECLARATION": "omit-xml-declaration",
			"STANDALONE": "standalone", "DOCTYPE_PUBLIC": "doctype-public", "DOCTYPE_SYSTEM": "doctype-system", "MEDIA_TYPE": "media-type",
		}},
	}
}

func transformStream(c *Call) any {
	t := c.This.(*transformer)
	result, ok := c.Object(1).(*streamResult)
	if !ok {
		panic(c.Throw("java.lang.IllegalArgumentException", "only a StreamResult can be a result"))
	}
	text, err := t.sheet.WithOutput(t.output).TransformText(c.VM.Context, c.sourceText(0), t.params)
	if err != nil {
		if c.VM.Context.Err() != nil {
			err = errors.New("the transformation was ended")
		}
		panic(transformerFault(c, "TransformerException", err))
	}
	switch to := result.to.(type) {
	case *Builder:
		to.append(c, text)
	case *output:
		_, err := to.Write([]byte(text))
		c.must(err)
	case *writer:
		to.write(c, text)
	default:
		panic(c.Throw("javax.xml.transform.TransformerException", "a StreamResult needs a StringWriter or ByteArrayOutputStream; files are not reachable"))
	}
	return Void
}
