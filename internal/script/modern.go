package script

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
	"github.com/evanw/esbuild/pkg/api"
	"github.com/go-sourcemap/sourcemap"
)

// The modern dialect is TypeScript and current JavaScript, compiled by esbuild
// when a channel is deployed. Each step is a function of its own, in strict mode;
// what it imports comes from the modules that the channel's file brought along,
// and from nowhere else. There is no E4X and there are no Java classes: a message
// is the object of modern_node.go, the rest is in the table of modern_types.go.

// Modern is the dialect's name in a channel.
const Modern = "modern"

// CompileModernScript is [CompileScript] for the modern dialect. context is where the
// script runs, as in [Scope]: what it names and does not have there is an error. Where
// that is empty, it may have any name that there is.
func CompileModernScript(name, context string, modules map[string]string, body Part) (*Program, error) {
	p := newProgram(name)
	return p, p.compileModern(context, modules, []Part{body}, "\nfunction doScript() { return __weir.p0(); }")
}

// CompileModernTransformer is [CompileTransformer] for the modern dialect; context is
// as with [CompileModernScript]. A rule accepts with true, or with any other value that
// is true in JavaScript.
func CompileModernTransformer(name, context string, modules map[string]string, rules []Rule, steps []Part, response bool) (*Program, error) {
	p := newProgram(name)
	p.filter, p.steps, p.response = len(rules) > 0, len(steps) > 0, response
	var parts []Part
	condition, calls := "", ""
	for i, r := range rules {
		if err := checkRule(name, r); err != nil {
			return nil, err
		}
		if i > 0 {
			condition += map[bool]string{true: " || ", false: " && "}[strings.EqualFold(r.Operator, "OR")]
		}
		condition += fmt.Sprintf("__weir.p%d()", len(parts))
		parts = append(parts, r.Part)
	}
	for _, s := range steps {
		calls += fmt.Sprintf("__weir.p%d(); ", len(parts))
		parts = append(parts, s)
	}
	frame := "\nfunction doFilter() { return !!(" + condition + "); }"
	if !p.filter {
		frame = ""
	}
	return p, p.compileModern(context, modules, parts, frame+"\nfunction doTransform() { "+calls+"}")
}

// modernUnit leads from a place in the compiled code to that in the user's text.
type modernUnit struct {
	places  *sourcemap.Consumer
	sources map[string]*modernSource
}

// modernSource is a part or module, with what was put around it.
type modernSource struct {
	section
	frameLine int // line of the text in which the frame begins; 0 where there is none
	frameAt   int // column after which columns are moved, from 1
	frame     int // by how many columns
}

// partFrame makes a function of a part. What it imports stands before.
const partFrame = "export default function () {"

// modernPart puts a part into a function, on lines of their own but for the
// first, so that lines stay as they are.
func modernPart(p Part) (code string, src *modernSource) {
	text := lineEnds.Replace(p.Code)
	head := len(importLines.FindString(text))
	before := text[:head]
	src = &modernSource{section: section{part: p.Name, code: text}, frameLine: 1 + strings.Count(before, "\n"),
		frameAt: len(before) - strings.LastIndexByte(before, '\n'), frame: len(partFrame)}
	return before + partFrame + text[head:] + "\n}", src
}

// importLines are the imports that a script begins with, with comments between.
var importLines = regexp.MustCompile(`^(?:(?:\s+|//[^\n]*\n|/\*(?s:.*?)\*/)*import\b\s*(?:[\w*{"'][^;"'()]*)?["'][^"'\n]*["'][ \t]*;?)+`)

func (s *modernSource) place(line, column int) (int, int) {
	if s.frameLine > 0 && line == s.frameLine && column > s.frameAt {
		column = max(s.frameAt, column-s.frame)
	}
	return line, max(column, 1)
}

// Names that esbuild gives the places where parts and modules come from.
const (
	partSpace   = "part"
	moduleSpace = "module"
)

func (p *Program) compileModern(context string, modules map[string]string, parts []Part, frame string) error {
	u := &modernUnit{sources: map[string]*modernSource{}}
	texts := make([]string, len(parts))
	var entry strings.Builder
	for i, part := range parts {
		text, src := modernPart(part)
		texts[i], u.sources[partSpace+":"+strconv.Itoa(i)] = text, src
		fmt.Fprintf(&entry, "import p%[1]d from \"part:%[1]d\";export {p%[1]d};", i)
	}
	for name, text := range modules {
		u.sources[moduleSpace+":"+name] = &modernSource{section: section{part: name, code: text}}
	}
	built := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: entry.String(), Loader: api.LoaderTS, Sourcefile: "entry"},
		Bundle: true, Write: false, Format: api.FormatIIFE, GlobalName: "__weir", Target: api.ES2017, Platform: api.PlatformNeutral,
		Charset: api.CharsetUTF8, Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentExclude, Outfile: "weir.js",
		TsconfigRaw: `{"compilerOptions":{"alwaysStrict":true}}`, LogLevel: api.LogLevelSilent, LogOverride: certainlyWrong, AbsWorkingDir: "/",
		Plugins: []api.Plugin{{Name: "weir", Setup: func(b api.PluginBuild) { bundle(b, texts, modules) }}},
	})
	if len(built.Errors) > 0 {
		return u.buildError(p.Name, built.Errors[0])
	}
	var code string
	for _, f := range built.OutputFiles {
		if strings.HasSuffix(f.Path, ".map") {
			places, err := sourcemap.Parse("", f.Contents)
			if err != nil {
				return &Error{Script: p.Name, Kind: "internal error", Message: "the script could not be compiled", Err: err}
			}
			u.places = places
			continue
		}
		code = string(f.Contents)
	}
	// Not all that esbuild writes is strict by itself.
	code = "\"use strict\";" + code + frame
	p.modern = true
	p.extras.look(code)
	tree, err := parser.ParseFile(nil, p.Name, code, 0, parser.WithDisableSourceMaps) // whose errors have places
	unit := &unit{name: p.Name, text: code, modern: u}
	for _, s := range u.sources {
		unit.sections = append(unit.sections, s.section)
	}
	if err == nil {
		unit.program, err = goja.CompileAST(tree, true)
	}
	if err != nil {
		line, column, text := gojaError(err)
		f := &Error{Script: p.Name, Kind: "SyntaxError", Message: text}
		if s, l, c, ok := unit.locate(line, column); ok {
			f.Part, f.Line, f.Column = s.part, l, c
		}
		return f
	}
	if err := p.checkModern(unit, code, context); err != nil {
		return err
	}
	p.main = unit
	p.units[unit.name] = unit
	return nil
}

// strictPrefix is what stands before the code that the source map is for.
const strictPrefix = len(`"use strict";`)

func (m *modernUnit) locate(line, column int) (s section, l, c int, ok bool) {
	if line == 1 {
		column -= strictPrefix
	}
	source, _, l, c, ok := m.places.Source(line, max(column-1, 0))
	src := m.sources[source]
	if !ok || src == nil {
		return section{}, 0, 0, false
	}
	l, c = src.place(l, c+1)
	return src.section, l, c, true
}

// buildError is what esbuild found first, at the user's own place.
func (m *modernUnit) buildError(name string, msg api.Message) error {
	f := &Error{Script: name, Kind: "SyntaxError", Message: msg.Text}
	if msg.ID != "" { // one of certainlyWrong
		f.Kind = ""
	}
	if at := msg.Location; at != nil {
		if src := m.sources[at.File]; src != nil {
			f.Part = src.part
			f.Line, f.Column = src.place(at.Line, at.Column+1)
		}
	}
	return f
}

// bundle gives esbuild the texts there are, and refuses everything else: nothing
// is read from the file system.
func bundle(b api.PluginBuild, parts []string, modules map[string]string) {
	b.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
		if n, ok := strings.CutPrefix(a.Path, partSpace+":"); ok && a.Namespace != partSpace && a.Namespace != moduleSpace {
			return api.OnResolveResult{Path: n, Namespace: partSpace}, nil
		}
		dir := "."
		if a.Namespace == moduleSpace {
			dir = path.Dir(a.Importer)
		}
		for _, name := range ModuleNames(dir, a.Path) {
			if _, ok := modules[name]; ok {
				return api.OnResolveResult{Path: name, Namespace: moduleSpace}, nil
			}
		}
		return api.OnResolveResult{}, fmt.Errorf("there is no module %q beside the channel file; only files there can be imported", a.Path)
	})
	b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: partSpace}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
		n, err := strconv.Atoi(a.Path)
		if err != nil || n >= len(parts) {
			return api.OnLoadResult{}, errors.New("there is no such part")
		}
		return api.OnLoadResult{Contents: &parts[n], Loader: api.LoaderTS}, nil
	})
	b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: moduleSpace}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
		text := modules[a.Path]
		loader := api.LoaderTS
		switch path.Ext(a.Path) {
		case ".js", ".mjs":
			loader = api.LoaderJS
		case ".json":
			loader = api.LoaderJSON
		}
		return api.OnLoadResult{Contents: &text, Loader: loader}, nil
	})
}

// ModuleNames are the paths that an import may mean, in order; dir is that of the
// file which imports, "." for a script of the channel itself. There are none for
// an import that is not relative.
func ModuleNames(dir, specifier string) []string {
	if !strings.HasPrefix(specifier, "./") && !strings.HasPrefix(specifier, "../") {
		return nil
	}
	name := path.Join(dir, specifier)
	if name == ".." || strings.HasPrefix(name, "../") {
		return nil
	}
	return []string{name, name + ".ts", name + ".js", name + ".json", path.Join(name, "index.ts"), path.Join(name, "index.js")}
}

// Imports are the specifiers that a script or module imports, as far as its text
// tells: one too many does no harm.
func Imports(code string) []string {
	var list []string
	for _, m := range importFrom.FindAllStringSubmatch(code, -1) {
		list = append(list, m[1]+m[2])
	}
	return list
}

var importFrom = regexp.MustCompile(`\b(?:from|import)\s*(?:"([^"\n]+)"|'([^'\n]+)')`)

// transformModern runs filter and transformer of the modern dialect.
func (r *run) transformModern(in Input) (out Output, err error) {
	for name, value := range map[string]*Input{"msg": &in, "tmp": in.Template} {
		if value == nil {
			continue
		}
		v, err := r.modernMessage(*value)
		if err != nil {
			return out, err
		}
		r.set(name, v)
	}
	if _, err := r.rt.RunProgram(r.p.main.program); err != nil {
		return out, err
	}
	out.Accepted = true
	if r.p.filter {
		r.enter("filter")
		v, err := r.call("doFilter")
		if err != nil {
			return out, err
		}
		out.Accepted = v.ToBoolean()
	}
	if out.Accepted && r.p.steps {
		if !r.p.response {
			r.enter("transformer")
		}
		if _, err := r.call("doTransform"); err != nil {
			return out, err
		}
	}
	name := "msg"
	if in.Template != nil {
		name = "tmp"
	}
	v := r.rt.GlobalObject().Get(name)
	if n := nodeOf(v); n != nil {
		out.IsTree, out.Root = true, n
		if n.Parent() != nil {
			out.Root = n.Copy()
		}
		return out, nil
	}
	return r.output(out, v, true)
}

// modernMessage makes msg or tmp.
func (r *run) modernMessage(in Input) (goja.Value, error) {
	if in.Root != nil {
		return r.nodeValue(in.Root), nil
	}
	return r.message(in)
}
