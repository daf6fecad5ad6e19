package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// state returns the server's SQL state, or "" if err is not the server's.
func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// full reports a disk without room: of the server, or as far as a quota goes.
func full(err error) bool { return state(err) == "53100" }

// lost reports that the connection is gone, or leads to a server that may not be
// written to any more, as after a failover.
func lost(err error) bool {
	switch code := state(err); {
	case code == "":
		var connect *pgconn.ConnectError
		var network net.Error
		return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
			errors.Is(err, context.DeadlineExceeded) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
			errors.Is(err, net.ErrClosed) || err != nil && strings.Contains(err.Error(), "conn closed")
	case strings.HasPrefix(code, "08"), // connection exceptions
		code == "57P01", code == "57P02", code == "57P03", code == "57P05", // it shuts down, crashes, starts, was idle
		code == "25006": // read-only
		return true
	}
	return false
}

// transient reports that the same transaction may go through when it is tried again.
func transient(err error) bool {
	switch state(err) {
	case "40001", "40P01", "55P03", "57014": // serialization, deadlock, lock or statement timeout
		return true
	}
	return false
}

// fault explains an error to the person who runs Weir. Others are returned as they are.
func (s *Store) fault(err error) error {
	if err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrNoBlob) || errors.Is(err, store.ErrNoAttachment) {
		return err
	}
	hint := ""
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var record tls.RecordHeaderError
	code := state(err)
	switch {
	case errors.Is(err, errInUse):
		return inUse(s.name)
	case errors.Is(err, errReplaced):
		hint = "Stop this engine. Start it again when the other one has stopped."
	case code == stateReplaced:
		err, hint = errReplaced, "Stop this engine. Start it again when the other one has stopped."
	case code == "53100":
		hint = "Make room on the server's disk. Nothing is acknowledged until then, and saving goes on by itself."
	case code == "25006" || strings.Contains(err.Error(), "read only connection"):
		hint = "The server takes no writes: it is a standby, or its disk is full. Saving goes on by itself when one of the hosts in the URL takes them."
	case code == "28P01" || code == "28000":
		hint = "Check user and password in the URL of --database, and the server's pg_hba.conf."
	case code == "3D000":
		hint = "Make the database, or name another one in the URL of --database."
	case code == "42501":
		hint = "Let the user own the schema: GRANT ALL ON SCHEMA, or name a schema with search_path in the URL."
	case code == "3F000":
		hint = "Make the schema that search_path names."
	case code == "53300":
		hint = "Raise max_connections of the server, or end programs that are connected."
	case errors.As(err, &authority) || errors.As(err, &hostname):
		hint = "Name the file with the authority's certificate as sslrootcert in the URL of --database, and the host by the name in the server's certificate."
	case errors.As(err, &record) || strings.Contains(err.Error(), "refused TLS"):
		hint = "The server does not speak TLS. Turn it on there; where the link is trusted, write sslmode=disable into the URL of --database."
	case lost(err):
		hint = "Check that the server runs and can be reached. Nothing is acknowledged until then, and saving goes on by itself."
	}
	return weir.WithHint(fmt.Errorf("database %s: %w", s.name, err), "", hint)
}
