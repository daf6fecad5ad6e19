package pipeline

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
)

// Values that a script puts into a map are there for the next one, in memory and
// read back from the store.
func TestValuesLast(t *testing.T) {
	values := map[string][2]string{ // expression, what the next script makes of it
		"text":     {"'a\\rb \\\\ \"é\"'", "String(v) == 'a\\rb \\\\ \"é\"'"},
		"number":   {"1.5", "v == 1.5"},
		"bool":     {"true", "v == true"},
		"null":     {"null", "v == null"},
		"array":    {"['a', 2, [true]]", "v.length == 3 && v[0] == 'a' && v[1] + 1 == 3 && v[2][0] === true"},
		"object":   {"{z: 1, a: {b: 'c'}}", "v.z + 1 == 2 && v.a.b == 'c' && JSON.stringify(v) == '{\"z\":1,\"a\":{\"b\":\"c\"}}'"},
		"date":     {"new Date(1000)", "v.getTime() == 1000"},
		"list":     {"java.util.Arrays.asList('x', 'y')", "v.size() == 2 && v.get(1) == 'y'"},
		"map":      {"(function() { var m = new java.util.HashMap(); m.put('k', 'v'); return m })()", "v.get('k') == 'v'"},
		"int":      {"java.lang.Integer.valueOf(3)", "v + 1 == 4"},
		"response": {"new Response(Status.SENT, 'm')", "v.getStatus() == Status.SENT && v.getMessage() == 'm'"},
		"xml":      {"<aa><bb>1</bb></aa>", "String(v).indexOf('<bb>1</bb>') > 0"},
	}
	var put, check strings.Builder
	for name, v := range values {
		put.WriteString("channelMap.put('" + name + "', " + v[0] + ");\n")
		check.WriteString("var v = channelMap.get('" + name + "'); if (!(" + v[1] + ")) wrong.push('" + name + "');\n")
	}
	d := withSteps(dest(1, "queueEnabled", "true", "regenerateTemplate", "true", "includeFilterTransformer", "true", "retryIntervalMillis", "1000"),
		"var wrong = [];\n"+check.String()+"msg = 'wrong: ' + wrong.sort().join()")
	in(t, both(steps(put.String()), destinations(d)), func(r *rig) {
		r.answer("D1", fails(2, sentOK))
		r.receive("x")
		r.idle()
		r.Stop(context.Background())
		r.restart(false)
		r.pass(time.Minute)
		r.wantTexts("wrong: ", "wrong: ", "wrong: ")
		if t.Failed() {
			t.Log(r.log)
		}
	})
}

// What ${…} finds.
func TestTemplates(t *testing.T) {
	for _, c := range []struct{ template, want string }{
		{"plain $", `plain \$`},
		{"${message.rawData}|${message.encodedData}|${message.transformedData}", `x!\|x!\|\$\{message.transformedData\}`},
		{"${message.messageId} ${message.channelId} ${message.channelName} ${message.metaDataId} ${message.connectorName} ${message.serverId} ${message.status}", "1 c1 Channel 1 D1 weir RECEIVED"},
		{"${channelName} ${channelId}", "Channel c1"},
		{"${date.get('yyyy-MM-dd')}", `\d{4}-\d\d-\d\d`},
		{"${DATE}", `\d\d-\d\d-\d\d_\d\d-\d\d-\d\d\.\d+`},
		{"${COUNT} ${COUNT}", "1 2"},
		{"${UUID}", `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`},
		{"${SYSTIME}", `\d{12,}`},
		{"${HASH}", `[0-9a-f]{64}`},
		{"${originalFilename}", `\d{12,}\.dat`},
		{"${nope} $nope", `\$\{nope\} \$nope`},
		{"${empty}|", `\|`},
		{"${everywhere}", "response"},
		{"${maps.get('everywhere')}", "global"},
		{"${maps.get('site')} ${site}", "configured configured"},
		{"${inChannel} ${inSource} ${inGlobalChannel} ${inGlobal}", "channel source gc g"},
		{"${object.a.b} ${javaMap.k} ${list.get(0)} ${number}", "c v x 1.0"},
		{"${day}", `Thu Jan 01 \d\d:\d\d:\d\d \w+ 1970`},
		{"${other}", `SENT: fine`},
		{"${XmlUtil.encode('<é>')} $JsonUtil.escape('a\"b')", `&lt;&#233;&gt; a\\"b`},
		{`${JsonUtil.toXml('{"a":1}')}|${XmlUtil.toJson("<a>1</a>")}|${XmlUtil.nope()}`, `<\?xml version="1.0" \?><a>1</a>\|\{"a":1\}\|\$\{XmlUtil.nope\(\)\}`},
		{"#if($inChannel == 'channel')yes#{else}no#end", "yes"},
	} {
		t.Run(c.template, func(t *testing.T) {
			in(t, both(steps("msg = msg + '!'; channelMap.put('inChannel', 'channel'); channelMap.put('everywhere', 'channel'); connectorMap.put('everywhere', 'connector');"+
				"responseMap.put('everywhere', 'response'); channelMap.put('empty', ''); channelMap.put('object', {a: {b: 'c'}});"+
				"var m = new java.util.HashMap(); m.put('k', 'v'); channelMap.put('javaMap', m); channelMap.put('list', java.util.Arrays.asList('x')); channelMap.put('number', 1); channelMap.put('day', new Date(43200000));"+
				"responseMap.put('other', new Response(Status.SENT, 'm', 'fine'))"),
				destinations(dest(1, "own text", c.template))), func(r *rig) {
				r.engine.Global.Put("inGlobal", "g")
				r.engine.Global.Put("everywhere", "global")
				r.globalChannelMap.Put("inGlobalChannel", "gc")
				r.globalChannelMap.Put("everywhere", "globalChannel")
				in := weir.Inbound{Text: "x", SourceMap: map[string]any{"inSource": "source", "everywhere": "source"}}
				if _, err := r.Receive(context.Background(), in); err != nil {
					t.Fatal(err)
				}
				sent := r.deliveries()
				if len(sent) != 1 || !regexp.MustCompile("^(?:"+c.want+")$").MatchString(sent[0].text) {
					t.Errorf("%s gave %v, want %s", c.template, sent[0].text, c.want)
				}
			})
		})
	}
}

// The reply sees what the whole message has.
func TestReplyLooksIntoTheMessage(t *testing.T) {
	in(t, both(steps("channelMap.put('code', '202')"), destinations(withSteps(dest(1), "channelMap.put('more', 'yes')")), responds("d1")), func(r *rig) {
		reply := r.receive("x")
		if v, ok := reply.Lookup("code"); !ok || v != "202" {
			t.Errorf("code: %v, %v", v, ok)
		}
		if got := reply.Resolve("${code} ${more} ${d1} ${site} ${nope}"); got != "202 yes SENT: delivered configured ${nope}" {
			t.Errorf("resolved %q", got)
		}
	})
}

// Deploy and undeploy scripts run around all messages; what they leave in the
// global channel map is there for the first one.
func TestDeployScripts(t *testing.T) {
	in(t, func(c *weir.Channel) {
		c.Deploy = "globalChannelMap.put('n', shared())"
		c.Undeploy = "globalMap.put('undeployed', 'yes')"
		c.CodeTemplates = []weir.CodeTemplate{
			{Name: "f", Contexts: []string{"CHANNEL_DEPLOY", "SOURCE_FILTER_TRANSFORMER"}, Code: "function shared() { return 'shared' }"},
		}
		c.Source.Transformer.Steps = js("msg = shared() + globalChannelMap.get('n') + typeof globalThisIsNotThere")
	}, func(r *rig) {
		r.receive("x")
		r.wantTexts("sharedsharedundefined")
		if err := r.Undeploy(context.Background()); err != nil {
			t.Error(err)
		}
		if v, _ := r.engine.Global.Get("undeployed"); v != "yes" {
			t.Errorf("the undeploy script did not run: %v", v)
		}
	})
	r := newRig(t, func(c *weir.Channel) { c.Deploy = "throw 'no'" })
	defer r.store.Store.Close()
	c, err := New(context.Background(), r.cfg, r.engine)
	if err != nil {
		t.Fatal(err)
	}
	var fault *weir.Fault
	if err := c.Deploy(context.Background()); !errors.As(err, &fault) || fault.Channel != "Channel" {
		t.Errorf("a deploy script that throws gave %v", err)
	}
}
