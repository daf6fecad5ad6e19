package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/messagefile"
)

// exporting has two channels that are equal but for their names: what is bad fails.
func exporting(t *testing.T, opt Options) (*Server, *api.Client) {
	t.Helper()
	opt.Data, opt.Channels = t.TempDir(), t.TempDir()
	text := strings.ReplaceAll(pruned, "TRANSFORMER", rawToRaw)
	write(t, filepath.Join(opt.Channels, "lab.xml"), text)
	write(t, filepath.Join(opt.Channels, "copy.xml"), strings.NewReplacer("000000000009", "000000000010", "<name>Lab</name>", "<name>Copy</name>").Replace(text))
	s, client, _ := run(t, opt)
	for _, text := range []string{"good", "bad", "MSH\rPID & <>"} {
		if _, err := client.Send(context.Background(), "Lab", api.NewMessage{Text: text, SourceMap: map[string]string{"from": "a test"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.store.PutAttachment(context.Background(), s.find("Lab").config.ID, 1, &weir.Attachment{ID: "a-1", Type: "text/plain", Content: []byte("attached")}); err != nil {
		t.Fatal(err)
	}
	return s, client
}

// exported is the export of a channel without what an import changes.
func exported(t *testing.T, client *api.Client, channel string) string {
	t.Helper()
	var out bytes.Buffer
	if err := client.Export(context.Background(), channel, api.MessageQuery{}, api.Exporting{}, &out); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(` *<(messageId|channelId|channelName|importId|importChannelId)>.*\n`).ReplaceAllString(out.String(), "")
}

func TestExportImport(t *testing.T) {
	_, client := exporting(t, Options{Listen: "none"})
	ctx := context.Background()
	var file bytes.Buffer
	if err := client.Export(ctx, "Lab", api.MessageQuery{}, api.Exporting{}, &file); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(file.String(), "<messageId>1</messageId>"); n == 0 || strings.Index(file.String(), "<messageId>3<") < strings.Index(file.String(), "<messageId>1<") {
		t.Errorf("the oldest does not come first:\n%s", file.String())
	}
	got, err := client.Import(ctx, "Copy", bytes.NewReader(file.Bytes()), api.Importing{Once: true})
	if err != nil || got.Done != 3 || got.Failed != 0 || fmt.Sprint(got.IDs) != "[1 2 3]" {
		t.Fatalf("import: %+v, error %v", got, err)
	}
	if a, b := exported(t, client, "Lab"), exported(t, client, "Copy"); a != b {
		t.Errorf("what came back is\n%s\nof\n%s", b, a)
	}
	m, err := client.Message(ctx, "Copy", 2)
	if err != nil || m.ImportID != 2 || m.ImportChannelID != "5b4f0c5e-0000-4000-8000-000000000009" {
		t.Errorf("message: %+v, error %v", m, err)
	}
	list, err := client.Statistics(ctx, "Copy")
	if err != nil || list[0].Current.Received != 0 {
		t.Errorf("statistics: %+v, error %v", list, err)
	}

	// Once is once, and without it each time.
	if got, err = client.Import(ctx, "Copy", bytes.NewReader(file.Bytes()), api.Importing{Once: true}); err != nil || got.There != 3 || got.Done != 0 {
		t.Errorf("again: %+v, error %v", got, err)
	}
	if _, err := client.Remove(ctx, "Copy", api.MessageQuery{After: 1, Before: 3}); err != nil {
		t.Fatal(err)
	}
	if got, err = client.Import(ctx, "Copy", bytes.NewReader(file.Bytes()), api.Importing{Once: true}); err != nil || got.There != 2 || got.Done != 1 {
		t.Errorf("after one was removed: %+v, error %v", got, err)
	}
	if got, err = client.Import(ctx, "Lab", bytes.NewReader(file.Bytes()), api.Importing{}); err != nil || got.Done != 3 {
		t.Errorf("into its own channel: %+v, error %v", got, err)
	}
	if m, err := client.Message(ctx, "Lab", 4); err != nil || m.ImportID != 1 || m.ImportChannelID != "" {
		t.Errorf("message: %+v, error %v", m, err)
	}

	// A document that is none does not keep the others out; a file that is cut says how far it came.
	if got, err = client.Import(ctx, "Lab", strings.NewReader("<message></message>"+file.String()), api.Importing{}); err != nil || got.Done != 3 || got.Failed != 1 || !strings.Contains(got.Problem, "document 1: the message has no source") {
		t.Errorf("with a bad one: %+v, error %v", got, err)
	}
	if _, err = client.Import(ctx, "Lab", strings.NewReader(file.String()[:file.Len()-100]), api.Importing{}); err == nil || !strings.Contains(err.Error(), "ended after 2 messages") {
		t.Errorf("cut: got error %v", err)
	}

	// What is encrypted tells nothing and comes back.
	file.Reset()
	if err := client.Export(ctx, "Lab", api.MessageQuery{After: 2, Before: 4}, api.Exporting{Encrypt: true}, &file); err != nil || strings.Contains(file.String(), "PID") {
		t.Errorf("encrypted: error %v\n%s", err, file.String())
	}
	if got, err = client.Import(ctx, "Copy", bytes.NewReader(file.Bytes()), api.Importing{}); err != nil || got.Done != 1 {
		t.Fatalf("encrypted: %+v, error %v", got, err)
	}
	if m, err := client.Message(ctx, "Copy", got.IDs[0]); err != nil || m.Connectors[0].Contents[0].Text != "MSH\rPID & <>" {
		t.Errorf("message: %+v, error %v", m, err)
	}
}

// The Administrator exports to the server's disk, and imports from there, below the
// directory of exports.
func TestMirthExport(t *testing.T) {
	addr := freeAddr(t)
	dir := t.TempDir()
	s, client := exporting(t, Options{Listen: addr, AdminPassword: adminPassword, Exports: dir})
	c := mirthClient(t, addr, "/api/4.5.2", javaHeader)
	c.login()
	messages := "/channels/" + s.find("Lab").config.ID + "/messages"
	form := url.Values{"pageSize": {"20"}, "rootFolder": {filepath.Join(dir, "a")}, "filePattern": {"${message.messageId}.xml"}, "includeAttachments": {"true"}, "archiveFormat": {"zip"}, "archiveFileName": {"all"}}
	raw := url.Values{"baseFolder": {dir}, "rootFolder": {"raw"}, "filePattern": {"${message.messageId}.txt"}, "contentType": {"RAW"}, "status": {"ERROR"}}
	options := "<com.mirth.connect.util.messagewriter.MessageWriterOptions><contentType>ENCODED</contentType><destinationContent>true</destinationContent><encrypt>false</encrypt>" +
		"<rootFolder>encoded</rootFolder><filePattern>all.txt</filePattern></com.mirth.connect.util.messagewriter.MessageWriterOptions>"
	c.replay([]step{
		{nil, "POST", messages + "/_export?" + form.Encode(), "", 200, "<int>3</int>"},
		{nil, "POST", messages + "/_export?" + raw.Encode(), "", 200, "<int>1</int>"},
		{nil, "POST", messages + "/_exportUsingFilter?pageSize=20", parts("filter", "<messageFilter/>", "writerOptions", options), 200, "<int>3</int>"},
		{nil, "POST", messages + "/_export?rootFolder=/etc", "", 500, ""},
		{nil, "POST", messages + "/_export?rootFolder=../x", "", 500, ""},
	})
	plain := func(path, body string, status int, begins string) {
		t.Helper()
		got, answer, _ := c.send(javaHeader, "POST", path, "text/plain", body)
		if got != status || !strings.HasPrefix(answer, begins) {
			t.Errorf("POST %s %s: got %d %.300q, want %d %q", path, body, got, answer, status, begins)
		}
	}
	copied := "/channels/" + s.find("Copy").config.ID + "/messages"
	plain(copied+"/_importFromPath?includeSubfolders=true", dir, 200, "<com.mirth.connect.model.MessageImportResult>\n  <totalCount>3</totalCount>\n  <successCount>3</successCount>")
	plain(copied+"/_importFromPath", "/etc/passwd", 500, "")
	plain(messages+"/1/attachments/a-1/_export?binary=false", "attached.txt", 204, "")
	if a, b := exported(t, client, "Lab"), exported(t, client, "Copy"); a != b {
		t.Errorf("what came back is\n%s\nof\n%s", b, a)
	}
	for name, want := range map[string]string{"raw/2.txt": "bad\r\n\r\n\r\n", "encoded/all.txt": "good\r\n\r\n\r\nbad\r\n\r\n\r\nMSH\rPID & <>\r\n\r\n\r\n", "attached.txt": "attached"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: got %q, error %v, want %q", name, got, err, want)
		}
	}

	// One message, as the command line imports it, with what it had attached.
	doc := messagefile.Document(&messagefile.Message{Message: &weir.Message{ID: 77, ChannelID: "elsewhere", Connectors: []*weir.ConnectorMessage{{Status: weir.Queued}}},
		Attachments: []weir.Attachment{{ID: "a-2", Content: []byte("two")}}}, true)
	c.replay([]step{
		{nil, "POST", copied + "/_import", string(doc.Bytes()), 204, ""},
		{nil, "GET", copied + "/4/attachments?includeContent=true", "", 200, "<list>\n  <attachment>\n    <id>a-2</id>\n    <content>" + base64.StdEncoding.EncodeToString([]byte("two"))},
		{nil, "POST", copied + "/_search?limit=1", "<messageFilter><importIdLower>70</importIdLower></messageFilter>", 200, "<list>\n  <message>\n    <messageId>4</messageId>"},
		{nil, "POST", copied + "/_search?limit=1", "<messageFilter><importIdLower>78</importIdLower></messageFilter>", 200, "<list/>"},
	})
	if m, err := client.Message(context.Background(), "Copy", 4); err != nil || m.ImportID != 77 || m.ImportChannelID != "elsewhere" || m.Connectors[0].Status != "ERROR" {
		t.Errorf("message: %+v, error %v", m, err)
	}
}
