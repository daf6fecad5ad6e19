package mirth

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

// withFilter makes a channel whose source filter has these rules.
func withFilter(rules string) string {
	return strings.Replace(wrap("a", ""), `<filter version="4.5.2"><elements/></filter>`, "<filter version=\"4.5.2\"><elements>"+rules+"</elements></filter>", 1)
}

func rule(class, number, enabled, operator, more string) string {
	return fmt.Sprintf("<%s version=\"4.5.2\"><name>n%s</name><sequenceNumber>%[2]s</sequenceNumber><enabled>%s</enabled><operator>%s</operator>%s</%[1]s>",
		class, number, enabled, operator, more)
}

const javascriptRule = "com.mirth.connect.plugins.javascriptrule.JavaScriptRule"

func TestStepsAreSorted(t *testing.T) {
	im := read(t, withFilter(rule(javascriptRule, "10", "true", "AND", "")+rule(javascriptRule, "9", "true", "OR", "")+rule(javascriptRule, "0-1", "true", "NONE", "")))
	var got []string
	for _, s := range im.Channels[0].Source.Filter {
		got = append(got, s.Name)
	}
	if want := []string{"n0-1", "n9", "n10"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestIterators(t *testing.T) {
	im := read(t, withFilter(rule("com.mirth.connect.model.IteratorRule", "0", "true", "NONE",
		`<properties><target>msg.OBX</target><indexVariable>k</indexVariable><prefixSubstitutions><string>msg.OBX</string></prefixSubstitutions><children>`+
			rule("com.mirth.connect.model.IteratorRule", "0-1", "true", "AND", `<properties><target>t</target><children>`+rule(javascriptRule, "0-1-0", "true", "NONE", "<script>x</script>")+`</children></properties>`)+
			rule(javascriptRule, "0-0", "false", "NONE", "<script>y</script>")+
			`</children><intersectIterations>true</intersectIterations><breakEarly>false</breakEarly></properties>`)))
	f := im.Channels[0].Source.Filter[0]
	if len(im.Notes) > 0 || f.Type != "Iterator" || len(f.Steps) != 2 || f.Steps[0].Name != "n0-0" || f.Steps[0].Enabled ||
		f.Steps[1].Steps[0].Settings.Text("script") != "x" {
		t.Fatalf("got %+v, notes %v", f, im.Notes)
	}
	for name, want := range map[string]string{"target": "msg.OBX", "indexVariable": "k", "intersectIterations": "true", "breakEarly": "false",
		"prefixSubstitutions.string": "msg.OBX", "children": ""} {
		if got := f.Settings.Text(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestStepNotes(t *testing.T) {
	iterated := rule("com.mirth.connect.model.IteratorRule", "0", "true", "NONE", "<properties><children>"+rule("com.acme.Rule", "0-0", "true", "NONE", "")+"</children></properties>")
	for _, c := range []struct{ name, rules, path, text string }{
		{"a plugin's rule", rule(javascriptRule, "0", "true", "NONE", "") + rule("com.acme.Rule", "1", "true", "AND", ""),
			"channel/sourceConnector/filter/elements/Rule[2]", `the step "n1" is of type com.acme.Rule, a plugin that Weir does not have`},
		{"inside an iterator", iterated, "channel/sourceConnector/filter/elements/IteratorRule[1]/properties/children/Rule[1]",
			`the step "n0-0" is of type com.acme.Rule, a plugin that Weir does not have`},
		{"a disabled plugin's rule", rule("com.acme.Rule", "0", "false", "NONE", ""), "", ""},
		{"no operator", rule(javascriptRule, "0", "true", "NONE", "") + rule(javascriptRule, "1", "true", "NONE", ""),
			"channel/sourceConnector/filter/elements/JavaScriptRule[2]", `the filter rule "n1" does not say how it combines with those before`},
		{"no operator, but the first enabled", rule(javascriptRule, "0", "false", "NONE", "") + rule(javascriptRule, "1", "true", "NONE", ""), "", ""},
	} {
		im := read(t, withFilter(c.rules))
		switch {
		case c.text == "" && len(im.Notes) > 0:
			t.Errorf("%s: got %v", c.name, im.Notes)
		case c.text != "" && (len(im.Notes) != 1 || im.Notes[0].Text != c.text || im.Notes[0].Path != c.path || !im.Blocked()):
			t.Errorf("%s\n got %+v\nwant %s at %s", c.name, im.Notes, c.text, c.path)
		}
	}
}

func TestPluginStepIsKept(t *testing.T) {
	f := read(t, withFilter(rule("com.acme.Rule", "0", "false", "NONE", "<own><a>1</a></own>"))).Channels[0].Source.Filter[0]
	if f.Type != "com.acme.Rule" || f.Settings.Text("own.a") != "1" {
		t.Errorf("got %+v", f)
	}
	if want := (weir.Step{Type: "com.acme.Rule", Name: "n0", Operator: "NONE", Settings: f.Settings}); !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v, want %+v", f, want)
	}
}
