package transform

import (
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

// What comes of a message where the data types of both sides differ, or do not,
// without steps and without an outbound template.
func TestConversions(t *testing.T) {
	const (
		hl7Text = "MSH|^~\\&|A\rPID|1"
		hl7XML  = `<HL7Message><MSH><MSH.1>|</MSH.1><MSH.2>^~\&amp;</MSH.2><MSH.3><MSH.3.1>A</MSH.3.1></MSH.3></MSH><PID><PID.1><PID.1.1>1</PID.1.1></PID.1></PID></HL7Message>`
		rows    = "a,b\n1,2\n"
		rowsXML = "<delimited><row><column1>a</column1><column2>b</column2></row><row><column1>1</column1><column2>2</column2></row></delimited>"
		ediText = "ST*270~"
		ediXML  = `<EDIMessage elementDelimiter="*" segmentDelimiter="~" subelementDelimiter=":"><ST><ST.01><ST.01.1>270</ST.01.1></ST.01></ST></EDIMessage>`
		dicom   = "CAAFAENTCgBJU09fSVIgMTAwEAAQAFBOAgBBQg=="
		dicomRe = "CAAFAAoAAABJU09fSVIgMTAwEAAQAAIAAABBQg=="
		dcmXML  = `<dicom><tag00080005 len="10" pos="0" tag="00080005" vr="CS">ISO_IR 100</tag00080005><tag00100010 len="2" pos="18" tag="00100010" vr="PN">AB</tag00100010></dicom>`
	)
	for _, c := range []struct {
		from, to, text, want string
		active               bool // a script runs, and there is a transformed content
	}{
		// The same type on both sides leaves the message as it is.
		{"HL7V2", "HL7V2", hl7Text, hl7Text, false},
		{"XML", "XML", "<?xml version='1.0'?><!-- c --><a  b='1'/>", "<?xml version='1.0'?><!-- c --><a  b='1'/>", false},
		{"HL7V3", "HL7V3", " <a/> ", " <a/> ", false},
		{"JSON", "JSON", `{ "a": 1 }`, `{ "a": 1 }`, false},
		{"RAW", "RAW", "", "", false},
		{"DELIMITED", "DELIMITED", "a,b", "a,b", false},
		{"EDI/X12", "EDI/X12", "ST*1", "ST*1", false},
		{"NCPDP", "NCPDP", "x", "x", false},
		{"DICOM", "DICOM", dicom, dicom, false},

		// Types with a tree give its XML to those without one, and to XML.
		{"HL7V2", "XML", hl7Text, hl7XML, true},
		{"HL7V2", "HL7V3", hl7Text, hl7XML, true},
		{"HL7V2", "RAW", hl7Text, hl7XML, true},
		{"HL7V2", "JSON", hl7Text, hl7XML, true},
		{"DELIMITED", "XML", rows, rowsXML, true},
		{"EDI/X12", "XML", ediText, ediXML, true},
		{"DICOM", "XML", dicom, dcmXML, true},
		{"XML", "RAW", "<?xml version='1.0'?>\n<a>  <b/>  </a>", "<a><b/></a>", true},

		// XML becomes what the outbound type makes of its elements.
		{"XML", "HL7V2", hl7XML, hl7Text + "\r", true},
		{"XML", "HL7V2", "<PID><PID.3><PID.3.1>1</PID.3.1></PID.3></PID>", "PID|||1", true},
		{"XML", "DELIMITED", rowsXML, rows, true},
		{"XML", "EDI/X12", ediXML, ediText, true},
		{"XML", "DICOM", dcmXML, dicomRe, true},
		{"HL7V3", "XML", "<a xmlns='urn:x'/>", `<a xmlns="urn:x"/>`, true},

		// Text that is handed to a type with a tree must be XML already.
		{"RAW", "HL7V2", hl7XML, hl7Text + "\r", true},
		{"RAW", "JSON", "anything", "anything", true},
		{"JSON", "RAW", `{ "a": [1, "x"] }`, `{"a":[1,"x"]}`, true},
		{"JSON", "XML", `"<a/>"`, "<a/>", true},
	} {
		res, _, err := run(t, Config{Transformer: weir.Transformer{Inbound: c.from, Outbound: c.to}}, c.text)
		if err != nil || res.Encoded != c.want || res.HasTransformed != c.active {
			t.Errorf("%s to %s of %q\n got %q, transformed %v, %v\nwant %q", c.from, c.to, c.text, res.Encoded, res.HasTransformed, err, c.want)
		}
	}
	for _, c := range []struct{ from, to, text, words string }{
		{"RAW", "HL7V2", hl7Text, "is not XML"},
		{"RAW", "XML", "", "is not XML"},
		{"JSON", "RAW", "", "JSON"},
		{"HL7V2", "XML", "", "too short"},
		{"EDI/X12", "XML", "", "too short"},
		{"NCPDP", "XML", "", "too short"},
		{"XML", "RAW", "", "XML"},
		{"DICOM", "XML", "SECRET", "DICOM"},
		{"XML", "HL7V2", "<!DOCTYPE a><a/>", "document type"},
	} {
		_, _, err := run(t, Config{Transformer: weir.Transformer{Inbound: c.from, Outbound: c.to}}, c.text)
		if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s to %s of %q: got %v, want the words %q", c.from, c.to, c.text, err, c.words)
		}
	}
}
