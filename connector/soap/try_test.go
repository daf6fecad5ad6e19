package soap

import (
	"net"
	"testing"

	"github.com/weir-health/weir/connector/connectortest"
)

func TestTest(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e, nil)
	_, taken, _ := net.SplitHostPort(l.Addr().String())
	peer := serve(t, nil)
	host, closed := connectortest.ClosedPort(t)
	connectortest.Try(t,
		connectortest.Tried{Name: "sender", Of: new(Sender), Settings: peer.settings(), Found: "The WSDL has the port, which speaks SOAP 1.1. Connected to " + peer.Listener.Addr().String() + "."},
		connectortest.Tried{Name: "sender without WSDL", Of: new(Sender), Settings: []string{"locationURI", l.url("/services/Mirth")}, Found: "Connected to 127.0.0.1:" + taken + "."},
		connectortest.Tried{Name: "sender, no such port", Of: new(Sender), Settings: peer.settings("port", "Lab"), Fails: []string{"port: ", "{urn:lab}Lab11, {urn:lab}Lab12"}},
		connectortest.Tried{Name: "sender, service is down", Of: new(Sender), Settings: peer.settings("locationURI", "http://"+host+":"+closed), Fails: []string{"locationURI: ", "is the server up"}},
		connectortest.Tried{Name: "sender, WSDL is down", Of: new(Sender), Settings: peer.settings("wsdlUrl", "http://"+host+":"+closed), Fails: []string{"wsdlUrl: ", "is the server up"}},
		connectortest.Tried{Name: "sender, WSDL is none", Of: new(Sender), Settings: peer.settings("wsdlUrl", l.url("/services/Mirth")), Fails: []string{"wsdlUrl: "}},
		connectortest.Tried{Name: "listener", Of: new(Listener), Settings: connectortest.Loopback(), Found: "is free"},
		connectortest.Tried{Name: "listener, taken", Of: new(Listener),
			Settings: []string{"listenerConnectorProperties.host", "127.0.0.1", "listenerConnectorProperties.port", taken}, Fails: []string{"the port is in use"}},
		connectortest.Tried{Name: "listener, custom class", Of: new(Listener), Settings: append(connectortest.Loopback(), "className", "${class}"), Fails: []string{"className: "}},
	)
	if n := len(e.Kept()) + len(peer.calls()); n != 0 {
		t.Errorf("%d messages were received", n)
	}
}
