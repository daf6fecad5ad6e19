package sqlite

import (
	"errors"
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// The places that encrypted bodies belong to. They name the channel by its id, since
// the number that keys have for it is this database's own.

func contentPlace(channelID string, k int64) string {
	return fmt.Sprintf("content %s %d %d %d", channelID, keyMessage(k), keyMetaDataID(k), k&MaxSlot)
}

func metadataPlace(channelID string, messageID int64, metaDataID int) string {
	return fmt.Sprintf("metadata %s %d %d", channelID, messageID, metaDataID)
}

func chunkPlace(channelID string, k int64, id string, position int) string {
	return fmt.Sprintf("chunk %s %d %d %s", channelID, keyMessage(k), position, id)
}

func (s *Store) seal(body []byte, place string) ([]byte, error) {
	if s.keys == nil {
		return nil, &weir.Fault{Err: errors.New("a message is to be encrypted, but the store was opened without keys"),
			Hint: "Open it with keys, or turn the encryption of the channel off."}
	}
	return s.keys.Seal(body, place)
}

// unseal decrypts a body that is sealed. What should be sealed and is not is
// refused: somebody has put it there.
func (v *view) unseal(body []byte, sealed bool, place func() string) ([]byte, error) {
	switch {
	case sealed != store.Sealed(body):
		return nil, errors.New("it is not encrypted as it should be")
	case !sealed:
		return body, nil
	case v.ring == nil:
		return nil, errors.New("it is encrypted, but the store was opened without keys")
	}
	return v.ring.Open(body, place())
}
