package file

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
)

// found is a file to read.
type found struct {
	login login
	path  string
	dir   string
	name  string
	version
	more map[string]any // what else the system tells scripts
}

// sourceMap is what scripts learn about a file, in Mirth's names and types.
func (f found) sourceMap(at turn) map[string]any {
	m := map[string]any{
		"originalFilename": f.name,
		"fileDirectory":    f.dir,
		"fileSize":         f.size,
		"fileLastModified": f.changed.UnixMilli(),
		"pollId":           at.pollID,
		"pollSequenceId":   int32(at.number),
	}
	if at.last { // only there: in Mirth the others do not have it
		m["pollComplete"] = true
	}
	maps.Copy(m, f.more)
	return m
}

// list returns the files to read, in order.
func (r *Reader) list(ctx context.Context) ([]found, error) {
	match, err := newMatcher(r.env.Resolve(r.Filter), r.Regex)
	if err != nil {
		return nil, err
	}
	at, err := r.place(r.env.Resolve)
	if err != nil {
		return nil, err
	}
	var w walk
	err = r.pool.with(ctx, at.login, true, func(s system, _ bool) error {
		w = walk{reader: r, system: s, login: at.login, match: match, now: r.now(), limits: r.limits(),
			visited: map[string]bool{}, stuck: map[string]leftover{}}
		w.enter(at.dir)
		return w.directory(at.dir, 0)
	})
	if err != nil {
		return nil, weir.WithHint(fmt.Errorf("list %s: %w", at.dir, withoutPath(err)), "host",
			"Check that the directory exists and that the engine may list it.")
	}
	r.stuck = w.stuck // those that are gone may come back to be read
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
	system  system
	login   login
	match   matcher
	now     time.Time
	limits  limits
	visited map[string]bool // directories, against loops of links
	files   []found
	stuck   map[string]leftover
}

// maxDepth ends loops of links that a system does not show.
const maxDepth = 100

func (w *walk) directory(dir string, depth int) error {
	entries, err := w.system.list(dir)
	if err != nil {
		return err
	}
	names := make(map[string]bool, len(entries))
	for _, e := range entries {
		names[e.name] = true
	}
	// The files of a directory come before those of the directories in it, each in
	// their own order, as in Mirth.
	first := len(w.files)
	for _, e := range entries {
		if !e.dir && !names[e.name+".ignore"] {
			w.add(found{login: w.login, path: w.reader.join(dir, e.name), dir: dir, name: e.name, version: e.version, more: e.more})
		}
	}
	w.reader.sort(w.files[first:])
	for _, e := range entries {
		path := w.reader.join(dir, e.name)
		if e.dir && w.reader.Recursive && depth < maxDepth && w.enter(path) {
			if err := w.directory(path, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// enter reports whether a directory has not been visited.
func (w *walk) enter(dir string) bool {
	if w.reader.Recursive {
		dir = w.system.identity(dir)
	}
	seen := w.visited[dir]
	w.visited[dir] = true
	return !seen
}

// add adds a file if nothing speaks against it.
func (w *walk) add(f found) {
	if left, ok := w.reader.stuck[f.path]; ok && left.version == f.version {
		w.stuck[f.path] = left
		return
	}
	switch {
	case strings.HasSuffix(f.name, ".ignore"),
		w.reader.IgnoreDot && strings.HasPrefix(f.name, "."),
		w.limits.age > 0 && w.now.Sub(f.changed) < w.limits.age,
		f.size < w.limits.min,
		w.limits.max >= 0 && f.size > w.limits.max,
		!w.match(f.name):
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

// read returns a file's content, and adds to f what the system tells of it.
func (r *Reader) read(ctx context.Context, f *found) (content []byte, err error) {
	if f.size > int64(r.MaxFileSize) {
		return nil, fmt.Errorf("%d bytes are more than the limit of %d", f.size, r.MaxFileSize)
	}
	err = r.pool.with(ctx, f.login, true, func(s system, _ bool) error {
		content, err = r.readFrom(s, f)
		return err
	})
	return content, withoutPath(err)
}

func (r *Reader) readFrom(s system, f *found) ([]byte, error) {
	file, err := open(s, f)
	if err != nil {
		return nil, err
	}
	// A remote system may say any size; memory is taken for what comes.
	var content bytes.Buffer
	content.Grow(int(min(f.size, 1<<20)) + bytes.MinRead)
	n, err := content.ReadFrom(io.LimitReader(file, f.size+1))
	if n > f.size {
		file.Close() // it may complain that there is more
		return nil, errChanged
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	if n < f.size {
		return nil, errChanged
	}
	return content.Bytes(), unchanged(s, f)
}

func open(s system, f *found) (io.ReadCloser, error) {
	file, err := s.open(f.path, f.more)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errChanged
	}
	return file, err
}

// unchanged returns errChanged if a file is no longer the one that was listed.
func unchanged(s system, f *found) error {
	now, err := s.stat(f.path, f.version)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !now.same(f.version) {
		return errChanged
	}
	return err
}

func (r *Reader) text(content []byte) string {
	if r.Binary {
		return base64.StdEncoding.EncodeToString(content)
	}
	return r.charset.Decode(content)
}

// withoutPath strips the path, which the caller names.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		if errors.Is(err, errLost) {
			return lost{p.Err}
		}
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
