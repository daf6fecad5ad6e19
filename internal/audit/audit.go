// Package audit keeps what people and programs did to the engine: every change
// and every log-in is an [Event] in a file that is only ever appended to.
//
// Each event carries a hash of itself and of the event before it, so that one that
// is changed or taken out shows: [Open] checks the whole chain. Who can write the
// file can write a new chain; keep copies elsewhere where that matters.
package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// MaxEvent is the longest event in the file, in bytes. Longer attributes are cut.
const MaxEvent = 64 << 10

// maxAttribute is the longest value of an attribute, in bytes.
const maxAttribute = 4 << 10

// maxAttributes is how many attributes an event has.
const maxAttributes = 12

// Outcomes and levels of events, as Mirth names them.
const (
	Success = "SUCCESS"
	Failure = "FAILURE"

	Information = "INFORMATION"
	Warning     = "WARNING"
	Error       = "ERROR"
)

// Event is something that was done, or tried.
type Event struct {
	ID         int64       `json:"id"`
	Time       time.Time   `json:"time"`
	Level      string      `json:"level"`
	Name       string      `json:"name"` // such as "Deploy channels"
	Attributes []Attribute `json:"attributes,omitempty"`
	Outcome    string      `json:"outcome"`
	UserID     int         `json:"user,omitempty"` // 0: nobody with an account
	Who        string      `json:"who,omitempty"`  // the user's name, the token's, or the user of the machine
	Address    string      `json:"address,omitempty"`

	Before string `json:"before"`         // hash of the event before
	Hash   string `json:"hash,omitempty"` // of this event without it
}

// Attribute says more of an event, such as the ids of channels. It never holds
// content of messages.
type Attribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Log is an audit trail.
type Log struct {
	now func() time.Time

	mu   sync.Mutex
	file *os.File
	last Event
	size int64 // of the file, in whole events
}

// ErrChain is returned by Open, beside a usable log, when the chain is broken.
var ErrChain = errors.New("the audit trail was changed")

// Open opens the trail in a file, which is made where there is none. What a
// crash left of an event that was being written is taken off. With an error that
// is ErrChain the log is there and goes on behind what was found.
func Open(path string, now func() time.Time) (*Log, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("audit trail: %w", err)
	}
	l := &Log{now: now, file: f}
	broken, err := l.check()
	if err == nil {
		err = f.Truncate(l.size)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("audit trail %s: %w", path, err)
	}
	return l, broken
}

// check reads the whole file and leaves last and size at its end.
func (l *Log) check() (broken, err error) {
	err = l.read(func(line []byte, e Event, bad error) {
		if bad == nil && (e.Before != l.last.Hash || e.Hash != hashOf(e) || e.ID != l.last.ID+1) {
			bad = errors.New("an event was changed, added or taken out before it")
		}
		if bad != nil && broken == nil {
			broken = fmt.Errorf("%w: event after number %d: %w", ErrChain, l.last.ID, bad)
		}
		if bad == nil || e.ID > l.last.ID {
			l.last = e
		}
		l.size += int64(len(line))
	})
	return broken, err
}

// read gives each whole line of the file, with why it is no event.
func (l *Log) read(do func(line []byte, e Event, bad error)) error {
	r := bufio.NewReaderSize(io.NewSectionReader(l.file, 0, 1<<62), MaxEvent+1)
	for {
		line, err := r.ReadSlice('\n')
		switch {
		case err == io.EOF:
			return nil
		case err == bufio.ErrBufferFull:
			return fmt.Errorf("an event has more than %d bytes", MaxEvent)
		case err != nil:
			return err
		}
		var e Event
		bad := json.Unmarshal(line, &e)
		do(line, e, bad)
	}
}

func hashOf(e Event) string {
	e.Hash = ""
	text, _ := json.Marshal(e) // of strings, numbers and a time
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Add appends an event, which gets its id, its time and its place in the chain.
// It returns when the event is on disk.
func (l *Log) Add(e Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.ID, e.Time, e.Before = l.last.ID+1, l.now().UTC().Truncate(time.Millisecond), l.last.Hash
	if e.Level == "" {
		e.Level = Information
	}
	if e.Outcome == "" {
		e.Outcome = Success
	}
	e.Name, e.Who, e.Address = cut(e.Name, 200), cut(e.Who, 300), cut(e.Address, 200)
	e.Attributes = slices.Clone(e.Attributes[:min(len(e.Attributes), maxAttributes)])
	for i := range e.Attributes {
		e.Attributes[i] = Attribute{cut(e.Attributes[i].Name, 100), cut(e.Attributes[i].Value, maxAttribute)}
	}
	e.Hash = hashOf(e)
	var line bytes.Buffer
	if err := json.NewEncoder(&line).Encode(e); err != nil {
		return err
	}
	if line.Len() > MaxEvent {
		e.Attributes = nil // of characters that JSON escapes
		e.Hash = hashOf(e)
		line.Reset()
		json.NewEncoder(&line).Encode(e)
	}
	if _, err := l.file.WriteAt(line.Bytes(), l.size); err != nil {
		return fmt.Errorf("audit trail: %w", err)
	}
	if err := l.file.Sync(); err != nil {
		return fmt.Errorf("audit trail: %w", err)
	}
	l.size += int64(line.Len())
	l.last = e
	return nil
}

func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// MaxID is the id of the newest event.
func (l *Log) MaxID() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last.ID
}

// Find returns up to limit events that match, newest first, after leaving out the
// first offset of them; limit 0 returns none. count is how many match in all.
func (l *Log) Find(match func(*Event) bool, offset, limit int) (found []Event, count int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keep := offset + limit // the newest ones, as a ring
	err = l.read(func(_ []byte, e Event, bad error) {
		if bad != nil || !match(&e) {
			return
		}
		count++
		if keep == 0 {
			return
		}
		if len(found) >= 2*keep+64 {
			found = append(found[:0], found[len(found)-keep:]...)
		}
		found = append(found, e)
	})
	slices.Reverse(found)
	found = found[min(offset, len(found)):]
	return found[:min(limit, len(found))], count, err
}

// Close closes the file.
func (l *Log) Close() error { return l.file.Close() }
