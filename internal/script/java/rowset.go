package java

import (
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir/internal/script/access"
	"github.com/weir-health/weir/wire/jdbc"
)

const (
	resultSetClass = "java.sql.ResultSet"
	cachedClass    = serverUtil + "MirthCachedRowSet"
)

// rowSet is a ResultSet or a CachedRowSet. Both hold all their rows, so that
// they go on when the connection is closed.
type rowSet struct {
	class   string
	columns []column
	rows    [][]any // as jdbc.Dialect.Value gives values
	at      int     // of the current row, from 1; 0 is before the first
	null    bool    // the value read last was NULL
}

type column struct{ label, kind string }

func (s *rowSet) JavaClass() string { return s.class }

// Items are the rows as maps by column, which is how the Database Reader takes a result.
func (s *rowSet) Items() []any {
	items := make([]any, len(s.rows))
	for i, row := range s.rows {
		m := NewColumns()
		for j, col := range s.columns {
			m.set(col.label, row[j])
		}
		items[i] = m
	}
	return items
}

// readRows brings a result into memory.
func readRows(d jdbc.Dialect, rows *sql.Rows, class string) (*rowSet, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	s := &rowSet{class: class}
	for _, t := range types {
		kind, _, _ := strings.Cut(strings.ToUpper(t.DatabaseTypeName()), "(")
		s.columns = append(s.columns, column{t.Name(), kind})
	}
	size := 0
	for rows.Next() {
		values, targets := make([]any, len(types)), make([]any, len(types))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		for i, v := range values {
			values[i] = d.Value(v, types[i].DatabaseTypeName())
			size += 32
			switch v := values[i].(type) {
			case string:
				size += len(v)
			case []byte:
				size += len(v)
			}
		}
		if size > access.MaxBytes {
			return nil, access.ErrTooLarge
		}
		s.rows = append(s.rows, values)
	}
	return s, rows.Err()
}

// find returns the column that an argument names, by label or number.
func (s *rowSet) find(c *Call, i int) int {
	if c.IsNumber(i) {
		n := c.Int(i)
		if n < 1 || n > len(s.columns) {
			panic(c.Throw("java.sql.SQLException", "Invalid column index"))
		}
		return n - 1
	}
	name := c.Text(i)
	for j, col := range s.columns {
		if strings.EqualFold(col.label, name) {
			return j
		}
	}
	panic(c.Throw("java.sql.SQLException", "Invalid column name"))
}

// value is that of the current row.
func (s *rowSet) value(c *Call) (any, column) {
	j := s.find(c, 0)
	if s.at < 1 || s.at > len(s.rows) {
		panic(c.Throw("java.sql.SQLException", "Invalid cursor position"))
	}
	v := s.rows[s.at-1][j]
	s.null = v == nil
	return v, s.columns[j]
}

// text is getString.
func columnText(v any) string {
	return jdbc.Text(v, func(b []byte) string { return string(b) })
}

// object is getObject: the value in the class that JDBC gives it.
func columnObject(v any, col column) any {
	switch v := v.(type) {
	case int64:
		switch col.kind {
		case "INT8", "BIGINT", "UNSIGNED BIGINT", "LONG":
			return v
		}
		if v >= -1<<31 && v < 1<<31 {
			return int32(v)
		}
		return v
	case uint64:
		d, _ := parseDecimal(strconv.FormatUint(v, 10))
		return d
	case string:
		switch {
		case col.kind == "NUMERIC" || col.kind == "DECIMAL" || col.kind == "NUMBER":
			if d, ok := parseDecimal(v); ok {
				return d
			}
		case strings.HasPrefix(col.kind, "TIMESTAMP") || strings.HasPrefix(col.kind, "DATETIME"):
			if d := sqlDate(v, "java.sql.Timestamp"); d != nil {
				return d
			}
		case col.kind == "DATE":
			if d := sqlDate(v, "java.sql.Date"); d != nil {
				return d
			}
		}
	}
	return v
}

// sqlForms are the texts of times that databases give.
var sqlForms = []string{"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999 -07:00", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02", "15:04:05.999999999"}

// sqlDate reads a moment; nil for what is none.
func sqlDate(v any, class string) *Date {
	switch v := v.(type) {
	case int64: // as sqlite-jdbc stores it
		return &Date{class: class, ms: v}
	case string:
		for _, form := range sqlForms {
			if t, err := time.ParseInLocation(form, v, time.Local); err == nil {
				if class == "java.sql.Date" {
					t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.Local)
				}
				return &Date{class: class, ms: t.UnixMilli()}
			}
		}
	}
	return nil
}

// metaData is a ResultSetMetaData.
type metaData struct{ columns []column }

func (*metaData) JavaClass() string { return "java.sql.ResultSetMetaData" }

func rowSetClasses() []*Class {
	on := func(f func(s *rowSet, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*rowSet), c) }
	}
	number := func(c *Call, s *rowSet) *Decimal {
		switch v, _ := s.value(c); v := v.(type) {
		case nil:
			return nil
		case bool:
			d, _ := parseDecimal(strconv.Itoa(boolOrder(v)))
			return d
		default:
			if d, ok := parseDecimal(strings.TrimSpace(columnText(v))); ok {
				return d
			}
			panic(c.Throw("java.sql.SQLException", "the value of the column is not a number"))
		}
	}
	whole := on(func(s *rowSet, c *Call) any {
		if d := number(c, s); d != nil {
			return int64(d.Float())
		}
		return 0
	})
	float := on(func(s *rowSet, c *Call) any {
		if d := number(c, s); d != nil {
			return d.Float()
		}
		return 0.0
	})
	moment := func(class string) func(*Call) any {
		return on(func(s *rowSet, c *Call) any {
			v, _ := s.value(c)
			if v == nil {
				return nil
			}
			if d := sqlDate(v, class); d != nil {
				return d
			}
			panic(c.Throw("java.sql.SQLException", "the value of the column is not a date"))
		})
	}
	move := func(f func(s *rowSet, c *Call) int) func(*Call) any {
		return on(func(s *rowSet, c *Call) any {
			s.at = min(max(0, f(s, c)), len(s.rows)+1)
			return s.at >= 1 && s.at <= len(s.rows)
		})
	}
	text := on(func(s *rowSet, c *Call) any {
		v, _ := s.value(c)
		if v == nil {
			return nil
		}
		return columnText(v)
	})
	bytes := on(func(s *rowSet, c *Call) any {
		switch v, _ := s.value(c); v := v.(type) {
		case nil:
			return nil
		case []byte:
			return v
		default:
			return []byte(columnText(v))
		}
	})
	void := func(*Call) any { return Void }
	methods := Methods{
		"next": move(func(s *rowSet, c *Call) int { return s.at + 1 }), "previous": move(func(s *rowSet, c *Call) int { return s.at - 1 }),
		"first": move(func(s *rowSet, c *Call) int { return 1 }), "last": move(func(s *rowSet, c *Call) int { return len(s.rows) }),
		"absolute": move(func(s *rowSet, c *Call) int {
			if n := c.Int(0); n >= 0 {
				return n
			}
			return len(s.rows) + 1 + c.Int(0)
		}),
		"relative":      move(func(s *rowSet, c *Call) int { return s.at + c.Int(0) }),
		"beforeFirst":   on(func(s *rowSet, c *Call) any { s.at = 0; return Void }),
		"afterLast":     on(func(s *rowSet, c *Call) any { s.at = len(s.rows) + 1; return Void }),
		"isFirst":       on(func(s *rowSet, c *Call) any { return s.at == 1 && len(s.rows) > 0 }),
		"isLast":        on(func(s *rowSet, c *Call) any { return s.at == len(s.rows) && s.at > 0 }),
		"isBeforeFirst": on(func(s *rowSet, c *Call) any { return s.at == 0 && len(s.rows) > 0 }),
		"isAfterLast":   on(func(s *rowSet, c *Call) any { return s.at > len(s.rows) && len(s.rows) > 0 }),
		"getRow": on(func(s *rowSet, c *Call) any {
			if s.at > len(s.rows) {
				return 0
			}
			return s.at
		}),
		"size":       on(func(s *rowSet, c *Call) any { return len(s.rows) }),
		"findColumn": on(func(s *rowSet, c *Call) any { return s.find(c, 0) + 1 }),
		"wasNull":    on(func(s *rowSet, c *Call) any { return s.null }),
		"getString":  text, "getNString": text, "getClob": text,
		"getInt": whole, "getLong": whole, "getShort": whole, "getByte": whole, "getDouble": float, "getFloat": float,
		"getBigDecimal": on(func(s *rowSet, c *Call) any {
			if d := number(c, s); d != nil {
				return d
			}
			return nil
		}),
		"getBoolean": on(func(s *rowSet, c *Call) any {
			v, _ := s.value(c)
			switch strings.ToLower(columnText(v)) {
			case "", "0", "f", "false", "n", "no", "0.0":
				return false
			}
			return true
		}),
		"getObject": on(func(s *rowSet, c *Call) any {
			v, col := s.value(c)
			return Object(columnObject(v, col))
		}),
		"getBytes": bytes, "getBlob": bytes,
		"getBinaryStream": on(func(s *rowSet, c *Call) any {
			b, ok := bytes(c).([]byte)
			if !ok {
				return nil
			}
			return newInput("java.io.ByteArrayInputStream", b)
		}),
		"getCharacterStream": on(func(s *rowSet, c *Call) any {
			t, ok := text(c).(string)
			if !ok {
				return nil
			}
			return newReader("java.io.StringReader", t)
		}),
		"getDate": moment("java.sql.Date"), "getTimestamp": moment("java.sql.Timestamp"), "getTime": moment("java.sql.Timestamp"),
		"getMetaData": on(func(s *rowSet, c *Call) any { return &metaData{s.columns} }),
		"populate": on(func(s *rowSet, c *Call) any {
			from, ok := c.Object(0).(*rowSet)
			if !ok {
				panic(c.Throw("java.sql.SQLException", "Invalid ResultSet object passed to populate method"))
			}
			s.columns, s.at = from.columns, 0
			s.rows = from.rows[min(from.at, len(from.rows)):] // what was read already stays behind
			return Void
		}),
		"toCollection": on(func(s *rowSet, c *Call) any {
			l := NewList()
			for _, row := range s.rows {
				values := make([]any, len(row))
				for j, v := range row {
					values[j] = columnObject(v, s.columns[j])
				}
				l.Add(NewList(values...))
			}
			return l
		}),
		"close": void, "setFetchSize": void, "isClosed": func(*Call) any { return false },
	}
	meta := func(f func(m *metaData, i int) any) func(*Call) any {
		return func(c *Call) any {
			m := c.This.(*metaData)
			i := c.Int(0)
			if i < 1 || i > len(m.columns) {
				panic(c.Throw("java.sql.SQLException", "Invalid column index"))
			}
			return f(m, i-1)
		}
	}
	label := meta(func(m *metaData, i int) any { return m.columns[i].label })
	return []*Class{
		{Name: resultSetClass, Methods: methods, Constants: map[string]any{"TYPE_FORWARD_ONLY": int32(1003), "TYPE_SCROLL_INSENSITIVE": int32(1004),
			"TYPE_SCROLL_SENSITIVE": int32(1005), "CONCUR_READ_ONLY": int32(1007), "CONCUR_UPDATABLE": int32(1008)}},
		{Name: cachedClass, Super: resultSetClass, Implements: []string{"javax.sql.rowset.CachedRowSet", "javax.sql.RowSet"},
			New: func(*Call) any { return &rowSet{class: cachedClass} }},
		{Name: "java.sql.ResultSetMetaData", Methods: Methods{
			"getColumnCount": func(c *Call) any { return len(c.This.(*metaData).columns) },
			"getColumnName":  label, "getColumnLabel": label,
			"getColumnTypeName": meta(func(m *metaData, i int) any { return m.columns[i].kind }),
		}},
	}
}
