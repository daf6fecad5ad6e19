package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/audit"
	"github.com/weir-health/weir/internal/auth"
	"github.com/weir-health/weir/internal/history"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/mirthapi"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/store"
)

// Files of accounts in the data directory.
const (
	accountsFile = "accounts.json"
	auditFile    = "audit.log"
	serverIDFile = "server-id"
	exportsDir   = "exports"
)

// doors are who may use the HTTPS port, and what was done there.
type doors struct {
	accounts *auth.Accounts
	trail    *audit.Log
	id       string
}

// openDoors reads accounts and the audit trail. Without an account the first is
// made from the password that was given, or else the log tells a link for that.
func (s *Server) openDoors() error {
	var err error
	if s.doors.trail, err = audit.Open(s.data.file(auditFile), s.opt.Now); s.doors.trail == nil {
		return err
	}
	if err != nil {
		s.log.Error("The audit trail is not as it was written", "error", err)
		s.doors.trail.Add(audit.Event{Name: "Audit trail", Level: audit.Error, Outcome: audit.Failure,
			Attributes: []audit.Attribute{{Name: "found", Value: err.Error()}}})
	}
	if s.doors.accounts, err = auth.Open(s.data.file(accountsFile), s.opt.Now); err != nil {
		return err
	}
	id, err := os.ReadFile(s.data.file(serverIDFile))
	if os.IsNotExist(err) {
		id = []byte(uuid.NewString() + "\n")
		err = auth.WriteFile(s.data.file(serverIDFile), id)
	}
	if err != nil {
		return err
	}
	s.doors.id = strings.TrimSpace(string(id))
	if s.doors.accounts.Setup() == "" {
		return nil
	}
	if s.opt.AdminPassword != "" {
		u, err := s.doors.accounts.First("admin", s.opt.AdminPassword, "", true)
		if err != nil {
			return &weir.Fault{At: "admin password", Err: err, Hint: "Choose another value of WEIR_ADMIN_PASSWORD."}
		}
		return s.doors.trail.Add(audit.Event{Name: "First account", UserID: u.ID, Attributes: []audit.Attribute{{Name: "username", Value: u.Name}}})
	}
	if s.opt.Listen != "none" {
		s.log.Warn("There is no account yet; make the first one with this link, which is good once",
			"link", "https://"+s.opt.Listen+"/setup#"+s.doors.accounts.Setup())
	}
	return nil
}

// requestTime is how long a request may take to arrive.
const requestTime = 5 * time.Minute

// port serves the HTTPS port: health for all, the first account, Weir's API, and
// Mirth's at the rest of /api.
func (s *Server) port() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", api.Public((*engineAPI)(s)))
	mux.Handle(api.Base+"/", s.api.Web())
	mux.Handle("/api/", s.mirth)
	mux.HandleFunc("GET /setup", s.setupPage)
	mux.HandleFunc("POST /setup", s.setup)
	// The mux would answer paths that are not clean with a redirect, which clients of
	// the API do not follow.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, max(mirthapi.MaxWhole, api.MaxMessage))
		http.NewResponseController(w).SetReadDeadline(time.Now().Add(requestTime))
		mux.ServeHTTP(w, r)
	})
}

// mirthEngine is the engine as package mirthapi sees it.
type mirthEngine Server

var _ mirthapi.Engine = (*mirthEngine)(nil)

func (e *mirthEngine) server() *Server  { return (*Server)(e) }
func (e *mirthEngine) Ready() bool      { return e.ready.Load() }
func (e *mirthEngine) ServerID() string { return e.doors.id }

func (e *mirthEngine) Channels() []*mirthapi.Channel {
	s := e.server()
	var list []*mirthapi.Channel
	for _, d := range s.list() {
		c := &mirthapi.Channel{Channel: &d.config, File: d.file, Kept: filepath.Dir(d.file) == s.data.file(appliedDir),
			Connection: func(id int) (string, string) { last := d.connectionOf(id); return last.State, last.Detail }}
		if info, err := os.Stat(d.file); err == nil {
			c.Modified = info.ModTime()
		}
		s.mu.RLock()
		p := d.channel
		c.DeployedAt = d.deployedAt
		s.mu.RUnlock()
		if p != nil {
			st := p.Status()
			c.Status, c.DeployedRevision = &st, p.Config.Revision
			c.Lifetime, _ = s.store.Lifetime(context.Background(), d.config.ID)
		}
		list = append(list, c)
	}
	return list
}

// keptFile is where a file of the API is. Its name is one of the API's own.
func (s *Server) keptFile(name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("%q is no name of a file in the data directory", name)
	}
	return s.data.file(filepath.FromSlash(name)), nil
}

func (e *mirthEngine) Kept(name string) ([]byte, error) {
	path, err := e.server().keptFile(name)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	return data, err
}

// Given finds what files of the directory of channels hold of what the API keeps.
func (e *mirthEngine) Given(name string) mirthapi.Given {
	s := e.server()
	imports := *s.files.Load()
	var g mirthapi.Given
	for _, file := range slices.Sorted(maps.Keys(imports)) {
		if filepath.Dir(file) == s.data.file(appliedDir) {
			continue // what the API itself keeps
		}
		if found := mirthapi.GivenBy(name, imports[file]); found != nil && len(found.Children) > 0 {
			g.Add(found, file)
		}
	}
	return g
}

// Keep writes files and takes in what the engine runs of them. Running channels
// stay as they are until they are deployed.
func (e *mirthEngine) Keep(ctx context.Context, by history.By, files map[string][]byte) error {
	s := e.server()
	s.changing.Lock()
	defer s.changing.Unlock()
	read := false
	paths := map[string][]byte{}
	for name, data := range files {
		path, err := s.keptFile(name)
		if err != nil {
			return err
		}
		paths[path] = data
		if filepath.Dir(path) == s.data.file(appliedDir) {
			read = true
			// A channel that was applied as one of Weir's files is now this one.
			if err := os.Remove(strings.TrimSuffix(path, ".xml") + ".yaml"); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
	}
	if err := auth.WriteFiles(paths); err != nil {
		return err
	}
	if _, ok := files[mirthapi.PluginsFile]; ok {
		if err := s.setPruner(); err != nil {
			return err
		}
	}
	defer func() { // when all is as it will be
		for name, data := range files {
			s.rememberDocument(name, data, by)
			if name == mirthapi.Alerts {
				s.readAlerts()
			}
		}
	}()
	if !read {
		return nil
	}
	set, err := s.readAll()
	if err != nil {
		return err
	}
	s.took(set)
	s.configuration.Store(&set.Configuration)
	s.settings.Store(&set.settings)
	s.globalDeploy.source, s.globalDeploy.templates = set.Global, set.GlobalTemplates
	if err := s.globalDeploy.compile(s); err != nil {
		s.log.Error("The global scripts cannot run and are left out", "error", err)
	}
	before := s.list()
	s.takeIn(set)
	s.rememberChanges(before, by)
	return nil
}

// takeIn makes the channels that the engine knows those of a set, and deploys none:
// what runs goes on as it was deployed.
func (s *Server) takeIn(set *ChannelSet) {
	var list []*deployed
	for _, c := range set.Channels {
		next := &deployed{config: *c, origin: set.origin(c), problem: set.blocked(c)}
		if old := s.byID(c.ID); old != nil {
			s.mu.Lock()
			next.channel, next.deployedAt, next.startProblem, next.global = old.channel, old.deployedAt, old.startProblem, old.global
			s.mu.Unlock()
			old.connMu.Lock()
			next.last = old.last
			old.connMu.Unlock()
		}
		list = append(list, next)
	}
	s.channels.Store(&list)
}

func (e *mirthEngine) Deploy(ctx context.Context, id string) error {
	s := e.server()
	s.changing.Lock()
	defer s.changing.Unlock()
	d, err := s.known(id)
	if err != nil {
		return err
	}
	return s.redeploy(ctx, d)
}

func (e *mirthEngine) Undeploy(ctx context.Context, id string) error {
	s := e.server()
	s.changing.Lock()
	defer s.changing.Unlock()
	d, err := s.known(id)
	if err != nil {
		return err
	}
	return s.undeploy(ctx, d)
}

// RedeployAll stops everything and deploys what is enabled.
func (e *mirthEngine) RedeployAll(ctx context.Context) error {
	s := e.server()
	s.changing.Lock()
	defer s.changing.Unlock()
	for _, tier := range slices.Backward(tiers(s.list())) {
		var side sync.WaitGroup
		for _, d := range tier {
			side.Go(func() {
				if err := s.undeploy(ctx, d); err != nil {
					s.log.Warn("The channel did not stop in order", "channel", d.config.Name, "error", err)
				}
			})
		}
		side.Wait()
	}
	s.globalDeploy.run(ctx, s, "GLOBAL_UNDEPLOY")
	s.deployAll(ctx)
	var failed []error
	for _, d := range s.list() {
		failed = append(failed, s.notDeployedProblem(d))
	}
	return errors.Join(failed...)
}

func (e *mirthEngine) Control(ctx context.Context, id, action string) error {
	s := e.server()
	d, err := s.known(id)
	if err != nil {
		return err
	}
	if s.running(d) == nil {
		return nil // as in Mirth, nothing is started that is not deployed
	}
	switch action {
	case "start", "resume":
		return s.start(ctx, d)
	case "stop":
		return s.stop(ctx, d)
	case "pause":
		return s.pause(ctx, d)
	case "halt":
		return s.halt(d)
	}
	return fmt.Errorf("%w: a channel cannot be asked to %s", api.ErrUnknown, action)
}

// deployedChannel is a channel's pipeline, or why there is none.
func (e *mirthEngine) deployedChannel(id string) (*pipeline.Channel, error) {
	s := e.server()
	d, err := s.known(id)
	if err != nil {
		return nil, err
	}
	if p := s.running(d); p != nil {
		return p, nil
	}
	return nil, s.notDeployed(d)
}

func (e *mirthEngine) ControlConnector(ctx context.Context, id string, metaDataID int, start bool) error {
	p, err := e.deployedChannel(id)
	switch {
	case err != nil:
		return err
	case start:
		return p.StartConnector(ctx, metaDataID)
	}
	return p.StopConnector(ctx, metaDataID)
}

func (e *mirthEngine) ResetStatistics(ctx context.Context, id string, metaDataID int, statuses []weir.Status) error {
	p, err := e.deployedChannel(id)
	if err != nil {
		return err
	}
	return p.ResetStatistics(ctx, metaDataID, statuses)
}

func (e *mirthEngine) ResetLifetime(ctx context.Context, id string) error {
	p, err := e.deployedChannel(id)
	if err != nil {
		return err
	}
	return p.ResetLifetime(ctx)
}

func (e *mirthEngine) Receive(ctx context.Context, id string, in weir.Inbound) (int64, error) {
	p, err := e.deployedChannel(id)
	if err != nil {
		return 0, err
	}
	reply, err := p.Receive(ctx, in)
	return reply.MessageID, err
}

func (e *mirthEngine) Holding(ctx context.Context, q store.Query, text string) ([]*weir.Message, int64, error) {
	return e.store.Holding(ctx, q, text)
}

func (e *mirthEngine) Messages(ctx context.Context, q store.Query) ([]*weir.Message, error) {
	return e.store.Messages(ctx, q)
}

func (e *mirthEngine) Message(ctx context.Context, id string, messageID int64) (*weir.Message, error) {
	m, err := e.store.Message(ctx, id, messageID)
	if err != nil {
		return nil, err
	}
	if p, err := e.deployedChannel(id); err == nil {
		p.Restore(m)
	}
	pipeline.DecodeMaps(m)
	return m, nil
}

func (e *mirthEngine) Attachments(ctx context.Context, id string, messageID int64) ([]store.AttachmentInfo, error) {
	return e.store.Attachments(ctx, id, messageID)
}

func (e *mirthEngine) Attachment(ctx context.Context, id string, messageID int64, attachment string) (*weir.Attachment, error) {
	return e.store.Attachment(ctx, id, messageID, attachment)
}

func (e *mirthEngine) Remove(ctx context.Context, id string, ids []int64) (int, error) {
	if p, err := e.deployedChannel(id); err == nil {
		return p.Remove(ctx, ids)
	}
	count := 0
	for part := range slices.Chunk(ids, store.RemoveAtOnce) {
		removed, err := e.store.Remove(ctx, id, part, false)
		if count += len(removed); err != nil {
			return count, err
		}
	}
	return count, nil
}

func (e *mirthEngine) Reprocess(ctx context.Context, id string, messageID int64, how pipeline.Again) error {
	p, err := e.deployedChannel(id)
	if err != nil {
		return err
	}
	_, err = p.Reprocess(ctx, messageID, how)
	return err
}

func (e *mirthEngine) Import(ctx context.Context, id string, in pipeline.Imported) (int64, error) {
	p, err := e.deployedChannel(id)
	if err != nil {
		return 0, err
	}
	return p.Import(ctx, in)
}

func (e *mirthEngine) SealExport(plain []byte) ([]byte, error)  { return e.server().sealExport(plain) }
func (e *mirthEngine) OpenExport(sealed []byte) ([]byte, error) { return e.server().openExport(sealed) }

func (e *mirthEngine) Whole(ctx context.Context, id string, messageID int64, attachments bool) (*messagefile.Message, error) {
	s := e.server()
	d, err := s.known(id)
	if err != nil {
		return nil, err
	}
	return s.whole(ctx, d, messageID, attachments, s.restorer(ctx, d))
}

// Exports opens the directory of exports, which it makes.
func (e *mirthEngine) Exports() (*os.Root, error) {
	dir := e.opt.Exports
	if dir == "" {
		dir = e.data.file(exportsDir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

func (e *mirthEngine) Sources() (names []string) {
	for _, t := range e.opt.Sources {
		names = append(names, t.Name)
	}
	return names
}

func (e *mirthEngine) Destinations() (names []string) {
	for _, t := range e.opt.Destinations {
		names = append(names, t.Name)
	}
	return names
}

func (e *mirthEngine) DataTypes() (names []string) {
	for _, t := range e.opt.DataTypes {
		names = append(names, t.Name)
	}
	return names
}
