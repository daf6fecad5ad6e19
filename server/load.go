package server

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/channelfile"
	"github.com/weir-health/weir/internal/mirth"
)

// Problem is something found in a channel file: that a channel will not run,
// runs with a difference, or that something is kept without an effect.
type Problem struct {
	File string
	mirth.Note
}

// load reads every channel file there is.
func (s *Server) load() error {
	// Reading takes much memory once: meanwhile it is collected sooner.
	limitGarbage("start", startPercent) // until the channels that are read are deployed
	set, err := s.readAll()
	if err != nil {
		return err
	}
	s.report(set.Problems)
	s.configuration.Store(&set.Configuration)
	s.settings.Store(&set.settings)
	s.globalDeploy.source = set.Global
	s.globalDeploy.templates = set.GlobalTemplates
	s.took(set)
	var list []*deployed
	for _, c := range set.Channels {
		list = append(list, &deployed{config: *c, origin: set.origin(c), problem: set.blocked(c)})
	}
	s.channels.Store(&list)
	return nil
}

// took remembers what files hold; the caller holds changing, or nothing runs yet.
func (s *Server) took(set *ChannelSet) {
	s.loaded, s.imports = set.Problems, set.imports
	s.files.Store(&set.imports)
}

// readAll reads the directory of channel files, and the channels that were
// applied to this engine and are kept in its data directory.
func (s *Server) readAll() (*ChannelSet, error) {
	var dirs []string
	if s.opt.Channels != "" {
		dirs = append(dirs, s.opt.Channels)
	}
	applied := s.data.file(appliedDir)
	if _, err := os.Stat(applied); err == nil {
		dirs = append(dirs, applied)
	}
	set := &ChannelSet{applied: applied, last: s.imports, lastSeen: s.seen}
	err := s.opt.readInto(set, dirs...)
	if err == nil {
		s.seen = set.seen
	}
	return set, err
}

// report writes what reading found into the log.
func (s *Server) report(problems []Problem) {
	for _, p := range problems {
		switch p.Severity {
		case mirth.Blocks:
			s.log.Error("A channel file has something that will not run", "file", p.File, "channel", p.Channel, "at", p.Path, "line", p.Line, "reason", p.Text, "remedy", p.Remedy)
		case mirth.Difference, mirth.Warning:
			s.log.Warn("A channel file has something that differs here, or should not stay", "file", p.File, "channel", p.Channel, "at", p.Path, "line", p.Line, "reason", p.Text, "remedy", p.Remedy)
		}
	}
}

// blocked is the first thing that keeps a channel from running.
func (set *ChannelSet) blocked(c *weir.Channel) error {
	for _, p := range set.Problems {
		if p.Severity == mirth.Blocks && p.Channel == c.Name {
			return &weir.Fault{Channel: c.Name, At: p.Path, Err: fmt.Errorf("%s (%s, line %d)", p.Text, p.File, p.Line), Hint: p.Remedy}
		}
	}
	return nil
}

// origin is where a channel comes from.
type origin struct {
	file   string
	own    bool // Weir's own file, whose settings may be references
	libs   []mirth.Library
	values map[string]string // of its variables
}

func (set *ChannelSet) origin(c *weir.Channel) origin {
	file := set.Files[c.ID]
	im := set.imports[file]
	return origin{file, set.own[file], im.Inside[c.ID], set.values.For(c)}
}

// resolved is the channel with the values that its settings refer to.
func (d *deployed) resolved(opt Options) (weir.Channel, error) {
	if !d.own {
		return d.config, nil
	}
	return channelfile.Resolve(d.config, opt.types(), d.values)
}

// ChannelSet is what a number of channel files hold together.
type ChannelSet struct {
	Channels        []*weir.Channel
	Files           map[string]string // channel id → file
	Global          weir.GlobalScripts
	GlobalTemplates []weir.CodeTemplate
	Configuration   map[string]string
	settings        config.Group // serverSettings of a server backup
	Problems        []Problem

	values  channelfile.Values       // of variables
	read    []string                 // files, in their order
	imports map[string]*mirth.Import // by file
	own     map[string]bool          // files that are Weir's own
	applied string                   // directory whose channels give way to others

	last map[string]*mirth.Import // stands in for a file that cannot be read

	seen, lastSeen map[string]seen // now, and the time before

	byID, byName map[string]*weir.Channel
}

// seen is a file as it was read, how it looked then, and when that was.
type seen struct {
	info os.FileInfo
	at   time.Time
	im   *mirth.Import
}

// afterChange is how old a change must be for the time of another one to differ from
// it, on any file system.
const afterChange = 50 * time.Millisecond

// as tells whether a file is still as it was: the same one, with the same size and
// time, and not read right after a change.
func (was seen) as(now os.FileInfo) bool {
	return was.im != nil && os.SameFile(was.info, now) && was.info.Size() == now.Size() &&
		was.info.ModTime().Equal(now.ModTime()) && was.at.Sub(now.ModTime()) > afterChange
}

// readOrKept reads a file, or takes what was read before.
func (o Options) readOrKept(set *ChannelSet, file string) (im *mirth.Import, own bool, err error) {
	info, err := os.Stat(file)
	if was := set.lastSeen[file]; err == nil && was.as(info) {
		set.seen[file] = was
		return was.im, false, nil
	}
	at := time.Now()
	im, own, err = o.readFile(file)
	// One of Weir's files may have scripts beside it, which its time says nothing of.
	if err == nil && !own && info != nil {
		set.seen[file] = seen{info, at, im}
	}
	return im, own, err
}

// channelFiles are the endings of files that are read from a directory.
var channelFiles = map[string]bool{".xml": true, ".properties": true, ".yaml": true, ".yml": true}

// ReadChannels reads channel files, and every channel file in directories. A
// file that cannot be read at all is a problem of its own; the others count.
func ReadChannels(paths ...string) (*ChannelSet, error) {
	return Options{}.withDefaults().readChannels(paths...)
}

func (o Options) readChannels(paths ...string) (*ChannelSet, error) {
	set := &ChannelSet{}
	return set, o.readInto(set, paths...)
}

func (o Options) readInto(set *ChannelSet, paths ...string) error {
	set.Files, set.Configuration = map[string]string{}, map[string]string{}
	set.imports, set.own, set.seen = map[string]*mirth.Import{}, map[string]bool{}, map[string]seen{}
	set.byID, set.byName = map[string]*weir.Channel{}, map[string]*weir.Channel{}
	files, err := listFiles(paths)
	if err != nil {
		return err
	}
	if set.values, err = o.readValues(); err != nil {
		return err
	}
	var libraries []mirth.Library
	var dependencies config.Group
	var settings config.Sharer
	set.read = files
	for _, file := range files {
		imp, own, err := o.readOrKept(set, file)
		if err != nil {
			set.Problems = append(set.Problems, fileProblems(file, err)...)
			if imp = set.last[file]; imp == nil {
				continue
			}
		}
		if set.imports[file], set.own[file] = imp, own; imp != set.lastSeen[file].im {
			for _, c := range imp.Channels {
				share(&settings, c)
			}
		}
		for _, note := range imp.Notes {
			set.Problems = append(set.Problems, Problem{file, note})
		}
		for _, c := range imp.Channels {
			c := *c // the import stays as it was read
			c.Depends = slices.Clip(c.Depends)
			set.add(file, &c)
		}
		libraries = mirth.MergeLibraries(libraries, imp.Libraries)
		dependencies = append(dependencies, imp.Dependencies...)
		if imp.Global != nil {
			join(&set.Global, *imp.Global)
		}
		if own, ok := imp.Other.Get("serverSettings"); ok {
			set.settings = own.Group
		}
		for _, e := range imp.Configuration {
			set.Configuration[e.Key] = e.Value
		}
	}
	for _, c := range set.Channels {
		mirth.ApplyLibraries(c, libraries)
		depend(c, dependencies)
	}
	// The empty id stands for the global scripts, to which all libraries apply.
	global := &weir.Channel{}
	mirth.ApplyLibraries(global, libraries)
	set.GlobalTemplates = global.CodeTemplates
	return nil
}

// share gives the settings of a channel that was just read the memory of equal ones.
func share(s *config.Sharer, c *weir.Channel) {
	c.Extra = s.Group(c.Extra)
	connectors := []*weir.Connector{&c.Source}
	for i := range c.Destinations {
		connectors = append(connectors, &c.Destinations[i])
	}
	for _, o := range connectors {
		o.Settings = s.Group(o.Settings)
		shareSteps(s, o.Filter)
		for _, t := range []*weir.Transformer{&o.Transformer, &o.ResponseTransformer} {
			t.InboundSettings, t.OutboundSettings = s.Group(t.InboundSettings), s.Group(t.OutboundSettings)
			t.InboundTemplate, t.OutboundTemplate = s.Text(t.InboundTemplate), s.Text(t.OutboundTemplate)
			shareSteps(s, t.Steps)
		}
	}
}

func shareSteps(s *config.Sharer, steps []weir.Step) {
	for i := range steps {
		steps[i].Settings = s.Group(steps[i].Settings)
		shareSteps(s, steps[i].Steps)
	}
}

// join takes over the global scripts that a file has; each may come from another.
func join(all *weir.GlobalScripts, g weir.GlobalScripts) {
	for _, s := range []struct {
		to   *string
		from string
	}{{&all.Deploy, g.Deploy}, {&all.Undeploy, g.Undeploy}, {&all.Preprocessor, g.Preprocessor}, {&all.Postprocessor, g.Postprocessor}} {
		if s.from != "" {
			*s.to = s.from
		}
	}
}

// depend tells a channel what it depends on, which may stand in another file.
func depend(c *weir.Channel, dependencies config.Group) {
	for _, d := range dependencies {
		id := d.Group.Text("dependencyId")
		if d.Group.Text("dependentId") == c.ID && !slices.Contains(c.Depends, id) {
			c.Depends = append(c.Depends, id)
		}
	}
}

// add takes a channel in, unless one of the same id or name is there already.
func (set *ChannelSet) add(file string, c *weir.Channel) {
	name := strings.ToLower(c.Name)
	other := set.byID[c.ID]
	if other == nil {
		other = set.byName[name]
	}
	switch {
	case other == nil:
		set.Channels = append(set.Channels, c)
		set.Files[c.ID], set.byID[c.ID], set.byName[name] = file, c, c
	case filepath.Dir(file) == set.applied:
		set.Problems = append(set.Problems, Problem{file, mirth.Note{Severity: mirth.Info,
			Text: fmt.Sprintf("channel %s now comes from %s; this copy has no effect", c.Name, set.Files[other.ID])}})
	default:
		set.Problems = append(set.Problems, Problem{file, mirth.Note{
			Channel: c.Name, Severity: mirth.Blocks,
			Text:   fmt.Sprintf("channel %s is already in %s", other.Name, set.Files[other.ID]),
			Remedy: "Remove one of the two; the first one runs.",
		}})
	}
}

func listFiles(paths []string) ([]string, error) {
	var files []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, &weir.Fault{Err: err, Hint: "Name a file or directory that exists."}
		}
		if !info.IsDir() {
			files = append(files, p)
			continue
		}
		entries, err := os.ReadDir(p)
		if err != nil {
			return nil, &weir.Fault{Err: err, Hint: "Give this user the right to read the directory."}
		}
		for _, e := range entries {
			if !e.IsDir() && channelFiles[strings.ToLower(filepath.Ext(e.Name()))] {
				files = append(files, filepath.Join(p, e.Name()))
			}
		}
	}
	return files, nil
}
