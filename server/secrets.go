package server

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/mirth"
)

// Secrets are found by what connectors declare, and elsewhere by the names that
// people give them. A note never holds the value.
var (
	secretName = regexp.MustCompile(`(?i)^(?:.*(?:password|passwd|passphrase)|keyPW|keyStorePW|trustStorePW|.*[._-]?(?:secret|api[._-]?key|token|pwd)|secret.*)$`)
	// secretInURL is a password in an address or in the parameters of a JDBC URL.
	secretInURL = regexp.MustCompile(`(?i)://[^/\s:@'"$]+:[^/\s@'"${]+@|[?;&](?:password|pwd)=[^;&\s'"$]+`)
	// secretInScript is a text given to a name that says it is a secret.
	secretInScript = regexp.MustCompile(`(?i)\b[\w$]*(?:password|passwd|passphrase|secret|api_?key|auth_?token|access_?token)['"]?\s*\]?\s*[:=]\s*(?:'[^'\n]+'|"[^"\n]+")`)
	secretHeader   = regexp.MustCompile(`(?i)^(?:authorization|proxy-authorization|x-api-key|api-key|x-auth-token|ocp-apim-subscription-key)$`)
)

const secretRemedy = "Let a reference stand there, env:NAME or file:/path in Weir's channel files, and change the secret: whoever had this file knows it."

// open tells a value that is a secret itself, and no reference to one.
func open(value string) bool {
	return value != "" && !strings.Contains(value, "${") && !strings.HasPrefix(value, "env:") && !strings.HasPrefix(value, "file:/")
}

// secrets notes what a channel keeps in clear text.
func secrets(opt Options, ch *weir.Channel, at locator) []mirth.Note {
	var notes []mirth.Note
	note := func(path, text string) {
		n := mirth.Note{Path: path, Severity: mirth.Warning, About: aboutSecret, Text: text, Remedy: secretRemedy}
		if !slices.ContainsFunc(notes, func(o mirth.Note) bool { return o.Path == path }) {
			notes = append(notes, n)
		}
	}
	for _, p := range opt.parts(ch) {
		defaults := map[string]string{}
		if p.declared != nil {
			for _, f := range config.List(p.declared) {
				defaults[f.Name] = f.Default
				if s, ok := p.Settings.Get(f.Name); ok && f.Secret && len(s.Group) == 0 && open(s.Text) && s.Text != f.Default {
					note(at.setting(p.label, f.Name), "a secret stands in clear text")
				}
			}
		}
		for path, s := range texts(p.Settings, "") {
			name := s.Name
			switch {
			case secretName.MatchString(name) && open(s.Text) && s.Text != "true" && s.Text != "false" && s.Text != defaults[path]:
				note(at.setting(p.label, path), "a secret stands in clear text")
			case secretInURL.MatchString(s.Text) && !strings.Contains(path, "script"):
				note(at.setting(p.label, path), "a password stands in an address")
			}
		}
		for _, e := range entries(p.Settings) {
			if (secretHeader.MatchString(e.key) || secretName.MatchString(e.key) || e.of == "credentials") && open(e.value) {
				note(at.setting(p.label, e.path), "a secret stands in clear text, under "+shortened(e.key))
			}
		}
	}
	for _, s := range scriptsOf(ch, at) {
		for _, find := range []*regexp.Regexp{secretInScript, secretInURL} {
			for _, line := range s.lines(find) {
				note(s.path, fmt.Sprintf("line %d of %s holds what looks like a secret", line, s.name))
			}
		}
	}
	return notes
}

// shortened is a key, short enough for a note.
func shortened(key string) string {
	if r := []rune(key); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return key
}

type mapEntry struct{ path, of, key, value string }

// entries are those of all maps of texts inside of settings.
func entries(g config.Group) (list []mapEntry) {
	var walk func(g config.Group, path, of string)
	walk = func(g config.Group, path, of string) {
		for _, s := range g {
			if s.Name == "entry" && len(s.Group) == 2 && s.Group[0].Name == "string" {
				value := s.Group[1].Text
				if value == "" && len(s.Group[1].Group) > 0 {
					value = s.Group[1].Group[0].Text
				}
				list = append(list, mapEntry{path, of, s.Group[0].Text, value})
				continue
			}
			walk(s.Group, strings.TrimPrefix(path+"."+s.Name, "."), s.Name)
		}
	}
	walk(g, "", "")
	return list
}

// secretsBeside notes the secrets of a file that belong to no channel: in the
// configuration map, the mail settings of a server, plug-in properties, code
// templates and global scripts.
func secretsBeside(im *mirth.Import) []mirth.Note {
	var notes []mirth.Note
	note := func(path, text string) {
		notes = append(notes, mirth.Note{Path: path, Severity: mirth.Warning, About: aboutSecret, Text: text, Remedy: secretRemedy})
	}
	for _, e := range im.Configuration {
		if secretName.MatchString(e.Key) && open(e.Value) {
			note("configurationMap/"+shortened(e.Key), "what looks like a secret stands in clear text")
		} else if secretInURL.MatchString(e.Value) {
			note("configurationMap/"+shortened(e.Key), "a password stands in an address")
		}
	}
	for path, s := range texts(im.Other, "") {
		if secretName.MatchString(s.Name) && open(s.Text) && s.Text != "true" && s.Text != "false" {
			note(strings.ReplaceAll(path, ".", "/"), "a secret stands in clear text")
		}
	}
	var scripts []scriptText
	for _, l := range im.Libraries {
		for _, t := range l.Templates {
			scripts = append(scripts, scriptText{"codeTemplateLibrary/" + shortened(l.Name) + "/" + shortened(t.Name), "the code template", t.Code})
		}
	}
	if im.Global != nil {
		scripts = append(scripts, scriptText{"globalScripts/Deploy", "the script", im.Global.Deploy}, scriptText{"globalScripts/Undeploy", "the script", im.Global.Undeploy},
			scriptText{"globalScripts/Preprocessor", "the script", im.Global.Preprocessor}, scriptText{"globalScripts/Postprocessor", "the script", im.Global.Postprocessor})
	}
	for _, s := range scripts {
		for _, line := range s.lines(secretInScript) {
			note(s.path, fmt.Sprintf("line %d of %s holds what looks like a secret", line, s.name))
		}
	}
	return notes
}

// scriptText is a script as a person wrote it.
type scriptText struct{ path, name, code string }

// lines are those on which something is found.
func (s scriptText) lines(find *regexp.Regexp) (lines []int) {
	for _, m := range find.FindAllStringIndex(s.code, -1) {
		if n := 1 + strings.Count(s.code[:m[0]], "\n"); len(lines) == 0 || lines[len(lines)-1] != n {
			lines = append(lines, n)
		}
	}
	return lines
}

// scriptsOf are all scripts of a channel, steps that generate code among them.
func scriptsOf(ch *weir.Channel, at locator) []scriptText {
	var list []scriptText
	for _, s := range []struct{ name, code string }{{"preprocessor", ch.Preprocessor}, {"postprocessor", ch.Postprocessor},
		{"deploy script", ch.Deploy}, {"undeploy script", ch.Undeploy}} {
		list = append(list, scriptText{at.script("", s.name, s.name), s.name, s.code})
	}
	if code := ch.Properties.AttachmentHandler.Group; len(code) > 0 {
		for _, e := range entries(code) {
			list = append(list, scriptText{at.script("", "attachment script", "attachment script"), "the attachment script", e.value})
		}
	}
	for i := range append([]weir.Connector{ch.Source}, ch.Destinations...) {
		c, label := &ch.Source, "Source"
		if i > 0 {
			c = &ch.Destinations[i-1]
			label = c.Name
		}
		for path, s := range texts(c.Settings, "") {
			if slices.Contains([]string{"script", "select", "update", "query", "template"}, path) {
				list = append(list, scriptText{at.setting(label, path), path, s.Text})
			}
		}
		for _, l := range []struct {
			element string
			steps   []weir.Step
		}{{"filter", c.Filter}, {"transformer", c.Transformer.Steps}, {"responseTransformer", c.ResponseTransformer.Steps}} {
			list = append(list, stepScripts(l.steps, func(i int) string {
				if at.own {
					return label + "/" + l.element
				}
				return fmt.Sprintf("%s/%s/elements/*[%d]", at.connector(label), l.element, i+1)
			})...)
		}
	}
	return list
}

// stepScripts are the texts of steps, those inside of iterators under the place
// of the outermost.
func stepScripts(steps []weir.Step, path func(i int) string) []scriptText {
	var list []scriptText
	for i, s := range steps {
		for name, t := range texts(s.Settings, "") {
			list = append(list, scriptText{path(i), name + " of step " + s.Name, t.Text})
		}
		list = append(list, stepScripts(s.Steps, func(int) string { return path(i) })...)
	}
	return list
}
