package script

import "github.com/weir-health/weir"

// Merge returns what a postprocessor sees of a message: the source's contents
// with the maps of all connectors, later ones winning. The maps are new ones.
func Merge(m *weir.Message) *weir.ConnectorMessage {
	merged := &weir.ConnectorMessage{MessageID: m.ID, ChannelID: m.ChannelID, Received: m.Received}
	if src := m.Connector(0); src != nil {
		c := *src
		merged = &c
	}
	merged.SourceMap = make(map[string]any)
	merged.ChannelMap = make(map[string]any)
	merged.ConnectorMap = make(map[string]any)
	merged.ResponseMap = make(map[string]any)
	for _, c := range m.Connectors {
		add(merged.SourceMap, c.SourceMap)
		add(merged.ChannelMap, c.ChannelMap)
		add(merged.ResponseMap, c.ResponseMap)
	}
	return merged
}

func add(to, from map[string]any) {
	for k, v := range from {
		to[k] = v
	}
}
