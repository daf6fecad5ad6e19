// Package archive keeps messages that leave the store: in files of a directory or of a
// bucket, which are read without an engine.
//
// A file holds Mirth's documents of messages of one channel that were received on one
// day, see package messagefile; they are compressed with zstd and, where the archive has
// recipients, encrypted with age. Its name is
//
//	CHANNEL/YYYY/MM/DD/WRITTEN-FIRST-LAST.xml.zst[.age]
//
// with the channel's id, the day of receipt in UTC, when the file was written, and its
// lowest and highest message id. An attachment that is too large for a document is in files
// of its own, CHANNEL/YYYY/MM/DD/attachments/WRITTEN-MESSAGE-NUMBER.zst[.age], one for each GiB;
// they are there before the document that names them. A file is there whole or not at all, and is never
// changed. Beside the years stands channel.txt with the channel's name.
//
// What is written is removed from the store only then. An engine that dies between
// writes those messages again; and a message may be written twice because its contents
// leave before the message does. So whoever reads takes of each message, told apart by
// channel, id and time of receipt, what was written last, but what has contents before
// what has none: see [Reader.Each].
package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"sync"
	"time"

	"filippo.io/age"
)

// Options say where an archive is and how it is written.
type Options struct {
	// Place is a directory, or s3://bucket/prefix, see [OpenPlace].
	Place string
	// Recipients are the public keys, age1…, for whose owners files are encrypted. None
	// leaves them readable.
	Recipients []string
	// Spool is a directory of the engine's own for files that are being written. What is
	// in it at the start is removed.
	Spool string
	Now   func() time.Time
}

// Archive is one that is written to.
type Archive struct {
	place      Place
	recipients []age.Recipient
	spool      string
	now        func() time.Time

	mu    sync.Mutex
	named map[string]string // channels whose name was written
	last  time.Time         // of the last file, so that no two have one name
}

const (
	nameFile = "channel.txt"
	plain    = ".xml.zst"
	secret   = plain + sealed
	sealed   = ".age" // what the name of an encrypted file ends in
	written  = "20060102T150405.000000"
)

// Open opens an archive, and tries whether it can be written to.
func Open(ctx context.Context, o Options) (*Archive, error) {
	a := &Archive{spool: o.Spool, now: o.Now, named: map[string]string{}}
	for _, text := range o.Recipients {
		r, err := age.ParseX25519Recipient(text)
		if err != nil {
			return nil, errors.New("the recipient of the archive is no public key of age, which begins with age1; weir archive key makes one")
		}
		a.recipients = append(a.recipients, r)
	}
	var err error
	if a.place, err = OpenPlace(ctx, o.Place); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(a.spool); err != nil {
		return nil, err
	}
	return a, os.MkdirAll(a.spool, 0o700)
}

// Batch is a file that is being written.
type Batch struct {
	*packed
	a           *Archive
	folder      string
	first, last int64
	size        int64
}

// Begin begins a file with messages of a channel that were received on one day.
func (a *Archive) Begin(ctx context.Context, channelID, channelName string, day time.Time) (*Batch, error) {
	folder, err := folderOf(channelID, day)
	if err != nil {
		return nil, err
	}
	if err := a.name(ctx, url.PathEscape(channelID), channelName); err != nil {
		return nil, err
	}
	p, err := a.pack()
	if err != nil {
		return nil, err
	}
	return &Batch{packed: p, a: a, folder: folder}, nil
}

// folderOf is the folder of a channel's day.
func folderOf(channelID string, day time.Time) (string, error) {
	folder := url.PathEscape(channelID)
	if channelID == "" || folder == "." || folder == ".." {
		return "", fmt.Errorf("%q is no id that a folder can have", channelID)
	}
	return path.Join(folder, day.UTC().Format("2006/01/02")), nil
}

// name writes the name of a channel beside its files.
func (a *Archive) name(ctx context.Context, folder, name string) error {
	a.mu.Lock()
	known := a.named[folder] == name && name != ""
	a.mu.Unlock()
	if known {
		return nil
	}
	if err := a.place.Put(ctx, path.Join(folder, nameFile), bytes.NewReader([]byte(name+"\n")), true); err != nil {
		return err
	}
	a.mu.Lock()
	a.named[folder] = name
	a.mu.Unlock()
	return nil
}

// Add writes the document of a message.
func (b *Batch) Add(id int64, doc []byte) error {
	if b.size == 0 {
		b.first, b.last = id, id
	}
	b.first, b.last = min(b.first, id), max(b.last, id)
	b.size += int64(len(doc)) + 1
	if _, err := b.out.Write(doc); err != nil {
		return err
	}
	_, err := b.out.Write([]byte{'\n'})
	return err
}

// Size is how many bytes the documents have.
func (b *Batch) Size() int64 { return b.size }

// Commit puts the file into its place, and returns when it is durable there.
func (b *Batch) Commit(ctx context.Context) (name string, err error) {
	name = path.Join(b.folder, fmt.Sprintf("%s-%d-%d%s", b.a.moment(), b.first, b.last, plain))
	return b.put(ctx, name)
}

// moment is the present as no other file has it.
func (a *Archive) moment() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.now().UTC().Truncate(time.Microsecond)
	if !at.After(a.last) {
		at = a.last.Add(time.Microsecond)
	}
	a.last = at
	return at.Format(written)
}

// NewKey makes a key: what stands in the file of whoever reads, and the recipient that
// the engine is told.
func NewKey() (identity, recipient string, err error) {
	k, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return k.String(), k.Recipient().String(), nil
}

// identitiesOf reads the keys in a file of age's.
func identitiesOf(text []byte) ([]age.Identity, error) {
	ids, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, errors.New("this is no file with keys of age, whose lines begin with AGE-SECRET-KEY-")
	}
	return ids, nil
}
