package bind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-health/weir"
)

func TestAddress(t *testing.T) {
	for _, c := range []struct{ host, port, want string }{
		{"127.0.0.1", "6661", "127.0.0.1:6661"},
		{"", " 0 ", ":0"},
		{"::1", "65535", "[::1]:65535"},
		{"h", "65536", ""},
		{"h", "-1", ""},
		{"h", "", ""},
		{"h", "x", ""},
	} {
		got, err := Address(c.host, c.port)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("Address(%q, %q) = %q, %v; want %q", c.host, c.port, got, err, c.want)
		}
	}
}

// A port that is in use is tried again a second apart; any other failure, or the end
// of ctx, is final.
func TestRetry(t *testing.T) {
	for _, c := range []struct {
		name    string
		err     error
		free    int // the try with which the port is free
		retries int
		limit   time.Duration
		tries   int
		at      string // of the fault; empty: none
	}{
		{"free", syscall.EADDRINUSE, 1, 0, time.Hour, 1, ""},
		{"free later", syscall.EADDRINUSE, 3, 3, time.Hour, 3, ""},
		{"never free", syscall.EADDRINUSE, 9, 3, time.Hour, 4, "listenerConnectorProperties.port"},
		{"stopped", syscall.EADDRINUSE, 9, 9, 1500 * time.Millisecond, 2, "listenerConnectorProperties.port"},
		{"no right", syscall.EACCES, 9, 3, time.Hour, 1, "listenerConnectorProperties.port"},
		{"not ours", syscall.EADDRNOTAVAIL, 9, 3, time.Hour, 1, "listenerConnectorProperties.host"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), c.limit)
			defer cancel()
			tries, start := 0, time.Now()
			_, err := Retry(ctx, "127.0.0.1:1", c.retries, func(context.Context, string) (net.Listener, error) {
				if tries++; tries == c.free {
					return nil, nil
				}
				return nil, fmt.Errorf("bind: %w", c.err)
			})
			at := ""
			var f *weir.Fault
			if errors.As(err, &f) {
				at = f.At
			}
			if tries != c.tries || at != c.at || (err == nil) != (c.at == "") {
				t.Errorf("%s: %d tries, %v; want %d, at %q", c.name, tries, err, c.tries, c.at)
			}
			if took := time.Since(start); took > time.Duration(c.tries)*time.Second {
				t.Errorf("%s: took %v", c.name, took)
			}
		})
	}
}
