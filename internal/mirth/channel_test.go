package mirth

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// TestOldExport reads the export of 3.4 in the words of 4.5.
func TestOldExport(t *testing.T) {
	data, err := os.ReadFile("../../test/cases/076-export-from-3-4/channel.xml")
	if err != nil {
		t.Fatal(err)
	}
	ch := read(t, string(data)).Channels[0]
	if !ch.Enabled || ch.NextID != 3 || ch.Preprocessor+ch.Postprocessor+ch.Deploy+ch.Undeploy != "" {
		t.Errorf("got %+v", ch)
	}
	if got := ch.Extra.Text("exportData.channelTags.channelTag.name"); got != "adt" {
		t.Errorf("tag: got %q", got)
	}
	if got := ch.Extra.Text("exportData.metadata.pruningSettings.archiveEnabled"); got != "true" {
		t.Errorf("archiveEnabled: got %q", got)
	}
	wantSteps := []weir.Step{
		{Type: "Mapper", Name: "mrn", Enabled: true, Settings: config.Group{
			{Name: "variable", Text: "mrn"}, {Name: "mapping", Text: "msg['PID']['PID.3'][0]['PID.3.1'].toString()"}, {Name: "defaultValue"},
			{Name: "replacements", Group: config.Group{{Name: "org.apache.commons.lang3.tuple.ImmutablePair", Group: config.Group{
				{Name: "left", Text: "'^8'", Class: "string"}, {Name: "right", Text: "'X'", Class: "string"}}}}},
			{Name: "scope", Text: "CHANNEL"}}},
		{Type: "Mapper", Name: "count", Enabled: true, Settings: config.Group{
			{Name: "variable", Text: "count"}, {Name: "mapping", Text: "msg['NK1'].length()"}, {Name: "defaultValue"},
			{Name: "replacements"}, {Name: "scope", Text: "GLOBAL_CHANNEL"}}},
		{Type: "JavaScript", Name: "edit", Enabled: true, Settings: config.Group{
			{Name: "script", Text: "msg['MSH']['MSH.6']['MSH.6.1'] = $('mrn') + '/' + $gc('count');"}}},
		{Type: "Message Builder", Name: "msg['PID']['PID.8']['PID.8.1'] (out)", Enabled: true, Settings: config.Group{
			{Name: "messageSegment", Text: "msg['PID']['PID.8']['PID.8.1']"}, {Name: "mapping", Text: "msg['PID']['PID.8']['PID.8.1'].toString()"},
			{Name: "defaultValue", Text: "'U'"},
			{Name: "replacements", Group: config.Group{{Name: "org.apache.commons.lang3.tuple.ImmutablePair", Group: config.Group{
				{Name: "left", Text: "'F'", Class: "string"}, {Name: "right", Text: "'female'", Class: "string"}}}}}}},
	}
	if !reflect.DeepEqual(ch.Source.Transformer.Steps, wantSteps) {
		t.Errorf("steps\n got %+v\nwant %+v", ch.Source.Transformer.Steps, wantSteps)
	}
	wantFilter := []weir.Step{
		{Type: "Rule Builder", Name: `Accept message if "msg['MSH']['MSH.9']['MSH.9.1'].toString()" equals`, Enabled: true, Operator: "NONE",
			Settings: config.Group{{Name: "field", Text: "msg['MSH']['MSH.9']['MSH.9.1'].toString()"}, {Name: "condition", Text: "EQUALS"},
				{Name: "values", Group: config.Group{{Name: "string", Text: "'ADT'"}}}}},
		{Type: "JavaScript", Name: "Filter", Enabled: true, Operator: "AND",
			Settings: config.Group{{Name: "script", Text: "return msg['PID'].length() > 0;"}}},
	}
	if !reflect.DeepEqual(ch.Source.Filter, wantFilter) {
		t.Errorf("filter\n got %+v\nwant %+v", ch.Source.Filter, wantFilter)
	}
}

// TestExport reads an export of 4.5: every field once.
func TestExport(t *testing.T) {
	data, err := os.ReadFile("../../test/bench-channels/A.xml")
	if err != nil {
		t.Fatal(err)
	}
	ch := read(t, string(data)).Channels[0]
	got := map[string]any{
		"name": ch.Name, "enabled": ch.Enabled, "source": ch.Source.Type, "class": ch.Source.SettingsClass,
		"port": ch.Source.Settings.Text("listenerConnectorProperties.port"), "in": ch.Source.Transformer.Inbound,
		"strict":       ch.Source.Transformer.InboundSettings.Text("serializationProperties.useStrictParser"),
		"destinations": len(ch.Destinations), "type": ch.Destinations[0].Type, "id": ch.Destinations[0].MetaDataID,
		"wait": ch.Destinations[0].WaitForPrevious, "storage": ch.Properties.Storage, "state": ch.Properties.InitialState,
		"columns": ch.Properties.MetaDataColumns, "attachments": ch.Properties.AttachmentHandler.Class,
		"resource": ch.Extra.Text("properties.resourceIds.entry.string"),
	}
	want := map[string]any{
		"name": "A-best", "enabled": true, "source": "TCP Listener", "class": "com.mirth.connect.connectors.tcp.TcpReceiverProperties",
		"port": "6671", "in": "HL7V2", "strict": "false", "destinations": 1, "type": "TCP Sender", "id": 2, "wait": true,
		"storage": weir.Development, "state": weir.Started,
		"columns":     []weir.MetaDataColumn{{Name: "SOURCE", Type: "STRING", Mapping: "mirth_source"}, {Name: "TYPE", Type: "STRING", Mapping: "mirth_type"}},
		"attachments": "", "resource": "Default Resource",
	}
	for k := range want {
		if !reflect.DeepEqual(got[k], want[k]) {
			t.Errorf("%s: got %v, want %v", k, got[k], want[k])
		}
	}
}

func TestChannelFields(t *testing.T) {
	im := read(t, wrap("a", `<revision>7</revision>
<preprocessingScript>return message + 1;</preprocessingScript><deployScript>// old
x();
return;</deployScript><undeployScript>/* off: x(); */ return;</undeployScript>
<properties version="4.5.2"><clearGlobalChannelMap>false</clearGlobalChannelMap><messageStorageMode>RAW</messageStorageMode><encryptData>true</encryptData>
<removeContentOnCompletion>true</removeContentOnCompletion><removeOnlyFilteredOnCompletion>true</removeOnlyFilteredOnCompletion><initialState>PAUSED</initialState><storeAttachments>false</storeAttachments>
<encryptAttachments>true</encryptAttachments><removeAttachmentsOnCompletion>true</removeAttachmentsOnCompletion><encryptCustomMetaData>true</encryptCustomMetaData>
<attachmentProperties version="4.5.2"><className>com.x.Regex</className><type>Regex</type><properties><entry><string>regex.pattern0</string><string>a+</string></entry></properties></attachmentProperties></properties>
<exportData><metadata><enabled>false</enabled><pruningSettings><pruneContentDays>7</pruneContentDays></pruningSettings></metadata><dependencyIds><string>b</string><string>c</string></dependencyIds><dependentIds><string>z</string></dependentIds></exportData>`))
	ch := im.Channels[0]
	if len(im.Notes) != 0 {
		t.Errorf("notes: %v", im.Notes)
	}
	want := weir.ChannelProperties{Storage: weir.RawOnly, EncryptData: true, EncryptAttachments: true, EncryptMetaData: true, RemoveAttachmentsOnCompletion: true, RemoveContentOnCompletion: true, RemoveOnlyFiltered: true,
		InitialState: weir.Paused, AttachmentHandler: ch.Properties.AttachmentHandler}
	if !reflect.DeepEqual(ch.Properties, want) {
		t.Errorf("properties\n got %+v\nwant %+v", ch.Properties, want)
	}
	if a := ch.Properties.AttachmentHandler; a.Class != "com.x.Regex" || a.Group.Text("type") != "Regex" || a.Group.Text("properties.entry.string") != "regex.pattern0" {
		t.Errorf("attachments: got %+v", a)
	}
	if ch.Enabled || ch.Revision != 7 || !reflect.DeepEqual(ch.Depends, []string{"b", "c"}) {
		t.Errorf("enabled %v, revision %d, depends %q", ch.Enabled, ch.Revision, ch.Depends)
	}
	if ch.Preprocessor != "return message + 1;" || ch.Deploy != "// old\nx();\nreturn;" || ch.Undeploy != "" {
		t.Errorf("scripts: %q, %q, %q", ch.Preprocessor, ch.Deploy, ch.Undeploy)
	}
	for path, want := range map[string]string{
		"undeployScript": "/* off: x(); */ return;",
		"exportData.metadata.pruningSettings.pruneContentDays": "7", "exportData.dependentIds.string": "z",
	} {
		if got := ch.Extra.Text(path); got != want {
			t.Errorf("Extra %s: got %q, want %q", path, got, want)
		}
	}
}

func TestScripts(t *testing.T) {
	for _, c := range []struct{ text, returns, script, kept string }{
		{"", "", "", ""},
		{" \n", "message", "", ""},
		{"return;", "", "", ""},
		{"return", "", "", "return"},
		{"  return ; ;\n", "", "", "  return ; ;\n"},
		{"return message;", "message", "", ""},
		{"return\tmessage", "message", "", "return\tmessage"},
		{"// Modify the message variable below to pre process data\r\nreturn message;", "message", "", ""},
		{"// mine\nreturn message;", "message", "", "// mine\nreturn message;"},
		{"/* a */ return /* b */ message /* c */;", "message", "", "/* a */ return /* b */ message /* c */;"},
		{"return\nmessage;", "message", "return\nmessage;", ""},
		{"return /*\n*/ message;", "message", "return /*\n*/ message;", ""},
		{"return;", "message", "return;", ""},
		{"return message;", "", "return message;", ""},
		{"return other;", "message", "return other;", ""},
		{"returnmessage;", "message", "returnmessage;", ""},
		{"x('//'); return;", "", "x('//'); return;", ""},
		{"// only a comment", "", "", "// only a comment"},
	} {
		script, kept := readScript(c.text, c.returns)
		if script != c.script || kept != c.kept {
			t.Errorf("%q returning %q\n got %q, kept %q\nwant %q, kept %q", c.text, c.returns, script, kept, c.script, c.kept)
		}
	}
}

func TestTemplates(t *testing.T) {
	for _, c := range []struct{ name, xml, want string }{
		{"base64", `<inboundTemplate encoding="base64">TVNIfA1QSUR8</inboundTemplate>`, "MSH|\rPID|"},
		{"base64 in lines", "<inboundTemplate encoding=\"base64\">TVNI\nfA1Q&#xd;SUR8\n</inboundTemplate>", "MSH|\rPID|"},
		{"base64 without padding", `<inboundTemplate encoding="base64">TVM</inboundTemplate>`, "MS"},
		{"plain", `<inboundTemplate>MSH|&#xd;</inboundTemplate>`, "MSH|\r"},
		{"empty", `<inboundTemplate encoding="base64"/>`, ""},
	} {
		text := strings.Replace(wrap("a", ""), `<transformer version="4.5.2">`, `<transformer version="4.5.2">`+c.xml, 1)
		im := read(t, text)
		if got := im.Channels[0].Source.Transformer.InboundTemplate; got != c.want || len(im.Notes) > 0 {
			t.Errorf("%s: got %q, notes %v", c.name, got, im.Notes)
		}
	}
	text := strings.Replace(wrap("a", ""), `<transformer version="4.5.2">`, `<transformer version="4.5.2"><outboundTemplate encoding="base64">***</outboundTemplate>`, 1)
	im := read(t, text)
	if len(im.Notes) != 1 || im.Notes[0].Path != "channel/sourceConnector/transformer/outboundTemplate" ||
		im.Channels[0].Extra.Text("sourceConnector.transformer.outboundTemplate") != "***" {
		t.Errorf("broken base64: notes %v, extra %+v", im.Notes, im.Channels[0].Extra)
	}
}

// A channel whose data type was changed may still have the properties of the
// earlier one.
func TestPropertiesOfAnotherType(t *testing.T) {
	const hl7 = `<inboundProperties class="com.mirth.connect.plugins.datatypes.hl7v2.HL7v2DataTypeProperties" version="4.5.2">` +
		`<batchProperties class="x" version="4.5.2"><splitType>MSH_Segment</splitType></batchProperties></inboundProperties>`
	for _, c := range []struct {
		dataType string
		used     bool
	}{{"HL7V2", true}, {"RAW", false}, {"JSON", false}} {
		text := strings.Replace(wrap("a", ""), `<inboundDataType>RAW</inboundDataType>`, `<inboundDataType>`+c.dataType+`</inboundDataType>`+hl7, 1)
		im := read(t, text)
		used := im.Channels[0].Source.Transformer.InboundSettings.Text("batchProperties.splitType")
		kept := im.Channels[0].Extra.Text("sourceConnector.transformer.inboundProperties.batchProperties.splitType")
		if (used != "") != c.used || (kept != "") == c.used || (len(im.Notes) == 0) != c.used {
			t.Errorf("%s: used %q, kept %q, notes %v", c.dataType, used, kept, im.Notes)
		}
	}
	if ofAnotherType("com.mirth.connect.plugins.datatypes.edi.EDIDataTypeProperties", "EDI/X12") {
		t.Error("EDI/X12 is not known by its own properties")
	}
}

func TestMetaDataIDs(t *testing.T) {
	second := `<connector version="4.5.2"><metaDataId>1</metaDataId><name>Again</name><properties class="x"/><transformer><elements/></transformer><transportName>Channel Writer</transportName></connector></destinationConnectors>`
	im := read(t, strings.Replace(wrap("a", ""), "</destinationConnectors>", second, 1))
	if !im.Blocked() || im.Notes[0].Path != "channel/destinationConnectors/connector[2]" {
		t.Errorf("got %v", im.Notes)
	}
	im = read(t, strings.Replace(wrap("a", ""), "</destinationConnectors>", strings.Replace(second, ">1<", ">8<", 1), 1))
	if im.Blocked() || im.Channels[0].NextID != 9 {
		t.Errorf("next id %d, notes %v", im.Channels[0].NextID, im.Notes)
	}
}

func TestChannelWithoutVersion(t *testing.T) {
	im := read(t, strings.Replace(wrap("a", ""), `<channel version="4.5.2">`, "<channel>", 1))
	if len(im.Channels) != 1 || len(im.Notes) != 1 || im.Notes[0].Severity != Difference {
		t.Errorf("got %d channels, notes %v", len(im.Channels), im.Notes)
	}
}
