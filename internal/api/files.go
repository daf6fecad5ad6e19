package api

import (
	"bytes"
	"context"
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

func (c *call) apply(_ none, text Text) (applied, error) {
	channel, err := c.engine.Apply(c.r.Context(), []byte(text))
	c.note("channel", channel)
	return applied{channel}, err
}

// File returns a channel as one of Weir's files.
func (c *Client) File(ctx context.Context, channel string) ([]byte, error) {
	var f file
	err := c.do(ctx, "GET", pathOf(channel)+"/file", &f)
	return []byte(f.Text), err
}

// Apply gives the engine a channel file to keep and deploy.
func (c *Client) Apply(ctx context.Context, text []byte) (channel string, err error) {
	var a applied
	err = c.into(ctx, "PUT", "/channels", typeText, bytes.NewReader(text), &a)
	return a.Channel, err
}
