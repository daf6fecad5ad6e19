// Package hl7v2 is the data type "HL7V2": messages of HL7 version 2 in their
// ER7 form, segments of fields between delimiters.
//
// Reading is lazy. [Type.Parse] finds the segments' limits and no more; a
// segment is split when a script looks inside it, and so is a field. Writing
// copies whatever nobody changed.
//
//	root, err := t.Parse(text)      // <HL7Message><MSH>…</MSH><PID>…</PID></HL7Message>
//	…
//	text, regular, err := t.Encode(root)
//
// The tree is that of Mirth's non-strict parser: PID-5.1 of the first repetition
// is the element PID.5.1 inside the first element PID.5 inside PID. Escape
// sequences stay as they are in both directions. With useStrictParser it is that
// of the standard's XML encoding, by the tables of the standard (dictionary.go,
// strict*.go).
//
// What needs only a field or two does without a tree: [Get], [Type.Describe],
// the acknowledgment ([Ack], [Type.Respond]) and its check ([Type.Check]).
package hl7v2

import (
	"fmt"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datefmt"
)

// Def is how the engine knows this data type.
var Def = weir.DataTypeDef{
	Name:    "HL7V2",
	Summary: "HL7 version 2 messages: segments, fields and components between delimiters.",
	New:     func() weir.DataType { return new(Type) },
}

// New returns the data type with its default settings.
func New() *Type {
	t := new(Type)
	config.Default(t)
	return t
}

// Type is the data type "HL7V2". Its settings are those of Mirth.
type Type struct {
	handleRepetitions   bool
	handleSubcomponents bool
	readStrict          bool
	readValidated       bool
	stripNamespaces     bool
	readDelimiter       string
	convertLineBreaks   bool

	writeStrict    bool
	writeValidated bool
	writeDelimiter string

	splitType   string
	batchScript string

	ackDelimiter string
	ackSuccess   reply
	ackError     reply
	ackReject    reply
	obeyMSH15    bool
	ackDate      string

	successCodes    string
	errorCodes      string
	rejectCodes     string
	checkControlID  bool
	controlIDSource string
	controlIDName   string

	once     sync.Once
	compiled compiled
}

// reply is the code and text of an acknowledgment.
type reply struct{ code, text config.Template }

var (
	_ weir.TreeType        = (*Type)(nil)
	_ weir.Passer          = (*Type)(nil)
	_ weir.Describer       = (*Type)(nil)
	_ weir.Responder       = (*Type)(nil)
	_ weir.ResponseChecker = (*Type)(nil)
	_ weir.Splitter        = (*Type)(nil)
)

// Fields lists the settings.
func (t *Type) Fields(f *config.Fields) {
	const read, write = "serializationProperties.", "deserializationProperties."
	f.Bool(&t.handleRepetitions, read+"handleRepetitions", true, "Split fields at the repetition separator.")
	f.Bool(&t.handleSubcomponents, read+"handleSubcomponents", true, "Split components at the subcomponent separator.")
	f.Bool(&t.readStrict, read+"useStrictParser", false, "Read by the structures of the standard, versions 2.1 to 2.8: groups are elements, and components are named by their data types.")
	f.Bool(&t.readValidated, read+"useStrictValidation", false, "With the strict parser: refuse what the standard does not allow.")
	f.Bool(&t.stripNamespaces, read+"stripNamespaces", false, "With the strict parser: leave namespaces out of the XML.")
	f.String(&t.readDelimiter, read+"segmentDelimiter", `\r`, "Characters that end a segment in messages read.")
	f.Bool(&t.convertLineBreaks, read+"convertLineBreaks", true, "Take every kind of line break as the end of a segment.")

	f.Bool(&t.writeStrict, write+"useStrictParser", false, "Write by the structures of the standard, from the elements that the strict parser reads.")
	f.Bool(&t.writeValidated, write+"useStrictValidation", false, "With the strict parser: refuse what the standard does not allow.")
	f.String(&t.writeDelimiter, write+"segmentDelimiter", `\r`, "What is written after every segment.")

	const batch = "batchProperties."
	f.String(&t.splitType, batch+"splitType", "MSH_Segment", "How a batch is cut into messages.").OneOf("MSH_Segment", "JavaScript")
	f.String(&t.batchScript, batch+"batchScript", "", "The script that cuts a batch, for the split type JavaScript.")

	const ack = "responseGenerationProperties."
	f.String(&t.ackDelimiter, ack+"segmentDelimiter", `\r`, "What is written after every segment of an acknowledgment.")
	f.Template(&t.ackSuccess.code, ack+"successfulACKCode", "AA", "MSA-1 when the message was accepted.")
	f.Template(&t.ackSuccess.text, ack+"successfulACKMessage", "", "MSA-3 when the message was accepted.")
	f.Template(&t.ackError.code, ack+"errorACKCode", "AE", "MSA-1 when processing failed.")
	f.Template(&t.ackError.text, ack+"errorACKMessage", "An Error Occurred Processing Message.", "MSA-3 when processing failed.")
	f.Template(&t.ackReject.code, ack+"rejectedACKCode", "AR", "MSA-1 when a filter rejected the message.")
	f.Template(&t.ackReject.text, ack+"rejectedACKMessage", "Message Rejected.", "MSA-3 when a filter rejected the message.")
	f.Bool(&t.obeyMSH15, ack+"msh15ACKAccept", false, "Acknowledge only when MSH-15 of the message asks for it.")
	f.String(&t.ackDate, ack+"dateFormat", "yyyyMMddHHmmss.SSS", "Date pattern of MSH-7 in acknowledgments.")

	const check = "responseValidationProperties."
	f.String(&t.successCodes, check+"successfulACKCode", "AA,CA", "Values of MSA-1 that mean success, separated by commas.")
	f.String(&t.errorCodes, check+"errorACKCode", "AE,CE", "Values of MSA-1 that mean an error.")
	f.String(&t.rejectCodes, check+"rejectedACKCode", "AR,CR", "Values of MSA-1 that mean a rejection.")
	f.Bool(&t.checkControlID, check+"validateMessageControlId", true, "Demand that MSA-2 is the control id of what was sent.")
	f.String(&t.controlIDSource, check+"originalMessageControlId", "Destination_Encoded", "Where the control id sent is found.").
		OneOf("Destination_Encoded", "Map_Variable")
	f.String(&t.controlIDName, check+"originalIdMapVariable", "", "The map variable that holds the control id sent.")
}

// Form says that scripts get an XML tree.
func (t *Type) Form() weir.Form { return weir.FormTree }

// CheckSettings reports settings that Weir understands and cannot honour, so
// that a channel which needs them does not deploy.
func (t *Type) CheckSettings() error {
	if _, err := datefmt.Compile(t.ackDate); err != nil {
		return &weir.Fault{At: "responseGenerationProperties.dateFormat", Err: err, Hint: "Use a pattern such as yyyyMMddHHmmss.SSS."}
	}
	return nil
}

// compiled is what the settings come to. It is made once, before first use.
type compiled struct {
	ends    string // every character that ends a segment, sorted
	readEnd string // what line breaks are made
	end     string // written after a segment
	ackEnd  string
	date    *datefmt.Format
	dateErr error

	success, failure, rejection []string // of MSA-1
}

func (t *Type) ready() *compiled {
	t.once.Do(func() {
		ends := config.Delimiter(t.readDelimiter)
		if t.convertLineBreaks {
			ends += "\r\n"
		}
		date, err := datefmt.Compile(t.ackDate)
		t.compiled = compiled{
			ends:      sortedSet(ends),
			readEnd:   config.Delimiter(t.readDelimiter),
			end:       config.Delimiter(t.writeDelimiter),
			ackEnd:    config.Delimiter(t.ackDelimiter),
			date:      date,
			success:   list(t.successCodes),
			failure:   list(t.errorCodes),
			rejection: list(t.rejectCodes),
		}
		if err != nil {
			t.compiled.dateErr = fmt.Errorf("date pattern of acknowledgments: %w", err)
		}
	})
	return &t.compiled
}

func list(codes string) []string {
	var out []string
	for _, c := range strings.Split(codes, ",") {
		if c = strings.TrimSpace(c); c != "" {
			out = append(out, c)
		}
	}
	return out
}
