package attach

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	begin        = "${"
	end          = "}"
	attachKey    = "ATTACH:"
	dicomToken   = "${DICOMMESSAGE}"
	idLength     = 36 // of an attachment and of a channel, in UTF-16 units as Java counts
	maxMessageID = 20 // digits
)

// Has reports whether a text may hold tokens. Most texts do not, and are left
// alone for that.
func Has(text string) bool {
	return strings.Contains(text, begin+attachKey) || strings.Contains(text, dicomToken)
}

// Tokens replaces the tokens in texts of one message. It is for one goroutine.
type Tokens struct {
	ChannelID string
	MessageID int64

	// Expand leaves attachments where they are: a token of the message's own
	// becomes the long one, by which other channels find it.
	Expand bool
	// Local leaves long tokens as they are, for a message that is processed again.
	Local bool

	// Content returns an attachment's content, and whether there is one.
	Content func(channelID string, messageID int64, id string) (content []byte, ok bool, err error)
	// DICOM returns the whole DICOM object in base64.
	DICOM func() (string, error)
	// Outbound returns what is put back for a content; nil puts it back as it is.
	Outbound func(content []byte) []byte

	own   map[string][]byte // contents of the message's own attachments
	dicom *string
}

// Replace replaces the tokens in a text. A token whose attachment is missing gives
// nothing, one that is not well formed stays as it is typed. What attachments hold
// is put in as bytes, and tokens in it count for nothing.
func (t *Tokens) Replace(text string) (string, error) {
	if !Has(text) {
		return text, nil
	}
	if !t.Expand && strings.TrimSpace(text) == dicomToken {
		return t.object()
	}
	var out strings.Builder
	rest := text
	for {
		i := strings.Index(rest, begin)
		if i < 0 {
			out.WriteString(rest)
			return out.String(), nil
		}
		out.WriteString(rest[:i])
		rest = rest[i:]
		with, length, err := t.token(rest)
		if err != nil {
			return "", err
		}
		out.WriteString(with)
		rest = rest[length:]
	}
}

// token returns what takes the place of what a text begins with, and that one's
// length. Of what is not well formed Mirth looks at no character twice, so that a
// token in the midst of a broken one is not seen either.
func (t *Tokens) token(text string) (with string, length int, err error) {
	if strings.HasPrefix(text, dicomToken) {
		if t.Expand {
			return dicomToken, len(dicomToken), nil
		}
		with, err = t.object()
		return with, len(dicomToken), err
	}
	// asTyped leaves what stands before rest.
	asTyped := func(rest string) (string, int, error) {
		length := len(text) - len(rest)
		return text[:length], length, nil
	}
	rest, ok := strings.CutPrefix(text, begin+attachKey)
	if !ok {
		return asTyped(text[len(begin):])
	}
	id, after, ok := cutUnits(rest, idLength)
	if !ok {
		return asTyped(rest)
	}
	if rest, ok = strings.CutPrefix(after, end); ok {
		with, err = t.mine(id)
		return with, len(text) - len(rest), err
	}
	rest, ok = strings.CutPrefix(after, ":")
	if !ok || t.Expand || t.Local {
		return asTyped(after)
	}
	number, after, ok := strings.Cut(rest, ":")
	if !ok || len(number) > maxMessageID {
		return asTyped(rest)
	}
	messageID, perr := strconv.ParseInt(number, 10, 64)
	attachmentID, rest, ok := cutUnits(after, idLength)
	if perr != nil || messageID <= 0 || !ok || rest == "" {
		return asTyped(after)
	}
	if after, ok = strings.CutPrefix(rest, end); !ok {
		return asTyped(rest)
	}
	with, err = t.any(id, messageID, attachmentID)
	return with, len(text) - len(after), err
}

// mine replaces a token of the message's own.
func (t *Tokens) mine(id string) (string, error) {
	if t.Expand {
		return begin + attachKey + t.ChannelID + ":" + strconv.FormatInt(t.MessageID, 10) + ":" + id + end, nil
	}
	content, seen := t.own[id]
	if !seen {
		var err error
		if content, _, err = t.Content(t.ChannelID, t.MessageID, id); err != nil {
			return "", err
		}
	}
	// As in Mirth, outbound replacements are done once more for every further token
	// of the same attachment, on what the last one gave.
	if t.Outbound != nil {
		content = t.Outbound(content)
	}
	if t.own == nil {
		t.own = map[string][]byte{}
	}
	t.own[id] = content
	return string(content), nil
}

// any replaces a token of any message.
func (t *Tokens) any(channelID string, messageID int64, id string) (string, error) {
	if channelID == t.ChannelID && messageID == t.MessageID {
		return t.mine(id)
	}
	content, ok, err := t.Content(channelID, messageID, id)
	if err != nil || !ok {
		return "", err
	}
	if t.Outbound != nil {
		content = t.Outbound(content)
	}
	return string(content), nil
}

func (t *Tokens) object() (string, error) {
	if t.dicom == nil {
		object, err := t.DICOM()
		if err != nil {
			return "", err
		}
		t.dicom = &object
	}
	return *t.dicom, nil
}

// cutUnits cuts so many UTF-16 units off the front of a text.
func cutUnits(s string, units int) (front, rest string, ok bool) {
	at := 0
	for units > 0 {
		r, size := utf8.DecodeRuneInString(s[at:])
		if size == 0 {
			return "", "", false
		}
		units--
		if r > 0xffff {
			units--
		}
		at += size
	}
	return s[:at], s[at:], units == 0
}
