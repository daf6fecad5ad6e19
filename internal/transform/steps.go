package transform

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// MaxExternalScript is the largest file an External Script step may name, in bytes.
const MaxExternalScript = 4 << 20

// code returns the JavaScript of one step, as Mirth would generate it.
func code(s weir.Step) (string, error) {
	pre, body, post, err := pieces(s, loops{})
	if err != nil {
		return "", fmt.Errorf("step %q: %w", s.Name, err)
	}
	return join(pre, body, post), nil
}

// ruleCode returns the JavaScript of one filter rule: the body of a function
// that returns whether to accept.
func ruleCode(s weir.Step) (string, error) {
	switch s.Type {
	case "JavaScript":
		return s.Settings.Text("script"), nil
	case "External Script":
		return externalScript(s)
	case "Rule Builder":
		cond, err := condition(s.Settings, "")
		if err != nil {
			return "", fmt.Errorf("rule %q: %w", s.Name, err)
		}
		return "if (" + cond + ") { return true; } return false;", nil
	case "Iterator":
		return iteratorRule(s, 0)
	}
	return "", unknown(s)
}

func unknown(s weir.Step) error {
	return &weir.Fault{
		Err:  fmt.Errorf("%q is of type %s, which Weir does not have", s.Name, s.Type),
		Hint: "Disable it, or replace it by a JavaScript step.",
	}
}

// loops is the iterators around a step, outermost first.
type loops struct {
	index []string // their index variables
}

// pieces returns what a step puts before the outermost iterator around it, in
// its place, and after that iterator.
func pieces(s weir.Step, around loops) (pre, body, post string, err error) {
	g := s.Settings
	switch s.Type {
	case "JavaScript":
		return "", g.Text("script"), "", nil
	case "External Script":
		body, err = externalScript(s)
		return "", body, "", err
	case "Mapper":
		pre, body, post = mapper(g, len(around.index) > 0)
		return pre, body, post, nil
	case "Message Builder":
		return "", messageBuilder(g, around), "", nil
	case "Destination Set Filter":
		body, err = destinationSetFilter(g)
		return "", body, "", err
	case "Iterator":
		return iteratorStep(s, around)
	case "XSLT Step":
		pre, body, post = xsltStep(g, len(around.index) > 0)
		return pre, body, post, nil
	}
	return "", "", "", unknown(s)
}

func join(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p)
	}
	return b.String()
}

func externalScript(s weir.Step) (string, error) {
	path := s.Settings.Text("scriptPath")
	info, err := os.Stat(path)
	if err == nil && info.Size() > MaxExternalScript {
		err = fmt.Errorf("%d bytes are more than %d", info.Size(), MaxExternalScript)
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return "", &weir.Fault{
			At:   "scriptPath",
			Err:  fmt.Errorf("external script of %q: %w", s.Name, err),
			Hint: "Put the file there, or correct the path; it is read when the channel is deployed.",
		}
	}
	return string(data), nil
}

// expression is a setting that holds a JavaScript expression; blank is ”.
func expression(g config.Group, name string) string {
	if e := strings.TrimSpace(g.Text(name)); e != "" {
		return e
	}
	return "''"
}

// replacements renders the pairs of regular expression and replacement, which
// are JavaScript expressions themselves, as validate wants them.
func replacements(g config.Group) string {
	s, _ := g.Get("replacements")
	var pairs []string
	for _, pair := range s.Group {
		if len(pair.Group) == 2 {
			pairs = append(pairs, "["+pair.Group[0].Text+", "+pair.Group[1].Text+"]")
		}
	}
	return "[" + strings.Join(pairs, ", ") + "]" // new Array() would cost each run its constructor
}

var scopeMaps = map[string]string{
	"CONNECTOR": "connectorMap", "CHANNEL": "channelMap", "GLOBAL_CHANNEL": "globalChannelMap",
	"GLOBAL": "globalMap", "RESPONSE": "responseMap",
}

func mapper(g config.Group, inIterator bool) (pre, body, post string) {
	into, ok := scopeMaps[g.Text("scope")]
	if !ok {
		into = "channelMap"
	}
	variable := g.Text("variable")
	name := quote(variable)
	value := "validate(mapping, " + expression(g, "defaultValue") + ", " + replacements(g) + ")"
	get := "var mapping;\ntry { mapping = " + expression(g, "mapping") + "; } catch (e) { mapping = ''; }\n"
	if !inIterator {
		return "", get + into + ".put(" + name + ", " + value + ");", ""
	}
	list := listName(variable)
	return "var " + list + " = Lists.list();",
		get + list + ".add(" + value + ");",
		into + ".put(" + name + ", " + list + ".toArray());"
}

// xsltStep transforms a text by a stylesheet; both are expressions. Its globals are
// those that Mirth leaves behind, which later steps may use.
func xsltStep(g config.Group, inIterator bool) (pre, body, post string) {
	variable := g.Text("resultVariable")
	const stream = "Packages.javax.xml.transform.stream."
	body = "tFactory = Packages.javax.xml.transform.TransformerFactory.newInstance();\n" +
		"xsltTemplate = new Packages.java.io.StringReader(" + expression(g, "template") + ");\n" +
		"transformer = tFactory.newTransformer(new " + stream + "StreamSource(xsltTemplate));\n" +
		"sourceVar = new Packages.java.io.StringReader(" + expression(g, "sourceXml") + ");\n" +
		"resultVar = new Packages.java.io.StringWriter();\n" +
		"transformer.transform(new " + stream + "StreamSource(sourceVar), new " + stream + "StreamResult(resultVar));\n"
	if !inIterator {
		return "", body + "channelMap.put(" + quote(variable) + ", resultVar.toString());", ""
	}
	list := listName(variable)
	return "var " + list + " = Lists.list();",
		body + list + ".add(resultVar.toString());",
		"channelMap.put(" + quote(variable) + ", " + list + ".toArray());"
}

// listName is the variable in which an iterator collects the values of a step.
func listName(variable string) string {
	return "_" + strings.Map(func(r rune) rune {
		if r == '_' || r == '$' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, variable)
}

func messageBuilder(g config.Group, around loops) string {
	target := strings.TrimSpace(g.Text("messageSegment"))
	set := target + " = validate(" + expression(g, "mapping") + ", " + expression(g, "defaultValue") + ", " + replacements(g) + ");"
	if len(around.index) == 0 {
		return set
	}
	return createMissing(target, around) + set
}

// createMissing makes what an assignment inside an iterator addresses by an
// iterator's index: elements in a tree; objects and arrays in JSON.
func createMissing(target string, around loops) string {
	parts := splitPath(target)
	if len(parts) < 2 {
		return ""
	}
	upTo := func(n int) string {
		var b strings.Builder
		for _, p := range parts[:n] {
			b.WriteString(p.text)
		}
		return b.String()
	}
	isIndex := func(p part) bool { return p.isNumber() || slices.Contains(around.index, p.name) }

	var xml, object strings.Builder
	for i := 2; i < len(parts); i++ {
		if slices.Contains(around.index, parts[i].name) && !isIndex(parts[i-1]) {
			fmt.Fprintf(&xml, "if (typeof(%s) == 'undefined') { createSegment(%s, %s, %s); }\n",
				upTo(i+1), parts[i-1].literal(), upTo(i-1), parts[i].name)
		}
	}
	for i := 0; i < len(parts)-1; i++ {
		empty := "{}"
		if isIndex(parts[i+1]) {
			empty = "[]"
		}
		fmt.Fprintf(&object, "if (typeof(%s) == 'undefined') { %s = %s; }\n", upTo(i+1), upTo(i+1), empty)
	}
	return "if (typeof(" + parts[0].text + ") == 'xml') {\n" + xml.String() + "} else {\n" + object.String() + "}\n"
}

// part is one piece of tmp['OBX'][i].name: the base, a bracketed key or a dotted
// name. text is as written, name what stands inside.
type part struct{ text, name string }

func (p part) isNumber() bool {
	_, err := strconv.Atoi(p.name)
	return err == nil
}

// literal is the part's name as a JavaScript string.
func (p part) literal() string {
	if strings.HasPrefix(p.name, "'") || strings.HasPrefix(p.name, `"`) {
		return p.name
	}
	return quote(p.name)
}

// splitPath cuts an assignment's target into its parts. A target that is no
// plain path has only the one part.
func splitPath(target string) []part {
	whole := []part{{target, target}}
	end := strings.IndexAny(target, "[.")
	if end < 0 {
		return whole
	}
	parts := []part{{target[:end], target[:end]}}
	for rest := target[end:]; rest != ""; {
		n := 0
		switch rest[0] {
		case '[':
			n = closing(rest) + 1
		case '.':
			if n = strings.IndexAny(rest[1:], "[.") + 1; n == 0 {
				n = len(rest)
			}
		}
		if n <= 1 {
			return whole
		}
		name := rest[1:n]
		if rest[0] == '[' {
			name = rest[1 : n-1]
		}
		parts = append(parts, part{rest[:n], strings.TrimSpace(name)})
		rest = rest[n:]
	}
	return parts
}

// closing finds the bracket that closes the one s begins with, past quotes and
// nested brackets, or -1.
func closing(s string) int {
	depth := 0
	var quoted byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quoted != 0:
			if c == '\\' {
				i++
			} else if c == quoted {
				quoted = 0
			}
		case c == '\'' || c == '"':
			quoted = c
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// condition renders the test of a Rule Builder rule or Destination Set Filter.
// length names a function to take lengths with; empty means the property.
func condition(g config.Group, length string) (string, error) {
	field := g.Text("field")
	var values []string
	s, _ := g.Get("values")
	for _, v := range s.Group {
		values = append(values, v.Text)
	}
	if len(values) == 0 {
		values = []string{`""`}
	}
	size := field + ".length"
	if length != "" {
		size = length + "(" + field + ")"
	}
	each := func(format, op string) string {
		var tests []string
		for _, v := range values {
			tests = append(tests, fmt.Sprintf(format, field, v))
		}
		return strings.Join(tests, op)
	}
	switch c := g.Text("condition"); c {
	case "EXISTS", "":
		return size + " > 0", nil
	case "NOT_EXIST":
		return size + " == 0", nil
	case "EQUALS":
		return each("%s == %s", " || "), nil
	case "NOT_EQUAL":
		return each("%s != %s", " && "), nil
	case "CONTAINS":
		return each("(%s.indexOf(%s) != -1)", " || "), nil
	case "NOT_CONTAIN":
		return each("(%s.indexOf(%s) == -1)", " && "), nil
	default:
		return "", fmt.Errorf("condition %q is not known", c)
	}
}

func destinationSetFilter(g config.Group) (string, error) {
	cond, err := condition(g, "getArrayOrXmlLength")
	if err != nil {
		return "", err
	}
	var ids []string
	s, _ := g.Get("metaDataIds")
	for _, id := range s.Group {
		if _, err := strconv.Atoi(id.Text); err != nil {
			return "", fmt.Errorf("metaDataIds: %q is not a number", id.Text)
		}
		ids = append(ids, id.Text)
	}
	list := "[" + strings.Join(ids, ", ") + "]"
	switch b := g.Text("behavior"); b {
	case "REMOVE", "":
		return "if (" + cond + ") { destinationSet.remove(" + list + "); }", nil
	case "REMOVE_ALL_EXCEPT":
		return "if (" + cond + ") { destinationSet.removeAllExcept(" + list + "); }", nil
	case "REMOVE_ALL":
		return "if (" + cond + ") { destinationSet.removeAll(); }", nil
	default:
		return "", fmt.Errorf("behavior %q is not known", b)
	}
}

func iteratorStep(s weir.Step, around loops) (pre, body, post string, err error) {
	index := s.Settings.Text("indexVariable")
	if index == "" {
		index = "i"
	}
	inner := loops{append(append([]string(nil), around.index...), index)}
	var pres, bodies, posts []string
	for _, child := range s.Steps {
		if !child.Enabled {
			continue
		}
		p, b, q, err := pieces(child, inner)
		if err != nil {
			return "", "", "", fmt.Errorf("step %q in %q: %w", child.Name, s.Name, err)
		}
		pres, bodies, posts = append(pres, p), append(bodies, b), append(posts, q)
	}
	body = fmt.Sprintf("for (var %s = 0; %s < getArrayOrXmlLength(%s); %s++) {\n%s\n}",
		index, index, expression(s.Settings, "target"), index, join(bodies...))
	return join(pres...), body, join(posts...), nil
}

func iteratorRule(s weir.Step, depth int) (string, error) {
	g := s.Settings
	index := g.Text("indexVariable")
	if index == "" {
		index = "i"
	}
	intersect := g.Text("intersectIterations") == "true"
	breakEarly := g.Text("breakEarly") != "false"
	accept := "accept" + strconv.Itoa(depth)

	var test strings.Builder
	for _, child := range s.Steps {
		if !child.Enabled {
			continue
		}
		var inner string
		var err error
		if child.Type == "Iterator" {
			inner, err = iteratorRule(child, depth+1)
		} else {
			inner, err = ruleCode(child)
		}
		if err != nil {
			return "", err
		}
		if test.Len() > 0 {
			if child.Operator == "AND" {
				test.WriteString(" && ")
			} else {
				test.WriteString(" || ")
			}
		}
		test.WriteString("(function() {\n" + inner + "\n}() == true)")
	}
	if test.Len() == 0 {
		test.WriteString("true")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "var %s = %t;\n", accept, intersect)
	fmt.Fprintf(&b, "for (var %s = 0; %s < getArrayOrXmlLength(%s); %s++) {\n", index, index, expression(g, "target"), index)
	if intersect {
		fmt.Fprintf(&b, "if (!(%s)) { %s = false;", test.String(), accept)
	} else {
		fmt.Fprintf(&b, "if (%s) { %s = true;", test.String(), accept)
	}
	if breakEarly {
		b.WriteString(" break;")
	}
	fmt.Fprintf(&b, " }\n}\nreturn %s;", accept)
	return b.String(), nil
}

// quote renders a JavaScript string literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch r {
		case '\'', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\u2028', '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
