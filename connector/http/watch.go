package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

// watch ends a request that makes no progress for a time, or takes too long
// altogether.
type watch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	quiet  time.Duration // 0: no limit
	idle   *time.Timer   // nil without a limit
	whole  *time.Timer
}

// errSlow is why a request was ended.
var errSlow = errors.New("no progress in time")

func newWatch(ctx context.Context, quiet, total time.Duration) *watch {
	w := &watch{quiet: quiet}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	if quiet > 0 {
		w.idle = time.AfterFunc(quiet, func() { w.cancel(fmt.Errorf("%w: nothing for %v", errSlow, quiet)) })
	}
	if total > 0 {
		w.whole = time.AfterFunc(total, func() { w.cancel(fmt.Errorf("%w: not finished after %v", errSlow, total)) })
	}
	return w
}

func (w *watch) progress() {
	if w.idle != nil {
		w.idle.Reset(w.quiet)
	}
}

func (w *watch) stop() {
	for _, t := range []*time.Timer{w.idle, w.whole} {
		if t != nil {
			t.Stop()
		}
	}
	w.cancel(nil)
}

// cause returns why the request ended, if that was the watch's doing.
func (w *watch) cause(err error) error {
	if c := context.Cause(w.ctx); c != nil && errors.Is(c, errSlow) {
		return c
	}
	return err
}

// request returns the context of a request.
func (w *watch) request(proxy *url.URL) context.Context {
	ctx := context.WithValue(w.ctx, proxyKey{}, proxy)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { w.progress() },
		TLSHandshakeStart:    w.progress,
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.progress() },
		GotFirstResponseByte: w.progress,
	})
}

// body is a request's body; each part that is taken is progress.
func (w *watch) body(b []byte) io.ReadCloser {
	return io.NopCloser(watched{w, bytes.NewReader(b)})
}

// reader is a response's body.
func (w *watch) reader(in io.Reader) io.Reader { return watched{w, in} }

type watched struct {
	w  *watch
	in io.Reader
}

func (r watched) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	if n > 0 {
		r.w.progress()
	}
	return n, err
}

// drain reads a response that is not wanted, so that its connection can be used
// again, and closes it.
func (w *watch) drain(answer *http.Response) {
	_, _ = io.CopyN(io.Discard, w.reader(answer.Body), 64<<10)
	answer.Body.Close()
}
