package java

import (
	"strconv"
	"strings"
)

// propertiesIn reads the text of a .properties file: a line that ends in a backslash goes on
// in the next, and a key ends at a blank, an equals sign or a colon.
func propertiesIn(text string, put func(key, value string)) {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimLeft(lines[i], " \t\f")
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		var whole strings.Builder
		for goesOn(line) && i+1 < len(lines) {
			whole.WriteString(line[:len(line)-1])
			i++
			line = strings.TrimLeft(lines[i], " \t\f")
		}
		if goesOn(line) {
			line = line[:len(line)-1]
		}
		whole.WriteString(line)
		key, value := cutProperty(whole.String())
		put(propertyText(key), propertyText(value))
	}
}

// goesOn reports whether a line ends in an odd number of backslashes.
func goesOn(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

func cutProperty(line string) (key, value string) {
	i := 0
	for i < len(line) && strings.IndexByte("=: \t\f", line[i]) < 0 {
		if line[i] == '\\' {
			i++
		}
		i++
	}
	if i >= len(line) {
		return line, ""
	}
	rest := strings.TrimLeft(line[i:], " \t\f")
	if rest != "" && (rest[0] == '=' || rest[0] == ':') {
		rest = strings.TrimLeft(rest[1:], " \t\f")
	}
	return line[:i], rest
}

// propertyText resolves backslashes.
func propertyText(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'f':
			b.WriteByte('\f')
		case 'u':
			if i+5 <= len(s) {
				if n, err := strconv.ParseUint(s[i+1:i+5], 16, 16); err == nil {
					b.WriteRune(rune(n))
					i += 4
				}
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
