package sqlite

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/weir-health/weir/internal/store"
)

// A large content does not grow the log beside the database: it is copied into the
// database on the way, while a slow reader has another one open.
func TestLogStaysShortWhileStreaming(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{Logger: quiet, Keys: ring(t, dir)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	ctx := context.Background()
	if _, err := s.OpenChannel(ctx, "c", "C", store.Retention{}); err != nil {
		t.Fatal(err)
	}
	const size = 96 << 20
	content := func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), size) }
	first, err := s.KeepBlob(ctx, "c", content(), false)
	if err != nil {
		t.Fatal(err)
	}
	c := secretChange(1, false)
	c.Large = []store.Large{{ID: "large", Blob: *first}}
	if err := s.Save(ctx, c); err != nil {
		t.Fatal(err)
	}
	_, slow, err := s.OpenAttachment(ctx, "c", 1, "large")
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if _, err := io.CopyN(io.Discard, slow, 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := s.KeepBlob(ctx, "c", content(), true); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(s.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxWAL {
		t.Errorf("the log has %d MB", info.Size()>>20)
	}
	if n, err := io.Copy(io.Discard, slow); err != nil || n != size-1000 {
		t.Errorf("the rest of the first: %d bytes, error %v", n, err)
	}
}
