package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/auth"
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
	There   int     `json:"there,omitempty"`   // of an import: were there already
	Problem string  `json:"problem,omitempty"` // of the first that failed
	IDs     []int64 `json:"ids,omitempty"`     // of messages that were made or, of an import, were there, no more than 100
}

// MaxOutcomeIDs is how many ids an Outcome lists.
const MaxOutcomeIDs = 100

// List adds the id of a message.
func (o *Outcome) List(id int64) {
	if len(o.IDs) < MaxOutcomeIDs {
		o.IDs = append(o.IDs, id)
	}
}

// Statistics are the counts of one connector.
type Statistics struct {
	MetaDataID int    `json:"metaDataId"`
	Name       string `json:"name"`
	Current    Counts `json:"current"`  // since they were reset last
	Lifetime   Counts `json:"lifetime"` // since the channel was first deployed
}

// Reset says which statistics begin anew.
type Reset struct {
	Connector string   `query:"connector" doc:"Name or metadata id; without it all."`
	Statuses  []string `query:"status" doc:"RECEIVED, FILTERED, SENT, ERROR; without it all."`
	Lifetime  bool     `query:"lifetime" doc:"Everything, the counts of all time too."`
}

// Pruned is how many messages were removed, and how many others lost what they held.
type Pruned struct {
	Messages int    `json:"messages"`
	Contents int    `json:"contents"`
	Archived int    `json:"archived,omitempty"` // were written to the archive
	Kept     int    `json:"kept,omitempty"`     // stay because the archive does not take them
	Problem  string `json:"problem,omitempty"`  // why it does not take the first of these
}

// sendQuery is how a message is handed over, beside its text.
type sendQuery struct {
	Binary       bool     `query:"binary" doc:"The text is base64."`
	Destinations []string `query:"destination" doc:"Only for these: names or metadata ids."`
	Source       []string `query:"source" doc:"Entries of the source map, NAME=VALUE."`
}

func (c *call) send(q sendQuery, text Text) (Received, error) {
	m := NewMessage{Text: string(text), Binary: q.Binary, Destinations: q.Destinations, SourceMap: map[string]string{}}
	for _, entry := range q.Source {
		name, value, _ := strings.Cut(entry, "=")
		m.SourceMap[name] = value
	}
	got, err := c.engine.Send(c.r.Context(), c.channel(), m)
	if got.ID != 0 {
		c.note("message", strconv.FormatInt(got.ID, 10))
	}
	return got, err
}

// looked is a query that the caller may ask: to search in what messages hold takes
// the right to see it, or each guess would be answered.
func (c *call) looked(q MessageQuery) (MessageQuery, error) {
	q.Limit = min(q.Limit, MaxLimit)
	for _, m := range q.MetaData {
		if strings.IndexAny(m, "=~") < 1 {
			return q, invalid{http.StatusBadRequest, fmt.Errorf("metadata: %q is neither COLUMN=VALUE nor COLUMN~PART", m)}
		}
	}
	if (len(q.MetaData) > 0 || q.Control != "" || q.Patient != "" || q.Order != "" || q.Text != "") && !c.may("viewMessages") {
		return q, fmt.Errorf("%w: to search by metadata, control, patient, order or text needs the permission viewMessages", auth.ErrForbidden)
	}
	return q, nil
}

func (c *call) messages(q MessageQuery, _ none) (eachMessage, error) {
	q, err := c.looked(q)
	if err != nil {
		return nil, err
	}
	return func(visit func(Message) error) error {
		return c.engine.Messages(c.r.Context(), c.channel(), q, func(m Message) error {
			if !c.may("viewMessages") {
				for i := range m.Connectors {
					m.Connectors[i].MetaData = nil // columns may hold anything of a message
				}
			}
			return visit(m)
		})
	}, nil
}

func (c *call) count(q MessageQuery, _ none) (int, error) {
	q, err := c.looked(q)
	if err != nil {
		return 0, err
	}
	return c.engine.Count(c.r.Context(), c.channel(), q)
}

func (c *call) message(none, none) (Message, error) {
	id, err := c.id()
	if err != nil {
		return Message{}, err
	}
	return c.engine.Message(c.r.Context(), c.channel(), id)
}

func (c *call) attachment(none, none) (octet, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	return c.engine.Attachment(c.r.Context(), c.channel(), id, c.r.PathValue("attachment"))
}

// actQuery selects messages that are to be changed. All messages of a channel have
// to be meant: a query that was lost on the way would otherwise select them.
type actQuery struct {
	MessageQuery
	All bool `query:"all" doc:"All messages of the channel, where nothing else selects."`
}

// act does something to the messages that a query selects.
func (c *call) act(q actQuery, do func(q MessageQuery) (Outcome, error)) (Outcome, error) {
	if q.Empty() && !q.All {
		return Outcome{}, invalid{http.StatusBadRequest, errors.New("no message is selected; all=true selects all")}
	}
	selected, err := c.looked(q.MessageQuery)
	if err != nil {
		return Outcome{}, err
	}
	return c.outcome(do(selected))
}

// actOnOne does something to the message in the path.
func (c *call) actOnOne(do func(q MessageQuery) (Outcome, error)) (Outcome, error) {
	id, err := c.id()
	if err != nil {
		return Outcome{}, err
	}
	return c.outcome(do(MessageQuery{After: id - 1, Before: id + 1}))
}

func (c *call) outcome(out Outcome, err error) (Outcome, error) {
	c.note("done", strconv.Itoa(out.Done))
	c.note("failed", strconv.Itoa(out.Failed))
	return out, err
}

// againQuery says how messages are reprocessed.
type againQuery struct {
	Replace      bool     `query:"replace" doc:"Under their own ids."`
	Destinations []string `query:"destination" doc:"Only for these: names or metadata ids."`
}

func (c *call) again(q againQuery) func(MessageQuery) (Outcome, error) {
	return func(selected MessageQuery) (Outcome, error) {
		return c.engine.Reprocess(c.r.Context(), c.channel(), selected, Again(q))
	}
}

func (c *call) reprocess(q struct {
	actQuery
	againQuery
}, _ none) (Outcome, error) {
	return c.act(q.actQuery, c.again(q.againQuery))
}

func (c *call) reprocessOne(q againQuery, _ none) (Outcome, error) { return c.actOnOne(c.again(q)) }

// resendQuery names who sends again.
type resendQuery struct {
	Destination string `query:"destination" doc:"Name or metadata id of the destination."`
}

func (c *call) sentAgain(q resendQuery) func(MessageQuery) (Outcome, error) {
	return func(selected MessageQuery) (Outcome, error) {
		return c.engine.Resend(c.r.Context(), c.channel(), selected, q.Destination)
	}
}

func (c *call) resend(q struct {
	actQuery
	resendQuery
}, _ none) (Outcome, error) {
	return c.act(q.actQuery, c.sentAgain(q.resendQuery))
}

func (c *call) resendOne(q resendQuery, _ none) (Outcome, error) { return c.actOnOne(c.sentAgain(q)) }

func (c *call) remove(q actQuery, _ none) (Outcome, error) {
	if q.Empty() && q.All && !c.may("removeAllMessages") {
		return Outcome{}, fmt.Errorf("%w: it needs the permission removeAllMessages", auth.ErrForbidden)
	}
	return c.act(q, c.removed)
}

func (c *call) removeOne(none, none) (Outcome, error) { return c.actOnOne(c.removed) }

func (c *call) removed(q MessageQuery) (Outcome, error) {
	return c.engine.Remove(c.r.Context(), c.channel(), q)
}

func (c *call) removeContents(q actQuery, _ none) (Outcome, error) { return c.act(q, c.emptied) }

func (c *call) removeContentsOfOne(none, none) (Outcome, error) { return c.actOnOne(c.emptied) }

func (c *call) emptied(q MessageQuery) (Outcome, error) {
	return c.engine.RemoveContents(c.r.Context(), c.channel(), q)
}

// Send hands a channel a message; see [Lifecycle], as for what follows.
func (c *Client) Send(ctx context.Context, channel string, m NewMessage) (got Received, err error) {
	q := sendQuery{Binary: m.Binary, Destinations: m.Destinations}
	for name, value := range m.SourceMap {
		q.Source = append(q.Source, name+"="+value)
	}
	err = c.into(ctx, "POST", pathOf(channel)+"/messages?"+writeQuery(q).Encode(), typeText, strings.NewReader(m.Text), &got)
	return got, err
}

// Count counts messages.
func (c *Client) Count(ctx context.Context, channel string, q MessageQuery) (n int, err error) {
	err = c.do(ctx, "GET", pathOf(channel)+"/messages/count?"+writeQuery(q).Encode(), &n)
	return n, err
}

// act does something to the messages of a query; more is the rest of the query.
func (c *Client) act(ctx context.Context, method, channel, what string, q MessageQuery, more any) (out Outcome, err error) {
	v := writeQuery(actQuery{q, q.Empty()})
	for name, list := range writeQuery(more) {
		v[name] = list
	}
	err = c.do(ctx, method, pathOf(channel)+"/messages"+what+"?"+v.Encode(), &out)
	return out, err
}

// Reprocess takes messages through the channel once more.
func (c *Client) Reprocess(ctx context.Context, channel string, q MessageQuery, how Again) (Outcome, error) {
	return c.act(ctx, "POST", channel, "/reprocess", q, againQuery(how))
}

// Resend has one destination deliver messages again.
func (c *Client) Resend(ctx context.Context, channel string, q MessageQuery, destination string) (Outcome, error) {
	return c.act(ctx, "POST", channel, "/resend", q, resendQuery{destination})
}

// Remove removes messages.
func (c *Client) Remove(ctx context.Context, channel string, q MessageQuery) (Outcome, error) {
	return c.act(ctx, "DELETE", channel, "", q, none{})
}

// RemoveContents removes what messages hold.
func (c *Client) RemoveContents(ctx context.Context, channel string, q MessageQuery) (Outcome, error) {
	return c.act(ctx, "DELETE", channel, "/contents", q, none{})
}

// Prune removes what a channel does not keep any longer.
func (c *Client) Prune(ctx context.Context, channel string) (out Pruned, err error) {
	err = c.do(ctx, "POST", pathOf(channel)+"/prune", &out)
	return out, err
}

// Statistics are a channel's counts.
func (c *Client) Statistics(ctx context.Context, channel string) (list []Statistics, err error) {
	err = c.do(ctx, "GET", pathOf(channel)+"/statistics", &list)
	return list, err
}

// ResetStatistics begins them anew.
func (c *Client) ResetStatistics(ctx context.Context, channel string, r Reset) error {
	return c.do(ctx, "DELETE", pathOf(channel)+"/statistics?"+writeQuery(r).Encode(), nil)
}

// ControlConnector starts or stops one connector.
func (c *Client) ControlConnector(ctx context.Context, channel, connector, action string) error {
	return c.do(ctx, "POST", pathOf(channel)+"/connectors/"+url.PathEscape(connector)+"/"+action, nil)
}
