package mirth

import (
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// addChannel reads a channel, with the libraries that were exported inside it.
// One that cannot be read leaves a note.
func (im *Import) addChannel(e *element) {
	p := place{im: im, path: "channel", channel: channelLabel(e)}
	if !p.readable(e) {
		return
	}
	p.migrate(e)
	ch := p.readChannel(e)
	own := p.in("exportData/codeTemplateLibraries").readLibraries(e.at("exportData/codeTemplateLibraries"))
	im.libraries = append(im.libraries, own...)
	im.Inside[ch.ID] = own
	ch.Extra = append(ch.Extra, spelling(e, ch, own)...)
	ApplyLibraries(ch, own)
	im.Channels = append(im.Channels, ch)
}

// channelLabel is how notes name a channel.
func channelLabel(e *element) string {
	if name := e.textAt("name"); name != "" {
		return name
	}
	return e.textAt("id")
}

// readable reports whether a channel is of a format that the rest reads.
func (p place) readable(e *element) bool {
	const old = "Import it into a Mirth Connect 3.x or 4.x, or an Open Integration Engine, which converts it, and export it from there."
	switch {
	case e.child("version") != nil && e.attr("version") == "", e.at("sourceConnector/properties/property") != nil:
		version := e.textAt("version")
		if version == "" {
			version = "before 3.0"
		}
		p.note(e, Blocks, old, "the channel was written by Mirth Connect %s, whose format is not read", shown(version))
	case e.textAt("id") == "":
		p.note(e, Blocks, "Give it an <id> with a new UUID.", "the channel has no id")
	case e.textAt("name") == "":
		p.note(e, Blocks, "Export the channel itself; groups as a server keeps them hold only ids.", "the channel has no name")
	case e.child("sourceConnector") == nil:
		p.note(e, Blocks, "Export the channel again.", "the channel has no source connector")
	default:
		if e.attr("version") == "" {
			p.note(e, Difference, "Export it again, or compare its settings with the original.",
				"the channel does not say which version wrote it; it is read as one of 3.0")
		}
		return true
	}
	return false
}

// channelElements are read by readChannel; others go to Extra.
var channelElements = []string{"id", "nextMetaDataId", "name", "description", "revision", "sourceConnector",
	"destinationConnectors", "preprocessingScript", "postprocessingScript", "deployScript", "undeployScript",
	"properties", "exportData"}

func (p place) readChannel(e *element) *weir.Channel {
	ch := &weir.Channel{
		ID:          strings.TrimSpace(e.textAt("id")),
		Name:        e.textAt("name"),
		Description: e.textAt("description"),
		Revision:    e.intAt("revision"),
		NextID:      e.intAt("nextMetaDataId"),
		Enabled:     e.boolAt("exportData/metadata/enabled", true),
		Depends:     e.at("exportData/dependencyIds").items(),
	}
	ch.Extra = p.rest(e, channelElements, nil)

	var rest config.Group
	ch.Source, rest = p.in("sourceConnector").readConnector(e.child("sourceConnector"), true)
	ch.Extra = appendNested(ch.Extra, "sourceConnector", rest)
	p.readDestinations(e.child("destinationConnectors"), ch)
	p.checkIDs(e, ch)

	for _, s := range []struct {
		name    string
		text    *string
		returns string
	}{
		{"preprocessingScript", &ch.Preprocessor, "message"},
		{"postprocessingScript", &ch.Postprocessor, ""},
		{"deployScript", &ch.Deploy, ""},
		{"undeployScript", &ch.Undeploy, ""},
	} {
		var kept string
		*s.text, kept = readScript(e.textAt(s.name), s.returns)
		if kept != "" {
			ch.Extra = append(ch.Extra, config.Setting{Name: s.name, Text: kept})
		}
	}

	ch.Properties, rest = p.in("properties").readProperties(e.child("properties"))
	ch.Extra = appendNested(ch.Extra, "properties", rest)
	ch.Extra = appendNested(ch.Extra, "exportData", exportData(e.child("exportData")))
	return ch
}

// rest returns the children of e that have no field: those not among the
// fields, and a second one of a field. Each has a note, but for those named as
// kept.
func (p place) rest(e *element, fields, kept []string) config.Group {
	if e == nil {
		return nil
	}
	seen := map[string]bool{}
	g := e.attributes()
	for _, c := range e.children {
		field := slices.Contains(fields, c.name)
		switch at := p.in(c.name); {
		case field && !seen[c.name]:
			seen[c.name] = true
			continue
		case field:
			at.note(c, Difference, "Remove one of them.", "<%s> is there twice; the first one counts", shown(c.name))
		case !slices.Contains(kept, c.name):
			at.note(c, Info, "", "<%s> is not known to Weir; it is kept and has no effect", shown(c.name))
		}
		g = append(g, c.setting())
	}
	return g
}

// appendNested adds a group under a name, if there is anything in it.
func appendNested(g config.Group, name string, inside config.Group) config.Group {
	if len(inside) == 0 {
		return g
	}
	return append(g, config.Setting{Name: name, Group: inside})
}

func (p place) readDestinations(e *element, ch *weir.Channel) {
	p = p.in("destinationConnectors")
	var rests config.Group
	for i, c := range e.each() {
		at := p.item(c.name, i+1)
		if c.name != "connector" {
			at.note(c, Info, "", "<%s> is no connector; it is kept and has no effect", shown(c.name))
			rests = append(rests, c.setting())
			continue
		}
		d, rest := at.readConnector(c, false)
		ch.Destinations = append(ch.Destinations, d)
		if len(rest) > 0 {
			id := config.Setting{Name: "metaDataId", Text: c.textAt("metaDataId")}
			rests = append(rests, config.Setting{Name: "connector", Group: append(config.Group{id}, rest...)})
		}
	}
	ch.Extra = appendNested(ch.Extra, "destinationConnectors", rests)
	if len(ch.Destinations) == 0 {
		p.note(e, Difference, "Add a destination, or leave it as it is: messages are then only received.", "the channel has no destinations")
	}
}

// checkIDs looks for metadata ids used twice and keeps NextID above all.
func (p place) checkIDs(e *element, ch *weir.Channel) {
	seen := map[int]bool{0: true}
	for i, d := range ch.Destinations {
		if seen[d.MetaDataID] {
			p.in("destinationConnectors").item("connector", i+1).note(e.child("destinationConnectors").children[i], Blocks,
				"Give each destination its own metaDataId above 0.", "the metadata id %d of %q is used twice", d.MetaDataID, d.Name)
		}
		seen[d.MetaDataID] = true
		ch.NextID = max(ch.NextID, d.MetaDataID+1)
	}
	ch.NextID = max(ch.NextID, 1)
}

// exportData returns what an export adds to a channel and Weir has no field for.
func exportData(e *element) config.Group {
	var g config.Group
	for _, c := range e.each() {
		switch c.name {
		case "dependencyIds", "codeTemplateLibraries": // in fields, in Import.Libraries
		case "metadata":
			g = appendNested(g, c.name, c.group("enabled"))
		default:
			g = append(g, c.setting())
		}
	}
	return g
}
