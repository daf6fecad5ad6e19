package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/klauspost/compress/s2"

	"github.com/weir-health/weir"
)

// SearchAtOnce is how many messages are looked into as of one moment, so that a search
// through all of a channel holds up nothing.
const SearchAtOnce = 4096

// searchers are how many connections a search reads with: what is read has to be
// unpacked, and others want to read, too.
const searchers = 2

// InParts has parts of some messages looked into side by side, and puts together what is
// found, in the order of the parts.
func InParts(ids []int64, look func(part []int64) ([]int64, error)) ([]int64, error) {
	parts := slices.Collect(slices.Chunk(ids, (len(ids)+searchers-1)/searchers))
	found, errs := make([][]int64, len(parts)), make([]error, len(parts))
	var side sync.WaitGroup
	for i, part := range parts {
		side.Go(func() { found[i], errs[i] = look(part) })
	}
	side.Wait()
	return slices.Concat(found...), errors.Join(errs...)
}

// Finder looks for a text, in upper or lower case. It is for one goroutine.
type Finder struct {
	text    string // in lower case
	rare    int    // where in the text the byte is that is looked for first
	scratch []byte
}

// NewFinder makes a finder for a text.
func NewFinder(text string) *Finder {
	f := &Finder{text: strings.ToLower(text)}
	lowest := len(common) + 1
	for i := range len(f.text) {
		if at := strings.IndexByte(common, f.text[i]) + 1; at < lowest {
			f.rare, lowest = i, at
		}
	}
	return f
}

// common are the bytes of messages from the less to the more frequent.
const common = "qjzxkvwybgfhpmudclnrosiate9876543210^|"

// Holds reports whether some content of a message holds the text.
func (f *Finder) Holds(m *weir.Message) bool {
	for _, cm := range m.Connectors {
		for t := range cm.Contents {
			if c := &cm.Contents[t]; c.Set && c.DataType != weir.DerivedType && f.in(c.Text) {
				return true
			}
		}
	}
	return false
}

func (f *Finder) in(text string) bool { return strings.Contains(strings.ToLower(text), f.text) }

// MayHold reports whether packed contents may hold the text: where it says no, Holds says
// no. It makes nothing of them, which spares most of the time.
func (f *Finder) MayHold(packed []byte) (bool, error) {
	if len(packed) == 0 {
		return false, errContents
	}
	plain := packed[1:]
	var err error
	switch packed[0] {
	case formPlain:
	case formZstd:
		plain, err = decoder().DecodeAll(plain, f.scratch[:0])
		f.keep(plain)
	case formS2:
		if n, lenErr := s2.DecodedLen(plain); lenErr != nil || n > maxQuick {
			return false, errContents
		}
		plain, err = s2.Decode(f.scratch[:cap(f.scratch)], plain)
		f.keep(plain)
	default:
		err = fmt.Errorf("unknown form %d", packed[0])
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", errContents, err)
	}
	return f.within(plain), nil
}

// keep has the next contents unpacked into the same room.
func (f *Finder) keep(plain []byte) {
	if cap(plain) > cap(f.scratch) && cap(plain) <= keptBuffer {
		f.scratch = plain
	}
}

// within looks for the text. What is not ASCII may have another length in lower case.
func (f *Finder) within(b []byte) bool {
	n := len(f.text)
	if n == 0 {
		return true
	}
	for i := range n {
		if f.text[i] >= utf8.RuneSelf {
			return bytes.Contains(bytes.ToLower(b), []byte(f.text))
		}
	}
	lower := f.text[f.rare]
	upper := lower
	if 'a' <= lower && lower <= 'z' {
		upper -= 'a' - 'A'
	}
	nextLower, nextUpper := -1, -1
	for at := f.rare; at+n-f.rare <= len(b); at++ {
		nextLower = next(b, lower, at, nextLower)
		at2 := nextLower
		if upper != lower {
			nextUpper = next(b, upper, at, nextUpper)
			at2 = min(at2, nextUpper)
		}
		if at = at2; at+n-f.rare > len(b) {
			return false
		}
		if foldedASCII(b[at-f.rare:at-f.rare+n], f.text) {
			return true
		}
	}
	return false
}

// next is where a byte comes from from on; known is where it was found last. The end
// stands for nowhere.
func next(b []byte, c byte, from, known int) int {
	if known >= from {
		return known
	}
	if i := bytes.IndexByte(b[from:], c); i >= 0 {
		return from + i
	}
	return len(b)
}

// foldedASCII reports whether bytes are a text that is in lower case.
func foldedASCII(b []byte, lower string) bool {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
