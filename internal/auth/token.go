package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limits of tokens.
const (
	MaxTokens     = 1000
	TokenLife     = 90 * 24 * time.Hour  // where nothing else is said
	MaxTokenLife  = 366 * 24 * time.Hour // at most
	tokenPrefix   = "weir_"              // so that scanners for secrets find one
	tokenLength   = 32                   // random bytes
	tokenUseShown = time.Hour            // how old the time of its last use may be
)

// Token is a key for programs, with the rights of its role. It is shown once; kept
// is its hash, which needs no salt and no cost, as the token is random.
type Token struct {
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	By      string    `json:"by,omitempty"` // who made it
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`
	Used    time.Time `json:"used,omitzero"` // last, to the hour

	Hash string `json:"hash"`
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// MakeToken makes a token and returns it with its text, which is not kept.
func (a *Accounts) MakeToken(name, role, by string, life time.Duration) (*Token, string, error) {
	if err := knownRoles([]string{role}); err != nil {
		return nil, "", err
	}
	if life == 0 {
		life = TokenLife
	}
	if life < 0 || life > MaxTokenLife {
		return nil, "", fmt.Errorf("a token lives up to %d days", MaxTokenLife/24/time.Hour)
	}
	if strings.TrimSpace(name) == "" || len(name) > MaxName || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return nil, "", fmt.Errorf("the name of a token must be text of up to %d bytes", MaxName)
	}
	random := make([]byte, tokenLength)
	rand.Read(random)
	text := tokenPrefix + base64.RawURLEncoding.EncodeToString(random)
	now := a.now()
	t := &Token{Name: name, Role: role, By: by, Made: now, Expires: now.Add(life), Hash: tokenHash(text)}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokenAt(name) >= 0 {
		return nil, "", errors.New("a token with that name already exists")
	}
	if len(a.tokens) >= MaxTokens {
		return nil, "", fmt.Errorf("there are %d tokens already", MaxTokens)
	}
	before := a.tokens
	a.tokens = append(slices.Clone(before), t)
	if err := a.save(); err != nil {
		a.tokens = before
		return nil, "", err
	}
	return t, text, nil
}

func (a *Accounts) tokenAt(name string) int {
	return slices.IndexFunc(a.tokens, func(t *Token) bool { return strings.EqualFold(t.Name, name) })
}

// Tokens lists the tokens, those that have expired too. They are not to be changed.
func (a *Accounts) Tokens() []*Token {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.tokens)
}

// RemoveToken removes a token, which is refused from then on.
func (a *Accounts) RemoveToken(name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.tokenAt(name)
	if i < 0 {
		return errors.New("there is no such token")
	}
	before := a.tokens
	a.tokens = slices.Delete(slices.Clone(before), i, i+1)
	if err := a.save(); err != nil {
		a.tokens = before
		return err
	}
	return nil
}

// Bearer returns who a token stands for: a user without an account, who has its
// role. Nil is nobody. Tokens are too long to be guessed, so that attempts are not
// counted.
func (a *Accounts) Bearer(text string) *User {
	if !strings.HasPrefix(text, tokenPrefix) || len(text) > 2*tokenLength {
		return nil
	}
	hash, now := tokenHash(text), a.now()
	a.mu.RLock()
	i := slices.IndexFunc(a.tokens, func(t *Token) bool { return t.Hash == hash })
	var t Token
	if i >= 0 {
		t = *a.tokens[i]
	}
	a.mu.RUnlock()
	if i < 0 || !now.Before(t.Expires) {
		return nil
	}
	if now.Sub(t.Used) >= tokenUseShown {
		a.used(hash, now)
	}
	return &User{Name: "token " + t.Name, Roles: []string{t.Role}}
}

// used notes the use of a token. That it cannot be saved does not matter here.
func (a *Accounts) used(hash string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, t := range a.tokens {
		if t.Hash == hash {
			fresh := *t
			fresh.Used = now
			a.tokens = slices.Clone(a.tokens)
			a.tokens[i] = &fresh
			a.save()
		}
	}
}
