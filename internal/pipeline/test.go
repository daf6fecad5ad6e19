package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/internal/script"
)

// TestTime is how long trying a connection may take.
const TestTime = 30 * time.Second

// TestConnection tries the connection of one connector of a channel, which need not
// be deployed; started tells that it is, and has its ports. It returns what was found,
// as a sentence, or a fault that says in words what is wrong.
func TestConnection(ctx context.Context, cfg weir.Channel, e Engine, of *weir.Connector, started bool) (found string, err error) {
	c := &Channel{Config: cfg, engine: e, log: e.Log, now: e.Now, globalChannelMap: e.GlobalChannel}
	if c.globalChannelMap == nil {
		c.globalChannelMap = script.NewSharedMap()
	}
	name := of.Name
	if of.MetaDataID == 0 {
		name = "Source"
	}
	defer func() {
		if err != nil {
			err = c.fault(name, err)
		}
	}()
	settings, err := c.newConnector(of)
	if err != nil {
		return "", err
	}
	if _, err := config.Decode(of.Settings, settings); err != nil {
		return "", err
	}
	tester, ok := settings.(weir.Tester)
	if !ok {
		return "", fmt.Errorf("%s has no connection that can be tried", of.Type)
	}
	templates, err := templatesOf(of.Settings, settings)
	if err != nil {
		return "", err
	}
	resolved := make(map[string]string, len(templates))
	for _, t := range templates {
		resolved[t.name] = c.resolveSetting(config.Template{Name: t.name, Text: t.text})
	}
	ctx, cancel := context.WithTimeoutCause(ctx, TestTime, errors.New("the test took too long"))
	defer cancel()
	return connector.Test(ctx, tester, weir.TestEnv{
		Log: slog.New(slog.DiscardHandler), Resolve: c.resolveSetting, Started: started,
		Message: &weir.Outbound{ChannelID: cfg.ID, MetaDataID: of.MetaDataID, Resolved: resolved, ConnectorMap: map[string]any{},
			Lookup: c.globalVariable},
	})
}

func (c *Channel) newConnector(of *weir.Connector) (config.Settings, error) {
	if of.MetaDataID == 0 {
		if t, ok := c.engine.Source(of.Type); ok {
			return t.New(), nil
		}
	} else if t, ok := c.engine.Destination(of.Type); ok {
		return t.New(), nil
	}
	return nil, fmt.Errorf("connector type %q is not available", of.Type)
}
