package file

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// maxIdle is how many connections are kept open unused, over all places.
const maxIdle = 16

// errLost marks an error of the connection, which says nothing about a file.
var errLost = errors.New("the connection was lost")

// lost keeps the words of an error.
type lost struct{ error }

func (l lost) Unwrap() []error { return []error{errLost, l.error} }

// pool keeps connections for use again. It may be used from many goroutines.
type pool struct {
	open     func(login, *line) (system, error)
	timeout  time.Duration
	keep     bool          // use connections again
	idle     time.Duration // close one that is unused for so long; 0 means never
	fresh    time.Duration // one that was used so lately is not looked at
	trusting bool          // connections are not looked at before they are used again

	mu     sync.Mutex
	rest   []*session // the latest last
	closed bool
}

// session is a connection that is logged in.
type session struct {
	system
	line  *line
	login login
	since time.Time // at rest
	timer *time.Timer
}

// with lets work use a connection. If the connection turns out to be lost, the
// error is errLost, and with again set the work is done once more on a new one;
// it is then told that it may have been done already.
func (p *pool) with(ctx context.Context, at login, again bool, work func(s system, second bool) error) error {
	err := p.once(ctx, at, func(s system) error { return work(s, false) })
	if again && errors.Is(err, errLost) && ctx.Err() == nil {
		err = p.once(ctx, at, func(s system) error { return work(s, true) })
	}
	return err
}

func (p *pool) once(ctx context.Context, at login, work func(system) error) error {
	s, err := p.get(ctx, at)
	if err != nil {
		return lost{err}
	}
	end := s.line.work(ctx)
	err = s.line.why(work(s.system))
	usable := s.line.ctx.Err() == nil && (err == nil || errors.Is(err, errChanged) || s.alive(err))
	end()
	switch {
	case usable:
		p.put(s)
		return err
	case err == nil: // the line was cut just afterwards
		s.end()
		return nil
	}
	s.end()
	return lost{err}
}

func (p *pool) get(ctx context.Context, at login) (*session, error) {
	for s := p.take(at); s != nil; s = p.take(at) {
		if p.trusting || time.Since(s.since) < p.fresh || s.works(ctx) {
			return s, nil
		}
		s.end()
	}
	s := &session{line: newLine(p.timeout), login: at}
	end := s.line.work(ctx)
	defer end()
	system, err := p.open(at, s.line)
	if err != nil {
		err = s.line.why(err)
		s.line.cut(errLost)
		return nil, connectFault(at.address, err)
	}
	s.system = system
	return s, nil
}

// take takes the connection that was used last.
func (p *pool) take(at login) *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, s := range slices.Backward(p.rest) {
		if s.login == at {
			p.rest = slices.Delete(p.rest, i, i+1)
			if s.timer != nil {
				s.timer.Stop()
			}
			return s
		}
	}
	return nil
}

func (p *pool) put(s *session) {
	p.mu.Lock()
	if !p.keep || p.closed {
		p.mu.Unlock()
		s.end()
		return
	}
	s.since = time.Now()
	p.rest = append(p.rest, s)
	if p.idle > 0 {
		s.timer = time.AfterFunc(p.idle, func() { p.expire(s) })
	}
	var oldest *session
	if len(p.rest) > maxIdle {
		oldest = p.rest[0]
		p.rest = slices.Delete(p.rest, 0, 1)
	}
	p.mu.Unlock()
	if oldest != nil {
		oldest.end()
	}
}

// expire closes a connection if it is still unused.
func (p *pool) expire(s *session) {
	p.mu.Lock()
	i := slices.Index(p.rest, s)
	if i >= 0 {
		p.rest = slices.Delete(p.rest, i, i+1)
	}
	p.mu.Unlock()
	if i >= 0 {
		s.end()
	}
}

// close closes all connections that are unused; those in use follow.
func (p *pool) close() {
	p.mu.Lock()
	rest := p.rest
	p.rest, p.closed = nil, true
	p.mu.Unlock()
	for _, s := range rest {
		s.end()
	}
}

func (s *session) works(ctx context.Context) bool {
	defer s.line.work(ctx)()
	return s.alive(nil)
}

// end takes leave, but not for long.
func (s *session) end() {
	if s.timer != nil {
		s.timer.Stop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	defer s.line.cut(fmt.Errorf("%w: it was closed", errLost))
	defer s.line.work(ctx)()
	s.close()
}
