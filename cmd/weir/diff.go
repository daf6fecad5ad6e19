package main

import (
	"fmt"
	"strings"
)

// diffContext is how many unchanged lines stand around a change.
const diffContext = 3

// change is a line that stays (' '), goes ('-') or comes ('+').
type change struct {
	kind byte
	line string
}

// unified compares two texts as diff -u does; it is empty where they are equal.
func unified(from, to, before, after string) string {
	if before == after {
		return ""
	}
	changes := compare(splitLines(before), splitLines(after))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", from, to)
	oldLine, newLine := 1, 1
	for i := 0; i < len(changes); {
		if changes[i].kind == ' ' {
			oldLine, newLine, i = oldLine+1, newLine+1, i+1
			continue
		}
		begin := max(0, i-diffContext)
		for j := begin; j < i; j++ {
			if changes[j].kind != ' ' {
				begin = j + 1
			}
		}
		end, quiet := i, 0
		for end < len(changes) && quiet <= 2*diffContext {
			if quiet++; changes[end].kind != ' ' {
				quiet = 0
			}
			end++
		}
		end -= max(0, quiet-diffContext)
		oldLine, newLine = writeHunk(&b, changes[begin:end], oldLine-(i-begin), newLine-(i-begin))
		i = end
	}
	return b.String()
}

// writeHunk writes changes that begin at the given lines, and returns the lines
// after them.
func writeHunk(b *strings.Builder, hunk []change, oldLine, newLine int) (oldAfter, newAfter int) {
	olds, news := 0, 0
	for _, c := range hunk {
		if c.kind != '+' {
			olds++
		}
		if c.kind != '-' {
			news++
		}
	}
	first := func(line, count int) int {
		if count == 0 {
			return line - 1
		}
		return line
	}
	fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", first(oldLine, olds), olds, first(newLine, news), news)
	for _, c := range hunk {
		fmt.Fprintf(b, "%c%s\n", c.kind, c.line)
	}
	return oldLine + olds, newLine + news
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// maxCompared is the largest product of line counts that is compared line by
// line; beyond it all of the differing middle counts as changed.
const maxCompared = 25_000_000

// compare finds a shortest list of lines that go and come. What is equal at both
// ends is set aside first: edits are small.
func compare(a, b []string) []change {
	var head, tail []change
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, change{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, change{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	for i, j := 0, len(tail)-1; i < j; i, j = i+1, j-1 {
		tail[i], tail[j] = tail[j], tail[i]
	}
	return append(append(head, middle(a, b)...), tail...)
}

func middle(a, b []string) []change {
	var list []change
	// common[i][j] is how many lines a[i:] and b[j:] have in common, in order.
	var common [][]int32
	if len(a)*len(b) <= maxCompared {
		common = make([][]int32, len(a)+1)
		for i := range common {
			common[i] = make([]int32, len(b)+1)
		}
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				if a[i] == b[j] {
					common[i][j] = common[i+1][j+1] + 1
				} else {
					common[i][j] = max(common[i+1][j], common[i][j+1])
				}
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) && common != nil {
		switch {
		case a[i] == b[j]:
			list = append(list, change{' ', a[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			list = append(list, change{'-', a[i]})
			i++
		default:
			list = append(list, change{'+', b[j]})
			j++
		}
	}
	for ; i < len(a); i++ {
		list = append(list, change{'-', a[i]})
	}
	for ; j < len(b); j++ {
		list = append(list, change{'+', b[j]})
	}
	return list
}
