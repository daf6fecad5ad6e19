package httpfield

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
)

// HashOrder returns names in the order in which Java's HashMap, into which they
// were put one after the other, gives them: parameters are sent in this order,
// and receivers may have come to count on it. Names are different from each
// other.
//
// The table has 16 buckets, and twice as many whenever it gets fuller than three
// quarters; a bucket keeps the order of insertion. (Beyond eight names in one
// bucket Java sorts them into a tree, which still gives them in this order.)
func HashOrder(names []string) []string {
	buckets := 16
	for len(names)*4 > buckets*3 {
		buckets *= 2
	}
	out := slices.Clone(names)
	slices.SortStableFunc(out, func(a, b string) int {
		return cmp.Compare(bucket(a, buckets), bucket(b, buckets))
	})
	return out
}

// bucket is where HashMap puts a string: its hash code with the upper half mixed
// into the lower, modulo the size of the table.
func bucket(s string, buckets int) uint32 {
	var h uint32
	for _, unit := range utf16.Encode([]rune(s)) {
		h = 31*h + uint32(unit)
	}
	return (h ^ h>>16) & uint32(buckets-1)
}

// CaseInsensitiveOrder returns names in the order in which the CaseInsensitiveMap of
// Java's commons collections gives them, made from a map that gives them in the order
// here: buckets from the last to the first, each with the latest name first. Names are
// different from each other in other than case.
func CaseInsensitiveOrder(names []string) []string {
	buckets := uint32(16)
	for int(buckets) < 2*len(names) {
		buckets *= 2
	}
	at := make(map[string]uint32, len(names))
	for _, name := range names {
		at[name] = oldHash(strings.ToLower(name)) & (buckets - 1)
	}
	out := slices.Clone(names)
	slices.Reverse(out)
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(at[b], at[a]) })
	return out
}

// oldHash is the hash code of a string as Java 1.4 mixed it.
func oldHash(s string) uint32 {
	var h int32
	for _, unit := range utf16.Encode([]rune(s)) {
		h = 31*h + int32(unit)
	}
	h += ^(h << 9)
	h ^= int32(uint32(h) >> 14)
	h += h << 4
	h ^= int32(uint32(h) >> 10)
	return uint32(h)
}
