package jdbc

import (
	"database/sql/driver"
	"net"
	"net/url"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"
)

// parseSQLServer reads //host\instance:port;name=value, the form of Microsoft's
// driver.
func parseSQLServer(rest, user, password string) (Source, error) {
	rest = strings.TrimPrefix(rest, "//")
	server, list, _ := strings.Cut(rest, ";")
	p := semicolonProperties(list)
	host, port := hostPort(server, "")
	host, instance, _ := strings.Cut(host, `\`)
	host = or(host, p.take("localhost", "serverName", "server"))
	host, named, _ := strings.Cut(host, `\`)
	s := sqlServer{
		host: host, port: or(port, p.take("", "portNumber", "port")),
		instance: or(instance, named, p["instancename"]),
		database: p.take("", "databaseName", "database"),
		user:     or(user, p.take("", "user", "userName")), password: or(password, p["password"]),
		encrypt: strings.ToLower(p.take("false", "encrypt")), trust: p.yes("trustServerCertificate"),
		name: p["hostnameincertificate"], app: p["applicationname"], timeout: p["logintimeout"],
	}
	if p.yes("integratedSecurity") {
		if s.user == "" {
			return Source{}, refuse("Give the name and password of a user, as domain\\user for one of Windows.",
				"the account that the server runs as cannot be used to log in (integratedSecurity)")
		}
	}
	if domain := p["domain"]; domain != "" && !strings.Contains(s.user, `\`) {
		s.user = domain + `\` + s.user
	}
	return s.source()
}

// parseJTDS reads //host:port/database;name=value.
func parseJTDS(rest, user, password string) (Source, error) {
	server, list, _ := strings.Cut(strings.TrimPrefix(rest, "//"), ";")
	p := semicolonProperties(list)
	server, database, _ := strings.Cut(server, "/")
	host, port := hostPort(server, "")
	s := sqlServer{
		host: or(host, "localhost"), port: port, instance: p["instance"], database: or(database, p["databasename"]),
		user: or(user, p["user"]), password: or(password, p["password"]), app: p["appname"], timeout: p["logintimeout"],
	}
	switch strings.ToLower(p["ssl"]) {
	case "request", "require":
		s.encrypt, s.trust = "true", true
	case "authenticate":
		s.encrypt = "true"
	default:
		s.encrypt = "false"
	}
	if domain := p["domain"]; domain != "" && !strings.Contains(s.user, `\`) {
		s.user = domain + `\` + s.user
	}
	return s.source()
}

type sqlServer struct {
	host, port, instance, database, user, password string
	encrypt                                        string
	trust                                          bool
	name, app, timeout                             string
}

func (s sqlServer) source() (Source, error) {
	u := url.URL{Scheme: "sqlserver", Host: s.host}
	if strings.Contains(s.host, ":") {
		u.Host = "[" + s.host + "]"
	}
	switch {
	case s.port != "":
		u.Host = net.JoinHostPort(s.host, s.port)
	case s.instance == "":
		u.Host = net.JoinHostPort(s.host, "1433")
	default: // the port is asked for by the name of the instance
		u.Path = s.instance
	}
	if s.user != "" {
		u.User = url.UserPassword(s.user, s.password)
	}
	q := url.Values{"app name": {or(s.app, "weir")}, "encrypt": {s.encrypt}, "dial timeout": {or(s.timeout, "15")}}
	if s.database != "" {
		q.Set("database", s.database)
	}
	if s.trust {
		q.Set("TrustServerCertificate", "true")
	}
	if s.name != "" {
		q.Set("hostNameInCertificate", s.name)
	}
	u.RawQuery = q.Encode()
	dsn := u.String()
	address := u.Host
	if u.Path != "" {
		address += `\` + s.instance
	}
	return Source{Dialect: SQLServer, Address: address + "/" + s.database, dsn: dsn,
		connect: func(dial dialer) (driver.Connector, error) {
			c, err := mssql.NewConnector(dsn)
			if err == nil && dial != nil {
				c.Dialer = dial
			}
			return c, err
		}}, nil
}
