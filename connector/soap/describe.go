package soap

import (
	"html"
	"net/http"
	"net/url"
	"strings"

	"github.com/weir-health/weir/connector/httpserver"
	"github.com/weir-health/weir/wire/soap"
)

// space is the namespace of Mirth's service.
const space = "http://ws.connectors.connect.mirth.com/"

// describe answers with WSDL or schema, at the queries that JAX-WS has them at,
// else with a page for people.
func (l *Listener) describe(x *httpserver.Exchange) error {
	address := l.address(x.R)
	contentType, text := "text/xml;charset=utf-8", ""
	switch query := x.R.URL.RawQuery; {
	case query == "wsdl", query == "WSDL":
		text = l.wsdl(address)
	case query == "xsd=1":
		text = schema
	case strings.HasPrefix(query, "wsdl"), strings.HasPrefix(query, "xsd="):
		return httpserver.ErrNotFound
	default:
		contentType, text = "text/html;charset=utf-8", page(address)
	}
	x.W.Header().Set("Content-Type", contentType)
	if x.R.Method == http.MethodHead {
		text = ""
	}
	return x.Write(http.StatusOK, []byte(text))
}

// address is the service's as the client knows it.
func (l *Listener) address(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: r.Host, Path: l.path}).String()
}

// wsdl writes the WSDL, in the form of JAX-WS: the schema is a document of its own.
func (l *Listener) wsdl(address string) string {
	binding := "http://schemas.xmlsoap.org/wsdl/soap/"
	if l.version == soap.SOAP12 {
		binding = "http://schemas.xmlsoap.org/wsdl/soap12/"
	}
	return strings.NewReplacer("{binding}", binding, "{address}", html.EscapeString(address)).Replace(wsdl)
}

const wsdl = `<?xml version='1.0' encoding='UTF-8'?><definitions xmlns:wsam="http://www.w3.org/2007/05/addressing/metadata" xmlns:soap="{binding}" xmlns:tns="` + space + `" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="` + space + `" name="DefaultAcceptMessageService">
<types>
<xsd:schema>
<xsd:import namespace="` + space + `" schemaLocation="{address}?xsd=1"/>
</xsd:schema>
</types>
<message name="acceptMessage">
<part name="parameters" element="tns:acceptMessage"/>
</message>
<message name="acceptMessageResponse">
<part name="parameters" element="tns:acceptMessageResponse"/>
</message>
<portType name="DefaultAcceptMessage">
<operation name="acceptMessage">
<input wsam:Action="` + space + `DefaultAcceptMessage/acceptMessageRequest" message="tns:acceptMessage"/>
<output wsam:Action="` + space + `DefaultAcceptMessage/acceptMessageResponse" message="tns:acceptMessageResponse"/>
</operation>
</portType>
<binding name="DefaultAcceptMessagePortBinding" type="tns:DefaultAcceptMessage">
<soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>
<operation name="acceptMessage">
<soap:operation soapAction=""/>
<input>
<soap:body use="literal"/>
</input>
<output>
<soap:body use="literal"/>
</output>
</operation>
</binding>
<service name="DefaultAcceptMessageService">
<port name="DefaultAcceptMessagePort" binding="tns:DefaultAcceptMessagePortBinding">
<soap:address location="{address}"/>
</port>
</service>
</definitions>`

const schema = `<?xml version='1.0' encoding='UTF-8'?><xs:schema xmlns:tns="` + space + `" xmlns:xs="http://www.w3.org/2001/XMLSchema" version="1.0" targetNamespace="` + space + `">

<xs:element name="acceptMessage" type="tns:acceptMessage"/>

<xs:element name="acceptMessageResponse" type="tns:acceptMessageResponse"/>

<xs:complexType name="acceptMessage">
<xs:sequence>
<xs:element name="arg0" type="xs:string" minOccurs="0"/>
</xs:sequence>
</xs:complexType>

<xs:complexType name="acceptMessageResponse">
<xs:sequence>
<xs:element name="return" type="xs:string" minOccurs="0"/>
</xs:sequence>
</xs:complexType>
</xs:schema>`

// page tells people that the service is there.
func page(address string) string {
	address = html.EscapeString(address)
	return `<html><head><title>Web Services</title></head><body><h1>Web Services</h1><table border="1"><tr><th>Endpoint</th><th>Information</th></tr>` +
		`<tr><td>Service Name: {` + space + `}DefaultAcceptMessageService<br>Port Name: {` + space + `}DefaultAcceptMessagePort</td>` +
		`<td>Address: ` + address + `<br>WSDL: <a href="` + address + `?wsdl">` + address + `?wsdl</a></td></tr></table></body></html>`
}
