package sqlite

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// scan reads the current row of messages into m, or into a new message when the
// row is that of a message itself.
func (v *view) scan(rows *sql.Rows, channelID string, m *weir.Message) (*weir.Message, error) {
	var k int64
	var messageReceived, processed, original, status, queue, received, chain, position, attempts, sent, answered, flags sql.NullInt64
	var name, metadata sql.NullString
	err := rows.Scan(&k, &messageReceived, &processed, &original,
		&status, &queue, &name, &received, &chain, &position, &attempts, &sent, &answered, &flags, &metadata)
	if err != nil {
		return nil, err
	}
	if keyMetaDataID(k) == 0 {
		m = &weir.Message{
			ID:         keyMessage(k),
			ChannelID:  channelID,
			Received:   moment(messageReceived),
			Processed:  processed.Int64 != 0,
			OriginalID: original.Int64,
		}
	}
	if m == nil {
		return nil, fmt.Errorf("message %d of channel %s has no row of its own", keyMessage(k), channelID)
	}
	if !status.Valid {
		return m, nil
	}
	c := &weir.ConnectorMessage{
		MessageID:     m.ID,
		MetaDataID:    keyMetaDataID(k),
		ChannelID:     channelID,
		ConnectorName: name.String,
		Received:      moment(received),
		Status:        weir.Status(status.Int64),
		ChainID:       int(chain.Int64),
		OrderID:       int(position.Int64),
		SendAttempts:  int(attempts.Int64),
		SendDate:      moment(sent),
		ResponseDate:  moment(answered),
		Doubtful:      flags.Int64&flagDoubtful != 0,
	}
	if c.MetaData, err = v.metadata(metadata.String, channelID, c); err != nil {
		return nil, fmt.Errorf("message %d of channel %s, connector %d: %w", m.ID, channelID, c.MetaDataID, err)
	}
	store.SetErrors(c, int(flags.Int64&flagErrors))
	m.Connectors = append(m.Connectors, c)
	return m, nil
}

// metadata reads the values of metadata columns, which may be encrypted.
func (v *view) metadata(text, channelID string, c *weir.ConnectorMessage) (map[string]any, error) {
	if text == "" || text[0] == '{' {
		return store.UnpackMetaData(text)
	}
	body := []byte(text)
	plain, err := store.Unseal(v.ring, body, true, func() string { return store.MetaDataPlace(channelID, c.MessageID, c.MetaDataID) })
	if err != nil {
		return nil, err
	}
	return store.UnpackMetaData(string(plain))
}

func moment(micros sql.NullInt64) time.Time {
	if !micros.Valid {
		return time.Time{}
	}
	return time.UnixMicro(micros.Int64).UTC()
}
