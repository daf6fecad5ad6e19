package mirth

import (
	"encoding/base64"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

var connectorElements = []string{"metaDataId", "name", "properties", "transformer", "responseTransformer", "filter",
	"transportName", "mode", "enabled", "waitForPrevious"}

// readConnector reads a source or a destination. rest is what weir.Connector
// has no field for.
func (p place) readConnector(e *element, source bool) (c weir.Connector, rest config.Group) {
	props := e.child("properties")
	c = weir.Connector{
		MetaDataID:      e.intAt("metaDataId"),
		Name:            e.textAt("name"),
		Type:            e.textAt("transportName"),
		Enabled:         source || e.boolAt("enabled", true),
		WaitForPrevious: e.boolAt("waitForPrevious", true),
		Settings:        props.group(),
		SettingsClass:   props.attr("class"),
	}
	if c.Type == "" {
		p.note(e, Blocks, "Export the channel again.", "the connector %q has no transport name", shown(c.Name))
	}
	rest = p.rest(e, connectorElements, nil)

	filter := e.child("filter")
	c.Filter = p.in("filter/elements").readFilter(filter.child("elements"))
	rest = appendNested(rest, "filter", p.in("filter").rest(filter, []string{"elements"}, nil))

	var more config.Group
	c.Transformer, more = p.in("transformer").readTransformer(e.child("transformer"))
	rest = appendNested(rest, "transformer", more)
	if e.child("transformer") == nil {
		p.note(e, Blocks, "Export the channel again.", "the connector %q has no transformer, and so no data types", shown(c.Name))
	}
	c.ResponseTransformer, more = p.in("responseTransformer").readTransformer(e.child("responseTransformer"))
	rest = appendNested(rest, "responseTransformer", more)
	return c, rest
}

var transformerElements = []string{"elements", "inboundTemplate", "outboundTemplate", "inboundDataType",
	"outboundDataType", "inboundProperties", "outboundProperties"}

func (p place) readTransformer(e *element) (t weir.Transformer, rest config.Group) {
	t = weir.Transformer{
		Inbound:  e.textAt("inboundDataType"),
		Outbound: e.textAt("outboundDataType"),
		Steps:    p.in("elements").readSteps(e.child("elements"), steps),
	}
	rest = p.rest(e, transformerElements, nil)
	for _, s := range []struct {
		name, dataType string
		settings       *config.Group
	}{{"inboundProperties", t.Inbound, &t.InboundSettings}, {"outboundProperties", t.Outbound, &t.OutboundSettings}} {
		c := e.child(s.name)
		if c != nil && ofAnotherType(c.attr("class"), s.dataType) {
			p.in(s.name).note(c, Info, "", "the properties are those of another data type than %s and are kept without effect", s.dataType)
			rest = append(rest, c.setting())
			continue
		}
		*s.settings = c.group()
	}
	for _, s := range []struct {
		name string
		text *string
	}{{"inboundTemplate", &t.InboundTemplate}, {"outboundTemplate", &t.OutboundTemplate}} {
		c := e.child(s.name)
		if c == nil {
			continue
		}
		text, err := templateText(c)
		if err != nil {
			p.in(s.name).note(c, Difference, "Paste the template again and export the channel.",
				"the template is not the base64 it claims to be; it is kept but not used")
			rest = append(rest, c.setting())
		}
		*s.text = text
	}
	return t, rest
}

// ofAnotherType reports whether properties of a data type are not those of the
// type that is chosen. Exports have such leftovers of an earlier choice; what
// the chosen type has no use for, Mirth does not look at.
func ofAnotherType(class, dataType string) bool {
	name, ok := strings.CutPrefix(class, "com.mirth.connect.plugins.datatypes.")
	plugin, _, inPackage := strings.Cut(name, ".")
	chosen, _, _ := strings.Cut(dataType, "/") // EDI/X12
	return ok && inPackage && dataType != "" && !strings.EqualFold(plugin, chosen)
}

// templateText decodes a template.
func templateText(e *element) (string, error) {
	if e.attr("encoding") != "base64" {
		return e.text, nil
	}
	compact := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, e.text)
	data, err := base64.StdEncoding.DecodeString(compact)
	if err != nil {
		data, err = base64.RawStdEncoding.DecodeString(compact)
	}
	return strings.ToValidUTF8(string(data), "\uFFFD"), err
}
