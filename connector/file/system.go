package file

import (
	"io"
	"time"
)

// system is a tree of files, on this computer or behind a connection. It is used
// by one goroutine at a time. Paths are as [remote.join] makes them.
//
// Errors that errors.Is finds to be fs.ErrNotExist or fs.ErrExist mean just that.
// No error holds a password or what is in a file.
type system interface {
	// identity returns the same text for the same directory, however a path
	// leads to it, as far as the system tells.
	identity(dir string) string

	// list returns the directories and the regular files in a directory. Links
	// are followed; what they lead to is listed under their names.
	list(dir string) ([]entry, error)

	// stat returns a file as it is now. What the system does not tell of a
	// single file, such as an exact time, stays as in old.
	stat(path string, old version) (version, error)

	// open returns a file's content. More, if not nil, takes what the system
	// tells scripts about the file.
	open(path string, more map[string]any) (io.ReadCloser, error)

	// put writes a whole file. It replaces one that is there, or with exclusive
	// fails. More takes what the system tells scripts.
	put(path string, c content, exclusive bool, more map[string]any) error

	// add appends to a file. What was appended in part is taken back, as far as
	// the system can.
	add(path string, c content) error

	// rename moves a file and replaces one that is there.
	rename(from, to string) error

	remove(path string) error

	// mkdirs makes a directory and those above it, if needed.
	mkdirs(dir string) error

	// alive reports whether the connection can be used further, after the error
	// of an operation, or with nil after a rest.
	alive(err error) bool

	close() error
}

// content is what is written: a [bytes.Reader], or a [streamed] one. Of seeks only the
// one to the start is asked for.
type content interface {
	io.ReadSeeker
	Size() int64 // stream.Unknown where it is not known
}

// entry is a file or a directory in a list.
type entry struct {
	name string
	dir  bool
	version
	more map[string]any // for the source map
}

// version tells one content of a file from another.
type version struct {
	changed time.Time
	size    int64
	tag     string // where the system has one for each content; it decides then
}

func (v version) same(w version) bool {
	if v.tag != "" && w.tag != "" {
		return v.tag == w.tag && v.size == w.size
	}
	return v.changed.Equal(w.changed) && v.size == w.size
}
