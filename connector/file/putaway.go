package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// putAwayLimit is how long the channel waits for a file to be put away when it
// is stopped: longer than a remote system that works needs.
const putAwayLimit = 30 * time.Second

// putAway does with a file what an action says.
func (r *Reader) putAway(ctx context.Context, f found, action string, to target, at turn) error {
	err := r.tryPutAway(ctx, f, action, to, at)
	if err == nil {
		return nil
	}
	err = &weir.Fault{At: "host", Err: fmt.Errorf("the file was read and cannot be put away: %w", err),
		Hint: "Check that the engine may change both directories. It is tried again at each poll; the file is not read again unless it changes or the channel is restarted."}
	r.env.Log.Error("A file stays where it is", "file", f.path, "error", err)
	r.env.Connection(weir.ConnectionEvent{State: "failed", Detail: err.Error()})
	return err
}

func (r *Reader) tryPutAway(ctx context.Context, f found, action string, to target, at turn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), putAwayLimit)
	defer cancel()
	switch action {
	case "NONE":
		return nil
	case "DELETE":
		return r.pool.with(ctx, f.login, true, func(s system, _ bool) error {
			if err := s.remove(f.path); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		})
	}
	return r.move(ctx, f, to, at)
}

// leftover is a file that was read and stays. Where its message is kept, what is to
// be done with it is tried again.
type leftover struct {
	found
	action string // "" where nothing is left to do
	to     target
	at     turn
}

// putAwayKept is putAway for a file whose message is kept: whatever happens, it
// is not read again.
func (r *Reader) putAwayKept(ctx context.Context, f found, action string, to target, at turn) {
	if r.putAway(ctx, f, action, to, at) != nil {
		r.stuck[f.path] = leftover{f, action, to, at}
	}
}

// putAwayLeft tries again to put away what stayed at earlier polls, and is still
// there and the same.
func (r *Reader) putAwayLeft(ctx context.Context, more func() bool) {
	for _, path := range slices.Sorted(maps.Keys(r.stuck)) {
		left := r.stuck[path]
		if left.action == "" || !more() {
			continue
		}
		if r.tryPutAway(ctx, left.found, left.action, left.to, left.at) == nil {
			delete(r.stuck, path)
			r.env.Log.Info("A file that was read before is put away now", "file", path)
		}
	}
}

// remember keeps a file from being read again, if it is still there.
func (r *Reader) remember(ctx context.Context, f found) {
	r.pool.with(ctx, f.login, true, func(s system, _ bool) error {
		now, err := s.stat(f.path, f.version)
		if err == nil && now.same(f.version) {
			r.stuck[f.path] = leftover{found: f}
		}
		return err
	})
}

func (r *Reader) move(ctx context.Context, f found, to target, at turn) error {
	dir, name := r.resolve(to.Directory, f, at), r.resolve(to.Name, f, at)
	if dir == "" {
		dir = f.dir
	}
	if name == "" {
		name = f.name
	}
	if !filepath.IsLocal(name) || r.Scheme == "SMB" && strings.Contains(name, `\`) {
		return fmt.Errorf("the name %q leads out of the directory %s", name, dir)
	}
	goal := r.join(dir, name)
	if goal == r.join(f.path, "") {
		return nil
	}
	return r.pool.with(ctx, f.login, true, func(s system, second bool) error {
		if err := s.mkdirs(r.join(dir, "")); err != nil {
			return err
		}
		err := s.rename(f.path, goal)
		if second && errors.Is(err, fs.ErrNotExist) {
			return nil // the first time it was done, and the answer was lost
		}
		return err
	})
}

// resolve replaces the variables in a target. Those of the file are kept out of
// the engine's sight and put in last, because file names are chosen by others: a
// variable in a name is no variable.
func (r *Reader) resolve(t config.Template, f found, at turn) string {
	if t.Constant() {
		return r.env.Resolve(t)
	}
	var put []string // mark, value, mark, value, …
	values := f.sourceMap(at)
	t.Text = variable.ReplaceAllStringFunc(t.Text, func(ref string) string {
		value, ok := values[strings.Trim(ref, "${}")]
		if !ok {
			return ref
		}
		mark := fmt.Sprintf("\uE000%d\uE001", len(put)/2) // private use: no file has it by accident
		put = append(put, mark, fmt.Sprint(value))
		return mark
	})
	return strings.NewReplacer(put...).Replace(r.env.Resolve(t))
}

// variable is a reference such as ${originalFilename} or $originalFilename.
var variable = regexp.MustCompile(`\$\{\w+\}|\$\w+`)
