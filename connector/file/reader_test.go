package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

func TestSettings(t *testing.T) {
	connectortest.Declared(t, new(Reader))
	connectortest.Declared(t, new(Writer))
	var r Reader
	connectortest.Decode(t, &r, connectortest.Export(t, "testdata/reader.xml"))
	if r.Filter.Text != "*.csv" || r.AfterAction != "MOVE" || r.MoveTo.Name.Text != "${originalFilename}.ok" || r.Poll.Frequency != 500 || !r.Source.ProcessBatch {
		t.Errorf("%+v", &r)
	}
	connectortest.Decode(t, new(Writer), connectortest.Export(t, "testdata/writer.xml"))
}

// write makes a file as a careful sender does: complete before it has its name.
func write(t testing.TB, path, text string) {
	t.Helper()
	part := filepath.Join(filepath.Dir(path), "."+filepath.Base(path))
	if err := os.WriteFile(part, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, path); err != nil {
		t.Fatal(err)
	}
}

// names lists a directory.
func names(t testing.TB, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// peer puts files into a directory and waits until they are taken away.
type peer struct {
	t    *testing.T
	dir  string
	name string
	n    int
}

func (p *peer) Send(text string) bool {
	p.n++
	path := filepath.Join(p.dir, fmt.Sprintf("%s-%04d.hl7", p.name, p.n))
	write(p.t, path, text)
	for ctx := connectortest.Context(p.t); ctx.Err() == nil; {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return true
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
	return false
}

func (p *peer) Cut() {
	os.WriteFile(filepath.Join(p.dir, "."+p.name), []byte("MSH|"+connectortest.Secret), 0o666)
}

func TestReaderSuite(t *testing.T) {
	peers := 0
	connectortest.Source(t, connectortest.SourceCase{
		Bubble: true,
		New:    func() weir.Source { return new(Reader) },
		Settings: func(t *testing.T) []string {
			return []string{"host", t.TempDir(), "checkFileAge", "false", "afterProcessingAction", "DELETE", "pollConnectorProperties.pollingFrequency", "5000"}
		},
		Peer: func(t *testing.T, s weir.Source) connectortest.Peer {
			peers++
			return &peer{t: t, dir: s.(*Reader).Host.Text, name: fmt.Sprint("peer", peers)}
		},
	})
}

// once polls a directory one time and returns the reader.
func once(t testing.TB, e *connectortest.Engine, settings ...string) *Reader {
	t.Helper()
	r := new(Reader)
	connectortest.Decode(t, r, connectortest.Settings(append([]string{"pollConnectorProperties.pollingType", "TIME", "checkFileAge", "false"}, settings...)...))
	if err := r.Start(connectortest.Context(t), e.SourceEnv(t)); err != nil {
		t.Fatal(err)
	}
	connectortest.Stop(t, r)
	r.poll(context.Background(), func() bool { return true })
	return r
}

func TestSelection(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
		want     string // names in order
	}{
		{"all", nil, "a.hl7 B.hl7 c.txt sizes.csv"},
		{"wildcard", []string{"fileFilter", "*.hl7"}, "a.hl7 B.hl7"},
		{"wildcards", []string{"fileFilter", " a.*, ?.txt ,"}, "a.hl7 c.txt"},
		{"none", []string{"fileFilter", "*.HL7"}, ""},
		{"regex", []string{"fileFilter", `[aB]\..*`, "regex", "true"}, "a.hl7 B.hl7"},
		{"regex is for the whole name", []string{"fileFilter", "hl7", "regex", "true"}, ""},
		{"regex of Java", []string{"fileFilter", `(?!.*\.hl7$).*`, "regex", "true"}, "c.txt sizes.csv"},
		{"with dots", []string{"ignoreDot", "false", "fileFilter", ".*"}, ".hidden"},
		{"below", []string{"directoryRecursion", "true", "fileFilter", "*.hl7"}, "a.hl7 B.hl7 d.hl7"},
		{"minimum size", []string{"fileSizeMinimum", "5"}, "sizes.csv"},
		{"maximum size", []string{"fileSizeMaximum", "1", "ignoreFileSizeMaximum", "false"}, "a.hl7"},
		{"maximum size that is ignored", []string{"fileSizeMaximum", "1"}, "a.hl7 B.hl7 c.txt sizes.csv"},
		{"by size", []string{"sortBy", "size", "fileFilter", "*.hl7,*.csv"}, "a.hl7 B.hl7 sizes.csv"},
		{"by date", []string{"sortBy", "date", "fileFilter", "*.hl7"}, "B.hl7 a.hl7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			os.Mkdir(filepath.Join(dir, "below"), 0o777)
			os.Symlink("..", filepath.Join(dir, "below", "loop"))
			for i, f := range []struct{ name, text string }{
				{"B.hl7", "22"}, {"a.hl7", "1"}, {"c.txt", "333"}, {"sizes.csv", "55555"}, {".hidden", "h"}, {"below/d.hl7", "d"},
				{"old.ignore", "x"}, {"moved.hl7", "x"}, {"moved.hl7.ignore", ""},
			} {
				path := filepath.Join(dir, f.name)
				write(t, path, f.text)
				at := time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)
				os.Chtimes(path, at, at)
			}
			e := &connectortest.Engine{}
			once(t, e, append([]string{"host", dir, "sortBy", "name"}, c.settings...)...)
			var got []string
			for _, in := range e.Kept() {
				got = append(got, in.SourceMap["originalFilename"].(string))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("read %q, want %q", got, c.want)
			}
		})
	}
}

func TestAge(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "a")
	written, err := os.Stat(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		later time.Duration
		want  int
	}{{0, 0}, {999 * time.Millisecond, 0}, {time.Second, 1}} {
		e := &connectortest.Engine{}
		r := &Reader{now: func() time.Time { return written.ModTime().Add(c.later) }}
		connectortest.Decode(t, r, connectortest.Settings("host", dir, "pollConnectorProperties.pollingType", "TIME"))
		if err := r.Start(connectortest.Context(t), e.SourceEnv(t)); err != nil {
			t.Fatal(err)
		}
		connectortest.Stop(t, r)
		r.poll(context.Background(), func() bool { return true })
		if got := len(e.Kept()); got != c.want {
			t.Errorf("%v after it was written: %d messages, want %d", c.later, got, c.want)
		}
	}
}

func TestSourceMap(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		write(t, filepath.Join(dir, name), "text of "+name)
	}
	e := &connectortest.Engine{}
	once(t, e, "host", dir, "sortBy", "name")
	for i, in := range e.Kept() {
		info, _ := os.Stat(filepath.Join(dir, string(rune('a'+i))))
		want := map[string]any{
			"originalFilename": string(rune('a' + i)), "fileDirectory": dir, "fileSize": int64(9),
			"fileLastModified": info.ModTime().UnixMilli(), "pollId": e.Kept()[0].SourceMap["pollId"],
			"pollSequenceId": int32(i + 1),
		}
		for key, value := range want {
			if in.SourceMap[key] != value {
				t.Errorf("file %d: %s = %v (%T), want %v (%T)", i, key, in.SourceMap[key], in.SourceMap[key], value, value)
			}
		}
	}
	if id := e.Kept()[0].SourceMap["pollId"].(string); strings.Trim(id, "0123456789") != "" || id == "" {
		t.Errorf("poll id %q", id)
	}
}

func TestCharsetsAndBinary(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "\xfc\xff")
	for _, c := range []struct {
		settings []string
		want     string
	}{
		{nil, "\uFFFD\uFFFD"},
		{[]string{"charsetEncoding", "ISO-8859-1"}, "üÿ"},
		{[]string{"binary", "true"}, "/P8="},
	} {
		e := &connectortest.Engine{}
		once(t, e, append(c.settings, "host", dir)...)
		if got := e.Texts(); len(got) != 1 || got[0] != c.want {
			t.Errorf("%v: %q, want %q", c.settings, got, c.want)
		}
	}
}

func TestPutAway(t *testing.T) {
	failing := func(context.Context, weir.Inbound) (*weir.Response, error) {
		return &weir.Response{Status: weir.Error}, nil
	}
	notKept := func(context.Context, weir.Inbound) (*weir.Response, error) {
		return nil, errors.New("the disk is full")
	}
	unusable := func(context.Context, weir.Inbound) (*weir.Response, error) {
		return nil, weir.Unusable(errors.New("no batch"))
	}
	for _, c := range []struct {
		name     string
		answer   func(context.Context, weir.Inbound) (*weir.Response, error)
		settings []string
		want     string // files afterwards; DIR stands for the directory
	}{
		{"nothing", nil, nil, "a.hl7"},
		{"deleted", nil, []string{"afterProcessingAction", "DELETE"}, ""},
		{"moved", nil, []string{"afterProcessingAction", "MOVE", "moveToDirectory", "DIR/done/deep"}, "done/deep/a.hl7"},
		{"renamed", nil, []string{"afterProcessingAction", "MOVE", "moveToFileName", "${originalFilename}.$pollSequenceId.ok"}, "a.hl7.1.ok"},
		{"both", nil, []string{"afterProcessingAction", "MOVE", "moveToDirectory", "DIR/${originalFilename}.d", "moveToFileName", "x-${originalFilename}"}, "a.hl7.d/x-a.hl7"},
		{"moved onto itself", nil, []string{"afterProcessingAction", "MOVE"}, "a.hl7"},
		{"unknown variables stay", nil, []string{"afterProcessingAction", "MOVE", "moveToFileName", "${nope}"}, "${nope}"},
		{"out of the directory", nil, []string{"afterProcessingAction", "MOVE", "moveToFileName", "../../x"}, "a.hl7"},
		{"error response, as others", failing, []string{"afterProcessingAction", "DELETE"}, ""},
		{"error response", failing, []string{"afterProcessingAction", "DELETE", "errorResponseAction", "MOVE", "errorMoveToDirectory", "DIR/error"}, "error/a.hl7"},
		{"error response, stays", failing, []string{"afterProcessingAction", "DELETE", "errorResponseAction", "NONE"}, "a.hl7"},
		{"not kept", notKept, []string{"afterProcessingAction", "DELETE", "errorReadingAction", "DELETE", "errorResponseAction", "DELETE"}, "a.hl7"},
		{"unusable", unusable, []string{"afterProcessingAction", "DELETE", "errorReadingAction", "MOVE", "errorMoveToDirectory", "DIR/error"}, "error/a.hl7"},
		{"unusable, deleted", unusable, []string{"errorReadingAction", "DELETE", "errorResponseAction", "MOVE", "errorMoveToDirectory", "DIR/error"}, ""},
		{"unusable, stays", unusable, []string{"afterProcessingAction", "DELETE", "errorResponseAction", "DELETE"}, "a.hl7"},
		{"too large", nil, []string{"maxFileBytes", "1", "afterProcessingAction", "DELETE", "errorReadingAction", "MOVE", "errorMoveToDirectory", "DIR/error"}, "error/a.hl7"},
		{"too large, stays", nil, []string{"maxFileBytes", "1", "afterProcessingAction", "DELETE"}, "a.hl7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a.hl7"), connectortest.Secret)
			for i := range c.settings {
				c.settings[i] = strings.ReplaceAll(c.settings[i], "DIR", dir)
			}
			e := &connectortest.Engine{Answer: c.answer}
			once(t, e, append(c.settings, "host", dir)...)
			var got []string
			filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					rel, _ := filepath.Rel(dir, path)
					got = append(got, rel)
				}
				return err
			})
			if strings.Join(got, " ") != c.want {
				t.Errorf("files %q, want %q", got, c.want)
			}
		})
	}
}

// A moved file takes the place of one that is there.
func TestMoveReplaces(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.hl7"), "new")
	write(t, filepath.Join(dir, "a.ok"), "old")
	once(t, &connectortest.Engine{}, "host", dir, "fileFilter", "*.hl7", "afterProcessingAction", "MOVE", "moveToFileName", "a.ok")
	if got, _ := os.ReadFile(filepath.Join(dir, "a.ok")); string(got) != "new" {
		t.Errorf("a.ok holds %q", got)
	}
}

// A name is chosen by others; it is never read as a template.
func TestVariableInFileName(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "${fileSize}$pollId"), "x")
	once(t, &connectortest.Engine{}, "host", dir, "afterProcessingAction", "MOVE", "moveToFileName", "${originalFilename}.ok")
	if got := names(t, dir); !slices.Equal(got, []string{"${fileSize}$pollId.ok"}) {
		t.Errorf("files %q", got)
	}
}

// A file that cannot be put away is read once.
func TestStuck(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "x")
	e := &connectortest.Engine{}
	r := once(t, e, "host", dir, "afterProcessingAction", "MOVE", "moveToFileName", "../x")
	r.poll(context.Background(), func() bool { return true })
	if n := len(e.Kept()); n != 1 {
		t.Errorf("read %d times", n)
	}
	write(t, filepath.Join(dir, "a"), "changed")
	r.poll(context.Background(), func() bool { return true })
	if got := e.Texts(); len(got) != 2 || got[1] != "changed" {
		t.Errorf("kept %q", got)
	}
}

// What could not be put away is put away by a later poll, and not read again.
func TestPutAwayLater(t *testing.T) {
	dir := t.TempDir()
	done := filepath.Join(dir, "done")
	write(t, filepath.Join(dir, "a"), "x")
	write(t, done, "in the way")
	e := &connectortest.Engine{}
	r := once(t, e, "host", dir, "fileFilter", "a", "afterProcessingAction", "MOVE", "moveToDirectory", done)
	again := func() { r.poll(context.Background(), func() bool { return true }) }
	again()
	if got := names(t, dir); !slices.Equal(got, []string{"a", "done"}) {
		t.Fatalf("files %q", got)
	}
	if err := os.Remove(done); err != nil {
		t.Fatal(err)
	}
	again()
	again()
	if got := names(t, done); !slices.Equal(got, []string{"a"}) || len(r.stuck) != 0 {
		t.Errorf("put away are %q, remembered %v", got, r.stuck)
	}
	if n, failures := len(e.Kept()), e.Details(); n != 1 || len(failures) != 1 {
		t.Errorf("read %d times, failures %q", n, failures)
	}
}

// A text that can never be received is tried once, and does not block the files
// after it.
func TestUnusable(t *testing.T) {
	for name, settings := range map[string][]string{
		"none":              nil,
		"moved onto itself": {"errorReadingAction", "MOVE"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"1", "2", "3"} {
				write(t, filepath.Join(dir, name), name)
			}
			tried := 0
			e := &connectortest.Engine{Answer: func(_ context.Context, in weir.Inbound) (*weir.Response, error) {
				if in.Text == "2" {
					tried++
					return nil, fmt.Errorf("from the engine: %w", weir.Unusable(errors.New("no batch")))
				}
				return nil, nil
			}}
			r := once(t, e, append(settings, "host", dir, "sortBy", "name", "afterProcessingAction", "DELETE")...)
			again := func() { r.poll(context.Background(), func() bool { return true }) }
			again()
			if got := names(t, dir); !slices.Equal(got, []string{"2"}) || tried != 1 {
				t.Errorf("files %q, tried %d times", got, tried)
			}
			if details := e.Details(); len(details) != 1 || !strings.Contains(details[0], "no batch") {
				t.Errorf("events of failures %q", details)
			}
			write(t, filepath.Join(dir, "2"), "mended")
			again()
			if got := e.Texts(); !slices.Equal(got, []string{"1", "3", "mended"}) {
				t.Errorf("kept %q", got)
			}
		})
	}
}

// Who takes such a file away and puts it back wants it read.
func TestUnusableComesBack(t *testing.T) {
	dir, aside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "a"), "a")
	tried := 0
	e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
		tried++
		return nil, weir.ErrUnusable
	}}
	r := once(t, e, "host", dir)
	for _, way := range [][2]string{{dir, aside}, {aside, dir}} {
		if err := os.Rename(filepath.Join(way[0], "a"), filepath.Join(way[1], "a")); err != nil {
			t.Fatal(err)
		}
		r.poll(context.Background(), func() bool { return true })
	}
	if tried != 2 {
		t.Errorf("tried %d times", tried)
	}
}

// A file whose message is not kept is not overtaken.
func TestNotOvertaken(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"1", "2", "3"} {
		write(t, filepath.Join(dir, name), name)
	}
	full := true
	e := &connectortest.Engine{Answer: func(_ context.Context, in weir.Inbound) (*weir.Response, error) {
		if full && in.Text == "2" {
			return nil, errors.New("the disk is full")
		}
		return nil, nil
	}}
	r := once(t, e, "host", dir, "sortBy", "name", "afterProcessingAction", "DELETE")
	if got := names(t, dir); !slices.Equal(got, []string{"2", "3"}) {
		t.Errorf("files %q", got)
	}
	full = false
	r.poll(context.Background(), func() bool { return true })
	if got := e.Texts(); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("kept %q", got)
	}
}

// The stop flag is looked at between files.
func TestStopBetweenFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"1", "2", "3"} {
		write(t, filepath.Join(dir, name), name)
	}
	e := &connectortest.Engine{}
	r := once(t, e, "host", filepath.Join(dir, "none"))
	r.Host = config.Template{Name: "host", Text: dir}
	asked := 0
	r.poll(context.Background(), func() bool { asked++; return asked < 3 })
	if n := len(e.Kept()); n != 2 {
		t.Errorf("%d files read", n)
	}
}

func TestMissingDirectory(t *testing.T) {
	e := &connectortest.Engine{}
	once(t, e, "host", filepath.Join(t.TempDir(), "none"))
	e.UntilEvent(t, "failed", 2) // at the start and at the poll
}

func TestReaderRefusedAtStart(t *testing.T) {
	for name, settings := range map[string][]string{
		"no way to log": {"scheme", "SFTP", "schemeProperties.passwordAuth", "false"},
		"binary batch":  {"binary", "true", "sourceConnectorProperties.processBatch", "true"},
		"character set": {"charsetEncoding", "UTF-9"},
		"regex":         {"regex", "true", "fileFilter", "(("},
		"frequency":     {"pollConnectorProperties.pollingFrequency", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			r := new(Reader)
			connectortest.Decode(t, r, connectortest.Settings(append(settings, "host", t.TempDir())...))
			connectortest.CheckFault(t, r.Start(connectortest.Context(t), new(connectortest.Engine).SourceEnv(t)))
		})
	}
}

func FuzzWildcard(f *testing.F) {
	f.Add("*a?c*", "xxabc")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if !wildcard([]rune("*"), []rune(name)) || !wildcard([]rune(name+"*"), []rune(name)) && !strings.ContainsAny(name, "*?") {
			t.Errorf("%q is not matched", name)
		}
		wildcard([]rune(pattern), []rune(name))
	})
}
