package soap

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Namespaces of WSDL 1.1 and of its bindings.
const (
	spaceWSDL   = "http://schemas.xmlsoap.org/wsdl/"
	spaceWSDL11 = "http://schemas.xmlsoap.org/wsdl/soap/"
	spaceWSDL12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
)

// MaxDocuments is how many documents a WSDL may consist of.
const MaxDocuments = 50

// Definitions are what a WSDL describes, as far as it is reached by SOAP.
type Definitions struct {
	Services []Service
}

// Service is a service with its ports in the order of the document.
type Service struct {
	Name  Name
	Ports []Port
}

// Port is where a service is, and what it does there.
type Port struct {
	Name       Name
	Location   string
	Version    Version
	Operations []Operation
}

// Operation is one of a port's operations.
type Operation struct {
	Name   string
	Action string
	OneWay bool // it has no output
}

// Service returns a service, or nil.
func (d *Definitions) Service(name Name) *Service {
	for i := range d.Services {
		if d.Services[i].Name == name {
			return &d.Services[i]
		}
	}
	return nil
}

// Port returns a port, or nil.
func (s *Service) Port(name Name) *Port {
	for i := range s.Ports {
		if s.Ports[i].Name == name {
			return &s.Ports[i]
		}
	}
	return nil
}

// Reasons why a WSDL is refused.
var (
	ErrNoWSDL        = errors.New("the document is no WSDL 1.1")
	errManyDocuments = fmt.Errorf("the WSDL imports more than %d documents", MaxDocuments)
	errLocation      = errors.New("the WSDL imports a document from what is no address")
)

// ReadWSDL reads a WSDL and those that it imports. fetch returns the text of a
// document, each of which is asked for once, and limits its size. Schemas are not
// fetched: nothing here needs them.
func ReadWSDL(location string, fetch func(location string) (string, error)) (*Definitions, error) {
	r := &wsdlReader{fetch: fetch, seen: map[string]bool{}, bindings: map[Name]*Element{}, portTypes: map[Name]*Element{}, bound: map[*Element][]Operation{}}
	if err := r.read(location); err != nil {
		return nil, err
	}
	out := &Definitions{}
	for _, service := range r.services {
		out.Services = append(out.Services, r.service(service))
	}
	return out, nil
}

type wsdlReader struct {
	fetch     func(string) (string, error)
	seen      map[string]bool
	services  []*Element
	bindings  map[Name]*Element
	portTypes map[Name]*Element
	bound     map[*Element][]Operation // of bindings that were read
}

// read collects the parts of a document.
func (r *wsdlReader) read(location string) error {
	if r.seen[location] {
		return nil
	}
	if len(r.seen) == MaxDocuments {
		return errManyDocuments
	}
	r.seen[location] = true
	text, err := r.fetch(location)
	if err != nil {
		return err
	}
	doc, err := parse(text, MaxNodes)
	if err != nil {
		return err
	}
	if doc.root.Name != (Name{spaceWSDL, "definitions"}) {
		return ErrNoWSDL
	}
	for _, child := range doc.root.Elements() {
		name := Name{doc.root.Attribute(Name{"", "targetNamespace"}), child.Attribute(Name{"", "name"})}
		switch child.Name {
		case Name{spaceWSDL, "service"}:
			r.services = append(r.services, child)
		case Name{spaceWSDL, "binding"}:
			r.bindings[name] = child
		case Name{spaceWSDL, "portType"}:
			r.portTypes[name] = child
		case Name{spaceWSDL, "import"}:
			if err := r.follow(location, child.Attribute(Name{"", "location"})); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow reads a document that is imported. A schema may be imported so, too, by
// those who do not know better, and is passed over.
func (r *wsdlReader) follow(from, to string) error {
	if to == "" {
		return nil
	}
	base, err := url.Parse(from)
	if err != nil {
		return errLocation
	}
	target, err := base.Parse(strings.TrimSpace(to))
	if err != nil || target.Scheme != base.Scheme && !(base.Scheme == "http" && target.Scheme == "https") {
		return errLocation // a server does not make this side read its own files
	}
	if err := r.read(target.String()); err != nil && !errors.Is(err, ErrNoWSDL) {
		return err
	}
	return nil
}

func (r *wsdlReader) service(e *Element) Service {
	space := e.parent.Attribute(Name{"", "targetNamespace"})
	s := Service{Name: Name{space, e.Attribute(Name{"", "name"})}}
	for _, port := range e.Elements() {
		if port.Name != (Name{spaceWSDL, "port"}) {
			continue
		}
		p := Port{Name: Name{space, port.Attribute(Name{"", "name"})}}
		address := port.Element(Name{spaceWSDL11, "address"})
		if address == nil {
			address = port.Element(Name{spaceWSDL12, "address"})
			p.Version = SOAP12
		}
		if address == nil {
			continue // of another kind, such as HTTP GET
		}
		p.Location = strings.TrimSpace(address.Attribute(Name{"", "location"}))
		r.bind(&p, port)
		s.Ports = append(s.Ports, p)
	}
	return s
}

// bind takes version and operations from the port's binding.
func (r *wsdlReader) bind(p *Port, port *Element) {
	binding := r.bindings[port.Resolve(port.Attribute(Name{"", "binding"}))]
	if binding == nil {
		return
	}
	space := spaceWSDL11
	if binding.Element(Name{spaceWSDL12, "binding"}) != nil {
		p.Version, space = SOAP12, spaceWSDL12
	}
	operations, known := r.bound[binding]
	if !known {
		operations = r.operations(binding, space)
		r.bound[binding] = operations
	}
	p.Operations = operations
}

// operations reads those of a binding, whose extensions are in a namespace.
func (r *wsdlReader) operations(binding *Element, space string) (all []Operation) {
	outputs := r.outputs(binding)
	for _, op := range binding.Elements() {
		if op.Name != (Name{spaceWSDL, "operation"}) {
			continue
		}
		o := Operation{Name: op.Attribute(Name{"", "name"})}
		if soap := op.Element(Name{space, "operation"}); soap != nil {
			o.Action = soap.Attribute(Name{"", "soapAction"})
		}
		output, known := outputs[o.Name]
		o.OneWay = known && !output
		all = append(all, o)
	}
	return all
}

// outputs says which operations of the binding's port type have an output.
func (r *wsdlReader) outputs(binding *Element) map[string]bool {
	out := map[string]bool{}
	portType := r.portTypes[binding.Resolve(binding.Attribute(Name{"", "type"}))]
	if portType == nil {
		return out
	}
	for _, op := range portType.Elements() {
		out[op.Attribute(Name{"", "name"})] = op.Element(Name{spaceWSDL, "output"}) != nil
	}
	return out
}
