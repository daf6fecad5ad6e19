package pipeline

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir"
)

// What goes wrong is told with its kind, its connector and its message, once for
// each attempt.
func TestErrorEvents(t *testing.T) {
	for _, c := range []struct {
		name   string
		setup  func(*weir.Channel)
		answer answer
		want   string
	}{
		{"nothing", nil, nil, ""},
		{"a filter of the source", func(c *weir.Channel) { c.Source = withFilter(c.Source, "throw 1;") }, nil, "FILTER 0"},
		{"a transformer of the source", func(c *weir.Channel) { c.Source = withSteps(c.Source, "throw 1;") }, nil, "TRANSFORMER 0"},
		{"a message that cannot be read", func(c *weir.Channel) {
			c.Source.Transformer = weir.Transformer{Inbound: "XML", Outbound: "XML", Steps: js("msg.x;")}
		}, nil, "SERIALIZER 0"},
		{"the preprocessor", func(c *weir.Channel) { c.Preprocessor = "throw 1;" }, nil, "PREPROCESSOR_SCRIPT 0"},
		{"the postprocessor", func(c *weir.Channel) { c.Postprocessor = "throw 1;" }, nil, "POSTPROCESSOR_SCRIPT 0"},
		{"a transformer of a destination", destinations(withSteps(dest(1), "throw 1;")), nil, "TRANSFORMER 1"},
		{"a delivery, tried twice", destinations(dest(1, "retryCount", "1", "retryIntervalMillis", "1000")), fails(9, sentOK), "DESTINATION_CONNECTOR 1 DESTINATION_CONNECTOR 1"},
		{"an answer that is an error", nil, says(weir.Response{Status: weir.Error, StatusMessage: "500", Error: "refused"}), "DESTINATION_CONNECTOR 1"},
		{"a response transformer", destinations(withResponse(dest(1), "throw 1;")), nil, "RESPONSE_TRANSFORMER 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			var told []string
			synctestRig(t, c.setup, func(r *rig) {
				if c.answer != nil {
					r.answer("D1", c.answer)
				}
				r.engine.Failed = func(e ErrorEvent) {
					mu.Lock()
					defer mu.Unlock()
					told = append(told, fmt.Sprintf("%s %d", e.Kind, e.MetaDataID))
					if e.ChannelID != "c1" || e.MessageID != 1 || e.Type == "" || e.Err == nil || e.Text == "" {
						t.Errorf("told %+v", e)
					}
				}
			}, func(r *rig) {
				r.receive("text")
				r.idle()
			})
			if got := strings.Join(told, " "); got != c.want {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}
