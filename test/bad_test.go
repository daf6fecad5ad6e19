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
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/bench"
	"github.com/weir-health/weir/wire/mllp"
)

// good sends messages through a channel that must not be touched by what happens
// beside it.
func good(t *testing.T, to, run string) {
	t.Helper()
	r, err := bench.Drive(context.Background(), bench.Load{To: to, Connections: 2, Messages: 20, Run: run, Timeout: 20 * time.Second})
	if err != nil || r.Accepted != 20 {
		t.Errorf("%s: %d of 20 messages were accepted: %v %v", run, r.Accepted, err, r.FirstError)
	}
}

func dial(t *testing.T, to string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(60 * time.Second))
	return c
}

// ask sends one message and returns the answer, "" when the other side closes
// or says nothing.
func ask(t *testing.T, to, msg string, wait time.Duration) string {
	t.Helper()
	c := dial(t, to)
	if err := mllp.NewWriter(c, mllp.Options{}).WriteMessage([]byte(msg)); err != nil {
		t.Fatal(err)
	}
	c.SetReadDeadline(time.Now().Add(wait))
	answer, err := mllp.NewReader(c, mllp.Options{}).ReadMessage()
	if err != nil {
		return ""
	}
	return string(answer)
}

// A sender that misbehaves hurts itself: its connection ends or it gets a NAK,
// nothing of it is in the store that should not be, and other senders and
// channels go on.
func TestBadSenders(t *testing.T) {
	sink, port := newSink(t)
	channels := t.TempDir()
	bad := install(t, channels, "B", port)
	other := install(t, channels, "A", port)
	e := start(t, t.TempDir(), channels)
	defer e.stop()
	usage := func() int64 {
		u, err := bench.UsageOf(e.cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		return u.RSS
	}

	t.Run("a frame of 1 GB", func(t *testing.T) {
		before := usage()
		c := dial(t, bad)
		block := bytes.Repeat([]byte("A"), 1<<20)
		c.Write([]byte{0x0b})
		sent := 0
		for ; sent < 1024; sent++ {
			if _, err := c.Write(block); err != nil {
				break
			}
		}
		if sent == 1024 {
			t.Error("the whole gigabyte was taken")
		}
		if grown := usage() - before; grown > 300<<20 {
			t.Errorf("memory grew by %d MiB", grown>>20)
		}
	})
	t.Run("no end byte", func(t *testing.T) {
		c := dial(t, bad)
		c.Write([]byte("\x0bMSH|^~\\&|A|B\r"))
		good(t, bad, "beside-open-frame")
		c.Close()
	})
	t.Run("binary noise", func(t *testing.T) {
		noise := make([]byte, 64<<10)
		for i := range noise {
			noise[i] = byte(rand.Uint32())
		}
		c := dial(t, bad)
		c.Write(noise)
		c.Close()
		framed := append([]byte{0x0b}, bytes.ReplaceAll(noise, []byte{0x1c}, []byte{0x1d})...)
		c = dial(t, bad)
		c.Write(append(framed, 0x1c, 0x0d))
		c.Close()
	})
	t.Run("a truncated MSH", func(t *testing.T) {
		// Mirth answers AE where it can read enough to answer, else nothing.
		if got := ask(t, bad, "MSH|^~\\&|A|B|C", 3*time.Second); got != "" && !strings.Contains(got, "MSA|A") {
			t.Errorf("answered %q", got)
		}
		if got := ask(t, bad, "MSH|", time.Second); got != "" {
			t.Errorf("answered %q to a message that cannot be answered", got)
		}
	})
	t.Run("not HL7 at all", func(t *testing.T) {
		if got := ask(t, bad, "hello there", time.Second); got != "" {
			t.Errorf("answered %q", got)
		}
	})
	good(t, other, "other-channel")
	good(t, bad, "same-channel")
	for _, run := range []string{"other-channel", "same-channel", "beside-open-frame"} {
		acked := [][]int{{1}, {1}}
		if v := sink.Await(context.Background(), run, acked, 5*time.Second); v.Missing != 0 {
			t.Errorf("%s: %+v", run, v)
		}
	}
	if strings.Contains(e.log.String(), "hello there") {
		t.Error("message content is in the log")
	}
}

// idleConnections is how many are opened at once. It takes two descriptors for
// each in this process and the engine's together, so a low limit lowers it.
const idleConnections = 10000

// Ten thousand connections that say nothing cost little and hinder nobody.
func TestIdleConnections(t *testing.T) {
	n := idleConnections
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil && limit.Cur < idleConnections+500 {
		n = int(limit.Cur) - 500
		t.Logf("the limit on open files is %d, so %d connections are opened", limit.Cur, n)
	}
	_, port := newSink(t)
	channels := t.TempDir()
	to := install(t, channels, "A", port, "<maxConnections>200</maxConnections>", "<maxConnections>20000</maxConnections>")
	e := start(t, t.TempDir(), channels)
	defer e.stop()
	before, _ := bench.UsageOf(e.cmd.Process.Pid)
	conns := make([]net.Conn, 0, n)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	for range n {
		c, err := net.Dial("tcp", to)
		if err != nil {
			t.Fatalf("after %d connections: %v", len(conns), err)
		}
		conns = append(conns, c)
	}
	good(t, to, "among-idle")
	after, _ := bench.UsageOf(e.cmd.Process.Pid)
	each := (after.RSS - before.RSS) / int64(n)
	t.Logf("%d idle connections cost %d MiB, %d bytes each", n, (after.RSS-before.RSS)>>20, each)
	if each > 40<<10 {
		t.Errorf("an idle connection costs %d bytes", each)
	}
}

// A script that never ends or eats memory fails its own message, with an error
// that names the channel, the step and the line; the other channels go on.
func TestBadScripts(t *testing.T) {
	_, port := newSink(t)
	channels := t.TempDir()
	script := func(code string) []string { return []string{"var last = msg", code + "\nvar last = msg"} }
	loop := install(t, channels, "B", port, script("while (msg['PID']['PID.5']['PID.5.1'].toString() == 'LOOP') { }")...)
	memory := filepath.Join(channels, "memory.xml")
	eat := installAs(t, memory, "B", port, append(script("var eaten = []; while (msg['PID']['PID.5']['PID.5.1'].toString() == 'EAT') { eaten.push(new Array(1000).join('x') + eaten.length); }"),
		"00000000-0000-4000-8000-000000000012", "00000000-0000-4000-8000-000000000099", "<name>B-best</name>", "<name>Eats memory</name>")...)
	other := install(t, channels, "A", port)
	e := startWith(t, t.TempDir(), channels, []string{"GOMEMLIMIT=300MiB"}, "--script-time-limit", "2s")
	defer e.stop()

	message := func(name string) string {
		return "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|BAD1|P|2.5\rPID|1||1^^^H^MR||" + name + "^X\rPV1|1|I|W\r"
	}
	var side sync.WaitGroup
	side.Go(func() {
		if got := ask(t, loop, message("LOOP"), 30*time.Second); !strings.Contains(got, "MSA|AE|BAD1") {
			t.Errorf("the endless script was answered %q", got)
		}
	})
	side.Go(func() {
		if got := ask(t, eat, message("EAT"), 30*time.Second); !strings.Contains(got, "MSA|AE|BAD1") {
			t.Errorf("the hungry script was answered %q", got)
		}
	})
	good(t, other, "beside-bad-scripts")
	side.Wait()
	good(t, loop, "after-loop")
	good(t, eat, "after-memory")
	for _, channel := range []string{"B-best", "Eats memory"} {
		list, err := e.API.Messages(context.Background(), channel, api.MessageQuery{Status: []string{"ERROR"}})
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %d messages in ERROR, %v", channel, len(list), err)
		}
		m, err := e.API.Message(context.Background(), channel, list[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, c := range m.Connectors[0].Contents {
			if c.Name == "Processing Error" {
				text = c.Text
			}
		}
		if !strings.Contains(text, "step 0") {
			t.Errorf("%s: the error does not name the step: %q", channel, text)
		}
		t.Logf("%s: %s", channel, text)
	}
}

// A full disk stops acknowledgments, not the engine. When there is room again it
// goes on by itself, and what was acknowledged is there.
func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("not root: here this must run")
		}
		t.Skip("needs to mount a small file system; run as root")
	}
	disk := t.TempDir()
	mount := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("mount", append(args, disk)...).CombinedOutput(); err != nil {
			t.Fatalf("mount %v: %v\n%s", args, err, out)
		}
	}
	mount("-t", "tmpfs", "-o", "size=6m", "weir-test")
	t.Cleanup(func() { exec.Command("umount", "-l", disk).Run() })
	sink, port := newSink(t)
	channels := t.TempDir()
	to := install(t, channels, "A", port)
	e := start(t, filepath.Join(disk, "data"), channels)

	full := make(chan bench.Report)
	go func() {
		r, err := bench.Drive(context.Background(), bench.Load{To: to, Connections: 4, Messages: 20000, Run: "full", Timeout: 3 * time.Second})
		if err != nil {
			t.Error(err)
		}
		full <- r
	}()
	r := <-full
	if r.Accepted == 0 || r.Unanswered == 0 {
		t.Fatalf("the disk did not become full: %+v\n%s", r, e.log)
	}
	if !strings.Contains(e.log.String(), "full") {
		t.Errorf("the log does not say that the disk is full:\n%s", tail(e.log.String()))
	}
	mount("-o", "remount,size=200m")
	e.until("the engine to take messages again", func() bool {
		again, err := bench.Drive(context.Background(), bench.Load{To: to, Connections: 1, Messages: 1, Run: "again", Timeout: 3 * time.Second})
		return err == nil && again.Accepted == 1
	})
	if v := sink.Await(context.Background(), "full", r.Acked, 5*time.Second); v.Missing != 0 {
		t.Errorf("acknowledged messages are missing: %+v", v)
	}
	counts := settled(t, e, "A-best")
	if counts.messages < int(r.Accepted) {
		t.Errorf("%d messages are in the store, %d were acknowledged", counts.messages, r.Accepted)
	}
	t.Logf("%d accepted before the disk was full; in the store %+v", r.Accepted, counts)
	e.stop()
}

// A data directory that takes no writes stops acknowledgments, not the engine, and it goes
// on by itself; an engine that is started on one says so, and what to do.
func TestReadOnlyDisk(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("not root: here this must run")
		}
		t.Skip("needs to mount a small file system; run as root")
	}
	disk := t.TempDir()
	mount := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("mount", append(args, disk)...).CombinedOutput(); err != nil {
			t.Fatalf("mount %v: %v\n%s", args, err, out)
		}
	}
	mount("-t", "tmpfs", "-o", "size=200m", "weir-test")
	t.Cleanup(func() { exec.Command("umount", "-l", disk).Run() })
	sink, port := newSink(t)
	channels, data := t.TempDir(), filepath.Join(disk, "data")
	to := install(t, channels, "A", port)
	e := start(t, data, channels)
	good(t, to, "before")

	// No file may grow: each write fails, as on a disk that has become read-only.
	limit := func(of string) {
		t.Helper()
		if out, err := exec.Command("prlimit", "--pid", fmt.Sprint(e.cmd.Process.Pid), "--fsize="+of).CombinedOutput(); err != nil {
			t.Fatalf("prlimit: %v\n%s", err, out)
		}
	}
	limit("1:unlimited")
	r, err := bench.Drive(context.Background(), bench.Load{To: to, Connections: 4, Messages: 40, Run: "closed", Timeout: 3 * time.Second})
	if err != nil || r.Accepted != 0 {
		t.Errorf("%d messages were accepted that cannot be kept, error %v", r.Accepted, err)
	}
	if !strings.Contains(e.log.String(), "not kept") {
		t.Errorf("the log does not say that messages are not kept:\n%s", tail(e.log.String()))
	}
	limit("unlimited")
	e.until("the engine to take messages again", func() bool {
		again, err := bench.Drive(context.Background(), bench.Load{To: to, Connections: 1, Messages: 1, Run: "again", Timeout: 3 * time.Second})
		return err == nil && again.Accepted == 1
	})
	if v := sink.Await(context.Background(), "again", [][]int{{1}}, 5*time.Second); v.Missing != 0 {
		t.Errorf("%+v", v)
	}
	kept := settled(t, e, "A-best").messages
	e.stop()

	mount("-o", "remount,ro")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, binary, "serve", "--data", data, "--channels", channels, "--listen", "none").CombinedOutput()
	if err == nil || ctx.Err() != nil || !strings.Contains(string(out), data) || !strings.Contains(string(out), "read-only") || !strings.Contains(string(out), "--data") {
		t.Errorf("a start on a read-only disk: error %v\n%s", err, out)
	}
	mount("-o", "remount,rw")
	e = start(t, data, channels)
	if n := settled(t, e, "A-best").messages; n != kept {
		t.Errorf("%d messages are there, want %d", n, kept)
	}
	e.stop()
}

func tail(s string) string {
	if len(s) > 2000 {
		return s[len(s)-2000:]
	}
	return s
}

// Errors at the start are clear, and say what to do.
func TestStartErrors(t *testing.T) {
	_, port := newSink(t)
	channels, data := t.TempDir(), t.TempDir()
	to := install(t, channels, "A", port)
	e := start(t, data, channels)
	serve := func(args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, binary, append([]string{"serve"}, args...)...).CombinedOutput()
		if err == nil {
			t.Errorf("weir serve %v ended without an error", args)
		}
		return string(out)
	}
	contains := func(out string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(out, want) {
				t.Errorf("the error lacks %q:\n%s", want, out)
			}
		}
	}
	contains(serve("--data", data, "--listen", "none"), "another engine is running", fmt.Sprint(e.cmd.Process.Pid), "--data")
	contains(serve("--data", "/proc/weir", "--listen", "none"), "data directory /proc/weir", "--data")
	contains(serve("--data", t.TempDir(), "--channels", "/does/not/exist", "--listen", "none"), "/does/not/exist", "exists")
	_, p, _ := net.SplitHostPort(to)
	contains(serve("--data", t.TempDir(), "--listen", "127.0.0.1:"+p), "127.0.0.1:"+p, "--listen")

	// A listener's port that is taken: the channel says so, the others run.
	second := t.TempDir()
	xml, err := os.ReadFile(filepath.Join(channels, "A.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second, "A.xml"), xml, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second, "broken.xml"), xml[:len(xml)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	free := install(t, second, "B", port)
	other := start(t, t.TempDir(), second)
	good(t, free, "beside-taken-port")
	contains(other.channel("A-best").Problem, "A-best", "Source", p)
	contains(other.log.String(), "broken.xml")
	other.stop()
	e.stop()
}
