// Command weir is the whole product: the engine, and what one does with it from
// a shell. See weir help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
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
	return c
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), "weir", version) },
	}
}
