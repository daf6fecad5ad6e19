package transform

import (
	"context"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datatype/all"
	"github.com/weir-health/weir/internal/script"
)

func types(name string) (weir.DataTypeDef, bool) {
	for _, d := range all.DataTypes {
		if d.Name == name {
			return d, true
		}
	}
	return weir.DataTypeDef{}, false
}

type quietHost struct{ script.Host }

func (quietHost) Log(*script.Scope, script.Level, string, string) {}

// run transforms a text and returns the result with the channel map.
func run(t *testing.T, c Config, text string) (Result, map[string]any, error) {
	t.Helper()
	c.Name, c.Types = "source transformer", types
	e, err := New(c)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	cm := &weir.ConnectorMessage{ChannelMap: map[string]any{}, ConnectorMap: map[string]any{}}
	res, err := e.Run(context.Background(), &script.Scope{
		Host: quietHost{}, Context: "SOURCE_FILTER_TRANSFORMER", Message: cm,
		Global: script.NewSharedMap(), GlobalChannel: script.NewSharedMap(), DestinationSet: script.NewDestinationSet([]int{1, 2, 3}),
	}, text)
	return res, cm.ChannelMap, err
}

const oru = "MSH|^~\\&|LAB|H|E|C|1||ORU^R01|7|P|2.5\rPID|1||5^^^H||DOE^JANE\rOBX|1|NM|WBC||7.2\rOBX|2|NM|HGB||14.1\r"

func hl7(steps ...weir.Step) weir.Transformer {
	for i := range steps {
		steps[i].Enabled = true
	}
	return weir.Transformer{Inbound: "HL7V2", Outbound: "HL7V2", Steps: steps}
}

// How rules combine: AND before OR, the first operator ignored, and only true,
// 1 and '1' accept.
func TestFilters(t *testing.T) {
	for _, c := range []struct {
		rules string // operator and what the rule returns, separated by blanks
		want  bool
	}{
		{"", true}, {"NONE:true", true}, {"NONE:false", false}, {"NONE:1", true}, {"NONE:'1'", true}, {"NONE:'true'", false},
		{"NONE:undefined", false}, {"NONE:{}", false}, {"NONE:2", false}, {"OR:true", true},
		{"NONE:true AND:false", false}, {"NONE:true OR:false", true}, {"NONE:false OR:true AND:false", false}, {"NONE:true OR:true AND:false", true},
		{"off:false NONE:true", true}, {"NONE:true off:false", true}, {"off:true AND:true", true}, {"off:false", true},
	} {
		t.Run(c.rules, func(t *testing.T) {
			var filter []weir.Step
			for _, rule := range strings.Fields(c.rules) {
				op, result, _ := strings.Cut(rule, ":")
				filter = append(filter, weir.Step{Type: "JavaScript", Enabled: op != "off", Operator: op, Settings: set("script", "return "+result)})
			}
			res, _, err := run(t, Config{Filter: filter, Transformer: weir.Transformer{Inbound: "RAW", Outbound: "RAW"}}, "x")
			if err != nil || res.Accepted != c.want {
				t.Errorf("accepted %v, %v, want %v", res.Accepted, err, c.want)
			}
		})
	}
}

// Each kind of rule and step at work.
func TestStepsAtWork(t *testing.T) {
	builder := func(target, mapping string) weir.Step {
		return weir.Step{Type: "Message Builder", Settings: set("messageSegment", target, "mapping", mapping)}
	}
	mapper := func(variable, mapping string, more ...string) weir.Step {
		return weir.Step{Type: "Mapper", Settings: set(append(more, "variable", variable, "mapping", mapping, "scope", "CHANNEL")...)}
	}
	js := func(code string) weir.Step { return weir.Step{Type: "JavaScript", Settings: set("script", code)} }
	for _, c := range []struct {
		name    string
		step    weir.Step
		encoded string // the line of oru that is changed, as it becomes
		key     string
		value   any
	}{
		{"javascript", js("msg['PID']['PID.5']['PID.5.1'] = 'ROE'"), "PID|1||5^^^H||ROE^JANE", "", nil},
		{"return ends the steps", js("return; msg['PID']['PID.5']['PID.5.1'] = 'ROE'"), "PID|1||5^^^H||DOE^JANE", "", nil},
		{"mapper", mapper("mrn", "msg['PID']['PID.3']['PID.3.1'].toString()"), "", "mrn", "5"},
		{"mapper of what is missing", mapper("none", "msg['ZZZ']['ZZZ.1'].toString()", "defaultValue", "'default'"), "", "none", "default"},
		{"mapper that throws", mapper("none", "nothing.at.all", "defaultValue", "'default'"), "", "none", "default"},
		{"mapper, blank", mapper("none", " "), "", "none", ""},
		{"mapper of a number", mapper("n", "1 + 1"), "", "n", 2.0},
		{"mapper with a replacement", weir.Step{Type: "Mapper", Settings: append(set("variable", "r", "mapping", "'abc'", "scope", "CHANNEL"),
			config.Setting{Name: "replacements", Group: config.Group{pair("'^a(.)'", "'$1-'")}})}, "", "r", "b-c"},
		{"message builder", builder("msg['PID']['PID.5']['PID.5.2']", "'MARY'"), "PID|1||5^^^H||DOE^MARY", "", nil},
		{"message builder in an iterator", weir.Step{Type: "Iterator", Settings: set("target", "msg['OBX']", "indexVariable", "i"),
			Steps: []weir.Step{on(builder("msg['OBX'][i]['OBX.6']['OBX.6.1']", "'U' + i"))}}, "OBX|2|NM|HGB||14.1|U1", "", nil},
		{"mapper in an iterator", weir.Step{Type: "Iterator", Settings: set("target", "msg['OBX']", "indexVariable", "i"),
			Steps: []weir.Step{on(mapper("all", "msg['OBX'][i]['OBX.5']['OBX.5.1'].toString()"))}}, "", "all", "[7.2, 14.1]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, channelMap, err := run(t, Config{Transformer: hl7(c.step)}, oru)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(res.Encoded, c.encoded) {
				t.Errorf("encoded %q lacks %q", res.Encoded, c.encoded)
			}
			if c.key == "" {
				return
			}
			got := channelMap[c.key]
			if list, ok := got.(interface{ Items() []any }); ok {
				var texts []string
				for _, item := range list.Items() {
					texts = append(texts, item.(string))
				}
				got = "[" + strings.Join(texts, ", ") + "]"
			}
			if got != c.value {
				t.Errorf("%s is %v (%T), want %v", c.key, channelMap[c.key], channelMap[c.key], c.value)
			}
		})
	}
}

func on(s weir.Step) weir.Step {
	s.Enabled = true
	return s
}

// What the forms of the two sides make of each other.
func TestForms(t *testing.T) {
	for _, c := range []struct {
		name                       string
		t                          weir.Transformer
		text, encoded, transformed string
		derived                    bool
	}{
		{"nothing to do", weir.Transformer{Inbound: "RAW", Outbound: "RAW"}, "x", "x", "", false},
		{"line ends in passing", weir.Transformer{Inbound: "HL7V2", Outbound: "HL7V2"}, "MSH|^~\\&|A\nPID|1\n", "MSH|^~\\&|A\rPID|1\r", "", false},
		{"text to JSON", weir.Transformer{Inbound: "RAW", Outbound: "JSON", Steps: []weir.Step{on(weir.Step{Type: "JavaScript", Settings: set("script", "msg = {a: [1, 'b']}")})}},
			"x", `{"a":[1,"b"]}`, `{"a":[1,"b"]}`, false},
		{"JSON to text", weir.Transformer{Inbound: "JSON", Outbound: "RAW", Steps: []weir.Step{on(weir.Step{Type: "JavaScript", Settings: set("script", "msg = msg.a")})}},
			`{"a":"b"}`, "b", "b", false},
		{"HL7 to XML", weir.Transformer{Inbound: "HL7V2", Outbound: "XML"}, "MSH|^~\\&|A\r",
			"<HL7Message><MSH><MSH.1>|</MSH.1><MSH.2>^~\\&amp;</MSH.2><MSH.3><MSH.3.1>A</MSH.3.1></MSH.3></MSH></HL7Message>", "", true},
		{"outbound template", weir.Transformer{Inbound: "RAW", Outbound: "XML", OutboundTemplate: "<aaa><bbb/></aaa>",
			Steps: []weir.Step{on(weir.Step{Type: "JavaScript", Settings: set("script", "tmp.bbb = msg")})}}, "x", "<aaa><bbb>x</bbb></aaa>", "", true},
		{"text as HL7", weir.Transformer{Inbound: "RAW", Outbound: "HL7V2", Steps: []weir.Step{on(weir.Step{Type: "JavaScript",
			Settings: set("script", "msg = '<HL7Message><PID><PID.1><PID.1.1>1</PID.1.1></PID.1></PID></HL7Message>'")})}},
			"x", "PID|1\r", "<HL7Message><PID><PID.1><PID.1.1>1</PID.1.1></PID.1></PID></HL7Message>", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, _, err := run(t, Config{Transformer: c.t}, c.text)
			if err != nil || !res.Accepted || res.Encoded != c.encoded || res.Transformed != c.transformed || res.Derived != c.derived {
				t.Errorf("got %+v, %v\nwant %q, %q, derived %v", res, err, c.encoded, c.transformed, c.derived)
			}
		})
	}
}

// Errors say which step, and no word of the message.
func TestErrorsOfSteps(t *testing.T) {
	secret := "MSH|^~\\&|A\rPID|SECRET\r"
	for name, c := range map[string]struct {
		t    weir.Transformer
		text string
		want string
	}{
		"throws":        {hl7(weir.Step{Type: "JavaScript", Name: "Mine", Settings: set("script", "\n throw msg.toString()")}), secret, "step 0: Mine, line 2"},
		"type error":    {hl7(weir.Step{Type: "JavaScript", Settings: set("script", "msg['PID']['PID.3'][5]['PID.3.1'] = 'x'")}), secret, "step 0, line 1"},
		"not a message": {hl7(weir.Step{Type: "JavaScript", Settings: set("script", "msg = 'SECRET'")}), secret, "the script's result is not XML"},
		"unreadable":    {weir.Transformer{Inbound: "XML", Outbound: "RAW"}, "SECRET", "reading the message as XML"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := run(t, Config{Transformer: c.t}, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("error %v, want one that has %q", err, c.want)
			}
		})
	}
}
