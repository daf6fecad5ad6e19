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

// Marks beside the content type.
const (
	absent = 0x80 // the content was listed but not set
	same   = 0x40 // its text is that of a content of the source, whose type follows
)

// minSame is the length below which a reference is not worth it.
const minSame = 32

var (
	errContents   = errors.New("contents are damaged")
	errAttachment = errors.New("the attachment is damaged")
)

// PackContents puts the listed contents of a connector message into one blob:
// what a slot holds. A listed content that is not set is kept as absent, and
// hides what a lower slot has. It returns an error if they exceed MaxContents.
// Whatever the effort, UnpackContents reads it.
//
// source is the message's source, or nil. A text that equals its raw or encoded
// content is kept as a reference to that, so that what passes through unchanged
// is stored once.
//
// The blob is a byte that tells the form, then for each content its type, its
// data type and its text, each of these two with its length before it as a
// varint. An absent content is its type with the high bit set and nothing more; a
// reference has the type it refers to in place of the text. Texts are bytes: NUL
// and what is not UTF-8 come back unchanged.
func PackContents(c *weir.ConnectorMessage, types []weir.ContentType, effort Effort, source *weir.ConnectorMessage) ([]byte, error) {
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
		return appendContents(append(make([]byte, 0, size), formPlain), c, types, source), nil
	}
	buf := packBuffers.Get().(*[]byte)
	defer releaseBuffer(buf)
	*buf = appendContents(append((*buf)[:0], formPlain), c, types, source)
	plain := *buf
	if len(plain) < minCompressed {
		return bytes.Clone(plain), nil
	}
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

func appendContents(b []byte, c *weir.ConnectorMessage, types []weir.ContentType, source *weir.ConnectorMessage) []byte {
	for _, t := range types {
		content := &c.Contents[t]
		if !content.Set {
			b = append(b, byte(t)|absent)
			continue
		}
		if of := sameAs(content.Text, t, c, source); of != 0 {
			b = append(b, byte(t)|same, byte(of))
			b = binary.AppendUvarint(b, uint64(len(content.DataType)))
			b = append(b, content.DataType...)
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

// sameAs returns which content of the source a text equals, or 0.
func sameAs(text string, t weir.ContentType, c, source *weir.ConnectorMessage) weir.ContentType {
	if source == nil || len(text) < minSame {
		return 0
	}
	for _, of := range []weir.ContentType{weir.Raw, weir.Encoded} {
		if c == source && t <= of {
			return 0 // a content refers to an earlier one, never to itself
		}
		if source.Contents[of].Set && source.Contents[of].Text == text {
			return of
		}
	}
	return 0
}

// UnpackContents puts packed contents into a connector message, replacing those
// that the blob lists. Unpack the source of the message before its destinations,
// and slots in rising order; source may be nil when there is none. A reference to
// what the source no longer has gives an absent content. It does not keep blob.
func UnpackContents(blob []byte, c, source *weir.ConnectorMessage) error {
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
		if n := t &^ (absent | same); n == 0 || int(n) >= weir.ContentTypes {
			return fmt.Errorf("%w: unknown content type %d", errContents, n)
		}
		if t&(absent|same) == same {
			var err error
			if plain, err = unpackSame(t&^same, plain, c, source); err != nil {
				return err
			}
			continue
		}
		if t&absent != 0 {
			c.Contents[t&^(absent|same)] = weir.Content{}
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

// unpackSame reads a reference and returns what follows it.
func unpackSame(t byte, plain string, c, source *weir.ConnectorMessage) (rest string, err error) {
	if plain == "" || plain[0] == 0 || int(plain[0]) >= weir.ContentTypes {
		return "", errContents
	}
	of := plain[0]
	dataType, rest, ok := cutText(plain[1:])
	if !ok {
		return "", errContents
	}
	c.Contents[t] = weir.Content{}
	if source != nil && source.Contents[of].Set {
		c.Contents[t] = weir.Content{Text: source.Contents[of].Text, DataType: dataType, Set: true}
	}
	return rest, nil
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
