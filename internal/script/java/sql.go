package java

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"

	"github.com/dop251/goja"
	"modernc.org/sqlite"

	"github.com/weir-health/weir/internal/script/access"
	"github.com/weir-health/weir/wire/jdbc"
)

// database is a java.sql.Connection: one connection, as JDBC has it.
type database struct {
	mu   sync.Mutex
	url  string // without user and properties
	src  jdbc.Source
	pool *sql.DB // of this one connection
	conn *sql.Conn
	tx   *sql.Tx // begun by the first statement after setAutoCommit(false)
	auto bool
	done bool
}

func (*database) JavaClass() string { return "java.sql.Connection" }
func (d *database) String() string  { return "java.sql.Connection to " + d.url }

// Release closes the connection; what was not committed is rolled back.
func (d *database) Release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return
	}
	d.done = true
	if d.tx != nil {
		d.tx.Rollback()
	}
	d.conn.Close()
	d.pool.Close()
}

// sqliteAttached is SQLite's limit on how many other files one connection may
// open by its own statements. A grant names one.
const sqliteAttached = 7

// openDatabase connects to what a JDBC URL names.
func (c *Call) openDatabase(class, url, user, password string) *database {
	g := c.grants()
	c.mayOpen()
	c.throwDenied(g.Database(url))
	src, err := jdbc.Parse(class, url, user, password)
	if err != nil {
		var hint *jdbc.Error
		text := err.Error()
		if errors.As(err, &hint) {
			text += ". " + hint.Hint
		}
		panic(c.Throw("java.sql.SQLException", "No suitable driver found for "+access.DatabaseURL(url)+": "+text))
	}
	if src.Dialect == jdbc.SQLite {
		c.sqliteFile(src.Address)
	}
	src.Dial = g.DialDatabase
	pool, err := src.Open()
	if err != nil {
		panic(c.throwSQL(err))
	}
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(c.VM.Context)
	if err == nil && src.Dialect == jdbc.SQLite {
		_, err = sqlite.Limit(conn, sqliteAttached, 0)
	}
	if err != nil {
		pool.Close()
		panic(c.throwSQL(err))
	}
	d := &database{url: access.DatabaseURL(url), src: src, pool: pool, conn: conn, auto: true}
	c.opened(d)
	return d
}

// sqliteFile refuses a database that is a file of the engine's own.
func (c *Call) sqliteFile(path string) {
	path = strings.TrimPrefix(path, "file:")
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return
	}
	if strings.HasPrefix(path, "//") { // file://host/path
		path = "/" + strings.TrimLeft(path, "/")
	}
	if _, err := c.grants().File(path); err != nil {
		c.throwDenied(err)
	}
}

// throwSQL returns the SQLException of an error.
func (c *Call) throwSQL(err error) goja.Value {
	c.throwDenied(err)
	t := &Throwable{Class: "java.sql.SQLException", Message: err.Error(), HasText: true}
	var state interface{ SQLState() string }
	var code interface{ Code() int }
	var number interface{ SQLErrorNumber() int32 }
	if errors.As(err, &state) {
		t.sqlState = state.SQLState()
	}
	switch {
	case errors.As(err, &code):
		t.errorCode = code.Code()
	case errors.As(err, &number):
		t.errorCode = int(number.SQLErrorNumber())
	}
	if c.VM.Context.Err() != nil {
		t.Class, t.Message = "java.sql.SQLTimeoutException", "the script was ended while the database worked"
	}
	return c.VM.ThrowJava(t)
}

// runner is what runs statements: the connection, or a transaction on it.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// on runs f on the connection, in a transaction unless every statement is one.
func (d *database) on(c *Call, f func(r runner) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		panic(c.Throw("java.sql.SQLException", "the connection is closed"))
	}
	var r runner = d.conn
	if !d.auto {
		if d.tx == nil {
			// It may outlive the run, in a connection that a map keeps.
			tx, err := d.conn.BeginTx(context.WithoutCancel(c.VM.Context), nil)
			if err != nil {
				panic(c.throwSQL(err))
			}
			d.tx = tx
		}
		r = d.tx
	}
	if err := f(r); err != nil {
		panic(c.throwSQL(err))
	}
}

// query returns the rows of a statement.
func (d *database) query(c *Call, text string, args []any, class string) (rows *rowSet) {
	d.on(c, func(r runner) (err error) {
		rows, err = d.rows(c, r, text, args, class)
		return err
	})
	return rows
}

func (d *database) rows(c *Call, r runner, text string, args []any, class string) (*rowSet, error) {
	result, err := r.QueryContext(c.VM.Context, d.src.Dialect.Rebind(text), args...)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	return readRows(d.src.Dialect, result, class)
}

// update returns how many rows a statement changed, -1 where it gave rows.
func (d *database) update(c *Call, text string, args []any) (n int) {
	d.on(c, func(r runner) error {
		if givesRows(text) {
			n = -1
			_, err := d.rows(c, r, text, args, resultSetClass)
			return err
		}
		result, err := d.exec(c, r, text, args)
		if err == nil {
			n = changed(result)
		}
		return err
	})
	return n
}

func (d *database) exec(c *Call, r runner, text string, args []any) (sql.Result, error) {
	return r.ExecContext(c.VM.Context, d.src.Dialect.Rebind(text), args...)
}

func changed(r sql.Result) int {
	n, err := r.RowsAffected()
	if err != nil {
		return 0
	}
	return int(n)
}

// updateKeys runs a statement and returns the keys that it made: with PostgreSQL
// all columns of the new rows, as its driver does.
func (d *database) updateKeys(c *Call, text string, args []any) (n int, keys *rowSet) {
	text = strings.TrimRight(strings.TrimSpace(text), "; \t\r\n")
	d.on(c, func(r runner) (err error) {
		switch d.src.Dialect {
		case jdbc.PostgreSQL:
			if !strings.Contains(strings.ToUpper(text), "RETURNING") {
				text += " RETURNING *"
			}
			keys, err = d.rows(c, r, text, args, cachedClass)
			if err == nil {
				n = len(keys.rows)
			}
			return err
		case jdbc.SQLServer:
			keys, err = d.rows(c, r, text+"; SELECT SCOPE_IDENTITY() AS GENERATED_KEYS", args, cachedClass)
			if err == nil {
				n = len(keys.rows)
			}
			return err
		}
		result, err := d.exec(c, r, text, args)
		if err != nil {
			return err
		}
		n = changed(result)
		keys = &rowSet{class: cachedClass, columns: []column{{"GENERATED_KEY", "BIGINT"}}}
		if d.src.Dialect == jdbc.SQLite {
			keys.columns[0].label = "last_insert_rowid()"
		}
		if id, err := result.LastInsertId(); err == nil && id != 0 {
			first, count := id, 1
			if d.src.Dialect.MySQLs() {
				count = max(1, n) // the first one's, and the others follow
			}
			for i := range count {
				keys.rows = append(keys.rows, []any{first + int64(i)})
			}
		}
		return nil
	})
	return n, keys
}

// givesRows tells by its first word whether a statement is a query.
func givesRows(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n(")
	for strings.HasPrefix(text, "--") || strings.HasPrefix(text, "/*") {
		end := "\n"
		if text[0] == '/' {
			end = "*/"
		}
		_, rest, _ := strings.Cut(text[2:], end)
		text = strings.TrimLeft(rest, " \t\r\n(")
	}
	word := strings.ToUpper(text)
	if i := strings.IndexFunc(word, func(r rune) bool { return r < 'A' || r > 'Z' }); i >= 0 {
		word = word[:i]
	}
	switch word {
	case "SELECT", "WITH", "VALUES", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "PRAGMA", "TABLE":
		return true
	case "INSERT", "UPDATE", "DELETE":
		return strings.Contains(strings.ToUpper(text), " RETURNING ")
	}
	return false
}

// bind makes of a Java value what the driver takes.
func (d *database) bind(c *Call, v any) any {
	switch v := v.(type) {
	case nil, string, []byte, int64:
		return v
	case int32:
		return d.number(int64(v), Text(v))
	case float64:
		if v == float64(int64(v)) {
			return d.number(int64(v), Text(int64(v)))
		}
		return d.number(v, DoubleText(v))
	case bool:
		if d.src.Dialect == jdbc.PostgreSQL {
			return Text(v)
		}
		return v
	case *Decimal:
		return v.String()
	case *Held:
		if t, ok := (&Call{VM: c.VM, Args: []goja.Value{c.VM.heldValue(v)}}).Time(0); ok {
			return d.moment(NewDate(t))
		}
	case *Date:
		return d.moment(v)
	case *Calendar:
		return d.moment(NewDate(v.Time()))
	case instant:
		return d.moment(NewDate(v.Instant()))
	}
	return c.VM.Text(v)
}

// number is a number as the driver takes it. PostgreSQL converts a text to what
// the column is, where its driver would insist on the very type.
func (d *database) number(n any, text string) any {
	if d.src.Dialect == jdbc.PostgreSQL {
		return text
	}
	return n
}

func (d *database) moment(t *Date) any {
	switch d.src.Dialect {
	case jdbc.SQLite:
		return t.Millis() // as sqlite-jdbc stores it
	case jdbc.SQLServer, jdbc.Oracle:
		return t.Time()
	}
	form := "2006-01-02 15:04:05.000"
	if t.class == "java.sql.Date" {
		form = "2006-01-02"
	}
	return t.Time().Format(form)
}

// params returns an argument that is a list of parameters.
func (d *database) params(c *Call, i int) []any {
	items, _ := c.Items(i)
	out := make([]any, len(items))
	for j, item := range items {
		out[j] = d.bind(c, item)
	}
	return out
}

func (d *database) commit(c *Call, f func(*sql.Tx) error) any {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		panic(c.Throw("java.sql.SQLException", "the connection is closed"))
	}
	tx := d.tx
	d.tx = nil
	if tx != nil {
		if err := f(tx); err != nil {
			panic(c.throwSQL(err))
		}
	}
	return Void
}

func (d *database) setAuto(c *Call, auto bool) any {
	if auto {
		d.commit(c, (*sql.Tx).Commit) // as JDBC: turning it on commits
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.auto = auto
	return Void
}

// statement is a Statement, PreparedStatement or CallableStatement.
type statement struct {
	class   string
	d       *database
	text    string
	keys    bool
	args    []any
	batch   []batched
	rows    *rowSet
	made    *rowSet // keys
	changed int
	max     int
}

type batched struct {
	text string
	args []any
}

func (s *statement) JavaClass() string { return s.class }

// run runs a text and keeps what it gave; it tells whether that is rows.
func (s *statement) run(c *Call, text string) bool {
	s.rows, s.made, s.changed = nil, nil, -1
	switch {
	case givesRows(text):
		s.rows = s.d.query(c, text, s.args, resultSetClass)
		if s.max > 0 && len(s.rows.rows) > s.max {
			s.rows.rows = s.rows.rows[:s.max]
		}
		return true
	case s.keys:
		s.changed, s.made = s.d.updateKeys(c, text, s.args)
	default:
		s.changed = s.d.update(c, text, s.args)
	}
	return false
}

// called takes the braces of JDBC off a call: {call p(?)}.
func (d *database) called(c *Call, text string) string {
	inner := strings.TrimSpace(text)
	if !strings.HasPrefix(inner, "{") || !strings.HasSuffix(inner, "}") {
		return text
	}
	inner = strings.TrimSpace(inner[1 : len(inner)-1])
	if strings.HasPrefix(inner, "?") || !hasWord(inner, "call") {
		panic(c.Throw("java.sql.SQLFeatureNotSupportedException", "only calls without a result, such as {call p(?)}, are run; select the result of a function instead"))
	}
	name := strings.TrimSpace(inner[4:])
	switch d.src.Dialect {
	case jdbc.SQLServer:
		if open := strings.IndexByte(name, '('); open >= 0 {
			name = name[:open] + " " + strings.TrimSuffix(name[open+1:], ")")
		}
		return "EXEC " + name
	case jdbc.Oracle:
		return "BEGIN " + name + "; END;"
	}
	return "CALL " + name
}

func hasWord(s, word string) bool {
	return len(s) > len(word) && strings.EqualFold(s[:len(word)], word) && s[len(word)] <= ' '
}

func sqlClasses() []*Class {
	classes := []*Class{driverManager(), connectionClass(),
		{Name: "java.sql.SQLException", Super: "java.lang.Exception", New: newThrowable("java.sql.SQLException"), Methods: Methods{
			"getSQLState":      func(c *Call) any { return nullable(c.This.(*Throwable).sqlState) },
			"getErrorCode":     func(c *Call) any { return c.This.(*Throwable).errorCode },
			"getNextException": func(*Call) any { return nil },
		}},
		{Name: "java.sql.Types", Constants: map[string]any{"NULL": int32(0), "VARCHAR": int32(12), "CHAR": int32(1), "LONGVARCHAR": int32(-1),
			"NVARCHAR": int32(-9), "INTEGER": int32(4), "BIGINT": int32(-5), "SMALLINT": int32(5), "TINYINT": int32(-6), "DOUBLE": int32(8),
			"FLOAT": int32(6), "REAL": int32(7), "DECIMAL": int32(3), "NUMERIC": int32(2), "BOOLEAN": int32(16), "BIT": int32(-7), "DATE": int32(91),
			"TIME": int32(92), "TIMESTAMP": int32(93), "BLOB": int32(2004), "CLOB": int32(2005), "BINARY": int32(-2), "VARBINARY": int32(-3),
			"LONGVARBINARY": int32(-4), "OTHER": int32(1111)}},
	}
	for _, name := range strings.Fields(`org.postgresql.Driver com.mysql.jdbc.Driver com.mysql.cj.jdbc.Driver org.mariadb.jdbc.Driver
		com.microsoft.sqlserver.jdbc.SQLServerDriver net.sourceforge.jtds.jdbc.Driver oracle.jdbc.driver.OracleDriver oracle.jdbc.OracleDriver org.sqlite.JDBC`) {
		classes = append(classes, &Class{Name: name, New: func(*Call) any { return &driver{name} }, Methods: Methods{
			"connect": func(c *Call) any { return c.connectWith(0) }, "acceptsURL": func(*Call) any { return true },
		}})
	}
	classes = append(classes, statementClasses()...)
	return append(classes, rowSetClasses()...)
}

// driver is a java.sql.Driver.
type driver struct{ class string }

func (d *driver) JavaClass() string { return d.class }

// connectWith reads a URL and, behind it, properties or user and password.
func (c *Call) connectWith(i int) any {
	user, password := c.Text(i+1), c.Text(i+2)
	if pairs, ok := c.Pairs(i + 1); ok {
		user, password = "", ""
		for _, p := range pairs {
			switch Text(p.Key) {
			case "user":
				user = Text(p.Value)
			case "password":
				password = Text(p.Value)
			}
		}
	}
	return c.openDatabase("", c.Need(i), user, password)
}

func driverManager() *Class {
	void := func(*Call) any { return Void }
	return &Class{Name: "java.sql.DriverManager", Static: Methods{
		"getConnection":  func(c *Call) any { return c.connectWith(0) },
		"registerDriver": void, "deregisterDriver": void, "setLoginTimeout": void, "setLogWriter": void,
	}}
}

func connectionClass() *Class {
	on := func(f func(d *database, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*database), c) }
	}
	void := func(*Call) any { return Void }
	prepare := func(class string) func(*Call) any {
		return on(func(d *database, c *Call) any {
			// RETURN_GENERATED_KEYS, or the names of columns
			keys := c.Len() > 1 && (!c.IsNumber(1) || c.Int(1) == 1)
			return &statement{class: class, d: d, text: d.called(c, c.Need(0)), keys: keys}
		})
	}
	return &Class{Name: "java.sql.Connection", Implements: []string{"java.lang.AutoCloseable"}, Constants: map[string]any{
		"TRANSACTION_NONE": int32(0), "TRANSACTION_READ_UNCOMMITTED": int32(1), "TRANSACTION_READ_COMMITTED": int32(2),
		"TRANSACTION_REPEATABLE_READ": int32(4), "TRANSACTION_SERIALIZABLE": int32(8),
	}, Methods: Methods{
		"createStatement":  on(func(d *database, c *Call) any { return &statement{class: "java.sql.Statement", d: d} }),
		"prepareStatement": prepare("java.sql.PreparedStatement"),
		"prepareCall":      prepare("java.sql.CallableStatement"),
		"setAutoCommit":    on(func(d *database, c *Call) any { return d.setAuto(c, c.Bool(0)) }),
		"getAutoCommit":    on(func(d *database, c *Call) any { return d.auto }),
		"commit":           on(func(d *database, c *Call) any { return d.commit(c, (*sql.Tx).Commit) }),
		"rollback":         on(func(d *database, c *Call) any { return d.commit(c, (*sql.Tx).Rollback) }),
		"isClosed":         on(func(d *database, c *Call) any { return d.done }),
		"isValid": on(func(d *database, c *Call) any {
			d.mu.Lock()
			defer d.mu.Unlock()
			return !d.done && d.conn.PingContext(c.VM.Context) == nil
		}),
		"close":       on(func(d *database, c *Call) any { c.closed(d); d.Release(); return Void }),
		"getMetaData": on(func(d *database, c *Call) any { return &databaseMeta{d} }),
		"setReadOnly": void, "setTransactionIsolation": void, "clearWarnings": void, "setCatalog": void, "setSchema": void,
		"getWarnings": func(*Call) any { return nil },
	}}
}

// databaseMeta is a DatabaseMetaData.
type databaseMeta struct{ d *database }

func (*databaseMeta) JavaClass() string { return "java.sql.DatabaseMetaData" }

func statementClasses() []*Class {
	on := func(f func(s *statement, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*statement), c) }
	}
	void := func(*Call) any { return Void }
	text := func(s *statement, c *Call) string {
		if s.text != "" {
			return s.text
		}
		s.keys = c.Len() > 1 && (!c.IsNumber(1) || c.Int(1) == 1)
		return c.Need(0)
	}
	set := func(value func(s *statement, c *Call) any) func(*Call) any {
		return on(func(s *statement, c *Call) any {
			i := c.Int(0)
			if i < 1 || i > maxParameters {
				panic(c.Throw("java.sql.SQLException", "Parameter index out of range"))
			}
			for len(s.args) < i {
				s.args = append(s.args, nil)
			}
			s.args[i-1] = nil
			if !c.Null(1) {
				s.args[i-1] = value(s, c)
			}
			return Void
		})
	}
	object := set(func(s *statement, c *Call) any { return s.d.bind(c, c.Object(1)) })
	whole := set(func(s *statement, c *Call) any { n := int64(c.Int(1)); return s.d.number(n, Text(n)) })
	float := set(func(s *statement, c *Call) any { return s.d.bind(c, c.Float(1)) })
	moment := func(class string) func(*Call) any {
		return set(func(s *statement, c *Call) any {
			if t, ok := c.Time(1); ok {
				return s.d.moment(&Date{class: class, ms: t.UnixMilli()})
			}
			return s.d.bind(c, c.Object(1))
		})
	}
	stream := set(func(s *statement, c *Call) any {
		switch v := c.Object(1).(type) {
		case *input:
			return v.rest(c)
		case *reader:
			return v.rest(c)
		}
		return s.d.bind(c, c.Object(1))
	})
	methods := Methods{
		"execute": on(func(s *statement, c *Call) any { return s.run(c, text(s, c)) }),
		"executeQuery": on(func(s *statement, c *Call) any {
			s.rows = s.d.query(c, text(s, c), s.args, resultSetClass)
			return s.rows
		}),
		"executeUpdate": on(func(s *statement, c *Call) any {
			if s.run(c, text(s, c)) {
				panic(c.Throw("java.sql.SQLException", "A result was returned when none was expected."))
			}
			return s.changed
		}),
		"getResultSet": on(func(s *statement, c *Call) any {
			if s.rows == nil {
				return nil
			}
			return s.rows
		}),
		"getUpdateCount": on(func(s *statement, c *Call) any { n := s.changed; s.changed = -1; return n }),
		"getMoreResults": on(func(s *statement, c *Call) any { s.rows, s.changed = nil, -1; return false }),
		"getGeneratedKeys": on(func(s *statement, c *Call) any {
			if s.made == nil {
				return &rowSet{class: resultSetClass}
			}
			return s.made
		}),
		"addBatch": on(func(s *statement, c *Call) any {
			if len(s.batch) >= maxBatch {
				panic(c.Throw("java.sql.SQLException", "the batch is too long; execute it in parts"))
			}
			if s.text != "" {
				s.batch = append(s.batch, batched{s.text, append([]any(nil), s.args...)})
			} else {
				s.batch = append(s.batch, batched{c.Need(0), nil})
			}
			return Void
		}),
		"clearBatch": on(func(s *statement, c *Call) any { s.batch = nil; return Void }),
		"executeBatch": on(func(s *statement, c *Call) any {
			counts := make([]any, len(s.batch))
			for i, b := range s.batch {
				counts[i] = int32(s.d.update(c, b.text, b.args))
			}
			s.batch = nil
			return NewArray("int", counts)
		}),
		"setMaxRows":      on(func(s *statement, c *Call) any { s.max = c.Int(0); return Void }),
		"getConnection":   on(func(s *statement, c *Call) any { return s.d }),
		"clearParameters": on(func(s *statement, c *Call) any { s.args = nil; return Void }),
		"close":           void, "setFetchSize": void, "setQueryTimeout": void, "setEscapeProcessing": void, "cancel": void, "clearWarnings": void,
		"isClosed": func(*Call) any { return false }, "getWarnings": func(*Call) any { return nil },

		"setString": set(func(s *statement, c *Call) any { return c.Text(1) }), "setNString": set(func(s *statement, c *Call) any { return c.Text(1) }),
		"setInt": whole, "setLong": whole, "setShort": whole, "setByte": whole,
		"setDouble": float, "setFloat": float,
		"setBigDecimal": object, "setObject": object,
		"setBoolean": set(func(s *statement, c *Call) any { return s.d.bind(c, c.Bool(1)) }),
		"setBytes":   set(func(s *statement, c *Call) any { return c.Bytes(1) }),
		"setNull":    set(func(*statement, *Call) any { return nil }),
		"setDate":    moment("java.sql.Date"), "setTimestamp": moment("java.sql.Timestamp"), "setTime": moment("java.sql.Timestamp"),
		"setBinaryStream": stream, "setCharacterStream": stream, "setAsciiStream": stream, "setBlob": stream, "setClob": stream,
		"registerOutParameter": func(c *Call) any {
			panic(c.Throw("java.sql.SQLFeatureNotSupportedException", "procedures have no out parameters here; select the result of a function instead"))
		},
	}
	constants := map[string]any{"RETURN_GENERATED_KEYS": int32(1), "NO_GENERATED_KEYS": int32(2)}
	meta := func(f func(d *database) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*databaseMeta).d) }
	}
	return []*Class{
		{Name: "java.sql.Statement", Methods: methods, Constants: constants},
		{Name: "java.sql.PreparedStatement", Super: "java.sql.Statement", Constants: constants},
		{Name: "java.sql.CallableStatement", Super: "java.sql.PreparedStatement"},
		{Name: "java.sql.DatabaseMetaData", Methods: Methods{
			"getURL":                 meta(func(d *database) any { return d.url }),
			"getDatabaseProductName": meta(func(d *database) any { return string(d.src.Dialect) }),
			"getDriverName":          meta(func(d *database) any { return "Weir " + string(d.src.Dialect) }),
		}},
	}
}

// The limits of a statement.
const (
	maxParameters = 65535
	maxBatch      = 100_000
)
