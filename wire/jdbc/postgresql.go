package jdbc

import (
	"database/sql/driver"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// pgTargets are the words of targetServerType.
var pgTargets = map[string]string{
	"any": "any", "primary": "primary", "master": "primary", "secondary": "standby", "slave": "standby",
	"prefersecondary": "prefer-standby", "preferslave": "prefer-standby", "preferprimary": "any",
}

// parsePostgreSQL reads //host:port,host:port/database?properties, or a database
// alone.
func parsePostgreSQL(rest, user, password string) (Source, error) {
	hosts, database, query := authority(rest)
	p := queryProperties(query)
	if name, err := url.PathUnescape(database); err == nil {
		database = name
	}
	var names, ports []string
	for _, h := range hosts {
		host, port := hostPort(h, "5432")
		names, ports = append(names, host), append(ports, port)
	}
	if len(names) == 0 {
		names, ports = []string{"localhost"}, []string{"5432"}
	}
	user, password = or(user, p["user"]), or(password, p["password"])
	database = or(database, user)

	words := []string{"host", strings.Join(names, ","), "port", strings.Join(ports, ","),
		"user", user, "password", password, "dbname", database,
		"sslmode", pgMode(p), "sslrootcert", p["sslrootcert"], "sslcert", p["sslcert"], "sslkey", p["sslkey"],
		"connect_timeout", p.take("10", "connectTimeout", "loginTimeout"),
		"search_path", p["currentschema"], "options", p["options"],
		"application_name", p.take("weir", "ApplicationName"),
		"target_session_attrs", pgTargets[strings.ToLower(p["targetservertype"])]}
	var b strings.Builder
	for i := 0; i < len(words); i += 2 {
		if words[i+1] != "" {
			b.WriteString(words[i] + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(words[i+1]) + "' ")
		}
	}
	dsn := strings.TrimSpace(b.String())
	return Source{Dialect: PostgreSQL, Address: net.JoinHostPort(names[0], ports[0]) + "/" + database, dsn: dsn,
		connect: func(dial dialer) (driver.Connector, error) {
			cfg, err := pgx.ParseConfig(dsn)
			if err != nil {
				return nil, err
			}
			if dial != nil {
				cfg.DialFunc = pgconn.DialFunc(dial)
			}
			if strings.EqualFold(p["preferquerymode"], "simple") {
				cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
			} else if n, err := strconv.Atoi(p["preparethreshold"]); err == nil && n == 0 { // behind PgBouncer
				cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
			}
			return stdlib.GetConnector(*cfg), nil
		}}, nil
}

// pgMode is the mode of TLS. ssl=true alone checks the certificate, unless the
// factory is the one that does not.
func pgMode(p properties) string {
	if mode := p["sslmode"]; mode != "" {
		return strings.ToLower(mode)
	}
	ssl, given := p["ssl"]
	switch {
	case !given || strings.EqualFold(ssl, "false"):
		return "prefer"
	case strings.HasSuffix(p["sslfactory"], "NonValidatingFactory"):
		return "require"
	}
	return "verify-full"
}
