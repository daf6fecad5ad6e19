package mirthapi

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/weir-health/weir/internal/mirth"
)

const (
	typeXML  = "application/xml"
	typeJSON = "application/json"
	typeText = "text/plain"
)

// answer writes what a handler returned in the type that the client accepts.
func (c *call) answer(out *reply) {
	if out == nil {
		c.w.WriteHeader(http.StatusNoContent)
		return
	}
	for name, value := range out.header {
		c.w.Header().Set(name, value)
	}
	status := out.status
	if status == 0 {
		status = http.StatusOK
	}
	switch kind := c.acceptable(c.route.types(out)); kind {
	case "":
		c.page(http.StatusNotAcceptable, "Not Acceptable")
	case typeText:
		text := out.text
		if !out.isText {
			text = out.node.Text
		}
		c.send(status, typeText, []byte(text))
	case typeJSON:
		c.send(status, typeJSON, toJSON(out.node))
	default:
		c.write(status, out.node)
	}
}

// write writes a document as XML.
func (c *call) write(status int, n *mirth.Node) { c.send(status, typeXML, n.Bytes()) }

func (c *call) send(status int, kind string, body []byte) {
	c.w.Header().Set("Content-Type", kind)
	c.w.WriteHeader(status)
	c.w.Write(body)
}

// acceptable chooses the first of the types that the Accept headers allow; "" is
// none of them. XML goes before JSON where both are accepted.
func (c *call) acceptable(types []string) string {
	accept := strings.Join(c.r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return types[0]
	}
	for _, kind := range types {
		for _, a := range strings.Split(accept, ",") {
			name, params, err := mime.ParseMediaType(a)
			major, _, _ := strings.Cut(kind, "/")
			if err == nil && params["q"] != "0" && (name == kind || name == "*/*" || name == major+"/*") {
				return kind
			}
		}
	}
	return ""
}

// page answers as Mirth's servlet container does; no client reads more than the
// status.
func (c *call) page(status int, message string) {
	switch c.acceptable([]string{"text/html", typeJSON, typeText}) {
	case typeJSON:
		n := mirth.El("x", mirth.Leaf("status", fmt.Sprint(status)), mirth.Leaf("message", message))
		var b bytes.Buffer
		writeJSON(&b, n)
		c.send(status, typeJSON, b.Bytes())
	case typeText:
		c.send(status, typeText, fmt.Appendf(nil, "STATUS: %d\nMESSAGE: %s\n", status, message))
	default:
		c.send(status, "text/html;charset=utf-8", fmt.Appendf(nil, "<html><head><title>Error %d</title></head><body><h2>HTTP ERROR %d</h2><p>%s</p></body></html>\n",
			status, status, html.EscapeString(message)))
	}
}

// fail answers an error: one that has a status as that, any other as the exception
// that Mirth's controllers throw.
func (c *call) fail(err error) {
	f, ok := errors.AsType[*failure](err)
	switch {
	case !ok:
		c.write(http.StatusInternalServerError, exception(err.Error()))
	case f.node != nil:
		c.write(f.status, f.node)
	case f.bare:
		c.send(f.status, typeXML, []byte(f.text))
	case f.status == http.StatusUnsupportedMediaType:
		c.w.WriteHeader(f.status)
	case f.status == http.StatusInternalServerError:
		c.write(f.status, exception(f.text))
	default:
		c.page(f.status, f.text)
	}
}

const controllerException = "com.mirth.connect.client.core.ControllerException"

// exception is an error as Mirth's clients read it.
func exception(text string) *mirth.Node {
	suppressed := func() *mirth.Node {
		return mirth.El("suppressedExceptions").Class("java.util.Collections$EmptyList")
	}
	return mirth.El(controllerException,
		mirth.Leaf("detailMessage", controllerException+": "+text),
		mirth.El("cause", mirth.Leaf("detailMessage", text), mirth.El("stackTrace"), suppressed()).Class(controllerException),
		mirth.El("stackTrace"), suppressed())
}

// multipart opens a multipart body. The Java client announces its boundary without
// a blank before it, which mime takes.
func (c *call) multipart() (*multipart.Reader, error) {
	_, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, refuse(http.StatusBadRequest, "the multipart body has no boundary")
	}
	return multipart.NewReader(bytes.NewReader(c.body), params["boundary"]), nil
}
