package server

import (
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/internal/api"
)

// remote is a client over HTTPS, which trusts the engine's certificate alone.
func remote(t *testing.T, s *Server, addr, token string) *api.Client {
	t.Helper()
	c, err := api.NewRemote(api.Remote{Server: "https://" + addr, Token: token, Pin: pinOf(t, s)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pinOf(t *testing.T, s *Server) string {
	t.Helper()
	text, err := os.ReadFile(s.data.file("tls/server.crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	return fmt.Sprintf("%x", sha256.Sum256(block.Bytes))
}

// wantError checks that something was refused, and why.
func wantError(t *testing.T, what string, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("%s: %v, want %q", what, err, part)
	}
}

// What is done over the socket is done over HTTPS with a token, as far as its role
// permits, and all of it is in the audit trail with who it was.
func TestRemote(t *testing.T) {
	dir, addr := t.TempDir(), freeAddr(t)
	if err := os.WriteFile(filepath.Join(dir, "ward.xml"), []byte(testChannel(ward, "Ward", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	s, local, _ := run(t, Options{Data: t.TempDir(), Channels: dir, Listen: addr})
	ctx := t.Context()
	if _, err := local.AddUser(ctx, api.NewUser{Name: "ada", Roles: []string{"administrator"}, Password: adminPassword}); err != nil {
		t.Fatal(err)
	}
	clients := map[string]*api.Client{}
	for _, role := range []string{"administrator", "operator", "monitor", "auditor"} {
		made, err := local.MakeToken(ctx, api.NewToken{Name: "of " + role, Role: role})
		if err != nil {
			t.Fatal(err)
		}
		clients[role] = remote(t, s, addr, made.Token)
	}
	admin, operator, monitor, auditor := clients["administrator"], clients["operator"], clients["monitor"], clients["auditor"]
	got, err := admin.Send(ctx, "Ward", api.NewMessage{Text: "a message", SourceMap: map[string]string{"from": "here"}})
	if err != nil || got.ID != 1 {
		t.Fatalf("send: %+v %v", got, err)
	}
	if list, err := monitor.Channels(ctx); err != nil || len(list) != 1 || list[0].Received != 1 {
		t.Errorf("channels: %+v %v", list, err)
	}
	m, err := operator.Message(ctx, "Ward", 1)
	if err != nil || len(m.Connectors) == 0 || !strings.Contains(m.Connectors[0].Contents[0].Text, "a message") {
		t.Errorf("message: %+v %v", m, err)
	}
	if list, err := monitor.Messages(ctx, "Ward", api.MessageQuery{}); err != nil || len(list) != 1 {
		t.Errorf("messages: %+v %v", list, err)
	}
	if out, err := operator.Reprocess(ctx, "Ward", api.MessageQuery{After: 0, Before: 2}, api.Again{}); err != nil || out.Done != 1 {
		t.Errorf("reprocess: %+v %v", out, err)
	}
	if err := operator.Control(ctx, "Ward", "stop"); err != nil {
		t.Error(err)
	}
	_, err = monitor.Message(ctx, "Ward", 1)
	wantError(t, "a monitor looks into a message", err, "viewMessages")
	_, err = monitor.Messages(ctx, "Ward", api.MessageQuery{Text: "message"})
	wantError(t, "a monitor searches in contents", err, "viewMessages")
	_, err = operator.Remove(ctx, "Ward", api.MessageQuery{})
	wantError(t, "an operator removes all messages", err, "permission")
	wantError(t, "an auditor starts a channel", auditor.Control(ctx, "Ward", "start"), "startStopChannels")
	_, err = operator.MakeToken(ctx, api.NewToken{Name: "more", Role: "administrator"})
	wantError(t, "an operator makes a token", err, "manageTokens")
	wantError(t, "the last administrator is demoted", admin.SetRoles(ctx, "ada", []string{"viewer"}), "last administrator")
	if err := admin.RemoveToken(ctx, "of operator"); err != nil {
		t.Error(err)
	}
	_, err = operator.Channels(ctx)
	wantError(t, "a token that was removed", err, "token")

	events, err := auditor.Events(ctx, api.EventQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	done := ""
	for _, e := range events {
		done = e.Name + " by " + e.Who + " " + e.Outcome + "\n" + done
	}
	for _, want := range []string{"Create user by ", "on this machine SUCCESS\nCreate token", "Send message by token of administrator SUCCESS",
		"View message by token of operator SUCCESS", "View message by token of monitor FAILURE", "Reprocess messages by token of operator SUCCESS",
		"Start channel by token of auditor FAILURE", "Remove token by token of administrator SUCCESS"} {
		if !strings.Contains(done, want) {
			t.Errorf("the trail lacks %q:\n%s", want, done)
		}
	}
}

// An engine whose certificate is not the one that is known is not talked to.
func TestRemoteCertificate(t *testing.T) {
	addr := freeAddr(t)
	s, local, _ := run(t, Options{Data: t.TempDir(), Listen: addr})
	made, err := local.MakeToken(t.Context(), api.NewToken{Name: "x", Role: "administrator"})
	if err != nil {
		t.Fatal(err)
	}
	right := pinOf(t, s)
	for _, c := range []struct {
		what string
		api.Remote
		want string // of the error; empty is none
	}{
		{"no pin", api.Remote{}, right},
		{"the pin", api.Remote{Pin: right}, ""},
		{"another pin", api.Remote{Pin: strings.Repeat("00", 32)}, "another certificate"},
		{"the certificate", api.Remote{CA: s.data.file("tls/server.crt")}, ""},
	} {
		c.Server, c.Token = "https://"+addr, made.Token
		client, err := api.NewRemote(c.Remote)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Channels(t.Context())
		if c.want != "" {
			wantError(t, c.what, err, c.want)
		} else if err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	for _, bad := range []api.Remote{{Server: "http://x", Token: "x"}, {Server: "x", Token: "x"}, {Server: "https://x"}, {Server: "https://x", Token: "x", Pin: "1"}, {Server: "https://x", Token: "x", CA: "/nowhere"}} {
		if _, err := api.NewRemote(bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}
