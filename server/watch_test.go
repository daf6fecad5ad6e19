package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/pipeline"
)

// channelYAML is a channel without ports; script runs in its source transformer.
func channelYAML(name, script string) string {
	return fmt.Sprintf(`name: %s
id: id-%s
source:
  type: Channel Reader
  transformer:
    inbound: RAW
    steps:
      - name: s
        script: %q
destinations:
  - name: Out
    type: Channel Writer
`, name, name, script)
}

// pipelines are the channels that run, by name.
func pipelines(s *Server) map[string]*pipeline.Channel {
	running := map[string]*pipeline.Channel{}
	for _, d := range s.list() {
		if p := s.running(d); p != nil {
			running[d.config.Name] = p
		}
	}
	return running
}

func TestReload(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) { write(t, filepath.Join(dir, name+".yaml"), text) }
	put("A", channelYAML("A", "var a = 1;"))
	put("B", channelYAML("B", "var b = 1;"))
	s, _, _ := run(t, Options{Data: t.TempDir(), Channels: dir, Listen: "none"})
	first := pipelines(s)
	if len(first) != 2 {
		t.Fatalf("running: %v", first)
	}
	step := func(what string, want map[string]bool) map[string]*pipeline.Channel {
		t.Helper()
		before := pipelines(s)
		s.reload(t.Context())
		after := pipelines(s)
		for name, same := range want {
			if after[name] == nil {
				t.Fatalf("%s: %s does not run: %v", what, name, s.find(name))
			}
			if (after[name] == before[name]) != same {
				t.Errorf("%s: %s is the one before: %v, want %v", what, name, !same, same)
			}
		}
		if len(after) != len(want) {
			t.Errorf("%s: running: %v", what, after)
		}
		return after
	}
	step("nothing changed", map[string]bool{"A": true, "B": true})

	put("B", channelYAML("B", "var b = 2;"))
	step("B changed", map[string]bool{"A": true, "B": false})

	put("B", "name: B\nsource: [")
	step("B is no YAML", map[string]bool{"A": true, "B": true})
	if text := problems(s); !strings.Contains(text, "B.yaml") {
		t.Errorf("nothing is said of B: %s", text)
	}

	put("B", channelYAML("B", "var b = ;"))
	step("B does not compile", map[string]bool{"A": true, "B": true})

	put("B", strings.Replace(channelYAML("B", "var b = 3;"), "Channel Reader", "Telex Reader", 1))
	step("B has no source that Weir knows", map[string]bool{"A": true, "B": true})

	put("B", channelYAML("B", "var b = 2;"))
	step("B is as it was", map[string]bool{"A": true, "B": true})

	put("C", channelYAML("C", "var c = 1;"))
	step("C came", map[string]bool{"A": true, "B": true, "C": false})

	os.Remove(filepath.Join(dir, "A.yaml"))
	step("A went", map[string]bool{"B": true, "C": true})
	if s.find("A") != nil {
		t.Error("A is still known")
	}

	// What a script beside the file says belongs to the channel.
	put("D", strings.Replace(channelYAML("D", "x"), `"x"`, "{file: d.js}", 1))
	write(t, filepath.Join(dir, "d.js"), "var d = 1;")
	step("D came", map[string]bool{"B": true, "C": true, "D": false})
	write(t, filepath.Join(dir, "d.js"), "var d = 2;")
	step("the script of D changed", map[string]bool{"B": true, "C": true, "D": false})
}

func problems(s *Server) string {
	var texts []string
	for _, p := range s.loaded {
		texts = append(texts, p.File+": "+p.Note.String())
	}
	return strings.Join(texts, "\n")
}

// TestFollow: a change counts when two looks have seen it.
func TestFollow(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "A.yaml"), channelYAML("A", "var a = 1;"))
	s, _, _ := run(t, Options{Data: t.TempDir(), Channels: dir, Listen: "none"})
	before := pipelines(s)["A"]
	look := make(chan time.Time)
	ended := make(chan struct{})
	go func() {
		s.follow(t.Context(), look)
		close(ended)
	}()
	look <- time.Time{}
	look <- time.Time{}
	if pipelines(s)["A"] != before {
		t.Error("the channel was deployed anew although nothing changed")
	}
	write(t, filepath.Join(dir, "A.yaml"), channelYAML("A", "var a = 12;"))
	for range 4 { // the fourth is taken when what the third has seen is done
		look <- time.Time{}
	}
	if pipelines(s)["A"] == before {
		t.Error("the channel was not deployed anew")
	}
}

func TestFingerprint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		empty := fingerprint(dir, "")
		write(t, filepath.Join(dir, "a"), "1")
		one := fingerprint(dir, "")
		os.Mkdir(filepath.Join(dir, "lib"), 0o755)
		write(t, filepath.Join(dir, "lib", "b"), "1")
		two := fingerprint(dir, "")
		write(t, filepath.Join(dir, "lib", "b"), "22")
		three := fingerprint(dir, "")
		if empty == one || one == two || two == three || three != fingerprint(dir, "") {
			t.Errorf("fingerprints %x %x %x %x", empty, one, two, three)
		}
		os.RemoveAll(dir)
		if fingerprint(dir, "") == three {
			t.Error("a directory that is gone looks the same")
		}
	})
}

func TestApply(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "A.yaml"), channelYAML("A", "var a = 1;"))
	s, client, stop := run(t, Options{Data: data, Channels: dir, Listen: "none"})
	ctx := t.Context()

	for _, c := range []struct{ name, text, want string }{
		{"of a file", channelYAML("A", "var a = 2;"), "comes from " + filepath.Join(dir, "A.yaml")},
		{"of that name", strings.Replace(channelYAML("A", "x"), "id-A", "id-Z", 1), "another channel has that name"},
		{"that does not compile", channelYAML("N", "var a = ;"), "SyntaxError"},
		{"with a wrong key", channelYAML("N", "x") + "more: 1\n", `no key "more"`},
	} {
		if _, err := client.Apply(ctx, []byte(c.text), ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("a channel %s: error %v, want one with %q", c.name, err, c.want)
		}
	}
	if len(s.list()) != 1 {
		t.Fatalf("%d channels after what was refused", len(s.list()))
	}

	// One that is kept and does not start is not called deployed.
	noPort := strings.Replace(channelYAML("P", "x"), "type: Channel Reader", "type: TCP Listener\n  settings: {listenerConnectorProperties: {port: abc}}", 1)
	_, err := client.Apply(ctx, []byte(noPort), "")
	wantError(t, "a port that is none", err, "it is kept, but does not run")

	name, err := client.Apply(ctx, []byte(channelYAML("N", "var n = 1;")), "")
	if err != nil || name != "N" {
		t.Fatalf("applied %q, %v", name, err)
	}
	before := pipelines(s)
	if before["N"].State() != weir.Started {
		t.Errorf("N is %s", before["N"].State())
	}
	file, err := client.File(ctx, "N")
	if err != nil || !strings.Contains(string(file), "script: var n = 1;") {
		t.Errorf("file %v:\n%s", err, file)
	}
	if _, err := client.Apply(ctx, []byte(strings.Replace(string(file), "n = 1", "n = 2", 1)), ""); err != nil {
		t.Fatal(err)
	}
	after := pipelines(s)
	if after["N"] == before["N"] || after["A"] != before["A"] {
		t.Error("not N alone was deployed anew")
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	s, client, _ = run(t, Options{Data: data, Channels: dir, Listen: "none"})
	if file, err = client.File(ctx, "N"); err != nil || !strings.Contains(string(file), "var n = 2;") {
		t.Errorf("after a new start: %v:\n%s", err, file)
	}
	// A file in the directory takes the place of what was applied.
	write(t, filepath.Join(dir, "N.yaml"), channelYAML("N", "var n = 3;"))
	s.reload(ctx)
	if d := s.find("N"); d == nil || d.file != filepath.Join(dir, "N.yaml") || d.problem != nil || s.running(d) == nil {
		t.Errorf("N comes from %+v", d)
	}
}
