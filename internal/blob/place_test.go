package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

const bucket = "weir-data"

// s3Server is a store with one bucket. What is asked of it is noted, and may be answered
// by intercept.
type s3Server struct {
	backend *s3mem.Backend
	url     string

	mu        sync.Mutex
	requests  []*http.Request
	intercept func(w http.ResponseWriter, r *http.Request, next http.Handler) // nil: goes on
}

func newS3(t *testing.T) *s3Server {
	t.Helper()
	s := &s3Server{backend: s3mem.New()}
	if err := s.backend.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	next := gofakes3.New(s.backend, gofakes3.WithLogger(gofakes3.StdLog(log.New(io.Discard, "", 0)))).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Clone(context.Background()))
		intercept := s.intercept
		s.mu.Unlock()
		if intercept != nil {
			intercept(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *s3Server) on(f func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = f
}

func (s *s3Server) seen() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *s3Server) keys(t *testing.T) (keys []string) {
	t.Helper()
	list, err := s.backend.ListBucket(bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Contents {
		keys = append(keys, o.Key)
	}
	return keys
}

func (s *s3Server) open(t *testing.T, parameters string) *S3 {
	t.Helper()
	p, err := OpenS3(ctx, S3Options{URL: "s3://" + bucket + "/a/prefix?endpoint=" + s.url + parameters, AccessKey: "test", SecretKey: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func directory(t *testing.T, dir string) *Directory {
	t.Helper()
	d, err := OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// files are the names of what is in a directory.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// noise is text that does not compress.
func noise(n int) string {
	b := make([]byte, n)
	x := uint32(n + 1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// Every place does the same.
func TestPlaces(t *testing.T) {
	server := newS3(t)
	for name, p := range map[string]Place{InDirectory: directory(t, t.TempDir()), InS3: server.open(t, "")} {
		t.Run(name, func(t *testing.T) {
			for key, content := range map[string]string{"c/empty": "", "c/byte": "x", "c/part": noise(partSize), "d/parts": noise(2*partSize + 1), "d/ü": "ü"} {
				size, digest, err := p.Put(ctx, key, iotest.HalfReader(strings.NewReader(content)))
				if err != nil || size != int64(len(content)) || len(digest) != 32 {
					t.Fatalf("%s: %d bytes, error %v", key, size, err)
				}
				r, err := p.Open(ctx, key)
				if err != nil {
					t.Fatalf("%s: %v", key, err)
				}
				got, err := io.ReadAll(r)
				r.Close()
				if err != nil || string(got) != content {
					t.Errorf("%s: got %d bytes, error %v, want %d", key, len(got), err, len(content))
				}
			}
			if _, err := p.Open(ctx, "c/none"); err == nil {
				t.Error("what is not there was opened")
			}
			if _, _, err := p.Put(ctx, "c/byte", strings.NewReader("other")); err == nil {
				t.Error("a content was replaced")
			}
			broken := errors.New("broken")
			for _, length := range []int{1, partSize + 1} {
				_, _, err := p.Put(ctx, "c/broken", io.MultiReader(strings.NewReader(noise(length)), iotest.ErrReader(broken)))
				if !errors.Is(err, broken) {
					t.Errorf("got error %v, want %v", err, broken)
				}
				if _, err := p.Open(ctx, "c/broken"); err == nil {
					t.Error("a part is there")
				}
			}
			for range 2 {
				if err := p.Remove(ctx, "d/parts"); err != nil {
					t.Error(err)
				}
				if err := p.Remove(ctx, "never/there"); err != nil {
					t.Error(err)
				}
			}
			if _, err := p.Open(ctx, "d/parts"); err == nil {
				t.Error("it is still there")
			}
		})
	}
}

// What was left of an attempt goes with the content.
func TestRemoveLeftOver(t *testing.T) {
	dir := t.TempDir()
	d := directory(t, dir)
	if err := os.MkdirAll(filepath.Join(dir, "c"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"c/" + partial + "xABC", "c/other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("left"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Remove(ctx, "c/x"); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 1 || filepath.Base(got[0]) != "other" {
		t.Errorf("left %v", got)
	}
	for _, key := range []string{"../outside", "/etc/passwd"} {
		if _, err := d.Open(ctx, key); err == nil {
			t.Errorf("%s was opened", key)
		}
		if _, _, err := d.Put(ctx, key, strings.NewReader("x")); err == nil {
			t.Errorf("%s was written", key)
		}
	}
}

// Writes carry a SHA-256, replace nothing and are encrypted with the key that was named.
func TestS3Requests(t *testing.T) {
	server := newS3(t)
	p := server.open(t, "&kmsKey=arn:aws:kms:eu-central-1:123:key/k&region=eu-central-1")
	for key, content := range map[string]string{"c/small": "x", "c/large": noise(partSize + 1)} {
		if _, _, err := p.Put(ctx, key, strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}
	var creates, parts, ends int
	for _, r := range server.seen() {
		q := r.URL.Query()
		_, create := q["uploads"]
		begins := r.Method == http.MethodPost && create || r.Method == http.MethodPut && !q.Has("partNumber")
		if begins {
			creates++
			if r.Header.Get("X-Amz-Server-Side-Encryption") != "aws:kms" || !strings.HasSuffix(r.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"), "key/k") ||
				r.Header.Get("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled") != "true" {
				t.Errorf("%s %s: encryption %v", r.Method, r.URL, r.Header)
			}
		}
		if r.Method == http.MethodPut {
			parts++
			if len(r.Header.Get("X-Amz-Checksum-Sha256")) != 44 {
				t.Errorf("%s %s has no checksum", r.Method, r.URL)
			}
		}
		if r.Method == http.MethodPost && q.Has("uploadId") || begins && r.Method == http.MethodPut {
			ends++
			if r.Header.Get("If-None-Match") != "*" {
				t.Errorf("%s %s may replace an object", r.Method, r.URL)
			}
		}
		if !strings.HasPrefix(r.URL.Path, "/"+bucket+"/a/prefix/c/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/s3/") {
			t.Errorf("%s %s, %s", r.Method, r.URL, r.Header.Get("Authorization"))
		}
	}
	if creates != 2 || parts != 3 || ends != 2 {
		t.Errorf("%d begun, %d parts, %d ended", creates, parts, ends)
	}
}

// A store that fails for a while costs time and no content, also where it did what it
// was asked and its answer was lost.
func TestS3Fails(t *testing.T) {
	server := newS3(t)
	p := server.open(t, "")
	content := noise(partSize + 1)
	failed := map[string]bool{}
	server.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		what := r.Method + r.URL.Path + r.URL.RawQuery
		server.mu.Lock()
		first := !failed[what]
		failed[what] = true
		server.mu.Unlock()
		switch {
		case !first:
			next.ServeHTTP(w, r)
		case r.Method == http.MethodPut && r.URL.Query().Has("partNumber"):
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Method == http.MethodGet: // it breaks off in the midst
			w.Header().Set("Content-Length", "8388609")
			w.Header().Set("Etag", `"`+strings.Repeat("0", 32)+`"`)
			r.Header.Del("If-Match")
			recorded := httptest.NewRecorder()
			next.ServeHTTP(recorded, r)
			w.Header().Set("Etag", recorded.Header().Get("Etag"))
			w.Write(recorded.Body.Bytes()[:partSize/2])
			panic(http.ErrAbortHandler)
		default: // done, and nobody hears of it
			next.ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	for _, c := range []string{"small", content} {
		key := "c/" + c[:2]
		if _, _, err := p.Put(ctx, key, strings.NewReader(c)); err != nil {
			t.Fatalf("%d bytes: %v", len(c), err)
		}
		if len(c) < partSize {
			continue
		}
		r, err := p.Open(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if r.Close(); err != nil || string(got) != c {
			t.Errorf("got %d bytes of %d, error %v", len(got), len(c), err)
		}
	}
}

func TestS3Settings(t *testing.T) {
	for url, want := range map[string]string{
		"": "names no bucket", "https://bucket/x": "names no bucket", "s3:///x": "names no bucket", "s3://user@bucket": "names no bucket",
		"s3://bucket?nothing=1": `no parameter "nothing"`, "s3://bucket?endpoint=ftp://x": "endpoint is no address", "s3://bucket?endpoint=https://a:b@x": "endpoint is no address",
	} {
		if _, err := OpenS3(ctx, S3Options{URL: url}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "attachments-s3") {
			t.Errorf("%q: got %v, want %q", url, err, want)
		}
	}
	server := newS3(t)
	p, err := OpenS3(ctx, S3Options{URL: "s3://none?endpoint=" + server.url, AccessKey: "a", SecretKey: "b"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Put(ctx, "c/x", strings.NewReader("x")); err == nil || !strings.Contains(err.Error(), "Make the bucket") {
		t.Errorf("no bucket: got %v", err)
	}
	if err := p.Remove(ctx, "c/x"); err == nil {
		t.Error("without its bucket nothing is known to be removed")
	}
}

// Through a keeper attachments go to the place that is set up, large ones and small ones,
// encrypted ones too, and go with their message.
func TestKeeperOutside(t *testing.T) {
	server := newS3(t)
	dir := t.TempDir()
	places := map[string]Place{InDirectory: directory(t, dir), InS3: server.open(t, "")}
	for _, into := range slices.Sorted(maps.Keys(places)) {
		t.Run(into, func(t *testing.T) {
			k := keeper(t, t.TempDir(), Options{Into: into, Places: places})
			large := noise(2*store.ChunkSize + 5)
			b, err := k.KeepBlob(ctx, channel, strings.NewReader(large), true)
			if err != nil {
				t.Fatal(err)
			}
			c := received(1, weir.Attachment{ID: "small", Type: "t/s", Content: []byte("a secret")},
				weir.Attachment{ID: "sealed", Content: []byte("a secret, sealed"), Encrypted: true}, weir.Attachment{ID: "empty", Content: []byte{}})
			c.Large = []store.Large{{ID: "large", Blob: *b}}
			save(t, k, c)
			for id, want := range map[string]string{"small": "a secret", "sealed": "a secret, sealed", "empty": "", "large": large} {
				a, err := k.Attachment(ctx, channel, 1, id)
				if err != nil || string(a.Content) != want || a.Encrypted != (id == "sealed" || id == "large") {
					t.Errorf("%s: %+v, error %v", id, a, err)
				}
				if where, err := k.Large(ctx, channel, 1, id); err != nil || !strings.HasPrefix(where.Place, into+":"+channel+"/") {
					t.Errorf("%s is at %+v, error %v", id, where, err)
				}
			}
			if infos, err := k.Attachments(ctx, channel, 1); err != nil || len(infos) != 4 || infos[1].ID != "large" || infos[1].Size != int64(len(large)) {
				t.Errorf("listed %v, error %v", infos, err)
			}
			there := func() int {
				if into == InS3 {
					return len(server.keys(t))
				}
				return len(files(t, dir))
			}
			if there() != 4 {
				t.Errorf("%d contents are there", there())
			}
			if into == InDirectory {
				sealed, _ := k.Large(ctx, channel, 1, "sealed")
				_, key, _ := strings.Cut(sealed.Place, ":")
				if held, err := os.ReadFile(filepath.Join(dir, key)); err != nil || bytes.Contains(held, []byte("secret")) {
					t.Errorf("the sealed one is there as it is, error %v", err)
				}
			}
			if err := k.PutAttachment(ctx, channel, 1, &weir.Attachment{ID: "small", Content: []byte("replaced")}); err != nil {
				t.Fatal(err)
			}
			if _, err := k.Remove(ctx, channel, []int64{1}, false); err != nil {
				t.Fatal(err)
			}
			if there() != 5 {
				t.Errorf("%d contents are there before what is loose is removed", there())
			}
			if err := k.Sweep(ctx); err != nil || there() != 0 || loose(t, k) != 0 {
				t.Errorf("%d contents are left, error %v", there(), err)
			}
		})
	}
}

// A content that somebody has changed is not given out as what it was.
func TestKeeperNotices(t *testing.T) {
	dir := t.TempDir()
	k := keeper(t, t.TempDir(), Options{Into: InDirectory, Places: map[string]Place{InDirectory: directory(t, dir)}})
	for _, change := range []string{"another content!", "shorter", "a much longer content"} {
		for _, name := range files(t, dir) {
			os.Remove(name)
		}
		id := int64(len(change))
		save(t, k, received(id, weir.Attachment{ID: "a", Content: []byte("what it once was")}))
		name := files(t, dir)[0]
		if err := os.WriteFile(name, []byte(change), 0o600); err != nil {
			t.Fatal(err)
		}
		if a, err := k.Attachment(ctx, channel, id, "a"); err == nil {
			t.Errorf("%q was given out", a.Content)
		}
		os.Remove(name)
		if _, err := k.Attachment(ctx, channel, id, "a"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v for a file that is gone", err)
		}
	}
}

// What does not reach its place is no message.
func TestKeeperPlaceFails(t *testing.T) {
	server := newS3(t)
	server.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) { w.WriteHeader(http.StatusForbidden) })
	k := keeper(t, t.TempDir(), Options{Into: InS3, Places: map[string]Place{InS3: server.open(t, "")}})
	err := k.Save(ctx, received(1, weir.Attachment{ID: "a", Content: []byte("content")}))
	if err == nil || !strings.Contains(err.Error(), "place s3") {
		t.Errorf("got %v", err)
	}
	if _, err := k.Message(ctx, channel, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the message is there: %v", err)
	}
	if loose(t, k) != 1 { // it could not be removed there, and may be there
		t.Error("it is forgotten that something may be there")
	}
	server.on(nil)
	if err := k.Sweep(ctx); err != nil || loose(t, k) != 0 {
		t.Errorf("%d loose, error %v", loose(t, k), err)
	}
	delete(k.o.Places, InS3)
	if err := k.Save(ctx, received(1, weir.Attachment{ID: "a", Content: []byte("content")})); err == nil || !strings.Contains(err.Error(), "--attachments-s3") {
		t.Errorf("a place that is not set up: got %v", err)
	}
}

// Moving takes all from one place to the other and loses nothing, whenever it is ended,
// and while attachments are replaced and removed.
func TestMove(t *testing.T) {
	dir := t.TempDir()
	server := newS3(t)
	k := keeper(t, t.TempDir(), Options{Places: map[string]Place{InDirectory: directory(t, dir), InS3: server.open(t, "")}})
	want := map[int64]string{}
	for id := int64(1); id <= 40; id++ {
		want[id] = strings.Repeat(string(rune('a'+id%20)), int(id))
		save(t, k, received(id, weir.Attachment{ID: "a", Type: "t/a", Content: []byte(want[id]), Encrypted: id%2 == 0}))
	}
	check := func() {
		t.Helper()
		for id, content := range want {
			if a, err := k.Attachment(ctx, channel, id, "a"); err != nil || string(a.Content) != content || a.Encrypted != (id%2 == 0) {
				t.Errorf("message %d: %v", id, err)
			}
		}
	}
	uses := func() string {
		t.Helper()
		list, err := k.Uses(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, u := range list {
			b.WriteString(strings.Repeat(u.Place[:1], int(u.Attachments)/10))
			if u.New {
				b.WriteString("*")
			}
		}
		return b.String()
	}
	if got := uses(); got != "dddd*" {
		t.Errorf("at first: %s", got)
	}
	// It is ended in the midst and begun again.
	ending, end := context.WithCancel(ctx)
	var puts atomic.Int64
	server.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut {
			if puts.Add(1) == 20 {
				end()
			}
		}
		next.ServeHTTP(w, r)
	})
	done, err := k.Move(ending, InDatabase, InS3)
	if !errors.Is(err, context.Canceled) || done.Attachments < 18 || done.Attachments > 20 {
		t.Errorf("moved %+v, error %v", done, err)
	}
	server.on(nil)
	check()
	var beside sync.WaitGroup
	beside.Go(func() {
		for id := int64(30); id <= 40; id++ {
			want[id] = "replaced"
			if err := k.PutAttachment(ctx, channel, id, &weir.Attachment{ID: "a", Content: []byte(want[id]), Encrypted: id%2 == 0}); err != nil {
				t.Error(err)
			}
		}
	})
	beside.Go(func() {
		if _, err := k.Remove(ctx, channel, []int64{20, 21}, false); err != nil {
			t.Error(err)
		}
	})
	if done, err := k.Move(ctx, InDatabase, InS3); err != nil || done.Failed != 0 {
		t.Errorf("moved %+v, error %v", done, err)
	}
	beside.Wait()
	delete(want, 20)
	delete(want, 21)
	if done, err := k.Move(ctx, InDatabase, InS3); err != nil || done.Failed != 0 { // what was replaced is in the database
		t.Errorf("moved %+v, error %v", done, err)
	}
	check()
	if got := uses(); got != "*sss" {
		t.Errorf("after it: %s", got)
	}
	if err := k.Sweep(ctx); err != nil || len(server.keys(t)) != 38 {
		t.Errorf("%d objects, error %v", len(server.keys(t)), err)
	}
	for _, way := range [][2]string{{InS3, InDirectory}, {InDirectory, InDatabase}} {
		if done, err := k.Move(ctx, way[0], way[1]); err != nil || done.Attachments != 38 || done.Failed != 0 {
			t.Errorf("%v: moved %+v, error %v", way, done, err)
		}
		check()
	}
	if err := k.Sweep(ctx); err != nil || len(server.keys(t))+len(files(t, dir)) != 0 {
		t.Errorf("%d objects, %d files are left, error %v", len(server.keys(t)), len(files(t, dir)), err)
	}
	for _, way := range [][2]string{{"nowhere", InS3}, {InS3, ""}, {InS3, InS3}} {
		if _, err := k.Move(ctx, way[0], way[1]); err == nil {
			t.Errorf("%v was taken", way)
		}
	}
	server.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) { w.WriteHeader(http.StatusForbidden) })
	if done, err := k.Move(ctx, InDatabase, InS3); err == nil || done.Failed != maxFailed || done.Reason == nil {
		t.Errorf("a place that refuses: moved %+v, error %v", done, err)
	}
	check()
}
