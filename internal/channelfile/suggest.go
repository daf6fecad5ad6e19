package channelfile

import (
	"strings"

	"github.com/weir-health/weir/config"
)

// suggest names the known key that is nearest to one that is not.
func suggest(key string, known []string) string {
	best, least := "", len(key)/2+2
	for _, k := range known {
		if d := distance(strings.ToLower(key), strings.ToLower(k)); d < least && k != "" {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

func suggestSetting(name string, fields []*config.Field) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return suggest(name, names)
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
