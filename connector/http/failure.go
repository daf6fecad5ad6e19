package http

import (
	"errors"
	"io"
	"net"
	"net/url"

	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/httpclient"
)

// failure is the status message of a request that got no response, with what Mirth's web
// client says about err. cause is what the watch says of it.
func (q *request) failure(err, cause error) string {
	const text = "Error connecting to HTTP server"
	slow := errors.Is(cause, httpclient.ErrSlow)
	exception, message := connector.Java(err)
	switch dialing := connector.Dialing(err); {
	case exception == "UnknownHostException":
		message += ": Name or service not known"
	case exception == "ConnectException":
		exception, message = "HttpHostConnectException", q.connectTo(err)+message
	case dialing && (slow || exception == "SocketTimeoutException"):
		exception, message = "ConnectTimeoutException", q.connectTo(err)+"Connect timed out"
	case slow:
		exception, message = "SocketTimeoutException", "Read timed out"
	case errors.Is(err, io.ErrUnexpectedEOF):
		exception = "" // the words depend on how the body is framed
	case errors.Is(err, io.EOF):
		exception, message = "NoHttpResponseException", address(q.url)+" failed to respond"
	}
	return connector.Caused(text, exception, message)
}

// connectTo says where there is no connection to: by name, and by the address tried.
func (q *request) connectTo(err error) string {
	to, tried := q.url, ""
	if q.proxy != nil {
		to = q.proxy
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		tried, _, _ = net.SplitHostPort(op.Addr.String())
	}
	name := to.Hostname()
	if net.ParseIP(name) != nil {
		name = ""
	}
	return "Connect to " + address(to) + " [" + name + "/" + tried + "] failed: "
}

// address is host and port, the one of the scheme where none is given.
func address(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}
