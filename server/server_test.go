package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
)

// run runs a server until the test ends, and waits until it is ready.
func run(t testing.TB, opt Options) (*Server, *api.Client, func() error) {
	t.Helper()
	opt.Log = slog.New(slog.DiscardHandler)
	s, err := New(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var stopped bool
	stop := func() error {
		cancel()
		if stopped {
			return nil
		}
		stopped = true
		return <-ended
	}
	t.Cleanup(func() { stop() })
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !s.ready.Load() {
		select {
		case err := <-ended:
			t.Fatalf("the server ended: %v", err)
		case <-tick.C:
		}
	}
	return s, api.NewClient(filepath.Join(opt.Data, SocketName)), stop
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// The HTTPS port tells whether the engine lives, and nothing about channels.
func TestPort(t *testing.T) {
	data, addr := t.TempDir(), freeAddr(t)
	_, _, stop := run(t, Options{Data: data, Listen: addr})
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	for _, c := range []struct {
		path   string
		status int
		text   string
	}{
		{"/healthz", 200, "ok"},
		{"/readyz", 200, "ready"},
		{"/", 200, "weir channel list"},
		{api.Base + "/channels", 401, "token"},
		{api.Base + "/channels/x/messages/1", 401, "token"},
		{api.Base + "/nowhere", 401, "token"},
		{"/nowhere", 404, ""},
	} {
		resp, err := client.Get("https://" + addr + c.path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.status || !strings.Contains(string(body), c.text) {
			t.Errorf("%s: %d %q", c.path, resp.StatusCode, body)
		}
	}
	old := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}}}
	if _, err := old.Get("https://" + addr + "/healthz"); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	for name, want := range map[string]os.FileMode{SocketName: 0o600, "tls/server.key": 0o600, "weir.db": 0o600} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(data, SocketName)); !os.IsNotExist(err) {
		t.Errorf("the socket is left behind: %v", err)
	}
}

// What the last engine left behind tells whether deliveries are in doubt.
func TestUnclean(t *testing.T) {
	data := t.TempDir()
	open := func() *dataDir {
		t.Helper()
		d, err := openData(data)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := open()
	if d.unclean {
		t.Error("a new directory is in doubt")
	}
	if err := os.WriteFile(d.file(storeFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d.close(false)
	if d = open(); !d.unclean {
		t.Error("an engine that did not stop in order left no doubt")
	}
	if _, err := openData(data); err == nil || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("a second engine on the same data: %v", err)
	}
	d.close(true)
	if d = open(); d.unclean {
		t.Error("an engine that stopped in order left doubt")
	}
	d.close(true)
}

// Dependencies come first, circles last, and what is not there does not count.
func TestTiers(t *testing.T) {
	channel := func(id string, depends ...string) *deployed {
		return &deployed{config: weir.Channel{ID: id, Depends: depends}}
	}
	var got []string
	for _, tier := range tiers([]*deployed{
		channel("c", "b"), channel("b", "a", "gone"), channel("a"), channel("d"), channel("x", "y"), channel("y", "x"),
	}) {
		var ids []string
		for _, d := range tier {
			ids = append(ids, d.config.ID)
		}
		got = append(got, strings.Join(ids, ""))
	}
	if want := "ad b c xy"; strings.Join(got, " ") != want {
		t.Errorf("tiers are %v, want %s", got, want)
	}
}

// Two channels of one id or name: the first runs, the second says so. A broken
// file hurts none of the others.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	xml, err := os.ReadFile(filepath.Join("..", "examples", "channels", "adt-to-folder.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"1.xml": string(xml), "2.xml": string(xml), "broken.xml": "<channel><id>", "notes.txt": "not read",
		"3.properties": "# where results go\nlab.host = 10.0.0.1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := ReadChannels(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Channels) != 1 || set.Configuration["lab.host"] != "10.0.0.1" {
		t.Errorf("%d channels, configuration %v", len(set.Channels), set.Configuration)
	}
	var texts []string
	for _, p := range set.Problems {
		texts = append(texts, filepath.Base(p.File)+": "+p.Text)
	}
	all := strings.Join(texts, "\n")
	if !strings.Contains(all, "2.xml: channel ADT to folder is already in") || !strings.Contains(all, "broken.xml: ") {
		t.Errorf("problems:\n%s", all)
	}
}

// The API finds channels by name and id, and says what it does not know.
func TestAPI(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	xml, err := os.ReadFile(filepath.Join("..", "examples", "channels", "adt-to-folder.xml"))
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(freeAddr(t))
	text := strings.Replace(string(xml), "<port>6661</port>", "<port>"+port+"</port>", 1)
	if err := os.WriteFile(filepath.Join(dir, "a.xml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, client, _ := run(t, Options{Data: data, Channels: dir, Listen: "none"})
	ctx := t.Context()
	list, err := client.Channels(ctx)
	if err != nil || len(list) != 1 || list[0].State != "STARTED" {
		t.Fatalf("%+v, %v", list, err)
	}
	state := func() string {
		t.Helper()
		list, err := client.Channels(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return list[0].State
	}
	for _, step := range []struct{ action, want string }{
		{"pause", "PAUSED"}, {"start", "STARTED"}, {"stop", "STOPPED"}, {"start", "STARTED"},
		{"halt", "STOPPED"}, {"deploy", "STARTED"}, {"undeploy", "UNDEPLOYED"}, {"start", "STARTED"},
	} {
		if err := client.Control(ctx, list[0].Name, step.action); err != nil {
			t.Errorf("%s: %v", step.action, err)
		}
		if got := state(); got != step.want {
			t.Errorf("after %s the channel is %s, want %s", step.action, got, step.want)
		}
	}
	tested, err := client.Test(ctx, list[0].Name, "")
	if err != nil || len(tested) != 2 || !tested[0].OK || !strings.Contains(tested[0].Text, "The channel is started and has the port") || !tested[1].OK {
		t.Errorf("tested %+v, %v", tested, err)
	}
	if err := client.Control(ctx, list[0].Name, "stop"); err != nil {
		t.Fatal(err)
	}
	if tested, err = client.Test(ctx, list[0].ID, "Source"); err != nil || len(tested) != 1 || !tested[0].OK || !strings.Contains(tested[0].Text, "is free") {
		t.Errorf("tested %+v, %v", tested, err)
	}
	taken, err := net.Listen("tcp", "0.0.0.0:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if tested, err = client.Test(ctx, list[0].ID, "Source"); err != nil || len(tested) != 1 || tested[0].OK ||
		!strings.Contains(tested[0].Text, "ADT to folder, Source: listenerConnectorProperties.port: ") || !strings.Contains(tested[0].Text, "Another channel") {
		t.Errorf("tested %+v, %v", tested, err)
	}
	for want, err := range map[string]error{
		`unknown connector "nowhere"`:   second(client.Test(ctx, list[0].Name, "nowhere")),
		`unknown channel "nobody"`:      client.Control(ctx, "nobody", "start"),
		"there is nothing at":           client.Control(ctx, list[0].Name, "dance"),
		"no status":                     second(client.Messages(ctx, list[0].ID, api.MessageQuery{Status: []string{"LOST"}})),
		"unknown message 99 in channel": second(client.Message(ctx, list[0].ID, 99)),
		`unknown attachment "a/b" of`:   second(client.Attachment(ctx, list[0].ID, 1, "a/b")),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }
