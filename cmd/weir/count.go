package main

import "fmt"

// count says how many there are of a thing: 1 channel, 2 channels.
func count[N int | int64](n N, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
