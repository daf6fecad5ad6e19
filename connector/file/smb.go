package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"

	"github.com/cloudsoda/go-smb2"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// dialects are the versions of SMB, as Mirth names them and as they are sent.
var dialects = []struct {
	name string
	code uint16 // 0: not supported
}{{"SMB1", 0}, {"SMB202", 0x0202}, {"SMB210", 0x0210}, {"SMB300", 0x0300}, {"SMB302", 0x0302}, {"SMB311", 0x0311}}

// smbSettings are the settings of SMB, in Mirth's names.
type smbSettings struct {
	Min, Max string
}

func (s *smbSettings) fields(f *config.Fields) {
	var names []string
	for _, d := range dialects {
		names = append(names, d.name)
	}
	f.String(&s.Min, "schemeProperties.smbMinVersion", "SMB202", "For SMB, the oldest version to speak. SMB1 is not supported: SMB202 is the oldest then.").OneOf(names...)
	f.String(&s.Max, "schemeProperties.smbMaxVersion", "SMB311", "For SMB, the newest version to speak.").OneOf(names...)
}

func (s *smbSettings) prepare(log *slog.Logger) error {
	if s.Min == "SMB1" {
		log.Warn("SMB1 is not supported; newer versions are used", "setting", "schemeProperties.smbMinVersion")
	}
	if len(s.versions()) == 0 {
		return &weir.Fault{At: "schemeProperties.smbMaxVersion", Err: fmt.Errorf("there is no supported version from %s to %s", s.Min, s.Max),
			Hint: "SMB1 is not supported, because it cannot be made safe. Use SMB202 to SMB311."}
	}
	return nil
}

// versions returns what to offer, one after the other; 0 offers all.
func (s *smbSettings) versions() (codes []uint16) {
	index := func(name string) int {
		for i, d := range dialects {
			if d.name == name {
				return i
			}
		}
		return 0
	}
	low, high := max(index(s.Min), 1), index(s.Max)
	if low == 1 && high == len(dialects)-1 {
		return []uint16{0}
	}
	for i := high; i >= low; i-- {
		codes = append(codes, dialects[i].code)
	}
	return codes
}

// smbSystem is a server of shares, with the share as the first part of each path.
type smbSystem struct {
	session *smb2.Session
	shares  map[string]*smb2.Share
}

func (r *remote) openSMB(at login, line *line) (_ system, err error) {
	address := withPort(at.address, "445")
	initiator := &smb2.NTLMInitiator{User: "guest"}
	if !r.Anonymous {
		initiator.Domain, initiator.User = domain(at.user)
		initiator.Password = at.password
	}
	var refused error
	for _, version := range r.smb.versions() {
		conn, err := line.dial(line.ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		dialer := &smb2.Dialer{Negotiator: smb2.Negotiator{SpecifiedDialect: version}, Initiator: initiator}
		session, err := dialer.DialConn(line.ctx, conn, address)
		if err == nil {
			return &smbSystem{session, map[string]*smb2.Share{}}, nil
		}
		conn.Close()
		refused = err
		var status *smb2.ResponseError
		if errors.As(err, &status) && status.Code == statusLogonFailure {
			return nil, loginFault(address, at.user, err)
		}
	}
	return nil, refused
}

// statusLogonFailure is the answer to a wrong name or password.
const statusLogonFailure = 0xC000006D

// domain takes a name such as LAB\weir or weir@LAB apart.
func domain(user string) (domain, name string) {
	if name, domain, ok := strings.Cut(user, "@"); ok {
		return domain, name
	}
	if i := strings.IndexAny(user, `\/:;`); i >= 0 {
		return user[:i], user[i+1:]
	}
	return "", user
}

// in returns the share of a path and the rest, as the library wants it.
func (s *smbSystem) in(p string) (*smb2.Share, string, error) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	share, ok := s.shares[name]
	if !ok {
		var err error
		if share, err = s.session.Mount(name); err != nil {
			return nil, "", fmt.Errorf("share %s: %w", name, err)
		}
		s.shares[name] = share
	}
	return share, strings.ReplaceAll(rest, "/", `\`), nil
}

func (s *smbSystem) identity(dir string) string { return strings.ToLower(dir) }

func (s *smbSystem) list(dir string) ([]entry, error) {
	share, at, err := s.in(dir)
	if err != nil {
		return nil, err
	}
	found, err := share.ReadDir(at)
	if err != nil {
		return nil, smbError(err)
	}
	entries := make([]entry, 0, len(found))
	for _, info := range found {
		if !plain(info.Name()) || strings.Contains(info.Name(), `\`) {
			continue
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			if info, err = share.Stat(strings.TrimPrefix(at+`\`+info.Name(), `\`)); err != nil {
				continue
			}
		}
		if info.IsDir() || info.Mode().IsRegular() {
			entries = append(entries, entry{name: info.Name(), dir: info.IsDir(), version: versionOf(info)})
		}
	}
	return entries, nil
}

func (s *smbSystem) stat(path string, _ version) (version, error) {
	share, at, err := s.in(path)
	if err != nil {
		return version{}, err
	}
	info, err := share.Stat(at)
	if err != nil {
		return version{}, smbError(err)
	}
	return versionOf(info), nil
}

func (s *smbSystem) open(path string, _ map[string]any) (io.ReadCloser, error) {
	share, at, err := s.in(path)
	if err != nil {
		return nil, err
	}
	file, err := share.Open(at)
	if err != nil {
		return nil, smbError(err)
	}
	return file, nil
}

func (s *smbSystem) put(path string, c content, exclusive bool, _ map[string]any) error {
	share, at, err := s.in(path)
	if err != nil {
		return err
	}
	flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if exclusive {
		flag = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	}
	file, err := share.OpenFile(at, flag, 0o666)
	if err != nil {
		return smbError(err)
	}
	_, err = io.Copy(file, c)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil && exclusive {
		share.Remove(at)
	}
	return smbError(err)
}

func (s *smbSystem) add(path string, c content) error {
	share, at, err := s.in(path)
	if err != nil {
		return err
	}
	file, err := share.OpenFile(at, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return smbError(err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	_, err = io.Copy(file, c)
	if err = errors.Join(err, file.Sync()); err != nil {
		err = errors.Join(err, file.Truncate(size))
	}
	return smbError(errors.Join(err, file.Close()))
}

func (s *smbSystem) rename(from, to string) error {
	share, at, err := s.in(from)
	if err != nil {
		return err
	}
	other, goal, err := s.in(to)
	if err != nil {
		return err
	}
	if share != other {
		return errors.New("a file cannot be moved to another share")
	}
	err = share.Rename(at, goal)
	if err = smbError(err); !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := share.Remove(goal); err != nil {
		return smbError(err)
	}
	return smbError(share.Rename(at, goal))
}

func (s *smbSystem) remove(path string) error {
	share, at, err := s.in(path)
	if err != nil {
		return err
	}
	return smbError(share.Remove(at))
}

func (s *smbSystem) mkdirs(dir string) error {
	share, at, err := s.in(dir)
	if err != nil || at == "" {
		return err
	}
	return smbError(share.MkdirAll(at, 0o777))
}

func (s *smbSystem) alive(err error) bool {
	if errors.Is(err, net.ErrClosed) {
		return false
	}
	return s.session.Echo() == nil
}

func (s *smbSystem) close() error {
	for _, share := range s.shares {
		share.Umount()
	}
	return s.session.Logoff()
}

// smbError says with fs's errors what the library says with codes.
func smbError(err error) error {
	for _, known := range []error{fs.ErrNotExist, fs.ErrExist} {
		if err != nil && (errors.Is(err, known) || os.IsNotExist(err) && known == fs.ErrNotExist || os.IsExist(err) && known == fs.ErrExist) {
			return known
		}
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
