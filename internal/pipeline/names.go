package pipeline

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/velocity"
)

// FileNames makes names of files for whole messages, of a template with what
// replaceWhole knows, but for the maps of the engine: no channel has to be deployed.
type FileNames struct {
	text  string
	tmpl  *velocity.Template // nil: the text as it is
	count atomic.Int64
	now   func() time.Time
}

// NewFileNames reads a template such as ${message.messageId}.xml. One that is wrong is
// taken as it is typed, as everywhere.
func NewFileNames(template string, now func() time.Time) *FileNames {
	n := &FileNames{text: template, now: now}
	if strings.Contains(template, "$") {
		if tmpl, err := velocity.Parse(template); err == nil {
			n.tmpl = tmpl
		}
	}
	return n
}

// For is the name for a message whose maps are decoded.
func (n *FileNames) For(m *weir.Message, serverID, channelName string) string {
	if n.tmpl == nil {
		return n.text
	}
	source := m.Connector(0)
	text, err := n.tmpl.Render(velocity.LookupFunc(func(name string) (any, bool) {
		if name == "HASH" && source != nil {
			return hash(source), true
		}
		for _, of := range []func(*weir.ConnectorMessage) map[string]any{
			func(cm *weir.ConnectorMessage) map[string]any { return cm.ResponseMap },
			func(cm *weir.ConnectorMessage) map[string]any { return cm.ChannelMap },
			func(cm *weir.ConnectorMessage) map[string]any { return cm.SourceMap },
		} {
			for i := len(m.Connectors) - 1; i >= 0; i-- { // later ones hide earlier ones
				if v, ok := of(m.Connectors[i])[name]; ok {
					return printable(v), true
				}
			}
		}
		switch name {
		case "message":
			return map[string]any{"messageId": m.ID, "channelId": m.ChannelID, "channelName": channelName, "serverId": serverID,
				"receivedDate": dateTool{m.Received}, "originalId": m.OriginalID, "importId": m.ImportID, "importChannelId": m.ImportChannelID}, true
		case "channelName":
			return channelName, true
		case "channelId":
			return m.ChannelID, true
		}
		return builtin(name, n.now(), &n.count)
	}))
	if err != nil {
		return n.text
	}
	return text
}
