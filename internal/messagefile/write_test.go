package messagefile

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
)

func atNoon() time.Time { return time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) }

// export writes messages with the ids 1 to n, and returns the directory.
func export(t *testing.T, form Form, n int64) string {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	w, err := NewWriter(root, "out", form, atNoon)
	if err != nil {
		t.Fatal(err)
	}
	for id := range n {
		m := whole()
		m.ID = id + 1
		if ok, err := w.Write(m); err != nil || !ok {
			t.Fatalf("message %d: written %t, error %v", m.ID, ok, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ids reads the ids of the messages in a file or folder.
func ids(t *testing.T, f *Files, name string) (list []string) {
	t.Helper()
	err := f.Each(name, func(file string, doc []byte) error {
		m, err := ParseText(doc, nil)
		if err == nil {
			list = append(list, fmt.Sprint(m.ID))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return list
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		name string
		form Form
		file string
	}{
		{"a file for each", Form{}, "out/message_2.xml"},
		{"all in one file", Form{Pattern: "all.xml"}, "out/all.xml"},
		{"folders", Form{Pattern: "/${message.channelId}/${date.get('yyyy')}/${message.messageId}-${COUNT}.xml"}, "out/c-1/2026/2-2.xml"},
		{"out of the folder", Form{Pattern: "../../${message.messageId}.xml"}, "out/2.xml"},
		{"zip", Form{Archive: "zip"}, "out/2026-03-10-12-00-00.zip"},
		{"zip of one file", Form{Archive: "zip", Pattern: "a", Name: "n"}, "out/n.zip"},
		{"zip, old cipher", Form{Archive: "zip", Encryption: Standard, Password: "pass"}, "out/2026-03-10-12-00-00.zip"},
		{"zip, AES128", Form{Archive: "zip", Encryption: AES128, Password: "pass"}, "out/2026-03-10-12-00-00.zip"},
		{"zip, AES256", Form{Archive: "zip", Encryption: AES256, Password: "pass"}, "out/2026-03-10-12-00-00.zip"},
		{"tar", Form{Archive: "tar"}, "out/2026-03-10-12-00-00.tar"},
		{"tar.gz", Form{Archive: "tar", Compress: "gz"}, "out/2026-03-10-12-00-00.tar.gz"},
		{"tar.bz2", Form{Archive: "tar", Compress: "bzip2"}, "out/2026-03-10-12-00-00.tar.bz2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := export(t, c.form, 3)
			if _, err := os.Stat(filepath.Join(dir, c.file)); err != nil {
				t.Error(err)
			}
			got := ids(t, &Files{FS: os.DirFS(dir), Recursive: true, Password: "pass"}, "out")
			if strings.Join(got, " ") != "1 2 3" {
				t.Errorf("got messages %v", got)
			}
			if c.form.Archive != "" {
				left, _ := os.ReadDir(filepath.Join(dir, "out"))
				if len(left) != 1 {
					t.Errorf("beside the archive there are %v", left)
				}
			}
			if c.form.Password != "" {
				wrong := &Files{FS: os.DirFS(dir), Password: "wrong"}
				if err := wrong.Each(c.file, func(string, []byte) error { return nil }); err == nil {
					t.Error("another password opens it")
				}
			}
		})
	}
}

// What others make of the forms is read, and they read ours, where they are installed.
func TestOtherTools(t *testing.T) {
	for _, c := range []struct {
		tool string
		args []string
		form Form
	}{
		{"unzip", []string{"-tqq", "n.zip"}, Form{Archive: "zip", Name: "n"}},
		{"unzip", []string{"-tqq", "-P", "pass", "n.zip"}, Form{Archive: "zip", Name: "n", Encryption: Standard, Password: "pass"}},
		{"7z", []string{"t", "-ppass", "n.zip"}, Form{Archive: "zip", Name: "n", Encryption: AES256, Password: "pass"}},
		{"bzip2", []string{"-t", "n.tar.bz2"}, Form{Archive: "tar", Compress: "bzip2", Name: "n"}},
		{"tar", []string{"-tzf", "n.tar.gz"}, Form{Archive: "tar", Compress: "gz", Name: "n"}},
	} {
		if _, err := exec.LookPath(c.tool); err != nil {
			if os.Getenv("CI") != "" {
				t.Errorf("%s is not installed", c.tool)
			}
			continue
		}
		cmd := exec.Command(c.tool, c.args...)
		cmd.Dir = filepath.Join(export(t, c.form, 3), "out")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", cmd.Args, err, out)
		}
	}
}

func TestContents(t *testing.T) {
	for _, c := range []struct {
		name string
		form Form
		want string
	}{
		{"raw", Form{Content: weir.Raw}, "MSH|^~\\&|A\rPID|1||4711\r\r\n\r\n\r\n"},
		{"encoded of destinations", Form{Content: weir.Encoded, Destinations: true}, "latin \xe9 and </message>\r\n\r\n\r\n"},
		{"an error", Form{Content: weir.ProcessingError, Destinations: true}, "no <route>\n\tat x\r\n\r\n\r\n"},
		{"the response", Form{Content: weir.ResponseContent}, "<response>\n  <status>SENT</status>\n  <message>MSA|AA</message>\n  <error></error>\n  <statusMessage></statusMessage>\n</response>\r\n\r\n\r\n"},
		{"blank", Form{Content: weir.ProcessedRaw}, ""},
		{"absent", Form{Content: weir.SentContent}, ""},
	} {
		dir := t.TempDir()
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		w, err := NewWriter(root, ".", c.form, atNoon)
		if err != nil {
			t.Fatal(err)
		}
		ok, err := w.Write(whole())
		if err != nil || ok != (c.want != "") {
			t.Errorf("%s: written %t, error %v", c.name, ok, err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		got, _ := os.ReadFile(filepath.Join(dir, "message_7.xml"))
		if string(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFormsRefused(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, form := range map[string]Form{
		"an unknown format": {Archive: "rar"}, "compressed zip": {Archive: "zip", Compress: "gz"}, "no archive to compress": {Compress: "gz"},
		"encrypted tar": {Archive: "tar", Encryption: AES256, Password: "p"}, "no password": {Archive: "zip", Encryption: AES256},
		"an unknown cipher": {Archive: "zip", Encryption: "ROT13", Password: "p"}, "a name with a folder": {Archive: "zip", Name: "../x"}, "a name above": {Archive: "zip", Name: ".."},
	} {
		if _, err := NewWriter(root, "out", form, atNoon); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// Files that hold no messages are left out; those that hold too much end it.
func TestFiles(t *testing.T) {
	dir := export(t, Form{}, 1)
	for name, text := range map[string]string{"out/EXPORTREADME.txt": "read me", "out/data.bin": "\x00\x01", "out/empty.xml": "", "out/list.xml": "<list></list>", "out/deep/message.xml": document("x")} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(t, &Files{FS: os.DirFS(dir)}, "out"); len(got) != 1 {
		t.Errorf("without folders inside: got %v", got)
	}
	if got := ids(t, &Files{FS: os.DirFS(dir), Recursive: true}, "out"); len(got) != 2 {
		t.Errorf("with folders inside: got %v", got)
	}
	bomb := export(t, Form{Archive: "tar", Compress: "gz", Name: "n"}, 50)
	f := &Files{FS: os.DirFS(bomb), max: 50_000}
	if err := f.Each("out/n.tar.gz", func(string, []byte) error { return nil }); err == nil || !strings.Contains(err.Error(), "more than 50000 bytes") {
		t.Errorf("got error %v", err)
	}
}

func FuzzFiles(f *testing.F) {
	for _, form := range []Form{{Archive: "zip", Name: "n", Encryption: AES128, Password: "p"}, {Archive: "zip", Name: "n", Encryption: Standard, Password: "p"}, {Archive: "tar", Compress: "gz", Name: "n"}} {
		dir := f.TempDir()
		root, err := os.OpenRoot(dir)
		if err != nil {
			f.Fatal(err)
		}
		w, err := NewWriter(root, ".", form, atNoon)
		if err != nil {
			f.Fatal(err)
		}
		w.Write(whole())
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		root.Close()
		names, _ := filepath.Glob(filepath.Join(dir, "n.*"))
		seed, _ := os.ReadFile(names[0])
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "f"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		files := &Files{FS: os.DirFS(dir), Password: "p", max: 1 << 20}
		files.Each("f", func(_ string, doc []byte) error {
			if _, err := ParseText(doc, nil); err == nil && len(doc) == 0 {
				return io.ErrUnexpectedEOF
			}
			return nil
		})
	})
}
