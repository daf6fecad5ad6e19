package store

import (
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

func TestFinder(t *testing.T) {
	long := strings.Repeat("OBX|1|NM|2345-1^Glucose|", 100)
	for _, c := range []struct {
		in, text string
		want     bool
	}{
		{"MSH|^~\\&|LAB", "lab", true},
		{"MSH|^~\\&|LAB", "LaB", true},
		{"MSH|^~\\&|LAB", "labs", false},
		{"MSH|^~\\&|LAB", "|", true},
		{"abab", "bb", false},
		{"aabXxb", "xxB", true},
		{"", "x", false},
		{"x", "", true},
		{"Zoë Doe", "ZOË", true},
		{"Zoë Doe", "zoe", false},
		{"\xe4\xff Doe", "doe", true},
		{long + "needle" + long, "NEEDLE", true},
		{long + long, "needle", false},
		{long, "glucose|obx", true},
	} {
		for _, effort := range []Effort{Small, Quick} {
			cm := &weir.ConnectorMessage{}
			cm.Set(weir.Raw, c.in, "")
			packed, err := PackContents(cm, []weir.ContentType{weir.Raw}, effort, nil)
			if err != nil {
				t.Fatal(err)
			}
			f := NewFinder(c.text)
			if got, err := f.MayHold(packed); got != c.want || err != nil {
				t.Errorf("%q in packed %.30q: got %v, error %v", c.text, c.in, got, err)
			}
			if got := f.Holds(&weir.Message{Connectors: []*weir.ConnectorMessage{cm}}); got != c.want {
				t.Errorf("%q in %.30q: got %v", c.text, c.in, got)
			}
		}
	}
}

// Where a message holds a text its packed contents may; anything else is no more than an
// error.
func FuzzFinder(f *testing.F) {
	f.Add([]byte("MSH|^~\\&|Lab"), "lab")
	f.Add([]byte("\x00\x01\x00\x03abc"), "B")
	f.Add([]byte("Zo\xc3\xab"), "\xc3\xab")
	f.Fuzz(func(t *testing.T, b []byte, text string) {
		NewFinder(text).MayHold(b)
		if strings.ContainsRune(string(b), '\u212a') || strings.ContainsRune(text, '\u212a') {
			return // in lower case the sign of Kelvin is a k, which nobody looks for
		}
		cm := &weir.ConnectorMessage{}
		cm.Set(weir.Raw, string(b), "")
		packed, err := PackContents(cm, []weir.ContentType{weir.Raw}, Small, nil)
		if err != nil {
			t.Fatal(err)
		}
		finder := NewFinder(text)
		may, err := finder.MayHold(packed)
		if err != nil {
			t.Fatal(err)
		}
		if finder.in(string(b)) && !may {
			t.Errorf("%q holds %q and may not", b, text)
		}
	})
}
