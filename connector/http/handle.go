package http

import (
	"errors"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/weir-health/weir"
)

// refusal is an answer to a request that becomes no message. Its text holds
// nothing of the request.
type refusal struct {
	status     int
	text       string
	challenges []string // of WWW-Authenticate
}

func (r *refusal) Error() string { return r.text }

var (
	errNotFound = &refusal{status: 404, text: "There is nothing at this path."}
	errStopping = &refusal{status: 503, text: "The listener is stopping; send the message again later."}
	errNotKept  = &refusal{status: 500, text: "The message was not kept; send it again."}
	errOurs     = &refusal{status: 500, text: "The message could not be received."}
)

// handle answers one request.
func (l *Listener) handle(w http.ResponseWriter, r *http.Request) {
	x := &exchange{l: l, w: w, r: r, rc: http.NewResponseController(w)}
	l.event("receiving", r.RemoteAddr)
	defer l.event("idle", r.RemoteAddr)
	defer x.recover()
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	case <-r.Context().Done():
		return
	case <-l.open.Done():
		x.refuse(errStopping)
		return
	}
	if err := x.run(); err != nil {
		x.refuse(err)
	}
}

func (l *Listener) event(state, remote string) {
	l.env.Connection(weir.ConnectionEvent{State: state, Remote: remote})
}

// exchange is one request with its answer.
type exchange struct {
	l  *Listener
	w  http.ResponseWriter
	r  *http.Request
	rc *http.ResponseController

	body    []byte // as sent
	read    bool
	replied bool
}

// run authenticates, finds what is at the path, and answers.
func (x *exchange) run() error {
	if x.l.auth != nil {
		if err := x.l.auth.authenticate(x); err != nil {
			return err
		}
	}
	if served, err := x.serveStatic(); served || err != nil {
		return err
	}
	switch path := x.r.URL.Path; {
	case path == x.l.base && path != "":
		x.redirect()
		return nil
	case !strings.HasPrefix(path, x.l.base+"/"):
		return errNotFound
	}
	return x.message()
}

// redirect sends the client from /x to /x/, where the listener is.
func (x *exchange) redirect() {
	to := x.r.URL.EscapedPath() + "/"
	if x.r.URL.RawQuery != "" {
		to += "?" + x.r.URL.RawQuery
	}
	x.w.Header().Set("Location", to)
	x.write(http.StatusFound, nil)
}

// message has the request received and replies.
func (x *exchange) message() error {
	q, err := x.incoming()
	if err != nil {
		return err
	}
	in, err := x.l.inbound(q)
	if err != nil {
		return err
	}
	conn, _ := x.r.Context().Value(connKey{}).(net.Conn)
	if !x.l.enter(conn) {
		return errStopping
	}
	defer x.l.done(conn)
	reply, err := x.l.env.Receive(x.l.ctx, in)
	if err != nil {
		x.l.env.Log.Error("A message was not received and not acknowledged", "remote", x.r.RemoteAddr, "error", err)
		x.l.env.Connection(weir.ConnectionEvent{State: "failed", Remote: x.r.RemoteAddr, Detail: err.Error()})
		return errNotKept
	}
	if err := x.reply(reply); err != nil {
		if reply.Failed != nil {
			reply.Failed(err)
		}
		x.l.env.Log.Warn("The reply could not be sent", "remote", x.r.RemoteAddr, "message", reply.MessageID, "error", err)
	}
	return nil
}

// refuse answers a request that became no message.
func (x *exchange) refuse(err error) {
	var why *refusal
	if !errors.As(err, &why) {
		x.l.env.Log.Error("A request could not be answered", "remote", x.r.RemoteAddr, "error", err)
		why = errOurs
	}
	if x.replied {
		return
	}
	if why.status != http.StatusUnauthorized {
		x.l.env.Connection(weir.ConnectionEvent{State: "failed", Remote: x.r.RemoteAddr, Detail: why.text})
	}
	h := x.w.Header()
	h.Set("Content-Type", "text/plain;charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	for _, c := range why.challenges {
		h.Add("WWW-Authenticate", c)
	}
	_ = x.write(why.status, []byte(why.text+"\n")) // the client may be gone
}

// write writes an answer, within the time for it, and sees it on its way.
func (x *exchange) write(status int, body []byte) error {
	x.linger()
	return x.writing(func() error {
		x.replied = true
		if bodyAllowed(status) {
			x.w.Header().Set("Content-Length", textOf(len(body)))
		}
		x.w.WriteHeader(status)
		if len(body) > 0 && bodyAllowed(status) {
			if _, err := x.w.Write(body); err != nil {
				return err
			}
		}
		return x.rc.Flush()
	})
}

// writing limits the time for writing.
func (x *exchange) writing(f func() error) error {
	if limit := x.l.RequestTimeout; limit > 0 {
		_ = x.rc.SetWriteDeadline(time.Now().Add(limit + lingering))
		defer func() { _ = x.rc.SetWriteDeadline(time.Time{}) }()
	}
	return f()
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// recover turns a fault of the connector into an answer and a line in the log.
func (x *exchange) recover() {
	if p := recover(); p != nil {
		x.l.env.Log.Error("A request could not be answered because of a fault in the engine", "remote", x.r.RemoteAddr, "stack", string(debug.Stack()))
		x.refuse(errOurs)
	}
}

// whole returns the body as sent. It may be called again.
func (x *exchange) whole() ([]byte, error) {
	if x.read {
		return x.body, nil
	}
	limit := x.l.MaxBody
	if x.r.ContentLength > int64(limit) {
		x.w.Header().Set("Connection", "close")
		return nil, errBodyTooLarge
	}
	in := &patient{x: x}
	if x.l.RequestTimeout > 0 {
		in.until = time.Now().Add(x.l.RequestTimeout)
	}
	body, err := readLimited(in, limit, errBodyTooLarge)
	if err != nil {
		x.w.Header().Set("Connection", "close") // what follows cannot be told from the body
		return nil, bodyRefusal(err)
	}
	_ = x.rc.SetReadDeadline(time.Time{})
	x.body, x.read = body, true
	return body, nil
}

// lingering is how long after an answer the rest of a body that nobody wants is
// taken, so that the client gets to read the answer.
const lingering = 500 * time.Millisecond

// linger limits the time for the rest of the body.
func (x *exchange) linger() {
	if !x.read && x.r.ContentLength != 0 {
		_ = x.rc.SetReadDeadline(time.Now().Add(lingering))
	}
}

// patient reads a body as long as there is progress.
type patient struct {
	x     *exchange
	until time.Time // zero: no limit
}

func (p *patient) Read(b []byte) (int, error) {
	deadline := p.until
	if idle := p.x.l.idle; idle > 0 {
		if soon := time.Now().Add(idle); deadline.IsZero() || soon.Before(deadline) {
			deadline = soon
		}
	}
	_ = p.x.rc.SetReadDeadline(deadline)
	return p.x.r.Body.Read(b)
}
