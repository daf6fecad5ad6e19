package java

import (
	"bytes"
	"errors"
	"regexp"
	"strings"

	"github.com/weir-health/weir/tree"
)

// inputSource is an org.xml.sax.InputSource.
type inputSource struct {
	characters *reader
	stream     *input
	system     string
	encoding   string
}

func (*inputSource) JavaClass() string { return "org.xml.sax.InputSource" }

// builderSettings are those of a DocumentBuilderFactory and of the DocumentBuilder
// that it makes.
type builderSettings struct {
	class                       string
	aware, noComments, coalesce bool
}

func (b *builderSettings) JavaClass() string { return b.class }

const parsersPackage = "javax.xml.parsers."

func parserClasses() []*Class {
	onSource := func(f func(s *inputSource, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*inputSource), c) }
	}
	on := func(f func(b *builderSettings, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*builderSettings), c) }
	}
	// What these are set to changes nothing here: document types are refused, and
	// nothing is read from elsewhere.
	ignored := func(*Call) any { return Void }
	newFactory := func(*Call) any { return &builderSettings{class: parsersPackage + "DocumentBuilderFactory"} }
	return []*Class{
		{Name: "org.xml.sax.InputSource", New: func(c *Call) any {
			s := &inputSource{}
			switch v := c.Object(0).(type) {
			case *reader:
				s.characters = v
			case *input:
				s.stream = v
			case nil:
			default:
				s.system = c.Text(0)
			}
			return s
		}, Methods: Methods{
			"setCharacterStream": onSource(func(s *inputSource, c *Call) any { s.characters, _ = c.Object(0).(*reader); return Void }),
			"setByteStream":      onSource(func(s *inputSource, c *Call) any { s.stream, _ = c.Object(0).(*input); return Void }),
			"setEncoding":        onSource(func(s *inputSource, c *Call) any { s.encoding = c.Text(0); return Void }),
			"getEncoding":        onSource(func(s *inputSource, _ *Call) any { return nullable(s.encoding) }),
			"setSystemId":        onSource(func(s *inputSource, c *Call) any { s.system = c.Text(0); return Void }),
			"getSystemId":        onSource(func(s *inputSource, _ *Call) any { return nullable(s.system) }),
			"setPublicId":        ignored, "getPublicId": func(*Call) any { return nil },
		}},
		{Name: parsersPackage + "DocumentBuilderFactory", Static: Methods{"newInstance": newFactory, "newDefaultInstance": newFactory,
			"newNSInstance": func(*Call) any {
				return &builderSettings{class: parsersPackage + "DocumentBuilderFactory", aware: true}
			}},
			Methods: Methods{
				"newDocumentBuilder": on(func(b *builderSettings, _ *Call) any {
					made := *b
					made.class = parsersPackage + "DocumentBuilder"
					return &made
				}),
				"setNamespaceAware":   on(func(b *builderSettings, c *Call) any { b.aware = c.Bool(0); return Void }),
				"isNamespaceAware":    on(func(b *builderSettings, _ *Call) any { return b.aware }),
				"setIgnoringComments": on(func(b *builderSettings, c *Call) any { b.noComments = c.Bool(0); return Void }),
				"isIgnoringComments":  on(func(b *builderSettings, _ *Call) any { return b.noComments }),
				"setCoalescing":       on(func(b *builderSettings, c *Call) any { b.coalesce = c.Bool(0); return Void }),
				"isCoalescing":        on(func(b *builderSettings, _ *Call) any { return b.coalesce }),
				"setValidating":       ignored, "setFeature": ignored, "setAttribute": ignored, "setXIncludeAware": ignored,
				"setExpandEntityReferences": ignored, "setIgnoringElementContentWhitespace": ignored,
				"isValidating": func(*Call) any { return false },
				"setSchema": func(c *Call) any {
					panic(c.Throw("java.lang.UnsupportedOperationException", "Weir has no XML Schema; look at what matters with XPath"))
				},
			}},
		{Name: parsersPackage + "DocumentBuilder", Methods: Methods{
			"parse":       on(func(b *builderSettings, c *Call) any { return c.parseDocument(b, c.xmlSource(0)).node() }),
			"newDocument": func(*Call) any { return newDocument().node() },
			"getDOMImplementation": func(*Call) any {
				return &object{domPackage + "DOMImplementation"}
			},
			"setErrorHandler": ignored, "setEntityResolver": ignored, "reset": ignored,
			"isNamespaceAware": on(func(b *builderSettings, _ *Call) any { return b.aware }),
			"isValidating":     func(*Call) any { return false },
		}},
		{Name: "org.xml.sax.SAXParseException", Super: "org.xml.sax.SAXException", New: newThrowable("org.xml.sax.SAXParseException"), Methods: Methods{
			"getLineNumber":   func(c *Call) any { return c.This.(*Throwable).line },
			"getColumnNumber": func(c *Call) any { return c.This.(*Throwable).column },
			"getSystemId":     func(*Call) any { return nil }, "getPublicId": func(*Call) any { return nil },
		}},
		{Name: "org.xml.sax.ErrorHandler"}, {Name: "org.xml.sax.EntityResolver"},
	}
}

// xmlSource reads an argument that is XML to be parsed to its end.
func (c *Call) xmlSource(i int) string {
	switch v := c.Object(i).(type) {
	case *inputSource:
		switch {
		case v.characters != nil:
			return v.characters.rest(c)
		case v.stream != nil:
			return c.xmlText(v.stream.rest(c), v.encoding)
		case v.system != "":
			return c.xmlFile(v.system)
		}
		panic(c.Throw("java.net.MalformedURLException", "an InputSource without a stream"))
	case *input:
		return c.xmlText(v.rest(c), "")
	case *reader:
		return v.rest(c)
	case *file:
		return c.xmlFile(v.path)
	case nil:
		panic(c.Throw("java.lang.IllegalArgumentException", "InputStream cannot be null"))
	}
	return c.xmlFile(c.Text(i))
}

// xmlFile reads a file by its path or address. Nothing of a text that is XML goes into
// an error.
func (c *Call) xmlFile(path string) string {
	lower := strings.ToLower(path)
	switch {
	case strings.Contains(path, "<"):
		panic(c.VM.ThrowJava(&Throwable{Class: "java.net.MalformedURLException", HasText: true, Plain: true,
			Message: "XML was given where the name of a file is wanted; use new InputSource(new java.io.StringReader(text))"}))
	case strings.HasPrefix(lower, "http:"), strings.HasPrefix(lower, "https:"):
		panic(c.VM.ThrowJava(&Throwable{Class: "java.net.MalformedURLException", HasText: true, Plain: true,
			Message: "documents are not read from addresses; use new java.net.URL(address).openStream()"}))
	case strings.HasPrefix(lower, "file:"):
		path = "/" + strings.TrimLeft(path[len("file:"):], "/")
	}
	b, err := c.readFile(path)
	if err != nil {
		panic(c.throwFile(path, err))
	}
	return c.xmlText(b, "")
}

var declaredEncoding = regexp.MustCompile(`^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// xmlText is the text of XML that is bytes: in the encoding that is given, or that
// its first bytes show.
func (c *Call) xmlText(b []byte, encoding string) string {
	start := b[:min(len(b), 1000)]
	switch {
	case encoding != "":
	case bytes.HasPrefix(b, []byte("\xfe\xff")), bytes.HasPrefix(b, []byte("\xff\xfe")):
		encoding = "UTF-16"
	case bytes.HasPrefix(b, []byte("<\x00")):
		encoding = "UTF-16LE"
	case bytes.HasPrefix(b, []byte("\x00<")):
		encoding = "UTF-16BE"
	default:
		if m := declaredEncoding.FindSubmatch(start); m != nil {
			encoding = string(m[1])
		}
	}
	return strings.TrimPrefix(c.decode(b, encoding), "\ufeff")
}

var (
	declaration   = regexp.MustCompile(`^<\?xml\s[^>]*\?>`)
	saysVersion   = regexp.MustCompile(`\sversion\s*=\s*["']([0-9.]+)["']`)
	saysEncoding  = regexp.MustCompile(`\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)
	saysStandsYes = regexp.MustCompile(`\sstandalone\s*=\s*["']yes["']`)
)

// parseDocument reads a document.
func (c *Call) parseDocument(b *builderSettings, text string) *domDocument {
	top, err := tree.ParseXMLDocument(text, tree.XMLOptions{DropComments: b.noComments, AsWritten: !b.aware,
		Stopped: func() bool { return c.VM.Context.Err() != nil }})
	if err != nil {
		t := &Throwable{Class: "org.xml.sax.SAXParseException", Message: err.Error(), HasText: true, Plain: true}
		var at *tree.XMLError
		if errors.As(err, &at) {
			t.line, t.column = at.Line, at.Column
		}
		panic(c.VM.ThrowJava(t))
	}
	d := newDocument()
	head := declaration.FindString(text[:min(len(text), 1000)])
	if m := saysVersion.FindStringSubmatch(head); m != nil {
		d.version = m[1]
	}
	if m := saysEncoding.FindStringSubmatch(head); m != nil {
		d.encoding = m[1]
	}
	d.standalone = saysStandsYes.MatchString(head)
	d.root.Fill(top...)
	for _, n := range top {
		domNames(n, b.aware)
	}
	if b.coalesce {
		coalesce(d.root)
	}
	return d
}

// domNames gives elements their names as the DOM has them: those of a parser that is not
// aware of namespaces are names of level 1; for one that is, declarations are
// attributes, too.
func domNames(n *tree.Node, aware bool) {
	if n.Kind != tree.Element {
		return
	}
	if aware {
		for _, s := range n.Namespaces() {
			name := tree.Name{Space: xmlnsSpace, Prefix: "xmlns", Local: s.Prefix}
			if s.Prefix == "" {
				name = tree.Name{Space: xmlnsSpace, Local: "xmlns"}
			}
			n.FillAttribute(name, s.URI)
		}
	} else {
		n.Name.Space = level1
		for _, a := range n.Attributes() {
			a.Name.Space = level1
		}
	}
	if _, leaf := n.LeafText(); leaf {
		return
	}
	for _, child := range n.Children() {
		domNames(child, aware)
	}
}

// coalesce makes texts of CDATA sections.
func coalesce(n *tree.Node) {
	if _, leaf := n.LeafText(); leaf || n.Kind != tree.Element {
		return
	}
	for _, child := range n.Children() {
		if child.Kind == tree.CDATA {
			child.Kind = tree.Text
		}
		coalesce(child)
	}
	normalize(n)
}
