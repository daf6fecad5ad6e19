package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/datatype/all"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/sqlite"
)

// The store's compressors make channels when they are first used, which has to be
// outside of all bubbles.
func TestMain(m *testing.M) {
	cm := &weir.ConnectorMessage{}
	for _, effort := range []store.Effort{store.Small, store.Quick} {
		cm.Set(weir.Raw, strings.Repeat("warm", 1<<16), "")
		body, err := store.PackContents(cm, []weir.ContentType{weir.Raw}, effort, nil)
		if err == nil {
			err = store.UnpackContents(body, cm, nil)
		}
		if err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// rig is one channel on a real store, between connectors that do what the test
// says. Its time is that of synctest: waits for a retry pass at once.
type rig struct {
	said   chan string // by scripts, with logger
	t      testing.TB
	cfg    weir.Channel
	engine Engine
	store  *tap
	*Channel
	others []*Channel // started by the test on the same engine
	log    *logLines

	mu        sync.Mutex
	env       weir.SourceEnv
	sourceErr error // of Source.Start
	running   int   // sources started and not stopped
	open      int   // destinations opened and not closed
	bench     bool  // deliveries are not kept
	bodies    bool  // destinations do not know streams
	sent      []delivery
	answers   map[string]answer // by destination name
}

// delivery is one Send.
type delivery struct {
	dest          string
	id            int64
	attempt       int
	thread        int
	maybe         bool
	text, other   string // settings as replaced
	at            time.Time
	sourceMapSize int
	streamed      bool
}

func (d delivery) String() string {
	s := fmt.Sprintf("%s:%d/%d", d.dest, d.id, d.attempt)
	if d.maybe {
		s += "?"
	}
	return s
}

// answer is what a destination does with a delivery.
type answer func(ctx context.Context, d delivery, m *weir.Outbound) (weir.Response, error)

func says(r weir.Response) answer {
	return func(context.Context, delivery, *weir.Outbound) (weir.Response, error) { return r, nil }
}

func fails(times int, then weir.Response) answer {
	n := 0
	var mu sync.Mutex
	return func(context.Context, delivery, *weir.Outbound) (weir.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n <= times {
			return weir.Response{}, errors.New("connection refused")
		}
		return then, nil
	}
}

// hangs delivers nothing until the channel is halted.
func hangs(ctx context.Context, _ delivery, _ *weir.Outbound) (weir.Response, error) {
	<-ctx.Done()
	return weir.Response{}, ctx.Err()
}

var sentOK = weir.Response{Status: weir.Sent, Message: "ok", StatusMessage: "delivered"}

// in runs a test in a bubble of synctest, with a rig whose channel has one
// destination that answers at once, changed by setup.
func in(t *testing.T, setup func(*weir.Channel), test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, setup)
		r.start()
		test(r)
		r.end()
	})
}

func newRig(t testing.TB, setup func(*weir.Channel)) *rig {
	r := &rig{t: t, answers: map[string]answer{}, log: &logLines{}, said: make(chan string, 100)}
	r.cfg = weir.Channel{
		ID: "c1", Name: "Channel", Source: weir.Connector{Type: "Test In", Transformer: rawToRaw()},
		Destinations: []weir.Connector{dest(1)},
		Properties:   weir.ChannelProperties{Storage: weir.Development},
	}
	if setup != nil {
		setup(&r.cfg)
	}
	s, err := sqlite.Open(t.TempDir(), sqlite.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	r.store = &tap{Store: s}
	r.engine = Engine{
		Store: r.store, Log: slog.New(r.log), Now: time.Now,
		Source: func(name string) (weir.SourceType, bool) {
			return weir.SourceType{Name: name, New: func() weir.Source { return &testSource{rig: r} }}, name == "Test In"
		},
		Destination: func(name string) (weir.DestinationType, bool) {
			return weir.DestinationType{Name: name, New: func() weir.Destination { return &testDestination{rig: r} }}, name == "Test Out"
		},
		DataType: func(name string) (weir.DataTypeDef, bool) {
			for _, d := range all.DataTypes {
				if d.Name == name {
					return d, true
				}
			}
			return weir.DataTypeDef{}, false
		},
		Global:        script.NewSharedMap(),
		Configuration: func() map[string]string { return map[string]string{"site": "configured"} },
		Host:          testHost{said: r.said},
		Connection:    func(string, int, weir.ConnectionEvent) {},
	}
	return r
}

// start deploys and starts the channel.
func (r *rig) start() {
	r.t.Helper()
	c, err := New(context.Background(), r.cfg, r.engine)
	if err != nil {
		r.t.Fatalf("New: %v", err)
	}
	r.Channel = c
	if err := c.Deploy(context.Background()); err != nil {
		r.t.Fatalf("Deploy: %v", err)
	}
	if err := c.Start(context.Background()); err != nil {
		r.t.Fatalf("Start: %v", err)
	}
}

// end stops everything and sees that nothing is left behind.
func (r *rig) end() {
	r.t.Helper()
	if err := r.Undeploy(context.Background()); err != nil {
		r.t.Errorf("Undeploy: %v", err)
	}
	r.endOthers()
	if r.running != 0 || r.open != 0 {
		r.t.Errorf("%d sources and %d destinations are still open", r.running, r.open)
	}
	if err := r.store.Store.Close(); err != nil {
		r.t.Errorf("Close: %v", err)
	}
}

func (r *rig) endOthers() {
	for _, c := range r.others {
		if err := c.Halt(); err != nil {
			r.t.Errorf("Halt: %v", err)
		}
	}
	r.others = nil
}

// restart begins anew on the same store, as another process would after an
// ordered end, or after a crash.
func (r *rig) restart(unclean bool) {
	r.t.Helper()
	r.engine.Unclean = unclean
	r.start()
}

func (r *rig) receive(text string) weir.Reply {
	r.t.Helper()
	reply, err := r.Receive(context.Background(), weir.Inbound{Text: text})
	if err != nil {
		r.t.Fatalf("Receive(%q): %v", text, err)
	}
	return reply
}

// idle waits until nothing moves any more but by the passing of time.
func (r *rig) idle() { synctest.Wait() }

// pass lets that much time pass.
func (r *rig) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *rig) message(id int64) *weir.Message {
	r.t.Helper()
	r.idle() // what was saved without waiting is there, too
	m, err := r.store.Message(context.Background(), r.cfg.ID, id)
	if err != nil {
		r.t.Fatalf("message %d: %v", id, err)
	}
	return m
}

// states is where a message stands: the letters of its connectors, with the
// metadata id before those of destinations, and P when it is processed.
func (r *rig) states(id int64) string {
	r.t.Helper()
	m := r.message(id)
	var b strings.Builder
	for _, cm := range m.Connectors {
		if cm.MetaDataID != 0 {
			fmt.Fprintf(&b, " %d", cm.MetaDataID)
		}
		b.WriteByte(byte(cm.Status))
		if cm.Doubtful {
			b.WriteByte('?')
		}
	}
	if !m.Processed {
		b.WriteString(" unfinished")
	}
	return b.String()
}

func (r *rig) wantStates(id int64, want string) {
	r.t.Helper()
	if got := r.states(id); got != want {
		r.t.Errorf("message %d stands at %q, want %q", id, got, want)
	}
}

func (r *rig) deliveries() []delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]delivery(nil), r.sent...)
}

func (r *rig) wantSent(want string) {
	r.t.Helper()
	var got []string
	for _, d := range r.deliveries() {
		got = append(got, d.String())
	}
	if s := strings.Join(got, " "); s != want {
		r.t.Errorf("sent\n got %s\nwant %s", s, want)
	}
}

func (r *rig) wantTexts(want ...string) {
	r.t.Helper()
	var got []string
	for _, d := range r.deliveries() {
		got = append(got, d.text)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("texts sent\n got %q\nwant %q", got, want)
	}
}

// wantCounts checks statistics by metadata id as received/filtered/sent/error,
// in memory and in the store.
func (r *rig) wantCounts(want string) {
	r.t.Helper()
	stored, err := r.store.Statistics(context.Background(), r.cfg.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	text := func(of func(id int) store.Counts) string {
		var parts []string
		for id := 0; id <= len(r.cfg.Destinations); id++ {
			n := of(id)
			parts = append(parts, fmt.Sprintf("%d/%d/%d/%d", n.Received, n.Filtered, n.Sent, n.Error))
		}
		return strings.Join(parts, " ")
	}
	if got := text(func(id int) store.Counts { return stored[id] }); got != want {
		r.t.Errorf("statistics in the store\n got %s\nwant %s", got, want)
	}
	if got := text(r.counts.get); got != want {
		r.t.Errorf("statistics in memory\n got %s\nwant %s", got, want)
	}
}

// Configuration.

func rawToRaw() weir.Transformer { return weir.Transformer{Inbound: "RAW", Outbound: "RAW"} }

func hl7ToHL7() weir.Transformer { return weir.Transformer{Inbound: "HL7V2", Outbound: "HL7V2"} }

// dest is a destination. Settings are pairs of a name and a text; those without
// a dot are the shared ones of all destinations.
func dest(id int, settings ...string) weir.Connector {
	return weir.Connector{
		MetaDataID: id, Name: fmt.Sprintf("D%d", id), Type: "Test Out", Enabled: true,
		Settings: group("destinationConnectorProperties", settings...), Transformer: rawToRaw(), ResponseTransformer: rawToRaw(),
	}
}

// chained makes a destination wait for the previous one.
func chained(c weir.Connector) weir.Connector {
	c.WaitForPrevious = true
	return c
}

func js(code string) []weir.Step {
	return []weir.Step{{Type: "JavaScript", Enabled: true, Settings: config.Group{{Name: "script", Text: code}}}}
}

func withSteps(c weir.Connector, code string) weir.Connector {
	c.Transformer.Steps = js(code)
	return c
}

func withFilter(c weir.Connector, code string) weir.Connector {
	c.Filter = js(code)
	return c
}

func withResponse(c weir.Connector, code string) weir.Connector {
	c.ResponseTransformer.Steps = js(code)
	return c
}

func group(shared string, settings ...string) config.Group {
	g := config.Group{{Name: shared}}
	for i := 0; i < len(settings); i += 2 {
		if s := (config.Setting{Name: settings[i], Text: settings[i+1]}); strings.HasPrefix(s.Name, "own ") {
			s.Name = strings.TrimPrefix(s.Name, "own ")
			g = append(g, s)
		} else {
			g[0].Group = append(g[0].Group, s)
		}
	}
	return g
}

func source(settings ...string) config.Group { return group("sourceConnectorProperties", settings...) }

func responds(with string) func(*weir.Channel) {
	return func(c *weir.Channel) { c.Source.Settings = source("responseVariable", with) }
}

func destinations(list ...weir.Connector) func(*weir.Channel) {
	return func(c *weir.Channel) { c.Destinations = list }
}

func both(all ...func(*weir.Channel)) func(*weir.Channel) {
	return func(c *weir.Channel) {
		for _, f := range all {
			f(c)
		}
	}
}

// Connectors.

type testSource struct {
	connector.SourceSettings
	rig *rig
}

func (s *testSource) Start(_ context.Context, env weir.SourceEnv) error {
	s.rig.mu.Lock()
	defer s.rig.mu.Unlock()
	if s.rig.sourceErr != nil {
		return s.rig.sourceErr
	}
	s.rig.env = env
	s.rig.running++
	return nil
}

func (s *testSource) Stop(context.Context) error {
	s.rig.mu.Lock()
	defer s.rig.mu.Unlock()
	s.rig.running--
	return nil
}

type testDestination struct {
	connector.DestinationSettings
	text, other config.Template
	fail        bool
	rig         *rig
	env         weir.DestinationEnv
}

func (d *testDestination) Fields(f *config.Fields) {
	d.DestinationSettings.Fields(f)
	f.Template(&d.text, "text", "${message.encodedData}", "What is sent.")
	f.Template(&d.other, "other", "", "Something else.")
	f.Bool(&d.fail, "fail", false, "Whether it does not open.")
}

func (d *testDestination) Open(_ context.Context, env weir.DestinationEnv) error {
	if d.fail {
		return errors.New("cannot be opened")
	}
	d.rig.mu.Lock()
	defer d.rig.mu.Unlock()
	d.env = env
	d.rig.open++
	return nil
}

func (d *testDestination) Close(context.Context) error {
	d.rig.mu.Lock()
	defer d.rig.mu.Unlock()
	d.rig.open--
	return nil
}

func (d *testDestination) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	text, streamed, err := d.body(ctx, m)
	if err != nil {
		return weir.Response{}, err
	}
	call := delivery{
		streamed: streamed,
		dest:     d.env.Name, id: m.MessageID, attempt: m.Attempt, thread: m.Thread, maybe: m.Maybe,
		text: text, other: m.Resolve(d.other), at: time.Now(), sourceMapSize: len(m.SourceMap),
	}
	d.rig.mu.Lock()
	if !d.rig.bench {
		d.rig.sent = append(d.rig.sent, call)
	}
	answer := d.rig.answers[d.env.Name]
	d.rig.mu.Unlock()
	if answer == nil {
		return sentOK, nil
	}
	return answer(ctx, call, m)
}

// body is what is sent, piece by piece where it is too large for memory.
func (d *testDestination) body(ctx context.Context, m *weir.Outbound) (text string, streamed bool, err error) {
	s, streamed, err := m.Stream(ctx, d.text)
	if err != nil || !streamed || d.rig.bodies {
		text, bodyErr := m.Body(d.text)
		return text, false, errors.Join(err, bodyErr)
	}
	content, err := s.Open(ctx)
	if err != nil {
		return "", true, err
	}
	defer content.Close()
	whole, err := io.ReadAll(content)
	if err == nil && int64(len(whole)) != s.Size {
		err = fmt.Errorf("%d bytes, and %d were promised", len(whole), s.Size)
	}
	return string(whole), true, err
}

func (r *rig) answer(dest string, a answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[dest] = a
}

// tap is a store that can be watched and broken.
type tap struct {
	store.Store
	mu     sync.Mutex
	saves  int
	before func(n int, c *store.Change) error // may refuse the n-th save, from 1
}

func (s *tap) Save(ctx context.Context, c *store.Change) error {
	s.mu.Lock()
	s.saves++
	n, before := s.saves, s.before
	s.mu.Unlock()
	if before != nil {
		if err := before(n, c); err != nil {
			return err
		}
	}
	return s.Store.Save(ctx, c)
}

func (s *tap) onSave(f func(n int, c *store.Change) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saves, s.before = 0, f
}

// testHost is an engine that scripts reach nothing of. What they log is said.
type testHost struct {
	script.Host
	said chan string
}

func (h testHost) Log(_ *script.Scope, _ script.Level, _, text string) {
	select {
	case h.said <- text:
	default: // nobody listens
	}
}

// logLines keeps the log.
type logLines struct {
	mu    sync.Mutex
	lines []string
}

func (l *logLines) Enabled(context.Context, slog.Level) bool { return true }
func (l *logLines) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logLines) WithGroup(string) slog.Handler            { return l }
func (l *logLines) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != "stack" {
			line += " " + a.String()
		}
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	return nil
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// synctestRig is in with a change to the engine before the channel is made.
func synctestRig(t *testing.T, setup func(*weir.Channel), engine func(r *rig), test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, setup)
		engine(r)
		r.start()
		test(r)
		r.end()
	})
}

func compiled(t *testing.T, name, code string) *script.Program {
	t.Helper()
	if code == "" {
		return nil
	}
	p, err := script.CompileScript(name, nil, script.Part{Name: name, Code: code})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// forgetful is a store that takes everything and keeps nothing.
type forgetful struct{ store.Store }

func (forgetful) Save(context.Context, *store.Change) error { return nil }
