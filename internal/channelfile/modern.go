package channelfile

import (
	"errors"
	"io/fs"
	"path"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/script"
)

// maxModules is how many files the scripts of one channel may import.
const maxModules = 1000

// modules brings in the files that the modern scripts of a channel import, with
// what those import. One that is not there is left to the compiler, which knows
// the place to complain of.
func (r *reader) modules(ch *weir.Channel) {
	if r.beside == nil {
		return
	}
	g := gatherer{r: r, ch: ch}
	for _, code := range []string{ch.Preprocessor, ch.Postprocessor, ch.Deploy, ch.Undeploy} {
		g.imports(".", code)
	}
	g.connector(ch.Source)
	for _, d := range ch.Destinations {
		g.connector(d)
	}
}

type gatherer struct {
	r    *reader
	ch   *weir.Channel
	size int
}

// connector looks into the steps and into every setting: which of those are
// scripts, the connector alone knows.
func (g *gatherer) connector(c weir.Connector) {
	g.settings(c.Settings)
	for _, steps := range [][]weir.Step{c.Filter, c.Transformer.Steps, c.ResponseTransformer.Steps} {
		for _, s := range steps {
			g.settings(s.Settings)
		}
	}
}

func (g *gatherer) settings(list config.Group) {
	for _, s := range list {
		g.imports(".", s.Text)
		g.settings(s.Group)
	}
}

func (g *gatherer) imports(dir, code string) {
	for _, specifier := range script.Imports(code) {
		for _, name := range script.ModuleNames(dir, specifier) {
			if _, known := g.ch.Modules[name]; known {
				break
			}
			text, err := readBeside(g.r.beside, name)
			if errors.Is(err, fs.ErrNotExist) || err != nil && isDir(g.r.beside, name) {
				continue
			}
			if err != nil {
				g.r.fail(0, "module %s: %v", quote(name), err)
				break
			}
			if g.size += len(text); g.size > MaxFile || len(g.ch.Modules) >= maxModules {
				g.r.fail(0, "the scripts import more than %d files or %d bytes", maxModules, MaxFile)
				return
			}
			if g.ch.Modules == nil {
				g.ch.Modules = map[string]string{}
			}
			g.ch.Modules[name] = text
			g.imports(path.Dir(name), text)
			break
		}
	}
}

func isDir(beside fs.FS, name string) bool {
	info, err := fs.Stat(beside, name)
	return err == nil && info.IsDir()
}
