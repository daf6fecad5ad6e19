package channelfile

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/mirth"
)

// Types finds the settings of connectors and data types by name; nil for a name
// that is not known.
type Types struct {
	Source, Destination, DataType func(name string) config.Settings
}

// header is how every file begins that is written.
const header = "# A channel of Weir. What the keys mean: docs/channel-format.md.\n"

// Write returns a channel as a file. Libraries are those of its code templates
// that the file is to hold.
func Write(ch *weir.Channel, libs []mirth.Library, t Types) []byte {
	w := writer{t}
	n := &node{kind: mappingKind}
	n.set("name", text(ch.Name))
	n.set("id", text(ch.ID))
	setText(n, "description", ch.Description, "")
	setText(n, "revision", strconv.Itoa(ch.Revision), "0")
	setText(n, "nextMetaDataId", strconv.Itoa(ch.NextID), strconv.Itoa(nextID(ch)))
	setBool(n, "enabled", ch.Enabled, true)
	setText(n, "dialect", ch.Dialect, "")
	setTexts(n, "depends", ch.Depends)
	setSome(n, "variables", variablesNode(ch.Variables))
	access := &node{kind: mappingKind}
	setTexts(access, "files", ch.Access.Files)
	setTexts(access, "network", ch.Access.Network)
	setTexts(access, "databases", ch.Access.Databases)
	setSome(n, "access", access)
	n.set("source", w.connector(ch.Source, nil))
	if len(ch.Destinations) > 0 {
		list := &node{kind: listKind}
		for _, d := range ch.Destinations {
			list.items = append(list.items, w.connector(d, &ch.Source))
		}
		n.set("destinations", list)
	}
	setText(n, "preprocessor", ch.Preprocessor, "")
	setText(n, "postprocessor", ch.Postprocessor, "")
	setText(n, "deploy", ch.Deploy, "")
	setText(n, "undeploy", ch.Undeploy, "")
	extra, retention := splitRetention(ch.Extra)
	setSome(n, "retention", retentionNode(retention))
	setSome(n, "properties", propertiesNode(ch.Properties))
	if len(libs) > 0 {
		list := &node{kind: listKind}
		for _, l := range libs {
			list.items = append(list.items, libraryNode(l))
		}
		n.set("codeTemplateLibraries", list)
	}
	modules := &node{kind: mappingKind}
	for _, path := range slices.Sorted(maps.Keys(ch.Modules)) {
		modules.set(path, text(ch.Modules[path]))
	}
	setSome(n, "modules", modules)
	setSome(n, "extra", differences(extra, mirth.NewExtra()))
	return []byte(header + emit(n))
}

// nextID is the metadata id after those in use.
func nextID(ch *weir.Channel) int {
	next := 1
	for _, d := range ch.Destinations {
		next = max(next, d.MetaDataID+1)
	}
	return next
}

type writer struct{ Types }

// sourceName is what Mirth calls every source.
const sourceName = "sourceConnector"

// connector writes a connector; source is nil for the source itself.
func (w writer) connector(c weir.Connector, source *weir.Connector) *node {
	n := &node{kind: mappingKind}
	find := w.Source
	if source == nil {
		setText(n, "name", c.Name, sourceName)
		setText(n, "id", strconv.Itoa(c.MetaDataID), "0")
	} else {
		n.set("name", text(c.Name))
		n.set("id", text(strconv.Itoa(c.MetaDataID)))
		find = w.Destination
	}
	n.set("type", text(c.Type))
	setText(n, "class", c.SettingsClass, mirth.ConnectorClass(c.Type))
	setBool(n, "enabled", c.Enabled, true)
	setBool(n, "waitForPrevious", c.WaitForPrevious, true)
	known, extra := c.Settings, config.Group(nil)
	s := find(c.Type)
	if s != nil {
		known, extra = separate(c.Settings, s)
	}
	usualKnown, usualExtra := newConnector(c, s)
	setSome(n, "settings", differences(known, usualKnown))
	setSome(n, "extra", differences(extra, usualExtra))
	if len(c.Filter) > 0 {
		n.set("filter", stepsNode(c.Filter, firstOperator))
	}
	usual := defaultTransformer(source, w.Types)
	if !sameTransformer(c.Transformer, usual) {
		n.set("transformer", w.transformer(c.Transformer))
	}
	response := weir.Transformer{}
	if source != nil {
		response = defaultResponse(c.Transformer, w.Types)
	}
	switch {
	case sameTransformer(c.ResponseTransformer, response):
	case sameTransformer(c.ResponseTransformer, weir.Transformer{}):
		n.set("responseTransformer", &node{kind: nothing})
	default:
		n.set("responseTransformer", w.transformer(c.ResponseTransformer))
	}
	return n
}

// separate takes out the settings that the declarations do not know.
func separate(g config.Group, s config.Settings) (known, extra config.Group) {
	names, _ := config.Decode(g, s)
	unknown := map[string]bool{}
	for _, name := range names {
		unknown[name] = true
	}
	return split(g, "", unknown)
}

func split(g config.Group, prefix string, unknown map[string]bool) (known, extra config.Group) {
	for _, s := range g {
		name := prefix + s.Name
		if unknown[name] {
			extra = append(extra, s)
			continue
		}
		inside, out := split(s.Group, name+".", unknown)
		if len(out) > 0 {
			s.Group = inside
			extra = append(extra, config.Setting{Name: s.Name, Group: out})
		}
		known = append(known, s)
	}
	return known, extra
}

// defaultTransformer is that of a connector that says nothing about it: messages
// pass, in the source's data type.
func defaultTransformer(source *weir.Connector, t Types) weir.Transformer {
	name := "RAW"
	var settings config.Group
	if source != nil {
		name, settings = source.Transformer.Outbound, source.Transformer.OutboundSettings
	} else {
		settings = t.dataTypeSettings(name)
	}
	return weir.Transformer{Inbound: name, Outbound: name, InboundSettings: settings, OutboundSettings: settings}
}

// defaultResponse is the response transformer of a destination that says nothing
// about it.
func defaultResponse(t weir.Transformer, types Types) weir.Transformer {
	settings := types.dataTypeSettings(t.Outbound)
	return weir.Transformer{Inbound: t.Outbound, Outbound: t.Outbound, InboundSettings: settings, OutboundSettings: settings}
}

// dataTypeSettings are those of a new transformer.
func (t Types) dataTypeSettings(name string) config.Group {
	s := t.DataType(name)
	if s == nil {
		return nil
	}
	return mirth.DataTypeSettings(name, config.List(s))
}

func sameTransformer(a, b weir.Transformer) bool {
	return len(a.Steps) == 0 && len(b.Steps) == 0 && a.Inbound == b.Inbound && a.Outbound == b.Outbound &&
		a.InboundTemplate == b.InboundTemplate && a.OutboundTemplate == b.OutboundTemplate &&
		slices.EqualFunc(a.InboundSettings, b.InboundSettings, equal) && slices.EqualFunc(a.OutboundSettings, b.OutboundSettings, equal)
}

func (w writer) transformer(t weir.Transformer) *node {
	n := &node{kind: mappingKind}
	n.set("inbound", w.side(t.Inbound, t.InboundSettings, t.InboundTemplate))
	if out := w.side(t.Outbound, t.OutboundSettings, t.OutboundTemplate); out.kind != textKind || t.Outbound != t.Inbound {
		n.set("outbound", out)
	}
	if len(t.Steps) > 0 {
		n.set("steps", stepsNode(t.Steps, ""))
	}
	return n
}

// side writes a data type with what differs from a new one, by its name alone
// where nothing does.
func (w writer) side(name string, g config.Group, template string) *node {
	settings := changes(g, w.dataTypeSettings(name))
	if len(settings.entries) == 0 && template == "" {
		return text(name)
	}
	n := &node{kind: mappingKind}
	n.set("type", text(name))
	setSome(n, "settings", settings)
	setText(n, "template", template, "")
	return n
}

// stepSettings are the settings of a new step of each type, in Mirth's order.
var stepSettings = map[string]config.Group{
	"JavaScript":      {{Name: "script"}},
	"External Script": {{Name: "scriptPath"}},
	"Mapper": {{Name: "variable"}, {Name: "mapping"}, {Name: "defaultValue"}, {Name: "replacements"},
		{Name: "scope", Text: "CHANNEL"}},
	"Message Builder": {{Name: "messageSegment"}, {Name: "mapping"}, {Name: "defaultValue"}, {Name: "replacements"}},
	"Rule Builder":    {{Name: "field"}, {Name: "condition", Text: "EXISTS"}, {Name: "values"}},
	"XSLT Step": {{Name: "sourceXml"}, {Name: "resultVariable"}, {Name: "template"}, {Name: "useCustomFactory", Text: "false"},
		{Name: "customFactory"}},
	"Destination Set Filter": {{Name: "behavior", Text: "REMOVE"}, {Name: "metaDataIds"}, {Name: "field"},
		{Name: "condition", Text: "EXISTS"}, {Name: "values"}},
}

// iteratorSettings are those of an iterator, which has more in a filter.
var (
	iteratorSettings     = config.Group{{Name: "target"}, {Name: "indexVariable", Text: "i"}, {Name: "prefixSubstitutions"}}
	iteratorRuleSettings = append(iteratorSettings[:3:3], config.Setting{Name: "intersectIterations", Text: "false"},
		config.Setting{Name: "breakEarly", Text: "true"})
)

// newStep returns the settings of a new step. Those of a rule can be told by its
// operator; the rules in an iterator have one, too.
func newStep(stepType string, rule bool) (config.Group, bool) {
	switch {
	case stepType != "Iterator":
		g, ok := stepSettings[stepType]
		return g, ok
	case rule:
		return iteratorRuleSettings, true
	}
	return iteratorSettings, true
}

// firstOperator is that of the first rule, which has none before it.
const firstOperator = "NONE"

// stepsNode writes steps, or rules whose first has the operator that goes without
// saying.
func stepsNode(steps []weir.Step, operator string) *node {
	list := &node{kind: listKind}
	for i, s := range steps {
		n := &node{kind: mappingKind}
		setText(n, "name", s.Name, "")
		n.set("type", text(s.Type))
		setBool(n, "enabled", s.Enabled, true)
		usual := ""
		if i == 0 {
			usual = operator
		}
		setText(n, "operator", s.Operator, usual)
		defaults, ok := newStep(s.Type, s.Operator != "")
		own := changes(s.Settings, defaults)
		switch {
		case !ok || slices.ContainsFunc(own.entries, func(e entry) bool { _, known := named(defaults, e.key); return !known }):
			// What belongs to a plugin has a place where nothing else has a meaning.
			n.set("settings", settingNode(config.Setting{Group: s.Settings}))
		default:
			n.entries = append(n.entries, own.entries...)
		}
		if len(s.Steps) > 0 {
			n.set("steps", stepsNode(s.Steps, operator))
		}
		list.items = append(list.items, n)
	}
	return list
}

func propertiesNode(p weir.ChannelProperties) *node {
	n := &node{kind: mappingKind}
	setBool(n, "clearGlobalChannelMap", p.ClearGlobalChannelMap, true)
	setText(n, "messageStorageMode", string(p.Storage), string(weir.Development))
	setBool(n, "encryptData", p.EncryptData, false)
	setBool(n, "encryptAttachments", p.EncryptAttachments, false)
	setBool(n, "encryptCustomMetaData", p.EncryptMetaData, false)
	setBool(n, "removeContentOnCompletion", p.RemoveContentOnCompletion, false)
	setBool(n, "removeOnlyFilteredOnCompletion", p.RemoveOnlyFiltered, false)
	setBool(n, "removeAttachmentsOnCompletion", p.RemoveAttachmentsOnCompletion, false)
	setText(n, "initialState", string(p.InitialState), string(weir.Started))
	setBool(n, "storeAttachments", p.StoreAttachments, true)
	if len(p.MetaDataColumns) > 0 {
		list := &node{kind: listKind}
		for _, c := range p.MetaDataColumns {
			col := &node{inLine: true}
			col.set("name", text(c.Name))
			col.set("type", text(c.Type))
			col.set("mappingName", text(c.Mapping))
			list.items = append(list.items, col)
		}
		n.set("metaDataColumns", list)
	}
	a := p.AttachmentHandler
	a.Class = "" // it is among the settings
	if a.Name != "" && !equal(a, mirth.NewAttachments()) {
		n.set("attachmentProperties", settingNode(a))
	}
	return n
}

func libraryNode(l mirth.Library) *node {
	n := &node{kind: mappingKind}
	n.set("name", text(l.Name))
	n.set("id", text(l.ID))
	setText(n, "description", l.Description, "")
	setText(n, "revision", strconv.Itoa(l.Revision), "0")
	setBool(n, "includeNewChannels", l.IncludeNewChannels, false)
	setTexts(n, "enabledChannelIds", l.EnabledChannelIDs)
	setTexts(n, "disabledChannelIds", l.DisabledChannelIDs)
	list := &node{kind: listKind}
	for _, t := range l.Templates {
		m := &node{kind: mappingKind}
		m.set("name", text(t.Name))
		m.set("id", text(t.ID))
		setText(m, "revision", strconv.Itoa(t.Revision), "0")
		setText(m, "type", t.Type, "FUNCTION")
		setTexts(m, "contexts", t.Contexts)
		m.set("code", text(t.Code))
		setSome(m, "extra", groupNode(t.Extra))
		list.items = append(list.items, m)
	}
	if len(list.items) > 0 {
		n.set("codeTemplates", list)
	}
	setSome(n, "extra", groupNode(l.Extra))
	return n
}

// The rest sets keys that are left out where they say what goes without saying.

func setText(n *node, key, value, usual string) {
	if value != usual {
		n.set(key, text(value))
	}
}

func setBool(n *node, key string, value, usual bool) {
	setText(n, key, strconv.FormatBool(value), strconv.FormatBool(usual))
}

func setTexts(n *node, key string, texts []string) {
	if len(texts) == 0 {
		return
	}
	list := &node{kind: listKind}
	for _, t := range texts {
		list.items = append(list.items, text(t))
	}
	n.set(key, list)
}

func setSome(n *node, key string, value *node) {
	if len(value.entries)+len(value.items) > 0 {
		n.set(key, value)
	}
}

// FileName is the usual name of a channel's file.
func FileName(ch *weir.Channel) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, ch.Name)
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	if name = strings.Trim(name, "-"); name == "" {
		name = "channel"
	}
	return name + ".yaml"
}
