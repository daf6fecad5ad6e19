package server

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/mirth"
)

// TestConvertBothWays takes an export to YAML and back through files.
func TestConvertBothWays(t *testing.T) {
	const export = "../internal/mirth/testdata/channels/every-element.xml"
	made, err := Convert(Options{}, export)
	if err != nil {
		t.Fatal(err)
	}
	if len(made) != 1 || made[0].Name != "every-element.yaml" {
		t.Fatalf("made %+v", made)
	}
	file := filepath.Join(t.TempDir(), made[0].Name)
	write(t, file, string(made[0].Data))
	back, err := Convert(Options{}, file)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(export)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(lines(string(back[0].Data)), "\n"), strings.Split(lines(string(want)), "\n")
	for i := range wanted {
		if i >= len(got) || got[i] != wanted[i] {
			t.Fatalf("line %d came back as %q, was %q", i+1, got[min(i, len(got)-1)], wanted[i])
		}
	}
}

// lines leaves out what a writer may choose: how an empty element and a quote are
// written.
func lines(s string) string {
	var out []string
	for _, l := range strings.Split(strings.ReplaceAll(s, "&apos;", "'"), "\n") {
		l = strings.TrimSpace(l)
		if name, ok := strings.CutSuffix(l, "/>"); ok {
			tag, _, _ := strings.Cut(strings.TrimPrefix(name, "<"), " ")
			l = name + "></" + tag + ">"
		}
		out = append(out, l)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

func TestConvertKeepsTheRest(t *testing.T) {
	channel, err := os.ReadFile("../internal/mirth/testdata/channels/source-tcp-listener.xml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "backup.xml")
	write(t, file, `<serverConfiguration version="4.5.2"><channelGroups><channelGroup version="4.5.2"><id>g</id><name>G</name><channels/></channelGroup></channelGroups><channels>`+
		string(channel)+strings.ReplaceAll(string(channel), "555555555552", "555555555553")+
		`</channels><globalScripts><entry><string>Deploy</string><string>return 1;</string></entry></globalScripts></serverConfiguration>`)
	made, err := Convert(Options{}, file)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range made {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "from-tcp-listener.yaml from-tcp-listener-2.yaml backup-without-channels.xml" {
		t.Fatalf("made %s", got)
	}
	rest, err := mirth.ReadFile("rest", made[2].Data)
	if err != nil {
		t.Fatal(err)
	}
	if len(rest.Channels) != 0 || len(rest.Groups) != 1 || rest.Global.Deploy != "return 1;" {
		t.Errorf("the rest is %+v", rest)
	}
}

func TestYAMLBesideXML(t *testing.T) {
	dir := t.TempDir()
	made, err := Convert(Options{}, "../examples/channels/adt-to-folder.xml")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "adt.yaml"), string(made[0].Data))
	write(t, filepath.Join(dir, "compose.yaml"), "services: {}\n")
	write(t, filepath.Join(dir, "bad.yaml"), "name: Bad\nid: x\nsuorce:\nsource: {type: TCP Listener, setings: {}}\n")
	report, err := Check(Options{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	verdicts, problems := report.Channels, report.Problems
	if len(verdicts) != 1 || verdicts[0].Runs != RunsUnchanged {
		t.Errorf("verdicts %+v", verdicts)
	}
	var texts []string
	for _, p := range problems {
		texts = append(texts, filepath.Base(p.File)+": "+p.Note.String())
	}
	for _, want := range []string{`bad.yaml: blocks: line 3: a channel has no key "suorce"; did you mean source?`,
		`bad.yaml: blocks: line 4: a connector has no key "setings"; did you mean settings?`, "compose.yaml: info:"} {
		if !strings.Contains(strings.Join(texts, "\n"), want) {
			t.Errorf("%q is not among\n%s", want, strings.Join(texts, "\n"))
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSchema: the schema is JSON and has every connector with its settings.
func TestSchema(t *testing.T) {
	opt := Options{}.withDefaults()
	text := Schema(opt)
	if !json.Valid([]byte(text)) {
		t.Fatal("the schema is not JSON")
	}
	for _, s := range opt.Sources {
		if !strings.Contains(text, fmt.Sprintf(`"const": %q`, s.Name)) {
			t.Errorf("%s is missing", s.Name)
		}
		for _, f := range config.List(s.New()) {
			name := f.Name[strings.LastIndexByte(f.Name, '.')+1:]
			if !strings.Contains(text, fmt.Sprintf("%q: {", name)) {
				t.Errorf("%s has no %s", s.Name, f.Name)
			}
		}
	}
}

// A channel of which a script stands in a file of its own is not made into one without it.
func TestConvertRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ward.xml")
	write(t, file, strings.Replace(testChannel(ward, "Ward", ""), "<deployScript>return;</deployScript>", `<deployScript msync-fileref="Deploy.js"/>`, 1))
	made, err := Convert(Options{}, file)
	if err == nil || !strings.Contains(err.Error(), "Deploy.js") || !strings.Contains(err.Error(), "mirthSync") {
		t.Errorf("made %d files, error %v", len(made), err)
	}
}
