package database

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/jdbc/jdbctest"
)

func TestTest(t *testing.T) {
	host, closed := connectortest.ClosedPort(t)
	sqlite := "jdbc:sqlite:" + t.TempDir() + "/x.db"
	connectortest.Try(t,
		connectortest.Tried{Name: "reader", Of: new(Reader), Settings: []string{"url", sqlite}, Found: "Signed in at the SQLite database"},
		connectortest.Tried{Name: "writer", Of: new(Writer), Settings: []string{"url", sqlite}, Found: "Signed in at the SQLite database"},
		connectortest.Tried{Name: "script", Of: new(Writer), Settings: []string{"useScript", "true"}, Found: "none to try"},
		connectortest.Tried{Name: "no such directory", Of: new(Writer), Settings: []string{"url", "jdbc:sqlite:/nowhere/x.db"}, Fails: []string{"url: "}},
		connectortest.Tried{Name: "no such database", Of: new(Writer), Settings: []string{"url", "jdbc:unheard:x"}, Fails: []string{"url: "}},
		connectortest.Tried{Name: "PostgreSQL, nothing listens", Of: new(Reader), Settings: []string{"url", "jdbc:postgresql://" + host + ":" + closed + "/lab", "username", "weir", "password", "secret"},
			Fails: []string{"url: ", "is the server up, and is the port right?"}},
		connectortest.Tried{Name: "MariaDB, nothing listens", Of: new(Writer), Settings: []string{"url", "jdbc:mariadb://" + host + ":" + closed + "/lab", "username", "weir", "password", "secret"},
			Fails: []string{"url: ", "is the server up, and is the port right?"}},
	)
}

// What real servers say to a wrong password and to a database that there is not.
func TestTestServers(t *testing.T) {
	for _, s := range []*jdbctest.Server{jdbctest.PostgreSQL, jdbctest.MariaDB} {
		t.Run(s.Name, func(t *testing.T) {
			url := s.On(t)
			base, query, _ := strings.Cut(url, "?")
			missing := base[:strings.LastIndex(base, "/")] + "/nothere?" + query
			connectortest.Try(t,
				connectortest.Tried{Name: "right", Of: new(Reader), Settings: []string{"url", url}, Found: "Signed in at the"},
				connectortest.Tried{Name: "wrong user", Of: new(Writer), Settings: []string{"url", base, "username", "nobody-here", "password", "wrong"},
					Fails: []string{"url: ", "nobody-here", "Check url, username and password"}},
				connectortest.Tried{Name: "no such database", Of: new(Writer), Settings: []string{"url", missing}, Fails: []string{"url: ", "nothere"}},
			)
		})
	}
}
