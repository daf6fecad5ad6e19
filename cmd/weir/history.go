package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/history"
)

const kindsText = `KIND is channels, libraries, scripts, alerts, groups, tags, configuration or dependencies.
NAME is a name or an id; of scripts, configuration and dependencies there is one, called global.`

// histories are the commands for whatever has a history.
func histories() *cobra.Command {
	c := &cobra.Command{Use: "history", Short: "See, compare and bring back what was saved earlier", Long: "See, compare and bring back what was saved earlier.\n\n" + kindsText}
	var why string
	rollback := engineCommand(&cobra.Command{Use: "rollback KIND NAME NUMBER", Short: "Save a revision again, as the newest", Long: kindsText, Args: cobra.ExactArgs(3)},
		func(c *cobra.Command, engine *api.Client, args []string) error {
			return rollBack(c, engine, args[0], args[1], args[2], why)
		})
	rollback.Flags().StringVar(&why, "why", "", "why, for the history")
	c.AddCommand(
		engineCommand(&cobra.Command{Use: "list KIND [NAME]", Short: "List revisions, newest first; without NAME the newest of each", Long: kindsText, Args: cobra.RangeArgs(1, 2)},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				return listRevisions(c, engine, args[0], strings.Join(args[1:], ""))
			}),
		engineCommand(&cobra.Command{Use: "show KIND NAME NUMBER", Short: "Print the text of a revision", Long: kindsText, Args: cobra.ExactArgs(3)},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				return showRevision(c, engine, args[0], args[1], args[2])
			}),
		engineCommand(&cobra.Command{Use: "diff KIND NAME NUMBER [NUMBER]", Short: "Compare a revision with another, or with the newest", Long: kindsText, Args: cobra.RangeArgs(3, 4)},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				return diffRevisions(c, engine, args[0], args[1], args[2:])
			}),
		rollback,
	)
	return c
}

// channelHistory are the same for channels, beside what else is done to them.
func channelHistory() []*cobra.Command {
	var why string
	rollback := engineCommand(&cobra.Command{Use: "rollback CHANNEL NUMBER", Short: "Save an earlier revision of a channel again, and deploy it", Args: cobra.ExactArgs(2)},
		func(c *cobra.Command, engine *api.Client, args []string) error {
			return rollBack(c, engine, history.Channels, args[0], args[1], why)
		})
	rollback.Flags().StringVar(&why, "why", "", "why, for the history")
	return []*cobra.Command{
		engineCommand(&cobra.Command{Use: "history CHANNEL [NUMBER]", Short: "List the revisions of a channel, newest first, or print one", Args: cobra.RangeArgs(1, 2)},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				if len(args) == 2 {
					return showRevision(c, engine, history.Channels, args[0], args[1])
				}
				return listRevisions(c, engine, history.Channels, args[0])
			}),
		rollback,
	}
}

func listRevisions(c *cobra.Command, engine *api.Client, kind, name string) error {
	list, err := engine.History(c.Context(), kind, name)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NUMBER\tTIME\tWHO\tNAME\tREV\tHOW\tWHY")
	for _, e := range list {
		if e.Removed {
			e.How += ", removed"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\t%s\t%s\n", e.Number, clock(&e.Time), dash(e.Who), e.Name, e.Revision, e.How, e.Why)
	}
	return w.Flush()
}

func revisionNumber(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is no number of a revision; weir channel history and weir history list show them", text)
	}
	return n, nil
}

func showRevision(c *cobra.Command, engine *api.Client, kind, name, number string) error {
	n, err := revisionNumber(number)
	if err != nil {
		return err
	}
	text, err := engine.Revision(c.Context(), kind, name, n)
	if err == nil {
		_, err = c.OutOrStdout().Write(text)
	}
	return err
}

// diffRevisions compares two revisions, or one with the newest.
func diffRevisions(c *cobra.Command, engine *api.Client, kind, name string, numbers []string) error {
	list, err := engine.History(c.Context(), kind, name)
	if err != nil {
		return err
	}
	if len(numbers) == 1 {
		numbers = append(numbers, strconv.Itoa(list[0].Number))
	}
	var texts, titles [2]string
	for i, number := range numbers {
		n, err := revisionNumber(number)
		if err != nil {
			return err
		}
		text, err := engine.Revision(c.Context(), kind, name, n)
		if err != nil {
			return err
		}
		texts[i], titles[i] = string(text), fmt.Sprintf("%s, revision %d", name, n)
	}
	text := unified(titles[0], titles[1], texts[0], texts[1])
	if text == "" {
		return nil
	}
	fmt.Fprint(c.OutOrStdout(), text)
	return errors.New("the revisions differ")
}

func rollBack(c *cobra.Command, engine *api.Client, kind, name, number, why string) error {
	n, err := revisionNumber(number)
	if err != nil {
		return err
	}
	return engine.Rollback(c.Context(), kind, name, n, why)
}
