package api

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/audit"
	"github.com/weir-health/weir/internal/auth"
)

// doors is an API without an engine: a handler that ran would panic.
func doors(t *testing.T) (*API, *auth.Accounts) {
	t.Helper()
	dir := t.TempDir()
	accounts, err := auth.Open(filepath.Join(dir, "accounts.json"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	trail, err := audit.Open(filepath.Join(dir, "audit.log"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { trail.Close() })
	return New(nil, accounts, trail, slog.New(slog.DiscardHandler)), accounts
}

// unread fails the test when it is read: nothing of a body is looked at before it
// is known who sends it, and that he may.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("a body was read before the permission")
	return 0, io.ErrUnexpectedEOF
}

// ask sends a request with a token.
func ask(a *API, method, path, token string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, Base+path, body)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	a.Web().ServeHTTP(w, r)
	return w
}

// Every route has a permission that is there; without a token, and with one that
// does not permit it, none is served.
func TestEveryRouteIsClosed(t *testing.T) {
	a, accounts := doors(t)
	tokens := map[string]string{}
	for _, r := range auth.Roles {
		_, text, err := accounts.MakeToken(r.Name, r.Name, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		tokens[r.Name] = text
	}
	var open []string
	for _, rt := range routes() {
		path := strings.NewReplacer("{id}", "1", "{", "", "}", "").Replace(rt.path)
		switch {
		case rt.permission == public:
			open = append(open, rt.method+" "+rt.path)
			continue
		case rt.permission != anyone && !slices.ContainsFunc(auth.Permissions, func(p auth.Permission) bool { return p.Name == rt.permission }):
			t.Errorf("%s %s needs %q, which is no permission", rt.method, rt.path, rt.permission)
		}
		for _, token := range []string{"", "invented", "weir_invented"} {
			if w := ask(a, rt.method, path, token, unread{t}); w.Code != http.StatusUnauthorized {
				t.Errorf("%s %s with token %q: %d", rt.method, rt.path, token, w.Code)
			}
		}
		for role, token := range tokens {
			if rt.permission == anyone || accounts.May(&auth.User{Roles: []string{role}}, rt.permission) {
				continue
			}
			if w := ask(a, rt.method, path, token, unread{t}); w.Code != http.StatusForbidden {
				t.Errorf("%s %s as %s: %d", rt.method, rt.path, role, w.Code)
			}
		}
	}
	if want := []string{"GET /openapi.json", "POST /session"}; !slices.Equal(open, want) {
		t.Errorf("open to all: %v", open)
	}
}

func TestUnknownPaths(t *testing.T) {
	a, accounts := doors(t)
	_, token, err := accounts.MakeToken("x", auth.Administrator, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/nowhere", 404}, {"DELETE", "/users", 405}, {"GET", "/users?nme=x", 400}, {"POST", "/tokens", 415},
		{"GET", "/users/nobody", 404}, {"GET", "/events?before=x", 400},
	} {
		if w := ask(a, c.method, c.path, token, nil); w.Code != c.status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
}

// A session that another page has a browser send is nobody's.
func TestCrossOrigin(t *testing.T) {
	a, accounts := doors(t)
	if _, err := accounts.First("ada", "long enough", "", true); err != nil {
		t.Fatal(err)
	}
	login := httptest.NewRequest("POST", Base+"/session", strings.NewReader(`{"name":"ada","password":"long enough"}`))
	login.Header.Set("Content-Type", typeJSON)
	w := httptest.NewRecorder()
	a.Web().ServeHTTP(w, login)
	if w.Code != 200 || len(w.Result().Cookies()) != 1 {
		t.Fatalf("login: %d %s", w.Code, w.Body)
	}
	for site, status := range map[string]int{"same-origin": 204, "cross-site": 401} {
		r := httptest.NewRequest("POST", Base+"/users/ada/unlock", nil)
		r.AddCookie(w.Result().Cookies()[0])
		r.Header.Set("Sec-Fetch-Site", site)
		got := httptest.NewRecorder()
		if a.Web().ServeHTTP(got, r); got.Code != status {
			t.Errorf("%s: %d %s", site, got.Code, got.Body)
		}
	}
}

// The description has every route, names each thing once, and leads nowhere that
// is not there.
func TestOpenAPI(t *testing.T) {
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]map[string]any
		Components struct{ Schemas map[string]any }
	}
	text := OpenAPI()
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, rt := range routes() {
		op := doc.Paths[rt.path][strings.ToLower(rt.method)]
		if op == nil {
			t.Errorf("%s %s is not described", rt.method, rt.path)
			continue
		}
		id := op["operationId"].(string)
		if ids[id] {
			t.Errorf("two operations are called %s", id)
		}
		ids[id] = true
		for _, name := range rt.parameters() {
			if !strings.Contains(string(text), `"name": "`+name+`"`) {
				t.Errorf("%s %s: the parameter %s is not described", rt.method, rt.path, name)
			}
		}
	}
	count := 0
	for _, methods := range doc.Paths {
		count += len(methods)
	}
	if count != len(ids) || doc.OpenAPI != "3.1.0" {
		t.Errorf("%d operations of %d, version %s", count, len(ids), doc.OpenAPI)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && doc.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")] == nil {
				t.Errorf("%s leads nowhere", ref)
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	var all any
	json.Unmarshal(text, &all)
	walk(all)
	a, _ := doors(t)
	if w := ask(a, "GET", "/openapi.json", "", nil); w.Code != 200 || !json.Valid(w.Body.Bytes()) || w.Body.Len() < len(doc.Paths) {
		t.Errorf("served: %d %.100s", w.Code, w.Body)
	}
}

// What is written is read again as it was.
func TestQuery(t *testing.T) {
	when := time.Date(2026, 3, 10, 14, 0, 0, 123, time.UTC)
	q := actQuery{MessageQuery{Before: 9, Limit: 3, Status: []string{"ERROR", "QUEUED"}, Failed: true, Patient: "a b&c=d", Since: when}, true}
	var got actQuery
	if err := readQuery(writeQuery(q), reflect.ValueOf(&got).Elem()); err != nil || !reflect.DeepEqual(q, got) {
		t.Errorf(" got %+v, %v\nwant %+v", got, err, q)
	}
	for _, bad := range []string{"befor=1", "before=x", "before=-1", "failed=yes", "since=today", "before=1&before=2"} {
		r := httptest.NewRequest("GET", "/?"+bad, nil)
		if err := readQuery(r.URL.Query(), reflect.ValueOf(new(actQuery)).Elem()); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add([]byte(`{"name":"x","role":"viewer","days":1}`))
	f.Add([]byte(`{"name":{"name":[]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(string(data)))
		r.Header.Set("Content-Type", typeJSON)
		c := &call{r: r, w: httptest.NewRecorder(), route: &route{}}
		var n NewToken
		err := c.readBody(reflect.ValueOf(&n).Elem())
		if _, ok := errors.AsType[invalid](err); err != nil && !ok {
			t.Errorf("%q: %v", data, err)
		}
	})
}
