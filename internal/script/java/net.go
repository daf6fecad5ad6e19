package java

import (
	"net/url"
	"strings"
)

// link is a java.net.URI or URL: its text taken apart, with no way to open it.
type link struct {
	class string
	u     *url.URL
	text  string
}

func (l *link) JavaClass() string { return l.class }
func (l *link) String() string    { return l.text }

// Equal compares texts.
func (l *link) Equal(o any) bool { m, ok := o.(*link); return ok && l.text == m.text }

func netClasses() []*Class {
	return []*Class{
		{Name: "java.net.URLEncoder", Static: Methods{"encode": func(c *Call) any {
			return FormEncode(string(c.encode(c.Need(0), charsetName(c, 1))))
		}}},
		{Name: "java.net.URLDecoder", Static: Methods{"decode": func(c *Call) any {
			s, err := url.QueryUnescape(c.Need(0))
			if err != nil {
				panic(c.Throw("java.lang.IllegalArgumentException", "URLDecoder: Illegal hex characters in escape (%) pattern"))
			}
			return c.decode([]byte(s), charsetName(c, 1))
		}}},
		linkClass("java.net.URI"), linkClass("java.net.URL"),
		charsetClass(), {Name: "java.nio.charset.StandardCharsets", Constants: charsets()},
	}
}

// FormEncode is the encoding of HTML forms as Java does it: letters, digits and
// .-*_ stay, a blank is a plus.
func FormEncode(s string) string {
	s = strings.ReplaceAll(url.QueryEscape(s), "%2A", "*")
	return strings.ReplaceAll(s, "~", "%7E")
}

func linkClass(name string) *Class {
	on := func(f func(l *link) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*link)) }
	}
	make1 := func(c *Call) any {
		text := c.Need(0)
		u, err := url.Parse(text)
		if err != nil || name == "java.net.URL" && u.Scheme == "" {
			panic(c.Throw("java.net.MalformedURLException", "no protocol: "+text))
		}
		return &link{name, u, text}
	}
	return &Class{Name: name, New: make1, Static: Methods{"create": make1}, Methods: Methods{
		"toString": on(func(l *link) any { return l.text }), "toExternalForm": on(func(l *link) any { return l.text }),
		"getHost":     on(func(l *link) any { return nullable(l.u.Hostname()) }),
		"getScheme":   on(func(l *link) any { return nullable(l.u.Scheme) }),
		"getProtocol": on(func(l *link) any { return l.u.Scheme }),
		"getPath":     on(func(l *link) any { return l.u.Path }),
		"getQuery":    on(func(l *link) any { return nullable(l.u.RawQuery) }),
		"getFragment": on(func(l *link) any { return nullable(l.u.Fragment) }),
		"getPort": func(c *Call) any {
			n, _ := digits(c.This.(*link).u.Port(), 0)
			if n == 0 {
				return -1
			}
			return n
		},
		"getFile": on(func(l *link) any {
			if l.u.RawQuery != "" {
				return l.u.Path + "?" + l.u.RawQuery
			}
			return l.u.Path
		}),
		"getRef":      on(func(l *link) any { return nullable(l.u.Fragment) }),
		"getUserInfo": on(func(l *link) any { return nullable(l.u.User.String()) }),
		"getAuthority": on(func(l *link) any {
			if user := l.u.User.String(); user != "" {
				return user + "@" + l.u.Host
			}
			return nullable(l.u.Host)
		}),
		"getDefaultPort": on(func(l *link) any {
			if port, ok := map[string]int{"http": 80, "https": 443, "ftp": 21}[l.u.Scheme]; ok {
				return port
			}
			return -1
		}),
		"toURL":          on(func(l *link) any { return &link{"java.net.URL", l.u, l.text} }),
		"toURI":          on(func(l *link) any { return &link{"java.net.URI", l.u, l.text} }),
		"openConnection": func(c *Call) any { return c.newConnection(c.This.(*link)) },
		"openStream":     func(c *Call) any { return c.openLink(c.This.(*link)) },
		"getContent":     func(c *Call) any { return c.openLink(c.This.(*link)) },
	}}
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func charsets() map[string]any {
	return map[string]any{"UTF_8": &Charset{"UTF-8"}, "ISO_8859_1": &Charset{"ISO-8859-1"}, "US_ASCII": &Charset{"US-ASCII"},
		"UTF_16": &Charset{"UTF-16"}, "UTF_16BE": &Charset{"UTF-16BE"}, "UTF_16LE": &Charset{"UTF-16LE"}}
}

func charsetClass() *Class {
	name := func(c *Call) any { return c.This.(*Charset).name }
	return &Class{Name: "java.nio.charset.Charset", Static: Methods{
		"forName": func(c *Call) any {
			if _, ok := encodingOf(c.Need(0)); !ok {
				panic(c.Throw("java.nio.charset.UnsupportedCharsetException", c.Text(0)))
			}
			return &Charset{c.Text(0)}
		},
		"defaultCharset": func(*Call) any { return &Charset{"UTF-8"} },
	}, Methods: Methods{"name": name, "displayName": name, "toString": name}}
}
