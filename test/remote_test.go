package test

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The commands work on an engine elsewhere as on one of this host, and what one
// engine did is compared with what another one does.
func TestRemoteAndShadow(t *testing.T) {
	dir := t.TempDir()
	xml, err := os.ReadFile("../examples/channels/adt-to-folder.xml")
	if err != nil {
		t.Fatal(err)
	}
	port, https := strconv.Itoa(freePort(t)), net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t)))
	text := strings.NewReplacer("<port>6661</port>", "<port>"+port+"</port>", "<host>weir-data/adt</host>", "<host>"+dir+"/adt</host>").Replace(string(xml))
	channels, data := filepath.Join(dir, "channels"), filepath.Join(dir, "data")
	if err := os.Mkdir(channels, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(channels, "adt.xml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, data, channels, "--listen", https)
	mustWeir(t, dir, "send", "--to", "127.0.0.1:"+port, filepath.Join(examplesDir(t), "adt-a01.hl7"))

	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustWeir(t, dir, "user", "add", "ada", "--role", "administrator", "--password", "file:"+password, "--data", data)
	if out, err := weir(t, dir, "user", "add", "eve", "--role", "viewer", "--password", "secret", "--data", data); err == nil || !strings.Contains(out, "can be seen") {
		t.Errorf("a password on the command line: %s", out)
	}
	mustContain(t, mustWeir(t, dir, "user", "list", "--data", data), "ada", "administrator")
	token, _, _ := strings.Cut(mustWeir(t, dir, "token", "create", "ci", "--role", "operator", "--data", data), "\n")
	tokenFile := filepath.Join(dir, "token")
	if err := os.WriteFile(tokenFile, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	elsewhere := []string{"--server", "https://" + https, "--token", "file:" + tokenFile, "--ca", filepath.Join(data, "tls", "server.crt")}
	remotely := func(args ...string) (string, error) { return weir(t, dir, append(args, elsewhere...)...) }
	out, err := remotely("channel", "list")
	if err != nil {
		t.Fatal(err, out)
	}
	mustContain(t, out, "ADT to folder", "STARTED")
	if out, err = remotely("message", "show", "ADT to folder", "1"); err != nil || !strings.Contains(out, "ADT000042") {
		t.Errorf("show: %s", out)
	}
	if out, err = remotely("user", "remove", "ada"); err == nil || !strings.Contains(out, "manageUsers") {
		t.Errorf("an operator removes a user: %s", out)
	}
	if out, err = weir(t, dir, append([]string{"channel", "list"}, elsewhere[:4]...)...); err == nil || !strings.Contains(out, "--pin") {
		t.Errorf("a certificate that is not known: %s", out)
	}
	mustContain(t, mustWeir(t, dir, "audit", "list", "--data", data), "View message", "token ci", "127.0.0.1", "FAILURE")
	mustContain(t, mustWeir(t, dir, "channel", "history", "ADT to folder", "--data", data), "found at start")

	recording := filepath.Join(dir, "recording.xml")
	mustWeir(t, dir, "message", "export", "ADT to folder", "--all", "--output", recording, "--data", data)
	mustContain(t, mustWeir(t, dir, "shadow", recording, "--channels", channels), "1 message: 1 the same")
	other := filepath.Join(dir, "other.xml")
	if err := os.WriteFile(other, []byte(strings.Replace(text, "<script>", "<script>msg['PID']['PID.8']['PID.8.1'] = 'X'; ", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = weir(t, dir, "shadow", recording, "--channels", other)
	if err == nil || !strings.Contains(out, "encoded PID-8: 1 message") || !strings.Contains(out, "recorded 1 characters, here 1 characters") {
		t.Errorf("shadow: %s", out)
	}
	if out, err = weir(t, dir, "shadow", recording, "--channels", other, "--mask", "PID-8", "--mask", "sent.template"); err != nil {
		t.Errorf("masked: %s", out)
	}
}

func examplesDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../examples")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
