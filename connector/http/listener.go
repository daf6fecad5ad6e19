package http

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/httpserver"
	"github.com/weir-health/weir/connector/stream"
)

// ListenerType is how the engine knows this connector.
var ListenerType = weir.SourceType{
	Name:    "HTTP Listener",
	Summary: "Receives each HTTP request as a message and answers it.",
	New:     func() weir.Source { return new(Listener) },
}

// Listener is the "HTTP Listener" source.
type Listener struct {
	Server         httpserver.Server
	Source         connector.SourceSettings
	XMLBody        bool
	ParseMultipart bool
	Metadata       bool
	BinaryTypes    config.Template
	BinaryRegex    bool
	Reply          replySettings
	ContextPath    config.Template
	Timeout        config.Template // milliseconds
	Static         config.Setting

	env     weir.SourceEnv
	base    string // context path: empty, or begins with a slash and does not end with one
	types   binaryTypes
	charset charset.Charset // of replies

	contentType string // of replies, "" where each has its own
	static      []*staticResource
}

// Fields lists the settings.
func (l *Listener) Fields(f *config.Fields) {
	l.Server.Fields(f, "80")
	l.Source.Fields(f)
	f.Bool(&l.XMLBody, "xmlBody", false, "Make the message an XML document around the body of the request.")
	f.Bool(&l.ParseMultipart, "parseMultipart", true, "Show the parts of a multipart body in the XML document.")
	f.Bool(&l.Metadata, "includeMetadata", false, "Show address, method, parameters and headers in the XML document.")
	f.Template(&l.BinaryTypes, "binaryMimeTypes", binaryDefault, "Media types of requests that are bytes and become messages in base64.")
	f.Bool(&l.BinaryRegex, "binaryMimeTypesRegex", true, "The types are a regular expression. Off: they are beginnings, separated by commas.")
	l.Reply.Fields(f)
	f.Template(&l.ContextPath, "contextPath", "", "Path that requests must begin with; those for other paths are answered 404.")
	f.Template(&l.Timeout, "timeout", "30000", "Milliseconds without progress after which a connection is closed, between requests and within one; 0 means never.")
	f.Group(&l.Static, "staticResources", "Files, directories and texts that are answered to GET requests for their paths.")

	l.Server.LimitFields(f)
	f.Int64(&l.Server.MaxStream, "maxStreamBytes", stream.DefaultMax, "Largest body, as sent and decompressed, that is read piece by piece, where the channel can take large bodies so.")
}

// Start binds the port.
func (l *Listener) Start(ctx context.Context, env weir.SourceEnv) error {
	l.env = env
	if err := l.prepare(); err != nil {
		return err
	}
	return l.Server.Start(ctx, env)
}

// prepare reads the settings into the form in which they are used.
func (l *Listener) prepare() (err error) {
	if l.XMLBody && l.Source.ProcessBatch {
		return &weir.Fault{At: "xmlBody", Err: errors.New("a request in an XML document cannot be split as a batch"),
			Hint: "Turn batch processing or the XML body off."}
	}
	if l.types, err = binaryTypesOf(l.env.Resolve(l.BinaryTypes), l.BinaryRegex, "binaryMimeTypes"); err != nil {
		return err
	}
	if l.charset, err = charset.Lookup(l.Reply.Charset); err != nil {
		return &weir.Fault{At: "charset", Err: err, Hint: "Use a name such as UTF-8 or ISO-8859-1."}
	}
	l.base = contextPath(l.env.Resolve(l.ContextPath))
	l.Server.Handle = l.handle
	l.Server.Idle = connector.Millis(l.env.Resolve(l.Timeout), 0)
	if l.Reply.ContentType.Constant() {
		l.contentType = l.replyType(l.Reply.ContentType.Text)
	}
	l.static, err = l.staticResources()
	return err
}

// Scripts are the scripts of the settings.
func (l *Listener) Scripts() []weir.Script { return l.Server.Scripts() }

// Stop closes the port and every connection on which no message is in hand, and
// waits for the others to be answered.
func (l *Listener) Stop(ctx context.Context) error { return l.Server.Stop(ctx) }

// Addr returns the address on which a started listener listens.
func (l *Listener) Addr() net.Addr { return l.Server.Addr() }

// contextPath brings a path into the form in which it is compared: /a/b, or
// nothing.
func contextPath(text string) string {
	text = strings.Trim(strings.TrimSpace(text), "/")
	if text == "" {
		return ""
	}
	return "/" + text
}

var _ weir.Source = (*Listener)(nil)
