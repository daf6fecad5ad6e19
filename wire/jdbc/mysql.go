package jdbc

import (
	"database/sql/driver"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mysqlAddress is the long form of a host, address=(host=h)(port=3306).
var mysqlAddress = regexp.MustCompile(`(?i)\((host|port)=([^)]*)\)`)

// parseMySQL reads //host:port/database?properties, also with loadbalance: or
// another word in front. Of several hosts the first is used.
func parseMySQL(rest, user, password string) (Source, error) {
	if word, after, ok := strings.Cut(rest, ":"); ok && strings.HasPrefix(after, "//") {
		_ = word // loadbalance, replication, aws, sequential
		rest = after
	}
	hosts, database, query := authority(rest)
	if len(hosts) == 0 {
		hosts = []string{"localhost"}
	}
	first := hosts[0]
	p := queryProperties(query)
	if at := strings.LastIndexByte(first, '@'); at >= 0 {
		u, pw, _ := strings.Cut(first[:at], ":")
		user, password, first = or(user, u), or(password, pw), first[at+1:]
	}
	host, port := hostPort(first, "3306")
	if parts := mysqlAddress.FindAllStringSubmatch(first, -1); parts != nil {
		host, port = "localhost", "3306"
		for _, part := range parts {
			if strings.EqualFold(part[1], "host") {
				host = part[2]
			} else {
				port = part[2]
			}
		}
	}
	if name, err := url.PathUnescape(database); err == nil {
		database = name
	}

	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd = or(user, p["user"]), or(password, p["password"])
	cfg.Net, cfg.Addr, cfg.DBName = "tcp", net.JoinHostPort(host, port), database
	cfg.Collation = "utf8mb4_general_ci"
	cfg.Timeout = p.millis("connectTimeout", 10*time.Second)
	cfg.ReadTimeout, cfg.WriteTimeout = p.millis("socketTimeout", 0), p.millis("socketTimeout", 0)
	cfg.MultiStatements = p.yes("allowMultiQueries")
	cfg.ClientFoundRows = !p.yes("useAffectedRows") // as Connector/J counts
	cfg.TLSConfig = mysqlTLS(p)
	cfg.Params = map[string]string{}
	for _, v := range strings.Split(p["sessionvariables"], ",") {
		if name, value, ok := strings.Cut(v, "="); ok {
			cfg.Params[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return Source{Dialect: MySQL, Address: cfg.Addr + "/" + database, dsn: cfg.FormatDSN(),
		connect: func(dial dialer) (driver.Connector, error) {
			cfg := cfg.Clone()
			cfg.DialFunc = dial
			return mysql.NewConnector(cfg)
		}}, nil
}

// parseMariaDB reads what comes after jdbc:mariadb:, the same as that of MySQL.
func parseMariaDB(rest, user, password string) (Source, error) {
	s, err := parseMySQL(rest, user, password)
	s.Dialect = MariaDB
	return s, err
}

// mysqlTLS is the driver's name for the mode of TLS: that of Connector/J, of the
// MariaDB driver, or the older useSSL. A mode that checks the authority but not
// the name checks both here.
func mysqlTLS(p properties) string {
	switch strings.ToLower(p["sslmode"]) {
	case "disabled", "disable":
		return "false"
	case "preferred":
		return "preferred"
	case "required", "trust":
		return "skip-verify"
	case "verify_ca", "verify-ca", "verify_identity", "verify-full":
		return "true"
	}
	use, given := p["usessl"]
	switch {
	case given && !strings.EqualFold(use, "true"):
		return "false"
	case p.yes("verifyServerCertificate"):
		return "true"
	case p.yes("requireSSL"):
		return "skip-verify"
	}
	return "preferred"
}

// millis is a duration in milliseconds; 0 and what is no number give the default.
func (p properties) millis(name string, def time.Duration) time.Duration {
	n, err := strconv.Atoi(p[strings.ToLower(name)])
	if err != nil || n <= 0 {
		return def
	}
	return time.Duration(n) * time.Millisecond
}
