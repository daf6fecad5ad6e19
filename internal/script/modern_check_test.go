package script

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// What is found when a script is deployed, with its place.
func TestModernCheck(t *testing.T) {
	modules := map[string]string{
		"lib.ts":  "export const read = (p: string) => {\n  return FileUtl.read(p);\n};\nexport const tag = () => response.getMessage();\n",
		"tags.ts": "export const tag = () => response.getMessage();\n",
	}
	for _, c := range []struct{ name, context, script, want string }{
		{"a name of the script, mistyped", "", "const patient = 1;\nlogger.info('' + pateint);", "s, line 2, column 18: ReferenceError: pateint is not defined; did you mean patient?"},
		{"a host name", "", "chanelMap.put('a', 1)", "s, line 1, column 1: ReferenceError: chanelMap is not defined; did you mean channelMap?"},
		{"a class", "", "const f = (p: string) => FileUtils.read(p); f('x')", "FileUtils is not defined; did you mean FileUtil?"},
		{"one of JavaScript", "", "return Jason.stringify({})", "s, line 1, column 8: ReferenceError: Jason is not defined; did you mean JSON?"},
		{"nothing near", "", "return q", "ReferenceError: q is not defined"},
		{"in a branch that is seldom taken", "", "if ($('x') === 'y') {\n  try { undefinedThing() } catch (e) { }\n}", "s, line 2, column 9: ReferenceError: undefinedThing is not defined"},
		{"of a browser", "", "setTimeout(() => 1, 5)", "setTimeout is not defined"},
		{"in a module", "", "import { read } from './lib';\nread('x')", "lib.ts, line 2, column 10: ReferenceError: FileUtl is not defined; did you mean FileUtil?"},
		{"of another place", "CHANNEL_DEPLOY", "channelMap.put('a', 1)", "ReferenceError: channelMap is not defined in the s"},
		{"written", "", "let a;\n[a, b] = [1, 2]", "s, line 2, column 5: ReferenceError: b is not defined"},
		{"what the engine cannot read", "", "\nconst { a: [b = 1] = [] } = {}", "s, line 2, column 13: SyntaxError: Invalid destructuring"},
		{"a chained comparison", "", "const n = 1;\nif (0 < n < 10) logger.info('x')", "s, line 2, column 5: a < b < c compares true or false with c; write a < b && b < c"},
		{"an assignment as a condition", "", "let a = '';\nif (a = 'x') logger.info(a)", "s, line 2, column 5: the condition assigns a value and is always the same; write === to compare"},
		{"that in part of one", "", "let a = '', b = true;\nwhile (b && !(a = 'x')) b = false;", "s, line 2, column 15: the condition assigns"},
		{"a constant is written", "", "const a = 1;\na = 2;", "s, line 2, column 1: SyntaxError: Cannot assign to \"a\""},
		{"NaN", "", "return $c('n') === NaN", "s, line 1, column 16: Comparison with NaN"},
		{"a kind that typeof never says", "", "return typeof $c('n') === 'strng'", "s, line 1, column 27: The \"typeof\" operator will never evaluate to \"strng\""},
		{"a new object", "", "return $c('n') === []", "Comparison using the \"===\" operator here is always false"},
		{"not in", "", "return !'a' in {}", "Suspicious use of the \"!\" operator inside the \"in\" operator"},
		{"a case that is there already", "", "switch ($c('n')) {\n  case 1: return 1;\n  case 1: return 2;\n}", "s, line 3, column 3: This case clause will never be evaluated"},
		{"a return that ends early", "", "return\n  msg.get('PID-3')", "s, line 1, column 7: The following expression is not returned"},
	} {
		_, err := CompileModernScript("s", c.context, modules, Part{"s", c.script})
		var f *Error
		if !errors.As(err, &f) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	for _, c := range []struct{ name, context, script string }{
		{"asked for by typeof", "", "if (typeof later !== 'undefined') later()"},
		{"a name of some places, in a module", "CHANNEL_DEPLOY", "import { tag } from './tags';\nlogger.info('' + tag)"},
		{"all kinds of declarations", "", "class A { #p = 1; get p() { return this.#p } }\nfunction f(a, { b, c: [d = 1] } = {}, ...rest) { return [a, b, d, rest, arguments, new.target] }\n" +
			"outer: for (const [k, v] of Object.entries({ a: 1 })) { try { f(k, v); continue outer } catch { break } }\nenum E { A }\nlet g: A | undefined; g ??= new A(); f(g?.p, E.A, `${k2()}`);\nfunction k2() { return undefined }"},
		{"what JavaScript has", "", "return [JSON, Math, Date, new Map(), Symbol.iterator, parseInt('1'), isNaN(1), encodeURIComponent(''), globalThis, Infinity, NaN, new Intl2()]; class Intl2 { }"},
		{"an assignment of what changes", "", "const r = /a/g; let m; while (m = r.exec('aa')) logger.info(m[0])"},
		{"comparisons joined", "", "const n = 1; return 0 < n && n < 10 && (n > 1) === (n > 2)"},
	} {
		if _, err := CompileModernScript("s", c.context, modules, Part{"s", c.script}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A rule that can only reject is a mistake; one that is empty is left alone.
func TestModernRuleReturns(t *testing.T) {
	for code, want := range map[string]bool{"msg.get('PID-3') === '1'": true, "return false": false, "": false, "throw new Error('x')": false} {
		_, err := CompileModernTransformer("source transformer", "", nil, []Rule{{Part: Part{"only wards", code}}}, nil, false)
		if (err != nil) != want || want && !strings.Contains(err.Error(), "only wards: the rule returns nothing") {
			t.Errorf("%q: %v", code, err)
		}
	}
}

// A modern script is granted what stands in it, as one of Mirth's dialect is.
func TestModernReach(t *testing.T) {
	modules := map[string]string{"lib.ts": "const base = '/data/out';\nexport const save = (n: string, text: string) => {\n  FileUtil.write(base + '/' + n, false, text);\n};\n"}
	p, err := CompileModernScript("deploy script", "CHANNEL_DEPLOY", modules, Part{"deploy script", `import { save } from './lib';
save('a.txt', FileUtil.read('/etc/lab/codes.csv'));
const db = DatabaseConnectionFactory.createDatabaseConnection('org.postgresql.Driver', 'jdbc:postgresql://db.example:5432/lab', 'u', 'p');
try { db.executeCachedQuery('select 1').map((r: any) => r) } finally { db.close() }
const list = DateUtil.getCurrentDate('yyyy').padStart(8);
return list;`})
	if err != nil {
		t.Fatal(err)
	}
	found := Find(p)
	if want := []string{"/data/out", "/etc/lab"}; !slices.Equal(found.Access.Files, want) {
		t.Errorf("files %q, want %q", found.Access.Files, want)
	}
	if len(found.Access.Databases) != 1 || !strings.Contains(found.Access.Databases[0], "db.example") || len(found.Access.Network) != 0 {
		t.Errorf("databases %q, network %q", found.Access.Databases, found.Access.Network)
	}
	if len(found.Faults) != 0 {
		t.Errorf("faults %v", found.Faults)
	}
	var places []string
	for _, at := range found.Places {
		places = append(places, at.Place())
	}
	if want := []string{"lib.ts, line 3", "deploy script, line 2", "deploy script, line 3"}; !slices.Equal(places, want) {
		t.Errorf("places %q, want %q", places, want)
	}
}
