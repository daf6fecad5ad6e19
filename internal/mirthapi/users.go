//lint:file-ignore ST1005 the sentences are those that Mirth's clients show

package mirthapi

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weir-health/weir/internal/audit"
	"github.com/weir-health/weir/internal/auth"
	"github.com/weir-health/weir/internal/mirth"
)

func (c *call) login() (*reply, error) {
	form, err := c.form()
	if err != nil {
		return nil, err
	}
	name := form.Get("username")
	u, err := c.accounts.Login(c.r.Context(), name, form.Get("password"), c.address())
	if err != nil {
		c.event("Login", audit.Failure, 0, audit.Attribute{Name: "username", Value: name})
		return nil, &failure{status: http.StatusUnauthorized, text: err.Error(), node: loginFailed(err)}
	}
	if err := c.event("Login", audit.Success, u.ID, audit.Attribute{Name: "username", Value: u.Name}); err != nil {
		return nil, err
	}
	c.setCookie(c.accounts.Begin(u))
	return document(loginStatus("SUCCESS", "")), nil
}

// setCookie gives the client its session, or with an empty token takes it away.
func (c *call) setCookie(token string) {
	cookie := &http.Cookie{Name: cookieName, Value: token, Path: c.base, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if token == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(c.w, cookie)
	c.w.Header().Set("Expires", "Thu, 01 Jan 1970 00:00:00 GMT")
}

func loginStatus(status, message string) *mirth.Node {
	return mirth.El("com.mirth.connect.model.LoginStatus", mirth.Leaf("status", status), mirth.Leaf("message", message))
}

func loginFailed(err error) *mirth.Node {
	if locked, ok := errors.AsType[*auth.LockedError](err); ok {
		return loginStatus("FAIL_LOCKED_OUT", "Account is locked: "+locked.Error()+".")
	}
	return loginStatus("FAIL", "Incorrect username or password.")
}

func (c *call) logout() (*reply, error) {
	c.accounts.End(c.token)
	c.setCookie("")
	return nothing, c.event(c.route.title(), audit.Success, c.user.ID)
}

// userFields are what a user has beside id, name and what the engine counts.
var userFields = []string{"email", "firstName", "lastName", "organization", "description", "phoneNumber", "industry",
	"country", "stateTerritory", "role", "userConsent"}

func (c *call) userNode(u *auth.User) *mirth.Node {
	n := mirth.El("user", mirth.IntLeaf("id", int64(u.ID)), mirth.Leaf("username", u.Name))
	field := func(names ...string) {
		for _, name := range names {
			if v, ok := u.Fields[name]; ok {
				n.Add(mirth.Leaf(name, v))
			}
		}
	}
	field("email", "firstName", "lastName", "organization", "description", "phoneNumber", "industry")
	if !u.LastLogin.IsZero() {
		n.Add(calendar("lastLogin", u.LastLogin))
	}
	failures, last := c.accounts.Failures(u.Name)
	n.Add(mirth.IntLeaf("strikeCount", int64(failures)))
	if failures > 0 {
		n.Add(calendar("lastStrikeTime", last))
	}
	field("country", "stateTerritory", "role")
	consent := u.Fields["userConsent"] == "true"
	return n.Add(mirth.BoolLeaf("userConsent", consent))
}

// calendar is a time as Mirth writes it.
func calendar(name string, t time.Time) *mirth.Node {
	return mirth.El(name, mirth.IntLeaf("time", t.UnixMilli()), mirth.Leaf("timezone", zoneName(t)))
}

func zoneName(t time.Time) string {
	if name := t.Location().String(); name != "Local" && name != "" && name != "UTC" {
		return name
	}
	if _, offset := t.Zone(); offset != 0 {
		return t.Format("GMT-07:00")
	}
	return "Etc/UTC"
}

func (c *call) getUsers() (*reply, error) {
	list := mirth.El("list")
	all := c.accounts.May(c.user, "manageUsers")
	for _, u := range c.accounts.Users() {
		if all || u.ID == c.user.ID {
			list.Add(c.userNode(u))
		}
	}
	return document(list), nil
}

func (c *call) getCurrentUser() (*reply, error) { return document(c.userNode(c.user)), nil }

func (c *call) getUser() (*reply, error) {
	u := c.accounts.ByName(c.path["userIdOrName"])
	if u == nil {
		if id, err := strconv.Atoi(c.path["userIdOrName"]); err == nil {
			u = c.accounts.ByID(id)
		}
	}
	if u == nil {
		return nil, refuse(http.StatusNotFound, "Not Found")
	}
	return document(c.userNode(u)), nil
}

// userID reads the id in the path.
func (c *call) pathUser() (*auth.User, error) {
	id, err := strconv.Atoi(c.path["userId"])
	if err == nil {
		if u := c.accounts.ByID(id); u != nil {
			return u, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "Not Found")
}

// sentUser reads a user's name and fields.
func (c *call) sentUser() (name string, fields map[string]string, err error) {
	n, err := c.root("user")
	if err != nil {
		return "", nil, err
	}
	fields = map[string]string{}
	for _, f := range userFields {
		if v := n.At(f); v != nil {
			fields[f] = v.Text
		}
	}
	name = n.TextAt("username")
	if strings.TrimSpace(name) == "" {
		return "", nil, blankName()
	}
	return name, fields, nil
}

// blankName is an error that Mirth gives as bare text.
func blankName() error {
	return &failure{status: http.StatusBadRequest, text: "username cannot be blank.", bare: true}
}

func (c *call) createUser() (*reply, error) {
	name, fields, err := c.sentUser()
	if err != nil {
		return nil, err
	}
	c.note("username", name)
	_, err = c.accounts.Add(name, fields)
	return nothing, err
}

func (c *call) updateUser() (*reply, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	name, fields, err := c.sentUser()
	if err != nil {
		return nil, err
	}
	c.note("username", name)
	return nothing, c.accounts.Update(u.ID, name, fields)
}

// reasons is why a password is not accepted; nothing is that it is.
func reasons(list []string) *reply {
	if len(list) == 0 {
		return nothing
	}
	n := mirth.El("list")
	for _, r := range list {
		n.Add(mirth.Leaf("string", r))
	}
	return document(n)
}

func (c *call) checkPassword() (*reply, error) { return reasons(auth.Weak(string(c.body))), nil }

func (c *call) updatePassword() (*reply, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	password := string(c.body)
	if !utf8.ValidString(password) {
		return nil, refuse(http.StatusBadRequest, "the password is not UTF-8")
	}
	if weak := auth.Weak(password); len(weak) > 0 {
		return reasons(weak), nil
	}
	return nothing, c.accounts.SetPassword(c.r.Context(), u.ID, password, c.token)
}

func (c *call) removeUser() (*reply, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	if u.ID == c.user.ID {
		return nil, errors.New("You cannot delete yourself.")
	}
	c.note("username", u.Name)
	return nothing, c.accounts.Remove(u.ID)
}

func (c *call) isLoggedIn() (*reply, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	return boolean(c.accounts.LoggedIn(u.ID)), nil
}

// preferences are a user's own, and that the form of the first log-in, which asks
// for an address to register, is done.
func preferences(u *auth.User) map[string]string {
	p := map[string]string{"firstlogin": "false"}
	maps.Copy(p, u.Preferences)
	return p
}

func properties(values map[string]string) *mirth.Node {
	n := mirth.El("properties")
	for _, k := range slices.Sorted(maps.Keys(values)) {
		n.Add(mirth.Leaf("property", values[k]).SetAttr("name", k))
	}
	return n
}

// sentProperties reads properties.
func (c *call) sentProperties() (map[string]string, error) {
	n, err := c.root("properties")
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, p := range n.Items() {
		values[p.Attr("name")] = p.Text
	}
	return values, nil
}

func (c *call) getPreferences() (*reply, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	all := preferences(u)
	if wanted := c.query["name"]; len(wanted) > 0 {
		maps.DeleteFunc(all, func(k, _ string) bool { return !slices.Contains(wanted, k) })
	}
	return document(properties(all)), nil
}

func (c *call) getPreference() (*reply, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	if v, ok := preferences(u)[c.path["name"]]; ok {
		return text(v), nil
	}
	return nothing, nil
}

func (c *call) setPreferences() (*reply, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	values, err := c.sentProperties()
	if err != nil {
		return nil, err
	}
	return nothing, c.accounts.SetPreferences(u.ID, values)
}

func (c *call) setPreference() (*reply, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	return nothing, c.accounts.SetPreferences(u.ID, map[string]string{c.path["name"]: strings.ToValidUTF8(string(c.body), "\uFFFD")})
}

// done answers what has no effect here.
func (c *call) done() (*reply, error) { return nothing, nil }
