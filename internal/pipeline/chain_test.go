package pipeline

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

// What becomes of each destination, by what the ones before it in its chain did.
func TestChains(t *testing.T) {
	failing := says(weir.Response{Status: weir.Error, Error: "refused"})
	off := func(c weir.Connector) weir.Connector { c.Enabled = false; return c }
	for _, c := range []struct {
		name    string
		setup   func(*weir.Channel)
		answers map[string]answer
		want    string // states
		sent    string
	}{
		{"two chains", destinations(dest(1), dest(2)), nil, "T 1S 2S", ""},
		{"one chain", destinations(dest(1), chained(dest(2)), chained(dest(3))), nil, "T 1S 2S 3S", "D1:1/1 D2:1/1 D3:1/1"},
		{"first waits for nobody", destinations(chained(dest(1)), chained(dest(2))), nil, "T 1S 2S", "D1:1/1 D2:1/1"},
		{"filtered goes on", destinations(withFilter(dest(1), "return false"), chained(dest(2))), nil, "T 1F 2S", "D2:1/1"},
		{"failed delivery goes on", destinations(dest(1), chained(dest(2))), map[string]answer{"D1": failing}, "T 1E 2S", "D1:1/1 D2:1/1"},
		{"queued goes on", destinations(dest(1, "queueEnabled", "true"), chained(dest(2))), nil, "T 1S 2S", "D2:1/1 D1:1/1"},
		{"broken transformer ends its chain", destinations(withSteps(dest(1), "throw 'x'"), chained(dest(2)), dest(3)), nil, "T 1E 3S", "D3:1/1"},
		{"broken filter ends its chain", destinations(withFilter(dest(1), "throw 'x'"), chained(dest(2))), nil, "T 1E", ""},
		{"broken response transformer goes on", destinations(withResponse(dest(1), "throw 'x'"), chained(dest(2))), nil, "T 1E 2S", "D1:1/1 D2:1/1"},
		{"disabled is not there", destinations(dest(1), off(chained(dest(2))), chained(dest(3))), nil, "T 1S 3S", "D1:1/1 D3:1/1"},
		{"disabled begins no chain", destinations(dest(1), off(dest(2)), chained(dest(3))), nil, "T 1S 3S", "D1:1/1 D3:1/1"},
		{"left out, chain goes on", both(destinations(dest(1), chained(dest(2)), chained(dest(3))), steps("destinationSet.remove('D2')")), nil, "T 1S 3S", "D1:1/1 D3:1/1"},
		{"left out by the preprocessor", both(destinations(dest(1), dest(2)), func(c *weir.Channel) { c.Preprocessor = "destinationSet.remove(1)" }), nil, "T 2S", "D2:1/1"},
		{"all left out", steps("destinationSet.removeAll()"), nil, "T", ""},
		{"source filtered", filtered, nil, "F", ""},
		{"source broken", broken, nil, "E", ""},
		{"preprocessor broken", func(c *weir.Channel) { c.Preprocessor = "throw 'x'" }, nil, "E", ""},
		{"postprocessor broken", postprocessor("throw 'x'"), nil, "T 1S", "D1:1/1"},
		{"connector panics", destinations(dest(1), chained(dest(2))), map[string]answer{"D1": func(context.Context, delivery, *weir.Outbound) (weir.Response, error) {
			panic("boom")
		}}, "T 1E 2S", "D1:1/1 D2:1/1"},
		{"queued without a queue", nil, map[string]answer{"D1": says(weir.Response{Status: weir.Queued})}, "T 1E", "D1:1/1"},
		{"filtered by a connector", nil, map[string]answer{"D1": says(weir.Response{Status: weir.Filtered})}, "T 1E", "D1:1/1"},
		{"queued by a response transformer, with a queue", destinations(withResponse(dest(1, "queueEnabled", "true", "sendFirst", "true"), "if (connectorMessage.getSendAttempts() < 3) responseStatus = QUEUED")), nil, "T 1S", "D1:1/1 D1:1/2 D1:1/3"},
		{"queued by a response transformer, without", destinations(withResponse(dest(1), "responseStatus = QUEUED")), nil, "T 1E", "D1:1/1"},
		{"mended by a response transformer", destinations(withResponse(dest(1), "responseStatus = SENT")), map[string]answer{"D1": failing}, "T 1S", "D1:1/1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, c.setup, func(r *rig) {
				for name, a := range c.answers {
					r.answer(name, a)
				}
				r.receive("text")
				r.pass(60e9)
				r.wantStates(1, c.want)
				if c.sent != "" {
					r.wantSent(c.sent)
				}
			})
		})
	}
}

// Chains do not see each other's map changes; destinations of a chain see those
// before them; the postprocessor sees all.
func TestMapsOfChains(t *testing.T) {
	const look = `channelMap.put('seen` + `%d', String($('a')) + String($('b')) + String($('c')) + String($('co')));
		channelMap.put('%s', '%s'); connectorMap.put('co', 'private'); responseMap.put('r%d', '%s');`
	step := func(c weir.Connector, letter string) weir.Connector {
		return withSteps(c, fmt.Sprintf(look, c.MetaDataID, letter, letter, c.MetaDataID, letter))
	}
	in(t, both(
		steps("channelMap.put('source', 's'); responseMap.put('early', 'e'); connectorMap.put('co', 'of the source')"),
		destinations(step(dest(1), "a"), chained(step(dest(2), "b")), step(dest(3), "c")),
		postprocessor("return ['seen1','seen2','seen3','a','b','c','source'].map(function(k) { return String($c(k)) }).join() + ' ' + String($r('r1')) + $r('r2') + $r('r3') + $r('early') + $r('D2').getMessage()"),
		responds("Postprocessor"),
	), func(r *rig) {
		if got, want := r.receive("x").Response.Message, ",a,,a,b,c,s abceok"; got != want {
			t.Errorf("the postprocessor saw %q, want %q\n%s", got, want, r.log)
		}
		m := r.message(1)
		r.wantStates(1, "T 1S 2S 3S")
		var got []string
		for _, id := range []int{1, 2, 3} {
			cm := m.Connector(id)
			got = append(got, fmt.Sprintf("%d.%d", cm.ChainID, cm.OrderID))
		}
		if s := strings.Join(got, " "); s != "1.1 1.2 2.1" {
			t.Errorf("places in chains: %s", s)
		}
		for key, in := range map[string]string{"r1": "ab", "r2": "b", "r3": "c", "d1": "ab", "d2": "b", "d3": "c", "early": "abc"} {
			for i, id := range []int{1, 2, 3} {
				has := strings.Contains(m.Connector(id).Text(weir.ResponseMapContent), `"`+key+`"`)
				if want := strings.ContainsRune(in, rune('a'+i)); has != want {
					t.Errorf("response map of destination %d has %s: %v", id, key, has)
				}
			}
			if !strings.Contains(m.Connector(0).Text(weir.ResponseMapContent), `"`+key+`"`) {
				t.Errorf("response map of the source lacks %s", key)
			}
		}
	})
}

// Scripts of parallel destinations may all read the source map's lists.
func TestSourceMapOfParallelChains(t *testing.T) {
	var list []weir.Connector
	for id := 1; id <= 4; id++ {
		list = append(list, withSteps(dest(id), "for (var i = 0; i < 20; i++) { sourceMap.get('destinationSet'); $('headers') }"))
	}
	in(t, destinations(list...), func(r *rig) {
		for range 5 {
			if _, err := r.Receive(context.Background(), weir.Inbound{Text: "x", SourceMap: map[string]any{"headers": map[string]any{"a": []any{"b"}}}}); err != nil {
				t.Fatal(err)
			}
		}
		r.wantStates(5, "T 1S 2S 3S 4S")
	})
}

// Chains run side by side; the message is done when all are.
func TestChainsRunSideBySide(t *testing.T) {
	in(t, destinations(dest(1), dest(2)), func(r *rig) {
		met := make(chan bool)
		r.answer("D1", func(context.Context, delivery, *weir.Outbound) (weir.Response, error) {
			met <- true
			return sentOK, nil
		})
		r.answer("D2", func(context.Context, delivery, *weir.Outbound) (weir.Response, error) { <-met; return sentOK, nil })
		r.receive("x")
		r.wantStates(1, "T 1S 2S")
	})
}

// The caller may limit the destinations.
func TestDestinationsOfTheCaller(t *testing.T) {
	in(t, destinations(dest(1), dest(2), dest(3)), func(r *rig) {
		for i, ids := range [][]int{{2}, {}, nil, {3, 1, 9}} {
			if _, err := r.Receive(context.Background(), weir.Inbound{Text: "x", Destinations: ids}); err != nil {
				t.Fatal(err)
			}
			r.wantStates(int64(i+1), []string{"T 2S", "T", "T 1S 2S 3S", "T 1S 3S"}[i])
		}
	})
}

// Pre- and postprocessors run around everything, the global ones outermost.
func TestProcessors(t *testing.T) {
	setup := func(c *weir.Channel) {
		c.Preprocessor = "return message + ' channel'"
		c.Postprocessor = "channelMap.put('lost', 'x'); return message.getConnectorMessages().size() + ' ' + String(message.getConnectorMessages().get(java.lang.Integer.valueOf(0)).getStatus())"
		c.Source.Settings = source("responseVariable", "Postprocessor")
		c.Source.Transformer.Steps = js("channelMap.put('msg', String(msg))")
	}
	for _, c := range []struct {
		name             string
		setup            func(*weir.Channel)
		globalPre        string
		globalPost       string
		text, processed  string
		response, errors string
	}{
		{"channel alone", setup, "", "", "in channel", "in channel", "2 TRANSFORMED", ""},
		{"global first, then channel", setup, "return message + ' global'", "return String(response.getMessage()) + ' global'",
			"in global channel", "in global channel", "2 TRANSFORMED global", ""},
		{"global without result", setup, "1", "1", "in channel", "in channel", "2 TRANSFORMED", ""},
		{"null does not change the text", func(c *weir.Channel) { setup(c); c.Preprocessor = "return null" }, "", "", "in", "", "2 TRANSFORMED", ""},
		{"empty text is a text", func(c *weir.Channel) { setup(c); c.Preprocessor = "return ''" }, "", "", "", "", "2 TRANSFORMED", ""},
		{"global preprocessor fails", setup, "throw 'x'", "", "", "", "1 ERROR", "Preprocessor error"},
		{"channel postprocessor fails, global does not run", func(c *weir.Channel) { setup(c); c.Postprocessor = "throw 'x'" }, "", "return 'global'", "in channel", "in channel", "", "Postprocessor error"},
		{"global postprocessor fails, the channel's response stays", setup, "", "throw 'x'", "in channel", "in channel", "2 TRANSFORMED", "Postprocessor error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctestRig(t, c.setup, func(r *rig) {
				g := &GlobalScripts{}
				g.Preprocessor = compiled(t, "GLOBAL_PREPROCESSOR", c.globalPre)
				g.Postprocessor = compiled(t, "GLOBAL_POSTPROCESSOR", c.globalPost)
				r.engine.Scripts = func() *GlobalScripts { return g }
			}, func(r *rig) {
				var response string
				if got := r.receive("in").Response; got != nil {
					response = got.Message
				}
				if response != c.response {
					t.Errorf("response %q, want %q\n%s", response, c.response, r.log)
				}
				src := r.message(1).Connector(0)
				if got := src.Text(weir.ProcessedRaw); got != c.processed {
					t.Errorf("processed raw %q, want %q", got, c.processed)
				}
				if src.Status == weir.Transformed {
					r.wantTexts(c.text)
				}
				if all := src.Text(weir.ProcessingError) + src.Text(weir.PostprocessorError); !strings.HasPrefix(all, c.errors) {
					t.Errorf("errors %q, want %q", all, c.errors)
				}
				if strings.Contains(src.Text(weir.ChannelMapContent), "lost") {
					t.Error("the postprocessor's maps were kept")
				}
			})
		})
	}
}
