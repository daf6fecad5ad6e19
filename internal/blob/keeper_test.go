package blob

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/sqlite"
	"github.com/weir-health/weir/internal/store/storetest"
)

var (
	quiet = slog.New(slog.DiscardHandler)
	ctx   = context.Background()
)

const channel = "0a1b2c3d-channel"

// database opens the database in a directory.
func database(dir string) (store.Store, *store.KeyRing, error) {
	keys, err := store.OpenKeyRing(filepath.Join(dir, "keys"))
	if err != nil {
		return nil, nil, err
	}
	db, err := sqlite.Open(dir, sqlite.Options{Logger: quiet, Keys: keys})
	return db, keys, err
}

// keeper is a keeper before a new database, with a channel.
func keeper(t *testing.T, dir string, o Options) *Keeper {
	t.Helper()
	db, keys, err := database(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.OpenChannel(ctx, channel, "Channel", store.Retention{}); err != nil {
		t.Fatal(err)
	}
	o.Log, o.Keys = quiet, keys
	return New(db, o)
}

// received is a message with attachments.
func received(id int64, list ...weir.Attachment) *store.Change {
	source := &weir.ConnectorMessage{MessageID: id, ChannelID: channel, ConnectorName: "Source", Received: time.Now(), Status: weir.Received}
	return &store.Change{Message: &weir.Message{ID: id, ChannelID: channel, Received: source.Received}, Insert: true,
		Connectors: []store.ConnectorChange{{Connector: source, Insert: true}}, Attachments: list}
}

func save(t *testing.T, k *Keeper, c *store.Change) {
	t.Helper()
	if err := k.Save(ctx, c); err != nil {
		t.Fatal(err)
	}
}

func loose(t *testing.T, k *Keeper) int {
	t.Helper()
	list, err := k.LooseBlobs(ctx, 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// Before a database nothing is different for who uses it.
func TestStore(t *testing.T) {
	storetest.RunAttachments(t, storetest.Dialect{New: func(t *testing.T) storetest.Database {
		dir := t.TempDir()
		return storetest.Database{Open: func() (store.Store, error) {
			db, _, err := database(dir)
			if err != nil {
				return nil, err
			}
			return New(db, Options{Log: quiet}), nil
		}}
	}})
}

// A large attachment that is at hand is no part of its message's transaction.
func TestLargeAttachmentIsApart(t *testing.T) {
	k := keeper(t, t.TempDir(), Options{HoldAtMost: inOne + 2})
	content := []byte(strings.Repeat("x", inOne+1))
	save(t, k, received(1, weir.Attachment{ID: "large", Type: "t/l", Content: content}, weir.Attachment{ID: "small", Content: []byte("s")}))
	for id, apart := range map[string]bool{"large": true, "small": false} {
		if a, err := k.Large(ctx, channel, 1, id); err != nil || (a.Blob.ID != "") != apart {
			t.Errorf("%s: %+v, error %v", id, a, err)
		}
	}
	if a, err := k.Attachment(ctx, channel, 1, "large"); err != nil || string(a.Content) != string(content) || a.Type != "t/l" {
		t.Errorf("large: %v", err)
	}
	content = append(content, "yz"...)
	if err := k.PutAttachment(ctx, channel, 1, &weir.Attachment{ID: "large", Content: content}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Attachment(ctx, channel, 1, "large"); !errors.Is(err, store.ErrTooLarge) || !strings.Contains(err.Error(), "--hold-at-most") {
		t.Errorf("larger than may be held: got %v", err)
	}
	_, r, err := k.OpenAttachment(ctx, channel, 1, "large")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != string(content) {
		t.Errorf("read piece by piece: %d bytes, error %v", len(got), err)
	}
	if err := k.Sweep(ctx); err != nil || loose(t, k) != 0 {
		t.Errorf("what was replaced is still there: %v", err)
	}
	// What is refused leaves nothing.
	if err := k.Save(ctx, received(1, weir.Attachment{ID: "again", Content: content})); !errors.Is(err, store.ErrExists) {
		t.Errorf("saved twice: %v", err)
	}
	if err := k.PutAttachment(ctx, channel, 9, &weir.Attachment{ID: "large", Content: content}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("without a message: %v", err)
	}
	if n := loose(t, k); n != 0 {
		t.Errorf("%d blobs are loose", n)
	}
}

// What an engine that died has left is removed, and what is just being made is not.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	k := keeper(t, dir, Options{})
	for range 3 {
		if _, err := k.KeepBlob(ctx, channel, strings.NewReader("left behind"), false); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Sweep(ctx); err != nil || loose(t, k) != 3 {
		t.Errorf("what is being made was removed: %v", err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	k = keeper(t, dir, Options{})
	mine, err := k.KeepBlob(ctx, channel, strings.NewReader("being made"), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Sweep(ctx); err != nil || loose(t, k) != 1 {
		t.Errorf("%d are left, error %v", loose(t, k), err)
	}
	c := received(1)
	c.Large = []store.Large{{ID: "a", Blob: *mine}}
	save(t, k, c)

	// Whoever removes the message, its content goes soon after.
	running, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		k.Run(running)
		close(done)
	}()
	if _, err := k.Remove(ctx, channel, []int64{1}, false); err != nil {
		t.Fatal(err)
	}
	for { // it ends, or the test's own limit does
		if is, err := k.IsLoose(ctx, mine.Loose(channel)); err != nil || !is {
			break
		}
	}
	end()
	<-done
	if n := loose(t, k); n != 0 {
		t.Errorf("%d blobs are loose", n)
	}
}
