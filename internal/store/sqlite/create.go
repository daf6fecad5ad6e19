package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/weir-health/weir/internal/store"
)

// folder is where the volumes are, below the data directory.
const folder = "messages"

// making is added to the name of a file that is being written, until weir.db knows it.
const making = ".new"

// nameOf is the name of a volume's file: how long messages stay, the day, a number.
func nameOf(class store.Retention, day int64, number int) string {
	name := "forever"
	if class.Messages > 0 {
		name = strconv.Itoa(class.Messages)
	}
	if class.Contents > 0 {
		name += "-" + strconv.Itoa(class.Contents)
	}
	if class.Archived {
		name += "-archived"
	}
	date := time.Unix(day*int64(store.Period/time.Second), 0).UTC().Format("20060102")
	return fmt.Sprintf("%s-%s-%d", name, date, number)
}

func (s *Store) pathOf(name string) string { return filepath.Join(s.dir, folder, name+".db") }

// create makes a volume and tells weir.db of it. A file that a crash left between the two
// is empty, and used.
func (w *writer) create(class store.Retention) (*volume, error) {
	number := w.nextNumber()
	name := nameOf(class, w.today, number)
	v := newVolume(number, name, w.store.pathOf(name), class)
	v.day, v.schema = w.today, w.store.schema
	v.waiting.Store(true)
	if err := makeFile(v.path); err != nil {
		return nil, fault(v.path, err)
	}
	err := w.transaction(w.store.volumes.base, func(tx *transaction) error { return tx.addVolume(v) })
	if err != nil {
		return nil, err
	}
	w.store.volumes.add(v)
	return v, nil
}

func (w *writer) nextNumber() int {
	w.numbers++
	return w.numbers
}

// makeFile makes an empty volume. It is written without waiting for the disk and then
// brought there as a whole, so that a new day makes no pause.
func makeFile(path string) error {
	if err := createFile(path); err != nil {
		return err
	}
	if err := migrate(path, "synchronous(OFF)"); err != nil {
		return err
	}
	return syncFile(path)
}

// syncFile brings a file to the disk, and its name.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	f.Close()
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder brings the names in a folder to the disk. Some systems have no way to do that,
// and no need of it.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// addVolume tells weir.db of a volume.
func (tx *transaction) addVolume(v *volume) error {
	_, err := tx.conn.exec(putVolume, arguments(int64(v.number), v.name, int64(v.class.Messages), int64(v.class.Contents), truth(v.class.Archived),
		v.day, truth(v.kept), truth(v.emptied), truth(!v.clean), truth(v.waiting.Load()), v.messages, int64(v.schema)))
	return err
}
