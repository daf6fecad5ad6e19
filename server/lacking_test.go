package server

import (
	"strings"
	"testing"
)

// What Mirth's editor can ask for and Weir does not do is answered with the reason.
func TestWhatIsNotDoneSaysWhy(t *testing.T) {
	addr := freeAddr(t)
	run(t, Options{Data: t.TempDir(), Listen: addr, AdminPassword: adminPassword})
	c := mirthClient(t, addr, "/api", javaHeader)
	c.login()
	for _, r := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"POST", "/connectors/ws/_getDefinition", 500, "Enter service, port, operation"},
		{"POST", "/connectors/jdbc/_getTables?url=jdbc:x", 500, "Write the SQL yourself"},
		{"POST", "/databaseTasks/x/_run", 500, "no such database task"},
		{"POST", "/extensions/_install", 500, "no extensions of Mirth"},
		{"POST", "/connectors/ws/_isWsdlCached", 200, "<boolean>false</boolean>"},
		{"GET", "/connectors/jms/templates", 200, "<linked-hash-map/>"},
		{"GET", "/databaseTasks/x", 204, ""},
		{"GET", "/system/stats", 200, "<maxMemoryBytes>"},
	} {
		if status, body, _ := c.send(javaHeader, r.method, r.path, "", ""); status != r.status || !strings.Contains(body, r.want) {
			t.Errorf("%s %s: %d %s", r.method, r.path, status, body)
		}
	}
}
