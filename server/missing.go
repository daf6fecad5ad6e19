package server

import (
	"fmt"
	"strings"

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
	const handler = "channel/properties/attachmentProperties"
	class := c.Properties.AttachmentHandler.Class
	switch {
	case class == "" || strings.Contains(class, ".passthru."):
	case strings.Contains(class, ".regex."):
		note(handler, mirth.Difference, "attachments are not taken out of messages; they stay in them, and scripts find none",
			"Nothing, unless a script of the channel reads attachments.")
	default:
		note(handler, mirth.Blocks, fmt.Sprintf("attachment handler %s changes what filters and transformers see, and this version does not run it", class),
			"Set the attachment handler to None if the channel works without it.")
	}
	if c.Properties.EncryptData {
		note("channel/properties/encryptData", mirth.Blocks, "the channel wants its messages encrypted in the store, which this version does not do",
			"Turn it off, and keep the data directory on an encrypted file system.")
	}
	for _, name := range []string{"pruneMetaDataDays", "pruneContentDays"} {
		if days := c.Extra.Text("exportData.metadata.pruningSettings." + name); days != "" {
			note("channel/exportData/metadata/pruningSettings/"+name, mirth.Info, "messages are kept for ever: this version does not prune", "")
		}
	}
	return notes
}
