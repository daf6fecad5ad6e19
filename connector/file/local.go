package file

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// local is this computer.
type local struct{}

func (local) identity(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return dir
}

func (local) list(dir string) ([]entry, error) {
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, 0, len(found))
	for _, e := range found {
		info, err := os.Stat(filepath.Join(dir, e.Name())) // follows links
		if err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			continue // gone meanwhile, or no file
		}
		entries = append(entries, entry{name: e.Name(), dir: info.IsDir(), version: versionOf(info)})
	}
	return entries, nil
}

func (local) stat(path string, _ version) (version, error) {
	info, err := os.Stat(path)
	if err != nil {
		return version{}, err
	}
	return versionOf(info), nil
}

func (local) open(path string, _ map[string]any) (io.ReadCloser, error) { return os.Open(path) }

func (local) put(path string, c content, exclusive bool, _ map[string]any) error {
	flag := os.O_CREATE | os.O_TRUNC
	if exclusive {
		flag = os.O_CREATE | os.O_EXCL
	}
	return put(path, c, flag)
}

func (local) add(path string, c content) error { return add(path, c) }

func (local) rename(from, to string) error {
	err := os.Rename(from, to) // replaces what is there
	if errors.Is(err, syscall.EXDEV) {
		return moveFar(from, to)
	}
	if err != nil {
		return err
	}
	return syncDirectory(to)
}

func (local) remove(path string) error { return os.Remove(path) }
func (local) mkdirs(dir string) error  { return os.MkdirAll(dir, 0o777) }
func (local) alive(error) bool         { return true }
func (local) close() error             { return nil }

func versionOf(info fs.FileInfo) version { return version{changed: info.ModTime(), size: info.Size()} }

// moveFar moves a file to another file system. If the file cannot be deleted
// once the copy is complete, a file .ignore beside it keeps it from being read
// again.
func moveFar(from, goal string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	part := goal + ".tmp"
	out, err := os.Create(part)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil {
		err = os.Rename(part, goal)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Remove(from); err != nil {
		return errors.Join(err, os.WriteFile(from+".ignore", nil, 0o666))
	}
	return nil
}
