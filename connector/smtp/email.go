package smtp

import (
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"sort"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// email makes the e-mail of a message.
func (s *Sender) email(m *weir.Outbound) (*mail.Msg, error) {
	e := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP))
	e.SetDate()
	e.SetMessageID()
	if err := s.address(e, m); err != nil {
		return nil, err
	}
	headers, err := s.headers(m)
	if err != nil {
		return nil, err
	}
	for _, h := range headers {
		e.SetGenHeader(mail.Header(h.name), h.value)
	}
	subject := m.Resolve(s.Subject)
	if !oneLine(subject) {
		return nil, notOneLine("subject")
	}
	e.Subject(subject)
	body, err := m.Body(s.Body)
	if err != nil {
		return nil, err
	}
	s.body(e, body)
	return e, s.attach(e, m)
}

// address sets who gets the e-mail and who sends it.
func (s *Sender) address(e *mail.Msg, m *weir.Outbound) error {
	recipients := 0
	for _, one := range []struct {
		setting config.Template
		set     func(...*netmail.Address)
		counts  bool
	}{
		{s.To, e.ToMailAddress, true},
		{s.CC, e.CcMailAddress, true},
		{s.BCC, e.BccMailAddress, true},
		{s.ReplyTo, e.ReplyToMailAddress, false},
	} {
		list, err := addresses(one.setting.Name, m.Resolve(one.setting))
		if err != nil {
			return err
		}
		if len(list) > 0 {
			one.set(list...)
		}
		if one.counts {
			recipients += len(list)
		}
	}
	if recipients == 0 {
		return &weir.Fault{At: "to", Err: errors.New("the e-mail has no recipient"), Hint: "Set to, cc or bcc, and check the variables in them."}
	}
	from, err := addresses("from", m.Resolve(s.From))
	if err != nil {
		return err
	}
	if len(from) != 1 {
		return &weir.Fault{At: "from", Err: fmt.Errorf("there are %d senders", len(from)), Hint: "Set from to one address, and check the variables in it."}
	}
	e.FromMailAddress(from[0])
	return nil
}

// addresses reads a list separated by commas, in which entries may be empty.
// Addresses may come from the message, so that an error only counts them.
func addresses(setting, text string) ([]*netmail.Address, error) {
	if !oneLine(text) {
		return nil, notOneLine(setting)
	}
	if list, err := netmail.ParseAddressList(text); err == nil {
		return list, nil
	}
	var list []*netmail.Address
	for i, one := range strings.Split(text, ",") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		address, err := netmail.ParseAddress(one)
		if err != nil {
			return nil, &weir.Fault{At: setting, Err: fmt.Errorf("address %d of the list is none", i+1),
				Hint: "Write addresses as name@domain or Name <name@domain>, separated by commas, and check the variables in them."}
		}
		list = append(list, address)
	}
	return list, nil
}

// body writes the text in its character set. Lines end with CRLF, as e-mail has
// them; HL7 segments become lines.
func (s *Sender) body(e *mail.Msg, text string) {
	kind := mail.TypeTextPlain
	if s.HTML {
		kind = mail.TypeTextHTML
	}
	encoding := mail.EncodingQP
	bytes := s.charset.Append(nil, text)
	if string(s.charset.Append(nil, "\r\n")) != "\r\n" { // UTF-16: quoted-printable would tear it
		encoding = mail.EncodingB64
	}
	e.SetBodyWriter(kind, func(w io.Writer) (int64, error) {
		n, err := w.Write(bytes)
		return int64(n), err
	}, mail.WithPartCharset(mail.Charset(s.charsetName())), mail.WithPartEncoding(encoding))
}

// header is one further header.
type header struct{ name, value string }

// made are the headers that this package writes itself.
var made = map[string]bool{"from": true, "to": true, "cc": true, "bcc": true, "reply-to": true, "subject": true,
	"message-id": true, "mime-version": true, "content-type": true, "content-transfer-encoding": true, "content-disposition": true}

// headers returns the further headers, from the table or from a variable. A
// variable that is missing or is no map gives none, as in Mirth.
func (s *Sender) headers(m *weir.Outbound) ([]header, error) {
	var all []header
	if s.UseHeadersVariable {
		value, _ := m.Lookup(m.Resolve(s.HeadersVariable))
		all = headersIn(value)
	} else {
		for _, e := range s.Headers {
			h := header{name: e.Name.Text}
			for _, v := range e.Values {
				h.value = m.Resolve(v)
			}
			all = append(all, h)
		}
	}
	var out []header
	for _, h := range all {
		h.name = strings.TrimSpace(h.name)
		switch {
		case made[strings.ToLower(h.name)]:
			continue
		case !headerName(h.name):
			return nil, &weir.Fault{At: "headers", Err: errors.New("a header has a name that none can have"),
				Hint: "Names of headers are letters, digits and hyphens."}
		case !oneLine(h.value):
			return nil, notOneLine("headers." + h.name)
		}
		out = append(out, h)
	}
	return out, nil
}

// headersIn returns the entries of a map, sorted by name.
func headersIn(v any) (out []header) {
	switch m := portable(v).(type) {
	case map[string]any:
		for name, value := range m {
			out = append(out, header{name, textOf(value)})
		}
	case map[string]string:
		for name, value := range m {
			out = append(out, header{name, value})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

// headerName reports whether a name may be written, as RFC 5322 §2.2 has it.
func headerName(name string) bool {
	for i := 0; i < len(name); i++ {
		if name[i] <= ' ' || name[i] >= 0x7f || name[i] == ':' {
			return false
		}
	}
	return name != ""
}

// oneLine reports whether a value cannot end the line that it is put into.
func oneLine(text string) bool { return !strings.ContainsAny(text, "\r\n\x00") }

func notOneLine(setting string) error {
	return &weir.Fault{At: setting, Err: errors.New("the value has more than one line, with which it could add a header of its own"),
		Hint: "Look at the variables in the setting; take line ends out of them in the transformer."}
}

// portable turns a value of the script world into one of Go's.
func portable(v any) any {
	if p, ok := v.(interface{ Portable() any }); ok {
		return p.Portable()
	}
	return v
}

// textOf is a value of a map as text, numbers as JavaScript writes them.
func textOf(v any) string {
	switch v := portable(v).(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// whole reads a number as Mirth does: what is none gives the default.
func whole(text string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return otherwise
	}
	return n
}
