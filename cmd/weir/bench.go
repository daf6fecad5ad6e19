package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/bench"
	"github.com/weir-health/weir/server"
)

// benchmarkOptions are the flags of weir bench.
type benchmarkOptions struct {
	load    bench.Load
	warmUp  int
	sink    string
	pid     int
	channel string
	quiet   time.Duration

	database string
}

func benchmark() *cobra.Command {
	var o benchmarkOptions
	c := &cobra.Command{
		Use:   "bench",
		Short: "Load an MLLP engine and see whether everything arrives, once and in order",
		Long: `Send HL7 messages of 1 to 2 KiB over a number of MLLP connections to an engine,
and take what it delivers in a sink.

With --channel FILE an engine of this program is started for the run, with that
channel export and a new data directory; the addresses are read from the file.
Otherwise name a running engine with --to, and the address on which the sink
takes what it sends with --sink; --pid measures its process.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), c.OutOrStdout()) },
	}
	f := c.Flags()
	f.StringVar(&o.channel, "channel", "", "channel export to start an engine with")
	f.StringVar(&o.database, "database", "", "URL of a PostgreSQL database for that engine; absent means the embedded store")
	f.StringVar(&o.load.To, "to", "", "address of the engine's MLLP listener")
	f.StringVar(&o.sink, "sink", "", "address of the sink; none where nothing is to arrive")
	f.IntVar(&o.pid, "pid", 0, "process of the engine, to measure its use of CPU and memory")
	f.IntVarP(&o.load.Connections, "connections", "c", 32, "connections at once")
	f.IntVarP(&o.load.Messages, "messages", "n", 50000, "messages in all")
	f.DurationVarP(&o.load.Duration, "duration", "t", 0, "stop after this time")
	f.DurationVar(&o.load.Timeout, "timeout", 30*time.Second, "longest wait for an answer")
	f.IntVar(&o.warmUp, "warm-up", 2000, "messages before the measured ones")
	f.DurationVar(&o.quiet, "quiet", 10*time.Second, "wait this long without an arrival before messages count as missing")
	return c
}

func (o *benchmarkOptions) run(ctx context.Context, out io.Writer) error {
	leaveRoom()
	var first time.Duration
	if o.channel != "" {
		if err := o.addresses(); err != nil {
			return err
		}
	}
	if o.load.To == "" {
		return &weir.Fault{Err: fmt.Errorf("no engine is named"), Hint: "Give --channel FILE, or --to HOST:PORT."}
	}
	var sink *bench.Sink
	if o.sink != "" && o.sink != "none" {
		var err error
		if sink, err = bench.NewSink(o.sink); err != nil {
			return err
		}
		defer sink.Close()
	}
	if o.channel != "" {
		engine, err := startEngine(o.channel, o.database)
		if err != nil {
			return err
		}
		defer engine.stop()
		o.pid = engine.cmd.Process.Pid
		if first, err = engine.firstAccepted(ctx, o.load.To); err != nil {
			return err
		}
	}
	return o.measure(ctx, out, sink, first)
}

// leaveRoom keeps generator and sink to half of the processors: on a machine that
// they share with the engine, threads that look for work would take its time.
func leaveRoom() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(1, runtime.NumCPU()/2))
	}
}

func (o *benchmarkOptions) measure(ctx context.Context, out io.Writer, sink *bench.Sink, first time.Duration) error {
	run := strconv.FormatInt(time.Now().Unix(), 36)
	if o.warmUp > 0 {
		warm := o.load
		warm.Messages, warm.Duration, warm.Run = o.warmUp, 0, run+"w"
		if r, err := bench.Drive(ctx, warm); err != nil {
			return err
		} else if r.Accepted == 0 {
			return fmt.Errorf("the engine accepted nothing: %w", r.FirstError)
		}
	}
	before, usageErr := bench.UsageOf(o.pid)
	o.load.Run = run
	report, err := bench.Drive(ctx, o.load)
	if err != nil {
		return err
	}
	loaded, _ := bench.UsageOf(o.pid)
	var verdict bench.Verdict
	if sink != nil {
		verdict = sink.Await(ctx, run, report.Acked, o.quiet)
	}
	after, _ := bench.UsageOf(o.pid)

	fmt.Fprintf(out, "messages       %d sent, %d accepted, %d refused, %d unanswered\n", report.Sent, report.Accepted, report.Refused, report.Unanswered)
	fmt.Fprintf(out, "rate           %.0f msg/s over %s, %.1f s\n", report.Rate(), count(o.load.Connections, "connection"), report.Elapsed.Seconds())
	fmt.Fprintf(out, "answer         p50 %s, p99 %s, p99.9 %s, max %s\n", ms(report.P50), ms(report.P99), ms(report.P999), ms(report.Max))
	if o.pid != 0 && usageErr == nil && report.Accepted > 0 {
		cpu := (after.CPU - before.CPU).Seconds() / float64(report.Accepted) * 1000
		fmt.Fprintf(out, "engine         %.3f CPU s per 1,000 messages, RSS %d MiB at the end of the load, %d MiB at most\n", cpu, loaded.RSS>>20, after.Peak>>20)
	}
	if first > 0 {
		fmt.Fprintf(out, "start          %s to the first accepted message\n", ms(first))
	}
	if sink != nil {
		fmt.Fprintf(out, "arrived        %d of the accepted; %d missing, %d repeated, %d out of order, %d not accepted\n",
			verdict.Arrived, verdict.Missing, verdict.Repeated, verdict.OutOfOrder, verdict.Unacked)
		if verdict.OK() {
			fmt.Fprintln(out, "verdict        every accepted message arrived, once, in order")
		} else {
			fmt.Fprintf(out, "verdict        NOT every accepted message arrived once and in order %s\n", strings.Join(verdict.MissingIDs, " "))
		}
	}
	if report.FirstError != nil {
		fmt.Fprintf(out, "first error    %v\n", report.FirstError)
	}
	if sink != nil && verdict.Missing > 0 {
		return fmt.Errorf("%d accepted messages are missing", verdict.Missing)
	}
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// addresses reads where the channel listens and where it sends.
func (o *benchmarkOptions) addresses() error {
	set, err := server.ReadChannels(o.channel)
	if err != nil {
		return err
	}
	if len(set.Channels) != 1 {
		return fmt.Errorf("%s holds %s, not one", o.channel, count(len(set.Channels), "channel"))
	}
	c := set.Channels[0]
	in := c.Source.Settings
	if o.load.To == "" {
		o.load.To = net.JoinHostPort("127.0.0.1", in.Text("listenerConnectorProperties.port"))
	}
	if o.sink != "" {
		return nil
	}
	for _, d := range c.Destinations {
		if port := d.Settings.Text("remotePort"); port != "" && d.Enabled {
			o.sink = net.JoinHostPort(d.Settings.Text("remoteAddress"), port)
			return nil
		}
	}
	return nil
}

// engine is a child process that serves one channel.
type engine struct {
	cmd     *exec.Cmd
	dir     string
	started time.Time
	ended   chan error
}

func startEngine(channel, database string) (*engine, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return nil, err
	}
	e := &engine{dir: dir, ended: make(chan error, 1)}
	channels := filepath.Join(dir, "channels")
	data, err := os.ReadFile(channel)
	if err == nil {
		err = os.Mkdir(channels, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(channels, "channel.xml"), data, 0o600)
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	defer log.Close()
	e.cmd = exec.Command(self, "serve", "--data", filepath.Join(dir, "data"), "--channels", channels, "--listen", "none")
	if database != "" {
		e.cmd.Env = append(os.Environ(), "WEIR_DATABASE="+database) // arguments are seen by others
	}
	e.cmd.Stderr = log
	e.started = time.Now()
	if err := e.cmd.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	go func() { e.ended <- e.cmd.Wait() }()
	return e, nil
}

// firstAccepted sends one message as soon as the engine takes it, and returns
// how long after its start that was.
func (e *engine) firstAccepted(ctx context.Context, to string) (time.Duration, error) {
	for {
		r, err := bench.Drive(ctx, bench.Load{To: to, Connections: 1, Messages: 1, Run: "first", Timeout: 10 * time.Second})
		if err == nil && r.Accepted == 1 {
			return time.Since(e.started), nil
		}
		select {
		case err := <-e.ended:
			log, _ := os.ReadFile(filepath.Join(e.dir, "log"))
			return 0, fmt.Errorf("the engine ended (%v):\n%s", err, log)
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(e.started) > time.Minute {
			log, _ := os.ReadFile(filepath.Join(e.dir, "log"))
			return 0, fmt.Errorf("the engine accepted no message within a minute: %v\n%s", r.FirstError, log)
		}
	}
}

func (e *engine) stop() {
	e.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-e.ended:
	case <-time.After(20 * time.Second):
		e.cmd.Process.Kill()
		<-e.ended
	}
	os.RemoveAll(e.dir)
}
