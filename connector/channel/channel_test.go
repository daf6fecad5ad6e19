package channel

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

func TestSettings(t *testing.T) {
	connectortest.Declared(t, new(Reader))
	connectortest.Declared(t, new(Writer))
	r, w := new(Reader), new(Writer)
	connectortest.Decode(t, r, connectortest.Export(t, "testdata/reader.xml"))
	if r.Source.ResponseVariable != "d1" {
		t.Errorf("reader %+v", r)
	}
	connectortest.Decode(t, w, connectortest.Export(t, "testdata/writer.xml"))
	if w.ChannelID.Text != nowhere || len(w.Variables) != 0 {
		t.Errorf("writer %+v", w)
	}
}

func TestReader(t *testing.T) {
	r, e := new(Reader), &connectortest.Engine{}
	connectortest.Start(t, r, e, nil)
	connectortest.Stop(t, r)
}

// route records what is routed and answers with a response or an error.
type route struct {
	channelID string
	in        weir.Inbound
	response  *weir.Response
	err       error
}

func (r *route) Route(_ context.Context, channelID string, in weir.Inbound) (weir.Reply, error) {
	r.channelID, r.in = channelID, in
	return weir.Reply{MessageID: 7, Response: r.response}, r.err
}

func writer(t *testing.T, r *route, settings ...string) *Writer {
	w := new(Writer)
	g := connectortest.Settings(settings...)
	g = append(g, connectortest.Export(t, "testdata/variables.xml")...)
	connectortest.Decode(t, w, g)
	env := connectortest.DestinationEnv(t)
	env.Route = r.Route
	if err := w.Open(connectortest.Context(t), env); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		target string
		route  route
		want   weir.Response
		fails  bool
	}{
		{"none", "none", route{}, weir.Response{Status: weir.Sent, StatusMessage: "No channel is chosen; the message was not routed."}, false},
		{"routed", "c2", route{}, weir.Response{Status: weir.Sent, StatusMessage: "Message routed successfully to channel id: c2"}, false},
		{"with a response", "c2", route{response: &weir.Response{Status: weir.Sent, Message: "ACK"}},
			weir.Response{Status: weir.Sent, StatusMessage: "Message routed successfully to channel id: c2", Message: "ACK"}, false},
		{"with an error response", "c2", route{response: &weir.Response{Status: weir.Error, Message: "NAK"}},
			weir.Response{Status: weir.Sent, StatusMessage: "Message routed successfully to channel id: c2", Message: "NAK"}, false},
		{"not taken", "c2", route{err: errors.New("the channel is stopped")},
			weir.Response{Status: weir.Queued, StatusMessage: "Error routing message to channel id: c2"}, true},
		{"no id", "", route{}, weir.Response{Status: weir.Queued, StatusMessage: "Error routing message"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := writer(t, &c.route, "channelId", c.target)
			got, err := w.Send(connectortest.Context(t), connectortest.Outbound(5, "channelTemplate", connectortest.Secret))
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("Send = %+v, %v; want %+v", got, err, c.want)
			}
			if c.fails {
				connectortest.CheckFault(t, err)
			}
			if c.target == "c2" && (c.route.channelID != "c2" || c.route.in.Text != connectortest.Secret) {
				t.Errorf("routed %+v", c.route)
			}
		})
	}
}

func TestSourceMap(t *testing.T) {
	for _, c := range []struct {
		name string
		have map[string]any // the message's source map
		want map[string]any
	}{
		{"first", nil, map[string]any{"sourceChannelId": "c1", "sourceMessageId": int64(5)}},
		{"second", map[string]any{"sourceChannelId": "c0", "sourceMessageId": int64(4)},
			map[string]any{"sourceChannelId": "c1", "sourceMessageId": int64(5),
				"sourceChannelIds": []any{"c0", "c1"}, "sourceMessageIds": []any{int64(4), int64(5)}}},
		{"third", map[string]any{"sourceChannelId": "c0", "sourceMessageId": int64(4),
			"sourceChannelIds": []any{"b", "c0"}, "sourceMessageIds": []any{int64(3), int64(4)}},
			map[string]any{"sourceChannelId": "c1", "sourceMessageId": int64(5),
				"sourceChannelIds": []any{"b", "c0", "c1"}, "sourceMessageIds": []any{int64(3), int64(4), int64(5)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r route
			w := writer(t, &r, "channelId", "c2")
			m := connectortest.Outbound(5, "channelTemplate", "x")
			m.SourceMap = c.have
			m.Lookup = func(name string) (any, bool) { return "value of " + name, name == "mrn" }
			if _, err := w.Send(connectortest.Context(t), m); err != nil {
				t.Fatal(err)
			}
			c.want["mrn"] = "value of mrn" // and nothing of the variable that is not set
			if !reflect.DeepEqual(r.in.SourceMap, c.want) {
				t.Errorf("source map %v, want %v", r.in.SourceMap, c.want)
			}
		})
	}
}

func TestBinary(t *testing.T) {
	var r route
	w := writer(t, &r, "channelId", "c2")
	m := connectortest.Outbound(5, "channelTemplate", "AP8=")
	m.Binary = true
	if _, err := w.Send(connectortest.Context(t), m); err != nil || !r.in.Binary || r.in.Text != "AP8=" {
		t.Errorf("routed %+v, %v", r.in, err)
	}
}
