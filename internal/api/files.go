package api

import (
	"bytes"
	"context"

	"github.com/weir-health/weir/internal/history"
)

// file is a channel's file as it travels, and applied what became of it.
type file struct {
	Text string `json:"text"`
}

type applied struct {
	Channel string `json:"channel"`
}

func (c *call) file(none, none) (file, error) {
	text, err := c.engine.File(c.channel())
	return file{string(text)}, err
}

// reason is why something is saved.
type reason struct {
	Why string `query:"why" doc:"Why; it is kept in the history."`
}

func (c *call) by(q reason) history.By {
	return history.By{Who: c.user.Name, Why: q.Why, How: c.route.name}
}

func (c *call) apply(q reason, text Text) (applied, error) {
	channel, err := c.engine.Apply(c.r.Context(), []byte(text), c.by(q))
	c.note("channel", channel)
	return applied{channel}, err
}

// File returns a channel as one of Weir's files.
func (c *Client) File(ctx context.Context, channel string) ([]byte, error) {
	var f file
	err := c.do(ctx, "GET", pathOf(channel)+"/file", &f)
	return []byte(f.Text), err
}

// Apply gives the engine a channel file to keep and deploy; why is for the history.
func (c *Client) Apply(ctx context.Context, text []byte, why string) (channel string, err error) {
	var a applied
	err = c.into(ctx, "PUT", "/channels?"+writeQuery(reason{why}).Encode(), typeText, bytes.NewReader(text), &a)
	return a.Channel, err
}
