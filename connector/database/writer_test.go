//go:build unix

package database

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

// loopback starts a listener that does something with each connection and returns
// the URL of the database that it is not.
func loopback(t *testing.T, do func(net.Conn)) []string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns = append(conns, c)
			do(c)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		for _, c := range conns {
			c.Close()
		}
	})
	return []string{"url", "jdbc:postgresql://" + l.Addr().String() + "/lab?sslmode=disable", "query", insert}
}

const insert = "INSERT INTO outbox(text) VALUES (${message.encodedData})"

func TestWriterSuite(t *testing.T) {
	connectortest.Declared(t, new(Writer))
	connectortest.Declared(t, new(Reader))
	connectortest.Destination(t, connectortest.DestinationCase{
		New:      func() weir.Destination { return new(Writer) },
		Template: "query.0.${message.encodedData}",
		Up: func(t *testing.T) connectortest.Partner {
			url := databases[0].url(t)
			db := open(t, url, "CREATE TABLE outbox (id INTEGER PRIMARY KEY, text TEXT)")
			return connectortest.Partner{
				Settings: []string{"url", url, "query", insert},
				Received: func() []string { return list(t, db, "SELECT text FROM outbox ORDER BY id") },
			}
		},
		Down: func(t *testing.T) []string {
			return []string{"url", "jdbc:postgresql://127.0.0.1:1/lab", "query", insert}
		},
		Silent:  func(t *testing.T) []string { return loopback(t, func(net.Conn) {}) },
		Cutting: func(t *testing.T) []string { return loopback(t, func(c net.Conn) { c.Close() }) },
	})
}

// Whatever a value is, it is a value.
func TestWriterValues(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			url := db.url(t)
			table := open(t, url, "DROP TABLE IF EXISTS results", "CREATE TABLE results (id INTEGER, text VARCHAR(99))")
			for _, c := range []struct{ name, query, want, status string }{
				{"bound", "INSERT INTO results VALUES (${id}, ${text})", "7 O'Hara'); DROP TABLE results; --", "1 rows"},
				{"in quotes", "INSERT INTO results VALUES ('${id}', '${text}')", "7 O'Hara'); DROP TABLE results; --", "1 rows"},
				{"empty", "INSERT INTO results VALUES (${id}, ${empty})", "7 ", "1 rows"},
				{"two", "INSERT INTO results VALUES (1, ${empty}); UPDATE results SET id = ${id}, text = ${text};", "7 O'Hara'); DROP TABLE results; --", "rows"},
			} {
				t.Run(c.name, func(t *testing.T) {
					if _, err := table.Exec("DELETE FROM results"); err != nil {
						t.Fatal(err)
					}
					w := new(Writer)
					connectortest.Open(t, w, connectortest.Settings("url", url, "query", c.query))
					m := connectortest.Outbound(1, "", "")
					for _, f := range config.List(w) {
						for name, value := range map[string]string{"${id}": "7", "${text}": "O'Hara'); DROP TABLE results; --", "${empty}": ""} {
							if strings.HasSuffix(f.Name, "."+name) {
								m.Resolved[f.Name] = value
							}
						}
					}
					r, err := w.Send(connectortest.Context(t), m)
					if err != nil || r.Status != weir.Sent || !strings.Contains(r.StatusMessage, c.status) || !strings.HasPrefix(r.StatusMessage, success) {
						t.Fatalf("Send = %+v, %v", r, err)
					}
					concat := map[bool]string{true: "CONCAT(id, ' ', text)", false: "id || ' ' || text"}[db.name == "MariaDB"]
					if got := list(t, table, "SELECT "+concat+" FROM results"); len(got) != 1 || got[0] != c.want {
						t.Errorf("the table holds %q, want %q", got, c.want)
					}
				})
			}
		})
	}
}

// What the database says about a value stays out of errors.
func TestWriterHidesValues(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			url := db.url(t)
			open(t, url, "DROP TABLE IF EXISTS strict", "CREATE TABLE strict (id INTEGER NOT NULL, name VARCHAR(40) NOT NULL, PRIMARY KEY (name))")
			for _, query := range []string{
				"INSERT INTO strict VALUES (1, ${v})", // and once more
				"INSERT INTO strict SELECT CAST(${v} AS DATE), NULL",
				"SELECT nothing(${v})",
			} {
				w := new(Writer)
				connectortest.Open(t, w, connectortest.Settings("url", url, "query", query))
				var err error
				for range 2 {
					_, err = w.Send(connectortest.Context(t), connectortest.Outbound(1, "query.0.${v}", connectortest.Secret))
				}
				connectortest.CheckFault(t, err)
			}
		})
	}
	if got := hideValues("Duplicate entry 'DOE^JA' for key 'name'", []any{"DOE^JANE", "k", nil}); got != "Duplicate entry '…' for key 'name'" {
		t.Errorf("hidden as %s", got)
	}
}

// Many databases, one after the other: few stay open.
func TestWriterManyDatabases(t *testing.T) {
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings("url", "jdbc:sqlite:${file}", "query", "SELECT 1"))
	for range 3 * keptDatabases {
		if r, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "url", databases[0].url(t))); err != nil || r.Status != weir.Sent || r.StatusMessage != success {
			t.Fatalf("Send = %v, %v", r, err)
		}
	}
	if n := len(w.pool.open); n > keptDatabases {
		t.Errorf("%d databases are open", n)
	}
}

func TestWriterScript(t *testing.T) {
	own := weir.Response{Status: weir.Queued, StatusMessage: "later"}
	for _, c := range []struct {
		name  string
		value any
		err   error
		want  weir.Response
	}{
		{"nothing", nil, nil, weir.Response{Status: weir.Sent, StatusMessage: success}},
		{"a text", "3", nil, weir.Response{Status: weir.Sent, Message: "3", StatusMessage: success}},
		{"a response", own, nil, own},
		{"a status", weir.Queued, nil, weir.Response{Status: weir.Queued, StatusMessage: success}},
		{"an error", nil, sql.ErrNoRows, weir.Response{Status: weir.Queued, StatusMessage: "Error evaluating Database Writer",
			Error: "Database Writer error\n" + sql.ErrNoRows.Error()}},
	} {
		w := new(Writer)
		env := connectortest.DestinationEnv(t)
		env.Run = func(_ context.Context, name string, _ *weir.Outbound) (any, error) { return c.value, c.err }
		connectortest.OpenIn(t, w, env, connectortest.Settings("useScript", "true", "query", "return ${x}"))
		if scripts := w.Scripts(); len(scripts) != 1 || scripts[0].Context != "DESTINATION_DISPATCHER" {
			t.Errorf("scripts %v", scripts)
		}
		got, err := w.Send(t.Context(), connectortest.Outbound(1, "", ""))
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s\n got %+v, %v\nwant %+v", c.name, got, err, c.want)
		}
	}
}

func TestExports(t *testing.T) {
	connectortest.Decode(t, new(Reader), connectortest.Export(t, "testdata/reader.xml"))
	connectortest.Decode(t, new(Writer), connectortest.Export(t, "testdata/writer.xml"))
}
