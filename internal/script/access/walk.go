package access

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// maxLinks is how many symbolic links a path may lead over.
const maxLinks = 40

// systemDirs hold what is no file: processes, the machine and its devices.
var systemDirs = []string{"/proc", "/sys", "/dev"}

// place is where a path leads.
type place struct {
	path string      // absolute and without links
	name string      // within dir
	dir  *directory  // nil when the directory does not exist
	info fs.FileInfo // nil when there is nothing
	open []*directory
}

// directory is one that is open.
type directory struct {
	root *os.Root // nil for one that may be passed through but not read
	path string
}

func (p *place) close() {
	for _, d := range p.open {
		d.close()
	}
}

func (d *directory) close() {
	if d.root != nil {
		d.root.Close()
	}
}

func (d *directory) lstat(name string) (fs.FileInfo, error) {
	if d.root == nil {
		return os.Lstat(filepath.Join(d.path, name))
	}
	return d.root.Lstat(name)
}

func (d *directory) readlink(name string) (string, error) {
	if d.root == nil {
		return os.Readlink(filepath.Join(d.path, name))
	}
	return d.root.Readlink(name)
}

// enter opens a directory in another one. It is the one that info was of, or an
// error.
func (d *directory) enter(name string, info fs.FileInfo) (*directory, error) {
	in := &directory{path: filepath.Join(d.path, name)}
	var err error
	if d.root == nil {
		in.root, err = os.OpenRoot(in.path)
	} else {
		in.root, err = d.root.OpenRoot(name)
	}
	if errors.Is(err, fs.ErrPermission) {
		return in, nil // its entries may still be reached by their names
	}
	if err != nil {
		return nil, err
	}
	now, err := in.root.Stat(".")
	if err != nil || !os.SameFile(info, now) {
		in.close()
		return nil, errMoved
	}
	return in, nil
}

var (
	errMoved = errors.New("the path was changed while it was followed")
	errLinks = errors.New("too many levels of symbolic links")
)

// find follows a path to its end; a link at the very end only with follow. It
// returns a place also where nothing is. The caller closes it.
func (g *Grants) find(path string, follow bool) (_ *place, err error) {
	never := g.never()
	start, parts, err := split(path)
	if err != nil {
		return nil, err
	}
	top, err := os.OpenRoot(start)
	if err != nil {
		return nil, err
	}
	p := &place{open: []*directory{{top, start}}}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	links := 0
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		dir := p.open[len(p.open)-1]
		switch part {
		case "", ".":
			continue
		case "..":
			if len(p.open) > 1 {
				dir.close()
				p.open = p.open[:len(p.open)-1]
			}
			continue
		}
		info, err := dir.lstat(part)
		switch {
		case errors.Is(err, fs.ErrNotExist) || isNotDirectory(err):
			p.path = filepath.Join(append([]string{dir.path, part}, parts...)...)
			if len(rest(parts)) == 0 {
				p.dir, p.name = dir, part
			}
			return p, never.path(g, p.path)
		case err != nil:
			return nil, err
		}
		last := len(rest(parts)) == 0
		if info.Mode()&fs.ModeSymlink != 0 && (!last || follow) {
			if links++; links > maxLinks {
				return nil, errLinks
			}
			target, err := dir.readlink(part)
			if err != nil {
				return nil, err
			}
			if filepath.IsAbs(target) {
				for _, d := range p.open[1:] {
					d.close()
				}
				p.open = p.open[:1]
				target = strings.TrimPrefix(target, filepath.VolumeName(target))
			}
			parts = append(strings.Split(filepath.ToSlash(target), "/"), parts...)
			continue
		}
		if err := never.file(g, filepath.Join(dir.path, part), info); err != nil {
			return nil, err
		}
		if last {
			p.path, p.dir, p.name, p.info = filepath.Join(dir.path, part), dir, part, info
			return p, never.path(g, p.path)
		}
		if !info.IsDir() { // nothing can lie in it
			p.path = filepath.Join(append([]string{dir.path, part}, parts...)...)
			return p, never.path(g, p.path)
		}
		in, err := dir.enter(part, info)
		if err != nil {
			return nil, err
		}
		p.open = append(p.open, in)
	}
	// The path ends in a directory that is open already.
	dir := p.open[len(p.open)-1]
	p.path, p.dir, p.name = dir.path, dir, "."
	if p.info, err = dir.lstat("."); err != nil {
		return nil, err
	}
	return p, never.path(g, p.path)
}

// rest drops the parts of a path that lead nowhere.
func rest(parts []string) []string {
	for len(parts) > 0 && (parts[0] == "" || parts[0] == ".") {
		parts = parts[1:]
	}
	return parts
}

// split makes a path absolute, without taking .. away, and cuts it.
func split(path string) (start string, parts []string, err error) {
	if !filepath.IsAbs(path) {
		here, err := os.Getwd()
		if err != nil {
			return "", nil, err
		}
		path = here + string(filepath.Separator) + path
	}
	volume := filepath.VolumeName(path)
	return volume + string(filepath.Separator), strings.Split(filepath.ToSlash(path[len(volume):]), "/"), nil
}

// excluded are the places that nothing opens.
type excluded struct {
	paths []string
	infos []fs.FileInfo
}

func (g *Grants) never() excluded {
	var e excluded
	add := func(path string) {
		if info, err := os.Stat(path); err == nil {
			e.infos = append(e.infos, info)
		}
		e.paths = append(e.paths, path)
		if real, err := filepath.EvalSymlinks(path); err == nil && real != path {
			e.paths = append(e.paths, real)
		}
	}
	for _, path := range g.Never {
		if abs, err := filepath.Abs(path); err == nil {
			add(abs)
		}
	}
	if runtime.GOOS != "windows" {
		for _, path := range systemDirs {
			add(path)
		}
	}
	return e
}

// file refuses what is one of the places, whatever its path.
func (e excluded) file(g *Grants, path string, info fs.FileInfo) error {
	for _, never := range e.infos {
		if os.SameFile(never, info) {
			return g.deny(Files, path, "", "it belongs to the engine or the system")
		}
	}
	return nil
}

// path refuses what lies in one of the places.
func (e excluded) path(g *Grants, path string) error {
	for _, never := range e.paths {
		if within(path, never) {
			return g.deny(Files, path, "", "it belongs to the engine or the system")
		}
	}
	return nil
}

// within reports whether a path is a directory or lies below it.
func within(path, dir string) bool {
	if path == dir {
		return true
	}
	if !strings.HasSuffix(dir, string(filepath.Separator)) {
		dir += string(filepath.Separator)
	}
	return strings.HasPrefix(path, dir)
}

// granted reports, as an error, that a place is not one of those granted.
func (g *Grants) granted(p *place) error {
	if g.covers(p.path, within) {
		return nil
	}
	grant := p.path
	if p.info == nil || !p.info.IsDir() {
		grant = filepath.Dir(p.path)
	}
	return g.deny(Files, p.path, grant, "")
}

// covers compares a path, which has no links, with what is granted, as it is
// written and as it leads.
func (g *Grants) covers(path string, fits func(path, dir string) bool) bool {
	for _, dir := range g.Files {
		if dir == Everything {
			return true
		}
		abs, err := filepath.Abs(dir)
		if err != nil || dir == "" {
			continue
		}
		if fits(path, abs) || fits(path, real(abs)) {
			return true
		}
	}
	return false
}

// real resolves the part of a path that exists.
func real(path string) string {
	if r, err := filepath.EvalSymlinks(path); err == nil {
		return r
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(real(parent), filepath.Base(path))
}
