package file

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir/connector/connectortest"
)

// scriptedFTP answers commands by a table, and what is not in it with 200. It
// returns the commands it got.
func scriptedFTP(t *testing.T, wrap func(net.Conn) net.Conn, answers map[string]string) (address string, commands func() []string) {
	l := listen(t)
	var mu sync.Mutex
	var got []string
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				c := wrap(c)
				defer c.Close()
				fmt.Fprint(c, "220 ready\r\n")
				for in := bufio.NewScanner(c); in.Scan(); {
					mu.Lock()
					got = append(got, in.Text())
					mu.Unlock()
					verb, _, _ := strings.Cut(in.Text(), " ")
					answer, ok := answers[verb]
					if !ok {
						answer = "200 fine"
					}
					fmt.Fprintf(c, "%s\r\n", answer)
					if verb == "QUIT" {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String(), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(got)
	}
}

var ftpLogin = map[string]string{"USER": "331 password", "PASS": "230 welcome", "FEAT": "502 none", "PWD": `257 "/" is it`, "CWD": "250 there", "QUIT": "221 bye", "APPE": "550 full", "EPSV": "502 no", "PASV": "502 no"}

func plainly(c net.Conn) net.Conn { return c }

func ftpOnce(t *testing.T, address string, settings ...string) error {
	t.Helper()
	w := new(Writer)
	g := connectortest.Settings(append([]string{"scheme", "FTP", "host", address + "/in", "outputPattern", "out", "anonymous", "false", "username", "weir", "password", password}, settings...)...)
	connectortest.Open(t, w, append(g, connectortest.Parse(t, `<schemeProperties class="com.mirth.connect.connectors.file.FTPSchemeProperties">
		<initialCommands><string>SITE UMASK 007</string><string>CLNT weir</string></initialCommands></schemeProperties>`).Group...))
	_, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", "a"))
	return err
}

func TestInitialCommands(t *testing.T) {
	address, commands := scriptedFTP(t, plainly, ftpLogin)
	connectortest.CheckFault(t, ftpOnce(t, address))
	got := commands()
	if i := slices.Index(got, "SITE UMASK 007"); i < 0 || got[i+1] != "CLNT weir" || i < slices.Index(got, "PASS "+password) {
		t.Errorf("commands %q", got)
	}
	refusing := map[string]string{"SITE": "500 unknown"}
	for k, v := range ftpLogin {
		refusing[k] = v
	}
	address, _ = scriptedFTP(t, plainly, refusing)
	if err := ftpOnce(t, address); err == nil || !strings.Contains(err.Error(), "refuses command 1") {
		t.Errorf("Send = %v", err)
	}
}

// With TLS asked for, nothing is sent to a server that refuses it.
func TestTLSRefused(t *testing.T) {
	address, commands := scriptedFTP(t, plainly, map[string]string{"AUTH": "502 no"})
	err := ftpOnce(t, address, "tls.enabled", "true")
	connectortest.CheckFault(t, err)
	if got := commands(); !slices.Equal(got, []string{"AUTH TLS"}) {
		t.Errorf("commands %q", got)
	}
}

// A certificate that nobody vouches for is refused before the login.
func TestTLSUnknownAuthority(t *testing.T) {
	s := ftpServer(t, true)
	_, err := s.deliver(t, []string{"outputPattern", "out", "tls.caFile", ""}, "a")
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("Send = %v", err)
	}
}

func TestImplicitTLS(t *testing.T) {
	file, key := connectortest.Certificate(t)
	pair, err := tls.LoadX509KeyPair(file, key)
	if err != nil {
		t.Fatal(err)
	}
	address, commands := scriptedFTP(t, func(c net.Conn) net.Conn {
		return tls.Server(c, &tls.Config{Certificates: []tls.Certificate{pair}})
	}, ftpLogin)
	connectortest.CheckFault(t, ftpOnce(t, address, "tls.enabled", "true", "tls.implicit", "true", "tls.caFile", file))
	if got := commands(); !slices.Contains(got, "PROT P") || !slices.Contains(got, "SITE UMASK 007") || slices.Contains(got, "AUTH TLS") {
		t.Errorf("commands %q", got)
	}
}

func TestInZone(t *testing.T) {
	got := inZone(time.Date(2026, 7, 1, 12, 30, 5, 0, time.UTC), time.FixedZone("", 2*3600))
	if want := time.Date(2026, 7, 1, 10, 30, 5, 0, time.UTC); !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A name with a line break would be a command.
func TestLineBreakInName(t *testing.T) {
	address, commands := scriptedFTP(t, plainly, ftpLogin)
	connectortest.CheckFault(t, ftpOnce(t, address, "outputPattern", "a\r\nDELE b"))
	if got := commands(); slices.Contains(got, "DELE b") {
		t.Errorf("commands %q", got)
	}
}
