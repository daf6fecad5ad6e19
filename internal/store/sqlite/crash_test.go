package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// crashDir makes this test binary the process that is killed: it saves below
// that directory until then.
const crashDir = "WEIR_TEST_CRASH_DIR"

// crashStep has it drop what has aged instead, and end at that step.
const crashStep = "WEIR_TEST_CRASH_STEP"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if step := os.Getenv(crashStep); step != "" {
			expireUntil(dir, step)
		}
		saveForever(dir)
	}
	os.Exit(m.Run())
}

// crashes is how often the process is killed.
const crashes = 25

// A process that saves with many goroutines and writes down every change that
// was acknowledged is killed at some moment; then all it wrote down must be
// there, and the statistics must be what a count of the rows gives.
func TestCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills a process some dozens of times")
	}
	dir := t.TempDir()
	acknowledged := map[string]bool{} // "received 17", "finished 17"
	for range crashes {
		acks := 1 + rand.IntN(400)
		for _, line := range killAfter(t, dir, acks) {
			acknowledged[line] = true
		}
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkCrashed(t, s, acknowledged)
		s.Close()
	}
	t.Logf("%d changes acknowledged", len(acknowledged))
}

// killAfter starts the process, kills it when it has acknowledged so many
// changes, and returns all it acknowledged.
func killAfter(t *testing.T, dir string, acks int) (lines []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			break // what follows the last line end was not acknowledged in full
		}
		if lines = append(lines, strings.TrimSpace(line)); len(lines) == acks {
			cmd.Process.Kill()
		}
	}
	if len(lines) < acks {
		t.Errorf("the process ended by itself after %d of %d", len(lines), acks)
	}
	cmd.Wait()
	return lines
}

func checkCrashed(t *testing.T, s *Store, acknowledged map[string]bool) {
	t.Helper()
	ctx := context.Background()
	last, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{})
	if err != nil {
		t.Fatal(err)
	}
	for line := range acknowledged {
		state, number, _ := strings.Cut(line, " ")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatalf("line %q", line)
		}
		m, err := s.Message(ctx, "bench", id)
		switch {
		case err != nil:
			t.Errorf("%s: %v", line, err)
		case id > last:
			t.Errorf("%s: the channel's last id is %d", line, last)
		case m.Connectors[0].Text(weir.Raw) != samples()[id%sampleCount]:
			t.Errorf("%s: raw text differs", line)
		case state == "finished" && (!m.Processed || m.Connector(1).Text(weir.Encoded) == ""):
			t.Errorf("%s: got processed %v", line, m.Processed)
		}
	}
	got, err := s.Statistics(ctx, "bench")
	if err != nil {
		t.Fatal(err)
	}
	if want := recount(t, s); got[0] != want[0] || got[1] != want[1] {
		t.Errorf("statistics: got %+v, a count gives %+v", got, want)
	}
	var result string
	for _, v := range s.volumes.all {
		files, err := s.volumes.readers(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := files.db.QueryRow("PRAGMA integrity_check").Scan(&result); err != nil || result != "ok" {
			t.Errorf("integrity check of %s: %s, error %v", v.name, result, err)
		}
	}
}

// recount counts all rows of the channel.
func recount(t *testing.T, s *Store) map[int]store.Counts {
	t.Helper()
	counts := map[int]store.Counts{}
	for before := int64(0); ; {
		page, err := s.Messages(context.Background(), store.Query{ChannelID: "bench", Before: before, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return counts
		}
		for _, m := range page {
			for _, c := range m.Connectors {
				n := store.Counts{Received: 1}
				if c.Status == weir.Sent {
					n.Sent = 1
				}
				counts[c.MetaDataID] = counts[c.MetaDataID].Add(n)
			}
		}
		before = page[len(page)-1].ID
	}
}

// saveForever is the process that is killed.
func saveForever(dir string) {
	s, err := Open(dir, Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx := context.Background()
	last, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := make(chan string, 100)
	for n := range int64(8) {
		go func() {
			for id := last + 1 + n; ; id += 8 {
				c := benchReceived(id)
				c.Lazy = id%16 == 3 // not promised, and not in anybody's way
				if err := s.Save(ctx, c); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				if !c.Lazy {
					lines <- fmt.Sprintf("received %d\n", id)
				}
				if err := s.Save(ctx, benchFinished(c)); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				lines <- fmt.Sprintf("finished %d\n", id)
			}
		}()
	}
	for line := range lines {
		os.Stdout.WriteString(line)
	}
}
