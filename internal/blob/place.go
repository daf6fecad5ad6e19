package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Place keeps contents outside of the database, under keys that are never used twice. It
// may be used by many goroutines.
type Place interface {
	// Put reads a content to its end and keeps it, and is durable then. It returns the
	// SHA-256 of it. What fails may leave something under the key, which Remove removes.
	Put(ctx context.Context, key string, content io.Reader) (size int64, digest []byte, err error)

	// Open returns a content to be read piece by piece.
	Open(ctx context.Context, key string) (io.ReadCloser, error)

	// Remove removes a content and whatever is left of an attempt to put it. One that is
	// not there is no error.
	Remove(ctx context.Context, key string) error
}

// Names of places. What the database says of a content's place is the name, a colon and
// the key.
const (
	InDatabase  = "database"
	InDirectory = "directory"
	InS3        = "s3"
)

// placeOf returns the place of a content and its key there.
func (k *Keeper) placeOf(place string) (Place, string, error) {
	name, key, _ := strings.Cut(place, ":")
	p := k.o.Places[name]
	if p == nil {
		return nil, "", &weir.Fault{At: "attachments", Err: fmt.Errorf("the content of an attachment is in the place %q, which is not set up", name),
			Hint: "Set it up with --attachments-" + name + ", even where new ones go elsewhere."}
	}
	return p, key, nil
}

var plainID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// keyOf is the key of a new blob: the channel's id, where that can be a name everywhere,
// and the blob's.
func keyOf(channelID, id string) string {
	if !plainID.MatchString(channelID) {
		sum := sha256.Sum256([]byte(channelID))
		channelID = hex.EncodeToString(sum[:16])
	}
	return channelID + "/" + id
}

// keepOutside keeps a content in a place.
func (k *Keeper) keepOutside(ctx context.Context, name, channelID string, content io.Reader, encrypt bool) (*store.Blob, error) {
	b := &store.Blob{ID: store.NewBlobID(), Encrypted: encrypt}
	b.Place = name + ":" + keyOf(channelID, b.ID)
	p, key, err := k.placeOf(b.Place)
	if err != nil {
		return nil, err
	}
	// The row comes first, so that what an engine that dies leaves there is found.
	if err := k.NewBlob(ctx, channelID, b); err != nil {
		return nil, err
	}
	counted := &counter{r: content}
	var what io.Reader = counted
	if encrypt {
		what = &sealer{keys: k.o.Keys, channelID: channelID, blob: b, content: counted}
	}
	if _, b.Digest, err = p.Put(ctx, key, what); err != nil {
		k.drop(ctx, channelID, []store.Large{{Blob: *b}})
		return nil, fmt.Errorf("keep the content of an attachment in the place %s: %w", name, err)
	}
	b.Size = counted.n
	return b, nil
}

// counter counts what is read, and refuses more than a blob may have.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (n int, err error) {
	n, err = c.r.Read(p)
	if c.n += int64(n); c.n > store.MaxBlob {
		return n, store.ErrBlobSize()
	}
	return n, err
}

// An encrypted content is parts as the database has them, each with its length before it
// in four bytes.

// maxSealed is more than what a part has when it is encrypted.
const maxSealed = store.ChunkSize + 4096

type sealer struct {
	keys      *store.KeyRing
	channelID string
	blob      *store.Blob
	content   io.Reader

	position int
	plain    []byte
	buffer   []byte
	ready    []byte
	err      error
}

func (s *sealer) Read(p []byte) (int, error) {
	for len(s.ready) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.fill()
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

func (s *sealer) fill() {
	if s.plain == nil {
		s.plain = make([]byte, store.ChunkSize)
	}
	var n int
	if n, s.err = store.ReadFull(s.content, s.plain); n == 0 || s.err != nil && s.err != io.EOF {
		return
	}
	packed, err := store.PackParts(s.keys, s.channelID, s.blob, s.position, [][]byte{s.plain[:n]})
	if err != nil {
		s.err = err
		return
	}
	s.position++
	s.buffer = append(binary.BigEndian.AppendUint32(s.buffer[:0], uint32(packed.Size)), packed.Bodies[0]...)
	s.ready = s.buffer
	packed.Release()
}

type unsealer struct {
	keys      *store.KeyRing
	channelID string
	blob      *store.Blob
	content   io.Reader

	position int
	body     []byte
	buffer   []byte
	ready    []byte
}

func (u *unsealer) Read(p []byte) (n int, err error) {
	for len(u.ready) == 0 {
		var length [4]byte
		if _, err := io.ReadFull(u.content, length[:]); err != nil {
			return 0, err // io.EOF at the end of a part is the end
		}
		size := binary.BigEndian.Uint32(length[:])
		if size > maxSealed {
			return 0, errors.New("the content of an attachment is damaged")
		}
		if u.body == nil {
			u.body, u.buffer = make([]byte, maxSealed), make([]byte, 0, store.ChunkSize)
		}
		if _, err := io.ReadFull(u.content, u.body[:size]); err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		if u.ready, err = store.UnpackPart(u.buffer[:0], u.keys, u.channelID, u.blob, u.position, u.body[:size]); err != nil {
			return 0, err
		}
		u.position++
	}
	n = copy(p, u.ready)
	u.ready = u.ready[n:]
	return n, nil
}

// openOutside opens a content that is in a place. At its end it is compared with what the
// database knows of it.
func (k *Keeper) openOutside(ctx context.Context, channelID string, b *store.Blob) (io.ReadCloser, error) {
	p, key, err := k.placeOf(b.Place)
	if err != nil {
		return nil, err
	}
	r, err := p.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	v := &verified{ReadCloser: r, sum: sha256.New(), want: b.Digest, place: b.Place}
	out := &outside{Reader: v, Closer: r, want: b.Size}
	if b.Encrypted {
		out.Reader = &unsealer{keys: k.o.Keys, channelID: channelID, blob: b, content: v}
	}
	return out, nil
}

// verified compares the digest at the end.
type verified struct {
	io.ReadCloser
	sum   hash.Hash
	want  []byte
	place string
}

func (v *verified) Read(p []byte) (n int, err error) {
	n, err = v.ReadCloser.Read(p)
	v.sum.Write(p[:n])
	if err == io.EOF && !bytes.Equal(v.sum.Sum(nil), v.want) {
		return n, &weir.Fault{Err: fmt.Errorf("the content of an attachment at %s is not what was kept there", v.place), Hint: "Restore it from a copy."}
	}
	return n, err
}

// outside is what is read, with the size that it has to have.
type outside struct {
	io.Reader
	io.Closer
	want, got int64
}

func (o *outside) Read(p []byte) (n int, err error) {
	n, err = o.Reader.Read(p)
	o.got += int64(n)
	if err == io.EOF && o.got != o.want {
		return 0, io.ErrUnexpectedEOF
	}
	// Whoever knows the size stops reading at it. So the end is looked at before the last
	// piece is given out.
	if err == nil && o.got == o.want {
		var more [1]byte
		if m, end := o.Reader.Read(more[:]); m > 0 || end != io.EOF {
			return 0, errors.Join(end, errors.New("the content of an attachment is longer than it was"))
		}
	}
	return n, err
}
