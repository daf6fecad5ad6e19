package auth

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRoles(t *testing.T) {
	a, _, _ := accounts(t)
	for _, c := range []struct {
		role, may, mayNot string
	}{
		{"engineer", "manageChannels viewMessages editGlobalScripts", "manageUsers manageTokens editServerSettings restoreServerConfiguration"},
		{"operator", "startStopChannels reprocessMessages viewMessages", "manageChannels removeMessages deployUndeployChannels manageUsers"},
		{"viewer", "viewMessages viewDashboard", "startStopChannels reprocessMessages viewUsers"},
		{"monitor", "viewDashboard listMessages", "viewMessages viewChannels viewEvents"},
		{"auditor", "viewEvents viewUsers", "viewMessages startStopChannels manageUsers"},
		{"nonsense", "", "viewDashboard"},
	} {
		u := &User{Roles: []string{c.role}}
		for _, p := range strings.Fields(c.may) {
			if !a.May(u, p) {
				t.Errorf("%s may not %s", c.role, p)
			}
		}
		for _, p := range strings.Fields(c.mayNot) {
			if a.May(u, p) {
				t.Errorf("%s may %s", c.role, p)
			}
		}
	}
	if a.May(&User{Roles: []string{Administrator}}, "") || a.May(nil, LoggedIn) {
		t.Error("what has no permission, or no user, is permitted")
	}
	for _, r := range Roles {
		for _, p := range r.Permissions {
			if p != "*" && !slices.ContainsFunc(Permissions, func(known Permission) bool { return known.Name == p }) {
				t.Errorf("role %s has a permission that is not there: %s", r.Name, p)
			}
		}
	}
}

// Nobody gives what he does not have, and an administrator is left.
func TestGive(t *testing.T) {
	a, _, _ := accounts(t)
	first, err := a.First("ada", "long enough", a.Setup(), true)
	if err != nil {
		t.Fatal(err)
	}
	operator, err := a.Add("otto", nil, "operator")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Give(operator, []string{Administrator}); !errors.Is(err, ErrForbidden) {
		t.Errorf("an operator makes administrators: %v", err)
	}
	if err := a.Give(operator, []string{"viewer"}); err != nil {
		t.Errorf("an operator cannot make viewers: %v", err)
	}
	if err := a.Give(first, []string{"nonsense"}); err == nil {
		t.Error("a role that is not there was given")
	}
	if err := a.SetRoles(first.ID, []string{"viewer"}); err == nil {
		t.Error("the last administrator became a viewer")
	}
	if err := a.Remove(first.ID); err == nil {
		t.Error("the last administrator was removed")
	}
	if err := a.SetPassword(t.Context(), operator.ID, "long enough", ""); err != nil {
		t.Fatal(err)
	}
	if err := a.SetRoles(operator.ID, []string{Administrator}); err != nil {
		t.Error(err)
	}
	if err := a.SetRoles(first.ID, []string{"viewer"}); err != nil {
		t.Errorf("with another administrator: %v", err)
	}
	if a.May(a.ByID(first.ID), "manageUsers") {
		t.Error("the role was not taken")
	}
}

func TestTokens(t *testing.T) {
	a, c, path := accounts(t)
	made, text, err := a.MakeToken("deploy", "engineer", "ada", 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []struct {
		what, name, role string
		life             time.Duration
	}{
		{"a name that is taken", "Deploy", "engineer", 0}, {"no name", " ", "engineer", 0}, {"no role", "x", "", 0},
		{"a life too long", "x", "engineer", MaxTokenLife + 1}, {"a life below none", "x", "engineer", -1},
	} {
		if _, _, err := a.MakeToken(wrong.name, wrong.role, "ada", wrong.life); err == nil {
			t.Errorf("%s was accepted", wrong.what)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), text) || !strings.Contains(string(data), made.Hash) {
		t.Errorf("the file holds %s (%v)", data, err)
	}
	if a, err = Open(path, c.now); err != nil {
		t.Fatal(err)
	}
	u := a.Bearer(text)
	if u == nil || u.Name != "token deploy" || !a.May(u, "manageChannels") || a.May(u, "manageUsers") {
		t.Errorf("the token stands for %+v", u)
	}
	if !a.Tokens()[0].Used.Equal(c.at) {
		t.Errorf("used %v", a.Tokens()[0].Used)
	}
	for _, wrong := range []string{"", "weir_", text + "x", text[:len(text)-1], strings.ToUpper(text), made.Hash} {
		if a.Bearer(wrong) != nil {
			t.Errorf("%q stands for somebody", wrong)
		}
	}
	c.at = c.at.Add(24 * time.Hour)
	if a.Bearer(text) != nil {
		t.Error("the token did not expire")
	}
	c.at = c.at.Add(-time.Hour)
	if err := a.RemoveToken("deploy"); err != nil || a.Bearer(text) != nil {
		t.Errorf("the token was not removed (%v)", err)
	}
}

func TestUnlock(t *testing.T) {
	a, _, _ := accounts(t)
	if _, err := a.First("ada", "long enough", a.Setup(), true); err != nil {
		t.Fatal(err)
	}
	for range freeFailures + 3 {
		a.Login(t.Context(), "ada", "wrong", "192.0.2.1")
	}
	if a.Waits("ada") == 0 {
		t.Fatal("the account is not locked")
	}
	a.Unlock("ada")
	if _, err := a.Login(t.Context(), "ada", "long enough", "192.0.2.1"); err != nil {
		t.Error(err)
	}
}
