package all

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// property is a property of Mirth's data types: its default, another value, and
// something that it changes.
type property struct {
	name, def, other string
	changes          func(dt weir.DataType) string
	with             string // what else must be set, name=value, for it to count
}

const hl7 = "MSH|^~\\&|LAB|H|EHR|C|20240310||ADT^A01^ADT_A01|7|P|2.5|||NE\nPID|1||5^^^H&1&ISO~6||DOE^JANE||x\r\n"

// parsed is the tree of a text, or the error.
func parsed(text string) func(weir.DataType) string {
	return func(dt weir.DataType) string {
		root, err := dt.(weir.TreeType).Parse(text)
		if err != nil {
			return err.Error()
		}
		return root.XMLString()
	}
}

// written is the text of the tree that the defaults make of a text.
func written(name, text string, settings ...string) func(weir.DataType) string {
	return func(dt weir.DataType) string {
		root, err := made(name, settings...).(weir.TreeType).Parse(text)
		if err != nil {
			return err.Error()
		}
		out, _, err := dt.(weir.TreeType).Encode(root)
		return fmt.Sprint(out, err)
	}
}

func split(text string) func(weir.DataType) string {
	return func(dt weir.DataType) string {
		var b strings.Builder
		for m, err := range dt.(weir.Splitter).Split(text) {
			fmt.Fprintf(&b, "%q %v\n", m, err)
		}
		return b.String()
	}
}

func batchScript(dt weir.DataType) string {
	code, ok := dt.(interface{ BatchScript() (string, bool) }).BatchScript()
	return fmt.Sprint(code, ok)
}

func answer(status weir.Status) func(weir.DataType) string {
	return func(dt weir.DataType) string {
		text, err := dt.(weir.Responder).Respond(hl7, status, func(s string) string { return s }, time.Unix(0, 0).UTC())
		return fmt.Sprint(text, err)
	}
}

func check(reply string) func(weir.DataType) string {
	return func(dt weir.DataType) string {
		lookup := func(name string) (any, bool) { return "9", name == "id" }
		return fmt.Sprint(dt.(weir.ResponseChecker).Check(weir.Response{Status: weir.Sent, Message: "MSH|^~\\&|A\rMSA|" + reply}, hl7, lookup))
	}
}

const (
	read   = "serializationProperties."
	write  = "deserializationProperties."
	batch  = "batchProperties."
	ack    = "responseGenerationProperties."
	valid  = "responseValidationProperties."
	claim  = "610066D0B11234567890101NPI1234567  20240310          \x1e\x1cAM01\x1cC419700101\x1d\x1e\x1cAM07\x1cEM1\x1cD2123"
	table  = "id,name\r\n1,\"a\"\"b\"\n1,\"c,d\"\n2,e\n"
	twoXML = "<r xmlns='urn:x'><m><m>1</m></m><n>2</n></r>"
)

// noChange is for what only the engine looks at.
func noChange(weir.DataType) string { return "" }

var properties = map[string][]property{
	"HL7V2": {
		{read + "handleRepetitions", "true", "false", parsed(hl7), ""},
		{read + "handleSubcomponents", "true", "false", parsed(hl7), ""},
		{read + "useStrictParser", "false", "true", parsed(hl7), ""},
		{read + "useStrictValidation", "false", "true", parsed(hl7), read + "useStrictParser=true"},
		{read + "stripNamespaces", "false", "true", parsed(hl7), read + "useStrictParser=true"},
		{read + "segmentDelimiter", `\r`, `0x0A`, parsed(strings.ReplaceAll(hl7, "\r\n", "\r")), read + "convertLineBreaks=false"},
		{read + "convertLineBreaks", "true", "false", parsed(hl7), ""},
		{write + "useStrictParser", "false", "true", written("HL7V2", hl7, read+"useStrictParser=true"), ""},
		{write + "useStrictValidation", "false", "true", written("HL7V2", hl7, read+"useStrictParser=true"), write + "useStrictParser=true"},
		{write + "segmentDelimiter", `\r`, `\n`, written("HL7V2", hl7), ""},
		{batch + "splitType", "MSH_Segment", "JavaScript", batchScript, ""},
		{batch + "batchScript", "", "return null", batchScript, ""},
		{ack + "segmentDelimiter", `\r`, `\n`, answer(weir.Sent), ""},
		{ack + "successfulACKCode", "AA", "CA", answer(weir.Sent), ""},
		{ack + "successfulACKMessage", "", "fine", answer(weir.Sent), ""},
		{ack + "errorACKCode", "AE", "CE", answer(weir.Error), ""},
		{ack + "errorACKMessage", "An Error Occurred Processing Message.", "no", answer(weir.Error), ""},
		{ack + "rejectedACKCode", "AR", "CR", answer(weir.Filtered), ""},
		{ack + "rejectedACKMessage", "Message Rejected.", "no", answer(weir.Filtered), ""},
		{ack + "msh15ACKAccept", "false", "true", answer(weir.Sent), ""},
		{ack + "dateFormat", "yyyyMMddHHmmss.SSS", "yyyy", answer(weir.Sent), ""},
		{valid + "successfulACKCode", "AA,CA", "OK", check("OK|7"), ""},
		{valid + "errorACKCode", "AE,CE", "AA", check("AA|7"), ""},
		{valid + "rejectedACKCode", "AR,CR", "AA", check("AA|7"), ""},
		{valid + "validateMessageControlId", "true", "false", check("AA|8"), ""},
		{valid + "originalMessageControlId", "Destination_Encoded", "Map_Variable", check("AA|9"), valid + "originalIdMapVariable=id"},
		{valid + "originalIdMapVariable", "", "id", check("AA|9"), valid + "originalMessageControlId=Map_Variable"},
	},
	"HL7V3": {
		{read + "stripNamespaces", "false", "true", parsed(`<a xmlns="urn:x"/>`), ""},
		{batch + "splitType", "JavaScript", "JavaScript", noChange, ""},
		{batch + "batchScript", "", "return null", batchScript, ""},
	},
	"XML": {
		{read + "stripNamespaces", "false", "true", parsed(`<a xmlns="urn:x"/>`), ""},
		{batch + "splitType", "Element_Name", "Level", split(twoXML), batch + "elementName=m"},
		{batch + "elementName", "", "n", split(twoXML), ""},
		{batch + "level", "1", "2", split(twoXML), batch + "splitType=Level"},
		{batch + "query", "", "//n", split(twoXML), batch + "splitType=XPath_Query"},
		{batch + "batchScript", "", "return null", batchScript, batch + "splitType=JavaScript"},
	},
	"JSON": {{batch + "splitType", "JavaScript", "JavaScript", noChange, ""}, {batch + "batchScript", "", "return null", batchScript, ""}},
	"RAW":  {{batch + "splitType", "JavaScript", "JavaScript", noChange, ""}, {batch + "batchScript", "", "return null", batchScript, ""}},
	"DELIMITED": {
		{read + "columnDelimiter", ",", ";", parsed(table), ""},
		{read + "recordDelimiter", `\n`, ",", parsed(table), ""},
		{read + "columnWidths", "", "1 2", parsed(table), ""},
		{read + "quoteToken", `"`, "'", parsed(table), ""},
		{read + "escapeWithDoubleQuote", "true", "false", parsed(table), ""},
		{read + "quoteEscapeToken", `\`, "!", parsed(`"a!"b",c`), read + "escapeWithDoubleQuote=false"},
		{read + "columnNames", "", "x y", parsed(table), ""},
		{read + "numberedRows", "false", "true", parsed(table), ""},
		{read + "ignoreCR", "true", "false", parsed(table), ""},
		{write + "columnDelimiter", ",", ";", written("DELIMITED", table), ""},
		{write + "recordDelimiter", `\n`, "!", written("DELIMITED", table), ""},
		{write + "columnWidths", "", "3 4", written("DELIMITED", table), ""},
		{write + "quoteToken", `"`, "'", written("DELIMITED", table), ""},
		{write + "escapeWithDoubleQuote", "true", "false", written("DELIMITED", `"a,""b",c`), ""},
		{write + "quoteEscapeToken", `\`, "!", written("DELIMITED", `"a,""b",c`), write + "escapeWithDoubleQuote=false"},
		{batch + "splitType", "Record", "Grouping_Column", split(table), batch + "batchGroupingColumn=column1"},
		{batch + "batchSkipRecords", "0", "1", split(table), ""},
		{batch + "batchMessageDelimiter", "", "2,", split(table), batch + "splitType=Delimiter"},
		{batch + "batchMessageDelimiterIncluded", "false", "true", split(table), batch + "splitType=Delimiter " + batch + "batchMessageDelimiter=2,"},
		{batch + "batchGroupingColumn", "", "column1", split(table), batch + "splitType=Grouping_Column"},
		{batch + "batchScript", "", "return null", batchScript, batch + "splitType=JavaScript"},
	},
	"EDI/X12": {
		{read + "segmentDelimiter", "~", "*", parsed("ST*270*0001~"), ""},
		{read + "elementDelimiter", "*", "+", parsed("ST*270+0001~"), ""},
		{read + "subelementDelimiter", ":", "7", parsed("ST*270*0001~"), ""},
		{read + "inferX12Delimiters", "true", "false", parsed("ISA+" + strings.Repeat("0", 100) + "/!GS+A/B!"), ""},
		{batch + "splitType", "JavaScript", "JavaScript", noChange, ""},
		{batch + "batchScript", "", "return null", batchScript, ""},
	},
	"NCPDP": {
		{read + "segmentDelimiter", "0x1E", "!", parsed(strings.ReplaceAll(claim, "\x1e", "!")), ""},
		{read + "groupDelimiter", "0x1D", "!", parsed(claim), ""},
		{read + "fieldDelimiter", "0x1C", "!", parsed(claim), ""},
		{write + "segmentDelimiter", "0x1E", "!", written("NCPDP", claim), ""},
		{write + "groupDelimiter", "0x1D", "!", written("NCPDP", claim), ""},
		{write + "fieldDelimiter", "0x1C", "!", written("NCPDP", claim), ""},
		{write + "useStrictValidation", "false", "true", func(dt weir.DataType) string { return fmt.Sprint(dt.(weir.Passer).NeedsTree(false)) }, ""},
		{batch + "splitType", "JavaScript", "JavaScript", noChange, ""},
		{batch + "batchScript", "", "return null", batchScript, ""},
	},
	"DICOM": nil,
}

// made makes a data type with settings; a value of several words is a list where
// the setting is one.
func made(name string, settings ...string) weir.DataType {
	i := slices.IndexFunc(DataTypes, func(d weir.DataTypeDef) bool { return d.Name == name })
	dt := DataTypes[i].New()
	groups := map[string]config.Group{}
	for _, s := range settings {
		path, value, _ := strings.Cut(s, "=")
		group, setting, _ := strings.Cut(path, ".")
		one := config.Setting{Name: setting, Text: value}
		if setting == "columnWidths" || setting == "columnNames" {
			one.Text = ""
			for _, item := range strings.Fields(value) {
				one.Group = append(one.Group, config.Setting{Name: "string", Text: item})
			}
		}
		groups[group] = append(groups[group], one)
	}
	var all config.Group
	for name, g := range groups {
		all = append(all, config.Setting{Name: name, Group: g})
	}
	if unknown, err := config.Decode(all, dt); err != nil || len(unknown) > 0 {
		panic(fmt.Sprint(settings, unknown, err))
	}
	return dt
}

// Every property of Mirth's data types is there, has its default, and changes
// something.
func TestProperties(t *testing.T) {
	for _, def := range DataTypes {
		expected, known := properties[def.Name]
		if !known {
			t.Errorf("%s is not in the table", def.Name)
		}
		defaults := map[string]string{}
		for _, f := range config.List(def.New()) {
			defaults[f.Name] = f.Default
		}
		for _, p := range expected {
			got, there := defaults[p.name]
			if !there || got != p.def {
				t.Errorf("%s: %s is there: %v, with the default %q, want %q", def.Name, p.name, there, got, p.def)
				continue
			}
			delete(defaults, p.name)
			if p.other == p.def {
				continue // the only choice
			}
			var more []string
			if p.with != "" {
				more = strings.Fields(p.with)
			}
			before := p.changes(made(def.Name, more...))
			after := p.changes(made(def.Name, append(slices.Clone(more), p.name+"="+p.other)...))
			if before == after {
				t.Errorf("%s: %s=%s changes nothing of %s", def.Name, p.name, p.other, before)
			}
		}
		for name := range defaults {
			t.Errorf("%s: setting %s is none of Mirth's", def.Name, name)
		}
	}
}
