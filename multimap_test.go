package weir

import (
	"reflect"
	"testing"
)

func TestMultiMap(t *testing.T) {
	for _, c := range []struct {
		kind     MultiMapKind
		keys     []string
		accept   []string
		contains bool
		text     string
	}{
		{Headers, []string{"Accept", "X-Site", "None"}, []string{"a", "b"}, true, "{Accept=[a, b], X-Site=[North], None=[]}"},
		{Parameters, []string{"Accept", "accept", "X-Site", "None"}, []string{"a"}, false, "{Accept=[a], accept=[b], X-Site=[North], None=[]}"},
	} {
		m := NewMultiMap(c.kind)
		m.Add("Accept", "a")
		m.Add("accept", "b")
		m.Add("X-Site", "North")
		m.Add("None")
		if got := m.Keys(); !reflect.DeepEqual(got, c.keys) || m.Len() != len(c.keys) {
			t.Errorf("%s: Keys = %q, want %q", c.kind, got, c.keys)
		}
		if got := m.List("Accept"); !reflect.DeepEqual(got, c.accept) {
			t.Errorf("%s: List = %q, want %q", c.kind, got, c.accept)
		}
		if got := m.Contains("x-site"); got != c.contains {
			t.Errorf("%s: Contains(x-site) = %v, want %v", c.kind, got, c.contains)
		}
		if v, ok := m.Get("X-Site"); v != "North" || !ok {
			t.Errorf("%s: Get = %q, %v", c.kind, v, ok)
		}
		for _, absent := range []string{"None", "zzz"} {
			if v, ok := m.Get(absent); v != "" || ok {
				t.Errorf("%s: Get(%s) = %q, %v, want nothing", c.kind, absent, v, ok)
			}
		}
		if got := m.String(); got != c.text {
			t.Errorf("%s: String = %s, want %s", c.kind, got, c.text)
		}
		portable := m.Portable().(map[string]any)
		if !reflect.DeepEqual(portable["X-Site"], []any{"North"}) || !reflect.DeepEqual(portable["None"], []any{}) {
			t.Errorf("%s: Portable = %v", c.kind, portable)
		}
	}
}
