package httpclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"github.com/weir-health/weir"
)

// Watch ends a request that makes no progress for a time, or takes too long
// altogether.
type Watch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	quiet  time.Duration // 0: no limit
	idle   *time.Timer   // nil without a limit
	whole  *time.Timer
}

// ErrSlow is why a request was ended.
var ErrSlow = errors.New("no progress in time")

// NewWatch begins to watch a request. quiet is the longest time without progress,
// total the longest time for all of it; 0 means no limit.
func NewWatch(ctx context.Context, quiet, total time.Duration) *Watch {
	w := &Watch{quiet: quiet}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	if quiet > 0 {
		w.idle = time.AfterFunc(quiet, func() { w.cancel(fmt.Errorf("%w: nothing for %v", ErrSlow, quiet)) })
	}
	if total > 0 {
		w.whole = time.AfterFunc(total, func() { w.cancel(fmt.Errorf("%w: not finished after %v", ErrSlow, total)) })
	}
	return w
}

func (w *Watch) progress() {
	if w.idle != nil {
		w.idle.Reset(w.quiet)
	}
}

// Stop ends the watch, and the request.
func (w *Watch) Stop() {
	for _, t := range []*time.Timer{w.idle, w.whole} {
		if t != nil {
			t.Stop()
		}
	}
	w.cancel(nil)
}

// Cause returns why the request ended, if that was the watch's doing.
func (w *Watch) Cause(err error) error {
	if c := context.Cause(w.ctx); c != nil && errors.Is(c, ErrSlow) {
		return c
	}
	return err
}

// Request returns the context of a request, which goes through a proxy unless that
// is nil.
func (w *Watch) Request(proxy *url.URL) context.Context {
	ctx := context.WithValue(w.ctx, proxyKey{}, proxy)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { w.progress() },
		TLSHandshakeStart:    w.progress,
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.progress() },
		GotFirstResponseByte: w.progress,
	})
}

// smallBody is a body that is sent at once: no progress is to be seen within it.
const smallBody = 16 << 10

// Body is a request's body; each part that is taken is progress. A small one is a
// reader that net/http knows, so that it sends it together with the headers.
func (w *Watch) Body(b []byte) io.ReadCloser {
	if len(b) <= smallBody {
		return io.NopCloser(bytes.NewReader(b))
	}
	return io.NopCloser(watched{w, bytes.NewReader(b)})
}

// Stream is a request's body that is opened when it is first read; each part that is
// taken is progress.
func (w *Watch) Stream(s *weir.Stream) io.ReadCloser { return &sent{w: w, of: s} }

type sent struct {
	w  *Watch
	of *weir.Stream

	mu     sync.Mutex // the transport may close what it still reads
	in     io.ReadCloser
	closed bool
}

func (s *sent) Read(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, io.ErrClosedPipe
	}
	if s.in == nil {
		if s.in, err = s.of.Open(s.w.ctx); err != nil {
			return 0, err
		}
	}
	return watched{s.w, s.in}.Read(p)
}

func (s *sent) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.in == nil {
		return nil
	}
	return s.in.Close()
}

// reader is a response's body.
func (w *Watch) reader(in io.Reader) io.Reader { return watched{w, in} }

type watched struct {
	w  *Watch
	in io.Reader
}

func (r watched) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	if n > 0 {
		r.w.progress()
	}
	return n, err
}

// Drain reads a response that is not wanted, so that its connection can be used
// again, and closes it.
func (w *Watch) Drain(answer *http.Response) {
	_, _ = io.CopyN(io.Discard, w.reader(answer.Body), 64<<10)
	answer.Body.Close()
}
