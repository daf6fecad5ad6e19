package mirth

import "strings"

// 3.1.0

// batchProperties gives every data type a way to split batches.
func batchProperties(e *element) {
	class := e.attr("class")
	dot := strings.LastIndexByte(class, '.')
	name, ok := strings.CutSuffix(class[dot+1:], "DataTypeProperties")
	if !ok {
		return
	}
	var fields [][2]string
	switch name {
	case "HL7v2":
		fields = [][2]string{{"splitType", "MSH_Segment"}, {"batchScript", ""}}
	case "XML":
		fields = [][2]string{{"splitType", "Element_Name"}, {"elementName", ""}, {"level", "1"}, {"query", ""}, {"batchScript", ""}}
	case "HL7V3", "EDI", "NCPDP", "Raw", "JSON":
		fields = [][2]string{{"splitType", "JavaScript"}, {"batchScript", ""}}
	case "Delimited":
		delimitedSplit(e.child("batchProperties"))
		return
	default:
		return
	}
	batch := e.addMissing("batchProperties", "")
	batch.setAttr("class", class[:dot+1]+name+"BatchProperties")
	for _, f := range fields {
		batch.addMissing(f[0], f[1])
	}
}

// delimitedSplit names the way of splitting that was implied.
func delimitedSplit(batch *element) {
	if batch == nil {
		return
	}
	split := "Record"
	if !batch.boolAt("batchSplitByRecord", true) {
		switch {
		case batch.textAt("batchMessageDelimiter") != "":
			split = "Delimiter"
		case batch.textAt("batchGroupingColumn") != "":
			split = "Grouping_Column"
		case batch.textAt("batchScript") != "":
			split = "JavaScript"
		}
	}
	batch.remove("batchSplitByRecord")
	batch.addMissing("splitType", split)
}

// 3.2.0

func ackDateFormat(e *element) {
	if hasClass(e, "HL7v2ResponseGenerationProperties") || e.child("successfulACKCode") != nil {
		e.addMissing("dateFormat", "yyyyMMddHHmmss")
	}
}

func ackControlID(e *element) {
	e.addMissing("validateMessageControlId", "false")
	e.addMissing("originalMessageControlId", "Destination_Encoded")
	e.addMissing("originalIdMapVariable", "")
}

// 3.3.0

func quoteTokens(e *element) {
	e.rename("quoteChar", "quoteToken")
	e.rename("quoteEscapeChar", "quoteEscapeToken")
}

// 3.4.0

func jsonSplit(e *element) { e.addMissing("splitType", "JavaScript") }
