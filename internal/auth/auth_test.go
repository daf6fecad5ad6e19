package auth

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func accounts(t *testing.T) (*Accounts, *clock, string) {
	t.Helper()
	c := &clock{time.Date(2026, 1, 31, 8, 15, 0, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "accounts.json")
	a, err := Open(path, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return a, c, path
}

func TestFirst(t *testing.T) {
	a, c, path := accounts(t)
	token := a.Setup()
	for _, refused := range []struct{ what, password, token string }{
		{"wrong token", "long enough", "x"}, {"no token", "long enough", ""}, {"weak password", "short", token},
	} {
		if _, err := a.First("ada", refused.password, refused.token, false); err == nil {
			t.Errorf("%s: an account was made", refused.what)
		}
	}
	if _, err := a.First("ada", "long enough", token, false); err != nil {
		t.Fatal(err)
	}
	if _, err := a.First("eve", "long enough", token, false); !errors.Is(err, ErrToken) {
		t.Errorf("second use: %v", err)
	}
	if a.Setup() != "" {
		t.Error("there is a link although there is an account")
	}
	again, err := Open(path, c.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Login(t.Context(), "ADA", "long enough", "192.0.2.1"); err != nil {
		t.Errorf("after opening again: %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "long enough") || !strings.Contains(string(data), "$argon2id$") {
		t.Errorf("the file holds %s (%v)", data, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v)", info.Mode(), err)
	}
}

// A delay grows with each failure, also for accounts that there are not, and the
// right password is not looked at meanwhile.
func TestLockout(t *testing.T) {
	a, c, _ := accounts(t)
	if _, err := a.First("ada", "long enough", "", true); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ada", "nobody"} {
		for n := range freeFailures + 1 {
			if _, err := a.Login(t.Context(), name, "wrong password", "192.0.2.1"); !errors.Is(err, ErrWrong) {
				t.Fatalf("%s, failure %d: %v", name, n, err)
			}
		}
		_, err := a.Login(t.Context(), name, "long enough", "192.0.2.2")
		locked, ok := errors.AsType[*LockedError](err)
		if !ok || locked.Wait != firstDelay {
			t.Fatalf("%s: %v", name, err)
		}
	}
	c.at = c.at.Add(firstDelay)
	if _, err := a.Login(t.Context(), "ada", "wrong password", "192.0.2.2"); !errors.Is(err, ErrWrong) {
		t.Fatal(err)
	}
	_, err := a.Login(t.Context(), "ada", "long enough", "192.0.2.2")
	if locked, ok := errors.AsType[*LockedError](err); !ok || locked.Wait != 2*firstDelay {
		t.Fatalf("the second delay: %v", err)
	}
	c.at = c.at.Add(2 * firstDelay)
	if _, err := a.Login(t.Context(), "ada", "long enough", "192.0.2.2"); err != nil {
		t.Error(err)
	}
	if n, _ := a.Failures("ada"); n != 0 {
		t.Errorf("%d failures after a log-in", n)
	}
}

func TestSessions(t *testing.T) {
	a, c, _ := accounts(t)
	u, err := a.First("ada", "long enough", "", true)
	if err != nil {
		t.Fatal(err)
	}
	one, other := a.Begin(u), a.Begin(u)
	if a.Session(one) == nil || a.Session("") != nil || a.Session(one+"x") != nil {
		t.Fatal("a session is known by its token alone")
	}
	if err := a.SetPassword(t.Context(), u.ID, "another password", one); err != nil {
		t.Fatal(err)
	}
	if a.Session(one) == nil || a.Session(other) != nil {
		t.Error("a new password ends the other sessions")
	}
	if _, err := a.Login(t.Context(), "ada", "long enough", "192.0.2.1"); !errors.Is(err, ErrWrong) {
		t.Errorf("the old password: %v", err)
	}
	c.at = c.at.Add(SessionIdle + time.Second)
	if a.Session(one) != nil {
		t.Error("an idle session goes on")
	}
	long := a.Begin(u)
	for range 20 {
		c.at = c.at.Add(SessionIdle - time.Hour)
		a.Session(long)
	}
	if a.Session(long) != nil {
		t.Error("a session has no end")
	}
	ended := a.Begin(u)
	a.End(ended)
	if a.Session(ended) != nil {
		t.Error("a session goes on after its end")
	}
}

func TestMay(t *testing.T) {
	a, _, _ := accounts(t)
	for _, c := range []struct {
		roles      []string
		permission string
		want       bool
	}{
		{[]string{Administrator}, "manageUsers", true}, {[]string{Administrator}, "", false},
		{[]string{"monitor"}, "viewDashboard", true}, {[]string{"monitor"}, "viewMessages", false}, {[]string{"monitor"}, LoggedIn, true},
		{[]string{"unheard of"}, "viewDashboard", false}, {nil, "viewDashboard", false},
	} {
		if got := a.May(&User{Roles: c.roles}, c.permission); got != c.want {
			t.Errorf("May(%v, %q) = %t", c.roles, c.permission, got)
		}
	}
	if a.May(nil, LoggedIn) {
		t.Error("nobody is logged in")
	}
}

// A hash whose cost was changed in the file takes neither all memory nor for ever.
func TestVerifyRefuses(t *testing.T) {
	good := hashPassword("a password")
	if ok, old := verify(good, "a password"); !ok || old {
		t.Fatal("a hash does not fit its password")
	}
	for _, bad := range []string{"", "$", "plain", strings.Replace(good, "m=19456", "m=99999999", 1), strings.Replace(good, "t=2", "t=99999", 1),
		strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "p=1", "p=0", 1)} {
		if ok, _ := verify(bad, "a password"); ok {
			t.Errorf("%q fits", bad)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$AAAA")
	f.Fuzz(func(t *testing.T, hash string) {
		if strings.Contains(hash, "m=") && len(hash) > 60 {
			return // a real cost would only slow this down
		}
		if ok, _ := verify(hash, "a password that nobody has"); ok {
			t.Errorf("%q fits", hash)
		}
	})
}

// Of several files all are replaced or, while the new ones are being written, none.
func TestWriteFiles(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	read := func(name string) string {
		data, _ := os.ReadFile(in(name))
		return string(data)
	}
	if err := WriteFiles(map[string][]byte{in("a"): []byte("1"), in("b/c"): []byte("2"), in("none"): nil}); err != nil || read("a")+read("b/c") != "12" {
		t.Fatal(err, read("a"), read("b/c"))
	}
	if err := WriteFiles(map[string][]byte{in("a"): []byte("new"), in("a/below-a-file"): []byte("x")}); err == nil || read("a") != "1" {
		t.Errorf("%v; a is %q", err, read("a"))
	}
	if err := WriteFiles(map[string][]byte{in("a"): nil, in("b/c"): []byte("3")}); err != nil || read("b/c") != "3" {
		t.Error(err)
	}
	if _, err := os.Stat(in("a")); !os.IsNotExist(err) {
		t.Error("a file that is nil stays")
	}
}
