package transform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

func set(pairs ...string) config.Group {
	var g config.Group
	for i := 0; i < len(pairs); i += 2 {
		g = append(g, config.Setting{Name: pairs[i], Text: pairs[i+1]})
	}
	return g
}

func list(name string, items ...string) config.Setting {
	s := config.Setting{Name: name}
	for _, item := range items {
		s.Group = append(s.Group, config.Setting{Name: "string", Text: item})
	}
	return s
}

func pair(left, right string) config.Setting {
	return config.Setting{Name: "pair", Group: config.Group{{Name: "left", Text: left}, {Name: "right", Text: right}}}
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		name string
		step weir.Step
		want string
	}{
		{"mapper", weir.Step{Type: "Mapper", Settings: set("variable", "mrn", "mapping", "msg['PID']['PID.3']['PID.3.1'].toString()", "scope", "CHANNEL")}, `
			var mapping;
			try { mapping = msg['PID']['PID.3']['PID.3.1'].toString(); } catch (e) { mapping = ''; }
			channelMap.put('mrn', validate(mapping, '', []));`},
		{"mapper with all it has", weir.Step{Type: "Mapper", Settings: append(
			set("variable", "it's", "mapping", "x", "defaultValue", "'none'", "scope", "GLOBAL_CHANNEL"),
			config.Setting{Name: "replacements", Group: config.Group{pair("'a'", "'b'"), pair("'c'", "'d'")}})}, `
			var mapping;
			try { mapping = x; } catch (e) { mapping = ''; }
			globalChannelMap.put('it\'s', validate(mapping, 'none', [['a', 'b'], ['c', 'd']]));`},
		{"message builder", weir.Step{Type: "Message Builder", Settings: set("messageSegment", "tmp['PID']['PID.8']", "mapping", "'F'")},
			`tmp['PID']['PID.8'] = validate('F', '', []);`},
		{"destination set filter", weir.Step{Type: "Destination Set Filter", Settings: append(
			set("behavior", "REMOVE_ALL_EXCEPT", "field", "msg['ZZZ']", "condition", "EXISTS"),
			config.Setting{Name: "metaDataIds", Group: config.Group{{Name: "int", Text: "1"}, {Name: "int", Text: "3"}}})},
			`if (getArrayOrXmlLength(msg['ZZZ']) > 0) { destinationSet.removeAllExcept([1, 3]); }`},
		{"iterator around a mapper", weir.Step{Type: "Iterator", Settings: set("target", "msg['OBX']", "indexVariable", "i"), Steps: []weir.Step{
			{Type: "Mapper", Enabled: true, Settings: set("variable", "v-1", "mapping", "msg['OBX'][i]['OBX.5']['OBX.5.1'].toString()", "scope", "CHANNEL")},
			{Type: "JavaScript", Settings: set("script", "disabled()")}}}, `
			var _v1 = Lists.list();
			for (var i = 0; i < getArrayOrXmlLength(msg['OBX']); i++) {
			var mapping;
			try { mapping = msg['OBX'][i]['OBX.5']['OBX.5.1'].toString(); } catch (e) { mapping = ''; }
			_v1.add(validate(mapping, '', []));
			}
			channelMap.put('v-1', _v1.toArray());`},
		{"message builder in iterators", weir.Step{Type: "Iterator", Settings: set("target", "msg['OBX']", "indexVariable", "i"), Steps: []weir.Step{
			{Type: "Message Builder", Enabled: true, Settings: set("messageSegment", "tmp['OBX'][i].value", "mapping", "'x'")}}}, `
			for (var i = 0; i < getArrayOrXmlLength(msg['OBX']); i++) {
			if (typeof(tmp) == 'xml') {
			if (typeof(tmp['OBX'][i]) == 'undefined') { createSegment('OBX', tmp, i); }
			} else {
			if (typeof(tmp) == 'undefined') { tmp = {}; }
			if (typeof(tmp['OBX']) == 'undefined') { tmp['OBX'] = []; }
			if (typeof(tmp['OBX'][i]) == 'undefined') { tmp['OBX'][i] = {}; }
			}
			tmp['OBX'][i].value = validate('x', '', []);
			}`},
	} {
		got, err := code(c.step)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if want := strings.ReplaceAll(strings.TrimSpace(c.want), "\t", ""); got != want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, want)
		}
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		condition string
		values    []string
		want      string
	}{
		{"EXISTS", nil, `if (f.length > 0) { return true; } return false;`},
		{"NOT_EXIST", nil, `if (f.length == 0) { return true; } return false;`},
		{"EQUALS", []string{"'a'", "'b'"}, `if (f == 'a' || f == 'b') { return true; } return false;`},
		{"NOT_EQUAL", []string{"'a'", "'b'"}, `if (f != 'a' && f != 'b') { return true; } return false;`},
		{"CONTAINS", []string{"'a'"}, `if ((f.indexOf('a') != -1)) { return true; } return false;`},
		{"NOT_CONTAIN", []string{"'a'", "'b'"}, `if ((f.indexOf('a') == -1) && (f.indexOf('b') == -1)) { return true; } return false;`},
		{"EQUALS", nil, `if (f == "") { return true; } return false;`},
	} {
		rule := weir.Step{Type: "Rule Builder", Settings: append(set("field", "f", "condition", c.condition), list("values", c.values...))}
		got, err := ruleCode(rule)
		if err != nil || got != c.want {
			t.Errorf("%s %v\n got %s, %v\nwant %s", c.condition, c.values, got, err, c.want)
		}
	}
}

func TestIteratorRule(t *testing.T) {
	rule := weir.Step{Type: "Iterator", Settings: set("target", "msg['OBX']", "indexVariable", "i", "intersectIterations", "true", "breakEarly", "true"), Steps: []weir.Step{
		{Type: "JavaScript", Enabled: true, Settings: set("script", "return a;")},
		{Type: "JavaScript", Enabled: true, Operator: "AND", Settings: set("script", "return b;")}}}
	got, err := ruleCode(rule)
	if err != nil {
		t.Fatal(err)
	}
	want := "var accept0 = true;\nfor (var i = 0; i < getArrayOrXmlLength(msg['OBX']); i++) {\n" +
		"if (!((function() {\nreturn a;\n}() == true) && (function() {\nreturn b;\n}() == true))) { accept0 = false; break; }\n}\nreturn accept0;"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestExternalScript(t *testing.T) {
	file := filepath.Join(t.TempDir(), "step.js")
	if err := os.WriteFile(file, []byte("logger.info('x');"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := code(weir.Step{Type: "External Script", Settings: set("scriptPath", file)})
	if err != nil || got != "logger.info('x');" {
		t.Errorf("got %q, %v", got, err)
	}
	_, err = code(weir.Step{Type: "External Script", Name: "mine", Settings: set("scriptPath", file+"2")})
	if err == nil || !strings.Contains(err.Error(), "mine") || !strings.Contains(err.Error(), "step.js2") {
		t.Errorf("a missing file gave %v", err)
	}
}

func TestStepsThatCannotRun(t *testing.T) {
	for _, c := range []struct {
		name string
		step weir.Step
		want string
	}{
		{"a plugin's step", weir.Step{Type: "com.example.Step", Name: "theirs"}, "com.example.Step"},
		{"a condition nobody knows", weir.Step{Type: "Destination Set Filter", Settings: set("field", "x", "condition", "LIKE")}, "LIKE"},
		{"a destination that is no number", weir.Step{Type: "Destination Set Filter", Settings: append(set("field", "x", "condition", "EXISTS"),
			list("metaDataIds", "1); evil("))}, "metaDataIds"},
	} {
		if _, err := code(c.step); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSplitPath(t *testing.T) {
	for _, c := range []struct {
		in   string
		want string
	}{
		{"tmp['OBX'][i]['OBX.5']", "tmp|'OBX'|i|'OBX.5'"},
		{"tmp.a[x[0]].b", "tmp|a|x[0]|b"},
		{"tmp['a]b']", "tmp|'a]b'"},
		{"tmp['a'", "tmp['a'"},
		{"tmp", "tmp"},
	} {
		var names []string
		for _, p := range splitPath(c.in) {
			names = append(names, p.name)
		}
		if got := strings.Join(names, "|"); got != c.want {
			t.Errorf("%s: got %s, want %s", c.in, got, c.want)
		}
	}
}
