package file

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir/connector/connectortest"
)

// Every scheme: the directory is listed, a wrong password and a missing directory
// are told, and nothing is changed there.
func TestTest(t *testing.T) {
	host, closed := connectortest.ClosedPort(t)
	for _, scheme := range schemes {
		t.Run(scheme.name, func(t *testing.T) {
			s := scheme.start(t)
			s.write(t, "a.hl7", "text")
			before := s.files(t)
			settings := func(more ...string) []string {
				return append(append(slices.Clone(s.settings), "host", s.host), more...)
			}
			cases := []connectortest.Tried{
				{Name: "reader", Of: new(Reader), Settings: settings(), Found: "can be listed; it has 1 entries."},
				{Name: "writer", Of: new(Writer), Settings: settings(), Found: "can be listed"},
			}
			if !strings.HasPrefix(scheme.name, "S3") { // whose prefixes need not be there, and whose double takes every key
				cases = append(cases,
					connectortest.Tried{Name: "wrong password", Of: new(Reader), Settings: settings("password", "wrong"), Fails: []string{"Check the name and the password"}},
					connectortest.Tried{Name: "no such directory", Of: new(Reader), Settings: settings("host", s.host+"/nothere"), Fails: []string{"host: ", "nothere"}},
					connectortest.Tried{Name: "nothing listens", Of: new(Writer), Settings: settings("host", host+":"+closed+"/share/in"), Fails: []string{"host: ", "is the server up, and is the port right?"}},
				)
			} else {
				cases = append(cases, connectortest.Tried{Name: "nothing listens", Of: new(Reader), Settings: settings("endpoint", "http://"+host+":"+closed), Fails: []string{"host: "}},
					connectortest.Tried{Name: "no such bucket", Of: new(Reader), Settings: settings("host", "nothere/in"), Fails: []string{"host: ", "nothere"}})
			}
			connectortest.Try(t, cases...)
			if after := s.files(t); !slices.Equal(before, after) {
				t.Errorf("files are %q, were %q", after, before)
			}
		})
	}
}

func TestTestHere(t *testing.T) {
	dir, locked := t.TempDir(), t.TempDir()
	connectortest.Try(t,
		connectortest.Tried{Name: "reader", Of: new(Reader), Settings: []string{"host", dir}, Found: "it has 0 entries."},
		connectortest.Tried{Name: "writer", Of: new(Writer), Settings: []string{"host", dir}, Found: "Files can be written to"},
		connectortest.Tried{Name: "writer, none yet", Of: new(Writer), Settings: []string{"host", dir + "/new"}, Found: "does not exist yet"},
		connectortest.Tried{Name: "reader, no such directory", Of: new(Reader), Settings: []string{"host", dir + "/nothere"}, Fails: []string{"host: ", "It does not exist"}},
	)
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
	if os.Getuid() == 0 {
		return // whom no permission stops
	}
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(locked, 0o700) })
	connectortest.Try(t,
		connectortest.Tried{Name: "reader, no permission", Of: new(Reader), Settings: []string{"host", locked}, Fails: []string{"has no permission"}},
		connectortest.Tried{Name: "writer, no permission", Of: new(Writer), Settings: []string{"host", locked}, Fails: []string{"has no permission"}},
	)
}
