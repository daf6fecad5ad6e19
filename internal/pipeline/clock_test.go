package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// A clock that is set back or forward changes neither ids nor order, and a queue goes on
// at its interval: it neither stands still nor tries without a pause.
func TestClockJumps(t *testing.T) {
	for _, rotate := range []string{"false", "true"} {
		t.Run("rotate "+rotate, func(t *testing.T) {
			var ahead atomic.Int64
			synctestRig(t, destinations(dest(1, "queueEnabled", "true", "retryIntervalMillis", "10000", "queueBufferSize", "1", "rotate", rotate)), func(r *rig) {
				r.engine.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			}, func(r *rig) {
				r.answer("D1", func(context.Context, delivery, *weir.Outbound) (weir.Response, error) {
					return weir.Response{}, errors.New("down")
				})
				messages := 0
				for _, jump := range []time.Duration{0, -2 * time.Hour, 3 * time.Hour, -240 * time.Hour} {
					ahead.Add(int64(jump))
					messages++
					if id := r.receive(fmt.Sprint(messages)).MessageID; id != int64(messages) {
						t.Errorf("after %v: message %d has the id %d", jump, messages, id)
					}
					r.pass(time.Minute)
					before := len(r.deliveries())
					r.pass(10 * time.Minute)
					// Every ten seconds, with rotation each of the messages.
					tries := len(r.deliveries()) - before
					if most := 62 * messages; tries < 55 || tries > most {
						t.Errorf("after %v: %d attempts in ten minutes, want 55 to %d", jump, tries, most)
					}
				}
				r.answer("D1", nil)
				r.pass(time.Minute)
				list, err := r.store.Messages(context.Background(), store.Query{ChannelID: r.cfg.ID, Statuses: []weir.Status{weir.Sent}})
				if err != nil || len(list) != messages || list[0].ID != int64(messages) {
					t.Errorf("%d of %d are sent, error %v", len(list), messages, err)
				}
				// What was sent in one run is not before the next one that starts in its past.
				r.Halt()
				ahead.Store(-int64(1000 * time.Hour))
				r.restart(false)
				if id := r.receive("again").MessageID; id != int64(messages+1) {
					t.Errorf("after a start in the past: id %d", id)
				}
				r.pass(time.Minute)
				r.wantStates(int64(messages+1), "T 1S")
			})
		})
	}
}
