package pipeline

import (
	"context"
	"testing"

	"github.com/weir-health/weir"
)

// Statistics begin anew, for all or for one connector and status, and what comes
// after counts; a restart finds the same.
func TestResetStatistics(t *testing.T) {
	in(t, both(destinations(dest(1))), func(r *rig) {
		ctx := context.Background()
		reset := func(id int, statuses ...weir.Status) {
			t.Helper()
			if err := r.ResetStatistics(ctx, id, statuses); err != nil {
				t.Fatal(err)
			}
		}
		r.receive("x")
		r.receive("y")
		r.wantCounts("2/0/0/0 2/0/2/0")
		reset(1, weir.Sent)
		r.wantCounts("2/0/0/0 2/0/0/0")
		reset(0)
		r.wantCounts("0/0/0/0 2/0/0/0")
		r.receive("z")
		r.wantCounts("1/0/0/0 3/0/1/0")
		reset(-1)
		r.wantCounts("0/0/0/0 0/0/0/0")
		if err := r.ResetStatistics(ctx, 7, nil); err == nil {
			t.Error("a connector that the channel does not have was reset")
		}
		r.receive("z")
		if err := r.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		r.restart(false)
		r.wantCounts("1/0/0/0 1/0/1/0")
	})
}
