package main

import (
	"errors"
	"os"
	"runtime/debug"

	"github.com/weir-health/weir/server"
)

// defaultGOGC trades memory for speed: script-heavy load gains a fifth. The limit keeps
// that from growing without end.
const (
	defaultGOGC        = 400
	defaultMemoryLimit = 1 << 30
	leastMemoryLimit   = 64 << 20
)

// tuneMemory sets the limit that the runtime keeps to, and that sources stop reading at
// before: the flag's, else GOMEMLIMIT, else nine tenths of what the container has, else
// defaultMemoryLimit.
func tuneMemory(limit size) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(defaultGOGC)
	}
	switch container := server.ContainerMemory(); {
	case limit != 0 && limit < leastMemoryLimit:
		return errors.New("--memory-limit: Weir needs 64MiB or more")
	case limit != 0:
		debug.SetMemoryLimit(int64(limit))
	case os.Getenv("GOMEMLIMIT") != "":
	case container > 0:
		debug.SetMemoryLimit(container / 10 * 9)
	default:
		debug.SetMemoryLimit(defaultMemoryLimit)
	}
	return nil
}
