package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weir-health/weir/internal/store"
)

func TestTerms(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"admission", "MSH|^~\\&|A|B|C|D|20240101||ADT^A01|ADT42|P|2.5\rPID|1||10001^^^MRN~987^^^SSN||DOE\r", "control ADT42, patient 10001, patient 987"},
		{"result", "MSH|^~\\&|A|B|C|D|1||ORU^R01|7|P|2.5\rPID|1|2|3\rORC|RE|P1^X|F1\rOBR|1|P1|F1^LAB|x||||||||||||||ACC9\r",
			"control 7, patient 3, order P1, order F1, order ACC9"},
		{"other delimiters, LF", "MSH$%?\\&$A$B$C$D$1$$ADT%A01$9$P$2.5\nPID$$$5%x?6\n", "control 9, patient 5, patient 6"},
		{"deleted and empty values", "MSH|^~\\&|||||||ADT||P\rPID|||\"\"~^^^MRN\r", ""},
		{"frame left on", "\x0bMSH|^~\\&|||||||ADT|1|P\r", "control 1"},
		{"cut short", "MSH|^~\\&|||||||ADT|1", "control 1"},
		{"segment name inside of a field", "MSH|^~\\&|||||||ADT|1|PID|||4\r", "control 1"},
		{"XML", "<HL7Message/>", ""},
		{"too short", "MSH|", ""},
		{"value too long", "MSH|^~\\&|||||||ADT|" + strings.Repeat("x", maxTerm+1) + "|P\r", ""},
	} {
		var got []string
		for _, term := range termsOf(c.text) {
			got = append(got, term.Kind+" "+term.Value)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, s, c.want)
		}
	}
	var many strings.Builder
	many.WriteString("MSH|^~\\&|||||||ORU|1|P\r")
	for i := range 2 * maxTerms {
		fmt.Fprintf(&many, "OBR|1|%d\r", i)
	}
	if n := len(termsOf(many.String())); n != maxTerms {
		t.Errorf("a message of many orders has %d terms, want %d", n, maxTerms)
	}
}

func FuzzTerms(f *testing.F) {
	f.Add("MSH|^~\\&|A|B|C|D|20240101||ADT^A01|ADT42|P|2.5\rPID|1||10001^^^MRN~987^^^SSN||DOE\r")
	f.Add("MSH\r\r\r\r\r")
	f.Fuzz(func(t *testing.T, text string) {
		terms := termsOf(text)
		if len(terms) > maxTerms {
			t.Fatalf("%d terms", len(terms))
		}
		for _, term := range terms {
			if term.Value == "" || len(term.Value) > maxTerm || !strings.Contains(text, term.Value) {
				t.Fatalf("%q is a term of %q", term.Value, text)
			}
			if term.Kind != store.ControlTerm && term.Kind != store.PatientTerm && term.Kind != store.OrderTerm {
				t.Fatalf("kind %q", term.Kind)
			}
		}
	})
}
