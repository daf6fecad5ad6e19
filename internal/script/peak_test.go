//go:build linux

package script_test

import (
	"os"
	"syscall"
)

// peakOf returns the most memory that a process has had resident, in bytes.
func peakOf(p *os.ProcessState) (bytes int64, ok bool) {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, false
	}
	return usage.Maxrss << 10, true
}
