package document

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/weir-health/weir/connector/connectortest"
)

func TestTest(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	connectortest.Try(t,
		connectortest.Tried{Name: "directory", Of: new(Writer), Settings: []string{"host", dir}, Found: "Files can be written to " + dir},
		connectortest.Tried{Name: "none yet", Of: new(Writer), Settings: []string{"host", dir + "/new"}, Found: "does not exist yet"},
		connectortest.Tried{Name: "attachment", Of: new(Writer), Settings: []string{"output", "ATTACHMENT"}, Found: "nothing to connect to"},
		connectortest.Tried{Name: "no directory", Of: new(Writer), Fails: []string{"host: no directory is given"}},
		connectortest.Tried{Name: "a file", Of: new(Writer), Settings: []string{"host", file}, Fails: []string{"host: "}},
	)
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left are %v", left)
	}
}
