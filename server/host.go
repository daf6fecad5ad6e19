package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
)

// host is what scripts reach of the engine.
type host Server

var _ script.Host = (*host)(nil)

// Log writes what a script logs. The text is the script's own and may hold what
// its author put there; the engine adds nothing of the message.
func (h *host) Log(s *script.Scope, level script.Level, logger, text string) {
	to := map[script.Level]slog.Level{
		script.LevelTrace: slog.LevelDebug, script.LevelDebug: slog.LevelDebug, script.LevelInfo: slog.LevelInfo,
		script.LevelWarn: slog.LevelWarn, script.LevelError: slog.LevelError, script.LevelFatal: slog.LevelError,
	}[level]
	attrs := []any{"logger", logger}
	if s.ChannelName != "" {
		attrs = append(attrs, "channel", s.ChannelName)
	}
	if s.Connector != "" {
		attrs = append(attrs, "connector", s.Connector)
	}
	if s.Message != nil {
		attrs = append(attrs, "message", s.Message.MessageID)
	}
	h.log.Log(context.Background(), to, text, attrs...)
}

// Alert hands a script's alert to the alerts, and puts it into the log.
func (h *host) Alert(s *script.Scope, text string) {
	h.log.Error("Alert from a script: "+text, "channel", s.ChannelName, "connector", s.Connector)
	e := pipeline.ErrorEvent{ChannelID: s.ChannelID, ChannelName: s.ChannelName, MetaDataID: -1, Kind: pipeline.UserDefinedError, Text: text}
	if s.Message != nil {
		e.MetaDataID, e.Connector, e.MessageID = s.Message.MetaDataID, s.Message.ConnectorName, s.Message.MessageID
	}
	(*Server)(h).failed(e)
}

func (h *host) Route(ctx context.Context, channel string, in weir.Inbound) (*weir.Response, error) {
	s := (*Server)(h)
	if s.heldBack {
		return &weir.Response{Status: weir.Sent}, nil
	}
	d := s.find(channel)
	if d == nil || s.running(d) == nil {
		return nil, &weir.Fault{
			Err:  fmt.Errorf("no channel named %q is deployed", channel),
			Hint: "Correct the name in the script, or deploy that channel.",
		}
	}
	reply, err := s.running(d).Receive(ctx, in)
	return reply.Response, err
}

func (h *host) Channels() []script.Channel {
	s := (*Server)(h)
	var out []script.Channel
	for _, d := range s.list() {
		c := script.Channel{ID: d.config.ID, Name: d.config.Name, State: weir.Undeployed}
		if p := s.running(d); p != nil {
			st := p.Status()
			c.State, c.Connectors = st.State, map[int]weir.State{}
			for _, conn := range st.Connectors {
				c.Connectors[conn.MetaDataID] = conn.State
			}
		}
		out = append(out, c)
	}
	return out
}

func (h *host) Control(ctx context.Context, c script.Control) error {
	s := (*Server)(h)
	d := s.find(c.ChannelID)
	if d == nil {
		return fmt.Errorf("no channel %q", c.ChannelID)
	}
	switch c.Action {
	case script.StartChannel, script.ResumeChannel:
		return s.start(ctx, d)
	case script.StopChannel:
		return s.stop(ctx, d)
	case script.PauseChannel:
		return s.pause(ctx, d)
	case script.HaltChannel:
		return s.halt(d)
	case script.DeployChannel:
		return s.redeploy(ctx, d)
	case script.UndeployChannel:
		return s.undeploy(ctx, d)
	}
	p := s.running(d)
	if p == nil {
		return fmt.Errorf("the channel %q is not deployed", d.config.Name)
	}
	switch {
	case c.Action == script.ResetStatistics:
		return p.ResetStatistics(ctx, c.MetaDataID, c.Statuses)
	case c.Action == script.StopConnector: // the source alone: the queues go on
		return p.StopConnector(ctx, c.MetaDataID)
	case c.Action == script.StartConnector:
		return p.StartConnector(ctx, c.MetaDataID)
	}
	return fmt.Errorf("a channel cannot be asked to %s", c.Action)
}

func (h *host) Count(channelID string, metaDataID int, status weir.Status) (int64, bool) {
	s := (*Server)(h)
	d := s.find(channelID)
	if d == nil || s.running(d) == nil {
		return 0, false
	}
	st := s.running(d).Status()
	if metaDataID >= 0 {
		found := false
		for _, conn := range st.Connectors {
			if conn.MetaDataID == metaDataID {
				st, found = conn, true
				break
			}
		}
		if !found {
			return 0, false
		}
	}
	return countOf(st, status), true
}

func countOf(st pipeline.Status, status weir.Status) int64 {
	switch status {
	case weir.Received:
		return st.Counts.Received
	case weir.Filtered:
		return st.Counts.Filtered
	case weir.Sent:
		return st.Counts.Sent
	case weir.Error:
		return st.Counts.Error
	case weir.Queued:
		return st.Queued
	}
	return 0
}

// Resolve replaces the ${…} of a template for replacer.replaceValues.
func (h *host) Resolve(scope *script.Scope, template string, more map[string]any) string {
	s := (*Server)(h)
	if d := s.byID(scope.ChannelID); d != nil {
		if p := s.running(d); p != nil {
			return p.Replace(scope.Message, template, more)
		}
	}
	return template
}

// DataType makes a serializer's data type from settings that a script gave.
func (h *host) DataType(name string, serialization, deserialization map[string]any) (weir.DataType, error) {
	def, ok := h.opt.dataType(name)
	if !ok {
		return nil, nil
	}
	dt := def.New()
	_, err := config.Decode(config.Group{
		{Name: "serializationProperties", Group: groupOf(serialization)},
		{Name: "deserializationProperties", Group: groupOf(deserialization)},
	}, dt)
	return dt, err
}

func groupOf(settings map[string]any) config.Group {
	var g config.Group
	for name, value := range settings {
		g = append(g, config.Setting{Name: name, Text: fmt.Sprint(value)})
	}
	return g
}

func (h *host) DataTypeDefaults(name string, deserialization bool) map[string]any {
	def, ok := h.opt.dataType(name)
	if !ok {
		return nil
	}
	prefix := "serializationProperties."
	if deserialization {
		prefix = "deserializationProperties."
	}
	out := map[string]any{}
	for _, f := range config.List(def.New()) {
		if len(f.Name) > len(prefix) && f.Name[:len(prefix)] == prefix {
			var value any = f.Default
			if f.Kind == "yes/no" {
				value = f.Default == "true"
			}
			out[f.Name[len(prefix):]] = value
		}
	}
	return out
}

// globalScripts are the scripts that run for all channels.
type globalScripts struct {
	source           weir.GlobalScripts
	templates        []weir.CodeTemplate
	deploy, undeploy *script.Program
}

func (g *globalScripts) compile(s *Server) error {
	compiled := &pipeline.GlobalScripts{}
	var errs []error
	var all []*script.Program
	for _, c := range []struct {
		into                **script.Program
		name, context, code string
	}{
		{&g.deploy, "global deploy script", "GLOBAL_DEPLOY", g.source.Deploy},
		{&g.undeploy, "global undeploy script", "GLOBAL_UNDEPLOY", g.source.Undeploy},
		{&compiled.Preprocessor, "global preprocessor", "GLOBAL_PREPROCESSOR", g.source.Preprocessor},
		{&compiled.Postprocessor, "global postprocessor", "GLOBAL_POSTPROCESSOR", g.source.Postprocessor},
	} {
		if c.code == "" {
			continue
		}
		var err error
		*c.into, err = script.CompileScript(c.name, pipeline.TemplateParts(g.templates, c.context), script.Part{Name: c.name, Code: c.code})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		(*c.into).Limits.Time = s.opt.ScriptTime
		all = append(all, *c.into)
	}
	found := script.Find(all...)
	for _, f := range found.Faults {
		if f.Certain {
			errs = append(errs, &weir.Fault{Err: fmt.Errorf("%s: %s", f.Place(), f.Text), Hint: f.Remedy + "."})
		}
	}
	grants := s.opt.grants(GlobalScripts, weir.Access{}, found.Access)
	for _, p := range all {
		p.Access = grants
	}
	s.scripts.Store(compiled)
	return errors.Join(errs...)
}

// run runs the global deploy or undeploy script, which has no channel.
func (g *globalScripts) run(ctx context.Context, s *Server, context string) {
	p := g.deploy
	if context == "GLOBAL_UNDEPLOY" {
		p = g.undeploy
	}
	if p == nil {
		return
	}
	scope := &script.Scope{Host: (*host)(s), Context: context, Global: s.global, Configuration: s.config()}
	if _, err := p.Run(ctx, scope); err != nil {
		s.log.Error("A global script failed", "script", p.Name, "error", err)
	}
}
