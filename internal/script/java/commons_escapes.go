package java

import (
	"html"
	"strconv"
	"strings"
)

func escapeUtils() Methods {
	text := func(f func(string) string) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return nil
			}
			return f(c.Text(0))
		}
	}
	xml := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace
	htm := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
	return Methods{
		"escapeXml": text(xml), "escapeXml10": text(xml), "escapeXml11": text(xml), "unescapeXml": text(html.UnescapeString),
		"escapeHtml": text(htm), "escapeHtml3": text(htm), "escapeHtml4": text(htm),
		"unescapeHtml": text(html.UnescapeString), "unescapeHtml3": text(html.UnescapeString), "unescapeHtml4": text(html.UnescapeString),
		"escapeSql": text(func(s string) string { return strings.ReplaceAll(s, "'", "''") }),
		"escapeCsv": text(func(s string) string {
			if !strings.ContainsAny(s, ",\"\r\n") {
				return s
			}
			return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}),
		"escapeJava": text(escapeJSON), "escapeJson": text(escapeJSON), "escapeEcmaScript": text(escapeJSON), "escapeJavaScript": text(escapeJSON),
	}
}

// moreEscapes completes StringEscapeUtils.
func moreEscapes() Methods {
	text := func(f func(string) string) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return nil
			}
			return f(c.Text(0))
		}
	}
	java := text(func(s string) string { return strings.ReplaceAll(escapeJSON(s), `\/`, "/") })
	script := text(func(s string) string { return strings.ReplaceAll(escapeJSON(s), "'", `\'`) })
	back := text(unescapeJava)
	return Methods{
		"escapeJava": java, "escapeEcmaScript": script, "escapeJavaScript": script,
		"unescapeJava": back, "unescapeEcmaScript": back, "unescapeJavaScript": back, "unescapeJson": back,
		"escapeHtml": text(escapeHTML), "escapeHtml4": text(escapeHTML), "escapeHtml3": text(escapeHTML),
		"unescapeCsv": text(func(s string) string {
			if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' && strings.ContainsAny(s[1:len(s)-1], ",\"\r\n") {
				return strings.ReplaceAll(s[1:len(s)-1], `""`, `"`)
			}
			return s
		}),
		"unescapeXml": text(func(s string) string {
			return xmlEntities.Replace(numericEntities(s))
		}),
	}
}

var xmlEntities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'")

// numericEntities replaces &#65; and &#x41; but for those that are markup.
func numericEntities(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "&#")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := strings.IndexByte(s[i:], ';')
		if end < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i] + html.UnescapeString(s[i:i+end+1]))
		s = s[i+end+1:]
	}
}

// escapeHTML writes the letters of ISO 8859-1 that HTML has names for by these.
func escapeHTML(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r >= 160 && r <= 255:
			b.WriteString("&" + latinNames[r-160] + ";")
		case r == '€':
			b.WriteString("&euro;")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// latinNames are HTML's names of the characters 160 to 255.
var latinNames = strings.Fields("nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para " +
	"middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute " +
	"Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring " +
	"aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml " +
	"yacute thorn yuml")

func unescapeJava(s string) string {
	var out []uint16
	u := units(s)
	for i := 0; i < len(u); i++ {
		if u[i] != '\\' || i+1 >= len(u) {
			out = append(out, u[i])
			continue
		}
		i++
		switch u[i] {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'u':
			if i+4 < len(u) {
				if n, err := strconv.ParseUint(fromUnits(u[i+1:i+5]), 16, 16); err == nil {
					out = append(out, uint16(n))
					i += 4
					continue
				}
			}
			out = append(out, '\\', 'u')
		default:
			out = append(out, u[i])
		}
	}
	return fromUnits(out)
}
