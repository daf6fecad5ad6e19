package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weir-health/weir"
)

// Place is where the files of an archive are. Names have slashes.
type Place interface {
	// Put keeps a file, whole or not at all, and returns when it is durable. One that is
	// there stays, which is an error, unless replace is set.
	Put(ctx context.Context, name string, content io.ReadSeeker, replace bool) error
	// List returns what is directly below a folder, in order: names of folders end in a
	// slash. A folder that is not there is empty.
	List(ctx context.Context, folder string) ([]string, error)
	Get(ctx context.Context, name string) (io.ReadCloser, error)
}

// OpenPlace opens a directory, or a bucket: s3://bucket/prefix, with the parameters
// region, endpoint (of a store that is not Amazon's) and kms (the key that encrypts).
func OpenPlace(ctx context.Context, where string) (Place, error) {
	switch scheme, _, _ := strings.Cut(where, "://"); {
	case where == "":
		return nil, errors.New("no place is named")
	case scheme == where:
		return directory(where), nil
	case scheme == "s3":
		return openBucket(ctx, where)
	}
	return nil, &weir.Fault{Err: errors.New("the archive is in no place that Weir knows"), Hint: "Name a directory, or s3://bucket/prefix."}
}

// directory is a place on a disk.
type directory string

func (d directory) Put(_ context.Context, name string, content io.ReadSeeker, replace bool) error {
	at := filepath.Join(string(d), filepath.FromSlash(name))
	if !replace {
		if _, err := os.Lstat(at); err == nil {
			return fs.ErrExist
		}
	}
	if err := makeDurably(filepath.Dir(at)); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(at), ".*.part") // with the rights 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // which is gone where all went well
	_, err = io.Copy(f, content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), at); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(at))
}

// makeDurably makes a directory with those above it, each of which is on disk before
// something is put into it.
func makeDurably(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	above := filepath.Dir(dir)
	if above != dir {
		if err := makeDurably(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDirectory(above)
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (d directory) List(_ context.Context, folder string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(string(d), filepath.FromSlash(folder)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		switch {
		case e.IsDir():
			names = append(names, e.Name()+"/")
		case !strings.HasPrefix(e.Name(), "."):
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

func (d directory) Get(_ context.Context, name string) (io.ReadCloser, error) {
	if !filepath.IsLocal(filepath.FromSlash(path.Clean(name))) {
		return nil, fmt.Errorf("%q is no name in the archive", name)
	}
	return os.Open(filepath.Join(string(d), filepath.FromSlash(name)))
}
