package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/store"
)

// listeners are the engine's socket and HTTPS port.
type listeners struct {
	servers []*http.Server
	failed  chan error
}

// serve opens the socket and the HTTPS port.
func (s *Server) serve() (*listeners, error) {
	l := &listeners{failed: make(chan error, 2)}
	socket := s.data.file(SocketName)
	os.Remove(socket) // left behind by a killed engine; the lock says that none runs
	unix, err := net.Listen("unix", socket)
	if err != nil {
		return nil, &weir.Fault{At: "data", Err: fmt.Errorf("socket: %w", err),
			Hint: "The path of the data directory must be shorter than about 100 characters, on a file system with sockets."}
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		unix.Close()
		return nil, err
	}
	l.start(unix, s.api.Socket(peerOf), s.log)
	if s.opt.Listen == "none" {
		return l, nil
	}
	config, err := serverTLS(s.data, s.opt.Now())
	if err == nil {
		var port net.Listener
		if port, err = net.Listen("tcp", s.opt.Listen); err == nil {
			l.start(tls.NewListener(port, config), s.port(), s.log)
			return l, nil
		}
		err = &weir.Fault{At: "listen", Err: err, Hint: "Another program has the port; choose another address with --listen."}
	}
	l.close(context.Background())
	return nil, err
}

func (l *listeners) start(on net.Listener, handler http.Handler, log *slog.Logger) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if on.Addr().Network() == "unix" {
		server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, peer(conn))
		}
	}
	l.servers = append(l.servers, server)
	go func() {
		if err := server.Serve(on); !errors.Is(err, http.ErrServerClosed) {
			l.failed <- err
		}
	}()
}

// peerKey is where the context of a request from the socket has who sent it.
type peerKey struct{}

const unknownPeer = "the user of the engine"

func peerOf(r *http.Request) string {
	if who, ok := r.Context().Value(peerKey{}).(string); ok {
		return who
	}
	return unknownPeer
}

func (l *listeners) close(ctx context.Context) error {
	var err error
	for _, server := range l.servers {
		if server.Shutdown(ctx) != nil {
			err = errors.Join(err, server.Close())
		}
	}
	return err
}

// engineAPI is the engine as package api sees it.
type engineAPI Server

func (e *engineAPI) Ready() bool { return e.ready.Load() }

func (e *engineAPI) Channels() []api.Channel {
	s := (*Server)(e)
	list := []api.Channel{}
	for _, d := range s.list() {
		c := api.Channel{ID: d.config.ID, Name: d.config.Name, Revision: d.config.Revision, State: string(weir.Undeployed)}
		s.mu.RLock()
		p, problem := d.channel, d.problem
		if problem == nil {
			problem = d.startProblem
		}
		s.mu.RUnlock()
		if problem != nil {
			c.Problem = problem.Error()
		}
		if p != nil {
			st := p.Status()
			c.State, c.Counts = string(st.State), counts(st)
			held := s.flow.Held()
			for _, conn := range st.Connectors {
				last := d.connectionOf(conn.MetaDataID)
				if held != "" && conn.MetaDataID == 0 && conn.State == weir.Started {
					last.State, last.Detail = "waiting", held
				}
				c.Connectors = append(c.Connectors, api.Connector{
					MetaDataID: conn.MetaDataID, Name: conn.Name, Type: conn.Type, State: string(conn.State),
					Connection: last.State, Detail: last.Detail, Connections: last.Count, Denied: last.denied,
					Failure: last.failure, FailedAt: moment(last.failedAt), Counts: counts(conn),
				})
			}
		}
		list = append(list, c)
	}
	return list
}

func counts(st pipeline.Status) api.Counts {
	return api.Counts{Received: st.Counts.Received, Filtered: st.Counts.Filtered, Queued: st.Queued, Sent: st.Counts.Sent, Errored: st.Counts.Error}
}

func (e *engineAPI) Control(ctx context.Context, channel, action string) error {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return err
	}
	// The caller may go away; what was asked for is done.
	ctx = context.WithoutCancel(ctx)
	switch action {
	case "start":
		return s.start(ctx, d)
	case "stop":
		return s.stop(ctx, d)
	case "pause":
		return s.pause(ctx, d)
	case "halt":
		return s.halt(d)
	case "deploy":
		return s.redeploy(ctx, d)
	case "undeploy":
		return s.undeploy(ctx, d)
	}
	return fmt.Errorf("%w: a channel cannot be asked to %s", api.ErrUnknown, action)
}

func (e *engineAPI) Test(ctx context.Context, channel, name string) ([]api.Tested, error) {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return nil, err
	}
	started := false
	if p := s.running(d); p != nil {
		started = p.State() == weir.Started
	}
	engine := s.engine()
	engine.GlobalChannel = d.global
	list := []api.Tested{}
	var wanted []*weir.Connector
	for i := range len(d.config.Destinations) + 1 {
		c, shown := &d.config.Source, "Source"
		if i > 0 {
			c = &d.config.Destinations[i-1]
			shown = c.Name
		}
		if name == "" && (i == 0 || c.Enabled) || name == shown {
			list = append(list, api.Tested{MetaDataID: c.MetaDataID, Name: shown, Type: c.Type})
			wanted = append(wanted, c)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w connector %q in channel %s. See their names with weir channel status", api.ErrUnknown, name, d.config.Name)
	}
	var side sync.WaitGroup
	for i, c := range wanted {
		side.Go(func() {
			found, err := pipeline.TestConnection(ctx, d.config, engine, c, started)
			list[i].OK, list[i].Text = err == nil, found
			if err != nil {
				list[i].Text = err.Error()
			}
		})
	}
	side.Wait()
	return list, nil
}

func (s *Server) known(channel string) (*deployed, error) {
	if d := s.find(channel); d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("%w channel %q. See their names with weir channel list", api.ErrUnknown, channel)
}

func (e *engineAPI) Message(ctx context.Context, channel string, id int64) (api.Message, error) {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return api.Message{}, err
	}
	m, err := s.store.Message(ctx, d.config.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return api.Message{}, fmt.Errorf("%w message %d in channel %s", api.ErrUnknown, id, d.config.Name)
	}
	if err != nil {
		return api.Message{}, err
	}
	if p := s.running(d); p != nil {
		p.Restore(m)
	}
	out := messageOf(m)
	attachments, err := s.store.Attachments(ctx, d.config.ID, id)
	if err != nil {
		return api.Message{}, err
	}
	for _, a := range attachments {
		out.Attachments = append(out.Attachments, api.Attachment{ID: a.ID, Type: a.Type, Size: a.Size})
	}
	return out, nil
}

func (e *engineAPI) Attachment(ctx context.Context, channel string, id int64, attachment string) (*api.Bytes, error) {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return nil, err
	}
	a, content, err := s.store.OpenAttachment(ctx, d.config.ID, id, attachment)
	if errors.Is(err, store.ErrNoAttachment) {
		return nil, fmt.Errorf("%w attachment %q of message %d in channel %s", api.ErrUnknown, attachment, id, d.config.Name)
	}
	if err != nil {
		return nil, err
	}
	return &api.Bytes{ReadCloser: content, Size: a.Size}, nil
}

func messageOf(m *weir.Message) api.Message {
	out := api.Message{ID: m.ID, Received: m.Received, Processed: m.Processed, OriginalID: m.OriginalID, ImportID: m.ImportID, ImportChannelID: m.ImportChannelID}
	for _, cm := range m.Connectors {
		c := api.ConnectorMessage{
			MetaDataID: cm.MetaDataID, Name: cm.ConnectorName, Status: cm.Status.String(), Attempts: cm.SendAttempts,
			Sent: moment(cm.SendDate), Answered: moment(cm.ResponseDate),
			MaybeTwice: cm.Doubtful, Failed: cm.Errors() != 0, MetaData: cm.MetaData,
		}
		for _, shown := range pipeline.Show(cm) {
			c.Contents = append(c.Contents, api.Content{Name: shown.Name, Text: shown.Text})
		}
		out.Connectors = append(out.Connectors, c)
	}
	return out
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
