package pipeline

import (
	"reflect"
	"testing"
	"time"

	"github.com/weir-health/weir"
)

func TestMapsComeBack(t *testing.T) {
	in := map[string]any{
		"text": "a\rb \"quoted\" é", "empty": "", "double": 1.0, "big": 1e300, "int": int32(3), "long": int64(1 << 60),
		"yes": true, "nothing": nil, "bytes": []byte{0, 1, 255}, "time": time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
		"list":     []any{"a", 2.5, []any{int32(1)}},
		"map":      map[string]any{"d": "tagged by accident", "x": map[string]any{}},
		"response": weir.Response{Status: weir.Sent, Message: "MSH|", StatusMessage: "sent", Error: "e"},
	}
	out, err := decodeMap(encodeMap(in))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(in, out) {
		t.Errorf("maps\n got %#v\nwant %#v", out, in)
	}
}

func TestStoredMapsThatAreBroken(t *testing.T) {
	for _, text := range []string{"{", "[]", `{"a":{"q":"1"}}`, `{"a":{"i":"x"}}`, `{"a":{"d":1}}`, `{"a":}`} {
		if _, err := decodeMap(text); err == nil {
			t.Errorf("decodeMap(%s) gave no error", text)
		}
	}
}

func FuzzDecodeMap(f *testing.F) {
	f.Add(`{"a":{"i":"3"},"b":[{"m":{}}],"r":{"r":{"status":"SENT"}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := decodeMap(text)
		if err != nil {
			return
		}
		again, err := decodeMap(encodeMap(m))
		if err != nil {
			t.Fatalf("%q came back as %v", text, err)
		}
		if encodeMap(again) != encodeMap(m) {
			t.Fatalf("not stable: %s and %s", encodeMap(m), encodeMap(again))
		}
	})
}
