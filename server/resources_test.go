package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Custom Java libraries are told once for each, by channel and by the list of a
// server; the resource that every channel has is not.
func TestCheckTellsResources(t *testing.T) {
	data, err := os.ReadFile("../test/cases/012-hl7-to-xml-file/channel.xml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "channel.xml")
	plain := string(data)
	with := strings.ReplaceAll(plain, "<string>[Default Resource]</string>\n", "<string>[Default Resource]</string>\n</entry><entry><string>r1</string><string>Hospital jars</string>\n")
	list := strings.NewReplacer("Default Resource</id>", "r1</id>", "[Default Resource]", "Hospital jars").Replace(testResource)
	for _, c := range []struct {
		name, channel, resources string
		runs                     Outcome
		reasons, problems        int
	}{
		{"the default", plain, testResource, RunsUnchanged, 0, 0},
		{"one of its own", with, list, RunsDifferent, 1, 1},
	} {
		write(t, file, c.channel)
		write(t, filepath.Join(dir, "resources.xml"), c.resources)
		r, err := Check(Options{}, dir)
		if err != nil {
			t.Fatal(err)
		}
		v := r.Channels[0]
		if v.Runs != c.runs || len(v.Reasons) != c.reasons || len(r.Problems) != c.problems {
			t.Errorf("%s: %s, reasons %v, problems %v", c.name, v.Runs, v.Reasons, r.Problems)
		}
		if c.reasons > 0 && (v.Reasons[0].Line == 0 || !strings.Contains(v.Reasons[0].Text, "Hospital jars")) {
			t.Errorf("%s: %+v", c.name, v.Reasons[0])
		}
		if c.problems > 0 && !strings.Contains(r.Problems[0].Text, "Hospital jars") {
			t.Errorf("%s: %+v", c.name, r.Problems[0])
		}
	}
}
