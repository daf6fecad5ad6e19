package mirthapi

import "testing"

func TestMetaDataSearch(t *testing.T) {
	values := map[string]any{"TYPE": "ADT-A01", "COUNT": float64(10)}
	for _, c := range []struct {
		search string
		want   bool
	}{
		{"TYPE = ADT-A01", true}, {"TYPE = adt-a01", false}, {"TYPE != ORU", true}, {"TYPE STARTS WITH ADT", true},
		{"TYPE DOES NOT START WITH ADT", false}, {"TYPE ENDS WITH A01", true}, {"TYPE DOES NOT END WITH A01", false},
		{"TYPE CONTAINS T-A", true}, {"TYPE DOES NOT CONTAIN ORU", true}, {"COUNT > 9", true}, {"COUNT <= 9", false}, {"COUNT = 10.0", true},
		{"OTHER = x", false}, {"OTHER != x", false},
	} {
		s, ok := parseSearch(c.search)
		if !ok || s.fits(values) != c.want {
			t.Errorf("%q: read %t, fits %t", c.search, ok, !c.want)
		}
	}
	for _, bad := range []string{"", "TYPE", "TYPE LIKE x", "= x", "TYPE =x"} {
		if _, ok := parseSearch(bad); ok {
			t.Errorf("%q is read", bad)
		}
	}
}
