package server

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/channelfile"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
)

// Report is what Check found. docs/check.md describes it as JSON.
type Report struct {
	Summary  Summary       `json:"summary"`
	Files    []CheckedFile `json:"files"`
	Channels []Verdict     `json:"channels"`
	Problems []Problem     `json:"problems"` // that belong to no channel
	Missing  []Used        `json:"missing"`  // classes and functions of scripts
	Plugins  []Used        `json:"plugins"`
	Ports    []SharedPort  `json:"ports"` // that several channels listen on
}

// Summary counts.
type Summary struct {
	Channels  int `json:"channels"`
	Unchanged int `json:"runsUnchanged"`
	Different int `json:"runsWithDifferences"`
	WillNot   int `json:"willNotRun"`
	Unread    int `json:"unreadable"` // files, and channels in them, that cannot be read
	Secrets   int `json:"secretsInClearText"`
	Insecure  int `json:"insecureSettings"`
	Ports     int `json:"portsInConflict"`
}

// CheckedFile is a file, told by what it holds.
type CheckedFile struct {
	File    string `json:"file"`
	Kind    string `json:"kind"` // empty for one that cannot be read
	Version string `json:"version,omitempty"`
	Holds   string `json:"holds,omitempty"`
}

// Verdict is what becomes of one channel here.
type Verdict struct {
	Channel  string    `json:"channel"`
	ID       string    `json:"id"`
	File     string    `json:"file"`
	Runs     Outcome   `json:"verdict"`
	Disabled bool      `json:"disabled,omitempty"`
	Reasons  []Problem `json:"reasons"`  // what of it does not run, differs, or is kept without effect
	Warnings []Problem `json:"warnings"` // what runs, and should not stay so
	Reaches  []Problem `json:"reaches"`  // what its scripts reach outside of the engine
}

// Used is something that Weir does not have, and the channels that use it.
type Used struct {
	Name     string   `json:"name"`
	Channels []string `json:"channels"`
}

// Outcome is whether a channel runs.
type Outcome string

const (
	RunsUnchanged Outcome = "runs unchanged"
	RunsDifferent Outcome = "runs with differences"
	WillNotRun    Outcome = "will not run"
)

// What notes of Check are about, beside those of package mirth.
const (
	aboutSecret   mirth.About = "secret"
	aboutInsecure mirth.About = "insecure"
	aboutPort     mirth.About = "port"
	aboutReach    mirth.About = "reach"
)

// Check judges the channels of files and directories without running anything.
func Check(opt Options, paths ...string) (*Report, error) {
	opt = opt.withDefaults()
	set, err := opt.readChannels(paths...)
	if err != nil {
		return nil, err
	}
	c := &checker{opt: opt, set: set, report: &Report{}, places: map[string]mirth.Places{}, notes: map[string][]Problem{}}
	c.engine = pipeline.Engine{
		Log: slog.New(slog.DiscardHandler), Now: opt.Now,
		Source: opt.source, Destination: opt.destination, DataType: opt.dataType, Global: script.NewSharedMap(),
		Configuration: func() map[string]string { return set.Configuration },
	}
	c.files()
	known := map[string]bool{}
	for _, ch := range set.Channels {
		known[ch.Name] = true
	}
	for _, p := range set.Problems {
		if known[p.Channel] {
			c.notes[p.Channel] = append(c.notes[p.Channel], p)
		} else {
			c.report.Problems = append(c.report.Problems, p)
		}
	}
	shared := c.ports()
	for _, ch := range set.Channels {
		c.report.Channels = append(c.report.Channels, c.verdict(ch, shared[ch.ID]))
	}
	c.common()
	c.finish()
	return c.report, nil
}

type checker struct {
	opt    Options
	set    *ChannelSet
	engine pipeline.Engine
	report *Report
	places map[string]mirth.Places // by file
	notes  map[string][]Problem    // by channel
}

func (c *checker) files() {
	for _, file := range c.set.read {
		f := CheckedFile{File: file}
		if im := c.set.imports[file]; im != nil {
			f.Kind, f.Version, f.Holds = im.Kind, im.Version, im.Summary()
			if c.set.own[file] {
				f.Kind = "Weir channel"
			}
		}
		c.report.Files = append(c.report.Files, f)
	}
}

// verdict judges one channel.
func (c *checker) verdict(ch *weir.Channel, ports []Problem) Verdict {
	v := Verdict{Channel: ch.Name, ID: ch.ID, File: c.set.Files[ch.ID], Runs: RunsUnchanged, Disabled: !ch.Enabled}
	v.Reasons = slices.Clone(c.notes[ch.Name])
	at := c.locate(ch)
	note := func(to *[]Problem, notes ...mirth.Note) {
		for _, n := range notes {
			n.Channel = ch.Name
			if n.Line == 0 {
				n.Path, n.Line = at.find(n.Path)
			}
			*to = append(*to, Problem{v.File, n})
		}
	}
	note(&v.Reasons, unknownSettings(c.opt, ch, at)...)
	note(&v.Reasons, plugins(c.opt, ch, at)...)
	note(&v.Reasons, resources(ch, at)...)
	trial := *ch
	if c.set.own[v.File] {
		var err error
		if trial, err = channelfile.Resolve(*ch, c.opt.types(), c.set.values.For(ch)); err != nil {
			note(&v.Reasons, mirth.Note{Severity: mirth.Difference, Text: err.Error()})
			trial = channelfile.WithoutReferences(*ch)
		}
	}
	reach := c.try(trial, at, func(n mirth.Note) { note(&v.Reasons, n) })
	note(&v.Reasons, faultNotes(reach, at)...)
	note(&v.Reasons, differencesOf(c.opt, ch, reach, at)...)
	note(&v.Reaches, reachNotes(ch.Name, c.opt.grants(ch.Name, ch.Access, reach.Access), reach)...)
	note(&v.Warnings, secrets(c.opt, ch, at)...)
	note(&v.Warnings, insecure(c.opt, ch, at)...)
	v.Warnings = append(v.Warnings, ports...)
	v.Reasons = slices.DeleteFunc(v.Reasons, func(p Problem) bool {
		if p.Severity == mirth.Warning { // the reader of Weir's own files tells of secrets, too
			p.About = aboutSecret
			if !slices.ContainsFunc(v.Warnings, func(w Problem) bool { return w.Path == p.Path && w.About == p.About }) {
				v.Warnings = append(v.Warnings, p)
			}
		}
		return p.Severity == mirth.Warning
	})
	slices.SortStableFunc(v.Reasons, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Line, b.Line))
	})
	for _, r := range v.Reasons {
		switch {
		case r.Severity == mirth.Blocks:
			v.Runs = WillNotRun
		case r.Severity == mirth.Difference && v.Runs == RunsUnchanged:
			v.Runs = RunsDifferent
		}
	}
	return v
}

// try compiles a channel. The first error of a compilation hides all others, so
// that it is taken out of the trial and the rest is compiled again.
func (c *checker) try(trial weir.Channel, at locator, note func(mirth.Note)) (reach script.Reach) {
	trial.Destinations = slices.Clone(trial.Destinations)
	trial.Source = withoutUnknownSteps(trial.Source)
	for i := range trial.Destinations {
		trial.Destinations[i] = withoutUnknownSteps(trial.Destinations[i])
	}
	for {
		found, err := pipeline.Check(trial, c.engine)
		if err == nil {
			return found
		}
		n := mirth.Note{Severity: mirth.Blocks, Text: err.Error()}
		f := &weir.Fault{}
		if errors.As(err, &f) {
			n = mirth.Note{Path: at.connector(f.Connector), Severity: mirth.Blocks, Text: f.Err.Error(), Remedy: f.Hint}
			if f.At != "" {
				n.Path, n.Text = at.setting(f.Connector, f.At), f.At+": "+n.Text
			}
		}
		if e, ok := errors.AsType[*script.Error](err); ok && e.Part != "" {
			n.Path = at.script(f.Connector, e.Script, e.Part)
		}
		if slices.ContainsFunc(trial.Destinations, func(d weir.Connector) bool { return d.Name == f.Connector }) {
			n.Text = f.Connector + ": " + n.Text // of destinations there are many
		}
		note(n)
		if !c.without(&trial, f.Connector) {
			return reach
		}
	}
}

// withoutUnknownSteps turns off the steps and rules of extensions, which were
// noted when they were read.
func withoutUnknownSteps(c weir.Connector) weir.Connector {
	off := func(list []weir.Step) []weir.Step {
		list = slices.Clone(list)
		for i := range list {
			if strings.Contains(list[i].Type, ".") {
				list[i].Enabled = false
			}
		}
		return list
	}
	c.Filter, c.Transformer.Steps, c.ResponseTransformer.Steps = off(c.Filter), off(c.Transformer.Steps), off(c.ResponseTransformer.Steps)
	return c
}

// without takes out of a trial what failed: a destination, of the source first the
// steps and then all of it, or the channel's own scripts. It returns false when
// nothing is left to take out.
func (c *checker) without(trial *weir.Channel, connector string) bool {
	if i := slices.IndexFunc(trial.Destinations, func(d weir.Connector) bool { return d.Name == connector && d.Enabled }); i >= 0 {
		trial.Destinations[i].Enabled = false
		return true
	}
	source := &trial.Source
	switch {
	case connector == "Source" && len(source.Filter)+len(source.Transformer.Steps) > 0:
		source.Filter, source.Transformer.Steps = nil, nil
	case connector == "Source" && (source.Type != "Channel Reader" || source.Transformer.Inbound != "RAW"):
		*source = weir.Connector{Name: source.Name, Type: "Channel Reader", Enabled: true, Transformer: weir.Transformer{Inbound: "RAW", Outbound: "RAW"}}
	case connector == "" && trial.Preprocessor+trial.Postprocessor+trial.Deploy+trial.Undeploy != "":
		trial.Preprocessor, trial.Postprocessor, trial.Deploy, trial.Undeploy = "", "", "", ""
	default:
		return false
	}
	return true
}

// common finds what concerns the channels together, and what belongs to none.
func (c *checker) common() {
	missing, plugins := map[string][]string{}, map[string][]string{}
	for _, v := range c.report.Channels {
		for _, p := range v.Reasons {
			to := map[mirth.About]map[string][]string{mirth.Class: missing, mirth.Plugin: plugins}[p.About]
			if to != nil && !slices.Contains(to[p.Name], v.Channel) {
				to[p.Name] = append(to[p.Name], v.Channel)
			}
		}
	}
	for _, file := range c.set.read {
		im := c.set.imports[file]
		if im == nil {
			continue
		}
		for _, n := range secretsBeside(im) {
			c.report.Problems = append(c.report.Problems, Problem{file, n})
		}
		for _, s := range im.Other {
			if s.Name != "pluginProperties" {
				continue
			}
			for _, e := range s.Group {
				if len(e.Group) > 0 && plugins[e.Group[0].Text] == nil {
					plugins[e.Group[0].Text] = []string{}
				}
			}
		}
	}
	c.report.Missing, c.report.Plugins = used(missing), used(plugins)
}

func used(m map[string][]string) []Used {
	list := []Used{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, Used{name, m[name]})
	}
	return list
}

// finish counts, and leaves no list nil, which JSON would not write as one.
func (c *checker) finish() {
	r, s := c.report, &c.report.Summary
	s.Channels, s.Ports = len(r.Channels), len(r.Ports)
	count := func(list []Problem) {
		for _, p := range list {
			switch p.About {
			case aboutSecret:
				s.Secrets++
			case aboutInsecure:
				s.Insecure++
			}
		}
	}
	for i := range r.Channels {
		v := &r.Channels[i]
		switch v.Runs {
		case RunsUnchanged:
			s.Unchanged++
		case RunsDifferent:
			s.Different++
		case WillNotRun:
			s.WillNot++
		}
		count(v.Warnings)
		v.Reasons, v.Warnings, v.Reaches = slices.Concat([]Problem{}, v.Reasons), slices.Concat([]Problem{}, v.Warnings), slices.Concat([]Problem{}, v.Reaches)
	}
	count(r.Problems)
	for _, p := range r.Problems {
		if p.Severity == mirth.Blocks {
			s.Unread++
		}
	}
	r.Files, r.Channels = slices.Concat([]CheckedFile{}, r.Files), slices.Concat([]Verdict{}, r.Channels)
	r.Problems, r.Ports = slices.Concat([]Problem{}, r.Problems), slices.Concat([]SharedPort{}, r.Ports)
}

// locator says where in its file a part of a channel is: as the path of elements
// in an export, in Weir's own files by the connector's name and the setting.
type locator struct {
	ch     *weir.Channel
	own    bool
	places mirth.Places
}

func (c *checker) locate(ch *weir.Channel) locator {
	file := c.set.Files[ch.ID]
	at := locator{ch: ch, own: c.set.own[file]}
	if at.own {
		return at
	}
	if _, ok := c.places[file]; !ok {
		data, _ := readLimited(file) // it was read before; without it there are no lines
		c.places[file] = mirth.ReadPlaces(data)
	}
	at.places = c.places[file]
	return at
}

func (at locator) find(path string) (string, int) {
	if at.own || !strings.HasPrefix(path, "channel/") {
		return path, 0
	}
	return at.places.Find(at.ch.ID, path)
}

// connector is the place of a connector, by its name; Source is the source.
func (at locator) connector(name string) string {
	switch i := slices.IndexFunc(at.ch.Destinations, func(d weir.Connector) bool { return d.Name == name }); {
	case at.own:
		return name
	case name == "Source":
		return "channel/sourceConnector"
	case i >= 0:
		return fmt.Sprintf("channel/destinationConnectors/connector[%d]", i+1)
	}
	return "channel"
}

// setting is the place of a connector's setting, by its dotted name.
func (at locator) setting(connector, name string) string {
	if at.own {
		return connector + "/" + name
	}
	return at.connector(connector) + "/properties/" + strings.ReplaceAll(name, ".", "/")
}

// dataType is the place of a data type's settings.
func (at locator) dataType(connector, transformer, side string) string {
	if at.own {
		return connector + "/" + transformer + "/" + strings.TrimSuffix(side, "Properties")
	}
	return at.connector(connector) + "/" + transformer + "/" + side
}

// channelScripts are the elements of a channel's own scripts.
var channelScripts = map[string]string{"preprocessor": "preprocessingScript", "postprocessor": "postprocessingScript",
	"deploy script": "deployScript", "undeploy script": "undeployScript", "attachment script": "properties/attachmentProperties",
	"batch script": "sourceConnector/transformer/inboundProperties/batchProperties/batchScript"}

// script is the place of a part of a program, as package pipeline names them.
func (at locator) script(connector, program, part string) string {
	if name, ok := channelScripts[program]; ok && part == program {
		if at.own {
			return program
		}
		return "channel/" + name
	}
	kind, rest, _ := strings.Cut(part, " ")
	number, _, _ := strings.Cut(rest, ":")
	n := 0
	if _, err := fmt.Sscanf(number, "%d", &n); err != nil || kind != "step" && kind != "rule" || at.own {
		if at.own || part != program {
			return strings.TrimPrefix(connector+"/"+part, "/")
		}
		return at.setting(connector, part)
	}
	element := "transformer"
	c := at.connectorNamed(connector)
	list := c.Transformer.Steps
	switch {
	case kind == "rule":
		element, list = "filter", c.Filter
	case program == "response transformer":
		element, list = "responseTransformer", c.ResponseTransformer.Steps
	}
	return fmt.Sprintf("%s/%s/elements/*[%d]", at.connector(connector), element, place(list, n)+1)
}

// connectorNamed is a connector by its name.
func (at locator) connectorNamed(name string) weir.Connector {
	for _, d := range at.ch.Destinations {
		if d.Name == name {
			return d
		}
	}
	return at.ch.Source
}

// place is the index of the n-th enabled step.
func place(list []weir.Step, n int) int {
	for i, s := range list {
		if s.Enabled {
			if n == 0 {
				return i
			}
			n--
		}
	}
	return 0
}

// part is a connector with its label and what it declares; nil for a type that
// Weir does not have.
type part struct {
	label string
	*weir.Connector
	declared config.Settings
}

// parts are a channel's connectors.
func (o Options) parts(ch *weir.Channel) []part {
	types := o.types()
	list := []part{{"Source", &ch.Source, types.Source(ch.Source.Type)}}
	for i := range ch.Destinations {
		d := &ch.Destinations[i]
		list = append(list, part{d.Name, d, types.Destination(d.Type)})
	}
	return list
}

// unknownSettings notes the connector and data type settings that are kept but
// have no effect.
func unknownSettings(opt Options, ch *weir.Channel, at locator) []mirth.Note {
	var notes []mirth.Note
	note := func(g config.Group, s config.Settings, path func(name string) string) {
		if s == nil {
			return
		}
		unknown, _ := config.Decode(g, s) // errors are reported by the trial compilation
		for _, name := range unknown {
			notes = append(notes, mirth.Note{Path: path(name), Severity: mirth.Info, Text: fmt.Sprintf("setting %s is kept, but has no effect", name)})
		}
	}
	find := opt.types().DataType
	for _, p := range opt.parts(ch) {
		note(p.Settings, p.declared, func(name string) string { return at.setting(p.label, name) })
		for _, t := range []struct {
			name string
			weir.Transformer
		}{{"transformer", p.Transformer}, {"responseTransformer", p.ResponseTransformer}} {
			for side, g := range map[string]config.Group{"inboundProperties": t.InboundSettings, "outboundProperties": t.OutboundSettings} {
				dataType := map[string]string{"inboundProperties": t.Inbound, "outboundProperties": t.Outbound}[side]
				note(g, find(dataType), func(name string) string {
					return at.dataType(p.label, t.name, side) + "/" + strings.ReplaceAll(name, ".", "/")
				})
			}
		}
	}
	slices.SortStableFunc(notes, func(a, b mirth.Note) int { return cmp.Compare(a.Path, b.Path) })
	return notes
}

// plugins notes connectors, data types and settings of extensions that Weir does
// not have. Steps and rules were noted when they were read.
func plugins(opt Options, ch *weir.Channel, at locator) []mirth.Note {
	var notes []mirth.Note
	for _, p := range opt.parts(ch) {
		if p.declared == nil && p.SettingsClass != "" && !strings.HasPrefix(p.SettingsClass, "com.mirth.connect.connectors.") {
			notes = append(notes, mirth.Note{Path: at.connector(p.label), Severity: mirth.Info, About: mirth.Plugin, Name: p.SettingsClass,
				Text: fmt.Sprintf("the connector %s belongs to an extension", p.Type)})
		}
		extensions, _ := p.Settings.Get("pluginProperties")
		for _, e := range extensions.Group {
			if strings.HasPrefix(e.Name, "com.mirth.connect.plugins.httpauth.") || strings.HasPrefix(e.Name, "@") {
				continue // what Weir knows is judged by the connector
			}
			n := mirth.Note{Path: at.setting(p.label, "pluginProperties"), Severity: mirth.Difference, About: mirth.Plugin, Name: e.Name,
				Text: fmt.Sprintf("settings of the extension %s are kept, but have no effect", e.Name), Remedy: "See whether a setting of the connector does the same, such as those of tls."}
			if !at.own {
				n.Path += "/" + e.Name
			}
			for _, off := range []string{"enabled", "tlsEnabled", "sslEnabled"} {
				if e.Group.Text(off) == "false" {
					n.Severity, n.Remedy = mirth.Info, ""
				}
			}
			notes = append(notes, n)
		}
	}
	return notes
}
