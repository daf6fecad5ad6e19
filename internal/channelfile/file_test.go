package channelfile

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/all"
	datatypes "github.com/weir-health/weir/datatype/all"
	"github.com/weir-health/weir/internal/mirth"
)

// types are all that come with Weir.
var types = Types{
	Source: func(name string) config.Settings {
		for _, t := range all.Sources {
			if t.Name == name {
				return t.New()
			}
		}
		return nil
	},
	Destination: func(name string) config.Settings {
		for _, t := range all.Destinations {
			if t.Name == name {
				return t.New()
			}
		}
		return nil
	},
	DataType: func(name string) config.Settings {
		for _, t := range datatypes.DataTypes {
			if t.Name == name {
				return t.New()
			}
		}
		return nil
	},
}

func exports(t testing.TB) []string {
	var names []string
	for _, pattern := range []string{"../../test/cases/*/*.xml", "../../test/cases-own/*/*.xml", "../../test/bench-channels/*.xml",
		"../../examples/channels/*.xml", "../mirth/testdata/channels/*.xml"} {
		found, _ := filepath.Glob(pattern)
		if len(found) == 0 {
			t.Fatalf("no exports in %s", pattern)
		}
		names = append(names, found...)
	}
	return names
}

// TestLossless takes every export there is from XML to YAML and back.
func TestLossless(t *testing.T) {
	for _, name := range exports(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		im, err := mirth.ReadFile(name, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range im.Channels {
			libs := im.Inside[ch.ID]
			mirth.ApplyLibraries(ch, libs)
			file := Write(ch, libs, types)
			back, err := Read(file, nil, types)
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, numbered(file))
				continue
			}
			withDefaults(t, ch)
			want, got := string(mirth.WriteChannel(ch, libs)), string(mirth.WriteChannel(back.Channel, back.Libraries))
			if got != want {
				t.Errorf("%s: %s", name, difference(want, got))
			}
			if again := Write(back.Channel, back.Libraries, types); string(again) != string(file) {
				t.Errorf("%s: the second YAML differs: %s", name, difference(string(file), string(again)))
			}
		}
	}
}

// withDefaults gives a channel the settings of new connectors that it lacks, as
// reading a channel file does: exports of engines have them all, those that were
// made by hand for tests have not. What it has stays.
func withDefaults(t *testing.T, ch *weir.Channel) {
	add := func(g, usual config.Group) config.Group {
		whole, err := overlay(differences(g, usual), usual)
		if err != nil {
			t.Fatal(err)
		}
		if !includes(whole, g) {
			t.Errorf("%s: settings are lost: of %+v is left %+v", ch.Name, g, whole)
		}
		return whole
	}
	for _, c := range append([]*weir.Connector{&ch.Source}, pointers(ch.Destinations)...) {
		if c.SettingsClass == mirth.ConnectorClass(c.Type) {
			usual := mirth.NewConnector(c.Type)
			c.Settings = inOrder(add(c.Settings, usual), mirth.ConnectorOrder(c.Type))
		}
	}
	ch.Extra = add(ch.Extra, mirth.NewExtra())
	if ch.Properties.AttachmentHandler.Name == "" {
		ch.Properties.AttachmentHandler = mirth.NewAttachments()
	}
}

func pointers(list []weir.Connector) (made []*weir.Connector) {
	for i := range list {
		made = append(made, &list[i])
	}
	return made
}

func numbered(data []byte) string {
	lines := strings.Split(string(data), "\n")
	return strings.Join(lines[:min(len(lines), 60)], "\n")
}

func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return "want\n" + strings.Join(w[i:min(i+4, len(w))], "\n") + "\ngot\n" + strings.Join(g[min(i, len(g)):min(i+4, len(g))], "\n")
		}
	}
	return "got more lines"
}

// TestEveryFieldIsWritten fills every field of a channel, so that one that is
// added later is not forgotten here.
func TestEveryFieldIsWritten(t *testing.T) {
	ch := &weir.Channel{}
	fill(reflect.ValueOf(ch).Elem(), 0)
	ch.Extra = append(mirth.NewExtra(), ch.Extra...)
	ch.Dialect = "" // modern scripts are compiled when they are read
	ch.CodeTemplates = nil
	ch.Source.Type, ch.Source.SettingsClass, ch.Source.MetaDataID = "TCP Listener", "other", 0
	ch.Source.ResponseTransformer = weir.Transformer{}
	ch.Properties.Storage, ch.Properties.InitialState = weir.Production, weir.Paused
	ch.Properties.MetaDataColumns[0].Type = "NUMBER"
	ch.Properties.AttachmentHandler = config.Setting{Name: "attachmentProperties", Class: "x.Y",
		Group: config.Group{{Name: "className", Text: "x.Y"}, {Name: "type", Text: "Custom"}}}
	ch.Source.Settings, ch.Destinations[0].Settings = nil, config.Group{{Name: "a", Text: "b"}}
	for _, list := range []*[]weir.Step{&ch.Source.Filter, &ch.Source.Transformer.Steps, &ch.Destinations[0].Filter,
		&ch.Destinations[0].Transformer.Steps, &ch.Destinations[0].ResponseTransformer.Steps} {
		(*list)[0].Type = "com.example.Step"
	}
	for _, tr := range []*weir.Transformer{&ch.Source.Transformer, &ch.Destinations[0].Transformer, &ch.Destinations[0].ResponseTransformer} {
		tr.Inbound, tr.Outbound = "SOME", "OTHER"
	}
	file := Write(ch, nil, types)
	back, err := Read(file, nil, types)
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	if !reflect.DeepEqual(back.Channel, ch) {
		t.Errorf("got  %+v\nwant %+v\n%s", back.Channel, ch, file)
	}
}

// fill gives every field a value that is not its zero.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(7)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), reflect.ValueOf("value"))
	case reflect.Slice:
		if depth < 3 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth+1)
		}
	}
}

// small is a channel as a person writes it.
const small = `# A comment.
name: Small
id: 6a1f0f5e-3f0e-4f7c-9d6a-0b8b1c1f4a10
source:
  type: TCP Listener
  settings:
    listenerConnectorProperties:
      port: 6661
  transformer:
    inbound: HL7V2
    steps:
      - name: tidy
        script:
          file: scripts/tidy.js
destinations:
  - name: Copy
    type: File Writer
    settings:
      host: /tmp
      outputPattern: a.hl7
`

func TestSmall(t *testing.T) {
	f, err := Read([]byte(small), fstest.MapFS{"scripts/tidy.js": {Data: []byte("msg = 1;\n")}}, types)
	if err != nil {
		t.Fatal(err)
	}
	ch := f.Channel
	if s := ch.Source.Transformer.Steps[0]; s.Type != "JavaScript" || s.Settings.Text("script") != "msg = 1;\n" || !s.Enabled {
		t.Errorf("step %+v", s)
	}
	d := ch.Destinations[0]
	if !ch.Enabled || !d.Enabled || !d.WaitForPrevious || d.MetaDataID != 1 || ch.NextID != 2 || ch.Properties.Storage != weir.Development {
		t.Errorf("defaults: %+v", ch)
	}
	if d.Transformer.Inbound != "HL7V2" || d.ResponseTransformer.Outbound != "HL7V2" || len(d.Transformer.InboundSettings) == 0 {
		t.Errorf("data types: %+v", d.Transformer)
	}
	if ch.Source.SettingsClass != "com.mirth.connect.connectors.tcp.TcpReceiverProperties" {
		t.Errorf("class %q", ch.Source.SettingsClass)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "name: Small", "name: Small\ndescripton: x", `line 3: a channel has no key "descripton"; did you mean description?`},
		{"unknown setting", "      port: 6661", "      prot: 6661", `line 8: there is no setting "listenerConnectorProperties.prot"; did you mean listenerConnectorProperties.port?`},
		{"value", "      port: 6661", "      port: 6661\n    frameTimeout: many", `line 9: frameTimeout: "many" is not a number`},
		{"no name", "name: Small", "", "the channel has no name"},
		{"no id", "id: 6a1f0f5e-3f0e-4f7c-9d6a-0b8b1c1f4a10", "", "the channel has no id"},
		{"no source", "source:", "sauce:", `did you mean source?`},
		{"data type", "inbound: HL7V2", "inbound: HL7", `line 10: there is no data type "HL7"`},
		{"step type", "- name: tidy", "- type: Javascript\n        name: tidy", `there is no step of type "Javascript"; did you mean JavaScript?`},
		{"key of a step", "- name: tidy", "- scrpt: x\n        name: tidy", `a step has no key "scrpt"; did you mean script?`},
		{"script above", "scripts/tidy.js", "../tidy.js", "in the same directory or below"},
		{"script absent", "scripts/tidy.js", "scripts/none.js", "file does not exist"},
		{"dialect", "name: Small", "name: Small\ndialect: new", "line 3: dialect is one of"},
		{"yes", "name: Small", "name: Small\nenabled: yes", "line 3: enabled is true or false"},
		{"list", "destinations:\n  -", "destinations:\n   ", "destinations is a list"},
		{"twice", "name: Small", "name: Small\nname: Other", `line 3: mapping key "name" already defined`},
		{"id taken", "  - name: Copy", "  - name: First\n    id: 1\n    type: File Writer\n  - id: 1\n    name: Copy", "the id 1 of destination"},
	} {
		text := strings.Replace(small, c.old, c.new, 1)
		if text == small {
			t.Fatalf("%s: nothing replaced", c.name)
		}
		_, err := Read([]byte(text), fstest.MapFS{"scripts/tidy.js": {Data: []byte("msg = 1;\n")}}, types)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestReferences(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("p4ss\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(small, "port: 6661", "port: env:ADT_PORT", 1)
	text = strings.Replace(text, "host: /tmp", "host: env:OUT\n      password: file:"+secret, 1)
	text = strings.Replace(text, "{file: scripts/tidy.js}", "x", 1)
	f, err := Read([]byte(text), fstest.MapFS{"scripts/tidy.js": {}}, types)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Notes) > 0 {
		t.Errorf("notes %v", f.Notes)
	}
	t.Setenv("ADT_PORT", "7001")
	if _, err := Resolve(*f.Channel, types, nil); err == nil || !strings.Contains(err.Error(), "Small, Copy: host: the variable OUT is not set") {
		t.Errorf("unset variable: %v", err)
	}
	t.Setenv("OUT", "/data")
	ch, err := Resolve(*f.Channel, types, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := ch.Source.Settings.Text("listenerConnectorProperties.port"); got != "7001" {
		t.Errorf("port %q", got)
	}
	if d := ch.Destinations[0].Settings; d.Text("host") != "/data" || d.Text("password") != "p4ss" {
		t.Errorf("destination %+v", d)
	}
	if got := f.Channel.Destinations[0].Settings.Text("password"); got != "file:"+secret {
		t.Errorf("the channel itself now holds %q", got)
	}
	// In a setting that is no secret, file: is part of a URL.
	if got, err := resolveText("file:///a", false); got != "file:///a" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSecretInClearText(t *testing.T) {
	text := strings.Replace(small, "host: /tmp", "host: /tmp\n      password: hunter2", 1)
	f, err := Read([]byte(text), fstest.MapFS{"scripts/tidy.js": {}}, types)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Notes) != 1 || f.Notes[0].Line != 20 || f.Notes[0].Path != "Copy/password" || strings.Contains(f.Notes[0].String(), "hunter2") {
		t.Errorf("notes %v", f.Notes)
	}
}

// What goes without saying is what the connectors themselves assume where a
// setting is absent: leaving it out changes nothing.
func TestNewConnectors(t *testing.T) {
	made := map[string]config.Settings{}
	for _, c := range all.Sources {
		made[c.Name] = c.New()
	}
	for _, c := range all.Destinations {
		made[c.Name] = c.New()
	}
	seen := 0
	for name, settings := range made {
		g := mirth.NewConnector(name)
		if g == nil {
			continue
		}
		seen++
		if unknown, err := config.Decode(g, settings); err != nil || len(unknown) > 0 {
			t.Errorf("%s: unknown %q, error %v", name, unknown, err)
		}
		for _, f := range config.List(settings) {
			s, ok := g.Get(f.Name)
			usual := f.Default
			if strings.HasSuffix(f.Name, ".queueBufferSize") {
				usual = "1000" // which 0 means
			}
			if ok && len(s.Group) == 0 && s.Text != usual && f.Kind != "kept" {
				t.Errorf("%s: %s is %q in a new one, and %q where it is absent", name, f.Name, s.Text, usual)
			}
		}
	}
	if seen < 14 {
		t.Errorf("only %d connectors were looked at", seen)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range []string{"../../examples/channels/adt-to-folder.xml", "../mirth/testdata/channels/oddities.xml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		im, err := mirth.ReadFile(name, data)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(Write(im.Channels[0], nil, types))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(data, nil, types)
		if err != nil {
			return
		}
		written := Write(file.Channel, file.Libraries, types)
		back, err := Read(written, nil, types)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, written)
		}
		if again := Write(back.Channel, back.Libraries, types); string(again) != string(written) {
			t.Errorf("written again it differs: %s", difference(string(written), string(again)))
		}
	})
}

func TestModernModules(t *testing.T) {
	text := strings.Replace(small, "name: Small", "name: Small\ndialect: modern", 1)
	beside := fstest.MapFS{
		"scripts/tidy.js": {Data: []byte("import { a } from './lib/a';\nimport x from './none';\nmsg.set('MSH-3', a);\n")},
		"lib/a.ts":        {Data: []byte("export { a } from './b';\nimport '../../outside';\n")},
		"lib/b/index.ts":  {Data: []byte("export const a = 'A';\n")},
		"lib/unused.ts":   {Data: []byte("export const u = 1;\n")},
	}
	f, err := Read([]byte(text), beside, types)
	if err != nil {
		t.Fatal(err)
	}
	if m := f.Channel.Modules; len(m) != 2 || m["lib/a.ts"] == "" || m["lib/b/index.ts"] == "" {
		t.Errorf("modules %v", m)
	}
	// A file that is written has them inside.
	back, err := Read(Write(f.Channel, nil, types), nil, types)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Channel, f.Channel) {
		t.Errorf("got %+v\nwant %+v", back.Channel, f.Channel)
	}
}
