package file

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"

	"github.com/weir-health/weir"
)

// matcher tells which file names are wanted.
type matcher func(name string) bool

// newMatcher reads a filter: a comma list of wildcards, or a regular expression
// for the whole name.
func newMatcher(filter string, regex bool) (matcher, error) {
	if regex {
		return newRegex(filter)
	}
	var patterns []string
	for _, p := range strings.Split(filter, ",") {
		if p = strings.TrimSpace(p); p != "" {
			patterns = append(patterns, p)
		}
	}
	return func(name string) bool {
		for _, p := range patterns {
			if wildcard([]rune(p), []rune(name)) {
				return true
			}
		}
		return false
	}, nil
}

// newRegex uses Go's regular expressions, which need linear time, and for
// expressions that only Java has, such as (?!…), a backtracking matcher with a
// limit.
func newRegex(expression string) (matcher, error) {
	whole := `\A(?:` + expression + `)\z`
	if re, err := regexp.Compile(whole); err == nil {
		return re.MatchString, nil
	}
	re, err := regexp2.Compile(whole, regexp2.None)
	if err != nil {
		return nil, &weir.Fault{At: "fileFilter", Err: fmt.Errorf("%q is no regular expression: %w", expression, err),
			Hint: "Correct it, or turn regular expressions off to use wildcards such as *.hl7."}
	}
	re.MatchTimeout = time.Second
	return func(name string) bool {
		ok, err := re.MatchString(name)
		return ok && err == nil
	}, nil
}

// wildcard matches * with any characters and ? with one, in time proportional to
// the product of the lengths.
func wildcard(pattern, name []rune) bool {
	p, n := 0, 0
	star, again := -1, 0 // where to go on if what follows the last * fails
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, again = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			again++
			p, n = star+1, again
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
