package sqlite

import (
	"bytes"
	"context"
	"database/sql/driver"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

const secret = "DOE^JANE^OF^SPRINGFIELD"

// secretChange is a message whose contents and attachment say the secret.
func secretChange(id int64, encrypt bool) *store.Change {
	source := &weir.ConnectorMessage{MessageID: id, ChannelID: "c", ConnectorName: "Source", Status: weir.Received}
	source.Set(weir.Raw, secret, "RAW")
	source.MetaData = map[string]any{"NAME": secret}
	return &store.Change{
		Message: &weir.Message{ID: id, ChannelID: "c"}, Insert: true, Encrypt: encrypt, EncryptMetaData: encrypt,
		Connectors:  []store.ConnectorChange{{Connector: source, Insert: true, Contents: []weir.ContentType{weir.Raw}}},
		Attachments: []weir.Attachment{{ID: "a", Type: "text/plain", Content: []byte(secret), Encrypted: encrypt}},
	}
}

func ring(t *testing.T, dir string) *store.KeyRing {
	t.Helper()
	keys, err := store.OpenKeyRing(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// onDisk reports whether the secret is in any file of a directory.
func onDisk(t *testing.T, dir string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	volumes, err2 := filepath.Glob(filepath.Join(dir, folder, "*"))
	if err != nil || err2 != nil || len(files) < 2 || len(volumes) == 0 {
		t.Fatal(files, volumes, err, err2)
	}
	for _, file := range append(files, volumes...) {
		if filepath.Base(file) == folder {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(secret)) {
			return true
		}
	}
	return false
}

// What is encrypted is in no file in clear, and what is not, is.
func TestSealedOnDisk(t *testing.T) {
	for _, encrypt := range []bool{true, false} {
		dir := t.TempDir()
		s, err := Open(dir, Options{Logger: quiet, Keys: ring(t, dir)})
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		if _, err := s.OpenChannel(ctx, "c", "C", store.Retention{}); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(ctx, secretChange(1, encrypt)); err != nil {
			t.Fatal(err)
		}
		if onDisk(t, dir) == encrypt { // in the log
			t.Errorf("encrypt %v: the secret is on disk: %v", encrypt, !encrypt)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if onDisk(t, dir) == encrypt {
			t.Errorf("encrypt %v, closed: the secret is on disk: %v", encrypt, !encrypt)
		}
	}
}

// A body that was moved, changed or replaced by one in clear is refused, and so is
// all where the keys are missing; what is not encrypted can still be read.
func TestSealedRefused(t *testing.T) {
	dir := t.TempDir()
	ctx := context.Background()
	s, err := Open(dir, Options{Logger: quiet, Keys: ring(t, dir)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close() }()
	if _, err := s.OpenChannel(ctx, "c", "C", store.Retention{}); err != nil {
		t.Fatal(err)
	}
	for id, encrypt := range map[int64]bool{1: true, 2: true, 3: false} {
		if err := s.Save(ctx, secretChange(id, encrypt)); err != nil {
			t.Fatal(err)
		}
	}
	tamper := func(text string, args ...any) {
		t.Helper()
		err := s.queue.Submit(ctx, &entry{Work: work{at: inNew, do: func(tx *transaction) error {
			stmt, err := tx.conn.conn.Prepare(text)
			if err != nil {
				return err
			}
			defer stmt.Close()
			_, err = stmt.(driver.StmtExecContext).ExecContext(ctx, arguments(args...))
			return err
		}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(id int64, want string) {
		t.Helper()
		if _, err := s.Message(ctx, "c", id); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("message %d: got %v, want %q", id, err, want)
		}
	}
	const copyBody = "UPDATE contents SET body = (SELECT body FROM contents WHERE key = ?) WHERE key = ?"
	one, two, three := key(1, 1, 0, 0), key(1, 2, 0, 0), key(1, 3, 0, 0)
	tamper(copyBody, two, one)
	refused(1, "damaged, or belongs elsewhere")
	tamper("UPDATE contents SET body = substr(body, 1, 40) WHERE key = ?", one)
	refused(1, "damaged")
	tamper("UPDATE chunks SET body = (SELECT c.body FROM chunks c JOIN attachments a ON c.key = a.number << 20 WHERE a.message = ?)"+
		" WHERE key = (SELECT number << 20 FROM attachments WHERE message = ?)", three, two)
	if a, err := s.Attachment(ctx, "c", 2, "a"); err == nil || !strings.Contains(err.Error(), "not encrypted as it should be") {
		t.Errorf("chunk in clear: got %v, %v", a, err)
	}
	s.Close()

	if err := os.Remove(filepath.Join(dir, "keys")); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, Options{Logger: quiet, Keys: ring(t, dir)}); err != nil {
		t.Fatal(err)
	}
	refused(2, "does not have. Restore the key file")
	if m, err := s.Message(ctx, "c", 3); err != nil || m.Connectors[0].Text(weir.Raw) != secret {
		t.Errorf("in clear: got %v, %v", m, err)
	}
	s.Close()
	if s, err = Open(dir, Options{Logger: quiet}); err != nil {
		t.Fatal(err)
	}
	refused(2, "without keys")
	if err := s.Save(ctx, secretChange(4, true)); err == nil || !strings.Contains(err.Error(), "without keys") {
		t.Errorf("save without keys: got %v", err)
	}
}
