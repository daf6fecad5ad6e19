package pipeline

import "sync"

// inflight counts the messages that are being received.
type inflight struct {
	mu   sync.Mutex
	n    int
	idle []chan struct{} // closed when n is 0
}

func (f *inflight) enter() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
}

func (f *inflight) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n--; f.n > 0 {
		return
	}
	for _, ch := range f.idle {
		close(ch)
	}
	f.idle = nil
}

// wait returns when no message is being received.
func (f *inflight) wait() {
	f.mu.Lock()
	if f.n == 0 {
		f.mu.Unlock()
		return
	}
	ch := make(chan struct{})
	f.idle = append(f.idle, ch)
	f.mu.Unlock()
	<-ch
}
