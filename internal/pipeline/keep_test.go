package pipeline

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// What each storage mode keeps of a message that has everything.
func TestStorageModes(t *testing.T) {
	const errors = "" // there are none in this message
	for _, c := range []struct {
		mode                weir.StorageMode
		source, destination string
	}{
		{weir.Development, "Raw,Processed Raw,Transformed,Encoded,Response,Connector Map,Channel Map,Response Map,Source Map",
			"Raw,Transformed,Encoded,Sent,Response,Response Transformed,Processed Response,Connector Map,Channel Map,Response Map"},
		{weir.Production, "Raw,Encoded,Response,Connector Map,Channel Map,Response Map,Source Map",
			"Raw,Encoded,Sent,Response,Connector Map,Channel Map,Response Map"},
		{weir.RawOnly, "Raw,Source Map", errors},
		{weir.MetadataOnly, errors, errors},
		{weir.Disabled, "", ""},
	} {
		t.Run(string(c.mode), func(t *testing.T) {
			in(t, func(cfg *weir.Channel) {
				cfg.Properties.Storage = c.mode
				cfg.Properties.MetaDataColumns = []weir.MetaDataColumn{{Name: "WHO", Type: "STRING", Mapping: "who"}}
				cfg.Source.Settings = source("responseVariable", "d1")
				cfg.Preprocessor = "return message + '.'"
				cfg.Source.Transformer.Steps = js("channelMap.put('who', 'me'); connectorMap.put('a', 1); responseMap.put('b', 2); msg = msg + '!'")
				cfg.Destinations = []weir.Connector{withResponse(withSteps(dest(1), "connectorMap.put('a', 1); msg = msg + '?'"), "msg = msg + '#'")}
			}, func(r *rig) {
				reply := r.receive("x")
				if reply.Response == nil || reply.Response.Message != "ok#" {
					t.Errorf("response %v\n%s", reply.Response, r.log)
				}
				r.wantTexts("x.!?")
				r.idle()
				r.wantCounts("1/0/0/0 1/0/1/0")
				if c.mode == weir.Disabled {
					if list, err := r.store.Messages(context.Background(), store.Query{ChannelID: "c1"}); err != nil || len(list) != 0 {
						t.Errorf("%d messages are kept, %v", len(list), err)
					}
					return
				}
				m := r.message(1)
				for id, want := range []string{c.source, c.destination} {
					// Raw of a destination is the source's encoded content and kept there.
					want = strings.TrimPrefix(want, map[bool]string{true: "Raw,"}[id == 1])
					if got := contents(m.Connector(id)); got != want {
						t.Errorf("connector %d keeps\n     %s\nwant %s", id, got, want)
					}
					if m.Connector(id).MetaData["WHO"] != "me" {
						t.Errorf("connector %d: columns %v", id, m.Connector(id).MetaData)
					}
				}
				r.wantStates(1, "T 1S")
			})
		})
	}
}

func contents(cm *weir.ConnectorMessage) string {
	var names []string
	for i, content := range cm.Contents {
		if content.Set {
			names = append(names, weir.ContentType(i).String())
		}
	}
	return strings.Join(names, ",")
}

// A queue needs a mode that keeps what it holds.
func TestQueuesNeedStorage(t *testing.T) {
	for _, c := range []struct {
		mode                          weir.StorageMode
		sourceQueue, destinationQueue bool
	}{
		{weir.Development, true, true}, {weir.Production, true, true}, {weir.RawOnly, true, false},
		{weir.MetadataOnly, false, false}, {weir.Disabled, false, false},
	} {
		for name, ok := range map[string]bool{"source": c.sourceQueue, "destination": c.destinationQueue} {
			r := newRig(t, func(cfg *weir.Channel) {
				cfg.Properties.Storage = c.mode
				if name == "source" {
					sourceQueue(cfg)
				} else {
					cfg.Destinations = []weir.Connector{dest(1, "queueEnabled", "true")}
				}
			})
			if _, err := Check(r.cfg, r.engine); (err == nil) != ok {
				t.Errorf("%s queue with storage %s: %v", name, c.mode, err)
			}
			r.store.Store.Close()
		}
	}
}

// What is left of a message after its completion.
func TestRemoveContent(t *testing.T) {
	failing := says(weir.Response{Status: weir.Error, Error: "no"})
	for _, c := range []struct {
		name         string
		onlyFiltered bool
		setup        func(*weir.Channel)
		answer       answer
		removed      string // ids
	}{
		{"all done", false, nil, nil, "0 1"},
		{"failed keeps all", false, destinations(dest(1), dest(2)), failing, ""},
		{"source filtered", false, filtered, nil, "0"},
		{"source failed", false, broken, nil, ""},
		{"after the queue", false, destinations(dest(1, "queueEnabled", "true", "retryIntervalMillis", "1000"), dest(2)), fails(2, sentOK), "0 1 2"},
		{"after two queues", false, destinations(dest(1, "queueEnabled", "true"), dest(2, "queueEnabled", "true")), nil, "0 1 2"},
		{"failed in the queue", false, destinations(dest(1, "queueEnabled", "true"), dest(2)), failing, ""},
		{"only filtered", true, destinations(dest(1), withFilter(dest(2), "return false")), nil, "2"},
		{"only filtered, none is", true, nil, nil, ""},
		{"from a source queue", false, sourceQueue, nil, "0 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, both(orNothing(c.setup), func(cfg *weir.Channel) {
				cfg.Properties.RemoveContentOnCompletion, cfg.Properties.RemoveOnlyFiltered = true, c.onlyFiltered
			}), func(r *rig) {
				if c.answer != nil {
					r.answer("D1", c.answer)
				}
				r.receive("x")
				r.pass(time.Minute)
				var removed []string
				m := r.message(1)
				for _, cm := range m.Connectors {
					if contents(cm) == "" {
						removed = append(removed, fmt.Sprint(cm.MetaDataID))
					}
				}
				if got := strings.Join(removed, " "); got != c.removed {
					t.Errorf("contents are gone of %q, want %q", got, c.removed)
				}
				if !m.Processed {
					t.Error("the message is not processed")
				}
			})
		})
	}
}

func orNothing(setup func(*weir.Channel)) func(*weir.Channel) {
	if setup == nil {
		return func(*weir.Channel) {}
	}
	return setup
}

// Values of columns, and those that cannot be.
func TestMetaDataColumns(t *testing.T) {
	for _, c := range []struct {
		kind, code string
		want       any
	}{
		{"STRING", "'text'", "text"}, {"STRING", "1", "1.0"}, {"STRING", "new Array(400).join('é')", strings.Repeat("é", 255)}, {"STRING", "null", nil},
		{"NUMBER", "12.5", 12.5}, {"NUMBER", "'-3'", -3.0}, {"NUMBER", "1e16", nil}, {"NUMBER", "'x'", nil}, {"NUMBER", "0/0", nil}, {"NUMBER", "java.lang.Integer.valueOf(7)", 7.0},
		{"BOOLEAN", "true", true}, {"BOOLEAN", "'no'", false}, {"BOOLEAN", "'1'", true}, {"BOOLEAN", "'maybe'", nil},
		{"TIMESTAMP", "'2024-03-10 01:02:03'", time.Date(2024, 3, 10, 1, 2, 3, 0, time.Local)}, {"TIMESTAMP", "'soon'", nil},
		{"TIMESTAMP", "new Date(1000)", time.UnixMilli(1000)}, {"TIMESTAMP", "new java.util.Date(1000)", time.UnixMilli(1000)},
	} {
		t.Run(c.kind+" "+c.code, func(t *testing.T) {
			in(t, func(cfg *weir.Channel) {
				cfg.Properties.MetaDataColumns = []weir.MetaDataColumn{{Name: "C", Type: c.kind, Mapping: "v"}}
				cfg.Source.Transformer.Steps = js("channelMap.put('v', " + c.code + ")")
			}, func(r *rig) {
				r.receive("x")
				got := r.message(1).Connector(0).MetaData["C"]
				if when, ok := c.want.(time.Time); ok {
					if have, ok := got.(time.Time); !ok || !have.Equal(when) {
						t.Errorf("got %v, want %v\n%s", got, when, r.log)
					}
				} else if got != c.want {
					t.Errorf("got %v (%T), want %v\n%s", got, got, c.want, r.log)
				}
			})
		})
	}
}

// Where a column's value is looked for: connector before channel before source.
func TestColumnLookup(t *testing.T) {
	in(t, both(steps("channelMap.put('v', 'source channel')"), destinations(
		withSteps(dest(1), "connectorMap.put('v', 'connector')"), withResponse(dest(2), "channelMap.put('v', 'response')")),
		func(c *weir.Channel) {
			c.Properties.MetaDataColumns = []weir.MetaDataColumn{{Name: "V", Type: "STRING", Mapping: "v"}}
		}), func(r *rig) {
		r.receive("x")
		m := r.message(1)
		for id, want := range []string{"source channel", "connector", "response"} {
			if got := m.Connector(id).MetaData["V"]; got != want {
				t.Errorf("connector %d has %v, want %s", id, got, want)
			}
		}
	})
}

// A batch is messages of one channel, one after another.
func TestBatch(t *testing.T) {
	msh := func(id string) string { return "MSH|^~\\&|A|B|C|D|1||ADT^A01|" + id + "|P|2.5\rPID|1\r" }
	three := msh("1") + msh("2") + msh("3")
	for _, c := range []struct {
		name     string
		settings []string
		text     string
		reply    int64
		count    int
	}{
		{"last response", nil, three, 3, 3},
		{"first response", []string{"firstResponse", "true"}, three, 1, 3},
		{"one", nil, msh("1"), 1, 1},
		{"none", nil, "", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(cfg *weir.Channel) {
				cfg.Source.Settings = source(append(c.settings, "processBatch", "true", "responseVariable", "d1")...)
				cfg.Source.Transformer = hl7ToHL7()
			}, func(r *rig) {
				if got := r.receive(c.text); got.MessageID != c.reply {
					t.Errorf("reply of %d, want %d", got.MessageID, c.reply)
				}
				if n := len(r.deliveries()); n != c.count {
					t.Fatalf("%d messages, want %d", n, c.count)
				}
				for id := 1; id <= c.count; id++ {
					got, err := decodeMap(r.message(int64(id)).Connector(0).Text(weir.SourceMapContent))
					if err != nil || got["batchSequenceId"] != int32(id) || got["batchId"] != int64(1) || got["batchComplete"] != (id == c.count) {
						t.Errorf("source map of %d: %v, %v", id, got, err)
					}
				}
			})
		})
	}
}

// Messages wait in the source queue in order, more than it holds in memory, and
// over a restart.
func TestSourceQueue(t *testing.T) {
	in(t, func(c *weir.Channel) {
		c.Source.Settings = source("respondAfterProcessing", "false", "queueBufferSize", "2", "responseVariable", "Auto-generate (Before processing)")
	}, func(r *rig) {
		r.answer("D1", hangs)
		for id := int64(1); id <= 7; id++ {
			if reply := r.receive(fmt.Sprint(id)); reply.Response == nil || reply.Failed != nil {
				t.Errorf("reply %+v", reply)
			}
		}
		r.idle()
		if n := r.Status().Connectors[0].Queued; n != 7 {
			t.Errorf("%d wait, want 7", n)
		}
		r.Halt()
		r.answer("D1", nil)
		r.restart(false)
		r.pass(time.Minute)
		r.wantSent("D1:1/1 D1:1/2? D1:2/1 D1:3/1 D1:4/1 D1:5/1 D1:6/1 D1:7/1")
		if n := r.Status().Connectors[0].Queued; n != 0 {
			t.Errorf("%d wait, want none", n)
		}
		r.wantCounts("7/0/0/0 7/0/7/0")
	})
}
