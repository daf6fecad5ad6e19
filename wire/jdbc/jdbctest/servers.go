//go:build unix

// Package jdbctest starts the database servers that tests share: on a free port,
// in a directory of their own, once for each package that asks for one.
//
//	func TestMain(m *testing.M) { jdbctest.Main(m) }
//	…
//	url := jdbctest.PostgreSQL.On(t)
package jdbctest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/weir-health/weir/wire/jdbc"
)

// endWithin is how long a server may take to end before it is killed.
const endWithin = 30 * time.Second

// Server is a database server that the tests share.
type Server struct {
	Name    string // of the package that has it
	start   func(s *Server) error
	once    sync.Once
	missing bool
	err     error
	dir     string
	port    int
	attr    *syscall.SysProcAttr // of the user it runs as
	process *exec.Cmd
	url     string
}

var (
	PostgreSQL = &Server{Name: "postgresql", start: func(s *Server) error { return startPostgres(s) }}
	MariaDB    = &Server{Name: "mariadb-server", start: startMariaDB}
)

// Main runs the tests of a package and ends the servers that they have started;
// it is for TestMain.
func Main(m *testing.M) {
	code := m.Run()
	for _, s := range []*Server{PostgreSQL, MariaDB} {
		s.end()
	}
	os.Exit(code)
}

// end ends the server, if it runs, and removes what it has.
func (s *Server) end() {
	if s.process != nil {
		// Both end at once at this signal; their children end with them.
		s.process.Process.Signal(syscall.SIGQUIT)
		late := time.AfterFunc(endWithin, func() { s.process.Process.Kill() })
		s.process.Wait()
		late.Stop()
	}
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

// On returns the URL of the server, started if need be.
func (s *Server) On(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skipf("-short starts no %s", s.Name)
	}
	s.once.Do(func() { s.err = s.start(s) })
	switch {
	case s.missing && os.Getenv("CI") == "":
		t.Skipf("install the package %s to run this (%v)", s.Name, s.err)
	case s.err != nil:
		t.Fatalf("%s: %v", s.Name, s.err)
	}
	return s.url
}

// find returns a program of the server.
func (s *Server) find(name string, places ...string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, place := range places {
		if found, _ := filepath.Glob(filepath.Join(place, name)); len(found) > 0 {
			return slices.Max(found)
		}
	}
	s.missing, s.err = true, fmt.Errorf("there is no program %s", name)
	return ""
}

// prepare makes a directory and takes a free port.
func (s *Server) prepare(owner string) (*syscall.SysProcAttr, error) {
	dir, err := os.MkdirTemp("", "weir-database-")
	if err != nil {
		return nil, err
	}
	s.dir = dir
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	attr := &syscall.SysProcAttr{}
	if os.Getuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup(owner) // neither server runs as root
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, uid, gid)
}

// run starts the server and waits until it says that it is ready.
func (s *Server) run(attr *syscall.SysProcAttr, ready string, program string, args ...string) error {
	s.process = exec.Command(program, args...)
	s.process.Dir, s.process.SysProcAttr = s.dir, attr
	log, err := s.process.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	var said strings.Builder
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		said.WriteString(line)
		if err != nil {
			return fmt.Errorf("the server did not start: %s", said.String())
		}
		if strings.Contains(line, ready) {
			go io.Copy(io.Discard, lines)
			return nil
		}
	}
}

func (s *Server) install(attr *syscall.SysProcAttr, program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.SysProcAttr = s.dir, attr
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

func startPostgres(s *Server, settings ...string) (err error) {
	initdb := s.find("initdb", "/usr/lib/postgresql/*/bin")
	s.find("postgres", "/usr/lib/postgresql/*/bin")
	if s.missing {
		return s.err
	}
	if s.attr, err = s.prepare("postgres"); err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	if err := s.install(s.attr, initdb, "-D", data, "-A", "trust", "-U", "weir", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return err
	}
	s.url = fmt.Sprintf("jdbc:postgresql://127.0.0.1:%d/postgres?user=weir", s.port)
	return runPostgres(s, settings...)
}

func startMariaDB(s *Server) error {
	install := s.find("mariadb-install-db", "/usr/bin")
	program := s.find("mariadbd", "/usr/sbin")
	if s.missing {
		return s.err
	}
	attr, err := s.prepare("mysql")
	if err != nil {
		return err
	}
	data := "--datadir=" + filepath.Join(s.dir, "data")
	if err := s.install(attr, install, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"); err != nil {
		return err
	}
	if err := s.run(attr, "ready for connections", program, "--no-defaults", data, "--port="+strconv.Itoa(s.port), "--bind-address=127.0.0.1",
		"--socket="+filepath.Join(s.dir, "s"), "--pid-file="+filepath.Join(s.dir, "pid"),
		"--innodb-buffer-pool-size=8M", "--innodb-flush-log-at-trx-commit=0", "--default-time-zone=+00:00"); err != nil {
		return err
	}
	s.url = fmt.Sprintf("jdbc:mariadb://127.0.0.1:%d/weir?user=root&allowMultiQueries=true", s.port)
	src, err := jdbc.Parse("", strings.Replace(s.url, "/weir?", "/?", 1), "", "")
	if err != nil {
		return err
	}
	db, err := src.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec("CREATE DATABASE weir CHARACTER SET utf8mb4")
	return err
}
