package jdbc

import (
	"net"
	"net/url"
	"strings"
)

// queryProperties reads name=value&name=value.
func queryProperties(text string) properties {
	p := properties{}
	for _, part := range strings.Split(text, "&") {
		name, value, _ := strings.Cut(part, "=")
		if v, err := url.QueryUnescape(strings.ReplaceAll(value, "+", "%2B")); err == nil {
			value = v
		}
		if name = strings.TrimSpace(name); name != "" {
			p[strings.ToLower(name)] = value
		}
	}
	return p
}

// semicolonProperties reads name=value;name={va;lue}.
func semicolonProperties(text string) properties {
	p := properties{}
	for text != "" {
		name, rest, _ := strings.Cut(text, "=")
		if i := strings.IndexByte(name, ';'); i >= 0 { // a name without a value
			text = text[i+1:]
			continue
		}
		var value string
		if strings.HasPrefix(strings.TrimSpace(rest), "{") {
			rest = strings.TrimSpace(rest)[1:]
			var b strings.Builder
			for {
				before, after, closed := strings.Cut(rest, "}")
				b.WriteString(before)
				rest = after
				if !closed || !strings.HasPrefix(rest, "}") { // }} is a brace
					break
				}
				b.WriteByte('}')
				rest = rest[1:]
			}
			value = b.String()
			_, text, _ = strings.Cut(rest, ";")
		} else {
			value, text, _ = strings.Cut(rest, ";")
			value = strings.TrimSpace(value)
		}
		if name = strings.TrimSpace(name); name != "" {
			p[strings.ToLower(name)] = value
		}
	}
	return p
}

// hostPort takes an address apart; a port may be missing and an IPv6 address
// stands in brackets.
func hostPort(text, port string) (host, _ string) {
	if h, p, err := net.SplitHostPort(text); err == nil {
		if p == "" {
			p = port
		}
		return h, p
	}
	return strings.Trim(text, "[]"), port
}

// authority takes //host,host/path?query apart.
func authority(rest string) (hosts []string, path, query string) {
	rest, query, _ = strings.Cut(rest, "?")
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		var list string
		list, path, _ = strings.Cut(after, "/")
		for _, h := range strings.Split(list, ",") {
			if h = strings.TrimSpace(h); h != "" {
				hosts = append(hosts, h)
			}
		}
		return hosts, path, query
	}
	return nil, strings.TrimPrefix(rest, "/"), query
}

// or returns the first text that is not empty.
func or(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
