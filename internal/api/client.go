package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/weir-health/weir"
)

// Client talks to a running engine over its socket.
type Client struct {
	socket string
	http   http.Client
}

// NewClient returns a client for the socket at a path.
func NewClient(socket string) *Client {
	return &Client{socket: socket, http: http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", socket)
		},
	}}}
}

// maxAnswer is the largest answer the client reads, in bytes.
const maxAnswer = 1 << 30

func (c *Client) do(ctx context.Context, method, path string, into any) error {
	body, err := c.fetch(ctx, method, path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// fetch makes a request and returns the answer as it came.
func (c *Client) fetch(ctx context.Context, method, path string) ([]byte, error) {
	return c.send(ctx, method, path, nil)
}

// send is fetch with a body.
func (c *Client) send(ctx context.Context, method, path string, content io.Reader) ([]byte, error) {
	resp, err := c.open(ctx, method, path, content)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
}

// open makes a request and returns an answer that is no refusal.
func (c *Client) open(ctx context.Context, method, path string, content io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://weir"+path, content)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return nil, &weir.Fault{
				Err:  fmt.Errorf("no engine answers at %s: %w", c.socket, op.Err),
				Hint: "Start it with weir serve, or name its data directory with --data.",
			}
		}
		return nil, err
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	var p problem
	if json.Unmarshal(body, &p) == nil && p.Detail != "" {
		return nil, errors.New(p.Detail)
	}
	return nil, fmt.Errorf("the engine answered %s", resp.Status)
}

// Channels lists the channels.
func (c *Client) Channels(ctx context.Context) (list []Channel, err error) {
	err = c.do(ctx, "GET", "/v1/channels", &list)
	return list, err
}

// Control does something to a channel; see [Engine].
func (c *Client) Control(ctx context.Context, channel, action string) error {
	var nothing struct{}
	return c.do(ctx, "POST", "/v1/channels/"+url.PathEscape(channel)+"/"+action, &nothing)
}

// Test tries connections; see [Engine].
func (c *Client) Test(ctx context.Context, channel, connector string) (list []Tested, err error) {
	path := "/v1/channels/" + url.PathEscape(channel) + "/test"
	if connector != "" {
		path += "?connector=" + url.QueryEscape(connector)
	}
	err = c.do(ctx, "POST", path, &list)
	return list, err
}

// Message returns one message with its contents.
func (c *Client) Message(ctx context.Context, channel string, id int64) (m Message, err error) {
	err = c.do(ctx, "GET", "/v1/channels/"+url.PathEscape(channel)+"/messages/"+strconv.FormatInt(id, 10), &m)
	return m, err
}

// Attachment returns what one attachment of a message holds.
func (c *Client) Attachment(ctx context.Context, channel string, id int64, attachment string) ([]byte, error) {
	return c.fetch(ctx, "GET", "/v1/channels/"+url.PathEscape(channel)+"/messages/"+strconv.FormatInt(id, 10)+"/attachments/"+url.PathEscape(attachment))
}
