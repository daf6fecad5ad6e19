package httpbody

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
)

var form = Form{Parts: true,
	Binary: func(t MediaType) bool { return strings.HasPrefix(t.Name, "image/") },
	Text:   func(_ MediaType, b []byte) string { return string(b) }}

func TestWrite(t *testing.T) {
	const lf = "\n"
	for _, c := range []struct{ name, kind, body, want string }{
		{"text", "text/plain", "a<b>&\"\r\x01", `<Content multipart="no">a&lt;b&gt;&amp;"&#13;` + "\uFFFD" + `</Content>` + lf},
		{"beyond 16 bits", "text/plain", "é😀", `<Content multipart="no">é&#128512;</Content>` + lf},
		{"nothing", "text/plain", "", `<Content multipart="no"/>` + lf},
		{"bytes", "image/png", "\x00\x01", `<Content encoding="Base64" multipart="no">AAE=&#13;` + lf + `</Content>` + lf},
		{"parts", `multipart/mixed; boundary="b c"`, "before \r\n\r\n--b c\r\nX-1 a: v\r\n\r\none\r\n--b c\r\nContent-type: image/gif\r\nContent-Transfer-Encoding: base64\r\nx-a: 1\r\nX-A: 2\r\n\r\nAA\r\nE=\r\n--b c--",
			`<Content boundary="b c" multipart="yes">
    <Preamble>before
</Preamble>
    <Part>
        <Headers>
            <X-1_a>v</X-1_a>
        </Headers>
        <Content multipart="no">one</Content>
    </Part>
    <Part>
        <Headers>
            <Content-type>image/gif</Content-type>
            <Content-Transfer-Encoding>base64</Content-Transfer-Encoding>
            <x-a>1</x-a>
            <X-A>2</X-A>
        </Headers>
        <Content encoding="Base64" multipart="no">AAE=&#13;
</Content>
    </Part>
</Content>
`},
		{"quoted-printable", "multipart/mixed; boundary=b", "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n--b--",
			`<Content boundary="b" multipart="yes">
    <Part>
        <Headers>
            <Content-Transfer-Encoding>quoted-printable</Content-Transfer-Encoding>
        </Headers>
        <Content multipart="no">a=b</Content>
    </Part>
</Content>
`},
		{"without its end", "multipart/mixed; boundary=b", "--b\r\n\r\none", `<Content multipart="no">--b&#13;` + lf + `&#13;` + lf + `one</Content>` + lf},
		{"without a boundary", "multipart/mixed", "--b--", `<Content multipart="no">--b--</Content>` + lf},
	} {
		kind, _ := ParseMediaType(c.kind)
		if got := form.Element("Content", kind, []byte(c.body)).String(); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestNesting(t *testing.T) {
	body := "deep"
	for i := range MaxNesting + 5 {
		body = fmt.Sprintf("--b%d.\r\nContent-Type: multipart/mixed; boundary=b%d.\r\n\r\n%s\r\n--b%d.--", i+1, i, body, i+1)
	}
	kind, _ := ParseMediaType(fmt.Sprintf("multipart/mixed; boundary=b%d.", MaxNesting+5))
	text := form.Element("Content", kind, []byte(body)).String()
	if n := strings.Count(text, `multipart="yes"`); n != MaxNesting {
		t.Errorf("%d bodies in one another were taken apart, want %d", n, MaxNesting)
	}
}

func TestElementName(t *testing.T) {
	for name, want := range map[string]string{"Content-Type": "Content-Type", "": "_", "1a": "_1a", "a b:c": "a_b_c", "é": "é", "-x": "_-x"} {
		if got := ElementName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// What is written of any body is well-formed, and a type is read as it is written.
func FuzzWrite(f *testing.F) {
	f.Add("multipart/mixed; boundary=b", "--b\r\nX: y\r\n\r\nbody\r\n--b--")
	f.Add(`text/plain; charset="a\"b"`, "\x00\xff<&]]>")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		kind, ok := ParseMediaType(strings.ToValidUTF8(contentType, "?"))
		if again, _ := ParseMediaType(kind.String()); ok && again.String() != kind.String() {
			t.Errorf("%q is written as %q and that as %q", contentType, kind, again)
		}
		d := xml.NewDecoder(strings.NewReader(form.Element("Content", kind, []byte(body)).String()))
		for {
			if _, err := d.Token(); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("%q, %q: %v", contentType, body, err)
			}
		}
	})
}
