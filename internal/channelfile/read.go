package channelfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/mirth"
)

// File is what a channel file holds.
type File struct {
	Channel   *weir.Channel
	Libraries []mirth.Library // code templates that stand in the file
	Notes     []mirth.Note    // what a person should know, such as a secret in clear text
}

// Read reads a channel file. Scripts that it names with file: are read from
// beside, which is nil where there are none. An error is joined from one for each
// mistake, with its line and what would be right.
func Read(data []byte, beside fs.FS, t Types) (*File, error) {
	n, err := parse(data)
	if err != nil {
		return nil, err
	}
	r := &reader{Types: t, beside: beside}
	f := r.file(n)
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	return f, nil
}

// IsChannel tells a channel file from other YAML by its first lines.
func IsChannel(data []byte) bool {
	return sourceLine.Match(data)
}

var sourceLine = regexp.MustCompile(`(?m)^source:`)

type reader struct {
	Types
	beside fs.FS
	errs   []error
	notes  []mirth.Note
	name   string // of the channel

	declared []weir.Variable
}

func (r *reader) fail(line int, format string, args ...any) { r.add(errAt(line, format, args...)) }

func (r *reader) add(err error) {
	switch {
	case err == nil:
	case len(r.errs) < MaxErrors:
		r.errs = append(r.errs, err)
	case len(r.errs) == MaxErrors:
		r.errs = append(r.errs, errors.New("there are more errors"))
	}
}

// mapping is a mapping that is being read: keys that nobody asks for are errors.
type mapping struct {
	r     *reader
	n     *node
	what  string
	asked []string
}

func (r *reader) mapping(n *node, what string) *mapping {
	if n != nil && n.kind != mappingKind && n.kind != nothing {
		r.fail(n.line, "%s is a mapping of names to values", what)
	}
	return &mapping{r: r, n: n, what: what}
}

func (m *mapping) get(key string) *node {
	m.asked = append(m.asked, key)
	return m.n.get(key)
}

func (m *mapping) text(key, usual string) string {
	n := m.get(key)
	switch {
	case n == nil || n.kind == nothing:
		return usual
	case n.kind != textKind:
		m.r.fail(n.line, "%s is a text", key)
	}
	return n.text
}

func (m *mapping) bool(key string, usual bool) bool {
	switch t := m.text(key, strconv.FormatBool(usual)); t {
	case "true", "false":
		return t == "true"
	default:
		m.r.fail(m.n.get(key).line, "%s is true or false, not %s", key, quote(t))
		return usual
	}
}

func (m *mapping) int(key string, usual int) int {
	v := m.text(key, strconv.Itoa(usual))
	i, err := strconv.Atoi(v)
	if err != nil {
		m.r.fail(m.n.get(key).line, "%s is a whole number, not %s", key, quote(v))
	}
	return i
}

func (m *mapping) choice(key, usual string, choices ...string) string {
	v := m.text(key, usual)
	if !slices.Contains(choices, v) {
		m.r.fail(m.n.get(key).line, "%s is one of %s, not %s", key, strings.Join(choices, ", "), quote(v))
	}
	return v
}

func (m *mapping) texts(key string) []string {
	var texts []string
	for _, item := range m.list(key) {
		if item.kind != textKind {
			m.r.fail(item.line, "%s is a list of texts", key)
		}
		texts = append(texts, item.text)
	}
	return texts
}

func (m *mapping) list(key string) []*node {
	n := m.get(key)
	if n == nil || n.kind == nothing {
		return nil
	}
	if n.kind != listKind {
		m.r.fail(n.line, "%s is a list", key)
	}
	return n.items
}

func (m *mapping) group(key string) config.Group {
	g, err := readGroup(m.get(key))
	m.r.add(err)
	return g
}

// over reads settings of which those of a new one go without saying.
func (m *mapping) over(key string, usual config.Group) config.Group {
	g, err := overlay(m.get(key), usual)
	m.r.add(err)
	return g
}

// script reads a script: a text, or {file: name} for a file beside the channel.
func (m *mapping) script(key string) string {
	n := m.get(key)
	if n == nil || n.kind != mappingKind {
		return m.text(key, "")
	}
	return m.r.script(n)
}

func (r *reader) script(n *node) string {
	m := r.mapping(n, "the script")
	name := m.text("file", "")
	m.end()
	if name == "" {
		return ""
	}
	code, err := r.open(name)
	if err != nil {
		r.fail(n.line, "script %s: %v", quote(name), err)
	}
	return code
}

// open reads a file beside the channel's.
func (r *reader) open(name string) (string, error) {
	if r.beside == nil {
		return "", errors.New("files beside the channel cannot be read here: write the script itself")
	}
	return readBeside(r.beside, name)
}

func readBeside(beside fs.FS, name string) (string, error) {
	clean := path.Clean(name)
	if !fs.ValidPath(clean) {
		return "", errors.New("a script is named by its path from the channel file, and is in the same directory or below")
	}
	info, err := fs.Stat(beside, clean)
	if err == nil && info.Size() > MaxFile {
		err = fmt.Errorf("%d bytes are more than %d", info.Size(), MaxFile)
	}
	if err != nil {
		return "", err
	}
	data, err := fs.ReadFile(beside, clean)
	return string(data), err
}

// end reports the keys that nobody asked for.
func (m *mapping) end() {
	if m.n == nil || m.n.kind != mappingKind {
		return
	}
	for _, e := range m.n.entries {
		if !slices.Contains(m.asked, e.key) {
			m.r.fail(e.line, "%s has no key %s%s", m.what, quote(e.key), suggest(e.key, m.asked))
		}
	}
}

func (r *reader) file(n *node) *File {
	m := r.mapping(n, "a channel")
	ch := &weir.Channel{
		Name:        m.text("name", ""),
		ID:          m.text("id", ""),
		Description: m.text("description", ""),
		Revision:    m.int("revision", 0),
		Enabled:     m.bool("enabled", true),
		Dialect:     m.choice("dialect", "", "", "mirth", "modern"),
		Depends:     m.texts("depends"),
	}
	r.name = ch.Name
	for key, value := range map[string]string{"name": ch.Name, "id": ch.ID} {
		if strings.TrimSpace(value) == "" {
			r.fail(n.line, "the channel has no %s", key)
		}
	}
	if ch.Dialect == "mirth" {
		ch.Dialect = ""
	}
	r.declared = r.variables(m.get("variables"))
	ch.Variables = r.declared
	a := r.mapping(m.get("access"), "access")
	ch.Access = weir.Access{Files: a.texts("files"), Network: a.texts("network"), Databases: a.texts("databases")}
	a.end()
	if source := m.get("source"); source == nil || source.kind != mappingKind {
		r.fail(n.line, "the channel has no source")
	} else {
		ch.Source = r.connector(source, nil)
	}
	taken := map[int]bool{0: true}
	for _, d := range m.list("destinations") {
		c := r.connector(d, &ch.Source)
		if c.MetaDataID == 0 {
			c.MetaDataID = nextID(ch)
		}
		if taken[c.MetaDataID] {
			r.fail(d.line, "the id %d of destination %s is taken", c.MetaDataID, quote(c.Name))
		}
		taken[c.MetaDataID] = true
		ch.Destinations = append(ch.Destinations, c)
	}
	ch.NextID = m.int("nextMetaDataId", nextID(ch))
	ch.Preprocessor, ch.Postprocessor = m.script("preprocessor"), m.script("postprocessor")
	ch.Deploy, ch.Undeploy = m.script("deploy"), m.script("undeploy")
	ch.Properties = r.properties(m.get("properties"))
	f := &File{Channel: ch}
	for _, l := range m.list("codeTemplateLibraries") {
		f.Libraries = append(f.Libraries, r.library(l))
	}
	if modules := m.get("modules"); modules != nil {
		ch.Modules = map[string]string{}
		for _, e := range modules.entries {
			ch.Modules[e.key] = e.value.text
		}
	}
	ch.Extra = withRetention(m.over("extra", mirth.NewExtra()), r.retention(m.get("retention")))
	m.end()
	if ch.Dialect == "modern" && len(r.errs) == 0 {
		r.modules(ch)
	}
	mirth.ApplyLibraries(ch, f.Libraries)
	f.Notes = r.notes
	return f
}

func (r *reader) connector(n *node, source *weir.Connector) weir.Connector {
	m := r.mapping(n, "a connector")
	c := weir.Connector{
		Name:            m.text("name", map[bool]string{true: sourceName}[source == nil]),
		MetaDataID:      m.int("id", 0),
		Type:            m.text("type", ""),
		Enabled:         m.bool("enabled", true),
		WaitForPrevious: m.bool("waitForPrevious", true),
	}
	c.SettingsClass = m.text("class", mirth.ConnectorClass(c.Type))
	find, label := r.Source, "Source"
	if source != nil {
		find, label = r.Destination, c.Name
		if c.Name == "" {
			r.fail(n.line, "a destination has no name")
		}
	}
	if c.Type == "" {
		r.fail(n.line, "the connector %s has no type, such as TCP Listener", quote(c.Name))
	}
	settings, s := m.get("settings"), find(c.Type)
	known, extra := newConnector(c, s)
	c.Settings = m.over("settings", known)
	if s != nil && len(r.errs) == 0 {
		r.check(settings, c.Settings, s, label)
	}
	c.Settings = inOrder(merge(c.Settings, m.over("extra", extra)), mirth.ConnectorOrder(c.Type))
	c.Filter = r.steps(m.list("filter"), true)

	c.Transformer = defaultTransformer(source, r.Types)
	if t := m.get("transformer"); t != nil && t.kind != nothing {
		c.Transformer = r.transformer(t, c.Transformer.Inbound)
	}
	if response := m.get("responseTransformer"); source == nil && response != nil {
		r.fail(response.line, "a source has no response transformer")
	} else if response != nil && response.kind != nothing {
		c.ResponseTransformer = r.transformer(response, c.Transformer.Outbound)
	} else if source != nil && response == nil {
		c.ResponseTransformer = defaultResponse(c.Transformer, r.Types)
	}
	m.end()
	return c
}

// merge adds what is under extra to the settings, into the groups where it was.
func merge(g, extra config.Group) config.Group {
	for _, s := range extra {
		i := slices.IndexFunc(g, func(o config.Setting) bool { return o.Name == s.Name })
		if i >= 0 && len(s.Group) > 0 && s.Class == "" && s.Text == "" {
			g[i].Group = merge(g[i].Group, s.Group)
			continue
		}
		if s.Name == "pluginProperties" {
			g = append(config.Group{s}, g...) // which Mirth writes first
			continue
		}
		g = append(g, s)
	}
	return g
}

// check compares settings with what their connector or data type declares.
func (r *reader) check(n *node, g config.Group, s config.Settings, label string) {
	r.uses(n, g, "")
	unknown, err := config.Decode(withoutReferences(g), s)
	fields := config.List(s)
	for _, name := range unknown {
		r.fail(lineOf(n, name), "there is no setting %s%s; what is to be kept without effect belongs under extra", quote(name), suggestSetting(name, fields))
	}
	var all []error
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		all = many.Unwrap()
	}
	for _, e := range all {
		var wrong *config.Error
		if errors.As(e, &wrong) {
			r.fail(lineOf(n, wrong.Name), "%v", wrong)
		}
	}
	for _, f := range fields {
		if s, ok := g.Get(f.Name); ok && f.Secret && len(s.Group) == 0 && s.Text != "" && s.Text != f.Default && !isReference(s.Text, true) && !strings.Contains(s.Text, "${") {
			r.notes = append(r.notes, mirth.Note{Channel: r.name, Path: label + "/" + f.Name, Line: lineOf(n, f.Name), Severity: mirth.Warning,
				Text: "a secret stands in clear text in the file", Remedy: "Write env:NAME or file:/path in its place, and put the secret there."})
		}
	}
}

// lineOf finds the line of a setting by its dotted name, or of the nearest that
// is around it.
func lineOf(n *node, name string) int {
	if n == nil {
		return 0
	}
	for _, e := range n.entries {
		key := nameOf(e.key)
		if key == name {
			return e.line
		}
		if rest, ok := strings.CutPrefix(name, key+"."); ok && e.value.kind == mappingKind {
			return lineOf(e.value, rest)
		}
	}
	return n.line
}

func (r *reader) transformer(n *node, usual string) weir.Transformer {
	m := r.mapping(n, "a transformer")
	t := weir.Transformer{}
	t.Inbound, t.InboundSettings, t.InboundTemplate = r.side(m.get("inbound"), usual, "inbound")
	t.Outbound, t.OutboundSettings, t.OutboundTemplate = r.side(m.get("outbound"), t.Inbound, "outbound")
	t.Steps = r.steps(m.list("steps"), false)
	m.end()
	return t
}

// side reads a data type: its name, or a mapping with it.
func (r *reader) side(n *node, usual, label string) (name string, g config.Group, template string) {
	if n == nil || n.kind == nothing {
		return usual, r.dataTypeSettings(usual), ""
	}
	if n.kind == textKind {
		if r.DataType(n.text) == nil && mirth.DataTypeClass(n.text) == "" {
			r.fail(n.line, "there is no data type %s", quote(n.text))
		}
		return n.text, r.dataTypeSettings(n.text), ""
	}
	m := r.mapping(n, "a data type")
	name, template = m.text("type", usual), m.text("template", "")
	settings := m.get("settings")
	g, err := overlay(settings, r.dataTypeSettings(name))
	r.add(err)
	if s := r.DataType(name); s != nil && err == nil {
		if whole := settings.get(wholeKey); whole != nil {
			return name, g, m.finish(template)
		}
		r.check(settings, g, s, label)
	}
	return name, g, m.finish(template)
}

func (m *mapping) finish(s string) string {
	m.end()
	return s
}

func (r *reader) steps(list []*node, rule bool) []weir.Step {
	var steps []weir.Step
	for i, n := range list {
		operator := ""
		if rule && i == 0 {
			operator = firstOperator
		}
		steps = append(steps, r.step(n, rule, operator))
	}
	return steps
}

func (r *reader) step(n *node, rule bool, operator string) weir.Step {
	m := r.mapping(n, "a step")
	s := weir.Step{Name: m.text("name", ""), Type: m.text("type", "JavaScript"), Enabled: m.bool("enabled", true), Operator: m.text("operator", operator)}
	if own := m.get("settings"); own != nil {
		s.Settings = m.group("settings")
	} else if defaults, ok := newStep(s.Type, s.Operator != ""); ok {
		own := &node{kind: mappingKind, line: n.line}
		for _, d := range defaults {
			v := m.get(d.Name)
			if v == nil {
				continue
			}
			if (d.Name == "script" || d.Name == "template") && v.kind == mappingKind {
				v = text(r.script(v))
			}
			own.entries = append(own.entries, entry{keyOf(d.Name), v.line, v})
		}
		if whole := m.get(wholeKey); whole != nil {
			own.entries = append(own.entries, entry{wholeKey, whole.line, whole})
		}
		var err error
		s.Settings, err = overlay(own, defaults)
		r.add(err)
	} else {
		r.fail(n.line, "there is no step of type %s%s", quote(s.Type), suggest(s.Type, stepTypes()))
	}
	s.Steps = r.steps(m.list("steps"), rule)
	m.end()
	return s
}

func stepTypes() []string {
	types := []string{"Iterator"}
	for name := range stepSettings {
		types = append(types, name)
	}
	slices.Sort(types)
	return types
}

func (r *reader) properties(n *node) weir.ChannelProperties {
	m := r.mapping(n, "properties")
	p := weir.ChannelProperties{
		ClearGlobalChannelMap: m.bool("clearGlobalChannelMap", true),
		Storage: weir.StorageMode(m.choice("messageStorageMode", string(weir.Development), string(weir.Development), string(weir.Production),
			string(weir.RawOnly), string(weir.MetadataOnly), string(weir.Disabled))),
		EncryptData:                   m.bool("encryptData", false),
		EncryptAttachments:            m.bool("encryptAttachments", false),
		EncryptMetaData:               m.bool("encryptCustomMetaData", false),
		RemoveContentOnCompletion:     m.bool("removeContentOnCompletion", false),
		RemoveOnlyFiltered:            m.bool("removeOnlyFilteredOnCompletion", false),
		RemoveAttachmentsOnCompletion: m.bool("removeAttachmentsOnCompletion", false),
		InitialState:                  weir.State(m.choice("initialState", string(weir.Started), string(weir.Started), string(weir.Paused), string(weir.Stopped))),
		StoreAttachments:              m.bool("storeAttachments", true),
	}
	for _, c := range m.list("metaDataColumns") {
		col := r.mapping(c, "a metadata column")
		p.MetaDataColumns = append(p.MetaDataColumns, weir.MetaDataColumn{Name: col.text("name", ""),
			Type: col.choice("type", "STRING", "STRING", "NUMBER", "BOOLEAN", "TIMESTAMP"), Mapping: col.text("mappingName", "")})
		col.end()
	}
	p.AttachmentHandler = mirth.NewAttachments()
	if a := m.get("attachmentProperties"); a != nil {
		s, err := readSetting("attachmentProperties", a)
		r.add(err)
		s.Class = s.Group.Text("className")
		p.AttachmentHandler = s
	}
	m.end()
	return p
}

func (r *reader) library(n *node) mirth.Library {
	m := r.mapping(n, "a code template library")
	l := mirth.Library{
		ID: m.text("id", ""), Name: m.text("name", ""), Description: m.text("description", ""), Revision: m.int("revision", 0),
		IncludeNewChannels: m.bool("includeNewChannels", false), EnabledChannelIDs: m.texts("enabledChannelIds"),
		DisabledChannelIDs: m.texts("disabledChannelIds"), Extra: m.group("extra"),
	}
	for _, c := range m.list("codeTemplates") {
		t := r.mapping(c, "a code template")
		l.Templates = append(l.Templates, mirth.Template{ID: t.text("id", ""), Name: t.text("name", ""), Revision: t.int("revision", 0),
			Type: t.text("type", "FUNCTION"), Contexts: t.texts("contexts"), Code: t.script("code"), Extra: t.group("extra")})
		t.end()
	}
	m.end()
	return l
}

// Mistake is one thing that is wrong in a file.
type Mistake struct {
	Line int // 0 where it is about the whole file
	Text string
}

// Mistakes takes an error of Read apart; nil for other errors.
func Mistakes(err error) []Mistake {
	list := []error{err}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		list = many.Unwrap()
	}
	var found []Mistake
	for _, e := range list {
		var at *lineError
		if errors.As(e, &at) {
			found = append(found, Mistake{at.line, at.text})
		} else if len(list) > 1 {
			found = append(found, Mistake{0, e.Error()})
		}
	}
	return found
}
