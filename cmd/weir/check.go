package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/server"
)

func check() *cobra.Command {
	var asJSON, all, recursive bool
	var page, config string
	var opt server.Options
	c := &cobra.Command{
		Use:   "check FILE|DIR…",
		Short: "Say which channels of Mirth exports run here, without running anything",
		Long: "Check reads channel files of any kind, Mirth's and Weir's, and says of each channel whether it runs\n" +
			"unchanged, with differences, or not, and why. The exit status is 0 when every channel runs, 1 when one\n" +
			"will not or a file cannot be read, and 2 when the check itself failed. docs/check.md says what is in it.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if config == "" {
				config = os.Getenv("WEIR_CONFIG")
			}
			grants, err := readAccess(config)
			if err != nil {
				return exitStatus{err, 2}
			}
			opt.Config, opt.Access = config, grants
			paths := args
			if recursive {
				paths = withFolders(args)
			}
			r, err := server.Check(opt, paths...)
			if err != nil {
				return exitStatus{err, 2}
			}
			if r.Summary.Channels == 0 && len(r.Files) == 0 && len(withFolders(args)) > len(args) {
				fmt.Fprintln(c.ErrOrStderr(), "There are folders in what was named. --recursive looks into them, too.")
			}
			switch {
			case asJSON:
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				err = e.Encode(r)
			default:
				printReport(c.OutOrStdout(), r, all)
			}
			if err == nil && page != "" {
				err = writePage(page, r)
			}
			if err != nil {
				return exitStatus{err, 2}
			}
			return failed(r.Summary)
		},
	}
	c.Flags().StringVar(&config, "config", "", "YAML file that weir serve gets, for what it grants to scripts")
	c.Flags().BoolVarP(&recursive, "recursive", "r", false, "also look into the folders of directories; serve does not")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&all, "all", false, "also list what is kept but has no effect")
	addVariables(c, &opt)
	c.Flags().StringVar(&page, "html", "", "also write the report as a page to hand on, to this `FILE`")
	return c
}

// withFolders adds the folders of directories, at any depth, but for hidden ones.
func withFolders(paths []string) []string {
	var all []string
	for _, path := range paths {
		all = append(all, path)
		filepath.WalkDir(path, func(at string, e fs.DirEntry, err error) error {
			switch {
			case err != nil || at == path: // what cannot be read is told by whoever reads it
			case !e.IsDir():
			case strings.HasPrefix(e.Name(), "."):
				return fs.SkipDir
			default:
				all = append(all, at)
			}
			return nil
		})
	}
	return all
}

// failed is the error of a check that found something that does not run.
func failed(s server.Summary) error {
	var parts []string
	if s.WillNot > 0 {
		parts = append(parts, count(s.WillNot, "channel")+" will not run")
	}
	if s.Unread > 0 {
		parts = append(parts, count(s.Unread, "file")+" cannot be read")
	}
	if len(parts) == 0 {
		return nil
	}
	return errors.New(strings.Join(parts, ", "))
}

// exitStatus is an error that ends the program with a status of its own.
type exitStatus struct {
	error
	status int
}

func (e exitStatus) Unwrap() error { return e.error }

func writePage(file string, r *server.Report) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := reportPage.Execute(f, pageOf(r, time.Now())); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func printReport(w io.Writer, r *server.Report, all bool) {
	for _, v := range r.Channels {
		fmt.Fprintf(w, "%s: %s\n", v.Channel, v.Runs)
		if v.Disabled {
			fmt.Fprintln(w, "  disabled in its file, so it is not deployed at start")
		}
		kept := 0
		for _, p := range v.Reasons {
			if p.Severity == mirth.Info && !all {
				kept++
				continue
			}
			printProblem(w, p)
		}
		for _, p := range v.Warnings {
			printProblem(w, p)
		}
		for _, p := range v.Reaches {
			printProblem(w, p)
		}
		if kept > 0 {
			fmt.Fprintf(w, "  kept without effect: %s (--all lists them)\n", count(kept, "setting"))
		}
	}
	for _, p := range r.Problems {
		if p.Severity != mirth.Info || all {
			fmt.Fprintf(w, "%s:\n", p.File)
			printProblem(w, p)
		}
	}
	fmt.Fprintln(w)
	for _, f := range r.Files {
		fmt.Fprintf(w, "%s: %s\n", f.File, kindOf(f))
	}
	printUsed(w, "Missing classes and functions", r.Missing)
	printUsed(w, "Extensions", r.Plugins)
	for _, p := range r.Ports {
		var names []string
		for _, l := range p.Listeners {
			names = append(names, l.Channel)
		}
		fmt.Fprintf(w, "Port %d is that of %s\n", p.Port, strings.Join(names, ", "))
	}
	s := r.Summary
	fmt.Fprintf(w, "%s: %d run unchanged, %d run with differences, %d will not run", count(s.Channels, "channel"), s.Unchanged, s.Different, s.WillNot)
	for _, part := range []struct {
		n         int
		one, what string
	}{{s.Unread, "file", " cannot be read"}, {s.Ports, "port", " in conflict"}, {s.Secrets, "secret", " in clear text"}, {s.Insecure, "insecure setting", ""}} {
		if part.n > 0 {
			fmt.Fprintf(w, "; %s%s", count(part.n, part.one), part.what)
		}
	}
	fmt.Fprintln(w)
}

// kindOf says what a file is.
func kindOf(f server.CheckedFile) string {
	switch {
	case f.Kind == "":
		return "cannot be read"
	case f.Version != "":
		return f.Holds + ", of version " + f.Version
	}
	return f.Holds
}

func printUsed(w io.Writer, title string, list []server.Used) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "%s:\n", title)
	for _, u := range list {
		fmt.Fprintf(w, "  %s", u.Name)
		if len(u.Channels) > 0 {
			fmt.Fprintf(w, " (%s)", strings.Join(u.Channels, ", "))
		}
		fmt.Fprintln(w)
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
	label := ""
	if p.Severity == mirth.Warning {
		label = "warning: "
	}
	fmt.Fprintf(w, "  %s%s%s", label, place, p.Text)
	if p.Remedy != "" {
		fmt.Fprintf(w, ". %s", p.Remedy)
	}
	fmt.Fprintln(w)
}
