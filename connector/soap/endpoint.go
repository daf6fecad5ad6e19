package soap

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/httpclient"
	"github.com/weir-health/weir/wire/soap"
)

// endpoint is where a service is, and which version of SOAP it speaks there.
type endpoint struct {
	url     *url.URL
	version soap.Version
}

// port is a port of a WSDL, with all that says which one it is.
type port struct{ wsdl, username, password, service, port string }

// maxEndpoints is how many ports are remembered. More than one are there only where
// settings have variables.
const maxEndpoints = 100

// endpoints are the ports that were looked up. As in Mirth a WSDL is read once,
// until the channel is deployed again.
type endpoints struct {
	mu    sync.Mutex
	known map[port]soap.Port
}

func (e *endpoints) get(key port) (soap.Port, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, ok := e.known[key]
	return p, ok
}

func (e *endpoints) put(key port, p soap.Port) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.known == nil || len(e.known) >= maxEndpoints {
		e.known = map[port]soap.Port{}
	}
	e.known[key] = soap.Port{Location: p.Location, Version: p.Version}
}

// endpoint returns where a message goes. version is the envelope's, for a service
// without a WSDL.
func (s *Sender) endpoint(w *httpclient.Watch, m *weir.Outbound, version soap.Version) (endpoint, error) {
	location := strings.TrimSpace(m.Resolve(s.LocationURI))
	key := port{strings.TrimSpace(m.Resolve(s.WSDL)), m.Resolve(s.Username), m.Resolve(s.Password), m.Resolve(s.Service), m.Resolve(s.Port)}
	p := soap.Port{Version: version}
	if key.wsdl != "" {
		var known bool
		if p, known = s.endpoints.get(key); !known {
			var err error
			if p, err = s.lookUp(w, key); err != nil {
				return endpoint{}, err
			}
			s.endpoints.put(key, p)
		}
	}
	at := "locationURI"
	if location == "" {
		at, location = "wsdlUrl", p.Location
	}
	u, err := httpclient.Address(at, location)
	return endpoint{u, p.Version}, err
}

// lookUp finds a port in its WSDL.
func (s *Sender) lookUp(w *httpclient.Watch, key port) (soap.Port, error) {
	if u, err := url.Parse(key.wsdl); err != nil || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "file" {
		return soap.Port{}, &weir.Fault{At: "wsdlUrl", Err: errors.New("what the address gives for this message is no URL"),
			Hint: "Write the whole address, beginning with http://, https:// or file:."}
	}
	d, err := soap.ReadWSDL(key.wsdl, func(location string) (string, error) { return s.fetch(w, location, key) })
	if err != nil {
		var known *weir.Fault
		if errors.As(err, &known) {
			return soap.Port{}, err
		}
		return soap.Port{}, &weir.Fault{At: "wsdlUrl", Err: fmt.Errorf("the WSDL cannot be used: %w", err),
			Hint: "Open the address in a browser: it must give a WSDL 1.1, without sign-in pages."}
	}
	service := d.Service(soap.ParseName(key.service))
	if service == nil {
		return soap.Port{}, &weir.Fault{At: "service", Err: errors.New("the WSDL has no service of this name"), Hint: "Services of the WSDL: " + names(d.Services, func(s soap.Service) soap.Name { return s.Name }) + "."}
	}
	p := service.Port(soap.ParseName(key.port))
	if p == nil {
		return soap.Port{}, &weir.Fault{At: "port", Err: errors.New("the service has no port of this name that speaks SOAP"), Hint: "Ports of the service: " + names(service.Ports, func(p soap.Port) soap.Name { return p.Name }) + "."}
	}
	return *p, nil
}

// names lists what there is to choose from, up to ten.
func names[T any](all []T, name func(T) soap.Name) string {
	var out []string
	for _, one := range all[:min(len(all), 10)] {
		out = append(out, name(one).String())
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// fetch reads a document of a WSDL.
func (s *Sender) fetch(w *httpclient.Watch, location string, key port) (string, error) {
	u, err := url.Parse(location)
	if err != nil {
		return "", errors.New("it imports what is no address")
	}
	if u.Scheme == "file" {
		return s.readFile(u.Path + u.Opaque)
	}
	remote := u.Scheme + "://" + u.Host
	answer, err := s.get(w, u, key)
	if err != nil {
		return "", httpclient.Fault("wsdlUrl", remote, w.Cause(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", &weir.Fault{At: "wsdlUrl", Err: fmt.Errorf("%s answered %d %s to the request for the WSDL", remote, answer.StatusCode, http.StatusText(answer.StatusCode)),
			Hint: "Check the address of the WSDL, and user name and password if it asks for them."}
	}
	contentType := answer.Header.Get("Content-Type")
	body, err := w.ReadBody(answer, s.MaxResponse)
	if err != nil {
		var large *httpclient.AcceptedTooLarge
		if errors.As(err, &large) { // nothing was accepted: this is no message
			err = httpclient.ErrTooLarge
		}
		return "", httpclient.Fault("wsdlUrl", remote, w.Cause(err))
	}
	return decode(contentType, body)
}

// get asks for a document, and once more with credentials if the server wants them.
func (s *Sender) get(w *httpclient.Watch, u *url.URL, key port) (*http.Response, error) {
	ask := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{"User-Agent": {userAgent}}}).WithContext(w.Request(nil))
	answer, err := s.wsdls.Do(ask)
	if err != nil || answer.StatusCode != http.StatusUnauthorized || key.username == "" || !sameServer(u, key.wsdl) {
		return answer, err
	}
	w.Drain(answer)
	ask.SetBasicAuth(key.username, key.password)
	return s.wsdls.Do(ask)
}

// sameServer reports whether a document is on the server of the WSDL, for which
// user name and password are.
func sameServer(u *url.URL, wsdl string) bool {
	first, err := url.Parse(wsdl)
	return err == nil && first.Host == u.Host && first.Scheme == u.Scheme
}

func (s *Sender) readFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", &weir.Fault{At: "wsdlUrl", Err: err, Hint: "Check that the file exists and can be read by the engine."}
	}
	defer f.Close()
	body, err := httpclient.ReadLimited(f, s.MaxResponse, httpclient.ErrTooLarge)
	if err != nil {
		return "", &weir.Fault{At: "wsdlUrl", Err: err, Hint: "Check that the file is a WSDL; maxResponseBytes says how large it may be."}
	}
	return decode("", body)
}

func decode(contentType string, body []byte) (string, error) {
	cs, err := charset.Lookup(soap.Charset(contentType, body))
	if err != nil {
		return "", errors.New("its character set is not known")
	}
	return cs.Decode(body), nil
}
