package hl7v2

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/tree"
)

// The messages of the script cases come back as they are, and so do those that
// the scripts made of them.
func TestScriptCaseMessages(t *testing.T) {
	data, err := os.ReadFile("../../test/hl7-script-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Name, Input, ExpectedOutput string }
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range cases {
		for _, text := range []string{c.Input, c.ExpectedOutput} {
			if text == "" || seen[text] || strings.Contains(text, "\n") { // one script writes a line feed
				continue
			}
			seen[text] = true
			for _, look := range []func(*tree.Node){func(*tree.Node) {}, expand, touch} {
				root, err := New().Parse(text)
				if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				look(root)
				if got, _, err := New().Encode(root); got != text || err != nil {
					t.Errorf("%s\n got %q, %v\nwant %q", c.Name, got, err, text)
				}
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d messages", len(seen))
	}
}

// assign does what a script does: msg[path[0]][path[1]]… = text.
func assign(n *tree.Node, text string, path ...string) {
	for _, name := range path {
		n = childOrNew(n, name)
	}
	n.SetText(text)
}

func childOrNew(n *tree.Node, name string) *tree.Node {
	for _, c := range n.Children() {
		if c.Name.Local == name {
			return c
		}
	}
	c := tree.New(name)
	n.Append(c)
	return c
}

// Whole channels: their scripts done by hand, and the messages that Mirth sent.
func TestChannelCases(t *testing.T) {
	cases := map[string]func(root *tree.Node, text string){
		"033-escapes-empties": func(root *tree.Node, text string) {
			obx, null := Get(text, "OBX-5"), "value"
			if Get(text, "PID-5") == `""` {
				null = "null"
			}
			counts := map[int][2]string{62: {"62", "2"}, 9: {"9", "1"}}[len(obx)]
			assign(root, counts[0], "NTE", "NTE.1", "NTE.1.1")
			assign(root, counts[1], "NTE", "NTE.2", "NTE.2.1")
			assign(root, `a|b^c&d~e\f <g> "h"`, "NTE", "NTE.3", "NTE.3.1")
			assign(root, null, "NTE", "NTE.4", "NTE.4.1")
		},
		"003-field-edits": func(root *tree.Node, text string) {
			assign(root, "INTEGRATION", "MSH", "MSH.3", "MSH.3.1")
			assign(root, Get(text, "MSH-4.1")+"_HUB", "MSH", "MSH.4", "MSH.4.1")
			assign(root, "2.3", "MSH", "MSH.12", "MSH.12.1")
			name := map[string][2]string{
				"Okafor":     {"OKAFOR", "Amara"},
				"de la CRUZ": {"DE LA CRUZ", "maria"},
			}[Get(text, "PID-5.1")]
			assign(root, name[0], "PID", "PID.5", "PID.5.1")
			assign(root, name[1], "PID", "PID.5", "PID.5.2")
			assign(root, "", "PID", "PID.5", "PID.5.5")
			switch Get(text, "PID-8.1") {
			case "F":
				assign(root, "W", "PID", "PID.8", "PID.8.1")
			case "":
				assign(root, "U", "PID", "PID.8", "PID.8.1")
			}
			assign(root, Get(text, "PID-3[2].1"), "PID", "PID.19", "PID.19.1")
			assign(root, "N", "PID", "PID.30")
			assign(root, "NORTH", "PV1", "PV1.3", "PV1.3.4")
			service := "OTHER"
			if Get(text, "PV1-10.1") == "SUR" {
				service = "SURGERY"
			}
			assign(root, service, "PV1", "PV1.10", "PV1.10.1")
			assign(root, "ALT"+Get(text, "PV1-19.1"), "PV1", "PV1.50", "PV1.50.1")
		},
	}
	for name, script := range cases {
		dir := "../../test/cases/" + name
		inputs, _ := filepath.Glob(dir + "/in/*.hl7")
		if len(inputs) == 0 {
			t.Errorf("no messages in %s", dir)
		}
		for i, in := range inputs {
			text := read(t, in)
			root, err := New().Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			script(root, text)
			got, _, err := New().Encode(root)
			sinks, _ := filepath.Glob(dir + "/expected/sinks/lab/*.hl7")
			if want := read(t, sinks[i]); got != want || err != nil {
				t.Errorf("%s\n got %q, %v\nwant %q", in, got, err, want)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
