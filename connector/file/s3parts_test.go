package file

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/weir-health/weir/connector/connectortest"
)

func TestPartSize(t *testing.T) {
	for _, c := range []struct{ size, want int64 }{
		{0, s3Part}, {s3Part * s3MaxParts, s3Part}, {s3Part*s3MaxParts + 1, s3Part + 1}, {5 << 40, 549755814},
	} {
		if got := partSize(c.size); got != c.want || got*s3MaxParts < c.size {
			t.Errorf("partSize(%d) = %d, want %d", c.size, got, c.want)
		}
	}
}

// copying is a store that copies parts, which the server of the tests cannot.
func copying(t *testing.T, copied *atomic.Int32) *httptest.Server {
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	store := gofakes3.New(backend).Server()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		source := r.Header.Get("X-Amz-Copy-Source")
		if source == "" || !r.URL.Query().Has("partNumber") {
			store.ServeHTTP(w, r)
			return
		}
		copied.Add(1)
		get := httptest.NewRequest(http.MethodGet, "/"+source, nil)
		get.Header.Set("Range", r.Header.Get("X-Amz-Copy-Source-Range"))
		object := httptest.NewRecorder()
		store.ServeHTTP(object, get)
		if object.Header().Get("ETag") != r.Header.Get("X-Amz-Copy-Source-If-Match") {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		put := httptest.NewRequest(http.MethodPut, r.URL.String(), bytes.NewReader(object.Body.Bytes()))
		put.Header.Set("Content-Length", strconv.Itoa(object.Body.Len()))
		part := httptest.NewRecorder()
		store.ServeHTTP(part, put)
		fmt.Fprintf(w, `<CopyPartResult><ETag>%s</ETag></CopyPartResult>`, strings.ReplaceAll(part.Header().Get("ETag"), `"`, "&quot;"))
	}))
	t.Cleanup(s.Close)
	return s
}

// An object that is too large to be copied at once is copied in parts, with what the
// store knows of it.
func TestS3CopyInParts(t *testing.T) {
	var copied atomic.Int32
	store := copying(t, &copied)
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings("scheme", "S3", "endpoint", store.URL, "anonymous", "false", "username", "weir", "password", password,
		"schemeProperties.useDefaultCredentialProviderChain", "false", "host", "bucket/in", "outputPattern", "a b", "outputAppend", "false"))
	if _, err := w.Send(connectortest.Context(t), connectortest.OutboundStream(1, "template", large, nil)); err != nil {
		t.Fatal(err)
	}
	at, err := w.place(w.env.Resolve)
	if err != nil {
		t.Fatal(err)
	}
	err = w.pool.with(connectortest.Context(t), at.login, false, func(s system, _ bool) error {
		s.(*s3System).maxCopy = 3 << 20
		if err := s.rename("bucket/in/a b", "bucket/out/c d"); err != nil {
			return err
		}
		object, err := s.open("bucket/out/c d", nil)
		if err != nil {
			return err
		}
		defer object.Close()
		if got, err := io.ReadAll(object); err != nil || string(got) != large {
			t.Errorf("the copy has %d bytes, %v; want %d", len(got), err, len(large))
		}
		left, err := s.list("bucket/in")
		if len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
		return err
	})
	if err != nil || copied.Load() != int32((len(large)+3<<20-1)/(3<<20)) {
		t.Errorf("%d parts copied, %v", copied.Load(), err)
	}
}
