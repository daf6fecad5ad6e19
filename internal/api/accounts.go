package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir/internal/audit"
	"github.com/weir-health/weir/internal/auth"
)

// Account is a user as others see it.
type Account struct {
	ID          int               `json:"id"`
	Name        string            `json:"name"`
	Roles       []string          `json:"roles"`
	Fields      map[string]string `json:"fields,omitempty"` // e-mail, first name and so on
	HasPassword bool              `json:"hasPassword"`
	LoggedIn    bool              `json:"loggedIn"`
	LastLogin   *time.Time        `json:"lastLogin,omitempty"`
	Failures    int               `json:"failures,omitempty"`  // log-ins that failed since one succeeded
	LockedFor   int               `json:"lockedFor,omitempty"` // seconds in which log-ins are refused
}

// Caller is who asks.
type Caller struct {
	Name        string   `json:"name"`
	Roles       []string `json:"roles"`
	Permissions []string `json:"permissions"`
}

// Login is what one logs in with.
type Login struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// NewUser is an account that is to be made.
type NewUser struct {
	Name     string            `json:"name"`
	Roles    []string          `json:"roles"`
	Password string            `json:"password,omitempty"` // without one nobody logs in yet
	Fields   map[string]string `json:"fields,omitempty"`
}

// Password is a new one.
type Password struct {
	Current  string `json:"current,omitempty"` // to change one's own
	Password string `json:"password"`
}

// RoleNames are roles of an account.
type RoleNames struct {
	Roles []string `json:"roles"`
}

// Role is what a role permits.
type Role struct {
	Name        string   `json:"name"`
	Text        string   `json:"text"`
	Permissions []string `json:"permissions"`
}

// NewToken is a token that is to be made.
type NewToken struct {
	Name string `json:"name"`
	Role string `json:"role"`
	Days int    `json:"days,omitempty"` // until it expires; 0 is 90
}

// Token is a token as it is listed, and with its text when it was just made.
type Token struct {
	Name    string     `json:"name"`
	Role    string     `json:"role"`
	By      string     `json:"by,omitempty"`
	Made    time.Time  `json:"made"`
	Expires time.Time  `json:"expires"`
	Used    *time.Time `json:"used,omitempty"`
	Token   string     `json:"token,omitempty"`
}

// Event is an entry of the audit trail.
type Event struct {
	ID         int64             `json:"id"`
	Time       time.Time         `json:"time"`
	Level      string            `json:"level"`
	Name       string            `json:"name"`
	Outcome    string            `json:"outcome"`
	Who        string            `json:"who,omitempty"`
	Address    string            `json:"address,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Hash       string            `json:"hash"`
}

// EventQuery selects events, newest first.
type EventQuery struct {
	Before int64     `query:"before" doc:"Ids below it: where the last page ended."`
	Limit  int       `query:"limit" doc:"At most so many; without it 100."`
	Name   string    `query:"name" doc:"A part of the name, in upper or lower case."`
	Who    string    `query:"who" doc:"A part of who it was, in upper or lower case."`
	Text   string    `query:"text" doc:"A part of an attribute, in upper or lower case."`
	Failed bool      `query:"failed" doc:"Only what failed or was refused."`
	Since  time.Time `query:"since" doc:"Then or later."`
	Until  time.Time `query:"until" doc:"Before."`
}

func (c *call) login(_ none, l Login) (Caller, error) {
	u, err := c.accounts.Login(c.r.Context(), l.Name, l.Password, c.address())
	if err != nil {
		c.note("username", l.Name)
		if _, locked := errors.AsType[*auth.LockedError](err); locked {
			err = invalid{http.StatusTooManyRequests, err}
		}
		return Caller{}, err
	}
	c.user = u
	http.SetCookie(c.w, &http.Cookie{Name: CookieName, Value: c.accounts.Begin(u), Path: "/api", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return c.me(none{}, none{})
}

func (c *call) logout(none, none) (none, error) {
	c.accounts.End(c.session)
	http.SetCookie(c.w, &http.Cookie{Name: CookieName, Path: "/api", Secure: true, HttpOnly: true, MaxAge: -1})
	return none{}, nil
}

func (c *call) me(none, none) (Caller, error) {
	who := Caller{Name: c.user.Name, Roles: c.user.Roles}
	for _, p := range auth.Permissions {
		if c.may(p.Name) {
			who.Permissions = append(who.Permissions, p.Name)
		}
	}
	return who, nil
}

func (c *call) ownPassword(_ none, p Password) (none, error) {
	if c.user.ID == 0 {
		return none{}, errors.New("who asks has no account, and no password")
	}
	if _, err := c.accounts.Login(c.r.Context(), c.user.Name, p.Current, c.address()); err != nil {
		return none{}, err
	}
	return none{}, c.accounts.SetPassword(c.r.Context(), c.user.ID, p.Password, c.session)
}

func (c *call) account(u *auth.User) Account {
	failures, _ := c.accounts.Failures(u.Name)
	a := Account{ID: u.ID, Name: u.Name, Roles: u.Roles, Fields: u.Fields, HasPassword: u.Hash != "", LoggedIn: c.accounts.LoggedIn(u.ID),
		Failures: failures, LockedFor: int(c.accounts.Waits(u.Name).Round(time.Second) / time.Second)}
	if !u.LastLogin.IsZero() {
		a.LastLogin = &u.LastLogin
	}
	return a
}

func (c *call) roles(none, none) (list []Role, err error) {
	for _, r := range auth.Roles {
		list = append(list, Role(r))
	}
	return list, nil
}

func (c *call) users(none, none) ([]Account, error) {
	list := []Account{}
	for _, u := range c.accounts.Users() {
		list = append(list, c.account(u))
	}
	return list, nil
}

// pathUser is the account that the path names.
func (c *call) pathUser() (*auth.User, error) {
	name := c.r.PathValue("user")
	if u := c.accounts.ByName(name); u != nil {
		return u, nil
	}
	return nil, fmt.Errorf("%w %q", auth.ErrUnknown, name)
}

func (c *call) getUser(none, none) (Account, error) {
	u, err := c.pathUser()
	if err != nil {
		return Account{}, err
	}
	return c.account(u), nil
}

func (c *call) addUser(_ none, n NewUser) (Account, error) {
	c.note("user", n.Name)
	c.note("roles", strings.Join(n.Roles, ", "))
	if err := c.accounts.Give(c.user, n.Roles); err != nil {
		return Account{}, err
	}
	if weak := auth.Weak(n.Password); n.Password != "" && len(weak) > 0 {
		return Account{}, errors.New(strings.Join(weak, " "))
	}
	u, err := c.accounts.Add(n.Name, n.Fields, n.Roles...)
	if err != nil {
		return Account{}, err
	}
	if n.Password != "" {
		if err := c.accounts.SetPassword(c.r.Context(), u.ID, n.Password, ""); err != nil {
			return Account{}, err
		}
	}
	return c.account(c.accounts.ByID(u.ID)), nil
}

func (c *call) removeUser(none, none) (none, error) {
	u, err := c.pathUser()
	if err != nil {
		return none{}, err
	}
	if u.ID == c.user.ID {
		return none{}, errors.New("you cannot remove yourself")
	}
	return none{}, c.accounts.Remove(u.ID)
}

func (c *call) setRoles(_ none, r RoleNames) (none, error) {
	c.note("roles", strings.Join(r.Roles, ", "))
	u, err := c.pathUser()
	if err == nil {
		err = c.accounts.Give(c.user, r.Roles)
	}
	if err != nil {
		return none{}, err
	}
	return none{}, c.accounts.SetRoles(u.ID, r.Roles)
}

func (c *call) setPassword(_ none, p Password) (none, error) {
	u, err := c.pathUser()
	if err == nil {
		err = c.accounts.Give(c.user, u.Roles) // or one could become another who may more
	}
	if err != nil {
		return none{}, err
	}
	return none{}, c.accounts.SetPassword(c.r.Context(), u.ID, p.Password, c.session)
}

func (c *call) unlock(none, none) (none, error) {
	u, err := c.pathUser()
	if err != nil {
		return none{}, err
	}
	c.accounts.Unlock(u.Name)
	return none{}, nil
}

func tokenOf(t *auth.Token) Token {
	out := Token{Name: t.Name, Role: t.Role, By: t.By, Made: t.Made, Expires: t.Expires}
	if !t.Used.IsZero() {
		out.Used = &t.Used
	}
	return out
}

func (c *call) tokens(none, none) ([]Token, error) {
	list := []Token{}
	for _, t := range c.accounts.Tokens() {
		list = append(list, tokenOf(t))
	}
	return list, nil
}

func (c *call) makeToken(_ none, n NewToken) (Token, error) {
	c.note("token", n.Name)
	c.note("role", n.Role)
	if err := c.accounts.Give(c.user, []string{n.Role}); err != nil {
		return Token{}, err
	}
	if n.Days < 0 || n.Days > int(auth.MaxTokenLife/(24*time.Hour)) {
		return Token{}, fmt.Errorf("a token lives up to %d days", auth.MaxTokenLife/(24*time.Hour))
	}
	t, text, err := c.accounts.MakeToken(n.Name, n.Role, c.user.Name, time.Duration(n.Days)*24*time.Hour)
	if err != nil {
		return Token{}, err
	}
	out := tokenOf(t)
	out.Token = text
	return out, nil
}

func (c *call) removeToken(none, none) (none, error) {
	return none{}, c.accounts.RemoveToken(c.r.PathValue("token"))
}

func (c *call) events(q EventQuery, _ none) ([]Event, error) {
	if q.Limit == 0 {
		q.Limit = 100
	}
	part := func(text, of string) bool {
		return of == "" || strings.Contains(strings.ToLower(text), strings.ToLower(of))
	}
	found, _, err := c.trail.Find(func(e *audit.Event) bool {
		return (q.Before == 0 || e.ID < q.Before) && part(e.Name, q.Name) && part(c.whoOf(e), q.Who) && (!q.Failed || e.Outcome == audit.Failure) &&
			(q.Since.IsZero() || !e.Time.Before(q.Since)) && (q.Until.IsZero() || e.Time.Before(q.Until)) &&
			(q.Text == "" || slices.ContainsFunc(e.Attributes, func(a audit.Attribute) bool { return part(a.Value, q.Text) }))
	}, 0, min(q.Limit, MaxLimit))
	list := []Event{}
	for i := range found {
		e := &found[i]
		out := Event{ID: e.ID, Time: e.Time, Level: e.Level, Name: e.Name, Outcome: e.Outcome, Who: c.whoOf(e), Address: e.Address, Hash: e.Hash}
		for _, a := range e.Attributes {
			if out.Attributes == nil {
				out.Attributes = map[string]string{}
			}
			out.Attributes[a.Name] = a.Value
		}
		list = append(list, out)
	}
	return list, err
}

// whoOf names who did something; older events have the number of the account alone.
func (c *call) whoOf(e *audit.Event) string {
	if e.Who != "" || e.UserID == 0 {
		return e.Who
	}
	if u := c.accounts.ByID(e.UserID); u != nil {
		return u.Name
	}
	return "account " + strconv.Itoa(e.UserID)
}

// Users lists the accounts.
func (c *Client) Users(ctx context.Context) (list []Account, err error) {
	err = c.do(ctx, "GET", "/users", &list)
	return list, err
}

// AddUser makes an account.
func (c *Client) AddUser(ctx context.Context, n NewUser) (a Account, err error) {
	err = c.post(ctx, "POST", "/users", n, &a)
	return a, err
}

// RemoveUser removes an account.
func (c *Client) RemoveUser(ctx context.Context, name string) error {
	return c.do(ctx, "DELETE", userPath(name), nil)
}

// SetRoles gives an account other roles.
func (c *Client) SetRoles(ctx context.Context, name string, roles []string) error {
	return c.post(ctx, "PUT", userPath(name)+"/roles", RoleNames{roles}, nil)
}

// SetPassword gives an account another password.
func (c *Client) SetPassword(ctx context.Context, name, password string) error {
	return c.post(ctx, "PUT", userPath(name)+"/password", Password{Password: password}, nil)
}

// Unlock lets an account log in at once after failures.
func (c *Client) Unlock(ctx context.Context, name string) error {
	return c.do(ctx, "POST", userPath(name)+"/unlock", nil)
}

func userPath(name string) string { return "/users/" + url.PathEscape(name) }

// Roles lists the roles.
func (c *Client) Roles(ctx context.Context) (list []Role, err error) {
	err = c.do(ctx, "GET", "/roles", &list)
	return list, err
}

// Tokens lists the tokens.
func (c *Client) Tokens(ctx context.Context) (list []Token, err error) {
	err = c.do(ctx, "GET", "/tokens", &list)
	return list, err
}

// MakeToken makes a token, whose text is told this once.
func (c *Client) MakeToken(ctx context.Context, n NewToken) (t Token, err error) {
	err = c.post(ctx, "POST", "/tokens", n, &t)
	return t, err
}

// RemoveToken removes a token.
func (c *Client) RemoveToken(ctx context.Context, name string) error {
	return c.do(ctx, "DELETE", "/tokens/"+url.PathEscape(name), nil)
}

// Events lists events of the audit trail.
func (c *Client) Events(ctx context.Context, q EventQuery) (list []Event, err error) {
	err = c.do(ctx, "GET", "/events?"+writeQuery(q).Encode(), &list)
	return list, err
}

// AttributeText is what an event says, in one line.
func (e Event) AttributeText() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
		parts = append(parts, name+"="+e.Attributes[name])
	}
	return strings.Join(parts, " ")
}
