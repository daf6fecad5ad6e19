package hl7v2

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
)

// ErrNoHeader means that a text cannot be answered, because it does not begin
// with an MSH segment.
var ErrNoHeader = errors.New("there is no MSH segment to answer")

// shortestAnswered is the least number of bytes of a message that is answered,
// as in Mirth.
const shortestAnswered = 9

// Ack is an acknowledgment in the original mode (HL7 v2.5.1 §2.9.2) to be made
// for a message.
type Ack struct {
	Code  string // MSA-1: AA, AE, AR, or the CA, CE, CR of the enhanced mode
	Text  string // MSA-3, may be empty
	Error string // ERR-1; without it there is no ERR segment
	Stamp string // MSH-7, and MSH-10 as well
	End   string // follows every segment; empty means CR
}

// Answer builds the acknowledgment of a message, with the segments MSH
// (§2.15.9) and MSA (§2.15.8), as Mirth does. Only the message's MSH is read.
//
// The answer has the delimiters of the message. Sender and receiver are swapped
// and lose what is behind their first component; an absent receiving
// application is MIRTH. MSH-9 is ACK^event^ACK from version 2.4 on and ACK
// before. MSH-11 is P and MSH-12 is 2.4 where the message has none, and MSA-2
// is 1 for a message without a control id.
//
// A message in XML gets an answer in XML; see [Ack.AnswerXML].
func (a Ack) Answer(text string) (string, error) {
	if strings.HasPrefix(trimLeft(text), "<") {
		return a.AnswerXML(text)
	}
	h, ok := readHeader(text)
	if !ok || len(trim(text)) < shortestAnswered {
		return "", ErrNoHeader
	}
	o := original{
		delimiters: h.delimiters, encoding: firstCharacters(h.encoding, 4),
		sender: h.part(3, 1), senderFacility: h.part(4, 1),
		receiver: h.part(5, 1), receiverFacility: h.part(6, 1),
		event:      h.part(9, 2),
		controlID:  h.fields[10],
		processing: h.part(11, 1), mode: h.part(11, 2),
		version: h.part(12, 1),
	}
	o.complete()
	return a.er7(&o), nil
}

// Acknowledge is [Ack.Answer] for scripts, which see data types by what they can do.
func (t *Type) Acknowledge(message, code, text, stamp, failure string) (string, error) {
	return Ack{Code: code, Text: text, Stamp: stamp, Error: failure}.Answer(message)
}

// original is what an answer takes from the message.
type original struct {
	delimiters
	encoding                                           string
	sender, senderFacility, receiver, receiverFacility string
	event, controlID, processing, mode, version        string
}

// complete fills in what the message does not have.
func (o *original) complete() {
	orElse := func(p *string, value string) {
		if *p == "" {
			*p = value
		}
	}
	orElse(&o.receiver, "MIRTH")
	orElse(&o.controlID, "1")
	orElse(&o.processing, "P")
	orElse(&o.version, "2.4")
}

// withStructure reports whether MSH-9 names event and structure too: from 2.4 on.
func (o *original) withStructure() bool {
	rest, ok := strings.CutPrefix(o.version, "2.")
	minor, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(minor)
	return ok && err == nil && n > 3
}

func (a Ack) er7(o *original) string {
	end := a.End
	if end == "" {
		end = "\r"
	}
	var b strings.Builder
	b.Grow(160 + len(a.Text) + len(a.Error) + len(o.controlID))
	write := func(texts ...string) {
		for _, s := range texts {
			b.WriteString(s)
		}
	}
	f, c := o.field, o.component
	write("MSH", f, o.encoding, f, o.receiver, f, o.receiverFacility, f, o.sender, f, o.senderFacility, f, a.Stamp, f, f, "ACK")
	if o.withStructure() {
		write(c, o.event, c, "ACK")
	}
	write(f, a.Stamp, f, o.processing)
	if o.mode != "" {
		write(c, o.mode)
	}
	write(f, o.version, end, "MSA", f, a.Code, f, o.controlID)
	if a.Text != "" {
		write(f, a.Text)
	}
	write(end)
	if a.Error != "" {
		write("ERR", f, a.Error, end)
	}
	return b.String()
}

// firstCharacters returns at most n characters of s.
func firstCharacters(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// Respond builds the acknowledgment that the settings ask for; see [Ack.Answer].
// It is empty when MSH-15 asks for none and the settings obey it (§2.9.3.1).
func (t *Type) Respond(text string, status weir.Status, resolve func(string) string, now time.Time) (string, error) {
	r, failed := &t.ackSuccess, false
	switch status {
	case weir.Error:
		r, failed = &t.ackError, true
	case weir.Filtered:
		r, failed = &t.ackReject, true
	}
	if t.obeyMSH15 && !wanted(text, failed) {
		return "", nil
	}
	c := t.ready()
	if c.dateErr != nil {
		return "", c.dateErr
	}
	var buf [32]byte
	return Ack{
		Code:  filled(r.code.Text, r.code.Constant(), resolve),
		Text:  filled(r.text.Text, r.text.Constant(), resolve),
		Stamp: string(c.date.AppendFormat(buf[:0], now)),
		End:   c.ackEnd,
	}.Answer(text)
}

func filled(text string, constant bool, resolve func(string) string) string {
	if constant {
		return text
	}
	return resolve(text)
}

// wanted reports whether MSH-15 of a message asks for an acknowledgment.
func wanted(text string, failed bool) bool {
	condition := ""
	if strings.HasPrefix(trimLeft(text), "<") {
		condition = readXMLHeader(text, 15, 1)
	} else if h, ok := readHeader(text); ok {
		condition = h.part(15, 1)
	}
	switch condition {
	case "NE":
		return false
	case "ER":
		return failed
	case "SU":
		return !failed
	}
	return true
}
