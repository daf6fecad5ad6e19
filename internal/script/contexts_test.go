package script_test

import (
	"context"
	"strings"
	"testing"

	"github.com/weir-health/weir/internal/script"
)

// The global deploy and undeploy scripts belong to no channel: they have the names
// that every place has, and none of a channel's, a message's or a connector's. What
// other places have is in package pipeline.
func TestGlobalContexts(t *testing.T) {
	const (
		bound = "router replacer configurationMap globalMap DatabaseConnectionFactory contextFactory logger " +
			"$ $c $co $s $r $g $gc $cfg validate createSegment createSegmentAfter getArrayOrXmlLength importPackage importClass " +
			"java Packages XML XMLList ChannelUtil VMRouter FileUtil SerializerFactory Response Status regex xml xmllist namespace qname"
		unbound = "channelId channelName globalChannelMap alerts connectorMessage sourceMap connectorMap channelMap responseMap connector " +
			"destinationSet RECEIVED FILTERED TRANSFORMED SENT QUEUED ERROR PENDING message response responseStatus reader binary mirth_attachments " +
			"msg tmp template phase resultMap results CHALLENGED SUCCESS FAILURE"
	)
	probe := "var found = [];\n"
	for _, name := range strings.Fields(bound + " " + unbound) {
		probe += "if (typeof " + name + " != 'undefined') found.push('" + name + "');\n"
	}
	for contextName, logger := range map[string]string{"GLOBAL_DEPLOY": "deploy", "GLOBAL_UNDEPLOY": "undeploy"} {
		p, err := script.CompileScript(contextName, nil, script.Part{Name: "body",
			Code: probe + "globalMap.put('seen', found.join(' ')); globalMap.put('asked', $('k') + $g('k') + $cfg('site')); logger.info('x')"})
		if err != nil {
			t.Fatal(err)
		}
		heard := &loggers{}
		scope := &script.Scope{Host: heard, Context: contextName, Global: script.NewSharedMap(), Configuration: map[string]string{"site": "North"}}
		scope.Global.Put("k", "v")
		if _, err := p.Run(context.Background(), scope); err != nil {
			t.Fatal(contextName, detail(err))
		}
		got := scope.Global.Snapshot()
		if got["seen"] != bound || got["asked"] != "vvNorth" {
			t.Errorf("%s\n got %q, asked %q\nwant %q", contextName, got["seen"], got["asked"], bound)
		}
		if heard.name != logger {
			t.Errorf("%s logs as %q, want %q", contextName, heard.name, logger)
		}
	}
}

// loggers keeps the name of the logger that was used last.
type loggers struct {
	recorder
	name string
}

func (l *loggers) Log(_ *script.Scope, _ script.Level, logger, _ string) { l.name = logger }
