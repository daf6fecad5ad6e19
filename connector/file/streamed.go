package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/stream"
)

// streamed is a content that is written while it is read. The lock is for a request
// that is made anew while the transport still holds on to the first one.
type streamed struct {
	ctx context.Context
	of  *weir.Stream

	mu sync.Mutex
	in io.ReadCloser // nil at the start
}

func (s *streamed) Size() int64 { return s.of.Size }

func (s *streamed) Read(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == nil {
		if s.in, err = s.of.Open(s.ctx); err != nil {
			return 0, err
		}
	}
	return s.in.Read(p)
}

// Seek goes back to the start.
func (s *streamed) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("a stream is read from its start only")
	}
	return 0, s.Close()
}

func (s *streamed) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == nil {
		return nil
	}
	err := s.in.Close()
	s.in = nil
	return err
}

// stream has a file received that is too large for memory. What keeps it from being
// read is a readError.
func (r *Reader) stream(ctx context.Context, f *found, at turn) (weir.Reply, error) {
	if f.size > r.MaxStream {
		return weir.Reply{}, readError{fmt.Errorf("%d bytes are more than the limit of %d", f.size, r.MaxStream)}
	}
	out, in := io.Pipe()
	opened, ended := make(chan error, 2), make(chan error, 1)
	go func() {
		err := r.pool.with(ctx, f.login, false, func(s system, _ bool) error {
			return r.pour(s, f, in, func() { opened <- nil })
		})
		in.CloseWithError(err) // nil is the end of the file
		opened <- err
		ended <- err
	}()
	if err := <-opened; err != nil {
		return weir.Reply{}, readError{withoutPath(err)}
	}
	content := r.charset.DecodeReader(out)
	if r.Binary {
		content = stream.ToBase64(out)
	}
	reply, err := r.env.Receive(ctx, weir.Inbound{Stream: content, Binary: r.Binary, SourceMap: f.sourceMap(at)})
	out.CloseWithError(errLeft)
	if e := <-ended; err != nil && e != nil && !errors.Is(e, errLeft) {
		err = readError{withoutPath(e)}
	}
	return reply, err
}

// errLeft is the end of a file that was not read to its end, since it was not kept.
var errLeft = errors.New("the file was not read to its end")

// readError is why a file could not be read, as others are why it was not kept.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

// pour writes a file to a pipe; the pipe's other side sees its end only if the file
// is still the one that was listed.
func (r *Reader) pour(s system, f *found, to io.Writer, opened func()) error {
	file, err := open(s, f)
	if err != nil {
		return err
	}
	opened()
	_, err = io.Copy(&upTo{to, f.size}, file)
	if errors.Is(err, errChanged) || errors.Is(err, errLeft) {
		file.Close() // it may complain that there is more
		return err
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return unchanged(s, f)
}

// upTo is a writer of as many bytes as a file is to have.
type upTo struct {
	to   io.Writer
	left int64
}

func (u *upTo) Write(p []byte) (int, error) {
	if u.left -= int64(len(p)); u.left < 0 {
		return 0, errChanged
	}
	return u.to.Write(p)
}
