package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/channelfile"
	"github.com/weir-health/weir/internal/mirth"
)

// Channel files are Weir's own or Mirth's, told apart by what they hold.

// types lends package channelfile what is known of connectors and data types.
func (o Options) types() channelfile.Types {
	return channelfile.Types{
		Source: func(name string) config.Settings {
			if t, ok := o.source(name); ok {
				return t.New()
			}
			return nil
		},
		Destination: func(name string) config.Settings {
			if t, ok := o.destination(name); ok {
				return t.New()
			}
			return nil
		},
		DataType: func(name string) config.Settings {
			if t, ok := o.dataType(name); ok {
				return t.New()
			}
			return nil
		},
	}
}

// errNoChannel tells a YAML file that holds something else.
var errNoChannel = errors.New("the file is YAML and no channel: it has no source")

// readFile reads a channel file of any kind; own tells that it is Weir's.
func (o Options) readFile(file string) (im *mirth.Import, own bool, err error) {
	data, err := readLimited(file)
	if err != nil {
		return nil, false, err
	}
	if !isYAML(file, data) {
		im, err = mirth.ReadFile(file, data)
		return im, false, err
	}
	im, err = o.readYAML(file, data)
	return im, true, err
}

// readLimited reads a file up to the largest that any reader takes.
func readLimited(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		hint := "Name a file that exists."
		if errors.Is(err, os.ErrPermission) {
			hint = "Give this user the right to read the file."
		}
		return nil, &weir.Fault{Err: err, Hint: hint}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mirth.MaxFile+1))
	if err == nil && len(data) > mirth.MaxFile {
		err = fmt.Errorf("%s has more than %d bytes", file, mirth.MaxFile)
	}
	return data, err
}

// isYAML tells Weir's files from Mirth's: by what they hold, where that says
// something, since either may have any name.
func isYAML(file string, data []byte) bool {
	start := bytes.TrimLeft(data[:min(len(data), 4096)], "\xef\xbb\xbf \t\r\n")
	if bytes.HasPrefix(start, []byte("<")) || bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return false
	}
	ext := strings.ToLower(filepath.Ext(file))
	return ext == ".yaml" || ext == ".yml" || ext != ".properties" && channelfile.IsChannel(data)
}

// readYAML reads one of Weir's own files, with the scripts beside it.
func (o Options) readYAML(file string, data []byte) (*mirth.Import, error) {
	if !channelfile.IsChannel(data) {
		return nil, errNoChannel
	}
	beside, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	defer beside.Close()
	f, err := channelfile.Read(data, beside.FS(), o.types())
	if err != nil {
		return nil, err
	}
	ch := f.Channel
	return &mirth.Import{Kind: "channel", Channels: []*weir.Channel{ch}, Libraries: f.Libraries,
		Inside: map[string][]mirth.Library{ch.ID: f.Libraries}, Notes: f.Notes}, nil
}

// readValues reads the values of variables. Without them no channel that has
// variables is as it should be: an error ends the start, and at a change leaves all
// as it is.
func (o Options) readValues() (channelfile.Values, error) {
	values := channelfile.Values{All: map[string]string{}}
	if o.Variables != "" {
		data, err := readLimited(o.Variables)
		if err == nil {
			values, err = channelfile.ReadValues(data)
		}
		if err != nil {
			return values, &weir.Fault{At: "variables", Err: fmt.Errorf("%s: %w", o.Variables, err), Hint: "Correct the file; it has a line name: value for each variable."}
		}
	}
	for name, value := range o.Set {
		values.All[name] = value
		for _, own := range values.Channel {
			delete(own, name)
		}
	}
	return values, nil
}

// fileProblems are what is wrong with a file that cannot be read.
func fileProblems(file string, err error) []Problem {
	if errors.Is(err, errNoChannel) {
		return []Problem{{file, mirth.Note{Severity: mirth.Info, Text: err.Error()}}}
	}
	var problems []Problem
	for _, e := range channelfile.Mistakes(err) {
		problems = append(problems, Problem{file, mirth.Note{Severity: mirth.Blocks, Line: e.Line, Text: e.Text, Remedy: "Correct the file."}})
	}
	if problems == nil {
		problems = []Problem{{file, mirth.Note{Severity: mirth.Blocks, Text: err.Error(), Remedy: "Export the file again, or remove it."}}}
	}
	return problems
}

// Converted is a file that Convert made.
type Converted struct {
	Name string // without a directory
	Data []byte
}

// Convert makes Weir's own files of a Mirth export, one for each channel and one
// for all else that the export holds; and of one of Weir's files the export that
// Mirth Connect reads.
func Convert(opt Options, file string) ([]Converted, error) {
	opt = opt.withDefaults()
	data, err := readLimited(file)
	if err != nil {
		return nil, err
	}
	if isYAML(file, data) {
		im, err := opt.readYAML(file, data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		ch := im.Channels[0]
		if ch.Dialect != "" {
			return nil, &weir.Fault{Channel: ch.Name, At: "dialect", Err: errors.New("the modern dialect is not one of Mirth Connect"),
				Hint: "Only channels in Mirth's own dialect can be exported."}
		}
		values, err := opt.readValues()
		if err != nil {
			return nil, err
		}
		whole, err := channelfile.WithValues(*ch, values.For(ch))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return []Converted{{replaceExt(file, ".xml"), mirth.WriteChannel(&whole, im.Libraries)}}, nil
	}
	im, err := mirth.ReadFile(file, data)
	if err != nil {
		return nil, err
	}
	return opt.toYAML(file, data, im)
}

func (o Options) toYAML(file string, data []byte, im *mirth.Import) ([]Converted, error) {
	for _, n := range im.Notes {
		lacks := n.Severity == mirth.Blocks && n.Channel != "" && !hasChannel(im, n.Channel)
		if lacks || n.About == mirth.Apart { // what is made would be less than what there is
			return nil, fmt.Errorf("%s: %s", file, n)
		}
	}
	var made []Converted
	taken := map[string]bool{}
	for _, ch := range im.Channels {
		name := channelfile.FileName(ch)
		for n := 2; taken[name]; n++ {
			name = replaceExt(channelfile.FileName(ch), fmt.Sprintf("-%d.yaml", n))
		}
		taken[name] = true
		made = append(made, Converted{name, channelfile.Write(ch, im.Inside[ch.ID], o.types())})
	}
	if im.Kind == "configuration map" {
		return nil, &weir.Fault{Err: fmt.Errorf("%s holds no channels", file), Hint: "Such a file is read from the directory of channels as it is."}
	}
	rest, more, err := mirth.WithoutChannels(data)
	if err != nil {
		return nil, err
	}
	if more && len(made) > 0 {
		made = append(made, Converted{replaceExt(file, "-without-channels.xml"), rest})
	}
	if len(made) == 0 {
		return nil, &weir.Fault{Err: fmt.Errorf("%s holds no channels", file), Hint: "Such a file is read from the directory of channels as it is."}
	}
	return made, nil
}

func hasChannel(im *mirth.Import, name string) bool {
	for _, ch := range im.Channels {
		if ch.Name == name {
			return true
		}
	}
	return false
}

func replaceExt(file, ext string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base)) + ext
}

// ChannelFile is a channel of some file, as Weir writes it.
type ChannelFile struct {
	ID, Name string
	File     string // where it was found
	Data     []byte // with all scripts inside
}

// ChannelFiles reads files and directories and returns their channels as Weir
// writes them. A file with mistakes is an error that lists them.
func ChannelFiles(opt Options, paths ...string) ([]ChannelFile, error) {
	opt = opt.withDefaults()
	set, err := opt.readChannels(paths...)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, p := range set.Problems {
		if p.Severity == mirth.Blocks && p.Channel == "" {
			wrong = append(wrong, fmt.Errorf("%s: line %d: %s", p.File, p.Line, p.Text))
		}
	}
	var list []ChannelFile
	for _, c := range set.Channels {
		list = append(list, ChannelFile{c.ID, c.Name, set.Files[c.ID], channelfile.Write(c, set.origin(c).libs, opt.types())})
	}
	return list, errors.Join(wrong...)
}

// FileName is the usual name of a channel's file.
func FileName(name string) string { return channelfile.FileName(&weir.Channel{Name: name}) }

// Schema is the JSON Schema of channel files, written from the lines that declare
// the settings.
func Schema(opt Options) string {
	opt = opt.withDefaults()
	var sources, destinations, dataTypes []channelfile.Named
	for _, t := range opt.Sources {
		sources = append(sources, channelfile.Named{Name: t.Name, Summary: t.Summary, Settings: t.New()})
	}
	for _, t := range opt.Destinations {
		destinations = append(destinations, channelfile.Named{Name: t.Name, Summary: t.Summary, Settings: t.New()})
	}
	for _, t := range opt.DataTypes {
		dataTypes = append(dataTypes, channelfile.Named{Name: t.Name, Summary: t.Summary, Settings: t.New()})
	}
	text, err := json.MarshalIndent(channelfile.Schema(sources, destinations, dataTypes), "", "  ")
	if err != nil {
		panic(err) // it is made of maps and texts
	}
	return string(text) + "\n"
}
