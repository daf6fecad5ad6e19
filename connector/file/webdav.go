package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/studio-b12/gowebdav"
)

// maxListing is how many bytes the list of a WebDAV directory may have.
const maxListing = 256 << 20

// maxContinue is how long a server has to say that it takes a large file, before it
// gets it unasked: not every server says so.
const maxContinue = 3 * time.Second

// webdavSystem is a server that speaks WebDAV.
type webdavSystem struct {
	client    *gowebdav.Client
	transport *http.Transport
	line      *line
	putting   bool // a file is being written
	large     bool // which is a stream
	exclusive bool // and must not be there
}

func (r *remote) openWebDAV(at login, line *line) (system, error) {
	scheme, port := "http", "80"
	cfg, err := r.tlsFor(at.address)
	if err != nil {
		return nil, err
	}
	if cfg != nil {
		scheme, port = "https", "443"
	}
	s := &webdavSystem{line: line, transport: &http.Transport{DialContext: line.dial, TLSClientConfig: cfg,
		MaxResponseHeaderBytes: 1 << 20, ExpectContinueTimeout: maxContinue}}
	root := url.URL{Scheme: scheme, Host: withPort(at.address, port)}
	auth := gowebdav.NewEmptyAuth()
	if !r.Anonymous {
		auth = gowebdav.NewAutoAuth(at.user, at.password)
	}
	s.client = gowebdav.NewAuthClient(root.String(), auth)
	s.client.SetTransport(&webdavTransport{system: s, line: line, host: root.Host})
	return s, nil
}

// webdavTransport gives requests what the library does not.
type webdavTransport struct {
	system *webdavSystem
	line   *line
	host   string
}

func (t *webdavTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != t.host {
		return nil, fmt.Errorf("the server sends on to another one, %s", r.URL.Host)
	}
	if t.system.putting && r.Method == "MKCOL" {
		// The library makes the directory before each file. It is there, and some
		// servers lock it while they say so, against what others write.
		return &http.Response{StatusCode: http.StatusMethodNotAllowed, Body: http.NoBody, Request: r, ProtoMajor: 1, ProtoMinor: 1}, nil
	}
	r = r.Clone(t.line.ctx)
	if r.Method == http.MethodPut && t.system.exclusive {
		r.Header.Set("If-None-Match", "*")
	}
	if r.Method == http.MethodPut && t.system.large {
		// A stream may break off. A server that has not begun to read it by then may make
		// the file after it was asked to remove it, and one that has begun locks it.
		r.Header.Set("Expect", "100-continue")
	}
	a, err := t.system.transport.RoundTrip(r)
	if err == nil {
		body := &answer{Reader: a.Body, body: a.Body}
		if r.Method == "PROPFIND" {
			body.Reader = io.LimitReader(a.Body, maxListing)
		}
		a.Body = body
	}
	return a, err
}

// answer is read to its end when it is closed, if that is near, so that the
// connection can be used again. The library leaves out what it does not need.
type answer struct {
	io.Reader
	body io.ReadCloser
}

func (a *answer) Close() error {
	io.CopyN(io.Discard, a.body, 16<<10)
	return a.body.Close()
}

func (s *webdavSystem) identity(dir string) string { return path.Join("/", dir) }

func (s *webdavSystem) list(dir string) ([]entry, error) {
	found, err := s.client.ReadDir(dir)
	if err != nil {
		return nil, webdavError(err)
	}
	entries := make([]entry, 0, len(found))
	for _, info := range found {
		if plain(info.Name()) {
			entries = append(entries, entry{name: info.Name(), dir: info.IsDir(), version: versionOf(info)})
		}
	}
	return entries, nil
}

func (s *webdavSystem) stat(path string, _ version) (version, error) {
	info, err := s.client.Stat(path)
	if err != nil {
		return version{}, webdavError(err)
	}
	return versionOf(info), nil
}

func (s *webdavSystem) open(path string, _ map[string]any) (io.ReadCloser, error) {
	r, err := s.client.ReadStream(path)
	return r, webdavError(err)
}

func (s *webdavSystem) put(path string, c content, exclusive bool, _ map[string]any) error {
	if exclusive {
		// Not every server looks at If-None-Match.
		if _, err := s.client.Stat(path); err == nil {
			return fs.ErrExist
		}
	}
	_, s.large = c.(*streamed)
	s.putting, s.exclusive = true, exclusive
	defer func() { s.putting, s.large, s.exclusive = false, false, false }()
	return webdavError(s.client.WriteStreamWithLength(path, c, c.Size(), 0))
}

func (s *webdavSystem) add(string, content) error {
	return errors.New("WebDAV cannot append")
}

func (s *webdavSystem) rename(from, to string) error {
	return webdavError(s.client.Rename(from, to, true))
}

func (s *webdavSystem) remove(path string) error {
	// A request that broke off may still hold the file for a moment.
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		// The library takes what is missing for deleted, as the reader does.
		err := s.client.Remove(path)
		var status gowebdav.StatusError
		if !errors.As(err, &status) || status.Status != http.StatusLocked || wait > time.Second {
			return webdavError(err)
		}
		select {
		case <-time.After(wait):
		case <-s.line.ctx.Done():
			return s.line.why(err)
		}
	}
}

func (s *webdavSystem) mkdirs(dir string) error {
	if dir == "/" {
		return nil
	}
	// Servers may forbid to make what is there instead of saying that it is.
	if info, err := s.client.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	return webdavError(s.client.MkdirAll(dir, 0))
}

// alive tells the errors of requests that were answered: the connections are
// renewed by themselves.
func (s *webdavSystem) alive(err error) bool {
	var status gowebdav.StatusError
	return err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) ||
		errors.As(err, &status) && status.Status < 500 && status.Status != http.StatusUnauthorized
}

func (s *webdavSystem) close() error {
	s.transport.CloseIdleConnections()
	return nil
}

// webdavError says with fs's errors what the library says with statuses.
func webdavError(err error) error {
	var status gowebdav.StatusError
	if !errors.As(err, &status) {
		return err
	}
	switch status.Status {
	case http.StatusNotFound:
		return fs.ErrNotExist
	case http.StatusPreconditionFailed:
		return fs.ErrExist
	}
	return fmt.Errorf("the server answers %w %s", status, http.StatusText(status.Status))
}
