package channelfile

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// emit writes a mapping as YAML: keys in their order, two spaces for a level,
// texts of several lines as blocks.
func emit(n *node) string {
	var b strings.Builder
	emitMapping(&b, n, "", false)
	return b.String()
}

// emitMapping writes entries; inline tells that the first one goes on in a line
// that has begun, after the dash of a list.
func emitMapping(b *strings.Builder, n *node, indent string, inline bool) {
	for i, e := range n.entries {
		if i > 0 || !inline {
			b.WriteString(indent)
		}
		b.WriteString(scalar(e.key, true))
		b.WriteByte(':')
		emitValue(b, e.value, indent)
	}
}

func emitValue(b *strings.Builder, n *node, indent string) {
	switch {
	case n.kind == nothing:
		b.WriteString(" null\n")
	case n.kind == textKind && isBlock(n.text):
		emitBlock(b, n.text, indent+"  ")
	case n.kind == textKind:
		b.WriteString(" " + scalar(n.text, false) + "\n")
	case n.kind == mappingKind && len(n.entries) == 0:
		b.WriteString(" {}\n")
	case n.kind == mappingKind && n.inLine:
		b.WriteString(" " + flowMapping(n) + "\n")
	case n.kind == listKind && len(n.items) == 0:
		b.WriteString(" []\n")
	case n.kind == mappingKind:
		b.WriteByte('\n')
		emitMapping(b, n, indent+"  ", false)
	default:
		if short, ok := flow(n); ok {
			b.WriteString(" " + short + "\n")
			return
		}
		b.WriteByte('\n')
		for _, item := range n.items {
			b.WriteString(indent + "  -")
			if item.kind == mappingKind && len(item.entries) > 0 && !item.inLine {
				b.WriteByte(' ')
				emitMapping(b, item, indent+"    ", true)
				continue
			}
			emitValue(b, item, indent+"  ")
		}
	}
}

// flow writes a list of short texts in one line.
func flow(n *node) (string, bool) {
	var parts []string
	size := 0
	for _, item := range n.items {
		if item.kind != textKind || isBlock(item.text) {
			return "", false
		}
		part := scalar(item.text, true)
		size += len(part)
		parts = append(parts, part)
	}
	return "[" + strings.Join(parts, ", ") + "]", size < 80
}

// flowMapping writes a mapping of texts in one line.
func flowMapping(n *node) string {
	var parts []string
	for _, e := range n.entries {
		parts = append(parts, scalar(e.key, true)+": "+scalar(e.value.text, true))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// isBlock reports whether a text is written as a block: of several lines, and
// none of the kind that a block would not give back as it is.
func isBlock(s string) bool {
	if !strings.Contains(s, "\n") || strings.HasPrefix(s, "\n") || strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\t") ||
		strings.HasSuffix(s, "\n\n") || strings.TrimRight(s, " \t") != s || strings.HasSuffix(s, " \n") || strings.HasSuffix(s, "\t\n") || !utf8.ValidString(s) {
		return false
	}
	for _, line := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
		if line != "" && strings.TrimSpace(line) == "" {
			return false
		}
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufeff')
	})
}

func emitBlock(b *strings.Builder, s, indent string) {
	if strings.HasSuffix(s, "\n") {
		b.WriteString(" |\n")
	} else {
		b.WriteString(" |-\n")
	}
	for _, line := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
		if line != "" {
			b.WriteString(indent + line)
		}
		b.WriteByte('\n')
	}
}

// plain are texts that need no quotes; words are those that YAML would not read
// as a text, and numbers those it would read as another number.
var (
	plain    = regexp.MustCompile(`^[\p{L}\p{N}_$/(][\p{L}\p{N} _$/().,'=+*;<>|^~\\&?!-]*$`)
	plainKey = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9 _.$-]*$`)
	words    = regexp.MustCompile(`(?i)^(?:null|true|false|yes|no|on|off|y|n|~)$`)
	number   = regexp.MustCompile(`^[0-9][0-9_.eExXoObB+-]*$|^(?i:0x[0-9a-f_]+)$`)
	whole    = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,17})$`)
)

// scalar writes a text in one line. inside is for keys and items of a list in
// brackets, where more has a meaning.
func scalar(s string, inside bool) string {
	switch {
	case !inside && (s == "true" || s == "false" || whole.MatchString(s)):
		return s
	case inside && whole.MatchString(s):
		return s
	case words.MatchString(s), number.MatchString(s), strings.HasSuffix(s, " "):
	case plainKey.MatchString(s), !inside && plain.MatchString(s):
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0x7f && !unicode.IsPrint(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
