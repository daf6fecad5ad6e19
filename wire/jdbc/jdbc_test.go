package jdbc

import (
	"database/sql"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

// Each form of URL that channels use becomes what the driver is given.
func TestParse(t *testing.T) {
	const pg = "connect_timeout='10' application_name='weir'"
	for _, c := range []struct{ url, user, password, want string }{
		{"jdbc:postgresql://lab:5433/lis", "u", "p", "host='lab' port='5433' user='u' password='p' dbname='lis' sslmode='prefer' " + pg},
		{"jdbc:postgresql://lab/lis?user=u&password=p%26w", "", "", "host='lab' port='5432' user='u' password='p&w' dbname='lis' sslmode='prefer' " + pg},
		{"jdbc:postgresql:lis", "u", "", "host='localhost' port='5432' user='u' dbname='lis' sslmode='prefer' " + pg},
		{"jdbc:postgresql://lab/", "u", "o'b\\", `host='lab' port='5432' user='u' password='o\'b\\' dbname='u' sslmode='prefer' ` + pg},
		{"JDBC:postgresql://a:1,b:2,[::1]:3/x?targetServerType=primary&ssl=true", "u", "", "host='a,b,::1' port='1,2,3' user='u' dbname='x' sslmode='verify-full' " + pg + " target_session_attrs='primary'"},
		{"jdbc:postgresql://a/x?currentSchema=lab&ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory", "u", "", "host='a' port='5432' user='u' dbname='x' sslmode='require' connect_timeout='10' search_path='lab' application_name='weir'"},

		{"jdbc:mysql://lab:3307/lis", "u", "p", "u:p@tcp(lab:3307)/lis?clientFoundRows=true&collation=utf8mb4_general_ci&timeout=10s&tls=preferred"},
		{"jdbc:mariadb://lab/lis?user=u&useSSL=false&allowMultiQueries=true", "", "", "u@tcp(lab:3306)/lis?clientFoundRows=true&collation=utf8mb4_general_ci&multiStatements=true&timeout=10s&tls=false"},
		{"jdbc:mysql:///lis?sslMode=VERIFY_IDENTITY&connectTimeout=2000&useAffectedRows=true", "u", "", "u@tcp(localhost:3306)/lis?collation=utf8mb4_general_ci&timeout=2s&tls=true"},
		{"jdbc:mysql:loadbalance://a:1,b:2/lis?useSSL=true", "u", "", "u@tcp(a:1)/lis?clientFoundRows=true&collation=utf8mb4_general_ci&timeout=10s&tls=preferred"},
		{"jdbc:mysql://address=(host=h)(port=9)/lis?sslMode=REQUIRED", "u", "", "u@tcp(h:9)/lis?clientFoundRows=true&collation=utf8mb4_general_ci&timeout=10s&tls=skip-verify"},

		{"jdbc:sqlserver://lab:1433;databaseName=lis", "u", "p", "sqlserver://u:p@lab:1433?app+name=weir&database=lis&dial+timeout=15&encrypt=false"},
		{`jdbc:sqlserver://lab\SQLEXPRESS;database=lis;user=u;password={p;}}w};encrypt=true;trustServerCertificate=true`, "", "", "sqlserver://u:p;%7Dw@lab/SQLEXPRESS?TrustServerCertificate=true&app+name=weir&database=lis&dial+timeout=15&encrypt=true"},
		{"jdbc:sqlserver://;serverName=lab;portNumber=1500;domain=CLINIC", "u", "p", "sqlserver://CLINIC%5Cu:p@lab:1500?app+name=weir&dial+timeout=15&encrypt=false"},
		{"jdbc:jtds:sqlserver://lab/lis;instance=A", "u", "p", "sqlserver://u:p@lab/A?app+name=weir&database=lis&dial+timeout=15&encrypt=false"},
		{"jdbc:jtds:sqlserver://lab:1433/lis;ssl=require;domain=D", "u", "p", "sqlserver://D%5Cu:p@lab:1433?TrustServerCertificate=true&app+name=weir&database=lis&dial+timeout=15&encrypt=true"},

		{"jdbc:oracle:thin:@//lab:1522/lis.example", "u", "p", "oracle://u:p@lab:1522/lis.example?"},
		{"jdbc:oracle:thin:@lab:1521:LIS", "u", "p", "oracle://u:p@lab:1521/?SID=LIS"},
		{"jdbc:oracle:thin:u/p@lab/lis", "", "", "oracle://u:p@lab:1521/lis?"},
		{"jdbc:oracle:thin:@tcps://lab:2484/lis", "u", "p", "oracle://u:p@lab:2484/lis?SSL=true"},

		{"jdbc:sqlite:/data/lab.db", "u", "p", "/data/lab.db?_pragma=busy_timeout%283000%29"},
		{"jdbc:sqlite:C:/data/lab.db?foreign_keys=true&busy_timeout=1", "", "", "C:/data/lab.db?_pragma=busy_timeout%281%29&_pragma=foreign_keys%28true%29"},
		{"jdbc:sqlite:", "", "", ":memory:?_pragma=busy_timeout%283000%29"},
	} {
		got, err := Parse("", c.url, c.user, c.password)
		if err != nil || got.dsn != c.want {
			t.Errorf("%s\n got %s %v\nwant %s", c.url, got.dsn, err, c.want)
			continue
		}
		if strings.Contains(got.Address, "p;") || strings.Contains(got.Address, "user") {
			t.Errorf("%s: the address %s holds more than an address", c.url, got.Address)
		}
		db, err := got.Open()
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		db.Close()
	}
}

func TestOracleDescription(t *testing.T) {
	s, err := Parse("oracle.jdbc.driver.OracleDriver", "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=lab)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=lis)))", "u", "p")
	if err != nil || s.Dialect != Oracle || !strings.Contains(s.dsn, "DESCRIPTION") {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestRefused(t *testing.T) {
	for name, url := range map[string]string{
		"nothing":            "",
		"no JDBC":            "postgres://lab/lis",
		"DB2":                "jdbc:db2://lab:50000/lis",
		"ODBC":               "jdbc:odbc:lis",
		"Sybase":             "jdbc:jtds:sybase://lab/lis",
		"a TNS name":         "jdbc:oracle:thin:@LIS",
		"no server":          "jdbc:oracle:thin:lis",
		"the server's login": "jdbc:sqlserver://lab;integratedSecurity=true",
	} {
		_, err := Parse("some.Driver", url, "", "")
		var e *Error
		if !errors.As(err, &e) || !strings.HasSuffix(e.Hint, ".") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRebind(t *testing.T) {
	const sql = `SELECT '?', "a?", x FROM t -- ?
WHERE a = ? /* ? */ AND b = 'it''s ?' AND c = ?`
	for d, want := range map[Dialect]string{
		MySQL: "a = ? c = ?", SQLite: "a = ? c = ?", PostgreSQL: "a = $1 c = $2", SQLServer: "a = @p1 c = @p2", Oracle: "a = :1 c = :2",
	} {
		a, c, _ := strings.Cut(want, " c = ")
		want := strings.Replace(strings.Replace(sql, "a = ?", a, 1), "c = ?", "c = "+c, 1)
		if got := d.Rebind(sql); got != want {
			t.Errorf("%s: %s", d, got)
		}
	}
	for _, c := range []struct {
		d         Dialect
		sql, want string
	}{
		{PostgreSQL, "data ?? 'k' AND x = ?", "data ? 'k' AND x = $1"},
		{PostgreSQL, "$a$ ? $a$, E'\\'?', ?", "$a$ ? $a$, E'\\'?', $1"},
		{PostgreSQL, "'\\', ?", "'\\', $1"},
		{SQLServer, "[a?] = ?", "[a?] = @p1"},
		{SQLServer, "'open ?", "'open ?"},
	} {
		if got := c.d.Rebind(c.sql); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.d, c.sql, got, c.want)
		}
	}
}

func TestSplit(t *testing.T) {
	got := PostgreSQL.Split("INSERT INTO a VALUES (?, ';'); -- nothing; here\nUPDATE b SET c = ? WHERE d = ?;\n;")
	if len(got) != 2 || got[0].Parameters != 1 || got[1].Parameters != 2 || got[0].Text != "INSERT INTO a VALUES (?, ';')" {
		t.Errorf("%+v", got)
	}
}

func TestValue(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	time.Local = time.FixedZone("", 3600)
	at := time.Date(2026, 1, 2, 3, 4, 5, 120_000_000, time.UTC)
	for _, c := range []struct {
		d    Dialect
		v    any
		typ  string
		want string
	}{
		{PostgreSQL, at, "TIMESTAMP", "2026-01-02 03:04:05.12"},
		{PostgreSQL, at, "TIMESTAMPTZ", "2026-01-02 04:04:05.12"},
		{PostgreSQL, at, "DATE", "2026-01-02"},
		{Oracle, at.Truncate(time.Second), "DATE", "2026-01-02 03:04:05.0"},
		{SQLServer, at, "TIME", "03:04:05"},
		{SQLServer, at, "DATETIMEOFFSET", "2026-01-02 03:04:05.12 +00:00"},
		{SQLServer, []byte("12.50"), "DECIMAL", "12.50"},
		{SQLServer, []byte{4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16}, "UNIQUEIDENTIFIER", "01020304-0506-0708-090A-0B0C0D0E0F10"},
		{MySQL, []byte("2026-01-02 03:04:05.120000"), "DATETIME", "2026-01-02T03:04:05.120"},
		{MySQL, []byte("2026-01-02 03:04:05"), "DATETIME", "2026-01-02T03:04:05"},
		{MySQL, []byte("2026-01-02 03:00:00.000000"), "DATETIME", "2026-01-02T03:00"},
		{MySQL, []byte("2026-01-02 03:04:00.000001"), "DATETIME", "2026-01-02T03:04:00.000001"},
		{MySQL, []byte("2026-01-02 03:04:05"), "TIMESTAMP", "2026-01-02 03:04:05.0"},
		{MariaDB, []byte("2026-01-02 03:04:05.120000"), "DATETIME", "2026-01-02 03:04:05.12"},
		{MySQL, []byte("2026"), "YEAR", "2026-01-01"},
		{MySQL, int64(2026), "YEAR", "2026-01-01"},
		{MySQL, []byte{1}, "BIT", "true"},
		{MySQL, []byte("a"), "BLOB", "<a>"},
		{MySQL, []byte("a"), "VARCHAR", "a"},
		{MySQL, float32(0.1), "FLOAT", "0.1"},
		{SQLite, at, "DATE", "2026-01-02 03:04:05.12"},
		{SQLite, int64(7), "INTEGER", "7"},
		{SQLServer, 5e-5, "FLOAT", "5.0E-5"},
		{SQLServer, math.Inf(-1), "FLOAT", "-Infinity"},
		{SQLServer, true, "BIT", "true"},
	} {
		if got := Text(c.d.Value(c.v, c.typ), func(b []byte) string { return "<" + string(b) + ">" }); got != c.want {
			t.Errorf("%s %v %s: %s, want %s", c.d, c.v, c.typ, got, c.want)
		}
	}
}

// FuzzParse reads any text as a URL. An error gives advice and never the password,
// and a source that came out of it can be opened or is refused with advice.
func FuzzParse(f *testing.F) {
	for _, url := range []string{
		"jdbc:postgresql://u:p@lab:5432/lis?ssl=true", "jdbc:mysql://(host=lab,port=3306)/lis", "jdbc:jtds:sqlserver://lab:1433/lis;instance=x",
		"jdbc:sqlserver://lab\\x:1433;databaseName={a;b}}c};", "jdbc:oracle:thin:u/p@(DESCRIPTION=(ADDRESS=(HOST=lab)(PORT=1521)))", "jdbc:oracle:thin:@//[::1]:1521/lis", "jdbc:sqlite::memory:", "jdbc:", "jdbc:db2:x",
	} {
		f.Add(url)
	}
	const password = "s3cr3t-of-the-test"
	f.Fuzz(func(t *testing.T, url string) {
		src, err := Parse("", url, "user", password)
		if err == nil {
			var db *sql.DB
			if db, err = src.Open(); err == nil {
				db.Close()
				return
			}
		}
		var advice *Error
		if !errors.As(err, &advice) || advice.Hint == "" || strings.Contains(err.Error()+advice.Hint, password) {
			t.Errorf("%q: %v", url, err)
		}
	})
}

func FuzzRebind(f *testing.F) {
	f.Add("SELECT '?', $a$ ? $a$ -- ?\n, ?; SELECT ?")
	f.Fuzz(func(t *testing.T, sql string) {
		for _, d := range []Dialect{PostgreSQL, MySQL, MariaDB, SQLServer, Oracle, SQLite} {
			var whole strings.Builder
			d.Parts(sql, func(text string, _ bool) { whole.WriteString(text) })
			if whole.String() != sql {
				t.Fatalf("%s: the parts of %q are %q", d, sql, whole.String())
			}
			d.Rebind(sql)
			d.Split(sql)
		}
	})
}
