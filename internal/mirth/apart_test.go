package mirth

import (
	"strings"
	"testing"
)

// TestScriptsApart refuses what would run with empty scripts: exports whose scripts
// a tool has put into files beside them.
func TestScriptsApart(t *testing.T) {
	for name, text := range map[string]string{
		"channel":       wrap("a", `<deployScript msync-fileref="DeployScript.js"/>`),
		"list":          "<list>" + wrap("a", `<deployScript msync-fileref="DeployScript.js"/>`) + "</list>",
		"code template": `<codeTemplate version="4.5.2"><id>t</id><name>T</name><properties><code msync-fileref="T.js"/></properties></codeTemplate>`,
	} {
		im, err := ReadFile("x.xml", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !im.Blocked() {
			t.Errorf("%s: not refused: %v", name, im.Notes)
		}
		for _, n := range im.Notes {
			if n.Severity == Blocks && (!strings.Contains(n.Text, ".js") || n.Remedy == "" || n.Channel == "" && name != "code template") {
				t.Errorf("%s: %+v", name, n)
			}
		}
	}
}
