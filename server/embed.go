package server

import (
	"context"
	"io"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/pipeline"
)

// What the commands do over the socket, for programs that embed an engine. Channels are
// named by id or name, and an empty query selects all messages.
type (
	MessageQuery = api.MessageQuery
	NewMessage   = api.NewMessage
	Received     = api.Received
	Again        = api.Again
	ActOutcome   = api.Outcome
	Exporting    = api.Exporting
	Importing    = api.Importing
	Pruned       = api.Pruned
	ChannelState = api.Channel
)

// Channels lists the channels with their states and counts.
func (s *Server) Channels() []ChannelState { return (*engineAPI)(s).Channels() }

// Control does "start", "stop", "pause", "halt", "deploy" or "undeploy" to a channel.
func (s *Server) Control(ctx context.Context, channel, action string) error {
	return (*engineAPI)(s).Control(ctx, channel, action)
}

// Messages visits the messages that a query finds, newest first and without contents.
func (s *Server) Messages(ctx context.Context, channel string, q MessageQuery, visit func(*weir.Message) error) error {
	d, err := s.known(channel)
	if err != nil {
		return err
	}
	return s.pages(ctx, d, q, func(page []*weir.Message) error {
		for _, m := range page {
			if err := visit(m); err != nil {
				return err
			}
		}
		return nil
	})
}

// Message returns one message with its contents and maps.
func (s *Server) Message(ctx context.Context, channel string, id int64) (*weir.Message, error) {
	d, err := s.known(channel)
	if err != nil {
		return nil, err
	}
	m, err := s.store.Message(ctx, d.config.ID, id)
	if err != nil {
		return nil, err
	}
	s.restorer(ctx, d)(m)
	pipeline.DecodeMaps(m)
	return m, nil
}

// Send hands a channel a message as its source would, also while that is paused.
func (s *Server) Send(ctx context.Context, channel string, m NewMessage) (Received, error) {
	return (*engineAPI)(s).Send(ctx, channel, m)
}

// Reprocess takes messages through the whole channel once more, oldest first.
func (s *Server) Reprocess(ctx context.Context, channel string, q MessageQuery, how Again) (ActOutcome, error) {
	return (*engineAPI)(s).Reprocess(ctx, channel, q, how)
}

// Resend has one destination deliver again what it has of messages, oldest first.
func (s *Server) Resend(ctx context.Context, channel string, q MessageQuery, destination string) (ActOutcome, error) {
	return (*engineAPI)(s).Resend(ctx, channel, q, destination)
}

// Remove removes messages with all that is kept of them; RemoveContents leaves their rows.
func (s *Server) Remove(ctx context.Context, channel string, q MessageQuery) (ActOutcome, error) {
	return (*engineAPI)(s).Remove(ctx, channel, q)
}

// RemoveContents removes what messages hold.
func (s *Server) RemoveContents(ctx context.Context, channel string, q MessageQuery) (ActOutcome, error) {
	return (*engineAPI)(s).RemoveContents(ctx, channel, q)
}

// Export writes messages as Mirth's documents, oldest first, a line feed behind each.
func (s *Server) Export(ctx context.Context, channel string, q MessageQuery, how Exporting, w io.Writer) error {
	return (*engineAPI)(s).Export(ctx, channel, q, how, func(doc []byte) error {
		if _, err := w.Write(doc); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	})
}

// Import takes in what Export or Mirth wrote, under new ids: nothing is processed or sent.
func (s *Server) Import(ctx context.Context, channel string, from io.Reader, how Importing) (ActOutcome, error) {
	return (*engineAPI)(s).Import(ctx, channel, from, how)
}

// Prune removes what a channel does not keep any longer.
func (s *Server) Prune(ctx context.Context, channel string) (Pruned, error) {
	return (*engineAPI)(s).Prune(ctx, channel)
}
