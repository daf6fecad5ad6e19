//go:build unix

package script_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/access"
	"github.com/weir-health/weir/wire/jdbc/jdbctest"
)

func TestMain(m *testing.M) { jdbctest.Main(m) }

// TestDatabases runs what channels do with databases against each of them.
func TestDatabases(t *testing.T) {
	const open = `var c = DatabaseConnectionFactory.createDatabaseConnection('driver', 'URL', '', ''); `
	cases := []struct{ name, body, want string }{
		{"query", open + `var r = c.executeCachedQuery('SELECT id, name AS "Label", born FROM p ORDER BY id'); c.close(); var s = r.size() + ';'; while (r.next()) s += r.getInt('ID') + r.getString(2) + r.getString('label') + ';'; return s`, "2;1AnnaAnna;2ÖnderÖnder;"},
		{"parameters", open + `var r = c.executeCachedQuery('SELECT name FROM p WHERE id = ? AND name = ?', [2, 'Önder']); r.next(); return r.getString(1)`, "Önder"},
		{"a list of Java", open + `var l = new java.util.ArrayList(); l.add(1); var r = c.executeCachedQuery('SELECT name FROM p WHERE id = ?', l); r.next(); return r.getString(1)`, "Anna"},
		{"update", open + `var n = c.executeUpdate('UPDATE p SET name = ? WHERE id = ?', ['x', 1]); return n + ',' + c.executeUpdate("UPDATE p SET name = 'y'")`, "1,2"},
		{"null", open + `c.executeUpdate('UPDATE p SET name = ? WHERE id = 1', [null]); var r = c.executeCachedQuery('SELECT name, id FROM p WHERE id = 1'); r.next(); return String(r.getString(1)) + r.wasNull() + r.getInt(2) + r.wasNull()`, "nulltrue1false"},
		{"commit and roll back", open + `c.setAutoCommit(false); c.executeUpdate('DELETE FROM p'); c.rollback(); c.executeUpdate('DELETE FROM p WHERE id = 1'); c.commit(); c.executeUpdate('DELETE FROM p'); c.close(); c = DatabaseConnectionFactory.createDatabaseConnection('driver', 'URL', '', ''); var r = c.executeCachedQuery('SELECT COUNT(*) FROM p'); r.next(); return r.getInt(1)`, "1"},
		{"keys", open + `var k = c.executeUpdateAndGetGeneratedKeys("INSERT INTO p (name) VALUES ('z')"); k.next(); return k.getInt(1) > 2`, "true"},
		{"moving", open + `var r = c.executeCachedQuery('SELECT id FROM p ORDER BY id'); return [r.first(), r.getInt(1), r.last(), r.getInt(1), r.next(), r.previous(), r.getRow(), r.absolute(1), r.getObject(1), r.isFirst()].join()`, "true,1,true,2,false,true,2,true,1,true"},
		{"meta data", open + `var m = c.executeCachedQuery('SELECT id, name AS label FROM p').getMetaData(); return m.getColumnCount() + m.getColumnLabel(2).toLowerCase()`, "2label"},
		{"dates", open + `var r = c.executeCachedQuery('SELECT born FROM p WHERE id = 1'); r.next(); return new java.text.SimpleDateFormat('yyyy-MM-dd HH:mm').format(r.getTimestamp(1)) + DateUtil.formatDate('yyyy', r.getDate('born'))`, "2020-01-02 03:042020"},
		{"a date bound", open + `c.executeUpdate('UPDATE p SET born = ? WHERE id = 2', [new java.sql.Timestamp(86400000)]); var r = c.executeCachedQuery('SELECT born FROM p WHERE id = 2'); r.next(); return r.getTimestamp(1).getTime()`, "86400000"},
		{"JDBC", `var c = java.sql.DriverManager.getConnection('URL', '', ''), p = c.prepareStatement('INSERT INTO p (id, name) VALUES (?, ?)'); for (var i = 10; i < 13; i++) { p.setInt(1, i); p.setString(2, 'n' + i); p.addBatch() } var n = p.executeBatch().length; p.close(); var s = c.createStatement(), r = s.executeQuery('SELECT MAX(id) AS m FROM p'); r.next(); var m = r.getLong('m'); r.close(); s.close(); c.close(); return n + ',' + m + ',' + c.isClosed()`, "3,12,true"},
		{"a cached copy", open + `var r = new MirthCachedRowSet(); r.populate(c.getConnection().createStatement().executeQuery('SELECT id FROM p')); return r.size()`, "2"},
		{"an error", open + `try { c.executeUpdate('no sql') } catch (e) { return e.javaException.getClass().getName() }`, "java.sql.SQLException"},
		{"no such column", open + `var r = c.executeCachedQuery('SELECT id FROM p'); r.next(); try { r.getString('no') } catch (e) { return e.message }`, "java.sql.SQLException: Invalid column name"},
		{"closed", open + `c.close(); try { c.executeUpdate('DELETE FROM p') } catch (e) { return e.message }`, "java.sql.SQLException: the connection is closed"},
	}
	for _, db := range []struct {
		name, id string
		url      func(t *testing.T) string
	}{
		{"SQLite", "INTEGER PRIMARY KEY AUTOINCREMENT", func(t *testing.T) string { return "jdbc:sqlite:" + t.TempDir() + "/p.db" }},
		{"PostgreSQL", "SERIAL PRIMARY KEY", jdbctest.PostgreSQL.On},
		{"MariaDB", "INT AUTO_INCREMENT PRIMARY KEY", jdbctest.MariaDB.On},
	} {
		t.Run(db.name, func(t *testing.T) {
			t.Setenv("TZ", "UTC")
			url := db.url(t)
			scope := newScope()
			scope.Access = &access.Grants{Channel: "Channel", Access: weir.Access{Databases: []string{access.DatabaseURL(url)}}}
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					fresh := open + `c.executeUpdate('DROP TABLE IF EXISTS p'); c.executeUpdate('CREATE TABLE p (id ` + db.id + `, name VARCHAR(50), born TIMESTAMP NULL)'); `
					if db.name == "PostgreSQL" {
						fresh += `c.executeUpdate("INSERT INTO p (name, born) VALUES ('Anna', '2020-01-02 03:04:05'), ('Önder', NULL)");`
					} else {
						fresh += `c.executeUpdate("INSERT INTO p VALUES (1, 'Anna', '2020-01-02 03:04:05'), (2, 'Önder', NULL)");`
					}
					for i, body := range []string{fresh, c.body} {
						got, err := runBody(t, scope, strings.ReplaceAll(body, "URL", url))
						if err != nil {
							var e *script.Error
							errors.As(err, &e)
							t.Fatalf("%s\n%s", body, e.Detail())
						}
						if i == 1 && show(got) != c.want {
							t.Errorf("%s\n got %q\nwant %q", body, show(got), c.want)
						}
					}
				})
			}
		})
	}
}

// A row of a query keeps its columns' labels and finds them in upper or lower case; a map of
// the script's own does not.
func TestResultMap(t *testing.T) {
	for _, c := range []struct {
		name      string
		row, rows any
	}{
		{"of a query", weir.Columns{{Key: "Id", Value: int32(7)}, {Key: "MRN", Value: "a"}}, []weir.Columns{{{Key: "Id", Value: int32(7)}}}},
		{"of its own", weir.Row{{Key: "Id", Value: int32(7)}, {Key: "MRN", Value: "a"}}, []weir.Row{{{Key: "Id", Value: int32(7)}}}},
	} {
		scope := newScope()
		scope.Vars = map[string]any{"resultMap": c.row, "results": c.rows}
		got, err := runBody(t, scope, `var keys = resultMap.keySet().toArray().join(); return [keys, resultMap.get('ID'), resultMap.get('Id'), resultMap.containsKey('mrn'), $('id'), $('MRN'),
			results.get(0).get('iD'), results.size()].join('|')`)
		want := map[string]string{"of a query": "Id,MRN|7|7|true|7|a|7|1", "of its own": "Id,MRN||7|false||a||1"}[c.name]
		if err != nil || show(got) != want {
			t.Errorf("%s: got %q, error %v, want %q", c.name, show(got), err, want)
		}
	}
}

// TestDatabasesDenied holds the ways from a granted database to what is not.
func TestDatabasesDenied(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/data", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir+"/data", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	scope := newScope()
	scope.Access = &access.Grants{Channel: "Channel", Access: weir.Access{Databases: []string{"*"}}, Never: []string{dir + "/data"}}
	for _, c := range []struct{ name, body, want string }{
		{"the engine's own store", `java.sql.DriverManager.getConnection('jdbc:sqlite:DIR/data/weir.db')`, "and cannot be"},
		{"by a link", `java.sql.DriverManager.getConnection('jdbc:sqlite:DIR/link/weir.db')`, "and cannot be"},
		{"as a URI", `java.sql.DriverManager.getConnection('jdbc:sqlite:file:DIR/data/weir.db')`, "and cannot be"},
		{"another file attached", `java.sql.DriverManager.getConnection('jdbc:sqlite:DIR/a.db').createStatement().execute("ATTACH DATABASE 'DIR/data/weir.db' AS w")`, "too many attached databases"},
		{"written into another file", `java.sql.DriverManager.getConnection('jdbc:sqlite:DIR/a.db').createStatement().execute("VACUUM INTO 'DIR/data/x.db'")`, "too many attached databases"},
		{"metadata", `java.sql.DriverManager.getConnection('jdbc:postgresql://169.254.169.254:80/x')`, "granted only by themselves"},
		{"no driver", `java.sql.DriverManager.getConnection('jdbc:db2://lab/x')`, "No suitable driver found for jdbc:db2://lab/x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := runBody(t, scope, strings.ReplaceAll(c.body, "DIR", dir))
			var e *script.Error
			if !errors.As(err, &e) || !strings.Contains(e.Detail(), c.want) {
				t.Errorf("%s: %v", c.body, e.Detail())
			}
		})
	}
	if entries, _ := os.ReadDir(dir + "/data"); len(entries) > 0 {
		t.Errorf("something was made in the data directory: %v", entries)
	}
}
