// Package test holds the tests of the whole product: the binary as users run it,
// with channel exports as they come from Mirth, messages in, and everything that
// comes out.
package test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/bench"
)

// binary is weir, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "weir-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "weir")
	build := exec.Command("go", "build", "-o", binary, "../cmd/weir")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building weir: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// engine is a running weir serve.
type engine struct {
	t       testing.TB
	cmd     *exec.Cmd
	log     *safeBuffer
	ended   chan struct{}
	state   error
	API     *api.Client
	dataDir string
}

// start runs weir serve on a data directory and a directory of channel files,
// and waits until it is ready.
func start(t testing.TB, data, channels string, more ...string) *engine {
	t.Helper()
	return startWith(t, data, channels, nil, more...)
}

// startWith is start with further variables in the environment.
func startWith(t testing.TB, data, channels string, env []string, more ...string) *engine {
	t.Helper()
	e := launch(t, data, channels, env, more...)
	e.await()
	return e
}

// launch is startWith without the wait.
func launch(t testing.TB, data, channels string, env []string, more ...string) *engine {
	t.Helper()
	e := &engine{t: t, log: &safeBuffer{}, ended: make(chan struct{}), dataDir: data}
	args := append([]string{"serve", "--data", data, "--channels", channels, "--listen", "none"}, more...)
	e.cmd = exec.Command(binary, args...)
	e.cmd.Env = append(os.Environ(), env...)
	e.cmd.Stderr = e.log
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		e.state = e.cmd.Wait()
		close(e.ended)
	}()
	t.Cleanup(e.kill)
	e.API = api.NewClient(filepath.Join(data, "weir.sock"))
	return e
}

// await waits until the engine is ready.
func (e *engine) await() {
	e.t.Helper()
	e.until("the engine to be ready", func() bool {
		select {
		case <-e.ended:
			e.t.Fatalf("the engine ended: %v\n%s", e.state, e.log)
		default:
		}
		list, err := e.API.Channels(context.Background())
		if err != nil {
			return false
		}
		for _, c := range list {
			if c.State != "STARTED" && c.State != "PAUSED" && c.Problem == "" {
				return false
			}
		}
		return true
	})
}

// kill ends the engine as a power cut would.
func (e *engine) kill() {
	e.cmd.Process.Kill()
	<-e.ended
}

// stop ends the engine in order.
func (e *engine) stop() {
	e.t.Helper()
	e.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-e.ended:
		if e.state != nil {
			e.t.Errorf("the engine ended with %v\n%s", e.state, e.log)
		}
	case <-time.After(30 * time.Second):
		e.kill()
		e.t.Errorf("the engine did not stop\n%s", e.log)
	}
}

// until waits for a condition.
func (e *engine) until(what string, ok func() bool) {
	e.t.Helper()
	e.untilWithin(time.Minute, what, ok)
}

// untilWithin waits for a condition, so long at most.
func (e *engine) untilWithin(most time.Duration, what string, ok func() bool) {
	e.t.Helper()
	deadline := time.Now().Add(most)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			e.cmd.Process.Signal(syscall.SIGQUIT) // so that its log shows what its goroutines wait for
			<-e.ended
			e.t.Fatalf("waited in vain for %s\n%s", what, e.log)
		}
		<-tick.C
	}
}

// channel returns what the engine says of a channel.
func (e *engine) channel(name string) api.Channel {
	e.t.Helper()
	list, err := e.API.Channels(context.Background())
	if err != nil {
		e.t.Fatal(err)
	}
	for _, c := range list {
		if c.Name == name {
			return c
		}
	}
	e.t.Fatalf("no channel %q", name)
	return api.Channel{}
}

// givenPorts are the ports that freePort has returned.
var givenPorts sync.Map

// freePort returns a port on which nobody listens, another one each time, outside of the
// range from which systems take the ports of outgoing connections.
func freePort(t testing.TB) int {
	t.Helper()
	var err error
	for range 100 {
		var l net.Listener
		port := 12000 + rand.IntN(20000)
		if _, given := givenPorts.LoadOrStore(port, true); given {
			continue
		}
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal(err)
	return 0
}

// install puts a bench channel into a directory, with other ports, and returns
// its listener's address. edit is pairs of what stands in the file and what is
// to stand there.
func install(t testing.TB, dir, name string, sink int, edit ...string) string {
	t.Helper()
	return installAs(t, filepath.Join(dir, name+".xml"), name, sink, edit...)
}

// installAs is install under another file name.
func installAs(t testing.TB, file, name string, sink int, edit ...string) string {
	t.Helper()
	xml, err := os.ReadFile(filepath.Join("bench-channels", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	in := freePort(t)
	text := string(xml)
	own := map[string]string{"A": "6671", "B": "6672", "C": "6673", "D": "6674", "E": "6675"}[name]
	replacements := append([]string{"<port>" + own + "</port>", "<port>" + strconv.Itoa(in) + "</port>",
		"<remotePort>6700</remotePort>", "<remotePort>" + strconv.Itoa(sink) + "</remotePort>"}, edit...)
	for i := 0; i < len(replacements); i += 2 {
		if !strings.Contains(text, replacements[i]) && i != 2 {
			t.Fatalf("channel %s does not hold %s", name, replacements[i])
		}
	}
	text = strings.NewReplacer(replacements...).Replace(text)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(in))
}

func newSink(t testing.TB) (*bench.Sink, int) {
	t.Helper()
	sink, err := bench.NewSink("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sink.Close() })
	_, port, _ := net.SplitHostPort(sink.Addr())
	n, _ := strconv.Atoi(port)
	return sink, n
}

// The bench channels run unchanged: all that was accepted arrives, once, and in
// order where the channel keeps an order.
func TestBenchChannels(t *testing.T) {
	for _, c := range []struct {
		name, channel string
		arrives       bool
		ordered       bool
	}{
		{"A", "A-best", true, true},
		{"B", "B-best", true, true},
		{"C", "C-best", true, false}, // eight queue threads
		{"D", "D-best", false, false},
		{"E", "E-best", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink, port := newSink(t)
			channels := t.TempDir()
			to := install(t, channels, c.name, port)
			e := start(t, t.TempDir(), channels)
			r, err := bench.Drive(context.Background(), bench.Load{To: to, Connections: 8, Messages: 400, Run: c.name})
			if err != nil {
				t.Fatal(err)
			}
			if r.Accepted != 400 {
				t.Fatalf("%d of 400 were accepted: %v\n%s", r.Accepted, r.FirstError, e.log)
			}
			if c.arrives {
				v := sink.Await(context.Background(), c.name, r.Acked, 10*time.Second)
				if v.Missing != 0 || v.Repeated != 0 || c.ordered && v.OutOfOrder != 0 {
					t.Errorf("%+v", v)
				}
			}
			list, err := e.API.Channels(context.Background())
			if err != nil || len(list) != 1 {
				t.Fatalf("channels: %v, %v", list, err)
			}
			e.until("the counts", func() bool {
				ch := e.channel(list[0].Name)
				return ch.Received == 400 && ch.Sent == 400 && ch.Queued == 0 && ch.Errored == 0
			})
			e.stop()
		})
	}
}

// The whole-channel cases give byte for byte what is recorded: in cases what
// Mirth gave, in cases-own what the facts about Mirth say that it gives.
func TestCases(t *testing.T) {
	runner := filepath.Join(t.TempDir(), "difftest")
	build := exec.Command("go", "build", "-o", runner, ".")
	build.Dir = "difftest"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the runner: %v\n%s", err, out)
	}
	for _, dir := range []string{"cases", "cases-own"} {
		list, err := filepath.Glob(filepath.Join(dir, "*", "case.json"))
		if err != nil || len(list) == 0 {
			t.Fatalf("no cases in %s: %v", dir, err)
		}
		var names []string
		for _, file := range list {
			names = append(names, filepath.Base(filepath.Dir(file)))
		}
		// One engine runs all of them, one after another.
		out, _ := exec.Command(runner, "check", "--batch", "--cases", dir, "--only", strings.Join(names, ","),
			"--cmd", binary+" serve --data {data} --channels {channels} --listen 127.0.0.1:{port}").CombinedOutput()
		for _, name := range names {
			t.Run(name, func(t *testing.T) {
				if !bytes.Contains(out, []byte("PASS "+name+"\n")) {
					t.Errorf("%s", out)
				}
			})
		}
	}
}

// safeBuffer is a log that is read while it is written.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
