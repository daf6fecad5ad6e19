package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/access"
)

// GlobalScripts is the name under which the config file grants access to the
// global scripts, which belong to no channel.
const GlobalScripts = "Global scripts"

// grants is what scripts may reach: what the operator says, else what the channel
// file says, else what was found in the scripts; each kind by itself.
func (o Options) grants(name string, own, found weir.Access) *access.Grants {
	given := o.Access[name]
	return &access.Grants{
		Channel: name,
		Access: weir.Access{
			Files:     firstGiven(given.Files, own.Files, found.Files),
			Network:   firstGiven(given.Network, own.Network, found.Network),
			Databases: firstGiven(given.Databases, own.Databases, found.Databases),
		},
		Never: o.never(),
	}
}

func firstGiven(lists ...[]string) []string {
	for _, list := range lists {
		if list != nil {
			return list
		}
	}
	return nil
}

// never are the places of the engine's own.
func (o Options) never() []string {
	places := []string{o.Data}
	if o.Config != "" {
		places = append(places, o.Config)
	}
	return places
}

// reachNotes tells what the scripts of a channel reach, once for each place, and what of
// it they are not granted.
func reachNotes(channel string, g *access.Grants, r script.Reach) []mirth.Note {
	var notes []mirth.Note
	at := map[string]int{}
	for _, p := range r.Places {
		text := fmt.Sprintf("reaches %s: %s", p.Kind, p.Grant)
		if p.Grant == access.Everything {
			text = fmt.Sprintf("reaches %s that the script computes, so that all are granted", p.Kind)
		}
		granted := g.Includes(p.Kind, p.Grant)
		switch {
		case granted:
		case p.Grant == access.Everything:
			text = fmt.Sprintf("reaches %s that the script computes, of which not all are granted", p.Kind)
		default:
			text += ", which is not granted"
		}
		if i, ok := at[text]; ok {
			if !strings.Contains(notes[i].Path, p.Place()) {
				notes[i].Path += "; " + p.Place()
			}
			continue
		}
		n := mirth.Note{Channel: channel, Path: p.Place(), Severity: mirth.Info, About: aboutReach, Text: text}
		switch {
		case !granted && p.Grant != access.Everything:
			n.Severity = mirth.Warning
			n.Remedy = "To grant it, write into the config file: " + g.Line(p.Kind, p.Grant)
		case granted && p.Grant == access.Everything:
			n.Remedy = fmt.Sprintf("Say in the config file which, as access: {%q: {%s: [...]}}", channel, p.Kind)
		}
		at[text] = len(notes)
		notes = append(notes, n)
	}
	return notes
}

// faultNotes tells what scripts use and Weir does not have. What is certain to
// fail blocks; what a script is prepared for, or may never come to, differs.
func faultNotes(r script.Reach, at locator) []mirth.Note {
	var notes []mirth.Note
	for _, f := range r.Faults {
		n := mirth.Note{Severity: mirth.Difference, About: mirth.Class, Name: f.Name,
			Text: fmt.Sprintf("line %d of %s: %s", f.Line, f.Part, f.Text), Remedy: f.Remedy + "."}
		n.Path = at.script(f.Connector, f.Script, f.Part)
		if f.Certain {
			n.Severity = mirth.Blocks
		}
		if !slices.Contains(notes, n) {
			notes = append(notes, n)
		}
	}
	return notes
}
