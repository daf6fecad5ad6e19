package store

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/weir-health/weir"
)

// What the dialects share of writing and reading their rows.

// SetErrors makes c.Errors() return mask.
func SetErrors(c *weir.ConnectorMessage, mask int) {
	for bit, t := range []weir.ContentType{weir.ProcessingError, weir.PostprocessorError, weir.ResponseError} {
		if mask&(1<<bit) == 0 {
			c.Contents[t] = weir.Content{}
		} else {
			c.Contents[t].Set = true
		}
	}
}

// WithoutContents takes the contents out of a message, so that it is as in a list.
func WithoutContents(m *weir.Message) *weir.Message {
	for _, c := range m.Connectors {
		mask := c.Errors()
		c.Contents = [weir.ContentTypes]weir.Content{}
		SetErrors(c, mask)
	}
	return m
}

// SortConnectors sorts the connectors of a message: the source, then chain by chain.
func SortConnectors(m *weir.Message) {
	slices.SortStableFunc(m.Connectors, func(a, b *weir.ConnectorMessage) int {
		if a.MetaDataID == 0 || b.MetaDataID == 0 {
			return cmp.Compare(a.MetaDataID, b.MetaDataID)
		}
		return cmp.Or(cmp.Compare(a.ChainID, b.ChainID), cmp.Compare(a.OrderID, b.OrderID))
	})
}

// HashKey is what is kept of a key: 16 bytes, whatever its length, that say
// nothing of what is in it.
func HashKey(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:16]
}

// The places that encrypted bodies belong to. They name the channel by its id, since
// the number that keys have for it is each database's own.

// ContentPlace is the place of what a slot holds.
func ContentPlace(channelID string, messageID int64, metaDataID, slot int) string {
	return fmt.Sprintf("content %s %d %d %d", channelID, messageID, metaDataID, slot)
}

// MetaDataPlace is the place of a connector message's metadata.
func MetaDataPlace(channelID string, messageID int64, metaDataID int) string {
	return fmt.Sprintf("metadata %s %d %d", channelID, messageID, metaDataID)
}

// ChunkPlace is the place of a chunk of an attachment.
func ChunkPlace(channelID string, messageID int64, attachmentID string, position int) string {
	return fmt.Sprintf("chunk %s %d %d %s", channelID, messageID, position, attachmentID)
}

var errNoKeys = &weir.Fault{Err: errors.New("a message is to be encrypted, but the store was opened without keys"),
	Hint: "Open it with keys, or turn the encryption of the channel off."}

// Seal encrypts with the keys of a store, which may have been opened without any.
func Seal(keys *KeyRing, body []byte, place string) ([]byte, error) {
	if keys == nil {
		return nil, errNoKeys
	}
	return keys.Seal(body, place)
}

// Unseal decrypts a body that is sealed. What should be sealed and is not is
// refused: somebody has put it there.
func Unseal(keys *KeyRing, body []byte, sealed bool, place func() string) ([]byte, error) {
	switch {
	case sealed != Sealed(body):
		return nil, errors.New("it is not encrypted as it should be")
	case !sealed:
		return body, nil
	case keys == nil:
		return nil, errors.New("it is encrypted, but the store was opened without keys")
	}
	return keys.Open(body, place())
}
