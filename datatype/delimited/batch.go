package delimited

import (
	"errors"
	"iter"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// The split types.
const (
	byRecord    = "Record"
	byDelimiter = "Delimiter"
	byColumn    = "Grouping_Column"
	byScript    = "JavaScript"
)

// BatchScript returns the script that cuts batches, when the settings choose one.
func (t *Type) BatchScript() (script string, ok bool) { return t.batchScript, t.splitType == byScript }

// CheckBatch reports why Split cannot work with these settings.
func (t *Type) CheckBatch() error {
	fault := func(at, problem, hint string) error {
		return &weir.Fault{At: "batchProperties." + at, Err: errors.New(problem), Hint: hint}
	}
	switch {
	case t.splitType == byScript:
		return fault("splitType", "the batch is cut by a script, not by the data type", "Cut it by record, delimiter or grouping column.")
	case t.splitType == byDelimiter && strings.TrimSpace(t.messageDelimiter) == "":
		return fault("batchMessageDelimiter", "the delimiter between messages is missing", "Give the text that stands after the last record of a message.")
	case t.splitType == byColumn && strings.TrimSpace(t.groupingColumn) == "":
		return fault("batchGroupingColumn", "the grouping column is missing", "Give the name of a column, or columnN.")
	}
	return t.readable()
}

// PrepareBatch takes the records to skip off a batch that a script is to cut.
func (t *Type) PrepareBatch(text string) string { return t.skip(text) }

// BatchVariables are the settings of reading as a batch script finds them. The
// older names of quoteToken and quoteEscapeToken are there too. skipRecords is 0
// after the first message.
func (t *Type) BatchVariables(first bool) map[string]any {
	f := &t.ready().read
	var widths []any
	for _, w := range f.widths {
		widths = append(widths, w)
	}
	vars := map[string]any{
		"columnDelimiter": f.column, "recordDelimiter": f.record, "columnWidths": nil,
		"quoteToken": f.quote, "quoteChar": f.quote, "escapeWithDoubleQuote": f.doubled,
		"quoteEscapeToken": f.escape, "quoteEscapeChar": f.escape, "ignoreCR": f.dropCR, "skipRecords": 0,
	}
	if widths != nil {
		vars["columnWidths"] = widths
	}
	if first {
		vars["skipRecords"] = t.skipRecords
	}
	return vars
}

// Split cuts a batch into messages of one or more records. Each is a part of the
// batch as it is, with its record delimiters. The records to skip are dropped
// once, before anything else; quotes in them have no meaning.
func (t *Type) Split(text string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := t.CheckBatch(); err != nil {
			yield("", err)
			return
		}
		s := splitter{Type: t, reader: reader{format: &t.ready().read, text: t.skip(text)}}
		s.delimiter, s.column = config.Delimiter(t.messageDelimiter), t.columnIndex(t.groupingColumn)
		for {
			message, err := s.message()
			if err != nil {
				yield("", err)
				return
			}
			if message == "" || !yield(message, nil) {
				return
			}
		}
	}
}

func (t *Type) skip(text string) string {
	for range t.skipRecords {
		if text == "" {
			break
		}
		_, text, _ = strings.Cut(text, t.ready().read.record)
	}
	return text
}

// splitter takes one message after the other off a batch.
type splitter struct {
	*Type
	reader
	delimiter string
	column    int
	count     int // of records
	columns   []string
}

// message returns the next message, or "" at the end.
func (s *splitter) message() (string, error) {
	start := s.pos
	record, ok, err := s.record()
	if err != nil || !ok {
		return "", err
	}
	switch s.splitType {
	case byDelimiter:
		for end := s.pos; ; end = s.pos {
			if s.take(s.delimiter) {
				if s.delimiterIncluded {
					end = s.pos
				}
				return s.text[start:end], nil
			}
			if _, ok, err := s.record(); err != nil || !ok {
				return s.text[start:end], err
			}
		}
	case byColumn:
		group, err := s.group(record)
		for err == nil {
			end := s.pos
			record, ok, err = s.record()
			if err != nil || !ok {
				return s.text[start:end], err
			}
			var next string
			if next, err = s.group(record); err == nil && next != group {
				s.pos = end
				s.count--
				return s.text[start:end], nil
			}
		}
		return "", err
	}
	return s.text[start:s.pos], nil
}

func (s *splitter) record() (record []string, ok bool, err error) {
	s.count++
	s.columns, ok, err = s.next(s.columns[:0])
	if err != nil {
		err = &weir.Fault{At: "record " + strconv.Itoa(s.count), Err: err, Hint: "Check the delimiters."}
	}
	return s.columns, ok, err
}

// group returns the value of the grouping column.
func (s *splitter) group(record []string) (string, error) {
	if s.column >= len(record) {
		return "", &weir.Fault{
			At:   "record " + strconv.Itoa(s.count),
			Err:  errors.New("the grouping column is missing"),
			Hint: "Check the column delimiter and batchProperties.batchGroupingColumn.",
		}
	}
	return record[s.column], nil
}
