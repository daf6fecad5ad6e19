package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/script"
)

// What scripts may name, by kind: the typeof of a value, of a Java object its
// class. Every place has basic; what else it has stands in the table below.
var (
	basic = map[string]string{
		"router": "VMRouter", "replacer": "TemplateValueReplacer", "configurationMap": "", "globalMap": "", "DatabaseConnectionFactory": "DatabaseConnectionFactory",
		"contextFactory": "ContextFactory", "logger": "Logger",
	}
	ofChannel   = map[string]string{"channelId": "string", "channelName": "string", "globalChannelMap": "", "alerts": "AlertSender"}
	ofConnector = map[string]string{"connectorMessage": "ImmutableConnectorMessage", "sourceMap": "SourceMap", "connectorMap": "",
		"channelMap": "ChannelMap", "responseMap": "ResponseMap", "connector": "string"}
	ofSource     = map[string]string{"destinationSet": "DestinationSet"}
	ofStatus     = named("Status", "RECEIVED", "FILTERED", "TRANSFORMED", "SENT", "QUEUED", "ERROR", "PENDING")
	ofWhole      = map[string]string{"message": "ImmutableMessage", "sourceMap": "SourceMap", "channelMap": "ChannelMap", "responseMap": "ResponseMap"}
	ofText       = map[string]string{"message": "string"}
	ofTransform  = map[string]string{"msg": "", "template": "null", "phase": ""}
	withTemplate = map[string]string{"msg": "xml", "template": "string", "tmp": "xml"}
	ofResponse   = map[string]string{"response": "ImmutableResponse", "responseStatus": "Status", "responseStatusMessage": "string", "responseErrorMessage": "null", "msg": "", "template": "null"}
	ofAttachment = map[string]string{"message": "string", "sourceMap": "SourceMap", "binary": "boolean", "mirth_attachments": ""}
	ofBatch      = map[string]string{"reader": "BufferedReader", "sourceMap": "SourceMap"}
	ofRow        = map[string]string{"resultMap": ""}
	ofRows       = map[string]string{"results": "ArrayList"}
	ofRequest    = map[string]string{"sourceMap": "SourceMap", "CHALLENGED": "AuthStatus", "SUCCESS": "AuthStatus", "FAILURE": "AuthStatus"}
	ofXSLT       = map[string]string{"tFactory": "", "xsltTemplate": "StringReader", "transformer": "", "sourceVar": "StringReader", "resultVar": "StringWriter"}
)

// everywhere are the functions and classes that every script has.
var everywhere = strings.Fields(`$ $c $co $s $r $g $gc $cfg validate createSegment createSegmentAfter getArrayOrXmlLength
	newStringOrUndefined newNumberOrUndefined newBooleanOrUndefined getAttachmentIds getAttachments getAttachment updateAttachment addAttachment
	importClass importPackage regex xml xmllist namespace qname java javax org com edu net Packages JavaImporter JavaAdapter XML XMLList QName Namespace isXMLName
	AlertSender ACKGenerator AttachmentUtil Attachment ChannelUtil ContextFactory DatabaseConnection DateUtil DestinationSet DICOMUtil FileUtil Future
	HashUtil HTTPUtil ImmutableConnectorMessage ImmutableMessage ImmutableResponse JsonUtil ListBuilder Lists MapBuilder Maps
	MessageHeaders MessageParameters NCPDPUtil RawMessage Response ResponseFactory SMTPConnection SMTPConnectionFactory SerializerFactory Status
	UUIDGenerator VMRouter XmlUtil ImmutableMessageContent ContentType ChannelMap SourceMap ResponseMap DeployedState AttachmentEntry MirthCachedRowSet DatabaseConnectionFactory AuthenticationResult AuthStatus EncryptionUtil EncryptedData`)

// nowhere are names that other engines have, or that belong to places which are
// not among these.
var nowhere = strings.Fields(`setTimeout setInterval setImmediate print load quit readFile require process module window document fetch
	secret store host runtime`)

func named(kind string, names ...string) map[string]string {
	m := map[string]string{}
	for _, n := range names {
		m[n] = kind
	}
	return m
}

// contextProbe is a code template of every place. It says what each name is there.
func contextProbe() weir.CodeTemplate {
	names := slices.Concat(everywhere, nowhere)
	for _, m := range []map[string]string{basic, ofChannel, ofConnector, ofSource, ofStatus, ofWhole, ofText, ofTransform, withTemplate, ofResponse, ofAttachment, ofBatch, ofRow, ofRows, ofRequest, ofXSLT} {
		for n := range m {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	var code strings.Builder
	code.WriteString(`function kind(v) {
	if (v === null) return 'null';
	if (typeof v != 'object') return typeof v;
	try { return String(v.getClass().getName()).replace(/^.*\./, '') } catch (e) { return 'object' }
}
function probe(place) {
	var found = [place];
`)
	for _, n := range slices.Compact(names) {
		fmt.Fprintf(&code, "\ttry { if (typeof %[1]s != 'undefined') found.push('%[1]s=' + kind(%[1]s)) } catch (e) { found.push('%[1]s: ' + e) }\n", n)
	}
	code.WriteString("\tlogger.info(found.join(' '));\n\treturn place;\n}\n")
	return weir.CodeTemplate{Name: "probe", Code: code.String(), Contexts: []string{
		"CHANNEL_DEPLOY", "CHANNEL_UNDEPLOY", "CHANNEL_PREPROCESSOR", "CHANNEL_POSTPROCESSOR", "CHANNEL_ATTACHMENT", "CHANNEL_BATCH",
		"SOURCE_RECEIVER", "SOURCE_FILTER_TRANSFORMER", "DESTINATION_FILTER_TRANSFORMER", "DESTINATION_DISPATCHER", "DESTINATION_RESPONSE_TRANSFORMER",
		"GLOBAL_PREPROCESSOR", "GLOBAL_POSTPROCESSOR",
	}}
}

// hears keeps what scripts log, by what they say first.
type hears struct {
	script.Host
	mu     sync.Mutex
	logger map[string]string
	found  map[string][]string
}

func (h *hears) Log(_ *script.Scope, _ script.Level, logger, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	words := strings.Fields(text)
	h.logger[words[0]], h.found[words[0]] = logger, words[1:]
}

// scriptedSource has a script of a reader, as the JavaScript Reader has.
type scriptedSource struct{ testSource }

func (*scriptedSource) Scripts() []weir.Script {
	return []weir.Script{{Name: "reader", Context: "SOURCE_RECEIVER", Code: "probe('reader')"},
		{Name: "database", Context: "SOURCE_RECEIVER", Code: "probe('database-reader')", Logger: "db-connector"},
		{Name: "row", Context: "SOURCE_RECEIVER", Code: "probe('database-row')", Logger: "db-connector"},
		{Name: "rows", Context: "SOURCE_RECEIVER", Code: "probe('database-rows')", Logger: "db-connector"},
		{Name: "request", Context: weir.AuthenticationContext, Code: "probe('authentication'); return String(sourceMap.get('method')) + $('method')"}}
}

// scriptedDestination runs its script for each message, as the JavaScript Writer.
type scriptedDestination struct{ testDestination }

func (*scriptedDestination) Scripts() []weir.Script {
	return []weir.Script{{Name: "writer", Context: "DESTINATION_DISPATCHER", Code: "probe('writer')"}}
}

func (d *scriptedDestination) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	_, err := d.env.Run(ctx, "writer", m)
	return sentOK, err
}

// formRules and formSteps are rules and steps that are forms: what they hold is
// script, and has the names of its transformer.
func formRules(t *testing.T) []weir.Step {
	external := filepath.Join(t.TempDir(), "rule.js")
	if err := os.WriteFile(external, []byte("probe('external-rule'); return true"), 0o600); err != nil {
		t.Fatal(err)
	}
	inside := js("probe('iterator-rule'); if (typeof i != 'number') throw 'there is no index'; return true")
	return joined("AND", form("Rule Builder", nil, "field", "probe('rule-builder')", "condition", "EXISTS"),
		form("Iterator", inside, "target", "[1]", "indexVariable", "i"), form("External Script", nil, "scriptPath", external))
}

func formSteps() []weir.Step {
	const style = `'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><b/></xsl:template></xsl:stylesheet>'`
	inside := js("if (i == 0) probe('iterator'); if (typeof mapping == 'undefined') throw 'a step shares no variables with the ones before'")
	return append(joined("", form("Mapper", nil, "variable", "m", "mapping", "probe('mapper')", "scope", "CHANNEL"),
		form("Message Builder", nil, "messageSegment", "channelMap['x']", "mapping", "probe('message-builder')"),
		form("Iterator", inside, "target", "[1, 2]", "indexVariable", "i"),
		form("Destination Set Filter", nil, "behavior", "REMOVE_ALL", "field", "probe('destination-set-filter')", "condition", "NOT_EXIST"),
		form("XSLT Step", nil, "sourceXml", "(probe('xslt'), '<a/>')", "resultVariable", "r", "template", style)), js("probe('after-xslt')")...)
}

// form is a step or rule with settings, given as names and texts.
func form(kind string, inside []weir.Step, settings ...string) weir.Step {
	s := weir.Step{Type: kind, Name: kind, Enabled: true, Steps: inside}
	for i := 0; i < len(settings); i += 2 {
		s.Settings = append(s.Settings, config.Setting{Name: settings[i], Text: settings[i+1]})
	}
	return s
}

func joined(operator string, steps ...weir.Step) []weir.Step {
	for i := range steps {
		steps[i].Operator = operator
	}
	return steps
}

// Every place has the names that Mirth gives it, and none of another place's.
func TestContexts(t *testing.T) {
	heard := &hears{logger: map[string]string{}, found: map[string][]string{}}
	plain := withResponse(withSteps(withFilter(dest(1), "probe('destination-filter'); return true"), "probe('destination')"), "probe('response')")
	plain.Type = "Scripted Out"
	outTemplate := dest(2)
	outTemplate.Transformer = weir.Transformer{Inbound: "XML", Outbound: "HL7V2", OutboundTemplate: "MSH|^~\\&|A\rPID|1\r", Steps: js("tmp['PID']['PID.1']['PID.1.1'] = String(template); probe('with-template')")}
	outTemplate.Filter = js("return String(template).indexOf('<PID.1.1>1</PID.1.1>') > 0")
	setup := both(scriptBatch("RAW", "probe('batch'); var l = reader.readLine(); return l == null ? null : l"), scripted("probe('attachment'); return message"),
		destinations(plain, outTemplate), func(c *weir.Channel) {
			c.Source.Type = "Scripted In"
			c.Deploy, c.Undeploy = "probe('deploy')", "probe('undeploy')"
			c.Preprocessor, c.Postprocessor = "probe('preprocessor')", "probe('postprocessor'); return 'answer'"
			c.Source.Filter, c.Source.Transformer.Steps = js("probe('source-filter'); return true"), js("probe('source')")
			c.Source.Filter = append(c.Source.Filter, formRules(t)...)
			c.Source.Transformer.Steps = append(c.Source.Transformer.Steps, formSteps()...)
			c.CodeTemplates = []weir.CodeTemplate{contextProbe()}
		})
	global := func(name string) *script.Program {
		p, err := script.CompileScript(name, []script.Part{{Name: "probe", Code: contextProbe().Code}}, script.Part{Name: name, Code: "probe('" + name + "')"})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	scripts := &GlobalScripts{Preprocessor: global("global-preprocessor"), Postprocessor: global("global-postprocessor")}
	r := newRig(t, setup)
	r.engine.Host = heard
	r.engine.Scripts = func() *GlobalScripts { return scripts }
	r.engine.Source = func(name string) (weir.SourceType, bool) {
		return weir.SourceType{Name: name, New: func() weir.Source { return &scriptedSource{testSource{rig: r}} }}, true
	}
	r.engine.Destination = func(name string) (weir.DestinationType, bool) {
		if name == "Scripted Out" {
			return weir.DestinationType{Name: name, New: func() weir.Destination { return &scriptedDestination{testDestination{rig: r}} }}, true
		}
		return weir.DestinationType{Name: name, New: func() weir.Destination { return &testDestination{rig: r} }}, true
	}
	r.start()
	for _, name := range []string{"reader", "database"} {
		if _, err := r.env.Run(context.Background(), name); err != nil {
			t.Error(err)
		}
	}
	if got, err := r.env.RunFor(context.Background(), "request", map[string]any{"method": "GET"}); err != nil || got != "GETGET" {
		t.Errorf("of the request the script read %v, %v", got, err)
	}
	reply, err := r.Receive(context.Background(), weir.Inbound{Text: "<a/>"})
	if err != nil {
		t.Fatal(err)
	}
	row := weir.Row{}
	for name, vars := range map[string]map[string]any{"row": {"resultMap": row}, "rows": {"results": []weir.Row{row}}} {
		if _, err := reply.Run(context.Background(), name, vars); err != nil {
			t.Error(err)
		}
	}
	if err := r.Undeploy(context.Background()); err != nil {
		t.Error(err)
	}
	if err := r.store.Store.Close(); err != nil {
		t.Error(err)
	}

	for _, c := range []struct {
		place, logger string
		has           []map[string]string
	}{
		{"deploy", "deploy", nil},
		{"undeploy", "undeploy", nil},
		{"reader", "js-connector", nil},
		{"database-reader", "db-connector", nil},
		{"database-row", "db-connector", []map[string]string{ofConnector, ofSource, ofRow}},
		{"database-rows", "db-connector", []map[string]string{ofConnector, ofSource, ofRows}},
		{"authentication", "js-connector", []map[string]string{ofRequest}},
		{"global-preprocessor", "preprocessor", []map[string]string{ofConnector, ofSource, ofText}},
		{"preprocessor", "preprocessor", []map[string]string{ofConnector, ofSource, ofText}},
		{"attachment", "attachment", []map[string]string{ofAttachment}},
		{"batch", "batch", []map[string]string{ofBatch}},
		{"source-filter", "filter", []map[string]string{ofConnector, ofSource, ofTransform}},
		{"source", "transformer", []map[string]string{ofConnector, ofSource, ofTransform}},
		{"rule-builder", "filter", []map[string]string{ofConnector, ofSource, ofTransform}},
		{"iterator-rule", "filter", []map[string]string{ofConnector, ofSource, ofTransform}},
		{"external-rule", "filter", []map[string]string{ofConnector, ofSource, ofTransform}},
		{"mapper", "transformer", []map[string]string{ofConnector, ofSource, ofTransform}},
		{"message-builder", "transformer", []map[string]string{ofConnector, ofSource, ofTransform}},
		{"iterator", "transformer", []map[string]string{ofConnector, ofSource, ofTransform}},
		{"destination-set-filter", "transformer", []map[string]string{ofConnector, ofSource, ofTransform}},
		{"xslt", "transformer", []map[string]string{ofConnector, ofSource, ofTransform, {"tFactory": "", "xsltTemplate": "", "transformer": ""}}},
		{"after-xslt", "transformer", []map[string]string{ofConnector, ofSource, ofTransform, ofXSLT}},
		{"destination-filter", "filter", []map[string]string{ofConnector, ofTransform}},
		{"destination", "transformer", []map[string]string{ofConnector, ofTransform}},
		{"with-template", "transformer", []map[string]string{ofConnector, ofTransform, withTemplate}},
		{"writer", "js-connector", []map[string]string{ofConnector, ofStatus}},
		{"response", "response", []map[string]string{ofConnector, ofStatus, ofResponse}},
		{"postprocessor", "postprocessor", []map[string]string{ofWhole, ofStatus}},
		{"global-postprocessor", "postprocessor", []map[string]string{ofWhole, ofStatus, {"response": "Response"}}},
	} {
		t.Run(c.place, func(t *testing.T) {
			found, ran := heard.found[c.place]
			if !ran {
				t.Fatalf("the script has not run\n%s", r.log)
			}
			if heard.logger[c.place] != c.logger {
				t.Errorf("the logger is %q, want %q", heard.logger[c.place], c.logger)
			}
			want := map[string]string{}
			for _, m := range append([]map[string]string{basic, ofChannel, named("", everywhere...)}, c.has...) {
				for n, kind := range m {
					want[n] = kind
				}
			}
			var extra, wrong []string
			for _, word := range found {
				name, kind, _ := strings.Cut(word, "=")
				k, ok := want[name]
				delete(want, name)
				switch {
				case !ok:
					extra = append(extra, word)
				case k != "" && k != kind:
					wrong = append(wrong, word+", want "+k)
				}
			}
			var missing []string
			for n := range want {
				missing = append(missing, n)
			}
			sort.Strings(missing)
			if len(extra)+len(wrong)+len(missing) > 0 {
				t.Errorf("missing %q\nof another place %q\nof another kind %q", missing, extra, wrong)
			}
		})
	}
}

var _ config.Settings = (*scriptedSource)(nil)
