package soap

import (
	"fmt"
	"strconv"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/wire/soap"
)

// attachmentFields declares the three lists of attachments. Each text in them is
// listed as a template of its own: "attachmentNames.0" and so on.
func (s *Sender) attachmentFields(f *config.Fields) {
	for _, list := range []struct {
		setting    *config.Setting
		name, help string
	}{
		{&s.AttachmentNames, "attachmentNames", "Names of the attachments, which become their Content-ID."},
		{&s.AttachmentContents, "attachmentContents", "Contents of the attachments, in base64."},
		{&s.AttachmentTypes, "attachmentTypes", "Media types of the attachments."},
	} {
		for _, t := range templates(list.setting, list.name) {
			f.Part(t)
		}
		f.Group(list.setting, list.name, list.help)
	}
}

// templates returns the texts of a list.
func templates(list *config.Setting, name string) (out []config.Template) {
	for i, item := range list.Group {
		out = append(out, config.Template{Name: name + "." + strconv.Itoa(i), Text: item.Text})
	}
	return out
}

// attachments returns those of a message.
func (s *Sender) attachments(m *weir.Outbound) (out []soap.Part, err error) {
	if s.UseAttachmentsVariable {
		return s.listed(m)
	}
	names := templates(&s.AttachmentNames, "attachmentNames")
	contents := templates(&s.AttachmentContents, "attachmentContents")
	types := templates(&s.AttachmentTypes, "attachmentTypes")
	if len(contents) < len(names) || len(types) < len(names) {
		return nil, &weir.Fault{At: "attachmentNames", Err: fmt.Errorf("there are %d names of attachments, but %d contents and %d types", len(names), len(contents), len(types)),
			Hint: "Give each attachment a name, a content and a type."}
	}
	for i := range names {
		p, err := part(m, m.Resolve(names[i]), m.Resolve(contents[i]), m.Resolve(types[i]), "attachmentContents", i)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// part makes attachment i of a content in base64, in which may be the token of an
// attachment of the message. at is the setting that it comes from.
func part(m *weir.Outbound, name, content, mimeType, at string, i int) (soap.Part, error) {
	content, err := m.WithAttachments(content)
	if err != nil {
		return soap.Part{}, err
	}
	body, err := soap.DecodeBase64(content)
	if err != nil {
		return soap.Part{}, &weir.Fault{At: at, Err: fmt.Errorf("the content of attachment %d is not base64", i+1), Hint: "Encode the content in base64, and check the variables in it."}
	}
	return soap.Part{ID: name, ContentType: mimeType, Content: body}, nil
}

// entry is an AttachmentEntry of a script.
type entry interface {
	AttachmentEntry() (name string, content any, mimeType string)
}

// listed returns the attachments in the variable. As in Mirth, one that is missing
// gives none, and what is no AttachmentEntry is passed over.
func (s *Sender) listed(m *weir.Outbound) (out []soap.Part, err error) {
	v, found := m.Lookup(m.Resolve(s.AttachmentsVariable))
	list, ok := portable(v).([]any)
	if !found || !ok {
		s.env.Log.Warn("The variable with the attachments is missing or holds no list; nothing is attached", "setting", "attachmentsVariable", "message", m.MessageID)
		return nil, nil
	}
	for i, item := range list {
		e, ok := item.(entry)
		if !ok {
			s.env.Log.Warn("An item in the list of attachments is no AttachmentEntry and is passed over", "setting", "attachmentsVariable", "message", m.MessageID)
			continue
		}
		name, content, mimeType := e.AttachmentEntry()
		p, err := part(m, name, httpfield.TextOf(portable(content)), mimeType, "attachmentsVariable", i)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// portable turns a value of the script world into one of Go's.
func portable(v any) any {
	if p, ok := v.(interface{ Portable() any }); ok {
		return p.Portable()
	}
	return v
}
