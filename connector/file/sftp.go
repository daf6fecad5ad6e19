package file

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// sftpSettings are the settings of SFTP, in Mirth's names.
type sftpSettings struct {
	PasswordAuth  bool
	KeyAuth       bool
	KeyFile       config.Template
	PassPhrase    config.Template
	CheckHostKey  string // ask, yes or no
	KnownHosts    config.Template
	Configuration config.TemplateMap
}

func (s *sftpSettings) fields(f *config.Fields) {
	const group = "schemeProperties."
	f.Bool(&s.PasswordAuth, group+"passwordAuth", true, "For SFTP, log in with the password.")
	f.Bool(&s.KeyAuth, group+"keyAuth", false, "For SFTP, log in with a key.")
	f.Template(&s.KeyFile, group+"keyFile", "", "For SFTP, file with the private key, PEM or OpenSSH.")
	f.Template(&s.PassPhrase, group+"passPhrase", "", "For SFTP, pass phrase of the private key; empty if it has none.").IsSecret()
	f.String(&s.CheckHostKey, group+"hostKeyChecking", "ask",
		"For SFTP, whether the server's key must be in the file of known hosts: yes, no, or ask. A running channel cannot ask: it refuses an unknown key and says how to accept it. With no, anybody on the network between can read and change files.").
		OneOf("ask", "yes", "no")
	f.Template(&s.KnownHosts, group+"knownHostsFile", "", "For SFTP, file of known hosts in the form of OpenSSH; .ssh/known_hosts of the engine's user if empty.")
	f.TemplateMap(&s.Configuration, group+"configurationSettings",
		"For SFTP, algorithms to offer, for servers that know only old ones: kex, server_host_key, cipher.c2s, cipher.s2c, mac.c2s and mac.s2c, each a list with commas; others have no effect.")
}

// sftpLogin is how one login is made: the settings with their variables replaced.
type sftpLogin struct {
	keyFile, passPhrase, knownHosts string
	algorithms                      string // a line for each setting: its name, a blank, its value
}

func (s *sftpSettings) login(resolve func(config.Template) string) sftpLogin {
	l := sftpLogin{keyFile: resolve(s.KeyFile), passPhrase: resolve(s.PassPhrase), knownHosts: resolve(s.KnownHosts)}
	for _, e := range s.Configuration {
		if len(e.Values) > 0 {
			l.algorithms += e.Name.Text + " " + resolve(e.Values[len(e.Values)-1]) + "\n"
		}
	}
	return l
}

func (s *sftpSettings) prepare(resolve func(config.Template) string, log *slog.Logger) error {
	if !s.PasswordAuth && !s.KeyAuth {
		return &weir.Fault{At: "schemeProperties.passwordAuth", Err: errors.New("neither password nor key is used to log in"), Hint: "Turn on passwordAuth or keyAuth."}
	}
	l := s.login(resolve)
	if s.KeyAuth && s.KeyFile.Constant() {
		if _, err := l.key(); err != nil {
			return err
		}
	}
	if s.CheckHostKey == "no" {
		log.Warn("The keys of SFTP servers are not checked", "setting", "schemeProperties.hostKeyChecking")
	}
	if strings.Contains(l.algorithms, "${") {
		return nil // known with a message
	}
	_, err := l.clientConfig(log)
	return err
}

func (l sftpLogin) key() (ssh.Signer, error) {
	const at = "schemeProperties.keyFile"
	text, err := os.ReadFile(l.keyFile)
	if err != nil {
		return nil, &weir.Fault{At: at, Err: err, Hint: "Check that the file exists and that the engine may read it."}
	}
	var signer ssh.Signer
	if l.passPhrase != "" {
		signer, err = ssh.ParsePrivateKeyWithPassphrase(text, []byte(l.passPhrase))
		if err != nil { // the phrase may be left over from another key
			if plain, e := ssh.ParsePrivateKey(text); e == nil {
				signer, err = plain, nil
			}
		}
	} else {
		signer, err = ssh.ParsePrivateKey(text)
	}
	if err != nil {
		return nil, &weir.Fault{At: at, Err: fmt.Errorf("%s holds no private key that can be used: %w", l.keyFile, err),
			Hint: "The file must be PEM or OpenSSH, and passPhrase that of the key."}
	}
	return signer, nil
}

// clientConfig reads the settings that JSch, Mirth's SSH, has for algorithms.
// Names that are not known here are left out.
func (l sftpLogin) clientConfig(log *slog.Logger) (*ssh.ClientConfig, error) {
	c := new(ssh.ClientConfig)
	good, old := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	for line := range strings.Lines(l.algorithms) {
		setting, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		var to *[]string
		var known []string
		switch strings.ToLower(setting) {
		case "kex":
			to, known = &c.KeyExchanges, append(good.KeyExchanges, old.KeyExchanges...)
		case "server_host_key":
			to, known = &c.HostKeyAlgorithms, append(good.HostKeys, old.HostKeys...)
		case "cipher.c2s", "cipher.s2c":
			to, known = &c.Ciphers, append(good.Ciphers, old.Ciphers...)
		case "mac.c2s", "mac.s2c":
			to, known = &c.MACs, append(good.MACs, old.MACs...)
		default:
			if log != nil {
				log.Warn("A setting of SFTP has no effect", "setting", "schemeProperties.configurationSettings", "name", setting)
			}
			continue
		}
		had := len(*to)
		for _, algorithm := range strings.Split(value, ",") {
			if algorithm = strings.TrimSpace(algorithm); slices.Contains(known, algorithm) && !slices.Contains(*to, algorithm) {
				*to = append(*to, algorithm)
			}
		}
		if had == 0 && len(*to) == 0 {
			return nil, &weir.Fault{At: "schemeProperties.configurationSettings", Err: fmt.Errorf("%s names no algorithm that is supported", setting),
				Hint: "Supported are " + strings.Join(known, ", ") + "."}
		}
	}
	return c, nil
}

// sftpSystem is a server that speaks SFTP.
type sftpSystem struct {
	client *sftp.Client
	conn   ssh.Conn
	home   string
}

func (r *remote) openSFTP(at login, line *line) (system, error) {
	address := withPort(at.address, "22")
	user := cmp.Or(at.user, "anonymous")
	cfg, err := at.sftp.clientConfig(nil)
	if err != nil {
		return nil, err
	}
	cfg.User = user
	if cfg.Auth, err = r.sftp.auth(at.sftp, cmp.Or(at.password, "anonymous")); err != nil {
		return nil, err
	}
	if err := r.sftp.checkHost(cfg, address, at.sftp.knownHosts); err != nil {
		return nil, err
	}
	raw, err := line.dial(line.ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	conn, channels, requests, err := ssh.NewClientConn(raw, address, cfg)
	if err != nil {
		raw.Close()
		var fault *weir.Fault
		switch {
		case errors.As(err, &fault):
			return nil, fault
		case strings.Contains(err.Error(), "unable to authenticate"):
			return nil, loginFault(address, user, errors.New("the server accepts none of the ways to log in that are set"))
		}
		return nil, connectFault(address, err)
	}
	client, err := sftp.NewClient(ssh.NewClient(conn, channels, requests))
	if err != nil {
		conn.Close()
		return nil, &weir.Fault{At: "host", Err: fmt.Errorf("%s speaks SSH, but not SFTP: %w", address, err), Hint: "Ask the owner of the server to allow SFTP for the account."}
	}
	home, err := client.RealPath(".")
	if err != nil {
		home = "/"
	}
	return &sftpSystem{client, conn, home}, nil
}

func (s *sftpSettings) auth(l sftpLogin, password string) (methods []ssh.AuthMethod, err error) {
	if s.KeyAuth {
		signer, err := l.key()
		if err != nil {
			return nil, err
		}
		methods = append(methods, ssh.PublicKeys(signer))
	}
	if s.PasswordAuth {
		methods = append(methods, ssh.Password(password), ssh.KeyboardInteractive(
			func(_, _ string, questions []string, echos []bool) ([]string, error) {
				answers := make([]string, len(questions))
				for i := range questions {
					if !echos[i] { // a password is asked for hidden
						answers[i] = password
					}
				}
				return answers, nil
			}))
	}
	return methods, nil
}

// checkHost makes cfg check the key of the server.
func (s *sftpSettings) checkHost(cfg *ssh.ClientConfig, address, file string) error {
	if s.CheckHostKey == "no" {
		cfg.HostKeyCallback = ssh.InsecureIgnoreHostKey()
		return nil
	}
	const at = "schemeProperties.knownHostsFile"
	if file == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return &weir.Fault{At: at, Err: err, Hint: "Set the file of known hosts."}
		}
		file = filepath.Join(home, ".ssh", "known_hosts")
	}
	files := []string{file}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		files = nil
	}
	known, err := knownhosts.New(files...)
	if err != nil {
		return &weir.Fault{At: at, Err: err, Hint: "Check that the engine may read the file, and that each line has a host, a kind of key and a key."}
	}
	// A server has keys of several kinds; ask for one that is known.
	var unknown *knownhosts.KeyError
	if err := known(address, new(net.TCPAddr), noKey{}); errors.As(err, &unknown) && len(cfg.HostKeyAlgorithms) == 0 {
		for _, want := range unknown.Want {
			kind := want.Key.Type()
			if kind == ssh.KeyAlgoRSA {
				cfg.HostKeyAlgorithms = append(cfg.HostKeyAlgorithms, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
			} else {
				cfg.HostKeyAlgorithms = append(cfg.HostKeyAlgorithms, kind)
			}
		}
	}
	cfg.HostKeyCallback = func(host string, remote net.Addr, key ssh.PublicKey) error {
		err := known(host, remote, key)
		var wrong *knownhosts.KeyError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &wrong) && len(wrong.Want) == 0:
			return &weir.Fault{At: "schemeProperties.hostKeyChecking",
				Err: fmt.Errorf("the key of %s is not known: %s %s", address, key.Type(), ssh.FingerprintSHA256(key)),
				Hint: fmt.Sprintf("If the owner of the server confirms this fingerprint, accept it by adding to %s the line: %s",
					file, knownhosts.Line([]string{knownhosts.Normalize(address)}, key))}
		}
		return &weir.Fault{At: "schemeProperties.hostKeyChecking",
			Err: fmt.Errorf("the key of %s is not the one in %s: it is %s %s", address, file, key.Type(), ssh.FingerprintSHA256(key)),
			Hint: "Somebody may be listening in between. If the owner of the server confirms that the key was changed, replace its line by: " +
				knownhosts.Line([]string{knownhosts.Normalize(address)}, key)}
	}
	return nil
}

// noKey is no host's key.
type noKey struct{}

func (noKey) Type() string                        { return "none" }
func (noKey) Marshal() []byte                     { return []byte("none") }
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("no key") }

func (s *sftpSystem) identity(dir string) string {
	if real, err := s.client.RealPath(dir); err == nil {
		return real
	}
	return path.Join(s.home, dir)
}

func (s *sftpSystem) list(dir string) ([]entry, error) {
	found, err := s.client.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, 0, len(found))
	for _, info := range found {
		name := info.Name()
		if !plain(name) {
			continue
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			if info, err = s.client.Stat(path.Join(dir, name)); err != nil {
				continue
			}
		}
		if info.IsDir() || info.Mode().IsRegular() {
			entries = append(entries, entry{name: name, dir: info.IsDir(), version: versionOf(info)})
		}
	}
	return entries, nil
}

func (s *sftpSystem) stat(path string, _ version) (version, error) {
	info, err := s.client.Stat(path)
	if err != nil {
		return version{}, err
	}
	return versionOf(info), nil
}

func (s *sftpSystem) open(path string, _ map[string]any) (io.ReadCloser, error) {
	return s.client.Open(path)
}

func (s *sftpSystem) put(path string, c content, exclusive bool, _ map[string]any) error {
	flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if exclusive {
		// Not every server keeps O_EXCL, and those that do say only "failure".
		if _, err := s.client.Lstat(path); err == nil {
			return fs.ErrExist
		}
		flag = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	}
	file, err := s.client.OpenFile(path, flag)
	if err != nil {
		return err
	}
	err = errors.Join(pour(file, c), s.sync(file), file.Close())
	if err != nil && exclusive {
		s.client.Remove(path)
	}
	return err
}

func (s *sftpSystem) add(path string, c content) error {
	file, err := s.client.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	// Servers that do not know O_APPEND write at the place that is given.
	if _, err = file.Seek(info.Size(), io.SeekStart); err == nil {
		err = pour(file, c)
	}
	if err = errors.Join(err, s.sync(file)); err != nil {
		err = errors.Join(err, file.Truncate(info.Size()))
	}
	return errors.Join(err, file.Close())
}

// sftpAhead is how many packets of a stream are on their way at once.
const sftpAhead = 32

// pour writes a content to a file. Of a stream, packets after the one that fails may
// be written; who calls takes all of it back.
func pour(file *sftp.File, c content) (err error) {
	if w, ok := c.(io.WriterTo); ok {
		_, err = w.WriteTo(file)
	} else {
		_, err = file.ReadFromWithConcurrency(c, sftpAhead)
	}
	return err
}

// sync forces a file to disk where the server can do that.
func (s *sftpSystem) sync(file *sftp.File) error {
	if _, ok := s.client.HasExtension("fsync@openssh.com"); !ok {
		return nil
	}
	return file.Sync()
}

func (s *sftpSystem) rename(from, to string) error {
	if _, ok := s.client.HasExtension("posix-rename@openssh.com"); ok {
		return s.client.PosixRename(from, to)
	}
	if _, err := s.client.Lstat(from); err != nil {
		return err
	}
	if err := s.client.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return s.client.Rename(from, to)
}

func (s *sftpSystem) remove(path string) error { return s.client.Remove(path) }
func (s *sftpSystem) mkdirs(dir string) error  { return s.client.MkdirAll(dir) }

func (s *sftpSystem) alive(error) bool {
	_, err := s.client.RealPath(".")
	return err == nil
}

func (s *sftpSystem) close() error { return errors.Join(s.client.Close(), s.conn.Close()) }

// plain reports whether a name that a remote system lists is one: no way into
// another directory, and nothing that a protocol of lines would read as a
// command.
func plain(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\x00\r\n")
}
