// Package bind opens the ports of listeners.
package bind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/weir-health/weir"
)

// Address puts the settings of a listener together. An empty host is all
// addresses of this computer; port 0 lets the operating system choose.
func Address(host, port string) (string, error) {
	n, err := strconv.Atoi(strings.TrimSpace(port))
	if err != nil || n < 0 || n > 65535 {
		return "", &weir.Fault{At: "listenerConnectorProperties.port", Err: fmt.Errorf("%q is no port", port), Hint: "Use a number from 1 to 65535."}
	}
	return net.JoinHostPort(host, strconv.Itoa(n)), nil
}

// TCP listens on an address.
func TCP(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig // sets SO_REUSEADDR
	lc.SetMultipathTCP(false)
	return lc.Listen(ctx, "tcp", address)
}

// Retry listens with open, most often TCP, and tries again a second apart while
// the port is in use.
func Retry(ctx context.Context, address string, retries int, open func(ctx context.Context, address string) (net.Listener, error)) (net.Listener, error) {
	for try := 0; ; try++ {
		listener, err := open(ctx, address)
		if err == nil {
			return listener, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) || try >= retries {
			return nil, fault(address, err)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, fault(address, err)
		}
	}
}

func fault(address string, err error) error {
	f := &weir.Fault{At: "listenerConnectorProperties.port", Err: fmt.Errorf("listen on %s: %w", address, err),
		Hint: "Check host and port, and that the engine may use them."}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		f.Err = fmt.Errorf("listen on %s: the port is in use", address)
		f.Hint = "Another channel or another program on this computer has it; stop that one or choose another port."
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		f.At = "listenerConnectorProperties.host"
		f.Hint = "The host must be an address of this computer, or 0.0.0.0 for all of them."
	case errors.Is(err, syscall.EACCES):
		f.Hint = "The operating system does not let the engine use this port; ports below 1024 need a permission."
	}
	return f
}

// Test binds an address and lets it go again. A port that the channel itself has
// taken, since it is started, is as it should be.
func Test(ctx context.Context, address string, started bool) (string, error) {
	listener, err := TCP(ctx, address)
	if started && errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Sprintf("The channel is started and has the port %s.", address), nil
	}
	if err != nil {
		return "", fault(address, err)
	}
	defer listener.Close()
	return fmt.Sprintf("The port %s is free and can be listened on.", address), nil
}
