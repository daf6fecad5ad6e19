package store

import "time"

// Retention is how long a channel keeps what. Messages of the same retention lie
// together, so that what has aged goes as a whole. The zero value keeps everything.
type Retention struct {
	Messages, Contents int  // days; 0 is for ever
	Archived           bool // goes to the archive first: message by message
}

// Period is how much later than its limit a message may go: what was received in one
// period lies together, and goes when the last of it may.
const Period = 24 * time.Hour

// Limits are the times before which a channel's messages were to be received to go; zero
// is none. Errored is that of messages with an error, which go, or lose their contents,
// when both times have passed.
type Limits struct{ Messages, Contents, Errored time.Time }

// Expired tells how many messages went, and how many more lost their contents.
type Expired struct{ Messages, Contents int64 }
