package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// queueLife is the life of one destination queue: how it is set, and what happens to it. It is
// drawn as a whole, so that a failure is shrunk to the few steps that matter.
type queueLife struct {
	Threads, Window     int
	Rotate, Keyed       bool
	SourceQueue, Transf bool // whether there is a source queue, and a response transformer
	Steps               []lifeStep
}

// lifeStep is one thing that happens. Number chooses what it happens to.
type lifeStep struct {
	Do     string
	Number int
}

var queueLives = rapid.Custom(func(t *rapid.T) queueLife {
	return queueLife{
		Threads: rapid.IntRange(1, 3).Draw(t, "threads"), Window: rapid.IntRange(1, 4).Draw(t, "window"),
		Rotate: rapid.Bool().Draw(t, "rotate"), Keyed: rapid.Bool().Draw(t, "keyed"),
		SourceQueue: rapid.Bool().Draw(t, "source queue"), Transf: rapid.Bool().Draw(t, "response transformer"),
		Steps: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) lifeStep {
			return lifeStep{
				rapid.SampledFrom([]string{"receive", "receive", "burst", "down", "up", "slow", "pass", "pass", "halt", "crash", "late crash", "remove", "stop", "start"}).Draw(t, "do"),
				rapid.IntRange(0, 9).Draw(t, "number"),
			}
		}), 1, 25).Draw(t, "steps"),
	}
})

// Whatever happens to a queue, in the end each message that was kept and not removed is
// delivered; in order, as a whole or for each key, where it promises that; never two of a
// key at once; again only with a mark, and marked only after a crash or a cut; removed ones
// no more; rotation passes nobody over; and what it counts is what there is.
func TestQueueModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		life := queueLives.Draw(rt, "life")
		var wrong []string
		synctest.Test(t, func(t *testing.T) { wrong = life.live(t) })
		if len(wrong) > 0 {
			rt.Fatalf("%s", strings.Join(wrong, "\n"))
		}
	})
}

// remote is the system that the queue delivers to, and what is to be said of it.
type remote struct {
	life *queueLife

	mu      sync.Mutex
	down    bool
	slow    bool
	sending map[string]int     // deliveries under way, by key
	reached map[int64]int      // how often each message has arrived
	first   map[string][]int64 // first arrivals in order, by key
	tried   []int64            // attempts in order, since the last start
	cut     map[int64]bool     // a send that was cut short, whatever became of it
	held    int64              // removed since the last start: a thread that waits with one still counts it
	doubt   int64              // messages up to this id were there when the engine last crashed
	gone    map[int64]bool     // removed while not in anybody's hand
	wrong   []string
}

func (m *remote) fail(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

// key is what order holds for.
func (m *remote) key(text string) string {
	if m.life.Keyed {
		return text[:1]
	}
	return ""
}

func (m *remote) answer(ctx context.Context, d delivery, _ *weir.Outbound) (weir.Response, error) {
	key := m.key(d.text)
	m.mu.Lock()
	m.begin(d, key)
	down, slow := m.down, m.slow
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.sending[key]--
	}()
	if slow {
		select {
		case <-time.After(700 * time.Millisecond):
		case <-ctx.Done():
			m.mu.Lock()
			defer m.mu.Unlock()
			m.cut[d.id] = true
			if d.id%2 == 0 { // it had arrived
				m.arrive(d, key)
			}
			return weir.Response{}, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if down {
		return weir.Response{}, errors.New("down")
	}
	m.arrive(d, key)
	return sentOK, nil
}

func (m *remote) begin(d delivery, key string) {
	m.sending[key]++
	atOnce := m.life.Threads
	if m.life.Keyed {
		atOnce = 1
	}
	if m.sending[key] > atOnce {
		m.fail("%v: %d of key %q are sent at once", d, m.sending[key], key)
	}
	if m.gone[d.id] {
		m.fail("%v was removed and is sent", d)
	}
	if d.maybe && d.id > m.doubt && !m.cut[d.id] {
		m.fail("%v is marked, although nothing was in doubt", d)
	}
	m.passedOver(d)
	m.tried = append(m.tried, d.id)
}

// passedOver sees that with rotation and one thread a message is not tried again before
// those that were tried before it and wait still.
func (m *remote) passedOver(d delivery) {
	if !m.life.Rotate || m.life.Threads > 1 || m.life.Keyed {
		return
	}
	last := lastIndex(m.tried, d.id)
	for _, other := range m.tried[:max(last, 0)] {
		if other != d.id && m.reached[other] == 0 && !m.gone[other] && !slices.Contains(m.tried[last:], other) {
			m.fail("%v is tried again before %d, which was tried before it: %v", d, other, m.tried)
		}
	}
}

func lastIndex(list []int64, id int64) int {
	for i, v := range slices.Backward(list) {
		if v == id {
			return i
		}
	}
	return -1
}

func (m *remote) arrive(d delivery, key string) {
	if m.reached[d.id]++; m.reached[d.id] > 1 {
		if !d.maybe {
			m.fail("%v arrives again without a mark", d)
		}
		return
	}
	m.first[key] = append(m.first[key], d.id)
}

// live lives it, and returns what is wrong.
func (life *queueLife) live(t *testing.T) []string {
	r := newRig(t, life.channel)
	m := &remote{life: life, sending: map[string]int{}, reached: map[int64]int{}, first: map[string][]int64{}, cut: map[int64]bool{}, gone: map[int64]bool{}}
	r.answer("D1", m.answer)
	r.start()
	defer func() {
		r.Halt()
		r.store.Store.Close()
	}()
	acked, removed := map[int64]bool{}, map[int64]bool{}
	sent := 0
	receive := func() {
		sent++
		if reply, err := r.Receive(context.Background(), weir.Inbound{Text: fmt.Sprintf("%d-%d", sent%3, sent)}); err == nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			acked[reply.MessageID] = true
		}
	}
	for _, s := range life.Steps {
		switch s.Do {
		case "receive":
			receive()
		case "burst":
			var all sync.WaitGroup
			for i := range s.Number {
				all.Go(func() {
					reply, err := r.Receive(context.Background(), weir.Inbound{Text: fmt.Sprintf("%d-burst", i%3)})
					m.mu.Lock()
					defer m.mu.Unlock()
					if err == nil {
						acked[reply.MessageID] = true
					}
				})
			}
			all.Wait()
		case "down", "up", "slow":
			m.mu.Lock()
			m.down, m.slow = s.Do == "down", s.Do == "slow"
			m.mu.Unlock()
		case "pass":
			r.pass(time.Duration(s.Number) * 300 * time.Millisecond)
		case "halt":
			r.Halt()
			m.restart(r, false)
		case "crash", "late crash":
			left := s.Number
			r.store.onSave(func(n int, _ *store.Change) error {
				if n > left {
					return store.ErrClosed
				}
				return nil
			})
			if s.Do == "late crash" { // what it does goes on although nothing is saved any more
				m.mu.Lock()
				m.down = false
				m.mu.Unlock()
				receive()
				r.pass(3 * time.Second)
			}
			r.Halt()
			r.store.onSave(nil)
			m.restart(r, true)
		case "remove":
			id := int64(s.Number + 1)
			m.mu.Lock()
			sending := m.sending[""]+m.sending["0"]+m.sending["1"]+m.sending["2"] > 0
			m.mu.Unlock()
			if n, err := r.Remove(context.Background(), []int64{id}); err != nil {
				m.fail("remove %d: %v", id, err)
			} else if n == 1 {
				removed[id] = true
				m.held++
				if !sending {
					r.idle()
					m.mu.Lock()
					m.gone[id] = true
					m.mu.Unlock()
				}
			}
		case "stop":
			r.StopConnector(context.Background(), 1)
		case "start":
			r.StartConnector(context.Background(), 1)
		}
		r.idle()
		m.count(r)
	}
	m.mu.Lock()
	m.down, m.slow = false, false
	m.mu.Unlock()
	r.StartConnector(context.Background(), 1)
	r.pass(time.Hour)
	m.count(r)
	m.judge(r, acked, removed)
	return m.wrong
}

func (life *queueLife) channel(c *weir.Channel) {
	settings := []string{"queueEnabled", "true", "retryIntervalMillis", "1000", "rotate", fmt.Sprint(life.Rotate),
		"threadCount", fmt.Sprint(life.Threads), "queueBufferSize", fmt.Sprint(life.Window)}
	if life.Keyed {
		settings = append(settings, "threadAssignmentVariable", "key")
	}
	d := dest(1, settings...)
	if life.Transf {
		d = withResponse(d, "msg = msg + '!'")
	}
	c.Destinations = []weir.Connector{d}
	c.Source.Transformer.Steps = js("channelMap.put('key', msg.substring(0, 1))")
	c.Source.Settings = source("respondAfterProcessing", fmt.Sprint(!life.SourceQueue), "queueBufferSize", fmt.Sprint(life.Window))
}

// restart starts the channel as the next engine would.
func (m *remote) restart(r *rig, unclean bool) {
	m.mu.Lock()
	m.tried, m.held = nil, 0
	if unclean {
		list, _ := r.store.Messages(context.Background(), store.Query{ChannelID: r.cfg.ID, Limit: 1})
		if len(list) > 0 {
			m.doubt = list[0].ID
		}
	}
	m.mu.Unlock()
	r.restart(unclean)
}

// count sees that the queue has as many messages as the store says that wait.
func (m *remote) count(r *rig) {
	waiting, err := r.store.CountQueued(context.Background(), r.cfg.ID, 1)
	if n := r.destinations[0].queue.length(); err != nil || n < waiting || n > waiting+m.held {
		m.fail("the queue has %d messages, in the store %d wait, error %v", n, waiting, err)
	}
}

// judge looks at the end.
func (m *remote) judge(r *rig, acked, removed map[int64]bool) {
	kept, err := r.store.Messages(context.Background(), store.Query{ChannelID: r.cfg.ID, Limit: 1000})
	if err != nil {
		m.fail("%v", err)
	}
	there := map[int64]bool{}
	for _, msg := range kept {
		there[msg.ID] = true
		if cm := msg.Connector(1); cm == nil || cm.Status != weir.Sent || !msg.Processed || m.reached[msg.ID] == 0 {
			m.fail("message %d ends at %s, arrived %d times", msg.ID, r.states(msg.ID), m.reached[msg.ID])
		}
	}
	for id := range acked {
		if !there[id] && !removed[id] {
			m.fail("message %d was acknowledged and is lost", id)
		}
	}
	counts, err := r.store.Statistics(context.Background(), r.cfg.ID)
	if err != nil || len(removed) == 0 && counts[1] != (store.Counts{Received: int64(len(kept)), Sent: int64(len(kept))}) {
		m.fail("%d messages are sent, the statistics say %+v, error %v", len(kept), counts[1], err)
	}
	if !m.life.Rotate && (m.life.Keyed || m.life.Threads == 1) {
		for key, ids := range m.first {
			if !slices.IsSorted(ids) {
				m.fail("key %q: they arrived as %v", key, ids)
			}
		}
	}
	if len(m.wrong) > 0 {
		m.wrong = append(m.wrong, fmt.Sprint("deliveries ", r.deliveries()), r.log.String())
	}
}
