package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/weir-health/weir"
)

// dataDir is the data directory, held by this process alone.
type dataDir struct {
	path string
	lock *os.File
	// unclean tells that the engine before this one did not stop in order.
	unclean bool
}

const (
	lockFile  = "lock"
	cleanFile = "stopped-in-order"
	// SocketName is the engine's socket in its data directory.
	SocketName = "weir.sock"
	storeFile  = "weir.db"
	keyFile    = "weir.keys"
)

// openData makes the directory where needed, and takes it for this process.
func openData(path string) (*dataDir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	fault := func(err error, hint string) error {
		return &weir.Fault{At: "data", Err: fmt.Errorf("data directory %s: %w", path, err), Hint: hint}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fault(err, "Choose a directory that this user may create, with --data.")
	}
	lock, err := os.OpenFile(filepath.Join(path, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault(err, "Give this user the right to write there, or choose another directory with --data.")
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner, _ := os.ReadFile(lock.Name())
		lock.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fault(err, "The file system must support locks.")
		}
		return nil, fault(fmt.Errorf("another engine is running on it (process %s)", strings.TrimSpace(string(owner))),
			"Stop that engine first, or choose another directory with --data.")
	}
	if err := lock.Truncate(0); err == nil {
		lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	d := &dataDir{path: path, lock: lock}
	_, storeErr := os.Stat(d.file(storeFile))
	d.unclean = storeErr == nil && os.Remove(d.file(cleanFile)) != nil
	return d, nil
}

func (d *dataDir) file(name string) string { return filepath.Join(d.path, name) }

// close gives the directory up. clean leaves the mark that nothing is in doubt.
func (d *dataDir) close(clean bool) error {
	var err error
	if clean {
		err = os.WriteFile(d.file(cleanFile), nil, 0o600)
	}
	return errors.Join(err, d.lock.Close())
}
