// Package messagefile reads and writes messages as files: Mirth's document of a
// message, one after another in a text, and the archives that Mirth's exporter makes of
// them (zip, tar, with gzip or bzip2). Weir's own archive, see package archive, holds
// the same documents.
//
// A document is read whole, and documents one by one, so that a file of any length
// takes the memory of its largest message. What is read is not to be trusted: it has
// limits, document types and entities are refused, and names in it choose nothing.
package messagefile

import "github.com/weir-health/weir"

// Message is a message with what a file has of it beside what the store keeps. Its id
// and its channel are those that it had where it was written.
type Message struct {
	*weir.Message
	ServerID    string
	ChannelName string
	Attachments []weir.Attachment
	Apart       []Apart
}

// Apart is an attachment of which the content is too large for a document and stands in
// files of its own. The document tells which: <content files="NAME" count="2" size="…"
// sha256="…"/>, with size and sum of the content.
type Apart struct {
	ID, Type string
	Files    string // what their names begin with
	Count    int
	Size     int64
	SHA256   string // in hex
}

// Limits of what is read.
const (
	// MaxDocument is the largest document, in bytes: a message with its attachments.
	MaxDocument = 256 << 20
	// MaxAttachments is how much of attachments a document takes, in bytes, before they
	// are written in base64.
	MaxAttachments = 128 << 20
	// MaxFiles is how many files of an archive are looked at.
	MaxFiles = 10_000_000
	// MaxUnpacked is how much the files of an archive may hold together, in bytes.
	MaxUnpacked = 1 << 40
)
