package weir

import (
	"context"
	"log/slog"

	"github.com/weir-health/weir/config"
)

// Tester is a connector whose connection can be tried without a message.
//
// The engine decodes the settings of a new connector and calls Test once; it
// never starts or opens it. The channel's own connector may be at work meanwhile.
type Tester interface {
	// Test connects, signs in and looks at what there is to be looked at, or
	// binds and lets go again. It sends no message and changes nothing there. It
	// returns what it found, as a sentence; an error names the setting.
	Test(ctx context.Context, env TestEnv) (string, error)
}

// TestEnv is what the engine lends a connector that is tested.
type TestEnv struct {
	Log     *slog.Logger
	Resolve func(t config.Template) string // global and configuration maps

	// Message stands for the message that there is not: its Resolve replaces what
	// of a template can be replaced without one. It has no content.
	Message *Outbound

	// Started tells that the channel's own connector is at work, so that a port is
	// taken by it.
	Started bool
}

// Source is the environment of a source that is tested and receives nothing.
func (e TestEnv) Source() SourceEnv {
	return SourceEnv{Log: e.Log, Resolve: e.Resolve, Connection: func(ConnectionEvent) {}}
}

// Destination is the environment of a destination that is tested.
func (e TestEnv) Destination() DestinationEnv {
	return DestinationEnv{Log: e.Log, Resolve: e.Resolve, Connection: func(ConnectionEvent) {}}
}
