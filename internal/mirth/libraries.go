package mirth

import (
	"regexp"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Library is a code template library: scripts that several channels share.
type Library struct {
	ID, Name, Description string
	Revision              int
	IncludeNewChannels    bool
	EnabledChannelIDs     []string
	DisabledChannelIDs    []string
	Templates             []Template
	Extra                 config.Group // such as lastModified
}

// Template is a code template as it is kept. Of all types only those that run
// reach a channel, see [ApplyLibraries].
type Template struct {
	ID, Name string
	Revision int
	Type     string   // FUNCTION, COMPILED_CODE, DRAG_AND_DROP_CODE
	Contexts []string // such as SOURCE_FILTER_TRANSFORMER
	Code     string   // as written, with its leading comment
	Extra    config.Group
}

// Applies reports whether the library's templates belong to a channel's scripts.
// The empty id stands for the global scripts, to which all apply.
func (l *Library) Applies(channelID string) bool {
	return channelID == "" || slices.Contains(l.EnabledChannelIDs, channelID) ||
		l.IncludeNewChannels && !slices.Contains(l.DisabledChannelIDs, channelID)
}

// ApplyLibraries sets a channel's code templates to those of the libraries that
// apply to it, in their order. A template that is in several is taken once.
func ApplyLibraries(ch *weir.Channel, libs []Library) {
	ch.CodeTemplates = Templates(ch.ID, libs)
}

// Templates returns the templates that run in a channel's scripts, or with the
// empty id in the global scripts.
func Templates(channelID string, libs []Library) []weir.CodeTemplate {
	var list []weir.CodeTemplate
	seen := map[string]bool{}
	for _, l := range libs {
		if !l.Applies(channelID) {
			continue
		}
		for _, t := range l.Templates {
			if t.Type == "DRAG_AND_DROP_CODE" || t.ID != "" && seen[t.ID] {
				continue
			}
			seen[t.ID] = true
			list = append(list, weir.CodeTemplate{ID: t.ID, Name: t.Name, Library: l.Name,
				Contexts: slices.Clone(t.Contexts), Code: withoutDoc(t.Code)})
		}
	}
	return list
}

var docComment = regexp.MustCompile(`(?s)^\s*/\*.*?\*/\s*`)

// withoutDoc removes the comment that documents a template.
func withoutDoc(code string) string { return docComment.ReplaceAllString(code, "") }

// MergeLibraries adds libraries to others; of two with one id the higher
// revision stays, the later one where they are equal.
func MergeLibraries(libs, more []Library) []Library {
	where := map[string]int{}
	var merged []Library
	for _, l := range slices.Concat(libs, more) {
		i, known := where[l.ID]
		switch {
		case !known || l.ID == "":
			where[l.ID] = len(merged)
			merged = append(merged, l)
		case l.Revision >= merged[i].Revision:
			merged[i] = l
		}
	}
	return merged
}

func (p place) readLibraries(e *element) []Library {
	var list []Library
	for _, c := range e.each() {
		if c.name == "codeTemplateLibrary" {
			list = append(list, readLibrary(c))
		} else {
			p.in(c.name).note(c, Info, "", "<%s> is no code template library; it is ignored", shown(c.name))
		}
	}
	return list
}

func readLibrary(e *element) Library {
	l := Library{
		ID:                 e.textAt("id"),
		Name:               e.textAt("name"),
		Description:        e.textAt("description"),
		Revision:           e.intAt("revision"),
		IncludeNewChannels: e.boolAt("includeNewChannels", false),
		EnabledChannelIDs:  e.child("enabledChannelIds").items(),
		DisabledChannelIDs: e.child("disabledChannelIds").items(),
		Extra: e.group("id", "name", "description", "revision", "includeNewChannels", "enabledChannelIds",
			"disabledChannelIds", "codeTemplates"),
	}
	for _, c := range e.child("codeTemplates").each() {
		l.Templates = append(l.Templates, readTemplate(c))
	}
	return l
}

func readTemplate(e *element) Template {
	t := Template{
		ID:       e.textAt("id"),
		Name:     e.textAt("name"),
		Revision: e.intAt("revision"),
		Type:     e.textAt("properties/type"),
		Code:     e.textAt("properties/code"),
		Contexts: e.at("contextSet/delegate").items(),
		Extra:    e.group("id", "name", "revision", "contextSet", "properties"),
	}
	t.Extra = appendNested(t.Extra, "properties", e.child("properties").group("type", "code"))
	return t
}

func (im *Import) addLibrary(e *element) {
	place{im: im}.in(e.name).migrate(e)
	im.libraries = append(im.libraries, readLibrary(e))
}

// looseLibrary takes the templates that came without a library, for all channels.
const looseLibrary = "Imported templates"

func (im *Import) addTemplate(e *element) {
	p := place{im: im}.in(e.name)
	p.migrate(e)
	if len(im.loose) == 0 {
		p.note(e, Info, "Move the templates to the library where they belong.",
			"code templates without a library are put into %q, which applies to all channels", looseLibrary)
	}
	im.loose = append(im.loose, readTemplate(e))
}
