package jdbc

import (
	"context"
	"database/sql/driver"
	"net/url"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// sqlitePragmas are the properties of the JDBC driver that are pragmas.
var sqlitePragmas = []string{"busy_timeout", "cache_size", "case_sensitive_like", "foreign_keys", "journal_mode",
	"locking_mode", "recursive_triggers", "synchronous", "temp_store"}

// parseSQLite reads the path of a file, :memory: or nothing for memory, or a
// file: URI, each with properties behind it.
func parseSQLite(rest, _, _ string) (Source, error) {
	file, query, _ := strings.Cut(rest, "?")
	p := queryProperties(query)
	if p["busy_timeout"] == "" {
		p["busy_timeout"] = "3000" // as sqlite-jdbc has it
	}
	if file == "" {
		file = ":memory:"
	}
	values := url.Values{}
	for name, value := range p {
		switch {
		case slices.Contains(sqlitePragmas, name):
			values.Add("_pragma", name+"("+value+")")
		case name == "mode" || name == "cache" || name == "immutable":
			values.Set(name, value)
		}
	}
	slices.Sort(values["_pragma"])
	dsn := file + "?" + values.Encode()
	if !strings.HasPrefix(file, "file:") && strings.ContainsAny(file, "%#") {
		dsn = "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + values.Encode()
	}
	// One connection: several would find the file locked by one another, and each
	// would have a memory of its own.
	return Source{Dialect: SQLite, Address: file, dsn: dsn, single: true,
		connect: func(dialer) (driver.Connector, error) { return sqliteConnector(dsn), nil }}, nil
}

type sqliteConnector string

func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	return sqliteDriver.Open(string(c))
}
func (c sqliteConnector) Driver() driver.Driver { return sqliteDriver }

var sqliteDriver = new(sqlite.Driver)
