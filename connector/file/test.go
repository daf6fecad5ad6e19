package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"

	"github.com/studio-b12/gowebdav"

	"github.com/weir-health/weir"
)

// Test signs in and lists the directory.
func (r *Reader) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	if err := r.prepare(env.Resolve, env.Log); err != nil {
		return "", err
	}
	at, err := r.place(env.Resolve)
	if err != nil {
		return "", err
	}
	n, err := r.look(ctx, at)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("The directory %s can be listed; it has %d entries.", r.uri(env.Resolve(r.Host), ""), n), nil
}

// Test signs in and lists the directory. On this computer it also writes a file
// there and removes it; elsewhere a partner might take that for a message.
func (w *Writer) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	if err := w.prepare(env.Resolve, env.Log); err != nil {
		return "", err
	}
	at, err := w.place(env.Message.Resolve)
	if err != nil {
		return "", err
	}
	_, err = w.look(ctx, at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("The directory %s does not exist yet; it is made for the first file.", w.uri(env.Message.Resolve(w.Host), "")), nil
	case err != nil:
		return "", err
	case w.Scheme != "FILE":
		return fmt.Sprintf("The directory %s can be listed; whether files may be written there is seen with the first.", w.uri(env.Message.Resolve(w.Host), "")), nil
	}
	f, err := os.CreateTemp(at.dir, ".weir-test-*")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return "", &weir.Fault{At: "host", Err: err, Hint: "Let the user that the engine runs as write to the directory."}
	}
	return fmt.Sprintf("Files can be written to %s.", w.uri(env.Message.Resolve(w.Host), "")), nil
}

// look lists a directory.
func (r *remote) look(ctx context.Context, at place) (n int, err error) {
	defer r.pool.close()
	err = r.pool.with(ctx, at.login, false, func(s system, _ bool) error {
		entries, err := s.list(at.dir)
		n = len(entries)
		return err
	})
	if status := *new(gowebdav.StatusError); errors.As(err, &status) && status.Status == http.StatusUnauthorized {
		return 0, loginFault(at.address, at.user, err) // WebDAV signs in with each request
	}
	if err != nil {
		return 0, weir.WithHint(fmt.Errorf("list %s%s: %w", at.address, at.dir, err), "host", "Check the directory, and what the user may do there.")
	}
	return n, nil
}

var (
	_ weir.Tester = (*Reader)(nil)
	_ weir.Tester = (*Writer)(nil)
)
