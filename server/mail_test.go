package server

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/weir-health/weir/internal/history"
	"github.com/weir-health/weir/internal/mirthapi"
	"github.com/weir-health/weir/internal/script"
)

// The mail settings are those that were set last through the API, else those of a
// backup among the channel files.
func TestMailSettings(t *testing.T) {
	dir := t.TempDir()
	backup := `<serverConfiguration version="4.5.2"><serverSettings><environmentName>Test</environmentName><serverName>Lab 1</serverName><smtpHost>mail.example.org</smtpHost><smtpPort>25</smtpPort>` +
		`<smtpFrom>weir@example.org</smtpFrom><smtpSecure>tls</smtpSecure><smtpAuth>true</smtpAuth><smtpUsername>u</smtpUsername><smtpPassword>p</smtpPassword></serverSettings></serverConfiguration>`
	if err := os.WriteFile(filepath.Join(dir, "backup.xml"), []byte(backup), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := New(context.Background(), Options{Data: t.TempDir(), Channels: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	want := script.MailSettings{Host: "mail.example.org", Port: "25", Timeout: "5000", From: "weir@example.org", Secure: "tls", Login: true, Username: "u", Password: "p"}
	check := func(where string) {
		t.Helper()
		if got, err := (*host)(s).MailSettings(); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", where, got, err)
		}
	}
	check("a backup")
	if name, environment, err := (*host)(s).ServerIdentity(); name != "Lab 1" || environment != "Test" || err != nil {
		t.Errorf("got %q, %q, %v", name, environment, err)
	}
	set := `<serverSettings><smtpHost>other</smtpHost><smtpTimeout>100</smtpTimeout><smtpSecure>0</smtpSecure><smtpAuth>false</smtpAuth></serverSettings>`
	if err := (*mirthEngine)(s).Keep(context.Background(), history.By{}, map[string][]byte{mirthapi.ServerSettings: []byte(set)}); err != nil {
		t.Fatal(err)
	}
	want = script.MailSettings{Host: "other", Timeout: "100", Secure: "0"}
	check("the API")
}
