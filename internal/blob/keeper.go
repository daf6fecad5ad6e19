// Package blob keeps the contents of attachments: large ones as blobs of the database,
// or all of them outside of it, in a directory or in S3.
//
// A [Keeper] is a store like the database that is behind it. What it is given to keep
// outside goes there first; when it is durable there the message's change names it, so
// that a message that is acknowledged never lacks it. A row of the database tells of it
// before it is begun, so that whatever an engine that dies leaves half done is found and
// removed. An attachment that goes leaves its content loose (see [store.Blobs]), and Run
// removes what is loose.
package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Keeper is a store whose attachments may be anywhere.
type Keeper struct {
	store.Store
	o Options

	mu          sync.Mutex
	making      map[string]bool // ids of blobs that are loose since they are being made
	busy        map[string]bool // attachments that are being moved or replaced
	free        *sync.Cond      // told when one of them no longer is
	busyStreams int             // large contents that are being read or kept
	wake        chan struct{}   // holds a token when something may be loose
}

// Options are what New is told. The zero value keeps all in the database.
type Options struct {
	Log *slog.Logger // nil means slog.Default()
	// Keys encrypts what goes to places outside of the database, as the database's do.
	Keys *store.KeyRing
	// Streaming is told when large contents begin to be read or kept, and when none is any
	// more; nil is not told.
	Streaming func(bool)
	// Into is the place that new contents go to: InDatabase, which is meant by the empty
	// name as well, or one of Places. Places are all by their names that contents may be
	// in: those of before stay readable.
	Into   string
	Places map[string]Place
	// HoldAtMost is the largest content that is read into memory as a whole, in bytes; 0
	// means store.MaxAttachment.
	HoldAtMost int64
}

const (
	// inOne is the largest attachment that is kept in one transaction with its message.
	inOne = 8 << 20

	// sweepEvery is how often what is loose is looked for, beside when something is
	// known to be.
	sweepEvery = 5 * time.Minute
	sweepPage  = 100
)

// New puts a keeper before a database.
func New(db store.Store, o Options) *Keeper {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.HoldAtMost == 0 {
		o.HoldAtMost = store.MaxAttachment
	}
	k := &Keeper{Store: db, o: o, making: map[string]bool{}, busy: map[string]bool{}, wake: make(chan struct{}, 1)}
	k.free = sync.NewCond(&k.mu)
	return k
}

// Save implements [store.Store].
func (k *Keeper) Save(ctx context.Context, c *store.Change) error {
	if c.DropAttachments || len(c.RemoveConnectors) > 0 {
		defer k.nudge()
	}
	staged, rest, err := k.stage(ctx, c)
	if err != nil {
		return err
	}
	if len(staged) == 0 && len(c.Large) == 0 {
		return k.Store.Save(ctx, c)
	}
	changed := *c
	changed.Attachments, changed.Large = rest, slices.Concat(c.Large, staged)
	changed.Lazy = false // a blob is its attachment's or is not
	err = k.Store.Save(ctx, &changed)
	if err != nil {
		k.drop(ctx, c.Message.ChannelID, staged)
		return err
	}
	k.made(changed.Large)
	return nil
}

// stage keeps those attachments of a change as blobs that do not go into its transaction.
func (k *Keeper) stage(ctx context.Context, c *store.Change) (staged []store.Large, rest []weir.Attachment, err error) {
	if !slices.ContainsFunc(c.Attachments, k.apart) {
		return nil, c.Attachments, nil
	}
	for _, a := range c.Attachments {
		if !k.apart(a) {
			rest = append(rest, a)
			continue
		}
		large, err := k.keep(ctx, c.Message.ChannelID, &a)
		if err != nil {
			k.drop(ctx, c.Message.ChannelID, staged)
			return nil, nil, err
		}
		staged = append(staged, *large)
	}
	return staged, rest, nil
}

// apart reports whether an attachment's content is kept on its own.
func (k *Keeper) apart(a weir.Attachment) bool { return k.outside() || len(a.Content) > inOne }

// outside reports whether new contents go elsewhere than to the database.
func (k *Keeper) outside() bool { return k.o.Into != "" && k.o.Into != InDatabase }

func (k *Keeper) keep(ctx context.Context, channelID string, a *weir.Attachment) (*store.Large, error) {
	if err := store.CheckAttachment(a); err != nil {
		return nil, err
	}
	b, err := k.KeepBlob(ctx, channelID, bytes.NewReader(a.Content), a.Encrypted)
	if err != nil {
		return nil, err
	}
	return &store.Large{ID: a.ID, Type: a.Type, Blob: *b}, nil
}

// drop gives up blobs that no change has taken.
func (k *Keeper) drop(ctx context.Context, channelID string, list []store.Large) {
	for i := range list {
		if err := k.DropBlob(context.WithoutCancel(ctx), list[i].Loose(channelID)); err != nil {
			k.o.Log.Warn("The content of an attachment that was not kept could not be removed yet", "error", err)
		}
	}
}

// made notes that blobs are an attachment's now.
func (k *Keeper) made(list []store.Large) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range list {
		delete(k.making, list[i].Blob.ID)
	}
}

// KeepBlob implements [store.Store].
func (k *Keeper) KeepBlob(ctx context.Context, channelID string, content io.Reader, encrypt bool) (*store.Blob, error) {
	s := &stream{k: k, Reader: content}
	defer s.end()
	if k.outside() {
		return k.keepOutside(ctx, k.o.Into, channelID, s, encrypt)
	}
	return store.KeepBlob(ctx, k, channelID, s, encrypt)
}

// stream is a content that counts as a large one from so many bytes on.
type stream struct {
	io.Reader
	io.Closer
	k     *Keeper
	n     int64
	begun bool
}

func (s *stream) Read(p []byte) (n int, err error) {
	n, err = s.Reader.Read(p)
	if s.n += int64(n); s.n > inOne && !s.begun {
		s.begun = true
		s.k.streams(1)
	}
	return n, err
}

func (s *stream) Close() error {
	s.end()
	return s.Closer.Close()
}

func (s *stream) end() {
	if s.begun {
		s.begun = false
		s.k.streams(-1)
		s.n = math.MinInt64 // it has ended
	}
}

// streams counts the large contents on their way.
func (k *Keeper) streams(by int) {
	if k.o.Streaming == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.busyStreams
	if k.busyStreams += by; (before == 0) != (k.busyStreams == 0) {
		k.o.Streaming(k.busyStreams > 0)
	}
}

// OpenBlob implements [store.Store].
func (k *Keeper) OpenBlob(ctx context.Context, channelID string, b *store.Blob) (io.ReadCloser, error) {
	open := k.openOutside
	if b.Place == "" {
		open = func(ctx context.Context, channelID string, b *store.Blob) (io.ReadCloser, error) {
			return store.OpenBlob(ctx, k, channelID, b)
		}
	}
	r, err := open(ctx, channelID, b)
	if err != nil {
		return nil, err
	}
	return &stream{k: k, Reader: r, Closer: r}, nil
}

// NewBlob implements [store.Store].
func (k *Keeper) NewBlob(ctx context.Context, channelID string, b *store.Blob) error {
	k.mu.Lock()
	k.making[b.ID] = true
	k.mu.Unlock()
	return k.Store.NewBlob(ctx, channelID, b) // where it fails it may be there all the same, and DropBlob comes
}

// DropBlob implements [store.Store].
func (k *Keeper) DropBlob(ctx context.Context, l store.Loose) error {
	k.mu.Lock()
	delete(k.making, l.ID)
	k.mu.Unlock()
	if l.Place != "" {
		// The row goes last: until then it is known that something may be there.
		p, key, err := k.placeOf(l.Place)
		if err != nil {
			return err
		}
		if is, err := k.IsLoose(ctx, l); err != nil || !is {
			return err
		}
		if err := p.Remove(ctx, key); err != nil {
			return fmt.Errorf("remove the content of an attachment at %s: %w", l.Place, err)
		}
	}
	return k.Store.DropBlob(ctx, l)
}

// PutAttachment implements [store.Store].
func (k *Keeper) PutAttachment(ctx context.Context, channelID string, messageID int64, a *weir.Attachment) error {
	defer k.nudge() // it may take the place of another
	defer k.alone(channelID, messageID, a.ID)()
	if !k.apart(*a) {
		return k.Store.PutAttachment(ctx, channelID, messageID, a)
	}
	large, err := k.keep(ctx, channelID, a)
	if err != nil {
		return err
	}
	return k.put(ctx, channelID, messageID, large)
}

// put gives an attachment a blob that was made for it.
func (k *Keeper) put(ctx context.Context, channelID string, messageID int64, a *store.Large) error {
	err := k.Store.PutLarge(ctx, channelID, messageID, a)
	if err != nil {
		k.drop(ctx, channelID, []store.Large{*a})
		return err
	}
	k.made([]store.Large{*a})
	return nil
}

// PutLarge implements [store.Store].
func (k *Keeper) PutLarge(ctx context.Context, channelID string, messageID int64, a *store.Large) error {
	defer k.alone(channelID, messageID, a.ID)()
	err := k.Store.PutLarge(ctx, channelID, messageID, a)
	if err == nil {
		k.made([]store.Large{*a})
	}
	return err
}

// alone waits until nobody else replaces or moves an attachment. What it returns is
// called when that is done.
func (k *Keeper) alone(channelID string, messageID int64, id string) (done func()) {
	name := fmt.Sprintf("%s %d %s", channelID, messageID, id)
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.busy[name] {
		k.free.Wait()
	}
	k.busy[name] = true
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.busy, name)
		k.free.Broadcast()
	}
}

// Attachment implements [store.Store]. Of what is larger than HoldAtMost it is
// store.ErrTooLarge.
func (k *Keeper) Attachment(ctx context.Context, channelID string, messageID int64, id string) (*weir.Attachment, error) {
	a, err := k.Large(ctx, channelID, messageID, id)
	if err != nil {
		return nil, err
	}
	if err := store.CheckHeld(a.Size, k.o.HoldAtMost); err != nil {
		return nil, err
	}
	if a.Blob.ID == "" {
		return k.Store.Attachment(ctx, channelID, messageID, id)
	}
	r, err := k.OpenBlob(ctx, channelID, &a.Blob)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content := make([]byte, a.Size)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, err
	}
	return &weir.Attachment{ID: a.ID, Type: a.Type, Content: content, Encrypted: a.Encrypted}, nil
}

// OpenAttachment implements [store.Store].
func (k *Keeper) OpenAttachment(ctx context.Context, channelID string, messageID int64, id string) (*store.Large, io.ReadCloser, error) {
	return store.OpenAttachment(ctx, k, channelID, messageID, id)
}

// Remove implements [store.Store].
func (k *Keeper) Remove(ctx context.Context, channelID string, ids []int64, finished bool) ([]store.Removed, error) {
	defer k.nudge()
	return k.Store.Remove(ctx, channelID, ids, finished)
}

// RemoveContents implements [store.Store].
func (k *Keeper) RemoveContents(ctx context.Context, channelID string, ids []int64) error {
	defer k.nudge()
	return k.Store.RemoveContents(ctx, channelID, ids)
}

// nudge has Run look for what is loose.
func (k *Keeper) nudge() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// Run removes what is loose until ctx ends: first what was left by an engine that died.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := k.Sweep(ctx); err != nil && ctx.Err() == nil {
			k.o.Log.Warn("Contents of attachments that have gone could not be removed; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-k.wake:
		}
	}
}

// Sweep removes the blobs that are loose and that nobody is making.
func (k *Keeper) Sweep(ctx context.Context) error {
	var failed []error
	passed := 0 // of those that come first in a list, which stay
	for {
		k.mu.Lock()
		limit := sweepPage + len(k.making) + passed
		k.mu.Unlock()
		list, err := k.LooseBlobs(ctx, limit)
		if err != nil {
			return err
		}
		dropped := 0
		for _, l := range list {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			k.mu.Lock()
			being := k.making[l.ID]
			k.mu.Unlock()
			if being {
				continue
			}
			if err := k.DropBlob(ctx, l); err != nil {
				failed = append(failed, err)
				passed++
				continue
			}
			dropped++
		}
		if dropped == 0 || len(list) < limit {
			return errors.Join(failed...)
		}
	}
}
