//go:build !linux

package server

// releaseProgram does nothing here.
func releaseProgram() {}
