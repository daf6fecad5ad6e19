package hl7v2

import (
	"fmt"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
)

// Texts of the judgments, as Mirth words them.
const (
	answerBlank    = "Empty or blank response received."
	answerInvalid  = "Invalid HL7 v2.x acknowledgement received."
	answerNack     = "NACK sent from receiver."
	answerMismatch = "Message control Ids do not match."
)

// Check judges the acknowledgment in r by its MSA (HL7 v2.5.1 §2.15.8): a
// rejection or an error make the status ERROR, and so does a success with
// another control id than the one sent. What is no acknowledgment, or blank,
// leaves the message QUEUED: it may be that nobody has read it.
//
// The control id sent is MSH-10 of sent, or the value of a map variable. An
// answer in XML is judged by its elements MSA.1, MSA.2, MSA.3 and ERR.1.
func (t *Type) Check(r weir.Response, sent string, lookup func(name string) (any, bool)) weir.Response {
	if isBlank(r.Message) {
		return judged(r, weir.Queued, answerBlank, "")
	}
	a, ok := readAnswer(r.Message)
	c := t.ready()
	switch {
	case !ok:
		return judged(r, weir.Queued, answerInvalid, "")
	case beginsWithOne(a.code, c.rejection):
		return judged(r, weir.Error, answerNack+" (Rejected)", a.details())
	case beginsWithOne(a.code, c.failure):
		return judged(r, weir.Error, answerNack+" (Error)", a.details())
	case !beginsWithOne(a.code, c.success):
		return judged(r, weir.Queued, answerInvalid, "")
	}
	if t.checkControlID {
		if want := t.controlIDSent(sent, lookup); a.controlID != want {
			return judged(r, weir.Error, answerMismatch, fmt.Sprintf("Expected %s, received %s.", want, a.controlID))
		}
	}
	r.Status = weir.Sent
	return r
}

func judged(r weir.Response, s weir.Status, text, details string) weir.Response {
	r.Status, r.StatusMessage, r.Error = s, text, text
	if details != "" {
		r.Error += "\n" + details
	}
	return r
}

func beginsWithOne(code string, list []string) bool {
	for _, c := range list {
		if strings.HasPrefix(code, c) {
			return true
		}
	}
	return false
}

func (t *Type) controlIDSent(sent string, lookup func(name string) (any, bool)) string {
	if t.controlIDSource == "Map_Variable" {
		if v, ok := lookup(t.controlIDName); ok {
			return fmt.Sprint(v)
		}
		return ""
	}
	if strings.HasPrefix(trimLeft(sent), "<") {
		return readXMLHeader(sent, 10, 1)
	}
	h, _ := readHeader(sent)
	return h.fields[10]
}

// answer is what an acknowledgment says.
type answer struct {
	code, controlID, text string
	errors                []string
}

func (a *answer) details() string {
	var lines []string
	for _, s := range append([]string{a.text}, a.errors...) {
		if s != "" {
			lines = append(lines, s)
		}
	}
	return strings.Join(lines, "\n")
}

// readAnswer finds the MSA of an acknowledgment and the ERR segments.
func readAnswer(text string) (a answer, ok bool) {
	if strings.HasPrefix(trimLeft(text), "<") {
		return readXMLAnswer(text)
	}
	h, found := readHeader(text)
	separator := h.field
	if !found {
		separator = standard.field
	}
	for line, rest := nextLine(text); ; line, rest = nextLine(rest) {
		fields := line
		switch name := partOf(trimLeft(fields), separator, 1); {
		case name == "MSA" && !ok:
			ok = true
			a.code, a.controlID, a.text = partOf(fields, separator, 2), partOf(fields, separator, 3), partOf(fields, separator, 4)
		case name == "ERR":
			a.errors = append(a.errors, partOf(fields, separator, 2))
		}
		if rest == "" {
			return a, ok
		}
	}
}

func nextLine(text string) (line, rest string) {
	i := strings.IndexAny(text, "\r\n")
	if i < 0 {
		return text, ""
	}
	return text[:i], text[i+1:]
}

func readXMLAnswer(text string) (a answer, ok bool) {
	root, err := tree.ParseXML(trim(text), tree.XMLOptions{DropBlank: true})
	if err != nil {
		return a, false
	}
	value := func(name string) string {
		if n := find(root, name); n != nil {
			return strings.TrimSpace(firstText(n))
		}
		return ""
	}
	a = answer{code: value("MSA.1"), controlID: value("MSA.2"), text: value("MSA.3"), errors: []string{value("ERR.1")}}
	return a, find(root, "MSA.1") != nil
}
