// Package attach takes attachments out of messages as they are received, and puts
// them back in the place of their tokens before messages are sent.
//
// A [Handler] is what a channel's attachment settings say: it gets each message
// before anything of it is kept, and returns the text that goes on, with tokens in
// it, and the attachments. [Tokens] replaces the tokens of one message:
//
//	${ATTACH:id}                       an attachment of the message
//	${ATTACH:channelId:messageId:id}   one of any message, also of another channel
//	${DICOMMESSAGE}                    the whole DICOM object, with its pixel data
//
// All of it follows Mirth, whose class names the settings carry.
package attach

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Handler takes attachments out of a channel's messages. It may be called from
// many goroutines at once.
type Handler interface {
	// Extract returns the text that goes on and what was taken out of it. An error
	// means that the message cannot be received.
	Extract(ctx context.Context, m Message) (text string, taken []weir.Attachment, err error)

	// Outbound returns what is put back for an attachment's content.
	Outbound(content []byte) []byte
}

// Whole is a handler that makes all of a message one attachment without a look at it, so
// that the message need not be held in memory.
type Whole interface {
	Handler

	// Whole returns the MIME type of the attachment.
	Whole(sourceMap map[string]any) (mimeType string)
}

// PutsBackUnchanged reports whether Outbound of a handler, which may be nil, changes
// nothing.
func PutsBackUnchanged(h Handler) bool {
	_, ok := h.(interface{ putsBackUnchanged() })
	return ok || h == nil
}

// MaxTaken is how many attachments a message may have when it is received.
const MaxTaken = 10_000

// Check refuses a message with more attachments than MaxTaken.
func Check(taken []weir.Attachment) error {
	if len(taken) <= MaxTaken {
		return nil
	}
	return weir.WithHint(fmt.Errorf("the message has more than %d attachments", MaxTaken), "attachmentProperties",
		"Let the handler take out larger pieces.")
}

// Message is a message before it is kept.
type Message struct {
	Text      string
	Binary    bool // Text is base64
	SourceMap map[string]any
}

// Env is what a handler needs of its channel.
type Env struct {
	// Replace replaces ${…} in a text. Names of the source map, which may be nil,
	// come before those that the channel has.
	Replace func(text string, sourceMap map[string]any) string

	// Script compiles an attachment script; what it returns runs it as Extract does.
	Script func(code string) (Script, error)
}

// Script is a compiled attachment script.
type Script func(ctx context.Context, m Message) (text string, taken []weir.Attachment, err error)

// New makes the handler that a channel's attachmentProperties ask for, nil where
// that is none.
func New(s config.Setting, env Env) (Handler, error) {
	var pairs []config.Pair
	if err := decodeProperties(s.Group, &pairs); err != nil {
		return nil, err
	}
	properties := map[string]string{}
	for _, p := range pairs {
		properties[p.Key] = p.Value
	}
	const prefix = "com.mirth.connect.server.attachments."
	switch s.Class {
	case "", prefix + "passthru.PassthruAttachmentHandlerProvider":
		return nil, nil
	case prefix + "identity.IdentityAttachmentHandlerProvider":
		return newIdentity(properties, env), nil
	case prefix + "regex.RegexAttachmentHandlerProvider":
		return newRegex(properties, env)
	case prefix + "dicom.DICOMAttachmentHandlerProvider":
		return pixels{}, nil
	case prefix + "javascript.JavaScriptAttachmentHandlerProvider":
		return newScript(properties, env)
	}
	return nil, &weir.Fault{
		At: "attachmentProperties", Err: fmt.Errorf("attachment handler %s is not available", s.Class),
		Hint: "Choose one that Weir has: None, Entire Message, Regex, DICOM or JavaScript. A JavaScript handler can do what a custom one does.",
	}
}

func decodeProperties(g config.Group, pairs *[]config.Pair) error {
	_, err := config.Decode(g, propertiesField{pairs})
	return err
}

type propertiesField struct{ pairs *[]config.Pair }

func (p propertiesField) Fields(f *config.Fields) {
	f.Map(p.pairs, "properties", "Settings of the attachment handler.")
}

// DefaultType is the MIME type where the settings name none.
const DefaultType = "text/plain"

func typeOr(setting string) string {
	if blank(setting) {
		return DefaultType
	}
	return setting
}

func newAttachment(content, mimeType string) weir.Attachment {
	return weir.Attachment{ID: uuid.NewString(), Type: mimeType, Content: []byte(content)}
}

// blank is StringUtils.isBlank.
func blank(s string) bool { return strings.TrimFunc(s, javaSpace) == "" }

// unchanged puts attachments back as they are.
type unchanged struct{}

func (unchanged) Outbound(content []byte) []byte { return content }
func (unchanged) putsBackUnchanged()             {}

// identity makes all of a message one attachment.
type identity struct {
	unchanged
	mimeType string
	env      Env
}

func newIdentity(properties map[string]string, env Env) Handler {
	return &identity{mimeType: typeOr(properties["identity.mimetype"]), env: env}
}

func (h *identity) Extract(_ context.Context, m Message) (string, []weir.Attachment, error) {
	if m.Text == "" {
		return "", nil, nil
	}
	a := newAttachment(m.Text, h.Whole(m.SourceMap))
	return a.Token(), []weir.Attachment{a}, nil
}

func (h *identity) Whole(sourceMap map[string]any) string {
	return typeOr(h.env.Replace(h.mimeType, sourceMap))
}

// script lets a script say what the attachments are.
type script struct {
	unchanged
	run Script
}

func newScript(properties map[string]string, env Env) (Handler, error) {
	code, ok := properties["javascript.script"]
	if !ok {
		return nil, nil
	}
	run, err := env.Script(code)
	if err != nil {
		return nil, err
	}
	return &script{run: run}, nil
}

func (h *script) Extract(ctx context.Context, m Message) (string, []weir.Attachment, error) {
	return h.run(ctx, m)
}
