// Package ncpdp is the data type "NCPDP": pharmacy claims and their answers in the
// NCPDP Telecommunication Standard, versions 5.1 and D.0.
//
// A message is a header of fixed width and segments of fields, each with a code
// of two characters; groups of segments are transactions. In the tree everything
// has the name of the dictionary:
//
//	<NCPDP_D0_Billing_Request>
//	  <TransactionHeaderRequest><BinNumber>610066</BinNumber>…</TransactionHeaderRequest>
//	  <Patient><DateOfBirth>19700101</DateOfBirth></Patient>
//	  <TRANSACTIONS><TRANSACTION counter="1"><Claim>…</Claim></TRANSACTION></TRANSACTIONS>
//	</NCPDP_D0_Billing_Request>
package ncpdp

import (
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Def is how the engine knows this data type.
var Def = weir.DataTypeDef{
	Name:    "NCPDP",
	Summary: "Pharmacy claims and responses of the NCPDP Telecommunication Standard, 5.1 and D.0.",
	New:     func() weir.DataType { return new(Type) },
}

// New returns the data type with its default settings.
func New() *Type {
	t := new(Type)
	config.Default(t)
	return t
}

// Type is the data type "NCPDP". Its settings are those of Mirth. Only a script
// can cut its batches.
type Type struct {
	read, write settings
	validate    bool

	splitType   string
	batchScript string
}

// settings are the delimiters as settings write them.
type settings struct{ segment, group, field string }

// delimiters are the delimiters as they stand in a message.
type delimiters settings

var (
	_ weir.TreeType  = (*Type)(nil)
	_ weir.Passer    = (*Type)(nil)
	_ weir.Describer = (*Type)(nil)
)

// Fields lists the settings.
func (t *Type) Fields(f *config.Fields) {
	const read, write = "serializationProperties.", "deserializationProperties."
	t.read.fields(f, read, "in messages read")
	t.write.fields(f, write, "in messages written")
	f.Bool(&t.validate, write+"useStrictValidation", false, "Read and write every message, also one that nothing changes. As in Mirth, nothing is refused: what its schemas find is told to nobody.")

	const batch = "batchProperties."
	f.String(&t.splitType, batch+"splitType", "JavaScript", "How a batch is cut into messages.").OneOf("JavaScript")
	f.String(&t.batchScript, batch+"batchScript", "", "The script that cuts a batch.")
}

func (s *settings) fields(f *config.Fields, group, where string) {
	f.String(&s.segment, group+"segmentDelimiter", "0x1E", "What stands before a segment "+where+".")
	f.String(&s.group, group+"groupDelimiter", "0x1D", "What stands before a transaction "+where+".")
	f.String(&s.field, group+"fieldDelimiter", "0x1C", "What stands before a field "+where+".")
}

// Form says that scripts get an XML tree.
func (t *Type) Form() weir.Form { return weir.FormTree }

// BatchScript returns the script that cuts batches.
func (t *Type) BatchScript() (script string, ok bool) { return t.batchScript, true }

// NeedsTree reports whether validation is asked for. In Mirth that always parses,
// and then passes over all that the schema finds; so messages are only written anew.
func (t *Type) NeedsTree(inbound bool) bool { return !inbound && t.validate }

// Pass replaces the delimiters by those of the outbound side, where they differ.
func (t *Type) Pass(text string, outbound weir.DataType) string {
	o, ok := outbound.(*Type)
	if !ok {
		return text
	}
	from, to := t.read.delimiters(), o.write.delimiters()
	var pairs []string
	for _, p := range [...][2]string{{from.segment, to.segment}, {from.group, to.group}, {from.field, to.field}} {
		if p[0] != "" && p[0] != p[1] {
			pairs = append(pairs, p[0], p[1])
		}
	}
	if len(pairs) == 0 {
		return text
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (s *settings) delimiters() delimiters {
	return delimiters{config.Delimiter(s.segment), config.Delimiter(s.group), config.Delimiter(s.field)}
}

// Describe returns mirth_source (the service provider id, with its blanks),
// mirth_type (the name of the transaction) and mirth_version, from the header.
func (t *Type) Describe(text string) map[string]any {
	d := t.read.delimiters()
	text, _ = d.cutHeader(trim(text))
	h := readHeader(text)
	out := make(map[string]any, 3)
	for name, value := range map[string]string{
		"mirth_source":  h.value("ServiceProviderId"),
		"mirth_type":    h.transaction(),
		"mirth_version": h.value("VersionReleaseNumber"),
	} {
		if trim(value) != "" {
			out[name] = value
		}
	}
	return out
}
