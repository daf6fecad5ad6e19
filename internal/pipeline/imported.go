package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Imported is a message to import.
type Imported struct {
	*weir.Message // with the id and channel that it had where it was exported
	Attachments   []weir.Attachment
	Once          bool // not where it was imported with Once before, and is still there
}

// ErrImported is the error of a message that was imported before.
var ErrImported = errors.New("the message was imported before")

// importKey is what a message that is imported once is known by: its id alone would
// not do, which other servers give to others.
func importKey(m *weir.Message) string {
	channel, id := m.ImportChannelID, m.ImportID
	if channel == "" {
		channel = m.ChannelID
	}
	if id == 0 {
		id = m.ID
	}
	return fmt.Sprintf("import\x00%s\x00%d\x00%d", channel, id, m.Received.UnixMilli())
}

// Import keeps a message that was exported, under a new id, which it returns, with the
// id and the channel that it had first. Nothing of it is processed or sent, and it
// counts for no statistics. What would go on by itself is ERROR: it is of another server.
func (c *Channel) Import(ctx context.Context, in Imported) (int64, error) {
	m := in.Message
	if !c.keeps.rows {
		return 0, c.fault("", &weir.Fault{Err: errors.New("the channel keeps no messages"), Hint: "Choose another message storage mode."})
	}
	if m.Received.IsZero() {
		m.Received = c.now()
	}
	key := ""
	if in.Once {
		key = importKey(m)
		c.importing.Lock() // of two at once that are the same, one waits
		defer c.importing.Unlock()
		id, _, err := c.store.FindKey(ctx, c.Config.ID, key)
		if err == nil {
			_, err = c.store.Message(ctx, c.Config.ID, id)
		}
		if err == nil {
			return id, ErrImported
		}
		if !errors.Is(err, store.ErrNotFound) {
			return 0, c.fault("", err)
		}
	}
	if m.ImportID == 0 {
		m.ImportID = m.ID
	}
	if m.ImportChannelID == "" && m.ChannelID != c.Config.ID {
		m.ImportChannelID = m.ChannelID
	}
	m.ChannelID, m.Processed = c.Config.ID, true
	ch := &store.Change{Message: m, Insert: true, Encrypt: c.Config.Properties.EncryptData, EncryptMetaData: c.Config.Properties.EncryptMetaData,
		Source: m.Connector(0), Key: key, Attachments: in.Attachments, Terms: c.terms(m.Connector(0))}
	for i := range ch.Attachments {
		ch.Attachments[i].Encrypted = c.Config.Properties.EncryptAttachments
	}
	c.arriving.Lock()
	c.lastID++
	m.ID = c.lastID
	c.arriving.Unlock()
	for _, cm := range m.Connectors {
		cm.MessageID, cm.ChannelID = m.ID, c.Config.ID
		if !cm.Status.Completed() {
			cm.Status = weir.Error
		}
		maps.DeleteFunc(cm.MetaData, func(name string, _ any) bool { return !c.hasColumn(name) })
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

func (c *Channel) hasColumn(name string) bool {
	return slices.ContainsFunc(c.Config.Properties.MetaDataColumns, func(column weir.MetaDataColumn) bool { return column.Name == name })
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
