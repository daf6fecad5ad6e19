package mirth

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// WrittenVersion is the version of the engine whose exports Weir writes.
const WrittenVersion = "4.5.2"

// WriteChannel returns a channel as a file that Mirth Connect 4.5 exports: its
// order of elements, its classes and versions. Libraries are written into it, as
// an export with code templates has them.
//
// What a file held and weir.Channel has no field for is written back from Extra,
// and so is every way in which the file differed from what is written by itself:
// reading a file and writing it gives the same elements. A file older than 3.12
// comes out in the shape of the newest version, as Mirth would write it.
func WriteChannel(ch *weir.Channel, libs []Library) []byte {
	root := channelElement(ch, libs)
	if written, ok := ch.Extra.Get(writtenName); ok {
		respell(root, written.Group)
	}
	return append(appendXML(nil, root, 0), '\n')
}

// channelElement is a channel without the spelling of a file.
func channelElement(ch *weir.Channel, libs []Library) *element {
	root := &element{name: "channel"}
	root.add("id", ch.ID)
	root.add("nextMetaDataId", strconv.Itoa(ch.NextID))
	root.add("name", ch.Name)
	root.add("description", ch.Description)
	root.add("revision", strconv.Itoa(ch.Revision))
	empty := ch.Extra.Text(emptyTemplates) == "true"
	root.children = append(root.children, connectorElement("sourceConnector", ch.Source, empty))
	list := root.add("destinationConnectors", "")
	for _, d := range ch.Destinations {
		list.children = append(list.children, connectorElement("connector", d, empty))
	}
	for _, s := range []struct{ name, text string }{
		{"preprocessingScript", ch.Preprocessor}, {"postprocessingScript", ch.Postprocessor},
		{"deployScript", ch.Deploy}, {"undeployScript", ch.Undeploy},
	} {
		if s.text == "" {
			s.text = defaultScripts[s.name]
		}
		root.add(s.name, s.text)
	}
	root.children = append(root.children, propertiesElement(ch.Properties), exportElement(ch, libs))
	for _, s := range ch.Extra {
		if s.Name != writtenName && s.Name != emptyTemplates {
			root.join(s)
		}
	}
	root.order()
	version := ch.Extra.Text("@version")
	if version == "" {
		version = WrittenVersion
	}
	root.setVersions(nil, version)
	return root
}

// defaultScripts are those of a new channel.
var defaultScripts = map[string]string{
	"preprocessingScript":  "// Modify the message variable below to pre process data\nreturn message;",
	"postprocessingScript": "// This script executes once after a message has been processed\n// Responses returned from here will be stored as \"Postprocessor\" in the response map\nreturn;",
	"deployScript":         "// This script executes once when the channel is deployed\n// You only have access to the globalMap and globalChannelMap here to persist data\nreturn;",
	"undeployScript":       "// This script executes once when the channel is undeployed\n// You only have access to the globalMap and globalChannelMap here to persist data\nreturn;",
}

// connectorElement writes a connector; empty tells whether templates that are
// empty are written.
func connectorElement(name string, c weir.Connector, empty bool) *element {
	source := name == "sourceConnector"
	e := &element{name: name}
	e.add("metaDataId", strconv.Itoa(c.MetaDataID))
	e.add("name", c.Name)
	props := e.add("properties", "")
	class := c.SettingsClass
	if class == "" {
		class = ConnectorClass(c.Type)
	}
	if class != "" {
		props.setAttr("class", class)
	}
	props.addGroup(c.Settings)
	e.children = append(e.children, transformerElement("transformer", c.Transformer, empty))
	if !source && !emptyTransformer(c.ResponseTransformer) {
		e.children = append(e.children, transformerElement("responseTransformer", c.ResponseTransformer, empty))
	}
	filter := e.add("filter", "")
	filter.add("elements", "").children = stepElements(c.Filter, rules, "")
	e.add("transportName", c.Type)
	e.add("mode", map[bool]string{true: "SOURCE", false: "DESTINATION"}[source])
	e.add("enabled", strconv.FormatBool(c.Enabled))
	e.add("waitForPrevious", strconv.FormatBool(c.WaitForPrevious))
	return e
}

// emptyTransformer tells one that is not there: all have data types.
func emptyTransformer(t weir.Transformer) bool {
	return t.Inbound == "" && t.Outbound == "" && len(t.Steps) == 0 && t.InboundTemplate == "" && t.OutboundTemplate == ""
}

func transformerElement(name string, t weir.Transformer, empty bool) *element {
	e := &element{name: name}
	e.add("elements", "").children = stepElements(t.Steps, steps, "")
	for _, s := range []struct{ name, text string }{{"inboundTemplate", t.InboundTemplate}, {"outboundTemplate", t.OutboundTemplate}} {
		if s.text == "" && !empty {
			continue
		}
		e.add(s.name, base64.StdEncoding.EncodeToString([]byte(s.text))).setAttr("encoding", "base64")
	}
	e.add("inboundDataType", t.Inbound)
	e.add("outboundDataType", t.Outbound)
	for _, s := range []struct {
		name, dataType string
		settings       config.Group
	}{{"inboundProperties", t.Inbound, t.InboundSettings}, {"outboundProperties", t.Outbound, t.OutboundSettings}} {
		c := e.add(s.name, "")
		if class := DataTypeClass(s.dataType); class != "" {
			c.setAttr("class", class)
		}
		c.addGroup(s.settings)
	}
	return e
}

// stepElements writes steps or rules. Their numbers count from 0, those inside
// an iterator after the iterator's.
func stepElements(list []weir.Step, known stepClasses, around string) []*element {
	var made []*element
	for i, s := range list {
		e := &element{name: classOf(s.Type, known)}
		number := around + strconv.Itoa(i)
		e.add("name", s.Name)
		e.add("sequenceNumber", number)
		e.add("enabled", strconv.FormatBool(s.Enabled))
		if s.Operator != "" {
			e.add("operator", s.Operator)
		}
		if s.Type != "Iterator" {
			e.addGroup(s.Settings)
		} else {
			iteratorProperties(e, s, known, number)
		}
		made = append(made, e)
	}
	return made
}

// iteratorElements are the properties of an iterator, in order.
var iteratorElements = []string{"target", "indexVariable", "prefixSubstitutions", "children", "intersectIterations", "breakEarly"}

func iteratorProperties(e *element, s weir.Step, known stepClasses, number string) {
	props := e.add("properties", "")
	for _, set := range s.Settings {
		if slices.Contains(iteratorElements, set.Name) {
			props.addGroup(config.Group{set})
		} else {
			e.addGroup(config.Group{set})
		}
	}
	props.add("children", "").children = stepElements(s.Steps, known, number+"-")
	props.sort(iteratorElements)
}

func classOf(stepType string, known stepClasses) string {
	for class, name := range known {
		if name == stepType {
			return class
		}
	}
	return stepType
}

func propertiesElement(p weir.ChannelProperties) *element {
	e := &element{name: "properties"}
	flag := func(name string, on bool) { e.add(name, strconv.FormatBool(on)) }
	flag("clearGlobalChannelMap", p.ClearGlobalChannelMap)
	e.add("messageStorageMode", string(p.Storage))
	flag("encryptData", p.EncryptData)
	flag("encryptAttachments", p.EncryptAttachments)
	flag("encryptCustomMetaData", p.EncryptMetaData)
	flag("removeContentOnCompletion", p.RemoveContentOnCompletion)
	flag("removeOnlyFilteredOnCompletion", p.RemoveOnlyFiltered)
	flag("removeAttachmentsOnCompletion", p.RemoveAttachmentsOnCompletion)
	e.add("initialState", string(p.InitialState))
	flag("storeAttachments", p.StoreAttachments)
	columns := e.add("metaDataColumns", "")
	for _, c := range p.MetaDataColumns {
		col := columns.add("metaDataColumn", "")
		col.add("name", c.Name)
		col.add("type", c.Type)
		col.add("mappingName", c.Mapping)
	}
	if a := p.AttachmentHandler; a.Name != "" {
		a.Class = "" // the class of the handler is one of its elements
		e.addGroup(config.Group{a})
	}
	return e
}

func exportElement(ch *weir.Channel, libs []Library) *element {
	e := &element{name: "exportData"}
	e.add("metadata", "").add("enabled", strconv.FormatBool(ch.Enabled))
	if len(libs) > 0 {
		list := e.add("codeTemplateLibraries", "")
		for _, l := range libs {
			list.children = append(list.children, libraryElement(l))
		}
	}
	_, exported := ch.Extra.Get("exportData.dependentIds")
	if exported || len(ch.Depends) > 0 {
		e.addStrings("dependencyIds", ch.Depends)
	}
	return e
}

func libraryElement(l Library) *element {
	e := &element{name: "codeTemplateLibrary"}
	e.add("id", l.ID)
	e.add("name", l.Name)
	e.add("revision", strconv.Itoa(l.Revision))
	e.add("description", l.Description)
	e.add("includeNewChannels", strconv.FormatBool(l.IncludeNewChannels))
	e.addStrings("enabledChannelIds", l.EnabledChannelIDs)
	e.addStrings("disabledChannelIds", l.DisabledChannelIDs)
	list := e.add("codeTemplates", "")
	for _, t := range l.Templates {
		list.children = append(list.children, templateElement(t))
	}
	for _, s := range l.Extra {
		e.join(s)
	}
	return e
}

func templateElement(t Template) *element {
	e := &element{name: "codeTemplate"}
	e.add("id", t.ID)
	e.add("name", t.Name)
	e.add("revision", strconv.Itoa(t.Revision))
	delegate := e.add("contextSet", "").add("delegate", "")
	for _, c := range t.Contexts {
		delegate.add("contextType", c)
	}
	props := e.add("properties", "")
	props.setAttr("class", "com.mirth.connect.model.codetemplates.BasicCodeTemplateProperties")
	props.add("type", t.Type)
	props.add("code", t.Code)
	for _, s := range t.Extra {
		e.join(s)
	}
	return e
}

// The rest builds elements.

func (e *element) addStrings(name string, texts []string) {
	list := e.add(name, "")
	for _, t := range texts {
		list.add("string", t)
	}
}

// addGroup appends settings as children, those with an @ as attributes.
func (e *element) addGroup(g config.Group) {
	for _, s := range g {
		if name, ok := strings.CutPrefix(s.Name, "@"); ok && name != "" {
			e.setAttr(name, s.Text)
			continue
		}
		e.children = append(e.children, fromSetting(s))
	}
}

func fromSetting(s config.Setting) *element {
	e := &element{name: s.Name, text: s.Text}
	if s.Class != "" {
		e.setAttr("class", s.Class)
	}
	e.addGroup(s.Group)
	return e
}

// join puts a setting of Extra where it was: into the element of its name where
// that is one that Weir writes in part, in its place where it is one of those
// that are kept as they were, else beside the others.
func (e *element) join(s config.Setting) {
	if name, ok := strings.CutPrefix(s.Name, "@"); ok {
		if name != "version" {
			e.setAttr(name, s.Text)
		}
		return
	}
	made := fromSetting(s)
	c := e.child(s.Name)
	switch {
	case c == nil:
		e.children = append(e.children, made)
	case e.name == "destinationConnectors" || s.Name == "metaDataColumn":
		e.joinItem(s, made)
	case keptWhole[s.Name]:
		*c = *made
	case joined[s.Name] && len(s.Group) > 0:
		for _, inside := range s.Group {
			c.join(inside)
		}
	default:
		e.children = append(e.children, made)
	}
}

// joinItem joins a setting to the item of a list that its first child names.
func (e *element) joinItem(s config.Setting, made *element) {
	if len(s.Group) > 0 {
		for _, c := range e.children {
			if c.name == s.Name && c.textAt(s.Group[0].Name) == s.Group[0].Text {
				for _, inside := range s.Group[1:] {
					c.join(inside)
				}
				return
			}
		}
	}
	e.children = append(e.children, made)
}

// keptWhole are elements that Extra holds where they are not as Weir would write
// them; joined are those of which it holds a part.
var (
	keptWhole = map[string]bool{"preprocessingScript": true, "postprocessingScript": true, "deployScript": true, "undeployScript": true,
		"inboundTemplate": true, "outboundTemplate": true, "inboundProperties": true, "outboundProperties": true}
	joined = map[string]bool{"sourceConnector": true, "destinationConnectors": true, "properties": true, "exportData": true, "metadata": true,
		"filter": true, "transformer": true, "responseTransformer": true, "metaDataColumns": true}
)

// orders are the elements that Weir puts together from fields and Extra, with
// Mirth's order of their children.
var orders = map[string][]string{
	"channel":             channelElements,
	"sourceConnector":     connectorElements,
	"connector":           connectorElements,
	"transformer":         transformerElements,
	"responseTransformer": transformerElements,
	"exportData":          {"metadata", "codeTemplateLibraries", "dependentIds", "dependencyIds", "channelTags"},
	"metadata":            {"enabled", "lastModified", "pruningSettings", "userId"},
	"codeTemplateLibrary": {"id", "name", "revision", "lastModified", "description", "includeNewChannels", "enabledChannelIds",
		"disabledChannelIds", "codeTemplates"},
	"codeTemplate": {"id", "name", "revision", "lastModified", "contextSet", "properties"},
}

// channelProperties is the order of a channel's properties.
var channelProperties = []string{"clearGlobalChannelMap", "messageStorageMode", "encryptData", "encryptAttachments",
	"encryptCustomMetaData", "removeContentOnCompletion", "removeOnlyFilteredOnCompletion", "removeAttachmentsOnCompletion",
	"initialState", "storeAttachments", "metaDataColumns", "attachmentProperties", "resourceIds"}

func (e *element) order() {
	if names, ok := orders[e.name]; ok {
		e.sort(names)
	}
	for _, c := range e.children {
		switch {
		case c.name == "properties" && e.name == "channel":
			c.sort(channelProperties)
		case c.name != "properties" && c.name != "elements":
			c.order()
		}
	}
}

// sort brings children into an order; others stay behind, in theirs.
func (e *element) sort(names []string) {
	rank := func(c *element) int {
		if i := slices.Index(names, c.name); i >= 0 {
			return i
		}
		return len(names)
	}
	slices.SortStableFunc(e.children, func(a, b *element) int { return rank(a) - rank(b) })
}

func (e *element) setVersions(parent *element, v string) {
	if versioned(parent, e) && e.attr("version") == "" {
		e.setAttr("version", v)
	}
	for _, c := range e.children {
		c.setVersions(e, v)
	}
}

// versioned reports whether Mirth writes its version onto an element.
func versioned(parent, e *element) bool {
	in := ""
	if parent != nil {
		in = parent.name
	}
	switch e.name {
	case "channel", "sourceConnector", "connector", "transformer", "responseTransformer", "filter", "codeTemplate",
		"codeTemplateLibrary", "inboundProperties", "outboundProperties", "attachmentProperties", "listenerConnectorProperties",
		"pollConnectorProperties", "sourceConnectorProperties", "destinationConnectorProperties",
		"channelGroup", "alertModel", "trigger", "alertChannels", "alertActionGroup", "alertAction", directoryResource:
		return true
	case "properties":
		return in == "channel" || in == "sourceConnector" || in == "connector"
	case "serializationProperties", "deserializationProperties", "batchProperties", "responseGenerationProperties", "responseValidationProperties":
		return in == "inboundProperties" || in == "outboundProperties"
	}
	return in == "pluginProperties" || (in == "elements" || in == "children") && strings.Contains(e.name, ".")
}

// appendXML writes an element as Mirth does, two spaces for each level.
func appendXML(b []byte, e *element, depth int) []byte {
	indent := func(n int) {
		for range n {
			b = append(b, ' ', ' ')
		}
	}
	indent(depth)
	b = append(b, '<')
	b = append(b, e.name...)
	for _, a := range e.attrs {
		b = append(b, ' ')
		b = append(b, a.name...)
		b = append(b, '=', '"')
		b = appendText(b, a.value)
		b = append(b, '"')
	}
	if e.text == "" && len(e.children) == 0 && collections[e.name] {
		return append(b, '/', '>')
	}
	b = append(b, '>')
	b = appendText(b, e.text)
	for _, c := range e.children {
		b = append(b, '\n')
		b = appendXML(b, c, depth+1)
	}
	if len(e.children) > 0 {
		b = append(b, '\n')
		indent(depth)
	}
	b = append(b, '<', '/')
	b = append(b, e.name...)
	return append(b, '>')
}

// collections are written in short when they are empty; an empty text is not.
var collections = map[string]bool{"elements": true, "pluginProperties": true, "destinationConnectors": true, "metaDataColumns": true,
	"dependentIds": true, "dependencyIds": true, "channelTags": true, "codeTemplates": true, "enabledChannelIds": true,
	"disabledChannelIds": true, "values": true, "replacements": true, "prefixSubstitutions": true, "children": true, "cronJobs": true,
	"staticResources": true, "headers": true, "parameters": true, "responseHeaders": true, "mapVariables": true, "attachments": true,
	"properties": true, "metaDataIds": true, "inboundProperties": true, "outboundProperties": true}

// appendText escapes a text. A carriage return that is not a reference would be
// read as a line feed; other control characters are written as Mirth does,
// although XML 1.0 has none of them.
func appendText(b []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '&':
			b = append(b, "&amp;"...)
		case c == '<':
			b = append(b, "&lt;"...)
		case c == '>':
			b = append(b, "&gt;"...)
		case c == '"':
			b = append(b, "&quot;"...)
		case c == '\'':
			b = append(b, "&apos;"...)
		case c < 0x20 && c != '\n' && c != '\t':
			b = append(b, "&#x"...)
			b = strconv.AppendUint(b, uint64(c), 16)
			b = append(b, ';')
		default:
			b = append(b, c)
		}
	}
	return b
}

// WithoutChannels returns what a file of several objects holds beside its
// channels, as a file of the same kind: groups with the ids of their channels,
// code templates, scripts, settings. ok is false where there is nothing else.
func WithoutChannels(data []byte) (rest []byte, ok bool, err error) {
	text, err := decodeText(data)
	if err != nil {
		return nil, false, err
	}
	root, err := scan(text, defaultLimits)
	if err != nil {
		return nil, false, err
	}
	if root.name == "channel" {
		return nil, false, nil
	}
	root.removeChannels()
	return append(appendXML(nil, root, 0), '\n'), len(root.children) > 0, nil
}

// removeChannels takes out the channels inside, but for the ids in groups.
func (e *element) removeChannels() {
	var left []*element
	for _, c := range e.children {
		if c.name != "channel" || c.child("sourceConnector") == nil {
			c.removeChannels()
			left = append(left, c)
			continue
		}
		if e.name == "channels" && c.textAt("id") != "" {
			stub := &element{name: "channel", attrs: c.attrs}
			stub.add("id", c.textAt("id"))
			stub.add("revision", "0")
			left = append(left, stub)
		}
	}
	e.children = left
}
