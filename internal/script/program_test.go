package script_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/tree"
)

// TestErrorPlaces checks that errors point into the user's own part.
func TestErrorPlaces(t *testing.T) {
	templates := []script.Part{
		{Name: "code template: helper", Code: "// a comment\nfunction helper(x) {\n  return x.y.z;\n}\n"},
		{Name: "code template: block", Code: "var counter = 0;"},
	}
	cases := []struct {
		name, first, second string
		want                string
	}{
		{"syntax error in the second step", "var a = 1;", "var b = ;\n", "step 1, line 1, column 9: SyntaxError"},
		{"brace too many in the first step", "if (true) {\n}\n}", "var a;", "step 0, line 3, column 1: SyntaxError"},
		{"brace too few in the first step", "if (true) {", "var a;", "step 0, line 1, column"},
		{"runtime error", "var a = 1;", "\r\n  nothing.x = 1;", "step 1, line 2, column 3: ReferenceError: nothing is not defined"},
		{"behind an XML literal", "var a = <a>\n<b/></a>;\n a.b.c.d = 1; nothing()", "", "step 0, line 3, column 22: ReferenceError"},
		{"in a code template", "helper({});", "", "code template: helper, line 3, column"},
		{"thrown text is not shown", "throw new Error('MRN 12345')", "", "step 0, line 1, column 7: the script threw Error"},
		{"thrown string", "\nthrow 'MRN 12345'", "", "step 0, line 2, column"},
		{"property named by content", "var k = 'MRN' + 12345, o = {}; o[k].x", "", "step 0, line 1, column"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			steps := []script.Part{{Name: "step 0", Code: c.first}, {Name: "step 1", Code: c.second}}
			p, err := script.CompileTransformer("source transformer", templates, nil, steps, false)
			if err == nil {
				_, err = p.Transform(context.Background(), newScope(), script.Input{Form: weir.FormText, Text: "x"})
			}
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "12345") {
				t.Errorf("the error shows content: %v", err)
			}
		})
	}
}

// TestFilter checks how rules are combined and what accepts.
func TestFilter(t *testing.T) {
	rule := func(op, code string) script.Rule {
		return script.Rule{Part: script.Part{Name: "rule", Code: code}, Operator: op}
	}
	cases := []struct {
		name  string
		rules []script.Rule
		want  bool
	}{
		{"none", nil, true},
		{"AND", []script.Rule{rule("", "return true"), rule("AND", "return false")}, false},
		{"OR", []script.Rule{rule("", "return false"), rule("OR", "return 1")}, true},
		{"AND binds first", []script.Rule{rule("", "return true"), rule("OR", "return true"), rule("AND", "return false")}, true},
		{"later rule not run", []script.Rule{rule("", "return false"), rule("AND", "throw 1")}, false},
		{"text", []script.Rule{rule("", "return 'true'")}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := script.CompileTransformer("filter", nil, c.rules, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			out, err := p.Transform(context.Background(), newScope(), script.Input{Form: weir.FormText, Text: "x"})
			if err != nil || out.Accepted != c.want {
				t.Errorf("accepted %v, %v; want %v", out.Accepted, err, c.want)
			}
		})
	}
}

// TestForms checks what msg and tmp are for each form, and what comes out.
func TestForms(t *testing.T) {
	xml := func(s string) script.Input {
		root, err := tree.ParseXML(s, tree.XMLOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return script.Input{Form: weir.FormTree, Root: root}
	}
	text := func(s string) script.Input { return script.Input{Form: weir.FormText, Text: s} }
	json := func(s string) script.Input { return script.Input{Form: weir.FormJSON, Text: s} }
	cases := []struct {
		name, step string
		in         script.Input
		template   *script.Input
		want       string // markup of a tree, or text
		isTree     bool
	}{
		{"tree", "msg.b = 1", xml("<a/>"), nil, "<a><b>1</b></a>", true},
		{"leaf root", "msg = <a>x</a>", xml("<b/>"), nil, "<a>x</a>", true},
		{"leaf root and return", "msg = <a>x</a>; return", xml("<b/>"), nil, "x", false},
		{"part of the message", "msg = msg.b", xml("<a><b><c/></b></a>"), nil, "<b><c/></b>", true},
		{"raw", "msg = msg.replace('a', 'b') + typeof msg", text("a"), nil, "bobject", false},
		{"untouched raw", "var x", text("a|b"), nil, "a|b", false},
		{"json", "msg.a.push(2)", json(`{"a":[1]}`), nil, `{"a":[1,2]}`, false},
		{"json to text", "msg = JSON.stringify(msg.a)", json(`{"a":[1]}`), nil, `[1]`, false},
		{"raw to json template", "tmp.x = msg.length", text("abc"), &script.Input{Form: weir.FormJSON, Text: `{"x":0}`}, `{"x":3}`, false},
		{"json to tree template", "tmp.b = msg.v", json(`{"v":5}`), ptr(xml("<a><b/></a>")), "<a><b>5</b></a>", true},
		{"namespace of the root", "msg.b = 'x'", xml(`<a xmlns="urn:x"><b/></a>`), nil, `<a xmlns="urn:x"><b>x</b></a>`, true},
		{"java string", "msg = new java.lang.String('x')", text(""), nil, "x", false},
		{"undefined", "msg = undefined", text(""), nil, "undefined", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := script.CompileTransformer("t", nil, nil, []script.Part{{Name: "step 0", Code: c.step}}, false)
			if err != nil {
				t.Fatal(err)
			}
			c.in.Template = c.template
			out, err := p.Transform(context.Background(), newScope(), c.in)
			got := out.Text
			if out.IsTree {
				got = out.Root.XMLString()
			}
			if err != nil || got != c.want || out.IsTree != c.isTree {
				t.Errorf("got %q (tree %v), %v; want %q (tree %v)", got, out.IsTree, err, c.want, c.isTree)
			}
		})
	}
}

func ptr(in script.Input) *script.Input { return &in }

// TestValuesLast runs scripts one after another with the same maps.
func TestValuesLast(t *testing.T) {
	cases := []struct{ name, first, second, want string }{
		{"array", `channelMap.put('v', [1, 'a', {b: [2]}])`, `var v = channelMap.get('v'); return JSON.stringify(v) + Array.isArray(v) + typeof v[1]`, `[1,"a",{"b":[2]}]truestring`},
		{"order of keys", `channelMap.put('v', {z: 1, a: 2})`, `return JSON.stringify($('v'))`, `{"z":1,"a":2}`},
		{"changed in place", `channelMap.put('v', {n: 1})`, `$('v').n++; return $('v').n`, "2"},
		{"xml", `channelMap.put('v', <a><b>1</b></a>)`, `var v = $('v'); return typeof v + v.b + v.toXMLString()`, "xml1<a><b>1</b></a>"},
		{"xml list", `channelMap.put('v', <a><b>1</b><b>2</b></a>.b)`, `return $('v').length() + $('v')[1]`, "22"},
		{"date", `channelMap.put('v', new Date(5))`, `return $('v').getTime() + 1`, "6"},
		{"java list", `channelMap.put('v', Lists.list('a').append({x: 1}))`, `return $('v').get(1).x + $('v').get(0)`, "1a"},
		{"java map", `channelMap.put('v', Maps.map('a', [1, 2]))`, `return $('v').get('a').length`, "2"},
		{"response", `responseMap.put('Dest 9', ResponseFactory.getSentResponse('m'))`, `return $r('Dest 9').getMessage() + $r('Dest 9').getStatus()`, "mSENT"},
		{"response by name", `responseMap.put('d2', new Response(Status.ERROR, 'm'))`, `return responseMap.get('Dest 2').getStatus() + responseMap.containsKey('Dest 2')`, "ERRORtrue"},
		{"globals do not", `leak = 1; Array.prototype.leak = 2`, `return typeof leak + typeof [].leak`, "undefinedundefined"},
		{"global map", `globalMap.put('v', {n: [1]})`, `globalMap.get('v').n.push(2); return globalMap.get('v').n.length`, "2"},
		{"holds itself", `var o = {}; o.o = o; channelMap.put('v', o)`, `return typeof $('v').o`, "object"},
		{"shared many times", `var o = [1]; for (var i = 0; i < 50; i++) o = [o, o]; channelMap.put('v', o)`, `return $('v').length`, "2"},
		{"java list in an object", `channelMap.put('v', {l: Lists.list('a')})`, `return $('v').l[0] + $('v').l.length`, "a1"},
		{"function", `channelMap.put('v', function () { return 1 })`, `return typeof $('v')`, "object"},
		{"number object", `channelMap.put('v', new Number(5))`, `return $('v') + 1`, "6"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			scope := newScope()
			if _, err := runBody(t, scope, c.first); err != nil {
				t.Fatal(err)
			}
			got, err := runBody(t, scope, c.second)
			if err != nil || show(got) != c.want {
				t.Errorf("%s; %s\n got %q, %v\nwant %q", c.first, c.second, show(got), err, c.want)
			}
		})
	}
}

// TestWrittenBack checks that a shared map keeps what a script changed in place,
// and does not when another has put something there meanwhile.
func TestWrittenBack(t *testing.T) {
	scope := newScope()
	for _, body := range []string{`globalMap.put('v', {n: 1})`, `globalMap.get('v').n = 2`} {
		if _, err := runBody(t, scope, body); err != nil {
			t.Fatal(err)
		}
	}
	v, _ := scope.Global.Get("v")
	want := &script.Object{Keys: []string{"n"}, Values: map[string]any{"n": 2.0}}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("global map holds %v, want %v", v, want)
	}
	host := &replacing{scope: scope}
	scope.Host = host
	if _, err := runBody(t, scope, `globalMap.get('v').n = 3; logger.info('now')`); err != nil {
		t.Fatal(err)
	}
	if v, _ := scope.Global.Get("v"); v != "other" {
		t.Errorf("a value put by another script was overwritten by %v", v)
	}
}

// replacing puts another value into the global map when a script logs.
type replacing struct {
	recorder
	scope *script.Scope
}

func (h *replacing) Log(*script.Scope, script.Level, string, string) {
	h.scope.Global.Put("v", "other")
}

// TestShared runs one program from many goroutines on the same shared maps.
func TestShared(t *testing.T) {
	p, err := script.CompileScript("shared", []script.Part{{Name: "t", Code: "function twice(x) { return 2 * x }"}}, script.Part{Name: "body", Code: `
		globalMap.lock('n');
		globalMap.put('n', (globalMap.get('n') || 0) + twice(1));
		globalMap.unlock('n');
		var l = globalMap.get('list');
		l.add({a: [1]});
		for each (var x in l) x.a.length;
		globalMap.put('o' + globalMap.get('n'), {list: l});
	`})
	if err != nil {
		t.Fatal(err)
	}
	scope := newScope()
	if _, err := runBody(t, scope, `globalMap.put('list', new java.util.ArrayList())`); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				s := newScope()
				s.Global = scope.Global
				if _, err := p.Run(context.Background(), s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n, _ := scope.Global.Get("n"); n != 320.0 {
		t.Errorf("counted %v, want 320", n)
	}
}

// TestTemplates checks how code templates reach a script.
func TestTemplates(t *testing.T) {
	part := func(code string) script.Part { return script.Part{Name: "template", Code: code} }
	cases := []struct {
		name      string
		templates []script.Part
		body      string
		want      string
	}{
		{"function", []script.Part{part("function f() { return 'f' }")}, "return f()", "f"},
		{"two in one", []script.Part{part("function f() { return g() }\nfunction g() { return 'g' }")}, "return f() + typeof g", "gfunction"},
		{"later wins", []script.Part{part("function f() { return 1 }"), part("function f() { return 2 }")}, "return f()", "2"},
		{"block", []script.Part{part("var v = 1; v++;")}, "return v", "2"},
		{"block that calls a function", []script.Part{part("var v = f();"), part("function f() { return 3 }")}, "return v", "3"},
		{"replaces what the engine has", []script.Part{part("function validate() { return 'mine' }")}, "return validate()", "mine"},
		{"sees globals", []script.Part{part("function f() { return channelId + $('src') }")}, "return f()", "chS"},
		{"with a literal", []script.Part{part("function f() { return <a/> }"), part("function g() { return <bb/> }")}, "return g().toXMLString() + f().toXMLString()", "<bb/><a/>"},
		{"same name as a local", []script.Part{part("function f() { return 1 }")}, "var f = 2; return f", "2"},
		{"not asked for", []script.Part{part("function f() { return 1 }")}, "return 'f' in this", "true"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := script.CompileScript("s", c.templates, script.Part{Name: "body", Code: c.body})
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Run(context.Background(), newScope())
			if err != nil || show(got) != c.want {
				t.Errorf("got %q, %v; want %q", show(got), err, c.want)
			}
		})
	}
}

func TestResponseTransformer(t *testing.T) {
	p, err := script.CompileTransformer("response transformer", nil, nil, []script.Part{{Name: "step 0", Code: `
		if (responseStatus == SENT && response.getNewMessageStatus() == SENT && responseErrorMessage == null) {
			responseStatus = QUEUED;
			responseStatusMessage = 'was ' + response.getStatusMessage() + ' ' + msg.length;
		}`}}, true)
	if err != nil {
		t.Fatal(err)
	}
	scope := newScope()
	scope.Context = "DESTINATION_RESPONSE_TRANSFORMER"
	scope.Response = &script.ResponseVars{Original: weir.Response{Status: weir.Sent, Message: "ack", StatusMessage: "ok"}}
	if _, err := p.Transform(context.Background(), scope, script.Input{Form: weir.FormText, Text: "ack"}); err != nil {
		t.Fatal(err.(*script.Error).Detail())
	}
	want := script.ResponseVars{Original: scope.Response.Original, Status: weir.Queued, StatusMessage: "was ok 3"}
	if *scope.Response != want {
		t.Errorf("got %+v\nwant %+v", *scope.Response, want)
	}
}

func TestPostprocessor(t *testing.T) {
	source := &weir.ConnectorMessage{MessageID: 5, ChannelID: "ch", ConnectorName: "Source", ChannelMap: map[string]any{"a": "1"}}
	source.Set(weir.Raw, "raw", "RAW")
	dest := &weir.ConnectorMessage{MessageID: 5, MetaDataID: 1, ChannelID: "ch", ConnectorName: "Dest 1", Status: weir.Sent,
		ChannelMap:  map[string]any{"a": "1", "b": "2"},
		ResponseMap: map[string]any{"d1": weir.Response{Status: weir.Sent, Message: "ok"}}}
	scope := newScope()
	scope.Context, scope.Message = "CHANNEL_POSTPROCESSOR", nil
	scope.Whole = &weir.Message{ID: 5, ChannelID: "ch", Received: time.Unix(0, 0), Connectors: []*weir.ConnectorMessage{source, dest}}
	got, err := runBody(t, scope, `
		var m = message.getConnectorMessages();
		return [message.getMessageId(), m.get(0).getRawData(), m.get(1).getStatus(), m.size(), $('b'), responseMap.get('Dest 1').getMessage(),
			message.getMergedConnectorMessage().getRawData(), typeof connectorMessage, typeof connectorMap, m.get(1).getChannelMap().get('b')].join()`)
	if want := "5,raw,SENT,2,2,ok,raw,undefined,undefined,2"; err != nil || got != want {
		t.Errorf("got %v, %v\nwant %s", got, err, want)
	}
	got, err = runBody(t, scope, `return new Response(QUEUED, 'text')`)
	if want := (weir.Response{Status: weir.Queued, Message: "text"}); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

// TestReturned checks what the engine gets of a script's result.
func TestReturned(t *testing.T) {
	cases := []struct {
		body string
		want any
	}{
		{`return`, nil},
		{`return null`, nil},
		{`return 'x'`, "x"},
		{`return new java.lang.String('x')`, "x"},
		{`return channelMap.get('src')`, "S"},
		{`return 1`, 1.0},
		{`return Lists.list('a').append('b')`, []any{"a", "b"}},
		{`return ['a', 1]`, []any{"a", 1.0}},
		{`return [Maps.map('a', 1)]`, []any{weir.Row{{Key: "a", Value: 1.0}}}},
		{`return SENT`, weir.Sent},
		{`return ResponseFactory.getSentResponse('m')`, weir.Response{Status: weir.Sent, Message: "m"}},
		{`return new RawMessage('m', [2])`, &weir.Inbound{Text: "m", Destinations: []int{2}, SourceMap: map[string]any{}}},
	}
	for _, c := range cases {
		got, err := runBody(t, newScope(), c.body)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s\n got %#v, %v\nwant %#v", c.body, got, err, c.want)
		}
	}
}

// TestVars checks the variables that only some contexts have.
func TestVars(t *testing.T) {
	reader := script.NewReader("one\rtwo\r\nthree")
	attached := script.NewAttachmentList()
	scope := newScope()
	scope.Vars = map[string]any{"reader": reader, "binary": false, "message": "text", "mirth_attachments": attached}
	for _, want := range []any{"one", "two", "three", nil} {
		if got, err := runBody(t, scope, `return reader.readLine()`); err != nil || got != want {
			t.Errorf("reader gave %v, %v; want %v", got, err, want)
		}
	}
	got, err := runBody(t, scope, `var a = addAttachment('data', 'text/plain', true); return [binary === false, typeof message, a.getAttachmentId().indexOf('${ATTACH:')].join()`)
	added := script.AttachmentsIn(attached)
	if err != nil || got != "true,string,0" || len(added) != 1 || string(added[0].Content) != "ZGF0YQ==" {
		t.Errorf("got %v, %v; attachments %v", got, err, added)
	}
	got, err = runBody(t, scope, `return AuthenticationResult.Success('jane', 'r')`)
	if a, ok := got.(*script.Authentication); err != nil || !ok || a.Username != "jane" || a.Status != "SUCCESS" {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestSourceMap checks that reading the source map leaves it as it is: all
// destinations share it.
func TestSourceMap(t *testing.T) {
	scope := newScope()
	headers := weir.NewMultiMap(weir.Headers)
	headers.Add("Content-Type", "text/plain")
	scope.Message.SourceMap = map[string]any{"headers": headers, "list": []any{"a"}}
	got, err := runBody(t, scope, `sourceMap.get('list').push('b');
		return sourceMap.get('headers').getHeader('content-type') + sourceMap.get('list').length + sourceMap.get('headers').contains('x')`)
	want := map[string]any{"headers": headers, "list": []any{"a"}}
	if err != nil || got != "text/plain2false" || !reflect.DeepEqual(scope.Message.SourceMap, want) {
		t.Errorf("got %v, %v; the map is %v", got, err, scope.Message.SourceMap)
	}
}

// TestEngine checks what scripts reach of the engine.
func TestEngine(t *testing.T) {
	scope := newScope()
	host := &engine{done: make(chan script.Control, 10)}
	scope.Host = host
	cases := []struct{ body, want string }{
		{`return router.routeMessage('Other', new RawMessage('m')).getMessage()`, "m to Other"},
		{`return new VMRouter().routeMessageByChannelId('gone', 'm').getStatus().toString()`, "ERROR"},
		{`return ChannelUtil.getChannelNames().toString() + ChannelUtil.getChannelState('Other') + ChannelUtil.isChannelDeployed('nope')`, "[Other]Startedfalse"},
		{`return ChannelUtil.getSentCount('Other') + ChannelUtil.getErrorCount('Other', 1)`, "42"},
		{`return ChannelUtil.stopChannel('Other').get() == null`, "true"},
		{`try { ChannelUtil.stopChannel('nope').get() } catch (e) { return e.javaException.getClass().getSimpleName() }`, "ExecutionException"},
		{`return replacer.replaceValues('${a}', Maps.map('a', 'b'))`, "${a} a=b"},
	}
	for _, c := range cases {
		got, err := runBody(t, scope, c.body)
		if err != nil || show(got) != c.want {
			t.Errorf("%s\n got %v, %v\nwant %s", c.body, got, err, c.want)
		}
	}
	if got := <-host.done; got.Action != script.StopChannel || got.ChannelID != "o" {
		t.Errorf("asked for %+v", got)
	}
}

type engine struct {
	recorder
	done chan script.Control
}

func (e *engine) Channels() []script.Channel {
	return []script.Channel{{ID: "o", Name: "Other", State: weir.Started}}
}

func (e *engine) Route(_ context.Context, channel string, in weir.Inbound) (*weir.Response, error) {
	if channel == "gone" {
		return nil, errors.New("no such channel")
	}
	return &weir.Response{Status: weir.Sent, Message: in.Text + " to " + channel}, nil
}

func (e *engine) Control(_ context.Context, c script.Control) error {
	e.done <- c
	return nil
}

func (e *engine) Count(channel string, id int, s weir.Status) (int64, bool) { return 21, true }

func (e *engine) Resolve(_ *script.Scope, template string, more map[string]any) string {
	for k, v := range more {
		template += fmt.Sprintf(" %s=%v", k, v)
	}
	return template
}
