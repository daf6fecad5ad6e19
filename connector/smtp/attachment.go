package smtp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// attachment is one of the setting attachments.
type attachment struct{ name, content, mimeType config.Template }

// attachmentFields declares the setting attachments: a list of groups of name,
// content and mimeType. Once decoded, each of these is listed as a template of
// its own, so that its ${…} are replaced: "attachments.0.name" and so on.
func (s *Sender) attachmentFields(f *config.Fields) {
	for _, a := range s.attachments() {
		for _, t := range []config.Template{a.name, a.content, a.mimeType} {
			f.Part(t)
		}
	}
	f.Group(&s.Attachments, "attachments", "Attachments: groups of name, content and mimeType. What is not text/… or application/xml is given as base64.")
}

// attachments returns what the setting holds.
func (s *Sender) attachments() (out []attachment) {
	for i, one := range s.Attachments.Group {
		in := "attachments." + strconv.Itoa(i) + "."
		part := func(name string) config.Template { return config.Template{Name: in + name, Text: one.Group.Text(name)} }
		out = append(out, attachment{part("name"), part("content"), part("mimeType")})
	}
	return out
}

// file is an attachment of one e-mail.
type file struct {
	name, mimeType string
	content        any // text, or []byte that are taken as they are
}

// attach adds the attachments, from the table or from a variable. A variable
// that is missing or is no list gives none, as in Mirth.
func (s *Sender) attach(e *mail.Msg, m *weir.Outbound) error {
	var files []file
	if s.UseAttachmentsVariable {
		value, _ := m.Lookup(m.Resolve(s.AttachmentsVariable))
		var err error
		if files, err = filesIn(value); err != nil {
			return err
		}
	} else {
		for _, a := range s.attachments() {
			files = append(files, file{m.Resolve(a.name), m.Resolve(a.mimeType), m.Resolve(a.content)})
		}
	}
	for i, one := range files {
		if err := s.attachFile(e, m, one); err != nil {
			return &weir.Fault{At: fmt.Sprintf("attachments.%d", i), Err: err,
				Hint: "Check name, content and mimeType and the variables in them."}
		}
	}
	return nil
}

func (s *Sender) attachFile(e *mail.Msg, m *weir.Outbound, f file) error {
	if !oneLine(f.name) {
		return errors.New("the name has more than one line")
	}
	if !strings.Contains(f.mimeType, "/") {
		f.mimeType = "text/plain"
	}
	kind, params, err := mime.ParseMediaType(f.mimeType)
	if err != nil || !oneLine(f.mimeType) {
		return errors.New("the mimeType is no media type")
	}
	content, isBytes := f.content.([]byte)
	text := ""
	if !isBytes {
		if text, err = m.WithAttachments(textOf(f.content)); err != nil {
			return err
		}
	}
	switch {
	case isBytes:
	case strings.HasPrefix(kind, "text/") || kind == "application/xml":
		content = s.charset.Append(nil, text)
		if params["charset"] == "" {
			params["charset"] = s.charsetName()
		}
	default:
		if content, err = decodeBase64(text); err != nil {
			return errors.New("the content is not base64, which attachments other than text must be")
		}
	}
	delete(params, "name") // go-mail writes it, encoded
	return e.AttachReader(f.name, bytes.NewReader(content),
		mail.WithFileContentType(mail.ContentType(mime.FormatMediaType(kind, params))), mail.WithFileEncoding(mail.EncodingB64))
}

// decodeBase64 takes a text in lines, and one without padding.
func decodeBase64(text string) ([]byte, error) {
	clean := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\r' || r == '\n' || r == '\t' || r == '=' {
			return -1
		}
		return r
	}, text)
	return base64.RawStdEncoding.DecodeString(clean)
}

// entry is an AttachmentEntry of a script.
type entry interface {
	AttachmentEntry() (name string, content any, mimeType string)
}

// filesIn returns the attachments of a list from a script: each an
// AttachmentEntry, or a map with name, content and mimeType.
func filesIn(v any) (out []file, err error) {
	list, ok := portable(v).([]any)
	if !ok {
		return nil, nil
	}
	for i, item := range list {
		if e, ok := item.(entry); ok {
			name, content, mimeType := e.AttachmentEntry()
			out = append(out, file{name, mimeType, bytesOr(content)})
			continue
		}
		m, ok := portable(item).(map[string]any)
		if !ok {
			return nil, &weir.Fault{At: "attachmentsVariable", Err: fmt.Errorf("item %d of the list is no attachment", i+1),
				Hint: "Put maps with name, content and mimeType into the list."}
		}
		out = append(out, file{textOf(m["name"]), textOf(m["mimeType"]), bytesOr(m["content"])})
	}
	return out, nil
}

// bytesOr returns the bytes of a script's byte array, or the value as it is.
func bytesOr(v any) any {
	switch b := portable(v).(type) {
	case []byte:
		return b
	case []int8:
		out := make([]byte, len(b))
		for i := range b {
			out[i] = byte(b[i])
		}
		return out
	}
	return v
}
