package xpath

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd      tokenKind = iota
	tokSymbol             // ( ) [ ] . .. @ , :: / // | + - = != < <= > >= and, where they are operators, * and or mod div
	tokName               // a, p:a, p:*, *
	tokVariable           // $a: the name without $
	tokNumber
	tokLiteral // without quotes
)

type token struct {
	kind tokenKind
	text string
	op   bool // a symbol after which an operand begins
	at   int
}

// scan cuts an expression into tokens. Whether a name or an asterisk is an operator
// depends on what stands before it (XPath 1.0 §3.7).
func scan(text string) ([]token, error) {
	var tokens []token
	for i := 0; ; {
		for i < len(text) && strings.IndexByte(" \t\r\n", text[i]) >= 0 {
			i++
		}
		if i >= len(text) {
			return append(tokens, token{kind: tokEnd, at: i}), nil
		}
		operand := len(tokens) == 0 || tokens[len(tokens)-1].op
		t, err := next(text[i:], operand)
		if err != nil {
			return nil, err
		}
		t.at = i
		tokens = append(tokens, t)
		i += t.length()
		if t.kind == tokLiteral {
			i += 2
		}
		if t.kind == tokVariable {
			i++
		}
	}
}

func (t token) length() int { return len(t.text) }

var symbols = []struct {
	text string
	op   bool
}{
	{"::", true}, {"//", true}, {"..", false}, {"!=", true}, {"<=", true}, {">=", true},
	{"(", true}, {")", false}, {"[", true}, {"]", false}, {"@", true}, {",", true},
	{"/", true}, {"|", true}, {"+", true}, {"-", true}, {"=", true}, {"<", true}, {">", true}, {".", false},
}

func next(s string, operand bool) (token, error) {
	c := s[0]
	switch {
	case c == '"' || c == '\'':
		end := strings.IndexByte(s[1:], c)
		if end < 0 {
			return token{}, syntax("a literal has no end")
		}
		return token{kind: tokLiteral, text: s[1 : 1+end]}, nil
	case digit(c) || c == '.' && len(s) > 1 && digit(s[1]):
		return token{kind: tokNumber, text: numberIn(s)}, nil
	case c == '$':
		name := qname(s[1:], false)
		if name == "" {
			return token{}, syntax("a $ has no name after it")
		}
		return token{kind: tokVariable, text: name}, nil
	case c == '*':
		if operand {
			return token{kind: tokName, text: "*"}, nil
		}
		return token{kind: tokSymbol, text: "*", op: true}, nil
	}
	if name := qname(s, true); name != "" {
		if operand {
			return token{kind: tokName, text: name}, nil
		}
		word := ncname(s)
		switch word {
		case "and", "or", "mod", "div":
			return token{kind: tokSymbol, text: word, op: true}, nil
		}
		return token{}, syntax("there is a name where an operator should be")
	}
	for _, sym := range symbols {
		if strings.HasPrefix(s, sym.text) {
			return token{kind: tokSymbol, text: sym.text, op: sym.op}, nil
		}
	}
	return token{}, syntax("there is a character that has no meaning here")
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func numberIn(s string) string {
	i := 0
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && digit(s[i]); i++ {
		}
	}
	return s[:i]
}

// qname returns the qualified name that s begins with; wildcard allows p:*.
func qname(s string, wildcard bool) string {
	prefix := ncname(s)
	rest := s[len(prefix):]
	if prefix == "" || len(rest) < 2 || rest[0] != ':' {
		return prefix
	}
	if wildcard && rest[1] == '*' {
		return s[:len(prefix)+2]
	}
	if local := ncname(rest[1:]); local != "" {
		return s[:len(prefix)+1+len(local)]
	}
	return prefix
}

func ncname(s string) string {
	for i, r := range s {
		if r == utf8.RuneError || !nameRune(r, i == 0) {
			return s[:i]
		}
	}
	return s
}

func nameRune(r rune, first bool) bool {
	if r == '_' || unicode.IsLetter(r) {
		return true
	}
	return !first && (r == '-' || r == '.' || r == 0xB7 || unicode.IsDigit(r) || unicode.Is(unicode.M, r))
}

// IsNCName reports whether s is a name without a colon.
func IsNCName(s string) bool { return s != "" && ncname(s) == s }
