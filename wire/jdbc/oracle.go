package jdbc

import (
	"database/sql/driver"
	"net"
	"strconv"
	"strings"

	go_ora "github.com/sijms/go-ora/v2"
)

// parseOracle reads user/password@ followed by //host:port/service,
// host:port/service, host:port:sid or a description in parentheses.
func parseOracle(rest, user, password string) (Source, error) {
	login, target, found := strings.Cut(rest, "@")
	if strings.Contains(target, "@") { // the password has one
		i := strings.LastIndexByte(rest, '@')
		login, target = rest[:i], rest[i+1:]
	}
	if !found {
		return Source{}, refuse("Write it as jdbc:oracle:thin:@//host:1521/service.", "the URL names no server")
	}
	u, pw, _ := strings.Cut(login, "/")
	user, password = or(user, u), or(password, pw)
	target, query, _ := strings.Cut(target, "?")
	options := map[string]string{}
	for name, value := range queryProperties(query) {
		if name == "oracle.net.connect_timeout" || name == "oracle.net.timeout" {
			options["CONNECTION TIMEOUT"] = value
		}
	}
	if strings.HasPrefix(target, "(") {
		return oracleSource(go_ora.BuildJDBC(user, password, target, options), "the described server"), nil
	}
	if after, ok := cutPrefixFold(target, "tcps:"); ok {
		options["SSL"], target = "true", after
	} else if after, ok := cutPrefixFold(target, "tcp:"); ok {
		target = after
	}
	target = strings.TrimPrefix(target, "//")
	server, service, hasService := strings.Cut(target, "/")
	if !hasService {
		// host:port:sid
		if i := strings.LastIndexByte(server, ':'); i > 0 && strings.Contains(server[:i], ":") {
			options["SID"], server = server[i+1:], server[:i]
		} else {
			return Source{}, refuse("Write it as jdbc:oracle:thin:@//host:1521/service.",
				"%q needs a file tnsnames.ora, which is not read", target)
		}
	}
	service, _, _ = strings.Cut(service, ":") // a word such as :dedicated
	host, port := hostPort(server, "1521")
	n, err := strconv.Atoi(port)
	if err != nil {
		return Source{}, refuse("Write it as jdbc:oracle:thin:@//host:1521/service.", "%q is no port", port)
	}
	address := net.JoinHostPort(host, port) + "/" + or(service, options["SID"])
	return oracleSource(go_ora.BuildUrl(host, n, service, user, password, options), address), nil
}

func oracleSource(dsn, address string) Source {
	return Source{Dialect: Oracle, Address: address, dsn: dsn,
		connect: func(dial dialer) (driver.Connector, error) {
			c := go_ora.NewConnector(dsn)
			if with, ok := c.(*go_ora.OracleConnector); ok && dial != nil {
				with.Dialer(dial)
			}
			return c, nil
		}}
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}
