// Command weir is the whole product: the engine, and what one does with it from
// a shell. See weir help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set when a release is built.
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "weir:", err)
		stop()
		status := 1
		if e, ok := errors.AsType[exitStatus](err); ok {
			status = e.status
		}
		os.Exit(status)
	}
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:           "weir",
		Short:         "Weir is a healthcare integration engine",
		Long:          "Weir receives clinical messages, keeps every one, filters and transforms them, and\ndelivers them in order and without loss. It runs Mirth Connect channels as exported.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	c.CompletionOptions.HiddenDefaultCmd = true
	c.AddCommand(serve(), check(), convert(), channels(), messages(), attachments(), prune(), archives(), users(), tokens(), auditTrail(), histories(), shadowCommand(), send(), benchmark(), docs(), versionCommand())
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return fmt.Errorf("%w; see %s --help", err, c.CommandPath()) })
	// A group of commands is run to say what is in it, and is not shown as one to run.
	c.SetUsageTemplate(strings.Replace(c.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1))
	for _, group := range c.Commands() {
		explain(group)
	}
	return c
}

// explain says of a command that was not used as it is meant how it is, and which
// one was meant where there is none of that name.
func explain(c *cobra.Command) {
	for _, sub := range c.Commands() {
		explain(sub)
	}
	if c.HasSubCommands() && !c.Runnable() {
		c.SuggestionsMinimumDistance = 2
		c.Args = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			hint := "See them with " + c.CommandPath() + " --help"
			if meant := c.SuggestionsFor(args[0]); len(meant) > 0 {
				hint = "Did you mean " + meant[0] + "?"
			}
			return fmt.Errorf("%s has no command %q. %s", c.CommandPath(), args[0], hint)
		}
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		return
	}
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if check(c, args) == nil {
				return nil
			}
			return fmt.Errorf("use it as %s; see %s --help", strings.TrimSuffix(c.UseLine(), " [flags]"), c.CommandPath())
		}
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), "weir", version) },
	}
}
