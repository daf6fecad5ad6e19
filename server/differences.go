package server

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/docs"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/script"
)

// difference is a row of docs/differences.md with the channels it concerns, which
// its third cell names:
//
//	SMTP Sender: encryption=tls
//	File Reader: scheme=FTP, passive=false; File Writer: scheme=FTP, passive=false
//	data type HL7V2: serializationProperties.useStrictParser=true
//	step XSLT Step: template=*xsl:import*
//	script EncryptionUtil or DICOMUtil.convertDICOM
//
// What is separated by ; are alternatives, by commas conditions that must all be
// met, by the word or values of which one must be there; * is any text. A row
// without the cell concerns no channel in particular.
type difference struct {
	mirth, weir string
	concerns    []concern
}

type concern struct {
	what, name string // "connector", "data type", "step" or "script"
	conditions []condition
}

type condition struct {
	setting string
	values  []*regexp.Regexp
}

// differences are those of the page that concern channels.
var differences = sync.OnceValue(func() []difference {
	list, err := readDifferences(docs.Differences)
	if err != nil {
		panic(err) // the page is a part of the program, and a test reads it
	}
	return list
})

func readDifferences(page string) ([]difference, error) {
	var list []difference
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(strings.ReplaceAll(line, `\|`, "\x00")), "|"), "|")
		if !strings.HasPrefix(line, "|") || len(cells) != 3 || strings.TrimLeft(cells[0], " -") == "" {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], "\x00", "|"))
		}
		rule := strings.ReplaceAll(cells[2], "`", "")
		if rule == "" || rule == "concerns" {
			continue
		}
		d := difference{mirth: cells[0], weir: cells[1]}
		for alternative := range strings.SplitSeq(rule, ";") {
			c, err := readConcern(strings.TrimSpace(alternative))
			if err != nil {
				return nil, fmt.Errorf("differences.md, %q: %w", cells[0], err)
			}
			d.concerns = append(d.concerns, c...)
		}
		list = append(list, d)
	}
	return list, nil
}

func readConcern(text string) ([]concern, error) {
	if names, ok := strings.CutPrefix(text, "script "); ok {
		var list []concern
		for name := range strings.SplitSeq(names, " or ") {
			list = append(list, concern{what: "script", name: strings.TrimSpace(name)})
		}
		return list, nil
	}
	name, rest, _ := strings.Cut(text, ":")
	c := concern{what: "connector", name: strings.TrimSpace(name)}
	for _, what := range []string{"data type", "step"} {
		if after, ok := strings.CutPrefix(c.name, what+" "); ok {
			c.what, c.name = what, after
		}
	}
	for part := range strings.SplitSeq(rest, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		setting, values, ok := strings.Cut(part, "=")
		if !ok {
			return nil, fmt.Errorf("%q is no condition: setting=value", part)
		}
		cond := condition{setting: strings.TrimSpace(setting)}
		for value := range strings.SplitSeq(values, " or ") {
			pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(value)), `\*`, ".*")
			cond.values = append(cond.values, regexp.MustCompile("(?s)^"+pattern+"$"))
		}
		c.conditions = append(c.conditions, cond)
	}
	return []concern{c}, nil
}

// met tells whether settings are as a row says; what a file leaves out has its
// default.
func (c concern) met(g config.Group, declared config.Settings) bool {
	p := part{Connector: &weir.Connector{Settings: g}, declared: declared}
	return !slices.ContainsFunc(c.conditions, func(cond condition) bool {
		value := declaredText(p, cond.setting)
		return !slices.ContainsFunc(cond.values, func(v *regexp.Regexp) bool { return v.MatchString(value) })
	})
}

// differencesOf notes the documented differences that touch what a channel uses.
func differencesOf(opt Options, ch *weir.Channel, reach script.Reach, at locator) []mirth.Note {
	var notes []mirth.Note
	for _, d := range differences() {
		for _, c := range d.concerns {
			for _, path := range c.places(opt, ch, reach, at) {
				notes = append(notes, mirth.Note{Path: path, Severity: mirth.Difference,
					Text: "in Mirth: " + d.mirth + "; here: " + d.weir, Remedy: "See whether the channel counts on the former (docs/differences.md)."})
			}
		}
	}
	return notes
}

// places are where a channel has what a row is about.
func (c concern) places(opt Options, ch *weir.Channel, reach script.Reach, at locator) []string {
	var found []string
	if c.what == "script" {
		if slices.ContainsFunc(reach.Used, func(name string) bool { return name == c.name || strings.HasSuffix(name, "."+c.name) }) {
			return []string{"scripts"}
		}
		return nil
	}
	for _, p := range opt.parts(ch) {
		if !p.Enabled {
			continue
		}
		if c.what == "connector" {
			if p.Type == c.name && c.met(p.Settings, p.declared) {
				found = append(found, at.connector(p.label))
			}
			continue
		}
		for _, t := range []struct {
			name string
			weir.Transformer
		}{{"transformer", p.Transformer}, {"responseTransformer", p.ResponseTransformer}} {
			in, out := c.met(t.InboundSettings, nil), c.met(t.OutboundSettings, nil)
			switch {
			case c.what == "data type" && t.Inbound == c.name && in:
				found = append(found, at.dataType(p.label, t.name, "inboundProperties"))
			case c.what == "data type" && t.Outbound == c.name && out:
				found = append(found, at.dataType(p.label, t.name, "outboundProperties"))
			case c.what == "step":
				for i, s := range t.Steps {
					if s.Enabled && s.Type == c.name && c.met(s.Settings, nil) {
						path := at.connector(p.label) + "/" + t.name
						if !at.own {
							path = fmt.Sprintf("%s/elements/*[%d]", path, i+1)
						}
						found = append(found, path)
					}
				}
			}
		}
	}
	return found
}
