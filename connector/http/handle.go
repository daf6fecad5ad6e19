package http

import (
	"net/http"
	"strings"

	"github.com/weir-health/weir/connector/httpserver"
)

// exchange is one request with its answer.
type exchange struct {
	*httpserver.Exchange
	l *Listener
}

// handle finds what is at the path, and answers.
func (l *Listener) handle(server *httpserver.Exchange) error {
	x := &exchange{server, l}
	if served, err := x.serveStatic(); served || err != nil {
		return err
	}
	switch path := x.R.URL.Path; {
	case path == l.base && path != "":
		x.redirect()
		return nil
	case !strings.HasPrefix(path, l.base+"/"):
		return httpserver.ErrNotFound
	}
	return x.message()
}

// redirect sends the client from /x to /x/, where the listener is.
func (x *exchange) redirect() {
	to := x.R.URL.EscapedPath() + "/"
	if x.R.URL.RawQuery != "" {
		to += "?" + x.R.URL.RawQuery
	}
	x.W.Header().Set("Location", to)
	_ = x.Write(http.StatusFound, nil) // the client may be gone
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
	return x.Message(in, x.reply)
}
