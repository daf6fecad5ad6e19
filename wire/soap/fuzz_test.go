package soap

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// What is kept of an envelope is one again, and the same when it is kept again;
// with a token it is one, too.
func FuzzEnvelope(f *testing.F) {
	for _, glob := range []string{"testdata/response/*.xml", "testdata/wsdl/*.wsdl"} {
		names, _ := filepath.Glob(glob)
		for _, name := range names {
			f.Add(read1(f, name))
		}
	}
	f.Add(fmt.Sprintf(envelope11, `<s:Header/><s:Body><s:Fault><faultcode>s:Client</faultcode></s:Fault></s:Body>`))
	f.Add(fmt.Sprintf(envelope12, `<s:Body>&#13;<![CDATA[]]]]><a xmlns="" p:x="1" xmlns:p="u"/></s:Body>`))
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			return
		}
		kept := e.String()
		again, err := Parse(kept)
		if err != nil {
			t.Fatalf("%q is kept as %q: %v", text, kept, err)
		}
		if again.String() != kept {
			t.Fatalf("%q is kept as %q and that as %q", text, kept, again)
		}
		if fault := e.Fault(); fault != nil {
			if _, err := parse(fault.String(), MaxNodes); err != nil {
				t.Fatalf("the fault of %q is kept as %q: %v", text, fault, err)
			}
		}
		e.NotUnderstood()
		if secured, err := e.Secure(UsernameToken{Username: "u"}); err == nil {
			if _, err := Parse(secured); err != nil {
				t.Fatalf("%q with a token is %q: %v", text, secured, err)
			}
		}
	})
}

func FuzzWSDL(f *testing.F) {
	names, _ := filepath.Glob("testdata/wsdl/*.wsdl")
	more, _ := filepath.Glob("testdata/wsdl/parts/*")
	for _, name := range append(names, more...) {
		f.Add(read1(f, name))
	}
	f.Fuzz(func(t *testing.T, text string) {
		asked := 0
		d, err := ReadWSDL("http://h/a", func(string) (string, error) {
			asked++
			return text, nil
		})
		if asked > MaxDocuments {
			t.Errorf("%d documents were fetched", asked)
		}
		if err == nil && d == nil {
			t.Error("neither definitions nor an error")
		}
	})
}

func FuzzMultipart(f *testing.F) {
	body, err := os.ReadFile("testdata/mtom.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`multipart/related; boundary="=_b"; start="<root>"`, body)
	f.Add("multipart/related; boundary=b", []byte("--b\r\nContent-Transfer-Encoding: base64\r\n\r\nAA=\r\n--b--"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		root, parts, err := Detach(contentType, body)
		if err != nil {
			return
		}
		total := len(root.Content)
		for _, p := range parts {
			total += len(p.Content)
		}
		if total > len(body) {
			t.Errorf("%d bytes were taken out of %d", total, len(body))
		}
		if e, err := Parse(string(root.Content)); err == nil {
			if e.Include(parts, 1<<16) == nil && len(e.String()) > 1<<20+10*len(body) {
				t.Errorf("the envelope has grown to %d bytes", len(e.String()))
			}
		}
	})
}
