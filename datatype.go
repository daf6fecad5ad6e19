package weir

import (
	"iter"
	"time"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/tree"
)

// DataTypeDef is how the engine knows a data type.
type DataTypeDef struct {
	Name    string // as in an export: "HL7V2", "EDI/X12"
	Summary string
	New     func() DataType
}

// Form is what a script gets as msg.
type Form int

const (
	FormText Form = iota // a string
	FormTree             // an XML tree
	FormJSON             // a JavaScript value
)

// DataType is the format of messages, with the settings of one side of a
// transformer. After its settings are decoded it is immutable and may be used
// from many goroutines. All texts are UTF-8.
//
// Further abilities are optional interfaces: [TreeType], [Responder],
// [ResponseChecker], [Splitter], [Describer], [Passer], [SteadyPasser], [Rereader],
// [BinaryType], [Serializer].
type DataType interface {
	config.Settings
	Form() Form
}

// TreeType is a data type with the tree form.
type TreeType interface {
	DataType

	// Parse reads a message into its root element, lazily where it can. An
	// error says where and why in terms of the format, never with content.
	Parse(text string) (*tree.Node, error)

	// Encode writes the message back. regular reports whether Parse of the
	// result would give the same tree, so that the tree need not be kept.
	Encode(root *tree.Node) (text string, regular bool, err error)
}

// Serializer is a TreeType that makes an XML text of a message in its own way. Scripts
// that ask for that text get it; where there is none they get the markup of the tree.
type Serializer interface {
	Serialize(text string) (string, error)
}

// BinaryType is a data type whose messages are bytes, as text in base64.
type BinaryType interface {
	DataType
	Binary() bool
}

// Rereader is a TreeType whose text can tell the tree it was written from even
// where reading it again does not quite give that tree.
type Rereader interface {
	TreeType

	// EncodeHint is Encode; hint is what Reread needs beside the text to make an
	// equal tree, empty when Parse is enough. ok is false when that cannot be.
	EncodeHint(root *tree.Node) (text, hint string, ok bool, err error)

	// Reread makes the tree that EncodeHint wrote.
	Reread(text, hint string) (*tree.Node, error)
}

// Passer changes a message on its way through a transformer in which nothing
// else happens.
type Passer interface {
	// NeedsTree reports whether the settings demand parsing and encoding even
	// without steps; inbound tells which side of the transformer this is.
	NeedsTree(inbound bool) bool

	// Pass does what Mirth does to a message that no step touches, such as
	// converting line breaks.
	Pass(text string, outbound DataType) string
}

// SteadyPasser is a Passer that changes a message at certain bytes alone.
type SteadyPasser interface {
	Passer

	// ChangesAt returns the bytes of which a message must have at least one for Pass to
	// change it. ok is false where that cannot be said.
	ChangesAt(outbound DataType) (bytes string, ok bool)
}

// Describer finds mirth_source, mirth_type and mirth_version in a message. What
// it cannot find it leaves out; it never fails.
type Describer interface {
	Describe(text string) map[string]any
}

// Responder builds the automatic acknowledgment.
type Responder interface {
	// Respond answers text for the status reached. resolve replaces ${…} in the
	// configured codes and texts. An empty reply with a nil error means that the
	// sender asked for none.
	Respond(text string, status Status, resolve func(string) string, now time.Time) (string, error)
}

// ResponseChecker judges the answer of a destination's remote system.
type ResponseChecker interface {
	// Check returns r with the status and texts that the answer deserves. sent
	// is the message as encoded by the destination; lookup finds map variables.
	Check(r Response, sent string, lookup func(name string) (any, bool)) Response
}

// Splitter cuts a batch into messages.
type Splitter interface {
	// Split yields the messages in order; after an error it yields no more.
	Split(text string) iter.Seq2[string, error]
}
