package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir/internal/api"
)

func attachments() *cobra.Command {
	c := &cobra.Command{Use: "attachments", Short: "See and change where a running engine keeps attachments"}
	var from, to string
	move := &cobra.Command{Use: "move --from PLACE --to PLACE", Short: "Move all attachments from one place to another", Args: cobra.NoArgs,
		Long: `Moves the contents of all attachments that are in one place, database, directory or s3,
to another, while messages come and go. One that is ended in the midst goes on when it
is begun again. Where new attachments go says weir serve --attachments.`}
	move.Flags().StringVar(&from, "from", "", "place that the attachments are in")
	move.Flags().StringVar(&to, "to", "", "place that they go to")
	move.MarkFlagRequired("from")
	move.MarkFlagRequired("to")
	c.AddCommand(
		engineCommand(&cobra.Command{Use: "list", Short: "List the places, and how many attachments are in each", Args: cobra.NoArgs}, listPlaces),
		engineCommand(move, func(c *cobra.Command, engine *api.Client, _ []string) error {
			moved, err := engine.MoveAttachments(c.Context(), from, to)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "Moved %s, %s\n", count(moved.Attachments, "attachment"), count(moved.Bytes, "byte"))
			if moved.Failed > 0 {
				return fmt.Errorf("%s could not be moved; the first: %s", count(moved.Failed, "attachment"), moved.Reason)
			}
			return nil
		}),
	)
	return c
}

func listPlaces(c *cobra.Command, engine *api.Client, _ []string) error {
	list, err := engine.Places(c.Context())
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PLACE\tATTACHMENTS\tBYTES\t")
	for _, p := range list {
		note := ""
		if p.New {
			note = "new ones go here"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", p.Name, p.Attachments, p.Bytes, note)
	}
	return w.Flush()
}
