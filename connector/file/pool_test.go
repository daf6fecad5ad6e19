package file

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a system that does nothing but count.
type counted struct {
	system
	closed *atomic.Int32 // connections end in goroutines of their own
	dead   *bool
}

func (c counted) alive(error) bool { return !*c.dead }
func (c counted) close() error     { c.closed.Add(1); return nil }

func TestPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed atomic.Int32
		opened, dead := 0, false
		p := &pool{keep: true, idle: time.Minute, timeout: time.Second, open: func(login, *line) (system, error) {
			opened++
			return counted{closed: &closed, dead: &dead}, nil
		}}
		fine := func(system, bool) error { return nil }
		expect := func(what string, wantOpened, wantClosed int) {
			t.Helper()
			if closed := int(closed.Load()); opened != wantOpened || closed != wantClosed {
				t.Errorf("%s: %d opened and %d closed, want %d and %d", what, opened, closed, wantOpened, wantClosed)
			}
		}
		a, b := login{address: "a"}, login{address: "b"}
		ctx := context.Background()
		p.with(ctx, a, false, fine)
		time.Sleep(59 * time.Second)
		p.with(ctx, a, false, fine)
		expect("used again", 1, 0)
		p.with(ctx, b, false, fine)
		expect("another login", 2, 0)
		time.Sleep(61 * time.Second)
		synctest.Wait()
		expect("unused", 2, 2)

		p.with(ctx, a, false, fine)
		p.with(ctx, a, false, func(system, bool) error { return errors.New("no such thing") })
		p.with(ctx, a, false, fine)
		expect("an error of a file", 3, 2)
		dead = true
		tries := 0
		err := p.with(ctx, a, true, func(_ system, second bool) error {
			tries++
			if second != (tries == 2) {
				t.Errorf("try %d, second %v", tries, second)
			}
			return io.ErrUnexpectedEOF
		})
		if !errors.Is(err, errLost) || !errors.Is(err, io.ErrUnexpectedEOF) || tries != 2 {
			t.Errorf("%v after %d tries", err, tries)
		}
		dead = false
		before := opened
		for i := range maxIdle + 3 {
			p.with(ctx, login{address: string(rune('A' + i))}, false, fine)
		}
		if open := opened - int(closed.Load()); opened != before+maxIdle+3 || open != maxIdle {
			t.Errorf("%d connections are kept, want %d", open, maxIdle)
		}
		p.close()
		p.with(ctx, a, false, fine)
		if closed := int(closed.Load()); opened != closed {
			t.Errorf("%d opened and %d closed", opened, closed)
		}
	})
}

// Work that stands still is cut off; work that goes on is not.
func TestLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(time.Second)
		end := l.work(t.Context())
		for range 5 {
			time.Sleep(900 * time.Millisecond)
			l.moved()
		}
		if err := l.why(io.EOF); err != io.EOF {
			t.Errorf("cut off while it moved: %v", err)
		}
		end()
		time.Sleep(time.Hour) // at rest, nothing needs to move
		if err := l.why(io.EOF); err != io.EOF {
			t.Errorf("cut off at rest: %v", err)
		}
		defer l.work(t.Context())()
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		if err := l.why(io.EOF); err == io.EOF {
			t.Error("not cut off")
		}
	})
}
