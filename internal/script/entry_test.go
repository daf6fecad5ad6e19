package script

import (
	"testing"

	"github.com/weir-health/weir"
)

// An AttachmentEntry that a script leaves in a map is one to the connector that
// sends it.
func TestAttachmentEntry(t *testing.T) {
	cm := &weir.ConnectorMessage{ChannelMap: map[string]any{}}
	p, err := CompileScript("test", nil, Part{Name: "body",
		Code: "var l = new java.util.ArrayList(); l.add(new AttachmentEntry('a.txt', 'hello', 'text/plain')); channelMap.put('files', l);"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context(), &Scope{Message: cm}); err != nil {
		t.Fatal(err)
	}
	list, ok := cm.ChannelMap["files"].(interface{ Items() []any })
	if !ok || len(list.Items()) != 1 {
		t.Fatalf("the map holds %T", cm.ChannelMap["files"])
	}
	entry, ok := list.Items()[0].(interface {
		AttachmentEntry() (string, any, string)
	})
	if !ok {
		t.Fatalf("the list holds %T", list.Items()[0])
	}
	if name, content, mimeType := entry.AttachmentEntry(); name != "a.txt" || content != "hello" || mimeType != "text/plain" {
		t.Errorf("got %q, %v, %q", name, content, mimeType)
	}
}
