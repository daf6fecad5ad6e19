package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/server"
)

// A program that embeds an engine does what the commands do.
func TestEmbedded(t *testing.T) {
	channels := t.TempDir()
	text, err := os.ReadFile("../examples/channels/adt-to-folder.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{{"weir-data/adt", filepath.ToSlash(filepath.Join(t.TempDir(), "out"))}, {"6661", "0"}} {
		text = bytes.ReplaceAll(text, []byte(change[0]), []byte(change[1]))
	}
	if err := os.WriteFile(filepath.Join(channels, "adt.xml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := server.New(t.Context(), server.Options{Data: t.TempDir(), Channels: channels, Listen: "none", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	const name = "ADT to folder"
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if list := s.Channels(); len(list) == 1 && list[0].State == string(weir.Started) {
			break
		}
	}
	adt, err := os.ReadFile("../examples/adt-a01.hl7")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Send(ctx, name, server.NewMessage{Text: string(adt)}); err != nil || got.ID != 1 {
		t.Fatalf("sent: %+v, error %v", got, err)
	}
	var file bytes.Buffer
	if err := s.Export(ctx, name, server.MessageQuery{}, server.Exporting{}, &file); err != nil || !strings.Contains(file.String(), "ADT000042") {
		t.Errorf("exported: error %v\n%s", err, file.String())
	}
	if out, err := s.Import(ctx, name, &file, server.Importing{}); err != nil || out.Done != 1 {
		t.Errorf("imported: %+v, error %v", out, err)
	}
	if out, err := s.Reprocess(ctx, name, server.MessageQuery{Before: 2}, server.Again{}); err != nil || out.Done != 1 {
		t.Errorf("reprocessed: %+v, error %v", out, err)
	}
	var ids []int64
	if err := s.Messages(ctx, name, server.MessageQuery{Control: "ADT000042"}, func(m *weir.Message) error { ids = append(ids, m.ID); return nil }); err != nil || len(ids) != 3 {
		t.Errorf("found %v, error %v", ids, err)
	}
	if m, err := s.Message(ctx, name, 2); err != nil || m.ImportID != 1 || m.Connector(0).Text(weir.Raw) != string(adt) {
		t.Errorf("message: %+v, error %v", m, err)
	}
	if out, err := s.Remove(ctx, name, server.MessageQuery{After: 1}); err != nil || out.Done != 2 {
		t.Errorf("removed: %+v, error %v", out, err)
	}
	if out, err := s.Prune(ctx, name); err != nil || out != (server.Pruned{}) {
		t.Errorf("pruned: %+v, error %v", out, err)
	}
	if err := s.Control(ctx, name, "stop"); err != nil {
		t.Error(err)
	}
}
