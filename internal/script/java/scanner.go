package java

import (
	"strconv"
	"strings"
	"unicode"
)

// tokenizer is a StringTokenizer.
type tokenizer struct {
	text, delims string
	keep         bool // delimiters are tokens themselves
}

func (*tokenizer) JavaClass() string { return "java.util.StringTokenizer" }

// next takes a token off the text; ok is false when there is none.
func (k *tokenizer) next() (token string, ok bool) {
	is := func(r rune) bool { return strings.ContainsRune(k.delims, r) }
	if !k.keep {
		k.text = strings.TrimLeftFunc(k.text, is)
	}
	if k.text == "" {
		return "", false
	}
	n := strings.IndexFunc(k.text, is)
	switch {
	case n < 0:
		n = len(k.text)
	case n == 0:
		n = len(string([]rune(k.text)[:1]))
	}
	token, k.text = k.text[:n], k.text[n:]
	return token, true
}

// scanner is a Scanner over a text.
type scanner struct {
	text   string
	delims string // of useDelimiter; "" is white space
	closed bool
}

func (*scanner) JavaClass() string { return "java.util.Scanner" }

// textScanners are StringTokenizer, Scanner and Optional.
func textScanners() []*Class {
	next := func(c *Call) any {
		k := c.This.(*tokenizer)
		if c.Len() > 0 {
			k.delims = c.Text(0)
		}
		token, ok := k.next()
		if !ok {
			panic(c.Throw("java.util.NoSuchElementException", ""))
		}
		return token
	}
	more := func(c *Call) any { k := *c.This.(*tokenizer); _, ok := k.next(); return ok }
	return append(optionalClasses(),
		&Class{Name: "java.util.StringTokenizer", Implements: []string{"java.util.Enumeration"},
			New: func(c *Call) any {
				k := &tokenizer{text: c.Need(0), delims: " \t\n\r\f", keep: c.Len() > 2 && c.Bool(2)}
				if c.Len() > 1 {
					k.delims = c.Text(1)
				}
				return k
			},
			Methods: Methods{"hasMoreTokens": more, "hasMoreElements": more, "nextToken": next, "nextElement": next,
				"countTokens": func(c *Call) any {
					k, n := *c.This.(*tokenizer), 0
					for _, ok := k.next(); ok; _, ok = k.next() {
						n++
					}
					return n
				}}},
		&Class{Name: "java.util.Scanner", New: newScanner, Methods: scannerMethods()})
}

func newScanner(c *Call) any {
	switch v := c.Object(0).(type) {
	case *reader:
		return &scanner{text: v.rest(c)}
	case *file:
		b, err := c.readFile(v.path)
		if err != nil {
			panic(c.throwFile(v.path, err))
		}
		return &scanner{text: c.decode(b, charsetName(c, 1))}
	case *input:
		return &scanner{text: c.decode(v.rest(c), charsetName(c, 1))}
	}
	return &scanner{text: c.Need(0)}
}

// token is the next token and what is behind it; ok is false when there is none.
func (s *scanner) token(c *Call) (token, rest string, ok bool) {
	if s.closed {
		panic(c.Throw("java.lang.IllegalStateException", "Scanner closed"))
	}
	if s.delims == "" {
		text := strings.TrimLeftFunc(s.text, unicode.IsSpace)
		if text == "" {
			return "", s.text, false
		}
		n := strings.IndexFunc(text, unicode.IsSpace)
		if n < 0 {
			n = len(text)
		}
		return text[:n], text[n:], true
	}
	if s.text == "" {
		return "", "", false
	}
	parts := c.pattern(s.delims).split(c, s.text, 2)
	if len(parts) > 1 && parts[0] == "" { // delimiters before the first token
		parts = c.pattern(s.delims).split(c, parts[1], 2)
	}
	if len(parts) < 2 {
		return parts[0], "", true
	}
	// What split took out of the middle stays a delimiter, so the rest may begin anew.
	return parts[0], parts[1], true
}

func scannerMethods() Methods {
	on := func(f func(s *scanner, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*scanner), c) }
	}
	line := func(s *scanner) (line, rest string) {
		i := strings.IndexAny(s.text, "\r\n")
		if i < 0 {
			return s.text, ""
		}
		rest = s.text[i+1:]
		if s.text[i] == '\r' {
			rest = strings.TrimPrefix(rest, "\n")
		}
		return s.text[:i], rest
	}
	methods := Methods{
		"hasNextLine": on(func(s *scanner, c *Call) any { return s.text != "" }),
		"nextLine": on(func(s *scanner, c *Call) any {
			if s.text == "" {
				panic(c.Throw("java.util.NoSuchElementException", "No line found"))
			}
			var l string
			l, s.text = line(s)
			return l
		}),
		"hasNext": on(func(s *scanner, c *Call) any { _, _, ok := s.token(c); return ok }),
		"next": on(func(s *scanner, c *Call) any {
			token, rest, ok := s.token(c)
			if !ok {
				panic(c.Throw("java.util.NoSuchElementException", ""))
			}
			s.text = rest
			return token
		}),
		"useDelimiter": on(func(s *scanner, c *Call) any { s.delims = c.Text(0); return s }),
		"useLocale":    on(func(s *scanner, c *Call) any { return s }),
		"close":        on(func(s *scanner, c *Call) any { s.closed = true; return Void }),
	}
	for name, parse := range map[string]func(text string) (any, bool){
		"Int":     func(t string) (any, bool) { n, err := strconv.ParseInt(t, 10, 32); return int(n), err == nil },
		"Long":    func(t string) (any, bool) { n, err := strconv.ParseInt(t, 10, 64); return n, err == nil },
		"Double":  func(t string) (any, bool) { f, ok := parseDouble(t); return f, ok },
		"Boolean": func(t string) (any, bool) { t = strings.ToLower(t); return t == "true", t == "true" || t == "false" },
	} {
		methods["hasNext"+name] = on(func(s *scanner, c *Call) any {
			token, _, ok := s.token(c)
			if ok {
				_, ok = parse(token)
			}
			return ok
		})
		methods["next"+name] = on(func(s *scanner, c *Call) any {
			token, rest, ok := s.token(c)
			if !ok {
				panic(c.Throw("java.util.NoSuchElementException", ""))
			}
			v, ok := parse(token)
			if !ok {
				panic(c.Throw("java.util.InputMismatchException", `For input string: "`+token+`"`))
			}
			s.text = rest
			return v
		})
	}
	return methods
}
