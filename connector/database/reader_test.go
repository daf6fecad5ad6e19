//go:build unix

package database

import (
	"context"
	"database/sql"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/jdbc"
)

const polls = "pollConnectorProperties.pollingFrequency"

// textOnly is a Reader whose messages are the text of the column text, for the
// suite, which compares what was sent with what is received.
type textOnly struct{ *Reader }

func (r textOnly) Start(ctx context.Context, env weir.SourceEnv) error {
	receive := env.Receive
	env.Receive = func(ctx context.Context, in weir.Inbound) (weir.Reply, error) {
		var result struct {
			Text string `xml:"text"`
		}
		if err := xml.Unmarshal([]byte(in.Text), &result); err != nil {
			return weir.Reply{}, err
		}
		in.Text = result.Text
		return receive(ctx, in)
	}
	return r.Reader.Start(ctx, env)
}

// sender writes rows.
type sender struct {
	t  *testing.T
	db *sql.DB
	e  *connectortest.Engine
}

func (s sender) Send(text string) bool {
	if _, err := s.db.ExecContext(connectortest.Context(s.t), "INSERT INTO inbox(text) VALUES (?)", text); err != nil {
		s.t.Error(err)
		return false
	}
	s.e.UntilText(s.t, text)
	return true
}

func (s sender) Cut() {}

func TestReaderSuite(t *testing.T) {
	var url string
	var engine *connectortest.Engine
	connectortest.Source(t, connectortest.SourceCase{
		New:    func() weir.Source { return textOnly{new(Reader)} },
		Engine: func(e *connectortest.Engine) { engine = e },
		Settings: func(t *testing.T) []string {
			url = databases[0].url(t)
			open(t, url, "CREATE TABLE inbox (id INTEGER PRIMARY KEY, text TEXT)")
			return []string{"url", url, polls, "5", "updateMode", "3",
				"select", "SELECT * FROM inbox ORDER BY id", "update", "DELETE FROM inbox WHERE id = ${id}"}
		},
		Peer: func(t *testing.T, _ weir.Source) connectortest.Peer {
			return sender{t, open(t, url), engine}
		},
		Unanswered: true,
	})
}

// poll polls once with settings and an engine, and stops.
func pollOnce(t *testing.T, e *connectortest.Engine, settings ...string) {
	t.Helper()
	r := new(Reader)
	connectortest.Start(t, r, e, connectortest.Settings(append([]string{
		"pollConnectorProperties.pollOnStart", "true", polls, "86399999", "retryInterval", "1"}, settings...)...))
	e.UntilEvent(t, "idle", 1)
	connectortest.Stop(t, r)
}

// Each database gives the same message for the same row, as far as it has the types.
func TestRow(t *testing.T) {
	for _, c := range []struct{ database, columns, want string }{
		{"SQLite", `1 AS Id, 2.0 AS real, 'a<b&c' AS text, '' AS empty, NULL AS gone, x'c3a4' AS bytes, 10000000.0 AS big`,
			`<id>1</id> <real>2.0</real> <text>a&lt;b&amp;c</text> <empty/> <bytes>ä</bytes> <big>1.0E7</big>`},
		{"PostgreSQL", `1 AS "Id", 2.0::float8 AS real, 0.1::float4 AS small, 12.50::numeric(9,2) AS exact, true AS yes, 'ä'::bytea AS bytes, NULL AS gone,
			DATE '2026-01-02' AS day, TIMESTAMP '2026-01-02 03:04:05.120' AS moment, TIME '03:04:05' AS clock,
			'{"a": 1}'::jsonb AS json, 'b0c5a7a0-0000-4000-8000-000000000001'::uuid AS "the id", 9223372036854775807 AS long`,
			`<id>1</id> <real>2.0</real> <small>0.1</small> <exact>12.50</exact> <yes>true</yes> <bytes>ä</bytes> <day>2026-01-02</day> <moment>2026-01-02 03:04:05.12</moment>
			<clock>03:04:05</clock> <json>{"a": 1}</json> <the_id>b0c5a7a0-0000-4000-8000-000000000001</the_id> <long>9223372036854775807</long>`},
		{"MariaDB", `1 AS Id, 2e0 AS ` + "`real`" + `, 12.50 AS exact, x'c3a4' AS bytes, 'ä' AS text, NULL AS gone, DATE '2026-01-02' AS day,
			TIMESTAMP '2026-01-02 03:04:05' AS moment, 9223372036854775807 AS big`,
			`<id>1</id> <real>2.0</real> <exact>12.50</exact> <bytes>ä</bytes> <text>ä</text> <day>2026-01-02</day> <moment>2026-01-02 03:04:05.0</moment> <big>9223372036854775807</big>`},
	} {
		t.Run(c.database, func(t *testing.T) {
			i := slices.IndexFunc(databases, func(d struct {
				name string
				url  func(t *testing.T) string
			}) bool {
				return d.name == c.database
			})
			for _, aggregate := range []bool{false, true} {
				e := new(connectortest.Engine)
				pollOnce(t, e, "url", databases[i].url(t), "select", "SELECT "+c.columns, "aggregateResults", fmt.Sprint(aggregate))
				want := strings.Join(strings.Fields(c.want), "")
				want = declaration + "<result>" + want + "</result>"
				if aggregate {
					want = strings.NewReplacer("<result>", "<results><result>", "</result>", "</result></results>").Replace(want)
				}
				if got := e.Texts(); len(got) != 1 || strings.Join(strings.Fields(strings.TrimPrefix(got[0], declaration)), "") != strings.Join(strings.Fields(strings.TrimPrefix(want, declaration)), "") {
					t.Errorf("got\n%s\nwant\n%s\nevents %v", got, want, e.Details())
				}
			}
		})
	}
}

func TestXML(t *testing.T) {
	text := func(b []byte) string { return string(b) }
	gone := column{name: "gone"}
	rows := []row{{{name: "id", raw: 1, value: int64(1)}, gone, {name: "empty", raw: "", value: ""}}, {gone}}
	want := declaration + "<result>\n    <id>1</id>\n    <empty/>\n</result>\n"
	if got := oneXML(rows[0], text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = declaration + "<results>\n    <result>\n        <id>1</id>\n        <empty/>\n    </result>\n    <result/>\n</results>\n"
	if got := allXML(rows, text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for name, want := range map[string]string{".abc": "_abc", "ab  c": "ab_c", "[ab c ]": "_ab_c_", "": "_", "a-1.ä": "a-1.ä", "count(*)": "count_", "1st": "_st"} {
		if got := elementName(name); got != want {
			t.Errorf("elementName(%q) = %q, want %q", name, got, want)
		}
	}
}

// What is left in the table after a poll shows which rows the update was run for.
func TestUpdateModes(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			url := db.url(t)
			for _, c := range []struct {
				name     string
				settings []string
				refuse   string // a row that is not received
				messages int
				want     string // rows not marked
			}{
				{"never", []string{"updateMode", "1"}, "", 3, "a b c"},
				{"each", []string{"updateMode", "3", "update", "UPDATE todo SET done = 1 WHERE name = ${NAME}"}, "", 3, ""},
				{"each, read as it goes", []string{"updateMode", "3", "cacheResults", "false", "keepConnectionOpen", "false",
					"update", "UPDATE todo SET done = 1 WHERE name = ${name}"}, "", 3, ""},
				{"each, one refused", []string{"updateMode", "3", "update", "UPDATE todo SET done = 1 WHERE name = '${name}'"}, "b", 2, "b"},
				{"each, aggregated", []string{"updateMode", "3", "aggregateResults", "true", "update", "UPDATE todo SET done = 1 WHERE name = ${name}"}, "", 1, ""},
				{"once", []string{"updateMode", "2", "update", "UPDATE todo SET done = 1"}, "", 3, ""},
				{"once, aggregated", []string{"updateMode", "2", "aggregateResults", "true", "update", "UPDATE todo SET done = 1"}, "", 1, ""},
				{"once, one refused", []string{"updateMode", "2", "update", "UPDATE todo SET done = 1"}, "b", 2, "a b c"},
				{"several statements", []string{"updateMode", "3", "update", "UPDATE todo SET done = 0 WHERE name = ${name}; UPDATE todo SET done = 1 WHERE name = ${name};"}, "", 3, ""},
			} {
				t.Run(c.name, func(t *testing.T) {
					table := open(t, url, "DROP TABLE IF EXISTS todo", "CREATE TABLE todo (name VARCHAR(9), done INTEGER)",
						"INSERT INTO todo VALUES ('a', 0), ('b', 0), ('c', 0)")
					e := &connectortest.Engine{Answer: func(_ context.Context, in weir.Inbound) (*weir.Response, error) {
						if c.refuse != "" && strings.Contains(in.Text, ">"+c.refuse+"<") {
							return nil, errors.New("the disk is full")
						}
						return nil, nil
					}}
					pollOnce(t, e, append([]string{"url", url, "select", "SELECT name, done FROM todo WHERE done = 0 ORDER BY name"}, c.settings...)...)
					if n := len(e.Kept()); n != c.messages {
						t.Errorf("%d messages, want %d; %v", n, c.messages, e.Details())
					}
					if got := list(t, table, "SELECT name FROM todo WHERE done = 0 ORDER BY name"); strings.Join(got, " ") != c.want {
						t.Errorf("%v are not marked, want %q; %v", got, c.want, e.Details())
					}
				})
			}
		})
	}
}

func list(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(connectortest.Context(t), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	return out
}

// A database that is not there is tried again, and the poll then says what is wrong.
func TestReaderFaults(t *testing.T) {
	for name, settings := range map[string][]string{
		"down":            {"url", "jdbc:postgresql://127.0.0.1:1/lab", "select", "SELECT 1"},
		"no such table":   {"select", "SELECT * FROM nowhere"},
		"one name twice":  {"select", "SELECT 1 AS a, 2 AS A"},
		"a broken update": {"select", "SELECT 1 AS a", "updateMode", "3", "update", "UPDATE nowhere SET a = ${a}"},
	} {
		t.Run(name, func(t *testing.T) {
			e := new(connectortest.Engine)
			pollOnce(t, e, append([]string{"url", "jdbc:sqlite:"}, settings...)...)
			details := e.Details()
			if len(details) != 1 || !strings.Contains(details[0], ": ") {
				t.Errorf("events %q", details)
			}
		})
	}
}

func TestReaderRefused(t *testing.T) {
	for name, settings := range map[string][]string{
		"no URL":             {"select", "SELECT 1"},
		"no statement":       {"url", "jdbc:sqlite:"},
		"a database unknown": {"url", "jdbc:db2://host/name", "select", "SELECT 1"},
		"a charset unknown":  {"url", "jdbc:sqlite:", "select", "SELECT 1", "encoding", "klingon"},
		"part of a literal":  {"url", "jdbc:sqlite:", "select", "SELECT '%${name}%'"},
		"retries":            {"url", "jdbc:sqlite:", "select", "SELECT 1", "retryCount", "often"},
	} {
		t.Run(name, func(t *testing.T) {
			r := new(Reader)
			connectortest.Decode(t, r, connectortest.Settings(settings...))
			connectortest.CheckFault(t, r.Start(t.Context(), new(connectortest.Engine).SourceEnv(t)))
		})
	}
}

func TestReaderScript(t *testing.T) {
	rows := []any{weir.Row{{Key: "Id", Value: 1.0}}, weir.Row{{Key: "Id", Value: "2"}}}
	queried := []any{weir.Columns{{Key: "Id", Value: 1.0}}, weir.Columns{{Key: "Id", Value: "2"}}}
	for _, c := range []struct {
		name, mode, aggregate string
		value                 any
		messages              int
		want                  string
	}{
		{"each", "3", "false", rows, 2, "{id=1.0} {id=2}"},
		{"each of a query", "3", "false", queried, 2, "[{Id 1}] [{Id 2}]"},
		{"a query, aggregated", "2", "true", queried, 1, "[[{Id 1}] [{Id 2}]]"},
		{"once", "2", "false", rows, 2, "update"},
		{"once, aggregated", "2", "true", rows, 1, "[{id=1.0} {id=2}]"},
		{"each, aggregated", "3", "true", rows, 1, "{id=1.0} {id=2}"},
		{"no rows, aggregated", "2", "true", []any{}, 0, ""},
		{"a text", "3", "false", "x", 0, ""},
		{"a list of texts", "3", "false", []any{"x"}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			e := &connectortest.Engine{
				Run: func(_ context.Context, name string) (any, error) {
					if name == selectSetting {
						return c.value, nil
					}
					got = append(got, name)
					return nil, nil
				},
				RunAfter: func(_ context.Context, name string, vars map[string]any) (any, error) {
					for _, v := range vars {
						got = append(got, fmt.Sprint(v))
					}
					return nil, nil
				},
			}
			pollOnce(t, e, "useScript", "true", "updateMode", c.mode, "aggregateResults", c.aggregate)
			if len(e.Kept()) != c.messages || strings.Join(got, " ") != c.want {
				t.Errorf("%d messages, updates %q, want %d and %q; %v", len(e.Kept()), got, c.messages, c.want, e.Details())
			}
		})
	}
}

// A script that fails, or that returns no rows because its own connection failed, is run
// again like a statement.
func TestReaderScriptAgain(t *testing.T) {
	runs := 0
	e := &connectortest.Engine{Run: func(context.Context, string) (any, error) {
		switch runs++; runs {
		case 1:
			return nil, errors.New("no connection")
		case 2:
			return nil, nil
		}
		return []any{weir.Row{{Key: "Id", Value: "1"}}}, nil
	}}
	pollOnce(t, e, "useScript", "true", "retryCount", "2")
	if runs != 3 || len(e.Kept()) != 1 {
		t.Errorf("%d runs, %d messages, want 3 and 1; %v", runs, len(e.Kept()), e.Details())
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ sql, text, params string }{
		{"SELECT 1", "SELECT 1", ""},
		{"SELECT ${a}, '${b}'", "SELECT ?, ?", "${a} ${b}"},
		{"SELECT ${maps.get('a')} -- ${b}\nFROM ${c}", "SELECT ?  \nFROM ?", "${maps.get('a')} ${c}"},
		{"SELECT 'a?' WHERE x = ${x}", "SELECT 'a?' WHERE x = ?", "${x}"},
	} {
		s, err := parse(jdbc.PostgreSQL, "query", c.sql)
		var params []string
		for _, p := range s.params {
			params = append(params, p.Text)
		}
		if err != nil || s.text != c.text || strings.Join(params, " ") != c.params {
			t.Errorf("%s\n got %q %v %v\nwant %q %s", c.sql, s.text, params, err, c.text, c.params)
		}
	}
}
