package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/messagefile"
)

// exporting are the flags of an export.
type exporting struct {
	selection
	api.Exporting
	all, force      bool
	output, content string
	form            messagefile.Form
}

// exportMessages writes messages to files.
func exportMessages() *cobra.Command {
	var x exporting
	c := &cobra.Command{Use: "export CHANNEL [ID]", Short: "Write messages to files, as Mirth does", Args: cobra.RangeArgs(1, 2),
		Long: `Writes messages as Mirth's documents, oldest first, which weir message import and Mirth read.

Without --output they go to standard output. A name that ends in .xml is a file for all of
them, one in .zip, .tar, .tar.gz or .tar.bz2 an archive, and any other a directory with a
file for each. With --content it is that content alone, as text.`}
	x.flags(c)
	f := c.Flags()
	f.BoolVar(&x.all, "all", false, "all messages of the channel")
	f.StringVarP(&x.output, "output", "o", "", "file, archive or directory")
	f.BoolVar(&x.force, "force", false, "replace a file that is there")
	f.StringVar(&x.form.Pattern, "pattern", messagefile.DefaultPattern, "name of the file of each message, in a directory or an archive")
	f.StringVar(&x.content, "content", "", "only this content, such as Raw, or d:Encoded for that of the destinations")
	f.BoolVar(&x.Bare, "no-attachments", false, "leave attachments out")
	f.BoolVar(&x.Encrypt, "encrypt", false, "encrypt what messages hold with the engine's own key, which alone reads them again")
	f.StringVar((*string)(&x.form.Encryption), "encryption", "", "of a zip archive: STANDARD, AES128 or AES256")
	f.StringVar(&x.form.Password, "password", "", "of the zip archive; env:NAME or file:/path keep it out of the list of processes")
	return engineCommand(c, x.run)
}

func (x *exporting) run(c *cobra.Command, engine *api.Client, args []string) error {
	q, err := x.query(time.Now())
	if err != nil {
		return err
	}
	switch {
	case len(args) == 2 && (!q.Empty() || x.all):
		return errors.New("give an id, or flags that select, not both")
	case len(args) == 2:
		id, err := messageID(args[1])
		if err != nil {
			return err
		}
		q = api.MessageQuery{After: id - 1, Before: id + 1}
	case q.Empty() != x.all:
		return errors.New("say which messages: an id, flags that select, or --all alone")
	}
	if err := x.readForm(); err != nil {
		return err
	}
	documents, done := io.Pipe()
	defer documents.Close()
	go func() {
		done.CloseWithError(engine.Export(c.Context(), args[0], q, x.Exporting, done))
	}()
	n, err := x.write(c, documents)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("channel %s has no such messages", args[0])
	}
	if x.output != "" {
		fmt.Fprintf(c.OutOrStdout(), "exported: %d\n", n)
	}
	return nil
}

// archiveEndings are those of the archives that an export is written to.
var archiveEndings = []struct{ ending, archive, compress string }{
	{".zip", "zip", ""}, {".tar.gz", "tar", "gz"}, {".tgz", "tar", "gz"}, {".tar.bz2", "tar", "bzip2"}, {".tar", "tar", ""},
}

// readForm makes a form of the flags.
func (x *exporting) readForm() (err error) {
	if x.form.Password, err = dereference(x.form.Password); err != nil {
		return err
	}
	if x.content != "" {
		name, ok := strings.CutPrefix(x.content, "d:")
		x.form.Destinations = ok
		if x.form.Content, ok = messagefile.ContentOf(strings.ToUpper(strings.ReplaceAll(name, " ", "_"))); !ok {
			return fmt.Errorf("--content: there is no content %q; weir message show lists them", name)
		}
	}
	for _, a := range archiveEndings {
		if name, ok := strings.CutSuffix(x.output, a.ending); ok {
			x.form.Archive, x.form.Compress, x.form.Name = a.archive, a.compress, filepath.Base(name)
			if a.ending == ".tgz" {
				x.output = name + ".tar.gz"
			}
			break
		}
	}
	if x.form.Password != "" && x.form.Encryption == "" {
		x.form.Encryption = messagefile.AES256
	}
	if x.Encrypt && (x.content != "" || x.form.Archive != "" || !x.single()) {
		return errors.New("--encrypt goes with one .xml file, or standard output")
	}
	return nil
}

// single tells whether all goes into one file.
func (x *exporting) single() bool { return x.output == "" || strings.HasSuffix(x.output, ".xml") }

func (x *exporting) write(c *cobra.Command, documents io.Reader) (int, error) {
	if x.single() && x.content == "" {
		return x.writeOne(c, documents)
	}
	folder := x.output
	if x.form.Archive != "" || x.single() {
		folder = filepath.Dir(x.output)
	}
	switch {
	case x.output == "":
		return 0, errors.New("--content needs --output")
	case x.single():
		x.form.Pattern = strings.ReplaceAll(filepath.Base(x.output), "$", "_")
	}
	if x.form.Archive != "" || x.single() {
		if err := x.free(); err != nil {
			return 0, err
		}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return 0, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	w, err := messagefile.NewWriter(root, ".", x.form, time.Now)
	if err != nil {
		return 0, err
	}
	defer w.Abort()
	n := 0
	r := messagefile.NewReader(documents, 0)
	for {
		m, err := r.Message(nil)
		if err == io.EOF {
			return n, w.Close()
		}
		if err != nil {
			return n, err
		}
		written, err := w.Write(m)
		if err != nil {
			return n, err
		}
		if written {
			n++
		}
	}
}

// free makes sure that nothing is replaced that was not meant.
func (x *exporting) free() error {
	if x.force {
		if err := os.Remove(x.output); err != nil && !os.IsNotExist(err) {
			return err
		}
		return nil
	}
	if _, err := os.Lstat(x.output); err == nil {
		return &weir.Fault{At: x.output, Err: errors.New("the file is there already"), Hint: "Replace it with --force."}
	}
	return nil
}

// writeOne writes all documents to one file, or standard output.
func (x *exporting) writeOne(c *cobra.Command, documents io.Reader) (n int, err error) {
	to := c.OutOrStdout()
	if x.output != "" {
		if err := x.free(); err != nil {
			return 0, err
		}
		f, err := os.OpenFile(x.output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		defer func() {
			if e := f.Close(); err == nil {
				err = e
			}
		}()
		to = f
	}
	out := bufio.NewWriter(to)
	r := messagefile.NewReader(documents, 0)
	for ; ; n++ {
		doc, err := r.Next()
		if err == io.EOF {
			return n, out.Flush()
		}
		if err != nil {
			return n, err
		}
		out.Write(doc)
		if _, err := out.WriteString("\r\n"); err != nil {
			return n, err
		}
	}
}

// importMessages reads messages from files.
func importMessages() *cobra.Command {
	var files messagefile.Files
	var how api.Importing
	c := &cobra.Command{Use: "import CHANNEL FILE|DIR…", Short: "Read exported messages in", Args: cobra.MinimumNArgs(2),
		Long: `Reads messages that Weir or Mirth exported, from files, archives (zip, tar, gzip, bzip2, zstd)
and directories; FILE - is standard input. They get new ids, and keep the old ones as import
ids. Nothing of them is processed or sent, and they are not counted.`}
	c.Flags().BoolVar(&files.Recursive, "recursive", false, "directories inside of directories, too")
	c.Flags().StringVar(&files.Password, "password", "", "of zip archives; env:NAME or file:/path keep it out of the list of processes")
	c.Flags().BoolVar(&how.Once, "once", false, "leave out what was imported with --once before, and is still there")
	return engineCommand(c, func(c *cobra.Command, engine *api.Client, args []string) (err error) {
		if files.Password, err = dereference(files.Password); err != nil {
			return err
		}
		documents, done := io.Pipe()
		go func() {
			done.CloseWithError(eachDocument(c, &files, args[1:], func(doc []byte) error {
				_, err := done.Write(doc)
				return err
			}))
		}()
		out, err := engine.Import(c.Context(), args[0], documents, how)
		documents.Close()
		if err != nil {
			return err
		}
		if out.There > 0 {
			fmt.Fprintf(c.OutOrStdout(), "there already: %d\n", out.There)
		}
		if err := report(c, out); err != nil || out.Done+out.There > 0 {
			return err
		}
		return fmt.Errorf("there are no messages in %s", strings.Join(args[1:], ", "))
	})
}

// eachDocument visits the documents in files and directories.
func eachDocument(c *cobra.Command, files *messagefile.Files, paths []string, visit func(doc []byte) error) error {
	if slices.Contains(paths, "-") && len(paths) > 1 {
		return errors.New("standard input comes alone")
	}
	for _, p := range paths {
		if p == "-" {
			r := messagefile.NewReader(c.InOrStdin(), 0)
			for {
				doc, err := r.Next()
				if err == nil {
					err = visit(doc)
				}
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
			}
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			return err
		}
		files.FS = os.DirFS(filepath.Dir(abs))
		if err := files.Each(filepath.Base(abs), func(_ string, doc []byte) error { return visit(doc) }); err != nil {
			return err
		}
	}
	return nil
}
