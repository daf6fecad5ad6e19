package server

import (
	"fmt"
	"slices"
	"testing"
)

func TestRing(t *testing.T) {
	var r ring[int64]
	for i := range int64(keptLines + 3) {
		r.add(i + 1)
	}
	show := func(id, line int64) int64 {
		if id != line {
			t.Errorf("line %d has the number %d", line, id)
		}
		return line
	}
	if got := newest(&r, 2, show); !slices.Equal(got, []int64{keptLines + 3, keptLines + 2}) {
		t.Error(got)
	}
	if all := newest(&r, 10*keptLines, show); len(all) != keptLines || all[keptLines-1] != 4 {
		t.Error(fmt.Sprint(len(all)), all[len(all)-1])
	}
}
