package access

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
)

func grants(t *testing.T, files ...string) *Grants {
	t.Helper()
	return &Grants{Channel: "Lab", Access: weir.Access{Files: files}}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func TestFilesGranted(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/in/a.txt", "a")
	write(t, dir+"/elsewhere/b.txt", "b")
	link(t, "a.txt", dir+"/in/short")
	link(t, dir+"/in/a.txt", dir+"/in/long")
	link(t, dir+"/in", dir+"/alias")
	link(t, dir+"/elsewhere", dir+"/mounted")
	ctx := context.Background()
	for _, c := range []struct{ name, grant, path string }{
		{"in the directory", dir + "/in", dir + "/in/a.txt"},
		{"by way of ..", dir + "/in", dir + "/in/../in/./a.txt"},
		{"a relative link", dir + "/in", dir + "/in/short"},
		{"an absolute link", dir + "/in", dir + "/in/long"},
		{"a link from outside", dir + "/in", dir + "/alias/a.txt"},
		{"a grant that is a link", dir + "/mounted", dir + "/mounted/b.txt"},
		{"a single file", dir + "/in/a.txt", dir + "/in/a.txt"},
		{"everything", Everything, dir + "/in/a.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if b, err := grants(t, c.grant).Read(ctx, c.path); err != nil || len(b) != 1 {
				t.Errorf("Read(%s) with %s gave %q, %v", c.path, c.grant, b, err)
			}
		})
	}
}

// TestFilesDenied holds the ways out of what is granted. None may read, write,
// list, delete or tell whether there is something.
func TestFilesDenied(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/in/a.txt", "a")
	write(t, dir+"/inside/b.txt", "b")
	write(t, dir+"/secret/key", "s")
	write(t, dir+"/data/weir.db", "s")
	write(t, dir+"/weir.yaml", "s")
	link(t, "../secret", dir+"/in/relative")
	link(t, dir+"/secret", dir+"/in/absolute")
	link(t, dir+"/secret/key", dir+"/in/file")
	link(t, dir+"/secret/new", dir+"/in/dangling")
	link(t, "/proc/self", dir+"/in/proc")
	link(t, dir+"/data", dir+"/in/data")
	if err := os.Link(dir+"/weir.yaml", dir+"/in/hard"); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, c := range []struct{ name, grant, path string }{
		{"elsewhere", dir + "/in", dir + "/secret/key"},
		{"what is not there", dir + "/in", dir + "/secret/none"},
		{"..", dir + "/in", dir + "/in/../secret/key"},
		{".. behind a link", dir + "/in", dir + "/in/relative/../secret/key"},
		{"a name that begins the same", dir + "/in", dir + "/inside/b.txt"},
		{"a relative link", dir + "/in", dir + "/in/relative/key"},
		{"an absolute link", dir + "/in", dir + "/in/absolute/key"},
		{"a link to a file", dir + "/in", dir + "/in/file"},
		{"a link to what is not there", dir + "/in", dir + "/in/dangling"},
		{"nothing granted", "", dir + "/in/a.txt"},
		{"/proc", Everything, "/proc/self/environ"},
		{"/proc by a link", Everything, dir + "/in/proc/environ"},
		{"/proc by ..", Everything, "/usr/../proc/self/environ"},
		{"/proc granted by name", "/proc", "/proc/self/environ"},
		{"a device", Everything, "/dev/null"},
		{"/sys", Everything, "/sys/kernel"},
		{"the data directory", Everything, dir + "/data/weir.db"},
		{"the data directory, granted by name", dir + "/data", dir + "/data/weir.db"},
		{"the data directory by a link", Everything, dir + "/in/data/weir.db"},
		{"a new file in the data directory", Everything, dir + "/data/new"},
		{"the config file", Everything, dir + "/weir.yaml"},
		{"the config file by another name", Everything, dir + "/in/hard"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if runtime.GOOS != "linux" && strings.HasPrefix(c.name, "/") {
				t.Skip("only Linux has this place")
			}
			g := grants(t, c.grant)
			g.Never = []string{dir + "/data", dir + "/weir.yaml"}
			_, errRead := g.Read(ctx, c.path)
			_, errStat := g.Stat(c.path)
			_, errWrite := g.Open(c.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
			_, errNames := g.Names(c.path)
			_, errReal := g.Real(c.path)
			for what, err := range map[string]error{"read": errRead, "stat": errStat, "write": errWrite, "list": errNames, "real": errReal,
				"time": g.SetTime(c.path, time.Unix(0, 0)), "mode": g.SetMode(c.path, 0o777)} {
				var denied *Denied
				if !errors.As(err, &denied) {
					t.Errorf("%s of %s with %s gave %v", what, c.path, c.grant, err)
				}
			}
		})
	}
	for _, path := range []string{dir + "/secret/new", dir + "/data/new"} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s was made", path)
		}
	}
	if b, _ := os.ReadFile(dir + "/weir.yaml"); string(b) != "s" {
		t.Errorf("the config file holds %q", b)
	}
}

func TestFilesChange(t *testing.T) {
	dir := t.TempDir()
	g := grants(t, dir+"/a", dir+"/b/c")
	for _, path := range []string{dir + "/a", dir + "/b/c/d"} {
		if err := g.MkdirAll(path); err != nil {
			t.Fatalf("MkdirAll(%s): %v", path, err)
		}
	}
	var denied *Denied
	if err := g.MkdirAll(dir + "/x/y"); !errors.As(err, &denied) {
		t.Errorf("a directory that is not granted: %v", err)
	}
	if err := g.Mkdir(dir + "/b/other"); !errors.As(err, &denied) {
		t.Errorf("a directory beside what is granted: %v", err)
	}
	write(t, dir+"/a/1", "1")
	write(t, dir+"/out", "o")
	if err := g.Rename(dir+"/a/1", dir+"/b/c/d/2", false); err != nil {
		t.Errorf("rename: %v", err)
	}
	if err := g.Rename(dir+"/b/c/d/2", dir+"/3", false); !errors.As(err, &denied) {
		t.Errorf("rename out: %v", err)
	}
	if err := g.Rename(dir+"/out", dir+"/a/out", false); !errors.As(err, &denied) {
		t.Errorf("rename in: %v", err)
	}
	link(t, dir+"/out", dir+"/a/link")
	if err := g.Remove(dir + "/a/link"); err != nil {
		t.Errorf("a link is deleted itself: %v", err)
	}
	if _, err := os.Stat(dir + "/out"); err != nil {
		t.Errorf("what the link led to is gone: %v", err)
	}
	if err := g.Remove(dir + "/b/c"); err == nil {
		t.Error("a directory that is not empty was deleted")
	}
	if err := g.Remove(dir + "/b/c/d/2"); err != nil {
		t.Errorf("remove: %v", err)
	}
	if _, err := g.Stat(dir + "/b/c/d/2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("stat of what was deleted: %v", err)
	}
}

// TestFilesRace swaps a directory for a link out of what is granted, as fast as
// it can, while a file in it is read and written.
func TestFilesRace(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/in/real/key", "fine")
	write(t, dir+"/secret/key", "secret")
	link(t, dir+"/secret", dir+"/in/link")
	g := grants(t, dir+"/in")
	end := make(chan struct{})
	var swapping sync.WaitGroup
	swapping.Go(func() {
		for {
			select {
			case <-end:
				return
			default:
			}
			os.Rename(dir+"/in/real", dir+"/in/now")
			os.Rename(dir+"/in/now", dir+"/in/real")
			os.Rename(dir+"/in/link", dir+"/in/now")
			os.Rename(dir+"/in/now", dir+"/in/link")
		}
	})
	seen := 0
	for range 3000 {
		b, err := g.Read(context.Background(), dir+"/in/now/key")
		if err == nil && string(b) != "fine" {
			t.Errorf("read %q", b)
		}
		if err == nil {
			seen++
		}
		if f, err := g.Open(dir+"/in/now/key", os.O_WRONLY); err == nil {
			f.WriteString("fine")
			f.Close()
		}
	}
	close(end)
	swapping.Wait()
	if b, _ := os.ReadFile(dir + "/secret/key"); string(b) != "secret" {
		t.Errorf("the secret is now %q", b)
	}
	t.Logf("read %d times", seen)
}

func TestDenialSaysHowToGrant(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/x/a.txt", "a")
	g := grants(t, dir+"/in")
	_, err := g.Stat(dir + "/x/a.txt")
	want := `the file or directory ` + dir + `/x/a.txt is not granted to the scripts of Lab. To grant it, write into the config file: access: {"Lab": {files: ["` +
		dir + `/in", "` + dir + `/x"]}}`
	if err == nil || err.Error() != want {
		t.Errorf(" got %v\nwant %s", err, want)
	}
}
