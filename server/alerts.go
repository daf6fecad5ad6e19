package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/alert"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/mirthapi"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
)

// maxWaiting is how many errors wait for the alerts. What comes while so many do is
// told to nobody; the log has it.
const maxWaiting = 1000

// alertTime is how long one action of an alert may take.
const alertTime = 30 * time.Second

// alerts are those that are enabled, and the errors that they have not seen yet.
type alerts struct {
	mu      sync.Mutex
	list    []*alert.Alert
	counts  map[string]int64 // times that each has told, since it was enabled
	waiting chan pipeline.ErrorEvent
}

// readAlerts takes in the alerts that were saved, and those of files in the directory
// of channels. The counts of those that stay go on.
func (s *Server) readAlerts() {
	data, err := (*mirthEngine)(s).Kept(mirthapi.Alerts)
	var list []*alert.Alert
	if err == nil {
		doc := mirth.El("list")
		if data != nil {
			doc, err = mirth.ParseDocument(data, mirthapi.MaxWhole)
		}
		if err == nil {
			list, err = alert.Read(mirthapi.WithGiven(doc, (*mirthEngine)(s).Given(mirthapi.Alerts)))
		}
	}
	if err != nil {
		s.log.Error("Not all alerts can be read", "error", err)
	}
	s.alerts.mu.Lock()
	defer s.alerts.mu.Unlock()
	counts := map[string]int64{}
	for _, a := range list {
		counts[a.ID] = s.alerts.counts[a.ID]
	}
	s.alerts.list, s.alerts.counts = list, counts
}

// failed hands an error to the alerts, without waiting.
func (s *Server) failed(e pipeline.ErrorEvent) {
	s.alerts.mu.Lock()
	none := len(s.alerts.list) == 0
	s.alerts.mu.Unlock()
	if none || s.heldBack {
		return
	}
	select {
	case s.alerts.waiting <- e:
	default:
		s.log.Warn("The alerts do not keep up; this error is told to nobody", "channel", e.ChannelName, "connector", e.Connector, "message", e.MessageID)
	}
}

// alert tells errors until ctx ends, and then those that wait.
func (s *Server) alert(ctx context.Context) {
	for {
		select {
		case e := <-s.alerts.waiting:
			s.tell(context.WithoutCancel(ctx), e)
		case <-ctx.Done():
			for len(s.alerts.waiting) > 0 {
				s.tell(context.WithoutCancel(ctx), <-s.alerts.waiting)
			}
			return
		}
	}
}

func (s *Server) tell(ctx context.Context, e pipeline.ErrorEvent) {
	s.alerts.mu.Lock()
	list := s.alerts.list
	s.alerts.mu.Unlock()
	for _, a := range list {
		if !a.Matches(e) {
			continue
		}
		s.alerts.mu.Lock()
		if _, enabled := s.alerts.counts[a.ID]; enabled {
			s.alerts.counts[a.ID]++
		}
		s.alerts.mu.Unlock()
		for _, g := range a.Groups {
			if err := s.act(ctx, a, g, e); err != nil {
				s.log.Error("The alert could not be told", "alert", a.Name, "channel", e.ChannelName, "message", e.MessageID, "error", err)
			}
		}
	}
}

// act tells one text: all addresses of the group get one e-mail, as in Mirth, and
// each channel a message.
func (s *Server) act(ctx context.Context, a *alert.Alert, g alert.Group, e pipeline.ErrorEvent) error {
	ctx, cancel := context.WithTimeout(ctx, alertTime)
	defer cancel()
	subject, text := a.Render(g, e, s.doors.id, s.opt.Now(), s.anywhere)
	var to []string
	var failed []error
	for _, action := range g.Actions {
		switch action.Protocol {
		case alert.Email:
			to = append(to, action.Recipient)
		case alert.User:
			address, err := s.addressOf(action.Recipient)
			if err != nil {
				failed = append(failed, err)
				continue
			}
			to = append(to, address)
		case alert.Channel:
			failed = append(failed, s.alertChannel(ctx, action.Recipient, text, e))
		default:
			failed = append(failed, fmt.Errorf("there is no protocol %q", action.Protocol))
		}
	}
	if len(to) > 0 {
		failed = append(failed, s.mail(ctx, strings.Join(to, ","), subject, text))
	}
	return errors.Join(failed...)
}

// addressOf is the e-mail address of a user, by id or name.
func (s *Server) addressOf(user string) (string, error) {
	u := s.doors.accounts.ByName(user)
	if id, err := strconv.Atoi(user); err == nil {
		u = s.doors.accounts.ByID(id)
	}
	if u == nil || u.Fields["email"] == "" {
		return "", fmt.Errorf("user %q has no e-mail address", user)
	}
	return u.Fields["email"], nil
}

// alertChannel hands a text to a channel. An error of that channel itself is not told
// to it: each would make the next one.
func (s *Server) alertChannel(ctx context.Context, channel, text string, e pipeline.ErrorEvent) error {
	d := s.find(channel)
	if d == nil || s.running(d) == nil {
		return fmt.Errorf("channel %s is not deployed", channel)
	}
	if d.config.ID == e.ChannelID {
		return fmt.Errorf("the error is one of channel %s, which gets the alert; it is not told to itself", d.config.Name)
	}
	_, err := s.running(d).Receive(ctx, weir.Inbound{Text: text, SourceMap: map[string]any{}})
	return err
}

// mail sends an e-mail with the server's mail settings.
func (s *Server) mail(ctx context.Context, to, subject, text string) error {
	m, err := (*host)(s).MailSettings()
	if err != nil {
		return err
	}
	return s.mailWith(ctx, m, to, subject, text)
}

// errNoMail is why there are no e-mails where nobody has said how.
var errNoMail = &weir.Fault{At: "smtpHost", Err: errors.New("the server has no mail settings"), Hint: "Set them in the server's settings (Settings, Server, Email)."}

// mailWith sends an e-mail as the SMTP Sender does.
func (s *Server) mailWith(ctx context.Context, m script.MailSettings, to, subject, text string) error {
	if m.Host == "" {
		return errNoMail
	}
	typ, ok := s.opt.destination("SMTP Sender")
	if !ok {
		return errors.New("this engine has no SMTP Sender")
	}
	encryption := "none"
	switch strings.ToLower(m.Secure) {
	case "tls", "1":
		encryption = "TLS"
	case "ssl", "2":
		encryption = "SSL"
	}
	values := map[string]string{"smtpHost": m.Host, "smtpPort": m.Port, "timeout": m.Timeout, "encryption": encryption, "authentication": strconv.FormatBool(m.Login),
		"username": m.Username, "password": m.Password, "to": to, "from": m.From, "subject": subject, "body": text}
	var settings config.Group
	for name, value := range values {
		if value != "" {
			settings = append(settings, config.Setting{Name: name, Text: value})
		}
	}
	sender := typ.New()
	if _, err := config.Decode(settings, sender); err != nil {
		return err
	}
	env := weir.DestinationEnv{Name: "Alerts", Log: slog.New(slog.DiscardHandler), Connection: func(weir.ConnectionEvent) {},
		Resolve: func(t config.Template) string { return t.Text }}
	if err := sender.Open(ctx, env); err != nil {
		return err
	}
	defer sender.Close(ctx)
	// What is sent is what was rendered, also where it looks like a template.
	answer, err := sender.Send(ctx, &weir.Outbound{Attempt: 1, Resolved: values, ConnectorMap: map[string]any{}, Message: &weir.ConnectorMessage{},
		Lookup: func(string) (any, bool) { return nil, false }})
	if err == nil && answer.Status != weir.Sent {
		err = errors.New(answer.StatusMessage)
	}
	return err
}

func (e *mirthEngine) Alerted() map[string]int64 {
	e.alerts.mu.Lock()
	defer e.alerts.mu.Unlock()
	counts := map[string]int64{}
	for id, n := range e.alerts.counts {
		counts[id] = n
	}
	return counts
}
