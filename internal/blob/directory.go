package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/weir-health/weir"
)

// Directory is a place below a directory of the file system: a file for each content, in a
// folder for each channel.
type Directory struct{ root *os.Root }

// partial is what the names of files begin with that are being written.
const partial = ".partial-"

// OpenDirectory opens a directory, and makes it if it is not there.
func OpenDirectory(dir string) (*Directory, error) {
	err := os.MkdirAll(dir, 0o700)
	var root *os.Root
	if err == nil {
		root, err = os.OpenRoot(dir)
	}
	if err != nil {
		return nil, &weir.Fault{At: "attachments-directory", Err: err, Hint: "Name a directory that the user that runs Weir may write to."}
	}
	return &Directory{root}, nil
}

// Put implements [Place]. The content has its name when it is whole and on disk.
func (d *Directory) Put(_ context.Context, key string, content io.Reader) (size int64, digest []byte, err error) {
	folder := path.Dir(key)
	if err := d.root.MkdirAll(folder, 0o700); err != nil {
		return 0, nil, err
	}
	part := path.Join(folder, partial+path.Base(key)+rand.Text()[:8])
	f, err := d.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, nil, err
	}
	defer d.root.Remove(part)
	sum := sha256.New()
	size, err = io.CopyBuffer(onlyWriter{io.MultiWriter(f, sum)}, content, make([]byte, copyBuffer))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, nil, err
	}
	if err := d.root.Link(part, key); err != nil { // which never replaces another
		return 0, nil, err
	}
	for dir := folder; ; dir = path.Dir(dir) { // folders may be new as well
		if err := d.sync(dir); err != nil {
			return 0, nil, err
		}
		if dir == "." {
			return size, sum.Sum(nil), nil
		}
	}
}

// copyBuffer is how much is in memory of what is copied.
const copyBuffer = 256 << 10

// onlyWriter hides what would read without the buffer.
type onlyWriter struct{ io.Writer }

func (d *Directory) sync(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Open implements [Place].
func (d *Directory) Open(_ context.Context, key string) (io.ReadCloser, error) {
	f, err := d.root.Open(key)
	if err != nil {
		return nil, fmt.Errorf("the content of an attachment: %w", err)
	}
	return f, nil
}

// Remove implements [Place]. With the content goes what was left of an attempt to put it.
func (d *Directory) Remove(_ context.Context, key string) error {
	left, err := fs.Glob(d.root.FS(), path.Join(path.Dir(key), partial+path.Base(key)+"*"))
	if err != nil {
		return err
	}
	for _, name := range append(left, key) {
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Close gives the directory up.
func (d *Directory) Close() error { return d.root.Close() }
