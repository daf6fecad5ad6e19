package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// MessageQuery selects messages, newest first. What it asks of connector messages,
// Status, Connector, Failed and MetaData, is to be met by one and the same.
type MessageQuery struct {
	Before    int64     // ids below it: where the last page ended
	After     int64     // ids above it
	Limit     int       // at most; 0 means a page for a list, and all for an act
	Status    []string  // such as ERROR
	Connector []string  // names or metadata ids; "Source" is the source
	Failed    bool      // only with an error
	MetaData  []string  // COLUMN=VALUE, or COLUMN~PART
	Control   string    // MSH-10
	Patient   string    // PID-3.1
	Order     string    // ORC-2.1, ORC-3.1, OBR-2.1, OBR-3.1 or OBR-18
	Text      string    // within contents, in upper or lower case
	Since     time.Time // received then or later
	Until     time.Time // received before
}

// MaxLimit is the largest page of messages.
const MaxLimit = 1000

// Empty reports whether the query selects all messages.
func (q MessageQuery) Empty() bool { return len(q.values()) == 0 }

// values are the query's parameters as they travel.
func (q MessageQuery) values() url.Values {
	v := url.Values{}
	for name, list := range map[string][]string{"status": q.Status, "connector": q.Connector, "metadata": q.MetaData} {
		if len(list) > 0 {
			v[name] = list
		}
	}
	for name, text := range map[string]string{"control": q.Control, "patient": q.Patient, "order": q.Order, "text": q.Text} {
		if text != "" {
			v.Set(name, text)
		}
	}
	for name, n := range map[string]int64{"before": q.Before, "after": q.After, "limit": int64(q.Limit)} {
		if n > 0 {
			v.Set(name, strconv.FormatInt(n, 10))
		}
	}
	for name, t := range map[string]time.Time{"since": q.Since, "until": q.Until} {
		if !t.IsZero() {
			v.Set(name, t.Format(time.RFC3339Nano))
		}
	}
	if q.Failed {
		v.Set("failed", "true")
	}
	return v
}

func messageQuery(r *http.Request) (MessageQuery, error) {
	v := r.URL.Query()
	q := MessageQuery{
		Status: v["status"], Connector: v["connector"], MetaData: v["metadata"], Failed: v.Get("failed") == "true",
		Control: v.Get("control"), Patient: v.Get("patient"), Order: v.Get("order"), Text: v.Get("text"),
	}
	for name, into := range map[string]func(int64){
		"before": func(n int64) { q.Before = n },
		"after":  func(n int64) { q.After = n },
		"limit":  func(n int64) { q.Limit = int(min(n, MaxLimit)) },
	} {
		if v.Get(name) == "" {
			continue
		}
		n, err := strconv.ParseInt(v.Get(name), 10, 64)
		if err != nil || n < 0 {
			return q, fmt.Errorf("%s: %q is not a number", name, v.Get(name))
		}
		into(n)
	}
	for name, into := range map[string]*time.Time{"since": &q.Since, "until": &q.Until} {
		if v.Get(name) == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, v.Get(name))
		if err != nil {
			return q, fmt.Errorf("%s: %q is not a time such as 2026-03-10T14:00:00Z", name, v.Get(name))
		}
		*into = t
	}
	for _, m := range q.MetaData {
		if strings.IndexAny(m, "=~") < 1 {
			return q, fmt.Errorf("metadata: %q is neither COLUMN=VALUE nor COLUMN~PART", m)
		}
	}
	return q, nil
}

// stream writes a JSON array as its elements come.
type stream struct {
	w     http.ResponseWriter
	begun bool
}

func (s *stream) add(m Message) error {
	start := ","
	if !s.begun {
		s.w.Header().Set("Content-Type", "application/json")
		start, s.begun = "[", true
	}
	if _, err := io.WriteString(s.w, start); err != nil {
		return err
	}
	if err := json.NewEncoder(s.w).Encode(m); err != nil {
		return err
	}
	return http.NewResponseController(s.w).Flush()
}

// end completes the array. After an error in its midst the connection is cut, so
// that nobody takes a part for the whole.
func (s *stream) end(err error) {
	switch {
	case err != nil && s.begun:
		panic(http.ErrAbortHandler)
	case err != nil:
		answer(s.w, nil, err)
	case s.begun:
		io.WriteString(s.w, "]")
	default:
		answer(s.w, []Message{}, nil)
	}
}

// Messages lists messages of a channel.
func (c *Client) Messages(ctx context.Context, channel string, q MessageQuery) (list []Message, err error) {
	list = []Message{}
	err = c.EachMessage(ctx, channel, q, func(m Message) error {
		list = append(list, m)
		return nil
	})
	return list, err
}

// EachMessage calls visit for the messages that a query finds, as they are found.
func (c *Client) EachMessage(ctx context.Context, channel string, q MessageQuery, visit func(Message) error) error {
	resp, err := c.open(ctx, "GET", channelPath(channel)+"/messages?"+q.values().Encode(), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	d := json.NewDecoder(resp.Body)
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		var m Message
		if err := d.Decode(&m); err != nil {
			return cutShort(err)
		}
		if err := visit(m); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return cutShort(err)
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the engine broke off the list; its log says why")
	}
	return err
}

func channelPath(channel string) string { return "/v1/channels/" + url.PathEscape(channel) }
