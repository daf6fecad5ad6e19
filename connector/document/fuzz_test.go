package document

import (
	"bytes"
	"errors"
	"testing"
)

// Whatever a message brings into a template, a document comes out or an error,
// and the document is not much larger than what went in.
func FuzzDocument(f *testing.F) {
	f.Add(report(f))
	for _, s := range []string{
		"", "text", "<table><tr><td rowspan=9 colspan=70>a<tr><td>b", "<style>p{font-size:1e9pt}@page{size:1mm;margin:99in}</style><p>x",
		"<ul><li><li><p></ul>", "<pre>\r\n\t x</pre>", "<img src='data:image/png;base64,iVBORw0KGgo='>", "<img src='data:image/jpeg;base64,/9j/4AAQ'>",
		"<p style='margin:99999px;width:-1%'>(\\)<br><br>", "<table width=1><tr><td><table><tr><td>long-long-long-word", "<svg><math>", "<b/><td/>\x00\xff",
	} {
		f.Add(s)
	}
	page := paper{612, 792, margin, margin, margin, margin}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 1<<16 {
			return
		}
		for _, kind := range []string{"pdf", "rtf"} {
			out, err := render(source, page, kind, "")
			if err != nil {
				if out != nil {
					t.Error("a document with an error")
				}
				continue
			}
			if kind == "pdf" && (!bytes.HasPrefix(out, []byte("%PDF-")) || !bytes.HasSuffix(out, []byte("%%EOF\n"))) {
				t.Error("no PDF")
			}
		}
	})
}

// The name of the limit is in the error, for those who look for it.
func TestTooLarge(t *testing.T) {
	_, err := render(string(make([]byte, maxSource+1)), paper{}, "pdf", "")
	if !errors.Is(err, errTooLarge) {
		t.Errorf("%v", err)
	}
}
