package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/weir-health/weir"
)

// MaxContents is the most that the contents saved in one slot may have
// together, in bytes before compression.
const MaxContents = 512 << 20

// minCompressed is the size below which compressing costs more than it saves.
const minCompressed = 512

// The first byte of packed contents says how the rest is to be read.
const (
	formPlain = 0
	formZstd  = 1
	formS2    = 2
)

// Effort says what matters when contents are packed.
type Effort int

const (
	// Small is zstd: 15 µs for an HL7 message of 1.5 KB, which shrinks to 45%.
	Small Effort = iota
	// Quick is S2 for all but large contents: 3 µs and 70%. It is for times when
	// many wait, and the processor is short rather than the disk.
	Quick
)

// maxQuick is the size above which even the quick effort is zstd.
const maxQuick = 64 << 10

// absent marks, beside the content type, a content that was listed but not set.
const absent = 0x80

var errContents = errors.New("contents are damaged")

// PackContents puts the listed contents of a connector message into one blob:
// what a slot holds. A listed content that is not set is kept as absent, and
// hides what a lower slot has. It returns an error if they exceed MaxContents.
// Whatever the effort, UnpackContents reads it.
//
// The blob is a byte that tells the form, then for each content its type (with
// the high bit set if absent, and nothing more), its data type and its text,
// each of these two with its length before it as a varint. Texts are bytes:
// NUL and what is not UTF-8 come back unchanged.
func PackContents(c *weir.ConnectorMessage, types []weir.ContentType, effort Effort) ([]byte, error) {
	size := 1
	for _, t := range types {
		if t == 0 || int(t) >= weir.ContentTypes {
			return nil, fmt.Errorf("unknown content type %d", t)
		}
		size += 12 + len(c.Contents[t].DataType) + len(c.Contents[t].Text)
	}
	if size > MaxContents {
		return nil, &weir.Fault{
			Err:  fmt.Errorf("contents of %d MB exceed the limit of %d MB", size>>20, MaxContents>>20),
			Hint: "Split the message, or keep its large parts as attachments.",
		}
	}
	if size < minCompressed {
		return appendContents(append(make([]byte, 0, size), formPlain), c, types), nil
	}
	buf := packBuffers.Get().(*[]byte)
	defer releaseBuffer(buf)
	*buf = appendContents(append((*buf)[:0], formPlain), c, types)
	plain := *buf
	out := compress(plain[1:], effort)
	if len(out) >= len(plain) {
		return bytes.Clone(plain), nil
	}
	return out, nil
}

// compress returns the form and the compressed bytes.
func compress(plain []byte, effort Effort) []byte {
	if effort == Quick && len(plain) <= maxQuick {
		out := make([]byte, 1+s2.MaxEncodedLen(len(plain)))
		out[0] = formS2
		return out[:1+len(s2.Encode(out[1:], plain))]
	}
	out := append(make([]byte, 0, len(plain)*3/4), formZstd)
	return encoder().EncodeAll(plain, out)
}

func appendContents(b []byte, c *weir.ConnectorMessage, types []weir.ContentType) []byte {
	for _, t := range types {
		content := &c.Contents[t]
		if !content.Set {
			b = append(b, byte(t)|absent)
			continue
		}
		b = append(b, byte(t))
		b = binary.AppendUvarint(b, uint64(len(content.DataType)))
		b = append(b, content.DataType...)
		b = binary.AppendUvarint(b, uint64(len(content.Text)))
		b = append(b, content.Text...)
	}
	return b
}

// UnpackContents puts packed contents into a connector message, replacing those
// that the blob lists. Unpack slots in rising order. It does not keep blob.
func UnpackContents(blob []byte, c *weir.ConnectorMessage) error {
	if len(blob) == 0 {
		return errContents
	}
	plain, err := decompress(blob[0], blob[1:])
	if err != nil {
		return fmt.Errorf("%w: %w", errContents, err)
	}
	for plain != "" {
		t := plain[0]
		plain = plain[1:]
		if n := t &^ absent; n == 0 || int(n) >= weir.ContentTypes {
			return fmt.Errorf("%w: unknown content type %d", errContents, n)
		}
		if t&absent != 0 {
			c.Contents[t&^absent] = weir.Content{}
			continue
		}
		dataType, rest, ok := cutText(plain)
		text, rest, ok2 := cutText(rest)
		if !ok || !ok2 {
			return errContents
		}
		c.Contents[t] = weir.Content{Text: text, DataType: dataType, Set: true}
		plain = rest
	}
	return nil
}

func decompress(form byte, b []byte) (string, error) {
	var err error
	switch form {
	case formPlain:
	case formZstd:
		b, err = decoder().DecodeAll(b, nil)
	case formS2:
		n, e := s2.DecodedLen(b)
		if e != nil || n > maxQuick {
			return "", fmt.Errorf("length %d: %w", n, cmp.Or(e, errContents))
		}
		b, err = s2.Decode(nil, b)
	default:
		err = fmt.Errorf("unknown form %d", form)
	}
	return string(b), err
}

// cutText takes a text with its length before it off the front of s.
func cutText(s string) (text, rest string, ok bool) {
	var n uint64
	for shift := 0; shift < 35; shift += 7 {
		if s == "" {
			return "", "", false
		}
		b := s[0]
		s = s[1:]
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if n > uint64(len(s)) {
				return "", "", false
			}
			return s[:n], s[n:], true
		}
	}
	return "", "", false
}

// The encoder and decoder are made when first needed and shared: EncodeAll and
// DecodeAll may be called by many goroutines and start none.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil,
			zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithEncoderConcurrency(2),
			zstd.WithWindowSize(256<<10),
			zstd.WithLowerEncoderMem(true),
			zstd.WithEncoderCRC(true))
		if err != nil {
			panic(err) // the options are constants
		}
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil,
			zstd.WithDecoderConcurrency(2),
			zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxMemory(MaxContents))
		if err != nil {
			panic(err) // the options are constants
		}
		return d
	})
)

// keptBuffer is the size up to which a buffer is kept for the next pack.
const keptBuffer = 256 << 10

var packBuffers = sync.Pool{New: func() any { return new([]byte) }}

func releaseBuffer(buf *[]byte) {
	if cap(*buf) <= keptBuffer {
		packBuffers.Put(buf)
	}
}
