package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxFile is the largest channel file that is taken, in bytes.
const maxFile = 32 << 20

// file is a channel's file as it travels, and applied what became of it.
type file struct {
	Text string `json:"text"`
}

type applied struct {
	Channel string `json:"channel"`
}

func files(mux *http.ServeMux, e Engine) {
	mux.HandleFunc("GET /v1/channels/{channel}/file", func(w http.ResponseWriter, r *http.Request) {
		text, err := e.File(r.PathValue("channel"))
		answer(w, file{string(text)}, err)
	})
	mux.HandleFunc("PUT /v1/channels", func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFile))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, fmt.Errorf("the channel file is larger than %d bytes", maxFile))
			return
		}
		channel, err := e.Apply(r.Context(), text)
		answer(w, applied{channel}, err)
	})
}

// File returns a channel as one of Weir's files.
func (c *Client) File(ctx context.Context, channel string) ([]byte, error) {
	var f file
	err := c.do(ctx, "GET", "/v1/channels/"+url.PathEscape(channel)+"/file", &f)
	return []byte(f.Text), err
}

// Apply gives the engine a channel file to keep and deploy.
func (c *Client) Apply(ctx context.Context, text []byte) (channel string, err error) {
	var a applied
	body, err := c.send(ctx, "PUT", "/v1/channels", bytes.NewReader(text))
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	return a.Channel, err
}
