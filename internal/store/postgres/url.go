package postgres

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/weir-health/weir"
)

const (
	dialWithin = 10 * time.Second // unless the URL says connect_timeout
	keepAlive  = 15 * time.Second
)

// parse reads the URL of a database. Its errors do not repeat the URL, which may
// hold a password.
func parse(text string) (*pgx.ConnConfig, error) {
	refuse := func(err error, hint string) error {
		return &weir.Fault{At: "database", Err: err, Hint: hint}
	}
	u, err := url.Parse(text)
	if scheme, _, _ := strings.Cut(text, ":"); scheme != "postgres" && scheme != "postgresql" {
		return nil, refuse(errors.New("it is not the URL of a PostgreSQL database"), "Write postgres://USER@HOST/DATABASE, or leave it out for the embedded store.")
	}
	mode := os.Getenv("PGSSLMODE")
	// Several hosts with ports are no URL to net/url; then the parameters are looked at alone.
	var values url.Values
	if err == nil {
		values = u.Query()
	} else if _, query, ok := strings.Cut(text, "?"); ok {
		values, _ = url.ParseQuery(query)
	}
	if m := values.Get("sslmode"); m != "" {
		mode = m
	}
	if mode == "" {
		if mode, err = defaultMode(text); err != nil {
			return nil, refuse(err, "See the documentation of --database.")
		}
		text = withParameter(text, "sslmode", mode)
	}
	config, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, refuse(parseError(err), "Write postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, with what is special in a password escaped as in a URL.")
	}
	if mode == "prefer" || mode == "allow" {
		if !allLocal(config) {
			return nil, refuse(fmt.Errorf("sslmode=%s lets the connection to %s fall back to clear text", mode, config.Host),
				"Write sslmode=verify-full, with sslrootcert where the authority is your own; or sslmode=disable where the link is trusted.")
		}
	}
	if config.ValidateConnect == nil {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "weir"
	}
	if config.ConnectTimeout == 0 || values.Get("connect_timeout") == "" {
		config.ConnectTimeout = dialWithin
	}
	config.DialFunc = (&net.Dialer{Timeout: config.ConnectTimeout, KeepAlive: keepAlive}).DialContext
	return config, nil
}

// defaultMode is the sslmode of a URL that has none: nothing that leaves the machine
// goes in clear text, or to a server that was not verified.
func defaultMode(text string) (string, error) {
	config, err := pgx.ParseConfig(withParameter(text, "sslmode", "disable"))
	if err != nil {
		return "", parseError(err)
	}
	if allLocal(config) {
		return "prefer", nil
	}
	return "verify-full", nil
}

// allLocal reports whether all hosts are this machine.
func allLocal(config *pgx.ConnConfig) bool {
	hosts := []string{config.Host}
	for _, f := range config.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	for _, h := range hosts {
		ip := net.ParseIP(h)
		if h != "localhost" && !strings.HasPrefix(h, "/") && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}

func withParameter(text, name, value string) string {
	separator := "?"
	if strings.Contains(text, "?") {
		separator = "&"
	}
	return text + separator + name + "=" + value
}

// parseError leaves the URL out.
func parseError(err error) error {
	var e *pgconn.ParseConfigError
	if errors.As(err, &e) && e.Unwrap() != nil {
		return fmt.Errorf("the URL cannot be read: %w", e.Unwrap())
	}
	return errors.New("the URL cannot be read")
}

// nameOf names the database to people: hosts and database, without the user.
func nameOf(config *pgx.ConnConfig) string {
	hosts := []string{}
	seen := map[string]bool{}
	add := func(host string, port uint16) {
		h := net.JoinHostPort(host, fmt.Sprint(port))
		if !seen[h] {
			seen[h] = true
			hosts = append(hosts, h)
		}
	}
	add(config.Host, config.Port)
	for _, f := range config.Fallbacks {
		add(f.Host, f.Port)
	}
	return strings.Join(hosts, ",") + "/" + config.Database
}
