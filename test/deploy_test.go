package test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// manyChannels is how many BenchmarkDeploy starts.
const manyChannels = 1000

// BenchmarkDeploy starts an engine with a thousand channels that have scripts,
// each with a port of its own, and tells how long it takes until all are started,
// what memory the process then has, and how much it had at most.
//
//	go test -run xxx -bench Deploy -benchtime 1x ./test
func BenchmarkDeploy(b *testing.B) {
	export, err := os.ReadFile("bench-channels/B.xml")
	if err != nil {
		b.Fatal(err)
	}
	channels := b.TempDir()
	for i := range manyChannels {
		text := strings.NewReplacer(
			"00000000-0000-4000-8000-000000000012", fmt.Sprintf("00000000-0000-4000-8000-%012d", i),
			"<name>B-best</name>", fmt.Sprintf("<name>B %d</name>", i),
			"<port>6672</port>", "<port>"+strconv.Itoa(11000+i)+"</port>",
		).Replace(string(export))
		if err := os.WriteFile(filepath.Join(channels, fmt.Sprintf("b%d.xml", i)), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		from := time.Now()
		e := start(b, b.TempDir(), channels)
		b.ReportMetric(time.Since(from).Seconds(), "s/deploy")
		b.ReportMetric(memory(b, e.cmd.Process.Pid, "VmRSS"), "MB-RSS")
		b.ReportMetric(memory(b, e.cmd.Process.Pid, "VmHWM"), "MB-at-most")
		list, err := e.API.Channels(context.Background())
		if err != nil || len(list) != manyChannels {
			b.Fatalf("%d channels, %v", len(list), err)
		}
		for _, c := range list {
			if c.State != "STARTED" {
				b.Fatalf("%s is %s: %s", c.Name, c.State, c.Problem)
			}
		}
		e.kill()
	}
}

// memory is what Linux counts of a process under a name, in megabytes.
func memory(b *testing.B, pid int, name string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skipf("the memory of a process is read from /proc: %v", err)
	}
	for _, line := range strings.Split(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kb) / 1024
		}
	}
	b.Fatalf("no %s in the status of the process", name)
	return 0
}
