package hl7v2

import (
	"strings"

	"github.com/weir-health/weir"
)

// NeedsTree reports whether the strict parser is asked for, which always parses.
func (t *Type) NeedsTree(inbound bool) bool {
	if inbound {
		return t.readStrict
	}
	return t.writeStrict
}

// Pass makes all line breaks the segment delimiter, when the settings say so,
// and that the one of the outbound side, when it differs. Blank lines and what
// surrounds the message stay.
func (t *Type) Pass(text string, outbound weir.DataType) string {
	from := t.ready().readEnd
	if t.convertLineBreaks && from != "" {
		text = convertLineBreaks(text, from)
	}
	if o, ok := outbound.(*Type); ok {
		if to := o.ready().end; from != "" && from != to {
			text = strings.ReplaceAll(text, from, to)
		}
	}
	return text
}

// ChangesAt implements [weir.SteadyPasser].
func (t *Type) ChangesAt(outbound weir.DataType) (bytes string, ok bool) {
	from := t.ready().readEnd
	if t.convertLineBreaks && from != "" {
		bytes = "\n"
		if from != "\r" {
			bytes = "\r\n"
		}
	}
	if o, isHL7 := outbound.(*Type); isHL7 && from != "" && from != o.ready().end {
		bytes += from
	}
	return bytes, true
}

func convertLineBreaks(text, to string) string {
	if to == "\r" && strings.IndexByte(text, '\n') < 0 {
		return text
	}
	return lineBreaks(to).Replace(text)
}

func lineBreaks(to string) *strings.Replacer {
	return strings.NewReplacer("\r\n", to, "\r", to, "\n", to)
}
