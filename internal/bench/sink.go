package bench

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/weir-health/weir/wire/mllp"
)

// Sink takes what an engine delivers, acknowledges it and remembers the control
// ids.
type Sink struct {
	listener net.Listener
	open     sync.WaitGroup

	mu      sync.Mutex
	conns   map[net.Conn]bool
	arrived map[source]*arrivals
	total   int
	changed chan struct{}
}

type source struct {
	run        string
	connection int
}

// arrivals are the messages of one generator connection, in order of arrival.
type arrivals struct{ numbers []int }

// NewSink listens on an address.
func NewSink(addr string) (*Sink, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	s := &Sink{listener: l, conns: map[net.Conn]bool{}, arrived: map[source]*arrivals{}, changed: make(chan struct{}, 1)}
	s.open.Go(s.accept)
	return s, nil
}

// Addr is where the sink listens.
func (s *Sink) Addr() string { return s.listener.Addr().String() }

// Close ends the sink and its connections.
func (s *Sink) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.open.Wait()
	return err
}

func (s *Sink) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.open.Go(func() { s.serve(c) })
	}
}

func (s *Sink) serve(c net.Conn) {
	defer func() {
		c.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, c)
	}()
	r, w := mllp.NewReader(c, mllp.Options{}), mllp.NewWriter(c, mllp.Options{})
	var ack []byte
	for {
		msg, err := r.ReadMessage()
		if err != nil {
			return
		}
		s.record(controlID(msg))
		ack = appendAck(ack[:0], msg)
		if err := w.WriteMessage(ack); err != nil {
			return
		}
	}
}

func (s *Sink) record(id []byte) {
	run, connection, number, ok := parseID(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total++
	if ok {
		key := source{run, connection}
		a := s.arrived[key]
		if a == nil {
			a = &arrivals{}
			s.arrived[key] = a
		}
		a.numbers = append(a.numbers, number)
	}
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Total is how many messages have arrived, repeated ones included.
func (s *Sink) Total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Verdict is what the sink says of the acknowledged messages.
type Verdict struct {
	Arrived    int // distinct acknowledged messages that arrived
	Missing    int // acknowledged, never arrived
	Repeated   int // arrivals beyond the first of a message
	OutOfOrder int // first arrivals after a later message of the same connection
	Unacked    int // arrived though the sender was not told
	// MissingIDs are a few examples.
	MissingIDs []string
	// RepeatedIDs are the control ids of all that arrived more than once.
	RepeatedIDs []string
}

// OK reports whether every acknowledged message arrived, once, in order.
func (v Verdict) OK() bool { return v.Missing == 0 && v.Repeated == 0 && v.OutOfOrder == 0 }

// Judge compares a load's acknowledgments with what has arrived.
func (s *Sink) Judge(run string, acked [][]int) Verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	var v Verdict
	for connection, numbers := range acked {
		wanted := make(map[int]bool, len(numbers))
		for _, n := range numbers {
			wanted[n] = true
		}
		seen := map[int]bool{}
		highest := 0
		if a := s.arrived[source{run, connection}]; a != nil {
			for _, n := range a.numbers {
				if seen[n] {
					v.Repeated++
					v.RepeatedIDs = append(v.RepeatedIDs, controlIDOf(run, connection, n))
					continue
				}
				seen[n] = true
				if n < highest {
					v.OutOfOrder++
				}
				highest = max(highest, n)
				if wanted[n] {
					v.Arrived++
				} else {
					v.Unacked++
				}
			}
		}
		for _, n := range numbers {
			if !seen[n] {
				v.Missing++
				if len(v.MissingIDs) < 5 {
					v.MissingIDs = append(v.MissingIDs, controlIDOf(run, connection, n))
				}
			}
		}
	}
	return v
}

// Await waits until all acknowledged messages have arrived, or nothing has
// arrived for quiet, or ctx ends.
func (s *Sink) Await(ctx context.Context, run string, acked [][]int, quiet time.Duration) Verdict {
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for {
		v := s.Judge(run, acked)
		if v.Missing == 0 {
			return v
		}
		before := s.Total()
		timer.Reset(quiet)
		for s.Total() < before+max(v.Missing/2, 1) {
			select {
			case <-s.changed:
			case <-timer.C:
				if s.Total() == before {
					return s.Judge(run, acked)
				}
				before = s.Total()
				timer.Reset(quiet)
			case <-ctx.Done():
				return s.Judge(run, acked)
			}
		}
	}
}
