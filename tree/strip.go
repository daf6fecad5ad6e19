package tree

import (
	"regexp"
	"strings"
)

// StripNamespaces takes xmlns="…" and xmlns:…="…" out as text, wherever they stand and
// without reading the document: what was before and behind them stays, and so do
// declarations between apostrophes. Prefixes stay where names have them, and a document
// with such names cannot be parsed afterwards. So it is in Mirth.
func StripNamespaces(text string) string {
	if !strings.Contains(text, "xmlns") {
		return text
	}
	return declarations.ReplaceAllLiteralString(text, "")
}

var declarations = regexp.MustCompile(`xmlns:?[^=]*="[^"]*"`)
