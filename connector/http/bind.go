package http

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/weir-health/weir"
)

// bind listens on an address, and tries again a second apart while the port is
// in use.
func bind(ctx context.Context, host, port string, retries int) (net.Listener, error) {
	n := whole(port, -1)
	if n < 0 || n > 65535 {
		return nil, &weir.Fault{At: "listenerConnectorProperties.port", Err: fmt.Errorf("%q is no port", port), Hint: "Use a number from 1 to 65535."}
	}
	address := hostPort(host, n)
	var lc net.ListenConfig
	lc.SetMultipathTCP(false)
	for try := 0; ; try++ {
		listener, err := lc.Listen(ctx, "tcp", address)
		if err == nil {
			return listener, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) || try >= retries {
			return nil, bindFault(address, err)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, bindFault(address, err)
		}
	}
}

func bindFault(address string, err error) error {
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
