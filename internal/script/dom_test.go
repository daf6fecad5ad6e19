package script_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
)

// domHead reads a document as scripts in the field do.
const domHead = `var P = Packages.javax.xml.parsers, X = Packages.javax.xml.xpath, T = Packages.javax.xml.transform;
	function parse(text, aware) {
		var f = P.DocumentBuilderFactory.newInstance();
		if (aware) f.setNamespaceAware(true);
		return f.newDocumentBuilder().parse(new Packages.org.xml.sax.InputSource(new java.io.StringReader(text)));
	}
	function write(node, props) {
		var t = T.TransformerFactory.newInstance().newTransformer(), w = new java.io.StringWriter();
		t.setOutputProperty(T.OutputKeys.OMIT_XML_DECLARATION, 'yes');
		for (var k in props) t.setOutputProperty(k, props[k]);
		t.transform(new T.dom.DOMSource(node), new T.stream.StreamResult(w));
		return w.toString();
	}
	function find(expression, node, type) { return X.XPathFactory.newInstance().newXPath().evaluate(expression, node, type) }
	`

func TestDOM(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"walking", `var d = parse('<r a="1"><x>1</x> <y/></r>'), r = d.getDocumentElement(), s = '';
			for (var c = r.getFirstChild(); c != null; c = c.getNextSibling()) s += c.getNodeName() + c.getNodeType() + ' ';
			return s + r.tagName + r.getAttribute('a') + r.getAttribute('b') + r.childNodes.length + d.nodeName`, "x1 #text3 y1 r13#document"},
		{"a loop over elements", `var l = parse('<r><o><id>1</id></o><o><id>2</id></o></r>').getElementsByTagName('id'), s = '';
			for (var i = 0; i < l.getLength(); i++) s += l.item(i).getTextContent() + l.item(i).parentNode.nodeName; return s + l.item(9)`, "1o2onull"},
		{"texts and values", `var r = parse('<r>a<![CDATA[<b>]]><!--c-->&amp;d</r>').documentElement;
			return [r.textContent, r.nodeValue, r.firstChild.nodeValue, r.childNodes.item(1).getData(), r.childNodes.item(2).nodeName].join()`, "a<b>&d,,a,<b>,#comment"},
		{"text of Java", `var r = parse('<r>a</r>').documentElement; return typeof r.getTextContent() + (r.textContent == 'a') + r.textContent.length()`, "objecttrue1"},
		{"null", `var d = parse('<r/>'); return [d.getNodeValue() === null, d.documentElement.firstChild === null, d.ownerDocument === null, d.documentElement.parentNode == d, d.textContent].join()`, "true,true,true,true,"},
		{"the same object", `var r = parse('<r><x/></r>').documentElement; return [r.firstChild === r.childNodes.item(0), r.firstChild.equals(r.lastChild), r.isSameNode(r.firstChild.parentNode), r.firstChild == r].join()`, "true,true,true,false"},
		{"as text", `var r = parse('<r a="1">t</r>').documentElement; return r + ' ' + r.firstChild + ' ' + r.getAttributeNode('a') + ' ' + r.ownerDocument`, `[r: null] [#text: t] a="1" [#document: null]`},
		{"classes", `var r = parse('<r a="1">t<!--c--></r>').documentElement; return [r, r.firstChild, r.lastChild, r.attributes.item(0), r.ownerDocument, r.childNodes].map(function (n) { return n.getClass().getSimpleName() }).join() +
			(r instanceof Packages.org.w3c.dom.Node) + (r.getNodeType() == Packages.org.w3c.dom.Node.ELEMENT_NODE)`, "Element,Text,Comment,Attr,Document,NodeListtruetrue"},
		{"attributes in order", `var a = parse('<r z="1" b="2" a="3"/>').documentElement.getAttributes(), s = ''; for (var i = 0; i < a.getLength(); i++) s += a.item(i).getName() + '=' + a.item(i).value + ' '; return s + a.getNamedItem('b').getNodeValue() + a.getNamedItem('x')`, "a=3 b=2 z=1 2null"},
		{"lists are alive", `var r = parse('<r><x/></r>').documentElement, l = r.getElementsByTagName('*'), n = r.childNodes; r.appendChild(r.ownerDocument.createElement('y')); return l.length + ',' + n.length`, "2,2"},

		{"building", `var d = P.DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument(), r = d.createElement('root');
			d.appendChild(r); r.setAttribute('id', 'a"<&'); var x = d.createElement('x'); x.appendChild(d.createTextNode('1 < 2 & 3')); r.appendChild(x);
			r.insertBefore(d.createComment(' c '), x); r.appendChild(d.createCDATASection('<y>')); r.appendChild(d.createProcessingInstruction('p', 'q')); return write(d)`,
			`<root id="a&quot;&lt;&amp;"><!-- c --><x>1 &lt; 2 &amp; 3</x><![CDATA[<y>]]><?p q?></root>`},
		{"changing", `var d = parse('<r><a/><b/><c/></r>'), r = d.documentElement, a = r.firstChild; r.removeChild(a); r.replaceChild(d.createElement('n'), r.firstChild); r.appendChild(a);
			r.insertBefore(r.lastChild, r.firstChild); r.lastChild.setTextContent('t'); return write(r)`, "<r><a/><n/><c>t</c></r>"},
		{"a fragment", `var d = parse('<r><z/></r>'), f = d.createDocumentFragment(); f.appendChild(d.createElement('a')); f.appendChild(d.createTextNode('t')); d.documentElement.insertBefore(f, d.documentElement.firstChild); return write(d) + f.hasChildNodes()`, "<r><a/>t<z/></r>false"},
		{"clone and import", `var d = parse('<r><a k="1"><b/></a></r>'), e = parse('<s/>'), a = d.documentElement.firstChild; e.documentElement.appendChild(e.importNode(a, true)); e.documentElement.appendChild(e.importNode(a, false));
			return write(e) + write(a.cloneNode(true)) + write(a.cloneNode(false)) + write(d.cloneNode(true)) + a.cloneNode(true).isEqualNode(a)`, `<s><a k="1"><b/></a><a k="1"/></s><a k="1"><b/></a><a k="1"/><r><a k="1"><b/></a></r>true`},
		{"adopt", `var d = parse('<r><a/></r>'), e = parse('<s/>'); e.documentElement.appendChild(e.adoptNode(d.documentElement.firstChild)); return write(e) + write(d)`, "<s><a/></s><r/>"},
		{"attribute nodes", `var d = parse('<r a="1"/>'), r = d.documentElement, n = d.createAttribute('b'); n.setValue('2'); r.setAttributeNode(n); n.value = '3'; var old = r.removeAttributeNode(r.getAttributeNode('a')); return write(r) + old.value + old.ownerElement + n.ownerElement.tagName`, `<r b="3"/>1nullr`},
		{"characters", `var t = parse('<r>hello world</r>').documentElement.firstChild; t.replaceData(0, 5, 'HI'); t.appendData('!'); var s = t.splitText(2); return [t.data, s.data, s.wholeText, s.substringData(1, 3), s.length, t.parentNode.childNodes.length].join('|')`, "HI| world!|HI world!|wor|7|2"},
		{"normalize", `var d = parse('<r>a</r>'), r = d.documentElement; r.appendChild(d.createTextNode('b')); r.appendChild(d.createTextNode('')); r.normalize(); return r.childNodes.length + r.firstChild.data`, "1ab"},
		{"elements of XML of the script", `var d = parse(<r><x>é</x></r>); return d.documentElement.textContent`, "é"},

		{"names without namespaces", `var r = parse('<p:r xmlns:p="urn:p" xmlns="urn:d"><x/></p:r>').documentElement; return [r.nodeName, r.localName, r.namespaceURI, r.prefix, r.getAttribute('xmlns:p'), r.attributes.length].join()`, "p:r,,,,urn:p,2"},
		{"names with namespaces", `var r = parse('<p:r xmlns:p="urn:p" xmlns="urn:d"><x/></p:r>', true).documentElement; return [r.nodeName, r.localName, r.namespaceURI, r.prefix, r.firstChild.namespaceURI, r.lookupNamespaceURI('p'), r.lookupPrefix('urn:p'), r.getElementsByTagNameNS('urn:d', 'x').length, r.getElementsByTagNameNS('*', '*').length].join()`, "p:r,r,urn:p,p,urn:d,urn:p,p,1,1"},
		{"a prefix that nothing declares", `return parse('<q:r/>').documentElement.nodeName`, "q:r"},
		{"a prefix that nothing declares, aware", `try { parse('<q:r/>', true) } catch (e) { return e.javaException.getClass().getName() + e.javaException.getLineNumber() }`, "org.xml.sax.SAXParseException1"},
		{"createElementNS", `var d = P.DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument(); var r = d.createElementNS('urn:x', 'p:r'); d.appendChild(r); r.appendChild(d.createElementNS('urn:x', 'p:c')); r.appendChild(d.createElementNS('urn:y', 'd')).setAttributeNS('urn:z', 'z:k', 'v'); r.setAttributeNS('http://www.w3.org/2000/xmlns/', 'xmlns:q', 'urn:q'); r.appendChild(d.createElement('plain')); return write(d)`,
			`<p:r xmlns:q="urn:q" xmlns:p="urn:x"><p:c/><d xmlns:z="urn:z" xmlns="urn:y" z:k="v"/><plain/></p:r>`},
		{"an element of no namespace in one that has a default", `var d = parse('<r xmlns="urn:d"/>', true); d.documentElement.appendChild(d.createElement('a')); d.documentElement.appendChild(d.createElementNS(null, 'b')); return write(d)`, `<r xmlns="urn:d"><a/><b xmlns=""/></r>`},
		{"written as it was", `return write(parse('<p:r xmlns:p="urn:p" xmlns="urn:d"><x xmlns="urn:d" p:k="1">&#13;</x><y xmlns=""/></p:r>', true)) + write(parse('<p:r xmlns="urn:d" xmlns:p="urn:p"><x p:k="1"/></p:r>'))`,
			`<p:r xmlns="urn:d" xmlns:p="urn:p"><x p:k="1">&#13;</x><y xmlns=""/></p:r><p:r xmlns="urn:d" xmlns:p="urn:p"><x p:k="1"/></p:r>`},

		{"the declaration", `var d = parse('<r/>'), T_ = T.TransformerFactory.newInstance().newTransformer(), w = new java.io.StringWriter(); T_.transform(new T.dom.DOMSource(d), new T.stream.StreamResult(w)); return w.toString()`, `<?xml version="1.0" encoding="UTF-8" standalone="no"?><r/>`},
		{"the declaration of one that stands alone", `var d = parse('<r/>'); d.setXmlStandalone(true); return write(d, {'omit-xml-declaration': 'no'}) + write(d.documentElement, {'omit-xml-declaration': 'no'})`, `<?xml version="1.0" encoding="UTF-8"?><r/><?xml version="1.0" encoding="UTF-8"?><r/>`},
		{"indented", `return write(parse('<r><a><b/></a>t</r>'), {indent: 'yes'}) + write(parse('<r><a><b/></a></r>'), {indent: 'yes', '{http://xml.apache.org/xslt}indent-amount': '2', 'omit-xml-declaration': 'no'})`, "<r><a><b/></a>t</r>\n<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<r>\n  <a>\n    <b/>\n  </a>\n</r>\n"},
		{"indented by four", `return write(parse('<r><a/></r>'), {indent: 'yes'})`, "<r>\n    <a/>\n</r>\n"},
		{"a declaration of the text", `var d = parse('<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?><r/>'); return [d.xmlEncoding, d.xmlVersion, d.xmlStandalone].join()`, "ISO-8859-1,1.0,true"},
		{"a stylesheet over nodes", `var s = '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:output omit-xml-declaration="yes"/><xsl:template match="/"><n><xsl:value-of select="count(//x)"/></n></xsl:template></xsl:stylesheet>';
			var t = T.TransformerFactory.newInstance().newTransformer(new T.stream.StreamSource(new java.io.StringReader(s))), r = new T.dom.DOMResult();
			t.transform(new T.dom.DOMSource(parse('<r><x/><x/></r>')), r); return r.getNode().getDocumentElement().getTextContent()`, "2"},
		{"text into a node", `var d = parse('<r/>'), t = T.TransformerFactory.newInstance().newTransformer(); t.transform(new T.stream.StreamSource(new java.io.StringReader('<x>1</x>')), new T.dom.DOMResult(d.documentElement)); return write(d)`, "<r><x>1</x></r>"},
		{"bytes", `var b = P.DocumentBuilderFactory.newInstance().newDocumentBuilder(); function of(s, cs) { return b.parse(new java.io.ByteArrayInputStream(new java.lang.String(s).getBytes(cs))).documentElement.textContent }
			return of('<r>é</r>', 'UTF-8') + of('<?xml version="1.0" encoding="ISO-8859-1"?><r>é</r>', 'ISO-8859-1') + of('<r>é</r>', 'UTF-16') + of('<r>é</r>', 'UTF-16LE')`, "éééé"},
		{"an encoding that is given", `var s = new Packages.org.xml.sax.InputSource(new java.io.ByteArrayInputStream(new java.lang.String('<r>é</r>').getBytes('ISO-8859-1'))); s.setEncoding('ISO-8859-1'); return P.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(s).documentElement.textContent`, "é"},
		{"comments and sections", `var f = P.DocumentBuilderFactory.newInstance(); f.setIgnoringComments(true); f.setCoalescing(true); return f.newDocumentBuilder().parse(new Packages.org.xml.sax.InputSource(new java.io.StringReader('<r>a<![CDATA[b]]><!--c-->d</r>'))).documentElement.childNodes.length`, "1"},
		{"createDocument", `return write(P.DocumentBuilderFactory.newInstance().newDocumentBuilder().getDOMImplementation().createDocument('urn:x', 'x:r', null))`, `<x:r xmlns:x="urn:x"/>`},

		{"XPath", `var d = parse('<r><o n="1"><id>a</id></o><o n="2"><id>b</id></o></r>'), l = find('//o[@n > 1]/id', d, X.XPathConstants.NODESET);
			return [l.length, l.item(0).textContent, find('count(//o)', d, X.XPathConstants.NUMBER) + 1, find('/r/o/id', d, X.XPathConstants.NODE).textContent, find('//o/@n', d), find('boolean(//x)', d, X.XPathConstants.BOOLEAN), find('//x', d, X.XPathConstants.NODE), find('../@n', l.item(0))].join()`, "1,b,3,a,1,false,,2"},
		{"XPath compiled", `var e = X.XPathFactory.newInstance().newXPath().compile('string(//b)'); return e.evaluate(parse('<a><b>1</b></a>')) + e.evaluate(new Packages.org.xml.sax.InputSource(new java.io.StringReader('<a><b>2</b></a>')))`, "12"},
		{"XPath and namespaces", `var d = parse('<r xmlns="urn:d" xmlns:p="urn:p"><p:x>1</p:x></r>', true), x = X.XPathFactory.newInstance().newXPath(); x.setNamespaceContext(new Packages.javax.xml.namespace.NamespaceContext({getNamespaceURI: function (p) { return {d: 'urn:d', q: 'urn:p'}[p] }}));
			return [x.evaluate('/d:r/q:x', d), x.evaluate('count(/r)', d), x.evaluate("//*[local-name()='x']", d), x.evaluate('namespace-uri(/*)', d)].join()`, "1,0,1,urn:d"},
		{"XPath without namespaces", `var d = parse('<r xmlns="urn:d" xmlns:p="urn:p"><p:x>1</p:x><y>2</y></r>'); return [find('/r/y', d), find("//*[local-name()='x']", d), find('count(//x)', d), find('name(/r/*[1])', d), find('namespace-uri(/r/*[1])', d), find('/r/@xmlns', d)].join()`, "2,1,0,p:x,,"},
		{"XPath sees changes", `var d = parse('<r><x/></r>'), n = find('count(//x)', d); d.documentElement.appendChild(d.createElement('x')); return n + find('count(//x)', d)`, "12"},
		{"XPath finds what can be changed", `var d = parse('<r><x k="1">t</x></r>'); find('//x/text()', d, X.XPathConstants.NODE).setNodeValue('u'); find('//@k', d, X.XPathConstants.NODE).setValue('2'); return write(d)`, `<r><x k="2">u</x></r>`},
		{"a document that outlives its run", `globalMap.put('doc', parse('<r><x>1</x></r>')); return $g('doc').getElementsByTagName('x').item(0).textContent`, "1"},
		{"QName", `var q = new Packages.javax.xml.namespace.QName('urn:x', 'l'); return q + q.getLocalPart() + q.equals(new Packages.javax.xml.namespace.QName('urn:x', 'l', 'p'))`, "{urn:x}lltrue"},
	}
	for _, c := range cases {
		got, err := runBody(t, newScope(), domHead+c.body)
		if err != nil {
			t.Errorf("%s: %s", c.name, detail(err))
		} else if strings.TrimSuffix(fmt.Sprint(got), ".0") != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.name, got, c.want)
		}
	}
}

// TestDOMRefuses has what no script may do, or does by mistake, end in an error that
// says what it is.
func TestDOMRefuses(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"a document type", `parse('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>')`, "a document type is not accepted"},
		{"entities", `parse('<r>&x;</r>')`, "SAXParseException"},
		{"no XML", `parse('MSH|')`, "text outside of the root element"},
		{"XML for a file's name", `P.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse('<r/>')`, "new InputSource(new java.io.StringReader(text))"},
		{"a file that is not granted", `P.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse('/etc/hostname')`, "is not granted"},
		{"a file's address that is not granted", `P.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse('file:///etc/hostname')`, "/etc/hostname is not granted"},
		{"an address", `P.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse('http://localhost/x.xml')`, "openStream()"},
		{"a node of another document", `parse('<a/>').documentElement.appendChild(parse('<b/>').documentElement)`, "WRONG_DOCUMENT_ERR"},
		{"two root elements", `var d = parse('<a/>'); d.appendChild(d.createElement('b'))`, "HIERARCHY_REQUEST_ERR"},
		{"text in a document", `var d = parse('<a/>'); d.appendChild(d.createTextNode('b'))`, "HIERARCHY_REQUEST_ERR"},
		{"into itself", `var r = parse('<a><b/></a>').documentElement; r.firstChild.appendChild(r)`, "HIERARCHY_REQUEST_ERR"},
		{"no child", `var r = parse('<a><b><c/></b></a>').documentElement; r.removeChild(r.firstChild.firstChild)`, "NOT_FOUND_ERR"},
		{"no name", `parse('<a/>').createElement('a b')`, "INVALID_CHARACTER_ERR"},
		{"no namespace", `parse('<a/>').createElementNS(null, 'p:a')`, "NAMESPACE_ERR"},
		{"no node", `parse('<a/>').documentElement.appendChild('text')`, "ClassCastException"},
		{"null", `parse('<a/>').documentElement.appendChild(null)`, "NullPointerException"},
		{"deep from the top", `var d = parse('<a/>'), e = d.documentElement; for (var i = 0; i < 1100; i++) e = e.appendChild(d.createElement('x'))`, "More elements lie in one another"},
		{"deep from below", `var d = parse('<a/>'), e = d.createElement('x'); for (var i = 0; i < 1100; i++) { var o = d.createElement('x'); o.appendChild(e); e = o }`, "More elements lie in one another"},
		{"doubling", `var d = parse('<a/>'), e = d.documentElement; for (;;) { var k = e.cloneNode(true); e = d.createElement('x'); e.appendChild(k); e.appendChild(k.cloneNode(true)) }`, "a copy of more than"},
		{"no expression", `find('//[', parse('<a/>'))`, "XPathExpressionException"},
		{"a prefix of an expression", `find('//p:a', parse('<a/>'))`, "XPathExpressionException"},
		{"nodes of a value", `find('1', parse('<a/>'), X.XPathConstants.NODESET)`, "the expression gives a value"},
		{"text for a node", `find('//a', '<a/>')`, "read the text with DocumentBuilder.parse first"},
		{"variables", `X.XPathFactory.newInstance().newXPath().setXPathVariableResolver({})`, "write the value into the expression"},
		{"a schema", `P.DocumentBuilderFactory.newInstance().setSchema(null)`, "no XML Schema"},
	} {
		scope := newScope()
		_, err := runBody(t, scope, domHead+c.body)
		if err == nil || !strings.Contains(detail(err), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// Files are read and written where they are granted.
func TestDOMFiles(t *testing.T) {
	dir := t.TempDir()
	got, err := granted(t, weir.Access{Files: []string{dir}}, domHead+`FileUtil.write('`+dir+`/in.xml', false, '<r>é</r>');
		var d = P.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new java.io.File('`+dir+`/in.xml'));
		T.TransformerFactory.newInstance().newTransformer().transform(new T.dom.DOMSource(d.documentElement), new T.stream.StreamResult(new java.io.File('`+dir+`/out.xml')));
		return FileUtil.read('`+dir+`/out.xml')`)
	if err != nil || fmt.Sprint(got) != `<?xml version="1.0" encoding="UTF-8"?><r>é</r>` {
		t.Errorf("got %v, %v", got, err)
	}
}

// A document in globalMap may meet several scripts at the same time.
func TestDOMShared(t *testing.T) {
	scope := newScope()
	if _, err := runBody(t, scope, domHead+`globalMap.put('doc', parse('<r><x>1</x><x>2</x></r>')); return ''`); err != nil {
		t.Fatal(detail(err))
	}
	p, err := script.CompileScript("reader", nil, script.Part{Name: "body", Code: domHead + `var d = $g('doc'), r = d.documentElement, s = '';
		for (var i = 0; i < 50; i++) {
			s += d.getElementsByTagName('x').item(i % 2).textContent + find('//x[1]', d) + r.firstChild.nextSibling.nodeName;
			var y = r.appendChild(d.createElement('y')); y.setAttribute('k', 'v'); write(d); r.removeChild(y);
		}
		return s`})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			own := newScope()
			own.Global = scope.Global
			got, err := p.Run(t.Context(), own)
			if want := strings.Repeat("11x21x", 25); err != nil || fmt.Sprint(got) != want {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	all.Wait()
	if got, err := runBody(t, scope, domHead+`return write($g('doc'))`); err != nil || fmt.Sprint(got) != "<r><x>1</x><x>2</x></r>" {
		t.Errorf("at the end %v, %v", got, err)
	}
}
