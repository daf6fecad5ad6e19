package http

import (
	"net/http"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/wire/httpbody"
)

func writeFields(x *httpbody.XML, name string, m *weir.MultiMap) {
	x.Open(name)
	for _, key := range m.Keys() {
		for _, v := range m.List(key) {
			x.Element(httpbody.ElementName(key), v)
		}
	}
	x.Close(name)
}

// requestXML is a request as an XML document, in Mirth's form.
func requestXML(q *incoming, metadata, parts bool, types binaryTypes) string {
	var x httpbody.XML
	x.Open("HttpRequest")
	if metadata {
		x.Element("RemoteAddress", q.remoteAddress)
		x.Element("RequestUrl", q.url)
		x.Element("Method", q.method)
		x.Element("RequestPath", q.query)
		x.Element("RequestContextPath", q.path)
		writeFields(&x, "Parameters", q.parameters)
		writeFields(&x, "Header", q.headers)
	}
	httpbody.Form{Parts: parts, Binary: types.match, Text: decodeText}.Write(&x, "Content", q.mediaType, q.body)
	x.Close("HttpRequest")
	return x.String()
}

// responseXML is a response as an XML document, in Mirth's form.
func (s *Sender) responseXML(answer *http.Response, t httpbody.MediaType, types binaryTypes, body []byte) string {
	var x httpbody.XML
	x.Open("HttpResponse")
	if s.Response.Metadata {
		x.Element("Status", statusLine(answer))
		x.Open("Header")
		headers := multiHeaders(answer.Header)
		for _, name := range headers.Keys() {
			for _, v := range headers.List(name) {
				x.Open("Field")
				x.Element("Name", name)
				x.Element("Value", v)
				x.Close("Field")
			}
		}
		x.Close("Header")
	}
	httpbody.Form{Parts: s.Response.ParseMultipart, Binary: types.match, Text: decodeText}.Write(&x, "Body", t, body)
	x.Close("HttpResponse")
	return x.String()
}
