package http

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/tlsconfig"
)

// ListenerType is how the engine knows this connector.
var ListenerType = weir.SourceType{
	Name:    "HTTP Listener",
	Summary: "Receives each HTTP request as a message and answers it.",
	New:     func() weir.Source { return new(Listener) },
}

// Limits of what strangers may send, as the defaults of settings.
const (
	defaultMaxBody        = 64 << 20
	defaultMaxHeader      = 64 << 10
	defaultMaxRequests    = 200 // as many as Mirth has threads
	defaultRequestTimeout = 5 * time.Minute
)

// Listener is the "HTTP Listener" source.
type Listener struct {
	Plugins        config.Setting
	Listen         connector.ListenerSettings
	Source         connector.SourceSettings
	XMLBody        bool
	ParseMultipart bool
	Metadata       bool
	BinaryTypes    config.Template
	BinaryRegex    bool
	Reply          replySettings
	ContextPath    config.Template
	Timeout        config.Template // milliseconds
	Static         config.Setting

	MaxBody        int // bytes
	MaxHeader      int // bytes
	MaxRequests    int
	RequestTimeout time.Duration
	BindRetries    int
	TLS            tlsconfig.Server

	env     weir.SourceEnv
	base    string // context path: empty, or begins with a slash and does not end with one
	idle    time.Duration
	types   binaryTypes
	charset charset.Charset // of replies
	auth    authenticator   // nil: anybody may send
	static  []*staticResource

	ctx      context.Context // of messages; ends when connections are cut
	cut      context.CancelFunc
	open     context.Context // ends when no more messages are taken
	shut     context.CancelFunc
	slots    chan struct{} // requests that are read or processed
	server   *http.Server
	listener net.Listener
	serving  sync.WaitGroup

	mu       sync.Mutex
	stopping bool
	conns    map[net.Conn]bool // whether a message is between Receive and its reply
	gone     chan struct{}     // closed when stopping and there are no connections
}

// Fields lists the settings.
func (l *Listener) Fields(f *config.Fields) {
	f.Group(&l.Plugins, "pluginProperties", "How senders authenticate: None, Basic, Digest or OAuth2 token verification, as Mirth's HTTP authentication has it. Other settings of extensions are kept for export, without effect.")
	l.Listen.Fields(f, "80")
	l.Source.Fields(f)
	f.Bool(&l.XMLBody, "xmlBody", false, "Make the message an XML document around the body of the request.")
	f.Bool(&l.ParseMultipart, "parseMultipart", true, "Show the parts of a multipart body in the XML document.")
	f.Bool(&l.Metadata, "includeMetadata", false, "Show address, method, parameters and headers in the XML document.")
	f.Template(&l.BinaryTypes, "binaryMimeTypes", binaryDefault, "Media types of requests that are bytes and become messages in base64.")
	f.Bool(&l.BinaryRegex, "binaryMimeTypesRegex", true, "The types are a regular expression. Off: they are beginnings, separated by commas.")
	l.Reply.Fields(f)
	f.Template(&l.ContextPath, "contextPath", "", "Path that requests must begin with; those for other paths are answered 404.")
	f.Template(&l.Timeout, "timeout", "30000", "Milliseconds without progress after which a connection is closed, between requests and within one; 0 means never.")
	f.Group(&l.Static, "staticResources", "Files, directories and texts that are answered to GET requests for their paths.")

	f.Int(&l.MaxBody, "maxBodyBytes", defaultMaxBody, "Largest body accepted, in bytes, as sent and decompressed.").Range(1, 2<<30-1)
	f.Int(&l.MaxHeader, "maxHeaderBytes", defaultMaxHeader, "Largest request line and headers accepted, in bytes together.").Range(1024, 1<<24)
	f.Int(&l.MaxRequests, "maxRequests", defaultMaxRequests, "How many requests are read and processed at once; others wait.").Range(1, 1<<20)
	f.Millis(&l.RequestTimeout, "requestTimeout", defaultRequestTimeout, "Longest time in milliseconds for reading a request, and again for writing its reply; 0 means no limit.")
	f.Int(&l.BindRetries, "bindRetries", 3, "How many more times, a second apart, a port that is in use is tried before the start fails.").Range(0, 3600)
	l.TLS.Fields(f)
}

// Start binds the port.
func (l *Listener) Start(ctx context.Context, env weir.SourceEnv) error {
	l.env = env
	if err := l.prepare(); err != nil {
		return err
	}
	cfg, err := l.TLS.Config(env.Log)
	if err != nil {
		return err
	}
	if l.listener, err = bind(ctx, env.Resolve(l.Listen.Host), env.Resolve(l.Listen.Port), l.BindRetries); err != nil {
		return err
	}
	l.ctx, l.cut = context.WithCancel(context.Background())
	l.open, l.shut = context.WithCancel(l.ctx)
	l.slots = make(chan struct{}, l.MaxRequests)
	l.conns, l.gone = map[net.Conn]bool{}, make(chan struct{})
	l.server = &http.Server{
		Handler:           http.HandlerFunc(l.handle),
		ReadHeaderTimeout: l.idle,
		IdleTimeout:       l.idle,
		MaxHeaderBytes:    l.MaxHeader,
		ErrorLog:          slog.NewLogLogger(env.Log.Handler(), slog.LevelWarn),
		ConnState:         l.connState,
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	serving := l.listener
	if cfg != nil {
		serving = tls.NewListener(l.listener, cfg)
	}
	l.serving.Go(func() {
		if err := l.server.Serve(serving); err != nil && l.open.Err() == nil {
			env.Log.Error("The listener takes no more connections", "error", err)
			env.Connection(weir.ConnectionEvent{State: "failed", Detail: err.Error()})
		}
	})
	env.Connection(weir.ConnectionEvent{State: "idle"})
	return nil
}

// prepare reads the settings into the form in which they are used.
func (l *Listener) prepare() (err error) {
	if l.XMLBody && l.Source.ProcessBatch {
		return &weir.Fault{At: "xmlBody", Err: errors.New("a request in an XML document cannot be split as a batch"),
			Hint: "Turn batch processing or the XML body off."}
	}
	if l.types, err = binaryTypesOf(l.env.Resolve(l.BinaryTypes), l.BinaryRegex, "binaryMimeTypes"); err != nil {
		return err
	}
	if l.charset, err = charset.Lookup(l.Reply.Charset); err != nil {
		return &weir.Fault{At: "charset", Err: err, Hint: "Use a name such as UTF-8 or ISO-8859-1."}
	}
	if l.auth, err = l.authenticator(); err != nil {
		return err
	}
	l.base = contextPath(l.env.Resolve(l.ContextPath))
	l.idle = millis(l.env.Resolve(l.Timeout), 0)
	l.static, err = l.staticResources()
	return err
}

// contextPath brings a path into the form in which it is compared: /a/b, or
// nothing.
func contextPath(text string) string {
	text = strings.Trim(strings.TrimSpace(text), "/")
	if text == "" {
		return ""
	}
	return "/" + text
}

// Addr returns the address on which a started listener listens.
func (l *Listener) Addr() net.Addr { return l.listener.Addr() }

type connKey struct{}

// connState keeps count of the connections.
func (l *Listener) connState(c net.Conn, state http.ConnState) {
	l.mu.Lock()
	refused := l.stopping
	switch state {
	case http.StateNew:
		if !refused {
			l.conns[c] = false
		}
	case http.StateClosed, http.StateHijacked:
		delete(l.conns, c)
		l.leave()
	}
	count := len(l.conns)
	l.mu.Unlock()
	switch {
	case state == http.StateNew && refused:
		c.Close()
	case state == http.StateNew:
		l.env.Connection(weir.ConnectionEvent{State: "connected", Remote: c.RemoteAddr().String(), Count: count})
	case state == http.StateClosed:
		l.env.Connection(weir.ConnectionEvent{State: "disconnected", Remote: c.RemoteAddr().String(), Count: count})
	}
}

// leave reports to Stop that the last connection is gone. The caller holds l.mu.
func (l *Listener) leave() {
	if l.stopping && len(l.conns) == 0 {
		select {
		case <-l.gone:
		default:
			close(l.gone)
		}
	}
}

// enter marks a connection that is not to be closed; false means that the
// listener takes no more messages.
func (l *Listener) enter(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.stopping {
		l.conns[c] = true
	}
	return !l.stopping
}

func (l *Listener) done(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.conns[c]; ok {
		l.conns[c] = false
	}
}

// Stop closes the port and every connection on which no message is in hand, and
// waits for the others to be answered.
func (l *Listener) Stop(ctx context.Context) error {
	l.shut()
	defer l.cut()
	l.listener.Close()
	l.server.SetKeepAlivesEnabled(false)
	l.mu.Lock()
	l.stopping = true
	for c, busy := range l.conns {
		if !busy {
			c.Close()
		}
	}
	l.leave()
	l.mu.Unlock()
	var err error
	select {
	case <-l.gone:
	case <-ctx.Done():
		err = ctx.Err()
	}
	l.server.Close()
	l.serving.Wait()
	return err
}

var _ weir.Source = (*Listener)(nil)
