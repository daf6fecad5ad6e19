package tlsconfig

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// watched is a configuration made from files, which are looked at whenever it is
// asked for.
type watched struct {
	files []string // an empty name is no file
	load  func() (*tls.Config, error)
	log   *slog.Logger

	mu    sync.Mutex
	seen  [3]stamp
	cfg   *tls.Config
	valid bool // seen has been set
}

// stamp is what tells one content of a file from another.
type stamp struct {
	changed time.Time
	size    int64
}

// config returns the configuration of the files as they are, or the last that
// could be used.
func (w *watched) config() (*tls.Config, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.stamps()
	if w.valid && now == w.seen {
		return w.cfg, nil
	}
	cfg, err := w.load()
	switch {
	case err == nil:
		w.cfg = cfg
	case w.cfg == nil:
		return nil, err
	default:
		w.log.Error("A changed certificate cannot be used; the one before stays in use", "error", err)
	}
	w.seen, w.valid = now, true
	return w.cfg, nil
}

func (w *watched) stamps() (out [3]stamp) {
	for i, file := range w.files {
		if file == "" {
			continue
		}
		if info, err := os.Stat(file); err == nil {
			out[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return out
}
