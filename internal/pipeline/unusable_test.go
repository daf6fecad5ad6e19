package pipeline

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// A text that can never be received is told apart from a store that is down.
func TestUnusable(t *testing.T) {
	batch := func(c *weir.Channel) {
		c.Source.Settings = source("processBatch", "true")
		c.Source.Transformer = weir.Transformer{Inbound: "XML", Outbound: "XML"}
		c.Source.Transformer.InboundSettings = group("batchProperties", "elementName", "m")
	}
	for _, c := range []struct {
		name     string
		in       weir.Inbound
		full     bool // the store
		unusable bool
		words    string
	}{
		{"no batch at all", weir.Inbound{Text: "<r><m>"}, false, true, "splitting the batch after 0 messages: "},
		{"binary", weir.Inbound{Text: "AP8=", Binary: true}, false, true, "a binary message cannot be split as a batch. Turn "},
		{"a store that is full", weir.Inbound{Text: "<r><m/></r>"}, true, false, "the message was not kept: the disk is full"},
		{"a batch", weir.Inbound{Text: "<r><m/></r>"}, false, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, batch, func(r *rig) {
				if c.full {
					r.store.onSave(func(int, *store.Change) error { return errors.New("the disk is full") })
				}
				_, err := r.Receive(context.Background(), c.in)
				r.store.onSave(nil)
				if got := errors.Is(err, weir.ErrUnusable); got != c.unusable {
					t.Errorf("%v: unusable is %v, want %v", err, got, c.unusable)
				}
				if (err == nil) != (c.words == "") || err != nil && !strings.HasPrefix(err.Error(), "Channel, Source: "+c.words) {
					t.Errorf("the error is %v, want the words %q", err, c.words)
				}
				var f *weir.Fault
				if err != nil && !errors.As(err, &f) {
					t.Error("the error is no fault")
				}
			})
		})
	}
}
