package script_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
)

// runBody runs a script body with a message and maps and returns its result.
func runBody(t *testing.T, scope *script.Scope, body string) (any, error) {
	t.Helper()
	p, err := script.CompileScript("test script", nil, script.Part{Name: "body", Code: body})
	if err != nil {
		t.Fatalf("compile %q: %v", body, err)
	}
	v, err := p.Run(context.Background(), scope)
	if err == nil {
		// What works is not said to lack something.
		for _, f := range script.Find(p).Faults {
			if f.Certain {
				t.Errorf("%s\n is said to fail: %s", body, f.Text)
			}
		}
	}
	return v, err
}

func newScope() *script.Scope {
	return &script.Scope{
		Host: &recorder{}, Context: "DESTINATION_DISPATCHER", ChannelID: "ch", ChannelName: "Channel", Connector: "Dest 1",
		Message: &weir.ConnectorMessage{MessageID: 7, MetaDataID: 1, ChannelID: "ch", ConnectorName: "Dest 1",
			SourceMap: map[string]any{"src": "S"}},
		Global: script.NewSharedMap(), GlobalChannel: script.NewSharedMap(),
		Configuration: map[string]string{"site": "North"},
		Destinations:  map[string]int{"Dest 1": 1, "Dest 2": 2},
	}
}

// TestJava runs bodies whose results tell how Java values behave in a script.
func TestJava(t *testing.T) {
	t.Setenv("TZ", "UTC")
	cases := []struct{ name, body, want string }{
		// Strings out of maps are Java's.
		{"typeof", `channelMap.put('s','abc'); return typeof $('s')`, "object"},
		{"loose equality", `channelMap.put('s','abc'); return $('s') == 'abc'`, "true"},
		{"loose equality of two", `channelMap.put('s','abc'); channelMap.put('u','abc'); return $('s') == $('u')`, "true"},
		{"strict equality", `channelMap.put('s','abc'); return $('s') === 'abc'`, "false"},
		{"switch", `channelMap.put('s','abc'); switch ($('s')) { case 'abc': return 1; default: return 2 }`, "2"},
		{"empty is true", `channelMap.put('s',''); return $('s') ? 'yes' : 'no'`, "yes"},
		{"length is a method", `channelMap.put('s','abc'); return $('s').length()`, "3"},
		{"replace all", `channelMap.put('s','a.b.c'); return $('s').replace('.','-')`, "a-b-c"},
		{"replace with a regex literal", `channelMap.put('s','a1b2'); return $('s').replace(/\d/g,'')`, "ab"},
		{"split by regex", `channelMap.put('s','a.b.c'); return $('s').split('\\.').length`, "3"},
		{"split drops trailing", `channelMap.put('s','a,b,,'); return $('s').split(',').length`, "2"},
		{"char code", `channelMap.put('s','A'); return $('s').charAt(0)`, "65"},
		{"javascript's own", `channelMap.put('s','abcdef'); return $('s').slice(-2) + $('s').substr(1,2) + $('s').match(/c./)[0]`, "efbccd"},
		{"concat", `channelMap.put('s','a'); return $('s') + 'b' + typeof ($('s') + 'b')`, "abstring"},
		{"String()", `channelMap.put('s','a'); return typeof String($('s'))`, "string"},
		{"equalsIgnoreCase", `channelMap.put('s','Abc'); return $('s').equalsIgnoreCase('aBC')`, "true"},
		{"java methods of js strings", `return 'x'.equals('x') && 'X'.equalsIgnoreCase('x')`, "true"},
		{"matches", `return new java.lang.String('abc123').matches('[a-z]+\\d+')`, "true"},
		{"replaceAll groups", `return new java.lang.String('2024-01-15').replaceAll('(\\d+)-(\\d+)-(\\d+)', '$3.$2.$1')`, "15.01.2024"},
		{"look-behind", `return new java.lang.String('a1b2').replaceAll('(?<=a)1', 'x')`, "axb2"},
		{"dot stops at CR", `return new java.lang.String('a\rb').matches('a.b')`, "false"},
		{"String.format", `return java.lang.String.format('%05d|%-4s|%.2f', 42, 'ab', 1.005)`, "00042|ab  |1.01"},
		{"bytes", `return new java.lang.String(new java.lang.String('Ä').getBytes('UTF-8'), 'ISO-8859-1').length()`, "2"},
		{"utf-16 positions", `return new java.lang.String('a😀b').indexOf('b')`, "3"},
		{"JSON", `channelMap.put('s','a'); channelMap.put('n',1); return JSON.stringify({s: $('s'), n: $('n'), b: java.lang.Boolean.TRUE})`, `{"s":"a","n":1,"b":true}`},

		// Numbers and booleans.
		{"number", `channelMap.put('n', 5); return [typeof $('n'), $('n') + 1, '' + $('n'), $('n') == 5].join()`, "object,6,5,true"},
		{"number's text is Java's", `channelMap.put('n', 5); return String($('n')) + $('n').toString()`, "5.05.0"},
		{"boolean", `channelMap.put('b', false); return ($('b') ? 'true' : 'false') + ($('b') == false)`, "truetrue"},
		{"valueOf(5)", `return java.lang.String.valueOf(5)`, "5.0"},
		{"parseInt", `return java.lang.Integer.parseInt('42') + 1`, "43"},
		{"Integer", `return java.lang.Integer.valueOf(5).toString() + new java.lang.Integer('7')`, "57"},
		{"NumberFormatException", `try { java.lang.Integer.parseInt('x') } catch (e) { return e.javaException.getClass().getName() }`, "java.lang.NumberFormatException"},
		{"hex", `return java.lang.Integer.toHexString(255) + java.lang.Long.toString(5)`, "ff5"},
		{"Math", `return java.lang.Math.max(1, 2) + java.lang.Math.round(2.5)`, "5"},
		{"BigDecimal", `return new java.math.BigDecimal('10').divide(new java.math.BigDecimal('3'), 2, java.math.RoundingMode.HALF_UP).toString()`, "3.33"},

		// Collections.
		{"list", `var l = new java.util.ArrayList(); l.add('a'); l.add(1); return l.size() + l.toString() + l.get(0) + l[1]`, "2[a, 1.0]a1"},
		{"for each over a list", `var s = ''; for each (var x in java.util.Arrays.asList('a','b')) s += x; return s`, "ab"},
		{"for of over a set", `var s = ''; for (var x of new java.util.TreeSet(['b','a'])) s += x; return s`, "ab"},
		{"hash map order", `var m = new java.util.HashMap(); ['zeta','alpha','Mid','x1','x2'].forEach(function (k) { m.put(k, k.length) }); return m.toString()`,
			"{zeta=4.0, alpha=5.0, Mid=3.0, x1=2.0, x2=2.0}"},
		{"linked map", `var m = new java.util.LinkedHashMap(); m.put('b',1); m.put('a',2); var s=''; for each (k in m.keySet().toArray()) s += k; return s`, "ba"},
		{"iterator", `var m = new java.util.TreeMap(); m.put('a',1); var it = m.entrySet().iterator(); var e = it.next(); return e.getKey() + '=' + e.value`, "a=1"},
		{"iterator remove", `var l = Lists.list().append('a').append('b'); var i = l.iterator(); i.next(); i.remove(); return l`, "[b]"},
		{"remove by index", `var l = Lists.list('a').append('b'); l.remove(0); return l.toString()`, "[b]"},
		{"remove by value", `var l = Lists.list('a').append('b'); return l.remove('b') + l.toString()`, "true[a]"},
		{"Maps", `return Maps.map('j','z').add('k',1).toString()`, "{j=z, k=1.0}"},
		{"js object in a list keeps its identity", `var o = {a: 1}; var l = new java.util.ArrayList(); l.add(o); l.get(0).a = 2; return o.a`, "2"},
		{"js object found in a list", `var o = {a: 1}; var l = Lists.list(o); return l.contains(o) && l.indexOf({a: 1}) == -1`, "true"},
		{"list that holds itself", `var l = new java.util.ArrayList(); try { l.add(Lists.list().append(l)) } catch (e) { return e.javaException.message }`, "a collection cannot hold itself"},
		{"list that holds itself by way of an array", `var l = new java.util.ArrayList(), a = [l]; l.add(a); channelMap.put('l', l); return '' + l`, "[[]]"},
		{"the same as JSON", `var l = new java.util.ArrayList(), a = {l: l}; l.add(a); globalMap.put('l', a); try { return JSON.stringify(l) } catch (e) { return 'refused' }`, "refused"},
		{"deep JSON", `return JsonUtil.prettyPrint(new Array(10001).join('[')).length()`, "10000"},
		{"instanceof", `return [new java.util.ArrayList() instanceof java.util.List, new java.util.HashMap() instanceof java.util.Map, 'x' instanceof java.lang.String].join()`, "true,true,false"},
		{"map value instanceof", `channelMap.put('s','x'); return $('s') instanceof java.lang.String`, "true"},
		{"sort with a comparator", `var l = Lists.list(3).append(1).append(2); java.util.Collections.sort(l, function (a, b) { return b - a }); return l.toString()`, "[3.0, 2.0, 1.0]"},
		{"array", `var a = java.lang.reflect.Array.newInstance(java.lang.String, 2); a[0] = 'x'; return a[0] + a.length`, "x2"},
		{"java array join", `return org.apache.commons.lang3.StringUtils.join(['a','b'], '-')`, "a-b"},

		// Dates.
		{"SimpleDateFormat", `var f = new java.text.SimpleDateFormat('yyyyMMdd'); f.setTimeZone(java.util.TimeZone.getTimeZone('UTC')); return f.format(new Date(0))`, "19700101"},
		{"parse", `return new java.text.SimpleDateFormat('yyyy-MM-dd').parse('2024-02-29').getTime()`, "1709164800000"},
		{"DateUtil", `return DateUtil.convertDate('yyyyMMdd', 'dd.MM.yyyy', '20240230')`, "01.03.2024"},
		{"DateUtil.formatDate", `return DateUtil.formatDate('yyyy', new Date(0))`, "1970"},
		{"ParseException", `try { DateUtil.getDate('yyyy', 'x') } catch (e) { return e.message }`, `java.text.ParseException: Unparseable date: "x"`},
		{"Calendar", `var c = java.util.Calendar.getInstance(); c.setTime(new Date(0)); c.add(java.util.Calendar.MONTH, 1); return c.get(java.util.Calendar.MONTH) + c.time.getTime()`, "2678400001"},
		{"LocalDate", `return java.time.LocalDate.of(2024, 1, 31).plusMonths(1).toString()`, "2024-02-29"},
		{"DateTimeFormatter", `return java.time.LocalDateTime.of(2024,1,2,3,4,5).format(java.time.format.DateTimeFormatter.ofPattern('yyyyMMddHHmmss'))`, "20240102030405"},

		// Other classes.
		{"uuid", `return UUIDGenerator.getUUID().length() + java.util.UUID.randomUUID().toString().length()`, "72"},
		{"hash", `return HashUtil.generate('abc')`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"digest", `var d = java.security.MessageDigest.getInstance('MD5'); var b = d.digest(new java.lang.String('abc').getBytes()); return b.length + Packages.org.apache.commons.codec.binary.Hex.encodeHexString(b)`, "16900150983cd24fb0d6963f7d28e17f72"},
		{"base64", `return java.util.Base64.getEncoder().encodeToString(new java.lang.String('hi').getBytes()) + new java.lang.String(java.util.Base64.getDecoder().decode('aGk='))`, "aGk=hi"},
		{"FileUtil.encode", `return JSON.stringify(String(FileUtil.encode(new java.lang.String('hi').getBytes())))`, `"aGk=\r\n"`},
		{"url", `return java.net.URLEncoder.encode('a b&c', 'UTF-8') + java.net.URLDecoder.decode('a+b', 'UTF-8')`, "a+b%26ca b"},
		{"StringBuilder", `return new java.lang.StringBuilder('a').append(1).append('b').insert(0, 'x').reverse().toString()`, "b0.1ax"},
		{"StringUtils", `var S = org.apache.commons.lang3.StringUtils; return S.leftPad('5', 3, '0') + S.isBlank('  ') + S.substringBetween('a[b]c', '[', ']')`, "005trueb"},
		{"importPackage", `importPackage(Packages.java.util); var l = new ArrayList(); l.add(1); return l.size()`, "1"},
		{"JavaImporter", `var i = new JavaImporter(java.util); with (i) { return new ArrayList().size() }`, "0"},
		{"throw java", `try { throw new java.lang.Exception('boo') } catch (e) { return e.getMessage() + e.message + e }`, "booboojava.lang.Exception: boo"},
		{"XmlUtil.toJson", `return XmlUtil.toJson('<a x="1"><b>1</b><b>true</b><c/><d>t</d></a>')`, `{"a":{"@x":"1","b":[1,true],"c":null,"d":"t"}}`},
		{"JsonUtil.toXml", `return JsonUtil.toXml('{"a":{"@x":"1","b":[1,true],"c":null}}')`, `<?xml version="1.0" ?><a x="1"><b>1</b><b>true</b><c></c></a>`},
		{"JsonUtil.prettyPrint", `return JsonUtil.prettyPrint('{"a":[1,{"b":null}]}')`, "{\n  \"a\" : [\n    1,\n    {\n      \"b\" : null\n    }\n  ]\n}"},
		{"regex", `var m = java.util.regex.Pattern.compile('(\\w)(\\d)').matcher('a1 b2'); var s=''; while (m.find()) s += m.group(2) + m.group(1); return s`, "1a2b"},
		{"overpunch", `return NCPDPUtil.formatNCPDPNumber('123D', 2) + NCPDPUtil.formatNCPDPNumber('123M', 2)`, "12.34-12.34"},

		// The engine's own.
		{"Response", `var r = new Response(SENT, 'm', 'ok'); return r.getStatus() == 'SENT' && r.status == SENT && r.message == 'm' ? r.toString() : 'no'`, "SENT: ok"},
		{"ResponseFactory", `return ResponseFactory.getErrorResponse('m').getStatus().name()`, "ERROR"},
		{"Status", `return Status.valueOf('QUEUED') == QUEUED && Status.ERROR == 'ERROR'`, "true"},
		{"connectorMessage", `return connectorMessage.getMessageId() + 1 + connectorMessage.getConnectorName() + connectorMessage.metaDataId`, "8Dest 11"},
		{"configuration", `return configurationMap.get('site') + $cfg('site') + $('site')`, "NorthNorthNorth"},
		{"source map falls in", `return channelMap.get('src')`, "S"},
		{"source map is read only", `try { sourceMap.put('a', 1) } catch (e) { return e.javaException.getClass().getSimpleName() }`, "UnsupportedOperationException"},
		{"lock", `globalMap.lock('k'); globalMap.putSync('k', 1); globalMap.unlock('k'); return globalMap.getSync('k') + 1`, "2"},
		{"undefined and null", `channelMap.put('u', undefined); channelMap.put('n', null); return $('u') + '' + $('n') + channelMap.containsKey('n')`, "undefinednulltrue"},
		{"missing key", `return channelMap.get('nope') == null && $('nope') === ''`, "true"},
		{"message map methods", `channelMap.put('b',1); channelMap.put('a',2); return channelMap.keySet().toArray().length + channelMap.size() + channelMap.remove('a')`, "6"},
		{"array in a map", `channelMap.put('a', [1,2]); channelMap.get('a').push(3); return channelMap.get('a').length`, "3"},
		{"logger", `logger.info($('src')); return logger.isDebugEnabled()`, "true"},
		{"ack", `return new ACKGenerator().generateAckResponse('MSH|^~\\&|A|B|C|D|20240101||ADT^A01|99|P|2.5\r', 'AA', 'ok').replaceAll('\\d{14}', 'T')`,
			"MSH|^~\\&|C|D|A|B|T||ACK^A01^ACK|T|P|2.5\rMSA|AA|99|ok\r"},
		{"validate", `return validate(undefined, 'd') + validate('a1', '', [['\\d', 'x']]) + validate('', 'e', []) + typeof validate('x')`, "daxeobject"},
		{"RawMessage", `var m = new RawMessage('x', [1, 2], {a: 'b'}); return m.getRawData() + m.getDestinationMetaDataIds().size() + m.getSourceMap().get('a')`, "x2b"},

		// Rhino's old ways.
		{"RegExp statics", `/(b)(c)/.test('abcd'); var a = RegExp.$1 + RegExp.$2 + RegExp.lastMatch; 'x9'.replace(/\d/, ''); return a + RegExp.leftContext`, "bcbcx"},
		{"toSource", `return ({a: [1, 'x']}).toSource() + uneval('q')`, `({a:[1, "x"]})"q"`},
		{"Array generics", `return Array.map([1,2], function (x) { return x * 2 }).join()`, "2,4"},
		{"dates in Java's words", `var d = new Date(2024, 0, 2, 3, 4, 5); return d.toLocaleDateString() + d.toLocaleString().replace(/ [A-Z]+$/, '') + new Date(NaN).toLocaleTimeString()`,
			"January 2, 2024January 2, 2024 3:04:05 AMInvalid Date"},
		{"no attachments", `return getAttachments().size() + getAttachmentIds().size() + String(getAttachment('x')) + AttachmentUtil.reAttachMessage(connectorMessage)`, "0null"},
		{"lineNumber", "try {\n\n  undefinedFunction() } catch (e) { return e.lineNumber + e.fileName }", "3body"},
		{"undeclared global", `x = 5; return typeof x + this.x`, "number5"},
		{"typeof unknown", `return typeof nothingLikeThis`, "undefined"},
		{"in", `return ('channelMap' in this) + ',' + ('zzz' in this)`, "true,false"},
		{"a global of the engine replaced", `channelId = 'mine'; return channelId`, "mine"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := runBody(t, newScope(), c.body)
			if err != nil {
				var e *script.Error
				errors.As(err, &e)
				t.Fatalf("%s\n%s", c.body, e.Detail())
			}
			if s := show(got); s != c.want {
				t.Errorf("%s\n got %q\nwant %q", c.body, s, c.want)
			}
		})
	}
}

// show writes a result as a script would, so that the cases stay short.
func show(v any) string {
	switch v := v.(type) {
	case float64:
		if v == float64(int64(v)) {
			return fmt.Sprint(int64(v))
		}
	case []any:
		s := ""
		for i, item := range v {
			if i > 0 {
				s += ", "
			}
			s += show(item)
		}
		return "[" + s + "]"
	}
	return fmt.Sprint(v)
}

// TestRefused runs bodies that must fail, each with what the error says.
func TestRefused(t *testing.T) {
	cases := []struct{ name, body, kind, detail string }{
		{"files", `new java.io.File('/etc/passwd').exists()`, "java.lang.SecurityException", "/etc/passwd is not granted"},
		{"programs", `java.lang.Runtime.getRuntime().exec('ls')`, "java.lang.SecurityException", "never starts programs"},
		{"databases", `DatabaseConnectionFactory.createDatabaseConnection('d', 'jdbc:sqlite:x')`, "java.lang.SecurityException", "databases: [\"jdbc:sqlite:x\"]"},
		{"network", `new java.net.URL('http://lab:8080/x').openStream()`, "java.lang.SecurityException", "network: [\"lab:8080\"]"},
		{"FileUtil", `FileUtil.read('/etc/passwd')`, "java.lang.SecurityException", "files: [\"/etc\"]"},
		{"unknown class", `new Packages.com.acme.Tool()`, "TypeError", "com.acme.Tool is not available in Weir"},
		{"static method of an unknown class", `com.acme.Tool.run(1)`, "TypeError", "com.acme.Tool is not available in Weir"},
		{"what to use instead", `org.apache.pdfbox.pdmodel.PDDocument.load(1)`, "TypeError", "Document Writer"},
		{"classes extended", `new JavaAdapter(java.util.ArrayList, {})`, "TypeError", "cannot extend java.util.ArrayList"},
		{"missing classes extended", `new JavaAdapter(com.acme.Tool, {})`, "TypeError", "cannot extend com.acme.Tool"},
		{"threads", `new java.lang.Thread(function () {})`, "java.lang.SecurityException", "route"},
		{"huge repeat", `'x'.repeat(1e9)`, "RangeError", ""},
		{"null into a global map", `globalMap.put('a', null)`, "java.lang.NullPointerException", ""},
		{"unknown variable", "\n  foo.bar()", "ReferenceError", "foo is not defined"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := runBody(t, newScope(), c.body)
			var e *script.Error
			if !errors.As(err, &e) {
				t.Fatalf("%s: no error but %v", c.body, err)
			}
			if e.Kind != c.kind || !contains(e.Detail(), c.detail) || e.Part != "body" || e.Line == 0 {
				t.Errorf("%s\n got %s %q\nwant %s %q", c.body, e.Kind, e.Detail(), c.kind, c.detail)
			}
		})
	}
}

// The machine's time zone has a name that scripts can ask for, whoever tells it.
func TestZoneName(t *testing.T) {
	got, err := runBody(t, newScope(), `var d = java.util.TimeZone.getDefault().getID(), c = java.util.Calendar.getInstance().getTimeZone().getID(), f = new java.text.SimpleDateFormat('yyyy').getTimeZone().getID();
		return [d == c, d == f, d].join()`)
	if err != nil {
		t.Fatal(err)
	}
	name, ok := strings.CutPrefix(show(got), "true,true,")
	if !ok || name == "Local" || name == "" {
		t.Errorf("got %q", show(got))
	}
}
