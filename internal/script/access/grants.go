package access

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/wire/jdbc"
)

// Everything grants all of a kind.
const Everything = "*"

// MailServer grants the mail server of the server's own settings, at whatever
// address it is. It is no name that a host can have.
const MailServer = "mail server"

// Grants is what the scripts of one channel may reach. The zero value grants
// nothing. It is not changed once scripts run.
type Grants struct {
	// Channel is the name under which the config file grants more.
	Channel string

	weir.Access

	// Never lists files and directories that no grant opens, beside those that
	// belong to the system.
	Never []string

	once      sync.Once
	transport *http.Transport
}

// Kind is what a grant is about; the words are those of the config file.
type Kind string

const (
	Files     Kind = "files"
	Network   Kind = "network"
	Databases Kind = "databases"
)

// Denied is something that a script may not reach.
type Denied struct {
	Channel string
	Kind    Kind
	Place   string // what the script reached for
	Line    string // of the config file, which would grant it; empty: nothing does
	Why     string // where the place itself is granted, but not what is behind it
}

func (d *Denied) Error() string {
	what := map[Kind]string{Files: "the file or directory", Network: "the address", Databases: "the database"}[d.Kind]
	text := fmt.Sprintf("%s %s is not granted to the scripts of %s", what, d.Place, d.Channel)
	if d.Why != "" {
		text += ": " + d.Why
	}
	if d.Line == "" {
		return text + ", and cannot be"
	}
	return text + ". To grant it, write into the config file: " + d.Line
}

func (g *Grants) list(kind Kind) []string {
	switch kind {
	case Files:
		return g.Files
	case Network:
		return g.Network
	}
	return g.Databases
}

// deny is the denial of a place; grant is what would have to be granted.
func (g *Grants) deny(kind Kind, place, grant, why string) error {
	d := &Denied{Channel: g.Channel, Kind: kind, Place: place, Why: why}
	if grant != "" {
		d.Line = g.line(kind, grant)
	}
	return d
}

// line is the line of the config file that grants one place more.
func (g *Grants) line(kind Kind, more string) string {
	var all []string
	for _, place := range g.list(kind) {
		if place != Everything || more == "" {
			all = append(all, strconv.Quote(place))
		}
	}
	if len(all) < len(g.list(kind)) { // what is granted by itself stands beside *
		all = append([]string{strconv.Quote(Everything)}, all...)
	}
	return fmt.Sprintf("access: {%q: {%s: [%s]}}", g.Channel, kind, strings.Join(append(all, strconv.Quote(more)), ", "))
}

// Includes reports whether what a grant would open is granted, as far as that shows
// without looking: all of the kind, the same place, a directory above it.
func (g *Grants) Includes(kind Kind, grant string) bool {
	for _, place := range g.list(kind) {
		switch {
		case place == Everything || place == grant:
			return true
		case kind == Files && strings.HasPrefix(grant, strings.TrimSuffix(place, "/")+"/"):
			return true
		case kind == Network:
			if host, port := splitPlace(grant); grant != Everything && g.host(host, port) {
				return true
			}
		}
	}
	return false
}

// Line is the line of the config file that grants one place more.
func (g *Grants) Line(kind Kind, more string) string { return g.line(kind, more) }

// host reports whether a host, and a port of it, are granted by name.
func (g *Grants) host(host, port string) bool {
	for _, place := range g.Network {
		if place == Everything {
			return true
		}
		h, p := splitPlace(place)
		if (h == Everything || sameHost(h, host)) && (p == "" || p == port || port == "") {
			return true
		}
	}
	return false
}

// WithMailServer returns the grants for a connection to the server's own mail
// server.
func (g *Grants) WithMailServer(address string) *Grants {
	if !slices.Contains(g.Network, MailServer) {
		return g
	}
	network := append(slices.Clone(g.Network), address)
	return &Grants{Channel: g.Channel, Access: weir.Access{Files: g.Files, Network: network, Databases: g.Databases}, Never: g.Never}
}

// splitPlace takes a granted host, host:port or address apart.
func splitPlace(place string) (host, port string) {
	if _, err := netip.ParseAddr(strings.Trim(place, "[]")); err == nil {
		return strings.Trim(place, "[]"), ""
	}
	if h, p, err := net.SplitHostPort(place); err == nil {
		return h, p
	}
	return place, ""
}

func sameHost(a, b string) bool {
	if x, err := netip.ParseAddr(a); err == nil {
		y, err := netip.ParseAddr(b)
		return err == nil && x.Unmap() == y.Unmap()
	}
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// address reports whether an address is granted by itself.
func (g *Grants) address(a netip.Addr, port string) bool {
	for _, place := range g.Network {
		h, p := splitPlace(place)
		if granted, err := netip.ParseAddr(h); err == nil && granted.Unmap().WithZone("") == a.Unmap().WithZone("") && (p == "" || p == port) {
			return true
		}
	}
	return false
}

// DatabaseURL returns a JDBC URL without what is no place: the name and password
// of a user, and the properties.
func DatabaseURL(u string) string {
	u = strings.TrimSpace(u)
	if isOracle(u) {
		if at := strings.LastIndexByte(u, '@'); at >= 0 {
			u = "jdbc:oracle:thin:" + u[at:]
		}
	}
	u, _, _ = strings.Cut(u, "?")
	if scheme, rest, ok := strings.Cut(u, "://"); ok {
		rest, _, _ = strings.Cut(rest, ";")
		end := strings.IndexByte(rest, '/')
		if end < 0 {
			end = len(rest)
		}
		rest = rest[strings.LastIndexByte(rest[:end], '@')+1:]
		return scheme + "://" + rest
	}
	return u
}

func isOracle(u string) bool { return hasPrefixFold(u, "jdbc:oracle:") }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// Database reports, as an error, that a JDBC URL is not granted. A grant is the
// beginning of a URL, up to the end of a part of it: jdbc:mysql://lab is no grant
// of jdbc:mysql://lab.example.com.
func (g *Grants) Database(u string) error {
	place := DatabaseURL(u)
	for _, granted := range g.Databases {
		if granted == Everything || begins(place, DatabaseURL(granted)) && sameServer(u, granted) {
			return nil
		}
	}
	return g.deny(Databases, place, place, "")
}

// sameServer reports whether the driver would go to the host that the grant
// names, whatever either looks like. A grant that names none leaves it open.
func sameServer(u, granted string) bool {
	if strings.HasSuffix(granted, ":") || strings.HasSuffix(granted, "//") {
		return true
	}
	host, ok := serverOf(granted)
	if !ok {
		return true
	}
	other, ok := serverOf(u)
	return ok && sameHost(host, other)
}

func serverOf(u string) (host string, ok bool) {
	src, err := jdbc.Parse("", u, "", "")
	if err != nil || src.Dialect == jdbc.SQLite {
		return "", false
	}
	server, _, _ := strings.Cut(src.Address, "/")
	if src.Dialect == jdbc.SQLServer { // host\instance
		server, _, _ = strings.Cut(server, `\`)
	}
	if h, _, err := net.SplitHostPort(server); err == nil {
		server = h
	}
	return server, server != ""
}

// begins reports whether a URL is the granted one or goes on behind one of its
// parts.
func begins(place, granted string) bool {
	if !hasPrefixFold(place, granted) {
		return false
	}
	rest := place[len(granted):]
	if rest == "" || strings.ContainsAny(granted[len(granted)-1:], "/:\\") {
		return !strings.ContainsAny(rest, "@")
	}
	switch rest[0] {
	case '/', '\\':
		return !strings.ContainsAny(rest, "@")
	case ':':
		port, _, _ := strings.Cut(rest[1:], "/")
		if isOracle(place) { // host:port:SID
			port, _, _ = strings.Cut(port, ":")
			return !strings.ContainsAny(rest, "@()") && port != ""
		}
		_, err := strconv.ParseUint(port, 10, 16)
		return err == nil
	}
	return false
}

// URLPlace returns the host:port of a URL, with the port of its protocol where
// it names none; "" where it names no host.
func URLPlace(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "ftp": "21"}[strings.ToLower(u.Scheme)]
	}
	if u.Hostname() == "" || port == "" {
		return ""
	}
	return net.JoinHostPort(u.Hostname(), port)
}
