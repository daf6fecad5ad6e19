package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/blob"
	"github.com/weir-health/weir/internal/history"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/mirthapi"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/access"
	"github.com/weir-health/weir/internal/store"
)

// Server is an engine.
type Server struct {
	opt    Options
	log    *slog.Logger
	data   *dataDir
	store  *blob.Keeper
	db     store.Store // behind it
	keys   *store.KeyRing
	global *script.SharedMap
	flow   *pipeline.Flow

	configuration atomic.Pointer[map[string]string]
	settings      atomic.Pointer[config.Group] // server settings that a channel file brings
	scripts       atomic.Pointer[pipeline.GlobalScripts]
	globalDeploy  globalScripts

	files    atomic.Pointer[map[string]*mirth.Import] // imports, for those who do not hold changing
	mu       sync.RWMutex
	channels atomic.Pointer[[]*deployed] // in the order of their files; replaced as a whole, see watch.go
	ready    atomic.Bool
	begun    time.Time // by the machine's clocks, of which one is never set
	doors    doors
	api      *api.API
	mirth    *mirthapi.API
	history  *history.Log
	pruner   pruner

	background sync.WaitGroup // what requests have begun
	acting     sync.Map       // by channel id a chan that holds what deploys or undeploys it, see alone
	late       map[string]int // how much of a channel, by its id, is still starting or stopping after its time, see deadline.go

	changing sync.Mutex               // held while channel files are read again or applied
	imports  map[string]*mirth.Import // what each file held when it could be read last
	seen     map[string]seen          // the files, as they were read last

	alerts alerts

	logLines        ring[mirthapi.LogLine]
	connectionLines ring[connectionChange]

	heldBack bool // a run in the shadow: scripts hand messages to nobody, see shadow.go

	loaded []Problem // what reading the channel files found
}

// deployed is a channel the engine knows: running, or not deployed with the
// reason.
type deployed struct {
	config     weir.Channel
	channel    *pipeline.Channel // nil while not deployed
	problem    error             // why it is not deployed
	tried      bool              // that is what a deployment came to, and may be tried again
	global     *script.SharedMap // globalChannelMap, which a redeployment may keep
	deployedAt time.Time
	origin
	connections
}

// list returns the channels that the engine knows.
func (s *Server) list() []*deployed {
	if list := s.channels.Load(); list != nil {
		return *list
	}
	return nil
}

func (s *Server) config() map[string]string {
	if c := s.configuration.Load(); c != nil {
		return *c
	}
	return nil
}

func (d *deployed) globalMap() *script.SharedMap {
	if d.global == nil {
		d.global = script.NewSharedMap()
	}
	return d.global
}

// New takes the data directory, opens the store and reads the channel files.
// Nothing listens yet. Close the server when Run is not called.
func New(ctx context.Context, opt Options) (*Server, error) {
	opt = opt.withDefaults()
	data, err := openData(opt.Data)
	if err != nil {
		return nil, err
	}
	keys, err := store.OpenKeyRing(data.file(keyFile))
	if err != nil {
		data.close(!data.unclean)
		return nil, err
	}
	st, unclean, err := openStore(ctx, opt, data, keys)
	if err != nil {
		data.close(!data.unclean)
		return nil, err
	}
	data.unclean = unclean
	kept, err := keeper(ctx, opt, data, keys, st)
	if err != nil {
		return nil, errors.Join(err, st.Close(), data.close(!data.unclean))
	}
	s := &Server{opt: opt, log: opt.Log, data: data, store: kept, db: st, keys: keys, global: script.NewSharedMap()}
	s.log = slog.New(&logTail{Handler: opt.Log.Handler(), lines: &s.logLines})
	s.flow, s.begun = pipeline.NewFlow(opt.inFlight()), time.Now()
	if err := errors.Join(s.openDoors(), s.load(), s.openPruner(ctx)); err != nil {
		return nil, errors.Join(err, s.close(!data.unclean))
	}
	s.alerts.waiting = make(chan pipeline.ErrorEvent, maxWaiting)
	s.readAlerts()
	s.history = history.Open(data.file(historyDir), opt.Now)
	s.api = api.New((*engineAPI)(s), s.doors.accounts, s.doors.trail, s.log)
	s.mirth = mirthapi.New((*mirthEngine)(s), s.doors.accounts, s.doors.trail, s.log, opt.Now)
	return s, nil
}

// Run deploys and starts the channels, serves the API, and returns when ctx
// ends and everything has stopped in order.
func (s *Server) Run(ctx context.Context) error {
	stopWatch := script.Setup(s.opt.ScriptTime, s.memoryLimit())
	defer stopWatch()
	if s.data.unclean {
		s.log.Warn("The engine did not stop in order the last time; messages that were being sent may be sent again")
	}
	doors, err := s.serve()
	if err != nil {
		return errors.Join(err, s.close(!s.data.unclean))
	}
	s.deployAll(ctx)
	releaseMemory()
	s.ready.Store(true)
	s.log.Info("Weir is ready", "channels", len(s.list()), "data", s.data.path)
	running, end := context.WithCancel(ctx)
	defer end()
	go releaseAtTimes(running)
	var beside sync.WaitGroup
	beside.Go(func() {
		s.rememberAll(running)
		limitGarbage("start", 0)
		releaseMemory()
	})
	beside.Go(func() { s.store.Run(running) })
	beside.Go(func() { newPressure(s.flow, s.log, s.memoryLimit()).run(running) })
	alerting, endAlerts := context.WithCancel(context.WithoutCancel(ctx))
	defer endAlerts()
	alerted := make(chan struct{})
	go func() {
		defer close(alerted)
		s.alert(alerting)
	}()
	stopWatching := s.watch(ctx)
	stopPruning := s.startPruner()
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-doors.failed:
	}
	s.ready.Store(false)
	stopWatching()
	stopPruning()
	s.background.Wait()
	end()
	beside.Wait()
	s.log.Info("Stopping: messages in hand come to their end")
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opt.StopWithin)
	defer cancel()
	clean := s.undeployAll(stop)
	endAlerts()
	select {
	case <-alerted:
	case <-stop.Done():
		s.log.Warn("Not all errors were told by the alerts before the end")
	}
	err = errors.Join(failed, doors.close(stop), s.close(clean))
	s.log.Info("Weir has stopped")
	return err
}

// Close gives up what New took, for a server that was never run.
func (s *Server) Close() error { return s.close(!s.data.unclean) }

func (s *Server) close(clean bool) error {
	limitGarbage("start", 0)
	if m, ok := s.db.(marked); ok && clean {
		m.StoppedInOrder()
	}
	err := s.store.Close()
	if s.doors.trail != nil {
		err = errors.Join(err, s.doors.trail.Close())
	}
	return errors.Join(err, s.data.close(clean && err == nil))
}

// defaultMemoryLimit is where scripts are ended when neither options nor
// GOMEMLIMIT say anything.
const defaultMemoryLimit = 2 << 30

func (s *Server) memoryLimit() uint64 {
	if s.opt.MemoryLimit > 0 {
		return s.opt.MemoryLimit
	}
	if limit := softLimit(); limit > 0 {
		return uint64(limit) / 4 * 3
	}
	return defaultMemoryLimit
}

// softLimit is GOMEMLIMIT, 0 where there is none.
func softLimit() int64 {
	if limit := debug.SetMemoryLimit(-1); limit < 1<<50 {
		return limit
	}
	return 0
}

// defaultInFlight is what messages in hand may have where there is no limit of memory.
const defaultInFlight = 128 << 20

func (o Options) inFlight() int64 {
	switch limit := softLimit(); {
	case o.InFlight > 0:
		return o.InFlight
	case limit > 0:
		return limit / 8
	}
	return defaultInFlight
}

// engine is what channels are given.
func (s *Server) engine() pipeline.Engine {
	return pipeline.Engine{
		Store: s.store, Log: s.log, Now: s.opt.Now,
		Source: s.opt.source, Destination: s.opt.destination, DataType: s.opt.dataType,
		Global:        s.global,
		Configuration: s.config,
		Scripts:       s.scripts.Load,
		Host:          (*host)(s),
		Route:         s.route,
		Connection:    s.connection,
		Failed:        s.failed,
		ScriptTime:    s.opt.ScriptTime,
		StreamAbove:   s.opt.StreamAbove, HoldAtMost: s.opt.HoldAtMost,
		Access: func(cfg *weir.Channel, found weir.Access) *access.Grants {
			return s.opt.grants(cfg.Name, cfg.Access, found)
		},
		Retention: s.keeps,
		Unclean:   s.data.unclean,
		Flow:      s.flow,
	}
}

// deployAll deploys every enabled channel, dependencies first. A channel that
// cannot run is left out, with the reason; the others run.
func (s *Server) deployAll(ctx context.Context) {
	if err := s.globalDeploy.compile(s); err != nil {
		s.log.Error("The global scripts cannot run and are left out", "error", err)
	}
	s.globalDeploy.run(ctx, s, "GLOBAL_DEPLOY")
	// Each waits for those that it depends on, and for no other.
	done := map[string]chan struct{}{}
	var side sync.WaitGroup
	for _, tier := range tiers(s.list()) {
		before := maps.Clone(done)
		for _, d := range tier {
			ended := make(chan struct{})
			done[d.config.ID] = ended
			side.Go(func() {
				defer close(ended)
				for _, id := range slices.Concat(d.config.Depends, deadLetterChannels(&d.config)) {
					if c := before[id]; c != nil {
						<-c
					}
				}
				if err := s.deploy(ctx, d); err != nil {
					s.log.Error("The channel is not deployed", "channel", d.config.Name, "error", err)
				}
			})
		}
	}
	side.Wait()
}

// deploy deploys one channel and brings it to its initial state.
func (s *Server) deploy(ctx context.Context, d *deployed) error {
	release, err := s.alone(d)
	if err != nil {
		return err
	}
	defer release()
	if problem := s.notDeployedProblem(d); problem != nil && !d.tried {
		return problem
	}
	err = s.tryDeploy(ctx, d)
	s.mu.Lock()
	defer s.mu.Unlock()
	d.problem, d.tried = err, err != nil
	return err
}

func (s *Server) tryDeploy(ctx context.Context, d *deployed) error {
	if s.isLate(d) {
		return &weir.Fault{Channel: d.config.Name, Err: errStopping, Hint: "It is deployed when it has; weir channel halt cuts short what it waits for."}
	}
	if !d.config.Enabled {
		return nil
	}
	for _, id := range d.config.Depends {
		if dep := s.byID(id); dep != nil && s.notDeployedProblem(dep) != nil {
			return &weir.Fault{Channel: d.config.Name, Err: fmt.Errorf("it depends on channel %s, which is not deployed", dep.config.Name),
				Hint: "Make that channel run first."}
		}
	}
	for _, id := range deadLetterChannels(&d.config) {
		if s.byID(id) == nil {
			return &weir.Fault{Channel: d.config.Name, At: "weir.deadLetterChannel", Err: fmt.Errorf("there is no channel with the id %s", id),
				Hint: "Name the id of a channel that is loaded, as weir channel list shows it."}
		}
	}
	engine := s.engine()
	engine.GlobalChannel = d.globalMap()
	config, err := d.resolved(s.opt)
	if err != nil {
		return err
	}
	c, err := pipeline.New(ctx, config, engine)
	if err != nil {
		return err
	}
	if err := s.within(ctx, d, "its deploy script has not ended", c.Deploy); err != nil {
		return err
	}
	s.mu.Lock()
	d.channel, d.deployedAt, d.startProblem = c, s.opt.Now().Truncate(time.Millisecond), nil
	s.mu.Unlock()
	if d.config.Properties.InitialState == weir.Stopped {
		return nil
	}
	if err := s.startWithin(ctx, d, c); err != nil {
		// It stays deployed and stopped, so that it can be started when the cause
		// is gone.
		s.log.Error("The channel did not start", "channel", d.config.Name, "error", err)
		return nil
	}
	s.log.Info("Channel deployed", "channel", d.config.Name, "state", c.State())
	return nil
}

// undeployAll stops all channels, dependents first, and reports whether all came
// to their end in time.
func (s *Server) undeployAll(ctx context.Context) bool {
	clean := true
	order := tiers(s.list())
	for i := len(order) - 1; i >= 0; i-- {
		var side sync.WaitGroup
		for _, d := range order[i] {
			if d.channel == nil {
				continue
			}
			side.Go(func() {
				if err := s.undeployAtEnd(ctx, d); err != nil {
					s.log.Error("The channel did not stop in order", "channel", d.config.Name, "error", err)
				}
			})
		}
		side.Wait()
	}
	s.globalDeploy.run(context.WithoutCancel(ctx), s, "GLOBAL_UNDEPLOY")
	if ctx.Err() != nil {
		clean = false
	}
	return clean
}

// deadLetterChannels are the ids of the channels that a channel's destinations
// hand to what they cannot deliver.
func deadLetterChannels(c *weir.Channel) []string {
	var ids []string
	for i := range c.Destinations {
		if id := c.Destinations[i].Settings.Text("weir.deadLetterChannel"); id != "" && c.Destinations[i].Enabled {
			ids = append(ids, id)
		}
	}
	return ids
}

// tiers sorts channels so that each comes after those it depends on and those
// that get its dead letters, which it may have to finish handing over as soon as
// it starts. Channels in a circle come last, together.
func tiers(channels []*deployed) [][]*deployed {
	var out [][]*deployed
	known := map[string]bool{}
	for _, d := range channels {
		known[d.config.ID] = true
	}
	done := map[string]bool{}
	left := channels
	for len(left) > 0 {
		var tier, later []*deployed
		for _, d := range left {
			free := true
			for _, id := range slices.Concat(d.config.Depends, deadLetterChannels(&d.config)) {
				free = free && (done[id] || !known[id])
			}
			if free {
				tier = append(tier, d)
			} else {
				later = append(later, d)
			}
		}
		if len(tier) == 0 {
			return append(out, later)
		}
		for _, d := range tier {
			done[d.config.ID] = true
		}
		out, left = append(out, tier), later
	}
	return out
}

func (s *Server) byID(id string) *deployed {
	for _, d := range s.list() {
		if d.config.ID == id {
			return d
		}
	}
	return nil
}

// find returns a channel by id or by name.
func (s *Server) find(idOrName string) *deployed {
	if d := s.byID(idOrName); d != nil {
		return d
	}
	for _, d := range s.list() {
		if d.config.Name == idOrName {
			return d
		}
	}
	return nil
}

// route hands a message to a channel by id.
func (s *Server) route(ctx context.Context, channelID string, in weir.Inbound) (weir.Reply, error) {
	d := s.byID(channelID)
	if d == nil || s.running(d) == nil {
		return weir.Reply{}, fmt.Errorf("channel %s is not deployed", channelID)
	}
	return s.running(d).Receive(ctx, in)
}

// running is a channel's pipeline, nil while it is not deployed.
func (s *Server) running(d *deployed) *pipeline.Channel {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return d.channel
}
