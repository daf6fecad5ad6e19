package http

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/httpclient"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/wire/httpbody"
)

// responseSettings say what becomes of the body of a response.
type responseSettings struct {
	XML            bool
	ParseMultipart bool
	Metadata       bool
	BinaryTypes    config.Template
	BinaryRegex    bool
}

// Fields lists the settings.
func (s *responseSettings) Fields(f *config.Fields) {
	f.Bool(&s.XML, "responseXmlBody", false, "Keep the response as an XML document around its body.")
	f.Bool(&s.ParseMultipart, "responseParseMultipart", true, "Show the parts of a multipart body in the XML document.")
	f.Bool(&s.Metadata, "responseIncludeMetadata", false, "Show the status and the headers in the XML document.")
	f.Template(&s.BinaryTypes, "responseBinaryMimeTypes", binaryDefault, "Media types of responses that are bytes and are kept in base64.")
	f.Bool(&s.BinaryRegex, "responseBinaryMimeTypesRegex", true, "The types are a regular expression. Off: they are beginnings, separated by commas.")
}

// typesCache holds the compiled form of the last text of responseBinaryMimeTypes.
type typesCache struct {
	mu    sync.Mutex
	text  string
	types *binaryTypes
}

func (c *typesCache) get(text string, regex bool) (binaryTypes, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.types != nil && c.text == text {
		return *c.types, nil
	}
	types, err := binaryTypesOf(text, regex, "responseBinaryMimeTypes")
	if err == nil {
		c.text, c.types = text, &types
	}
	return types, err
}

// read reads a response, tells scripts about it, and returns its text. asked is the
// character set of the request.
func (s *Sender) read(w *httpclient.Watch, answer *http.Response, m *weir.Outbound, asked string) (string, error) {
	m.ConnectorMap["responseStatusCode"] = int32(answer.StatusCode)
	m.ConnectorMap["responseStatusLine"] = statusLine(answer)
	body, err := w.ReadBody(answer, s.MaxResponse)
	m.ConnectorMap["responseHeaders"] = multiHeaders(answer.Header)
	if err != nil {
		return "", err
	}
	// Mirth takes the character set of the request for a type that names none, and
	// ISO-8859-1 where there is no type.
	t, assumed := httpbody.TextPlain, "ISO-8859-1"
	if text := answer.Header.Get("Content-Type"); text != "" {
		t, _ = httpbody.ParseMediaType(text)
		assumed = asked
	}
	types, err := s.types.get(m.Resolve(s.Response.BinaryTypes), s.Response.BinaryRegex)
	if err != nil {
		return "", err
	}
	if s.Response.XML {
		return s.responseXML(answer, t, types, body, assumed), nil
	}
	if types.match(t) {
		return httpbody.Base64Lines(body), nil
	}
	return decodeAs(t, body, assumed), nil
}

// decodeText reads a body or part in its character set; ISO-8859-1 where it names
// none, or one that is not known.
func decodeText(t httpbody.MediaType, body []byte) string { return decodeAs(t, body, "ISO-8859-1") }

func decodeAs(t httpbody.MediaType, body []byte, assumed string) string {
	cs, err := charsetOf(t, assumed)
	if err != nil {
		cs, _ = charsetOf(httpbody.TextPlain, assumed)
	}
	return cs.Decode(body)
}

// statusLine is the first line of a response; a server may leave the words out, but
// not the blank before them.
func statusLine(answer *http.Response) string {
	words := strings.TrimPrefix(answer.Status, strconv.Itoa(answer.StatusCode))
	return fmt.Sprintf("%s %d %s", answer.Proto, answer.StatusCode, strings.TrimPrefix(words, " "))
}

// multiHeaders are headers as scripts see them: with names in small letters, in the
// order of the map that Mirth holds them in.
func multiHeaders(h http.Header) *weir.MultiMap {
	out := weir.NewMultiMap(weir.Headers)
	for _, name := range httpfield.CaseInsensitiveOrder(headerNames(h)) {
		small := strings.ToLower(name)
		for _, v := range h[name] {
			out.Add(small, httpfield.Text(v))
		}
	}
	return out
}
