package hl7v2

import (
	"errors"
	"iter"
	"strings"
)

// ErrScriptBatch means that the settings leave the cutting of a batch to a script.
var ErrScriptBatch = errors.New("the batch is cut by a script, not by the data type")

// BatchScript returns the script that cuts batches, when the settings choose one.
func (t *Type) BatchScript() (script string, ok bool) {
	return t.batchScript, t.splitType == "JavaScript"
}

// Split cuts a batch (HL7 v2.5.1 §2.10.3) into its messages: each begins with an
// MSH, and a blank line ends one as well. The headers and trailers of files and
// batches are dropped, and so are the bytes 0x0B and 0x1C of frames. Every
// segment yielded ends with the delimiter that Parse expects.
func (t *Type) Split(text string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if _, ok := t.BatchScript(); ok {
			yield("", ErrScriptBatch)
			return
		}
		var message strings.Builder
		flush := func() bool {
			if message.Len() == 0 {
				return true
			}
			text := message.String()
			message.Reset()
			return yield(text, nil)
		}
		end := t.ready().readEnd
		for line, rest := nextBatchLine(text); ; line, rest = nextBatchLine(rest) {
			if isBlank(line) || strings.HasPrefix(line, "MSH") {
				if !flush() {
					return
				}
			}
			if !isBlank(line) && !isEnvelope(line) {
				message.WriteString(line)
				message.WriteString(end)
			}
			if rest == "" {
				flush()
				return
			}
		}
	}
}

// nextBatchLine returns the next line without bytes of frames.
func nextBatchLine(text string) (line, rest string) {
	line, rest = nextLine(text)
	if len(line) < len(text) && text[len(line)] == '\r' {
		rest = strings.TrimPrefix(rest, "\n")
	}
	if strings.ContainsAny(line, "\x0b\x1c") {
		line = strings.NewReplacer("\x0b", "", "\x1c", "").Replace(line)
	}
	return line, rest
}

// isEnvelope reports whether a line belongs to a file or batch, not to a message.
func isEnvelope(line string) bool {
	for _, name := range [...]string{"FHS", "BHS", "BTS", "FTS"} {
		if strings.HasPrefix(line, name) {
			return true
		}
	}
	return false
}
