// Package channel passes messages from channel to channel on one engine: the
// connectors "Channel Reader" and "Channel Writer".
//
// The reader does nothing itself: the engine hands what is routed to its channel
// straight to the channel. The writer hands a message to the target channel and
// waits for its response. That the target has taken the message counts as
// success; what becomes of it there is the target's affair, unless the writer
// validates responses.
package channel

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
)

// ReaderType is how the engine knows the source.
var ReaderType = weir.SourceType{
	Name:    "Channel Reader",
	Summary: "Receives the messages that other channels and scripts route to this channel.",
	New:     func() weir.Source { return new(Reader) },
}

// Reader is the "Channel Reader" source.
type Reader struct {
	Source connector.SourceSettings
}

// Fields lists the settings.
func (r *Reader) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	r.Source.Fields(f)
}

// Start has nothing to begin.
func (r *Reader) Start(ctx context.Context, env weir.SourceEnv) error { return nil }

// Stop has nothing to wait for.
func (r *Reader) Stop(ctx context.Context) error { return nil }

// WriterType is how the engine knows the destination.
var WriterType = weir.DestinationType{
	Name:    "Channel Writer",
	Summary: "Routes each message to another channel on this engine.",
	New:     func() weir.Destination { return new(Writer) },
}

// Writer is the "Channel Writer" destination.
type Writer struct {
	Destination connector.DestinationSettings
	ChannelID   config.Template
	Template    config.Template
	Variables   []string

	env weir.DestinationEnv
}

// nowhere is the channel id that stands for none, as in Mirth.
const nowhere = "none"

// Fields lists the settings.
func (w *Writer) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	w.Destination.Fields(f)
	f.Template(&w.ChannelID, "channelId", nowhere, "Id of the channel that gets the message; none routes it nowhere.")
	f.Template(&w.Template, "channelTemplate", "${message.encodedData}", "What that channel gets as its raw message.")
	f.Strings(&w.Variables, "mapVariables", "Names of map variables that are put into the source map of the message there.")
}

// Open has nothing to acquire.
func (w *Writer) Open(ctx context.Context, env weir.DestinationEnv) error {
	w.env = env
	return nil
}

// Send routes one message.
func (w *Writer) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	w.env.Connection(weir.ConnectionEvent{State: "sending"})
	defer w.env.Connection(weir.ConnectionEvent{State: "idle"})
	target := m.Resolve(w.ChannelID)
	switch target {
	case nowhere:
		return weir.Response{Status: weir.Sent, StatusMessage: "No channel is chosen; the message was not routed."}, nil
	case "":
		return weir.Response{Status: weir.Queued, StatusMessage: "Error routing message"}, &weir.Fault{At: "channelId",
			Err: errors.New("the id of the channel is empty"), Hint: "Choose a channel, and check the variables in its id."}
	}
	in := weir.Inbound{Binary: m.Binary, SourceMap: w.sourceMap(m)}
	content, err := w.content(ctx, m, &in)
	if err != nil {
		return weir.Response{Status: weir.Queued, StatusMessage: "Error routing message to channel id: " + target}, err
	}
	if content != nil {
		defer content.Close()
	}
	reply, err := w.env.Route(ctx, target, in)
	if err != nil {
		return weir.Response{Status: weir.Queued, StatusMessage: "Error routing message to channel id: " + target},
			&weir.Fault{At: "channelId", Err: fmt.Errorf("route to channel %s: %w", target, err),
				Hint: "Check that the channel is deployed and started."}
	}
	r := weir.Response{Status: weir.Sent, StatusMessage: "Message routed successfully to channel id: " + target}
	if reply.Response != nil {
		r.Message = reply.Response.Message
	}
	return r, nil
}

// content gives the other channel the content, as a stream where it is too large for
// memory; that is to be closed.
func (w *Writer) content(ctx context.Context, m *weir.Outbound, in *weir.Inbound) (content io.Closer, err error) {
	s, ok, err := m.Stream(ctx, w.Template)
	if err != nil || !ok {
		if err == nil {
			in.Text, err = m.Body(w.Template)
		}
		return nil, err
	}
	r, err := s.Open(ctx)
	in.Stream = r
	return r, err
}

// sourceMap tells the target where a message comes from, and over which
// channels it came before.
func (w *Writer) sourceMap(m *weir.Outbound) map[string]any {
	out := connector.Trail(m.SourceMap, m.ChannelID, m.MessageID)
	for _, name := range w.Variables {
		if value, ok := m.Lookup(name); ok {
			out[name] = value
		}
	}
	return out
}

// Close has nothing to release.
func (w *Writer) Close(ctx context.Context) error { return nil }

var (
	_ weir.Source      = (*Reader)(nil)
	_ weir.Destination = (*Writer)(nil)
)
