package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir/internal/api"
)

// selection are the flags that select messages.
type selection struct {
	api.MessageQuery
	since, until string
}

func (s *selection) flags(c *cobra.Command) {
	f := c.Flags()
	f.Int64Var(&s.After, "after", 0, "only messages with a higher id")
	f.Int64Var(&s.Before, "before", 0, "only messages with a lower id")
	f.StringSliceVar(&s.Status, "status", nil, "only messages that a connector has in one of these: RECEIVED, FILTERED, TRANSFORMED, SENT, QUEUED, ERROR, PENDING")
	f.StringSliceVar(&s.Connector, "connector", nil, "only what these connectors have: names or metadata ids; Source is the source")
	f.BoolVar(&s.Failed, "failed", false, "only messages with an error")
	f.StringArrayVar(&s.MetaData, "metadata", nil, "only messages whose metadata column has a value, COLUMN=VALUE, or a part of it, COLUMN~PART")
	f.StringVar(&s.Control, "control", "", "only the HL7 v2 messages with this control id, MSH-10")
	f.StringVar(&s.Patient, "patient", "", "only the HL7 v2 messages of this patient id, PID-3")
	f.StringVar(&s.Order, "order", "", "only the HL7 v2 messages with this order or accession number: ORC-2, ORC-3, OBR-2, OBR-3, OBR-18")
	f.StringVar(&s.Text, "search", "", "only messages with this text in any of their contents; looks into one after another, newest first")
	f.StringVar(&s.since, "since", "", `only messages received then or later: "2026-03-10", "2026-03-10 14:00", or "90m" and "48h" ago`)
	f.StringVar(&s.until, "until", "", "only messages received before that time")
}

// query reads the times.
func (s *selection) query(now time.Time) (q api.MessageQuery, err error) {
	if s.Since, err = pointInTime("since", s.since, now); err != nil {
		return q, err
	}
	s.Until, err = pointInTime("until", s.until, now)
	return s.MessageQuery, err
}

// pointInTime reads a time as people write it, in the zone of this machine, or how
// long ago it was.
func pointInTime(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf(`--%s: %q is no time: write "2026-03-10 14:00", or "90m" for 90 minutes ago`, flag, text)
}

// act is a command that changes messages: one by its id, or those that flags select.
type act struct {
	selection
	all  bool
	sure int // how many messages are meant
}

// command makes the command. many tells whether several messages are to be confirmed.
func (a *act) command(use, short, long string, run func(c *cobra.Command, engine *api.Client, channel string, q api.MessageQuery) (api.Outcome, error)) *cobra.Command {
	c := &cobra.Command{Use: use + " CHANNEL [ID]", Short: short, Args: cobra.RangeArgs(1, 2),
		Long: long + "\n\nWithout ID the flags select the messages, or --all. The command then says how many those are\nand changes nothing, until that number is given back with --sure."}
	a.flags(c)
	c.Flags().BoolVar(&a.all, "all", false, "all messages of the channel")
	c.Flags().IntVar(&a.sure, "sure", -1, "how many messages are meant")
	return engineCommand(c, func(c *cobra.Command, engine *api.Client, args []string) error {
		q, err := a.selected(c, engine, args)
		if err != nil {
			return err
		}
		out, err := run(c, engine, args[0], q)
		if err != nil {
			return err
		}
		return report(c, out)
	})
}

// selected is what the arguments select, once it is confirmed.
func (a *act) selected(c *cobra.Command, engine *api.Client, args []string) (q api.MessageQuery, err error) {
	if q, err = a.query(time.Now()); err != nil {
		return q, err
	}
	if len(args) == 2 {
		if !q.Empty() || a.all {
			return q, errors.New("give an id, or flags that select, not both")
		}
		id, err := messageID(args[1])
		return api.MessageQuery{After: id - 1, Before: id + 1}, err
	}
	if q.Empty() != a.all {
		return q, errors.New("say which messages: an id, flags that select, or --all alone")
	}
	n, err := engine.Count(c.Context(), args[0], q)
	switch {
	case err != nil:
		return q, err
	case n == 0:
		return q, fmt.Errorf("channel %s has no such messages", args[0])
	case a.sure != n:
		return q, fmt.Errorf("this selects %s; nothing was done. To go on, say so with --sure %d", count(n, "message"), n)
	}
	return q, nil
}

// report says what came of an act.
func report(c *cobra.Command, out api.Outcome) error {
	fmt.Fprintf(c.OutOrStdout(), "done: %d\n", out.Done)
	for _, id := range out.IDs {
		fmt.Fprintf(c.OutOrStdout(), "message %d\n", id)
	}
	if len(out.IDs) < out.Done && len(out.IDs) > 0 {
		fmt.Fprintln(c.OutOrStdout(), "and more")
	}
	if out.Failed > 0 {
		return fmt.Errorf("%d failed, the first because: %s", out.Failed, out.Problem)
	}
	return nil
}

// messageActs are the commands that change messages.
func messageActs() []*cobra.Command {
	var again, resent, removed, emptied act
	var how api.Again
	reprocess := again.command("reprocess", "Take messages through the whole channel once more",
		"Takes the raw text of messages through filters, transformers and destinations once more, oldest\nfirst. They come as new messages, or, with --replace, in place of what there is of them.",
		func(c *cobra.Command, engine *api.Client, channel string, q api.MessageQuery) (api.Outcome, error) {
			return engine.Reprocess(c.Context(), channel, q, how)
		})
	reprocess.Flags().BoolVar(&how.Replace, "replace", false, "under their own ids, in place of what they had")
	reprocess.Flags().StringSliceVar(&how.Destinations, "destination", nil, "only for these destinations: names or metadata ids")

	var destination string
	resend := resent.command("resend", "Have one destination send messages again",
		"Has one destination send again what it has of messages, as it was encoded, oldest first. No filter\nand no transformer runs. With a queue they take places at its end.",
		func(c *cobra.Command, engine *api.Client, channel string, q api.MessageQuery) (api.Outcome, error) {
			return engine.Resend(c.Context(), channel, q, destination)
		})
	resend.Flags().StringVar(&destination, "destination", "", "name or metadata id of the destination")
	resend.MarkFlagRequired("destination")

	remove := removed.command("remove", "Remove messages with all that is kept of them",
		"Removes messages with all that is kept of them, also from queues. Those that are being processed\nstay. The statistics stay as they are; see weir channel statistics.",
		func(c *cobra.Command, engine *api.Client, channel string, q api.MessageQuery) (api.Outcome, error) {
			return engine.Remove(c.Context(), channel, q)
		})
	empty := emptied.command("remove-content", "Remove what messages hold, and keep that they were",
		"Removes contents and attachments of messages. That they came, what became of them and their\nmetadata columns stay. Those that are being processed or wait in a queue are left alone.",
		func(c *cobra.Command, engine *api.Client, channel string, q api.MessageQuery) (api.Outcome, error) {
			return engine.RemoveContents(c.Context(), channel, q)
		})
	return []*cobra.Command{reprocess, resend, remove, empty, sendMessage(), exportMessages(), importMessages()}
}

// sendMessage hands a channel messages as a user.
func sendMessage() *cobra.Command {
	var m api.NewMessage
	var binary bool
	c := &cobra.Command{Use: "send CHANNEL FILE…", Short: "Hand a channel messages, past its source",
		Long: "Hands a channel the text of files as messages, as its source would, also while that is paused.\nFILE - is standard input.", Args: cobra.MinimumNArgs(2)}
	c.Flags().StringSliceVar(&m.Destinations, "destination", nil, "only for these destinations: names or metadata ids")
	c.Flags().StringToStringVar(&m.SourceMap, "source-map", nil, "entries of the source map, NAME=VALUE")
	c.Flags().BoolVar(&binary, "binary", false, "the files are not text")
	return engineCommand(c, func(c *cobra.Command, engine *api.Client, args []string) error {
		for _, file := range args[1:] {
			text, err := readMessage(c, file)
			if err != nil {
				return err
			}
			m.Text, m.Binary = string(text), binary
			if binary {
				m.Text = base64.StdEncoding.EncodeToString(text)
			}
			got, err := engine.Send(c.Context(), args[0], m)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: message %d %s\n", file, got.ID, got.Status)
			if got.Answer != "" {
				fmt.Fprintln(c.OutOrStdout(), strings.TrimRight(strings.ReplaceAll(got.Answer, "\r", "\n"), "\n"))
			}
		}
		return nil
	})
}

// readMessage reads a file, up to what a channel is handed.
func readMessage(c *cobra.Command, file string) ([]byte, error) {
	in := c.InOrStdin()
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, api.MaxMessage+1))
	if err == nil && len(text) > api.MaxMessage {
		err = fmt.Errorf("%s is larger than the %d MB that a channel is handed", file, api.MaxMessage>>20)
	}
	return text, err
}

// channelStatistics shows and resets counts.
func channelStatistics() *cobra.Command {
	var r api.Reset
	var reset bool
	c := &cobra.Command{Use: "statistics CHANNEL", Short: "Show a channel's counts, now and ever; or begin them anew", Args: cobra.ExactArgs(1),
		Long: "Shows for each connector what was counted since the last reset and, behind the bar, since the channel\nwas first deployed. --reset begins the first anew, --reset-lifetime both."}
	c.Flags().BoolVar(&reset, "reset", false, "begin the counts anew; the lifetime goes on")
	c.Flags().BoolVar(&r.Lifetime, "reset-lifetime", false, "begin everything anew")
	c.Flags().StringVar(&r.Connector, "connector", "", "reset only this connector: name or metadata id")
	c.Flags().StringSliceVar(&r.Statuses, "status", nil, "reset only these: RECEIVED, FILTERED, SENT, ERROR")
	return engineCommand(c, func(c *cobra.Command, engine *api.Client, args []string) error {
		if reset || r.Lifetime {
			return engine.ResetStatistics(c.Context(), args[0], r)
		}
		if r.Connector != "" || len(r.Statuses) > 0 {
			return errors.New("--connector and --status go with --reset")
		}
		list, err := engine.Statistics(c.Context(), args[0])
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "CONNECTOR\tRECEIVED\tFILTERED\tQUEUED\tSENT\tERRORED\t|\tRECEIVED\tFILTERED\tSENT\tERRORED")
		for _, s := range list {
			fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t|\t%d\t%d\t%d\t%d\n", s.Name, s.Current.Received, s.Current.Filtered, s.Current.Queued, s.Current.Sent, s.Current.Errored,
				s.Lifetime.Received, s.Lifetime.Filtered, s.Lifetime.Sent, s.Lifetime.Errored)
		}
		return w.Flush()
	})
}
