package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
)

func users() *cobra.Command {
	c := &cobra.Command{Use: "user", Short: "Make and change accounts of a running engine"}
	var n api.NewUser
	var email, password string
	add := &cobra.Command{Use: "add NAME", Short: "Make an account", Args: cobra.ExactArgs(1),
		Long: "Makes an account with a role; weir user roles lists those. The password is asked for, or read from\nthe first line of standard input, or comes from where --password says."}
	add.Flags().StringSliceVar(&n.Roles, "role", nil, "roles of the account")
	add.MarkFlagRequired("role")
	add.Flags().StringVar(&email, "email", "", "e-mail address, for alerts")
	passwordFlag(add, &password)
	change := &cobra.Command{Use: "password NAME", Short: "Give an account another password, and end its sessions", Args: cobra.ExactArgs(1)}
	passwordFlag(change, &password)
	c.AddCommand(
		engineCommand(&cobra.Command{Use: "list", Short: "List the accounts", Args: cobra.NoArgs}, listUsers),
		engineCommand(&cobra.Command{Use: "roles", Short: "List the roles, and what each permits", Args: cobra.NoArgs}, listRoles),
		engineCommand(add, func(c *cobra.Command, engine *api.Client, args []string) (err error) {
			n.Name = args[0]
			if email != "" {
				n.Fields = map[string]string{"email": email}
			}
			if n.Password, err = readPassword(c, password); err == nil {
				_, err = engine.AddUser(c.Context(), n)
			}
			return err
		}),
		engineCommand(change, func(c *cobra.Command, engine *api.Client, args []string) error {
			text, err := readPassword(c, password)
			if err == nil {
				err = engine.SetPassword(c.Context(), args[0], text)
			}
			return err
		}),
		engineCommand(&cobra.Command{Use: "role NAME ROLE…", Short: "Give an account other roles", Args: cobra.MinimumNArgs(2)},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				return engine.SetRoles(c.Context(), args[0], args[1:])
			}),
		engineCommand(&cobra.Command{Use: "remove NAME", Short: "Remove an account, and end its sessions", Args: cobra.ExactArgs(1)},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				return engine.RemoveUser(c.Context(), args[0])
			}),
		engineCommand(&cobra.Command{Use: "unlock NAME", Short: "Let an account log in at once after failures", Args: cobra.ExactArgs(1)},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				return engine.Unlock(c.Context(), args[0])
			}),
	)
	return c
}

func passwordFlag(c *cobra.Command, password *string) {
	c.Flags().StringVar(password, "password", "", "where the password is: env:NAME or file:PATH")
}

// readPassword takes a password from where a flag says, from the terminal without
// showing it, or from standard input.
func readPassword(c *cobra.Command, from string) (string, error) {
	switch {
	case from != "" && !strings.HasPrefix(from, "env:") && !strings.HasPrefix(from, "file:"):
		return "", &weir.Fault{At: "--password", Err: errors.New("a password on the command line can be seen by others on this machine"), Hint: "Give env:NAME or file:PATH, or type it when it is asked for."}
	case from != "":
		return dereference(from)
	}
	if in, ok := c.InOrStdin().(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		fmt.Fprint(c.ErrOrStderr(), "Password: ")
		first, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprint(c.ErrOrStderr(), "\nOnce more: ")
		second, err2 := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(c.ErrOrStderr())
		if string(first) != string(second) {
			return "", errors.New("the two are not the same; nothing was done")
		}
		return string(first), errors.Join(err, err2)
	}
	line, err := bufio.NewReader(io.LimitReader(c.InOrStdin(), 1<<16)).ReadString('\n')
	if err == io.EOF {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

func listUsers(c *cobra.Command, engine *api.Client, _ []string) error {
	list, err := engine.Users(c.Context())
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLES\tLAST LOG-IN\tNOTES")
	for _, u := range list {
		var notes []string
		if !u.HasPassword {
			notes = append(notes, "has no password")
		}
		if u.LoggedIn {
			notes = append(notes, "logged in")
		}
		if u.LockedFor > 0 {
			notes = append(notes, fmt.Sprintf("locked for %s after %d failures", time.Duration(u.LockedFor)*time.Second, u.Failures))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Name, strings.Join(u.Roles, ", "), clock(u.LastLogin), strings.Join(notes, "; "))
	}
	return w.Flush()
}

func listRoles(c *cobra.Command, engine *api.Client, _ []string) error {
	list, err := engine.Roles(c.Context())
	if err != nil {
		return err
	}
	for _, r := range list {
		permits := strings.Join(r.Permissions, " ")
		if permits == "*" {
			permits = "all permissions"
		}
		fmt.Fprintf(c.OutOrStdout(), "%s: %s\n  %s\n", r.Name, r.Text, permits)
	}
	return nil
}

func tokens() *cobra.Command {
	c := &cobra.Command{Use: "token", Short: "Make and remove tokens, with which programs use a running engine"}
	var n api.NewToken
	create := &cobra.Command{Use: "create NAME", Short: "Make a token and print it, this once", Args: cobra.ExactArgs(1),
		Long: "Makes a token with the rights of a role and prints it. It is not kept and cannot be shown again."}
	create.Flags().StringVar(&n.Role, "role", "", "role of the token; weir user roles lists them")
	create.MarkFlagRequired("role")
	create.Flags().IntVar(&n.Days, "days", 90, "days until it expires, up to 366")
	c.AddCommand(
		engineCommand(create, func(c *cobra.Command, engine *api.Client, args []string) error {
			n.Name = args[0]
			t, err := engine.MakeToken(c.Context(), n)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), t.Token)
			fmt.Fprintf(c.ErrOrStderr(), "Token %s, role %s, expires %s. It is shown this once.\n", t.Name, t.Role, clock(&t.Expires))
			return nil
		}),
		engineCommand(&cobra.Command{Use: "list", Short: "List the tokens", Args: cobra.NoArgs}, listTokens),
		engineCommand(&cobra.Command{Use: "remove NAME", Short: "Remove a token, which is refused from then on", Args: cobra.ExactArgs(1)},
			func(c *cobra.Command, engine *api.Client, args []string) error {
				return engine.RemoveToken(c.Context(), args[0])
			}),
	)
	return c
}

func listTokens(c *cobra.Command, engine *api.Client, _ []string) error {
	list, err := engine.Tokens(c.Context())
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tMADE BY\tEXPIRES\tLAST USED")
	for _, t := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.Name, t.Role, t.By, clock(&t.Expires), clock(t.Used))
	}
	return w.Flush()
}

func auditTrail() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Look at the audit trail of a running engine"}
	var q api.EventQuery
	var since, until string
	list := &cobra.Command{Use: "list", Short: "List events, newest first", Args: cobra.NoArgs}
	f := list.Flags()
	f.Int64Var(&q.Before, "before", 0, "only events with a lower id")
	f.IntVar(&q.Limit, "limit", 20, "how many")
	f.StringVar(&q.Name, "name", "", "only events with this in their name")
	f.StringVar(&q.Who, "who", "", "only what this user, token or user of the machine did")
	f.StringVar(&q.Text, "text", "", "only events with this in an attribute, such as the name of a channel")
	f.BoolVar(&q.Failed, "failed", false, "only what failed or was refused")
	f.StringVar(&since, "since", "", `only events then or later: "2026-03-10", "2026-03-10 14:00", or "90m" and "48h" ago`)
	f.StringVar(&until, "until", "", "only events before that time")
	c.AddCommand(engineCommand(list, func(c *cobra.Command, engine *api.Client, _ []string) (err error) {
		now := time.Now()
		if q.Since, err = pointInTime("since", since, now); err != nil {
			return err
		}
		if q.Until, err = pointInTime("until", until, now); err != nil {
			return err
		}
		found, err := engine.Events(c.Context(), q)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tTIME\tWHO\tFROM\tWHAT\tOUTCOME\tABOUT")
		for _, e := range found {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", e.ID, clock(&e.Time), dash(e.Who), dash(e.Address), e.Name, e.Outcome, e.AttributeText())
		}
		return w.Flush()
	}))
	return c
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
