package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir/internal/api"
)

// prune is the commands of the engine's pruner.
func prune() *cobra.Command {
	c := &cobra.Command{Use: "prune", Short: "Remove what channels do not keep any longer, now; and see when that is done",
		Long: "The engine prunes its channels at the times of weir serve --prune. What each keeps its own settings\nsay: see docs/commands.md."}
	c.AddCommand(
		engineCommand(&cobra.Command{Use: "run", Short: "Prune all channels now", Args: cobra.NoArgs},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				p, err := engine.PruneAll(c.Context())
				if err == nil && p.Last != nil {
					showPruned(c, *p.Last)
				}
				return err
			}),
		engineCommand(&cobra.Command{Use: "status", Short: "Show what was pruned, and when that is done next", Args: cobra.NoArgs},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				p, err := engine.Pruning(c.Context())
				if err == nil {
					showPruning(c, p)
				}
				return err
			}),
		engineCommand(&cobra.Command{Use: "stop", Short: "End a pruning that is under way, after the part in hand", Args: cobra.NoArgs},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				return engine.StopPruning(c.Context())
			}),
	)
	return c
}

func showPruned(c *cobra.Command, p api.Pruned) {
	fmt.Fprintf(c.OutOrStdout(), "messages removed: %d\ncontents removed: %d\n", p.Messages, p.Contents)
	if p.Archived > 0 {
		fmt.Fprintf(c.OutOrStdout(), "archived: %d\n", p.Archived)
	}
	if p.Kept > 0 {
		fmt.Fprintf(c.OutOrStdout(), "not removed, since the archive does not take them: %d\n", p.Kept)
	}
	if p.Problem != "" {
		fmt.Fprintf(c.OutOrStdout(), "problem: %s\n", p.Problem)
	}
}

func showPruning(c *cobra.Command, p api.Pruning) {
	out := c.OutOrStdout()
	at := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return t.Local().Format("2006-01-02 15:04:05 -0700")
	}
	fmt.Fprintf(out, "times: %s\nnext: %s\n", p.Times, at(p.Next))
	if p.Archive != "" {
		place, _, _ := strings.Cut(p.Archive, "?")
		fmt.Fprintf(out, "archive: %s\n", place)
	}
	if p.Running {
		fmt.Fprintf(out, "running since %s, at channel %s\n", at(p.Began), p.Channel)
	} else {
		fmt.Fprintf(out, "last: %s\n", at(p.Ended))
	}
	if p.Last != nil {
		showPruned(c, *p.Last)
	}
}
