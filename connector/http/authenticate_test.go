package http

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

const httpauth = "com.mirth.connect.plugins.httpauth."

// plugin is an authentication as an export has it.
func plugin(class string, settings ...config.Setting) config.Group {
	return config.Group{{Name: "pluginProperties", Group: config.Group{{Name: httpauth + class, Group: settings}}}}
}

// users is the setting credentials: names and passwords in turn.
func users(pairs ...string) config.Setting {
	out := config.Setting{Name: "credentials"}
	for i := 0; i < len(pairs); i += 2 {
		out.Group = append(out.Group, config.Setting{Name: "entry", Group: config.Group{{Name: "string", Text: pairs[i]}, {Name: "string", Text: pairs[i+1]}}})
	}
	return out
}

func set(name string, items ...string) config.Setting {
	out := config.Setting{Name: name}
	for _, item := range items {
		out.Group = append(out.Group, config.Setting{Name: "item", Text: item})
	}
	return out
}

func TestBasicListener(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e, plugin("basic.BasicHttpAuthProperties", config.Setting{Name: "authType", Text: "BASIC"},
		config.Setting{Name: "realm", Text: `La"b`}, users("north", "secret:ü", "empty", "")))
	kept := 0
	for _, c := range []struct {
		header string
		ok     bool
	}{
		{"", false},
		{"north:secret:ü", true},
		{"north:secret:\xfc", true}, // ISO-8859-1
		{"north:wrong", false},
		{"north:", false},
		{"south:secret:ü", false},
		{"empty:", true},
		{":", false},
		{"north", false},
	} {
		var header []string
		if c.header != "" {
			header = []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(c.header))}
		}
		got := ask(t, "POST", l.url("/"), "m", header...)
		if c.ok {
			kept++
		}
		if (got.StatusCode == 200) != c.ok || !c.ok && (got.StatusCode != 401 || got.Header.Get("WWW-Authenticate") != `Basic realm="La\"b"`) || len(e.Kept()) != kept {
			t.Errorf("%q: %d %q, %d messages", c.header, got.StatusCode, got.Header.Get("WWW-Authenticate"), len(e.Kept()))
		}
	}
}

// Users may come from a variable; without it nobody gets in.
func TestUsersFromVariable(t *testing.T) {
	for _, c := range []struct {
		name   string
		lookup func(string) (any, bool)
		status int
	}{
		{"map", func(name string) (any, bool) { return map[string]any{"u": "p"}, name == "users" }, 200},
		{"other user", func(string) (any, bool) { return map[string]any{"x": "p"}, true }, 401},
		{"missing", func(string) (any, bool) { return nil, false }, 401},
		{"no map", func(string) (any, bool) { return "u", true }, 401},
		{"nothing to look up in", nil, 401},
	} {
		env := new(connectortest.Engine).SourceEnv(t)
		env.Lookup = c.lookup
		l := new(Listener)
		connectortest.Decode(t, l, append(connectortest.Settings(connectortest.Loopback()...), plugin("basic.BasicHttpAuthProperties",
			config.Setting{Name: "isUseCredentialsVariable", Text: "true"}, config.Setting{Name: "credentialsVariable", Text: "users"}, users("u", "p"))...))
		if err := l.Start(connectortest.Context(t), env); err != nil {
			t.Fatal(err)
		}
		got := ask(t, "POST", l.url("/"), "m", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("u:p")))
		if got.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", c.name, got.StatusCode, c.status)
		}
		connectortest.Stop(t, l)
	}
}

// Our sender and our listener understand each other, with each algorithm and
// protection.
func TestDigestListener(t *testing.T) {
	for _, algorithm := range []string{"MD5", "MD5_SESS"} {
		for _, qop := range []string{"AUTH", "AUTH_INT"} {
			e := &connectortest.Engine{}
			l := listen(t, e, plugin("digest.DigestHttpAuthProperties", set("algorithms", algorithm), set("qopModes", qop), users("u", "p")))
			for i, password := range []string{"p", "wrong"} {
				s := sender(t, nil, "host", l.url("/x?a=1"), "useAuthentication", "true", "authenticationType", "Digest", "username", "u", "password", password)
				r, _, err := send(t, s, "body")
				if err != nil || (r.Status == weir.Sent) != (i == 0) || len(e.Kept()) != 1 || e.Texts()[0] != "body" {
					t.Errorf("%s, %s, password %s: %+v, %v, %d messages", algorithm, qop, password, r, err, len(e.Kept()))
				}
			}
		}
	}
}

func TestOAuth2(t *testing.T) {
	verifier := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Authorization") + r.URL.Query().Get("token") {
		case "Bearer good", "good":
		case "moved":
			http.Redirect(w, r, "/login", http.StatusFound)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	})
	gone := serve(t, nil)
	gone.Close()
	for _, c := range []struct {
		name, location, key, url string
		path                     string
		header                   []string
		status                   int
	}{
		{"header", "HEADER", "Authorization", verifier.URL + "/v?a=1", "/", []string{"Authorization", "Bearer good"}, 200},
		{"bad token", "HEADER", "Authorization", verifier.URL, "/", []string{"Authorization", "Bearer bad"}, 401},
		{"no token", "HEADER", "Authorization", verifier.URL, "/", nil, 401},
		{"query", "QUERY", "token", verifier.URL + "/v?a=1", "/?token=good", nil, 200},
		{"query without", "QUERY", "token", verifier.URL, "/", nil, 401},
		{"redirect", "HEADER", "Authorization", verifier.URL, "/", []string{"Authorization", "moved"}, 401},
		{"server down", "HEADER", "Authorization", gone.URL, "/", []string{"Authorization", "Bearer good"}, 503},
	} {
		e := &connectortest.Engine{}
		l := listen(t, e, plugin("oauth2.OAuth2HttpAuthProperties", config.Setting{Name: "tokenLocation", Text: c.location},
			config.Setting{Name: "locationKey", Text: c.key}, config.Setting{Name: "verificationURL", Text: c.url}, config.Setting{Name: "connectorPluginProperties"}))
		got := ask(t, "POST", l.url(c.path), "m", c.header...)
		if got.StatusCode != c.status || got.Header.Get("WWW-Authenticate") != "" || (len(e.Kept()) == 1) != (c.status == 200) {
			t.Errorf("%s: status %d, %d messages; want %d", c.name, got.StatusCode, len(e.Kept()), c.status)
		}
	}
}

// An authentication that is not available is never left out.
func TestAuthenticationRefused(t *testing.T) {
	none := config.Setting{Name: httpauth + "NoneHttpAuthProperties"}
	basic := config.Setting{Name: httpauth + "basic.BasicHttpAuthProperties"}
	for _, c := range []struct {
		name    string
		plugins config.Group
		ok      bool
	}{
		{"none", config.Group{none}, true},
		{"other extensions", config.Group{{Name: "com.example.Ssl"}, basic}, true},
		{"script", config.Group{{Name: httpauth + "javascript.JavaScriptHttpAuthProperties"}}, true},
		{"custom", config.Group{{Name: httpauth + "custom.CustomHttpAuthProperties"}}, false},
		{"from the future", config.Group{{Name: httpauth + "x.PasskeyHttpAuthProperties"}}, false},
		{"two", config.Group{none, basic}, false},
		{"broken", config.Group{{Name: httpauth + "oauth2.OAuth2HttpAuthProperties", Group: config.Group{{Name: "tokenLocation", Text: "X"}}}}, false},
		{"no address", config.Group{{Name: httpauth + "oauth2.OAuth2HttpAuthProperties"}}, false},
	} {
		l := new(Listener)
		connectortest.Decode(t, l, append(connectortest.Settings(connectortest.Loopback()...), config.Setting{Name: "pluginProperties", Group: c.plugins}))
		err := l.Start(connectortest.Context(t), new(connectortest.Engine).SourceEnv(t))
		if c.ok && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			connectortest.Stop(t, l)
		}
		if !c.ok {
			connectortest.CheckFault(t, err)
		}
	}
}

// A script sees the request and decides; what it says of headers is in the answer.
func TestScriptListener(t *testing.T) {
	e := &connectortest.Engine{RunFor: func(_ context.Context, name string, about map[string]any) (any, error) {
		header := func(name string) string { text, _ := about["headers"].(*weir.MultiMap).Get(name); return text }
		who, _ := about["parameters"].(*weir.MultiMap).Get("who")
		if about["method"] != "POST" || about["remoteAddress"] != "127.0.0.1" || about["uri"] != "/x?who="+who || header("Host") == "" {
			t.Errorf("the script %s sees %v", name, about)
		}
		switch header("X-Key") {
		case "yes":
			return &weir.Authentication{Status: "SUCCESS", Username: "north"}, nil
		case "true":
			return "true", nil
		case "ask":
			return &weir.Authentication{Status: "CHALLENGED", Headers: map[string][]string{"WWW-Authenticate": {`Key realm="lab"`}, "X-More": {"a", "b\r\nX-Evil: c"}, "no name": {"x"}}}, nil
		case "false":
			return "false", nil
		case "nothing":
			return nil, nil
		case "throws":
			return nil, errors.New("no")
		}
		return &weir.Authentication{Status: "FAILURE"}, nil
	}}
	l := listen(t, e, plugin("javascript.JavaScriptHttpAuthProperties", config.Setting{Name: "authType", Text: "JAVASCRIPT"}, config.Setting{Name: "script", Text: "return true"}))
	if scripts := l.Scripts(); len(scripts) != 1 || scripts[0].Code != "return true" || scripts[0].Context != weir.AuthenticationContext {
		t.Errorf("scripts %+v", scripts)
	}
	for _, c := range []struct {
		key       string
		status    int
		challenge string
	}{
		{"yes", 200, ""}, {"true", 200, ""}, {"ask", 401, `Key realm="lab"`}, {"no", 401, ""}, {"false", 401, ""}, {"nothing", 401, ""}, {"throws", 500, ""},
	} {
		got := ask(t, "POST", l.url("/x?who=north"), "m", "X-Key", c.key)
		if got.StatusCode != c.status || got.Header.Get("WWW-Authenticate") != c.challenge || got.Header.Get("X-Evil") != "" {
			t.Errorf("%s: %d with %q, want %d", c.key, got.StatusCode, got.Header, c.status)
		}
		if c.status == 401 && got.body != "The sender is not known.\n" {
			t.Errorf("%s: the body is %q", c.key, got.body)
		}
	}
	if n := len(e.Kept()); n != 2 {
		t.Errorf("%d messages were kept, want 2", n)
	}
}

// What cannot authenticate is refused by name, with what to use instead.
func TestCustomListener(t *testing.T) {
	l := new(Listener)
	connectortest.Decode(t, l, append(connectortest.Settings(connectortest.Loopback()...),
		plugin("custom.CustomHttpAuthProperties", config.Setting{Name: "authenticatorClass", Text: "org.example.Tokens"})...))
	err := l.Start(t.Context(), (&connectortest.Engine{}).SourceEnv(t))
	connectortest.CheckFault(t, err)
	if err == nil || !strings.Contains(err.Error(), "org.example.Tokens") || !strings.Contains(err.Error(), "JavaScript") {
		t.Errorf("%v", err)
	}
}
