package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/wire/mllp"
)

func send() *cobra.Command {
	var to string
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "send FILE|DIR…",
		Short: "Send messages from files over MLLP and print the acknowledgments",
		Long: `Send each file as one message over MLLP, the files of a directory in order of
their names, and print what comes back. Segment ends may be CR, LF or both; they
are sent as CR.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return sendFiles(c.Context(), c.OutOrStdout(), to, timeout, args)
		},
	}
	c.Flags().StringVar(&to, "to", "127.0.0.1:6661", "address of the MLLP listener")
	c.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "longest wait for each acknowledgment")
	return c
}

func sendFiles(ctx context.Context, out io.Writer, to string, timeout time.Duration, args []string) error {
	files, err := messageFiles(args)
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{Timeout: timeout}).DialContext(ctx, "tcp", to)
	if err != nil {
		return &weir.Fault{Err: err, Hint: "Check the address, and that the engine is running with a channel that listens there."}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	r, w := mllp.NewReader(conn, mllp.Options{}), mllp.NewWriter(conn, mllp.Options{})
	refused := 0
	for _, file := range files {
		msg, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		conn.SetDeadline(time.Now().Add(timeout))
		if err := w.WriteMessage(withCR(msg)); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		ack, err := r.ReadMessage()
		if err != nil {
			return &weir.Fault{Err: fmt.Errorf("%s: no acknowledgment: %w", file, err),
				Hint: "The channel may be set to answer nothing, or could not keep the message; see the engine's log."}
		}
		fmt.Fprintf(out, "%s:\n%s\n", file, strings.TrimRight(strings.ReplaceAll(string(ack), "\r", "\n"), "\n"))
		if !bytes.Contains(ack, []byte("\rMSA|AA")) && !bytes.Contains(ack, []byte("\rMSA|CA")) {
			refused++
		}
	}
	if refused > 0 {
		return fmt.Errorf("%d of %d messages were not accepted", refused, len(files))
	}
	return nil
}

// withCR ends segments with CR whatever the file has.
func withCR(msg []byte) []byte {
	msg = bytes.ReplaceAll(msg, []byte("\r\n"), []byte("\r"))
	return bytes.ReplaceAll(msg, []byte("\n"), []byte("\r"))
}

func messageFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, arg)
			continue
		}
		entries, err := os.ReadDir(arg)
		if err != nil {
			return nil, err
		}
		var in []string
		for _, e := range entries {
			if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
				in = append(in, filepath.Join(arg, e.Name()))
			}
		}
		sort.Strings(in)
		files = append(files, in...)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there are no files in %s", strings.Join(args, ", "))
	}
	return files, nil
}
