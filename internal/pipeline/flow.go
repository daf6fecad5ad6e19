package pipeline

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Flow holds back the sources of all channels while memory is short, and bounds what they
// have in hand together. What comes from channels and users passes: it may be what
// makes room.
//
// A source asks for room before it reads a message, and hands it over then; that waits
// until what others have in hand leaves enough of the limit. So a slow store or a slow
// destination slows the senders down, and what nobody has read costs nothing.
type Flow struct {
	limit int64 // bytes of messages in hand at once; a larger message is alone

	mu    sync.Mutex
	bytes int64
	line  []*arrival    // who waits with a message, first come, first served
	short string        // why nothing is read, "" while memory suffices
	moved chan struct{} // closed when there may be room to read
}

// arrival is a message that waits to be taken in hand.
type arrival struct {
	size int64
	in   chan struct{}
}

// NewFlow makes a flow with a limit of bytes in hand; 0 is none.
func NewFlow(limit int64) *Flow { return &Flow{limit: limit, moved: make(chan struct{})} }

// Hold has sources wait, for a reason that people are shown; "" lets them go on.
func (f *Flow) Hold(why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.short = why
	f.admit()
}

// Held is why sources wait, or "".
func (f *Flow) Held() string {
	if f == nil {
		return ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.short == "" && !f.room() {
		return fmt.Sprintf("the messages in hand have %d MiB, the limit is %d MiB", f.bytes>>20, f.limit>>20)
	}
	return f.short
}

// InHand is how many bytes the messages in hand have.
func (f *Flow) InHand() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bytes
}

// room reports whether a source may read.
func (f *Flow) room() bool {
	return f.short == "" && len(f.line) == 0 && (f.limit == 0 || f.bytes < f.limit)
}

// Free reports whether a source may read without waiting.
func (f *Flow) Free() bool {
	if f == nil {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.room()
}

// Await waits until a source may read.
func (f *Flow) Await(ctx context.Context) error {
	if f == nil {
		return nil
	}
	for {
		f.mu.Lock()
		room, moved := f.room(), f.moved
		f.mu.Unlock()
		if room {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Enter takes a message in hand as soon as there is room for it. leave gives it up.
func (f *Flow) Enter(ctx context.Context, size int) (leave func(), err error) {
	if f == nil || f.limit == 0 {
		return func() {}, nil
	}
	a := &arrival{size: min(int64(size), f.limit), in: make(chan struct{})}
	f.mu.Lock()
	f.line = append(f.line, a)
	f.admit()
	f.mu.Unlock()
	leave = func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.bytes -= a.size
		f.admit()
	}
	select {
	case <-a.in:
		return leave, nil
	case <-ctx.Done():
	}
	f.mu.Lock()
	at := slices.Index(f.line, a)
	if at >= 0 {
		f.line = slices.Delete(f.line, at, at+1)
		f.admit() // who stood behind may be smaller
	}
	f.mu.Unlock()
	if at < 0 { // it was let in meanwhile
		leave()
	}
	return nil, ctx.Err()
}

// admit lets in who has room now. The caller holds mu.
func (f *Flow) admit() {
	for len(f.line) > 0 && (f.limit == 0 || f.bytes+f.line[0].size <= f.limit) {
		f.bytes += f.line[0].size
		close(f.line[0].in)
		f.line = slices.Delete(f.line, 0, 1)
	}
	if f.room() {
		close(f.moved)
		f.moved = make(chan struct{})
	}
}
