package server

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file that is as it was is not read again; one that was written in any way is.
func TestFilesAreReadWhenTheyChange(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.xml")
	old := time.Now().Add(-time.Hour)
	put := func(text string, when time.Time) {
		t.Helper()
		write(t, file, text)
		if err := os.Chtimes(file, when, when); err != nil {
			t.Fatal(err)
		}
	}
	s := &Server{opt: Options{Channels: dir}.withDefaults(), data: &dataDir{path: t.TempDir()}}
	read := func() *ChannelSet {
		t.Helper()
		set, err := s.readAll()
		if err != nil || len(set.Channels) != 1 {
			t.Fatal(set, err)
		}
		s.imports = set.imports
		return set
	}
	put(testChannel(ward, "Ward", ""), old)
	first := read()
	first.Channels[0].Depends = append(first.Channels[0].Depends, "x")
	if again := read(); again.imports[file] != first.imports[file] || len(again.Channels[0].Depends) > 0 {
		t.Error("a file that is as it was is read again, or is not what it was")
	}
	put(testChannel(ward, "Lab_", ""), old.Add(time.Second))
	if set := read(); set.Channels[0].Name != "Lab_" {
		t.Error("a file with another time is not read")
	}
	// Another file with the same size and time, as a tool that keeps times makes it.
	write(t, file+".new", testChannel(ward, "Bed_", ""))
	if err := os.Chtimes(file+".new", old.Add(time.Second), old.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	if set := read(); set.Channels[0].Name != "Bed_" {
		t.Error("a file that was replaced is not read")
	}
	// Written and read within one tick of the file system's clock.
	now := time.Now().Add(time.Minute)
	put(testChannel(ward, "Now_", ""), now)
	read()
	put(testChannel(ward, "Soon", ""), now)
	if set := read(); set.Channels[0].Name != "Soon" {
		t.Error("a file that was written right after it was read is not read again")
	}
}
