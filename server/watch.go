package server

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/channelfile"
	"github.com/weir-health/weir/internal/history"
	"github.com/weir-health/weir/internal/pipeline"
)

// The directory of channel files is watched by looking at names, sizes and times
// in it. That works on every file system, also where files come by a network or
// a volume is replaced as a whole.

// watchEvery is the time between two looks. A change counts when it looks the
// same twice, so that a file is not read while it is being written.
const watchEvery = time.Second

// maxWatched is how many files and directories a look takes in.
const maxWatched = 100_000

// watch begins to look; what it returns ends that, and waits for a change that is
// being made.
func (s *Server) watch(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(watchEvery)
		defer ticker.Stop()
		s.follow(ctx, ticker.C)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (s *Server) follow(ctx context.Context, look <-chan time.Time) {
	if s.opt.Channels == "" {
		return
	}
	taken := fingerprint(s.opt.Channels, s.opt.Variables)
	before := taken
	for {
		select {
		case <-ctx.Done():
			return
		case <-look:
		}
		now := fingerprint(s.opt.Channels, s.opt.Variables)
		if now != taken && now == before {
			taken = now
			s.reload(ctx)
		}
		before = now
	}
}

// fingerprint tells whether anything in a directory has changed, or a file beside it.
func fingerprint(dir, file string) uint64 {
	h := fnv.New64a()
	count := 0
	if info, err := os.Stat(file); file != "" && err == nil {
		fmt.Fprintln(h, file, info.Size(), info.ModTime().UnixNano())
	}
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if count++; count > maxWatched {
			return fs.SkipAll
		}
		if err != nil {
			fmt.Fprintln(h, path, "?")
			return nil
		}
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			fmt.Fprintln(h, path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return h.Sum64()
}

// reload reads all channel files again and deploys the channels that have
// changed, those alone. What cannot be read or would not run changes nothing: what
// runs goes on, and the log says why.
func (s *Server) reload(ctx context.Context) {
	s.changing.Lock()
	defer s.changing.Unlock()
	set, err := s.readAll()
	if err != nil {
		s.log.Error("The channel files cannot be read; what runs goes on", "error", err)
		return
	}
	var fresh []Problem
	for _, p := range set.Problems {
		if !slices.Contains(s.loaded, p) {
			fresh = append(fresh, p)
		}
	}
	s.report(fresh)
	s.took(set)
	s.readAlerts()
	s.configuration.Store(&set.Configuration)
	s.settings.Store(&set.settings)
	if s.globalDeploy.source != set.Global || !reflect.DeepEqual(s.globalDeploy.templates, set.GlobalTemplates) {
		s.globalDeploy.source, s.globalDeploy.templates = set.Global, set.GlobalTemplates
		if err := s.globalDeploy.compile(s); err != nil {
			s.log.Error("The global scripts cannot run and are left out", "error", err)
		}
	}
	before := s.list()
	s.bringInLine(ctx, set)
	by := history.By{How: "channel files"}
	s.rememberChanges(before, by)
	s.rememberFiles(set.imports, set.Global, by)
}

// bringInLine makes the channels that the engine knows those of a set.
func (s *Server) bringInLine(ctx context.Context, set *ChannelSet) {
	var list, start []*deployed
	stay := map[*deployed]bool{}
	for _, c := range set.Channels {
		next := &deployed{config: *c, origin: set.origin(c), problem: set.blocked(c)}
		old := s.byID(c.ID)
		switch {
		case old != nil && reflect.DeepEqual(old.config, *c) && maps.Equal(old.values, next.values):
			old.origin = next.origin
			next = old
		case old == nil || s.running(old) == nil:
			start = append(start, next)
		default:
			if err := s.tryout(next); err != nil {
				s.log.Error("The changed channel would not run; the one before it goes on", "channel", c.Name, "file", next.file, "error", err)
				next = old
				break
			}
			next.global = old.global
			start = append(start, next)
		}
		list = append(list, next)
		stay[next] = true
	}
	for _, old := range s.list() {
		if stay[old] {
			continue
		}
		if err := s.undeploy(ctx, old); err != nil {
			s.log.Warn("The channel did not stop in order", "channel", old.config.Name, "error", err)
		}
		if _, there := set.Files[old.config.ID]; !there {
			s.log.Info("Channel undeployed: its file is gone; its messages are kept", "channel", old.config.Name)
		}
	}
	s.channels.Store(&list)
	for _, tier := range tiers(start) {
		for _, d := range tier {
			if err := s.deploy(ctx, d); err != nil {
				s.log.Error("The channel is not deployed", "channel", d.config.Name, "error", err)
			}
		}
	}
}

// tryout says why a channel would not run, without deploying it.
func (s *Server) tryout(d *deployed) error {
	if d.problem != nil {
		return d.problem
	}
	config, err := d.resolved(s.opt)
	if err != nil {
		return err
	}
	_, err = pipeline.Check(config, s.engine())
	return err
}

// appliedDir is where the data directory has the channels that were applied.
const appliedDir = "channels"

// File returns a channel as it is known to the engine, as one of Weir's files.
func (e *engineAPI) File(channel string) ([]byte, error) {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return nil, err
	}
	return channelfile.Write(&d.config, d.libs, s.opt.types()), nil
}

// Apply takes a channel file, keeps it in the data directory and deploys its
// channel. One that would not run is refused, and so is one that comes from a file
// in the directory of channels: that file is the one to change.
func (e *engineAPI) Apply(ctx context.Context, data []byte, by history.By) (string, error) {
	s := (*Server)(e)
	f, err := channelfile.Read(data, nil, s.opt.types())
	if err != nil {
		return "", err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	dir := s.data.file(appliedDir)
	file := filepath.Join(dir, fileID(f.Channel.ID)+".yaml")
	saved := strings.TrimSuffix(file, ".yaml") + ".xml" // through Mirth's API
	for _, d := range s.list() {
		same := d.config.ID == f.Channel.ID
		switch {
		case same && d.file != file && d.file != saved:
			return "", &weir.Fault{Channel: d.config.Name, Err: fmt.Errorf("the channel comes from %s", d.file), Hint: "Change that file; the engine deploys it by itself."}
		case !same && strings.EqualFold(d.config.Name, f.Channel.Name):
			return "", &weir.Fault{Channel: d.config.Name, Err: errors.New("another channel has that name"), Hint: "Choose another name, or the id of that channel."}
		}
	}
	values, err := s.opt.readValues()
	if err != nil {
		return "", err
	}
	if err := s.tryout(&deployed{config: *f.Channel, origin: origin{own: true, values: values.For(f.Channel)}}); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(file+".new", data, 0o600); err != nil {
		return "", err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return "", err
	}
	if err := os.Remove(saved); err != nil && !os.IsNotExist(err) {
		return "", err
	}
	set, err := s.readAll()
	if err != nil {
		return "", err
	}
	s.took(set)
	// The caller may go away; what was asked for is done.
	before := s.list()
	s.bringInLine(context.WithoutCancel(ctx), set)
	s.rememberChanges(before, by)
	d := s.byID(f.Channel.ID)
	if d == nil {
		return "", fmt.Errorf("%w channel %q", api.ErrUnknown, f.Channel.Name)
	}
	s.mu.RLock()
	problem := d.problem
	if problem == nil {
		problem = d.startProblem
	}
	s.mu.RUnlock()
	if problem != nil {
		return "", fmt.Errorf("it is kept, but does not run: %w", problem)
	}
	return d.config.Name, nil
}

func (s *Server) notDeployedProblem(d *deployed) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return d.problem
}

// fileID makes a file name of an id, which may be any text.
func fileID(id string) string {
	if strings.Trim(id, "0123456789abcdefABCDEF-") == "" && len(id) <= 64 {
		return id
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	return fmt.Sprintf("id-%016x", h.Sum64())
}
