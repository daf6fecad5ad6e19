package server

import (
	"context"
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
)

// What clients of Mirth try out and look at, beside channels and messages.

func (e *mirthEngine) Mail(ctx context.Context, m script.MailSettings, to, subject, text string) error {
	ctx, cancel := context.WithTimeout(ctx, alertTime)
	defer cancel()
	return e.server().mailWith(ctx, m, to, subject, text)
}

// TestConnector tries a connector as it stands in an editor. One of a channel that runs
// has its ports already.
func (e *mirthEngine) TestConnector(ctx context.Context, ch *weir.Channel, of *weir.Connector) (string, error) {
	s := e.server()
	engine := s.engine()
	if d := s.byID(ch.ID); d != nil {
		engine.GlobalChannel = d.global
	}
	return pipeline.TestConnection(ctx, *ch, engine, of, false)
}

// Resolve replaces what a setting takes from the global and the configuration map.
func (e *mirthEngine) Resolve(text string) string {
	s := e.server()
	return pipeline.Render(text, s.opt.Now(), s.anywhere)
}

// anywhere finds a variable that belongs to no message.
func (s *Server) anywhere(name string) (any, bool) {
	if v, ok := s.global.Get(name); ok {
		return v, true
	}
	v, ok := s.config()[name]
	return v, ok
}

func (e *mirthEngine) Maps(channelID string) (map[string]string, bool) {
	s := e.server()
	m := s.global
	if channelID != "" {
		d := s.byID(channelID)
		if d == nil || s.running(d) == nil || d.global == nil {
			return nil, false
		}
		m = d.global
	}
	values := map[string]string{}
	for name, v := range m.Snapshot() {
		values[name] = fmt.Sprint(v)
	}
	return values, true
}
