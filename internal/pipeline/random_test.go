package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Channels of all shapes take several messages at once, fail at random, crash
// after any number of saves and start again. In the end every message that was
// kept is delivered to every destination, in order where the queue promises it,
// and nothing came twice without a mark.
func TestRandomLives(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(uint64(seed), 1))
			in(t, randomChannel(rnd), func(r *rig) { randomLife(t, r, rnd) })
		})
	}
}

func randomChannel(rnd *rand.Rand) func(*weir.Channel) {
	return func(c *weir.Channel) {
		c.Source.Settings = source("queueBufferSize", fmt.Sprint(1+rnd.IntN(3)), "processingThreads", fmt.Sprint(1+rnd.IntN(2)),
			"respondAfterProcessing", fmt.Sprint(rnd.IntN(3) > 0))
		c.Destinations = nil
		for id := 1; id <= 1+rnd.IntN(3); id++ {
			settings := []string{"retryIntervalMillis", "1000", "retryCount", "50"}
			if rnd.IntN(2) == 0 {
				settings = append(settings, "queueEnabled", "true", "sendFirst", fmt.Sprint(rnd.IntN(2) == 0), "rotate", fmt.Sprint(rnd.IntN(3) == 0),
					"queueBufferSize", fmt.Sprint(1+rnd.IntN(3)), "threadCount", fmt.Sprint(1+rnd.IntN(2)))
			}
			d := dest(id, settings...)
			d.WaitForPrevious = rnd.IntN(2) == 0
			if rnd.IntN(3) == 0 {
				d = withResponse(d, "msg = msg + '!'")
			}
			c.Destinations = append(c.Destinations, d)
		}
	}
}

func randomLife(t *testing.T, r *rig, rnd *rand.Rand) {
	const messages = 6
	var mu sync.Mutex
	flaky := func(context.Context, delivery, *weir.Outbound) (weir.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		if rnd.IntN(4) == 0 {
			return weir.Response{}, errors.New("down")
		}
		return sentOK, nil
	}
	for _, d := range r.cfg.Destinations {
		r.answer(d.Name, flaky)
	}
	cut := rnd.IntN(messages * 4)
	r.store.onSave(func(n int, _ *store.Change) error {
		if n > cut {
			return store.ErrClosed
		}
		return nil
	})
	var all sync.WaitGroup
	for i := range messages {
		all.Go(func() { r.Receive(context.Background(), weir.Inbound{Text: fmt.Sprint(i)}) })
	}
	r.pass(time.Hour)
	r.Halt()
	all.Wait()
	before := len(r.deliveries())
	r.store.onSave(nil)
	r.restart(true)
	r.pass(time.Hour)

	kept, err := r.store.Messages(context.Background(), store.Query{ChannelID: r.cfg.ID})
	if err != nil {
		t.Fatal(err)
	}
	delivered := map[string]int{}
	for i, d := range r.deliveries() {
		key := fmt.Sprint(d.dest, ":", d.id)
		if d.attempt == 1 && i >= before && delivered[key] > 0 && !d.maybe {
			t.Errorf("delivered again without a mark: %v", d)
		}
		delivered[key]++
	}
	for _, m := range kept {
		if !m.Processed || len(m.Connectors) != 1+len(r.cfg.Destinations) || m.Connectors[0].Status != weir.Transformed {
			t.Errorf("message %d stands at %s", m.ID, r.states(m.ID))
		}
		for _, cm := range m.Connectors[1:] {
			if cm.Status != weir.Sent || delivered[fmt.Sprint(cm.ConnectorName, ":", m.ID)] == 0 {
				t.Errorf("message %d stands at %s", m.ID, r.states(m.ID))
			}
		}
	}
	counts, _ := r.store.Statistics(context.Background(), r.cfg.ID)
	for id := range r.cfg.Destinations {
		if n := counts[id+1]; n.Received != int64(len(kept)) || n.Sent != int64(len(kept)) || n.Error != 0 {
			t.Errorf("destination %d counts %+v of %d messages", id+1, n, len(kept))
		}
	}
	for _, d := range r.destinations {
		if d.queue != nil && d.queue.length() != 0 {
			t.Errorf("%d wait for %s", d.queue.length(), d.cfg.Name)
		}
	}
	if t.Failed() {
		t.Logf("cut after %d saves\n%v\n%v\n%s", cut, r.cfg.Destinations, r.deliveries(), r.log)
	}
}
