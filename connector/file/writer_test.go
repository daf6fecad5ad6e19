package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

func TestWriterSuite(t *testing.T) {
	connectortest.Destination(t, connectortest.DestinationCase{
		New:      func() weir.Destination { return new(unique) },
		Template: "template",
		Up: func(t *testing.T) connectortest.Partner {
			dir := filepath.Join(t.TempDir(), "made", "here")
			return connectortest.Partner{
				Settings: []string{"host", dir},
				Received: func() (out []string) {
					for _, name := range names(t, dir) {
						text, err := os.ReadFile(filepath.Join(dir, name))
						if err != nil {
							t.Fatal(err)
						}
						out = append(out, string(text))
					}
					return out
				},
			}
		},
		Down: func(t *testing.T) []string {
			file := filepath.Join(t.TempDir(), "file")
			write(t, file, "a file where the directory should be")
			return []string{"host", file}
		},
	})
}

// unique is a writer whose names sort in the order of the messages.
type unique struct{ Writer }

func (u *unique) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	m.Resolved["outputPattern"] = fmt.Sprintf("%06d", m.MessageID)
	return u.Writer.Send(ctx, m)
}

// deliver writes messages and returns the files of the directory, as name=text.
func deliver(t *testing.T, dir string, settings []string, texts ...string) (files []string, last error) {
	t.Helper()
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings(append([]string{"host", dir, "outputPattern", "out"}, settings...)...))
	for _, text := range texts {
		r, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", text))
		if err != nil {
			connectortest.CheckFault(t, err)
			if want := "Error writing file"; !strings.HasPrefix(r.StatusMessage, want) ||
				errors.Is(err, os.ErrExist) && r.StatusMessage != want+" [IOException: Destination file already exists, will not overwrite.]" {
				t.Errorf("status message %q", r.StatusMessage)
			}
		} else if want := "File successfully written: " + dir + "/"; !strings.HasPrefix(r.StatusMessage, want) {
			t.Errorf("status message %q, want %q…", r.StatusMessage, want)
		}
		last = err
	}
	for _, name := range names(t, dir) {
		text, _ := os.ReadFile(filepath.Join(dir, name))
		files = append(files, name+"="+string(text))
	}
	return files, last
}

func TestWrite(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
		texts    []string
		want     []string
		fails    bool
	}{
		{"append", nil, []string{"a", "b", ""}, []string{"out=ab"}, false},
		{"replace", []string{"outputAppend", "false"}, []string{"longer", "b"}, []string{"out=b"}, false},
		{"fail on exists", []string{"errorOnExists", "true"}, []string{"a", "b"}, []string{"out=a"}, true},
		{"temporary", []string{"outputAppend", "false", "temporary", "true"}, []string{"longer", "b"}, []string{"out=b"}, false},
		{"temporary replaces even when appending", []string{"temporary", "true"}, []string{"a", "b"}, []string{"out=b"}, false},
		{"temporary, fail on exists", []string{"temporary", "true", "errorOnExists", "true"}, []string{"a", "b"}, []string{"out=a"}, true},
		{"Latin-1", []string{"charsetEncoding", "ISO-8859-1"}, []string{"ü€"}, []string{"out=\xfc?"}, false},
		{"binary", []string{"binary", "true"}, []string{"AP8="}, []string{"out=\x00\xff"}, false},
		{"binary that is none", []string{"binary", "true"}, []string{connectortest.Secret}, nil, true},
		{"directory in the name", []string{"outputPattern", "sub/out"}, []string{"a"}, nil, true},
		{"up in the name", []string{"outputPattern", "../out"}, []string{"a"}, nil, true},
		{"up", []string{"outputPattern", ".."}, []string{"a"}, nil, true},
		{"no name", []string{"outputPattern", ""}, []string{"a"}, nil, true},
		{"name of two dots and more", []string{"outputPattern", "..out"}, []string{"a"}, []string{"..out=a"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := deliver(t, t.TempDir(), c.settings, c.texts...)
			if !slices.Equal(got, c.want) || (err != nil) != c.fails {
				t.Errorf("files %q, %v; want %q, failure %v", got, err, c.want, c.fails)
			}
		})
	}
}

func TestVariableLeadsUp(t *testing.T) {
	dir := t.TempDir()
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings("host", dir+"/${facility}", "outputPattern", "${name}"))
	for _, c := range []struct {
		host, name string
		ok         bool
	}{
		{dir + "/north", "a", true},
		{dir + "/north/ward 3", "a", true},
		{dir + "/../../etc", "a", false},
		{dir + `/..\etc`, "a", false},
		{dir + "/north", "../a", false},
		{dir + "/north", "/etc/a", false},
		{dir + "/north", "a\x00", false},
	} {
		m := connectortest.Outbound(1, "template", "x")
		m.Resolved["host"], m.Resolved["outputPattern"] = c.host, c.name
		_, err := w.Send(connectortest.Context(t), m)
		if (err == nil) != c.ok {
			t.Errorf("host %q, name %q: %v", c.host, c.name, err)
		}
		if err != nil {
			connectortest.CheckFault(t, err)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"north"}) {
		t.Errorf("directories %q", got)
	}
}

// Many threads append to one file; no message is torn.
func TestConcurrentAppend(t *testing.T) {
	const threads, each = 8, 20
	dir := t.TempDir()
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings("host", dir, "outputPattern", "out"))
	var all sync.WaitGroup
	for thread := range threads {
		all.Go(func() {
			line := strings.Repeat(string(rune('a'+thread)), 5000) + "\n"
			for range each {
				if _, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", line)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	text, _ := os.ReadFile(filepath.Join(dir, "out"))
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) != threads*each {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		if line != strings.Repeat(line[:1], 5000) {
			t.Error("a torn line")
		}
	}
}

// A full disk, for which /dev/full stands, takes nothing and says so.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings("host", "/dev", "outputPattern", "full"))
	_, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", connectortest.Secret))
	connectortest.CheckFault(t, err)
	if err == nil || !strings.Contains(err.Error(), "full; make room") {
		t.Errorf("Send = %v", err)
	}
}

func TestWriterRefusedAtOpen(t *testing.T) {
	for _, settings := range [][]string{{"scheme", "S3"}, {"scheme", "WEBDAV"}, {"charsetEncoding", "UTF-9"}} {
		w := new(Writer)
		connectortest.Decode(t, w, connectortest.Settings(settings...))
		connectortest.CheckFault(t, w.Open(connectortest.Context(t), connectortest.DestinationEnv(t)))
	}
}
