package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

// Limits of sessions. Mirth's clients keep one for as long as they run.
const (
	SessionIdle     = 72 * time.Hour      // without a request
	SessionAbsolute = 30 * 24 * time.Hour // from the log-in
	MaxSessions     = 10_000              // at once; the one idle for longest gives way
)

// session is a log-in. It is known by the hash of its token.
type session struct {
	user        int
	began, used time.Time
}

type sessions struct {
	mu  sync.Mutex
	all map[[32]byte]session
}

// begin makes a session and returns its token.
func (s *sessions) begin(user int, now time.Time) string {
	random := make([]byte, 32)
	rand.Read(random)
	token := base64.RawURLEncoding.EncodeToString(random)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[[32]byte]session{}
	}
	if len(s.all) >= MaxSessions {
		s.prune(now)
	}
	s.all[sha256.Sum256([]byte(token))] = session{user, now, now}
	return token
}

func (s *sessions) prune(now time.Time) {
	var idle [32]byte
	found := false
	for k, one := range s.all {
		if one.over(now) {
			delete(s.all, k)
		} else if !found || one.used.Before(s.all[idle].used) {
			idle, found = k, true
		}
	}
	if len(s.all) >= MaxSessions {
		delete(s.all, idle)
	}
}

func (one session) over(now time.Time) bool {
	return now.Sub(one.used) > SessionIdle || now.Sub(one.began) > SessionAbsolute
}

// user returns whose session a token is.
func (s *sessions) userOf(token string, now time.Time) (int, bool) {
	key := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.all[key]
	if !ok {
		return 0, false
	}
	if one.over(now) {
		delete(s.all, key)
		return 0, false
	}
	one.used = now
	s.all[key] = one
	return one.user, true
}

func (s *sessions) end(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(token)))
}

// endAll ends the sessions of a user, but for the one with a token.
func (s *sessions) endAll(user int, but string) {
	spared := sha256.Sum256([]byte(but))
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, one := range s.all {
		if one.user == user && k != spared {
			delete(s.all, k)
		}
	}
}

func (s *sessions) loggedIn(user int, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.all {
		if one.user == user && !one.over(now) {
			return true
		}
	}
	return false
}
