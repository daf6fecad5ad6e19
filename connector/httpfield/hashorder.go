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
	buckets := uint32(16)
	for uint32(len(names))*4 > buckets*3 {
		buckets *= 2
	}
	return ordered(names, func(name string) uint32 {
		h := javaHash(name)
		return (h ^ h>>16) & (buckets - 1) // the upper half is mixed into the lower
	})
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
	out := ordered(names, func(name string) uint32 {
		h := int32(javaHash(strings.ToLower(name)))
		// As Java 1.4 mixed it.
		h += ^(h << 9)
		h ^= int32(uint32(h) >> 14)
		h += h << 4
		h ^= int32(uint32(h) >> 10)
		return uint32(h) & (buckets - 1)
	})
	slices.Reverse(out)
	return out
}

// ordered returns names in order of their buckets.
func ordered(names []string, bucket func(string) uint32) []string {
	type placed struct {
		name   string
		bucket uint32
	}
	var few [16]placed // the headers of most requests
	all := few[:0]
	for _, name := range names {
		all = append(all, placed{name, bucket(name)})
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.bucket, b.bucket) })
	out := make([]string, len(names))
	for i, one := range all {
		out[i] = one.name
	}
	return out
}

// javaHash is the hash code of a string in Java.
func javaHash(s string) (h uint32) {
	for _, r := range s {
		if r > 0xFFFF {
			high, low := utf16.EncodeRune(r)
			h = 31*h + uint32(high)
			r = low
		}
		h = 31*h + uint32(r)
	}
	return h
}
