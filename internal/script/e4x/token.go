package e4x

// tokenKind says what a token is.
type tokenKind uint8

const (
	tEOF     tokenKind = iota
	tName              // identifier or keyword; the parser knows which words are reserved where
	tPrivate           // #name
	tNumber
	tString
	tPunct
	tTemplate // from ` or } up to ${ or `
	tRegex
)

// token is one token. Its text is a slice of the source, so a token costs no
// memory of its own.
type token struct {
	kind    tokenKind
	pos     int
	end     int
	text    string // of a name: with escapes resolved
	newline bool   // a line end comes before it
	escaped bool   // a name with escapes, which is never a keyword
	last    bool   // of a template: ends with `
}

func (t token) is(punct string) bool { return t.kind == tPunct && t.text == punct }

func (t token) word(name string) bool {
	return t.kind == tName && t.text == name && !t.escaped
}

// reserved tells whether a word can never be the name of a variable.
func reserved(word string) bool {
	switch word {
	case "break", "case", "catch", "class", "const", "continue", "debugger",
		"default", "delete", "do", "else", "enum", "export", "extends",
		"false", "finally", "for", "function", "if", "import", "in",
		"instanceof", "new", "null", "return", "super", "switch", "this",
		"throw", "true", "try", "typeof", "var", "void", "while", "with":
		return true
	}
	return false
}
