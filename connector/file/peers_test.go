package file

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/gliderlabs/ssh"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/pkg/sftp"
	ftpserver "goftp.io/server/v2"
	ftpfile "goftp.io/server/v2/driver/file"
	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/net/webdav"

	"github.com/weir-health/weir/connector/connectortest"
)

// password is in no error and no log line.
const password = "open-" + connectortest.Secret

// server is a remote system with files.
type server struct {
	settings []string
	host     string // of the directory "in", which is there
	root     string // of the directories for moving: root + "/done"
	gate     *gate
	write    func(t testing.TB, name, text string) // into "in"; may have directories
	files    func(t testing.TB) []string           // path=text, below the root, sorted
}

// schemes are all remote systems, each started when it is asked for.
var schemes = []struct {
	name  string
	start func(t testing.TB) *server
}{
	{"SFTP", sftpServer},
	{"FTP", func(t testing.TB) *server { return ftpServer(t, false) }},
	{"FTPS", func(t testing.TB) *server { return ftpServer(t, true) }},
	{"S3", s3Server},
	{"WEBDAV", func(t testing.TB) *server { return webdavServer(t, false) }},
	{"WEBDAV with https", func(t testing.TB) *server { return webdavServer(t, true) }},
	{"SMB", smbServer},
}

// onDisk is a server whose files lie in a directory of this computer.
func onDisk(t testing.TB, dir string, s *server) *server {
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o777); err != nil {
		t.Fatal(err)
	}
	s.write = func(t testing.TB, name, text string) {
		path := filepath.Join(dir, "in", name)
		os.MkdirAll(filepath.Dir(path), 0o777)
		write(t, path, text)
	}
	s.files = func(t testing.TB) (out []string) {
		filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
			}
			rel, _ := filepath.Rel(dir, path)
			out = append(out, filepath.ToSlash(rel)+"="+string(text))
			return nil
		})
		slices.Sort(out)
		return out
	}
	return s
}

// gate is a proxy before a server.
type gate struct {
	address string

	mu       sync.Mutex
	shut     bool // takes connections and closes them
	conns    map[net.Conn]bool
	accepted int
}

// openGate starts a gate; without an address behind it the gate is silent.
func openGate(t testing.TB, behind string) *gate {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{address: l.Addr().String(), conns: map[net.Conn]bool{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { g.pass(c, behind) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		g.cut()
		all.Wait()
	})
	return g
}

func (g *gate) pass(c net.Conn, behind string) {
	defer c.Close()
	g.mu.Lock()
	g.accepted++
	shut := g.shut
	g.conns[c] = true
	g.mu.Unlock()
	switch {
	case shut:
		return
	case behind == "":
		io.Copy(io.Discard, c)
		return
	}
	s, err := net.Dial("tcp", behind)
	if err != nil {
		return
	}
	defer s.Close()
	g.mu.Lock()
	g.conns[s] = true
	g.mu.Unlock()
	var back sync.WaitGroup
	back.Go(func() {
		io.Copy(c, s)
		c.Close()
	})
	io.Copy(s, c)
	s.Close()
	back.Wait()
}

// cut closes all connections.
func (g *gate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		c.Close()
	}
	clear(g.conns)
}

// close closes all connections, and new ones at once.
func (g *gate) close() {
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
	g.cut()
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.accepted
}

func listen(t testing.TB) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// freeAddress is for servers that want to bind a port themselves.
func freeAddress(t testing.TB) string {
	l := listen(t)
	defer l.Close()
	return l.Addr().String()
}

// untilListening waits for such a server.
func untilListening(t testing.TB, address string, ended <-chan struct{}) {
	t.Helper()
	for ctx := connectortest.Context(t); ; {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatal("the server ended")
		case <-ctx.Done():
			t.Fatal("the server does not listen")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func newHostKey(t testing.TB) gossh.Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gossh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func sftpServer(t testing.TB) *server {
	return sftpServerWith(t, newHostKey(t), nil)
}

// sftpServerWith takes the password or, if given, only a key.
func sftpServerWith(t testing.TB, host gossh.Signer, key gossh.PublicKey) *server {
	dir := t.TempDir()
	s := &ssh.Server{
		HostSigners: []ssh.Signer{host},
		SubsystemHandlers: map[string]ssh.SubsystemHandler{"sftp": func(session ssh.Session) {
			server, err := sftp.NewServer(session, sftp.WithServerWorkingDirectory(dir))
			if err != nil {
				t.Error(err)
				return
			}
			server.Serve()
		}},
	}
	if key == nil {
		s.PasswordHandler = func(_ ssh.Context, given string) bool { return given == password }
	} else {
		s.PublicKeyHandler = func(_ ssh.Context, given ssh.PublicKey) bool { return ssh.KeysEqual(given, key) }
	}
	l := listen(t)
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	g := openGate(t, l.Addr().String())
	return onDisk(t, dir, &server{
		settings: []string{"scheme", "SFTP", "anonymous", "false", "username", "weir", "password", password, "schemeProperties.hostKeyChecking", "no"},
		host:     g.address + filepath.ToSlash(dir) + "/in", root: filepath.ToSlash(dir), gate: g,
	})
}

func ftpServer(t testing.TB, tls bool) *server {
	dir := t.TempDir()
	driver, err := ftpfile.NewDriver(dir)
	if err != nil {
		t.Fatal(err)
	}
	options := &ftpserver.Options{
		Driver: appending{driver, dir}, Perm: ftpserver.NewSimplePerm("weir", "weir"), Auth: &ftpserver.SimpleAuth{Name: "weir", Password: password},
		Hostname: "127.0.0.1", Logger: new(ftpserver.DiscardLogger),
	}
	settings := []string{"scheme", "FTP", "anonymous", "false", "username", "weir", "password", password}
	if tls {
		certificate, key := connectortest.Certificate(t)
		options.TLS, options.ExplicitFTPS, options.ForceTLS = true, true, true
		options.CertFile, options.KeyFile = certificate, key
		settings = append(settings, "tls.enabled", "true", "tls.caFile", certificate)
	}
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	options.Port, _ = strconv.Atoi(port)
	s, err := ftpserver.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { s.ListenAndServe(); close(ended) }()
	untilListening(t, address, ended)
	t.Cleanup(func() { s.Shutdown(); <-ended })
	g := openGate(t, address)
	return onDisk(t, dir, &server{settings: settings, host: g.address + "/in", gate: g})
}

// appending is a driver that appends, where the library's replaces.
type appending struct {
	ftpserver.Driver
	dir string
}

func (a appending) PutFile(ctx *ftpserver.Context, path string, data io.Reader, offset int64) (int64, error) {
	if ctx.Cmd != "APPE" {
		return a.Driver.PutFile(ctx, path, data, offset)
	}
	file, err := os.OpenFile(filepath.Join(a.dir, path), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return io.Copy(file, data)
}

func webdavServer(t testing.TB, tls bool) *server {
	dir := t.TempDir()
	handler := &webdav.Handler{FileSystem: webdav.Dir(dir), LockSystem: webdav.NewMemLS()}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, given, ok := r.BasicAuth(); !ok || user != "weir" || given != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="files"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	settings := []string{"scheme", "WEBDAV", "secure", strconv.FormatBool(tls), "anonymous", "false", "username", "weir", "password", password, "outputAppend", "false"}
	if tls {
		s.StartTLS()
		ca := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		settings = append(settings, "tls.caFile", ca)
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	g := openGate(t, s.Listener.Addr().String())
	return onDisk(t, dir, &server{
		settings: settings, host: g.address + "/in", gate: g,
	})
}

func s3Server(t testing.TB) *server {
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(s.Close)
	g := openGate(t, s.Listener.Addr().String())
	client := s3.New(s3.Options{BaseEndpoint: aws.String(s.URL), UsePathStyle: true, Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "weir", SecretAccessKey: password}, nil
		})})
	return &server{
		settings: []string{"scheme", "S3", "anonymous", "false", "username", "weir", "password", password, "outputAppend", "false",
			"schemeProperties.useDefaultCredentialProviderChain", "false", "endpoint", "http://" + g.address},
		host: "bucket/in", root: "bucket", gate: g,
		write: func(t testing.TB, name, text string) {
			_, err := client.PutObject(connectortest.Context(t), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("in/" + name), Body: strings.NewReader(text)})
			if err != nil {
				t.Fatal(err)
			}
		},
		files: func(t testing.TB) (out []string) {
			list, err := client.ListObjectsV2(connectortest.Context(t), &s3.ListObjectsV2Input{Bucket: aws.String("bucket")})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range list.Contents {
				object, err := client.GetObject(connectortest.Context(t), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: o.Key})
				if err != nil {
					t.Fatal(err)
				}
				text, _ := io.ReadAll(object.Body)
				object.Body.Close()
				out = append(out, *o.Key+"="+string(text))
			}
			slices.Sort(out)
			return out
		},
	}
}

// smbServer starts Samba on a free port of the loopback.
func smbServer(t testing.TB) *server {
	smbd, err := exec.LookPath("smbd")
	if err != nil {
		smbd = "/usr/sbin/smbd"
		if _, err := os.Stat(smbd); err != nil {
			missing(t, "smbd", "samba")
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir, own := t.TempDir(), t.TempDir()
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	config := filepath.Join(own, "smb.conf")
	text := fmt.Sprintf(`[global]
server role = standalone
smb ports = %s
interfaces = 127.0.0.1/8
bind interfaces only = yes
passdb backend = smbpasswd:%[2]s/smbpasswd
private dir = %[2]s
lock directory = %[2]s
state directory = %[2]s
cache directory = %[2]s
pid directory = %[2]s
ncalrpc dir = %[2]s/rpc
log file = %[2]s/log
disable spoolss = yes
load printers = no
dns proxy = no
[share]
path = %[3]s
read only = no
`, port, own, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	add := exec.Command("pdbedit", "-s", config, "-a", "-u", me.Username, "-t")
	add.Stdin = strings.NewReader(password + "\n" + password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("pdbedit: %v: %s", err, out)
	}
	run := exec.Command(smbd, "-F", "--no-process-group", "-s", config)
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { run.Wait(); close(ended) }()
	t.Cleanup(func() {
		run.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			run.Process.Kill()
			<-ended
		}
	})
	untilListening(t, address, ended)
	g := openGate(t, address)
	return onDisk(t, dir, &server{
		settings: []string{"scheme", "SMB", "anonymous", "false", "username", me.Username, "password", password},
		host:     g.address + "/share/in", root: "/share", gate: g,
	})
}

// missing skips a test that needs a program, except in the gate.
func missing(t testing.TB, program, pkg string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing; .ci/run installs it (package %s)", program, pkg)
	}
	t.Skipf("%s is missing; install the package %s to run this test", program, pkg)
}
