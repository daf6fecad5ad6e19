package java

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/weir-health/weir/internal/script/access"
)

func commonsIOClasses() []*Class {
	const pkg = "org.apache.commons.io."
	return []*Class{
		{Name: pkg + "IOUtils", Static: ioUtils()},
		{Name: pkg + "FileUtils", Static: fileUtils()},
		{Name: pkg + "FilenameUtils", Static: filenameMethods()},
		{Name: serverUtil + "FileUtil", Static: fileUtil()},
	}
}

// fileUtil is the user API's FileUtil.
func fileUtil() Methods {
	read := func(c *Call) []byte {
		b, err := c.readFile(c.pathArg(0))
		if err != nil {
			panic(c.throwFile(c.pathArg(0), err))
		}
		return b
	}
	return Methods{
		"encode": func(c *Call) any { return chunked(base64.StdEncoding.EncodeToString(c.Bytes(0))) },
		"decode": func(c *Call) any {
			return decodeLoosely(c.Need(0))
		},
		"read":      func(c *Call) any { return c.decode(read(c), "") },
		"readBytes": func(c *Call) any { return read(c) },
		"write": func(c *Call) any {
			var data []byte
			switch v := c.Object(2).(type) {
			case nil: // as commons-io has it: nothing is written
			case []byte:
				data = v
			default:
				data = []byte(c.Text(2))
			}
			if err := c.writeFile(c.pathArg(0), data, createFlags(c.Bool(1)), true); err != nil {
				panic(c.throwFile(c.pathArg(0), err))
			}
			return Void
		},
		"deleteFile":     func(c *Call) any { return c.done(c.grants().Remove(c.pathArg(0))) },
		"rtfToPlainText": func(c *Call) any { return c.plainText(c.Need(0), c.Text(1)) },
	}
}

func ioUtils() Methods {
	all := func(c *Call, i int) []byte {
		switch v := c.Object(i).(type) {
		case *reader:
			return []byte(v.rest(c))
		case *input:
			return v.rest(c)
		case *link:
			return c.openLink(v).rest(c)
		}
		return c.Bytes(i)
	}
	lines := func(c *Call) []string {
		text := ""
		if r, ok := c.Object(0).(*reader); ok {
			text = r.rest(c)
		} else {
			text = c.decode(all(c, 0), charsetName(c, 1))
		}
		r := newReader("", text)
		var out []string
		for s, ok := r.line(c); ok; s, ok = r.line(c) {
			out = append(out, s)
		}
		return out
	}
	return Methods{
		"toString": func(c *Call) any {
			if r, ok := c.Object(0).(*reader); ok {
				return r.rest(c)
			}
			return c.decode(all(c, 0), charsetName(c, 1))
		},
		"toByteArray": func(c *Call) any { return all(c, 0) },
		"toInputStream": func(c *Call) any {
			return newInput("java.io.ByteArrayInputStream", c.encode(c.Need(0), charsetName(c, 1)))
		},
		"readLines": func(c *Call) any {
			l := NewList()
			for _, s := range lines(c) {
				l.Add(s)
			}
			return l
		},
		"copy": func(c *Call) any {
			switch to := c.Object(1).(type) {
			case *output:
				b := all(c, 0)
				if r, ok := c.Object(0).(*reader); ok {
					b = c.encode(r.rest(c), charsetName(c, 2))
				}
				_, err := to.Write(b)
				c.must(err)
				return len(b)
			default:
				text := c.decode(all(c, 0), charsetName(c, 2))
				c.writeText(1, text)
				return length(text)
			}
		},
		"write": func(c *Call) any {
			if to, ok := c.Object(1).(*output); ok {
				b, isBytes := c.Object(0).([]byte)
				if !isBytes {
					b = c.encode(c.Text(0), charsetName(c, 2))
				}
				_, err := to.Write(b)
				c.must(err)
				return Void
			}
			c.writeText(1, c.Text(0))
			return Void
		},
		"contentEquals": func(c *Call) any { return string(all(c, 0)) == string(all(c, 1)) },
		"closeQuietly": func(c *Call) any {
			for i := range c.Len() {
				if h, ok := c.Object(i).(Handle); ok {
					c.closed(h)
					h.Release()
				}
			}
			return Void
		},
	}
}

// fileUtils is commons-io's FileUtils.
func fileUtils() Methods {
	read := func(c *Call) []byte {
		b, err := c.readFile(c.pathArg(0))
		c.mustPath(c.pathArg(0), err)
		return b
	}
	// how reads the charset and whether to append, in any of the forms.
	how := func(c *Call, i int) (charset string, flag int) {
		appending := false
		for ; i < c.Len(); i++ {
			if c.IsBool(i) {
				appending = c.Bool(i)
			} else if c.IsText(i) || !c.Null(i) {
				charset = charsetName(c, i)
			}
		}
		return charset, createFlags(appending)
	}
	write := func(c *Call, data []byte, flag int) any {
		if err := c.writeFile(c.pathArg(0), data, flag, true); err != nil {
			panic(c.throwFile(c.pathArg(0), err))
		}
		return Void
	}
	text := func(c *Call) any {
		charset, flag := how(c, 2)
		return write(c, c.encode(c.Text(1), charset), flag)
	}
	lines := func(c *Call) any {
		// (file, lines), (file, charset, lines, ending, append)
		at, charset := 1, ""
		if _, ok := c.Items(1); !ok {
			at, charset = 2, charsetName(c, 1)
		}
		items, _ := c.Items(at)
		ending, appending := "\n", false
		for i := at + 1; i < c.Len(); i++ {
			if c.IsBool(i) {
				appending = c.Bool(i)
			} else if !c.Null(i) {
				ending = c.Text(i)
			}
		}
		var b strings.Builder
		for _, item := range items {
			if item != nil {
				b.WriteString(c.VM.Text(item))
			}
			b.WriteString(ending)
		}
		return write(c, c.encode(b.String(), charset), createFlags(appending))
	}
	copyTo := func(c *Call, from, to string, replace bool) {
		if p, ok := parentOf(to); ok {
			if err := c.grants().MkdirAll(p); err != nil {
				c.throwDenied(err)
			}
		}
		err := c.copyFile(from, to, replace)
		c.mustPath(pathOf(err, to), err)
	}
	move := func(c *Call, from, to string) {
		if p, ok := parentOf(to); ok {
			if err := c.grants().MkdirAll(p); err != nil {
				c.throwDenied(err)
			}
		}
		err := c.grants().Rename(from, to, false)
		if errors.Is(err, syscall.EXDEV) {
			if err = c.copyFile(from, to, false); err == nil {
				err = c.grants().Remove(from)
			}
		}
		if errors.Is(err, fs.ErrExist) {
			panic(c.Throw("org.apache.commons.io.FileExistsException", "File element in parameter 'destFile' already exists: '"+to+"'"))
		}
		c.mustPath(pathOf(err, from), err)
	}
	into := func(c *Call) string { return under(c.pathArg(1), baseOf(c.pathArg(0))) }
	return Methods{
		"getFile": func(c *Call) any {
			p := c.pathArg(0)
			for i := 1; i < c.Len(); i++ {
				p = under(p, c.Text(i))
			}
			return newFile(p)
		},
		"getTempDirectory":     func(*Call) any { return newFile(os.TempDir()) },
		"getTempDirectoryPath": func(*Call) any { return os.TempDir() },
		"readFileToString":     func(c *Call) any { return c.decode(read(c), charsetName(c, 1)) },
		"readFileToByteArray":  func(c *Call) any { return read(c) },
		"readLines": func(c *Call) any {
			r, l := newReader("", c.decode(read(c), charsetName(c, 1))), NewList()
			for s, ok := r.line(c); ok; s, ok = r.line(c) {
				l.Add(s)
			}
			return l
		},
		"writeStringToFile": text, "write": text, "writeLines": lines,
		"writeByteArrayToFile": func(c *Call) any {
			b, flag := c.Bytes(1), createFlags(c.IsBool(c.Len()-1) && c.Bool(c.Len()-1))
			if c.Len() >= 4 && c.IsNumber(2) {
				b = (&Call{VM: c.VM, Args: c.Args[1:]}).part(b)
			}
			return write(c, b, flag)
		},
		"copyFile": func(c *Call) any { copyTo(c, c.pathArg(0), c.pathArg(1), true); return Void },
		"copyFileToDirectory": func(c *Call) any {
			copyTo(c, c.pathArg(0), into(c), true)
			return Void
		},
		"copyInputStreamToFile": func(c *Call) any {
			in, ok := c.Object(0).(*input)
			if !ok {
				panic(c.Throw("java.lang.NullPointerException", ""))
			}
			if p, ok := parentOf(c.pathArg(1)); ok {
				c.throwDenied(c.grants().MkdirAll(p))
			}
			c.copyTo(in, c.pathArg(1), true)
			in.end()
			return Void
		},
		"copyURLToFile": func(c *Call) any {
			l, ok := c.Object(0).(*link)
			if !ok {
				panic(c.Throw("java.lang.NullPointerException", ""))
			}
			in := c.openLink(l)
			defer in.end()
			c.copyTo(in, c.pathArg(1), true)
			return Void
		},
		"moveFile":            func(c *Call) any { move(c, c.pathArg(0), c.pathArg(1)); return Void },
		"moveDirectory":       func(c *Call) any { move(c, c.pathArg(0), c.pathArg(1)); return Void },
		"moveFileToDirectory": func(c *Call) any { move(c, c.pathArg(0), into(c)); return Void },
		"forceMkdir": func(c *Call) any {
			c.mustPath(c.pathArg(0), c.grants().MkdirAll(c.pathArg(0)))
			return Void
		},
		"forceMkdirParent": func(c *Call) any {
			if p, ok := parentOf(c.pathArg(0)); ok {
				c.mustPath(p, c.grants().MkdirAll(p))
			}
			return Void
		},
		"forceDelete": func(c *Call) any {
			p := c.pathArg(0)
			_, err := c.grants().Lstat(p)
			if errors.Is(err, fs.ErrNotExist) {
				panic(c.Throw("java.io.FileNotFoundException", "File does not exist: "+p))
			}
			c.mustPath(p, err)
			c.mustPath(p, c.removeAll(p))
			return Void
		},
		"deleteQuietly": func(c *Call) any { return !c.Null(0) && c.done(c.removeAll(c.pathArg(0))) },
		"deleteDirectory": func(c *Call) any {
			p := c.pathArg(0)
			if info := c.look(p); info != nil {
				if !info.IsDir() {
					panic(c.Throw("java.lang.IllegalArgumentException", "Parameter 'directory' is not a directory: '"+p+"'"))
				}
				c.mustPath(p, c.removeAll(p))
			}
			return Void
		},
		"cleanDirectory": func(c *Call) any {
			names, err := c.grants().Names(c.pathArg(0))
			c.mustPath(c.pathArg(0), err)
			for _, name := range names {
				c.mustPath(name, c.removeAll(under(c.pathArg(0), name)))
			}
			return Void
		},
		"sizeOf": func(c *Call) any {
			n := 0.0
			c.walk(c.pathArg(0), func(p string, info fs.FileInfo) {
				if !info.IsDir() {
					n += float64(info.Size())
				}
			})
			return n
		},
		"listFiles": func(c *Call) any {
			// (directory, extensions or null, recursive)
			extensions, given := c.Items(1)
			l := NewList()
			top := c.pathArg(0)
			c.walkIf(top, func(p string, info fs.FileInfo) bool {
				if info.IsDir() {
					return p == top || c.Bool(2)
				}
				if !given || slices.ContainsFunc(extensions, func(e any) bool { return strings.HasSuffix(p, "."+Text(e)) }) {
					l.Add(newFile(p))
				}
				return false
			})
			return l
		},
		"touch": func(c *Call) any {
			p := c.pathArg(0)
			if c.look(p) == nil {
				return write(c, nil, createFlags(true))
			}
			c.mustPath(p, c.grants().SetTime(p, c.VM.Now()))
			return Void
		},
		"contentEquals": func(c *Call) any {
			a, err := c.readFile(c.pathArg(0))
			c.mustPath(c.pathArg(0), err)
			b, err := c.readFile(c.pathArg(1))
			c.mustPath(c.pathArg(1), err)
			return string(a) == string(b)
		},
		"isFileNewer": func(c *Call) any {
			info := c.look(c.pathArg(0))
			if other, ok := c.Object(1).(*file); ok {
				than := c.look(other.path)
				return info != nil && than != nil && info.ModTime().After(than.ModTime())
			}
			t, _ := c.Time(1)
			return info != nil && info.ModTime().After(t)
		},
		"openInputStream": func(c *Call) any { return c.fileInput(c.pathArg(0), "java.io.FileInputStream") },
		"openOutputStream": func(c *Call) any {
			if p, ok := parentOf(c.pathArg(0)); ok {
				c.throwDenied(c.grants().MkdirAll(p))
			}
			return c.fileOutput(c.pathArg(0), c.Len() > 1 && c.Bool(1), "java.io.FileOutputStream")
		},
	}
}

// copyFile copies one file.
func (c *Call) copyFile(from, to string, replace bool) error {
	g := c.grants()
	in, err := g.Open(from, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer in.Close()
	if info, err := g.Stat(to); err == nil {
		if now, err := in.Stat(); err == nil && os.SameFile(now, info) {
			return nil // opening it to be written would empty it
		}
	}
	flag := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if replace {
		flag = createFlags(false)
	}
	out, err := g.Open(to, flag)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, access.Until(c.VM.Context, in))
	return errors.Join(err, out.Close())
}

// copyTo writes what a stream holds into a file.
func (c *Call) copyTo(in *input, to string, replace bool) {
	flag := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if replace {
		flag = createFlags(false)
	}
	out, err := c.grants().Open(to, flag)
	c.mustPath(to, err)
	_, err = io.Copy(out, access.Until(c.VM.Context, in))
	c.must(errors.Join(err, out.Close()))
}

// maxWalk is how deep directories may lie in one another.
const maxWalk = 100

// walk visits a file, or a directory and all in it, without following links.
func (c *Call) walk(p string, visit func(p string, info fs.FileInfo)) {
	c.walkIf(p, func(p string, info fs.FileInfo) bool { visit(p, info); return true })
}

func (c *Call) walkIf(p string, visit func(p string, info fs.FileInfo) (enter bool)) {
	var step func(p string, depth int)
	step = func(p string, depth int) {
		info, err := c.grants().Lstat(p)
		c.mustPath(p, err)
		c.must(c.VM.Context.Err())
		if !visit(p, info) || !info.IsDir() || depth == maxWalk {
			return
		}
		names, _ := c.names(p)
		for _, name := range names {
			step(under(p, name), depth+1)
		}
	}
	step(p, 0)
}

// removeAll deletes a file, or a directory with all in it. Links are deleted,
// and not what they lead to.
func (c *Call) removeAll(p string) error { return removeAll(c.VM.Context, c.grants(), p, 0) }

func removeAll(ctx context.Context, g *access.Grants, p string, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	info, err := g.Lstat(p)
	if err != nil {
		return err
	}
	if info.IsDir() && depth < maxWalk {
		names, err := g.Names(p)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := removeAll(ctx, g, under(p, name), depth+1); err != nil {
				return err
			}
		}
	}
	return g.Remove(p)
}

// filenameMethods is FilenameUtils: names alone, of Unix or of Windows.
func filenameMethods() Methods {
	text := func(f func(string) any) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return nil
			}
			return f(c.Text(0))
		}
	}
	last := func(s string) int { return strings.LastIndexAny(s, `/\`) }
	name := func(s string) string { return s[last(s)+1:] }
	ext := func(s string) (int, bool) {
		i := strings.LastIndexByte(s, '.')
		return i, i >= 0 && i > last(s)
	}
	cut := func(s string) string {
		if i, ok := ext(s); ok {
			return s[:i]
		}
		return s
	}
	prefix := func(s string) string {
		if strings.HasPrefix(s, "/") || strings.HasPrefix(s, `\`) {
			return s[:1]
		}
		if len(s) >= 2 && s[1] == ':' {
			if len(s) > 2 && (s[2] == '/' || s[2] == '\\') {
				return s[:3]
			}
			return s[:2]
		}
		return ""
	}
	clean := func(s string, slash bool) any {
		sep := string(filepath.Separator)
		from := strings.ReplaceAll(s, `\`, "/")
		out := path.Clean(from)
		if out == ".." || strings.HasPrefix(out, "../") || strings.HasPrefix(from, "/") && strings.HasPrefix(path.Clean("."+from), "..") {
			return nil
		}
		if out == "." {
			out = ""
		}
		if slash && strings.HasSuffix(from, "/") && out != "/" && out != "" {
			out += "/"
		}
		return strings.ReplaceAll(out, "/", sep)
	}
	return Methods{
		"getName": text(func(s string) any { return name(s) }),
		"getExtension": text(func(s string) any {
			if i, ok := ext(s); ok {
				return s[i+1:]
			}
			return ""
		}),
		"removeExtension": text(func(s string) any { return cut(s) }),
		"getBaseName":     text(func(s string) any { return cut(name(s)) }),
		"getPrefix":       text(func(s string) any { return prefix(s) }),
		"getPath": text(func(s string) any {
			return strings.TrimPrefix(s[:last(s)+1], prefix(s))
		}),
		"getPathNoEndSeparator": text(func(s string) any {
			return strings.TrimPrefix(s[:max(last(s), 0)], prefix(s))
		}),
		"getFullPath":               text(func(s string) any { return s[:last(s)+1] }),
		"getFullPathNoEndSeparator": text(func(s string) any { return s[:max(last(s), len(prefix(s)), 0)] }),
		"indexOfExtension": func(c *Call) any {
			if i, ok := ext(c.Text(0)); ok {
				return i
			}
			return -1
		},
		"isExtension": func(c *Call) any {
			want := ""
			if i, ok := ext(c.Text(0)); ok {
				want = c.Text(0)[i+1:]
			}
			if items, ok := c.Items(1); ok {
				return slices.ContainsFunc(items, func(e any) bool { return Text(e) == want })
			}
			return c.Text(1) == want
		},
		"normalize":               text(func(s string) any { return clean(s, true) }),
		"normalizeNoEndSeparator": text(func(s string) any { return clean(s, false) }),
		"separatorsToUnix":        text(func(s string) any { return strings.ReplaceAll(s, `\`, "/") }),
		"separatorsToWindows":     text(func(s string) any { return strings.ReplaceAll(s, "/", `\`) }),
		"concat": func(c *Call) any {
			added := c.Text(1)
			if prefix(added) != "" {
				return clean(added, true)
			}
			if base := c.Text(0); base != "" {
				added = strings.TrimRight(base, `/\`) + "/" + added
			}
			return clean(added, true)
		},
		"equals": func(c *Call) any { return c.Text(0) == c.Text(1) },
		"wildcardMatch": func(c *Call) any {
			return !c.Null(0) && !c.Null(1) && wildcard(c.Text(1), c.Text(0))
		},
	}
}

// wildcard matches a text with a pattern of * and ?.
func wildcard(pattern, s string) bool {
	p, t := []rune(pattern), []rune(s)
	star, back := -1, 0
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, back = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			back++
			i, j = star+1, back
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
