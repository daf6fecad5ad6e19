package server

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
)

// missing notes what a channel asks for and this version does not do, so that
// nobody finds out from a message.
func missing(c *weir.Channel) []mirth.Note {
	var notes []mirth.Note
	note := func(path string, severity mirth.Severity, text, remedy string) {
		notes = append(notes, mirth.Note{Channel: c.Name, Path: path, Severity: severity, Text: text, Remedy: remedy})
	}
	for _, name := range []string{"pruneMetaDataDays", "pruneContentDays"} {
		if days := c.Extra.Text("exportData.metadata.pruningSettings." + name); days != "" {
			note("channel/exportData/metadata/pruningSettings/"+name, mirth.Info, "messages are kept for ever: this version does not prune", "")
		}
	}
	return notes
}
