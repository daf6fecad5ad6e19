package server

import (
	"context"
	"errors"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

var _ script.Attachments = (*host)(nil)

// ListAttachments, as all that follows, asks the store alone: a message's channel
// need not be deployed.
func (h *host) ListAttachments(ctx context.Context, channelID string, messageID int64) ([]string, error) {
	list, err := h.store.Attachments(ctx, channelID, messageID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	return ids, nil
}

func (h *host) GetAttachment(ctx context.Context, channelID string, messageID int64, id string) (*weir.Attachment, error) {
	a, err := h.store.Attachment(ctx, channelID, messageID, id)
	if errors.Is(err, store.ErrNoAttachment) {
		return nil, nil
	}
	return a, err
}

func (h *host) PutAttachment(ctx context.Context, channelID string, messageID int64, a *weir.Attachment) error {
	kept := *a
	if d := (*Server)(h).byID(channelID); d != nil {
		kept.Encrypted = d.config.Properties.EncryptAttachments
	}
	err := h.store.PutAttachment(ctx, channelID, messageID, &kept)
	if errors.Is(err, store.ErrNotFound) {
		return weir.WithHint(err, "", "An attachment can be kept only with a message that is kept; see the channel's message storage.")
	}
	return err
}

// Reattach puts attachments back as the message's channel does, whose handler may
// have replacements of its own.
func (h *host) Reattach(ctx context.Context, m *weir.ConnectorMessage, text string, how script.Reattach) (string, error) {
	s := (*Server)(h)
	if d := s.byID(m.ChannelID); d != nil {
		if p := s.running(d); p != nil {
			return p.Reattach(ctx, m, text, how)
		}
	}
	return pipeline.Reattach(ctx, s.store, m, text, how)
}
