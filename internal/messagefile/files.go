package messagefile

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// Files reads the documents of messages in files and archives.
type Files struct {
	FS        fs.FS  // of whose files zip archives have to be io.ReaderAt, as those of a disk are
	Recursive bool   // folders inside of folders, too
	Password  string // of zip archives

	max   int64 // MaxUnpacked, less in tests
	files int
	read  int64 // bytes unpacked
}

// packed is how many archives may lie inside one another, counting compression.
const packed = 4

// Each calls visit for each document in a file, or in the files of a folder, with the
// name of its file. What holds no message is left out. doc is good until visit returns.
func (f *Files) Each(name string, visit func(file string, doc []byte) error) error {
	info, err := fs.Stat(f.FS, name)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return f.file(name, visit)
	}
	return fs.WalkDir(f.FS, name, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && at != name && !f.Recursive:
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		return f.file(at, visit)
	})
}

func (f *Files) file(name string, visit func(string, []byte) error) error {
	file, err := f.FS.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := f.unpack(name, bufio.NewReaderSize(file, 64<<10), file, 0, visit); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

var errNested = fmt.Errorf("archives lie more than %d deep inside one another", packed)

// unpack reads a file of any form. whole is the file that r reads, where it is one.
func (f *Files) unpack(name string, r *bufio.Reader, whole fs.File, depth int, visit func(string, []byte) error) error {
	if f.files++; f.files > MaxFiles {
		return fmt.Errorf("there are more than %d files", MaxFiles)
	}
	head, _ := r.Peek(512) // a file may be shorter
	inner := func(r io.Reader, err error) error {
		if err != nil {
			return err
		}
		if depth == packed {
			return errNested
		}
		return f.unpack(name, bufio.NewReaderSize(f.counting(r), 64<<10), nil, depth+1, visit)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		at, ok := whole.(io.ReaderAt)
		if !ok {
			return errors.New("a zip archive inside of another archive is not read: unpack the outer one")
		}
		info, err := whole.Stat()
		if err != nil {
			return err
		}
		return f.zip(name, at, info.Size(), visit)
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(r)
		return inner(z, err)
	case bytes.HasPrefix(head, []byte("BZh")):
		return inner(bzip2.NewReader(r), nil)
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(64<<20), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return err
		}
		defer z.Close()
		return inner(z, nil)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return f.tar(name, r, depth, visit)
	}
	if holdsMessages(head) {
		return f.documents(name, r, visit)
	}
	return nil
}

// holdsMessages tells whether a text begins as one with messages does.
func holdsMessages(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<")) && bytes.Contains(head, opening)
}

func (f *Files) documents(name string, r io.Reader, visit func(string, []byte) error) error {
	docs := NewReader(r, 0)
	for {
		doc, err := docs.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(name, doc); err != nil {
			return err
		}
	}
}

// counting ends a reader where all files together hold more than they may.
func (f *Files) counting(r io.Reader) io.Reader {
	limit := f.max
	if limit == 0 {
		limit = MaxUnpacked
	}
	return readerFunc(func(p []byte) (int, error) {
		n, err := r.Read(p)
		if f.read += int64(n); f.read > limit {
			return 0, fmt.Errorf("the files hold more than %d bytes together", limit)
		}
		return n, err
	})
}

func (f *Files) tar(name string, r io.Reader, depth int, visit func(string, []byte) error) error {
	if depth == packed {
		return errNested
	}
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := f.unpack(name+"/"+path.Base(h.Name), bufio.NewReaderSize(f.counting(t), 4096), nil, depth+1, visit); err != nil {
			return fmt.Errorf("%s: %w", path.Base(h.Name), err)
		}
	}
}

func (f *Files) zip(name string, at io.ReaderAt, size int64, visit func(string, []byte) error) error {
	z, err := zip.NewReader(at, size)
	if err != nil {
		return err
	}
	entries := slices.DeleteFunc(z.File, func(e *zip.File) bool { return e.FileInfo().IsDir() })
	for _, e := range entries {
		r, err := openEntry(e, f.Password)
		if err == nil {
			err = f.unpack(name+"/"+path.Base(e.Name), bufio.NewReaderSize(f.counting(r), 4096), nil, 1, visit)
		}
		if c, ok := r.(io.Closer); ok {
			c.Close()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path.Base(e.Name), err)
		}
	}
	return nil
}
