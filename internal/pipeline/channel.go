// Package pipeline is one deployed channel: it receives, advances, dispatches,
// queues, replies and resumes.
//
// The way of a message (receive.go, advance.go, destination.go):
//
//	Receive   the message is given an id and saved; when that is on disk, it
//	          waits its turn and is advanced
//	advance   source filter and transformer, then the chains of destinations,
//	          then postprocessor and choice of the response
//	save      what all of that made is saved at once; when that is on disk, the
//	          reply goes out
//
// A new message, one from a queue and one found unfinished after a crash come
// through the same functions; they differ only in where they stand. Steps add to
// the message in memory; work.save alone writes it (save.go).
//
// With one destination a message costs two durable commits, shared with its
// neighbours. What is between them can be lost with the process: the message is
// then found RECEIVED at the next start and is processed again, and its
// deliveries are marked as possibly repeated.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/internal/attach"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/access"
	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/transform"
)

// Engine is what a channel needs of the engine around it.
type Engine struct {
	Store         store.Store
	Log           *slog.Logger
	Now           func() time.Time
	Source        func(name string) (weir.SourceType, bool)
	Destination   func(name string) (weir.DestinationType, bool)
	DataType      transform.Types
	Global        *script.SharedMap        // globalMap
	GlobalChannel *script.SharedMap        // globalChannelMap where it outlives a deployment; nil: a new one
	Configuration func() map[string]string // configurationMap
	Scripts       func() *GlobalScripts    // pre- and postprocessor for all channels; may return nil
	Host          script.Host
	Route         func(ctx context.Context, channelID string, in weir.Inbound) (weir.Reply, error)
	Connection    func(channelID string, metaDataID int, e weir.ConnectionEvent)
	Failed        func(ErrorEvent) // for alerts; it does not wait. Nil: nobody is told
	// Flow holds back all sources together; nil never does.
	Flow *Flow
	// Access is what the scripts of a channel may reach, given what was found in
	// them. Nil: exactly that.
	Access func(cfg *weir.Channel, found weir.Access) *access.Grants
	// Retention is how long a channel keeps what. Nil: for ever.
	Retention func(cfg *weir.Channel) store.Retention
	// ScriptTime is how long one run of a script may take; 0 means the default.
	ScriptTime time.Duration
	// StreamAbove is the size in bytes above which a message is not held in memory, where
	// its channel allows that; 0 means DefaultStreamAbove, below 0 never. HoldAtMost is the
	// most that is held of one message; 0 means DefaultHoldAtMost.
	StreamAbove, HoldAtMost int64
	// Unclean tells that the engine did not stop in order the last time, so that
	// deliveries may have happened that are not on record.
	Unclean bool
}

// GlobalScripts are the compiled global scripts; a nil one has nothing to do.
type GlobalScripts struct {
	Preprocessor, Postprocessor *script.Program
}

// Channel is one deployed channel.
type Channel struct {
	Config weir.Channel

	engine Engine
	log    *slog.Logger
	store  store.Store
	now    func() time.Time

	sourceType     weir.SourceType
	sourceSettings connector.SourceSettings
	source         weir.Source        // made anew at each start
	endReading     context.CancelFunc // ends waits for room to read
	sourceScripts  ownScripts
	sourceExec     *transform.Executor
	preprocessor   *script.Program
	postprocessor  *script.Program
	batchScript    *script.Program // nil where the data type cuts batches
	deployScript   *script.Program
	undeployScript *script.Program
	attaching      *script.Program // of an attachment handler
	access         *access.Grants  // what its scripts reach

	chains       [][]*destination
	destinations []*destination
	idByName     map[string]int // destination name → metadata id

	attachments attach.Handler // nil when the channel takes none out
	streaming   streaming
	extracting  chan struct{} // a token for each message that is being searched

	globalChannelMap *script.SharedMap
	keeps            storage
	gate             *gate
	sourceQueue      *queue // nil unless the channel responds before processing

	all       *script.DestinationSet // all destinations; shared, never changed
	allListed []any

	duplicates duplicateKeys

	arriving sync.Mutex // ids, tickets and announcements are drawn together
	lastID   int64
	counts   counters

	changing  sync.Mutex // one at a time removes messages or has them begin anew
	importing sync.Mutex // one at a time imports what is imported once

	mu          sync.Mutex   // one start, stop or pause at a time
	state       atomic.Value // weir.State
	run         atomic.Pointer[running]
	everStarted bool
	unclean     bool // as Engine.Unclean, until the first start

	inflight  inflight
	accepting atomic.Bool // the channel runs: messages may come, at least by force
	listening atomic.Bool // the source runs too
}

// running is what a started channel has and a stopped one has not.
type running struct {
	ctx     context.Context // ends when the channel is halted
	halt    context.CancelFunc
	queues  context.Context // ends when queue threads are to stop after their message
	stop    context.CancelFunc
	threads sync.WaitGroup

	mu      sync.Mutex
	since   time.Time // when it began, see began
	unclean bool      // the engine had not stopped in order before
	lastID  int64     // highest message id before it began
}

// New compiles a channel. An error says, in the channel's name, why it cannot
// run and what to do; nothing has been opened then.
func New(ctx context.Context, cfg weir.Channel, e Engine) (*Channel, error) {
	c := &Channel{
		Config: cfg, engine: e, store: e.Store, now: e.Now,
		log:              e.Log.With("channel", cfg.Name),
		idByName:         map[string]int{},
		globalChannelMap: e.GlobalChannel,
		keeps:            storageOf(cfg.Properties.Storage),
		unclean:          e.Unclean,
	}
	if c.globalChannelMap == nil {
		c.globalChannelMap = script.NewSharedMap()
	}
	c.state.Store(weir.Stopped)
	if err := c.inTurn(c.compile); err != nil {
		return nil, c.fault("", err)
	}
	if err := c.grant(); err != nil {
		return nil, err
	}
	var keep store.Retention
	if e.Retention != nil {
		keep = e.Retention(&cfg)
	}
	last, err := e.Store.OpenChannel(ctx, cfg.ID, cfg.Name, keep)
	if err != nil {
		return nil, c.fault("", err)
	}
	c.lastID = last
	stats, err := e.Store.Statistics(ctx, cfg.ID)
	if err != nil {
		return nil, c.fault("", err)
	}
	c.counts.load(stats)
	if err := c.loadQueues(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// compiling is held while a channel is compiled, which is work for processors and takes
// memory: more at once would not be sooner ready.
var compiling = make(chan struct{}, runtime.GOMAXPROCS(0))

func (c *Channel) inTurn(work func() error) error {
	compiling <- struct{}{}
	defer func() { <-compiling }()
	return work()
}

func (c *Channel) compile() (err error) {
	cfg := &c.Config
	src := &cfg.Source
	st, ok := c.engine.Source(src.Type)
	if !ok {
		return c.fault("Source", &weir.Fault{
			Err:  fmt.Errorf("source type %q is not available", src.Type),
			Hint: "Change the source to one that Weir has.",
		})
	}
	c.sourceType = st
	trial := st.New()
	if _, err = config.Decode(src.Settings, trial); err != nil {
		return c.fault("Source", err)
	}
	if c.sourceScripts, err = c.ownScripts(trial); err != nil {
		return c.fault("Source", err)
	}
	if c.sourceSettings, err = connector.SettingsOfSource(trial, src.Settings); err != nil {
		return c.fault("Source", err)
	}
	queue := !c.sourceSettings.RespondAfterProcessing
	if queue && !c.keeps.sourceQueue {
		return c.fault("Source", &weir.Fault{
			Err:  fmt.Errorf("the source queue is on, but message storage %s keeps nothing to queue", cfg.Properties.Storage),
			Hint: "Turn the source queue off, or choose message storage Raw or above.",
		})
	}
	if err = c.compileDuplicates(); err != nil {
		return c.fault("Source", err)
	}
	if c.sourceExec, err = c.executor(src, src.Transformer, src.Filter, "source transformer", "SOURCE_FILTER_TRANSFORMER", false); err != nil {
		return c.fault("Source", err)
	}
	if c.sourceSettings.ProcessBatch {
		if err := c.compileBatch(); err != nil {
			return c.fault("Source", err)
		}
	}
	if err = c.compileScripts(); err != nil {
		return err
	}
	if err = c.compileAttachments(); err != nil {
		return c.fault("", err)
	}
	c.gate = newGate(c.sourceSettings.ProcessingThreads)
	if queue {
		c.sourceQueue = newQueue(window(c.sourceSettings.QueueBufferSize), max(c.sourceSettings.ProcessingThreads, 1), c.refillSource)
	}
	if err := c.compileDestinations(); err != nil {
		return err
	}
	c.all = c.setOf(nil)
	c.allListed = listed(c.all)
	c.compileStreaming()
	return nil
}

func (c *Channel) compileScripts() (err error) {
	cfg := &c.Config
	for _, s := range []struct {
		into    **script.Program
		name    string
		context string
		code    string
	}{
		{&c.preprocessor, "preprocessor", "CHANNEL_PREPROCESSOR", cfg.Preprocessor},
		{&c.postprocessor, "postprocessor", "CHANNEL_POSTPROCESSOR", cfg.Postprocessor},
		{&c.deployScript, "deploy script", "CHANNEL_DEPLOY", cfg.Deploy},
		{&c.undeployScript, "undeploy script", "CHANNEL_UNDEPLOY", cfg.Undeploy},
	} {
		if s.code == "" {
			continue
		}
		if *s.into, err = c.compileScript(s.name, s.context, s.code); err != nil {
			return err
		}
		(*s.into).Limits.Time = c.engine.ScriptTime
	}
	return nil
}

// compileScript compiles a script in the channel's dialect.
func (c *Channel) compileScript(name, context, code string) (*script.Program, error) {
	part := script.Part{Name: name, Code: code}
	if c.Config.Dialect == script.Modern {
		return script.CompileModernScript(name, context, c.Config.Modules, part)
	}
	return script.CompileScript(name, c.templates(context), part)
}

func (c *Channel) compileDestinations() error {
	seen := map[int]string{0: "Source"}
	for i := range c.Config.Destinations {
		cfg := &c.Config.Destinations[i]
		if other, ok := seen[cfg.MetaDataID]; ok {
			return c.fault(cfg.Name, fmt.Errorf("metadata id %d is already that of %s", cfg.MetaDataID, other))
		}
		seen[cfg.MetaDataID] = cfg.Name
		if !cfg.Enabled {
			continue // left out completely, its place in the chain too
		}
		d, err := c.newDestination(cfg)
		if err != nil {
			return c.fault(cfg.Name, err)
		}
		if len(c.chains) == 0 || !cfg.WaitForPrevious {
			c.chains = append(c.chains, nil)
		}
		last := len(c.chains) - 1
		d.chain, d.order = last+1, len(c.chains[last])+1
		d.index = len(c.destinations)
		c.chains[last] = append(c.chains[last], d)
		c.destinations = append(c.destinations, d)
		c.idByName[cfg.Name] = cfg.MetaDataID
	}
	return nil
}

func window(configured int) int {
	if configured <= 0 {
		return connector.DefaultBufferSize
	}
	return configured
}

func (c *Channel) executor(cfg *weir.Connector, t weir.Transformer, filter []weir.Step, name, context string, response bool) (*transform.Executor, error) {
	return transform.New(transform.Config{
		Name: name, Filter: filter, Transformer: t,
		Templates: c.templates(context), Response: response, Types: c.engine.DataType,
		Limits:  script.Limits{Time: c.engine.ScriptTime},
		Dialect: c.Config.Dialect, Modules: c.Config.Modules, Context: context,
	})
}

// templates are the channel's code templates that apply in a context.
func (c *Channel) templates(context string) []script.Part {
	if context == weir.AuthenticationContext {
		names := script.Part{Name: "names of authentication", Code: "var CHALLENGED = AuthStatus.CHALLENGED, SUCCESS = AuthStatus.SUCCESS, FAILURE = AuthStatus.FAILURE;"}
		return append([]script.Part{names}, c.templates(sourceReceiver)...)
	}
	return TemplateParts(c.Config.CodeTemplates, context)
}

// sourceReceiver is the context of the scripts of sources.
const sourceReceiver = "SOURCE_RECEIVER"

// TemplateParts are the code templates that apply in a context, for the compiler.
func TemplateParts(templates []weir.CodeTemplate, context string) []script.Part {
	var parts []script.Part
	for _, t := range templates {
		if slices.Contains(t.Contexts, context) {
			parts = append(parts, script.Part{Name: script.TemplatePart + t.Name, Code: t.Code})
		}
	}
	return parts
}

// fault says whose error it is.
func (c *Channel) fault(connector string, err error) error {
	var f *weir.Fault
	if !errors.As(err, &f) {
		return &weir.Fault{Channel: c.Config.Name, Connector: connector, Err: err}
	}
	g := *f
	if f != err { // keep what the layers between say
		g = weir.Fault{Err: err}
	}
	if g.Channel == "" {
		g.Channel = c.Config.Name
	}
	if g.Connector == "" {
		g.Connector = connector
	}
	return &g
}

// State is the channel's state.
func (c *Channel) State() weir.State { return c.state.Load().(weir.State) }
