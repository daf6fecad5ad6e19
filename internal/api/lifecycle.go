package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Lifecycle is what a user does to messages and connectors.
type Lifecycle interface {
	// Send hands a channel a message as a source would, also while that is paused.
	Send(ctx context.Context, channel string, m NewMessage) (Received, error)
	// Count counts the messages that a query finds.
	Count(ctx context.Context, channel string, q MessageQuery) (int, error)
	// Reprocess takes messages through the whole channel once more, oldest first.
	Reprocess(ctx context.Context, channel string, q MessageQuery, how Again) (Outcome, error)
	// Resend has one destination deliver again what it has of messages, oldest first.
	Resend(ctx context.Context, channel string, q MessageQuery, destination string) (Outcome, error)
	// Remove removes messages; RemoveContents leaves their rows.
	Remove(ctx context.Context, channel string, q MessageQuery) (Outcome, error)
	RemoveContents(ctx context.Context, channel string, q MessageQuery) (Outcome, error)
	// Statistics are a channel's counts by connector; Reset begins them anew.
	Statistics(ctx context.Context, channel string) ([]Statistics, error)
	ResetStatistics(ctx context.Context, channel string, r Reset) error
	// Prune removes what a channel does not keep any longer.
	Prune(ctx context.Context, channel string) (Pruned, error)
	// ControlConnector does "start" or "stop" to a connector of a channel.
	ControlConnector(ctx context.Context, channel, connector, action string) error
}

// NewMessage is a message that a user hands over.
type NewMessage struct {
	Text         string
	Binary       bool              // the text is base64
	Destinations []string          // names or metadata ids; empty means all
	SourceMap    map[string]string // what the source map is to hold
}

// Received is what became of a message that was handed over.
type Received struct {
	ID     int64  `json:"id"`
	Status string `json:"status,omitempty"` // of the response that a sender would have got
	Answer string `json:"answer,omitempty"`
}

// Again says how messages are reprocessed.
type Again struct {
	Replace      bool     // under their own ids
	Destinations []string // names or metadata ids; empty means all
}

// Outcome is what came of an act on many messages.
type Outcome struct {
	Done    int     `json:"done"`
	Failed  int     `json:"failed"`
	Problem string  `json:"problem,omitempty"` // of the first that failed
	IDs     []int64 `json:"ids,omitempty"`     // of messages that were made, no more than 100
}

// MaxOutcomeIDs is how many ids an Outcome lists.
const MaxOutcomeIDs = 100

// Statistics are the counts of one connector.
type Statistics struct {
	MetaDataID int    `json:"metaDataId"`
	Name       string `json:"name"`
	Current    Counts `json:"current"`  // since they were reset last
	Lifetime   Counts `json:"lifetime"` // since the channel was first deployed
}

// Reset says which statistics begin anew.
type Reset struct {
	Connector string   // name or metadata id; empty means all
	Statuses  []string // RECEIVED, FILTERED, SENT, ERROR; empty means all
	Lifetime  bool     // everything, the lifetime too
}

// Pruned is how many messages were removed, and how many others lost what they held.
type Pruned struct {
	Messages int `json:"messages"`
	Contents int `json:"contents"`
}

// MaxMessage is the largest message that a user may hand over, in bytes.
const MaxMessage = 64 << 20

func lifecycle(mux *http.ServeMux, e Engine) {
	const messages = "/v1/channels/{channel}/messages"
	mux.HandleFunc("POST "+messages, func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxMessage))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, fmt.Errorf("the message is larger than %d MB", MaxMessage>>20))
			return
		}
		v := r.URL.Query()
		m := NewMessage{Text: string(text), Binary: v.Get("binary") == "true", Destinations: v["destination"], SourceMap: map[string]string{}}
		for _, entry := range v["source"] {
			name, value, _ := strings.Cut(entry, "=")
			m.SourceMap[name] = value
		}
		got, err := e.Send(r.Context(), r.PathValue("channel"), m)
		answer(w, got, err)
	})
	mux.HandleFunc("GET "+messages+"/count", selected(func(w http.ResponseWriter, r *http.Request, channel string, q MessageQuery) {
		n, err := e.Count(r.Context(), channel, q)
		answer(w, n, err)
	}))
	for _, path := range []string{messages, messages + "/{id}"} {
		mux.HandleFunc("POST "+path+"/reprocess", acting(func(r *http.Request, channel string, q MessageQuery) (Outcome, error) {
			v := r.URL.Query()
			return e.Reprocess(r.Context(), channel, q, Again{Replace: v.Get("replace") == "true", Destinations: v["destination"]})
		}))
		mux.HandleFunc("POST "+path+"/resend", acting(func(r *http.Request, channel string, q MessageQuery) (Outcome, error) {
			return e.Resend(r.Context(), channel, q, r.URL.Query().Get("destination"))
		}))
		mux.HandleFunc("DELETE "+path, acting(func(r *http.Request, channel string, q MessageQuery) (Outcome, error) {
			return e.Remove(r.Context(), channel, q)
		}))
		mux.HandleFunc("DELETE "+path+"/contents", acting(func(r *http.Request, channel string, q MessageQuery) (Outcome, error) {
			return e.RemoveContents(r.Context(), channel, q)
		}))
	}
	mux.HandleFunc("POST /v1/channels/{channel}/prune", func(w http.ResponseWriter, r *http.Request) {
		out, err := e.Prune(r.Context(), r.PathValue("channel"))
		answer(w, out, err)
	})
	mux.HandleFunc("GET /v1/channels/{channel}/statistics", func(w http.ResponseWriter, r *http.Request) {
		list, err := e.Statistics(r.Context(), r.PathValue("channel"))
		answer(w, list, err)
	})
	mux.HandleFunc("DELETE /v1/channels/{channel}/statistics", func(w http.ResponseWriter, r *http.Request) {
		v := r.URL.Query()
		err := e.ResetStatistics(r.Context(), r.PathValue("channel"), Reset{Connector: v.Get("connector"), Statuses: v["status"], Lifetime: v.Get("lifetime") == "true"})
		answer(w, struct{}{}, err)
	})
	mux.HandleFunc("POST /v1/channels/{channel}/connectors/{connector}/{action}", func(w http.ResponseWriter, r *http.Request) {
		err := e.ControlConnector(r.Context(), r.PathValue("channel"), r.PathValue("connector"), r.PathValue("action"))
		answer(w, struct{}{}, err)
	})
}

// selected hands on the messages that a request selects, by its query or by the id
// in its path.
func selected(do func(w http.ResponseWriter, r *http.Request, channel string, q MessageQuery)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, err := messageQuery(r)
		if err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		if r.PathValue("id") != "" {
			id, ok := messageID(w, r)
			if !ok {
				return
			}
			q = one(id)
		}
		do(w, r, r.PathValue("channel"), q)
	}
}

func one(id int64) MessageQuery { return MessageQuery{After: id - 1, Before: id + 1} }

// acting is selected for what changes messages. All messages of a channel have to
// be meant: a query that was lost on the way would otherwise select them.
func acting(do func(r *http.Request, channel string, q MessageQuery) (Outcome, error)) http.HandlerFunc {
	return selected(func(w http.ResponseWriter, r *http.Request, channel string, q MessageQuery) {
		if q.Empty() && r.URL.Query().Get("all") != "true" {
			refuse(w, http.StatusBadRequest, errors.New("no message is selected; all=true selects all"))
			return
		}
		out, err := do(r, channel, q)
		answer(w, out, err)
	})
}

// Send hands a channel a message; see [Lifecycle], as for what follows.
func (c *Client) Send(ctx context.Context, channel string, m NewMessage) (got Received, err error) {
	v := url.Values{"destination": m.Destinations}
	if m.Binary {
		v.Set("binary", "true")
	}
	for name, value := range m.SourceMap {
		v.Add("source", name+"="+value)
	}
	err = c.into(ctx, "POST", channelPath(channel)+"/messages?"+v.Encode(), strings.NewReader(m.Text), &got)
	return got, err
}

// into is send with the answer decoded.
func (c *Client) into(ctx context.Context, method, path string, content io.Reader, to any) error {
	body, err := c.send(ctx, method, path, content)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, to)
}

// Count counts messages.
func (c *Client) Count(ctx context.Context, channel string, q MessageQuery) (n int, err error) {
	err = c.do(ctx, "GET", channelPath(channel)+"/messages/count?"+q.values().Encode(), &n)
	return n, err
}

// act does something to the messages of a query.
func (c *Client) act(ctx context.Context, method, channel, what string, q MessageQuery, more url.Values) (out Outcome, err error) {
	v := q.values()
	if len(v) == 0 {
		v.Set("all", "true")
	}
	for name, list := range more {
		v[name] = list
	}
	err = c.into(ctx, method, channelPath(channel)+"/messages"+what+"?"+v.Encode(), bytes.NewReader(nil), &out)
	return out, err
}

// Reprocess takes messages through the channel once more.
func (c *Client) Reprocess(ctx context.Context, channel string, q MessageQuery, how Again) (Outcome, error) {
	return c.act(ctx, "POST", channel, "/reprocess", q, url.Values{"replace": {strconv.FormatBool(how.Replace)}, "destination": how.Destinations})
}

// Resend has one destination deliver messages again.
func (c *Client) Resend(ctx context.Context, channel string, q MessageQuery, destination string) (Outcome, error) {
	return c.act(ctx, "POST", channel, "/resend", q, url.Values{"destination": {destination}})
}

// Remove removes messages.
func (c *Client) Remove(ctx context.Context, channel string, q MessageQuery) (Outcome, error) {
	return c.act(ctx, "DELETE", channel, "", q, nil)
}

// RemoveContents removes what messages hold.
func (c *Client) RemoveContents(ctx context.Context, channel string, q MessageQuery) (Outcome, error) {
	return c.act(ctx, "DELETE", channel, "/contents", q, nil)
}

// Prune removes what a channel does not keep any longer.
func (c *Client) Prune(ctx context.Context, channel string) (out Pruned, err error) {
	err = c.do(ctx, "POST", channelPath(channel)+"/prune", &out)
	return out, err
}

// Statistics are a channel's counts.
func (c *Client) Statistics(ctx context.Context, channel string) (list []Statistics, err error) {
	err = c.do(ctx, "GET", channelPath(channel)+"/statistics", &list)
	return list, err
}

// ResetStatistics begins them anew.
func (c *Client) ResetStatistics(ctx context.Context, channel string, r Reset) error {
	v := url.Values{"connector": {r.Connector}, "status": r.Statuses, "lifetime": {strconv.FormatBool(r.Lifetime)}}
	var nothing struct{}
	return c.do(ctx, "DELETE", channelPath(channel)+"/statistics?"+v.Encode(), &nothing)
}

// ControlConnector starts or stops one connector.
func (c *Client) ControlConnector(ctx context.Context, channel, connector, action string) error {
	var nothing struct{}
	return c.do(ctx, "POST", channelPath(channel)+"/connectors/"+url.PathEscape(connector)+"/"+action, &nothing)
}
