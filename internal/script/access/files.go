package access

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

func isNotDirectory(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

// errSpecial is what a pipe, a socket or a device gives.
var errSpecial = errors.New("it is neither a file nor a directory")

// at finds a place that is granted. The caller closes it.
func (g *Grants) at(path string, follow bool) (*place, error) {
	p, err := g.find(path, follow)
	if err != nil {
		var denied *Denied
		if errors.As(err, &denied) {
			return nil, err
		}
		// Whoever may not reach a place learns nothing of it.
		abs, _ := filepath.Abs(path)
		if err := g.granted(&place{path: abs}); err != nil {
			return nil, err
		}
		return nil, pathError("open", path, err)
	}
	if err := g.granted(p); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// pathError puts the path as the script gave it into an error.
func pathError(op, path string, err error) error {
	var in *fs.PathError
	if errors.As(err, &in) {
		err = in.Err
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}

// Stat describes what a path leads to.
func (g *Grants) Stat(path string) (fs.FileInfo, error) { return g.stat(path, true) }

// Lstat is Stat of a link itself.
func (g *Grants) Lstat(path string) (fs.FileInfo, error) { return g.stat(path, false) }

func (g *Grants) stat(path string, follow bool) (fs.FileInfo, error) {
	p, err := g.at(path, follow)
	if err != nil {
		return nil, err
	}
	defer p.close()
	if p.info == nil {
		return nil, pathError("stat", path, fs.ErrNotExist)
	}
	return p.info, nil
}

// Real returns the absolute path without links, also of what does not exist.
func (g *Grants) Real(path string) (string, error) {
	p, err := g.at(path, true)
	if err != nil {
		return "", err
	}
	defer p.close()
	return p.path, nil
}

// Open opens a file; flag is that of os.OpenFile. Directories, pipes and devices
// are not opened.
func (g *Grants) Open(path string, flag int) (*os.File, error) {
	p, err := g.at(path, true)
	if err != nil {
		return nil, err
	}
	defer p.close()
	f, err := g.open(p, flag)
	if err != nil {
		return nil, pathError("open", path, err)
	}
	return f, nil
}

func (g *Grants) open(p *place, flag int) (*os.File, error) {
	switch {
	case p.dir == nil:
		return nil, fs.ErrNotExist
	case p.info == nil && flag&os.O_CREATE == 0:
		return nil, fs.ErrNotExist
	case p.info == nil: // what appears meanwhile, such as a link, is not followed
		return p.dir.openFile(p.name, flag|os.O_EXCL)
	case p.info.IsDir():
		return nil, syscall.EISDIR
	case !p.info.Mode().IsRegular():
		return nil, errSpecial
	case flag&os.O_EXCL != 0:
		return nil, fs.ErrExist
	}
	f, err := p.dir.openFile(p.name, flag&^(os.O_TRUNC|os.O_CREATE))
	if err != nil {
		return nil, err
	}
	now, err := f.Stat()
	if err == nil && !os.SameFile(p.info, now) {
		err = errMoved
	}
	if err == nil && flag&os.O_TRUNC != 0 {
		err = f.Truncate(0)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// newFile is what a created file may be used by, before the umask.
const newFile, newDirectory = 0o666, 0o777

func (d *directory) openFile(name string, flag int) (*os.File, error) {
	if d.root == nil {
		return os.OpenFile(filepath.Join(d.path, name), flag, newFile)
	}
	return d.root.OpenFile(name, flag, newFile)
}

// Read returns the contents of a file, at most MaxBytes.
func (g *Grants) Read(ctx context.Context, path string) ([]byte, error) {
	f, err := g.Open(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAll(ctx, f)
}

// ErrTooLarge is what is more than MaxBytes.
var ErrTooLarge = errors.New("it is larger than what a script may bring into memory at once")

// ReadAll reads to the end, at most MaxBytes, until ctx ends.
func ReadAll(ctx context.Context, r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(&until{ctx, r}, MaxBytes+1))
	if err == nil && len(b) > MaxBytes {
		err = ErrTooLarge
	}
	return b, err
}

// Until reads until a context ends.
func Until(ctx context.Context, r io.Reader) io.Reader { return &until{ctx, r} }

// until is what Until reads through.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u *until) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// Names lists a directory.
func (g *Grants) Names(path string) ([]string, error) {
	p, err := g.at(path, true)
	if err != nil {
		return nil, err
	}
	defer p.close()
	if p.info == nil || !p.info.IsDir() {
		return nil, pathError("list", path, syscall.ENOTDIR)
	}
	d, err := p.dir.openFile(p.name, os.O_RDONLY)
	if err != nil {
		return nil, pathError("list", path, err)
	}
	defer d.Close()
	now, err := d.Stat()
	if err == nil && !os.SameFile(p.info, now) {
		err = errMoved
	}
	if err != nil {
		return nil, pathError("list", path, err)
	}
	names, err := d.Readdirnames(MaxNames)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err != nil {
		return nil, pathError("list", path, err)
	}
	return names, nil
}

// Mkdir makes a directory. On the way to what is granted, that which leads there
// may be made, too.
func (g *Grants) Mkdir(path string) error {
	p, err := g.find(path, true)
	if err == nil {
		defer p.close()
		leads := g.covers(p.path, func(path, dir string) bool { return within(dir, path) })
		if !leads || p.info != nil {
			err = g.granted(p)
		}
	}
	switch {
	case err != nil:
		return err
	case p.info != nil:
		return pathError("mkdir", path, fs.ErrExist)
	case p.dir == nil:
		return pathError("mkdir", path, fs.ErrNotExist)
	case p.dir.root == nil:
		err = os.Mkdir(p.path, newDirectory)
	default:
		err = p.dir.root.Mkdir(p.name, newDirectory)
	}
	if err != nil {
		return pathError("mkdir", path, err)
	}
	return nil
}

// MkdirAll makes a directory and those it lies in. What exists already as a
// directory is no error.
func (g *Grants) MkdirAll(path string) error {
	err := g.Mkdir(path)
	if errors.Is(err, fs.ErrNotExist) {
		parent := filepath.Dir(filepath.Clean(path))
		if parent == path {
			return err
		}
		if err := g.MkdirAll(parent); err != nil {
			return err
		}
		err = g.Mkdir(path)
	}
	if err == nil {
		return nil
	}
	if p, errFind := g.find(path, true); errFind == nil {
		defer p.close()
		if p.info != nil && p.info.IsDir() {
			leads := g.covers(p.path, func(path, dir string) bool { return within(dir, path) })
			if leads || g.granted(p) == nil {
				return nil
			}
		}
	}
	return err
}

// Remove deletes a file, a link or an empty directory.
func (g *Grants) Remove(path string) error {
	p, err := g.at(path, false)
	if err != nil {
		return err
	}
	defer p.close()
	switch {
	case p.info == nil:
		err = fs.ErrNotExist
	case p.name == ".":
		err = errors.New("a directory is deleted by its name")
	case p.dir.root == nil:
		err = os.Remove(p.path)
	default:
		err = p.dir.root.Remove(p.name)
	}
	if err != nil {
		return pathError("remove", path, err)
	}
	return nil
}

// Rename moves a file or directory. replace says whether what is at the other
// place may be lost.
func (g *Grants) Rename(from, to string, replace bool) error {
	a, err := g.at(from, false)
	if err != nil {
		return err
	}
	defer a.close()
	b, err := g.at(to, false)
	if err != nil {
		return err
	}
	defer b.close()
	switch {
	case a.info == nil || a.name == ".":
		return pathError("rename", from, fs.ErrNotExist)
	case b.dir == nil:
		return pathError("rename", to, fs.ErrNotExist)
	case b.info != nil && os.SameFile(a.info, b.info):
		return nil
	case b.info != nil && !replace:
		return pathError("rename", to, fs.ErrExist)
	case b.name == ".":
		return pathError("rename", to, fs.ErrExist)
	}
	// The one directory that both lie in and that is open.
	var both *directory
	for i := range min(len(a.open), len(b.open)) {
		if a.open[i].path == b.open[i].path && a.open[i].root != nil {
			both = a.open[i]
		}
	}
	if both == nil {
		return pathError("rename", from, fs.ErrPermission)
	}
	relA, errA := filepath.Rel(both.path, a.path)
	relB, errB := filepath.Rel(both.path, b.path)
	if errA != nil || errB != nil {
		return pathError("rename", from, errMoved)
	}
	var link *os.LinkError
	if err := both.root.Rename(relA, relB); errors.As(err, &link) {
		return pathError("rename", from, link.Err)
	} else if err != nil {
		return pathError("rename", from, err)
	}
	return nil
}

// SetTime sets when a file was last changed.
func (g *Grants) SetTime(path string, t time.Time) error {
	return g.change(path, func(p *place) error {
		if p.dir.root == nil {
			return os.Chtimes(p.path, t, t)
		}
		return p.dir.root.Chtimes(p.name, t, t)
	})
}

// SetMode sets who may use a file.
func (g *Grants) SetMode(path string, mode fs.FileMode) error {
	return g.change(path, func(p *place) error {
		if p.dir.root == nil {
			return os.Chmod(p.path, mode)
		}
		return p.dir.root.Chmod(p.name, mode)
	})
}

func (g *Grants) change(path string, f func(p *place) error) error {
	p, err := g.at(path, true)
	if err != nil {
		return err
	}
	defer p.close()
	err = fs.ErrNotExist
	if p.info != nil {
		err = f(p)
	}
	if err != nil {
		return pathError("change", path, err)
	}
	return nil
}

// File reports, as an error, that a file cannot be opened by its path by
// somebody else: that it belongs to the engine. It returns the path without
// links.
func (g *Grants) File(path string) (string, error) {
	p, err := g.find(path, true)
	if err != nil {
		return "", err
	}
	defer p.close()
	return p.path, nil
}
