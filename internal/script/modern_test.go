package script

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/datatype/hl7v2"
)

const oru = "MSH|^~\\&|LAB|X|EHR|Y|20240310||ORU^R01|1|P|2.5\rPID|1||A1^^^H^MR~B2^^^H^PI||DOE^JOHN\rOBX|1|NM|K^Potassium||4.1|mmol/L\rOBX|2|NM|NA^Sodium||140|mmol/L\r"

// modern runs steps of the modern dialect over oru and returns what comes out.
func modern(t testing.TB, modules map[string]string, rules []Rule, steps ...string) (string, *Scope, Output, error) {
	t.Helper()
	var parts []Part
	for i, s := range steps {
		parts = append(parts, Part{Name: []string{"first", "second", "third"}[i], Code: s})
	}
	p, err := CompileModernTransformer("source transformer", "SOURCE_FILTER_TRANSFORMER", modules, rules, parts, false)
	if err != nil {
		return "", nil, Output{}, err
	}
	dt := hl7v2.New()
	root, err := dt.Parse(oru)
	if err != nil {
		t.Fatal(err)
	}
	scope := &Scope{Context: "SOURCE_FILTER_TRANSFORMER", ChannelID: "id", ChannelName: "name", Connector: "Source",
		Message: &weir.ConnectorMessage{MessageID: 7, SourceMap: map[string]any{"from": "ward"}}, Global: NewSharedMap(), GlobalChannel: NewSharedMap(),
		Configuration: map[string]string{"site": "north"}, DestinationSet: NewDestinationSet([]int{1, 2}), Destinations: map[string]int{"One": 1, "Two": 2}}
	out, err := p.Transform(t.Context(), scope, Input{Form: weir.FormTree, Root: root})
	if err != nil || !out.IsTree {
		return out.Text, scope, out, err
	}
	text, _, err := dt.Encode(out.Root)
	return text, scope, out, err
}

func TestModernMessages(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"a path is read", "msg.set('MSH-3', msg.get('PID-5.2'))", "MSH|^~\\&|JOHN|"},
		{"with dots", "msg.set('MSH.3', msg.get('PID.5.1'))", "MSH|^~\\&|DOE|"},
		{"a repetition", "msg.set('MSH-3', msg.get('PID-3[2].5'))", "MSH|^~\\&|PI|"},
		{"a segment by number", "msg.set('MSH-3', msg.get('OBX[2]-3.2'))", "MSH|^~\\&|Sodium|"},
		{"what is not there", "msg.set('MSH-3', '<' + msg.get('ZZZ-9') + msg.get('PID-3[9]') + msg.get('PID-40.2') + '>')", "MSH|^~\\&|<>|"},
		{"a field means its first component", "msg.set('PID-5', 'ROE')", "PID|1||A1^^^H^MR~B2^^^H^PI||ROE^JOHN\r"},
		{"a new component", "msg.set('PID-5.4', 'X')", "||DOE^JOHN^^X\r"},
		{"a new field", "msg.set('PID-8', 'F')", "||DOE^JOHN|||F\r"},
		{"a field between", "msg.set('PID-4', 'Q'); msg.set('PID-2', 'P')", "PID|1|P|A1^^^H^MR~B2^^^H^PI|Q|DOE^JOHN\r"},
		{"a new repetition", "msg.set('PID-3[3].1', 'C3')", "A1^^^H^MR~B2^^^H^PI~C3|"},
		{"a new segment", "msg.set('ZPI-2', 'v')", "mmol/L\rZPI||v\r"},
		{"segments", "msg.set('MSH-3', msg.segments('OBX').map(s => s.get('3.1') + '=' + s.get('5')).join(' '))", "MSH|^~\\&|K=4.1 NA=140|"},
		{"a segment is taken out", "for (const s of msg.segments('OBX')) if (s.get('3') === 'K') s.remove()", "DOE^JOHN\rOBX|2|"},
		{"a field is taken out", "msg.remove('PID-5')", "PID|1||A1^^^H^MR~B2^^^H^PI|\r"},
		{"a segment after", "msg.child('PID').addAfter('PD1').set('4', 'D')", "DOE^JOHN\rPD1||||D\rOBX"},
		{"numbers and nothing", "msg.set('OBX-5', 4.5); msg.set('OBX-6', null)", "OBX|1|NM|K^Potassium||4.5|"},
		{"text", "msg.child('PID')!.child('PID.5')!.child('PID.5.2')!.text = 'JACK'", "DOE^JACK\r"},
		{"types and newer syntax", "type N = { a?: { b: string } }; const n: N = {}; msg.set('MSH-3', n?.a?.b ?? [1, 2, 3].at(-1)!)", "MSH|^~\\&|3|"},
		{"steps share nothing but the message", "const once = 1; msg.set('MSH-3', once)", "MSH|^~\\&|1|"},
	} {
		got, _, _, err := modern(t, nil, nil, c.script, "const once = 2;")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q in it", c.name, got, c.want)
		}
	}
	if got, _, _, err := modern(t, nil, nil, "const x = 1"); err != nil || got != oru {
		t.Errorf("an untouched message: %q, %v", got, err)
	}
}

func TestModernFilter(t *testing.T) {
	rule := func(operator, code string) Rule { return Rule{Part{"rule", code}, operator} }
	for _, c := range []struct {
		rules []Rule
		want  bool
	}{
		{[]Rule{rule("", "return msg.get('MSH-9.2') === 'R01'")}, true},
		{[]Rule{rule("", "return msg.get('MSH-9.2') === 'A01'")}, false},
		{[]Rule{rule("", "return false"), rule("AND", "return false"), rule("OR", "return true")}, true},
		{[]Rule{rule("", "")}, false},
	} {
		if _, _, out, err := modern(t, nil, c.rules); err != nil || out.Accepted != c.want {
			t.Errorf("%v: accepted %v, %v", c.rules, out.Accepted, err)
		}
	}
}

func TestModernMaps(t *testing.T) {
	_, scope, _, err := modern(t, nil, nil, `
channelMap.put('text', 'a'); $c('number', 4); $c('list', ['x', 1]); $c('object', { k: 'v', deep: { n: ['t'] } });
const seen: string[] = [];
const check = (what: string, ok: boolean) => { if (!ok) seen.push(what); };
check('text', typeof $c('text') === 'string' && $c('text') === 'a');
check('number', $c('number') === 4);
check('list', Array.isArray($c('list')) && $c('list')[0] === 'x');
check('object', $c('object').deep.n[0] === 't');
check('source', $s('from') === 'ward' && sourceMap.get('from') === 'ward');
check('configuration', $cfg('site') === 'north' && configurationMap.get('site') === 'north');
check('missing', $c('none') === null && $('none') === '' && !channelMap.containsKey('none'));
check('any', $('from') === 'ward');
check('ids', channelId === 'id' && channelName === 'name' && connector === 'Source');
check('message', connectorMessage.getMessageId() === 7);
check('user API', typeof UUIDGenerator.getUUID() === 'string' && UUIDGenerator.getUUID().length === 36);
check('dates', DateUtil.convertDate('yyyyMMdd', 'yyyy-MM-dd', '20240310') === '2024-03-10');
check('made', new RawMessage('x').getRawData() === 'x');
destinationSet.remove('One');
let said = '';
try { new ACKGenerator(); DateUtil.getDate('yyyy', 'nonsense') } catch (e: any) { said = e instanceof Error ? 'error' : 'other' }
check('errors', said === 'error');
$c('wrong', seen.join(', '));
globalMap.put('g', [1]);
`, `$c('later', $c('object').deep.n[0] + $g('g')[0])`)
	if err != nil {
		t.Fatal(err)
	}
	m := scope.Message.ChannelMap
	if m["wrong"] != "" || m["text"] != "a" || m["number"] != 4.0 || m["later"] != "t1" {
		t.Errorf("maps %v", m)
	}
	if ids := scope.DestinationSet.IDs(); !slices.Equal(ids, []int{2}) {
		t.Errorf("destinations %v", ids)
	}
}

func TestModernScript(t *testing.T) {
	p, err := CompileModernScript("preprocessor", "CHANNEL_PREPROCESSOR", nil, Part{"preprocessor", "return message.replace(/X/g, 'Y')"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Run(t.Context(), &Scope{Vars: map[string]any{"message": "aXbX"}})
	if err != nil || got != "aYbY" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestModernModules(t *testing.T) {
	modules := map[string]string{
		"lib/codes.ts":   "import { up } from './text';\nexport const sex = (s: string): string => up(({ F: 'w' } as Record<string, string>)[s] ?? 'u');\n",
		"lib/text.ts":    "export function up(s: string) { return s.toUpperCase(); }\n",
		"table.json":     `{"K": "2823-3"}`,
		"plain/index.js": "export default (a, b) => a + b;\n",
	}
	got, _, _, err := modern(t, modules, nil, `// What this is for.
import { sex } from './lib/codes';
import table from './table.json';
import add from "./plain";

msg.set('PID-8', sex('F')); msg.set('MSH-3', add(table.K, '!'));`)
	if err != nil || !strings.Contains(got, "|||W\r") || !strings.Contains(got, "|2823-3!|") {
		t.Errorf("got %q, %v", got, err)
	}
	want := []string{"./a", "./b", "./c"}
	if got := Imports("import x from './a'\nimport './b';\nexport * from \"./c\""); !slices.Equal(got, want) {
		t.Errorf("imports %v", got)
	}
}

func TestModernErrors(t *testing.T) {
	modules := map[string]string{"bad.ts": "export const a = 1;\nexport function boom() {\n  const x: any = null;\n  return x.y;\n}\n", "broken.ts": "export const a = ;\n"}
	for _, c := range []struct{ name, script, want string }{
		{"a syntax error", "const a = 1;\nconst b = ;", "first, line 2, column 11: SyntaxError"},
		{"in the first line", "const b = ;", "first, line 1, column 11: SyntaxError"},
		{"an error when it runs", "const a: any = null;\n\n  a.b.c();", "first, line 3, column 5: TypeError"},
		{"in the first line", "const a: any = null; a.b.c();", "first, line 1, column 24: TypeError"},
		{"after imports", "import { a } from './bad';\nconst b: any = null;\nb.c;", "first, line 3, column 3: TypeError"},
		{"in a module", "import { boom } from './bad';\nboom();", "bad.ts, line 4, column 12: TypeError"},
		{"a broken module", "import { a } from './broken';\n$c('a', a);", "broken.ts, line 1, column 18: SyntaxError"},
		{"no such module", "import { a } from './none';\n$c('a', a);", `first, line 1, column 19: SyntaxError: there is no module "./none"`},
		{"a package", "import fs from 'fs';\nfs.x;", `there is no module "fs"`},
		{"a file above", "import x from '../secret';\n$c('a', x);", `there is no module "../secret"`},
		{"an absolute file", "import x from '/etc/passwd';\n$c('a', x);", `there is no module "/etc/passwd"`},
		{"an unknown name", "let a = 1;\nnonsense(a);", "first, line 2, column 1: ReferenceError: nonsense is not defined"},
		{"an undeclared variable", "\nundeclared = 1;", "first, line 2, column 1: ReferenceError: undeclared is not defined"},
		{"no Java", "java.lang.System.exit(1)", "ReferenceError: java is not defined"},
		{"no packages", "Packages.java.lang", "ReferenceError: Packages is not defined"},
		{"no E4X", "const x = <a/>;", "SyntaxError"},
		{"no XML", "new XML('<a/>')", "ReferenceError: XML is not defined"},
		{"a path that is none", "msg.get('PID 5')", "first, line 1, column 5: TypeError: a path is written"},
		{"a number too large", "msg.set('PID-3[99999]', 'x')", "RangeError"},
		{"what is thrown stays with the message", "throw new Error('DOE')", "first, line 1, column 7: the script threw Error"},
	} {
		_, _, _, err := modern(t, modules, nil, c.script)
		var f *Error
		if !errors.As(err, &f) {
			t.Errorf("%s: error %v", c.name, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %q, want %q", c.name, err, c.want)
		}
	}
}

// TestModernTableIsTheTruth holds weir.d.ts against what the runtime has.
func TestModernTableIsTheTruth(t *testing.T) {
	answer := weir.Response{Status: weir.Sent, StatusMessage: "s", Error: "e"}
	scope := func() *Scope {
		return &Scope{Context: "DESTINATION_RESPONSE_TRANSFORMER", ChannelID: "id", ChannelName: "name", Connector: "c",
			Message: &weir.ConnectorMessage{SourceMap: map[string]any{}}, Global: NewSharedMap(), GlobalChannel: NewSharedMap(),
			Configuration: map[string]string{}, DestinationSet: NewDestinationSet(nil), Response: &ResponseVars{Original: answer}}
	}
	for _, n := range modernTable {
		p, err := CompileModernScript("s", "", nil, Part{"s", "return typeof " + n.name})
		if err != nil {
			t.Fatal(err)
		}
		if kind, err := p.Run(t.Context(), scope()); err != nil || kind == "undefined" {
			t.Errorf("%s is %v, %v", n.name, kind, err)
		}
	}
	declared := map[string][]string{}
	for _, i := range modernInterfaces {
		for _, m := range i.members {
			if _, d, found := strings.Cut(m, " */ "); found {
				m = d
			}
			name, _, _ := strings.Cut(strings.TrimPrefix(m, "readonly "), "(")
			name, _, _ = strings.Cut(name, ":")
			declared[i.name] = append(declared[i.name], name)
		}
		if i.class == "" {
			continue
		}
		methods := library().Class(i.class)
		for _, name := range declared[i.name] {
			if methods == nil || !methods.Has(name) {
				t.Errorf("%s has no method %s", i.class, name)
			}
		}
	}
	var have []string
	for name := range nodeMethods() {
		have = append(have, name)
	}
	have = append(have, "name", "text")
	slices.Sort(have)
	slices.Sort(declared["MessageNode"])
	if !slices.Equal(have, declared["MessageNode"]) {
		t.Errorf("a node has %v, declared are %v", have, declared["MessageNode"])
	}
	types := ModernTypes()
	for name := range userClasses() {
		if !strings.Contains(types, "declare class "+name+" {") {
			t.Errorf("%s is not declared", name)
		}
	}
	if !strings.Contains(types, "static getCurrentDate(") {
		t.Error("DateUtil.getCurrentDate is not declared")
	}
}

// TestModernIsolation: nothing of one message is there for the next.
func TestModernIsolation(t *testing.T) {
	p, err := CompileModernScript("s", "", nil, Part{"s", "const g: any = globalThis; g.leak = (g.leak ?? 0) + 1; (Object.prototype as any).x = ((Object.prototype as any).x ?? 0) + 1; return g.leak + g.x"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got, err := p.Run(t.Context(), &Scope{}); err != nil || got != 2.0 {
			t.Errorf("got %v, %v", got, err)
		}
	}
}

func FuzzModernPart(f *testing.F) {
	f.Add("import a from './a';\nreturn 1")
	f.Add("/* x */ import {a} from \"b\"")
	f.Fuzz(func(t *testing.T, code string) {
		p, err := CompileModernScript("s", "", nil, Part{"s", code})
		if err == nil && p.main == nil {
			t.Error("neither program nor error")
		}
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("error of type %T", err)
		}
	})
}

// TestModernResponse: the response variables of a response transformer.
func TestModernResponse(t *testing.T) {
	p, err := CompileModernTransformer("response transformer", "DESTINATION_RESPONSE_TRANSFORMER", nil, nil, []Part{{"s", `
if (responseStatus === 'ERROR' && response.getNewMessageStatus() === ERROR && responseErrorMessage === 'down') {
  responseStatus = QUEUED;
  responseStatusMessage = 'again';
}`}}, true)
	if err != nil {
		t.Fatal(err)
	}
	scope := &Scope{Context: "DESTINATION_RESPONSE_TRANSFORMER", Message: &weir.ConnectorMessage{},
		Response: &ResponseVars{Original: weir.Response{Status: weir.Error, Error: "down"}}}
	if _, err := p.Transform(t.Context(), scope, Input{Text: "x"}); err != nil {
		t.Fatal(err)
	}
	if scope.Response.Status != weir.Queued || scope.Response.StatusMessage != "again" {
		t.Errorf("response %+v", scope.Response)
	}
}
