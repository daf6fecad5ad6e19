package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/weir-health/weir"
)

// Blob is the content of an attachment that is kept on its own: before its message
// is, and in as many transactions as it needs, so that it may be larger than memory.
type Blob struct {
	ID        string // in its channel
	Place     string // where outside of the database it is kept; empty: in it
	Encrypted bool
	Size      int64  // bytes of the content
	Digest    []byte // SHA-256 of what is at Place
}

// Large is an attachment whose content is a blob.
type Large struct {
	ID, Type string
	Blob
}

// Loose is a blob that no attachment has.
type Loose struct {
	ChannelID string
	ID, Place string
}

// Loose is the blob, of that channel, as one that is loose.
func (b *Blob) Loose(channelID string) Loose { return Loose{channelID, b.ID, b.Place} }

// Blobs is the part of a store that keeps blobs. A blob is loose while it is made.
// Change.Large or PutLarge give it to an attachment, once; when that is removed or
// gets another content the blob is loose again. Whoever runs the store removes loose
// ones that nobody is making: those that are there at the start were left by a crash.
type Blobs interface {
	// KeepBlob reads a content to its end and keeps it as a loose blob. Of what fails
	// nothing stays.
	KeepBlob(ctx context.Context, channelID string, content io.Reader, encrypt bool) (*Blob, error)

	// OpenAttachment returns an attachment to be read piece by piece, or
	// ErrNoAttachment. Reading it takes no more of the database's time than each piece
	// needs, however slowly it is read.
	OpenAttachment(ctx context.Context, channelID string, messageID int64, id string) (*Large, io.ReadCloser, error)

	// OpenBlob returns a blob to be read like that.
	OpenBlob(ctx context.Context, channelID string, b *Blob) (io.ReadCloser, error)

	// NewBlob makes an empty blob of a channel that was opened, and is durable then.
	// Of b it keeps ID, Place and Encrypted.
	NewBlob(ctx context.Context, channelID string, b *Blob) error

	// PutParts keeps the next parts of a loose blob, of ChunkSize each but for the
	// last one. first is the position of the first of them. It returns when they are
	// durable, and keeps nothing of them.
	PutParts(ctx context.Context, channelID string, b *Blob, first int, parts [][]byte) error

	// Parts reads up to so many parts of a blob, appends what they hold to into, and
	// returns how many there were.
	Parts(ctx context.Context, channelID string, b *Blob, first, count int, into []byte) (content []byte, parts int, err error)

	// PutLarge keeps an attachment of a message that is kept already, in place of the
	// one with its id, as PutAttachment does.
	PutLarge(ctx context.Context, channelID string, messageID int64, a *Large) error

	// MoveLarge gives an attachment another content in place of the blob it had, whose
	// id was; empty was its own. Where it has another by now, or is gone, it is
	// ErrNoAttachment.
	MoveLarge(ctx context.Context, channelID string, messageID int64, a *Large, was string) error

	// EachAttachment calls visit for all attachments of all messages. One that comes or
	// goes meanwhile may be left out, and one that is moved may come twice.
	EachAttachment(ctx context.Context, visit func(channelID string, messageID int64, a *Large) error) error

	// Large returns an attachment without its content, or ErrNoAttachment. Its blob
	// has no ID where the content is not one.
	Large(ctx context.Context, channelID string, messageID int64, id string) (*Large, error)

	// LooseBlobs lists up to limit loose blobs.
	LooseBlobs(ctx context.Context, limit int) ([]Loose, error)

	// IsLoose reports whether a blob is there and no attachment has it.
	IsLoose(ctx context.Context, l Loose) (bool, error)

	// DropBlob removes a loose blob, a few parts at a time; one that is not loose or not
	// there is left alone.
	DropBlob(ctx context.Context, l Loose) error
}

const (
	// MaxBlob is the largest blob, in bytes.
	MaxBlob = 1 << 40

	// PartsAtOnce is how many parts go into one transaction, and PartsRead how many are
	// read at once.
	PartsAtOnce = 2
	PartsRead   = 1

	// PartsDropped is how many parts are removed in one transaction.
	PartsDropped = 64

	// AttachmentPage is how many attachments EachAttachment reads at once.
	AttachmentPage = 500
)

// ErrNoBlob is the error of a change that gives away a blob that is not loose, or not
// there.
var ErrNoBlob = errors.New("no such blob")

// NewBlobID returns an id that no blob has had.
func NewBlobID() string { return rand.Text() }

// KeepBlob reads a content to its end and keeps it as a blob in the database. What
// fails is removed again.
func KeepBlob(ctx context.Context, s Blobs, channelID string, content io.Reader, encrypt bool) (*Blob, error) {
	b := &Blob{ID: NewBlobID(), Encrypted: encrypt}
	if err := s.NewBlob(ctx, channelID, b); err != nil {
		return nil, err
	}
	if err := fillBlob(ctx, s, channelID, b, content); err != nil {
		s.DropBlob(context.WithoutCancel(ctx), b.Loose(channelID)) // if that fails, it is loose at the next start
		return nil, err
	}
	return b, nil
}

func fillBlob(ctx context.Context, s Blobs, channelID string, b *Blob, content io.Reader) error {
	buffer := make([]byte, PartsAtOnce*ChunkSize)
	for first := 0; ; first += PartsAtOnce {
		n, err := ReadFull(content, buffer)
		if err != nil && err != io.EOF {
			return err
		}
		if b.Size += int64(n); b.Size > MaxBlob {
			return ErrBlobSize()
		}
		if n > 0 {
			if err := s.PutParts(ctx, channelID, b, first, cut(buffer[:n])); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// ReadFull fills a buffer. At the end it returns io.EOF; unlike io.ReadFull it does so
// too when it has read something, so that a content that broke off with
// io.ErrUnexpectedEOF is not taken for one that has ended.
func ReadFull(r io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var m int
		m, err = r.Read(buffer[n:])
		n += m
	}
	return n, err
}

// ErrBlobSize is the error of a content that exceeds MaxBlob.
func ErrBlobSize() error {
	return weir.WithHint(weir.Unusable(fmt.Errorf("a content exceeds the limit of %d GB", MaxBlob>>30)), "", "Let the sender split it.")
}

// cut cuts into parts.
func cut(b []byte) (parts [][]byte) {
	for len(b) > ChunkSize {
		parts, b = append(parts, b[:ChunkSize]), b[ChunkSize:]
	}
	return append(parts, b)
}

// PackedParts are parts of a blob as they are kept.
type PackedParts struct {
	Bodies [][]byte
	Size   int // of all together
	buffer *[]byte
}

// partBuffers are used again: what streams through must not leave more behind than memory
// is meant to hold.
var partBuffers = sync.Pool{New: func() any {
	b := make([]byte, 0, PartsAtOnce*(ChunkSize+4096))
	return &b
}}

// PackParts makes parts of a blob what is kept of them, first being the position of the
// first of them.
func PackParts(keys *KeyRing, channelID string, b *Blob, first int, parts [][]byte) (*PackedParts, error) {
	p := &PackedParts{buffer: partBuffers.Get().(*[]byte)}
	buffer := (*p.buffer)[:0]
	for i, plain := range parts {
		from := len(buffer)
		buffer = appendChunk(buffer, plain)
		body := buffer[from:len(buffer):len(buffer)]
		if b.Encrypted {
			var err error
			if body, err = Seal(keys, body, ChunkPlace(channelID, 0, b.ID, first+i)); err != nil {
				return nil, err
			}
			buffer = buffer[:from]
		}
		p.Bodies = append(p.Bodies, body)
		p.Size += len(body)
	}
	return p, nil
}

// Release gives the parts up, once nobody reads them any more.
func (p *PackedParts) Release() { partBuffers.Put(p.buffer) }

// UnpackPart appends to dst what a part of a blob holds. It does not keep body.
func UnpackPart(dst []byte, keys *KeyRing, channelID string, b *Blob, position int, body []byte) ([]byte, error) {
	plain, err := Unseal(keys, body, b.Encrypted, func() string { return ChunkPlace(channelID, 0, b.ID, position) })
	if err == nil {
		dst, err = appendPlain(dst, plain)
	}
	if err != nil {
		return nil, fmt.Errorf("blob %s, part %d: %w", b.ID, position, err)
	}
	return dst, nil
}

// OpenAttachment opens an attachment that is in the database.
func OpenAttachment(ctx context.Context, s Store, channelID string, messageID int64, id string) (*Large, io.ReadCloser, error) {
	a, err := s.Large(ctx, channelID, messageID, id)
	if err != nil {
		return nil, nil, err
	}
	if a.Blob.ID != "" {
		content, err := s.OpenBlob(ctx, channelID, &a.Blob)
		return a, content, err
	}
	whole, err := s.Attachment(ctx, channelID, messageID, id)
	if err != nil {
		return nil, nil, err
	}
	a.Size = int64(len(whole.Content)) // another may have taken its place
	return a, io.NopCloser(bytes.NewReader(whole.Content)), nil
}

// OpenBlob opens a blob that is in the database.
func OpenBlob(ctx context.Context, s Blobs, channelID string, b *Blob) (io.ReadCloser, error) {
	if b.Place != "" {
		return nil, fmt.Errorf("the content of the attachment is not in the database but at %s", b.Place)
	}
	return &blobReader{ctx: ctx, s: s, channelID: channelID, blob: *b}, nil
}

type blobReader struct {
	ctx       context.Context
	s         Blobs
	channelID string
	blob      Blob
	next      int    // position of the next part to read
	buffer    []byte // used again for each piece
	ready     []byte // read, and not given out
	given     int64
	err       error
}

func (r *blobReader) Read(p []byte) (n int, err error) {
	for len(r.ready) == 0 && r.err == nil {
		r.fill()
	}
	if r.err != nil {
		return 0, r.err
	}
	n = copy(p, r.ready)
	r.given += int64(n)
	r.ready = r.ready[n:]
	return n, nil
}

func (r *blobReader) fill() {
	if r.given == r.blob.Size {
		r.err = io.EOF
		return
	}
	if r.buffer == nil {
		r.buffer = make([]byte, 0, min(r.blob.Size, PartsRead*ChunkSize))
	}
	var parts int
	r.ready, parts, r.err = r.s.Parts(r.ctx, r.channelID, &r.blob, r.next, PartsRead, r.buffer[:0])
	r.next += parts
	switch {
	case r.err != nil:
	case parts == 0:
		r.err = fmt.Errorf("%d of %d bytes are there: %w", r.given, r.blob.Size, ErrNoAttachment)
	case r.given+int64(len(r.ready)) > r.blob.Size:
		r.err = fmt.Errorf("blob %s has more than its %d bytes", r.blob.ID, r.blob.Size)
	}
}

func (r *blobReader) Close() error {
	r.buffer, r.ready, r.err = nil, nil, errors.New("the attachment was closed")
	return nil
}

// ReadLarge reads the whole content of an attachment whose content is a blob in the
// database, of at most MaxAttachment bytes.
func ReadLarge(ctx context.Context, s Blobs, channelID string, messageID int64, id string) ([]byte, error) {
	a, err := s.Large(ctx, channelID, messageID, id)
	if err != nil {
		return nil, err
	}
	if err := CheckHeld(a.Size, MaxAttachment); err != nil {
		return nil, err
	}
	r, err := s.OpenBlob(ctx, channelID, &a.Blob)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content := make([]byte, a.Size)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, err
	}
	return content, nil
}

// ErrTooLarge is the error of a content that is too large to be held in memory.
var ErrTooLarge = errors.New("too large to be held in memory")

// CheckHeld refuses a content that is too large to be held in memory.
func CheckHeld(size, limit int64) error {
	if size <= limit {
		return nil
	}
	return weir.WithHint(fmt.Errorf("the content has %d MB, more than the %d MB that are held in memory at once: %w", size>>20, limit>>20, ErrTooLarge),
		"", "Read it piece by piece, where that is possible, or raise the limit with --hold-at-most.")
}
