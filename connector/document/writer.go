// Package document is the destination that makes a PDF or RTF document of each
// message from a template of HTML.
//
// It knows the part of HTML and style sheets that reports use; the rest is left
// out, and its text stays:
//
//   - h1 to h6, p, div, center, blockquote, pre, hr, br, lists (ul, ol, dl), and
//     tables with colspan, rowspan, border, cellpadding, widths and a head that is
//     repeated on every page; a table in a table, in PDF
//   - b, i, u, s, sup, sub, code, small, big, font and what means the same
//   - img with a data: URI of a JPEG or PNG; nothing is fetched from files or the
//     network, and the alt text stands for an image that cannot be shown
//   - in style attributes, and in rules of a style element for a name, a class or
//     an id: font-family, -size, -weight, -style, text-align, -decoration, color,
//     background-color of cells, width, height, margins, border on or off,
//     white-space, display: none, page-break-before and -after
//   - @page with size and margins
//
// Fonts are Times, Helvetica and Courier, which every viewer has; a name like
// serif, Arial or monospace chooses one. In PDF, characters outside Windows-1252
// become similar ones or question marks. Empty elements may be closed as XML does.
// PDF/A is not claimed.
package document

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
)

// WriterType is how the engine knows this connector.
var WriterType = weir.DestinationType{
	Name: "Document Writer",
	Summary: "Writes each message as a PDF or RTF document, made of a template of HTML: headings, paragraphs, lists, tables and images (data: URIs of JPEG or PNG), " +
		"with bold, italic, sizes, colours, alignment, page breaks and @page, in Times, Helvetica or Courier.",
	New: func() weir.Destination { return new(Writer) },
}

// Writer is the "Document Writer" destination.
type Writer struct {
	Destination connector.DestinationSettings
	Directory   config.Template
	Name        config.Template
	Type        string
	Encrypt     bool
	Output      string
	Password    config.Template
	PageWidth   config.Template
	PageHeight  config.Template
	PageUnit    string
	Template    config.Template

	env weir.DestinationEnv
}

const (
	outputFile       = "FILE"
	outputAttachment = "ATTACHMENT"
	outputBoth       = "BOTH"
)

// Fields lists the settings.
func (w *Writer) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	w.Destination.Fields(f)
	f.Template(&w.Directory, "host", "", "Directory of the file.")
	f.Template(&w.Name, "outputPattern", "", "Name of the file, without directories. A file that exists is replaced.")
	f.String(&w.Type, "documentType", "pdf", "Kind of the document.").OneOf("pdf", "rtf")
	f.Bool(&w.Encrypt, "encrypt", false, "Encrypt a PDF document with the password below (AES, 128 bits).")
	f.String(&w.Output, "output", outputFile, "Where the document goes: to a FILE, to an ATTACHMENT of the message, which is then the response, in base64, or to BOTH.").
		OneOf(outputFile, outputAttachment, outputBoth)
	f.Template(&w.Password, "password", "", "Password that opens the document.").IsSecret()
	f.Template(&w.PageWidth, "pageWidth", "8.5", "Width of a page, at least 26 mm. A rule @page in the template comes first.")
	f.Template(&w.PageHeight, "pageHeight", "11", "Height of a page, at least 26 mm.")
	f.String(&w.PageUnit, "pageUnit", "INCHES", "Unit of width and height; a twip is a twentieth of a point.").OneOf("INCHES", "MM", "TWIPS")
	f.Template(&w.Template, "template", "", "The document in HTML.")
}

// Open has nothing to acquire.
func (w *Writer) Open(_ context.Context, env weir.DestinationEnv) error {
	w.env = env
	return nil
}

// Send makes one document and returns when it is kept: on disk, as an attachment,
// or both.
func (w *Writer) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	w.env.Connection(weir.ConnectionEvent{State: "sending"})
	defer w.env.Connection(weir.ConnectionEvent{State: "idle"})
	failed := weir.Response{Status: weir.Queued, StatusMessage: "Error writing document"}
	if err := ctx.Err(); err != nil {
		return failed, &weir.Fault{At: "host", Err: err, Hint: "The channel was stopped before the document was written."}
	}
	content, err := w.document(m)
	if err != nil {
		return failed, err
	}
	r := weir.Response{Status: weir.Sent, StatusMessage: "Document successfully written to "}
	uri := ""
	if w.Output != outputAttachment {
		if uri, err = w.write(m, content); err != nil {
			return failed, err
		}
	}
	if w.Output != outputFile {
		if r.Message, err = w.keep(ctx, m, content); err != nil {
			return failed, err
		}
	}
	r.StatusMessage += map[string]string{outputFile: "file: ", outputAttachment: "attachment", outputBoth: "attachment and file: "}[w.Output] + uri
	return r, nil
}

// write puts a document into its file and returns the file's name as Mirth tells it.
func (w *Writer) write(m *weir.Outbound, content []byte) (uri string, err error) {
	dir, name, err := w.place(m)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	if err := put(dir, path, content); err != nil {
		return "", &weir.Fault{At: "host", Err: fmt.Errorf("write %s: %w", path, withoutPath(err)),
			Hint: "Check that the engine may write to the directory and that the disk has room."}
	}
	return strings.TrimSuffix(m.Resolve(w.Directory), "/") + "/" + name, nil
}

// keep makes a document an attachment of the message, in base64 as Mirth does, and
// returns its token.
func (w *Writer) keep(ctx context.Context, m *weir.Outbound, content []byte) (token string, err error) {
	if m.Attach == nil {
		return "", &weir.Fault{At: "output", Err: errors.New("the document should become an attachment, but nothing is kept of the message"),
			Hint: "Set output to FILE, or choose a message storage that keeps messages."}
	}
	mimeType := map[string]string{"pdf": "application/pdf", "rtf": "application/rtf"}[w.Type]
	return m.Attach(ctx, []byte(base64.StdEncoding.EncodeToString(content)), mimeType)
}

// place returns the directory and the file name for a message.
func (w *Writer) place(m *weir.Outbound) (dir, name string, err error) {
	dir, name = m.Resolve(w.Directory), m.Resolve(w.Name)
	switch {
	case dir == "":
		return "", "", &weir.Fault{At: "host", Err: errors.New("no directory is given"), Hint: "Set the directory to write to."}
	case climbs(dir) && !climbs(w.Directory.Text):
		return "", "", &weir.Fault{At: "host", Err: errors.New("a variable leads out of the directory"),
			Hint: "The value of a variable in the directory must not contain \"..\"."}
	case name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00"):
		return "", "", &weir.Fault{At: "outputPattern", Err: errors.New("the file name is empty or names a directory"),
			Hint: "Set a file name, and check the variables in it. Put directories into the directory setting."}
	}
	return filepath.Clean(dir), name, nil
}

// climbs reports whether a path goes up somewhere.
func climbs(path string) bool {
	for _, element := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if element == ".." {
			return true
		}
	}
	return false
}

func (w *Writer) document(m *weir.Outbound) ([]byte, error) {
	page, err := w.page(m)
	if err != nil {
		return nil, err
	}
	password := ""
	if w.Encrypt && w.Type == "pdf" {
		if password = m.Resolve(w.Password); password == "" {
			return nil, &weir.Fault{At: "password", Err: errors.New("the document should be encrypted, but the password is empty"),
				Hint: "Set a password, and check the variables in it."}
		}
		if _, err := charmap.Windows1252.NewEncoder().String(password); err != nil {
			return nil, &weir.Fault{At: "password", Err: errors.New("the password has characters that a PDF's cannot have"),
				Hint: "Use characters of Western European languages."}
		}
	}
	source, err := m.Body(w.Template)
	if err != nil {
		return nil, err
	}
	out, err := render(source, page, w.Type, password)
	if err != nil {
		return nil, &weir.Fault{At: "template", Err: err, Hint: "Check the template, and the size of what variables bring into it."}
	}
	return out, nil
}

// render makes a document.
func render(source string, page paper, kind, password string) ([]byte, error) {
	blocks, page, err := parse(source, page)
	if err != nil {
		return nil, err
	}
	if kind == "rtf" {
		return writeRTF(blocks, page)
	}
	return writePDF(blocks, page, password)
}

// margin is that of pages without a rule of their own.
const margin = 50

func (w *Writer) page(m *weir.Outbound) (paper, error) {
	unit := map[string]float64{"INCHES": 72, "MM": 72 / 25.4, "TWIPS": 0.05}[w.PageUnit]
	p := paper{top: margin, right: margin, bottom: margin, left: margin}
	for _, one := range []struct {
		setting config.Template
		to      *float64
	}{{w.PageWidth, &p.width}, {w.PageHeight, &p.height}} {
		n, err := strconv.ParseFloat(strings.TrimSpace(m.Resolve(one.setting)), 64)
		if err != nil || math.IsNaN(n) || n <= 0 {
			return p, &weir.Fault{At: one.setting.Name, Err: errors.New("the size of the page is no number above 0"),
				Hint: "Set a number such as 8.5, and check the variables in it."}
		}
		*one.to = n * unit
	}
	return p, nil
}

// put writes a whole file under another name first, so that nobody sees one that
// is not complete.
func put(dir, path string, content []byte) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, ".weir-*.tmp")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if d, err := os.Open(dir); err == nil { // makes the name durable, where the system can
		d.Sync()
		d.Close()
	}
	return nil
}

// withoutPath is what went wrong, without the path that the caller names.
func withoutPath(err error) error {
	var p *os.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// Close has nothing to release.
func (w *Writer) Close(context.Context) error { return nil }

var _ weir.Destination = (*Writer)(nil)
