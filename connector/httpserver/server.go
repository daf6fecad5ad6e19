// Package httpserver is what the connectors that listen for HTTP have in common:
// the port, TLS, authentication, limits in size, time and number, and an end that
// loses no message.
//
//	l.Server.Handle = func(x *httpserver.Exchange) error {
//		body, err := x.Decoded()
//		if err != nil {
//			return err // is answered
//		}
//		return x.Message(weir.Inbound{Text: string(body)}, func(reply weir.Reply) error {
//			return x.Write(http.StatusOK, nil)
//		})
//	}
//	return l.Server.Start(ctx, env)
package httpserver

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/bind"
	"github.com/weir-health/weir/connector/door"
	"github.com/weir-health/weir/connector/tlsconfig"
)

// Limits of what strangers may send, as the defaults of settings.
const (
	defaultMaxBody        = 64 << 20
	defaultMaxHeader      = 64 << 10
	defaultMaxRequests    = 200 // as many as Mirth has threads
	defaultRequestTimeout = 5 * time.Minute
)

// Server is an HTTP server with its settings.
type Server struct {
	Plugins config.Setting
	Listen  connector.ListenerSettings

	MaxBody        int   // bytes
	MaxStream      int64 // bytes of a body that is not read into memory
	MaxHeader      int   // bytes
	MaxRequests    int
	RequestTimeout time.Duration
	BindRetries    int
	TLS            tlsconfig.Server

	// Idle is the longest time without progress, between requests and within one; 0
	// means no limit. Handle answers a request whose sender may send; an error that
	// is no Refusal is logged, and answered 500. Both are set before Start.
	Idle   time.Duration
	Handle func(x *Exchange) error

	env  weir.SourceEnv
	auth authenticator // nil: anybody may send

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

// Fields lists the settings that come before those of the connector.
func (s *Server) Fields(f *config.Fields, port string) {
	f.Group(&s.Plugins, "pluginProperties", "How senders authenticate: None, Basic, Digest or OAuth2 token verification, as Mirth's HTTP authentication has it. Other settings of extensions are kept for export, without effect.")
	s.Listen.Fields(f, port)
}

// LimitFields lists the settings that come after those of the connector.
func (s *Server) LimitFields(f *config.Fields) {
	f.Int(&s.MaxBody, "maxBodyBytes", defaultMaxBody, "Largest body accepted, in bytes, as sent and decompressed.").Range(1, 2<<30-1)
	f.Int(&s.MaxHeader, "maxHeaderBytes", defaultMaxHeader, "Largest request line and headers accepted, in bytes together.").Range(1024, 1<<24)
	f.Int(&s.MaxRequests, "maxRequests", defaultMaxRequests, "How many requests are read and processed at once; others wait.").Range(1, 1<<20)
	f.Millis(&s.RequestTimeout, "requestTimeout", defaultRequestTimeout, "Longest time in milliseconds for reading a request, and again for writing its reply; 0 means no limit. Of a body that is read piece by piece it is for each 16 MiB.")
	f.Int(&s.BindRetries, "bindRetries", 3, "How many more times, a second apart, a port that is in use is tried before the start fails.").Range(0, 3600)
	s.TLS.Fields(f)
}

// Start binds the port.
func (s *Server) Start(ctx context.Context, env weir.SourceEnv) (err error) {
	s.env = env
	if s.auth, err = s.authenticator(); err != nil {
		return err
	}
	cfg, err := s.TLS.Config(env.Log)
	if err != nil {
		return err
	}
	address, err := bind.Address(env.Resolve(s.Listen.Host), env.Resolve(s.Listen.Port))
	if err != nil {
		return err
	}
	if s.listener, err = bind.Retry(ctx, address, s.BindRetries, bind.TCP); err != nil {
		return err
	}
	s.listener = door.Before(s.listener, s.Listen.Door, env)
	s.ctx, s.cut = context.WithCancel(context.Background())
	s.open, s.shut = context.WithCancel(s.ctx)
	s.slots = make(chan struct{}, s.MaxRequests)
	s.conns, s.gone = map[net.Conn]bool{}, make(chan struct{})
	s.server = &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: s.Idle,
		IdleTimeout:       s.Idle,
		MaxHeaderBytes:    s.MaxHeader,
		ErrorLog:          slog.NewLogLogger(env.Log.Handler(), slog.LevelWarn),
		ConnState:         s.connState,
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	serving := s.listener
	if cfg != nil {
		serving = tls.NewListener(s.listener, cfg)
	}
	s.serving.Go(func() {
		if err := s.server.Serve(serving); err != nil && s.open.Err() == nil {
			env.Log.Error("The listener takes no more connections", "error", err)
			env.Connection(weir.ConnectionEvent{State: "failed", Detail: err.Error()})
		}
	})
	env.Connection(weir.ConnectionEvent{State: "idle"})
	return nil
}

// Addr returns the address on which a started server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Lookup finds a variable in the maps that there are without a message.
func (s *Server) Lookup(name string) (any, bool) {
	if s.env.Lookup == nil {
		return nil, false
	}
	return s.env.Lookup(name)
}

type connKey struct{}

// connState keeps count of the connections.
func (s *Server) connState(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	refused := s.stopping
	switch state {
	case http.StateNew:
		if !refused {
			s.conns[c] = false
		}
	case http.StateClosed, http.StateHijacked:
		delete(s.conns, c)
		s.leave()
	}
	count := len(s.conns)
	s.mu.Unlock()
	switch {
	case state == http.StateNew && refused:
		c.Close()
	case state == http.StateNew:
		s.env.Connection(weir.ConnectionEvent{State: "connected", Remote: c.RemoteAddr().String(), Count: count})
	case state == http.StateClosed:
		s.env.Connection(weir.ConnectionEvent{State: "disconnected", Remote: c.RemoteAddr().String(), Count: count})
	}
}

// leave reports to Stop that the last connection is gone. The caller holds s.mu.
func (s *Server) leave() {
	if s.stopping && len(s.conns) == 0 {
		select {
		case <-s.gone:
		default:
			close(s.gone)
		}
	}
}

// enter marks a connection that is not to be closed; false means that the
// listener takes no more messages.
func (s *Server) enter(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopping {
		s.conns[c] = true
	}
	return !s.stopping
}

func (s *Server) done(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.conns[c]; ok {
		s.conns[c] = false
	}
}

// Stop closes the port and every connection on which no message is in hand, and
// waits for the others to be answered.
func (s *Server) Stop(ctx context.Context) error {
	s.shut()
	defer s.cut()
	s.listener.Close()
	s.server.SetKeepAlivesEnabled(false)
	s.mu.Lock()
	s.stopping = true
	for c, busy := range s.conns {
		if !busy {
			c.Close()
		}
	}
	s.leave()
	s.mu.Unlock()
	var err error
	select {
	case <-s.gone:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.server.Close()
	s.serving.Wait()
	return err
}
