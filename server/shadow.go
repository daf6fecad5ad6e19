package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/shadow"
)

// Shadow says how messages that another engine has processed are taken through
// channels here, with nothing sent.
type Shadow struct {
	Channels []string // files and directories
	Channel  string   // id or name of the one that takes all messages; default: by their channel ids
	Masks    shadow.Masks
	Reach    bool // scripts reach the files, addresses and databases that are granted to them
}

// ShadowReport is what came of it.
type ShadowReport struct {
	Messages    int                `json:"messages"`
	Same        int                `json:"same"`
	Differ      int                `json:"differ"`
	Failed      int                `json:"failed"` // could not be taken through
	Places      []ShadowPlace      `json:"places"`
	Differences []ShadowDifference `json:"differences"`
	Left        int                `json:"left,omitempty"` // differences that are counted in places alone
}

// ShadowPlace is a place at which messages differ.
type ShadowPlace struct {
	Channel   string `json:"channel"`
	Connector string `json:"connector"`
	What      string `json:"what"` // encoded, sent.SETTING, response, reply, status
	Place     string `json:"place,omitempty"`
	Messages  int    `json:"messages"`
	First     int64  `json:"first"` // message, by its id in the recording
}

// ShadowDifference is a difference of one message.
type ShadowDifference struct {
	Channel   string `json:"channel"`
	Message   int64  `json:"message"`
	Connector string `json:"connector"`
	What      string `json:"what"`
	Place     string `json:"place,omitempty"`
	Recorded  string `json:"recorded"`
	Here      string `json:"here"`
}

// MaxShadowDifferences is how many differences a report lists; places are counted
// on.
const MaxShadowDifferences = 10_000

// RunShadow takes recorded messages, one after another, through the channels of
// files. Destinations hold back what they would send and answer as the recorded
// ones did; sources stand still; nothing is kept.
func RunShadow(ctx context.Context, opt Options, how Shadow, messages func(visit func(*messagefile.Message) error) error) (*ShadowReport, error) {
	dir, err := os.MkdirTemp("", "weir-shadow-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r := &shadowRun{how: how, report: &ShadowReport{Places: []ShadowPlace{}, Differences: []ShadowDifference{}}, channels: map[string]*deployed{}, places: map[ShadowPlace]int{}}
	opt = opt.withDefaults()
	opt.Data, opt.Channels, opt.Listen, opt.Database = dir, "", "none", ""
	opt.Sources, opt.Destinations = r.standStill(opt.Sources), r.holdBack(opt.Destinations)
	set, err := opt.readChannels(how.Channels...)
	if err != nil {
		return nil, err
	}
	for _, p := range set.Problems {
		if p.Severity == mirth.Blocks && p.Channel == "" {
			return nil, &weir.Fault{At: fmt.Sprintf("%s, line %d", p.File, p.Line), Err: errors.New(p.Text), Hint: p.Remedy}
		}
	}
	if !how.Reach {
		opt.Access = map[string]weir.Access{GlobalScripts: nothingReached}
		for _, c := range set.Channels {
			opt.Access[c.Name] = nothingReached
		}
	}
	if r.s, err = New(ctx, opt); err != nil {
		return nil, err
	}
	defer r.s.Close()
	if err := r.begin(ctx, set); err != nil {
		return nil, err
	}
	defer r.end(ctx)
	err = messages(func(m *messagefile.Message) error { return r.message(ctx, m) })
	slices.SortStableFunc(r.report.Places, func(a, b ShadowPlace) int { return b.Messages - a.Messages })
	return r.report, err
}

var nothingReached = weir.Access{Files: []string{}, Network: []string{}, Databases: []string{}}

// shadowRun is a run on its way.
type shadowRun struct {
	how      Shadow
	s        *Server
	report   *ShadowReport
	channels map[string]*deployed                // by id and name, as they are needed
	places   map[ShadowPlace]int                 // index in the report's, without counts
	set      []*deployed                         // all that the files have
	now      atomic.Pointer[messagefile.Message] // the one that is taken through

	counted   *messagefile.Message // the last one that differs, and where
	inMessage []int
}

func (r *shadowRun) begin(ctx context.Context, set *ChannelSet) error {
	s := r.s
	s.heldBack = true
	s.configuration.Store(&set.Configuration)
	s.settings.Store(&set.settings)
	s.globalDeploy.source, s.globalDeploy.templates = set.Global, set.GlobalTemplates
	if err := s.globalDeploy.compile(s); err != nil {
		return err
	}
	for _, c := range set.Channels {
		r.set = append(r.set, &deployed{config: stripped(*c), origin: set.origin(c), problem: set.blocked(c)})
	}
	s.channels.Store(&r.set)
	s.globalDeploy.run(ctx, s, "GLOBAL_DEPLOY")
	if r.how.Channel != "" && s.find(r.how.Channel) == nil {
		return fmt.Errorf("no channel of the files is called %q", r.how.Channel)
	}
	return nil
}

func (r *shadowRun) end(ctx context.Context) {
	for _, d := range r.set {
		if d.channel != nil {
			d.channel.Undeploy(ctx)
		}
	}
}

// stripped is a channel without what only delays or hides: queues, batches, which
// the recorded messages have been cut out of, limits, and storage that drops what is
// to be compared.
func stripped(c weir.Channel) weir.Channel {
	c.Enabled, c.Depends = true, nil
	p := &c.Properties
	p.Storage, p.InitialState, p.RemoveContentOnCompletion, p.RemoveAttachmentsOnCompletion = weir.Development, weir.Started, false, false
	c.Source.Settings = without(without(set(c.Source.Settings, "true", "sourceConnectorProperties", "respondAfterProcessing"), "sourceConnectorProperties", "processBatch"), "weir")
	c.Destinations = slices.Clone(c.Destinations)
	for i := range c.Destinations {
		d := &c.Destinations[i]
		d.Settings = without(without(d.Settings, "destinationConnectorProperties", "queueEnabled"), "weir")
	}
	return c
}

// set is a group with another value of a setting that it has.
func set(g config.Group, value string, path ...string) config.Group {
	g = slices.Clone(g)
	for i := range g {
		if g[i].Name != path[0] {
			continue
		}
		if len(path) == 1 {
			g[i].Text = value
		} else {
			g[i].Group = set(g[i].Group, value, path[1:]...)
		}
	}
	return g
}

// still is a source that stands still: messages come from the recording.
type still struct{ weir.Source }

func (still) Start(context.Context, weir.SourceEnv) error { return nil }
func (still) Stop(context.Context) error                  { return nil }

func (r *shadowRun) standStill(types []weir.SourceType) []weir.SourceType {
	types = slices.Clone(types)
	for i, t := range types {
		types[i].New = func() weir.Source { return still{t.New()} }
	}
	return types
}

// held is a destination that sends nothing, and answers as the recorded one did.
type held struct {
	weir.Destination
	run *shadowRun
}

func (held) Open(context.Context, weir.DestinationEnv) error { return nil }
func (held) Close(context.Context) error                     { return nil }

func (h held) Send(_ context.Context, m *weir.Outbound) (weir.Response, error) {
	recorded := h.run.now.Load().Connector(m.MetaDataID)
	if recorded == nil {
		return weir.Response{Status: weir.Sent, StatusMessage: "held back"}, nil
	}
	answer, err := pipeline.StoredResponse(recorded.Text(weir.ResponseContent))
	if err != nil {
		answer = weir.Response{StatusMessage: "held back", NoAnswer: true}
	}
	answer.Status = weir.Sent
	if recorded.Status == weir.Error {
		answer.Status = weir.Error
	}
	return answer, nil
}

func (r *shadowRun) holdBack(types []weir.DestinationType) []weir.DestinationType {
	types = slices.Clone(types)
	for i, t := range types {
		types[i].New = func() weir.Destination { return held{t.New(), r} }
	}
	return types
}

// channel is the one that takes a message, deployed.
func (r *shadowRun) channel(ctx context.Context, m *messagefile.Message) (*deployed, error) {
	name := r.how.Channel
	if name == "" {
		name = m.ChannelID
	}
	if d := r.channels[name]; d != nil {
		return d, d.problem
	}
	d := r.s.find(name)
	if d == nil {
		return nil, &weir.Fault{Err: fmt.Errorf("message %d is of channel %s, which the files do not have", m.ID, name), Hint: "Give that channel's file with --channels, or name the channel with --channel."}
	}
	r.channels[name] = d
	return d, r.s.deploy(ctx, d)
}

func (r *shadowRun) message(ctx context.Context, m *messagefile.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d, err := r.channel(ctx, m)
	if err != nil {
		return err
	}
	r.report.Messages++
	source := m.Connector(0)
	if source == nil || !source.Contents[weir.Raw].Set {
		r.report.Failed++
		r.add(d, m, "Source", "raw", shadow.Difference{Place: "the recording has no raw content"})
		return nil
	}
	r.now.Store(m)
	in := weir.Inbound{Text: source.Text(weir.Raw), Force: true, SourceMap: maps.Clone(source.SourceMap)}
	if in.SourceMap == nil {
		in.SourceMap = map[string]any{}
	}
	delete(in.SourceMap, "destinationSet") // of that run
	for _, a := range m.Attachments {
		in.Text = strings.ReplaceAll(in.Text, a.Token(), string(a.Content))
	}
	reply, err := d.channel.Receive(ctx, in)
	if err != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	if err != nil {
		r.report.Failed++
		r.add(d, m, "Source", "receive", shadow.Difference{Here: err.Error()})
		return nil
	}
	here, err := r.s.store.Message(ctx, d.config.ID, reply.MessageID)
	if err != nil {
		return err
	}
	d.channel.Restore(here)
	before := r.report.total()
	r.compare(d, m, here)
	if r.report.total() == before {
		r.report.Same++
	} else {
		r.report.Differ++
	}
	return nil
}

func (r *ShadowReport) total() int { return len(r.Differences) + r.Left }

func (r *shadowRun) compare(d *deployed, m *messagefile.Message, here *weir.Message) {
	for _, recorded := range m.Connectors {
		name := connectorName(recorded)
		mine := here.Connector(recorded.MetaDataID)
		if mine == nil {
			r.add(d, m, name, "status", shadow.Difference{Recorded: recorded.Status.String(), Here: "not sent here"})
			continue
		}
		if !sameStatus(recorded.Status, mine.Status) {
			r.add(d, m, name, "status", shadow.Difference{Recorded: recorded.Status.String(), Here: strings.TrimSpace(mine.Status.String() + " " + firstLine(mine.Text(weir.ProcessingError)))})
		}
		r.texts(d, m, name, "encoded", recorded, mine, weir.Encoded)
		if recorded.MetaDataID == 0 {
			r.responses(d, m, name, "reply", recorded, mine, weir.ResponseContent)
			continue
		}
		r.sent(d, m, name, recorded, mine)
		r.responses(d, m, name, "response", recorded, mine, weir.ProcessedResponse)
	}
	for _, mine := range here.Connectors {
		if m.Connector(mine.MetaDataID) == nil {
			r.add(d, m, connectorName(mine), "status", shadow.Difference{Recorded: "not sent there", Here: mine.Status.String()})
		}
	}
}

func connectorName(cm *weir.ConnectorMessage) string {
	if cm.MetaDataID == 0 {
		return "Source"
	}
	return cm.ConnectorName
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// sameStatus tells whether two statuses are the same, but for a queue, which there
// is none of here.
func sameStatus(recorded, here weir.Status) bool {
	return recorded == here || here == weir.Sent && (recorded == weir.Queued || recorded == weir.Pending)
}

// texts compares a content that both have.
func (r *shadowRun) texts(d *deployed, m *messagefile.Message, name, what string, recorded, mine *weir.ConnectorMessage, t weir.ContentType) {
	a, ok := recorded.Content(t)
	b, okHere := mine.Content(t)
	if !ok || !okHere {
		return // it was not recorded, or the status says why there is none
	}
	r.differences(d, m, name, what, a, b)
}

func (r *shadowRun) differences(d *deployed, m *messagefile.Message, name, what, recorded, here string) {
	for _, found := range shadow.Compare(recorded, here, r.how.Masks, name) {
		r.add(d, m, name, what, found)
	}
}

// responses compares the messages of a response that both have.
func (r *shadowRun) responses(d *deployed, m *messagefile.Message, name, what string, recorded, mine *weir.ConnectorMessage, t weir.ContentType) {
	a, errA := pipeline.StoredResponse(recorded.Text(t))
	b, errB := pipeline.StoredResponse(mine.Text(t))
	if errA == nil && errB == nil {
		r.differences(d, m, name, what, a.Message, b.Message)
	}
}

// sent compares the settings with which was sent, as far as the recording has them.
// What is the encoded message in both has been compared already.
func (r *shadowRun) sent(d *deployed, m *messagefile.Message, name string, recorded, mine *weir.ConnectorMessage) {
	var resolved map[string]*string
	if json.Unmarshal([]byte(mine.Text(weir.SentContent)), &resolved) != nil || !recorded.Contents[weir.SentContent].Set {
		return
	}
	doc, err := mirth.ParseDocument([]byte(recorded.Text(weir.SentContent)), messagefile.MaxDocument)
	if err != nil {
		return
	}
	for _, setting := range slices.Sorted(maps.Keys(resolved)) {
		there, ok := sentSetting(doc, setting)
		if !ok {
			continue
		}
		if there == "${message.encodedData}" { // as Weir's own exports have it
			there = recorded.Text(weir.Encoded)
		}
		here := mine.Text(weir.Encoded)
		if resolved[setting] != nil {
			here = *resolved[setting]
		}
		if there == recorded.Text(weir.Encoded) && here == mine.Text(weir.Encoded) {
			continue
		}
		r.differences(d, m, name, "sent."+setting, there, here)
	}
}

// sentSetting finds a setting among the recorded properties of a connector: Mirth's,
// or those of Weir's own exports, by their names.
func sentSetting(doc *mirth.Node, setting string) (string, bool) {
	for _, p := range doc.Items() {
		if p.Name == "property" && p.Attr("name") == setting {
			return p.Text, true
		}
	}
	n := doc.At(strings.Split(setting, ".")...)
	if n == nil || len(n.Children) > 0 {
		return "", false
	}
	return n.Text, true
}

var placeNumber = regexp.MustCompile(`\[[0-9]+\]`)

// SamePlace tells whether a difference belongs to a place, which leaves numbers of
// segments and repetitions out.
func SamePlace(difference, place string) bool {
	return placeNumber.ReplaceAllString(difference, "") == place
}

func (r *shadowRun) add(d *deployed, m *messagefile.Message, connector, what string, found shadow.Difference) {
	if r.how.Masks.Hides(connector, what) {
		return
	}
	if len(r.report.Differences) < MaxShadowDifferences {
		r.report.Differences = append(r.report.Differences, ShadowDifference{d.config.Name, m.ID, connector, what, found.Place, found.Recorded, found.Here})
	} else {
		r.report.Left++
	}
	at := ShadowPlace{Channel: d.config.Name, Connector: connector, What: what, Place: placeNumber.ReplaceAllString(found.Place, "")}
	i, known := r.places[at]
	if !known {
		i = len(r.report.Places)
		r.places[at] = i
		at.First = m.ID
		r.report.Places = append(r.report.Places, at)
	}
	p := &r.report.Places[i]
	if r.counted != m || !slices.Contains(r.inMessage, i) {
		if r.counted != m {
			r.counted, r.inMessage = m, nil
		}
		r.inMessage = append(r.inMessage, i)
		p.Messages++
	}
}
