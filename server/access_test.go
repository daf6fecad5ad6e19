package server

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

func TestGrants(t *testing.T) {
	opt := Options{Data: "data", Config: "weir.yaml", Access: map[string]weir.Access{"ADT": {Files: []string{}, Network: []string{"lab"}}}}
	g := opt.grants("ADT", weir.Access{Databases: []string{"jdbc:own"}}, weir.Access{Files: []string{"/found"}, Network: []string{"*"}, Databases: []string{"*"}})
	want := weir.Access{Files: []string{}, Network: []string{"lab"}, Databases: []string{"jdbc:own"}}
	if !reflect.DeepEqual(g.Access, want) || !reflect.DeepEqual(g.Never, []string{"data", "weir.yaml"}) {
		t.Errorf("got %+v", g)
	}
	if g := opt.grants("Other", weir.Access{}, weir.Access{Files: []string{"/found"}}); g.Files[0] != "/found" || g.Network != nil {
		t.Errorf("what was found: %+v", g)
	}
}

// withScript writes the channel of the case that reaches out, with another script.
func withScript(t *testing.T, dir, script string) {
	t.Helper()
	xml, err := os.ReadFile("../test/cases-own/117-scripts-that-reach-out/channel.xml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(xml), "@PORT_A@", "0")
	before, rest, _ := strings.Cut(text, "<script>var db")
	_, after, _ := strings.Cut(rest, "</script>")
	if err := os.WriteFile(filepath.Join(dir, "channel.xml"), []byte(before+"<script>"+script+"</script>"+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCheckSaysWhatIsReached(t *testing.T) {
	dir := t.TempDir()
	withScript(t, dir, "FileUtil.read('/data/x.txt');\nnew java.net.URL($('url'));\ntry { new com.acme.Tool() } catch (e) {}")
	report, err := Check(Options{}, dir)
	if err != nil || len(report.Channels) != 1 {
		t.Fatal(report, err)
	}
	v := report.Channels[0]
	var reaches []string
	for _, r := range v.Reaches {
		reaches = append(reaches, r.Path+": "+r.Text)
	}
	want := []string{"script, line 1: reaches files: /data", "script, line 2: reaches network that the script computes, so that all are granted"}
	if !reflect.DeepEqual(reaches, want) || v.Runs != RunsDifferent {
		t.Errorf("%s, reaches %q", v.Runs, reaches)
	}
}

// What the config file says of a channel is what its scripts get, and no more.
func TestCheckComparesWithGrants(t *testing.T) {
	dir := t.TempDir()
	withScript(t, dir, "FileUtil.read('/data/x.txt');\nnew java.net.URL($('url'));")
	given := weir.Access{Files: []string{"/other"}, Network: []string{"lab"}}
	report, err := Check(Options{Access: map[string]weir.Access{"Scripts That Reach Out": given}}, dir)
	if err != nil || len(report.Channels) != 1 {
		t.Fatal(report, err)
	}
	var reaches []string
	for _, r := range report.Channels[0].Reaches {
		reaches = append(reaches, r.Text+" "+r.Remedy)
	}
	want := []string{
		`reaches files: /data, which is not granted To grant it, write into the config file: access: {"Scripts That Reach Out": {files: ["/other", "/data"]}}`,
		"reaches network that the script computes, of which not all are granted ",
	}
	if !reflect.DeepEqual(reaches, want) {
		t.Errorf("reaches\n got %q\nwant %q", reaches, want)
	}
}

// A class that does not exist stops the deployment, with its place and a remedy.
func TestMissingClassStopsDeployment(t *testing.T) {
	dir := t.TempDir()
	withScript(t, dir, "var x = 1;\nreturn new Packages.com.acme.Tool(x);")
	report, err := Check(Options{}, dir)
	if err != nil || len(report.Channels) != 1 || report.Channels[0].Runs != WillNotRun {
		t.Fatal(report, err)
	}
	s, _, stop := run(t, Options{Data: t.TempDir(), Channels: dir, Listen: "none"})
	defer stop()
	problem := (*s.channels.Load())[0].problem
	for _, part := range []string{"Scripts That Reach Out", "script, line 2", "com.acme.Tool is not available in Weir", "Rewrite the line"} {
		if problem == nil || !strings.Contains(problem.Error(), part) {
			t.Errorf("%v lacks %q", problem, part)
		}
	}
}
