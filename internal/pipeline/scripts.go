package pipeline

import (
	"context"
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
)

// ownScripts are the compiled scripts of a connector, by setting.
type ownScripts map[string]ownScript

type ownScript struct {
	context string
	logger  string
	program *script.Program
}

// ownScripts compiles the scripts that a connector has of its own.
func (c *Channel) ownScripts(connector any) (ownScripts, error) {
	scripted, ok := connector.(weir.Scripted)
	if !ok {
		return nil, nil
	}
	scripts := ownScripts{}
	for _, s := range scripted.Scripts() {
		p, err := c.compileScript(s.Name, s.Context, s.Code)
		if err != nil {
			return nil, err
		}
		p.Limits.Time = c.engine.ScriptTime
		scripts[s.Name] = ownScript{s.Context, s.Logger, p}
	}
	return scripts, nil
}

// run runs one of them; scope is what it has beside the message, and cm is nil for a
// source's without one.
func (s ownScripts) run(ctx context.Context, c *Channel, name string, cm *weir.ConnectorMessage, scope script.Scope) (any, error) {
	own, ok := s[name]
	if !ok {
		return nil, fmt.Errorf("the connector has no script %q", name)
	}
	scope.Context, scope.Logger = own.context, own.logger
	if own.context == weir.AuthenticationContext {
		scope.Context = sourceReceiver
	}
	value, err := own.program.Run(ctx, c.scope(cm, scope))
	if err != nil {
		return nil, err
	}
	return forConnector(value), nil
}

// forConnector turns what a script returned into what connectors know.
func forConnector(v any) any {
	switch v := v.(type) {
	case nil, string, weir.Response, weir.Status, *weir.Inbound, weir.Row, weir.Columns:
		return v
	case *script.Authentication:
		return &weir.Authentication{Status: v.Status, Username: v.Username, Realm: v.Realm, Headers: v.Headers}
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = forConnector(item)
			if o, ok := item.(*script.Object); ok { // in a list, an object of JavaScript is a map
				items[i] = rowOf(o)
			}
		}
		return items
	}
	return textOf(v)
}

func rowOf(o *script.Object) weir.Row {
	row := make(weir.Row, len(o.Keys))
	for i, k := range o.Keys {
		row[i] = weir.Entry{Key: k, Value: o.Values[k]}
	}
	return row
}
