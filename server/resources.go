package server

import (
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/mirth"
)

// resources notes the Java libraries that a channel's scripts were given, each
// once. Those of the server that every channel has are nothing of its own.
func resources(ch *weir.Channel, at locator) []mirth.Note {
	var notes []mirth.Note
	seen := map[string]bool{"Default Resource": true}
	look := func(g config.Group, path string) {
		for _, e := range g {
			if e.Name != "entry" || len(e.Group) != 2 || seen[e.Group[0].Text] {
				continue
			}
			seen[e.Group[0].Text] = true
			notes = append(notes, mirth.Note{Path: path, Severity: mirth.Difference,
				Text:   fmt.Sprintf("the scripts have the Java libraries of the resource %q, which are not loaded", e.Group[1].Text),
				Remedy: "Where no script uses them, take the resource out. Where one does, its classes are listed as missing: write what they do in JavaScript."})
		}
	}
	group := func(g config.Group, name string) config.Group {
		s, _ := g.Get(name)
		return s.Group
	}
	path := "channel/properties/resourceIds"
	if at.own {
		path = "extra/properties/resourceIds"
	}
	look(group(ch.Extra, "properties.resourceIds"), path)
	look(group(ch.Source.Settings, "sourceConnectorProperties.resourceIds"), at.setting("Source", "sourceConnectorProperties.resourceIds"))
	for _, d := range ch.Destinations {
		look(group(d.Settings, "destinationConnectorProperties.resourceIds"), at.setting(d.Name, "destinationConnectorProperties.resourceIds"))
	}
	return notes
}
