package file

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector"
)

// write brings content to path. A stream may end in the middle, so that it is
// written under another name first, whatever the settings say.
func (w *Writer) write(s system, dir, path string, c content, more map[string]any) error {
	if err := s.mkdirs(dir); err != nil {
		return err
	}
	_, large := c.(*streamed)
	switch {
	case w.Append && !w.Temporary && !w.ErrorOnExists:
		return s.add(path, c)
	case (w.Temporary || large) && w.Scheme != "S3": // there, nobody ever sees a part
		return w.replace(s, path, c, more)
	}
	return s.put(path, c, w.ErrorOnExists, more)
}

// replace writes another file first, so that nobody sees one that is not
// complete.
func (w *Writer) replace(s system, path string, c content, more map[string]any) error {
	if w.ErrorOnExists {
		switch _, err := s.stat(path, version{}); {
		case err == nil:
			return fs.ErrExist
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	part := path + ".tmp"
	if err := s.put(part, c, false, more); err != nil {
		_ = s.remove(part) // it may not be there, or the connection be lost
		return err
	}
	if err := s.rename(part, path); err != nil {
		return errors.Join(err, s.remove(part))
	}
	return nil
}

// put writes a whole file. One that it created is removed again if that fails.
func put(path string, c content, flag int) error {
	_, err := os.Lstat(path)
	created := errors.Is(err, os.ErrNotExist)
	file, err := os.OpenFile(path, os.O_WRONLY|flag, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, c)
	err = errors.Join(err, syncFile(file), file.Close())
	switch {
	case err != nil && created:
		return errors.Join(err, os.Remove(path))
	case err != nil || !created:
		return err
	}
	return syncDirectory(path)
}

// add appends to a file. What was appended in part is taken back.
func add(path string, c content) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	if _, err = io.Copy(file, c); err == nil {
		err = syncFile(file)
	}
	if err != nil && info.Mode().IsRegular() {
		err = errors.Join(err, file.Truncate(info.Size()))
	}
	err = errors.Join(err, file.Close())
	if err == nil && info.Size() == 0 {
		return syncDirectory(path) // it may be new
	}
	return err
}

// syncFile makes the content of a file durable, where it has one: devices and
// pipes have none.
func syncFile(file *os.File) error {
	err := file.Sync()
	if errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}

// syncDirectory makes the entry of path in its directory durable, where the
// operating system has that.
func syncDirectory(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) {
		err = nil // some network file systems cannot
	}
	return errors.Join(err, dir.Close())
}

func writeFault(path string, err error) error {
	var known *weir.Fault
	if errors.As(err, &known) {
		return err
	}
	f := &weir.Fault{At: "host", Err: fmt.Errorf("write %s: %w", path, withoutPath(err)),
		Hint: "Check that the engine may write to the directory."}
	switch {
	case errors.Is(err, os.ErrExist):
		f.At, f.Hint = "errorOnExists", "Choose a name that is different for every message, such as one with ${UUID}, or let files be replaced."
	case errors.Is(err, syscall.ENOSPC):
		f.Hint = "The disk is full; make room."
	case errors.Is(err, errLost):
		f.Hint = "The connection was lost, so that all, a part or nothing may be written. Check that the remote system is up."
	case errors.Is(err, syscall.EROFS):
		f.Hint = "The file system is read only."
	}
	return f
}

// javaError names why a file could not be written as Mirth does, see [connector.Java].
func javaError(path string, err error) (exception, message string) {
	switch {
	case errors.Is(err, os.ErrExist):
		return "IOException", "Destination file already exists, will not overwrite."
	case errors.Is(err, syscall.ENOSPC):
		return "IOException", "No space left on device"
	case errors.Is(err, syscall.EROFS):
		return "FileNotFoundException", path + " (Read-only file system)"
	case errors.Is(err, syscall.EISDIR):
		return "FileNotFoundException", path + " (Is a directory)"
	case errors.Is(err, syscall.EACCES):
		return "FileNotFoundException", path + " (Permission denied)"
	}
	return connector.Java(err)
}

// locks keep sends to the same file apart. Two files may share a lock.
type locks struct {
	seed sync.Once
	hash maphash.Seed
	each [64]sync.Mutex
}

func (l *locks) lock(path string) (unlock func()) {
	l.seed.Do(func() { l.hash = maphash.MakeSeed() })
	mu := &l.each[maphash.String(l.hash, path)%uint64(len(l.each))]
	mu.Lock()
	return mu.Unlock
}
