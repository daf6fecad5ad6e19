package java

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/weir-health/weir/internal/script/access"
)

// throwPath returns the exception of java.nio.file for a path.
func (c *Call) throwPath(path string, err error) *Throwable {
	c.throwDenied(err)
	class := "java.nio.file.FileSystemException"
	text := path + ": " + reason(err)
	for _, k := range []struct {
		err   error
		class string
	}{
		{fs.ErrNotExist, "java.nio.file.NoSuchFileException"},
		{syscall.ENOTEMPTY, "java.nio.file.DirectoryNotEmptyException"},
		{fs.ErrExist, "java.nio.file.FileAlreadyExistsException"},
		{fs.ErrPermission, "java.nio.file.AccessDeniedException"},
		{syscall.ENOTDIR, "java.nio.file.NotDirectoryException"},
	} {
		if errors.Is(err, k.err) {
			class, text = k.class, path
			break
		}
	}
	if errors.Is(err, access.ErrTooLarge) {
		class, text = "java.lang.OutOfMemoryError", "Required array size too large"
	}
	return &Throwable{Class: class, Message: text, HasText: true}
}

func (c *Call) mustPath(path string, err error) {
	if err != nil {
		panic(c.VM.ThrowJava(c.throwPath(path, err)))
	}
}

// options are the names of the enum constants among the arguments from i on:
// varargs, or an array.
func (c *Call) options(i int) map[string]bool {
	out := map[string]bool{}
	add := func(v any) {
		if e, ok := v.(*Enum); ok {
			out[e.name] = true
		}
	}
	for ; i < c.Len(); i++ {
		if items, ok := c.Items(i); ok {
			for _, item := range items {
				add(item)
			}
			continue
		}
		add(c.Object(i))
	}
	return out
}

// openFlags are those of Files.write and of the streams that Files opens.
func openFlags(options map[string]bool) int {
	if len(options) == 0 {
		return os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	flag := os.O_WRONLY
	for name, bit := range map[string]int{"CREATE": os.O_CREATE, "CREATE_NEW": os.O_CREATE | os.O_EXCL, "APPEND": os.O_APPEND,
		"TRUNCATE_EXISTING": os.O_TRUNC, "SYNC": os.O_SYNC, "DSYNC": os.O_SYNC} {
		if options[name] {
			flag |= bit
		}
	}
	if options["APPEND"] {
		flag &^= os.O_TRUNC
	}
	return flag
}

func pathClasses() []*Class {
	const pkg = "java.nio.file."
	join := func(c *Call) any {
		path := c.pathArg(0)
		var more []string
		for i := 1; i < c.Len(); i++ {
			if items, ok := c.Items(i); ok {
				for _, item := range items {
					more = append(more, Text(item))
				}
				continue
			}
			more = append(more, c.Text(i))
		}
		for _, m := range more {
			if m != "" && path != "" {
				path += string(filepath.Separator)
			}
			path += m
		}
		return newPath(path)
	}
	return []*Class{
		{Name: pkg + "Paths", Static: Methods{"get": join}},
		pathsClass(join),
		{Name: pkg + "Files", Static: filesMethods()},
		NewEnum(pkg+"StandardOpenOption", nil, "READ", "WRITE", "APPEND", "TRUNCATE_EXISTING", "CREATE", "CREATE_NEW", "DELETE_ON_CLOSE", "SPARSE", "SYNC", "DSYNC"),
		NewEnum(pkg+"StandardCopyOption", nil, "REPLACE_EXISTING", "COPY_ATTRIBUTES", "ATOMIC_MOVE"),
		NewEnum(pkg+"LinkOption", nil, "NOFOLLOW_LINKS"),
		{Name: pkg + "attribute.FileTime", Super: "java.util.Date", Static: Methods{
			"fromMillis": func(c *Call) any { return &fileTime{time.UnixMilli(int64(c.Float(0)))} },
		}, Methods: Methods{
			"toMillis":  func(c *Call) any { return float64(c.This.(*fileTime).t.UnixMilli()) },
			"toString":  func(c *Call) any { return c.This.(*fileTime).String() },
			"toInstant": func(c *Call) any { return newMoment("java.time.Instant", c.This.(*fileTime).t.UTC()) },
		}},
	}
}

// fileTime is a FileTime.
type fileTime struct{ t time.Time }

func (*fileTime) JavaClass() string    { return "java.nio.file.attribute.FileTime" }
func (f *fileTime) String() string     { return f.t.UTC().Format("2006-01-02T15:04:05.999999999Z") }
func (f *fileTime) Instant() time.Time { return f.t }

func pathsClass(join func(*Call) any) *Class {
	on := func(f func(p string, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*file).path, c) }
	}
	resolve := func(p, other string) string {
		switch {
		case filepath.IsAbs(other) || p == "":
			return other
		case other == "":
			return p
		}
		return under(strings.TrimSuffix(p, string(filepath.Separator)), other)
	}
	names := func(p string) []string {
		return strings.FieldsFunc(p, func(r rune) bool { return r == filepath.Separator })
	}
	whole := func(f func(path, other string) bool) func(*Call) any {
		return on(func(p string, c *Call) any { return f(p, c.pathArg(0)) })
	}
	return &Class{Name: pathClass, Implements: []string{"java.lang.Comparable", "java.lang.Iterable"}, Static: Methods{"of": join}, Methods: Methods{
		"toString":       on(func(p string, c *Call) any { return p }),
		"toFile":         on(func(p string, c *Call) any { return newFile(p) }),
		"toAbsolutePath": on(func(p string, c *Call) any { return newPath(absolute(p)) }),
		"toRealPath": on(func(p string, c *Call) any {
			_, err := c.grants().Stat(p)
			c.mustPath(p, err)
			return newPath(c.canonical(p))
		}),
		"toUri": func(c *Call) any { return c.VM.lib.classes[fileClass].methods["toURI"](c) },
		"getFileName": on(func(p string, c *Call) any {
			if p == string(filepath.Separator) {
				return nil
			}
			return newPath(baseOf(p))
		}),
		"getParent": on(func(p string, c *Call) any {
			if parent, ok := parentOf(p); ok {
				return newPath(parent)
			}
			return nil
		}),
		"getRoot": on(func(p string, c *Call) any {
			if filepath.IsAbs(p) {
				return newPath(filepath.VolumeName(p) + string(filepath.Separator))
			}
			return nil
		}),
		"getNameCount": on(func(p string, c *Call) any { return len(names(p)) }),
		"getName": on(func(p string, c *Call) any {
			parts := names(p)
			if i := c.Int(0); i >= 0 && i < len(parts) {
				return newPath(parts[i])
			}
			panic(c.Throw("java.lang.IllegalArgumentException", ""))
		}),
		"isAbsolute": on(func(p string, c *Call) any { return filepath.IsAbs(p) }),
		"normalize":  on(func(p string, c *Call) any { return newPath(normal(p)) }),
		"resolve":    on(func(p string, c *Call) any { return newPath(resolve(p, c.pathArg(0))) }),
		"resolveSibling": on(func(p string, c *Call) any {
			parent, _ := parentOf(p)
			return newPath(resolve(parent, c.pathArg(0)))
		}),
		"relativize": on(func(p string, c *Call) any {
			rel, err := filepath.Rel(p, c.pathArg(0))
			if err != nil {
				panic(c.Throw("java.lang.IllegalArgumentException", "'other' is different type of Path"))
			}
			if rel == "." {
				rel = ""
			}
			return newPath(rel)
		}),
		"startsWith": whole(func(p, other string) bool {
			return p == other || strings.HasPrefix(p, strings.TrimSuffix(other, string(filepath.Separator))+string(filepath.Separator))
		}),
		"endsWith": whole(func(p, other string) bool {
			return p == other || strings.HasSuffix(p, string(filepath.Separator)+other)
		}),
		"equals":    on(func(p string, c *Call) any { return c.This.(*file).Equal(c.Object(0)) }),
		"compareTo": on(func(p string, c *Call) any { n, _ := c.This.(*file).Compare(c.Object(0)); return n }),
	}}
}

// normal takes . and .. out of a path, as far as that goes without looking.
func normal(p string) string {
	if p == "" {
		return ""
	}
	if p = filepath.Clean(p); p == "." {
		return ""
	}
	return p
}

func filesMethods() Methods {
	look := func(f func(info fs.FileInfo) bool) func(*Call) any {
		return func(c *Call) any {
			info := c.look(c.pathArg(0))
			return info != nil && f(info)
		}
	}
	exists := look(func(fs.FileInfo) bool { return true })
	stat := func(c *Call) fs.FileInfo {
		info, err := c.grants().Stat(c.pathArg(0))
		c.mustPath(c.pathArg(0), err)
		return info
	}
	read := func(c *Call) []byte {
		b, err := c.readFile(c.pathArg(0))
		c.mustPath(c.pathArg(0), err)
		return b
	}
	// text reads characters and throws where they are none, as Files does.
	text := func(c *Call) string { return c.decode(read(c), charsetName(c, 1)) }
	write := func(c *Call, data []byte, options int) any {
		path := c.pathArg(0)
		c.mustPath(path, c.writeFile(path, data, openFlags(c.options(options)), false))
		return newPath(path)
	}
	made := func(f func(g *access.Grants, path string) error) func(*Call) any {
		return func(c *Call) any {
			path := c.pathArg(0)
			c.mustPath(path, f(c.grants(), path))
			return newPath(path)
		}
	}
	list := func(c *Call) []any {
		path := c.pathArg(0)
		names, err := c.grants().Names(path)
		c.mustPath(path, err)
		out := make([]any, len(names))
		for i, name := range names {
			out[i] = newPath(under(path, name))
		}
		return out
	}
	return Methods{
		"exists": exists, "notExists": func(c *Call) any { return exists(c) == false },
		"isDirectory":   look(fs.FileInfo.IsDir),
		"isRegularFile": look(func(i fs.FileInfo) bool { return i.Mode().IsRegular() }),
		"isReadable":    look(func(i fs.FileInfo) bool { return i.Mode().Perm()&0o444 != 0 }),
		"isWritable":    look(func(i fs.FileInfo) bool { return i.Mode().Perm()&0o222 != 0 }),
		"isExecutable":  look(func(i fs.FileInfo) bool { return i.Mode().Perm()&0o111 != 0 }),
		"isHidden":      func(c *Call) any { return strings.HasPrefix(baseOf(c.pathArg(0)), ".") },
		"isSymbolicLink": func(c *Call) any {
			info, err := c.grants().Lstat(c.pathArg(0))
			if err != nil {
				c.throwDenied(err)
				return false
			}
			return info.Mode()&fs.ModeSymlink != 0
		},
		"isSameFile": func(c *Call) any {
			a, err := c.grants().Stat(c.pathArg(0))
			c.mustPath(c.pathArg(0), err)
			b, err := c.grants().Stat(c.pathArg(1))
			c.mustPath(c.pathArg(1), err)
			return os.SameFile(a, b)
		},
		"size":                func(c *Call) any { return float64(stat(c).Size()) },
		"getLastModifiedTime": func(c *Call) any { return &fileTime{stat(c).ModTime()} },
		"setLastModifiedTime": func(c *Call) any {
			t, _ := c.Time(1)
			c.mustPath(c.pathArg(0), c.grants().SetTime(c.pathArg(0), t))
			return newPath(c.pathArg(0))
		},
		"readAllBytes": func(c *Call) any { return read(c) },
		"readString":   func(c *Call) any { return text(c) },
		"readAllLines": func(c *Call) any {
			r, l := newReader("java.io.BufferedReader", text(c)), NewList()
			for s, ok := r.line(c); ok; s, ok = r.line(c) {
				l.Add(s)
			}
			return l
		},
		"lines": func(c *Call) any {
			return c.VM.lib.classes["java.nio.file.Files"].Static["readAllLines"](c)
		},
		"write": func(c *Call) any {
			switch v := c.Object(1).(type) {
			case []byte:
				return write(c, v, 2)
			default:
				items, ok := c.Items(1)
				if !ok {
					panic(c.Throw("java.lang.IllegalArgumentException", "Files.write needs a byte[] or a collection of lines"))
				}
				var b strings.Builder
				for _, item := range items {
					b.WriteString(c.VM.Text(item) + "\n")
				}
				charset, options := "", 2
				if _, isOption := c.Object(2).(*Enum); !isOption && !c.Null(2) {
					charset, options = charsetName(c, 2), 3
				}
				return write(c, c.encode(b.String(), charset), options)
			}
		},
		"writeString": func(c *Call) any {
			charset, options := "", 2
			if _, isOption := c.Object(2).(*Enum); !isOption && !c.Null(2) {
				charset, options = charsetName(c, 2), 3
			}
			return write(c, c.encode(c.Need(1), charset), options)
		},
		"createFile": made(func(g *access.Grants, path string) error {
			f, err := g.Open(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
			if err == nil {
				err = f.Close()
			}
			return err
		}),
		"createDirectory":   made((*access.Grants).Mkdir),
		"createDirectories": made((*access.Grants).MkdirAll),
		"createTempFile": func(c *Call) any {
			dir, first := os.TempDir(), 0
			if _, ok := c.Object(0).(*file); ok {
				dir, first = c.pathArg(0), 1
			}
			suffix := ".tmp"
			if !c.Null(first + 1) {
				suffix = c.Text(first + 1)
			}
			return newPath(c.temporary(dir, c.Text(first), suffix))
		},
		"delete": func(c *Call) any {
			c.mustPath(c.pathArg(0), c.grants().Remove(c.pathArg(0)))
			return Void
		},
		"deleteIfExists": func(c *Call) any {
			err := c.grants().Remove(c.pathArg(0))
			if errors.Is(err, fs.ErrNotExist) {
				return false
			}
			c.mustPath(c.pathArg(0), err)
			return true
		},
		"move": func(c *Call) any {
			from, to, replace := c.pathArg(0), c.pathArg(1), c.options(2)["REPLACE_EXISTING"] || c.options(2)["ATOMIC_MOVE"]
			err := c.grants().Rename(from, to, replace)
			if errors.Is(err, syscall.EXDEV) {
				if err = c.copyFile(from, to, replace); err == nil {
					err = c.grants().Remove(from)
				}
			}
			c.mustPath(pathOf(err, to), err)
			return newPath(to)
		},
		"copy": func(c *Call) any {
			switch v := c.Object(0).(type) {
			case *input:
				c.copyTo(v, c.pathArg(1), c.options(2)["REPLACE_EXISTING"])
				return 0.0
			}
			if out, ok := c.Object(1).(*output); ok {
				b := read(c)
				_, err := out.Write(b)
				c.must(err)
				return float64(len(b))
			}
			err := c.copyFile(c.pathArg(0), c.pathArg(1), c.options(2)["REPLACE_EXISTING"])
			c.mustPath(pathOf(err, c.pathArg(1)), err)
			return newPath(c.pathArg(1))
		},
		"newInputStream": func(c *Call) any { return c.nioInput(c.pathArg(0)) },
		"newOutputStream": func(c *Call) any {
			c.mayOpen()
			f, err := c.grants().Open(c.pathArg(0), openFlags(c.options(1)))
			c.mustPath(c.pathArg(0), err)
			out := &output{class: "java.io.OutputStream", to: f, closer: closer{close: f.Close}}
			c.opened(out)
			return out
		},
		"newBufferedReader": func(c *Call) any {
			in := c.nioInput(c.pathArg(0))
			return &reader{class: "java.io.BufferedReader", source: source{from: c.decoder(in, charsetName(c, 1)), mark: -1, closer: closer{close: in.end}}}
		},
		"newBufferedWriter": func(c *Call) any {
			charset, options := "", 1
			if _, isOption := c.Object(1).(*Enum); !isOption && !c.Null(1) {
				charset, options = charsetName(c, 1), 2
			}
			c.mayOpen()
			f, err := c.grants().Open(c.pathArg(0), openFlags(c.options(options)))
			c.mustPath(c.pathArg(0), err)
			w := c.writerOver("java.io.BufferedWriter", &output{class: "java.io.OutputStream", to: f, closer: closer{close: f.Close}}, charset)
			c.opened(w)
			return w
		},
		"list":               func(c *Call) any { return NewList(list(c)...) },
		"newDirectoryStream": func(c *Call) any { return NewList(list(c)...) },
	}
}

// pathOf is the path that an error is about.
func pathOf(err error, otherwise string) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Path
	}
	return otherwise
}

func (c *Call) nioInput(path string) *input {
	c.mayOpen()
	f, err := c.grants().Open(path, os.O_RDONLY)
	c.mustPath(path, err)
	in := &input{class: "java.io.InputStream", source: source{from: f, mark: -1, closer: closer{close: f.Close}}}
	c.opened(in)
	return in
}
