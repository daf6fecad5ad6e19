package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/server"
)

// engineCommand is a command that talks to a running engine: on this host by the
// socket in its data directory, elsewhere over HTTPS with a token.
func engineCommand(c *cobra.Command, run func(c *cobra.Command, engine *api.Client, args []string) error) *cobra.Command {
	var data string
	var remote api.Remote
	f := c.Flags()
	f.StringVar(&data, "data", server.DefaultData, "data directory of the engine")
	f.StringVar(&remote.Server, "server", "", "address of an engine elsewhere, https://host:8443, in place of --data")
	f.StringVar(&remote.Token, "token", "", "token for --server; better in WEIR_TOKEN, or as file:PATH")
	f.StringVar(&remote.Pin, "pin", "", "SHA-256 fingerprint of the certificate of --server, which is then trusted")
	f.StringVar(&remote.CA, "ca", "", "PEM file with certificates to trust for --server")
	c.RunE = func(c *cobra.Command, args []string) error {
		here := c.Flags().Changed("data") // which is more than a variable for elsewhere
		if err := fromEnvironment(c, "data", "server", "token", "pin", "ca"); err != nil {
			return err
		}
		engine := api.NewClient(filepath.Join(data, server.SocketName))
		if remote.Server != "" && !here {
			var err error
			if engine, err = api.NewRemote(remote); err != nil {
				return err
			}
		}
		return run(c, engine, args)
	}
	return c
}

func channels() *cobra.Command {
	c := &cobra.Command{Use: "channel", Short: "Look at and control the channels of a running engine"}
	c.AddCommand(
		engineCommand(&cobra.Command{Use: "list", Short: "List the channels", Args: cobra.NoArgs}, listChannels),
		engineCommand(&cobra.Command{Use: "status [CHANNEL]", Short: "Show channels with their connectors", Args: cobra.MaximumNArgs(1)}, channelStatus),
		engineCommand(&cobra.Command{Use: "test CHANNEL [CONNECTOR]", Short: "Try the connections of a channel, and say in words what is wrong",
			Long: "Connects, signs in, lists or binds, and sends nothing. CONNECTOR is Source or a destination's name; without it all are tried.",
			Args: cobra.RangeArgs(1, 2)}, testChannel),
	)
	c.AddCommand(channelFiles()...)
	c.AddCommand(channelHistory()...)
	c.AddCommand(channelStatistics(), engineCommand(&cobra.Command{Use: "prune CHANNEL", Short: "Remove what a channel does not keep any longer", Args: cobra.ExactArgs(1),
		Long: "Removes messages and contents that are older than the pruning settings of the channel say. What is\nbeing processed, waits or has failed stays; failed messages go when the settings have a time for them."},
		func(c *cobra.Command, engine *api.Client, args []string) error {
			out, err := engine.Prune(c.Context(), args[0])
			if err == nil {
				showPruned(c, out)
			}
			return err
		}))
	for action, short := range map[string]string{
		"start": "Start a channel", "stop": "Stop a channel after the messages in hand",
		"pause": "Stop a channel's source; queues go on", "halt": "Stop a channel at once",
		"deploy": "Deploy a channel anew", "undeploy": "Stop a channel and take it away",
	} {
		command := &cobra.Command{Use: action + " CHANNEL", Short: short, Args: cobra.ExactArgs(1)}
		if action == "start" || action == "stop" {
			command.Use, command.Args = action+" CHANNEL [CONNECTOR]", cobra.RangeArgs(1, 2)
			command.Short = short + ", or one of its connectors"
			command.Long = command.Short + ".\n\nCONNECTOR is Source or a destination's name. Messages of a destination that stands still wait\nin its queue; one without a queue is not stopped alone."
		}
		c.AddCommand(engineCommand(command, func(c *cobra.Command, engine *api.Client, args []string) error {
			if len(args) == 2 {
				return engine.ControlConnector(c.Context(), args[0], args[1], action)
			}
			return engine.Control(c.Context(), args[0], action)
		}))
	}
	return c
}

func listChannels(c *cobra.Command, engine *api.Client, _ []string) error {
	list, err := engine.Channels(c.Context())
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STATUS\tNAME\tREV\tRECEIVED\tFILTERED\tQUEUED\tSENT\tERRORED\tID")
	for _, ch := range list {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", ch.State, ch.Name, ch.Revision,
			ch.Received, ch.Filtered, ch.Queued, ch.Sent, ch.Errored, ch.ID)
	}
	w.Flush()
	for _, ch := range list {
		if ch.Problem != "" {
			fmt.Fprintf(c.OutOrStdout(), "\n%s\n", ch.Problem)
		}
	}
	return nil
}

func channelStatus(c *cobra.Command, engine *api.Client, args []string) error {
	list, err := engine.Channels(c.Context())
	if err != nil {
		return err
	}
	found := false
	for _, ch := range list {
		if len(args) == 1 && args[0] != ch.Name && args[0] != ch.ID {
			continue
		}
		found = true
		fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", ch.Name, ch.State)
		if ch.Problem != "" {
			fmt.Fprintf(c.OutOrStdout(), "  %s\n", ch.Problem)
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, conn := range ch.Connectors {
			fmt.Fprintf(w, "  %s\t%s\t%s\treceived %d\tfiltered %d\tqueued %d\tsent %d\terrored %d\t%s\n", conn.Name, conn.Type, conn.State,
				conn.Received, conn.Filtered, conn.Queued, conn.Sent, conn.Errored, connection(conn))
		}
		w.Flush()
		for _, conn := range ch.Connectors {
			if conn.Failure != "" {
				fmt.Fprintf(c.OutOrStdout(), "  %s failed last at %s: %s\n", conn.Name, clock(conn.FailedAt), conn.Failure)
			}
		}
	}
	if !found && len(args) == 1 {
		return fmt.Errorf("no channel is called %q. See their names with weir channel list", args[0])
	}
	return nil
}

// connection is what a connector does, and how many connections it has.
func connection(c api.Connector) string {
	text := c.Connection
	if c.Connections > 0 {
		text += fmt.Sprintf(", %d open", c.Connections)
	}
	if c.Denied > 0 {
		text += fmt.Sprintf(", %d not let in", c.Denied)
	}
	if c.Connection == "waiting" && c.Detail != "" {
		text += ": " + c.Detail
	}
	return text
}

func testChannel(c *cobra.Command, engine *api.Client, args []string) error {
	connector := ""
	if len(args) == 2 {
		connector = args[1]
	}
	list, err := engine.Test(c.Context(), args[0], connector)
	if err != nil {
		return err
	}
	failed := 0
	for _, t := range list {
		if t.OK {
			fmt.Fprintf(c.OutOrStdout(), "%s (%s): %s\n", t.Name, t.Type, t.Text)
		} else {
			failed++
			fmt.Fprintf(c.OutOrStdout(), "%s (%s) FAILED\n  %s\n", t.Name, t.Type, t.Text)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d connections failed", failed, len(list))
	}
	return nil
}

func messages() *cobra.Command {
	c := &cobra.Command{Use: "message", Short: "Find, look at and act on the messages of a running engine"}
	var s selection
	list := engineCommand(&cobra.Command{Use: "list [CHANNEL]", Short: "Find and list messages of a channel, or of all, newest first", Args: cobra.MaximumNArgs(1)},
		func(c *cobra.Command, engine *api.Client, args []string) error {
			q, err := s.query(time.Now())
			switch {
			case err != nil:
				return err
			case len(args) == 1:
				return listMessages(c, engine, args[0], q)
			case q.Before != 0 || q.After != 0 || len(q.Connector) > 0 || len(q.MetaData) > 0:
				return errors.New("ids, connectors and metadata columns are those of one channel: name it, or use --since and --until")
			}
			return listEverywhere(c, engine, q)
		})
	s.flags(list)
	list.Flags().IntVar(&s.Limit, "limit", 20, "how many")

	var content, attachment string
	show := engineCommand(&cobra.Command{Use: "show CHANNEL ID", Short: "Show a message with its contents", Args: cobra.ExactArgs(2)},
		func(c *cobra.Command, engine *api.Client, args []string) error {
			if attachment != "" {
				return printAttachment(c, engine, args, attachment)
			}
			return showMessage(c, engine, args, content)
		})
	show.Flags().StringVar(&content, "content", "", `print only this content, as it is: such as "Raw" or "Encoded"; of a destination as "d1:Sent"`)
	show.Flags().StringVar(&attachment, "attachment", "", "print only what the attachment with this id holds, as it is")
	show.MarkFlagsMutuallyExclusive("content", "attachment")
	c.AddCommand(list, show)
	c.AddCommand(messageActs()...)
	return c
}

func listMessages(c *cobra.Command, engine *api.Client, channel string, q api.MessageQuery) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, listHead)
	err := engine.EachMessage(c.Context(), channel, q, func(m api.Message) error {
		listMessage(w, "", m)
		if q.Text != "" {
			return w.Flush() // a search through contents may take long
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

// listEverywhere lists the messages of all channels together, newest first. A search
// through contents, which may take long, shows channel by channel what it finds.
func listEverywhere(c *cobra.Command, engine *api.Client, q api.MessageQuery) error {
	channels, err := engine.Channels(c.Context())
	if err != nil {
		return err
	}
	type found struct {
		channel string
		api.Message
	}
	var list []found
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CHANNEL\t"+listHead)
	for _, ch := range channels {
		err := engine.EachMessage(c.Context(), ch.ID, q, func(m api.Message) error {
			if q.Text != "" {
				listMessage(w, ch.Name+"\t", m)
				return w.Flush()
			}
			list = append(list, found{ch.Name, m})
			return nil
		})
		if err != nil {
			return err
		}
		slices.SortStableFunc(list, func(a, b found) int { return b.Received.Compare(a.Received) })
		list = list[:min(len(list), q.Limit)]
	}
	for _, f := range list {
		listMessage(w, f.channel+"\t", f.Message)
	}
	return w.Flush()
}

const listHead = "ID\tCONNECTOR\tSTATUS\tRECEIVED\tRESPONSE\tATTEMPTS\tNOTES"

// listMessage writes a line for each connector of a message.
func listMessage(w io.Writer, channel string, m api.Message) {
	for _, cm := range m.Connectors {
		var notes []string
		if m.OriginalID != 0 && cm.MetaDataID == 0 {
			notes = append(notes, fmt.Sprintf("reprocesses %d", m.OriginalID))
		}
		if m.ImportID != 0 && cm.MetaDataID == 0 {
			notes = append(notes, fmt.Sprintf("imported, was %d", m.ImportID))
		}
		if cm.Failed {
			notes = append(notes, "error")
		}
		if cm.MaybeTwice {
			notes = append(notes, "may have been sent twice")
		}
		fmt.Fprintf(w, "%s%d\t%s\t%s\t%s\t%s\t%d\t%s\n", channel, m.ID, cm.Name, cm.Status, clock(&m.Received), clock(cm.Answered), cm.Attempts, strings.Join(notes, ", "))
	}
}

// clock is a time as people read it here: with seconds and zone.
func clock(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05.000 MST")
}

func messageID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no message id", text)
	}
	return id, nil
}

// printAttachment prints what an attachment holds byte for byte.
func printAttachment(c *cobra.Command, engine *api.Client, args []string, attachment string) error {
	id, err := messageID(args[1])
	if err != nil {
		return err
	}
	held, err := engine.Attachment(c.Context(), args[0], id, attachment)
	if err != nil {
		return err
	}
	defer held.Close()
	_, err = io.Copy(c.OutOrStdout(), held)
	return err
}

func showMessage(c *cobra.Command, engine *api.Client, args []string, content string) error {
	id, err := messageID(args[1])
	if err != nil {
		return err
	}
	m, err := engine.Message(c.Context(), args[0], id)
	if err != nil {
		return err
	}
	if content != "" {
		return printContent(c, m, content)
	}
	out := c.OutOrStdout()
	fmt.Fprintf(out, "Message %d, received %s\n", m.ID, clock(&m.Received))
	for _, a := range m.Attachments {
		fmt.Fprintf(out, "Attachment %s, %s, %s\n", a.ID, a.Type, count(a.Size, "byte"))
	}
	for _, cm := range m.Connectors {
		fmt.Fprintf(out, "\n== %s: %s, %s, sent %s, answered %s\n", cm.Name, cm.Status, count(cm.Attempts, "attempt"), clock(cm.Sent), clock(cm.Answered))
		if cm.MaybeTwice {
			fmt.Fprintln(out, "   It may have been sent twice: the engine ended before it knew of the delivery.")
		}
		for _, content := range cm.Contents {
			fmt.Fprintf(out, "-- %s\n%s\n", content.Name, strings.TrimRight(strings.ReplaceAll(content.Text, "\r", "\n"), "\n"))
		}
	}
	return nil
}

// printContent prints one content byte for byte, so that it can be piped on.
func printContent(c *cobra.Command, m api.Message, which string) error {
	metaDataID := 0
	if id, name, ok := strings.Cut(which, ":"); ok {
		n, err := strconv.Atoi(strings.TrimPrefix(id, "d"))
		if err != nil {
			return fmt.Errorf("%q is no destination: write d and its number", id)
		}
		metaDataID, which = n, name
	}
	for _, cm := range m.Connectors {
		if cm.MetaDataID != metaDataID {
			continue
		}
		for _, content := range cm.Contents {
			if strings.EqualFold(content.Name, which) {
				_, err := fmt.Fprint(c.OutOrStdout(), content.Text)
				return err
			}
		}
	}
	return fmt.Errorf("message %d has no content %q there", m.ID, which)
}
