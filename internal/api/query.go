package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

// MessageQuery selects messages, newest first. What it asks of connector messages,
// Status, Connector, Failed and MetaData, is to be met by one and the same.
type MessageQuery struct {
	Before    int64     `query:"before" doc:"Ids below it: where the last page ended."`
	After     int64     `query:"after" doc:"Ids above it."`
	Limit     int       `query:"limit" doc:"At most so many. Without it a page of a list, and all for an act."`
	Status    []string  `query:"status" doc:"Such as ERROR. This, connector, failed and metadata are asked of one and the same connector message."`
	Connector []string  `query:"connector" doc:"Names or metadata ids; Source is the source."`
	Failed    bool      `query:"failed" doc:"Only with an error."`
	MetaData  []string  `query:"metadata" doc:"COLUMN=VALUE, or COLUMN~PART."`
	Control   string    `query:"control" doc:"HL7 v2 control id, MSH-10."`
	Patient   string    `query:"patient" doc:"HL7 v2 patient id, PID-3.1."`
	Order     string    `query:"order" doc:"HL7 v2 order number: ORC-2.1, ORC-3.1, OBR-2.1, OBR-3.1 or OBR-18."`
	Text      string    `query:"text" doc:"A text within contents, in upper or lower case."`
	Since     time.Time `query:"since" doc:"Received then or later."`
	Until     time.Time `query:"until" doc:"Received before."`
}

// MaxLimit is the largest page of messages.
const MaxLimit = 1000

// Empty reports whether the query selects all messages.
func (q MessageQuery) Empty() bool { return len(writeQuery(q)) == 0 }

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
		fail(s.w, err)
	case s.begun:
		io.WriteString(s.w, "]")
	default:
		s.w.Header().Set("Content-Type", typeJSON)
		io.WriteString(s.w, "[]\n")
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
	resp, err := c.open(ctx, "GET", pathOf(channel)+"/messages?"+writeQuery(q).Encode(), "", nil)
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

func pathOf(channel string) string { return "/channels/" + url.PathEscape(channel) }
