//go:build !linux

package server

// releaseProgram does nothing here.
func releaseProgram() {}

// ContainerMemory is not known here.
func ContainerMemory() int64 { return 0 }
