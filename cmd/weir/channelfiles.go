package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/history"
	"github.com/weir-health/weir/server"
)

// channelFiles are the commands that compare a running engine with files.
func channelFiles() []*cobra.Command {
	var revisions []string
	diff := engineCommand(&cobra.Command{
		Use: "diff FILE|DIR… | CHANNEL --revision N[,M]", Short: "Show how the channels of files, or revisions of one, differ from those that run",
		Long: `Show how the channels of files differ from those of the running engine, as changes
to the channel files of what runs. With --revision, compare a revision of a channel's history
with another, or with the newest. Exit status 1 if anything differs.`,
		Args: cobra.MinimumNArgs(1),
	}, func(c *cobra.Command, engine *api.Client, args []string) error {
		switch {
		case len(revisions) == 0:
			return diffChannels(c, engine, args)
		case len(args) > 1 || len(revisions) > 2:
			return errors.New("--revision takes one channel, and one or two numbers")
		}
		return diffRevisions(c, engine, history.Channels, args[0], revisions)
	})
	diff.Flags().StringSliceVar(&revisions, "revision", nil, "number of a revision as weir channel history lists it, or two")
	var why string
	apply := engineCommand(&cobra.Command{
		Use: "apply FILE|DIR…", Short: "Give channel files to the engine, which keeps and deploys them",
		Long: `Give channel files to the running engine. Each is checked first; one that would not
run changes nothing. The engine keeps them in its data directory. A channel that comes
from the directory given with --channels is changed there, not here.`,
		Args: cobra.MinimumNArgs(1),
	}, func(c *cobra.Command, engine *api.Client, args []string) error {
		return applyChannels(c, engine, args, why)
	})
	apply.Flags().StringVar(&why, "why", "", "why, for the history")
	var out string
	var force bool
	pull := engineCommand(&cobra.Command{
		Use: "pull [CHANNEL…]", Short: "Write channels of the engine as channel files", Args: cobra.ArbitraryArgs,
	}, func(c *cobra.Command, engine *api.Client, args []string) error {
		return pullChannels(c, engine, args, out, force)
	})
	pull.Flags().StringVarP(&out, "output", "o", "", "file, or directory for several channels")
	pull.Flags().BoolVar(&force, "force", false, "replace files that are there")
	return []*cobra.Command{diff, apply, pull}
}

func diffChannels(c *cobra.Command, engine *api.Client, args []string) error {
	files, err := server.ChannelFiles(server.Options{}, args...)
	if err != nil {
		return err
	}
	running, err := engine.Channels(c.Context())
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, ch := range running {
		known[ch.ID] = true
	}
	differ := 0
	for _, f := range files {
		var before []byte
		name := "(not in the engine)"
		if known[f.ID] {
			name = "running: " + f.Name
			if before, err = engine.File(c.Context(), f.ID); err != nil {
				return err
			}
		}
		if text := unified(name, f.File, string(before), string(f.Data)); text != "" {
			differ++
			fmt.Fprint(c.OutOrStdout(), text)
		}
	}
	if differ > 0 {
		return fmt.Errorf("%d of %d channels differ", differ, len(files))
	}
	return nil
}

func applyChannels(c *cobra.Command, engine *api.Client, args []string, why string) error {
	files, err := server.ChannelFiles(server.Options{}, args...)
	if err != nil {
		return err
	}
	for _, f := range files {
		name, err := engine.Apply(c.Context(), f.Data, why)
		if err != nil {
			return fmt.Errorf("%s: %w", f.File, err)
		}
		fmt.Fprintf(c.OutOrStdout(), "%s: deployed from %s\n", name, f.File)
	}
	return nil
}

func pullChannels(c *cobra.Command, engine *api.Client, args []string, out string, force bool) error {
	running, err := engine.Channels(c.Context())
	if err != nil {
		return err
	}
	if len(args) == 0 {
		for _, ch := range running {
			args = append(args, ch.ID)
		}
	}
	names := map[string]string{}
	for _, ch := range running {
		names[ch.ID], names[ch.Name] = ch.Name, ch.Name
	}
	var files []server.Converted
	taken := map[string]bool{}
	for _, arg := range args {
		data, err := engine.File(c.Context(), arg)
		if err != nil {
			return err
		}
		file := server.FileName(names[arg])
		for n := 2; taken[file]; n++ {
			file = fmt.Sprintf("%d-%s", n, server.FileName(names[arg]))
		}
		taken[file] = true
		files = append(files, server.Converted{Name: file, Data: data})
	}
	if out == "" && len(files) == 1 {
		_, err := c.OutOrStdout().Write(files[0].Data)
		return err
	}
	return writeFiles(c, out, files, force)
}
