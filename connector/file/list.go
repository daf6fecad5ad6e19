package file

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
)

// found is a file to read.
type found struct {
	path string
	dir  string
	name string
	version
}

// version tells one content of a file from another.
type version struct {
	changed time.Time
	size    int64
}

func versionOf(info os.FileInfo) version { return version{info.ModTime(), info.Size()} }

// sourceMap is what scripts learn about a file, in Mirth's names and types.
func (f found) sourceMap(at turn) map[string]any {
	return map[string]any{
		"originalFilename": f.name,
		"fileDirectory":    f.dir,
		"fileSize":         f.size,
		"fileLastModified": f.changed.UnixMilli(),
		"pollId":           at.pollID,
		"pollSequenceId":   int32(at.number),
		"pollComplete":     at.last,
	}
}

// list returns the files to read, in order.
func (r *Reader) list() ([]found, error) {
	match, err := newMatcher(r.env.Resolve(r.Filter), r.Regex)
	if err != nil {
		return nil, err
	}
	dir := r.env.Resolve(r.Host)
	if dir == "" {
		return nil, &weir.Fault{At: "host", Err: errors.New("no directory is given"), Hint: "Set the directory to read."}
	}
	w := walk{reader: r, match: match, now: r.now(), limits: r.limits(), stuck: map[string]version{}}
	if info, err := os.Stat(dir); err == nil {
		w.enter(info)
	}
	if err := w.directory(filepath.Clean(dir)); err != nil {
		return nil, &weir.Fault{At: "host", Err: err, Hint: "Check that the directory exists and that the engine may list it."}
	}
	r.stuck = w.stuck // those that are gone may come back to be read
	r.sort(w.files)
	return w.files, nil
}

// limits are what a file's age and size must be.
type limits struct {
	age      time.Duration
	min, max int64 // max < 0: none
}

func (r *Reader) limits() limits {
	l := limits{min: whole(r.env.Resolve(r.MinSize)), max: -1}
	if r.CheckAge {
		l.age = time.Duration(whole(r.env.Resolve(r.Age))) * time.Millisecond
	}
	if text := strings.TrimSpace(r.env.Resolve(r.MaxSize)); !r.AnySize && text != "" {
		l.max = whole(text)
	}
	return l
}

// walk collects the files of a directory.
type walk struct {
	reader  *Reader
	match   matcher
	now     time.Time
	limits  limits
	visited []os.FileInfo // directories, against loops of links
	files   []found
	stuck   map[string]version
}

func (w *walk) directory(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	names := make(map[string]bool, len(entries))
	for _, e := range entries {
		names[e.Name()] = true
	}
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dir, e.Name())) // follows links
		switch {
		case err != nil: // gone meanwhile
		case info.IsDir() && w.reader.Recursive && w.enter(info):
			if err := w.directory(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		case info.Mode().IsRegular() && !names[e.Name()+".ignore"]:
			w.add(dir, e.Name(), info)
		}
	}
	return nil
}

// enter reports whether a directory has not been visited.
func (w *walk) enter(info os.FileInfo) bool {
	for _, seen := range w.visited {
		if os.SameFile(seen, info) {
			return false
		}
	}
	w.visited = append(w.visited, info)
	return true
}

// add adds a file if nothing speaks against it.
func (w *walk) add(dir, name string, info os.FileInfo) {
	f := found{path: filepath.Join(dir, name), dir: dir, name: name, version: versionOf(info)}
	if r := w.reader; r.stuck[f.path] == f.version {
		w.stuck[f.path] = f.version
		return
	}
	switch {
	case strings.HasSuffix(name, ".ignore"),
		w.reader.IgnoreDot && strings.HasPrefix(name, "."),
		w.limits.age > 0 && w.now.Sub(f.changed) < w.limits.age,
		f.size < w.limits.min,
		w.limits.max >= 0 && f.size > w.limits.max,
		!w.match(name):
		return
	}
	w.files = append(w.files, f)
}

func (r *Reader) sort(files []found) {
	byName := func(a, b found) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)), cmp.Compare(a.path, b.path))
	}
	slices.SortFunc(files, func(a, b found) int {
		switch r.SortBy {
		case "name":
			return byName(a, b)
		case "size":
			return cmp.Or(cmp.Compare(a.size, b.size), byName(a, b))
		}
		return cmp.Or(a.changed.Compare(b.changed), byName(a, b))
	})
}

// errChanged says that somebody is still writing a file, or has taken it.
var errChanged = errors.New("the file changed while it was read")

// read returns a file's content.
func (r *Reader) read(f found) ([]byte, error) {
	if f.size > int64(r.MaxFileSize) {
		return nil, fmt.Errorf("%d bytes are more than the limit of %d", f.size, r.MaxFileSize)
	}
	file, err := os.Open(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errChanged
	}
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close()
	content := make([]byte, f.size)
	if _, err := io.ReadFull(file, content); err == io.ErrUnexpectedEOF || err == io.EOF && f.size > 0 {
		return nil, errChanged
	} else if err != nil && err != io.EOF {
		return nil, withoutPath(err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, withoutPath(err)
	}
	if versionOf(info) != f.version {
		return nil, errChanged
	}
	return content, nil
}

func (r *Reader) text(content []byte) string {
	if r.Binary {
		return base64.StdEncoding.EncodeToString(content)
	}
	return r.charset.Decode(content)
}

// withoutPath strips the path, which the caller names.
func withoutPath(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// whole reads a setting that Mirth writes as text: what is no number is 0.
func whole(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return min(n, 1<<40)
}

// newID returns a random UUID.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
