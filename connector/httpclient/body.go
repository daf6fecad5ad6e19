package httpclient

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/httpfield"
)

// Limits, as the defaults of settings.
const (
	DefaultMaxResponse    = 64 << 20 // bytes
	DefaultRequestTimeout = 5 * time.Minute
)

// ErrTooLarge is a body beyond its limit.
var ErrTooLarge = errors.New("the response is larger than is accepted")

// AcceptedTooLarge is ErrTooLarge where the status says that the message is
// accepted.
type AcceptedTooLarge struct{ Limit int }

func (e *AcceptedTooLarge) Error() string {
	return fmt.Sprintf("the message was accepted, but the response is larger than %d bytes", e.Limit)
}

// TooLarge returns what a message becomes that is accepted with a response which
// cannot be kept: not queued, since it would be delivered again.
func TooLarge(err error) (r weir.Response, final bool) {
	var large *AcceptedTooLarge
	if !errors.As(err, &large) {
		return r, false
	}
	return weir.Response{Status: weir.Error, StatusMessage: "The message was accepted, but its response is too large to be kept"}, true
}

// ReadBody reads the body of a response, decompressed. The headers then describe
// what was read.
func (w *Watch) ReadBody(answer *http.Response, limit int) ([]byte, error) {
	in, err := Decompressed(answer, w.reader(answer.Body))
	if err != nil {
		return nil, err
	}
	body, err := ReadLimited(in, limit, ErrTooLarge)
	if errors.Is(err, ErrTooLarge) && answer.StatusCode < 400 {
		err = &AcceptedTooLarge{limit}
	}
	return body, err
}

// Decompressed returns the body without its content encoding.
func Decompressed(answer *http.Response, in io.Reader) (io.Reader, error) {
	encoding := answer.Header.Get("Content-Encoding")
	deflated := strings.EqualFold(strings.TrimSpace(encoding), "deflate")
	if !httpfield.Gzipped(encoding) && !deflated || answer.Request != nil && answer.Request.Method == http.MethodHead {
		return in, nil
	}
	first := make([]byte, 2)
	n, err := io.ReadFull(in, first)
	if err == io.EOF {
		return bytes.NewReader(nil), nil // no body, whatever the header says
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	answer.Header.Del("Content-Encoding")
	answer.Header.Del("Content-Length")
	in = io.MultiReader(bytes.NewReader(first[:n]), in)
	if !deflated {
		return gzip.NewReader(in)
	}
	if first[0]&0x0f == 8 && (int(first[0])<<8|int(first[1]))%31 == 0 {
		return zlib.NewReader(in)
	}
	return flate.NewReader(in), nil // as some servers do
}

// ReadLimited reads all of in, or fails with tooLarge when there are more than
// limit bytes.
func ReadLimited(in io.Reader, limit int, tooLarge error) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	if len(body) > limit {
		return nil, tooLarge
	}
	return body, err
}
