package file

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

// An unknown key is refused with what is needed to accept it; accepted, it
// works; another one is refused as changed.
func TestHostKeys(t *testing.T) {
	known := filepath.Join(t.TempDir(), "known_hosts")
	s := sftpServer(t)
	send := func(s *server, checking string) error {
		t.Helper()
		_, err := s.deliver(t, []string{"outputPattern", "out", "schemeProperties.hostKeyChecking", checking, "schemeProperties.knownHostsFile", known}, "a")
		return err
	}
	for _, checking := range []string{"ask", "yes"} {
		if err := send(s, checking); err == nil || !strings.Contains(err.Error(), "SHA256:") {
			t.Fatalf("%s, unknown: %v", checking, err)
		}
	}
	if err := send(s, "no"); err != nil {
		t.Errorf("no: %v", err)
	}
	_, line, found := strings.Cut(send(s, "ask").Error(), "the line: ")
	if !found {
		t.Fatal("the error gives no line")
	}
	if err := os.WriteFile(known, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, checking := range []string{"ask", "yes"} {
		if err := send(s, checking); err != nil {
			t.Errorf("%s, known: %v", checking, err)
		}
	}
	address, _, _ := strings.Cut(line, " ")
	other := gossh.MarshalAuthorizedKey(newHostKey(t).PublicKey())
	if err := os.WriteFile(known, []byte(address+" "+string(other)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, checking := range []string{"ask", "yes"} {
		if err := send(s, checking); err == nil || !strings.Contains(err.Error(), "is not the one in") || !strings.Contains(err.Error(), "SHA256:") {
			t.Errorf("%s, changed: %v", checking, err)
		}
	}
}

func TestKeyLogin(t *testing.T) {
	const phrase = "phrase of " + connectortest.Secret
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := gossh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, phrase := range map[string]string{"plain": "", "locked": phrase} {
		block, err := gossh.MarshalPrivateKey(private, "")
		if phrase != "" {
			block, err = gossh.MarshalPrivateKeyWithPassphrase(private, "", []byte(phrase))
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := sftpServerWith(t, newHostKey(t), allowed)
	with := func(key, phrase, password string) []string {
		return []string{"outputPattern", "out", "schemeProperties.keyAuth", "true", "schemeProperties.keyFile", filepath.Join(dir, key),
			"schemeProperties.passPhrase", phrase, "schemeProperties.passwordAuth", password}
	}
	for _, settings := range [][]string{with("plain", "", "false"), with("plain", "left over", "true"), with("locked", phrase, "false")} {
		if _, err := s.deliver(t, settings, "a"); err != nil {
			t.Errorf("%q: %v", settings, err)
		}
	}
	for name, settings := range map[string][]string{"no file": with("none", "", "false"), "wrong phrase": with("locked", "wrong", "false"), "no key": with("", "", "false")} {
		w := new(Writer)
		connectortest.Decode(t, w, connectortest.Settings(s.with(settings...)...))
		err := w.Open(connectortest.Context(t), connectortest.DestinationEnv(t))
		connectortest.CheckFault(t, err)
		t.Log(name, err)
	}
}

func TestAlgorithms(t *testing.T) {
	s := sftpServer(t)
	setting := func(key, value string) error {
		w := new(Writer)
		g := connectortest.Settings(s.with("outputPattern", "out")...)
		connectortest.Decode(t, w, g)
		w.sftp.Configuration = append(w.sftp.Configuration, config.TemplateEntry{Name: config.Template{Text: key}, Values: []config.Template{{Text: value}}})
		if err := w.Open(connectortest.Context(t), connectortest.DestinationEnv(t)); err != nil {
			connectortest.CheckFault(t, err)
			return err
		}
		defer w.Close(connectortest.Context(t))
		_, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", "a"))
		return err
	}
	if err := setting("kex", "made-up,curve25519-sha256"); err != nil {
		t.Error(err)
	}
	if err := setting("PreferredAuthentications", "password"); err != nil {
		t.Error(err)
	}
	if err := setting("cipher.c2s", "made-up"); err == nil {
		t.Error("a cipher that nobody knows is accepted")
	}
	if err := setting("kex", "diffie-hellman-group1-sha1"); err == nil {
		t.Error("the server speaks an algorithm that is not safe")
	}
}
