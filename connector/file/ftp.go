package file

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/textproto"
	"path"
	"strings"
	"time"

	"github.com/jlaffaye/ftp"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

type tlsConfig = tls.Config

// ftpSettings are the settings of FTP, in Mirth's names.
type ftpSettings struct {
	Commands []string
}

func (s *ftpSettings) fields(f *config.Fields) {
	f.Strings(&s.Commands, "schemeProperties.initialCommands", "For FTP, commands to send after the login.")
}

// ftpSystem is a server that speaks FTP. Commands name files in the current
// directory, because lists of paths with blanks or dashes are read differently
// by servers.
type ftpSystem struct {
	conn *ftp.ServerConn
	home string
	dir  string // the current directory
}

func (r *remote) openFTP(at login, line *line) (system, error) {
	port := "21"
	if r.TLS.Enabled && r.Implicit {
		port = "990"
	}
	address := withPort(at.address, port)
	cfg, err := r.tlsFor(address)
	if err != nil {
		return nil, err
	}
	if cfg != nil {
		// Servers want the data connections to continue the session of the first.
		cfg.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	}
	control, err := r.dialFTP(address, cfg, line)
	if err != nil {
		return nil, err
	}
	first := true
	options := []ftp.DialOption{ftp.DialWithDialFunc(func(network, address string) (net.Conn, error) {
		if first {
			first = false
			return control, nil
		}
		conn, err := line.dial(line.ctx, network, address)
		if err == nil && cfg != nil {
			conn = tls.Client(conn, cfg)
		}
		return conn, err
	})}
	if cfg != nil {
		options = append(options, ftp.DialWithTLS(cfg))
	}
	conn, err := ftp.Dial(address, options...)
	if err != nil {
		return nil, err
	}
	user, password := cmp.Or(at.user, "anonymous"), cmp.Or(at.password, "anonymous")
	if strings.ContainsAny(user+password, "\r\n") {
		return nil, loginFault(address, "", errors.New("name or password has more than one line"))
	}
	if err := conn.Login(user, password); err != nil {
		var refused *textproto.Error
		if errors.As(err, &refused) {
			return nil, loginFault(address, user, errors.New(strings.ReplaceAll(err.Error(), password, "…")))
		}
		return nil, err
	}
	for i, command := range r.ftp.Commands {
		if strings.ContainsAny(command, "\r\n") {
			return nil, &weir.Fault{At: "schemeProperties.initialCommands", Err: fmt.Errorf("command %d has more than one line", i+1), Hint: "Write each command as one item."}
		}
		// Between two commands nothing is under way, so that the connection can
		// be used beside the library, which sends no commands of others.
		tp := textproto.NewConn(control)
		if _, err := tp.Cmd("%s", command); err != nil {
			return nil, err
		}
		if code, _, err := tp.ReadResponse(0); code == 0 || code >= 400 {
			return nil, &weir.Fault{At: "schemeProperties.initialCommands", Err: fmt.Errorf("%s refuses command %d: %w", address, i+1, err),
				Hint: "Correct the command, or remove it."}
		}
	}
	s := &ftpSystem{conn: conn}
	if s.home, err = conn.CurrentDir(); err != nil || !path.IsAbs(s.home) {
		s.home = "/"
	}
	s.dir = s.home
	return s, nil
}

// dialFTP opens the control connection, with TLS if cfg is not nil.
func (r *remote) dialFTP(address string, cfg *tls.Config, line *line) (net.Conn, error) {
	raw, err := line.dial(line.ctx, "tcp", address)
	if err != nil || cfg == nil {
		return raw, err
	}
	greeting := ""
	if !r.Implicit {
		tp := textproto.NewConn(raw)
		if _, _, err := tp.ReadResponse(220); err != nil {
			return nil, err
		}
		if _, err := tp.Cmd("AUTH TLS"); err != nil {
			return nil, err
		}
		if _, _, err := tp.ReadResponse(234); err != nil {
			return nil, &weir.Fault{At: "tls.enabled", Err: fmt.Errorf("%s refuses TLS: %w", address, err),
				Hint: "Ask the owner of the server for FTPS, and whether it is implicit (tls.implicit). Nothing was sent without TLS."}
		}
		if tp.R.Buffered() > 0 {
			return nil, fmt.Errorf("%s sent text between the answer to AUTH and TLS", address)
		}
		greeting = "220 \r\n" // the library waits for one
	}
	conn := tls.Client(raw, cfg)
	if err := conn.HandshakeContext(line.ctx); err != nil {
		return nil, &weir.Fault{At: "tls.caFile", Err: fmt.Errorf("TLS with %s: %w", address, err),
			Hint: "Check tls.caFile and tls.serverName against the server's certificate."}
	}
	return &greeted{Conn: conn, first: strings.NewReader(greeting)}, nil
}

// greeted is a connection with bytes to read before those that come.
type greeted struct {
	net.Conn
	first *strings.Reader
}

func (g *greeted) Read(b []byte) (int, error) {
	if g.first.Len() > 0 {
		return g.first.Read(b)
	}
	return g.Conn.Read(b)
}

func (s *ftpSystem) identity(dir string) string { return s.absolute(dir) }

func (s *ftpSystem) absolute(p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join(s.home, p)
}

// enter makes a directory the current one.
func (s *ftpSystem) enter(dir string) error {
	dir = s.absolute(dir)
	if strings.ContainsAny(dir, "\r\n") {
		return errors.New("the name of the directory has more than one line")
	}
	if dir == s.dir {
		return nil
	}
	if err := s.conn.ChangeDir(dir); err != nil {
		return err
	}
	s.dir = dir
	return nil
}

// at enters a file's directory and returns its name.
func (s *ftpSystem) at(p string) (name string, err error) {
	dir, name := path.Split(s.absolute(p))
	if !plain(name) {
		return "", errors.New("this is no name that FTP can tell")
	}
	return name, s.enter(dir)
}

func (s *ftpSystem) list(dir string) ([]entry, error) {
	if err := s.enter(dir); err != nil {
		return nil, err
	}
	found, err := s.conn.List("")
	if err != nil {
		return nil, err
	}
	entries := make([]entry, 0, len(found))
	for _, e := range found {
		if !plain(e.Name) {
			continue
		}
		size := int64(e.Size)
		if e.Type == ftp.EntryTypeLink {
			if size, err = s.conn.FileSize(e.Name); err != nil {
				continue // it leads nowhere or to a directory
			}
		}
		changed := e.Time
		if !s.conn.IsTimePreciseInList() {
			// Lists for people show the server's own time, which Mirth takes for
			// that of its computer.
			changed = inZone(changed, time.Local)
		}
		entries = append(entries, entry{name: e.Name, dir: e.Type == ftp.EntryTypeFolder, version: version{changed: changed, size: size}})
	}
	return entries, nil
}

// inZone reads the clock that t shows in another zone.
func inZone(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
}

func (s *ftpSystem) stat(p string, old version) (version, error) {
	name, err := s.at(p)
	if err != nil {
		return version{}, err
	}
	if s.conn.IsTimePreciseInList() {
		if e, err := s.conn.GetEntry(name); err == nil {
			return version{changed: e.Time, size: int64(e.Size)}, nil
		}
	}
	if size, err := s.conn.FileSize(name); err == nil {
		old.size = size
		return old, nil
	}
	return s.find(name)
}

// find looks for a file in the list of the current directory: the codes of
// answers do not tell what is not there from what is not allowed.
func (s *ftpSystem) find(name string) (version, error) {
	entries, err := s.list(s.dir)
	if err != nil {
		return version{}, err
	}
	for _, e := range entries {
		if e.name == name && !e.dir {
			return e.version, nil
		}
	}
	return version{}, fs.ErrNotExist
}

// missing turns the error of a command into fs.ErrNotExist if the file is not
// there.
func (s *ftpSystem) missing(name string, err error) error {
	var refused *textproto.Error
	if errors.As(err, &refused) {
		if _, e := s.find(name); errors.Is(e, fs.ErrNotExist) {
			return e
		}
	}
	return err
}

func (s *ftpSystem) open(p string, _ map[string]any) (io.ReadCloser, error) {
	name, err := s.at(p)
	if err != nil {
		return nil, err
	}
	r, err := s.conn.Retr(name)
	if err != nil {
		return nil, s.missing(name, err)
	}
	return r, nil
}

func (s *ftpSystem) put(p string, c content, exclusive bool, _ map[string]any) error {
	name, err := s.at(p)
	if err != nil {
		return err
	}
	if exclusive {
		if _, err := s.find(name); err == nil {
			return fs.ErrExist
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err = s.conn.Stor(name, c)
	if err != nil && exclusive {
		s.conn.Delete(name)
	}
	return err
}

func (s *ftpSystem) add(p string, c content) error {
	name, err := s.at(p)
	if err != nil {
		return err
	}
	return s.conn.Append(name, c)
}

func (s *ftpSystem) rename(from, to string) error {
	name, err := s.at(from)
	if err != nil {
		return err
	}
	goal := s.absolute(to)
	if !plain(path.Base(goal)) {
		return errors.New("this is no name that FTP can tell")
	}
	err = s.conn.Rename(name, goal)
	var refused *textproto.Error
	if !errors.As(err, &refused) {
		return err
	}
	if e := s.missing(name, err); errors.Is(e, fs.ErrNotExist) {
		return e
	}
	// Some servers do not replace what is there.
	if s.conn.Delete(goal) != nil {
		return err
	}
	return s.conn.Rename(name, goal)
}

func (s *ftpSystem) remove(p string) error {
	name, err := s.at(p)
	if err != nil {
		return err
	}
	if err := s.conn.Delete(name); err != nil {
		return s.missing(name, err)
	}
	return nil
}

func (s *ftpSystem) mkdirs(dir string) error {
	err := s.enter(dir)
	var refused *textproto.Error
	if !errors.As(err, &refused) || s.absolute(dir) == "/" {
		return err
	}
	if err := s.mkdirs(path.Dir(s.absolute(dir))); err != nil {
		return err
	}
	if err := s.conn.MakeDir(path.Base(s.absolute(dir))); err != nil && s.enter(dir) != nil {
		return err
	}
	return s.enter(dir)
}

// alive asks even after an error: the answer to a command that was refused
// leaves the connection in order.
func (s *ftpSystem) alive(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	return s.conn.NoOp() == nil
}

func (s *ftpSystem) close() error { return s.conn.Quit() }
