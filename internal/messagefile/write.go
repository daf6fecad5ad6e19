package messagefile

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
)

// DefaultPattern is how Mirth's Administrator names exported messages.
const DefaultPattern = "message_${message.messageId}.xml"

// Form is what is written of messages, and how.
type Form struct {
	// Content is the one content that is written of each message, those of the
	// destinations with Destinations set, else that of the source. 0 is the whole
	// message as XML.
	Content      weir.ContentType
	Destinations bool
	// Encrypt encrypts what a message holds; nil leaves it readable.
	Encrypt func(plain []byte) ([]byte, error)
	// Pattern names the file of each message, see pipeline.FileNames; "" is
	// DefaultPattern. Messages with the same name go into one file, behind what that has.
	Pattern string

	// Archive is "zip", "tar" or, for none, "". Compress is "gz" or "bzip2" for tar.
	// Name is that of the archive without its ending; "" is the time.
	Archive, Compress, Name string
	Encryption              Encryption // of zip
	Password                string
}

// ending is the archive's, with the dot.
func (f *Form) ending() (string, error) {
	switch f.Archive + "." + f.Compress {
	case "zip.", "tar.":
		return "." + f.Archive, nil
	case "tar.gz":
		return ".tar.gz", nil
	case "tar.bzip2":
		return ".tar.bz2", nil
	case ".":
		return "", nil
	}
	return "", fmt.Errorf("there is no archive of the format %q with the compression %q: use zip, or tar with gz, bzip2 or none", f.Archive, f.Compress)
}

func (f *Form) check() error {
	if _, err := f.ending(); err != nil {
		return err
	}
	switch f.Encryption {
	case NoEncryption:
		return nil
	case Standard, AES128, AES256:
		if f.Archive == "zip" && f.Password != "" {
			return nil
		}
		return errors.New("only zip archives are encrypted, with a password")
	}
	return fmt.Errorf("there is no encryption %q: use STANDARD, AES128 or AES256", f.Encryption)
}

// Writer writes messages to files below a root, or to an archive there. It is done
// with Close, which puts the archive in its place, or with Abort.
type Writer struct {
	root   *os.Root
	folder string
	form   Form
	names  *pipeline.FileNames
	now    func() time.Time
	into   string // folder, or where the archive's files are gathered
	file   *os.File
	name   string // of file
}

// NewWriter returns a writer of files in a folder below root, which it makes.
func NewWriter(root *os.Root, folder string, form Form, now func() time.Time) (*Writer, error) {
	if err := form.check(); err != nil {
		return nil, err
	}
	if form.Pattern == "" {
		form.Pattern = DefaultPattern
	}
	if form.Name == "" {
		form.Name = now().Format("2006-01-02-15-04-05")
	}
	if form.Name != filepath.Base(form.Name) || form.Name == ".." {
		return nil, fmt.Errorf("%q is no name of an archive", form.Name)
	}
	w := &Writer{root: root, folder: folder, form: form, names: pipeline.NewFileNames(form.Pattern, now), now: now, into: folder}
	if form.Archive != "" {
		w.into = path.Join(folder, "."+form.Name)
		if err := root.RemoveAll(w.into); err != nil {
			return nil, err
		}
	}
	return w, root.MkdirAll(w.into, 0o700)
}

// Write writes a message, and tells whether it has what is to be written.
func (w *Writer) Write(m *Message) (bool, error) {
	text, err := w.form.text(m)
	if err != nil || strings.TrimSpace(text) == "" {
		return false, err
	}
	name := path.Join(w.into, path.Clean("/"+filepath.ToSlash(w.names.For(m.Message, m.ServerID, m.ChannelName))))
	if name == path.Clean(w.into) {
		return false, fmt.Errorf("message %d: its file has no name", m.ID)
	}
	if name != w.name {
		if err := w.end(); err != nil {
			return false, err
		}
		if err := w.root.MkdirAll(path.Dir(name), 0o700); err != nil {
			return false, err
		}
		if w.file, err = w.root.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return false, err
		}
		w.name = name
	}
	_, err = io.WriteString(w.file, text+"\r\n") // Mirth's line end, on every system
	return err == nil, err
}

func (w *Writer) end() error {
	if w.file == nil {
		return nil
	}
	err := w.file.Close()
	w.file, w.name = nil, ""
	return err
}

// text is what is written of a message.
func (f *Form) text(m *Message) (string, error) {
	if f.Content == 0 {
		doc := Document(m, true)
		if f.Encrypt != nil {
			if err := Encrypt(doc, f.Encrypt); err != nil {
				return "", err
			}
		}
		return string(doc.Bytes()), nil
	}
	var b strings.Builder
	for _, cm := range m.Connectors {
		if (cm.MetaDataID != 0) != f.Destinations {
			continue
		}
		text := ContentText(m, cm, f.Content)
		if f.Encrypt != nil && text != "" {
			sealed, err := f.Encrypt([]byte(text))
			if err != nil {
				return "", err
			}
			text = base64.StdEncoding.EncodeToString(sealed)
		}
		if strings.TrimSpace(text) != "" {
			b.WriteString(text + "\r\n\r\n")
		}
	}
	return b.String(), nil
}

// ContentText is one content as a file has it: of the maps that connectors share those
// of all of them together, as in Mirth.
func ContentText(m *Message, cm *weir.ConnectorMessage, t weir.ContentType) string {
	merged := map[string]any{}
	switch t {
	case weir.SourceMapContent, weir.ChannelMapContent, weir.ResponseMapContent:
		for _, c := range m.Connectors {
			maps.Copy(merged, map[weir.ContentType]map[string]any{weir.SourceMapContent: c.SourceMap, weir.ChannelMapContent: c.ChannelMap, weir.ResponseMapContent: c.ResponseMap}[t])
		}
	case weir.ConnectorMapContent:
		merged = cm.ConnectorMap
	case weir.SentContent:
		for _, shown := range pipeline.Show(cm) {
			if shown.Name == weir.SentContent.String() {
				return shown.Text
			}
		}
		return ""
	default:
		text, _ := cm.Content(t)
		return shownContent(t, text)
	}
	if len(merged) == 0 {
		return ""
	}
	return string(addEntries(mirth.El("map"), merged).Bytes())
}

// Close ends the last file, and puts the archive in its place.
func (w *Writer) Close() error {
	if err := w.end(); err != nil {
		return err
	}
	ending, err := w.form.ending()
	if err != nil || ending == "" {
		return err
	}
	name := path.Join(w.folder, w.form.Name+ending)
	part := w.into + ending
	f, err := w.root.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer w.root.Remove(part) // which is gone where all went well
	err = w.pack(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := w.root.Rename(part, name); err != nil {
		return err
	}
	return w.root.RemoveAll(w.into)
}

// Abort leaves what was written, but for an archive that is not done.
func (w *Writer) Abort() {
	w.end()
	if w.form.Archive != "" {
		w.root.RemoveAll(w.into)
	}
}

// pack writes the gathered files as an archive.
func (w *Writer) pack(to io.Writer) error {
	var add func(name string, info fs.FileInfo, content io.Reader) error
	var enders []io.Closer
	if w.form.Archive == "zip" {
		z := zip.NewWriter(to)
		enders = append(enders, z)
		add = func(name string, info fs.FileInfo, content io.Reader) error {
			return addEntry(z, name, info.ModTime(), content, w.form.Encryption, w.form.Password)
		}
	} else {
		switch w.form.Compress {
		case "gz":
			z := gzip.NewWriter(to)
			enders, to = append(enders, z), z
		case "bzip2":
			z := newBzip2Writer(to)
			enders, to = append(enders, z), z
		}
		t := tar.NewWriter(to)
		enders = append(enders, t)
		add = func(name string, info fs.FileInfo, content io.Reader) error {
			err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()})
			if err == nil {
				_, err = io.Copy(t, content)
			}
			return err
		}
	}
	err := fs.WalkDir(w.root.FS(), path.Clean(w.into), func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := w.root.Open(at)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return add(strings.TrimPrefix(at, path.Clean(w.into)+"/"), info, f)
	})
	for i := len(enders) - 1; i >= 0 && err == nil; i-- {
		err = enders[i].Close()
	}
	return err
}
