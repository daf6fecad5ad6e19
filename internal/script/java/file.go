package java

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/weir-health/weir/internal/script/access"
)

// file is a java.io.File or a java.nio.file.Path: a name, no more. Only what
// looks at the disk needs a grant.
type file struct {
	class string
	path  string
}

const (
	fileClass = "java.io.File"
	pathClass = "java.nio.file.Path"
)

func (f *file) JavaClass() string { return f.class }
func (f *file) String() string    { return f.path }

// Portable gives the path.
func (f *file) Portable() any { return f.path }

// Equal compares paths.
func (f *file) Equal(o any) bool {
	g, ok := o.(*file)
	return ok && f.class == g.class && f.path == g.path
}

// Compare orders by path.
func (f *file) Compare(o any) (int, bool) {
	g, ok := o.(*file)
	if !ok {
		return 0, false
	}
	return compareStrings(f.path, g.path), true
}

// Hash is File.hashCode on Unix.
func (f *file) Hash() int32 { return stringHash(f.path) ^ 1234321 }

// tidy writes a path as Java keeps it: no doubled and no last separator.
func tidy(path string) string {
	if filepath.Separator == '\\' {
		path = strings.ReplaceAll(path, "/", `\`)
	}
	sep := string(filepath.Separator)
	for strings.Contains(path, sep+sep) {
		path = strings.ReplaceAll(path, sep+sep, sep)
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, sep)
	}
	return path
}

func newFile(path string) *file { return &file{fileClass, tidy(path)} }
func newPath(path string) *file { return &file{pathClass, tidy(path)} }

// under is a path in a directory, as File(parent, child) puts it together.
func under(parent, child string) string {
	if parent == "" {
		return string(filepath.Separator) + child
	}
	return parent + string(filepath.Separator) + child
}

// pathArg returns an argument that is a File, a Path or the text of one.
func (c *Call) pathArg(i int) string {
	if f, ok := c.Object(i).(*file); ok {
		return f.path
	}
	return tidy(c.Need(i))
}

func absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if path == "" {
		return here
	}
	return here + string(filepath.Separator) + path
}

func parentOf(path string) (string, bool) {
	i := strings.LastIndexByte(path, filepath.Separator)
	switch {
	case i < 0 || path == string(filepath.Separator):
		return "", false
	case i == 0:
		return string(filepath.Separator), true
	}
	return path[:i], true
}

func baseOf(path string) string { return path[strings.LastIndexByte(path, filepath.Separator)+1:] }

// look describes a path; nil where nothing is, or nothing that may be looked at.
func (c *Call) look(path string) fs.FileInfo {
	if path == "" {
		return nil
	}
	info, err := c.grants().Stat(path)
	if err != nil {
		c.throwDenied(err)
		return nil
	}
	return info
}

// done is the answer of File's methods, which tell of no reason.
func (c *Call) done(err error) bool {
	c.throwDenied(err)
	return err == nil
}

// names lists a directory in the order of names, which Java leaves open.
func (c *Call) names(path string) ([]string, bool) {
	names, err := c.grants().Names(path)
	if err != nil {
		c.throwDenied(err)
		return nil, false
	}
	sort.Strings(names)
	return names, true
}

func fileClasses() []*Class {
	on := func(f func(f *file, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*file), c) }
	}
	text := func(f func(path string) string) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*file).path) }
	}
	is := func(f func(info fs.FileInfo) bool) func(*Call) any {
		return func(c *Call) any {
			info := c.look(c.This.(*file).path)
			return info != nil && f(info)
		}
	}
	// kept lists a directory, through a filter of names or of files.
	kept := func(c *Call, asFiles bool) []string {
		f := c.This.(*file)
		names, ok := c.names(f.path)
		if !ok {
			return nil
		}
		out := make([]string, 0, len(names))
		for _, name := range names {
			if !c.Null(0) && !c.accepts(0, f, name, asFiles) {
				continue
			}
			out = append(out, name)
		}
		return out
	}
	chmod := func(bits fs.FileMode) func(*Call) any {
		return on(func(f *file, c *Call) any {
			info := c.look(f.path)
			if info == nil {
				return false
			}
			bits := bits
			if c.Len() < 2 || c.Bool(1) {
				bits &= 0o700
			}
			mode := info.Mode().Perm() &^ bits
			if c.Len() == 0 || c.Bool(0) {
				mode |= bits
			}
			return c.done(c.grants().SetMode(f.path, mode))
		})
	}
	separator, list := string(filepath.Separator), string(filepath.ListSeparator)
	const super = "java.io.InputStream"
	return []*Class{
		{Name: "java.io.FileFilter"}, {Name: "java.io.FilenameFilter"},
		{Name: fileClass, Implements: []string{"java.lang.Comparable"},
			New: func(c *Call) any {
				switch f, ok := c.Object(0).(*file); {
				case c.Len() >= 2 && c.Null(0):
					return newFile(c.Need(1))
				case c.Len() >= 2 && ok:
					return newFile(under(f.path, c.Need(1)))
				case c.Len() >= 2:
					return newFile(under(c.Text(0), c.Need(1)))
				}
				if l, ok := c.Object(0).(*link); ok { // a file: URI
					if l.u.Scheme != "file" {
						panic(c.Throw("java.lang.IllegalArgumentException", `URI scheme is not "file"`))
					}
					return newFile(l.u.Path)
				}
				return newFile(c.Need(0))
			},
			Constants: map[string]any{"separator": separator, "pathSeparator": list, "separatorChar": separator, "pathSeparatorChar": list},
			Static: Methods{"createTempFile": func(c *Call) any {
				dir := os.TempDir()
				if !c.Null(2) {
					dir = c.pathArg(2)
				}
				suffix := ".tmp"
				if !c.Null(1) {
					suffix = c.Text(1)
				}
				return newFile(c.temporary(dir, c.Need(0), suffix))
			}},
			Methods: Methods{
				"getName":         text(baseOf),
				"getPath":         text(func(p string) string { return p }),
				"toString":        text(func(p string) string { return p }),
				"getAbsolutePath": text(absolute),
				"getAbsoluteFile": on(func(f *file, c *Call) any { return newFile(absolute(f.path)) }),
				"getCanonicalPath": on(func(f *file, c *Call) any {
					return c.canonical(f.path)
				}),
				"getCanonicalFile": on(func(f *file, c *Call) any { return newFile(c.canonical(f.path)) }),
				"getParent": on(func(f *file, c *Call) any {
					if p, ok := parentOf(f.path); ok {
						return p
					}
					return nil
				}),
				"getParentFile": on(func(f *file, c *Call) any {
					if p, ok := parentOf(f.path); ok {
						return newFile(p)
					}
					return nil
				}),
				"isAbsolute": on(func(f *file, c *Call) any { return filepath.IsAbs(f.path) }),
				"toPath":     on(func(f *file, c *Call) any { return newPath(f.path) }),
				"toURI": on(func(f *file, c *Call) any {
					return c.VM.lib.classes["java.net.URI"].New(&Call{VM: c.VM, Args: c.values("file:" + absolute(f.path))})
				}),
				"equals":    on(func(f *file, c *Call) any { return f.Equal(c.Object(0)) }),
				"compareTo": on(func(f *file, c *Call) any { n, _ := f.Compare(c.Object(0)); return n }),
				"hashCode":  on(func(f *file, c *Call) any { return int(f.Hash()) }),

				"exists":      is(func(fs.FileInfo) bool { return true }),
				"isFile":      is(func(i fs.FileInfo) bool { return i.Mode().IsRegular() }),
				"isDirectory": is(fs.FileInfo.IsDir),
				"isHidden":    on(func(f *file, c *Call) any { return strings.HasPrefix(baseOf(f.path), ".") }),
				"canRead":     is(func(i fs.FileInfo) bool { return i.Mode().Perm()&0o444 != 0 }),
				"canWrite":    is(func(i fs.FileInfo) bool { return i.Mode().Perm()&0o222 != 0 }),
				"canExecute":  is(func(i fs.FileInfo) bool { return i.Mode().Perm()&0o111 != 0 }),
				"length": on(func(f *file, c *Call) any {
					if info := c.look(f.path); info != nil {
						return float64(info.Size())
					}
					return 0.0
				}),
				"lastModified": on(func(f *file, c *Call) any {
					if info := c.look(f.path); info != nil {
						return float64(info.ModTime().UnixMilli())
					}
					return 0.0
				}),
				"setLastModified": on(func(f *file, c *Call) any {
					return c.done(c.grants().SetTime(f.path, time.UnixMilli(int64(c.Float(0)))))
				}),
				"setReadOnly":   on(func(f *file, c *Call) any { return c.done(c.grants().SetMode(f.path, 0o444)) }),
				"setReadable":   chmod(0o444),
				"setWritable":   chmod(0o222),
				"setExecutable": chmod(0o111),
				"createNewFile": on(func(f *file, c *Call) any {
					h, err := c.grants().Open(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
					if errors.Is(err, fs.ErrExist) || reason(err2(err)) == "Is a directory" {
						return false
					}
					if err != nil {
						panic(c.throwIO(err))
					}
					h.Close()
					return true
				}),
				"delete":       on(func(f *file, c *Call) any { return c.done(c.grants().Remove(f.path)) }),
				"deleteOnExit": func(*Call) any { return Void },
				"mkdir":        on(func(f *file, c *Call) any { return c.done(c.grants().Mkdir(f.path)) }),
				"mkdirs": on(func(f *file, c *Call) any {
					if err := c.grants().Mkdir(f.path); errors.Is(err, fs.ErrNotExist) {
						return c.done(c.grants().MkdirAll(f.path))
					} else {
						return c.done(err)
					}
				}),
				"renameTo": on(func(f *file, c *Call) any { return c.done(c.grants().Rename(f.path, c.pathArg(0), true)) }),
				"list": on(func(f *file, c *Call) any {
					if names := kept(c, false); names != nil {
						return NewStrings(names)
					}
					return nil
				}),
				"listFiles": on(func(f *file, c *Call) any {
					names := kept(c, true)
					if names == nil {
						return nil
					}
					files := make([]any, len(names))
					for i, name := range names {
						files[i] = newFile(under(f.path, name))
					}
					return NewArray(fileClass, files)
				}),
				"getFreeSpace": func(*Call) any { return 0.0 }, "getUsableSpace": func(*Call) any { return 0.0 }, "getTotalSpace": func(*Call) any { return 0.0 },
			}},
		{Name: "java.io.FileInputStream", Super: super, New: func(c *Call) any { return c.fileInput(c.pathArg(0), "java.io.FileInputStream") }},
		{Name: "java.io.FileOutputStream", Super: "java.io.OutputStream", New: func(c *Call) any {
			return c.fileOutput(c.pathArg(0), c.Len() > 1 && c.Bool(1), "java.io.FileOutputStream")
		}},
		{Name: "java.io.FileReader", Super: "java.io.Reader", New: func(c *Call) any {
			in := c.fileInput(c.pathArg(0), "java.io.FileInputStream")
			return &reader{class: "java.io.FileReader", source: source{from: c.decoder(in, charsetName(c, 1)), mark: -1, closer: closer{close: in.end}}}
		}},
		{Name: "java.io.FileWriter", Super: "java.io.Writer", New: func(c *Call) any {
			// (file, append), (file, charset), (file, charset, append)
			charset, appending := "", false
			for i := 1; i < c.Len(); i++ {
				if c.IsBool(i) {
					appending = c.Bool(i)
				} else {
					charset = charsetName(c, i)
				}
			}
			return c.fileWriter("java.io.FileWriter", appending, charset)
		}},
		randomAccess(),
	}
}

func err2(err error) error {
	if err == nil {
		return errors.New("")
	}
	return err
}

// accepts asks a filter of listFiles or list: a function or object with accept,
// of one File or of a directory and a name.
func (c *Call) accepts(i int, dir *file, name string, asFiles bool) bool {
	accept := c.Func(i)
	if n := c.parameters(i); n >= 2 || n < 0 && !asFiles {
		return accept(dir, name) == true
	}
	return accept(newFile(under(dir.path, name))) == true
}

// canonical is the path without links, also of what does not exist.
func (c *Call) canonical(path string) string {
	real, err := c.grants().Real(absolute(path))
	if err != nil {
		panic(c.throwIO(err))
	}
	return real
}

// temporary makes an empty file with a name of its own.
func (c *Call) temporary(dir, prefix, suffix string) string {
	for {
		path := under(dir, prefix+strconv.FormatUint(uint64(uuid.New().ID()), 10)+suffix)
		h, err := c.grants().Open(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
		if err == nil {
			h.Close()
			return path
		}
		if !errors.Is(err, fs.ErrExist) {
			panic(c.throwIO(err))
		}
	}
}

func (c *Call) fileInput(path, class string) *input {
	c.mayOpen()
	f, err := c.grants().Open(path, os.O_RDONLY)
	if err != nil {
		panic(c.throwFile(path, err))
	}
	in := &input{class: class, source: source{from: f, mark: -1, closer: closer{close: f.Close}},
		left: func() int64 {
			info, err := f.Stat()
			at, errSeek := f.Seek(0, io.SeekCurrent)
			if err != nil || errSeek != nil {
				return 0
			}
			return max(0, info.Size()-at)
		}}
	c.opened(in)
	return in
}

// createFlags are those with which Java opens a file that is written.
func createFlags(appending bool) int {
	if appending {
		return os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	return os.O_WRONLY | os.O_CREATE | os.O_TRUNC
}

func (c *Call) fileOutput(path string, appending bool, class string) *output {
	c.mayOpen()
	f, err := c.grants().Open(path, createFlags(appending))
	if err != nil {
		panic(c.throwFile(path, err))
	}
	out := &output{class: class, to: f, closer: closer{close: f.Close}}
	c.opened(out)
	return out
}

// fileWriter opens the file that the first argument names, for characters.
func (c *Call) fileWriter(class string, appending bool, charset string) *writer {
	out := c.fileOutput(c.pathArg(0), appending, "java.io.FileOutputStream")
	w := c.writerOver(class, out, charset)
	c.closed(out) // closing the writer closes it, and writes what it holds before
	c.opened(w)
	return w
}

// randomFile is a java.io.RandomAccessFile.
type randomFile struct {
	closer
	f *os.File
}

func (*randomFile) JavaClass() string { return "java.io.RandomAccessFile" }

func randomAccess() *Class {
	on := func(f func(r *randomFile, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*randomFile), c) }
	}
	seek := func(c *Call, r *randomFile, at int64, from int) float64 {
		n, err := r.f.Seek(at, from)
		c.must(err)
		return float64(n)
	}
	return &Class{Name: "java.io.RandomAccessFile", Implements: []string{"java.io.Closeable", "java.lang.AutoCloseable"},
		New: func(c *Call) any {
			flag, mode := os.O_RDONLY, c.Need(1)
			switch mode {
			case "r":
			case "rw", "rws", "rwd":
				flag = os.O_RDWR | os.O_CREATE
			default:
				panic(c.Throw("java.lang.IllegalArgumentException", `Illegal mode "`+mode+`" must be one of "r", "rw", "rws", or "rwd"`))
			}
			c.mayOpen()
			f, err := c.grants().Open(c.pathArg(0), flag)
			if err != nil {
				panic(c.throwFile(c.pathArg(0), err))
			}
			r := &randomFile{closer{close: f.Close}, f}
			c.opened(r)
			return r
		},
		Methods: Methods{
			"length": on(func(r *randomFile, c *Call) any {
				info, err := r.f.Stat()
				c.must(err)
				return float64(info.Size())
			}),
			"setLength":      on(func(r *randomFile, c *Call) any { c.must(r.f.Truncate(int64(c.Int(0)))); return Void }),
			"seek":           on(func(r *randomFile, c *Call) any { seek(c, r, int64(c.Int(0)), io.SeekStart); return Void }),
			"getFilePointer": on(func(r *randomFile, c *Call) any { return seek(c, r, 0, io.SeekCurrent) }),
			"read": on(func(r *randomFile, c *Call) any {
				b := make([]byte, 1)
				if c.Len() > 0 {
					given, ok := c.Object(0).([]byte)
					if !ok {
						panic(c.Throw("java.lang.NullPointerException", ""))
					}
					b = c.part(given)
				}
				n, err := r.f.Read(b)
				switch {
				case errors.Is(err, io.EOF):
					return -1
				case err != nil:
					panic(c.throwIO(err))
				case c.Len() == 0:
					return int(b[0])
				}
				return n
			}),
			"readLine": on(func(r *randomFile, c *Call) any {
				start := int64(seek(c, r, 0, io.SeekCurrent))
				in := &reader{source: source{from: c.decoder(r.f, "ISO-8859-1"), mark: -1}}
				line, ok := in.line(c)
				if !ok {
					return nil
				}
				used := int64(len(encodeLatin1(line)))
				end := make([]byte, 2)
				n, _ := r.f.ReadAt(end, start+used)
				switch {
				case n == 2 && end[0] == '\r' && end[1] == '\n':
					used += 2
				case n > 0:
					used++
				}
				seek(c, r, start+used, io.SeekStart)
				return line
			}),
			"write": on(func(r *randomFile, c *Call) any {
				b := []byte{byte(c.Int(0))}
				if !c.IsNumber(0) {
					b = c.part(c.Bytes(0))
				}
				_, err := r.f.Write(b)
				c.must(err)
				return Void
			}),
			"writeBytes": on(func(r *randomFile, c *Call) any {
				_, err := r.f.Write(encodeLatin1(c.Need(0)))
				c.must(err)
				return Void
			}),
			"close": on(func(r *randomFile, c *Call) any { c.closed(r); c.must(r.end()); return Void }),
		}}
}

// read brings a file into memory.
func (c *Call) readFile(path string) ([]byte, error) {
	return c.grants().Read(c.VM.Context, path)
}

// writeFile writes a whole file. parents says whether directories that lack are
// made.
func (c *Call) writeFile(path string, data []byte, flag int, parents bool) error {
	g := c.grants()
	if parents {
		if p, ok := parentOf(absolute(path)); ok {
			if err := g.MkdirAll(p); err != nil {
				var denied *access.Denied
				if errors.As(err, &denied) {
					if _, errPlace := g.Stat(path); errors.As(errPlace, &denied) {
						return errPlace // it names the file, and what would grant it
					}
				} else {
					return err
				}
			}
		}
	}
	f, err := g.Open(path, flag)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
