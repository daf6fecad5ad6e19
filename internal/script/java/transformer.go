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

// transformer is a stylesheet, or none, with the parameters and output properties that a
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

// domSource and domResult are the nodes that a transformer reads and writes below.
type domSource struct{ node domNode }

func (*domSource) JavaClass() string { return "javax.xml.transform.dom.DOMSource" }

type domResult struct {
	node domNode
	has  bool
}

func (*domResult) JavaClass() string { return "javax.xml.transform.dom.DOMResult" }

// sourceText reads an argument that is a source to its end.
func (c *Call) sourceText(i int) string {
	switch s := c.Object(i).(type) {
	case *domSource:
		return s.text(c, map[string]string{"omit-xml-declaration": "yes"})
	case *streamSource:
		switch v := s.of.(type) {
		case *reader:
			return v.rest(c)
		case *input:
			return c.xmlText(v.rest(c), "")
		case *file:
			return c.xmlFile(v.path)
		}
		panic(c.Throw("javax.xml.transform.TransformerException", "a StreamSource needs a Reader, InputStream or File; addresses are not reachable"))
	}
	panic(c.Throw("java.lang.IllegalArgumentException", "only a StreamSource or DOMSource can be a source"))
}

// text writes the node of a source.
func (s *domSource) text(c *Call, properties map[string]string) string {
	defer s.node.doc.lock(c.VM)()
	text, err := s.node.write(properties)
	if err != nil {
		panic(transformerFault(c, "TransformerException", err))
	}
	return text
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
					return newTransformer(nil)
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
			"getOutputProperty": func(c *Call) any { return nullable(c.This.(*transformer).output[c.Need(0)]) },
			"getParameter":      func(c *Call) any { return nullable(c.This.(*transformer).params[c.Need(0)]) },
			"reset": func(c *Call) any {
				clear(c.This.(*transformer).params)
				clear(c.This.(*transformer).output)
				return Void
			},
			"setErrorListener": void, "setURIResolver": void,
		}},
		{Name: pkg + "stream.StreamSource", New: func(c *Call) any { return &streamSource{c.Object(0)} }},
		{Name: pkg + "stream.StreamResult", New: func(c *Call) any { return &streamResult{c.Object(0)} }, Methods: Methods{
			"getWriter":       func(c *Call) any { return c.This.(*streamResult).to },
			"getOutputStream": func(c *Call) any { return c.This.(*streamResult).to },
		}},
		{Name: pkg + "dom.DOMSource", New: func(c *Call) any {
			d, ok := c.nodeArg(0)
			if !ok {
				d = newDocument().node()
			}
			return &domSource{d}
		}, Methods: Methods{"getNode": func(c *Call) any { return c.This.(*domSource).node }}},
		{Name: pkg + "dom.DOMResult", New: func(c *Call) any {
			d, ok := c.nodeArg(0)
			return &domResult{d, ok}
		}, Methods: Methods{"getNode": func(c *Call) any {
			if r := c.This.(*domResult); r.has {
				return r.node
			}
			return nil
		}}},
		{Name: pkg + "OutputKeys", Constants: map[string]any{
			"METHOD": "method", "ENCODING": "encoding", "INDENT": "indent", "OMIT_XML_DECLARATION": "omit-xml-declaration",
			"STANDALONE": "standalone", "DOCTYPE_PUBLIC": "doctype-public", "DOCTYPE_SYSTEM": "doctype-system", "MEDIA_TYPE": "media-type",
		}},
	}
}

// transformed is the result as text. Without a stylesheet a node is written as it is,
// and a text goes through a stylesheet that copies it.
func (t *transformer) transformed(c *Call) string {
	if s, ok := c.Object(0).(*domSource); ok && t.sheet == nil {
		return s.text(c, t.output)
	}
	sheet := t.sheet
	if sheet == nil {
		sheet = compileSheet(c, identity)
	}
	text, err := sheet.WithOutput(t.output).TransformText(c.VM.Context, c.sourceText(0), t.params)
	if err != nil {
		if c.VM.Context.Err() != nil {
			err = errors.New("the transformation was ended")
		}
		panic(transformerFault(c, "TransformerException", err))
	}
	return text
}

func transformStream(c *Call) any {
	t := c.This.(*transformer)
	switch result := c.Object(1).(type) {
	case *streamResult:
		result.write(c, t.transformed(c))
	case *domResult:
		t.intoNode(c, result)
	default:
		panic(c.Throw("java.lang.IllegalArgumentException", "only a StreamResult or DOMResult can be a result"))
	}
	return Void
}

func (r *streamResult) write(c *Call, text string) {
	switch to := r.to.(type) {
	case *Builder:
		to.append(c, text)
	case *output:
		_, err := to.Write([]byte(text))
		c.must(err)
	case *writer:
		to.write(c, text)
	case *file:
		if err := c.writeFile(to.path, []byte(text), createFlags(false), false); err != nil {
			panic(c.throwFile(to.path, err))
		}
	default:
		panic(c.Throw("javax.xml.transform.TransformerException", "a StreamResult needs a Writer, an OutputStream or a File; addresses are not reachable"))
	}
}

// intoNode adds a result to a node, or makes a document of it.
func (t *transformer) intoNode(c *Call, result *domResult) {
	made := c.parseDocument(&builderSettings{aware: true}, t.transformed(c))
	if !result.has {
		result.node, result.has = made.node(), true
		return
	}
	defer result.node.doc.lock(c.VM)()
	for len(made.root.Children()) > 0 {
		result.node.put(c, domNode{made.root.Remove(0), result.node.doc}, nil)
	}
}
