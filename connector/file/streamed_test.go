package file

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

// large is more than what any scheme sends at once, and no multiple of it.
var large = strings.Repeat("Müller|日本|", 500_000) + "."

// everywhere runs a test for a directory of this computer and over all remote systems.
func everywhere(t *testing.T, test func(t *testing.T, s *server)) {
	t.Run("FILE", func(t *testing.T) {
		dir := t.TempDir()
		test(t, onDisk(t, dir, &server{settings: []string{"scheme", "FILE"}, host: filepath.Join(dir, "in"), root: dir}))
	})
	each(t, test)
}

// names returns the files of a server, with the lengths of their contents.
func (s *server) contents(t *testing.T) map[string]string {
	out := map[string]string{}
	for _, f := range s.files(t) {
		name, text, _ := strings.Cut(f, "=")
		out[name] = text
	}
	return out
}

func TestWriteStream(t *testing.T) {
	latin := []byte(nil)
	for _, r := range strings.Repeat("Mü", 2<<20) {
		latin = append(latin, byte(r))
	}
	everywhere(t, func(t *testing.T, s *server) {
		appends := !slices.Contains(s.settings, "outputAppend")
		for _, c := range []struct {
			name, text string
			settings   []string
			want       string
		}{
			{"new", large, []string{"outputAppend", "false"}, large},
			{"replaced", large[:1000], []string{"outputAppend", "false", "outputPattern", "new"}, large[:1000]},
			{"appended", large, []string{"outputAppend", "true", "outputPattern", "old"}, "old" + large},
			{"temporary", large, []string{"temporary", "true"}, large},
			{"must not exist", large, []string{"errorOnExists", "true"}, large},
			{"empty", "", []string{"outputAppend", "false"}, ""},
			{"binary", base64.StdEncoding.EncodeToString([]byte(large)), []string{"outputAppend", "false", "binary", "true"}, large},
			{"charset", strings.Repeat("Mü", 2<<20), []string{"outputAppend", "false", "charsetEncoding", "ISO-8859-1"}, string(latin)},
		} {
			if c.name == "appended" && !appends {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				s.write(t, "old", "old")
				w := new(Writer)
				connectortest.Open(t, w, connectortest.Settings(s.with(append([]string{"outputPattern", c.name}, c.settings...)...)...))
				r, err := w.Send(connectortest.Context(t), connectortest.OutboundStream(1, "template", c.text, nil))
				if err != nil || r.Status != weir.Sent {
					t.Fatalf("Send = %+v, %v", r, err)
				}
				name := w.Name.Text
				if got, ok := s.contents(t)["in/"+name]; !ok || got != c.want {
					t.Errorf("%s has %d bytes (%v), want %d", name, len(got), ok, len(c.want))
				}
			})
		}
		for name := range s.contents(t) {
			if strings.Contains(name, ".tmp") {
				t.Errorf("%s is left over", name)
			}
		}
	})
}

// A content that breaks off in the middle leaves nothing under the name, and what
// was there before as it was.
func TestWriteBrokenStream(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		appends := !slices.Contains(s.settings, "outputAppend")
		for _, settings := range [][]string{
			{"outputPattern", "new", "outputAppend", "false"},
			{"outputPattern", "old", "outputAppend", "false"},
			{"outputPattern", "temporary", "temporary", "true"},
			{"outputPattern", "exclusive", "errorOnExists", "true"},
			{"outputPattern", "old", "outputAppend", "true"},
		} {
			if settings[3] == "true" && settings[2] == "outputAppend" && (!appends || s.settings[1] == "FTP") {
				continue // with FTP, what was appended cannot be taken back
			}
			s.write(t, "old", "old")
			w := new(Writer)
			connectortest.Open(t, w, connectortest.Settings(s.with(settings...)...))
			// So little is on its way before the server has begun to read it.
			r, err := w.Send(connectortest.Context(t), connectortest.OutboundStream(1, "template", large[:100_000], errors.New("the store is down")))
			connectortest.CheckFault(t, err)
			if r.Status != weir.Queued {
				t.Errorf("%q: Send = %+v", settings, r)
			}
			if got := s.files(t); !slices.Equal(got, []string{"in/old=old"}) {
				t.Errorf("%q: %d files: %.100q", settings, len(got), got)
			}
		}
	})
}

func TestReadStream(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		for _, c := range []struct {
			name, text string
			settings   []string
			want       string
			streamed   bool
		}{
			{"text", large, nil, large, true},
			{"small", "small", nil, "small", false},
			{"binary", large, []string{"binary", "true"}, base64.StdEncoding.EncodeToString([]byte(large)), true},
			{"charset", "M\xfcller" + strings.Repeat("\xe4", 5000), []string{"charsetEncoding", "ISO-8859-1"}, "Müller" + strings.Repeat("ä", 5000), true},
		} {
			t.Run(c.name, func(t *testing.T) {
				s.write(t, c.name, c.text)
				e := &connectortest.Engine{StreamAbove: 1000}
				once(t, e, s.reader(append([]string{"fileFilter", c.name, "afterProcessingAction", "DELETE", "maxFileBytes", "1000"}, c.settings...)...)...)
				kept := e.Kept()
				if len(kept) != 1 || kept[0].Text != c.want || kept[0].Stream != nil != c.streamed || kept[0].SourceMap["fileSize"] != int64(len(c.text)) {
					t.Fatalf("%d messages; %q", len(kept), e.Details())
				}
				if kept[0].Binary != (c.name == "binary") {
					t.Error("binary is not told")
				}
				if files := s.files(t); len(files) != 0 {
					t.Errorf("%d files are left", len(files))
				}
			})
		}
	})
}

// What is not kept stays; what is too large is put away as a file that cannot be read.
func TestReadStreamFails(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		for _, c := range []struct {
			name     string
			settings []string
			answer   error
			want     string
		}{
			{"not kept", []string{"afterProcessingAction", "DELETE", "errorReadingAction", "DELETE"}, errors.New("the store is down"), "in/not kept"},
			{"cannot be received", []string{"errorReadingAction", "MOVE", "errorMoveToDirectory", s.root + "/error"}, weir.ErrUnusable, "error/cannot be received"},
			{"too large", []string{"maxStreamBytes", "2000", "errorReadingAction", "MOVE", "errorMoveToDirectory", s.root + "/error"}, nil, "error/too large"},
		} {
			s.write(t, c.name, large[:3000])
			e := &connectortest.Engine{StreamAbove: 1000, Answer: func(context.Context, weir.Inbound) (*weir.Response, error) { return nil, c.answer }}
			once(t, e, s.reader(append([]string{"fileFilter", c.name}, c.settings...)...)...)
			if _, ok := s.contents(t)[c.want]; !ok || len(e.Kept()) != 0 {
				t.Errorf("%s: not at %s; %q", c.name, c.want, e.Details())
			}
		}
	})
}

// A source that is refused before it is read through, as when the store is down,
// does not hang.
func TestReadStreamLeft(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		s.write(t, "a", large)
		e := &connectortest.Engine{StreamAbove: 1000}
		r := once(t, e, s.reader("fileFilter", "none", "errorReadingAction", "DELETE")...)
		r.Filter.Text = "a"
		r.env.Receive = func(_ context.Context, in weir.Inbound) (weir.Reply, error) {
			if n, err := in.Stream.Read(make([]byte, 10)); n == 0 || err != nil {
				t.Errorf("Read = %d, %v", n, err)
			}
			return weir.Reply{}, errors.New("the store is down")
		}
		r.poll(connectortest.Context(t), func() bool { return true })
		if files := s.contents(t); files["in/a"] != large || len(r.stuck) != 0 {
			t.Errorf("%d files, remembered %v; %q", len(files), r.stuck, e.Details())
		}
	})
}

// A file that grows while it is read is left for the next poll.
func TestReadStreamChanged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	write(t, path, large)
	e := &connectortest.Engine{StreamAbove: 1000}
	r := once(t, e, "host", dir, "fileFilter", "none", "errorReadingAction", "DELETE")
	r.Filter.Text = "a"
	receive := r.env.Receive
	r.env.Receive = func(ctx context.Context, in weir.Inbound) (weir.Reply, error) {
		write(t, path, large+"more")
		return receive(ctx, in)
	}
	r.poll(connectortest.Context(t), func() bool { return true })
	if info, err := os.Stat(path); err != nil || len(e.Kept()) != 0 || info.Size() != int64(len(large)+4) {
		t.Errorf("%d messages; %v", len(e.Kept()), err)
	}
}
