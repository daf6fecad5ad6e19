package attach

import (
	"iter"
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
	for p := range t.pieces(text) {
		with := p.Text
		var err error
		switch {
		case p.object:
			with, err = t.object()
		case p.ID != "":
			with, err = t.content(p)
		}
		if err != nil {
			return "", err
		}
		out.WriteString(with)
	}
	return out.String(), nil
}

// Piece is a part of a text with tokens: a text, or where ID is not empty the content of
// an attachment.
type Piece struct {
	Text      string
	ChannelID string
	MessageID int64
	ID        string

	object bool // the whole DICOM object
}

// Pieces takes a text apart for one who reads attachments piece by piece. It reports
// false where that cannot be, since a token stands for what is made of attachments.
func (t *Tokens) Pieces(text string) (list []Piece, ok bool) {
	for p := range t.pieces(text) {
		if p.object {
			return nil, false
		}
		list = append(list, p)
	}
	return list, true
}

// Alone returns the id of the attachment for which a text stands that is nothing but one
// token of the message's own.
func Alone(text string) (id string, ok bool) {
	text, ok = strings.CutPrefix(text, begin+attachKey)
	if !ok {
		return "", false
	}
	id, rest, ok := cutUnits(text, idLength)
	return id, ok && rest == end
}

// pieces takes a text apart.
func (t *Tokens) pieces(rest string) iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		for rest != "" {
			i := strings.Index(rest, begin)
			if i < 0 {
				yield(Piece{Text: rest})
				return
			}
			if i > 0 && !yield(Piece{Text: rest[:i]}) {
				return
			}
			rest = rest[i:]
			p, length := t.token(rest)
			if !yield(p) {
				return
			}
			rest = rest[length:]
		}
	}
}

// token returns what takes the place of what a text begins with, and that one's
// length. Of what is not well formed Mirth looks at no character twice, so that a
// token in the midst of a broken one is not seen either.
func (t *Tokens) token(text string) (with Piece, length int) {
	if strings.HasPrefix(text, dicomToken) {
		return Piece{Text: dicomToken, object: !t.Expand}, len(dicomToken)
	}
	// asTyped leaves what stands before rest.
	asTyped := func(rest string) (Piece, int) {
		length := len(text) - len(rest)
		return Piece{Text: text[:length]}, length
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
		length := len(text) - len(rest)
		if t.Expand {
			return Piece{Text: begin + attachKey + t.ChannelID + ":" + strconv.FormatInt(t.MessageID, 10) + ":" + id + end}, length
		}
		return Piece{ChannelID: t.ChannelID, MessageID: t.MessageID, ID: id}, length
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
	return Piece{ChannelID: id, MessageID: messageID, ID: attachmentID}, len(text) - len(after)
}

// content returns what takes the place of a token.
func (t *Tokens) content(p Piece) (string, error) {
	mine := p.ChannelID == t.ChannelID && p.MessageID == t.MessageID
	content, seen := t.own[p.ID]
	if !mine || !seen {
		var ok bool
		var err error
		if content, ok, err = t.Content(p.ChannelID, p.MessageID, p.ID); err != nil || !ok && !mine {
			return "", err
		}
	}
	// As in Mirth, outbound replacements are done once more for every further token
	// of the same attachment, on what the last one gave.
	if t.Outbound != nil {
		content = t.Outbound(content)
	}
	if mine {
		if t.own == nil {
			t.own = map[string][]byte{}
		}
		t.own[p.ID] = content
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
