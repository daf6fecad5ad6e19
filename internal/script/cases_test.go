package script_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datatype/all"
	"github.com/weir-health/weir/datatype/hl7v2"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/java"
	"github.com/weir-health/weir/tree"
)

// transformerCase is a case of test/hl7-script-cases.json, which was recorded by
// running the original serializer and script engine.
type transformerCase struct {
	Name                string
	Input               string
	Script              string
	FilterScript        string
	OutboundTemplate    string
	Accepted            bool
	ExpectedOutput      *string
	ExpectedTransformed *string
	ExpectedError       string
	ChannelMap          map[string]mapValue
	ConnectorMap        map[string]mapValue
	GlobalMap           map[string]mapValue
	GlobalChannelMap    map[string]mapValue
	ResponseMap         map[string]mapValue
	DestinationSet      []int
	Log                 string
}

type mapValue struct{ Type, Value string }

func TestTransformerCases(t *testing.T) {
	t.Setenv("TZ", "UTC")
	var cases []transformerCase
	load(t, "../../test/hl7-script-cases.json", &cases)
	passed := 0
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			for _, problem := range runCase(t, c) {
				t.Error(problem)
			}
			if !t.Failed() {
				passed++
			}
		})
	}
	t.Logf("%d of %d cases", passed, len(cases))
}

func load(t testing.TB, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

func newHL7(t testing.TB) weir.TreeType {
	t.Helper()
	dt := hl7v2.New()
	if _, err := config.Decode(nil, dt); err != nil {
		t.Fatal(err)
	}
	return dt
}

func runCase(t *testing.T, c transformerCase) (problems []string) {
	fail := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	dt := newHL7(t)
	in := input(t, dt, c.Input)
	if c.OutboundTemplate != "" {
		tmpl := input(t, dt, c.OutboundTemplate)
		in.Template = &tmpl
	}
	var rules []script.Rule
	var steps []script.Part
	if c.FilterScript != "" {
		rules = []script.Rule{{Part: script.Part{Name: "rule 0", Code: c.FilterScript}}}
	} else {
		steps = []script.Part{{Name: "step 0", Code: c.Script}}
	}
	host := &recorder{}
	set := script.NewDestinationSet([]int{1, 2})
	msg := &weir.ConnectorMessage{MessageID: 1, ChannelID: "ch", SourceMap: map[string]any{"srcKey": "srcVal"}}
	msg.Set(weir.Raw, c.Input, "HL7V2")
	scope := &script.Scope{
		Host: host, Context: "SOURCE_FILTER_TRANSFORMER", ChannelID: "ch", ChannelName: "Channel", Connector: "Source",
		Message: msg, Global: script.NewSharedMap(), GlobalChannel: script.NewSharedMap(),
		DestinationSet: set, Destinations: map[string]int{"Dest 1": 1, "Dest 2": 2},
		Configuration: map[string]string{},
	}
	out, err := transform(c, rules, steps, scope, in)
	if c.ExpectedError != "" {
		var e *script.Error
		if !errors.As(err, &e) || e.Kind != c.ExpectedError {
			fail("error %v, want %s", err, c.ExpectedError)
		}
		return problems
	}
	if err != nil {
		var e *script.Error
		if errors.As(err, &e) {
			fail("%s", e.Detail())
		}
		return append(problems, err.Error())
	}
	if out.Accepted != c.Accepted {
		fail("accepted %v, want %v", out.Accepted, c.Accepted)
	}
	if c.ExpectedTransformed != nil && out.Text != *c.ExpectedTransformed {
		fail("transformed %q, want %q", out.Text, *c.ExpectedTransformed)
	}
	if c.ExpectedOutput != nil {
		root := out.Root
		if !out.IsTree {
			root, _ = tree.ParseXML(out.Text, tree.XMLOptions{})
		}
		if got, _, err := dt.Encode(root); err != nil || got != *c.ExpectedOutput {
			fail("output %v\n got %q\nwant %q", err, got, *c.ExpectedOutput)
		}
	}
	for _, m := range []struct {
		name string
		got  map[string]any
		want map[string]mapValue
	}{
		{"channelMap", msg.ChannelMap, c.ChannelMap}, {"connectorMap", msg.ConnectorMap, c.ConnectorMap},
		{"responseMap", msg.ResponseMap, c.ResponseMap}, {"globalMap", scope.Global.Snapshot(), c.GlobalMap},
		{"globalChannelMap", scope.GlobalChannel.Snapshot(), c.GlobalChannelMap},
	} {
		got := make(map[string]mapValue)
		for k, v := range m.got {
			got[k] = describe(v)
		}
		for k, w := range m.want {
			if g := got[k]; g.Type != w.Type || !strings.HasPrefix(w.Type, "JS:") && g.Value != w.Value {
				fail("%s %q: got %v, want %v", m.name, k, g, w)
			}
			delete(got, k)
		}
		for k, g := range got {
			fail("%s %q: %v is too much", m.name, k, g)
		}
	}
	if c.DestinationSet != nil && fmt.Sprint(set.IDs()) != fmt.Sprint(c.DestinationSet) {
		fail("destinationSet %v, want %v", set.IDs(), c.DestinationSet)
	}
	if c.Log != "" && host.lines != c.Log {
		fail("log %q, want %q", host.lines, c.Log)
	}
	return problems
}

func input(t testing.TB, dt weir.TreeType, text string) script.Input {
	t.Helper()
	root, err := dt.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return script.Input{Form: weir.FormTree, Root: root, Text: text}
}

func transform(c transformerCase, rules []script.Rule, steps []script.Part, scope *script.Scope, in script.Input) (script.Output, error) {
	p, err := script.CompileTransformer("source transformer", nil, rules, steps, false)
	if err != nil {
		return script.Output{}, err
	}
	return p.Transform(context.Background(), scope, in)
}

// describe names a value as the recorded cases do: its Java class and text.
func describe(v any) mapValue {
	switch v := v.(type) {
	case nil:
		return mapValue{"null", "null"}
	case string:
		return mapValue{"java.lang.String", v}
	case float64:
		return mapValue{"java.lang.Double", java.Text(v)}
	case int32:
		return mapValue{"java.lang.Integer", java.Text(v)}
	case bool:
		return mapValue{"java.lang.Boolean", java.Text(v)}
	case *script.XML:
		return mapValue{"E4X", v.String()}
	case []any:
		return mapValue{"JS:Array", ""}
	case *script.Object:
		return mapValue{"JS:Object", ""}
	case *java.Array:
		return mapValue{"[Ljava.lang.Object;", v.String()}
	}
	return mapValue{"JS:Date", ""}
}

// recorder is a host that keeps log lines and alerts.
type recorder struct {
	script.Host
	lines string
}

func (h *recorder) Log(s *script.Scope, level script.Level, logger, text string) {
	h.lines += string(level) + " " + text + "\n"
}

func (h *recorder) DataType(name string, _, _ map[string]any) (weir.DataType, error) {
	for _, def := range all.DataTypes {
		if def.Name == name {
			dt := def.New()
			_, err := config.Decode(nil, dt)
			return dt, err
		}
	}
	return nil, nil
}

func (h *recorder) Alert(s *script.Scope, text string) { h.lines += "ALERT " + text + "\n" }

func TestE4XCases(t *testing.T) {
	var cases []struct {
		Name, Script, ExpectedError string
		Expected                    any
	}
	load(t, "../../test/e4x-cases.json", &cases)
	passed := 0
	var failed []string
	for _, c := range cases {
		p, err := script.CompileScript("case", nil, script.Part{Name: "body", Code: "return String((function () {" + c.Script + "\n})())"})
		var got any
		if err == nil {
			got, err = p.Run(context.Background(), &script.Scope{})
		}
		var e *script.Error
		switch {
		case c.ExpectedError != "" && errors.As(err, &e) && e.Kind == c.ExpectedError:
			passed++
		case c.ExpectedError == "" && err == nil && got == c.Expected:
			passed++
		default:
			failed = append(failed, c.Name)
			t.Logf("%s: got %q, %v; want %q %s", c.Name, got, err, c.Expected, c.ExpectedError)
		}
	}
	sort.Strings(failed)
	t.Logf("%d of %d cases", passed, len(cases))
	if len(failed) > 0 {
		t.Errorf("failed: %s", strings.Join(failed, ", "))
	}
}

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
