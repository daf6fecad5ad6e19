package script_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/script"
)

// togetherMemory is what scripts may fill in the process of TestBombsTogether, and
// togetherResident what all of it may come to, with what the watch sees late.
const (
	togetherMemory   = 400 << 20
	togetherResident = 2 << 30
)

// TestBombsTogether runs all bombs at the same time in one process beside a channel that
// does its work: hardly one of its messages fails, it comes forward between any two bombs
// that end, an error is that of the bomb's own script, and what is left of memory and goroutines is
// what was there before. A process of its own, since the bound is for all of its memory.
func TestBombsTogether(t *testing.T) {
	if raceEnabled {
		t.Skip("allocation is too slow under the race detector to fill memory")
	}
	const mark = "WEIR_TEST_BOMBS_TOGETHER"
	if os.Getenv(mark) != "" {
		bombsTogether(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestBombsTogether$", "-test.v")
	cmd.Env = append(os.Environ(), mark+"=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	if peak, ok := peakOf(cmd.ProcessState); ok {
		t.Logf("%d bombs; at most %d MB resident", len(allBombs()), peak>>20)
		if peak > togetherResident {
			t.Errorf("the process came to %d MB, more than %d MB", peak>>20, togetherResident>>20)
		}
	}
}

func bombsTogether(t *testing.T) {
	debug.SetMemoryLimit(togetherMemory * 5 / 4)
	defer script.Setup(2*time.Second, togetherMemory)()
	var failures atomic.Int64
	answers, leave := neighbour(t, func(err error) {
		failures.Add(1)
		t.Logf("the other channel: %v", err)
	})
	goroutines := runtime.NumGoroutine()
	var all sync.WaitGroup
	start := make(chan struct{})
	for _, c := range allBombs() {
		p, err := script.CompileScript("bomb", nil, script.Part{Name: "body", Code: c.body})
		if err != nil {
			t.Fatal(err)
		}
		p.Limits.Time = 2 * time.Second
		all.Go(func() {
			<-start
			scope := newScope()
			scope.Host = &bombHost{}
			_, err := p.Run(context.Background(), scope)
			var e *script.Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%s\n got %v\nwant an error of the script", c.body, err)
			}
			for before := answers.Load(); answers.Load() == before; {
				runtime.Gosched() // the neighbour is answered, or the test does not end
			}
		})
	}
	close(start)
	all.Wait()
	leave()
	for runtime.NumGoroutine() > goroutines {
		runtime.Gosched() // what bombs have started ends, or the test does not
	}
	debug.FreeOSMemory()
	var m runtime.MemStats
	if runtime.ReadMemStats(&m); m.HeapAlloc > togetherMemory/4 {
		t.Errorf("%d MB are left of the bombs", m.HeapAlloc>>20)
	}
	// The watch ends the run that began first, which on a machine that stands still may be one
	// of the neighbour's; it must stay a rare one.
	if n := failures.Load(); n*100 > answers.Load() {
		t.Errorf("%d of %d messages of the other channel failed", n, answers.Load())
	}
	if answers.Load() < int64(len(allBombs())/4) {
		t.Errorf("the other channel has done %d messages beside %d bombs", answers.Load(), len(allBombs()))
	}
}
