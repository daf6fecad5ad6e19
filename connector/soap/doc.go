// Package soap receives and sends messages as web services over SOAP: the
// connectors "Web Service Listener" and "Web Service Sender".
//
// # Listener
//
// The service is the one that Mirth publishes by default: the operation
// acceptMessage takes a message as the text arg0 and gives the channel's response
// as the text return, which is left out where there is none. The response's status
// changes nothing about the answer. WSDL and schema are at ?wsdl and ?xsd=1.
//
// What becomes no message is answered with a fault, Client where the sender is at
// fault and Server where it should send again; and with the refusals of package
// httpserver where there is no SOAP yet to answer in. Mirth answers as if nothing
// were wrong when a message was not kept.
//
// # Sender
//
// The WSDL says where the service is and which version of SOAP it speaks. It is
// read before the first message, and again when settings with variables give
// another one; one that cannot be read keeps the message in the queue. Without a
// WSDL, locationURI says where, and the envelope which version.
//
// The envelope goes out as it is written. Redirects are followed with the same
// request, by POST, up to 20 requests; Mirth's Java turns some of them into a GET
// without the message. User name and password are not shown to another server than
// the one that they are for.
//
// A fault is an ERROR with the fault as response, since sending again does not
// help; any other failure is QUEUED, without a response.
package soap
