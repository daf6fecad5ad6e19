package soap

import "strings"

// Kinds of faults, by the names of SOAP 1.1.
const (
	FaultClient          = "Client" // the message is at fault; sending it again does not help
	FaultServer          = "Server" // the receiver is at fault; the message may be sent again
	FaultVersionMismatch = "VersionMismatch"
	FaultMustUnderstand  = "MustUnderstand"
)

// Answer writes an envelope around a payload, which is XML, in the form in which
// JAX-WS writes those of a service with a message handler, as Mirth's has one.
func Answer(v Version, payload string) string {
	var b strings.Builder
	prefix := "SOAP-ENV"
	if v == SOAP12 {
		prefix = "env"
	}
	b.WriteString(`<?xml version='1.0' encoding='UTF-8'?><S:Envelope xmlns:S="` + v.Space() + `" xmlns:` + prefix + `="` + v.Space() + `"><` + prefix + `:Header/><S:Body>`)
	b.WriteString(payload)
	b.WriteString(`</S:Body></S:Envelope>`)
	return b.String()
}

// AnswerFault writes an envelope with a fault.
func AnswerFault(v Version, code, reason string) string {
	var b strings.Builder
	if v == SOAP11 {
		b.WriteString("<S:Fault><faultcode>S:" + code + "</faultcode><faultstring>")
		Escape(&b, reason)
		b.WriteString("</faultstring></S:Fault>")
		return Answer(v, b.String())
	}
	if name, renamed := map[string]string{FaultClient: "Sender", FaultServer: "Receiver"}[code]; renamed {
		code = name
	}
	b.WriteString("<S:Fault><S:Code><S:Value>S:" + code + `</S:Value></S:Code><S:Reason><S:Text xml:lang="en">`)
	Escape(&b, reason)
	b.WriteString("</S:Text></S:Reason></S:Fault>")
	return Answer(v, b.String())
}
