package tcp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/bind"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/door"
	"github.com/weir-health/weir/connector/stream"
	"github.com/weir-health/weir/connector/tlsconfig"
	"github.com/weir-health/weir/wire/mllp"
)

// ListenerType is how the engine knows this connector.
var ListenerType = weir.SourceType{
	Name:    "TCP Listener",
	Summary: "Receives messages over TCP, framed as MLLP or by other start and end bytes.",
	New:     func() weir.Source { return new(Listener) },
}

// Listener is the "TCP Listener" source.
type Listener struct {
	Plugins              config.Setting
	Listen               connector.ListenerSettings
	Source               connector.SourceSettings
	Transmission         transmission
	ServerMode           bool
	RemoteAddress        config.Template
	RemotePort           config.Template
	OverrideLocalBinding bool
	ReconnectInterval    config.Template // milliseconds, as all texts that are numbers
	ReceiveTimeout       config.Template
	MaxConnections       config.Template
	KeepConnectionOpen   bool
	Binary               bool
	Charset              string
	Respond              int // respondOn…
	ResponseAddress      config.Template
	ResponsePort         config.Template

	MaxFrame     int   // bytes
	MaxStream    int64 // bytes of a message that is not read into memory
	FrameTimeout time.Duration
	BindRetries  int
	TLS          tlsconfig.Either
	ReplyTLS     tlsconfig.Client // for replies on a new connection

	env            weir.SourceEnv
	ctx            context.Context // ends when connections are cut
	cut            context.CancelFunc
	open           context.Context // ends when no more messages are taken
	shut           context.CancelFunc
	framers        framers
	writing        mllp.Options
	charset        charset.Charset
	tls            *tls.Config       // for those who connect; nil: without
	remoteTLS      *tlsconfig.Client // in client mode
	receiveTimeout time.Duration
	maxConnections int
	bind           func(ctx context.Context, address string) (net.Listener, error)

	work sync.WaitGroup // the accept or the connect loop, and sessions

	mu       sync.Mutex
	stopping bool
	listener net.Listener
	sessions map[*session]struct{}
	full     bool // that there are too many connections has been logged
}

// Values of Respond. Recovered messages have nobody waiting on a connection, so
// respondRecovered is the same as respondHere for all that a sender sees.
const (
	respondHere      = 0
	respondAnew      = 1
	respondRecovered = 2
)

// Fields lists the settings.
func (l *Listener) Fields(f *config.Fields) {
	f.Group(&l.Plugins, "pluginProperties", "Settings of extensions; kept for export, without effect.")
	l.Listen.Fields(f, "6661")
	l.Source.FieldsWith(f, connector.RespondAfterTransformer, true)
	l.Transmission.Fields(f)
	f.Bool(&l.ServerMode, "serverMode", true, "Wait for connections. Off: connect to the remote system and receive from there.")
	f.Template(&l.RemoteAddress, "remoteAddress", "", "Name or address of the remote system to connect to, with server mode off.")
	f.Template(&l.RemotePort, "remotePort", "", "Port of the remote system to connect to, with server mode off.")
	f.Bool(&l.OverrideLocalBinding, "overrideLocalBinding", false, "Connect from the listener's own address and port, with server mode off.")
	f.Template(&l.ReconnectInterval, "reconnectInterval", "5000", "Milliseconds before connecting again, with server mode off.")
	f.Template(&l.ReceiveTimeout, "receiveTimeout", "0",
		"Milliseconds of silence after which a connection that is not kept open is closed, and after which a message without end bytes ends; 0 means never.")
	f.Kept("bufferSize", "Bytes read at once; has no effect, since buffers grow with the messages.")
	f.Template(&l.MaxConnections, "maxConnections", "10", "How many connections there may be at once. Further ones are closed at once.")
	f.Bool(&l.KeepConnectionOpen, "keepConnectionOpen", true, "Leave the connection open for further messages.")
	f.Bool(&l.Binary, "dataTypeBinary", false, "Messages are bytes, not text: they are handed on, and replies are expected, in base64.")
	f.String(&l.Charset, "charsetEncoding", "DEFAULT_ENCODING", "Character set of messages and replies; DEFAULT_ENCODING is UTF-8.")
	f.Int(&l.Respond, "respondOnNewConnection", respondHere,
		"Where replies go: 0 to the connection of the message, 1 to a new connection, 2 to a new connection for recovered messages only.").Range(0, 2)
	f.Template(&l.ResponseAddress, "responseAddress", "", "Name or address of the system that gets replies on a new connection.")
	f.Template(&l.ResponsePort, "responsePort", "", "Port of the system that gets replies on a new connection.")
	f.Kept("responseConnectorPluginProperties", "Settings of extensions for new connections of replies; without effect.")

	f.Int(&l.MaxFrame, "maxFrameBytes", mllp.DefaultMaxFrame, "Largest message accepted, in bytes.").Range(1, 2<<30-1)
	f.Int64(&l.MaxStream, "maxStreamBytes", stream.DefaultMax, "Largest message that is read piece by piece, where the channel can take large messages so.")
	f.Millis(&l.FrameTimeout, "frameTimeout", 5*time.Minute,
		"Longest time in milliseconds from the first byte of a message to its last, and for writing a reply; 0 means no limit. Of a message that is read piece by piece it is for each 16 MiB.")
	f.Int(&l.BindRetries, "bindRetries", 3, "How many more times, a second apart, a port that is in use is tried before the start fails.").Range(0, 3600)
	l.TLS.Fields(f)
	l.ReplyTLS.FieldsIn(f, "responseTls")
}

// SourceSettings returns the shared settings, whose defaults differ from those
// of other sources.
func (l *Listener) SourceSettings() connector.SourceSettings { return l.Source }

// Start binds the port, or in client mode begins to connect.
func (l *Listener) Start(ctx context.Context, env weir.SourceEnv) error {
	l.env = env
	if err := l.prepare(); err != nil {
		return err
	}
	l.ctx, l.cut = context.WithCancel(context.Background())
	l.open, l.shut = context.WithCancel(l.ctx)
	l.sessions = map[*session]struct{}{}
	if !l.ServerMode {
		if err := l.checkRemote(); err != nil {
			return err
		}
		l.work.Go(l.connectLoop)
		return nil
	}
	listener, err := l.listen(ctx)
	if err != nil {
		return err
	}
	l.listener = door.Before(listener, l.Listen.Door, env)
	l.work.Go(l.acceptLoop)
	env.Connection(weir.ConnectionEvent{State: "idle"})
	return nil
}

// prepare reads the settings into the form in which they are used.
func (l *Listener) prepare() (err error) {
	if l.Binary && l.Source.ProcessBatch {
		return &weir.Fault{At: "dataTypeBinary", Err: errors.New("a binary message cannot be split as a batch"),
			Hint: "Turn batch processing or binary off."}
	}
	if len(l.Plugins.Group) > 0 {
		l.env.Log.Warn("Settings of extensions have no effect; for TLS use the settings of the group tls", "setting", "pluginProperties")
	}
	if l.charset, err = charset.Lookup(l.Charset); err != nil {
		return err
	}
	if err = l.prepareTLS(); err != nil {
		return err
	}
	if l.writing, err = l.Transmission.options(l.MaxFrame); err != nil {
		return err
	}
	l.receiveTimeout = millis(l.env.Resolve(l.ReceiveTimeout))
	l.maxConnections = max(whole(l.env.Resolve(l.MaxConnections)), 1)
	l.framers.opt = l.writing
	l.framers.opt.Idle, l.framers.opt.Gap = l.receiveTimeout, l.receiveTimeout
	if len(l.writing.Framing.End) > 0 {
		l.framers.opt.Frame = l.FrameTimeout
	}
	return nil
}

// prepareTLS reads the certificates of the connections that there will be.
func (l *Listener) prepareTLS() (err error) {
	if l.ServerMode {
		l.tls, err = l.TLS.Server().Config(l.env.Log)
	} else {
		l.remoteTLS = l.TLS.Client()
		err = l.remoteTLS.Open(l.env.Log)
	}
	if err != nil || l.Respond != respondAnew {
		return err
	}
	if l.TLS.Enabled && !l.ReplyTLS.Enabled {
		l.env.Log.Warn("Messages come over TLS, but replies are sent on new connections without", "setting", "responseTls.enabled")
	}
	return l.ReplyTLS.Open(l.env.Log)
}

func (l *Listener) localAddress() (string, error) {
	return bind.Address(l.env.Resolve(l.Listen.Host), l.env.Resolve(l.Listen.Port))
}

func (l *Listener) listen(ctx context.Context) (net.Listener, error) {
	address, err := l.localAddress()
	if err != nil {
		return nil, err
	}
	if l.bind == nil {
		l.bind = bind.TCP
	}
	return bind.Retry(ctx, address, l.BindRetries, l.bind)
}

// Addr returns the address on which a started listener listens, nil in client
// mode.
func (l *Listener) Addr() net.Addr {
	if l.listener == nil {
		return nil
	}
	return l.listener.Addr()
}

// acceptLoop takes connections until the listener is closed.
func (l *Listener) acceptLoop() {
	pause := time.Duration(0)
	for {
		conn, err := l.listener.Accept()
		if err == nil {
			pause = 0
			l.admit(conn)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		// Most likely there are too many open files: it heals when some are closed.
		pause = min(max(2*pause, 10*time.Millisecond), time.Second)
		l.env.Log.Error("A connection could not be accepted; it is tried again", "error", err)
		select {
		case <-time.After(pause):
		case <-l.open.Done():
		}
	}
}

// admit starts a session, unless there are too many.
func (l *Listener) admit(conn net.Conn) {
	if l.tls != nil {
		conn = tls.Server(conn, l.tls)
	}
	s := newSession(l, conn)
	l.mu.Lock()
	count := len(l.sessions)
	refused := l.stopping || count >= l.maxConnections
	tell := refused && !l.stopping && !l.full
	if refused {
		l.full = true
	} else {
		l.sessions[s] = struct{}{}
		l.full = false
		l.work.Go(s.run)
	}
	l.mu.Unlock()
	if !refused {
		l.env.Connection(weir.ConnectionEvent{State: "connected", Remote: s.remote, Count: count + 1})
		return
	}
	s.raw.Close()
	if tell {
		l.env.Log.Warn("Connections beyond the largest number are closed", "setting", "maxConnections", "limit", l.maxConnections, "remote", s.remote)
	}
}

// leave takes a session off the list.
func (l *Listener) leave(s *session) {
	l.mu.Lock()
	delete(l.sessions, s)
	count := len(l.sessions)
	l.mu.Unlock()
	l.env.Connection(weir.ConnectionEvent{State: "disconnected", Remote: s.remote, Count: count})
}

// Stop closes the port and every connection that waits for a message, and waits
// for the others to finish and be answered.
func (l *Listener) Stop(ctx context.Context) error {
	l.mu.Lock()
	l.stopping = true
	l.shut()
	for s := range l.sessions {
		if !s.busy {
			s.raw.Close()
		}
	}
	l.mu.Unlock()
	if l.listener != nil {
		l.listener.Close()
	}
	done := make(chan struct{})
	go func() {
		l.work.Wait()
		close(done)
	}()
	defer l.cut()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	for s := range l.sessions {
		s.raw.Close()
	}
	l.mu.Unlock()
	return ctx.Err()
}

var _ weir.Source = (*Listener)(nil)
