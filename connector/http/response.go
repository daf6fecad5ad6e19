package http

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
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

// errTooLarge is a body beyond its limit.
var errTooLarge = errors.New("the response is larger than is accepted")

// acceptedTooLarge is errTooLarge where the status says that the message is
// accepted.
type acceptedTooLarge struct{ limit int }

func (e *acceptedTooLarge) Error() string {
	return fmt.Sprintf("the message was accepted, but the response is larger than %d bytes", e.limit)
}

// tooLarge returns what a message becomes that is accepted with a response which
// cannot be kept: not queued, since it would be delivered again.
func tooLarge(err error) (r weir.Response, final bool) {
	var large *acceptedTooLarge
	if !errors.As(err, &large) {
		return r, false
	}
	return weir.Response{Status: weir.Error, StatusMessage: "The message was accepted, but its response is too large to be kept"}, true
}

// read reads a response, tells scripts about it, and returns its text.
func (s *Sender) read(w *watch, answer *http.Response, m *weir.Outbound) (string, error) {
	m.ConnectorMap["responseStatusCode"] = int32(answer.StatusCode)
	m.ConnectorMap["responseStatusLine"] = statusLine(answer)
	body, err := s.body(w, answer)
	m.ConnectorMap["responseHeaders"] = multiHeaders(answer.Header)
	if err != nil {
		return "", err
	}
	t := textPlain
	if text := answer.Header.Get("Content-Type"); text != "" {
		t, _ = parseMediaType(text)
	}
	types, err := s.types.get(m.Resolve(s.Response.BinaryTypes), s.Response.BinaryRegex)
	if err != nil {
		return "", err
	}
	if s.Response.XML {
		return s.responseXML(answer, t, types, body), nil
	}
	if types.match(t) {
		return base64Lines(body), nil
	}
	return decodeText(t, body), nil
}

// decodeText reads a body in its character set; ISO-8859-1 where it names none,
// or one that is not known.
func decodeText(t mediaType, body []byte) string {
	cs, err := t.charset("ISO-8859-1")
	if err != nil {
		cs, _ = textPlain.charset("ISO-8859-1")
	}
	return cs.Decode(body)
}

// body reads the body of a response, decompressed. The headers then describe
// what was read.
func (s *Sender) body(w *watch, answer *http.Response) ([]byte, error) {
	in, err := decompressed(answer, w.reader(answer.Body))
	if err != nil {
		return nil, err
	}
	body, err := readLimited(in, s.MaxResponse, errTooLarge)
	if errors.Is(err, errTooLarge) && answer.StatusCode < 400 {
		err = &acceptedTooLarge{s.MaxResponse}
	}
	return body, err
}

// decompressed returns the body without its content encoding.
func decompressed(answer *http.Response, in io.Reader) (io.Reader, error) {
	encoding := answer.Header.Get("Content-Encoding")
	deflated := strings.EqualFold(strings.TrimSpace(encoding), "deflate")
	if !gzipped(encoding) && !deflated || answer.Request != nil && answer.Request.Method == http.MethodHead {
		return in, nil
	}
	first := make([]byte, 2)
	n, err := io.ReadFull(in, first)
	if err == io.EOF {
		return bytes.NewReader(nil), nil // no body, whatever the header says
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	answer.Header.Del("Content-Encoding")
	answer.Header.Del("Content-Length")
	in = io.MultiReader(bytes.NewReader(first[:n]), in)
	if !deflated {
		return gzip.NewReader(in)
	}
	if first[0]&0x0f == 8 && (int(first[0])<<8|int(first[1]))%31 == 0 {
		return zlib.NewReader(in)
	}
	return flate.NewReader(in), nil // as some servers do
}

// readLimited reads all of in, or fails with tooLarge when there are more than
// limit bytes.
func readLimited(in io.Reader, limit int, tooLarge error) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	if len(body) > limit {
		return nil, tooLarge
	}
	return body, err
}

func statusLine(answer *http.Response) string {
	return strings.TrimRight(answer.Proto+" "+answer.Status, " ")
}

// multiHeaders are headers as scripts see them, in order of their names.
func multiHeaders(h http.Header) *weir.MultiMap {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	out := weir.NewMultiMap(weir.Headers)
	for _, name := range names {
		for _, v := range h[name] {
			out.Add(name, headerText(v))
		}
	}
	return out
}
