package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/server"
)

func docs() *cobra.Command {
	c := &cobra.Command{
		Use:   "docs [DIR]",
		Short: "Write the reference pages of connectors and data types",
		Long: `Write a page for each connector and data type with all of its settings, as this
program knows them, into a directory. Without one, list the pages.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			pages := server.Reference(server.Options{})
			if len(args) == 0 {
				fmt.Fprint(c.OutOrStdout(), pages["README.md"])
				return nil
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			for name, text := range pages {
				if err := os.WriteFile(filepath.Join(args[0], name), []byte(text), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.AddCommand(printed("types", "Print weir.d.ts: what scripts of the modern dialect have", script.ModernTypes),
		printed("openapi", "Print the OpenAPI description of Weir's REST API", func() string { return string(api.OpenAPI()) }),
		printed("schema", "Print the JSON Schema of Weir's channel files", func() string { return server.Schema(server.Options{}) }))
	return c
}

// printed is a command that prints a text.
func printed(name, short string, text func() string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		_, err := fmt.Fprint(c.OutOrStdout(), text())
		return err
	}}
}
