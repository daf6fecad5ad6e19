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

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Messages are taken in hand up to the limit, first come, first served; one that is larger
// is alone; one whose sender gives up makes room for those behind it.
func TestFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFlow(10)
		var mu sync.Mutex
		var in, gaveUp []string
		leaves := map[string]func(){}
		enter := func(ctx context.Context, name string, size int) {
			go func() {
				leave, err := f.Enter(ctx, size)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					gaveUp = append(gaveUp, name)
					return
				}
				in = append(in, name)
				leaves[name] = leave
			}()
			synctest.Wait()
		}
		want := func(names string) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if got := strings.Join(in, " "); got != names {
				t.Fatalf("in hand %q, want %q", got, names)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		enter(context.Background(), "a", 6)
		enter(ctx, "b", 100)
		enter(context.Background(), "c", 2)
		want("a") // c is behind b
		if held := f.Held(); !strings.Contains(held, "in hand") {
			t.Errorf("held %q", held)
		}
		cancel()
		want("a c")
		if !slices.Equal(gaveUp, []string{"b"}) {
			t.Errorf("gave up: %q", gaveUp)
		}
		enter(context.Background(), "d", 100)
		leaves["a"]()
		want("a c")
		leaves["c"]()
		want("a c d")
		enter(context.Background(), "e", 0)
		leaves["d"]()
		want("a c d e")
		leaves["e"]()
		if f.InHand() != 0 || f.Held() != "" {
			t.Errorf("%d bytes are in hand, held %q", f.InHand(), f.Held())
		}
		f.Hold("memory is short")
		read := make(chan error, 1)
		go func() { read <- f.Await(context.Background()) }()
		synctest.Wait()
		if len(read) > 0 {
			t.Error("a source reads while memory is short")
		}
		f.Hold("")
		if err := <-read; err != nil {
			t.Error(err)
		}
	})
}

// A store that is slow slows all sources down: no more than the limit is in hand, and what
// comes by other ways, which may be what makes room, is not held up.
func TestSlowStoreSlowsIntake(t *testing.T) {
	synctestRig(t, nil, func(r *rig) { r.engine.Flow = NewFlow(3000) }, func(r *rig) {
		slow := make(chan struct{})
		saving := 0
		r.store.onSave(func(int, *store.Change) error {
			r.mu.Lock()
			saving++
			r.mu.Unlock()
			<-slow
			return nil
		})
		done := make(chan error, 10)
		for i := range 10 {
			go func() {
				_, err := r.env.Receive(context.Background(), weir.Inbound{Text: strings.Repeat(fmt.Sprint(i), 1000)})
				done <- err
			}()
		}
		r.idle()
		if saving != 3 || r.engine.Flow.InHand() != 3000 {
			t.Errorf("%d messages are with the store, %d bytes in hand; want 3 and 3000", saving, r.engine.Flow.InHand())
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		if err := r.env.Room(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a source that asks for room: error %v", err)
		}
		cancel()
		go r.Receive(context.Background(), weir.Inbound{Text: "from a channel"})
		r.idle()
		if saving != 4 {
			t.Errorf("a message from a channel waits for room: %d are with the store", saving)
		}
		r.store.onSave(nil)
		close(slow)
		for range 10 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := r.env.Room(context.Background()); err != nil || r.engine.Flow.InHand() != 0 {
			t.Errorf("in the end: error %v, %d bytes in hand", err, r.engine.Flow.InHand())
		}
	})
}

// A source that waits for room is stopped at once.
func TestStopWhileWaitingForRoom(t *testing.T) {
	synctestRig(t, nil, func(r *rig) { r.engine.Flow = NewFlow(0) }, func(r *rig) {
		r.engine.Flow.Hold("memory is short")
		room := r.env.Room
		waited := make(chan error)
		go func() { waited <- room(context.Background()) }()
		r.idle()
		if err := r.Pause(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-waited; err == nil {
			t.Error("the source may read although it was stopped")
		}
		r.engine.Flow.Hold("")
		if err := r.Start(context.Background()); err != nil {
			t.Error(err)
		}
		if err := r.env.Room(context.Background()); err != nil {
			t.Errorf("started again: %v", err)
		}
	})
}
