package script

import (
	"encoding/json"
	"testing"
	"time"
)

// FuzzRhinoTexts reads any text as JSON and as a date. Of valid JSON there is
// nothing to say.
func FuzzRhinoTexts(f *testing.F) {
	for _, seed := range []string{`{"a": [1, "\\u0041"]}`, `{"a"`, `[1,]`, "-", "Jan 2, 2024 3:04 PM", "2024-01-02T03:04:05+01:00", "(((", "1/2/3/4"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if fault := jsonFault(text); fault != "" && json.Valid([]byte(text)) && fault != "Too deeply nested" {
			t.Errorf("%q: %s", text, fault)
		}
		parseDate(text, time.UTC)
	})
}
