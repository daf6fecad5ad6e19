package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const variableChannel = `name: Ward
id: 0f1e2d3c-0000-4000-8000-00000000000a
variables:
  folder:
source:
  type: Channel Reader
destinations:
  - name: Copy
    type: File Writer
    settings:
      host: ${{folder}}
      outputPattern: a.txt
      template: ${message.encodedData}
`

// TestVariables: values come from the file, and a channel whose values change is
// deployed anew, it alone.
func TestVariables(t *testing.T) {
	dir, values := t.TempDir(), filepath.Join(t.TempDir(), "test.yaml")
	write(t, filepath.Join(dir, "ward.yaml"), variableChannel)
	write(t, filepath.Join(dir, "other.xml"), testChannel(lab, "Other", ""))
	verdict := func(opt Options) Verdict {
		t.Helper()
		r, err := Check(opt, filepath.Join(dir, "ward.yaml"))
		if err != nil || len(r.Channels) != 1 {
			t.Fatal(r, err)
		}
		return r.Channels[0]
	}
	if v := verdict(Options{}); v.Runs != RunsDifferent || !strings.Contains(v.Reasons[0].Text, "the variable folder has no value") {
		t.Errorf("without a value: %+v", v)
	}
	if v := verdict(Options{Set: map[string]string{"folder": "/data"}}); v.Runs != RunsUnchanged {
		t.Errorf("with a value: %+v", v)
	}
	write(t, values, "folder: "+t.TempDir()+"\n")
	s, _, _ := run(t, Options{Data: t.TempDir(), Channels: dir, Variables: values, Listen: "none"})
	folder := func(id string) string {
		d := s.byID(id)
		if d == nil || s.running(d) == nil {
			t.Fatalf("%s does not run: %+v", id, d)
		}
		return s.running(d).Config.Destinations[0].Settings.Text("host")
	}
	const id = "0f1e2d3c-0000-4000-8000-00000000000a"
	other, first := s.running(s.byID(lab)), folder(id)
	next := t.TempDir()
	before := fingerprint(dir, values)
	write(t, values, "folder: "+next+"\nunused: 1\n")
	if fingerprint(dir, values) == before {
		t.Error("the file of values is not watched")
	}
	s.reload(t.Context())
	if got := folder(id); got != next || first == next {
		t.Errorf("the folder was %s and is %s, want %s", first, got, next)
	}
	if s.running(s.byID(lab)) != other {
		t.Error("a channel without variables was deployed anew")
	}
	// A file of values that cannot be read changes nothing.
	write(t, values, "folder: [\n")
	s.reload(t.Context())
	if got := folder(id); got != next {
		t.Errorf("after a broken file the folder is %s", got)
	}
	// An export for Mirth holds the values.
	made, err := Convert(Options{Set: map[string]string{"folder": "/data"}}, filepath.Join(dir, "ward.yaml"))
	if err != nil || !strings.Contains(string(made[0].Data), "<host>/data</host>") {
		t.Errorf("%v, %s", err, made)
	}
	if _, err := Convert(Options{}, filepath.Join(dir, "ward.yaml")); err == nil {
		t.Error("a channel without its values is converted")
	}
	if err := os.Remove(values); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), Options{Data: t.TempDir(), Channels: dir, Variables: values, Listen: "none"}); err == nil || !strings.Contains(err.Error(), values) {
		t.Errorf("a file that is not there: %v", err)
	}
}
