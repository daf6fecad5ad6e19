package java

import "testing"

// What propertiesIn makes of any text is bounded by the text, and none stops it.
func FuzzProperties(f *testing.F) {
	f.Add("a=1\n# c\nb : two\nc=x\\\n  y\nd\\ e=\\u0041\\")
	f.Fuzz(func(t *testing.T, text string) {
		total := 0
		propertiesIn(text, func(key, value string) { total += len(key) + len(value) })
		if total > 2*len(text) {
			t.Errorf("%d bytes of keys and values from %d", total, len(text))
		}
	})
}
