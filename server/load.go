package server

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
)

// Problem is something found in a channel file: that a channel will not run,
// runs with a difference, or that something is kept without an effect.
type Problem struct {
	File string
	mirth.Note
}

// load reads every channel file of a directory.
func (s *Server) load(dir string) error {
	if dir == "" {
		return nil
	}
	set, err := s.opt.readChannels(dir)
	if err != nil {
		return err
	}
	s.loaded = set.Problems
	for _, p := range set.Problems {
		switch p.Severity {
		case mirth.Blocks:
			s.log.Error("A channel file has something that will not run", "file", p.File, "channel", p.Channel, "at", p.Path, "line", p.Line, "reason", p.Text, "remedy", p.Remedy)
		case mirth.Difference:
			s.log.Warn("A channel file has something that differs here", "file", p.File, "channel", p.Channel, "at", p.Path, "line", p.Line, "reason", p.Text, "remedy", p.Remedy)
		}
	}
	for key, value := range set.Configuration {
		s.configuration[key] = value
	}
	s.globalDeploy.source = set.Global
	s.globalDeploy.templates = set.GlobalTemplates
	for _, c := range set.Channels {
		d := &deployed{config: *c}
		for _, p := range set.Problems {
			if p.Severity == mirth.Blocks && p.Channel == c.Name && d.problem == nil {
				d.problem = &weir.Fault{Channel: c.Name, At: p.Path, Err: fmt.Errorf("%s (%s, line %d)", p.Text, p.File, p.Line), Hint: p.Remedy}
			}
		}
		s.channels = append(s.channels, d)
	}
	return nil
}

// ChannelSet is what a number of channel files hold together.
type ChannelSet struct {
	Channels        []*weir.Channel
	Files           map[string]string // channel id → file
	Global          weir.GlobalScripts
	GlobalTemplates []weir.CodeTemplate
	Configuration   map[string]string
	Problems        []Problem
	Unread          []string // files that cannot be read at all
}

// channelFiles are the endings of files that are read from a directory.
var channelFiles = map[string]bool{".xml": true, ".properties": true, ".yaml": true, ".yml": true}

// ReadChannels reads channel files, and every channel file in directories. A
// file that cannot be read at all is a problem of its own; the others count.
func ReadChannels(paths ...string) (*ChannelSet, error) {
	return Options{}.withDefaults().readChannels(paths...)
}

func (o Options) readChannels(paths ...string) (*ChannelSet, error) {
	set := &ChannelSet{Files: map[string]string{}, Configuration: map[string]string{}}
	files, err := listFiles(paths)
	if err != nil {
		return nil, err
	}
	var libraries []mirth.Library
	for _, file := range files {
		imp, err := o.readFile(file)
		if err != nil {
			set.Problems = append(set.Problems, fileProblems(file, err)...)
			set.Unread = append(set.Unread, file)
			continue
		}
		for _, note := range imp.Notes {
			set.Problems = append(set.Problems, Problem{file, note})
		}
		for _, c := range imp.Channels {
			set.add(file, c)
		}
		libraries = mirth.MergeLibraries(libraries, imp.Libraries)
		if imp.Global != nil {
			set.Global = *imp.Global
		}
		for _, e := range imp.Configuration {
			set.Configuration[e.Key] = e.Value
		}
	}
	for _, c := range set.Channels {
		mirth.ApplyLibraries(c, libraries)
		for _, note := range missing(c) {
			set.Problems = append(set.Problems, Problem{set.Files[c.ID], note})
		}
	}
	// The empty id stands for the global scripts, to which all libraries apply.
	global := &weir.Channel{}
	mirth.ApplyLibraries(global, libraries)
	set.GlobalTemplates = global.CodeTemplates
	return set, nil
}

// add takes a channel in, unless one of the same id or name is there already.
func (set *ChannelSet) add(file string, c *weir.Channel) {
	for _, other := range set.Channels {
		if other.ID == c.ID || strings.EqualFold(other.Name, c.Name) {
			set.Problems = append(set.Problems, Problem{file, mirth.Note{
				Channel: c.Name, Severity: mirth.Blocks,
				Text:   fmt.Sprintf("channel %s is already in %s", other.Name, set.Files[other.ID]),
				Remedy: "Remove one of the two; the first one runs.",
			}})
			return
		}
	}
	set.Channels = append(set.Channels, c)
	set.Files[c.ID] = file
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
	sort.Strings(files)
	return files, nil
}
