package file

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// putAway does with a file what an action says. If that fails the file is
// remembered, so that it is not read again and again.
func (r *Reader) putAway(f found, action string, to target, at turn) {
	var err error
	switch action {
	case "DELETE":
		err = os.Remove(f.path)
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
	case "MOVE":
		err = r.move(f, to, at)
	default:
		return
	}
	if err == nil {
		return
	}
	r.stuck[f.path] = f.version
	err = &weir.Fault{At: "host", Err: fmt.Errorf("the file was read and cannot be put away: %w", err),
		Hint: "Check that the engine may change both directories. The file is not read again unless it changes or the channel is restarted."}
	r.env.Log.Error("A file stays where it is", "file", f.path, "error", err)
	r.env.Connection(weir.ConnectionEvent{State: "failed", Detail: err.Error()})
}

// remember keeps a file from being read again, if it is still there.
func (r *Reader) remember(f found) {
	if info, err := os.Stat(f.path); err == nil && versionOf(info) == f.version {
		r.stuck[f.path] = f.version
	}
}

func (r *Reader) move(f found, to target, at turn) error {
	dir, name := r.resolve(to.Directory, f, at), r.resolve(to.Name, f, at)
	if dir == "" {
		dir = f.dir
	}
	if name == "" {
		name = f.name
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("the name %q leads out of the directory %s", name, dir)
	}
	goal := filepath.Join(dir, name)
	if goal == filepath.Clean(f.path) {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	err := os.Rename(f.path, goal) // replaces what is there
	if errors.Is(err, syscall.EXDEV) {
		return moveFar(f.path, goal)
	}
	return err
}

// moveFar moves a file to another file system. If the file cannot be deleted
// once the copy is complete, a file .ignore beside it keeps it from being read
// again.
func moveFar(from, goal string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	part := goal + ".tmp"
	out, err := os.Create(part)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil {
		err = os.Rename(part, goal)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Remove(from); err != nil {
		return errors.Join(err, os.WriteFile(from+".ignore", nil, 0o666))
	}
	return nil
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
