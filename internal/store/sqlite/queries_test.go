package sqlite

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Every query finds its rows through a key or an index and sorts nothing: a
// store has millions of messages.
func TestQueriesUseIndexes(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	texts := map[string]string{
		"messageRows": queryTexts[messageRows], "messageContents": queryTexts[messageContents],
		"twoRows": queryTexts[twoRows], "twoContents": queryTexts[twoContents],
		"unprocessedKeys": queryTexts[unprocessedKeys], "queuedKeys": queryTexts[queuedKeys],
		"messageAttachments": queryTexts[messageAttachments], "oneAttachment": queryTexts[oneAttachment], "attachmentChunks": queryTexts[attachmentChunks],
		"countQueued": queryTexts[countQueued], "spansOfTime": queryTexts[spansOfTime],
		"termBlocks": queryTexts[termBlocks],
	}
	uses := map[string]string{
		"unprocessedKeys": "messages_unprocessed", "queuedKeys": "messages_queued (queue=? AND rowid>?)",
		"countQueued": "COVERING INDEX messages_queued", "list of errors": "messages_failed", "list of pending": "messages_pending",
		"list of a queue": "messages_queued (queue=? AND rowid>? AND rowid<?)", "list of queues": "messages_queued (queue>? AND queue<?)",
		"termBlocks": "term_runs USING COVERING INDEX term_runs_first (block>? AND block<?)", "list": "PRIMARY KEY (rowid>? AND rowid<?)",
	}
	texts["list"], _ = listText(1, 2, store.Query{})
	texts["list of times"], _ = listText(1, 2, store.Query{Since: time.Now(), Until: time.Now()})
	texts["list of errors"], _ = listText(1, 2, store.Query{Statuses: []weir.Status{weir.Error}})
	texts["list of pending"], _ = listText(1, 2, store.Query{Statuses: []weir.Status{weir.Pending}})
	texts["list of a queue"], _ = listText(1, 2, store.Query{Statuses: []weir.Status{weir.Queued}, Connectors: []int{1}})
	texts["list of queues"], _ = listText(1, 2, store.Query{Statuses: []weir.Status{weir.Queued}})
	texts["list of errors of a time"], _ = listText(1, 2, store.Query{Statuses: []weir.Status{weir.Error}, Since: time.Now()})
	for name, text := range texts {
		plan := explain(t, s, text)
		if name == "termBlocks" { // of two rows
			plan = strings.NewReplacer("SCAN CONSTANT ROW", "", "SCAN (subquery", "").Replace(plan)
		}
		if name != "list of queues" && strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "SCAN") && !strings.Contains(plan, "COVERING INDEX messages_") {
			t.Errorf("%s: sorts or scans:\n%s", name, plan)
		}
		if !strings.Contains(plan, uses[name]) {
			t.Errorf("%s: does not use %s:\n%s", name, uses[name], plan)
		}
	}
}

func explain(t *testing.T, s *Store, text string) string {
	t.Helper()
	var args []any
	for range strings.Count(text, "?") {
		args = append(args, 1)
	}
	if strings.Contains(text, "?4") {
		args = args[:4]
	}
	rows, err := newest(t, s).QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "\n")
	}
	return plan.String()
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		channel      int
		message      int64
		metaDataID   int
		negativeKeys bool
	}{
		{1, 1, 0, false}, {1, MaxMessageID, MaxMetaDataID, false}, {2047, 5, 7, false}, {2048, 5, 7, true}, {MaxChannels, MaxMessageID, 0, true},
	} {
		k := key(c.channel, c.message, c.metaDataID, 3)
		if keyMessage(k) != c.message || keyMetaDataID(k) != c.metaDataID || (k < 0) != c.negativeKeys {
			t.Errorf("%+v: got key %x, message %d, metadata id %d", c, k, keyMessage(k), keyMetaDataID(k))
		}
		if first, last := firstOfMessage(k), lastOfMessage(k); !(first <= k && k <= last) ||
			first != key(c.channel, c.message, 0, 0) || last != key(c.channel, c.message, MaxMetaDataID, MaxSlot) {
			t.Errorf("%+v: got range %x to %x of %x", c, first, last, k)
		}
	}
}

// What does not fit in a key is refused before it does harm.
func TestKeyLimits(t *testing.T) {
	s := benchStore(t)
	for name, change := range map[string]func(*store.Change){
		"message 0":             func(c *store.Change) { c.Message.ID = 0 },
		"message above":         func(c *store.Change) { c.Message.ID = MaxMessageID + 1 },
		"metadata id above":     func(c *store.Change) { c.Connectors[0].Connector.MetaDataID = MaxMetaDataID + 1 },
		"metadata id below":     func(c *store.Change) { c.Connectors[0].Connector.MetaDataID = -1 },
		"slot above":            func(c *store.Change) { c.Connectors[0].Slot = MaxSlot + 1 },
		"statistics of nothing": func(c *store.Change) { c.Counts = map[int]store.Counts{-1: {}} },
		"content type above": func(c *store.Change) {
			c.Connectors[0].Contents = []weir.ContentType{weir.ContentType(weir.ContentTypes)}
		},
		"content type not there": func(c *store.Change) { c.Connectors[0].Contents = []weir.ContentType{0} },
	} {
		c := benchReceived(1)
		change(c)
		if err := s.Save(ctx, c); err == nil || !strings.Contains(err.Error(), "channel bench") {
			t.Errorf("%s: got error %v, want one that says which message", name, err)
		}
	}
	// The last channel there is room for.
	err := s.queue.Submit(ctx, &entry{Work: work{at: place{in: s.volumes.base}, do: func(tx *transaction) error {
		return execute(tx.conn.conn, "INSERT INTO channels (number, id, name, last_message) VALUES (4094, 'x', 'x', 0)")
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenChannel(ctx, "last", "last", store.Retention{}); err != nil {
		t.Errorf("channel %d: %v", MaxChannels, err)
	}
	if _, err := s.OpenChannel(ctx, "one too many", "", store.Retention{}); err == nil || !strings.Contains(err.Error(), "4095") {
		t.Errorf("channel above the limit: got error %v", err)
	}
	c := benchReceived(1)
	c.Message.ChannelID = "last" // with negative keys
	if err := s.Save(ctx, c); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Unfinished(ctx, "last", 0, 10); err != nil || len(got) != 1 || got[0].Connectors[0].Text(weir.Raw) == "" {
		t.Errorf("unfinished of the last channel: got %d, error %v", len(got), err)
	}
	if got, err := s.Messages(ctx, store.Query{ChannelID: "last"}); err != nil || len(got) != 1 {
		t.Errorf("list of the last channel: got %d, error %v", len(got), err)
	}
}
