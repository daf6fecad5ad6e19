package mirth

import (
	"strconv"
	"strings"

	"github.com/weir-health/weir"
)

// ConfigEntry is one entry of the configuration map.
type ConfigEntry struct{ Key, Value, Comment string }

// globalNames are the keys of the global scripts; Shutdown is Undeploy before 3.1.
var globalNames = map[string]bool{"Deploy": true, "Undeploy": true, "Shutdown": true, "Preprocessor": true, "Postprocessor": true}

// configurationProperty is the class of a configuration map's values.
const configurationProperty = "com.mirth.connect.util.ConfigurationProperty"

// readMap reads a map: global scripts, or the configuration map, told apart by
// what is in it.
func (im *Import) readMap(e *element) error {
	entries, global := 0, 0
	for _, entry := range e.children {
		if len(entry.children) == 2 && len(entry.children[1].children) == 0 || entry.child(configurationProperty) != nil {
			entries++
			if globalNames[entry.children[0].text] && entry.children[1].name == "string" {
				global++
			}
		}
	}
	switch {
	case entries == 0 && len(e.children) > 0:
		return errUnknown("<%s> of something else than texts", shown(e.name))
	case e.name == "globalScripts", e.name != "configurationMap" && global > 0 && global == len(e.children):
		im.Kind = "global scripts"
		im.readGlobal(e)
	default:
		im.Kind = "configuration map"
		im.readConfiguration(e)
	}
	return nil
}

func (im *Import) readConfiguration(e *element) {
	for i, entry := range e.children {
		var key, value *element
		if len(entry.children) == 2 {
			key, value = entry.children[0], entry.children[1]
		}
		switch {
		case value != nil && value.name == configurationProperty:
			im.Configuration = append(im.Configuration, ConfigEntry{key.text, value.textAt("value"), value.textAt("comment")})
		case value != nil && len(value.children) == 0:
			im.Configuration = append(im.Configuration, ConfigEntry{Key: key.text, Value: value.text})
		default:
			place{im: im}.in(e.name).item(entry.name, i+1).note(entry, Info, "", "this is no entry of a configuration map; it is kept and has no effect")
			im.Other = append(im.Other, entry.setting())
		}
	}
}

func (im *Import) readGlobal(e *element) {
	im.Global = &weir.GlobalScripts{}
	for i, entry := range e.children {
		p := place{im: im}.in(e.name).item(entry.name, i+1)
		if len(entry.children) != 2 {
			p.note(entry, Info, "", "this is no entry of a map; it is kept and has no effect")
			im.Other = append(im.Other, entry.setting())
			continue
		}
		var to *string
		returns := ""
		switch entry.children[0].text {
		case "Deploy":
			to = &im.Global.Deploy
		case "Undeploy", "Shutdown":
			to = &im.Global.Undeploy
		case "Preprocessor":
			to, returns = &im.Global.Preprocessor, "message"
		case "Postprocessor":
			to = &im.Global.Postprocessor
		default:
			p.note(entry, Info, "", "there is no global script of that name; it is kept and has no effect")
			im.Other = append(im.Other, entry.setting())
			continue
		}
		script, kept := readScript(entry.children[1].text, returns)
		*to = script
		if kept != "" {
			im.Other = append(im.Other, entry.setting())
		}
	}
}

// isProperties reports whether text reads as lines of key = value.
func isProperties(text string) bool {
	found := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		key, _, ok := strings.Cut(line, "=")
		if !ok && !found || strings.ContainsAny(key, "|<{") {
			return false
		}
		found = true
	}
	return found || strings.HasPrefix(text, "#")
}

// readProperties reads the text form of the configuration map: Java properties,
// with the comment lines directly above a key as its comment.
func (im *Import) readProperties(text string) {
	var comment []string
	seen := map[string]bool{}
	lines := strings.Split(lineEnds(text), "\n")
	for i := 0; i < len(lines); i++ {
		at := i + 1
		line := strings.TrimLeft(lines[i], " \t\f")
		switch {
		case line == "":
			comment = nil
			continue
		case line[0] == '#' || line[0] == '!':
			comment = append(comment, strings.TrimSpace(line[1:]))
			continue
		}
		var whole strings.Builder
		for continued(line) && i+1 < len(lines) {
			whole.WriteString(line[:len(line)-1])
			i++
			line = strings.TrimLeft(lines[i], " \t\f")
		}
		whole.WriteString(line)
		key, value := splitProperty(whole.String())
		if seen[key] {
			im.add(Note{Path: shown(key), Line: at, Severity: Difference, Text: "the key is there twice; the first one counts",
				Remedy: "Remove one of them."})
			comment = nil
			continue
		}
		seen[key] = true
		im.Configuration = append(im.Configuration, ConfigEntry{key, value, strings.Join(comment, "\n")})
		comment = nil
	}
}

// continued reports whether a line ends in an odd number of backslashes.
func continued(line string) bool {
	n := len(line) - len(strings.TrimRight(line, `\`))
	return n%2 == 1
}

// splitProperty cuts a line at the first =, : or blank that is not escaped, with
// blanks around it.
func splitProperty(line string) (key, value string) {
	end := 0
	for end < len(line) && !strings.ContainsRune("=: \t\f", rune(line[end])) {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(line))
	rest := strings.TrimLeft(line[end:], " \t\f")
	if rest != "" && (rest[0] == '=' || rest[0] == ':') {
		rest = strings.TrimLeft(rest[1:], " \t\f")
	}
	return unescapeProperty(line[:end]), unescapeProperty(rest)
}

func unescapeProperty(s string) string {
	if !strings.Contains(s, `\`) {
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
					continue
				}
			}
			b.WriteByte('u')
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
