package pipeline

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

func scriptBatch(dataType, code string, settings ...string) func(*weir.Channel) {
	return func(c *weir.Channel) {
		c.Source.Settings = source("processBatch", "true", "responseVariable", "d1")
		c.Source.Transformer = weir.Transformer{Inbound: dataType, Outbound: dataType}
		c.Source.Transformer.InboundSettings = group("batchProperties", append([]string{"splitType", "JavaScript", "batchScript", code}, settings...)...)
		c.CodeTemplates = []weir.CodeTemplate{
			{Name: "paragraph", Contexts: []string{"CHANNEL_BATCH"}, Code: "function paragraph() { var out = '', line; " +
				"while ((line = reader.readLine()) != null && line != '') out += line + '\\n'; return out; }"},
		}
	}
}

// A script is run for each message; nothing, null or an empty text ends the batch.
func TestBatchScript(t *testing.T) {
	const lines = "var line = reader.readLine(); return line == null ? null : 'm:' + line;"
	for _, c := range []struct {
		name, dataType, code string
		settings             []string
		text                 string
		want                 []string
	}{
		{"null ends", "RAW", lines, nil, "a\nb\nc", []string{"m:a", "m:b", "m:c"}},
		{"nothing ends", "RAW", "var l = reader.readLine(); if (l != null) return l;", nil, "a\r\nb\r\n", []string{"a", "b"}},
		{"an empty text ends", "RAW", "var l = reader.readLine(); return l == null ? '' : l;", nil, "a\n\nc", []string{"a"}},
		{"no message", "RAW", "return null;", nil, "a", nil},
		{"code templates of the context", "RAW", "return paragraph();", nil, "a\nb\n\nc\n", []string{"a\nb\n", "c\n"}},
		{"the source map", "RAW", "return reader.readLine() == null ? null : sourceMap.get('from') + '/' + channelName;", nil, "x", []string{"there/Channel"}},
		{"state in the channel's map", "RAW",
			"var n = Number($gc('n')) || 0; if (n == 3) return null; $gc('n', n + 1); return 'n' + n;", nil, "x", []string{"n0", "n1", "n2"}},
		{"characters", "RAW", "var c = reader.read(); return c == -1 ? null : String.fromCharCode(c);", nil, "äb", []string{"ä", "b"}},
		{"HL7V2", "HL7V2", "var l, out = ''; while ((l = reader.readLine()) != null && l != '--') out += l + '\\r'; return out;", nil,
			"MSH|^~\\&|1\nPID|1\n--\nMSH|^~\\&|2\n", []string{"MSH|^~\\&|1\rPID|1\r", "MSH|^~\\&|2\r"}},
		{"XML", "XML", lines + "//", nil, "x", []string{"m:x"}},
		{"JSON", "JSON", "return reader.readLine();", nil, "{\"a\":1}\n[2]\n", []string{`{"a":1}`, "[2]"}},
		{"EDI/X12", "EDI/X12", "return reader.readLine();", nil, "ST*1~\nST*2~\n", []string{"ST*1~", "ST*2~"}},
		{"HL7V3", "HL7V3", "return reader.readLine();", nil, "<a/>\n<b/>", []string{"<a/>", "<b/>"}},
		{"DELIMITED skips records and has its settings", "DELIMITED",
			"var l = reader.readLine(); return l == null ? null : l + recordDelimiter + columnDelimiter + quoteToken + escapeWithDoubleQuote + skipRecords;",
			[]string{"batchSkipRecords", "1"}, "head\na\nb", []string{"a\n,\"true1", "b\n,\"true0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, scriptBatch(c.dataType, c.code, c.settings...), func(r *rig) {
				reply, err := r.Receive(context.Background(), weir.Inbound{Text: c.text, SourceMap: map[string]any{"from": "there"}})
				if err != nil {
					t.Fatal(err)
				}
				if reply.MessageID != int64(len(c.want)) {
					t.Errorf("reply of %d, want %d", reply.MessageID, len(c.want))
				}
				r.wantTexts(c.want...)
				for i := range c.want {
					got, err := decodeMap(r.message(int64(i + 1)).Connector(0).Text(weir.SourceMapContent))
					if err != nil || got["batchSequenceId"] != int32(i+1) || got["batchId"] != int64(1) || got["batchComplete"] != (i+1 == len(c.want)) {
						t.Errorf("source map of %d: %v, %v", i+1, got, err)
					}
				}
			})
		})
	}
}

// A script that fails ends the batch; what it has returned before is kept.
func TestBatchScriptFails(t *testing.T) {
	in(t, scriptBatch("RAW", "var l = reader.readLine(); if (l == 'bad') throw 'no';\nreturn l;"), func(r *rig) {
		_, err := r.Receive(context.Background(), weir.Inbound{Text: "a\nb\nbad\nc"})
		if !errors.Is(err, weir.ErrUnusable) || !strings.Contains(err.Error(), "batch script") {
			t.Errorf("the error is %v", err)
		}
		r.wantTexts("a") // b waited for the next one, to know whether it is the last
	})
}

// What cannot work is refused when the channel is deployed.
func TestBatchRefused(t *testing.T) {
	for _, c := range []struct {
		name, words string
		setup       func(*weir.Channel)
	}{
		{"no script", "batchProperties.batchScript", scriptBatch("RAW", " ")},
		{"no JavaScript", "batch script", scriptBatch("JSON", "return (")},
		{"a type without batches", "has no way to split a batch", scriptBatch("DICOM", "return null")},
	} {
		r := newRig(t, c.setup)
		_, err := New(context.Background(), r.cfg, r.engine)
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: the error is %v, want the words %q", c.name, err, c.words)
		}
	}
}
