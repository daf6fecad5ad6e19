package document

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// rule is a rule of a style sheet whose selector is a name, a class, an id, or a
// name with one of these.
type rule struct {
	element, class, id string
	declarations       []declaration
}

type declaration struct{ name, value string }

// parseSheet reads the rules of a style element; those it does not know are left
// out. The declarations of @page come apart.
func parseSheet(text string) (rules []rule, page []declaration) {
	for {
		start := strings.Index(text, "/*")
		if start < 0 {
			break
		}
		end := strings.Index(text[start:], "*/")
		if end < 0 {
			text = text[:start]
			break
		}
		text = text[:start] + " " + text[start+end+2:]
	}
	for len(rules) < 1000 {
		selectors, rest, ok := strings.Cut(text, "{")
		body, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return rules, page
		}
		text = after
		for _, s := range strings.Split(selectors, ",") {
			s = strings.TrimSpace(s)
			if strings.HasPrefix(s, "@page") {
				page = append(page, declarations(body)...)
				continue
			}
			if s == "" || strings.ContainsAny(s, " >+~:[*@\t\n") {
				continue
			}
			r := rule{declarations: declarations(body)}
			s, r.id, _ = strings.Cut(s, "#")
			r.element, r.class, _ = strings.Cut(s, ".")
			r.element = strings.ToLower(r.element)
			rules = append(rules, r)
		}
	}
	return rules, page
}

func declarations(text string) (out []declaration) {
	for _, one := range strings.Split(text, ";") {
		name, value, ok := strings.Cut(one, ":")
		if ok {
			value = strings.TrimSpace(strings.Replace(value, "!important", "", 1))
			out = append(out, declaration{strings.ToLower(strings.TrimSpace(name)), value})
		}
	}
	return out
}

func (r rule) matches(n *html.Node) bool {
	if r.element != "" && r.element != n.Data || r.id != "" && r.id != attribute(n, "id") {
		return false
	}
	if r.class == "" {
		return true
	}
	for _, c := range strings.Fields(attribute(n, "class")) {
		if c == r.class {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// points reads a length; em is the size of text.
func points(text string, em float64) (length, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	i := strings.LastIndexAny(text, "0123456789.") + 1
	n, err := strconv.ParseFloat(text[:i], 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > 1e6 {
		return length{}, false
	}
	switch strings.TrimSpace(text[i:]) {
	case "pt":
	case "px", "":
		n *= 0.75
	case "in":
		n *= 72
	case "cm":
		n *= 72 / 2.54
	case "mm":
		n *= 72 / 25.4
	case "pc":
		n *= 12
	case "em":
		n *= em
	case "%":
		return length{part: n / 100}, true
	default:
		return length{}, false
	}
	return length{points: n}, true
}

var fontSizes = map[string]float64{"xx-small": 7, "x-small": 7.5, "small": 10, "medium": 12, "large": 13.5, "x-large": 18, "xx-large": 24}

// set applies a declaration that is about text.
func (s *style) set(d declaration) {
	value := strings.ToLower(d.value)
	switch d.name {
	case "font-size":
		if size, ok := fontSizes[value]; ok {
			s.size = size
		} else if l, ok := points(value, s.size); ok {
			size, _ := l.of(s.size)
			s.size = size
		}
		s.size = min(max(s.size, 1), 400)
	case "font-family":
		s.family = familyOf(value)
	case "font-weight":
		n, err := strconv.Atoi(value)
		s.bold = value == "bold" || value == "bolder" || err == nil && n >= 600
	case "font-style":
		s.italic = value == "italic" || value == "oblique"
	case "text-decoration":
		s.underline, s.strike = strings.Contains(value, "underline"), strings.Contains(value, "line-through")
	case "text-align":
		s.align = alignOf(value)
	case "white-space":
		s.pre, s.nowrap = strings.HasPrefix(value, "pre"), value == "nowrap"
	case "color":
		if c, ok := colorOf(value); ok {
			s.color = c
		}
	case "background-color", "background":
		if c, ok := colorOf(value); ok {
			s.background = &c
		}
	}
}

func alignOf(value string) align {
	switch strings.ToLower(value) {
	case "center":
		return center
	case "right", "end":
		return right
	}
	return left
}

func familyOf(value string) family {
	for _, name := range strings.Split(strings.ToLower(value), ",") {
		name = strings.Trim(name, " '\"")
		switch {
		case strings.Contains(name, "courier"), strings.Contains(name, "mono"), name == "consolas":
			return courierFamily
		case strings.Contains(name, "helvetica"), strings.Contains(name, "arial"), strings.Contains(name, "sans"),
			name == "verdana", name == "tahoma", name == "calibri":
			return helveticaFamily
		case strings.Contains(name, "times"), strings.Contains(name, "serif"), name == "georgia":
			return timesFamily
		}
	}
	return timesFamily
}

var colors = map[string]color{"black": {}, "white": {255, 255, 255}, "red": {255, 0, 0}, "green": {0, 128, 0}, "blue": {0, 0, 255},
	"yellow": {255, 255, 0}, "gray": {128, 128, 128}, "grey": {128, 128, 128}, "silver": {192, 192, 192}, "navy": {0, 0, 128},
	"maroon": {128, 0, 0}, "orange": {255, 165, 0}, "purple": {128, 0, 128}, "teal": {0, 128, 128}, "lightgray": {211, 211, 211},
	"lightgrey": {211, 211, 211}, "darkgray": {169, 169, 169}, "darkblue": {0, 0, 139}, "darkred": {139, 0, 0}}

func colorOf(value string) (color, bool) {
	value = strings.ToLower(strings.TrimSpace(value))
	if c, ok := colors[value]; ok {
		return c, true
	}
	if hex, ok := strings.CutPrefix(value, "#"); ok {
		if len(hex) == 3 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		n, err := strconv.ParseUint(hex, 16, 32)
		return color{uint8(n >> 16), uint8(n >> 8), uint8(n)}, err == nil && len(hex) == 6
	}
	if inner, ok := strings.CutPrefix(value, "rgb("); ok {
		parts := strings.Split(strings.TrimSuffix(inner, ")"), ",")
		if len(parts) != 3 {
			return color{}, false
		}
		var v [3]uint8
		for i, p := range parts {
			n, err := strconv.ParseUint(strings.TrimSpace(p), 10, 8)
			if err != nil {
				return color{}, false
			}
			v[i] = uint8(n)
		}
		return color{v[0], v[1], v[2]}, true
	}
	return color{}, false
}

var paperSizes = map[string][2]float64{"a3": {841.89, 1190.55}, "a4": {595.28, 841.89}, "a5": {419.53, 595.28},
	"b5": {498.9, 708.66}, "letter": {612, 792}, "legal": {612, 1008}, "ledger": {1224, 792}}

// set applies the declarations of @page.
func (p *paper) set(list []declaration) {
	for _, d := range list {
		words := strings.Fields(strings.ToLower(d.value))
		var lengths []float64
		for _, w := range words {
			if l, ok := points(w, 12); ok {
				n, _ := l.of(p.width)
				lengths = append(lengths, n)
			}
		}
		switch d.name {
		case "size":
			p.size(words, lengths)
		case "margin":
			if n := len(lengths); n > 0 && n <= 4 {
				of := [][4]int{{0, 0, 0, 0}, {0, 1, 0, 1}, {0, 1, 2, 1}, {0, 1, 2, 3}}[n-1]
				p.top, p.right, p.bottom, p.left = lengths[of[0]], lengths[of[1]], lengths[of[2]], lengths[of[3]]
			}
		case "margin-top", "margin-right", "margin-bottom", "margin-left":
			if len(lengths) == 1 {
				*map[string]*float64{"margin-top": &p.top, "margin-right": &p.right, "margin-bottom": &p.bottom, "margin-left": &p.left}[d.name] = lengths[0]
			}
		}
	}
}

func (p *paper) size(words []string, lengths []float64) {
	landscape := false
	for _, w := range words {
		if named, ok := paperSizes[w]; ok {
			p.width, p.height = named[0], named[1]
		}
		landscape = landscape || w == "landscape"
	}
	switch len(lengths) {
	case 1:
		p.width, p.height = lengths[0], lengths[0]
	case 2:
		p.width, p.height = lengths[0], lengths[1]
	}
	if landscape && p.width < p.height {
		p.width, p.height = p.height, p.width
	}
}

// smallest is the least width and height of a page, 26 mm, as in Mirth; largest
// is PDF's.
const (
	smallest = 26 * 72 / 25.4
	largest  = 14400
)

// fit makes sizes that can be printed on.
func (p *paper) fit() {
	p.width, p.height = min(max(p.width, smallest), largest), min(max(p.height, smallest), largest)
	if p.left+p.right > p.width*0.8 {
		p.left, p.right = p.width*0.1, p.width*0.1
	}
	if p.top+p.bottom > p.height*0.8 {
		p.top, p.bottom = p.height*0.1, p.height*0.1
	}
}
