package store

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Term is a value that messages are found by without a look at their contents,
// such as their control id.
type Term struct {
	Kind  string // see the Kind constants
	Value string
}

// Kinds of terms.
const (
	ControlTerm = "control" // MSH-10
	PatientTerm = "patient" // PID-3.1, of each repetition
	OrderTerm   = "order"   // ORC-2.1, ORC-3.1, OBR-2.1, OBR-3.1, OBR-18
)

// Hash is what is kept of a term where the message's contents are readable, too: who
// guesses the value can tell that it is that one.
func (t Term) Hash() int64 {
	sum := sha256.Sum256([]byte(t.Kind + "\x00" + t.Value))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// HashOf is what is kept of a term: keyed where the message is kept encrypted, so that
// without the key nobody can tell a value that he guesses.
func HashOf(keys *KeyRing, t Term, encrypt bool) (int64, error) {
	switch {
	case !encrypt:
		return t.Hash(), nil
	case keys == nil:
		return 0, errNoKeys
	}
	key, err := keys.last()
	return key.hash(t), err
}

// HashesOf are all that may be kept of a term: without a key, and under each key that
// there is. A channel may have begun to encrypt after it had messages, and a ring may
// have got a new key.
func HashesOf(keys *KeyRing, t Term) []int64 {
	hashes := []int64{t.Hash()}
	if keys == nil {
		return hashes
	}
	keys.mu.Lock()
	defer keys.mu.Unlock()
	for _, key := range keys.keys {
		hashes = append(hashes, key.hash(t))
	}
	return hashes
}

func (r ringKey) hash(t Term) int64 {
	mac := hmac.New(sha256.New, r.secret)
	mac.Write([]byte("weir term " + t.Kind + "\x00" + t.Value))
	return int64(binary.BigEndian.Uint64(mac.Sum(nil)))
}

// The terms of a run of messages of one channel are a block. What a group of changes
// adds to a block is one row, whatever its messages have, so that terms cost next to
// nothing when messages come; they lie in it as they came. When the channel's messages have
// reached the next block, the rows of the last one are put together: its terms in order
// of their hashes, cut into runs, of which a search reads the one that it needs.
//
// A term of a message that was removed stays until all messages of its block are
// gone. It leads to nothing then, and its message's number is never used again.

// TermBits is how many messages a block has, as a power of two: few enough that a
// search reads the newest block whole, enough that one through a channel of five million
// messages looks into 600 blocks.
const TermBits = 13

// TermSize is how many bytes a term occupies: its hash, and the place of its message in
// the block.
const TermSize = 10

// runTerms is how many terms a run has at most.
const runTerms = 190

// AppendTerm adds a term of a message to a row.
func AppendTerm(row []byte, hash, message int64) []byte {
	row = binary.BigEndian.AppendUint64(row, uint64(hash))
	return binary.BigEndian.AppendUint16(row, uint16(message&(1<<TermBits-1)))
}

// TermMessages returns the places in their block of the messages that have a term,
// from the rows or runs of one block.
func TermMessages(places []int64, row []byte, hash int64) []int64 {
	for ; len(row) >= TermSize; row = row[TermSize:] {
		if int64(binary.BigEndian.Uint64(row)) == hash {
			places = append(places, int64(binary.BigEndian.Uint16(row[8:])))
		}
	}
	return places
}

// AppendTermsOf appends to a row those terms of another of the same block whose messages
// are at some places.
func AppendTermsOf(row, from []byte, places map[int64]bool) []byte {
	for ; len(from) >= TermSize; from = from[TermSize:] {
		if places[int64(binary.BigEndian.Uint16(from[8:]))] {
			row = append(row, from[:TermSize]...)
		}
	}
	return row
}

// TermRun is a part of a block whose terms are in order of their hashes, and then of
// their messages.
type TermRun struct {
	First int64 // hash
	Place int64 // of the first term's message
	Body  []byte
}

// TermRuns puts the rows and runs of a block together.
func TermRuns(rows [][]byte) (runs []TermRun) {
	type term struct {
		hash  int64
		place uint16
	}
	var all []term
	for _, row := range rows {
		for ; len(row) >= TermSize; row = row[TermSize:] {
			all = append(all, term{int64(binary.BigEndian.Uint64(row)), binary.BigEndian.Uint16(row[8:])})
		}
	}
	slices.SortFunc(all, func(a, b term) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.place, b.place)) })
	all = slices.Compact(all)
	for part := range slices.Chunk(all, runTerms) {
		run := TermRun{First: part[0].hash, Place: int64(part[0].place), Body: make([]byte, 0, len(part)*TermSize)}
		for _, t := range part {
			run.Body = AppendTerm(run.Body, t.hash, int64(t.place))
		}
		runs = append(runs, run)
	}
	return runs
}
