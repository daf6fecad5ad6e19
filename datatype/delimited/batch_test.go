package delimited

import (
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	const byDelimiter, byColumn = batch + "splitType=Delimiter", batch + "splitType=Grouping_Column"
	tests := []struct {
		name     string
		settings []string
		text     string
		want     []string
	}{
		{"records", nil, "a,1\nb,2\n", []string{"a,1\n", "b,2\n"}},
		{"no delimiter at the end", nil, "a\nb", []string{"a\n", "b"}},
		{"nothing", nil, "", nil},
		{"a blank line", nil, "a\n\nb\n", []string{"a\n", "\n", "b\n"}},
		{"a delimiter in quotes", nil, "\"a\nb\",c\nd\n", []string{"\"a\nb\",c\n", "d\n"}},
		{"carriage returns", nil, "a\r\nb\r\n", []string{"a\r\n", "b\r\n"}},
		{"widths", []string{read + "columnWidths=1"}, "\"ab\ncd\n", []string{"\"ab\n", "cd\n"}},
		{"skip", []string{batch + "batchSkipRecords=2"}, "h\n\"h\nb\nc\n", []string{"b\n", "c\n"}},
		{"skip more than there is", []string{batch + "batchSkipRecords=5"}, "h\nh\n", nil},

		{"delimiter", []string{byDelimiter, batch + `batchMessageDelimiter=--\n`}, "a\nb\n--\nc\n--\nd\n", []string{"a\nb\n", "c\n", "d\n"}},
		{"delimiter included", []string{byDelimiter, batch + `batchMessageDelimiter=--\n`, batch + "batchMessageDelimiterIncluded=true"}, "a\nb\n--\nc\n", []string{"a\nb\n--\n", "c\n"}},
		{"delimiter first", []string{byDelimiter, batch + `batchMessageDelimiter=--\n`}, "--\na\n--\n", []string{"--\na\n"}},
		{"delimiter in quotes", []string{byDelimiter, batch + `batchMessageDelimiter=--\n`}, "\"a\n--\n\"\n--\nb\n", []string{"\"a\n--\n\"\n", "b\n"}},
		{"delimiter without a line end", []string{byDelimiter, batch + "batchMessageDelimiter=--"}, "a\n--\nb\n", []string{"a\n", "\nb\n"}},
		{"skip and delimiter", []string{byDelimiter, batch + "batchMessageDelimiter=0x1D", batch + "batchSkipRecords=1"}, "h\na\n\x1db\n", []string{"a\n", "b\n"}},

		{"column by name", []string{byColumn, batch + "batchGroupingColumn=id", read + "columnNames=x,id"}, "a,1\nb,1\nc,2\nd,1\n", []string{"a,1\nb,1\n", "c,2\n", "d,1\n"}},
		{"column by number", []string{byColumn, batch + "batchGroupingColumn=column2"}, "a,\"1\"\nb,1\nc,2", []string{"a,\"1\"\nb,1\n", "c,2"}},
		{"column by default", []string{byColumn, batch + "batchGroupingColumn=name"}, "a,1\na,2\nb,2\n", []string{"a,1\na,2\n", "b,2\n"}},
		{"column zero", []string{byColumn, batch + "batchGroupingColumn=column0"}, "a,1\na,2\nb,2\n", []string{"a,1\na,2\n", "b,2\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dt := with(t, tt.settings...)
			var got []string
			for m, err := range dt.Split(tt.text) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, m)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Split(%q)\n got %q\nwant %q", tt.text, got, tt.want)
			}
			for range dt.Split(tt.text) {
				break // and nothing panics
			}
		})
	}
}

func TestSplitRefused(t *testing.T) {
	tests := []struct {
		name     string
		settings []string
		want     string
	}{
		{"script", []string{batch + "splitType=JavaScript"}, "batchProperties.splitType: "},
		{"no delimiter", []string{batch + "splitType=Delimiter", batch + "batchMessageDelimiter= "}, "batchProperties.batchMessageDelimiter: "},
		{"no column", []string{batch + "splitType=Grouping_Column"}, "batchProperties.batchGroupingColumn: "},
		{"no record delimiter", []string{read + "recordDelimiter="}, "serializationProperties.recordDelimiter: "},
		{"a short record", []string{batch + "splitType=Grouping_Column", batch + "batchGroupingColumn=column3"}, "record 1: the grouping column is missing"},
		{"a far column", []string{batch + "splitType=Grouping_Column", batch + "batchGroupingColumn=column99999999999999999999"}, "record 1: the grouping column is missing"},
	}
	for _, tt := range tests {
		calls := 0
		for m, err := range with(t, tt.settings...).Split("a,b\nc\n") {
			if calls++; err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("%s: Split yields %q, %v, want %s…", tt.name, m, err, tt.want)
			}
		}
		if calls != 1 {
			t.Errorf("%s: Split yields %d times, want one error", tt.name, calls)
		}
	}
	second := 0
	for _, err := range with(t, batch+"splitType=Grouping_Column", batch+"batchGroupingColumn=column2").Split("a,1\nb,2\nc\n") {
		if err != nil && !strings.HasPrefix(err.Error(), "record 3: ") {
			t.Error(err)
		}
		second++
	}
	if second != 2 {
		t.Errorf("got %d yields, want a message and an error", second)
	}
}

func TestBatchScript(t *testing.T) {
	if script, ok := with(t, batch+"splitType=JavaScript", batch+"batchScript=x").BatchScript(); script != "x" || !ok {
		t.Errorf("got %q, %v", script, ok)
	}
	if _, ok := New().BatchScript(); ok {
		t.Error("records are not cut by a script")
	}
}
