package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// withDeadLetters puts a second channel on the rig's engine, "dead", that gets
// what the first one hands on.
func withDeadLetters(r *rig) {
	dead := newDead(r)
	r.engine.Route = func(ctx context.Context, id string, in weir.Inbound) (weir.Reply, error) {
		if id != "dead" {
			return weir.Reply{}, fmt.Errorf("channel %s is not deployed", id)
		}
		return dead.Receive(ctx, in)
	}
	r.others = append(r.others, dead)
}

func newDead(r *rig) *Channel {
	cfg := weir.Channel{ID: "dead", Name: "Dead", Source: weir.Connector{Type: "Test In", Transformer: rawToRaw()},
		Properties: weir.ChannelProperties{Storage: weir.Development}}
	dead, err := New(context.Background(), cfg, r.engine)
	if err == nil {
		err = dead.Start(context.Background())
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return dead
}

// deadLetters is what the dead-letter channel has: text and the ids it came from.
func deadLetters(r *rig) string {
	r.idle()
	list, err := r.store.Messages(context.Background(), store.Query{ChannelID: "dead"})
	if err != nil {
		r.t.Fatal(err)
	}
	var got []string
	for i := len(list) - 1; i >= 0; i-- {
		m, err := r.store.Message(context.Background(), "dead", list[i].ID)
		if err != nil {
			r.t.Fatal(err)
		}
		from, err := decodeMap(m.Connectors[0].Text(weir.SourceMapContent))
		if err != nil {
			r.t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s from %v/%v %v after %v", m.Connectors[0].Text(weir.Raw), from["sourceChannelId"], from["sourceMessageId"],
			from[deadLetterDestination], from[deadLetterAttempts]))
	}
	return strings.Join(got, ", ")
}

func TestDeadLetter(t *testing.T) {
	queue := []string{"queueEnabled", "true", "retryIntervalMillis", "1000"}
	refuses := says(weir.Response{Status: weir.Error, StatusMessage: "no", Error: "refused"})
	for _, c := range []struct {
		name    string
		dest    weir.Connector
		answer  answer
		states  string
		letters string
	}{
		{"delivered", with(dest(1), "deadLetterChannel", "dead"), nil, "T 1S", ""},
		{"failed", with(dest(1), "deadLetterChannel", "dead"), refuses, "T 1E", "text from c1/1 D1 after 1"},
		{"transformer failed", with(withSteps(dest(1), "throw 'no'"), "deadLetterChannel", "dead"), nil, "T 1E", "text from c1/1 D1 after 0"},
		{"filtered", with(withFilter(dest(1), "return false"), "deadLetterChannel", "dead"), nil, "T 1F", ""},
		{"refused in the queue", with(dest(1, queue...), "deadLetterChannel", "dead"), refuses, "T 1E", "text from c1/1 D1 after 1"},
		{"tried for ever", with(dest(1, queue...), "deadLetterChannel", "dead"), fails(1e9, sentOK), "T 1Q", ""},
		{"tried three times", with(dest(1, queue...), "deadLetterChannel", "dead", "deadLetterAttempts", "3"), fails(1e9, sentOK), "T 1E", "text from c1/1 D1 after 3"},
		{"sent at the third", with(dest(1, queue...), "deadLetterChannel", "dead", "deadLetterAttempts", "3"), fails(2, sentOK), "T 1S", ""},
		{"response transformer makes it an error", with(withResponse(dest(1), "responseStatus = ERROR"), "deadLetterChannel", "dead"), nil, "T 1E", "text from c1/1 D1 after 1"},
		{"not there", with(dest(1), "deadLetterChannel", "nowhere"), refuses, "T 1E", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctestRig(t, destinations(c.dest), withDeadLetters, func(r *rig) {
				if c.answer != nil {
					r.answer("D1", c.answer)
				}
				r.receive("text")
				r.pass(time.Minute)
				r.wantStates(1, c.states)
				if got := deadLetters(r); got != c.letters {
					t.Errorf("dead letters %q, want %q", got, c.letters)
				}
				if c.name == "not there" {
					if text := r.message(1).Connectors[1].Text(weir.ProcessingError); !strings.Contains(text, "not handed to the dead-letter channel") || !strings.Contains(text, "refused") {
						t.Errorf("the error is %q", text)
					}
				}
			})
		})
	}
}

// What cannot be delivered holds up nothing behind it.
func TestDeadLetterOrder(t *testing.T) {
	d := with(dest(1, "queueEnabled", "true", "retryIntervalMillis", "1000"), "deadLetterChannel", "dead", "deadLetterAttempts", "2")
	synctestRig(t, destinations(d), withDeadLetters, func(r *rig) {
		r.answer("D1", func(_ context.Context, d delivery, _ *weir.Outbound) (weir.Response, error) {
			if d.text == "bad" {
				return weir.Response{}, errors.New("connection refused")
			}
			return sentOK, nil
		})
		for _, text := range []string{"bad", "2", "3", "bad", "5"} {
			r.receive(text)
		}
		r.pass(time.Minute)
		r.wantSent("D1:1/1 D1:1/2 D1:2/1 D1:3/1 D1:4/1 D1:4/2 D1:5/1")
		if got := deadLetters(r); got != "bad from c1/1 D1 after 2, bad from c1/4 D1 after 2" {
			t.Errorf("dead letters %q", got)
		}
		m := r.message(4).Connectors[1]
		if r, _ := decodeResponse(m.Text(weir.ResponseContent)); !strings.HasPrefix(r.StatusMessage, "Given up after 2 attempts: ") {
			t.Errorf("the response is %v", r)
		}
		if got, _ := decodeMap(m.Text(weir.ConnectorMapContent)); got[deadLetterChannel] != "dead" || whole(got[deadLetterMessage]) != 2 {
			t.Errorf("the connector map is %v", got)
		}
		r.wantCounts("5/0/0/0 5/0/3/2")
	})
}

// A message that has come over the dead-letter channel is not sent round.
func TestDeadLetterCircle(t *testing.T) {
	synctestRig(t, destinations(with(dest(1), "deadLetterChannel", "dead")), withDeadLetters, func(r *rig) {
		r.answer("D1", fails(1, sentOK))
		_, err := r.Receive(context.Background(), weir.Inbound{Text: "text", SourceMap: map[string]any{"sourceChannelId": "dead", "sourceMessageId": int64(7)}})
		if err != nil {
			t.Fatal(err)
		}
		r.wantStates(1, "T 1E")
		if got := deadLetters(r); got != "" {
			t.Errorf("dead letters %q", got)
		}
	})
}

// After any number of saves of either channel the process ends. The next start
// brings the message to the dead-letter channel, once.
func TestDeadLetterCrash(t *testing.T) {
	for _, c := range []struct {
		name string
		dest weir.Connector
	}{
		{"failed", with(dest(1), "deadLetterChannel", "dead")},
		{"transformer failed", with(withSteps(dest(1), "throw 'no'"), "deadLetterChannel", "dead")},
		{"queue", with(dest(1, "queueEnabled", "true", "retryIntervalMillis", "1000"), "deadLetterChannel", "dead", "deadLetterAttempts", "3")},
		{"response transformer", with(withResponse(dest(1), "msg = '!'"), "deadLetterChannel", "dead")},
	} {
		for _, late := range []bool{false, true} {
			saves := 99
			for cut := 1; cut <= saves; cut++ {
				t.Run(fmt.Sprintf("%s/late=%v/%d", c.name, late, cut), func(t *testing.T) {
					synctestRig(t, destinations(c.dest), withDeadLetters, func(r *rig) {
						r.answer("D1", fails(1e9, sentOK))
						if c.name == "failed" || c.name == "response transformer" {
							r.answer("D1", says(weir.Response{Status: weir.Error, Message: "no", StatusMessage: "no"}))
						}
						reached := crash(r, cut, late)
						if reached < cut {
							saves = reached
						}
						r.endOthers()
						r.engine.Unclean = true
						withDeadLetters(r)
						r.restart(true)
						r.pass(time.Minute)
						if got := strings.ReplaceAll(r.states(1), "?", ""); got != "T 1E" {
							t.Errorf("states %q\n%s", got, r.log)
						}
						if got := deadLetters(r); strings.Count(got, "x from c1/1 D1") != 1 || strings.Contains(got, ",") {
							t.Errorf("dead letters %q, want one", got)
						}
						r.wantCounts("1/0/0/0 1/0/0/1")
					})
				})
			}
		}
	}
}
