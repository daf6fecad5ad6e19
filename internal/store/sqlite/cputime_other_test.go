//go:build !unix

package sqlite

import "time"

// processTime is not known here.
func processTime() time.Duration { return 0 }
