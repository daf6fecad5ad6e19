package auth

import (
	"sync"
	"time"
)

// Failed log-ins make the next one wait, for the account and for the address, each
// failure twice as long as the one before. The delay is not slept through: an
// attempt that comes too early is refused without looking at its password.
const (
	freeFailures = 4                // of an account, before the first delay
	freeAddress  = 20               // of an address, which many people may share
	firstDelay   = time.Second      // then twice that
	maxDelay     = 15 * time.Minute // at most
	forgetAfter  = time.Hour        // without a failure
	maxTracked   = 10_000           // accounts and addresses that are remembered
)

// tries are the failures of one account or address.
type tries struct {
	count int
	last  time.Time
	until time.Time
}

type lockout struct {
	mu    sync.Mutex
	tries map[string]tries
}

// wait is how long from now an attempt under these keys is refused.
func (l *lockout) wait(now time.Time, keys ...string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var longest time.Duration
	for _, k := range keys {
		longest = max(longest, l.tries[k].until.Sub(now))
	}
	return longest
}

// failed counts a failure.
func (l *lockout) failed(now time.Time, key string, free int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tries[key]
	if now.Sub(t.last) > forgetAfter {
		t = tries{}
	}
	t.count++
	t.last = now
	if over := t.count - free; over > 0 {
		t.until = now.Add(min(maxDelay, firstDelay<<min(over-1, 20)))
	}
	if l.tries == nil {
		l.tries = map[string]tries{}
	}
	if _, known := l.tries[key]; !known && len(l.tries) >= maxTracked {
		l.prune(now)
	}
	l.tries[key] = t
}

// prune makes room: what is over goes, else the oldest.
func (l *lockout) prune(now time.Time) {
	var oldest string
	for k, t := range l.tries {
		if now.Sub(t.last) > forgetAfter {
			delete(l.tries, k)
		} else if oldest == "" || t.last.Before(l.tries[oldest].last) {
			oldest = k
		}
	}
	if len(l.tries) >= maxTracked {
		delete(l.tries, oldest)
	}
}

// succeeded forgets the failures of a key.
func (l *lockout) succeeded(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.tries, key)
}

// failures of a key, for those who show them.
func (l *lockout) failures(key string) (int, time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tries[key].count, l.tries[key].last
}
