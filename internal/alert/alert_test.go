package alert

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
)

// model is an alert with parts of its trigger.
func model(channels, kinds, regex string) string {
	return `<alertModel version="4.5.2"><id>a</id><name>Ward errors</name><enabled>true</enabled><trigger class="defaultTrigger"><alertChannels>` + channels +
		`</alertChannels><errorEventTypes>` + kinds + `</errorEventTypes><regex>` + regex + `</regex></trigger><actionGroups><alertActionGroup><actions>` +
		`<alertAction><protocol>Email</protocol><recipient> ops@example.org </recipient></alertAction></actions><subject></subject><template></template></alertActionGroup></actionGroups></alertModel>`
}

func alerts(t *testing.T, models ...string) ([]*Alert, error) {
	t.Helper()
	n, err := mirth.ParseDocument([]byte("<list>"+strings.Join(models, "")+"</list>"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return Read(n)
}

func TestMatches(t *testing.T) {
	const ward, any, filter = "<enabledChannels><string>ward</string></enabledChannels>", "<errorEventType>ANY</errorEventType>", "<errorEventType>FILTER</errorEventType>"
	partial := func(enabled, disabled string) string {
		return "<partialChannels><entry><string>ward</string><alertConnectors><enabledConnectors>" + enabled + "</enabledConnectors><disabledConnectors>" + disabled +
			"</disabledConnectors></alertConnectors></entry></partialChannels>"
	}
	of := func(metaDataID int) pipeline.ErrorEvent {
		return pipeline.ErrorEvent{ChannelID: "ward", MetaDataID: metaDataID, Kind: pipeline.FilterError, Type: "TCP Listener", Text: "Filter error", Err: errors.New("no PID")}
	}
	for _, c := range []struct {
		name, channels, kinds, regex string
		event                        pipeline.ErrorEvent
		want                         bool
	}{
		{"an enabled channel", ward, any, "", of(1), true},
		{"another kind", ward, "<errorEventType>SERIALIZER</errorEventType>", "", of(1), false},
		{"its kind", ward, filter, "", of(1), true},
		{"no kind", ward, "", "", of(1), false},
		{"another channel", "<enabledChannels><string>lab</string></enabledChannels>", any, "", of(1), false},
		{"a disabled channel", "<newChannelSource>true</newChannelSource><newChannelDestination>true</newChannelDestination><disabledChannels><string>ward</string></disabledChannels>", any, "", of(1), false},
		{"a new channel's source", "<newChannelSource>true</newChannelSource>", any, "", of(0), true},
		{"its destination", "<newChannelSource>true</newChannelSource>", any, "", of(1), false},
		{"no connector of a new channel", "<newChannelDestination>true</newChannelDestination>", any, "", of(-1), true},
		{"one connector", partial("<int>1</int>", "<int>2</int>"), any, "", of(1), true},
		{"the other", partial("<int>1</int>", "<int>2</int>"), any, "", of(2), false},
		{"a later one", partial("<int>1</int><null/>", "<int>2</int>"), any, "", of(3), true},
		{"a later one that is not wanted", partial("<int>1</int>", ""), any, "", of(3), false},
		{"no connector of some", partial("<int>1</int>", ""), any, "", of(-1), true},
		{"the text", ward, any, "(?i)no pid", of(1), true},
		{"the head of the text", ward, any, "^Filter \\(TCP Listener\\) error\\nERROR MESSAGE: Filter error", of(1), true},
		{"another text", ward, any, "timeout", of(1), false},
	} {
		list, err := alerts(t, model(c.channels, c.kinds, c.regex))
		if err != nil || len(list) != 1 {
			t.Fatal(c.name, err)
		}
		if got := list[0].Matches(c.event); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	// One that is wrong, and one that is off, leave the others.
	list, err := alerts(t, model(ward, any, "("), strings.Replace(model(ward, any, ""), "<enabled>true", "<enabled>false", 1), model(ward, any, ""))
	if len(list) != 1 || err == nil || !strings.Contains(err.Error(), "Ward errors") {
		t.Errorf("%d alerts, %v", len(list), err)
	}
}

func TestRender(t *testing.T) {
	list, err := alerts(t, model("", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	a := list[0]
	if r := a.Groups[0].Actions[0]; r != (Action{Email, "ops@example.org"}) {
		t.Errorf("%+v", r)
	}
	e := pipeline.ErrorEvent{ChannelID: "ward", ChannelName: "Ward", MetaDataID: 1, Connector: "To EHR", Type: "TCP Sender", MessageID: 7, Kind: pipeline.DestinationConnectorError,
		Text: "Error sending message", Err: errors.New("connection refused")}
	lookup := func(name string) (any, bool) { return "10.0.0.9", name == "ward.host" }
	now := time.UnixMilli(1000)
	subject, text := a.Render(Group{}, e, "s", now, lookup)
	if subject != "Mirth Connect Alert" || text != "Destination Connector (TCP Sender) error\nERROR MESSAGE: Error sending message\nconnection refused" {
		t.Errorf("%q %q", subject, text)
	}
	subject, text = a.Render(Group{Subject: "${alertName}: $channelName", Template: "${connectorName} ${connectorType} ${messageId} ${errorType} ${errorMessage} ${systemTime} $serverId ${unknown}"}, e, "s", now, lookup)
	if subject != "Ward errors: Ward" || text != "To EHR TCP Sender 7 Destination Connector connection refused 1000 s ${unknown}" {
		t.Errorf("%q %q", subject, text)
	}
	_, text = a.Render(Group{Template: "${messageId} ${errorMessage}"}, pipeline.ErrorEvent{MetaDataID: -1, Kind: pipeline.UserDefinedError}, "s", now, lookup)
	if text != "${messageId} No exception message." {
		t.Errorf("%q", text)
	}
}
