package archive

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/messagefile"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// message is one of a channel, with a raw text or, where that is empty, without contents.
func message(id int64, received time.Time, text string) *messagefile.Message {
	cm := &weir.ConnectorMessage{MessageID: id, ChannelID: "c/1", ConnectorName: "Source", Status: weir.Transformed, Received: received}
	if text != "" {
		cm.Set(weir.Raw, text, "HL7V2")
	}
	return &messagefile.Message{Message: &weir.Message{ID: id, ChannelID: "c/1", Received: received, Processed: true, Connectors: []*weir.ConnectorMessage{cm}}, ChannelName: "Lab"}
}

// keep writes messages of one day to a file.
func keep(t *testing.T, a *Archive, day time.Time, messages ...*messagefile.Message) string {
	t.Helper()
	b, err := a.Begin(t.Context(), "c/1", "Lab", day)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := b.Add(m.ID, messagefile.Document(m, true).Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	name, err := b.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// found lists what a query finds, as id:text.
func found(t *testing.T, r *Reader, q Query) string {
	t.Helper()
	var list []string
	err := r.Each(t.Context(), q, func(m *Message) error {
		list = append(list, fmt.Sprintf("%d:%s", m.ID, strings.TrimSpace(m.Connector(0).Text(weir.Raw))))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return strings.Join(list, " ")
}

func open(t *testing.T, place string, recipients ...string) *Archive {
	t.Helper()
	a, err := Open(t.Context(), Options{Place: place, Recipients: recipients, Spool: filepath.Join(t.TempDir(), "spool"), Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// places are a directory and a bucket.
func places(t *testing.T) map[string]string {
	server := httptest.NewServer(gofakes3.New(s3mem.New(), gofakes3.WithAutoBucket(true)).Server())
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	return map[string]string{"directory": filepath.Join(t.TempDir(), "some", "prefix"), "S3": "s3://bucket/some/prefix?region=eu-central-1&endpoint=" + server.URL}
}

func TestArchive(t *testing.T) {
	for name, place := range places(t) {
		for _, encrypted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, encrypted %t", name, encrypted), func(t *testing.T) {
				place := strings.Replace(place, "prefix", fmt.Sprintf("prefix-%t", encrypted), 1)
				var keys []byte
				var recipients []string
				if encrypted {
					identity, recipient, err := NewKey()
					if err != nil {
						t.Fatal(err)
					}
					keys, recipients = []byte(identity), []string{recipient}
				}
				a := open(t, place, recipients...)
				next := noon.AddDate(0, 0, 1)
				first := keep(t, a, noon, message(1, noon, "MSH|^~\\&|A|||||||C1\rPID|1||4711"), message(2, noon.Add(time.Hour), "two"))
				keep(t, a, next, message(3, next, "three"))
				if want := "c%2F1/2026/03/10/20260310T120000.000000-1-2.xml.zst"; strings.TrimSuffix(first, ".age") != want || strings.HasSuffix(first, ".age") != encrypted {
					t.Errorf("the file is %s, want %s", first, want)
				}
				if encrypted {
					r, err := NewReader(t.Context(), place, nil)
					if err != nil {
						t.Fatal(err)
					}
					if err := r.Each(t.Context(), Query{}, func(*Message) error { return nil }); err == nil || !strings.Contains(err.Error(), "--key") {
						t.Errorf("without a key: got error %v", err)
					}
				}
				r, err := NewReader(t.Context(), place, keys)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range []struct {
					name string
					q    Query
					want string
				}{
					{"all", Query{}, "1:MSH|^~\\&|A|||||||C1\rPID|1||4711 2:two 3:three"},
					{"by name", Query{Channel: "Lab", ID: 2}, "2:two"},
					{"by id", Query{Channel: "c/1", Since: next}, "3:three"},
					{"until", Query{Until: noon.Add(time.Minute)}, "1:MSH|^~\\&|A|||||||C1\rPID|1||4711"},
					{"between", Query{Since: noon.Add(time.Minute), Until: next}, "2:two"},
					{"control id", Query{Control: "C1"}, "1:MSH|^~\\&|A|||||||C1\rPID|1||4711"},
					{"patient", Query{Patient: "4711", Order: "none"}, ""},
					{"text", Query{Text: "THREE"}, "3:three"},
					{"status", Query{Statuses: []weir.Status{weir.Error}}, ""},
				} {
					if got := found(t, r, c.q); got != c.want {
						t.Errorf("%s: got %q, want %q", c.name, got, c.want)
					}
				}
				if err := r.Each(t.Context(), Query{Channel: "Ward"}, nil); err == nil {
					t.Error("a channel that is not there was found")
				}
			})
		}
	}
}

// What was written several times is read once: the last with contents, or else the last.
func TestVersions(t *testing.T) {
	place := t.TempDir()
	a := open(t, place)
	keep(t, a, noon, message(1, noon, "old"), message(2, noon, "kept"), message(3, noon, ""))
	keep(t, a, noon, message(1, noon, "new"), message(2, noon, ""), message(3, noon, ""), message(1, noon.Add(time.Second), "another server's"))
	back := message(9, noon, "came back")
	back.ImportID = 2
	keep(t, a, noon, back)
	r, err := NewReader(t.Context(), place, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := found(t, r, Query{}), "1:new 3: 1:another server's 9:came back"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A file is there whole or not at all, and none is replaced.
func TestPut(t *testing.T) {
	for name, where := range places(t) {
		t.Run(name, func(t *testing.T) {
			p, err := OpenPlace(t.Context(), where)
			if err != nil {
				t.Fatal(err)
			}
			ctx := context.Background()
			if err := p.Put(ctx, "a/b/c", strings.NewReader("first"), false); err != nil {
				t.Fatal(err)
			}
			if err := p.Put(ctx, "a/b/c", strings.NewReader("second"), false); err == nil {
				t.Error("a file was replaced")
			}
			if err := p.Put(ctx, "a/d", failing{strings.NewReader("half")}, false); err == nil {
				t.Error("half a file was kept")
			}
			if err := p.Put(ctx, "a/e", strings.NewReader("one"), true); err != nil {
				t.Error(err)
			}
			if err := p.Put(ctx, "a/e", strings.NewReader("two"), true); err != nil {
				t.Error(err)
			}
			got, err := p.List(ctx, "a")
			slices.Sort(got)
			if err != nil || strings.Join(got, " ") != "b/ e" {
				t.Errorf("listed %v, error %v", got, err)
			}
			for name, want := range map[string]string{"a/b/c": "first", "a/e": "two"} {
				f, err := p.Get(ctx, name)
				if err != nil {
					t.Fatal(err)
				}
				text, _ := io.ReadAll(f)
				f.Close()
				if string(text) != want {
					t.Errorf("%s holds %q, want %q", name, text, want)
				}
			}
			if list, err := p.List(ctx, "nowhere"); err != nil || len(list) > 0 {
				t.Errorf("nowhere there is %v, error %v", list, err)
			}
		})
	}
}

type failing struct{ io.ReadSeeker }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.ReadSeeker.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func TestRefused(t *testing.T) {
	for _, where := range []string{"", "ftp://host/x", "s3:///x", "s3://b/x?colour=red"} {
		if _, err := OpenPlace(t.Context(), where); err == nil {
			t.Errorf("%q is a place", where)
		}
	}
	if _, err := Open(t.Context(), Options{Place: t.TempDir(), Recipients: []string{"ssh-rsa AAAA"}, Spool: t.TempDir()}); err == nil {
		t.Error("a recipient that is none was taken")
	}
	a := open(t, t.TempDir())
	for _, id := range []string{"", ".", ".."} {
		if _, err := a.Begin(t.Context(), id, "Lab", noon); err == nil {
			t.Errorf("channel %q has a folder", id)
		}
	}
}

// The files are those of zstd and age, which need nothing of ours.
func TestOtherTools(t *testing.T) {
	zstd, err := exec.LookPath("zstd")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal("zstd is not installed")
	case err != nil:
		t.Skip("zstd is not installed")
	}
	place := t.TempDir()
	name := keep(t, open(t, place), noon, message(1, noon, "text"))
	out, err := exec.Command(zstd, "-dc", filepath.Join(place, name)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "<content>text</content>") {
		t.Errorf("got %s, error %v", out, err)
	}
}

// An attachment of its own comes back as it was, from as many files as it needs; what is not
// it any longer is an error.
func TestApart(t *testing.T) {
	defer func(size int64) { apartSize = size }(apartSize)
	apartSize = 10
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			a := open(t, place)
			r, err := NewReader(t.Context(), place, nil)
			if err != nil {
				t.Fatal(err)
			}
			for id, c := range []struct {
				content string
				files   int
			}{{"", 0}, {"x", 1}, {"0123456789", 1}, {"0123456789a", 2}, {strings.Repeat("0123456789", 3) + "end", 4}} {
				m := message(int64(id+1), noon, "text")
				apart, err := a.Apart(t.Context(), "c/1", noon, m.ID, "scan", "application/pdf", strings.NewReader(c.content))
				if err != nil || apart.Count != c.files || apart.Size != int64(len(c.content)) {
					t.Fatalf("%q: got %+v, error %v, want %d files", c.content, apart, err, c.files)
				}
				m.Apart = append(m.Apart, apart)
				keep(t, a, noon, m)
				err = r.Each(t.Context(), Query{ID: m.ID}, func(m *Message) error {
					if len(m.Apart) != 1 || m.Apart[0] != apart {
						t.Errorf("%q: the document has %+v, want %+v", c.content, m.Apart, apart)
						return nil
					}
					if got, err := io.ReadAll(r.Open(t.Context(), m, &apart)); err != nil || string(got) != c.content {
						t.Errorf("got %q, error %v, want %q", got, err, c.content)
					}
					for what, change := range map[string]func(*messagefile.Apart){
						"another sum": func(a *messagefile.Apart) { a.SHA256 = strings.Repeat("0", 64) },
						"a file more": func(a *messagefile.Apart) { a.Count++ },
						"more bytes":  func(a *messagefile.Apart) { a.Size++ },
					} {
						bad := apart
						change(&bad)
						if _, err := io.ReadAll(r.Open(t.Context(), m, &bad)); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("message %d: attachment scan", m.ID)) {
							t.Errorf("%q, %s: error %v", c.content, what, err)
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Names in a document lead nowhere else.
func TestApartNames(t *testing.T) {
	for _, files := range []string{"../other", "a/b", `a\b`, "..", "/etc/passwd", "."} {
		m := message(1, noon, "text")
		m.Apart = []messagefile.Apart{{ID: "scan", Files: files, Count: 1}}
		if _, err := messagefile.ParseText(messagefile.Document(m, true).Bytes(), nil); err == nil {
			t.Errorf("%q was taken", files)
		}
	}
}
