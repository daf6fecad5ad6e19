package script

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"testing"
	"testing/synctest"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// What a script returns is what the destination answers.
func TestWriter(t *testing.T) {
	own := weir.Response{Status: weir.Queued, Message: "m", StatusMessage: "later"}
	for _, c := range []struct {
		name  string
		value any
		err   error
		want  weir.Response
	}{
		{"nothing", nil, nil, weir.Response{Status: weir.Sent, StatusMessage: done}},
		{"a text", "hello", nil, weir.Response{Status: weir.Sent, Message: "hello", StatusMessage: done}},
		{"a response", own, nil, own},
		{"a status", weir.Error, nil, weir.Response{Status: weir.Error, StatusMessage: done}},
		{"an error", nil, errors.New("script, line 1, column 2: TypeError: x"), weir.Response{Status: weir.Error,
			StatusMessage: "Error evaluating JavaScript Writer", Error: "JavaScript Writer error\nscript, line 1, column 2: TypeError: x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := new(Writer)
			config.Default(w)
			m := &weir.Outbound{MessageID: 7}
			env := weir.DestinationEnv{Connection: func(weir.ConnectionEvent) {}, Run: func(_ context.Context, name string, got *weir.Outbound) (any, error) {
				if name != setting || got != m {
					t.Errorf("ran %s for %v", name, got)
				}
				return c.value, c.err
			}}
			if err := w.Open(t.Context(), env); err != nil {
				t.Fatal(err)
			}
			got, err := w.Send(t.Context(), m)
			if err != c.err || got != c.want {
				t.Errorf("\n got %+v, %v\nwant %+v, %v", got, err, c.want, c.err)
			}
			if err := w.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// One value, a list, RawMessages and nothing: each becomes the messages it is.
func TestReader(t *testing.T) {
	raw := &weir.Inbound{Text: "raw", Destinations: []int{2}}
	for _, c := range []struct {
		name  string
		value any
		err   error
		want  []weir.Inbound
	}{
		{"nothing", nil, nil, nil},
		{"an empty text", "", nil, nil},
		{"a text", "a", nil, []weir.Inbound{{Text: "a"}}},
		{"a list", []any{"a", nil, "", raw, "b"}, nil, []weir.Inbound{{Text: "a"}, *raw, {Text: "b"}}},
		{"an error", nil, errors.New("thrown"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := new(Reader)
				if _, err := config.Decode(config.Group{{Name: "pollConnectorProperties", Group: config.Group{{Name: "pollOnStart", Text: "true"}}}}, r); err != nil {
					t.Fatal(err)
				}
				var got []weir.Inbound
				err := r.Start(t.Context(), weir.SourceEnv{
					Log:        slog.New(slog.DiscardHandler),
					Connection: func(weir.ConnectionEvent) {},
					Run:        func(context.Context, string) (any, error) { return c.value, c.err },
					Receive: func(_ context.Context, in weir.Inbound) (weir.Reply, error) {
						got = append(got, in)
						return weir.Reply{}, nil
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if err := r.Stop(t.Context()); err != nil {
					t.Error(err)
				}
				if !reflect.DeepEqual(got, c.want) {
					t.Errorf("received %+v, want %+v", got, c.want)
				}
			})
		})
	}
}

// A message that is not kept ends the poll: what follows must not overtake it.
func TestReaderStopsAtAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(Reader)
		if _, err := config.Decode(config.Group{{Name: "pollConnectorProperties", Group: config.Group{{Name: "pollOnStart", Text: "true"}}}}, r); err != nil {
			t.Fatal(err)
		}
		calls := 0
		var last weir.ConnectionEvent
		err := r.Start(t.Context(), weir.SourceEnv{
			Log:        slog.New(slog.DiscardHandler),
			Connection: func(e weir.ConnectionEvent) { last = e },
			Run:        func(context.Context, string) (any, error) { return []any{"a", "b"}, nil },
			Receive: func(context.Context, weir.Inbound) (weir.Reply, error) {
				calls++
				return weir.Reply{}, errors.New("disk full")
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		r.Stop(t.Context())
		if calls != 1 || last.State != "idle" {
			t.Errorf("%d messages were tried, state %s", calls, last.State)
		}
	})
}
