// Package all lists the data types that Weir has. A new one is a new line.
package all

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/datatype/delimited"
	"github.com/weir-health/weir/datatype/dicom"
	"github.com/weir-health/weir/datatype/edi"
	"github.com/weir-health/weir/datatype/hl7v2"
	"github.com/weir-health/weir/datatype/hl7v3"
	"github.com/weir-health/weir/datatype/json"
	"github.com/weir-health/weir/datatype/ncpdp"
	"github.com/weir-health/weir/datatype/raw"
	"github.com/weir-health/weir/datatype/xml"
)

// DataTypes are all data types, in the order in which people are offered them.
var DataTypes = []weir.DataTypeDef{
	delimited.Def,
	dicom.Def,
	edi.Def,
	hl7v2.Def,
	hl7v3.Def,
	json.Def,
	ncpdp.Def,
	raw.Def,
	xml.Def,
}
