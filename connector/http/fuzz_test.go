package http

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/wire/digest"
	"github.com/weir-health/weir/wire/httpbody"
)

// Whatever comes, a header stays one line, and what is written is read again.
func FuzzHeaders(f *testing.F) {
	f.Add("text/plain; charset=utf-8", "X-A\r\nX-B: 1")
	f.Add(`multipart/mixed; boundary="a\"b;c"`, `Digest realm="a,b", qop="auth`)
	f.Fuzz(func(t *testing.T, contentType, text string) {
		if m, ok := httpbody.ParseMediaType(contentType); ok {
			again, _ := httpbody.ParseMediaType(m.String())
			if again.String() != m.String() {
				t.Errorf("%q is written as %q and that as %q", contentType, m.String(), again.String())
			}
		}
		parseChallenges(text)
		digest.Parameters(text)
		for _, line := range []string{httpfield.Name(text), httpfield.Value(text)} {
			if strings.ContainsAny(line, "\r\n\x00") {
				t.Errorf("a header of %q is %q", text, line)
			}
		}
	})
}

// The XML form of any request is well formed.
func FuzzRequestXML(f *testing.F) {
	f.Add("multipart/mixed; boundary=B", "--B\r\nX: y\r\n\r\nbody\r\n--B--", "a b")
	f.Add("text/plain", "\x00\xff<&]]>", "1")
	f.Fuzz(func(t *testing.T, contentType, body, name string) {
		q := &incoming{body: []byte(body), headers: weir.NewMultiMap(weir.Headers), parameters: weir.NewMultiMap(weir.Parameters), query: utf8Text([]byte(name))}
		q.mediaType, _ = httpbody.ParseMediaType(utf8Text([]byte(contentType)))
		q.headers.Add(utf8Text([]byte(name)), utf8Text([]byte(body)))
		d := xml.NewDecoder(strings.NewReader(requestXML(q, true, true, binaryTypes{})))
		for {
			if _, err := d.Token(); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("%q, %q, %q: %v", contentType, body, name, err)
			}
		}
	})
}
