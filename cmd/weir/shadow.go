package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/shadow"
	"github.com/weir-health/weir/server"
)

func shadowCommand() *cobra.Command {
	var how server.Shadow
	var rules []string
	var masks string
	var plain, asJSON, values bool
	c := &cobra.Command{
		Use:   "shadow MESSAGES… --channels FILE|DIR",
		Short: "Take messages that another engine has processed through channels here, and tell what differs",
		Long: `Take messages that another engine has processed through the channels of files, send nothing, and
tell where what comes out differs, field by field.

MESSAGES are exports of messages in Mirth's XML with their contents: files, folders, archives.
Destinations hold back what they would send and answer as the recorded ones did; sources stand
still; scripts reach no files, addresses and databases, unless --reach says so.

A mask leaves out what differs each time; MSH-7 and MSH-10 always are, but for --no-default-masks:
  MSH-7, PID-3.1, OBX-*      a place of HL7 v2 with all inside of it
  /patient/@updated          one of XML or JSON
  sent.outputPattern         a setting of a destination, or status, response, reply
  re:REGEX                   what is cut out of both texts
  To EHR: PV1-19             for one connector alone

What stands at the places is shown with --values: it is of patients. Exit status 1 if anything differs.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !plain {
				rules = append(rules, shadow.Default...)
			}
			if masks != "" {
				text, err := readLimited(masks)
				if err != nil {
					return err
				}
				rules = append(rules, strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")...)
			}
			var err error
			if how.Masks, err = shadow.ParseMasks(rules...); err != nil {
				return err
			}
			opt := server.Options{Log: slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError}))}
			report, err := server.RunShadow(c.Context(), opt, how, func(visit func(*messagefile.Message) error) error {
				return recorded(args, visit)
			})
			if err != nil {
				return err
			}
			return printShadow(c, report, asJSON, values)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&how.Channels, "channels", nil, "files or directories with the channels")
	c.MarkFlagRequired("channels")
	f.StringVar(&how.Channel, "channel", "", "the channel that takes all messages, by name or id; without it they go by their channel ids")
	f.StringArrayVar(&rules, "mask", nil, "a place that is left out, see above")
	f.StringVar(&masks, "masks", "", "file with masks, one a line")
	f.BoolVar(&plain, "no-default-masks", false, "do not leave out MSH-7 and MSH-10")
	f.BoolVar(&how.Reach, "reach", false, "scripts reach the files, addresses and databases that stand in them")
	f.BoolVar(&values, "values", false, "show what stands at the places")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// recorded reads the messages of files, folders and archives.
func recorded(paths []string, visit func(*messagefile.Message) error) error {
	count := 0
	for _, path := range paths {
		dir, name := filepath.Split(filepath.Clean(path))
		if dir == "" {
			dir = "."
		}
		files := messagefile.Files{FS: os.DirFS(dir), Recursive: true}
		err := files.Each(name, func(file string, doc []byte) error {
			m, err := messagefile.ParseText(doc, nil)
			if err != nil {
				return fmt.Errorf("%s: %w", filepath.Join(dir, file), err)
			}
			count++
			return visit(m)
		})
		if err != nil {
			return err
		}
	}
	if count == 0 {
		return &weir.Fault{Err: errors.New("there are no messages in what was named"), Hint: "Export messages with their contents as XML."}
	}
	return nil
}

func printShadow(c *cobra.Command, report *server.ShadowReport, asJSON, values bool) error {
	if !values {
		for i := range report.Differences {
			d := &report.Differences[i]
			if d.What != "status" && d.What != "receive" && d.What != "raw" {
				d.Recorded, d.Here = length(d.Recorded), length(d.Here)
			}
		}
	}
	out := c.OutOrStdout()
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(report); err != nil {
			return err
		}
	} else {
		printPlaces(c, report)
	}
	if report.Differ+report.Failed > 0 {
		return fmt.Errorf("%d of %d messages differ", report.Differ+report.Failed, report.Messages)
	}
	return nil
}

func length(s string) string {
	if s == "" {
		return "nothing"
	}
	return fmt.Sprintf("%d characters", utf8.RuneCountInString(s))
}

// examples is how many messages are shown of each place.
const examples = 3

func printPlaces(c *cobra.Command, report *server.ShadowReport) {
	out := c.OutOrStdout()
	fmt.Fprintf(out, "%s: %d the same, %d differ, %d could not be taken through\n", count(report.Messages, "message"), report.Same, report.Differ, report.Failed)
	for _, p := range report.Places {
		fmt.Fprintf(out, "\n%s, %s: %s %s: %s\n", p.Channel, p.Connector, p.What, p.Place, count(p.Messages, "message"))
		shown := 0
		for _, d := range report.Differences {
			if shown < examples && d.Channel == p.Channel && d.Connector == p.Connector && d.What == p.What && server.SamePlace(d.Place, p.Place) {
				shown++
				fmt.Fprintf(out, "  message %d %s: recorded %s, here %s\n", d.Message, d.Place, quoted(d.Recorded), quoted(d.Here))
			}
		}
	}
}

// quoted is a text on one line.
func quoted(s string) string {
	const most = 200
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strings.NewReplacer("\r", "⏎", "\n", "⏎").Replace(s)
}
