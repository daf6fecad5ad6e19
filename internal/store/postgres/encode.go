package postgres

import (
	"encoding/binary"
	"math"
	"time"
)

// Values go to the server in its binary format, written by hand: as arrays, one for
// each column, that a statement unnests, or as the rows of a COPY. Both are filled
// by the same code, value after value, row after row.
type rows interface {
	null()
	int2(int16)
	int4(int32)
	int8(int64)
	bool(bool)
	bytes([]byte)
	text(string)
	count() int
}

// The types of columns that there are.
const (
	oidBool        = 16
	oidBytea       = 17
	oidInt8        = 20
	oidInt2        = 21
	oidInt4        = 23
	oidTimestamptz = 1184
)

// arrays are the columns of rows that a statement unnests.
type arrays struct {
	columns []array
	at      int // column of the next value
	rows    int
}

type array struct {
	b     []byte
	nulls bool
}

const (
	arrayHeader = 20
	arrayRoom   = 64
)

func newArrays(types ...uint32) *arrays {
	a := &arrays{columns: make([]array, len(types))}
	room := make([]byte, arrayRoom*len(types)) // for a few rows: most groups have no more
	for i, oid := range types {
		b := room[arrayRoom*i:][:arrayHeader:arrayRoom]
		binary.BigEndian.PutUint32(b[8:], oid)
		a.columns[i].b = b
	}
	return a
}

// parameters are the arrays as the server reads them: dimensions, whether there are
// NULLs, type, length and lower bound, then the elements.
func (a *arrays) parameters() [][]byte {
	out := make([][]byte, len(a.columns))
	for i := range a.columns {
		c := &a.columns[i]
		binary.BigEndian.PutUint32(c.b, 1)
		if c.nulls {
			binary.BigEndian.PutUint32(c.b[4:], 1)
		}
		binary.BigEndian.PutUint32(c.b[12:], uint32(a.rows))
		binary.BigEndian.PutUint32(c.b[16:], 1)
		out[i] = c.b
	}
	return out
}

func (a *arrays) next() *array {
	c := &a.columns[a.at]
	if a.at++; a.at == len(a.columns) {
		a.at = 0
		a.rows++
	}
	return c
}

func (a *arrays) null() {
	c := a.next()
	c.nulls = true
	c.b = appendNull(c.b)
}
func (a *arrays) int2(v int16)   { c := a.next(); c.b = appendInt2(c.b, v) }
func (a *arrays) int4(v int32)   { c := a.next(); c.b = appendInt4(c.b, v) }
func (a *arrays) int8(v int64)   { c := a.next(); c.b = appendInt8(c.b, v) }
func (a *arrays) bool(v bool)    { c := a.next(); c.b = appendBool(c.b, v) }
func (a *arrays) bytes(v []byte) { c := a.next(); c.b = appendBytes(c.b, v) }
func (a *arrays) text(v string)  { c := a.next(); c.b = appendBytes(c.b, v) }
func (a *arrays) count() int     { return a.rows }

// copied are the rows of a COPY in its binary format.
type copied struct {
	b       []byte
	columns int
	at      int
	rows    int
}

const copyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func newCopied(columns int) *copied {
	return &copied{b: append(make([]byte, 0, 32<<10), copyHeader...), columns: columns}
}

// end returns the whole, with the trailer.
func (c *copied) end() []byte { return append(c.b, 0xff, 0xff) }

func (c *copied) next() {
	if c.at == 0 {
		c.b = binary.BigEndian.AppendUint16(c.b, uint16(c.columns))
		c.rows++
	}
	if c.at++; c.at == c.columns {
		c.at = 0
	}
}

func (c *copied) null()          { c.next(); c.b = appendNull(c.b) }
func (c *copied) int2(v int16)   { c.next(); c.b = appendInt2(c.b, v) }
func (c *copied) int4(v int32)   { c.next(); c.b = appendInt4(c.b, v) }
func (c *copied) int8(v int64)   { c.next(); c.b = appendInt8(c.b, v) }
func (c *copied) bool(v bool)    { c.next(); c.b = appendBool(c.b, v) }
func (c *copied) bytes(v []byte) { c.next(); c.b = appendBytes(c.b, v) }
func (c *copied) text(v string)  { c.next(); c.b = appendBytes(c.b, v) }
func (c *copied) count() int     { return c.rows }

// Each value has its length before it.
func appendNull(b []byte) []byte { return append(b, 0xff, 0xff, 0xff, 0xff) }

func appendInt2(b []byte, v int16) []byte {
	return binary.BigEndian.AppendUint16(append(b, 0, 0, 0, 2), uint16(v))
}

func appendInt4(b []byte, v int32) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(v))
}

func appendInt8(b []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(v))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 0, 0, 0, 1, 1)
	}
	return append(b, 0, 0, 0, 1, 0)
}

func appendBytes[B []byte | string](b []byte, v B) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
}

// stamp is a time as the server has it: microseconds since 2000.
type stamp int64

// noTime is the stamp of the zero time, which is kept as NULL.
const noTime = stamp(math.MinInt64)

// epoch is 2000 in microseconds since 1970.
const epoch = 946_684_800_000_000

func stampOf(t time.Time) stamp {
	if t.IsZero() {
		return noTime
	}
	return stamp(t.UnixMicro() - epoch)
}

func putStamp(r rows, s stamp) {
	if s == noTime {
		r.null()
		return
	}
	r.int8(int64(s))
}
