// Package bench loads an MLLP engine with HL7 messages and judges what comes out
// of it: a generator of N connections on one side, a sink on the other. Every
// message has a control id of its own, so the sink can tell whether every
// acknowledged message arrived, once, and in the order of its connection.
package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-health/weir/wire/mllp"
)

// Load says what is sent where.
type Load struct {
	To          string        // address of the engine's MLLP listener
	Connections int           // each sends its next message when the last is answered
	Messages    int           // in all; 0 means until Duration
	Duration    time.Duration // 0 means until Messages
	Timeout     time.Duration // for each answer
	Run         string        // goes into the control ids, so that runs do not meet
}

// Report is what a load gave.
type Report struct {
	Sent                int64 // messages written
	Accepted            int64 // answered with AA or CA
	Refused             int64 // answered otherwise
	Unanswered          int64 // connection lost or no answer in time
	Elapsed             time.Duration
	P50, P99, P999, Max time.Duration // from writing a message to its answer

	// Acked holds, for each connection, the numbers of the accepted messages in order.
	Acked [][]int
	// FirstError is one example of what went wrong.
	FirstError error
}

// Rate is accepted messages a second.
func (r Report) Rate() float64 { return float64(r.Accepted) / r.Elapsed.Seconds() }

// Drive sends until the load is done or ctx ends.
func Drive(ctx context.Context, l Load) (Report, error) {
	if l.Connections <= 0 {
		return Report{}, errors.New("a load needs at least one connection")
	}
	if l.Timeout == 0 {
		l.Timeout = 30 * time.Second
	}
	if l.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.Duration)
		defer cancel()
	}
	var left atomic.Int64
	left.Store(int64(l.Messages))
	if l.Messages == 0 {
		left.Store(1 << 62)
	}
	senders := make([]sender, l.Connections)
	start := time.Now()
	var all sync.WaitGroup
	for i := range senders {
		senders[i] = sender{load: l, number: i, left: &left}
		all.Go(func() { senders[i].run(ctx) })
	}
	all.Wait()
	r := Report{Elapsed: time.Since(start)}
	var took []time.Duration
	for i := range senders {
		s := &senders[i]
		r.Sent += s.sent
		r.Accepted += int64(len(s.acked))
		r.Refused += s.refused
		r.Unanswered += s.unanswered
		r.Acked = append(r.Acked, s.acked)
		took = append(took, s.took...)
		if r.FirstError == nil {
			r.FirstError = s.err
		}
	}
	slices.Sort(took)
	at := func(q float64) time.Duration {
		if len(took) == 0 {
			return 0
		}
		return took[min(int(float64(len(took))*q), len(took)-1)]
	}
	r.P50, r.P99, r.P999, r.Max = at(0.5), at(0.99), at(0.999), at(1)
	return r, nil
}

// sender is one connection.
type sender struct {
	load   Load
	number int
	left   *atomic.Int64

	sent, refused, unanswered int64
	acked                     []int
	took                      []time.Duration
	err                       error
}

func (s *sender) run(ctx context.Context) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.load.To)
	if err != nil {
		s.err = err
		return
	}
	defer conn.Close()
	w := mllp.NewWriter(conn, mllp.Options{})
	r := mllp.NewReader(conn, mllp.Options{})
	messages := newMessages(s.load.Run, s.number)
	var buf []byte
	for n := 1; ctx.Err() == nil && s.left.Add(-1) >= 0; n++ {
		buf = messages.append(buf[:0], n)
		began := time.Now()
		conn.SetDeadline(began.Add(s.load.Timeout))
		s.sent++
		if err := w.WriteMessage(buf); err != nil {
			s.unanswered++
			s.err = fmt.Errorf("connection %d: writing message %d: %w", s.number, n, err)
			return
		}
		answer, err := r.ReadMessage()
		if err != nil {
			s.unanswered++
			s.err = fmt.Errorf("connection %d: no answer to message %d: %w", s.number, n, err)
			return
		}
		s.took = append(s.took, time.Since(began))
		if code := ackCode(answer); code != "AA" && code != "CA" {
			s.refused++
			if s.err == nil {
				s.err = fmt.Errorf("connection %d: message %d was answered %q", s.number, n, code)
			}
			continue
		}
		s.acked = append(s.acked, n)
	}
}
