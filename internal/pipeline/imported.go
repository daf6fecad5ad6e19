package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Import keeps a message that another engine exported, under a new id, which it
// returns. Nothing of it is processed or sent, and it counts for no statistics.
// Its status is one at which nothing happens by itself.
func (c *Channel) Import(ctx context.Context, m *weir.Message) (int64, error) {
	if !c.keeps.rows {
		return 0, c.fault("", &weir.Fault{Err: errors.New("the channel keeps no messages"), Hint: "Choose another message storage mode."})
	}
	m.ChannelID, m.Processed = c.Config.ID, true
	ch := &store.Change{Message: m, Insert: true, Encrypt: c.Config.Properties.EncryptData, EncryptMetaData: c.Config.Properties.EncryptMetaData,
		Source: m.Connector(0)}
	c.arriving.Lock()
	c.lastID++
	m.ID = c.lastID
	c.arriving.Unlock()
	for _, cm := range m.Connectors {
		cm.MessageID = m.ID
		for t, values := range map[weir.ContentType]map[string]any{weir.SourceMapContent: cm.SourceMap, weir.ConnectorMapContent: cm.ConnectorMap,
			weir.ChannelMapContent: cm.ChannelMap, weir.ResponseMapContent: cm.ResponseMap} {
			if len(values) > 0 {
				cm.Set(t, encodeMap(values), "")
			}
		}
		one := store.ConnectorChange{Connector: cm, Insert: true}
		for t := range cm.Contents {
			if cm.Contents[t].Set {
				one.Contents = append(one.Contents, weir.ContentType(t))
			}
		}
		ch.Connectors = append(ch.Connectors, one)
	}
	if err := c.store.Save(ctx, ch); err != nil {
		return 0, c.fault("", fmt.Errorf("the imported message was not kept: %w", err))
	}
	return m.ID, nil
}

// DecodeMaps gives a message read from the store its maps, as scripts have them.
// Values that cannot be read are left out.
func DecodeMaps(m *weir.Message) {
	for _, cm := range m.Connectors {
		cm.SourceMap, _ = decodeMap(cm.Text(weir.SourceMapContent))
		cm.ConnectorMap, _ = decodeMap(cm.Text(weir.ConnectorMapContent))
		cm.ChannelMap, _ = decodeMap(cm.Text(weir.ChannelMapContent))
		cm.ResponseMap, _ = decodeMap(cm.Text(weir.ResponseMapContent))
	}
}

// StoredResponse reads a response content as it is kept, and StoreResponse makes
// one.
func StoredResponse(text string) (weir.Response, error) { return decodeResponse(text) }
func StoreResponse(r weir.Response) string              { return encodeResponse(r) }
