package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/archive"
	"github.com/weir-health/weir/internal/messagefile"
)

// archived are the flags that name an archive and select messages of it.
type archived struct {
	place, key   string
	since, until string
	statuses     []string
	archive.Query
}

func (a *archived) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.place, "archive", "", "directory, or s3://bucket/prefix; also WEIR_ARCHIVE")
	f.StringVar(&a.key, "key", "", "file with the key that opens it, where it is encrypted; also WEIR_KEY")
	f.StringVar(&a.since, "since", "", `only messages received then or later: "2026-03-10", "2026-03-10 14:00", or "90m" and "48h" ago`)
	f.StringVar(&a.until, "until", "", "only messages received before that time")
	f.StringSliceVar(&a.statuses, "status", nil, "only messages that a connector has in one of these: FILTERED, TRANSFORMED, SENT, ERROR")
	f.StringVar(&a.Control, "control", "", "only the HL7 v2 messages with this control id, MSH-10")
	f.StringVar(&a.Patient, "patient", "", "only the HL7 v2 messages of this patient id, PID-3")
	f.StringVar(&a.Order, "order", "", "only the HL7 v2 messages with this order or accession number: ORC-2, ORC-3, OBR-2, OBR-3, OBR-18")
	f.StringVar(&a.Text, "search", "", "only messages with this text in any of their contents")
}

// open reads the flags, and CHANNEL and ID from the arguments.
func (a *archived) open(c *cobra.Command, args []string) (r *archive.Reader, err error) {
	if err := fromEnvironment(c, "archive", "key"); err != nil {
		return nil, err
	}
	if a.place == "" {
		return nil, errors.New("name the archive with --archive, a directory or s3://bucket/prefix")
	}
	if a.Since, err = pointInTime("since", a.since, time.Now()); err != nil {
		return nil, err
	}
	if a.Until, err = pointInTime("until", a.until, time.Now()); err != nil {
		return nil, err
	}
	for _, name := range a.statuses {
		status, ok := weir.ParseStatus(name)
		if !ok {
			return nil, fmt.Errorf("%q is no status: use FILTERED, TRANSFORMED, SENT or ERROR", name)
		}
		a.Statuses = append(a.Statuses, status)
	}
	if len(args) > 0 {
		a.Channel = args[0]
	}
	if len(args) > 1 {
		if a.ID, err = messageID(args[1]); err != nil {
			return nil, err
		}
	}
	var keys []byte
	if a.key != "" {
		if keys, err = os.ReadFile(a.key); err != nil {
			return nil, err
		}
	}
	return archive.NewReader(c.Context(), a.place, keys)
}

// archives are the commands that read an archive. They need no engine, but to restore.
func archives() *cobra.Command {
	c := &cobra.Command{Use: "archive", Short: "Find and restore messages that were archived before they were pruned",
		Long: "Reads what weir serve --archive keeps, without an engine. docs/archive.md describes its files."}
	c.AddCommand(searchArchive(), showArchived(), restoreArchived(), archiveKey())
	return c
}

func searchArchive() *cobra.Command {
	var a archived
	c := &cobra.Command{Use: "search [CHANNEL]", Short: "List messages of an archive", Args: cobra.MaximumNArgs(1),
		Long: "Lists the messages that flags select, oldest day first. CHANNEL is a name or an id."}
	a.flags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		r, err := a.open(c, args)
		if err != nil {
			return err
		}
		n := 0
		out := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(out, "CHANNEL\tID\tRECEIVED\tCONNECTORS")
		err = r.Each(c.Context(), a.Query, func(m *archive.Message) error {
			var parts []string
			for _, cm := range m.Connectors {
				parts = append(parts, cm.ConnectorName+" "+cm.Status.String())
			}
			fmt.Fprintf(out, "%s\t%d\t%s\t%s\n", m.ChannelName, m.ID, m.Received.Local().Format("2006-01-02 15:04:05 -0700"), strings.Join(parts, ", "))
			if n++; n%100 == 0 {
				return out.Flush()
			}
			return nil
		})
		return errors.Join(out.Flush(), err)
	}
	return c
}

func showArchived() *cobra.Command {
	var a archived
	var content, attachment string
	c := &cobra.Command{Use: "show CHANNEL ID", Short: "Print a message of an archive, or one content of it", Args: cobra.ExactArgs(2),
		Long: "Prints the document of a message, as Mirth writes it."}
	a.flags(c)
	c.Flags().StringVar(&content, "content", "", "print this content alone, such as Raw, or d1:Encoded of the destination 1")
	c.Flags().StringVar(&attachment, "attachment", "", "print what the attachment of this id holds")
	c.RunE = func(c *cobra.Command, args []string) error {
		r, err := a.open(c, args)
		if err != nil {
			return err
		}
		found := false
		err = r.Each(c.Context(), a.Query, func(m *archive.Message) error {
			found = true
			return printArchived(c.Context(), r, c.OutOrStdout(), m, content, attachment)
		})
		if err == nil && !found {
			err = fmt.Errorf("the archive has no message %s of channel %s", args[1], args[0])
		}
		return err
	}
	return c
}

func printArchived(ctx context.Context, r *archive.Reader, out io.Writer, m *archive.Message, content, attachment string) error {
	if attachment != "" {
		for i := range m.Apart {
			if a := &m.Apart[i]; a.ID == attachment {
				content := r.Open(ctx, m, a)
				defer content.Close()
				_, err := io.Copy(out, content)
				return err
			}
		}
		for _, one := range m.Attachments {
			if one.ID == attachment {
				_, err := out.Write(one.Content)
				return err
			}
		}
		return fmt.Errorf("message %d has no attachment %q", m.ID, attachment)
	}
	if content == "" {
		_, err := fmt.Fprintf(out, "%s\n", m.Document)
		return err
	}
	id, name := 0, content
	if connector, rest, ok := strings.Cut(content, ":"); ok {
		name = rest
		if _, err := fmt.Sscanf(connector, "d%d", &id); err != nil {
			return fmt.Errorf("%q names no connector: write d1 for the destination with the metadata id 1", connector)
		}
	}
	t, ok := messagefile.ContentOf(strings.ToUpper(strings.ReplaceAll(name, " ", "_")))
	cm := m.Connector(id)
	if !ok || cm == nil || !cm.Contents[t].Set && messagefile.ContentText(m.Message, cm, t) == "" {
		return fmt.Errorf("message %d has no content %q", m.ID, content)
	}
	_, err := io.WriteString(out, messagefile.ContentText(m.Message, cm, t))
	return err
}

func restoreArchived() *cobra.Command {
	var a archived
	var to string
	var all bool
	c := &cobra.Command{Use: "restore CHANNEL [ID]", Short: "Import messages of an archive into a running engine", Args: cobra.RangeArgs(1, 2),
		Long: `Imports archived messages, as weir message import does: under new ids, with the old ones as
import ids. Nothing is processed or sent. What was restored before and is still there is left
out, so that a restore that broke off is begun again.

Their age is that of their receipt: where the channel prunes itself, the next pruning takes
them again. Restore them to a channel without pruning, with --to, to keep them.`}
	a.flags(c)
	c.Flags().StringVar(&to, "to", "", "channel that gets them; default the one they are of")
	c.Flags().BoolVar(&all, "all", false, "all messages that the archive has of the channel")
	return engineCommand(c, func(c *cobra.Command, engine *api.Client, args []string) error {
		r, err := a.open(c, args)
		if err != nil {
			return err
		}
		if to == "" {
			to = args[0]
		}
		if q := a.Query; !all && q.ID == 0 && q.Since.IsZero() && q.Until.IsZero() && len(q.Statuses) == 0 && q.Control+q.Patient+q.Order+q.Text == "" {
			return errors.New("say which messages: an id, flags that select, or --all")
		}
		out, err := restore(c.Context(), r, a.Query, engine, to)
		if err != nil {
			return err
		}
		if out.There > 0 {
			fmt.Fprintf(c.OutOrStdout(), "there already: %d\n", out.There)
		}
		if err := report(c, out); err != nil || out.Done+out.There > 0 {
			return err
		}
		return errors.New("the archive has no such messages")
	})
}

func archiveKey() *cobra.Command {
	return &cobra.Command{Use: "key FILE", Short: "Make a key for an encrypted archive", Args: cobra.ExactArgs(1),
		Long: "Writes a new key to FILE, which opens the archive and is not needed by the engine, and prints the\nrecipient for weir serve --archive-recipient. Without FILE the archive cannot be read: keep it safe.",
		RunE: func(c *cobra.Command, args []string) error {
			identity, recipient, err := archive.NewKey()
			if err != nil {
				return err
			}
			f, err := os.OpenFile(args[0], os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(f, "# public key: %s\n%s\n", recipient, identity)
			if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), recipient)
			return nil
		}}
}
