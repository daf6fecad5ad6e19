package soap

import (
	"context"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/httpclient"
	"github.com/weir-health/weir/wire/soap"
)

// Test checks the settings, binds the port and lets it go.
func (l *Listener) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	l.env = env.Source()
	if err := l.prepare(); err != nil {
		return "", err
	}
	return l.Server.Test(ctx, env)
}

// Test reads the WSDL, finds the port in it, and connects to where it is. It calls
// nothing.
func (s *Sender) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	if err := s.Open(ctx, env.Destination()); err != nil {
		return "", err
	}
	defer s.transports.Close()
	watch := httpclient.NewWatch(ctx, connector.Millis(env.Message.Resolve(s.SocketTimeout), defaultSocketTimeout), s.RequestTimeout)
	defer watch.Stop()
	to, err := s.endpoint(watch, env.Message, soap.SOAP11)
	if err != nil {
		return "", err
	}
	found, err := s.transports.Test(ctx, to.url, nil)
	if err != nil {
		return "", httpclient.Fault("locationURI", to.url.Host, err)
	}
	if s.WSDL.Text != "" {
		found = "The WSDL has the port, which speaks SOAP " + to.version.String() + ". " + found
	}
	return found, nil
}

var (
	_ weir.Tester = (*Listener)(nil)
	_ weir.Tester = (*Sender)(nil)
)
