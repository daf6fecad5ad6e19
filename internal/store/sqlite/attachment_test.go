package sqlite

import (
	"context"
	"fmt"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Attachments go with their message, by whatever statement that is removed, and
// leave no chunks behind.
func TestAttachmentsGoWithMessage(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	ctx := context.Background()
	if _, err := s.OpenChannel(ctx, "c", "C", store.Retention{}); err != nil {
		t.Fatal(err)
	}
	for id := int64(1); id <= 2; id++ {
		c := secretChange(id, false)
		c.Attachments = append(c.Attachments, weir.Attachment{ID: "b", Content: make([]byte, 2*store.ChunkSize)})
		if err := s.Save(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	count := func() (attachments, chunks int) {
		t.Helper()
		if err := newest(t, s).QueryRow("SELECT (SELECT count(*) FROM attachments), (SELECT count(*) FROM chunks)").Scan(&attachments, &chunks); err != nil {
			t.Fatal(err)
		}
		return attachments, chunks
	}
	if a, c := count(); a != 4 || c != 6 {
		t.Fatalf("%d attachments, %d chunks", a, c)
	}
	remove := fmt.Sprintf("DELETE FROM messages WHERE key BETWEEN %d AND %d", key(1, 1, 0, 0), lastOfMessage(key(1, 1, 0, 0)))
	if err := s.queue.Submit(ctx, &entry{Work: work{at: inNew, do: func(tx *transaction) error { return execute(tx.conn.conn, remove) }}}); err != nil {
		t.Fatal(err)
	}
	if a, c := count(); a != 2 || c != 3 {
		t.Errorf("after the removal of one message: %d attachments, %d chunks", a, c)
	}
	if a, err := s.Attachment(ctx, "c", 2, "b"); err != nil || len(a.Content) != 2*store.ChunkSize {
		t.Errorf("the other message's: %v", err)
	}
}
