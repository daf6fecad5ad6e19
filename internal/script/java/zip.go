package java

import (
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"time"
)

// zipEntry is a ZipEntry: its name, and what the archive says of it.
type zipEntry struct {
	name, comment string
	size, packed  int64 // -1: not known
	crc           int64
	method        int
	time          time.Time
}

func (*zipEntry) JavaClass() string { return "java.util.zip.ZipEntry" }
func (e *zipEntry) String() string  { return e.name }

func newEntry(name string) *zipEntry {
	return &zipEntry{name: name, size: -1, packed: -1, crc: -1, method: -1}
}

func entryOf(h *zip.FileHeader) *zipEntry {
	return &zipEntry{name: h.Name, comment: h.Comment, size: int64(h.UncompressedSize64), packed: int64(h.CompressedSize64),
		crc: int64(h.CRC32), method: int(h.Method), time: h.Modified}
}

// zipInput is a ZipInputStream. Archives have their table at the end, so it is
// read whole when the first entry is asked for.
type zipInput struct {
	*input
	from  *input
	files []*zip.File
	next  int
	ready bool
}

// zipOutput is a ZipOutputStream.
type zipOutput struct {
	*output
	w        *zip.Writer
	now      io.Writer
	finished bool
}

// finish writes the table at the end of the archive.
func (z *zipOutput) finish() error {
	if z.finished {
		return nil
	}
	z.finished = true
	return z.w.Close()
}

func (z *zipOutput) Write(b []byte) (int, error) {
	if z.now == nil {
		return 0, errors.New("no current ZIP entry")
	}
	return z.now.Write(b)
}

// zipFile is a ZipFile.
type zipFile struct {
	closer
	path string
	f    *os.File
	r    *zip.Reader
}

func (*zipFile) JavaClass() string { return "java.util.zip.ZipFile" }

// checksum is a CRC32 or Adler32.
type checksum struct {
	class string
	hash.Hash32
}

func (s *checksum) JavaClass() string { return s.class }

func (c *Call) zipFault(err error) {
	if err == nil {
		return
	}
	if errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		panic(c.Throw("java.util.zip.ZipException", strings.TrimPrefix(strings.TrimPrefix(err.Error(), "zip: "), "gzip: ")))
	}
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) {
		panic(c.Throw("java.util.zip.ZipException", "invalid compressed data"))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		panic(c.Throw("java.io.EOFException", "Unexpected end of ZLIB input stream"))
	}
	panic(c.throwIO(err))
}

func zipClasses() []*Class {
	under := func(c *Call) *input {
		switch s := c.Object(0).(type) {
		case *input:
			return s
		case *zipInput:
			return s.input
		}
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	into := func(c *Call) *output {
		if o, ok := c.Object(0).(*output); ok {
			return o
		}
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	const pkg = "java.util.zip."
	return []*Class{
		{Name: pkg + "GZIPInputStream", Super: "java.io.InputStream", New: func(c *Call) any {
			in := under(c)
			r, err := gzip.NewReader(in)
			c.zipFault(err)
			return inputOver(pkg+"GZIPInputStream", &unpacked{c, r}, in)
		}},
		{Name: pkg + "InflaterInputStream", Super: "java.io.InputStream", New: func(c *Call) any {
			in := under(c)
			r, err := zlib.NewReader(in)
			c.zipFault(err)
			return inputOver(pkg+"InflaterInputStream", &unpacked{c, r}, in)
		}},
		packing(pkg+"GZIPOutputStream", into, func(o *output) packer { return gzip.NewWriter(o) }),
		packing(pkg+"DeflaterOutputStream", into, func(o *output) packer { return zlib.NewWriter(o) }),
		entryClass(), zipInputClass(under), zipOutputClass(into), zipFileClass(),
		checksumClass(pkg+"CRC32", func() hash.Hash32 { return crc32.NewIEEE() }),
		checksumClass(pkg+"Adler32", func() hash.Hash32 { return adler32.New() }),
	}
}

// unpacked gives what is wrong with packed data as Java's own errors.
type unpacked struct {
	c *Call
	r io.Reader
}

func (u *unpacked) Read(b []byte) (int, error) {
	n, err := u.r.Read(b)
	if err != nil && err != io.EOF {
		u.c.zipFault(err)
	}
	return n, err
}

type packer interface {
	io.WriteCloser
	Flush() error
}

// packing is a stream that packs what is written to it.
func packing(name string, into func(*Call) *output, pack func(*output) packer) *Class {
	return &Class{Name: name, Super: "java.io.OutputStream", New: func(c *Call) any {
		to := into(c)
		w := pack(to)
		return &output{class: name, to: w, flush: func() error { return errors.Join(w.Flush(), to.flushed()) },
			closer: closer{close: func() error { return errors.Join(w.Close(), to.end()) }}}
	}, Methods: Methods{"finish": func(c *Call) any {
		if w, ok := c.This.(*output).to.(packer); ok {
			c.must(w.Close())
		}
		return Void
	}}}
}

func entryClass() *Class {
	on := func(f func(e *zipEntry, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*zipEntry), c) }
	}
	return &Class{Name: "java.util.zip.ZipEntry", New: func(c *Call) any { return newEntry(c.Need(0)) },
		Constants: map[string]any{"STORED": int32(0), "DEFLATED": int32(8)},
		Methods: Methods{
			"getName": on(func(e *zipEntry, c *Call) any { return e.name }), "isDirectory": on(func(e *zipEntry, c *Call) any { return strings.HasSuffix(e.name, "/") }),
			"getSize": on(func(e *zipEntry, c *Call) any { return float64(e.size) }), "getCompressedSize": on(func(e *zipEntry, c *Call) any { return float64(e.packed) }),
			"getCrc": on(func(e *zipEntry, c *Call) any { return float64(e.crc) }), "getMethod": on(func(e *zipEntry, c *Call) any { return e.method }),
			"getTime": on(func(e *zipEntry, c *Call) any {
				if e.time.IsZero() {
					return -1.0
				}
				return float64(e.time.UnixMilli())
			}),
			"setTime":    on(func(e *zipEntry, c *Call) any { e.time = time.UnixMilli(int64(c.Float(0))); return Void }),
			"setMethod":  on(func(e *zipEntry, c *Call) any { e.method = c.Int(0); return Void }),
			"setComment": on(func(e *zipEntry, c *Call) any { e.comment = c.Text(0); return Void }),
			"getComment": on(func(e *zipEntry, c *Call) any { return nullable(e.comment) }),
			"setSize":    on(func(e *zipEntry, c *Call) any { e.size = int64(c.Float(0)); return Void }),
			"setCrc":     on(func(e *zipEntry, c *Call) any { e.crc = int64(c.Float(0)); return Void }),
		}}
}

func zipInputClass(under func(*Call) *input) *Class {
	enter := func(c *Call) any {
		z := c.This.(*input)
		s, ok := z.zip.(*zipInput)
		if !ok {
			return nil
		}
		if !s.ready {
			s.ready = true
			data := s.from.rest(c)
			r, err := zip.NewReader(strings.NewReader(string(data)), int64(len(data)))
			if errors.Is(err, zip.ErrFormat) {
				return nil // as Java's: no archive has no entry
			}
			c.zipFault(err)
			s.files = r.File
		}
		z.mu.Lock()
		defer z.mu.Unlock()
		z.buf, z.at, z.err = nil, 0, nil
		if s.next >= len(s.files) {
			z.from = strings.NewReader("")
			return nil
		}
		f := s.files[s.next]
		s.next++
		r, err := f.Open()
		c.zipFault(err)
		z.from = &unpacked{c, r}
		return entryOf(&f.FileHeader)
	}
	return &Class{Name: "java.util.zip.ZipInputStream", Super: "java.io.InputStream", New: func(c *Call) any {
		from := under(c)
		in := inputOver("java.util.zip.ZipInputStream", strings.NewReader(""), from)
		in.zip = &zipInput{input: in, from: from}
		return in
	}, Methods: Methods{"getNextEntry": enter, "closeEntry": func(*Call) any { return Void }}}
}

func zipOutputClass(into func(*Call) *output) *Class {
	on := func(f func(z *zipOutput, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*output).to.(*zipOutput), c) }
	}
	return &Class{Name: "java.util.zip.ZipOutputStream", Super: "java.io.OutputStream", New: func(c *Call) any {
		to := into(c)
		z := &zipOutput{w: zip.NewWriter(to)}
		z.output = &output{class: "java.util.zip.ZipOutputStream", to: z, flush: to.flushed,
			closer: closer{close: func() error { return errors.Join(z.finish(), to.end()) }}}
		return z.output
	}, Methods: Methods{
		"putNextEntry": on(func(z *zipOutput, c *Call) any {
			e, ok := c.Object(0).(*zipEntry)
			if !ok {
				panic(c.Throw("java.lang.NullPointerException", ""))
			}
			h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Comment: e.comment, Modified: e.time}
			if e.method == 0 {
				h.Method = zip.Store
			}
			if e.time.IsZero() {
				h.Modified = c.VM.Now()
			}
			w, err := z.w.CreateHeader(h)
			c.must(err)
			z.now = w
			return Void
		}),
		"closeEntry": on(func(z *zipOutput, c *Call) any { z.now = nil; return Void }),
		"setLevel":   on(func(z *zipOutput, c *Call) any { return Void }),
		"setMethod":  on(func(z *zipOutput, c *Call) any { return Void }),
		"setComment": on(func(z *zipOutput, c *Call) any { c.must(z.w.SetComment(c.Text(0))); return Void }),
		"finish":     on(func(z *zipOutput, c *Call) any { c.must(z.finish()); return Void }),
	}}
}

func zipFileClass() *Class {
	on := func(f func(z *zipFile, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*zipFile), c) }
	}
	return &Class{Name: "java.util.zip.ZipFile", Implements: []string{"java.io.Closeable"}, New: func(c *Call) any {
		path := c.pathArg(0)
		c.mayOpen()
		f, err := c.grants().Open(path, os.O_RDONLY)
		c.mustPath(path, err)
		z := &zipFile{closer{close: f.Close}, path, f, nil}
		c.opened(z)
		info, err := f.Stat()
		c.must(err)
		z.r, err = zip.NewReader(f, info.Size())
		c.zipFault(err)
		return z
	}, Methods: Methods{
		"getName": on(func(z *zipFile, c *Call) any { return z.path }),
		"size":    on(func(z *zipFile, c *Call) any { return len(z.r.File) }),
		"entries": on(func(z *zipFile, c *Call) any {
			l := NewList()
			for _, f := range z.r.File {
				l.Add(entryOf(&f.FileHeader))
			}
			return &enumeration{&Iterator{items: l.Items()}}
		}),
		"getEntry": on(func(z *zipFile, c *Call) any {
			for _, f := range z.r.File {
				if f.Name == c.Text(0) {
					return entryOf(&f.FileHeader)
				}
			}
			return nil
		}),
		"getInputStream": on(func(z *zipFile, c *Call) any {
			for _, f := range z.r.File {
				if f.Name == c.Text(0) {
					r, err := f.Open()
					c.zipFault(err)
					return &input{class: "java.io.InputStream", source: source{from: &unpacked{c, r}, mark: -1, closer: closer{close: r.Close}}}
				}
			}
			return nil
		}),
		"close": on(func(z *zipFile, c *Call) any { c.closed(z); c.must(z.end()); return Void }),
	}}
}

func checksumClass(name string, fresh func() hash.Hash32) *Class {
	return &Class{Name: name, New: func(*Call) any { return &checksum{name, fresh()} }, Methods: Methods{
		"update": func(c *Call) any {
			s := c.This.(*checksum)
			if c.IsNumber(0) {
				s.Write([]byte{byte(c.Int(0))})
			} else {
				s.Write(c.part(c.Bytes(0)))
			}
			return Void
		},
		"getValue": func(c *Call) any { return float64(c.This.(*checksum).Sum32()) },
		"reset":    func(c *Call) any { c.This.(*checksum).Reset(); return Void },
	}}
}
