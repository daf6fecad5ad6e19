package java

import (
	"bytes"
	"math"
	"unicode/utf16"
)

// equal is Object.equals.
func equal(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case []byte:
		y, ok := b.([]byte)
		return ok && len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0])
	case *List:
		y, ok := b.(*List)
		return ok && equalItems(x.Items(), y.Items())
	case *Map:
		y, ok := b.(mapping)
		if !ok || x.Len() != y.Len() {
			return false
		}
		for _, k := range x.Keys() {
			v, _ := x.Get(k)
			w, has := y.Get(k)
			if !has || !equal(v, w) {
				return false
			}
		}
		return true
	case interface{ Equal(any) bool }:
		return x.Equal(b)
	}
	if _, ok := b.([]byte); ok {
		return false
	}
	return a == b
}

func equalItems(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// sameBytes is Arrays.equals of byte[].
func sameBytes(a, b any) bool {
	x, ok1 := a.([]byte)
	y, ok2 := b.([]byte)
	return ok1 && ok2 && bytes.Equal(x, y)
}

// hashOf is Object.hashCode for the values whose order in a HashMap shows.
func hashOf(v any) int32 {
	switch v := v.(type) {
	case string:
		return stringHash(v)
	case int32:
		return v
	case int64:
		return int32(v ^ int64(uint64(v)>>32))
	case float64:
		if v == 0 && !math.Signbit(v) {
			return 0
		}
		b := math.Float64bits(v)
		return int32(b ^ b>>32)
	case bool:
		if v {
			return 1231
		}
		return 1237
	case interface{ Hash() int32 }:
		return v.Hash()
	case *List:
		h := int32(1)
		for _, item := range v.Items() {
			h = 31*h + hashOf(item)
		}
		return h
	}
	return 0
}

func stringHash(s string) int32 {
	h := int32(0)
	for _, r := range s {
		if r < 0x10000 {
			h = 31*h + int32(r)
			continue
		}
		hi, lo := utf16.EncodeRune(r)
		h = 31*(31*h+int32(hi)) + int32(lo)
	}
	return h
}

// compare is the natural order of Comparable: numbers, strings, dates. ok is
// false for values that have none.
func compare(a, b any) (order int, ok bool) {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return compareStrings(x, y), true
		}
	case float64, int32, int64, numeric:
		switch b.(type) {
		case float64, int32, int64, numeric:
			return compareFloats(floatOf(a), floatOf(b)), true
		}
	case bool:
		if y, ok := b.(bool); ok {
			return boolOrder(x) - boolOrder(y), true
		}
	case interface{ Compare(any) (int, bool) }:
		return x.Compare(b)
	}
	return 0, false
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// compareStrings orders by UTF-16 units and tells the distance, as
// String.compareTo does.
func compareStrings(a, b string) int {
	x, y := units(a), units(b)
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] != y[i] {
			return int(x[i]) - int(y[i])
		}
	}
	return len(x) - len(y)
}

// units is the text as Java counts it, in UTF-16.
func units(s string) []uint16 { return utf16.Encode([]rune(s)) }

func fromUnits(u []uint16) string { return string(utf16.Decode(u)) }
