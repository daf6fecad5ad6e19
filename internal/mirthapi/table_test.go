package mirthapi

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/audit"
	"github.com/weir-health/weir/internal/auth"
	"github.com/weir-health/weir/internal/mirth"
)

// Every route says what it needs; those that need no log-in are three.
func TestEveryRouteHasAPermission(t *testing.T) {
	open := ""
	seen := map[string]bool{}
	for _, rt := range table {
		if rt.permission == "" || rt.operation == "" || rt.do == nil {
			t.Errorf("%s %s has no permission, operation or handler", rt.method, rt.path)
		}
		if rt.permission != public && rt.permission != anyone && !slices.ContainsFunc(auth.Permissions, func(p auth.Permission) bool { return p.Name == rt.permission }) {
			t.Errorf("%s %s needs %s, which is no permission", rt.method, rt.path, rt.permission)
		}
		if rt.permission == public {
			open += rt.method + " " + rt.path + "\n"
		}
		if key := rt.method + " " + rt.path; seen[key] {
			t.Errorf("%s is there twice", key)
		} else {
			seen[key] = true
		}
	}
	if want := "POST /users/_login\nGET /server/version\nGET /server/status\n"; open != want {
		t.Errorf("open to all:\n%swant:\n%s", open, want)
	}
}

// body fails the test when it is read: nothing of a body is looked at before the
// log-in.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("a body was read before the log-in")
	return 0, http.ErrBodyReadAfterClose
}

// Without a session, and with one that permits nothing, every route is refused
// before anything of the request is read. There is no engine: a handler that ran
// would panic.
func TestEveryRouteIsClosed(t *testing.T) {
	dir := t.TempDir()
	accounts, err := auth.Open(filepath.Join(dir, "accounts.json"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	trail, err := audit.Open(filepath.Join(dir, "audit.log"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer trail.Close()
	a := New(nil, accounts, trail, slog.New(slog.DiscardHandler), time.Now)
	for _, rt := range table {
		if rt.permission == public {
			continue
		}
		for _, prefix := range []string{"/api", "/api/4.5.2", "/api/3.12.0"} {
			for _, slash := range []string{"", "/"} {
				path := prefix + strings.NewReplacer("{", "", "}", "").Replace(rt.path) + slash
				r := httptest.NewRequest(rt.method, path, unread{t})
				r.Header.Set("X-Requested-With", "x")
				r.AddCookie(&http.Cookie{Name: cookieName, Value: "invented"})
				w := httptest.NewRecorder()
				if a.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
					t.Errorf("%s %s: %d", rt.method, path, w.Code)
				}
			}
		}
		c := &call{API: a, route: &rt, r: httptest.NewRequest(rt.method, "/api/x", unread{t}), w: httptest.NewRecorder(), user: &auth.User{ID: 1, Name: "x"}}
		if rt.permission == anyone {
			continue
		}
		if c.serve(); c.w.(*httptest.ResponseRecorder).Code != http.StatusForbidden {
			t.Errorf("%s %s is open to an account without roles", rt.method, rt.path)
		}
	}
}

// A route without a permission is nobody's, an administrator's neither.
func TestRouteWithoutPermission(t *testing.T) {
	dir := t.TempDir()
	accounts, _ := auth.Open(filepath.Join(dir, "accounts.json"), time.Now)
	trail, err := audit.Open(filepath.Join(dir, "audit.log"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer trail.Close()
	w := httptest.NewRecorder()
	c := &call{API: New(nil, accounts, trail, slog.New(slog.DiscardHandler), time.Now), route: &route{method: "GET", operation: "forgotten"},
		r: httptest.NewRequest("GET", "/api/x", nil), w: w, user: &auth.User{ID: 1, Roles: []string{auth.Administrator}}}
	if c.serve(); w.Code != http.StatusForbidden {
		t.Errorf("status %d", w.Code)
	}
}

func TestJSON(t *testing.T) {
	for _, c := range []struct{ xml, json string }{
		{"<boolean>true</boolean>", `{"boolean":true}`}, {"<set/>", `{"set":null}`}, {"<a></a>", `{"a":null}`},
		{"<list><user><id>1</id></user></list>", `{"list":{"user":{"id":1}}}`},
		{"<list><string>a</string><string>007</string></list>", `{"list":{"string":["a","007"]}}`},
		{`<channel version="4.5.2"><id>x</id></channel>`, `{"channel":{"@version":"4.5.2","id":"x"}}`},
		{`<t encoding="base64">TVNI</t>`, `{"t":{"@encoding":"base64","$":"TVNI"}}`},
		{"<map><entry><string>k</string><string>v</string></entry><entry><string>k2</string><int>5</int></entry></map>",
			`{"map":{"entry":[{"string":["k","v"]},{"string":"k2","int":5}]}}`},
		{"<x>a &lt;b&gt; &quot;c&quot;</x>", `{"x":"a <b> \"c\""}`},
	} {
		n, err := mirth.ParseDocument([]byte(c.xml), MaxBody)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(toJSON(n)); got != c.json {
			t.Errorf("%s\n got %s\nwant %s", c.xml, got, c.json)
		}
		back, err := fromJSON([]byte(c.json))
		if err != nil || !same(n, back) {
			t.Errorf("%s back: %v", c.json, err)
		}
	}
	for _, bad := range []string{"", "1", "[]", "{}", `{"a":1,"b":2}`, `{"a><b":1}`, `{"a":1}{`, `{"a":[1,2]}`, strings.Repeat(`{"a":`, 1000), strings.Repeat(`[`, 100000)} {
		if n, err := fromJSON([]byte(bad)); err == nil {
			t.Errorf("%.40q is read as %s", bad, n.Bytes())
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"map":{"entry":[{"string":["k","v"]},{"@a":"b","$":5}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := fromJSON(data)
		if err != nil {
			return
		}
		if _, err := mirth.ParseDocument(n.Bytes(), MaxWhole); err != nil {
			t.Errorf("%q became %q: %v", data, n.Bytes(), err)
		}
	})
}
