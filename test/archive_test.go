package test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/api"
)

// old is a message of another server that was received some days ago.
func old(days int, text string) string {
	at := time.Now().AddDate(0, 0, -days).UnixMilli()
	return fmt.Sprintf(`<message><messageId>7</messageId><channelId>elsewhere</channelId><receivedDate><time>%d</time></receivedDate><processed>true</processed>`+
		`<connectorMessages class="linked-hash-map"><entry><int>0</int><connectorMessage><metaDataId>0</metaDataId><connectorName>Source</connectorName><status>TRANSFORMED</status>`+
		`<raw><content>%s</content><contentType>RAW</contentType></raw></connectorMessage></entry></connectorMessages></message>`, at, text)
}

// A message with an attachment that no document takes goes to the archive whole, and comes
// back whole; a restore that breaks off goes on where it ended.
func TestArchiveLarge(t *testing.T) {
	channels, dir, place := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "archive")
	install(t, channels, "A", 1, "</channel>", `<exportData><metadata><enabled>true</enabled><pruningSettings>`+
		`<pruneMetaDataDays>30</pruneMetaDataDays></pruningSettings></metadata></exportData></channel>`)
	install(t, channels, "B", 1) // which keeps for ever
	data := filepath.Join(dir, "data")
	recipient := strings.TrimSpace(mustWeir(t, dir, "archive", "key", "key"))
	e := start(t, data, channels, "--archive", place, "--archive-recipient", recipient, "--prune", "off")
	if err := os.WriteFile(filepath.Join(dir, "old.xml"), []byte(old(31, "large one")), 0o600); err != nil {
		t.Fatal(err)
	}
	mustContain(t, mustWeir(t, dir, "message", "import", "A-best", "old.xml", "--data", data), "done: 1")
	content := make([]byte, 9<<20)
	random := rand.NewChaCha8([32]byte{})
	random.Read(content)
	ctx := context.Background()
	for _, id := range []string{"scan", "small/one"} {
		if err := e.API.PutAttachment(ctx, "A-best", 1, id, "application/pdf", bytes.NewReader(content[:len(content)-len(id)])); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.API.PutAttachment(ctx, "A-best", 2, "scan", "", strings.NewReader("x")); err == nil || !strings.Contains(err.Error(), "message 2") {
		t.Errorf("an attachment of no message was kept, error %v", err)
	}
	mustContain(t, mustWeir(t, dir, "prune", "run", "--data", data), "messages removed: 1", "archived: 1")
	if n, err := e.API.Count(ctx, "A-best", api.MessageQuery{}); n != 0 || err != nil {
		t.Errorf("%d messages are left, error %v", n, err)
	}

	flags := []string{"--archive", place, "--key", "key"}
	archived := func(args ...string) string {
		t.Helper()
		return mustWeir(t, dir, append(append([]string{"archive"}, args...), flags...)...)
	}
	mustContain(t, archived("search", "A-best"), "TRANSFORMED")
	if got := archived("show", "A-best", "1", "--attachment", "scan"); got != string(content[:len(content)-4]) {
		t.Errorf("the attachment in the archive has %d bytes and others", len(got))
	}
	// A file that is damaged is told, and nothing of it passes for the attachment.
	files, err := filepath.Glob(filepath.Join(place, "*", "*", "*", "*", "attachments", "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, error %v", files, err)
	}
	good, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(good, content[:64]) {
		t.Error("the archive has the attachment readably")
	}
	restore := []string{"archive", "restore", "A-best", "--all", "--to", "B-best", "--data", data}
	if err := os.WriteFile(files[1], good[:len(good)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := weir(t, dir, append(restore, flags...)...)
	if err == nil {
		t.Error("a damaged attachment was restored")
	}
	mustContain(t, out, "message 1: attachment small/one")
	if err := os.WriteFile(files[1], good, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		mustContain(t, mustWeir(t, dir, append(restore, flags...)...), "there already: 1")
	}
	m, err := e.API.Message(ctx, "B-best", 1)
	if err != nil || len(m.Attachments) != 2 || m.ImportID != 7 && m.ImportID != 1 {
		t.Fatalf("got %d attachments of %+v, error %v", len(m.Attachments), m.ID, err)
	}
	for _, a := range m.Attachments {
		r, err := e.API.Attachment(ctx, "B-best", 1, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || !bytes.Equal(got, content[:len(content)-len(a.ID)]) || a.Type != "application/pdf" {
			t.Errorf("%s came back with %d bytes that begin with %s, error %v", a.ID, len(got), hex.EncodeToString(got[:min(len(got), 8)]), err)
		}
	}
	e.stop()
}
