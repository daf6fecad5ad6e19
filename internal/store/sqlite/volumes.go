package sqlite

import (
	"cmp"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/weir-health/weir/internal/store"
)

// maxOpen is how many volumes beside weir.db are open to be read, if no more are being
// read at once: thousands of files must not cost memory.
const maxOpen = 16

// volumes are all files of a store. The writer alone adds and removes.
type volumes struct {
	perVolume int // connections
	log       func(text string, err error)
	removals  sync.WaitGroup // of large files
	ending    chan struct{}  // closed when they are to be quick

	mu    sync.RWMutex
	base  *volume
	all   []*volume // with the base, in order of their numbers
	reads int64     // so far
	open  int       // volumes with readers
	shut  bool      // nothing is read any more
}

// acquire returns the volumes that a read needs, which stay readable until release.
// What goes meanwhile is still there for it.
func (vs *volumes) acquire(needed func(*volume) bool) []*volume {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	var list []*volume
	for _, v := range vs.all {
		if needed(v) {
			vs.use(v)
			list = append(list, v)
		}
	}
	return list
}

func (vs *volumes) use(v *volume) {
	vs.reads++
	v.users++
	v.used = vs.reads
}

// covering are the volumes that may have some messages of a channel and in which a part
// of a time was; the one with the highest ids is first.
func (vs *volumes) covering(channel int, low, high int64, since, until time.Time) []*volume {
	list := vs.acquire(func(v *volume) bool {
		e, ok := v.extents[channel]
		return ok && e.low <= high && e.high >= low &&
			(since.IsZero() || e.newest >= since.UnixMicro()) && (until.IsZero() || e.oldest < until.UnixMicro())
	})
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	slices.SortStableFunc(list, func(a, b *volume) int {
		return cmp.Or(cmp.Compare(b.extents[channel].high, a.extents[channel].high), cmp.Compare(b.number, a.number))
	})
	return list
}

// of is covering for one message.
func (vs *volumes) of(channel int, id int64) []*volume {
	return vs.covering(channel, id, id, time.Time{}, time.Time{})
}

// extent is what a volume has of a channel.
func (vs *volumes) extent(v *volume, channel int) extent {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	return v.extent(channel)
}

// release ends a read. What is gone is removed by its last reader, and what has not been
// read for long is closed.
func (vs *volumes) release(list []*volume) {
	if len(list) == 0 {
		return
	}
	vs.mu.Lock()
	var shut []*volume
	for _, v := range list {
		if v.users--; v.users == 0 && v.gone {
			shut = append(shut, v)
		}
	}
	for vs.open > maxOpen {
		old := vs.longestUnused()
		if old == nil {
			break
		}
		old.users++ // nobody else closes it, and who reads it meanwhile opens it again
		vs.open--
		files := old.files
		old.files = nil
		vs.mu.Unlock()
		files.close()
		vs.mu.Lock()
		if old.users--; old.users == 0 && old.gone {
			shut = append(shut, old)
		}
	}
	vs.mu.Unlock()
	for _, v := range shut {
		vs.unlink(v)
	}
}

func (vs *volumes) longestUnused() (old *volume) {
	for _, v := range vs.all {
		if v != vs.base && v.users == 0 && v.files != nil && (old == nil || v.used < old.used) {
			old = v
		}
	}
	return old
}

// readers are the connections of a volume that was acquired.
func (vs *volumes) readers(v *volume) (*readers, error) {
	vs.mu.RLock()
	files := v.files
	vs.mu.RUnlock()
	if files != nil {
		return files, nil
	}
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.shut {
		return nil, store.ErrClosed
	}
	if v.files == nil {
		files, err := openReaders(v.path, vs.perVolume)
		if err != nil {
			return nil, err
		}
		v.files = files
		vs.open++
	}
	return v.files, nil
}

func (vs *volumes) isGone(v *volume) bool {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	return v.gone
}

// highest is the highest id that a message of a channel ever had, as far as volumes know it.
func (vs *volumes) highest(channel int) (id int64) {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	for _, v := range vs.all {
		id = max(id, v.extent(channel).high)
	}
	return id
}

// add makes a volume known.
func (vs *volumes) add(list ...*volume) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.all = append(vs.all, list...)
	slices.SortFunc(vs.all, func(a, b *volume) int { return cmp.Compare(a.number, b.number) })
}

// replace takes volumes out that weir.db has marked as gone, and puts others in. Who reads
// the old ones goes on to do so; the last one removes the files.
func (vs *volumes) replace(gone, new []*volume) {
	vs.mu.Lock()
	var shut []*volume
	for _, v := range gone {
		v.gone = true
		if v.users == 0 {
			shut = append(shut, v)
		}
	}
	vs.all = slices.DeleteFunc(vs.all, func(v *volume) bool { return v.gone })
	vs.all = append(vs.all, new...)
	slices.SortFunc(vs.all, func(a, b *volume) int { return cmp.Compare(a.number, b.number) })
	vs.mu.Unlock()
	for _, v := range shut {
		vs.unlink(v)
	}
}

// raise adds to what a volume has of a channel.
func (vs *volumes) raise(v *volume, channel int, e extent) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	v.extents[channel] = v.extent(channel).with(e)
}

// unlink removes the files of a volume that is gone and that nobody uses. What cannot be
// removed now is at the next start.
func (vs *volumes) unlink(v *volume) {
	vs.mu.Lock()
	files := v.files
	v.files = nil
	if files != nil {
		vs.open--
	}
	vs.mu.Unlock()
	if files != nil {
		files.close()
	}
	remove := func() {
		if err := removeFiles(v.path); err != nil {
			vs.log("The files of messages that are gone could not be removed; the next start tries it again", err)
		}
	}
	info, err := os.Stat(v.path)
	vs.mu.Lock()
	aside := err == nil && info.Size() > removedAtOnce && !vs.shut
	if aside {
		vs.removals.Go(func() {
			vs.shrink(v.path)
			remove()
		})
	}
	vs.mu.Unlock()
	if !aside {
		remove()
	}
}

// removedAtOnce is how much of a file is given back to the disk at once, in bytes. A disk that
// is told of gigabytes has no time for commits meanwhile.
const removedAtOnce = 32 << 20

// shrink gives back a file that nobody uses, bit by bit: most of the time belongs to others.
// What fails is left to the removal.
func (vs *volumes) shrink(path string) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	for err == nil && size > removedAtOnce {
		began := time.Now()
		size -= removedAtOnce
		if err = f.Truncate(size); err == nil {
			err = f.Sync()
		}
		select {
		case <-time.After(4 * time.Since(began)):
		case <-vs.ending:
			return
		}
	}
}

// removeFiles removes a database with its log.
func removeFiles(path string) error {
	var errs []error
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// close closes all that is read with.
func (vs *volumes) close() error {
	vs.mu.Lock()
	vs.shut = true
	vs.mu.Unlock()
	close(vs.ending)
	vs.removals.Wait()
	vs.mu.Lock()
	defer vs.mu.Unlock()
	var errs []error
	for _, v := range vs.all {
		if v.files != nil {
			errs = append(errs, v.files.close())
			v.files = nil
		}
	}
	return errors.Join(errs...)
}
