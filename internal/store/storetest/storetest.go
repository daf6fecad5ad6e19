// Package storetest is the suite that every dialect of the store passes. A
// dialect's test is a few lines that hand over how to open it:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Dialect{
//			New: func(t *testing.T) storetest.Database { … },
//		})
//	}
package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Dialect is what the suite runs against.
type Dialect struct {
	// New makes an empty database that is gone when the test ends.
	New func(t *testing.T) Database
}

// Database is one database that may be opened, closed and opened again, always with
// the same keys. The suite closes each store before it opens the next.
type Database struct {
	Open func() (store.Store, error)
	// Fill leaves no room for more than small changes of s; Heal makes room
	// again. Nil if the dialect has no way to do it.
	Fill func(s store.Store) error
	Heal func(s store.Store) error
}

// Run runs the suite.
func Run(t *testing.T, d Dialect) { run(t, d, "") }

// RunAttachments runs the part that is about attachments.
func RunAttachments(t *testing.T, d Dialect) { run(t, d, "attachment") }

func run(t *testing.T, d Dialect, about string) {
	for _, c := range cases {
		if !strings.Contains(c.name, about) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			db := d.New(t)
			c.run(&suite{T: t, db: db, Store: open(t, db)})
		})
	}
}

var cases = []struct {
	name string
	run  func(*suite)
}{
	{"every field comes back", everyField},
	{"hard texts come back", hardTexts},
	{"metadata keeps its types", metadataTypes},
	{"empty is not absent", emptyIsNotAbsent},
	{"20 MB of content", bigContents},
	{"higher slot wins", slots},
	{"what a slot held is replaced", replace},
	{"drop removes contents", drop},
	{"error mask outlives its texts", errorMask},
	{"encrypted contents come back", encrypted},
	{"attachments come back", attachments},
	{"attachments are replaced and dropped", attachmentsChange},
	{"an attachment needs its message", attachmentAlone},
	{"attachments are kept with the message or not at all", attachmentsTogether},
	{"large attachments come in parts", largeAttachments},
	{"a blob is loose until an attachment has it", looseBlobs},
	{"a blob is given to one attachment", blobOnce},
	{"attachments are moved", moveAttachments},
	{"an attachment that breaks off leaves nothing", brokenContent},
	{"destinations come in order of their chains", chains},
	{"source added later", sourceLater},
	{"changes of one message stay in order", orderOfChanges},
	{"lazy then durable stays in order", lazyThenDurable},
	{"caller may reuse what it saved", reuse},
	{"many savers at once", manySavers},
	{"one bad change does not spoil its neighbours", badNeighbour},
	{"insert twice is refused", insertTwice},
	{"update of nothing is refused", updateNothing},
	{"channel that was not opened is refused", unknownChannel},
	{"unfinished in order and pages", unfinished},
	{"unfinished whatever happens", unfinishedAlways},
	{"queued in pages of 10,000", queuedPages},
	{"texts in contents", holding},
	{"list newest first", list},
	{"list by status and time", listSelects},
	{"found by its key", foundByKey},
	{"imported from", imported},
	{"terms of encrypted messages", keyedTerms},
	{"messages are removed", remove},
	{"contents are removed", removeContents},
	{"a message begins anew", beginAnew},
	{"found by rows and terms", searches},
	{"found by terms of many blocks", termBlocks},
	{"statistics add up", statistics},
	{"statistics are reset", resets},
	{"statistics without a message", statisticsAlone},
	{"channels do not see each other", channelsApart},
	{"reopen keeps everything", reopen},
	{"ids go on after reopen", idsGoOn},
	{"ended context returns at once", endedContext},
	{"close while saving", closeWhileSaving},
	{"full disk fails and heals", fullDisk},
}

// suite is one case at work: a store, and what the cases say often.
type suite struct {
	*testing.T
	store.Store
	db Database
}

const channelID = "0a1b2c3d-channel"

var ctx = context.Background()

// start is when the messages of the suite were received. It has microseconds,
// which dialects keep, and no nanoseconds, which they do not.
var start = time.Date(2024, 3, 10, 1, 59, 59, 123456000, time.UTC)

// open opens the database with the suite's channel.
func open(t *testing.T, db Database) store.Store {
	t.Helper()
	s, err := db.Open()
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.OpenChannel(ctx, channelID, "ADT in", store.Retention{}); err != nil {
		t.Fatalf("open channel: %v", err)
	}
	return s
}

// reopen closes the store and opens it again.
func (s *suite) reopen() {
	s.Helper()
	if err := s.Close(); err != nil {
		s.Fatalf("close: %v", err)
	}
	s.Store = open(s.T, s.db)
}

func (s *suite) save(c *store.Change) {
	s.Helper()
	if err := s.Save(ctx, c); err != nil {
		s.Fatalf("save: %v", err)
	}
}

func (s *suite) refused(c *store.Change, want error) {
	s.Helper()
	if err := s.Save(ctx, c); !errors.Is(err, want) {
		s.Errorf("save: got error %v, want %v", err, want)
	}
}

func (s *suite) message(id int64) *weir.Message {
	s.Helper()
	m, err := s.Message(ctx, channelID, id)
	if err != nil {
		s.Fatalf("message %d: %v", id, err)
	}
	return m
}

// same compares two messages and says which field differs.
func (s *suite) same(got, want *weir.Message) {
	s.Helper()
	if g, w := describe(got), describe(want); !maps.Equal(g, w) {
		for _, field := range slices.Sorted(maps.Keys(w)) {
			if g[field] != w[field] {
				s.Errorf("%s: got %s, want %s", field, brief(g[field]), brief(w[field]))
			}
		}
		for field := range g {
			if _, ok := w[field]; !ok {
				s.Errorf("%s: got %s, want nothing", field, brief(g[field]))
			}
		}
	}
}

func brief(s string) string {
	if len(s) > 200 {
		return fmt.Sprintf("%s… (%d bytes)", s[:200], len(s))
	}
	return s
}

// describe writes every field of a message out, so that times compare as
// instants and maps by value.
func describe(m *weir.Message) map[string]string {
	d := map[string]string{}
	fields(d, "message", reflect.ValueOf(*m), "Connectors")
	for i, c := range m.Connectors {
		at := fmt.Sprintf("connector %d", i)
		fields(d, at, reflect.ValueOf(*c), "Contents", "MetaData")
		for t, content := range c.Contents {
			if content != (weir.Content{}) {
				d[fmt.Sprintf("%s %v", at, weir.ContentType(t))] = fmt.Sprintf("%v %q %q", content.Set, content.DataType, content.Text)
			}
		}
		for name, v := range c.MetaData {
			if v, ok := v.(time.Time); ok {
				d[at+" metadata "+name] = v.Format(time.RFC3339Nano)
				continue
			}
			d[at+" metadata "+name] = fmt.Sprintf("%T %#v", v, v)
		}
	}
	return d
}

func fields(d map[string]string, at string, v reflect.Value, except ...string) {
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if slices.Contains(except, name) {
			continue
		}
		if t, ok := v.Field(i).Interface().(time.Time); ok {
			d[at+" "+name] = t.UTC().Format(time.RFC3339Nano)
			continue
		}
		d[at+" "+name] = fmt.Sprintf("%#v", v.Field(i).Interface())
	}
}

// received is a change that keeps a new message, its source and its raw text.
func received(id int64, raw string) *store.Change {
	source := &weir.ConnectorMessage{
		MessageID: id, ChannelID: channelID, ConnectorName: "Source",
		Received: start.Add(time.Duration(id) * time.Second), Status: weir.Received,
	}
	source.Set(weir.Raw, raw, "HL7V2")
	return &store.Change{
		Message:    &weir.Message{ID: id, ChannelID: channelID, Received: source.Received},
		Insert:     true,
		Connectors: []store.ConnectorChange{{Connector: source, Insert: true, Contents: []weir.ContentType{weir.Raw}}},
		Counts:     map[int]store.Counts{0: {Received: 1}},
	}
}

// delivered is the change that ends the message of received: its source is
// transformed, and a new destination has the given status.
func delivered(id int64, metaDataID int, status weir.Status) *store.Change {
	c := received(id, "")
	c.Insert = false
	c.Message.Processed = true
	c.Connectors[0].Connector.Status = weir.Transformed
	c.Connectors[0].Insert = false
	c.Connectors[0].Contents = nil
	d := &weir.ConnectorMessage{
		MessageID: id, MetaDataID: metaDataID, ChannelID: channelID, ConnectorName: "Lab",
		Received: start, Status: status, ChainID: metaDataID, OrderID: 1,
	}
	d.Set(weir.Encoded, fmt.Sprintf("encoded %d for %d", id, metaDataID), "HL7V2")
	c.Connectors = append(c.Connectors, store.ConnectorChange{Connector: d, Insert: true, Contents: []weir.ContentType{weir.Encoded}})
	n := store.Counts{Received: 1}
	if status == weir.Sent {
		n.Sent = 1
	}
	c.Counts = map[int]store.Counts{metaDataID: n}
	return c
}

// ids lists the ids of messages.
func ids(messages []*weir.Message) []int64 {
	var list []int64
	for _, m := range messages {
		list = append(list, m.ID)
	}
	return list
}
