//go:build unix

package jdbctest

import (
	"fmt"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// OwnPostgreSQL is a PostgreSQL server of one test alone, which may stop and start it.
// It keeps what it says is kept: fsync is on.
type OwnPostgreSQL struct {
	t *testing.T
	s *Server
}

// NewPostgreSQL starts one. It ends with the test.
func NewPostgreSQL(t *testing.T) *OwnPostgreSQL {
	t.Helper()
	s := &Server{Name: PostgreSQL.Name, start: func(s *Server) error { return startPostgres(s, "fsync=on") }}
	o := &OwnPostgreSQL{t, s}
	t.Cleanup(s.end)
	s.On(t)
	return o
}

// URL is that of the database postgres.
func (o *OwnPostgreSQL) URL() string {
	return fmt.Sprintf("postgres://weir@127.0.0.1:%d/postgres?sslmode=disable", o.s.port)
}

// Dir is the directory of the server, which has its data in data.
func (o *OwnPostgreSQL) Dir() string { return o.s.dir }

// Stop ends the server as pg_ctl stop -m immediate does: at once, as if it had crashed.
func (o *OwnPostgreSQL) Stop() {
	o.s.process.Process.Signal(syscall.SIGQUIT)
	late := time.AfterFunc(endWithin, func() { o.s.process.Process.Kill() })
	defer late.Stop()
	o.s.process.Wait()
	o.s.process = nil
}

// Start starts the server again, on the same data and port; it recovers first.
func (o *OwnPostgreSQL) Start(settings ...string) {
	o.t.Helper()
	if err := runPostgres(o.s, append([]string{"fsync=on"}, settings...)...); err != nil {
		o.t.Fatal(err)
	}
}

// runPostgres starts the server on the data that startPostgres has made.
func runPostgres(s *Server, settings ...string) error {
	args := []string{"-D", filepath.Join(s.dir, "data"), "-p", strconv.Itoa(s.port), "-h", "127.0.0.1", "-k", s.dir,
		"-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "timezone=UTC"}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return s.run(s.attr, "ready to accept connections", s.find("postgres", "/usr/lib/postgresql/*/bin"), args...)
}
