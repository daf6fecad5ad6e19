package file

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/stream"
)

// WriterType is how the engine knows this connector.
var WriterType = weir.DestinationType{
	Name:    "File Writer",
	Summary: "Writes each message to a file, or appends it to one, here or on an FTP, SFTP, SMB, WebDAV or S3 server.",
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
	KeepOpen      bool
	MaxIdle       config.Template // milliseconds

	env     weir.DestinationEnv
	charset charset.Charset
	locks   locks
}

// Fields lists the settings.
func (w *Writer) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	w.Destination.Fields(f)
	w.remote.fields(f)
	f.Bool(&w.KeepOpen, "keepConnectionOpen", true, "Use a connection to a remote system for several files.")
	f.Template(&w.MaxIdle, "maxIdleTime", "0", "Milliseconds after which a connection that is kept open and not used is closed; 0 means never.")
	f.Template(&w.Name, "outputPattern", "", "Name of the file. Directories in it must be there already, but on S3.")
	f.Bool(&w.Append, "outputAppend", true, "Add to a file that exists. Off: replace it. S3 and WEBDAV cannot add.")
	f.Bool(&w.ErrorOnExists, "errorOnExists", false, "Fail if the file exists.")
	f.Bool(&w.Temporary, "temporary", false, "Write under the name with .tmp added and rename when complete; replaces a file that exists, even if it should be added to.")
	f.Bool(&w.Binary, "binary", false, "The template is base64 and written as bytes.")
	f.String(&w.Charset, "charsetEncoding", "DEFAULT_ENCODING", "Character set of the file; DEFAULT_ENCODING is UTF-8.")
	f.Template(&w.Template, "template", "", "What is written.")
}

// Open checks the settings.
func (w *Writer) Open(ctx context.Context, env weir.DestinationEnv) (err error) {
	w.env = env
	if err = w.prepare(env.Resolve, env.Log); err != nil {
		return err
	}
	if w.Append && !w.Temporary && !w.ErrorOnExists && !w.appends() {
		return &weir.Fault{At: "outputAppend", Err: fmt.Errorf("%s cannot add to a file", w.Scheme),
			Hint: "Turn outputAppend off, and choose a name that is different for every message; a file of the same name is replaced."}
	}
	w.pool.keep, w.pool.idle = w.KeepOpen && w.Scheme != "FILE", time.Duration(whole(env.Resolve(w.MaxIdle)))*time.Millisecond
	w.charset, err = charset.Lookup(w.Charset)
	return err
}

// Send writes one message and returns when it is on disk.
func (w *Writer) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	w.env.Connection(weir.ConnectionEvent{State: "sending"})
	defer w.env.Connection(weir.ConnectionEvent{State: "idle"})
	failed := weir.Response{Status: weir.Queued, StatusMessage: "Error writing file"}
	if err := ctx.Err(); err != nil {
		return failed, &weir.Fault{At: "host", Err: err, Hint: "The channel was stopped before the file was written."}
	}
	at, name, err := w.goal(m)
	if err != nil {
		return failed, err
	}
	c, err := w.content(ctx, m)
	if err != nil {
		return failed, err
	}
	if c, ok := c.(io.Closer); ok {
		defer c.Close()
	}
	path := w.join(at.dir, name)
	unlock := w.locks.lock(at.address + " " + path)
	defer unlock()
	err = w.pool.with(ctx, at.login, false, func(s system, _ bool) error {
		return w.write(s, at.dir, path, c, m.ConnectorMap)
	})
	if err != nil {
		exception, message := javaError(path, err)
		failed.StatusMessage = connector.Caused(failed.StatusMessage, exception, message)
		return failed, writeFault(path, err)
	}
	return weir.Response{Status: weir.Sent, StatusMessage: "File successfully written: " + w.uri(m.Resolve(w.Host), name)}, nil
}

// goal returns the place and the file name for a message.
func (w *Writer) goal(m *weir.Outbound) (at place, name string, err error) {
	name = m.Resolve(w.Name)
	switch {
	case climbs(m.Resolve(w.Host)) && !climbs(w.Host.Text):
		return at, "", &weir.Fault{At: "host", Err: errors.New("a variable leads out of the directory"),
			Hint: "The value of a variable in the directory must not contain \"..\"."}
	case name == "" || name == "." || strings.HasSuffix(name, "/") || strings.Contains(name, "\x00"):
		return at, "", &weir.Fault{At: "outputPattern", Err: fmt.Errorf("%q is no file name", name), Hint: "Set a file name, and check the variables in it."}
	case climbs(name):
		return at, "", &weir.Fault{At: "outputPattern", Err: fmt.Errorf("the file name %q leads out of the directory", name),
			Hint: "A file name must not contain \"..\"; put such directories into the directory setting."}
	}
	at, err = w.place(m.Resolve)
	return at, name, err
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

func (w *Writer) content(ctx context.Context, m *weir.Outbound) (content, error) {
	large, ok, err := m.Stream(ctx, w.Template)
	if err != nil {
		return nil, err
	}
	if ok {
		large = stream.Bytes(large, w.Binary, w.charset, "binary")
		if w.Scheme == "WEBDAV" { // not every server takes what does not say its length
			large, err = stream.Measured(ctx, large)
		}
		return &streamed{ctx: ctx, of: large}, err
	}
	text, err := m.Body(w.Template)
	if err != nil {
		return nil, err
	}
	if !w.Binary {
		return bytes.NewReader(w.charset.Append(make([]byte, 0, len(text)), text)), nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, &weir.Fault{At: "binary", Err: fmt.Errorf("what is to be written is not base64: %w", err),
			Hint: "With binary on, the template must give base64."}
	}
	return bytes.NewReader(b), nil
}

// Close closes the connections.
func (w *Writer) Close(ctx context.Context) error {
	w.pool.close()
	return nil
}

var _ weir.Destination = (*Writer)(nil)
