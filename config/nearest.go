package config

import "strings"

// Nearest returns the known name that is nearest to one that was mistyped, "" where
// none is within so many letters.
func Nearest(name string, known []string, most int) string {
	best, least := "", 2*(most+1)
	for _, k := range known {
		d := 2 * distance(strings.ToLower(name), strings.ToLower(k))
		if d < least && distance(name, k) > d/2 {
			d++ // of two that are as near, the one with the same capitals
		}
		if d < least && k != "" {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, leave out or change to make one text of
// another. Only short texts are compared.
func distance(a, b string) int {
	const longest = 100
	if len(a) > longest || len(b) > longest {
		return longest
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
