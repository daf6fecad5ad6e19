//go:build unix

package postgres

import (
	"syscall"
	"time"
)

// processTime is the processor time of this process.
func processTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
