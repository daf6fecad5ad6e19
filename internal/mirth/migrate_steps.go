package mirth

import "strings"

// typedRules, 3.5.0: a rule had a type, and its settings in a map of data.
func typedRules(e *element) { typed(e, "rules", typedRule) }

// typedSteps is the same for transformer steps.
func typedSteps(e *element) { typed(e, "steps", typedStep) }

func typed(e *element, list string, convert func(old *element, d stepData) *element) {
	old := e.remove(list)
	if old == nil || e.child("elements") != nil {
		return
	}
	elements := e.add("elements", "")
	for _, c := range old.children {
		made := convert(c, dataOf(c.child("data")))
		made.line, made.version = c.line, c.version
		for _, name := range []string{"name", "sequenceNumber", "operator"} {
			if from := c.child(name); from != nil {
				made.add(name, from.text)
			}
		}
		elements.children = append(elements.children, made)
	}
}

// stepData is the settings of an old step by their key.
type stepData map[string]*element

func dataOf(e *element) stepData {
	d := stepData{}
	for _, pair := range e.each() {
		if len(pair.children) == 2 {
			d[pair.children[0].text] = pair.children[1]
		}
	}
	return d
}

func (d stepData) text(key string) string {
	if e := d[key]; e != nil {
		return e.text
	}
	return ""
}

// conditions are the old numbers of a Rule Builder's condition.
var conditions = map[string]string{"0": "NOT_EQUAL", "1": "EQUALS", "2": "EXISTS", "3": "NOT_EXIST", "4": "CONTAINS", "5": "NOT_CONTAIN"}

func typedRule(old *element, d stepData) *element {
	switch old.textAt("type") {
	case "Rule Builder":
		e := &element{name: "com.mirth.connect.plugins.rulebuilder.RuleBuilderRule"}
		e.add("field", d.text("Field"))
		condition := conditions[strings.TrimSpace(d.text("Equals"))]
		if condition == "" {
			condition = "EXISTS"
		}
		e.add("condition", condition)
		values := e.add("values", "")
		for _, v := range d["Values"].items() {
			values.add("string", v)
		}
		return e
	case "External Script":
		e := &element{name: "com.mirth.connect.plugins.scriptfilerule.ExternalScriptRule"}
		e.add("scriptPath", d.text("Variable"))
		return e
	}
	return scripted("com.mirth.connect.plugins.javascriptrule.JavaScriptRule", old, d)
}

func typedStep(old *element, d stepData) *element {
	switch old.textAt("type") {
	case "Mapper":
		e := &element{name: "com.mirth.connect.plugins.mapper.MapperStep"}
		e.add("variable", d.text("Variable"))
		addMapping(e, d)
		e.add("scope", oldScope(d.text("isGlobal")))
		return e
	case "Message Builder":
		e := &element{name: "com.mirth.connect.plugins.messagebuilder.MessageBuilderStep"}
		e.add("messageSegment", d.text("Variable"))
		addMapping(e, d)
		return e
	case "External Script":
		e := &element{name: "com.mirth.connect.plugins.scriptfilestep.ExternalScriptStep"}
		e.add("scriptPath", d.text("Variable"))
		return e
	case "XSLT Step":
		e := &element{name: "com.mirth.connect.plugins.xsltstep.XsltStep"}
		e.add("sourceXml", d.text("Source"))
		e.add("resultVariable", d.text("Result"))
		e.add("template", d.text("XsltTemplate"))
		custom := "false"
		if d["Factory"] != nil {
			custom = "true"
		}
		e.add("useCustomFactory", custom)
		e.add("customFactory", d.text("Factory"))
		return e
	}
	return scripted("com.mirth.connect.plugins.javascriptstep.JavaScriptStep", old, d)
}

// scripted makes a JavaScript step of whatever is no other: a plugin's step also
// carries the script that it generated.
func scripted(class string, old *element, d stepData) *element {
	e := &element{name: class}
	if d["Script"] != nil {
		e.add("script", d.text("Script"))
	} else {
		e.add("script", old.textAt("script"))
	}
	return e
}

func addMapping(e *element, d stepData) {
	e.add("mapping", d.text("Mapping"))
	e.add("defaultValue", d.text("DefaultValue"))
	replacements := e.add("replacements", "")
	for _, r := range d["RegularExpressions"].each() {
		if len(r.children) < 2 {
			continue
		}
		pair := replacements.add("org.apache.commons.lang3.tuple.ImmutablePair", "")
		pair.add("left", r.children[0].text).setAttr("class", "string")
		pair.add("right", r.children[1].text).setAttr("class", "string")
	}
}

func oldScope(isGlobal string) string {
	switch strings.ToLower(isGlobal) {
	case "global":
		return "GLOBAL"
	case "globalchannel":
		return "GLOBAL_CHANNEL"
	case "response":
		return "RESPONSE"
	case "connector":
		return "CONNECTOR"
	}
	return "CHANNEL"
}

// 3.7.0

// stepsEnabled turns on what could not be turned off.
func stepsEnabled(e *element) {
	for _, step := range e.children {
		step.addMissing("enabled", "true")
	}
}
