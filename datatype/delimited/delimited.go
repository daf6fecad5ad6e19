// Package delimited is the data type "DELIMITED": records of columns, as in a
// CSV file or with columns of fixed width.
//
//	id,name     <delimited><row><column1>id</column1><column2>name</column2></row>
//	1,"Doe, J"             <row><column1>1</column1><column2>Doe, J</column2></row></delimited>
//
// Columns can have names of their own. Everything is as Mirth does it, down to
// when the writer quotes; where that is less than it takes to read the text back,
// [Type.Encode] says that the text is not regular.
package delimited

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Def is how the engine knows this data type.
var Def = weir.DataTypeDef{
	Name:    "DELIMITED",
	Summary: "Records of columns: CSV and other delimited text, and columns of fixed width.",
	New:     func() weir.DataType { return new(Type) },
}

// New returns the data type with its default settings.
func New() *Type {
	t := new(Type)
	config.Default(t)
	return t
}

// Type is the data type "DELIMITED". Its settings are those of Mirth.
type Type struct {
	read         layout
	columnNames  []string
	numberedRows bool
	ignoreCR     bool

	write layout

	splitType         string
	skipRecords       int
	messageDelimiter  string
	delimiterIncluded bool
	groupingColumn    string
	batchScript       string

	once     sync.Once
	compiled compiled
}

// layout is what both directions have settings for, as the settings write it.
type layout struct {
	column, record string
	widths         []string
	quote          string
	doubled        bool
	escape         string
}

var (
	_ weir.TreeType = (*Type)(nil)
	_ weir.Passer   = (*Type)(nil)
	_ weir.Splitter = (*Type)(nil)
)

// Fields lists the settings.
func (t *Type) Fields(f *config.Fields) {
	const read, write = "serializationProperties.", "deserializationProperties."
	t.read.fields(f, read, "in messages read")
	f.Strings(&t.columnNames, read+"columnNames", "Names of the columns, in order. A column without one is columnN.")
	f.Bool(&t.numberedRows, read+"numberedRows", false, "Name the rows row1, row2 and so on, instead of row.")
	f.Bool(&t.ignoreCR, read+"ignoreCR", true, "Leave out carriage returns while reading.")
	t.write.fields(f, write, "in messages written")

	const batch = "batchProperties."
	f.String(&t.splitType, batch+"splitType", byRecord, "How a batch is cut into messages.").OneOf(byRecord, byDelimiter, byColumn, byScript)
	f.Int(&t.skipRecords, batch+"batchSkipRecords", 0, "How many records at the beginning of a batch are dropped.")
	f.String(&t.messageDelimiter, batch+"batchMessageDelimiter", "", "For the split type Delimiter: what stands after the last record of a message.")
	f.Bool(&t.delimiterIncluded, batch+"batchMessageDelimiterIncluded", false, "Keep that delimiter at the end of the message.")
	f.String(&t.groupingColumn, batch+"batchGroupingColumn", "", "For the split type Grouping_Column: name of the column, or columnN. A change of its value begins a new message.")
	f.String(&t.batchScript, batch+"batchScript", "", "The script that cuts a batch, for the split type JavaScript.")
}

func (l *layout) fields(f *config.Fields, group, where string) {
	f.String(&l.column, group+"columnDelimiter", ",", "What separates columns "+where+".")
	f.String(&l.record, group+"recordDelimiter", `\n`, "What ends a record "+where+".")
	f.Strings(&l.widths, group+"columnWidths", "Widths of the columns in characters "+where+". With them there are no column delimiters and quotes.")
	f.String(&l.quote, group+"quoteToken", `"`, "What surrounds a column that contains delimiters "+where+".")
	f.Bool(&l.doubled, group+"escapeWithDoubleQuote", true, "Two quotes inside a quoted column are one "+where+".")
	f.String(&l.escape, group+"quoteEscapeToken", `\`, "Otherwise: what stands before a quote inside a quoted column "+where+".")
}

// Form says that scripts get an XML tree.
func (t *Type) Form() weir.Form { return weir.FormTree }

// NeedsTree reports whether a setting differs from its default. Even without
// steps such a message is then read and written, as in Mirth.
func (t *Type) NeedsTree(inbound bool) bool {
	if inbound {
		return !t.read.isDefault() || len(t.columnNames) > 0 || t.numberedRows || !t.ignoreCR
	}
	return !t.write.isDefault()
}

func (l *layout) isDefault() bool {
	return l.column == "," && l.record == `\n` && len(l.widths) == 0 && l.quote == `"` && l.doubled && l.escape == `\`
}

// Pass leaves a message as it is.
func (t *Type) Pass(text string, _ weir.DataType) string { return text }

// ChangesAt implements [weir.SteadyPasser].
func (t *Type) ChangesAt(weir.DataType) (bytes string, ok bool) { return "", true }

// MaxWidth is the greatest width of a column, in characters.
const MaxWidth = 1_000_000

// CheckSettings reports widths that cannot be used.
func (t *Type) CheckSettings() error {
	if _, err := widths(t.read.widths); err != nil {
		return &weir.Fault{At: "serializationProperties.columnWidths", Err: err, Hint: "Give the number of characters of each column."}
	}
	if _, err := widths(t.write.widths); err != nil {
		return &weir.Fault{At: "deserializationProperties.columnWidths", Err: err, Hint: "Give the number of characters of each column."}
	}
	return nil
}

func widths(texts []string) ([]int, error) {
	var out []int
	for i, s := range texts {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 || n > MaxWidth {
			return nil, fmt.Errorf("width %d is no whole number from 1 to %d", i+1, MaxWidth)
		}
		out = append(out, n)
	}
	return out, nil
}

// compiled is what the settings come to. It is made once, before first use.
type compiled struct {
	read, write format
	exact       bool // what is written can be read back, but for single values
}

// format is a layout with its delimiters as they stand in texts.
type format struct {
	column, record, quote, escape string
	doubled                       bool
	dropCR                        bool
	widths                        []int
	err                           error
}

func (l *layout) format() format {
	f := format{
		column:  config.Delimiter(l.column),
		record:  config.Delimiter(l.record),
		quote:   config.Delimiter(l.quote),
		escape:  config.Delimiter(l.escape),
		doubled: l.doubled,
	}
	f.widths, f.err = widths(l.widths)
	return f
}

func (t *Type) ready() *compiled {
	t.once.Do(func() {
		c := &t.compiled
		c.read, c.write = t.read.format(), t.write.format()
		c.read.dropCR = t.ignoreCR
		c.exact = c.read.equal(&c.write) && c.read.unambiguous()
	})
	return &t.compiled
}
