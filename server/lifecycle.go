package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/store"
)

// What users do to messages: found first, page by page, then one after another.

// storeQuery is a query in terms of the store.
func (s *Server) storeQuery(d *deployed, q api.MessageQuery) (store.Query, error) {
	sq := store.Query{ChannelID: d.config.ID, Before: q.Before, After: q.After, Failed: q.Failed, Since: q.Since, Until: q.Until}
	for _, name := range q.Status {
		status, ok := weir.ParseStatus(name)
		if !ok {
			return sq, fmt.Errorf("%q is no status: use RECEIVED, FILTERED, TRANSFORMED, SENT, QUEUED, ERROR or PENDING", name)
		}
		sq.Statuses = append(sq.Statuses, status)
	}
	for _, name := range q.Connector {
		id, err := connectorID(d, name)
		if err != nil {
			return sq, err
		}
		sq.Connectors = append(sq.Connectors, id)
	}
	for _, m := range q.MetaData {
		at := strings.IndexAny(m, "=~")
		if at < 1 {
			return sq, fmt.Errorf("%q is neither COLUMN=VALUE nor COLUMN~PART", m)
		}
		match := store.Match{Column: m[:at], Value: m[at+1:], Contains: m[at] == '~'}
		if !slices.ContainsFunc(d.config.Properties.MetaDataColumns, func(c weir.MetaDataColumn) bool { return c.Name == match.Column }) {
			return sq, fmt.Errorf("channel %s has no metadata column %q", d.config.Name, match.Column)
		}
		sq.MetaData = append(sq.MetaData, match)
	}
	for kind, value := range map[string]string{store.ControlTerm: q.Control, store.PatientTerm: q.Patient, store.OrderTerm: q.Order} {
		if value != "" {
			sq.Terms = append(sq.Terms, store.Term{Kind: kind, Value: value})
		}
	}
	return sq, nil
}

// connectorID finds a connector of a channel by its name or metadata id.
func connectorID(d *deployed, name string) (int, error) {
	if name == "Source" || name == "0" {
		return 0, nil
	}
	for i := range d.config.Destinations {
		if c := &d.config.Destinations[i]; c.Name == name || strconv.Itoa(c.MetaDataID) == name {
			return c.MetaDataID, nil
		}
	}
	return 0, fmt.Errorf("%w connector %q in channel %s. See their names with weir channel status", api.ErrUnknown, name, d.config.Name)
}

func connectorIDs(d *deployed, names []string) (ids []int, err error) {
	for _, name := range names {
		id, err := connectorID(d, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// pages calls visit for the messages that a query finds, newest first, a page at a
// time. They are without contents.
func (s *Server) pages(ctx context.Context, d *deployed, q api.MessageQuery, visit func([]*weir.Message) error) error {
	sq, err := s.storeQuery(d, q)
	if err != nil {
		return err
	}
	left := q.Limit
	for {
		sq.Limit = api.MaxLimit
		if q.Limit > 0 {
			sq.Limit = min(sq.Limit, left)
		}
		page, next, err := s.page(ctx, sq, q.Text)
		if err != nil {
			return err
		}
		if len(page) > 0 {
			if err := visit(page); err != nil {
				return err
			}
		}
		if left -= len(page); q.Limit > 0 && left <= 0 || next == 0 {
			return nil
		}
		sq.Before = next
	}
}

// page finds some messages, and tells below which id it goes on, 0 at the end.
func (s *Server) page(ctx context.Context, q store.Query, text string) (page []*weir.Message, next int64, err error) {
	if text != "" {
		return s.store.Holding(ctx, q, text)
	}
	if page, err = s.store.Messages(ctx, q); err == nil && len(page) == q.Limit {
		next = page[len(page)-1].ID
	}
	return page, next, err
}

func (e *engineAPI) Messages(ctx context.Context, channel string, q api.MessageQuery, visit func(api.Message) error) error {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return err
	}
	if q.Limit <= 0 {
		q.Limit = store.DefaultLimit
	}
	return s.pages(ctx, d, q, func(page []*weir.Message) error {
		for _, m := range page {
			if err := visit(messageOf(m)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *engineAPI) Count(ctx context.Context, channel string, q api.MessageQuery) (n int, err error) {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return 0, err
	}
	err = s.pages(ctx, d, q, func(page []*weir.Message) error {
		n += len(page)
		return nil
	})
	return n, err
}

func (e *engineAPI) Send(ctx context.Context, channel string, m api.NewMessage) (api.Received, error) {
	s := (*Server)(e)
	d, p, err := s.deployedChannel(channel)
	if err != nil {
		return api.Received{}, err
	}
	in := weir.Inbound{Text: m.Text, Binary: m.Binary, Force: true, SourceMap: map[string]any{}}
	if in.Destinations, err = connectorIDs(d, m.Destinations); err != nil {
		return api.Received{}, err
	}
	for name, value := range m.SourceMap {
		in.SourceMap[name] = value
	}
	reply, err := p.Receive(context.WithoutCancel(ctx), in)
	if err != nil {
		return api.Received{}, err
	}
	got := api.Received{ID: reply.MessageID}
	if reply.Response != nil {
		got.Status, got.Answer = reply.Response.Status.String(), reply.Response.Message
	}
	return got, nil
}

// deployedChannel finds a channel that is deployed.
func (s *Server) deployedChannel(channel string) (*deployed, *pipeline.Channel, error) {
	d, err := s.known(channel)
	if err != nil {
		return nil, nil, err
	}
	p := s.running(d)
	if p == nil {
		return nil, nil, s.notDeployed(d)
	}
	return d, p, nil
}

// each does something to every message that a query finds, oldest first. What
// fails does not keep the others from it.
func (s *Server) each(ctx context.Context, d *deployed, q api.MessageQuery, do func(id int64) (made int64, err error)) (out api.Outcome, err error) {
	var ids []int64
	err = s.pages(ctx, d, q, func(page []*weir.Message) error {
		for _, m := range page {
			ids = append(ids, m.ID)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	if len(ids) == 0 {
		return out, fmt.Errorf("%w messages: none is selected in channel %s", api.ErrUnknown, d.config.Name)
	}
	for _, id := range slices.Backward(ids) {
		if err := ctx.Err(); err != nil {
			return out, fmt.Errorf("ended after %d of %d messages: %w", out.Done+out.Failed, len(ids), err)
		}
		made, err := do(id)
		if err != nil {
			if out.Failed++; out.Failed == 1 {
				out.Problem = fmt.Sprintf("message %d: %v", id, err)
			}
			continue
		}
		out.Done++
		if made != 0 {
			out.List(made)
		}
	}
	return out, nil
}

func (e *engineAPI) Reprocess(ctx context.Context, channel string, q api.MessageQuery, how api.Again) (api.Outcome, error) {
	s := (*Server)(e)
	d, p, err := s.deployedChannel(channel)
	if err != nil {
		return api.Outcome{}, err
	}
	again := pipeline.Again{Replace: how.Replace}
	if again.Destinations, err = connectorIDs(d, how.Destinations); err != nil {
		return api.Outcome{}, err
	}
	return s.each(ctx, d, q, func(id int64) (int64, error) {
		reply, err := p.Reprocess(context.WithoutCancel(ctx), id, again)
		return reply.MessageID, err
	})
}

func (e *engineAPI) Resend(ctx context.Context, channel string, q api.MessageQuery, destination string) (api.Outcome, error) {
	s := (*Server)(e)
	d, p, err := s.deployedChannel(channel)
	if err != nil {
		return api.Outcome{}, err
	}
	if destination == "" {
		return api.Outcome{}, errors.New("name the destination that is to send again")
	}
	metaDataID, err := connectorID(d, destination)
	if err != nil {
		return api.Outcome{}, err
	}
	return s.each(ctx, d, q, func(id int64) (int64, error) {
		status, err := p.Resend(context.WithoutCancel(ctx), id, metaDataID)
		if err == nil && status == weir.Error {
			err = errors.New("it was not delivered; weir message show tells why")
		}
		return 0, err
	})
}

func (e *engineAPI) Remove(ctx context.Context, channel string, q api.MessageQuery) (out api.Outcome, err error) {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return out, err
	}
	err = s.pages(ctx, d, q, func(page []*weir.Message) error {
		n, err := s.remove(ctx, d, page)
		out.Done += n
		out.Failed += len(page) - n
		return err
	})
	if err == nil && out.Failed > 0 {
		out.Problem = "they are being processed, or are gone already; remove them when they have come to their end"
	}
	if out.Done > 0 {
		s.log.Info("Messages were removed", "channel", d.config.Name, "messages", out.Done)
	}
	return out, err
}

// remove removes messages of a channel, deployed or not.
func (s *Server) remove(ctx context.Context, d *deployed, page []*weir.Message) (int, error) {
	ids := idsOf(page)
	if p := s.running(d); p != nil {
		return p.Remove(ctx, ids)
	}
	return s.removeStored(ctx, d, ids)
}

// removeStored removes messages of a channel that is not deployed.
func (s *Server) removeStored(ctx context.Context, d *deployed, ids []int64) (int, error) {
	count := 0
	for part := range slices.Chunk(ids, store.RemoveAtOnce) {
		removed, err := s.store.Remove(ctx, d.config.ID, part, false)
		if err != nil {
			return count, err
		}
		count += len(removed)
	}
	return count, nil
}

func idsOf(page []*weir.Message) []int64 {
	ids := make([]int64, len(page))
	for i, m := range page {
		ids[i] = m.ID
	}
	return ids
}

// settled tells whether nothing will need a message's contents any more.
func settled(m *weir.Message) bool {
	return m.Processed && !slices.ContainsFunc(m.Connectors, func(cm *weir.ConnectorMessage) bool {
		return cm.Status == weir.Queued || cm.Status == weir.Pending
	})
}

func (e *engineAPI) RemoveContents(ctx context.Context, channel string, q api.MessageQuery) (out api.Outcome, err error) {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return out, err
	}
	err = s.pages(ctx, d, q, func(page []*weir.Message) error {
		done := slices.DeleteFunc(page, func(m *weir.Message) bool { return !settled(m) })
		n, err := pipeline.RemoveContents(ctx, s.store, d.config.ID, idsOf(done))
		out.Done += n
		out.Failed += len(page) - len(done)
		return err
	})
	if err == nil && out.Failed > 0 {
		out.Problem = "they are being processed or wait in a queue, which needs what they hold"
	}
	return out, err
}

func (e *engineAPI) Statistics(ctx context.Context, channel string) ([]api.Statistics, error) {
	s := (*Server)(e)
	d, p, err := s.deployedChannel(channel)
	if err != nil {
		return nil, err
	}
	ever, err := s.store.Lifetime(ctx, d.config.ID)
	if err != nil {
		return nil, err
	}
	var list []api.Statistics
	for _, conn := range p.Status().Connectors {
		n := ever[conn.MetaDataID]
		list = append(list, api.Statistics{MetaDataID: conn.MetaDataID, Name: conn.Name, Current: counts(conn),
			Lifetime: api.Counts{Received: n.Received, Filtered: n.Filtered, Queued: conn.Queued, Sent: n.Sent, Errored: n.Error}})
	}
	return list, nil
}

func (e *engineAPI) ResetStatistics(ctx context.Context, channel string, r api.Reset) error {
	d, p, err := (*Server)(e).deployedChannel(channel)
	if err != nil {
		return err
	}
	if r.Lifetime {
		if r.Connector != "" || len(r.Statuses) > 0 {
			return errors.New("the lifetime is reset as a whole; leave connector and status out")
		}
		return p.ResetLifetime(ctx)
	}
	metaDataID := -1
	if r.Connector != "" {
		if metaDataID, err = connectorID(d, r.Connector); err != nil {
			return err
		}
	}
	var statuses []weir.Status
	for _, name := range r.Statuses {
		status, ok := weir.ParseStatus(name)
		if !ok || !slices.Contains([]weir.Status{weir.Received, weir.Filtered, weir.Sent, weir.Error}, status) {
			return fmt.Errorf("%q is not counted: use RECEIVED, FILTERED, SENT or ERROR", name)
		}
		statuses = append(statuses, status)
	}
	return p.ResetStatistics(ctx, metaDataID, statuses)
}

func (e *engineAPI) ControlConnector(ctx context.Context, channel, connector, action string) error {
	d, p, err := (*Server)(e).deployedChannel(channel)
	if err != nil {
		return err
	}
	id, err := connectorID(d, connector)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), (*Server)(e).opt.StopWithin)
	defer cancel()
	switch action {
	case "start":
		return p.StartConnector(ctx, id)
	case "stop":
		return p.StopConnector(ctx, id)
	}
	return fmt.Errorf("%w: a connector cannot be asked to %s", api.ErrUnknown, action)
}
