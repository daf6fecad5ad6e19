// Package auth knows who may do what: named users with passwords, their sessions,
// and what each role permits.
//
// Users are kept in one small file in the data directory, passwords in it as
// argon2id hashes. The first account is made with the token of a set-up link,
// which is good once and only while there is no account, or from a password that
// whoever starts the engine gives. There is no default password.
//
// Programs may have a [Token], which is kept as a hash, expires, and has the rights
// of one role.
//
// Nothing is permitted that a role does not name: see [Roles] and [Accounts.May].
package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/weir-health/weir"
)

// Limits of accounts.
const (
	MinPassword   = 8       // characters
	MaxPassword   = 1024    // bytes
	MaxName       = 255     // bytes, of a user name and of other fields
	MaxUsers      = 10_000  // accounts
	maxPreference = 1 << 20 // bytes of all preferences of a user
	maxFile       = 64 << 20
)

// User is an account.
type User struct {
	ID          int               `json:"id"`
	Name        string            `json:"username"`
	Roles       []string          `json:"roles"`
	Fields      map[string]string `json:"fields,omitempty"` // e-mail, first name and so on, by Mirth's names
	Preferences map[string]string `json:"preferences,omitempty"`
	LastLogin   time.Time         `json:"lastLogin,omitzero"`

	Hash string `json:"hash,omitempty"` // of the password; without one nobody logs in
}

// Errors that callers tell apart.
var (
	ErrWrong   = errors.New("incorrect username or password")
	ErrUnknown = errors.New("no such user")
	// ErrForbidden is returned for what the caller has no right to.
	ErrForbidden = errors.New("not permitted")
	ErrToken     = errors.New("this set-up code is not good; the newest stands in the log of the engine, which writes one with each start until there is an account")
)

// LockedError is why a log-in was refused without looking at the password.
type LockedError struct{ Wait time.Duration }

func (e *LockedError) Error() string {
	return fmt.Sprintf("too many failed log-ins; try again in %s", max(e.Wait, time.Second).Round(time.Second))
}

// Accounts are the users of an engine and their sessions.
type Accounts struct {
	path string
	now  func() time.Time

	mu     sync.RWMutex
	users  []*User // sorted by id; each is replaced, never changed
	tokens []*Token
	next   int // id

	sessions sessions
	lockout  lockout
	hashing  chan struct{} // bounds the memory that hashes take at once
	setup    string        // token of the set-up link; empty when there is none
	checked  checked
}

// stored is the file.
type stored struct {
	Next   int      `json:"next"`
	Users  []*User  `json:"users"`
	Tokens []*Token `json:"tokens,omitempty"`
}

// Open reads the accounts from a file, which need not exist yet.
func Open(path string, now func() time.Time) (*Accounts, error) {
	a := &Accounts{path: path, now: now, next: 1, hashing: make(chan struct{}, 2)}
	rand.Read(a.checked.key[:])
	data, err := os.ReadFile(path)
	switch {
	case os.IsNotExist(err):
		return a, nil
	case err != nil:
		return nil, err
	case len(data) > maxFile:
		return nil, fmt.Errorf("%s has more than %d bytes", path, maxFile)
	}
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, &weir.Fault{At: path, Err: errors.New("the file of accounts cannot be read"), Hint: "Restore it from a backup; without it a new first account is set up."}
	}
	a.users, a.tokens, a.next = s.Users, s.Tokens, max(s.Next, 1)
	return a, nil
}

// save writes the file; the caller holds mu.
func (a *Accounts) save() error {
	data, err := json.MarshalIndent(stored{a.next, a.users, a.tokens}, "", " ")
	if err != nil {
		return err
	}
	return WriteFile(a.path, data)
}

// WriteFile replaces a file as a whole, and returns when it is on disk.
func WriteFile(path string, data []byte) error {
	return WriteFiles(map[string][]byte{path: data})
}

// writers is how many files are written at once: a disk takes them together.
const writers = 32

// WriteFiles replaces files, or removes those whose data is nil, and returns when
// that is on disk. The first is replaced when all new ones are on disk.
func WriteFiles(files map[string][]byte) error {
	var write sync.WaitGroup
	slots, failed := make(chan struct{}, writers), make(chan error, len(files))
	for path, data := range files {
		if data == nil {
			continue
		}
		slots <- struct{}{}
		write.Go(func() {
			failed <- writeNew(path, data)
			<-slots
		})
	}
	write.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	dirs := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		var err error
		if files[path] != nil {
			err = os.Rename(path+".new", path)
		} else {
			err = os.Remove(path)
		}
		if err != nil && !(files[path] == nil && os.IsNotExist(err)) {
			return err
		}
		dirs[filepath.Dir(path)] = true
	}
	for dir := range dirs {
		d, err := os.Open(dir)
		if err != nil {
			continue // nothing was there to remove
		}
		err = errors.Join(d.Sync(), d.Close())
		if err != nil {
			return err
		}
	}
	return nil
}

// writeNew puts what a file is to hold beside it.
func writeNew(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// Setup returns the token with which the first account is made, or "" when there
// are accounts.
func (a *Accounts) Setup() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.users) > 0 {
		return ""
	}
	if a.setup == "" {
		random := make([]byte, 24)
		rand.Read(random)
		a.setup = base64.RawURLEncoding.EncodeToString(random)
	}
	return a.setup
}

// First makes the first account, an administrator. The token is Setup's, or the
// caller is the one who starts the engine and needs none.
func (a *Accounts) First(name, password, token string, trusted bool) (*User, error) {
	a.mu.Lock()
	right := trusted || a.setup != "" && subtle.ConstantTimeCompare([]byte(token), []byte(a.setup)) == 1
	none := len(a.users) == 0
	a.mu.Unlock()
	if !right || !none {
		return nil, ErrToken
	}
	if reasons := Weak(password); len(reasons) > 0 && !trusted {
		return nil, errors.New(strings.Join(reasons, " "))
	}
	if password == "" {
		return nil, errors.New("the password is empty")
	}
	hash := hashPassword(password)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.users) > 0 { // somebody was quicker
		return nil, ErrToken
	}
	u, err := a.add(&User{Name: name, Hash: hash, Roles: []string{Administrator}})
	if err == nil {
		a.setup = ""
	}
	return u, err
}

// Users lists all accounts in order of their ids. They are not to be changed.
func (a *Accounts) Users() []*User {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.users)
}

// ByID and ByName find an account; nil is none. Names differ by more than case.
func (a *Accounts) ByID(id int) *User {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.find(func(u *User) bool { return u.ID == id })
}

func (a *Accounts) ByName(name string) *User {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.find(func(u *User) bool { return strings.EqualFold(u.Name, name) })
}

func (a *Accounts) find(is func(*User) bool) *User {
	if i := slices.IndexFunc(a.users, is); i >= 0 {
		return a.users[i]
	}
	return nil
}

// Add makes an account, which has no password yet. Without a role it is an
// administrator, as every account is in Mirth Connect.
func (a *Accounts) Add(name string, fields map[string]string, roles ...string) (*User, error) {
	if len(roles) == 0 {
		roles = []string{Administrator}
	}
	if err := knownRoles(roles); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.add(&User{Name: name, Fields: maps.Clone(fields), Roles: slices.Clone(roles)})
}

func (a *Accounts) add(u *User) (*User, error) {
	if err := a.fits(u); err != nil {
		return nil, err
	}
	if len(a.users) >= MaxUsers {
		return nil, fmt.Errorf("there are %d accounts already", MaxUsers)
	}
	u.ID = a.next
	a.next++
	a.users = append(a.users, u)
	return u, a.save()
}

// fits says why an account cannot be as it is.
func (a *Accounts) fits(u *User) error {
	if strings.TrimSpace(u.Name) == "" {
		//lint:ignore ST1005 the sentence is the one that Mirth's clients show
		return errors.New("username cannot be blank.")
	}
	if len(u.Name) > MaxName || !utf8.ValidString(u.Name) || strings.ContainsFunc(u.Name, func(r rune) bool { return r < ' ' }) {
		return fmt.Errorf("the user name must be text of up to %d bytes", MaxName)
	}
	for name, value := range u.Fields {
		if len(name) > MaxName || len(value) > 4*MaxName {
			return fmt.Errorf("%s has more than %d bytes", name, 4*MaxName)
		}
	}
	if other := a.find(func(o *User) bool { return strings.EqualFold(o.Name, u.Name) }); other != nil && other.ID != u.ID {
		return errors.New("a user with that name already exists")
	}
	return nil
}

// change replaces an account by a changed copy.
func (a *Accounts) change(id int, do func(*User) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.users, func(u *User) bool { return u.ID == id })
	if i < 0 {
		return ErrUnknown
	}
	before := a.users[i]
	u := *before
	u.Fields, u.Preferences = maps.Clone(u.Fields), maps.Clone(u.Preferences)
	if err := do(&u); err != nil {
		return err
	}
	if err := a.fits(&u); err != nil {
		return err
	}
	a.users[i] = &u
	if err := a.save(); err != nil {
		a.users[i] = before
		return err
	}
	return nil
}

// Update gives an account another name and other fields.
func (a *Accounts) Update(id int, name string, fields map[string]string) error {
	return a.change(id, func(u *User) error {
		u.Name, u.Fields = name, maps.Clone(fields)
		return nil
	})
}

// SetPreferences sets preferences of an account, beside those it has.
func (a *Accounts) SetPreferences(id int, values map[string]string) error {
	return a.change(id, func(u *User) error {
		if u.Preferences == nil {
			u.Preferences = map[string]string{}
		}
		maps.Copy(u.Preferences, values)
		size := 0
		for k, v := range u.Preferences {
			size += len(k) + len(v)
		}
		if size > maxPreference {
			return fmt.Errorf("the preferences have more than %d bytes", maxPreference)
		}
		return nil
	})
}

// SetPassword gives an account a password that is not weak, and ends its sessions,
// but for the one with a token.
func (a *Accounts) SetPassword(ctx context.Context, id int, password, token string) error {
	if reasons := Weak(password); len(reasons) > 0 {
		return errors.New(strings.Join(reasons, " "))
	}
	if err := a.enter(ctx); err != nil {
		return err
	}
	hash := hashPassword(password)
	a.leave()
	err := a.change(id, func(u *User) error {
		u.Hash = hash
		return nil
	})
	if err == nil {
		a.sessions.endAll(id, token)
	}
	return err
}

// Remove removes an account and ends its sessions. The last one stays.
func (a *Accounts) Remove(id int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.users, func(u *User) bool { return u.ID == id })
	switch {
	case i < 0:
		return ErrUnknown
	case len(a.users) == 1:
		return errors.New("the last user cannot be removed")
	}
	if err := a.spareLast(id); err != nil {
		return err
	}
	before := slices.Clone(a.users)
	a.users = slices.Delete(a.users, i, i+1)
	if err := a.save(); err != nil {
		a.users = before
		return err
	}
	a.sessions.endAll(id, "")
	return nil
}

// Weak lists why a password is not accepted.
func Weak(password string) []string {
	var reasons []string
	if n := utf8.RuneCountInString(password); n < MinPassword {
		reasons = append(reasons, fmt.Sprintf("Password is too short. Minimum length is %d characters.", MinPassword))
	}
	if len(password) > MaxPassword {
		reasons = append(reasons, fmt.Sprintf("Password is too long. Maximum length is %d bytes.", MaxPassword))
	}
	return reasons
}

// Login checks a password. address is where the request came from.
func (a *Accounts) Login(ctx context.Context, name, password, address string) (*User, error) {
	account, from := "account "+strings.ToLower(name), "address "+address
	if wait := a.lockout.wait(a.now(), account, from); wait > 0 {
		return nil, &LockedError{wait}
	}
	u := a.ByName(name)
	ok, err := a.fitsPassword(ctx, u, password)
	if err != nil {
		return nil, err
	}
	if !ok {
		a.lockout.failed(a.now(), account, freeFailures)
		a.lockout.failed(a.now(), from, freeAddress)
		return nil, ErrWrong
	}
	a.lockout.succeeded(account)
	return a.ByID(u.ID), nil
}

// Unlock forgets the failed log-ins of an account, so that it need not wait.
func (a *Accounts) Unlock(name string) { a.lockout.succeeded("account " + strings.ToLower(name)) }

// Waits is how long log-ins of an account are refused yet.
func (a *Accounts) Waits(name string) time.Duration {
	return max(0, a.lockout.wait(a.now(), "account "+strings.ToLower(name)))
}

// Failures is how many log-ins of an account failed lately, and the last one.
func (a *Accounts) Failures(name string) (int, time.Time) {
	return a.lockout.failures("account " + strings.ToLower(name))
}

// nobody is hashed against where there is no account, which takes as long.
var nobody = sync.OnceValue(func() string { return hashPassword("nobody") })

func (a *Accounts) fitsPassword(ctx context.Context, u *User, password string) (bool, error) {
	if len(password) > MaxPassword {
		return false, nil
	}
	hash := nobody()
	if u != nil && u.Hash != "" {
		hash = u.Hash
		if a.checked.has(hash, password, a.now()) {
			return true, nil
		}
	}
	if err := a.enter(ctx); err != nil {
		return false, err
	}
	ok, old := verify(hash, password)
	a.leave()
	if u == nil || u.Hash == "" || !ok {
		return false, nil
	}
	if old {
		fresh := hashPassword(password)
		a.change(u.ID, func(u *User) error { u.Hash = fresh; return nil })
	}
	a.checked.put(hash, password, a.now())
	return true, nil
}

// enter waits until there is room for one more hash.
func (a *Accounts) enter(ctx context.Context) error {
	select {
	case a.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *Accounts) leave() { <-a.hashing }

// Begin opens a session for a user who has logged in, and returns its token.
func (a *Accounts) Begin(u *User) string {
	now := a.now()
	a.change(u.ID, func(u *User) error { u.LastLogin = now; return nil })
	return a.sessions.begin(u.ID, now)
}

// Session returns whose session a token is; nil is nobody's.
func (a *Accounts) Session(token string) *User {
	id, ok := a.sessions.userOf(token, a.now())
	if !ok {
		return nil
	}
	return a.ByID(id)
}

// End ends a session.
func (a *Accounts) End(token string) { a.sessions.end(token) }

// LoggedIn tells whether a user has a session.
func (a *Accounts) LoggedIn(id int) bool { return a.sessions.loggedIn(id, a.now()) }

// checked remembers for a short time that a password fits a hash: clients with
// basic authentication send it with each request, and a hash is slow on purpose.
type checked struct {
	key [32]byte
	mu  sync.Mutex
	fit map[[32]byte]time.Time
}

// A password that was right is remembered for checkedFor; at most maxChecked are.
const (
	checkedFor = time.Minute
	maxChecked = 1000
)

func (c *checked) sum(hash, password string) (sum [32]byte) {
	mac := hmac.New(sha256.New, c.key[:])
	mac.Write([]byte(hash + "\x00" + password))
	copy(sum[:], mac.Sum(nil))
	return sum
}

func (c *checked) has(hash, password string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.fit[c.sum(hash, password)]
	return ok && now.Sub(at) < checkedFor
}

func (c *checked) put(hash, password string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fit == nil || len(c.fit) >= maxChecked {
		c.fit = map[[32]byte]time.Time{}
	}
	c.fit[c.sum(hash, password)] = now
}
