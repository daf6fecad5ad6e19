package sqlite

import (
	"fmt"

	"github.com/weir-health/weir"
)

// A key is channel, message, metadata id and slot packed into the 64 bits of an
// INTEGER PRIMARY KEY, which SQLite finds 3 to 4 times faster than a composite
// one. All of a message lies in one range of each table, all of a channel too.
// The upper half of the channels has negative keys; order matters only inside
// a channel, where it is that of message, metadata id, slot.
const (
	slotBits    = 2
	metaBits    = 10
	messageBits = 40

	metaShift    = slotBits
	messageShift = slotBits + metaBits
	channelShift = slotBits + metaBits + messageBits
)

// The limits that follow. What exceeds them is refused with a fault: 40 bits of
// messages are 1,000 a second in one channel for 34 years, and Mirth numbers
// the destinations that a channel ever had, seldom beyond some dozens.
const (
	MaxChannels   = 1<<(64-channelShift) - 1 // 4095
	MaxMessageID  = 1<<messageBits - 1       // 1,099,511,627,775
	MaxMetaDataID = 1<<metaBits - 1          // 1023
	MaxSlot       = 1<<slotBits - 1          // 3
)

// key packs; its arguments are within the limits.
func key(channel int, message int64, metaDataID, slot int) int64 {
	return int64(uint64(channel)<<channelShift | uint64(message)<<messageShift |
		uint64(metaDataID)<<metaShift | uint64(slot))
}

func keyMessage(k int64) int64     { return int64(uint64(k) >> messageShift & MaxMessageID) }
func keyMetaDataID(k int64) int    { return int(uint64(k) >> metaShift & MaxMetaDataID) }
func firstOfMessage(k int64) int64 { return k &^ (1<<messageShift - 1) }
func lastOfMessage(k int64) int64  { return k | (1<<messageShift - 1) }

// beyond packs a message id that may be outside of the limits, as callers give
// as bounds: it is brought inside first.
func beyond(channel int, message int64) int64 {
	return key(channel, min(max(message, 0), MaxMessageID), 0, 0)
}

func checkKey(message int64, metaDataID, slot int) error {
	switch {
	case message < 1 || message > MaxMessageID:
		return &weir.Fault{
			Err:  fmt.Errorf("message id %d is not in 1 to %d", message, int64(MaxMessageID)),
			Hint: "Move the channel to a new one, whose ids start at 1, or use PostgreSQL.",
		}
	case metaDataID < 0 || metaDataID > MaxMetaDataID:
		return &weir.Fault{
			Err:  fmt.Errorf("metadata id %d is not in 0 to %d", metaDataID, MaxMetaDataID),
			Hint: "Number the channel's destinations from 1 on, or use PostgreSQL.",
		}
	case slot < 0 || slot > MaxSlot:
		return fmt.Errorf("slot %d is not in 0 to %d", slot, MaxSlot)
	}
	return nil
}
