package connector_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
)

func TestParseAddresses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "[]"},
		{"10.1.2.3", "[10.1.2.3/32]"},
		{"10.1.2.3, 10.2.0.0/16;2001:db8::1\n2001:db8::/32", "[10.1.2.3/32 10.2.0.0/16 2001:db8::1/128 2001:db8::/32]"},
		{"10.1.2.3/16", "[10.1.0.0/16]"},
		{"::ffff:10.1.2.3 ::ffff:10.1.0.0/112", "[10.1.2.3/32 10.1.0.0/16]"},
		{"localhost", `"localhost" is no address and no network; write 10.1.2.3 or 10.1.0.0/16`},
		{"10.1.2", `"10.1.2" is no address`},
		{"10.1.2.3/33", `"10.1.2.3/33" is no address`},
		{"::ffff:10.1.2.3/90", "mixes IPv4 and IPv6"},
		{strings.Repeat("10.1.2.3 ", 4097), "4097 addresses are too many"},
	} {
		list, err := connector.ParseAddresses(c.text)
		got := fmt.Sprint(list)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%.40q: got %s, want %s", c.text, got, c.want)
		}
	}
}

func FuzzParseAddresses(f *testing.F) {
	f.Add("10.1.2.3, 10.2.0.0/16;2001:db8::1 fe80::1%eth0 ::ffff:10.0.0.0/100")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := connector.ParseAddresses(text)
		for _, p := range list {
			if err != nil || !p.IsValid() || p.Addr().Is4In6() || p.Addr().Zone() != "" || p != p.Masked() {
				t.Errorf("%q: got %v, %v", text, list, err)
			}
		}
	})
}

// What a listener's door cannot use is refused with what to write instead.
func TestDoorRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"connectionsPerAddress", "-1", "outside 0"},
		{"allow", "10.0.0.0/8, lab", `"lab" is no address`},
		{"trustedProxies", "10.0.0.300", `"10.0.0.300" is no address`},
		{"proxyProtocol", "true", "no proxy is trusted; list the addresses"},
	} {
		g := config.Group{{Name: "weir", Group: config.Group{{Name: c.name, Text: c.text}}}}
		var settings connector.Door
		_, err := config.Decode(g, &settings)
		var faulty *config.Error
		if !errors.As(err, &faulty) || !strings.HasPrefix(faulty.Name, "weir.") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: got %v, want %q", c.name, c.text, err, c.want)
		}
	}
}
