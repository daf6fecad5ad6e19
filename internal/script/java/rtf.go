package java

import (
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// plainText is FileUtil.rtfToPlainText: the text of an RTF document, in which a
// given text takes the place of line ends.
func (c *Call) plainText(rtf, lineEnd string) string {
	text := rtfText(rtf)
	if lineEnd != "" {
		text = strings.ReplaceAll(text, "\n", lineEnd)
	}
	return text
}

// rtfHidden are the destinations whose text is none of the document's.
var rtfHidden = map[string]bool{"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true,
	"header": true, "footer": true, "headerl": true, "headerr": true, "headerf": true, "footerl": true, "footerr": true, "footerf": true,
	"generator": true, "listtable": true, "listoverridetable": true, "rsidtbl": true, "themedata": true, "datastore": true, "fldinst": true,
	"xmlnstbl": true, "latentstyles": true, "filetbl": true, "revtbl": true}

// rtfSigns are the control words that stand for characters.
var rtfSigns = map[string]string{"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t",
	"emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " "}

// rtfCodes are the character sets of \ansicpg.
var rtfCodes = map[int]*charmap.Charmap{1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 1253: charmap.Windows1253,
	1254: charmap.Windows1254, 1255: charmap.Windows1255, 1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258,
	437: charmap.CodePage437, 850: charmap.CodePage850, 874: charmap.Windows874}

// maxRTFGroups is how deep groups may nest; deeper ones are read as one.
const maxRTFGroups = 1000

// rtfText reads a document in one pass. What it does not know it passes over.
func rtfText(s string) string {
	type group struct {
		hidden bool
		skip   int // characters that stand for \u where it is not known
	}
	var out strings.Builder
	stack := []group{{skip: 1}}
	code := charmap.Windows1252
	pending := 0 // characters to pass over behind \u
	var high rune
	emit := func(text string) {
		if pending > 0 {
			pending--
			return
		}
		if !stack[len(stack)-1].hidden {
			out.WriteString(text)
		}
	}
	for i := 0; i < len(s); {
		top := &stack[len(stack)-1]
		switch ch := s[i]; ch {
		case '{':
			if len(stack) < maxRTFGroups {
				stack = append(stack, *top)
			}
			pending = 0
			i++
		case '}':
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
			pending = 0
			i++
		case '\r', '\n':
			i++
		case '\\':
			word, number, has, n := rtfWord(s[i+1:])
			i += 1 + n
			switch {
			case word == "*":
				top.hidden = true
			case word == "'":
				emit(string(code.DecodeByte(byte(number))))
			case word == "u" && has:
				r := rune(number)
				if r < 0 {
					r += 1 << 16
				}
				pending = 0
				switch {
				case r >= 0xD800 && r < 0xDC00:
					high = r
				case r >= 0xDC00 && r < 0xE000 && high != 0:
					emit(string((high-0xD800)<<10 + (r - 0xDC00) + 0x10000))
					high = 0
				default:
					emit(string(r))
				}
				pending = top.skip
			case word == "uc":
				top.skip = max(0, number)
			case word == "bin":
				i = min(len(s), i+max(0, number))
			case word == "ansicpg":
				if known := rtfCodes[number]; known != nil {
					code = known
				}
			case rtfHidden[word]:
				top.hidden = true
			case rtfSigns[word] != "":
				emit(rtfSigns[word])
			case word == "\\" || word == "{" || word == "}":
				emit(word)
			case word == "~":
				emit("\u00a0")
			case word == "_":
				emit("\u2011")
			case word == "\n" || word == "\r":
				emit("\n")
			}
		default:
			end := i + 1
			for end < len(s) && !strings.ContainsRune("\\{}\r\n", rune(s[end])) && s[end] < 0x80 && pending == 0 && ch < 0x80 {
				end++
			}
			if ch >= 0x80 {
				for end < len(s) && s[end]&0xC0 == 0x80 {
					end++
				}
			}
			emit(s[i:end])
			i = end
		}
	}
	return out.String()
}

// rtfWord reads what follows a backslash: a control word with its number, or one
// sign. n is how many bytes it takes.
func rtfWord(s string) (word string, number int, has bool, n int) {
	if s == "" {
		return "", 0, false, 0
	}
	if s[0] == '\'' {
		if len(s) < 3 {
			return "", 0, false, len(s)
		}
		v, err := strconv.ParseUint(s[1:3], 16, 8)
		if err != nil {
			return "", 0, false, 1
		}
		return "'", int(v), true, 3
	}
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	for n < len(s) && letter(s[n]) {
		n++
	}
	if n == 0 {
		return s[:1], 0, false, 1
	}
	word = s[:n]
	from := n
	if n < len(s) && s[n] == '-' {
		n++
	}
	for n < len(s) && s[n] >= '0' && s[n] <= '9' && n-from < 10 {
		n++
	}
	if v, err := strconv.Atoi(s[from:n]); err == nil {
		number, has = v, true
	} else {
		n = from
	}
	if n < len(s) && s[n] == ' ' {
		n++
	}
	return word, number, has, n
}
