package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/server"
)

func serve() *cobra.Command {
	var opt server.Options
	var logFormat, config, recipients string
	var memory, inFlight size
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the engine",
		Long: `Run the engine until it is told to stop.

Every channel file in the directory given with --channels is deployed: Weir's own
(*.yaml), Mirth exports (*.xml) of channels, channel lists, groups, code template
libraries, global scripts and configuration maps, and configuration map *.properties.

Each flag can be given as a variable too (WEIR_DATA for --data), or as a key of the
YAML file given with --config; a flag beats a variable beats the file. A value may
be a reference: env:NAME or file:/path.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if config == "" {
				config = os.Getenv("WEIR_CONFIG")
			}
			var err error
			opt.Config = config
			if secret := opt.AttachmentsS3.SecretKey; secret != "" && !strings.HasPrefix(secret, "env:") && !strings.HasPrefix(secret, "file:") {
				return &weir.Fault{At: "--attachments-s3-secret-key", Err: errors.New("a key on the command line can be seen by others on this machine"), Hint: "Give env:NAME or file:PATH."}
			}
			if err := fromFile(c, config, "data", "channels", "variables", "exports", "prune", "archive", "archive-recipient", "listen", "database", "log", "script-time-limit", "channel-time-limit", "stream-above", "hold-at-most", "memory-limit", "in-flight-limit",
				"attachments", "attachments-directory", "attachments-s3", "attachments-s3-access-key", "attachments-s3-secret-key"); err != nil {
				return err
			}
			if opt.StreamAbove == 0 { // 0 means the default there, and never here
				opt.StreamAbove = -1
			}
			opt.ArchiveRecipients = strings.Fields(strings.ReplaceAll(recipients, ",", " "))
			if opt.Access, err = readAccess(config); err != nil {
				return err
			}
			if opt.AdminPassword, err = adminPassword(); err != nil {
				return err
			}
			if opt.Log, err = logger(logFormat); err != nil {
				return err
			}
			if err := tuneMemory(memory); err != nil {
				return err
			}
			opt.InFlight = int64(inFlight)
			s, err := server.New(c.Context(), opt)
			if err != nil {
				return err
			}
			return s.Run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&opt.Data, "data", server.DefaultData, "directory of the embedded store, the socket and generated certificates")
	f.StringVar(&config, "config", "", "YAML file with settings that are not given as flags or variables")
	f.StringVar(&opt.Channels, "channels", "", "directory of channel files that are deployed at start")
	addVariables(c, &opt)
	f.StringVar(&opt.Exports, "exports", "", "directory below which users of the Mirth API export messages to and import them from; default exports in --data")
	f.StringVar(&opt.Prune, "prune", "", "when channels are pruned: a time of day, a span such as 6h, a cron expression of Quartz, or off; default what the Administrator's settings say, else "+server.DefaultPrune)
	f.StringVar(&opt.Archive, "archive", "", "where messages go before they are pruned: a directory, or s3://bucket/prefix; absent means nowhere")
	f.StringVar(&recipients, "archive-recipient", "", "public key of age, or several with blanks between, for whose owners the archive is encrypted")
	f.StringVar(&opt.Listen, "listen", server.DefaultListen, "address of the HTTPS port; none opens no port")
	f.DurationVar(&opt.ChannelTime, "channel-time-limit", server.DefaultChannelTime, "how long others wait for a channel to deploy, to start, or to stop")
	f.DurationVar(&opt.ScriptTime, "script-time-limit", script.DefaultTime, "how long one run of a script may take")
	opt.StreamAbove, opt.HoldAtMost = server.DefaultStreamAbove, server.DefaultHoldAtMost
	f.Var((*size)(&opt.StreamAbove), "stream-above", "size of a message above which its content is not held in memory, where its channel allows that; 0 is never")
	f.Var((*size)(&opt.HoldAtMost), "hold-at-most", "the most that is held in memory of one message or attachment")
	f.Var(&memory, "memory-limit", "memory that the engine keeps to, such as 2GiB; sources stop reading before it; default GOMEMLIMIT, or nine tenths of the container's, or 1GiB")
	f.Var(&inFlight, "in-flight-limit", "how much the messages that all sources have in hand may be together; default an eighth of the memory limit")
	f.StringVar(&opt.Attachments, "attachments", "database", "where contents of new attachments go: database, directory or s3")
	f.StringVar(&opt.AttachmentsDirectory, "attachments-directory", "", "directory of attachments; default attachments in --data")
	f.StringVar(&opt.AttachmentsS3.URL, "attachments-s3", "", "bucket of attachments, s3://BUCKET/PREFIX, with the parameters region, kmsKey, endpoint")
	f.StringVar(&opt.AttachmentsS3.AccessKey, "attachments-s3-access-key", "", "access key for the bucket; default: what AWS's own settings say")
	f.StringVar(&opt.AttachmentsS3.SecretKey, "attachments-s3-secret-key", "", "secret key for the bucket, as a reference: env:NAME or file:/path")
	f.StringVar(&opt.Database, "database", "", "URL of a PostgreSQL database for the messages; absent means the embedded store")
	f.StringVar(&logFormat, "log", "text", "format of the log on standard error: text or json")
	return c
}

// addVariables adds the flags for the variables of channel files.
func addVariables(c *cobra.Command, opt *server.Options) {
	f := c.Flags()
	f.StringVar(&opt.Variables, "variables", "", "YAML file with the values of variables of channel files")
	f.StringToStringVar(&opt.Set, "set", nil, "value of a variable, before that of the file, as `NAME=VALUE`")
}

// adminPassword is the password of the first account. It has no flag, which others on
// the machine could see; the variable may be a reference.
func adminPassword() (string, error) {
	return dereference(os.Getenv("WEIR_ADMIN_PASSWORD"))
}

func logger(format string) (*slog.Logger, error) {
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(os.Stderr, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(os.Stderr, nil)), nil
	}
	return nil, fmt.Errorf("--log: %q is neither text nor json", format)
}
