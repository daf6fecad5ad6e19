package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/server"
)

func convert() *cobra.Command {
	var out string
	var force bool
	var opt server.Options
	c := &cobra.Command{
		Use:   "convert FILE…",
		Short: "Turn Mirth exports into Weir's channel files, and back",
		Long: `Turn a Mirth export into Weir's own channel files, one YAML file for each channel,
or one of those into the export that Mirth Connect reads.

Nothing is lost on either way: what Weir has no words for stands under "extra". What
an export holds beside channels, such as code template libraries and scripts, goes
into a file of its own, which the engine reads beside the others.

A single file is printed, unless -o names a file or a directory; a name without an ending
is that of a directory, which is made.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var files []server.Converted
			for _, arg := range args {
				made, err := server.Convert(opt, arg)
				if err != nil {
					return err
				}
				files = append(files, made...)
			}
			if out == "" && len(files) == 1 {
				_, err := c.OutOrStdout().Write(files[0].Data)
				return err
			}
			return writeFiles(c, out, files, force)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "file, or directory for several files")
	addVariables(c, &opt)
	c.Flags().BoolVar(&force, "force", false, "replace files that are there")
	return c
}

// writeFiles writes files into a directory, or a single one into a file. A name
// that has no ending and is not there yet is that of a directory. What is there
// stays, unless force says otherwise.
func writeFiles(c *cobra.Command, out string, files []server.Converted, force bool) error {
	if out == "" {
		return &weir.Fault{At: "-o", Err: fmt.Errorf("there are %d files to write", len(files)), Hint: "Name a directory with -o."}
	}
	flags := os.O_CREATE | os.O_WRONLY | os.O_EXCL
	if force {
		flags = os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	}
	info, err := os.Stat(out)
	into := err == nil && info.IsDir() || len(files) > 1 || err != nil && filepath.Ext(out) == ""
	if into {
		if err := os.MkdirAll(out, 0o755); err != nil {
			return err
		}
	}
	for _, f := range files {
		name := out
		if into {
			name = filepath.Join(out, f.Name)
		}
		// Settings may hold passwords.
		file, err := os.OpenFile(name, flags, 0o600)
		if errors.Is(err, os.ErrExist) {
			return &weir.Fault{Err: err, Hint: "Choose another place with -o, or replace what is there with --force."}
		}
		if err != nil {
			return err
		}
		_, err = file.Write(f.Data)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		fmt.Fprintln(c.OutOrStdout(), name)
	}
	return nil
}
