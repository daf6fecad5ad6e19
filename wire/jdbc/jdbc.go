// Package jdbc opens the databases that JDBC URLs name, with Go's own drivers,
// and shows their values as the JDBC drivers do.
//
//	src, err := jdbc.Parse("org.postgresql.Driver", "jdbc:postgresql://lab:5432/lis", "weir", "secret")
//	db, err := src.Open()
//	rows, err := db.Query(src.Dialect.Rebind("SELECT * FROM orders WHERE id = ?"), id)
//
// It knows PostgreSQL, MySQL and MariaDB, SQL Server (the URLs of Microsoft's
// driver and of jTDS), Oracle (thin) and SQLite. SQL Server and Oracle are
// untested against a server. The URL alone decides; the name of a driver's class
// is only looked at to explain a URL that is missing. Properties of a URL that
// have no counterpart are left aside.
package jdbc

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
)

// Dialect is a family of databases.
type Dialect string

const (
	PostgreSQL Dialect = "PostgreSQL"
	MySQL      Dialect = "MySQL"
	MariaDB    Dialect = "MariaDB" // MySQL, as the driver of MariaDB shows it
	SQLServer  Dialect = "SQL Server"
	Oracle     Dialect = "Oracle"
	SQLite     Dialect = "SQLite"
)

// MySQLs reports whether d is MySQL or MariaDB.
func (d Dialect) MySQLs() bool { return d == MySQL || d == MariaDB }

// Source is a database that can be opened.
type Source struct {
	Dialect Dialect
	Address string // for people: without user, password and properties

	// Dial makes the connections to the server, in place of the driver's own way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	connect func(dial dialer) (driver.Connector, error)
	dsn     string // what the driver is given, for tests
	single  bool   // connections do not see the same data, or stand in each other's way
}

// dialer is a Dial as some drivers want it; a nil one is none.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
}

// Error is a URL that cannot be used.
type Error struct {
	Err  error
	Hint string // the next step, as a sentence
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

func refuse(hint, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Hint: hint}
}

// forms begins of the URLs, in small letters, by who reads the rest.
var forms = []struct {
	prefix string
	parse  func(rest, user, password string) (Source, error)
}{
	{"jdbc:postgresql:", parsePostgreSQL},
	{"jdbc:pgsql:", parsePostgreSQL},
	{"jdbc:mysql:", parseMySQL},
	{"jdbc:mariadb:", parseMariaDB},
	{"jdbc:jtds:sqlserver:", parseJTDS},
	{"jdbc:sqlserver:", parseSQLServer},
	{"jdbc:microsoft:sqlserver:", parseSQLServer},
	{"jdbc:oracle:thin:", parseOracle},
	{"jdbc:oracle:oci:", parseOracle},
	{"jdbc:oracle:oci8:", parseOracle},
	{"jdbc:sqlite:", parseSQLite},
}

const supported = "Weir reaches PostgreSQL, MySQL and MariaDB, SQL Server, Oracle and SQLite"

// Parse reads a JDBC URL. User and password may be empty or stand in the URL,
// where those given beside it come first. An error is an *[Error] and never
// holds the password.
func Parse(class, url, user, password string) (Source, error) {
	url = strings.TrimSpace(url)
	lower := strings.ToLower(url)
	for _, f := range forms {
		if strings.HasPrefix(lower, f.prefix) {
			return f.parse(url[len(f.prefix):], user, password)
		}
	}
	if url == "" {
		return Source{}, refuse("Give the JDBC URL of the database, such as jdbc:postgresql://host:5432/name.", "there is no URL")
	}
	kind, isJDBC := strings.CutPrefix(lower, "jdbc:")
	if !isJDBC {
		return Source{}, refuse("Begin the URL with jdbc:, such as jdbc:postgresql://host:5432/name.", "the URL is not one of JDBC")
	}
	kind, _, _ = strings.Cut(kind, ":")
	return Source{}, refuse(supported+"; for others, put a service in between that Weir can call.",
		"there is no driver for databases of the kind %q (class %s)", kind, class)
}

// Open returns a pool for the database. It does not connect.
func (s Source) Open() (*sql.DB, error) {
	if s.connect == nil {
		return nil, errors.New("no database is given")
	}
	c, err := s.connect(s.Dial)
	if err != nil {
		return nil, refuse("Check the properties in the URL.", "the URL cannot be used: %w", err)
	}
	db := sql.OpenDB(c)
	if s.single {
		db.SetMaxOpenConns(1)
	}
	return db, nil
}

// Single tells that the pool has one connection, so that rows must be closed
// before anything else is done.
func (s Source) Single() bool { return s.single }

// properties are those of a URL, by name in small letters.
type properties map[string]string

// take returns the first of several names that is set, and a default.
func (p properties) take(def string, names ...string) string {
	for _, n := range names {
		if v, ok := p[strings.ToLower(n)]; ok && v != "" {
			return v
		}
	}
	return def
}

func (p properties) yes(names ...string) bool { return strings.EqualFold(p.take("", names...), "true") }
