package mirth

import (
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
)

// stepClasses is what filter rules or transformer steps Weir has, by the class
// that names their element.
type stepClasses map[string]string

var rules = stepClasses{
	"com.mirth.connect.plugins.javascriptrule.JavaScriptRule":     "JavaScript",
	"com.mirth.connect.plugins.rulebuilder.RuleBuilderRule":       "Rule Builder",
	"com.mirth.connect.plugins.scriptfilerule.ExternalScriptRule": "External Script",
	"com.mirth.connect.model.IteratorRule":                        "Iterator",
}

var steps = stepClasses{
	"com.mirth.connect.plugins.javascriptstep.JavaScriptStep":                 "JavaScript",
	"com.mirth.connect.plugins.mapper.MapperStep":                             "Mapper",
	"com.mirth.connect.plugins.messagebuilder.MessageBuilderStep":             "Message Builder",
	"com.mirth.connect.plugins.scriptfilestep.ExternalScriptStep":             "External Script",
	"com.mirth.connect.plugins.xsltstep.XsltStep":                             "XSLT Step",
	"com.mirth.connect.plugins.destinationsetfilter.DestinationSetFilterStep": "Destination Set Filter",
	"com.mirth.connect.model.IteratorStep":                                    "Iterator",
}

// readSteps reads a list of rules or steps, in the order of their sequence
// numbers.
func (p place) readSteps(e *element, known stepClasses) []weir.Step {
	var list []weir.Step
	for _, s := range p.numbered(e) {
		list = append(list, s.at.readStep(s.element, known))
	}
	return list
}

// readFilter reads rules. Each enabled one but the first says how it combines
// with those before: what Mirth could not compile is noted.
func (p place) readFilter(e *element) []weir.Step {
	var list []weir.Step
	first := true
	for _, s := range p.numbered(e) {
		r := s.at.readStep(s.element, rules)
		list = append(list, r)
		if r.Enabled && !first && r.Operator != "AND" && r.Operator != "OR" {
			s.at.note(s.element, Blocks, "Choose AND or OR for it.",
				"the filter rule %q does not say how it combines with those before", shown(r.Name))
		}
		first = first && !r.Enabled
	}
	return list
}

type numberedStep struct {
	*element
	at     place
	number int
}

func (p place) numbered(e *element) []numberedStep {
	var list []numberedStep
	for i, c := range e.each() {
		list = append(list, numberedStep{c, p.item(stepLabel(c), i+1), sequence(c.textAt("sequenceNumber"))})
	}
	slices.SortStableFunc(list, func(a, b numberedStep) int { return a.number - b.number })
	return list
}

// stepLabel is a step's class without its package, for paths.
func stepLabel(e *element) string { return e.name[strings.LastIndexByte(e.name, '.')+1:] }

// sequence is the number made of a sequence number's digits, as Mirth sorts:
// "0-12" is 12.
func sequence(text string) int {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	if len(digits) > 9 {
		digits = digits[:9]
	}
	n, _ := strconv.Atoi(digits)
	return n
}

func (p place) readStep(e *element, known stepClasses) weir.Step {
	s := weir.Step{
		Type:     known[e.name],
		Name:     e.textAt("name"),
		Enabled:  e.boolAt("enabled", true),
		Operator: e.textAt("operator"),
		Settings: e.group("name", "sequenceNumber", "enabled", "operator"),
	}
	switch s.Type {
	case "":
		s.Type = e.name
		if s.Enabled {
			p.plugin(e, shown(e.name), Blocks, "Replace it by a JavaScript step or rule, or disable it.",
				"the step %q is of type %s, a plugin that Weir does not have", shown(s.Name), shown(e.name))
		}
	case "Iterator":
		props := e.child("properties")
		s.Settings = append(e.group("name", "sequenceNumber", "enabled", "operator", "properties"), props.group("children")...)
		s.Steps = p.in("properties/children").readSteps(props.child("children"), known)
	case "XSLT Step":
		if s.Enabled && e.boolAt("useCustomFactory", false) {
			p.note(e, Difference, "Check that the style sheet needs nothing of that class.",
				"the step %q names a Java class for XSLT; Weir uses its own", shown(s.Name))
		}
	}
	return s
}
