package connector

import (
	"strconv"
	"strings"
	"time"
)

// Whole reads a number as Mirth does: what is none gives the default.
func Whole(text string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return otherwise
	}
	return n
}

// Millis reads a number of milliseconds; below 0 is 0.
func Millis(text string, otherwise time.Duration) time.Duration {
	n := Whole(text, int(otherwise/time.Millisecond))
	return time.Duration(max(n, 0)) * time.Millisecond
}
