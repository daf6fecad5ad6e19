package server

import (
	"os"
	"strings"
	"testing"
)

// TestBackupComesBack restores a backup that has every part there is, and takes one:
// they are the same, but for the time that clients write into theirs.
func TestBackupComesBack(t *testing.T) {
	data, err := os.ReadFile("../internal/mirth/testdata/server/backup.xml")
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	run(t, Options{Data: t.TempDir(), Listen: addr, AdminPassword: adminPassword})
	c := mirthClient(t, addr, "/api", javaHeader)
	c.login()
	if status, body, _ := c.send(javaHeader, "PUT", "/server/configuration?overwriteConfigMap=true", "application/xml", string(data)); status != 204 {
		t.Fatal(status, body)
	}
	_, got, _ := c.send(javaHeader, "GET", "/server/configuration", "", "")
	_, rest, _ := strings.Cut(string(data), "</date>\n")
	want, have := strings.Split(lines(`<serverConfiguration version="4.5.2">`+"\n"+rest), "\n"), strings.Split(lines(got), "\n")
	for i := range want {
		if i >= len(have) || have[i] != want[i] {
			t.Fatalf("line %d came back as %q, was %q", i+2, have[min(i, len(have)-1)], want[i])
		}
	}
	if len(have) != len(want) {
		t.Errorf("%d lines came back of %d", len(have), len(want))
	}
}
