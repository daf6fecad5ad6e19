package script

import (
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
	"github.com/weir-health/weir/tree"
)

// serializer is what SerializerFactory returns: a data type with settings. As in Mirth,
// what it has no form for is null: RAW has neither XML nor JSON, what has XML has no JSON.
type serializer struct {
	name string
	dt   weir.DataType
}

func (*serializer) JavaClass() string {
	return "com.mirth.connect.donkey.model.message.SerializerInterface"
}

func serializerClasses() []*java.Class {
	defaults := func(deserialization bool) func(*java.Call) any {
		return func(c *java.Call) any {
			return javaMap(runOf(c).host(c).DataTypeDefaults(strings.ToUpper(c.Text(0)), deserialization))
		}
	}
	toXML := func(c *java.Call) any {
		s := c.This.(*serializer)
		tt, ok := s.dt.(weir.TreeType)
		if !ok {
			return nil
		}
		if own, ok := s.dt.(weir.Serializer); ok {
			text, err := own.Serialize(c.Need(0))
			if err != nil {
				panic(serializing(c, err))
			}
			return text
		}
		root, err := tt.Parse(c.Need(0))
		if err != nil {
			panic(serializing(c, err))
		}
		return root.XMLString()
	}
	fromXML := func(c *java.Call) any {
		s := c.This.(*serializer)
		tt, ok := s.dt.(weir.TreeType)
		if !ok {
			return nil
		}
		root, err := tree.ParseXML(c.Need(0), tree.XMLOptions{})
		if err != nil {
			panic(serializing(c, err))
		}
		text, _, err := tt.Encode(root)
		if err != nil {
			panic(serializing(c, err))
		}
		return text
	}
	json := func(c *java.Call) any {
		if c.This.(*serializer).name != "JSON" {
			return nil
		}
		return c.Text(0)
	}
	describe := func(c *java.Call) any {
		if d, ok := c.This.(*serializer).dt.(weir.Describer); ok {
			return javaMap(d.Describe(c.Text(0)))
		}
		return java.NewMap()
	}
	// switches makes a serializer whose arguments are these yes/no settings, of both
	// directions where both have them.
	switches := func(dataType string, names ...string) func(*java.Call) any {
		return func(c *java.Call) any {
			read, write := make(map[string]any), make(map[string]any)
			for i, name := range names[:min(c.Len(), len(names))] {
				read[name] = c.Bool(i)
				if strings.HasPrefix(name, "useStrict") {
					write[name] = c.Bool(i)
				}
			}
			return serializerOf(c, dataType, read, write)
		}
	}
	return []*java.Class{
		{Name: "com.mirth.connect.server.userutil.SerializerFactory", Static: java.Methods{
			"getSerializer": func(c *java.Call) any {
				return serializerOf(c, strings.ToUpper(c.Text(0)), settings(c, 1), settings(c, 2))
			},
			"getDefaultSerializationProperties":   defaults(false),
			"getDefaultDeserializationProperties": defaults(true),
			"getHL7Serializer":                    switches("HL7V2", "useStrictParser", "useStrictValidation", "handleRepetitions", "convertLineBreaks", "handleSubcomponents"),
			"getX12Serializer":                    switches("EDI/X12", "inferX12Delimiters"),
			"getEDISerializer": func(c *java.Call) any {
				s := map[string]any{"segmentDelimiter": c.Text(0), "elementDelimiter": c.Text(1), "subelementDelimiter": c.Text(2)}
				return serializerOf(c, "EDI/X12", s, nil)
			},
			"getNCPDPSerializer": func(c *java.Call) any {
				s := map[string]any{"segmentDelimiter": c.Text(0), "groupDelimiter": c.Text(1), "fieldDelimiter": c.Text(2)}
				write := map[string]any{"useStrictValidation": c.Bool(3)}
				for name, v := range s {
					write[name] = v
				}
				return serializerOf(c, "NCPDP", s, write)
			},
		}},
		{Name: "com.mirth.connect.donkey.model.message.SerializerInterface", Methods: java.Methods{
			"toXML": toXML, "fromXML": fromXML,
			"toJSON": json, "fromJSON": json,
			"getMetaDataFromMessage": describe,
			"populateMetaData": func(c *java.Call) any {
				d, ok := c.This.(*serializer).dt.(weir.Describer)
				m, isMap := c.Object(1).(java.Mapping)
				if ok && isMap {
					for k, v := range d.Describe(c.Text(0)) {
						m.Put(c, k, v)
					}
				}
				return java.Void
			},
		}},
	}
}

// settings reads an argument that is a map of properties, or null.
func settings(c *java.Call, i int) map[string]any {
	if c.Null(i) {
		return nil
	}
	pairs, _ := c.Pairs(i)
	out := make(map[string]any, len(pairs))
	for _, p := range pairs {
		out[java.Text(p.Key)] = p.Value
	}
	return out
}

func serializerOf(c *java.Call, name string, in, out map[string]any) any {
	dt, err := runOf(c).host(c).DataType(name, in, out)
	if err != nil {
		panic(c.Throw("java.lang.IllegalArgumentException", err.Error()))
	}
	if dt == nil {
		return nil
	}
	return &serializer{name, dt}
}

func serializing(c *java.Call, err error) any {
	return c.Throw("com.mirth.connect.donkey.model.message.MessageSerializerException", err.Error())
}
