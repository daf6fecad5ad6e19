// Package history keeps every saved revision of what an engine runs, with who saved
// it, when and why, so that it can be compared and brought back.
//
// Each revision is a file of its own, history/KIND/OBJECT/000001: a line that says
// what it is, and behind it the text. Files are added and never changed.
package history

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir/internal/auth"
)

// Kinds of what is kept.
const (
	Channels  = "channels"  // text: Weir's channel file
	Libraries = "libraries" // of code templates; texts here and below: Mirth's XML
	Scripts   = "scripts"   // the global ones, which are one object
	Alerts    = "alerts"
	Groups    = "groups" // of channels
	Tags      = "tags"

	Configuration = "configuration" // the configuration map, which is one object
	Dependencies  = "dependencies"  // of channels, which are one object
)

// Kinds are all there are.
var Kinds = []string{Channels, Libraries, Scripts, Alerts, Groups, Tags, Configuration, Dependencies}

// Global is the id of what there is one of: the global scripts, the configuration
// map, the dependencies.
const Global = "global"

// Singles are the kinds of which there is one object, with its name.
var Singles = map[string]string{Scripts: "Global scripts", Configuration: "Configuration map", Dependencies: "Channel dependencies"}

// By says who saved something, why, and by which way.
type By struct {
	Who string `json:"who,omitempty"`
	Why string `json:"why,omitempty"`
	How string `json:"how"`
}

// Entry is one saved revision.
type Entry struct {
	Number   int       `json:"number"` // 1, 2, … for each object
	ID       string    `json:"id"`     // of the object
	Name     string    `json:"name"`   // it had then
	Revision int       `json:"revision,omitempty"`
	Time     time.Time `json:"time"`
	Removed  bool      `json:"removed,omitempty"` // it was taken away; there is no text
	By
}

// Limits: no text is longer, no line that says what it is.
const (
	MaxText = 32 << 20
	maxWhy  = 1000 // bytes
	maxHead = 8 << 10
)

// ErrUnknown is returned for what there is no revision of.
var ErrUnknown = errors.New("no such revision")

// Log is the history in a directory.
type Log struct {
	dir string
	now func() time.Time
	mu  sync.Mutex
}

// Open returns the history in a directory, which is made when it is first needed.
func Open(dir string, now func() time.Time) *Log { return &Log{dir: dir, now: now} }

// Saved is a revision that is to be kept.
type Saved struct {
	Kind string
	Entry
	Text []byte
}

// Keep keeps revisions, all at once, unless the newest one of an object has the
// same text. No object is in it twice.
func (l *Log) Keep(list ...Saved) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	files := map[string][]byte{}
	var failed []error
	for _, s := range list {
		path, data, err := l.file(s)
		if err != nil {
			failed = append(failed, fmt.Errorf("history of %s %s: %w", s.Kind, s.ID, err))
		} else if path != "" {
			files[path] = data
		}
	}
	return errors.Join(append(failed, auth.WriteFiles(files))...)
}

// file is where and as what a revision is written; nowhere, if it is the same again.
func (l *Log) file(s Saved) (path string, data []byte, err error) {
	if len(s.Text) > MaxText {
		return "", nil, fmt.Errorf("it has more than %d bytes", MaxText)
	}
	dir := l.object(s.Kind, s.ID)
	numbers, err := numbersIn(dir)
	if err != nil {
		return "", nil, err
	}
	e := s.Entry
	e.Number = 1
	if last := len(numbers) - 1; last >= 0 {
		newest, had, err := read(dir, numbers[last], true)
		if err == nil && newest.Removed == e.Removed && bytes.Equal(had, s.Text) {
			return "", nil, nil
		}
		e.Number += numbers[last]
	}
	e.Time = l.now().UTC().Truncate(time.Millisecond)
	e.Why = strings.ToValidUTF8(e.Why[:min(len(e.Why), maxWhy)], "")
	head, err := json.Marshal(e)
	if err != nil {
		return "", nil, err
	}
	if len(head) >= maxHead {
		return "", nil, errors.New("name and reason are too long")
	}
	return filepath.Join(dir, fmt.Sprintf("%06d", e.Number)), slices.Concat(head, []byte("\n"), s.Text), nil
}

// Entries lists the revisions of an object, newest first.
func (l *Log) Entries(kind, id string) ([]Entry, error) {
	dir := l.object(kind, id)
	numbers, err := numbersIn(dir)
	if err != nil {
		return nil, err
	}
	list := []Entry{}
	for _, n := range slices.Backward(numbers) {
		e, _, err := read(dir, n, false)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// Get returns a revision with its text.
func (l *Log) Get(kind, id string, number int) (Entry, []byte, error) {
	return read(l.object(kind, id), number, true)
}

// Objects lists the newest revision of every object of a kind, by name.
func (l *Log) Objects(kind string) ([]Entry, error) {
	dirs, err := os.ReadDir(filepath.Join(l.dir, kind))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	list := []Entry{}
	for _, d := range dirs {
		dir := filepath.Join(l.dir, kind, d.Name())
		numbers, err := numbersIn(dir)
		if err != nil {
			return nil, err
		}
		if len(numbers) == 0 {
			continue
		}
		e, _, err := read(dir, numbers[len(numbers)-1], false)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	slices.SortStableFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// object is an object's directory. Ids are any text: what is no plain name is
// written in hex, behind a letter that no hex begins with.
func (l *Log) object(kind, id string) string {
	name := id
	if id == "" || len(id) > 64 || strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
		name = "x" + hex.EncodeToString([]byte(id[:min(len(id), 100)]))
	}
	return filepath.Join(l.dir, kind, name)
}

// numbersIn are the numbers of the revisions in a directory, lowest first.
func numbersIn(dir string) (numbers []int, err error) {
	files, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	for _, f := range files {
		if n, err := strconv.Atoi(f.Name()); err == nil && n > 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// read reads a revision, with its text or without.
func read(dir string, number int, whole bool) (e Entry, text []byte, err error) {
	path := filepath.Join(dir, fmt.Sprintf("%06d", number))
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return e, nil, fmt.Errorf("%w: %d", ErrUnknown, number)
	}
	if err != nil {
		return e, nil, err
	}
	defer f.Close()
	r := bufio.NewReaderSize(io.LimitReader(f, maxHead+MaxText), maxHead)
	head, err := r.ReadSlice('\n')
	if err == nil {
		err = json.Unmarshal(head, &e)
	}
	if err != nil {
		return e, nil, fmt.Errorf("%s is no revision as it was written: %w", path, err)
	}
	e.Number = number
	if whole {
		text, err = io.ReadAll(r)
	}
	return e, text, err
}
