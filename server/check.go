package server

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/channelfile"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
)

// Verdict is what becomes of one channel here.
type Verdict struct {
	Channel  string
	File     string
	Runs     Outcome
	Disabled bool
	Reasons  []Problem
	Reaches  []Problem // what its scripts reach outside of the engine
}

// Outcome is whether a channel runs.
type Outcome string

const (
	RunsUnchanged Outcome = "runs unchanged"
	RunsDifferent Outcome = "runs with differences"
	WillNotRun    Outcome = "will not run"
)

// Check judges the channels of files and directories without running anything.
// problems are those that belong to no channel, such as a file that cannot be
// read.
func Check(opt Options, paths ...string) (verdicts []Verdict, problems []Problem, err error) {
	opt = opt.withDefaults()
	set, err := opt.readChannels(paths...)
	if err != nil {
		return nil, nil, err
	}
	engine := pipeline.Engine{
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: opt.Now,
		Source: opt.source, Destination: opt.destination, DataType: opt.dataType, Global: script.NewSharedMap(),
		Configuration: func() map[string]string { return set.Configuration },
	}
	for _, c := range set.Channels {
		v := Verdict{Channel: c.Name, File: set.Files[c.ID], Runs: RunsUnchanged, Disabled: !c.Enabled}
		for _, p := range set.Problems {
			if p.Channel == c.Name {
				v.Reasons = append(v.Reasons, p)
			}
		}
		for _, note := range unknownSettings(opt, c) {
			v.Reasons = append(v.Reasons, Problem{v.File, note})
		}
		trial := *c
		if set.own[v.File] {
			if trial, err = channelfile.Resolve(*c, opt.types()); err != nil {
				v.Reasons = append(v.Reasons, Problem{v.File, mirth.Note{Channel: c.Name, Severity: mirth.Difference, Text: err.Error()}})
				trial = channelfile.WithoutReferences(*c)
			}
		}
		reach, err := pipeline.Check(trial, engine)
		for _, note := range faultNotes(c.Name, reach) {
			v.Reasons = append(v.Reasons, Problem{v.File, note})
		}
		for _, note := range reachNotes(c.Name, reach) {
			v.Reaches = append(v.Reaches, Problem{v.File, note})
		}
		if err != nil {
			v.Reasons = append(v.Reasons, Problem{v.File, mirth.Note{Channel: c.Name, Severity: mirth.Blocks, Text: err.Error()}})
		}
		for _, r := range v.Reasons {
			switch {
			case r.Severity == mirth.Blocks:
				v.Runs = WillNotRun
			case r.Severity == mirth.Difference && v.Runs == RunsUnchanged:
				v.Runs = RunsDifferent
			}
		}
		verdicts = append(verdicts, v)
	}
	known := map[string]bool{}
	for _, c := range set.Channels {
		known[c.Name] = true
	}
	for _, p := range set.Problems {
		if !known[p.Channel] {
			problems = append(problems, p)
		}
	}
	return verdicts, problems, nil
}

// unknownSettings notes the connector and data type settings that are kept but
// have no effect.
func unknownSettings(opt Options, c *weir.Channel) []mirth.Note {
	var notes []mirth.Note
	note := func(connector string, g config.Group, s config.Settings) {
		unknown, _ := config.Decode(g, s) // errors are reported by the trial compilation
		for _, name := range unknown {
			notes = append(notes, mirth.Note{Channel: c.Name, Path: connector + "/" + name, Severity: mirth.Info,
				Text: fmt.Sprintf("setting %s is kept, but has no effect", name)})
		}
	}
	dataTypes := func(connector string, t weir.Transformer) {
		if def, ok := opt.dataType(t.Inbound); ok {
			note(connector+"/"+t.Inbound, t.InboundSettings, def.New())
		}
		if def, ok := opt.dataType(t.Outbound); ok {
			note(connector+"/"+t.Outbound, t.OutboundSettings, def.New())
		}
	}
	if st, ok := opt.source(c.Source.Type); ok {
		note("Source", c.Source.Settings, st.New())
	}
	dataTypes("Source", c.Source.Transformer)
	for _, d := range c.Destinations {
		if dt, ok := opt.destination(d.Type); ok {
			note(d.Name, d.Settings, dt.New())
		}
		dataTypes(d.Name, d.Transformer)
		dataTypes(d.Name, d.ResponseTransformer)
	}
	return notes
}
