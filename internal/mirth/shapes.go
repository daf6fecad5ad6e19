package mirth

import (
	"strings"

	"github.com/weir-health/weir/config"
)

// connectorClasses are the classes of connectors' properties, by transport name.
var connectorClasses = map[string]string{
	"Channel Reader": "vm.VmReceiverProperties", "Channel Writer": "vm.VmDispatcherProperties",
	"Database Reader": "jdbc.DatabaseReceiverProperties", "Database Writer": "jdbc.DatabaseDispatcherProperties",
	"DICOM Listener": "dimse.DICOMReceiverProperties", "DICOM Sender": "dimse.DICOMDispatcherProperties",
	"Document Writer": "doc.DocumentDispatcherProperties",
	"File Reader":     "file.FileReceiverProperties", "File Writer": "file.FileDispatcherProperties",
	"HTTP Listener": "http.HttpReceiverProperties", "HTTP Sender": "http.HttpDispatcherProperties",
	"JavaScript Reader": "js.JavaScriptReceiverProperties", "JavaScript Writer": "js.JavaScriptDispatcherProperties",
	"JMS Listener": "jms.JmsReceiverProperties", "JMS Sender": "jms.JmsDispatcherProperties",
	"SMTP Sender":  "smtp.SmtpDispatcherProperties",
	"TCP Listener": "tcp.TcpReceiverProperties", "TCP Sender": "tcp.TcpDispatcherProperties",
	"Web Service Listener": "ws.WebServiceReceiverProperties", "Web Service Sender": "ws.WebServiceDispatcherProperties",
}

// ConnectorClass is the class of a connector's properties by its transport name,
// empty for one that Mirth does not have.
func ConnectorClass(transport string) string {
	if class, ok := connectorClasses[transport]; ok {
		return "com.mirth.connect.connectors." + class
	}
	return ""
}

// dataTypes are the beginnings of the class names of a data type's properties,
// and the groups of properties that it has.
var dataTypes = map[string]struct {
	class  string
	groups []string
}{
	"HL7V2":     {"hl7v2.HL7v2", []string{"serialization", "deserialization", "batch", "responseGeneration", "responseValidation"}},
	"HL7V3":     {"hl7v3.HL7V3", []string{"serialization", "batch"}},
	"XML":       {"xml.XML", []string{"serialization", "batch"}},
	"JSON":      {"json.JSON", []string{"batch"}},
	"DELIMITED": {"delimited.Delimited", []string{"serialization", "deserialization", "batch"}},
	"EDI/X12":   {"edi.EDI", []string{"serialization", "batch"}},
	"NCPDP":     {"ncpdp.NCPDP", []string{"serialization", "deserialization", "batch"}},
	"DICOM":     {"dicom.DICOM", nil},
	"RAW":       {"raw.Raw", []string{"batch"}},
}

// DataTypeClass is the class of a data type's properties.
func DataTypeClass(name string) string {
	t, ok := dataTypes[name]
	if !ok {
		return ""
	}
	return "com.mirth.connect.plugins.datatypes." + t.class + "DataTypeProperties"
}

// DataTypeSettings returns the properties of a data type as Mirth writes them
// for a new one: all of its groups with their classes, and in them the settings
// that the fields declare, with their defaults. Lists that are not set are left
// out.
func DataTypeSettings(name string, fields []*config.Field) config.Group {
	t, ok := dataTypes[name]
	if !ok {
		return nil
	}
	var g config.Group
	for _, group := range t.groups {
		s := config.Setting{Name: group + "Properties",
			Class: "com.mirth.connect.plugins.datatypes." + t.class + strings.ToUpper(group[:1]) + group[1:] + "Properties"}
		for _, f := range fields {
			if in, name, _ := strings.Cut(f.Name, "."); in == s.Name && f.Kind != "list" && f.Kind != "map" && f.Kind != "group" {
				s.Group = append(s.Group, config.Setting{Name: name, Text: f.Default})
			}
		}
		g = append(g, s)
	}
	return g
}
