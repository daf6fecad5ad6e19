package file

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
)

// WriterType is how the engine knows this connector.
var WriterType = weir.DestinationType{
	Name:    "File Writer",
	Summary: "Writes each message to a file, or appends it to one.",
	New:     func() weir.Destination { return new(Writer) },
}

// Writer is the "File Writer" destination.
type Writer struct {
	remote
	Destination   connector.DestinationSettings
	Name          config.Template
	Append        bool
	ErrorOnExists bool
	Temporary     bool
	Binary        bool
	Charset       string
	Template      config.Template

	charset charset.Charset
	locks   locks
}

// Fields lists the settings.
func (w *Writer) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	w.Destination.Fields(f)
	w.remote.fields(f)
	f.Kept("keepConnectionOpen", "Use a connection for several files; without effect for directories of this computer.")
	f.Kept("maxIdleTime", "Milliseconds after which an unused connection is closed; without effect for directories of this computer.")
	f.Template(&w.Name, "outputPattern", "", "Name of the file, without directories.")
	f.Bool(&w.Append, "outputAppend", true, "Add to a file that exists. Off: replace it.")
	f.Bool(&w.ErrorOnExists, "errorOnExists", false, "Fail if the file exists.")
	f.Bool(&w.Temporary, "temporary", false, "Write under the name with .tmp added and rename when complete; replaces a file that exists, even if it should be added to.")
	f.Bool(&w.Binary, "binary", false, "The template is base64 and written as bytes.")
	f.String(&w.Charset, "charsetEncoding", "DEFAULT_ENCODING", "Character set of the file; DEFAULT_ENCODING is UTF-8.")
	f.Template(&w.Template, "template", "", "What is written.")
}

// Open checks the settings.
func (w *Writer) Open(ctx context.Context, env weir.DestinationEnv) (err error) {
	if err = w.check(); err != nil {
		return err
	}
	w.charset, err = charset.Lookup(w.Charset)
	return err
}

// Send writes one message and returns when it is on disk.
func (w *Writer) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	failed := weir.Response{Status: weir.Queued, StatusMessage: "Error writing file"}
	if err := ctx.Err(); err != nil {
		return failed, &weir.Fault{At: "host", Err: err, Hint: "The channel was stopped before the file was written."}
	}
	dir, name, err := w.place(m)
	if err != nil {
		return failed, err
	}
	content, err := w.content(m)
	if err != nil {
		return failed, err
	}
	path := filepath.Join(dir, name)
	failed.StatusMessage += " " + path
	unlock := w.locks.lock(path)
	defer unlock()
	if err := w.write(dir, path, content); err != nil {
		return failed, writeFault(path, err)
	}
	uri := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	return weir.Response{Status: weir.Sent, StatusMessage: "File successfully written: " + uri.String()}, nil
}

// place returns the directory and the file name for a message.
func (w *Writer) place(m *weir.Outbound) (dir, name string, err error) {
	dir, name = m.Resolve(w.Host), m.Resolve(w.Name)
	switch {
	case dir == "":
		return "", "", &weir.Fault{At: "host", Err: errors.New("no directory is given"), Hint: "Set the directory to write to."}
	case climbs(dir) && !climbs(w.Host.Text):
		return "", "", &weir.Fault{At: "host", Err: errors.New("a variable leads out of the directory"),
			Hint: "The value of a variable in the directory must not contain \"..\"."}
	case name == "" || name == "." || name == "..":
		return "", "", &weir.Fault{At: "outputPattern", Err: fmt.Errorf("%q is no file name", name), Hint: "Set a file name, and check the variables in it."}
	case strings.ContainsAny(name, "/\x00") || strings.ContainsRune(name, filepath.Separator):
		return "", "", &weir.Fault{At: "outputPattern", Err: fmt.Errorf("the file name %q names a directory", name),
			Hint: "Put directories into the directory setting, where variables are allowed, too."}
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

func (w *Writer) content(m *weir.Outbound) ([]byte, error) {
	text := m.Resolve(w.Template)
	if !w.Binary {
		return w.charset.Append(make([]byte, 0, len(text)), text), nil
	}
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, &weir.Fault{At: "binary", Err: fmt.Errorf("what is to be written is not base64: %w", err),
			Hint: "With binary on, the template must give base64."}
	}
	return bytes, nil
}

// Close has nothing to release.
func (w *Writer) Close(ctx context.Context) error { return nil }

var _ weir.Destination = (*Writer)(nil)
