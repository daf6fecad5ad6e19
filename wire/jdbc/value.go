package jdbc

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Value gives a column's value as it was scanned, of the type that the driver
// names, the form in which the JDBC driver shows it: nil, string, bool, int64,
// uint64, float64, or []byte for bytes. Times and exact numbers are texts:
// "2026-01-02 03:04:05.0", "12.50".
func (d Dialect) Value(v any, typeName string) any {
	typeName, _, _ = strings.Cut(strings.ToUpper(typeName), "(")
	switch v := v.(type) {
	case []byte:
		return d.bytes(v, typeName)
	case time.Time:
		return d.time(v, typeName)
	case float32:
		return short(float64(v))
	case float64:
		if typeName == "FLOAT4" || d == SQLServer && typeName == "REAL" || d.MySQLs() && typeName == "FLOAT" {
			return short(v)
		}
	case int64:
		if d.MySQLs() && typeName == "YEAR" {
			return fmt.Sprintf("%04d-01-01", v) // a java.sql.Date, as the drivers have it
		}
	case nil, string, bool, uint64:
	case int, int8, int16, int32:
		n, _ := strconv.ParseInt(fmt.Sprint(v), 10, 64)
		return n
	default:
		return fmt.Sprint(v)
	}
	return v
}

// short is the number that a float of four bytes is written as.
func short(f float64) float64 {
	out, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
	return out
}

func (d Dialect) bytes(v []byte, typeName string) any {
	switch d {
	case MySQL, MariaDB:
		switch {
		case strings.HasSuffix(typeName, "BLOB"), strings.HasSuffix(typeName, "BINARY"), typeName == "GEOMETRY":
			return v
		case typeName == "BIT" && len(v) == 1:
			return v[0] != 0
		case typeName == "BIT":
			return v
		case typeName == "DATETIME" && d == MySQL:
			return localDateTime(string(v))
		case typeName == "DATETIME", typeName == "TIMESTAMP":
			return fraction(string(v))
		case typeName == "YEAR":
			return string(v) + "-01-01"
		}
		return string(v)
	case SQLServer:
		switch typeName {
		case "UNIQUEIDENTIFIER":
			if len(v) == 16 {
				return fmt.Sprintf("%X-%X-%X-%X-%X", []byte{v[3], v[2], v[1], v[0]}, []byte{v[5], v[4]}, []byte{v[7], v[6]}, v[8:10], v[10:])
			}
		case "DECIMAL", "NUMERIC", "MONEY", "SMALLMONEY":
			return string(v)
		}
	}
	return v
}

func (d Dialect) time(t time.Time, typeName string) string {
	switch {
	case typeName == "DATE" && d != Oracle && !(d == SQLite && hasClock(t)):
		return t.Format("2006-01-02")
	case typeName == "TIME":
		return t.Format("15:04:05")
	case typeName == "DATETIMEOFFSET":
		return fraction(t.Format("2006-01-02 15:04:05.999999999")) + t.Format(" -07:00")
	case d == SQLite:
		return t.Format("2006-01-02 15:04:05.999999999") // the text that is stored
	case typeName == "TIMESTAMPTZ", strings.Contains(typeName, "TIMEZONE"), strings.Contains(typeName, "TIME ZONE"), typeName == "TIMESTAMPTZ_DTY":
		t = t.In(time.Local)
	}
	return fraction(t.Format("2006-01-02 15:04:05.999999999"))
}

// localDateTime is the text of java.time.LocalDateTime, as which Mirth's driver of
// MySQL gives the type DATETIME: with seconds if there are any, and a fraction in
// groups of three digits.
func localDateTime(text string) string {
	text = strings.Replace(text, " ", "T", 1)
	whole, part, _ := strings.Cut(text, ".")
	part = strings.TrimRight(part, "0")
	if part == "" {
		return strings.TrimSuffix(whole, ":00")
	}
	for len(part)%3 != 0 {
		part += "0"
	}
	return whole + "." + part
}

func hasClock(t time.Time) bool { return t.Hour()+t.Minute()+t.Second()+t.Nanosecond() != 0 }

// fraction gives a time the fraction of java.sql.Timestamp: at least one digit,
// and no zeros after the first.
func fraction(text string) string {
	whole, part, _ := strings.Cut(text, ".")
	part = strings.TrimRight(part, "0")
	if part == "" {
		part = "0"
	}
	return whole + "." + part
}

// Text is what Java's toString makes of a value that [Dialect.Value] gave, or of
// one of a script; decode turns bytes into text.
func Text(v any, decode func([]byte) string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return decode(v)
	case float64:
		return double(v)
	}
	return fmt.Sprint(v)
}

// double is Double.toString.
func double(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 0):
		return strings.TrimPrefix(strings.Replace(strconv.FormatFloat(f, 'g', -1, 64), "Inf", "Infinity", 1), "+")
	}
	if a := math.Abs(f); a == 0 || a >= 1e-3 && a < 1e7 {
		text := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, _ := strconv.Atoi(exponent)
	return mantissa + "E" + strconv.Itoa(n)
}
