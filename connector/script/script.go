// Package script is the "JavaScript Reader" and the "JavaScript Writer": a source
// and a destination that are a script of the channel.
//
// The scripts are compiled with the channel and run by the engine; here is what
// becomes of what they return.
package script

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/poll"
)

// setting is the name of the script in both connectors.
const setting = "script"

// ReaderType is how the engine knows the reader.
var ReaderType = weir.SourceType{
	Name:    "JavaScript Reader",
	Summary: "Runs a script at set times and receives what it returns.",
	New:     func() weir.Source { return new(Reader) },
}

// Reader is the "JavaScript Reader" source. A script returns one message, a list
// of messages (a java.util.List or an array), or nothing; a message is a text or
// a RawMessage, and an empty text is none.
type Reader struct {
	Poll   poll.Settings
	Source connector.SourceSettings
	Script string

	env    weir.SourceEnv
	poller *poll.Poller
}

// Fields lists the settings.
func (r *Reader) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	r.Poll.Fields(f)
	r.Source.Fields(f)
	f.String(&r.Script, setting, "", "Script that returns the messages.")
}

// Scripts hands the script to the engine.
func (r *Reader) Scripts() []weir.Script {
	return []weir.Script{{Name: setting, Context: "SOURCE_RECEIVER", Code: r.Script}}
}

// Start begins to poll.
func (r *Reader) Start(ctx context.Context, env weir.SourceEnv) error {
	r.env = env
	schedule, err := r.Poll.Schedule(time.Local)
	if err != nil {
		return err
	}
	r.poller = poll.Start(schedule, r.Poll.OnStart, r.poll)
	return nil
}

// Stop waits for the poll that is under way.
func (r *Reader) Stop(ctx context.Context) error { return r.poller.Stop(ctx) }

func (r *Reader) poll(ctx context.Context, more func() bool) {
	if r.env.AwaitRoom(ctx) != nil {
		return
	}
	r.env.Connection(weir.ConnectionEvent{State: "receiving"})
	defer r.env.Connection(weir.ConnectionEvent{State: "idle"})
	value, err := r.env.Run(ctx, setting)
	if err != nil {
		r.report(err)
		return
	}
	items, isList := value.([]any)
	if !isList {
		items = []any{value}
	}
	for _, item := range items {
		if !more() {
			return
		}
		in, ok := inbound(item)
		if !ok {
			continue
		}
		if _, err := r.env.Receive(ctx, in); err != nil {
			r.report(err)
			return
		}
	}
}

func (r *Reader) report(err error) {
	r.env.Connection(weir.ConnectionEvent{State: "failed", Detail: err.Error()})
	r.env.Log.Error("The script's messages could not be received", "error", err)
}

// inbound is the message that an item is, if it is one.
func inbound(item any) (weir.Inbound, bool) {
	switch v := item.(type) {
	case nil:
		return weir.Inbound{}, false
	case *weir.Inbound:
		return *v, true
	default:
		text := fmt.Sprint(v)
		return weir.Inbound{Text: text}, text != ""
	}
}

// WriterType is how the engine knows the writer.
var WriterType = weir.DestinationType{
	Name:    "JavaScript Writer",
	Summary: "Runs a script for each message; what it returns is the response.",
	New:     func() weir.Destination { return new(Writer) },
}

// Writer is the "JavaScript Writer" destination. A script returns a Response, a
// Status, or anything else, which becomes the text of a SENT response. One that
// throws makes the message ERROR, with the queue on too.
type Writer struct {
	Destination connector.DestinationSettings
	Script      string

	env weir.DestinationEnv
}

// Fields lists the settings.
func (w *Writer) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	w.Destination.Fields(f)
	f.String(&w.Script, setting, "", "Script that is run for each message.")
}

// Scripts hands the script to the engine.
func (w *Writer) Scripts() []weir.Script {
	return []weir.Script{{Name: setting, Context: "DESTINATION_DISPATCHER", Code: w.Script}}
}

// Open has nothing to acquire.
func (w *Writer) Open(ctx context.Context, env weir.DestinationEnv) error {
	w.env = env
	return nil
}

// Send runs the script.
func (w *Writer) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	w.env.Connection(weir.ConnectionEvent{State: "sending"})
	defer w.env.Connection(weir.ConnectionEvent{State: "idle"})
	value, err := w.env.Run(ctx, setting, m)
	if err != nil {
		text := "JavaScript Writer error\n" + err.Error()
		var detailed interface{ Detail() string }
		if errors.As(err, &detailed) {
			text = "JavaScript Writer error\n" + detailed.Detail()
		}
		return weir.Response{Status: weir.Error, StatusMessage: "Error evaluating JavaScript Writer", Error: text}, err
	}
	switch v := value.(type) {
	case nil:
		return weir.Response{Status: weir.Sent, StatusMessage: done}, nil
	case weir.Response:
		return v, nil
	case weir.Status:
		return weir.Response{Status: v, StatusMessage: done}, nil
	default:
		return weir.Response{Status: weir.Sent, Message: fmt.Sprint(v), StatusMessage: done}, nil
	}
}

const done = "JavaScript evaluation successful."

// Close has nothing to release.
func (w *Writer) Close(ctx context.Context) error { return nil }

var (
	_ weir.Source      = (*Reader)(nil)
	_ weir.Scripted    = (*Reader)(nil)
	_ weir.Destination = (*Writer)(nil)
	_ weir.Scripted    = (*Writer)(nil)
)
