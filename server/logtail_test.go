package server

import (
	"fmt"
	"slices"
	"testing"
)

func TestRing(t *testing.T) {
	var r ring[int64]
	for range keptLines + 3 {
		r.add(func(id int64) int64 { return id })
	}
	if got := r.newest(2); !slices.Equal(got, []int64{keptLines + 3, keptLines + 2}) {
		t.Error(got)
	}
	if all := r.newest(10 * keptLines); len(all) != keptLines || all[keptLines-1] != 4 {
		t.Error(fmt.Sprint(len(all)), all[len(all)-1])
	}
}
