package config

import (
	"strconv"
	"strings"
)

// Delimiter reads a delimiter as settings write it: \b, \t, \n, \f and \r, 0xNN
// for the character of that number, and everything else as it is. Surrounding
// double quotes are taken off.
func Delimiter(text string) string {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		text = text[1 : len(text)-1]
	}
	if len(text) == 4 && text[:2] == "0x" {
		if n, err := strconv.ParseUint(text[2:], 16, 8); err == nil {
			return string(rune(n))
		}
	}
	return delimiterEscapes.Replace(text)
}

var delimiterEscapes = strings.NewReplacer(`\b`, "\b", `\t`, "\t", `\n`, "\n", `\f`, "\f", `\r`, "\r")
