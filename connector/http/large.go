package http

import (
	"bytes"
	"compress/gzip"
	"context"
	"hash"
	"io"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/stream"
)

// within returns how long a request may take.
func (q *request) within(limit time.Duration) time.Duration {
	if q.large == nil {
		return limit
	}
	return stream.Within(limit, q.size)
}

// sum returns the hash of the body.
func (q *request) sum(ctx context.Context, h hash.Hash) ([]byte, error) {
	if q.large == nil {
		h.Write(q.body)
		return h.Sum(nil), nil
	}
	in, err := q.large.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	_, err = io.Copy(h, in)
	return h.Sum(nil), err
}

// within puts a stream between a beginning and an end.
func within(before []byte, s *weir.Stream, after []byte) *weir.Stream {
	return &weir.Stream{Size: int64(len(before)) + s.Size + int64(len(after)), Open: func(ctx context.Context) (io.ReadCloser, error) {
		in, err := s.Open(ctx)
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(before), in, bytes.NewReader(after)), in}, nil
	}}
}

// zippedStream compresses a stream. It is sent in chunks, since its size is not known.
func zippedStream(s *weir.Stream) *weir.Stream {
	return &weir.Stream{Size: stream.Unknown, Open: func(ctx context.Context) (io.ReadCloser, error) {
		in, err := s.Open(ctx)
		if err != nil {
			return nil, err
		}
		out, zipped := io.Pipe()
		go func() {
			z := gzip.NewWriter(zipped)
			_, err := io.Copy(z, in)
			if err == nil {
				err = z.Close()
			}
			in.Close()
			zipped.CloseWithError(err)
		}()
		return out, nil
	}}
}
