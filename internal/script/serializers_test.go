package script_test

import (
	"fmt"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datatype/all"
)

// serializerHost makes data types with the settings that scripts give.
type serializerHost struct{ recorder }

func (*serializerHost) DataType(name string, serialization, deserialization map[string]any) (weir.DataType, error) {
	for _, def := range all.DataTypes {
		if def.Name == name {
			dt := def.New()
			_, err := config.Decode(config.Group{
				{Name: "serializationProperties", Group: settingsOf(serialization)},
				{Name: "deserializationProperties", Group: settingsOf(deserialization)},
			}, dt)
			return dt, err
		}
	}
	return nil, nil
}

func settingsOf(m map[string]any) (g config.Group) {
	for name, value := range m {
		g = append(g, config.Setting{Name: name, Text: fmt.Sprint(value)})
	}
	return g
}

// The old ways to get a serializer take their settings one by one.
func TestSerializers(t *testing.T) {
	const message = `'MSH|^~\\&|A|B|C|D|1||ACK|1|P|2.5\rMSA|AA|a~b&c^d'`
	for _, c := range []struct{ name, body, want string }{
		{"strict", "return new XML(SerializerFactory.getHL7Serializer(true, false).toXML(" + message + ")).name().localName", "ACK"},
		{"strict both ways", "var s = SerializerFactory.getHL7Serializer(true, false); return String(s.fromXML(s.toXML(" + message + "))).split('MSA')[1]", "|AA|a~b\r"},
		{"not strict", "return new XML(SerializerFactory.getHL7Serializer(false, false).toXML(" + message + ")).name().localName", "HL7Message"},
		{"repetitions and subcomponents", "return new XML(SerializerFactory.getHL7Serializer(false, false, false, true, false).toXML(" + message + "))['MSA']['MSA.2']['MSA.2.1'].toString()", "a~b&c"},
		{"X12 without inference", "return new XML(SerializerFactory.getX12Serializer(false).toXML('A*b~')).children().length()", "1"},
		{"EDI", "return new XML(SerializerFactory.getEDISerializer('!', '+', '/').toXML('A+b/c!D+e!'))['A']['A.01']['A.01.2'].toString()", "c"},
		{"DICOM", "return String(SerializerFactory.getSerializer('DICOM').fromXML(\"<dicom><tag00100020 tag='00100020' vr='LO'>7</tag00100020></dicom>\"))", "EAAgAAIAAAA3IA=="},
	} {
		scope := newScope()
		scope.Host = &serializerHost{}
		got, err := runBody(t, scope, c.body)
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, %v, want %s", c.name, got, err, c.want)
		}
	}
}
