//go:build !unix

package postgres

import "time"

// processTime is not known here.
func processTime() time.Duration { return 0 }
