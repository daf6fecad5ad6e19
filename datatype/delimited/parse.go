package delimited

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
)

// The names of elements.
const (
	rootName   = "delimited"
	rowName    = "row"
	columnName = "column"
)

// Parse reads the records into rows of columns. The text is taken as it is, with
// all blanks; no text at all is a message without rows.
func (t *Type) Parse(text string) (*tree.Node, error) {
	if err := t.readable(); err != nil {
		return nil, err
	}
	r := reader{format: &t.ready().read, text: text}
	root := tree.New(rootName)
	var columns []string
	cells := 0
	for n := 1; ; n++ {
		record, ok, err := r.next(columns[:0])
		if err == nil && ok {
			cells += len(record) + 1
			if cells > MaxCells {
				err = fmt.Errorf("the message has more than %d columns and records", MaxCells)
			}
		}
		if err != nil {
			return nil, &weir.Fault{At: "record " + strconv.Itoa(n), Err: err, Hint: "Check the delimiters, and cut large files as batches."}
		}
		if !ok {
			return root, nil
		}
		root.Fill(t.row(n, record))
		columns = record
	}
}

// readable reports settings with which nothing can be read.
func (t *Type) readable() error {
	const group = "serializationProperties."
	c := t.ready()
	if c.read.err != nil {
		return &weir.Fault{At: group + "columnWidths", Err: c.read.err, Hint: "Give the number of characters of each column."}
	}
	if c.read.record == "" {
		return &weir.Fault{At: group + "recordDelimiter", Err: errors.New("the record delimiter is missing"), Hint: `Give the text that ends a record, such as \n.`}
	}
	for i, name := range t.columnNames {
		if !tree.IsXMLName(name) {
			return &weir.Fault{
				At:   group + "columnNames",
				Err:  fmt.Errorf("name %d cannot be the name of an XML element", i+1),
				Hint: "Use letters, digits, _, - and . and begin with a letter.",
			}
		}
	}
	return nil
}

func (t *Type) row(n int, record []string) *tree.Node {
	row := tree.New(t.rowName(n))
	row.Grow(len(record))
	for i, value := range record {
		row.Fill(tree.NewLeaf(t.columnName(i), value))
	}
	return row
}

// rowName returns the name of the n-th row, from 1.
func (t *Type) rowName(n int) string {
	if t.numberedRows {
		return rowName + strconv.Itoa(n)
	}
	return rowName
}

// columnName returns the name of column i, from 0.
func (t *Type) columnName(i int) string {
	switch {
	case i < len(t.columnNames):
		return t.columnNames[i]
	case i < len(manyNames):
		return manyNames[i]
	}
	return columnName + strconv.Itoa(i+1)
}

// manyNames are the names of the first columns, so that rows share them.
var manyNames = func() (names [100]string) {
	for i := range names {
		names[i] = columnName + strconv.Itoa(i+1)
	}
	return names
}()

// columnIndex finds a column by its name among the settings', else by the number
// at the end of the name, else it is the first.
func (t *Type) columnIndex(name string) int {
	for i, n := range t.columnNames {
		if n == name {
			return i
		}
	}
	digits := name[len(strings.TrimRight(name, "0123456789")):]
	n, err := strconv.Atoi(digits)
	if digits == "" || err == nil && n < 1 {
		return 0
	}
	if err != nil {
		return MaxColumns // more than any record has
	}
	return n - 1
}
