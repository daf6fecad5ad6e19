package tcp

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/stream"
	"github.com/weir-health/weir/connector/tlsconfig"
	"github.com/weir-health/weir/wire/mllp"
)

// SenderType is how the engine knows this connector.
var SenderType = weir.DestinationType{
	Name:    "TCP Sender",
	Summary: "Sends each message over TCP, framed as MLLP or by other start and end bytes, and waits for the response.",
	New:     func() weir.Destination { return new(Sender) },
}

// Sender is the "TCP Sender" destination.
type Sender struct {
	Plugins              config.Setting
	Destination          connector.DestinationSettings
	Transmission         transmission
	ServerMode           bool
	RemoteAddress        config.Template
	RemotePort           config.Template
	OverrideLocalBinding bool
	LocalAddress         config.Template
	LocalPort            config.Template
	SendTimeout          config.Template // milliseconds, as all texts that are numbers
	MaxConnections       config.Template
	KeepConnectionOpen   bool
	ResponseTimeout      config.Template
	IgnoreResponse       bool
	QueueOnTimeout       bool
	Binary               bool
	Charset              string
	Template             config.Template

	MaxFrame     int // bytes
	FrameTimeout time.Duration
	TLS          tlsconfig.Either

	env         weir.DestinationEnv
	charset     charset.Charset
	writing     mllp.Options
	responses   framers
	sendTimeout time.Duration // idle time of a kept connection
	wait        time.Duration // for connecting, and for the response
	sockets     sockets
	tls         *tlsconfig.Client
	clients     *clients // in server mode

	dial func(ctx context.Context, key socketKey) (net.Conn, error)
	bind func(ctx context.Context, address string) (net.Listener, error) // in server mode
}

// Fields lists the settings.
func (s *Sender) Fields(f *config.Fields) {
	f.Group(&s.Plugins, "pluginProperties", "Settings of extensions; kept for export, without effect.")
	s.Destination.FieldsWith(f, true)
	s.Transmission.Fields(f)
	f.Bool(&s.ServerMode, "serverMode", false, "Wait for connections on the local address, and send every message to all who are connected.")
	f.Template(&s.RemoteAddress, "remoteAddress", "127.0.0.1", "Name or address of the remote system.")
	f.Template(&s.RemotePort, "remotePort", "6660", "Port of the remote system.")
	f.Bool(&s.OverrideLocalBinding, "overrideLocalBinding", false, "Connect from the local address and port below.")
	f.Template(&s.LocalAddress, "localAddress", "0.0.0.0", "Address of this computer from which to connect, or on which to wait in server mode.")
	f.Template(&s.LocalPort, "localPort", "0", "Port from which to connect, or on which to wait in server mode; 0 means any.")
	f.Template(&s.SendTimeout, "sendTimeout", "5000", "Milliseconds after which a connection that is kept open and not used is closed; 0 means never.")
	f.Kept("bufferSize", "Bytes read at once; has no effect, since buffers grow with the messages.")
	f.Template(&s.MaxConnections, "maxConnections", "10", "How many clients there may be at once in server mode.")
	f.Bool(&s.KeepConnectionOpen, "keepConnectionOpen", false, "Use the connection again for the next message.")
	f.Kept("checkRemoteHost", "Look whether the other side has closed a connection before it is used again; has no effect, since this is always done.")
	f.Template(&s.ResponseTimeout, "responseTimeout", "5000", "Longest wait in milliseconds to connect, and again for the response; 0 means no limit.")
	f.Bool(&s.IgnoreResponse, "ignoreResponse", false, "Do not wait for a response.")
	f.Bool(&s.QueueOnTimeout, "queueOnResponseTimeout", true, "Queue a message whose response does not come in time. Off: it is an error.")
	f.Bool(&s.Binary, "dataTypeBinary", false, "The template is base64 and sent as bytes.")
	f.String(&s.Charset, "charsetEncoding", "DEFAULT_ENCODING", "Character set of messages and responses; DEFAULT_ENCODING is UTF-8.")
	f.Template(&s.Template, "template", "${message.encodedData}", "What is sent.")

	f.Int(&s.MaxFrame, "maxFrameBytes", mllp.DefaultMaxFrame, "Largest response accepted, in bytes.").Range(1, 2<<30-1)
	f.Millis(&s.FrameTimeout, "frameTimeout", 5*time.Minute,
		"Longest time in milliseconds for writing a message, and from the first byte of a response to its last; 0 means no limit. Of a message that is too large for memory it is for each 16 MiB.")
	s.TLS.Fields(f)
}

// DestinationSettings returns the shared settings, whose defaults differ from
// those of other destinations.
func (s *Sender) DestinationSettings() connector.DestinationSettings { return s.Destination }

// Open checks the settings, and in server mode binds the port.
func (s *Sender) Open(ctx context.Context, env weir.DestinationEnv) (err error) {
	s.env = env
	if len(s.Plugins.Group)+len(s.Destination.Plugins.Group) > 0 {
		env.Log.Warn("Settings of extensions have no effect; for TLS use the settings of the group tls", "setting", "pluginProperties")
	}
	if s.charset, err = charset.Lookup(s.Charset); err != nil {
		return err
	}
	if s.writing, err = s.Transmission.options(s.MaxFrame); err != nil {
		return err
	}
	s.sendTimeout = millis(env.Resolve(s.SendTimeout))
	s.wait = millis(env.Resolve(s.ResponseTimeout))
	s.responses.opt = s.writing
	s.responses.opt.Idle, s.responses.opt.Gap = s.wait, s.wait
	if len(s.writing.Framing.End) > 0 {
		s.responses.opt.Frame = s.FrameTimeout
	}
	if s.ServerMode {
		return s.openServer(ctx)
	}
	if s.dial == nil {
		s.dial = s.dialTCP
	}
	s.tls = s.TLS.Client()
	return s.tls.Open(env.Log)
}

// Send delivers one message and waits for its response.
func (s *Sender) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	msg, err := s.encode(ctx, m)
	if err != nil {
		return weir.Response{Status: weir.Error, StatusMessage: "Error sending message"}, err
	}
	if end := s.writing.Framing.End; len(end) > 0 && bytes.Contains(msg.whole, end) {
		s.env.Log.Warn("A message contains the end of message bytes; the remote system sees it cut off there", "message", m.MessageID)
	}
	if s.clients != nil {
		return s.broadcast(ctx, m, msg)
	}
	key := s.key(m)
	if why, at := blank(m.Resolve(s.RemoteAddress), m.Resolve(s.RemotePort)); why != "" {
		return weir.Response{Status: weir.Queued, StatusMessage: "Exception: " + why},
			&weir.Fault{At: at, Err: errors.New("it says no place to send to"), Hint: "Set remote address and port, and check the variables in them."}
	}
	sock := s.sockets.take(key)
	if sock == nil {
		if sock, err = s.connect(ctx, key); err != nil {
			return weir.Response{Status: weir.Queued, StatusMessage: broken(err, "Error connecting to "+key.remote)}, err
		}
	}
	s.event("sending", key.remote)
	r, err := s.exchange(ctx, &sock, msg)
	if err == nil && s.KeepConnectionOpen && sock.good {
		sock.settle(&s.responses)
		s.sockets.keep(sock, s.sendTimeout)
	} else {
		sock.conn.Close()
		s.event("disconnected", key.remote)
	}
	return r, err
}

// blank is Mirth's word for a remote address that is none, and the setting at fault.
func blank(address, port string) (why, at string) {
	switch {
	case strings.TrimSpace(address) == "":
		return "Remote address is blank.", "remoteAddress"
	case whole(port) <= 0:
		return "Remote port is invalid.", "remotePort"
	}
	return "", ""
}

// broken says what broke a connection in Java's words, which channels may look at, or
// otherwise where they are not known.
func broken(err error, otherwise string) string {
	if exception, message := connector.Java(err); exception != "" {
		return exception + ": " + message
	}
	return otherwise
}

// exchange writes a message and reads its response. When a connection that was
// kept open turns out dead before anything was written, a new one takes its
// place.
func (s *Sender) exchange(ctx context.Context, sock **socket, msg content) (weir.Response, error) {
	err := s.write(ctx, *sock, msg)
	if err != nil && (*sock).uses > 0 && (*sock).untouched && ctx.Err() == nil {
		(*sock).conn.Close()
		fresh, dialErr := s.connect(ctx, (*sock).key)
		if dialErr != nil {
			return weir.Response{Status: weir.Queued, StatusMessage: broken(dialErr, "Error connecting to "+(*sock).key.remote)}, dialErr
		}
		*sock = fresh
		err = s.write(ctx, fresh, msg)
	}
	if err != nil {
		return weir.Response{Status: weir.Queued, StatusMessage: broken(err, "Error sending message")}, s.sendFault((*sock).key.remote, err)
	}
	(*sock).uses++
	if s.IgnoreResponse {
		(*sock).good = true
		return weir.Response{Status: weir.Sent, StatusMessage: "Message successfully sent.", NoAnswer: true}, nil
	}
	s.event("waiting", (*sock).key.remote)
	return s.response(ctx, *sock)
}

// write sends a message, with MLLP release 2 until it is confirmed.
func (s *Sender) write(ctx context.Context, sock *socket, msg content) error {
	stop := context.AfterFunc(ctx, func() { sock.conn.Close() })
	defer stop()
	sock.untouched = true
	limit := func() {
		if s.FrameTimeout > 0 {
			_ = sock.conn.SetWriteDeadline(time.Now().Add(s.FrameTimeout))
		}
	}
	limit()
	write := func() error { return msg.write(ctx, sock.writer, limit) }
	if !s.Transmission.release2() {
		return write()
	}
	return mllp.SendAgain(ctx, write, sock.framer(&s.responses).reader, s.Transmission.MaxRetries)
}

// response reads the answer to a message that has been written.
func (s *Sender) response(ctx context.Context, sock *socket) (weir.Response, error) {
	stop := context.AfterFunc(ctx, func() { sock.conn.Close() })
	defer stop()
	answer, err := sock.framer(&s.responses).next()
	switch {
	case err == nil:
		sock.good = true
		// Text with binary, too: what Mirth's pages say of base64 it does not do.
		return weir.Response{Status: weir.Sent, StatusMessage: "Message successfully sent.", Message: s.charset.Decode(answer)}, nil
	case errors.Is(err, io.EOF):
		return weir.Response{Status: weir.Sent, StatusMessage: "Message successfully sent, but no response received."}, nil
	case errors.Is(err, mllp.ErrIdle), errors.Is(err, mllp.ErrSlow):
		r := weir.Response{Status: weir.Queued, StatusMessage: "Timeout waiting for response"}
		if !s.QueueOnTimeout {
			r.Status = weir.Error
		}
		return r, &weir.Fault{At: "responseTimeout", Err: fmt.Errorf("no response from %s in time: %w", sock.key.remote, err),
			Hint: "The remote system may have received the message. If it answers late, raise the response timeout; if it never answers, ignore the response."}
	}
	return weir.Response{Status: weir.Queued, StatusMessage: "Error receiving response"},
		&weir.Fault{At: "remoteAddress", Err: fmt.Errorf("response from %s: %w", sock.key.remote, err),
			Hint: "The remote system may have received the message; look there why it ended the connection, and check the framing on both sides."}
}

func (s *Sender) sendFault(remote string, err error) error {
	var known *weir.Fault
	if errors.As(err, &known) {
		return known
	}
	var nak *mllp.NakError
	if errors.As(err, &nak) {
		return &weir.Fault{At: "transmissionModeProperties", Err: fmt.Errorf("send to %s: %w", remote, err),
			Hint: "The remote system says that it could not store the message; look there."}
	}
	return &weir.Fault{At: "remoteAddress", Err: fmt.Errorf("send to %s: %w", remote, err),
		Hint: "The remote system or something on the way ended the connection."}
}

func (s *Sender) encode(ctx context.Context, m *weir.Outbound) (content, error) {
	large, ok, err := m.Stream(ctx, s.Template)
	if ok && err == nil {
		return content{large: stream.Bytes(large, s.Binary, s.charset, "dataTypeBinary")}, nil
	}
	if err != nil {
		return content{}, err
	}
	text, err := m.Body(s.Template)
	if err != nil {
		return content{}, err
	}
	if !s.Binary {
		return content{whole: s.charset.Append(make([]byte, 0, len(text)), text)}, nil
	}
	msg, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return content{}, &weir.Fault{At: "dataTypeBinary", Err: fmt.Errorf("what is to be sent is not base64: %w", err),
			Hint: "With binary on, the template must give base64."}
	}
	return content{whole: msg}, nil
}

// connect makes a connection that belongs to the caller.
func (s *Sender) connect(ctx context.Context, key socketKey) (*socket, error) {
	conn, err := s.dial(ctx, key)
	if err != nil {
		return nil, err
	}
	if conn, err = secured(ctx, conn, s.tls, key.remote, s.wait); err != nil {
		return nil, err
	}
	s.event("connected", key.remote)
	return newSocket(key, conn, s.writing), nil
}

func (s *Sender) dialTCP(ctx context.Context, key socketKey) (net.Conn, error) {
	dialer := net.Dialer{Timeout: s.wait}
	if key.local != "" {
		local, err := net.ResolveTCPAddr("tcp", key.local)
		if err != nil {
			return nil, &weir.Fault{At: "localAddress", Err: err, Hint: "Check local address and port."}
		}
		dialer.LocalAddr = local
	}
	conn, err := dialer.DialContext(ctx, "tcp", key.remote)
	if err != nil {
		return nil, connectFault(key, err)
	}
	return conn, nil
}

func connectFault(key socketKey, err error) error {
	f := &weir.Fault{At: "remoteAddress", Err: fmt.Errorf("connect to %s: %w", key.remote, err),
		Hint: "Check remote address and port, and that the remote system is listening."}
	if key.local != "" {
		f.Hint = "Check remote and local address and port, and that the remote system is listening."
	}
	return f
}

func (s *Sender) key(m *weir.Outbound) socketKey {
	key := socketKey{thread: m.Thread, remote: net.JoinHostPort(m.Resolve(s.RemoteAddress), m.Resolve(s.RemotePort))}
	if s.OverrideLocalBinding {
		key.local = net.JoinHostPort(m.Resolve(s.LocalAddress), fmt.Sprint(whole(m.Resolve(s.LocalPort))))
	}
	return key
}

func (s *Sender) event(state, remote string) {
	s.env.Connection(weir.ConnectionEvent{State: state, Remote: remote})
}

// Close closes the connections that were kept open.
func (s *Sender) Close(ctx context.Context) error {
	s.sockets.close()
	if s.clients != nil {
		return s.clients.close(ctx)
	}
	return nil
}

var _ weir.Destination = (*Sender)(nil)
