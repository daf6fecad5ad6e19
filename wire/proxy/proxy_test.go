package proxy

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const (
	v4 = signature + "\x21\x11\x00\x0c\xc0\x00\x02\x07\xc0\x00\x02\x08\x12\x67\x0a\x0f"
	v6 = signature + "\x21\x21\x00\x27" + "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01" +
		"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02" + "\x12\x67\x0a\x0f" + "\x04\x00\x00"
)

func TestRead(t *testing.T) {
	for _, c := range []struct{ name, in, source, destination string }{
		{"version 1, IPv4", "PROXY TCP4 192.0.2.7 192.0.2.8 4711 2575\r\n", "192.0.2.7:4711", "192.0.2.8:2575"},
		{"version 1, IPv6", "PROXY TCP6 2001:db8::1 2001:db8::2 4711 2575\r\n", "[2001:db8::1]:4711", "[2001:db8::2]:2575"},
		{"version 1, IPv4 in IPv6", "PROXY TCP6 ::ffff:192.0.2.7 2001:db8::2 4711 2575\r\n", "192.0.2.7:4711", "[2001:db8::2]:2575"},
		{"version 1, unknown", "PROXY UNKNOWN\r\n", "", ""},
		{"version 1, unknown with more", "PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n", "", ""},
		{"version 2, IPv4", v4, "192.0.2.7:4711", "192.0.2.8:2575"},
		{"version 2, IPv6 with an extension", v6, "[2001:db8::1]:4711", "[2001:db8::2]:2575"},
		{"version 2, local", signature + "\x20\x00\x00\x00", "", ""},
		{"version 2, local with addresses", signature + "\x20\x11\x00\x0c\xc0\x00\x02\x07\xc0\x00\x02\x08\x12\x67\x0a\x0f", "", ""},
		{"version 2, unspecified", signature + "\x21\x00\x00\x03abc", "", ""},
		{"version 2, Unix socket", signature + "\x21\x31\x00\xd8" + strings.Repeat("\x00", 216), "", ""},
	} {
		for name, r := range map[string]io.Reader{"at once": strings.NewReader(c.in + "rest"), "byte by byte": iotest.OneByteReader(strings.NewReader(c.in + "rest"))} {
			h, err := Read(r)
			if err != nil || text(h.Source) != c.source || text(h.Destination) != c.destination {
				t.Errorf("%s, %s: got %+v, %v", c.name, name, h, err)
			}
			if rest, _ := io.ReadAll(r); string(rest) != "rest" {
				t.Errorf("%s, %s: left %q", c.name, name, rest)
			}
		}
	}
}

func text(a interface {
	IsValid() bool
	String() string
}) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, in, why string }{
		{"nothing", "", "unexpected EOF"},
		{"MLLP", "\x0bMSH|^~\\&|A|B", "does not begin with a PROXY header"},
		{"HTTP", "GET / HTTP/1.1\r\n", "does not begin with a PROXY header"},
		{"cut in the signature", signature[:5], "unexpected EOF"},
		{"cut in the line", "PROXY TCP4 192.0.2.7", "unexpected EOF"},
		{"cut in the addresses", v4[:len(v4)-1], "unexpected EOF"},
		{"a line without end", "PROXY TCP4 " + strings.Repeat("1", 200), "too long"},
		{"a line that ends with LF", "PROXY UNKNOWN\n", "CR LF"},
		{"another protocol", "PROXY UDP4 192.0.2.7 192.0.2.8 4711 2575\r\n", "form"},
		{"a port too few", "PROXY TCP4 192.0.2.7 192.0.2.8 4711\r\n", "form"},
		{"two spaces", "PROXY  TCP4 192.0.2.7 192.0.2.8 4711 2575\r\n", "form"},
		{"a name", "PROXY TCP4 localhost 192.0.2.8 4711 2575\r\n", "not one of TCP4"},
		{"IPv6 as TCP4", "PROXY TCP4 ::1 192.0.2.8 4711 2575\r\n", "not one of TCP4"},
		{"a zone", "PROXY TCP6 fe80::1%eth0 ::2 4711 2575\r\n", "not one of TCP6"},
		{"a port above", "PROXY TCP4 192.0.2.7 192.0.2.8 65536 2575\r\n", "a port"},
		{"version 3", signature + "\x31\x11\x00\x00", "not known"},
		{"another command", signature + "\x22\x11\x00\x00", "not known"},
		{"UDP", signature + "\x21\x12\x00\x00", "not TCP"},
		{"addresses cut short", signature + "\x21\x11\x00\x0b\xc0\x00\x02\x07\xc0\x00\x02\x08\x12\x67\x0a", "cut short"},
		{"longer than the limit", signature + "\x21\x11\xff\xff", "more than 4096"},
	} {
		if h, err := Read(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.why) || h != (Header{}) {
			t.Errorf("%s: got %+v, %v, want an error with %q", c.name, h, err, c.why)
		}
	}
}

// No bytes bring Read to more than the longest header, or to an address that is
// half there.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{v4, v6, "PROXY TCP4 192.0.2.7 192.0.2.8 4711 2575\r\n", "PROXY UNKNOWN\r\n", signature + "\x20\x00\x00\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r := strings.NewReader(in)
		h, err := Read(r)
		if n := len(in) - r.Len(); n > len(signature)+4+MaxHeader {
			t.Errorf("read %d bytes", n)
		}
		if h.Source.IsValid() != h.Destination.IsValid() || err != nil && h != (Header{}) {
			t.Errorf("got %+v, %v", h, err)
		}
	})
}
