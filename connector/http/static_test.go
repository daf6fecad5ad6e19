package http

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/connector/httpserver"
)

// resource is a static resource as an export has it.
func resource(path, kind, value, contentType string, more ...config.Setting) config.Setting {
	return config.Setting{Name: "com.mirth.connect.connectors.http.HttpStaticResource", Group: append(config.Group{
		{Name: "contextPath", Text: path}, {Name: "resourceType", Text: kind}, {Name: "value", Text: value}, {Name: "contentType", Text: contentType}}, more...)}
}

func TestStatic(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	for name, text := range map[string]string{filepath.Join(dir, "a b.txt"): "file", filepath.Join(dir, "sub", "c.txt"): "deep", secret: "secret"} {
		os.MkdirAll(filepath.Dir(name), 0o755)
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(secret, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	e := &connectortest.Engine{}
	l := listen(t, e, append(connectortest.Settings("contextPath", "/base"), config.Setting{Name: "staticResources", Group: config.Group{
		resource("/files", "DIRECTORY", dir, "text/plain"),
		resource("file", "FILE", filepath.Join(dir, "a b.txt"), "application/pdf"),
		resource("/gone", "FILE", filepath.Join(dir, "gone"), "text/plain"),
		resource("/text", "CUSTOM", "for ${method} ${query} ${unknown}", "text/html; charset=UTF-8"),
		resource("/files/text", "CUSTOM", "longer path", "text/plain"),
		resource("/lang", "CUSTOM", "english", "text/plain", table("queryParameters", "lang", "en")),
		resource("/lang?lang=de", "CUSTOM", "deutsch", "text/plain"),
	}}))
	for _, c := range []struct {
		method, path string
		status       int
		body         string
		message      bool
	}{
		{"GET", "/base/files/a%20b.txt", 200, "file", false},
		{"GET", "/base/files/gone.txt", 200, "", true},
		{"GET", "/base/files/sub", 200, "", true},
		{"GET", "/base/files/sub/c.txt", 200, "", true},
		{"GET", "/base/files/", 200, "", true},
		{"GET", "/base/files/..%2fsecret", 200, "", true},
		{"GET", "/base/files/..", 200, "", true},
		{"GET", "/base/files/link", 200, "", true},
		{"GET", "/base/files/text", 200, "longer path", false},
		{"GET", "/base/FILE", 200, "file", false},
		{"GET", "/base/file/x", 200, "", true},
		{"POST", "/base/file", 200, "", true},
		{"GET", "/base/gone", 500, "The resource cannot be read.\n", false},
		{"GET", "/base/text?${channelName}", 200, "for GET ${channelName} ${unknown}", false},
		{"GET", "/base/lang?lang=en", 200, "english", false},
		{"GET", "/base/lang?lang=de", 200, "deutsch", false},
		{"GET", "/base/lang?lang=en&x=1", 200, "", true},
		{"GET", "/base/lang", 200, "", true},
		{"GET", "/file", 404, httpserver.ErrNotFound.Text + "\n", false},
	} {
		before := len(e.Kept())
		got := ask(t, c.method, l.url(c.path), "")
		if got.StatusCode != c.status || got.body != c.body || (len(e.Kept()) > before) != c.message {
			t.Errorf("%s %s: %d %q, message %v; want %d %q, %v", c.method, c.path, got.StatusCode, got.body, len(e.Kept()) > before, c.status, c.body, c.message)
		}
	}
	if got := ask(t, "GET", l.url("/base/text"), "").Header.Get("Content-Type"); got != "text/html;charset=utf-8" {
		t.Errorf("content type %q", got)
	}
}
