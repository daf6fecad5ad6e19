package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/server"
)

func check() *cobra.Command {
	var asJSON, all bool
	c := &cobra.Command{
		Use:   "check FILE|DIR…",
		Short: "Say which channels of Mirth exports run here, without running anything",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			verdicts, problems, err := server.Check(server.Options{}, args...)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(c.OutOrStdout()).Encode(map[string]any{"channels": verdicts, "problems": problems})
			} else {
				printVerdicts(c.OutOrStdout(), verdicts, problems, all)
			}
			if err != nil {
				return err
			}
			return blocked(verdicts, problems)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&all, "all", false, "also list settings that are kept but have no effect")
	return c
}

func printVerdicts(w io.Writer, verdicts []server.Verdict, problems []server.Problem, all bool) {
	for _, v := range verdicts {
		fmt.Fprintf(w, "%s: %s\n", v.Channel, v.Runs)
		if v.Disabled {
			fmt.Fprintln(w, "  disabled in its file, so it is not deployed at start")
		}
		kept := 0
		for _, r := range v.Reasons {
			if r.Severity == mirth.Info && !all {
				kept++
				continue
			}
			printProblem(w, r)
		}
		for _, r := range v.Reaches {
			printProblem(w, r)
		}
		if kept > 0 {
			fmt.Fprintf(w, "  %d settings are kept without effect (--all lists them)\n", kept)
		}
	}
	for _, p := range problems {
		if p.Severity != mirth.Info || all {
			fmt.Fprintf(w, "%s:\n", p.File)
			printProblem(w, p)
		}
	}
}

func printProblem(w io.Writer, p server.Problem) {
	place := p.Path
	if p.Line > 0 {
		place = fmt.Sprintf("%s (%s, line %d)", p.Path, p.File, p.Line)
	}
	if place != "" {
		place += ": "
	}
	fmt.Fprintf(w, "  %s%s", place, p.Text)
	if p.Remedy != "" {
		fmt.Fprintf(w, ". %s", p.Remedy)
	}
	fmt.Fprintln(w)
}

func blocked(verdicts []server.Verdict, problems []server.Problem) error {
	n := 0
	for _, v := range verdicts {
		if v.Runs == server.WillNotRun {
			n++
		}
	}
	for _, p := range problems {
		if p.Severity == mirth.Blocks {
			n++
		}
	}
	if n > 0 {
		return fmt.Errorf("%d will not run", n)
	}
	return nil
}
