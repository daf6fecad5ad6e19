package hl7v2

import (
	"strings"

	"github.com/weir-health/weir/tree"
)

// xmlSpace is the namespace of HL7 v2 messages in XML (HL7 v2.xml, §2.1).
const xmlSpace = "urn:hl7-org:v2xml"

// AnswerXML is [Ack.Answer] for a message in XML, be it of the standard's
// encoding or of Mirth's: the MSH is found by its name, and its components by
// the number at the end of theirs. The answer is in the standard's encoding.
func (a Ack) AnswerXML(text string) (string, error) {
	root, err := tree.ParseXML(trim(text), tree.XMLOptions{DropBlank: true})
	if err != nil {
		return "", err
	}
	msh := find(root, "MSH")
	if msh == nil {
		return "", ErrNoHeader
	}
	o := original{
		delimiters: standard, encoding: xmlPart(msh, 2, 1),
		sender: xmlPart(msh, 3, 1), senderFacility: xmlPart(msh, 4, 1),
		receiver: xmlPart(msh, 5, 1), receiverFacility: xmlPart(msh, 6, 1),
		event:      xmlPart(msh, 9, 2),
		controlID:  xmlPart(msh, 10, 1),
		processing: xmlPart(msh, 11, 1), mode: xmlPart(msh, 11, 2),
		version: xmlPart(msh, 12, 1),
	}
	if f := xmlPart(msh, 1, 1); f != "" {
		o.field = firstCharacters(f, 1)
	}
	if o.encoding == "" {
		o.encoding = `^~\&`
	}
	o.complete()
	return a.xml(&o), nil
}

// xml writes the answer as HL7 v2.xml does: components are named by their data
// types.
func (a Ack) xml(o *original) string {
	kind := group("MSH.9", leaf("MSG.1", "ACK"))
	if o.withStructure() {
		kind.Fill(leaf("MSG.2", o.event), leaf("MSG.3", "ACK"))
	}
	processing := group("MSH.11", leaf("PT.1", o.processing))
	if o.mode != "" {
		processing.Fill(leaf("PT.2", o.mode))
	}
	msa := group("MSA", leaf("MSA.1", a.Code), leaf("MSA.2", o.controlID))
	if a.Text != "" {
		msa.Fill(leaf("MSA.3", a.Text))
	}
	ack := group("ACK",
		group("MSH",
			leaf("MSH.1", o.field), leaf("MSH.2", o.encoding),
			group("MSH.3", leaf("HD.1", o.receiver)), group("MSH.4", leaf("HD.1", o.receiverFacility)),
			group("MSH.5", leaf("HD.1", o.sender)), group("MSH.6", leaf("HD.1", o.senderFacility)),
			group("MSH.7", leaf("TS.1", a.Stamp)), kind, leaf("MSH.10", a.Stamp),
			processing, group("MSH.12", leaf("VID.1", o.version))),
		msa)
	if a.Error != "" {
		ack.Fill(group("ERR", group("ERR.1", leaf("ELD.1", a.Error))))
	}
	prune(ack)
	ack.Declare(tree.Namespace{URI: xmlSpace})
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + indented(ack, "") + "\n"
}

func group(name string, children ...*tree.Node) *tree.Node {
	n := tree.NewNamed(tree.Name{Space: xmlSpace, Local: name})
	n.Fill(children...)
	return n
}

func leaf(name, text string) *tree.Node {
	n := group(name)
	n.SetText(text)
	return n
}

// prune takes out elements that hold nothing, which the encoding leaves out.
func prune(n *tree.Node) {
	for i := len(n.Children()) - 1; i >= 0; i-- {
		c := n.Children()[i]
		if c.Kind != tree.Element {
			continue
		}
		if prune(c); len(c.Children()) == 0 {
			n.Remove(i)
		}
	}
}

// indented puts every element on a line of its own.
func indented(n *tree.Node, indent string) string {
	if firstElement(n) == nil {
		return indent + "<" + n.Name.Local + ">" + string(tree.AppendXMLText(nil, leafText(n))) + "</" + n.Name.Local + ">"
	}
	space := ""
	for _, s := range n.Namespaces() {
		space = ` xmlns="` + s.URI + `"`
	}
	var b strings.Builder
	b.WriteString(indent + "<" + n.Name.Local + space + ">\n")
	for _, c := range n.Children() {
		b.WriteString(indented(c, indent+"    ") + "\n")
	}
	b.WriteString(indent + "</" + n.Name.Local + ">")
	return b.String()
}

// readXMLHeader returns a component of the MSH of a message in XML.
func readXMLHeader(text string, field, component int) string {
	root, err := tree.ParseXML(trim(text), tree.XMLOptions{DropBlank: true})
	if err != nil {
		return ""
	}
	if msh := find(root, "MSH"); msh != nil {
		return xmlPart(msh, field, component)
	}
	return ""
}

// xmlPart returns a component of the first repetition of a segment's field.
func xmlPart(segment *tree.Node, field, component int) string {
	f := find(segment, numbered(segment.Name.Local, field))
	if f == nil {
		return ""
	}
	if firstElement(f) == nil {
		if component == 1 {
			return strings.TrimSpace(leafText(f))
		}
		return ""
	}
	for _, c := range f.Children() {
		if c.Kind == tree.Element && numberOf(c.Name.Local) == component {
			return strings.TrimSpace(firstText(c))
		}
	}
	return ""
}

// find returns the first element of a name, n itself or inside it.
func find(n *tree.Node, name string) *tree.Node {
	if n.Kind != tree.Element {
		return nil
	}
	if n.Name.Local == name {
		return n
	}
	for _, c := range n.Children() {
		if found := find(c, name); found != nil {
			return found
		}
	}
	return nil
}

// firstText returns the text of the first leaf in n.
func firstText(n *tree.Node) string {
	for e := firstElement(n); e != nil; e = firstElement(n) {
		n = e
	}
	return leafText(n)
}
