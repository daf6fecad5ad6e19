package file

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		scheme, host  string
		address, want string
	}{
		{"FILE", "/a/b/", "", "/a/b"},
		{"FTP", "server/in", "server", "/in"},
		{"FTP", "server", "server", "."},
		{"FTP", "server/", "server", "/"},
		{"SFTP", "server:2222//in//x/", "server:2222", "/in/x"},
		{"SFTP", "[::1]:22/in", "[::1]:22", "/in"},
		{"SMB", "server/share/dir", "server", "/share/dir"},
		{"WEBDAV", "server", "server", "/"},
		{"S3", "bucket/prefix/", "", "bucket/prefix"},
		{"S3", "/bucket", "", "bucket"},
	} {
		r := remote{Scheme: c.scheme, Host: config.Template{Name: "host", Text: c.host}, Anonymous: true}
		got, err := r.place(func(t config.Template) string { return t.Text })
		if err != nil || got.address != c.address || got.dir != c.want {
			t.Errorf("%s %s: %q %q, %v; want %q %q", c.scheme, c.host, got.address, got.dir, err, c.address, c.want)
		}
	}
}

func TestPlaceRefused(t *testing.T) {
	for _, c := range []struct{ name, scheme, host string }{
		{"empty", "SFTP", ""},
		{"no host", "SFTP", "/in"},
		{"password in the host", "SFTP", "weir:" + connectortest.Secret + "@server/in"},
		{"no share", "SMB", "server"},
		{"no bucket", "S3", "/"},
	} {
		r := remote{Scheme: c.scheme, Host: config.Template{Name: "host", Text: c.host}}
		_, err := r.place(func(t config.Template) string { return t.Text })
		t.Log(c.name)
		connectortest.CheckFault(t, err)
	}
}

// A remote system that does not answer is given up after the timeout.
func TestSilentServer(t *testing.T) {
	g := openGate(t, "")
	for _, scheme := range []string{"SFTP", "FTP", "SMB", "WEBDAV", "S3"} {
		t.Run(scheme, func(t *testing.T) {
			w := new(Writer)
			connectortest.Open(t, w, connectortest.Settings("scheme", scheme, "host", g.address+"/share/in", "endpoint", "http://"+g.address, "secure", "false",
				"outputPattern", "out", "outputAppend", "false", "timeout", "50", "schemeProperties.hostKeyChecking", "no"))
			_, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", "a"))
			connectortest.CheckFault(t, err)
			if err == nil || !strings.Contains(err.Error(), "did not move on for 50ms") {
				t.Errorf("Send = %v", err)
			}
		})
	}
}

func TestSMBVersions(t *testing.T) {
	s := smbServer(t)
	for _, c := range []struct {
		low, high string
		ok        bool
	}{{"SMB202", "SMB311", true}, {"SMB1", "SMB210", true}, {"SMB300", "SMB302", true}} {
		_, err := s.deliver(t, []string{"outputPattern", "out", "schemeProperties.smbMinVersion", c.low, "schemeProperties.smbMaxVersion", c.high}, "a")
		if (err == nil) != c.ok {
			t.Errorf("%s to %s: %v", c.low, c.high, err)
		}
	}
	w := new(Writer)
	connectortest.Decode(t, w, connectortest.Settings(s.with("schemeProperties.smbMinVersion", "SMB1", "schemeProperties.smbMaxVersion", "SMB1")...))
	connectortest.CheckFault(t, w.Open(connectortest.Context(t), connectortest.DestinationEnv(t)))
}
