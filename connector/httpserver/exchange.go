package httpserver

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/httpclient"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/connector/stream"
)

// Refusal is an answer to a request that becomes no message. Its text holds
// nothing of the request.
type Refusal struct {
	Status     int
	Text       string
	challenges []string            // of WWW-Authenticate
	headers    map[string][]string // further ones, from a script
}

func (r *Refusal) Error() string { return r.Text }

// Refusals of requests whose sender is known.
var (
	ErrNotFound = &Refusal{Status: 404, Text: "There is nothing at this path."}
	ErrStopping = &Refusal{Status: 503, Text: "The listener is stopping; send the message again later."}
	errFull     = &Refusal{Status: 503, Text: "The engine has its hands full; send the message again later."}
	ErrNotKept  = &Refusal{Status: 500, Text: "The message was not kept; send it again."}
	errOurs     = &Refusal{Status: 500, Text: "The message could not be received."}
)

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	x := &Exchange{s: s, W: w, R: r, rc: http.NewResponseController(w)}
	s.event("receiving", r.RemoteAddr)
	defer s.event("idle", r.RemoteAddr)
	defer x.recover()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-r.Context().Done():
		return
	case <-s.open.Done():
		x.refuse(ErrStopping)
		return
	}
	if err := x.run(); err != nil {
		x.refuse(err)
	}
}

func (s *Server) event(state, remote string) {
	s.env.Connection(weir.ConnectionEvent{State: state, Remote: remote})
}

// Exchange is one request with its answer.
type Exchange struct {
	W http.ResponseWriter // for headers; Write writes the rest
	R *http.Request

	s  *Server
	rc *http.ResponseController

	body    []byte // as sent
	read    bool
	failed  error // why a stream of the body ended
	replied bool
}

// run authenticates, and has the request answered.
func (x *Exchange) run() error {
	if x.s.auth != nil {
		if err := x.s.auth.authenticate(x); err != nil {
			return err
		}
	}
	if !x.room() { // its body is not read before
		return errFull
	}
	return x.s.Handle(x)
}

// room waits until the engine has room for a request. Nearly always it has, and no time
// is set for that.
func (x *Exchange) room() bool {
	if x.s.env.AwaitRoom(noWait) == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(x.R.Context(), roomWithin)
	defer cancel()
	return x.s.env.AwaitRoom(ctx) == nil
}

// noWait is a context that has ended: who waits with it does not.
var noWait = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// roomWithin is how long a request waits while the engine has no room for more.
const roomWithin = 20 * time.Second

// Message has a message received, and its reply written. The error is one to refuse
// the request with; that a reply cannot be written is none.
func (x *Exchange) Message(in weir.Inbound, reply func(weir.Reply) error) error {
	conn, _ := x.R.Context().Value(connKey{}).(net.Conn)
	if !x.s.enter(conn) {
		return ErrStopping
	}
	defer x.s.done(conn)
	kept, err := x.s.env.Receive(x.s.ctx, in)
	if err != nil && x.failed != nil {
		return x.failed
	}
	if err != nil {
		x.s.env.Log.Error("A message was not received and not acknowledged", "remote", x.R.RemoteAddr, "error", err)
		x.s.env.Connection(weir.ConnectionEvent{State: "failed", Remote: x.R.RemoteAddr, Detail: err.Error()})
		return ErrNotKept
	}
	if err := reply(kept); err != nil {
		if kept.Failed != nil {
			kept.Failed(err)
		}
		x.s.env.Log.Warn("The reply could not be sent", "remote", x.R.RemoteAddr, "message", kept.MessageID, "error", err)
	}
	return nil
}

// refuse answers a request that became no message.
func (x *Exchange) refuse(err error) {
	var why *Refusal
	if !errors.As(err, &why) {
		x.s.env.Log.Error("A request could not be answered", "remote", x.R.RemoteAddr, "error", err)
		why = errOurs
	}
	if x.replied {
		return
	}
	if why.Status != http.StatusUnauthorized {
		x.s.env.Connection(weir.ConnectionEvent{State: "failed", Remote: x.R.RemoteAddr, Detail: why.Text})
	}
	h := x.W.Header()
	h.Set("Content-Type", "text/plain;charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	for _, c := range why.challenges {
		h.Add("WWW-Authenticate", c)
	}
	for name, values := range why.headers {
		for _, v := range values {
			if name := httpfield.Name(name); name != "" {
				h.Add(name, httpfield.Value(v))
			}
		}
	}
	_ = x.Write(why.Status, []byte(why.Text+"\n")) // the client may be gone
}

// Write writes an answer, within the time for it, and sees it on its way.
func (x *Exchange) Write(status int, body []byte) error {
	return x.Writing(func() error {
		if bodyAllowed(status) {
			x.W.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		x.W.WriteHeader(status)
		if len(body) > 0 && bodyAllowed(status) {
			if _, err := x.W.Write(body); err != nil {
				return err
			}
		}
		return x.rc.Flush()
	})
}

// Writing calls f, which writes an answer to W, and limits the time that it takes.
func (x *Exchange) Writing(f func() error) error {
	x.linger()
	x.replied = true
	if limit := x.s.RequestTimeout; limit > 0 {
		_ = x.rc.SetWriteDeadline(time.Now().Add(limit + lingering))
		defer func() { _ = x.rc.SetWriteDeadline(time.Time{}) }()
	}
	return f()
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// recover turns a fault of the connector into an answer and a line in the log.
func (x *Exchange) recover() {
	if p := recover(); p != nil {
		x.s.env.Log.Error("A request could not be answered because of a fault in the engine", "remote", x.R.RemoteAddr, "stack", string(debug.Stack()))
		x.refuse(errOurs)
	}
}

// Body returns the body as sent. It may be called again.
func (x *Exchange) Body() ([]byte, error) {
	if x.read {
		return x.body, nil
	}
	limit := x.s.MaxBody
	if x.R.ContentLength > int64(limit) {
		x.W.Header().Set("Connection", "close")
		return nil, errBodyTooLarge
	}
	body, err := readAll(x.patient(), x.R.ContentLength, limit)
	if err != nil {
		x.W.Header().Set("Connection", "close") // what follows cannot be told from the body
		return nil, bodyRefusal(err)
	}
	_ = x.rc.SetReadDeadline(time.Time{})
	x.body, x.read = body, true
	return body, nil
}

// atOnce is the largest length of a body for which memory is taken before it comes.
const atOnce = 1 << 20

// readAll reads a body, of which the length may be known.
func readAll(in io.Reader, length int64, limit int) ([]byte, error) {
	if length < 0 || length > atOnce {
		return httpclient.ReadLimited(in, limit, errBodyTooLarge)
	}
	body := make([]byte, length)
	_, err := io.ReadFull(in, body)
	return body, err
}

// Stream returns the body without its compression, as Decoded does, or as a stream if
// it is too large for memory. The stream ends with the request.
func (x *Exchange) Stream() (body []byte, large io.Reader, err error) {
	above := x.s.env.StreamAbove
	if x.read || above <= 0 || above >= int64(x.s.MaxBody) {
		body, err = x.Decoded()
		return body, nil, err
	}
	if x.R.ContentLength > x.s.MaxStream {
		x.W.Header().Set("Connection", "close")
		return nil, nil, errBodyTooLarge
	}
	in := x.patient()
	in.each = stream.Piece
	large = in
	if x.R.ContentLength <= above {
		first, err := readAll(io.LimitReader(in, above+1), x.R.ContentLength, x.s.MaxBody)
		if err != nil {
			x.W.Header().Set("Connection", "close")
			return nil, nil, bodyRefusal(err)
		}
		if int64(len(first)) <= above {
			_ = x.rc.SetReadDeadline(time.Time{})
			x.body, x.read = first, true
			body, err = x.Decoded()
			return body, nil, err
		}
		large = io.MultiReader(bytes.NewReader(first), in)
	}
	return nil, x.streamed(large), nil
}

// streamed is a body that goes on to be read while it is received. As sent and
// decompressed it has MaxStream bytes at most.
func (x *Exchange) streamed(in io.Reader) io.Reader {
	// Until its end the request cannot be told from the next one.
	x.W.Header().Set("Connection", "close")
	limited := func(in io.Reader) io.Reader {
		return io.MultiReader(io.LimitReader(in, x.s.MaxStream), &tooLarge{in})
	}
	out := limited(in)
	if x.zipped() {
		out = limited(&unzipped{in: out})
	}
	return &watched{x, out}
}

// tooLarge fails if there is anything left to read.
type tooLarge struct{ in io.Reader }

func (t *tooLarge) Read([]byte) (int, error) {
	n, err := io.ReadFull(t.in, make([]byte, 1))
	if n > 0 {
		return 0, errBodyTooLarge
	}
	return 0, err
}

// unzipped decompresses, from the first byte that is asked for.
type unzipped struct {
	in  io.Reader
	zip *gzip.Reader
}

func (u *unzipped) Read(p []byte) (n int, err error) {
	if u.zip == nil {
		u.zip, err = gzip.NewReader(u.in)
	}
	if err == nil {
		n, err = u.zip.Read(p)
	}
	switch {
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, new(flate.CorruptInputError)), err == io.ErrUnexpectedEOF:
		err = errBodyZip
	}
	return n, err
}

// watched remembers how a stream ended.
type watched struct {
	x  *Exchange
	in io.Reader
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	switch {
	case err == io.EOF:
		w.x.read = true
		w.x.W.Header().Del("Connection")
		_ = w.x.rc.SetReadDeadline(time.Time{})
	case err != nil:
		err = bodyRefusal(err)
		w.x.failed = err
	}
	return n, err
}

var (
	errBodyTooLarge = &Refusal{Status: 413, Text: "The body is larger than is accepted."}
	errBodyCut      = &Refusal{Status: 400, Text: "The body ended too early."}
	errBodyZip      = &Refusal{Status: 400, Text: "The body cannot be decompressed."}
	errBodySlow     = &Refusal{Status: 408, Text: "The body did not come in time."}
)

func bodyRefusal(err error) error {
	var known *Refusal
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errBodySlow
	}
	return errBodyCut
}

// Decoded returns the body without its compression.
func (x *Exchange) Decoded() ([]byte, error) {
	body, err := x.Body()
	if err != nil || !x.zipped() {
		return body, err
	}
	return unzip(body, x.s.MaxBody)
}

func (x *Exchange) zipped() bool {
	return slices.ContainsFunc(x.R.Header.Values("Content-Encoding"), httpfield.Gzipped)
}

func unzip(body []byte, limit int) ([]byte, error) {
	if len(body) == 0 {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, errBodyZip
	}
	out, err := httpclient.ReadLimited(z, limit, errBodyTooLarge)
	var known *Refusal
	if err != nil && !errors.As(err, &known) {
		return nil, errBodyZip
	}
	return out, err
}

// lingering is how long after an answer the rest of a body that nobody wants is
// taken, so that the client gets to read the answer.
const lingering = 500 * time.Millisecond

// linger limits the time for the rest of the body.
func (x *Exchange) linger() {
	if !x.read && x.R.ContentLength != 0 {
		_ = x.rc.SetReadDeadline(time.Now().Add(lingering))
	}
}

// patient reads a body as long as there is progress.
type patient struct {
	x     *Exchange
	until time.Time // zero: no limit
	each  int64     // bytes after which the time begins anew; 0: never
	count int64     // of them
}

func (x *Exchange) patient() *patient {
	p := &patient{x: x}
	p.begin()
	return p
}

func (p *patient) begin() {
	if limit := p.x.s.RequestTimeout; limit > 0 {
		p.until = time.Now().Add(limit)
	}
}

func (p *patient) Read(b []byte) (int, error) {
	deadline := p.until
	if idle := p.x.s.Idle; idle > 0 {
		if soon := time.Now().Add(idle); deadline.IsZero() || soon.Before(deadline) {
			deadline = soon
		}
	}
	_ = p.x.rc.SetReadDeadline(deadline)
	n, err := p.x.R.Body.Read(b)
	if p.count += int64(n); p.each > 0 && p.count >= p.each {
		p.count = 0
		p.begin()
	}
	return n, err
}
