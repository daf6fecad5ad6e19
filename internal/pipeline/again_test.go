package pipeline

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

var ctx = context.Background()

func (r *rig) again(id int64, how Again) weir.Reply {
	r.t.Helper()
	reply, err := r.Reprocess(ctx, id, how)
	if err != nil {
		r.t.Fatalf("Reprocess %d: %v", id, err)
	}
	return reply
}

func (r *rig) refusedWith(err error, want string) {
	r.t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		r.t.Errorf("got error %v, want one with %q", err, want)
	}
}

const queued = "queueEnabled"

// A message that is reprocessed comes as a new one that names the old one, and
// scripts see that it does; a chosen destination is the only one to get it.
func TestReprocess(t *testing.T) {
	marked := withSteps(dest(1), "channelMap.put('seen', '' + sourceMap.get('reprocessed') + sourceMap.get('replaced') + sourceMap.get('file'))")
	marked.Settings[0].Group = nil
	marked.Settings = append(marked.Settings, group("", "own text", "${seen} ${message.encodedData}")[1:]...)
	in(t, destinations(marked, dest(2)), func(r *rig) {
		if _, err := r.Receive(ctx, weir.Inbound{Text: "text", SourceMap: map[string]any{"file": "a.hl7"}}); err != nil {
			t.Fatal(err)
		}
		if reply := r.again(1, Again{}); reply.MessageID != 2 {
			t.Errorf("got message %d, want 2", reply.MessageID)
		}
		r.again(2, Again{Destinations: []int{1}})
		r.wantStates(2, "T 1S 2S")
		r.wantStates(3, "T 1S")
		if got := []int64{r.message(1).OriginalID, r.message(2).OriginalID, r.message(3).OriginalID}; got[0] != 0 || got[1] != 1 || got[2] != 2 {
			t.Errorf("original ids: got %v", got)
		}
		var texts []string
		for _, d := range r.deliveries() {
			if d.dest == "D1" {
				texts = append(texts, d.text)
			}
		}
		if got := strings.Join(texts, ", "); got != "nullnulla.hl7 text, truefalsea.hl7 text, truefalsea.hl7 text" {
			t.Errorf("sent by D1: %s", got)
		}
		r.wantCounts("3/0/0/0 3/0/3/0 2/0/2/0")
		_, err := r.Reprocess(ctx, 9, Again{})
		r.refusedWith(err, "no such message")
		_, err = r.Reprocess(ctx, 1, Again{Destinations: []int{7}})
		r.refusedWith(err, "no destination 7")
	})
}

// A message that is replaced begins anew under its id: what it was counted as no
// longer counts, and what destinations that were not chosen have of it stays.
func TestReprocessReplaces(t *testing.T) {
	in(t, destinations(dest(1), dest(2)), func(r *rig) {
		r.answer("D1", fails(1, sentOK))
		r.receive("text")
		r.wantStates(1, "T 1E 2S")
		received := r.message(1).Received
		r.pass(time.Minute)
		r.again(1, Again{Replace: true, Destinations: []int{1}})
		r.wantStates(1, "T 1S 2S")
		if n := len(r.deliveries()); n != 3 { // the first two side by side
			t.Errorf("%d deliveries, want 3", n)
		}
		r.wantCounts("1/0/0/0 1/0/1/0 1/0/1/0")
		r.again(1, Again{Replace: true})
		r.wantStates(1, "T 1S 2S")
		r.wantCounts("1/0/0/0 1/0/1/0 1/0/1/0")
		if m := r.message(1); !m.Received.Equal(received) || m.Connector(0).Text(weir.Raw) != "text" {
			t.Errorf("got received %v with %q, want %v with the text", m.Received, m.Connector(0).Text(weir.Raw), received)
		}
	})
}

// A message that waits in a queue and is replaced waits there once; one that is
// being sent is not replaced.
func TestReplaceQueued(t *testing.T) {
	in(t, destinations(dest(1, queued, "true", "retryIntervalMillis", "1000")), func(r *rig) {
		release := make(chan struct{})
		r.answer("D1", func(ctx context.Context, _ delivery, _ *weir.Outbound) (weir.Response, error) {
			<-release
			return sentOK, nil
		})
		r.receive("one")
		r.receive("two")
		r.idle()
		_, err := r.Reprocess(ctx, 1, Again{Replace: true})
		r.refusedWith(err, "being processed")
		r.again(2, Again{Replace: true})
		if n := r.Status().Queued; n != 2 {
			t.Errorf("%d wait, want 2", n)
		}
		close(release)
		r.idle()
		r.wantSent("D1:1/1 D1:2/1")
		r.wantCounts("2/0/0/0 2/0/2/0")
		if n := r.Status().Queued; n != 0 {
			t.Errorf("%d wait, want none", n)
		}
	})
}

// With a source queue the message waits its turn there.
func TestReprocessWithSourceQueue(t *testing.T) {
	in(t, func(c *weir.Channel) { c.Source.Settings = source("respondAfterProcessing", "false") }, func(r *rig) {
		r.receive("one")
		r.idle()
		r.again(1, Again{Replace: true})
		r.again(1, Again{})
		r.idle()
		r.wantStates(1, "T 1S")
		r.wantStates(2, "T 1S")
		r.wantCounts("2/0/0/0 2/0/2/0")
	})
}

// Content that was removed cannot be reprocessed, and the error says so.
func TestReprocessWithoutContent(t *testing.T) {
	in(t, func(c *weir.Channel) { c.Properties.RemoveContentOnCompletion = true }, func(r *rig) {
		r.receive("text")
		r.idle()
		_, err := r.Reprocess(ctx, 1, Again{})
		r.refusedWith(err, "raw content is not kept")
		_, err = r.Resend(ctx, 1, 1)
		r.refusedWith(err, "not kept")
	})
}

// One destination sends again what it has, without transforming it anew.
func TestResend(t *testing.T) {
	counting := withSteps(dest(1), "globalMap.put('n', (globalMap.get('n') || 0) + 1); channelMap.put('n', globalMap.get('n'))")
	counting.Settings = append(counting.Settings, group("", "own text", "${n} ${message.encodedData}")[1:]...)
	in(t, destinations(counting, dest(2, queued, "true"), withFilter(dest(3), "return false")), func(r *rig) {
		r.answer("D1", fails(1, sentOK))
		r.receive("text")
		r.idle()
		r.wantStates(1, "T 1E 2S 3F")
		if status, err := r.Resend(ctx, 1, 1); err != nil || status != weir.Sent {
			t.Errorf("got status %v, error %v", status, err)
		}
		if status, err := r.Resend(ctx, 1, 2); err != nil || status != weir.Queued {
			t.Errorf("got status %v, error %v", status, err)
		}
		r.idle()
		r.wantStates(1, "T 1S 2S 3F")
		r.wantSent("D1:1/1 D2:1/1 D1:1/2 D2:1/2")
		if d := r.deliveries(); d[0].text != d[2].text {
			t.Errorf("sent %q, then %q", d[0].text, d[2].text)
		}
		r.wantCounts("1/0/0/0 1/0/1/0 1/0/1/0 1/1/0/0")
		_, err := r.Resend(ctx, 1, 3)
		r.refusedWith(err, "filter rejected")
	})
}

// Removed messages are gone from their queues, and the others go on.
func TestRemove(t *testing.T) {
	in(t, destinations(dest(1, queued, "true", "retryIntervalMillis", "1000", "queueBufferSize", "2")), func(r *rig) {
		r.answer("D1", fails(2, sentOK))
		for range 6 {
			r.receive("text")
		}
		r.idle()
		// 1 is in the thread's hand, 2 in the window, 4 and 5 only in the store.
		if n, err := r.Remove(ctx, []int64{1, 2, 4, 5, 77}); err != nil || n != 4 {
			t.Errorf("removed %d, error %v, want 4", n, err)
		}
		r.pass(time.Minute)
		r.wantSent("D1:1/1 D1:3/1 D1:3/2 D1:6/1")
		if n := r.Status().Queued; n != 0 {
			t.Errorf("%d wait, want none", n)
		}
		r.receive("one more")
		r.pass(time.Minute)
		r.wantSent("D1:1/1 D1:3/1 D1:3/2 D1:6/1 D1:7/1")
	})
}

// What waits in the source queue is removed; what is being processed stays.
func TestRemoveFromSourceQueue(t *testing.T) {
	in(t, func(c *weir.Channel) { c.Source.Settings = source("respondAfterProcessing", "false") }, func(r *rig) {
		release := make(chan struct{})
		r.answer("D1", func(context.Context, delivery, *weir.Outbound) (weir.Response, error) {
			<-release
			return sentOK, nil
		})
		for range 3 {
			r.receive("text")
		}
		r.idle()
		if n, err := r.Remove(ctx, []int64{1, 2}); err != nil || n != 1 {
			t.Errorf("removed %d, error %v, want 1", n, err)
		}
		close(release)
		r.idle()
		r.wantSent("D1:1/1 D1:3/1")
		if n := r.Status().Connectors[0].Queued; n != 0 {
			t.Errorf("%d wait, want none", n)
		}
	})
}

// A destination that stands still lets its messages wait, and sends them in order
// when it is started; the others go on.
func TestStopDestination(t *testing.T) {
	in(t, destinations(dest(1, queued, "true", "sendFirst", "true"), dest(2)), func(r *rig) {
		if err := r.StopConnector(ctx, 1); err != nil {
			t.Fatal(err)
		}
		r.receive("one")
		r.receive("two")
		r.idle()
		r.wantStates(1, "T 1Q 2S")
		st := r.Status()
		if st.State != weir.Started || st.Connectors[1].State != weir.Stopped || st.Connectors[2].State != weir.Started {
			t.Errorf("states: %+v", st)
		}
		if err := r.StartConnector(ctx, 1); err != nil {
			t.Fatal(err)
		}
		r.idle()
		r.wantSent("D2:1/1 D2:2/1 D1:1/1 D1:2/1")
		r.refusedWith(r.StopConnector(ctx, 2), "without a queue")
		r.refusedWith(r.StopConnector(ctx, 9), "no destination 9")

		if err := r.StopConnector(ctx, 0); err != nil || r.State() != weir.Paused {
			t.Errorf("the source: error %v, state %s", err, r.State())
		}
		if err := r.StartConnector(ctx, 0); err != nil || r.State() != weir.Started {
			t.Errorf("the source: error %v, state %s", err, r.State())
		}
	})
}

// A destination that is stopped while it sends stops after that, and a stop of the
// channel starts it again.
func TestStopDestinationInTime(t *testing.T) {
	in(t, destinations(dest(1, queued, "true")), func(r *rig) {
		release := make(chan struct{})
		r.answer("D1", func(context.Context, delivery, *weir.Outbound) (weir.Response, error) {
			<-release
			return sentOK, nil
		})
		r.receive("one")
		r.receive("two")
		r.idle()
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		r.refusedWith(r.StopConnector(short, 1), "still being sent")
		close(release)
		r.idle()
		r.wantSent("D1:1/1")
		if err := r.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if err := r.Start(ctx); err != nil {
			t.Fatal(err)
		}
		r.idle()
		r.wantSent("D1:1/1 D1:2/1")
	})
}

// The lifetime goes on when statistics are reset, and ends when it is asked to.
func TestLifetime(t *testing.T) {
	in(t, nil, func(r *rig) {
		lifetime := func(want store.Counts) {
			t.Helper()
			if ever, err := r.store.Lifetime(ctx, "c1"); err != nil || ever[1] != want {
				t.Errorf("got %+v, error %v, want %+v", ever[1], err, want)
			}
		}
		r.receive("one")
		if err := r.ResetStatistics(ctx, -1, nil); err != nil {
			t.Fatal(err)
		}
		r.receive("two")
		r.wantCounts("1/0/0/0 1/0/1/0")
		lifetime(store.Counts{Received: 2, Sent: 2})
		if err := r.ResetLifetime(ctx); err != nil {
			t.Fatal(err)
		}
		r.wantCounts("0/0/0/0 0/0/0/0")
		lifetime(store.Counts{})
		r.receive("three")
		lifetime(store.Counts{Received: 1, Sent: 1})
	})
}

// Messages are found by their control id, patient and orders.
func TestFoundByTerms(t *testing.T) {
	in(t, func(c *weir.Channel) { c.Source.Transformer = hl7ToHL7() }, func(r *rig) {
		r.receive("MSH|^~\\&|A|B|C|D|1||ORU^R01|one|P|2.5\rPID|1||77^^^MRN\rOBR|1|P1|F1\r")
		r.receive("MSH|^~\\&|A|B|C|D|1||ORU^R01|two|P|2.5\rPID|1||78^^^MRN\rOBR|1|P1|F2\r")
		for term, want := range map[store.Term]int{
			{Kind: store.ControlTerm, Value: "two"}: 1, {Kind: store.PatientTerm, Value: "77"}: 1, {Kind: store.OrderTerm, Value: "P1"}: 2, {Kind: store.OrderTerm, Value: "F3"}: 0,
		} {
			list, err := r.store.Messages(ctx, store.Query{ChannelID: "c1", Terms: []store.Term{term}})
			if err != nil || len(list) != want {
				t.Errorf("%v: found %d, error %v, want %d", term, len(list), err, want)
			}
		}
	})
}
