package file

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/tlsconfig"
)

// remote is where the files are.
type remote struct {
	Scheme    string
	Host      config.Template // the directory, for remote systems behind the host
	Anonymous bool
	Username  config.Template
	Password  config.Template
	Timeout   config.Template // milliseconds
	Secure    bool
	Passive   bool
	Validate  bool
	TLS       tlsconfig.Client
	Implicit  bool // TLS from the first byte, for FTP

	ftp  ftpSettings
	sftp sftpSettings
	smb  smbSettings
	s3   s3Settings

	pool pool
}

func (r *remote) fields(f *config.Fields) {
	f.String(&r.Scheme, "scheme", "FILE", "Where the files are: FILE is a directory of this computer; FTP can speak TLS (FTPS), see tls; S3 is Amazon S3 or a store like it.").
		OneOf("FILE", "FTP", "SFTP", "SMB", "WEBDAV", "S3")
	f.Template(&r.Host, "host", "",
		"The directory. For FTP, SFTP and WEBDAV host, host/directory or host:port/directory; for SMB server/share/directory; for S3 bucket or bucket/prefix.")
	f.Bool(&r.Anonymous, "anonymous", true, "Log in without a name and password.")
	f.Template(&r.Username, "username", "anonymous", "Name to log in with; for SMB it may be domain\\name, for S3 it is the access key.")
	f.Template(&r.Password, "password", "anonymous", "Password to log in with; for S3 the secret key.").IsSecret()
	f.Template(&r.Timeout, "timeout", "10000", "Longest wait in milliseconds for a remote system to move on: to connect, to answer, to take or give more bytes. 0 means no limit.")
	f.Bool(&r.Secure, "secure", true, "For WEBDAV, use https.")
	f.Bool(&r.Passive, "passive", true, "For FTP, use passive mode. Active mode is not supported: off, passive mode is used as well, with a warning.")
	f.Bool(&r.Validate, "validateConnection", true, "For FTP, look whether a connection is alive before it is used again; other schemes always do.")

	r.ftp.fields(f)
	r.sftp.fields(f)
	r.smb.fields(f)
	r.s3.fields(f)

	r.TLS.Fields(f)
	f.Bool(&r.Implicit, "tls.implicit", false, "For FTP with TLS, speak TLS from the first byte (usually port 990). Off: ask for TLS on the plain port (explicit FTPS).")
}

// appends reports whether files of the scheme can be appended to.
func (r *remote) appends() bool { return r.Scheme != "S3" && r.Scheme != "WEBDAV" }

// prepare checks the settings before the first connection.
func (r *remote) prepare(resolve func(config.Template) string, log *slog.Logger) error {
	r.pool.open = r.open
	if r.Scheme == "FILE" {
		return nil
	}
	r.pool.timeout = time.Duration(whole(resolve(r.Timeout))) * time.Millisecond
	r.pool.trusting = r.Scheme == "FTP" && !r.Validate
	if r.Scheme == "WEBDAV" && r.Secure {
		r.TLS.Enabled = true
	}
	if err := r.TLS.Open(log); err != nil {
		return err
	}
	switch r.Scheme {
	case "FTP":
		if !r.Passive {
			log.Warn("FTP connections use passive mode, since active mode is not supported", "setting", "passive")
		}
	case "SFTP":
		return r.sftp.prepare(resolve, log)
	case "SMB":
		return r.smb.prepare(log)
	}
	return nil
}

// place is a directory and how to get there.
type place struct {
	login
	dir string
}

// login is what a connection is made with. Connections are used again for the
// same login.
type login struct {
	address  string // host or host:port; empty for this computer and S3
	user     string
	password string
	sftp     sftpLogin
	s3       s3Login
}

// place resolves where the files are.
func (r *remote) place(resolve func(config.Template) string) (place, error) {
	text := resolve(r.Host)
	if text == "" {
		return place{}, &weir.Fault{At: "host", Err: errors.New("no directory is given"), Hint: "Set the directory."}
	}
	if r.Scheme == "FILE" {
		return place{dir: filepath.Clean(text)}, nil
	}
	var at place
	if !r.Anonymous {
		at.user, at.password = resolve(r.Username), resolve(r.Password)
	}
	if r.Scheme == "S3" {
		at.s3 = r.s3.login(resolve)
		at.dir = path.Clean(strings.Trim(text, "/"))
		if at.dir == "." {
			return place{}, &weir.Fault{At: "host", Err: errors.New("no bucket is given"), Hint: "Write bucket or bucket/prefix."}
		}
		return at, nil
	}
	host, dir, deeper := strings.Cut(text, "/")
	if host == "" || strings.ContainsAny(host, "@\\?# \t\r\n") {
		return place{}, &weir.Fault{At: "host", Err: errors.New("it does not begin with a host"),
			Hint: "Write host/directory or host:port/directory, without a scheme and without a name to log in with."}
	}
	if r.Scheme == "SFTP" {
		at.sftp = r.sftp.login(resolve)
	}
	at.address, at.dir = host, "."
	if deeper {
		at.dir = path.Clean("/" + dir)
	}
	if r.Scheme == "WEBDAV" && !deeper {
		at.dir = "/"
	}
	if r.Scheme == "SMB" && strings.Trim(at.dir, "/.") == "" {
		return place{}, &weir.Fault{At: "host", Err: errors.New("no share is given"), Hint: "Write server/share or server/share/directory."}
	}
	return at, nil
}

// uri names a file for people and scripts as Mirth does, with the directory as it is set.
func (r *remote) uri(host, name string) string {
	scheme := strings.ToLower(r.Scheme) + "://"
	switch {
	case r.Scheme == "FILE":
		scheme = ""
	case r.Scheme == "WEBDAV" && r.Secure:
		scheme = "https://"
	case r.Scheme == "WEBDAV":
		scheme = "http://"
	}
	return scheme + strings.TrimSuffix(host, "/") + "/" + name
}

// join puts a name into a directory.
func (r *remote) join(dir, name string) string {
	switch r.Scheme {
	case "FILE":
		return filepath.Join(dir, name)
	case "S3":
		return strings.Trim(path.Join(dir, name), "/")
	case "SMB", "WEBDAV":
		return path.Join("/", dir, name)
	}
	return path.Join(dir, name) // what is relative begins where the login leads
}

// withPort adds a port to an address that has none.
func withPort(address, port string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), port)
}

// open connects and logs in.
func (r *remote) open(at login, line *line) (system, error) {
	switch r.Scheme {
	case "FTP":
		return r.openFTP(at, line)
	case "SFTP":
		return r.openSFTP(at, line)
	case "SMB":
		return r.openSMB(at, line)
	case "WEBDAV":
		return r.openWebDAV(at, line)
	case "S3":
		return r.openS3(at, line)
	}
	return local{}, nil
}

// connectFault explains why there is no connection.
func connectFault(address string, err error) error {
	var known *weir.Fault
	if errors.As(err, &known) {
		return err
	}
	return &weir.Fault{At: "host", Err: fmt.Errorf("connect to %s: %w", address, err),
		Hint: "Check host and port, that the remote system is up, and that no firewall is between."}
}

// loginFault explains why a login was refused.
func loginFault(address, user string, err error) error {
	return &weir.Fault{At: "username", Err: fmt.Errorf("log in at %s as %q: %w", address, user, err),
		Hint: "Check the name and the password or key, and that the account may log in."}
}

// tlsFor returns the TLS settings for an address, nil when TLS is off.
func (r *remote) tlsFor(address string) (_ *tlsConfig, err error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	return r.TLS.Config(host)
}

// errStopped is the reason of a channel that was stopped meanwhile.
func errStopped(ctx context.Context) error {
	return fmt.Errorf("the channel was stopped: %w", context.Cause(ctx))
}
