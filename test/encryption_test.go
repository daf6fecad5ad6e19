package test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/bench"
)

// A channel that wants its messages encrypted leaves nothing of them on disk that
// can be read without the key, and is read with it after a restart.
func TestEncryption(t *testing.T) {
	sink, port := newSink(t)
	channels, data := t.TempDir(), t.TempDir()
	to := install(t, channels, "A", port, "<encryptData>false</encryptData>", "<encryptData>true</encryptData>",
		"<encryptAttachments>false</encryptAttachments>", "<encryptAttachments>true</encryptAttachments>",
		"<type>None</type>\n      <properties/>", nameHandler)
	e := start(t, data, channels)
	r, err := bench.Drive(context.Background(), bench.Load{To: to, Connections: 1, Messages: 10, Run: "enc"})
	if err != nil || r.Accepted != 10 {
		t.Fatalf("%+v, %v\n%s", r, err, e.log)
	}
	if v := sink.Await(context.Background(), "enc", r.Acked, 10*time.Second); !v.OK() {
		t.Errorf("%+v", v)
	}
	inClear(t, data)
	e.stop()
	inClear(t, data)

	e = start(t, data, channels)
	m, err := e.API.Message(context.Background(), "A-best", 1)
	if err != nil || !strings.Contains(m.Connectors[0].Contents[0].Text, "Glucose") || len(m.Attachments) != 1 {
		t.Fatalf("%+v, %v", m, err)
	}
	out, err := exec.Command(binary, "message", "show", "A-best", "1", "--data", data, "--attachment", m.Attachments[0].ID).Output()
	if err != nil || string(out) != "Doe^Jane^Q^^Ms" {
		t.Errorf("attachment: got %q, %v", out, err)
	}
	e.stop()

	key := filepath.Join(data, "weir.keys")
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	e = start(t, data, channels)
	if m, err := e.API.Message(context.Background(), "A-best", 1); err == nil || !strings.Contains(err.Error(), "Restore the key file") {
		t.Errorf("without the key: %+v, %v", m, err)
	}
	e.stop()
}

// inClear reports what of the messages a data directory has in clear.
func inClear(t *testing.T, data string) {
	t.Helper()
	files, err := os.ReadDir(data)
	if err != nil {
		t.Fatal(err)
	}
	store := false
	for _, file := range files {
		if !file.Type().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(data, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		store = store || len(b) > 4096
		for _, text := range []string{"Doe^Jane", "Glucose", "555443333", "enc.0."} {
			if bytes.Contains(b, []byte(text)) {
				t.Errorf("%s holds %q", file.Name(), text)
			}
		}
	}
	if !store {
		t.Errorf("no store in %v", files)
	}
}
