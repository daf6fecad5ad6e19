package http

import (
	"net/http"
	"slices"

	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/wire/httpbody"
)

// requestXML is a request as an XML document, in Mirth's form.
func requestXML(q *incoming, metadata, parts bool, types binaryTypes) string {
	e := &httpbody.Element{Name: "HttpRequest"}
	if metadata {
		e.Add("RemoteAddress", q.remoteAddress)
		e.Add("RequestUrl", q.url)
		e.Add("Method", q.method)
		e.Add("RequestPath", q.query)
		e.Add("RequestContextPath", q.path)
		if q.parameters.Len() > 0 {
			parameters := e.Add("Parameters", "")
			for _, name := range q.parameters.Keys() {
				for _, value := range q.parameters.List(name) {
					parameters.Add(httpbody.ElementName(name), value)
				}
			}
		}
		header := e.Add("Header", "")
		for _, name := range headerNames(q.header) {
			for _, value := range q.header[name] {
				header.Add(httpbody.ElementName(name), httpfield.Text(value))
			}
		}
	}
	form := httpbody.Form{Parts: parts, Binary: types.match, Text: decodeText}
	if !parts || !q.mediaType.Multipart() {
		form.Text = func(t httpbody.MediaType, b []byte) string { return decodeAs(t, b, assumedCharset(t)) }
	}
	e.Children = append(e.Children, form.Element("Content", q.mediaType, q.body))
	return e.String()
}

// responseXML is a response as an XML document, in Mirth's form. The body is in a
// character set that its type may not name.
func (s *Sender) responseXML(answer *http.Response, t httpbody.MediaType, types binaryTypes, body []byte, assumed string) string {
	e := &httpbody.Element{Name: "HttpResponse"}
	if s.Response.Metadata {
		e.Add("Status", statusLine(answer))
		header := e.Add("Header", "")
		for _, name := range headerNames(answer.Header) {
			for _, value := range answer.Header[name] {
				field := header.Add("Field", "")
				field.Add("Name", name)
				field.Add("Value", httpfield.Text(value))
			}
		}
	}
	form := httpbody.Form{Parts: s.Response.ParseMultipart, Binary: types.match, Text: decodeText}
	if !s.Response.ParseMultipart || !t.Multipart() {
		form.Text = func(t httpbody.MediaType, b []byte) string { return decodeAs(t, b, assumed) }
	}
	e.Children = append(e.Children, form.Element("Body", t, body))
	return e.String()
}

// headerNames are the names of headers in the order of Java's HashMap, in which Mirth
// holds them.
func headerNames(h http.Header) []string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return httpfield.HashOrder(names)
}
