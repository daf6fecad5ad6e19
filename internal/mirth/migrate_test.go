package mirth

import (
	"strings"
	"testing"
)

// migrationCases show one change each. %s in before is put in place of version
// attributes; the same text must come out when the version is new enough and
// the shape is already the newest.
var migrationCases = []struct {
	what   string // as in migrations
	from   string // version
	before string
	after  string
}{
	{"client mode has an address of its own", "3.0.1",
		`<properties class="x.TcpReceiverProperties"><listenerConnectorProperties><host>10.0.0.1</host><port>99</port></listenerConnectorProperties><serverMode>false</serverMode></properties>`,
		`<properties class="x.TcpReceiverProperties"><listenerConnectorProperties><host>0.0.0.0</host><port>0</port></listenerConnectorProperties><serverMode>false</serverMode><remoteAddress>10.0.0.1</remoteAddress><remotePort>99</remotePort><overrideLocalBinding>false</overrideLocalBinding></properties>`},
	{"client mode has an address of its own", "3.0.0",
		`<properties class="x.TcpReceiverProperties"><listenerConnectorProperties><host>0.0.0.0</host><port>6661</port></listenerConnectorProperties><serverMode>true</serverMode></properties>`,
		`<properties class="x.TcpReceiverProperties"><listenerConnectorProperties><host>0.0.0.0</host><port>6661</port></listenerConnectorProperties><serverMode>true</serverMode><remoteAddress/><remotePort/><overrideLocalBinding>false</overrideLocalBinding></properties>`},
	{"shutdown script is called undeploy script", "3.0.3",
		`<channel><shutdownScript>x();</shutdownScript></channel>`,
		`<channel><undeployScript>x();</undeployScript></channel>`},
	{"a batch of delimited data always says how it is split", "3.0.3",
		`<sourceConnector><properties class="x.FileReceiverProperties"><responseConnectorProperties/><processBatch>true</processBatch></properties><transformer><inboundProperties class="x.DelimitedDataTypeProperties"><batchProperties><batchSplitByRecord>false</batchSplitByRecord><batchMessageDelimiter/><batchGroupingColumn/><batchScript/></batchProperties></inboundProperties></transformer></sourceConnector>`,
		`<sourceConnector><properties class="x.FileReceiverProperties"><sourceConnectorProperties><processBatch>false</processBatch><firstResponse>false</firstResponse><resourceIds class="linked-hash-map"><entry><string>Default Resource</string><string>[Default Resource]</string></entry></resourceIds><processingThreads>1</processingThreads></sourceConnectorProperties></properties><transformer><inboundProperties class="x.DelimitedDataTypeProperties"><batchProperties><batchMessageDelimiter/><batchGroupingColumn/><batchScript/><splitType>Record</splitType></batchProperties></inboundProperties></transformer></sourceConnector>`},
	{"response and queue properties are called source and destination properties", "3.0.3",
		`<properties class="x.VmDispatcherProperties"><queueConnectorProperties version="4.5.0"/></properties>`,
		`<properties class="x.VmDispatcherProperties"><destinationConnectorProperties version="4.5.0"/></properties>`},
	{"batch processing is a source property", "3.0.3",
		`<properties class="x.FileReceiverProperties"><responseConnectorProperties version="4.5.0"/><processBatch>true</processBatch></properties>`,
		`<properties class="x.FileReceiverProperties"><sourceConnectorProperties version="4.5.0"><processBatch>true</processBatch></sourceConnectorProperties></properties>`},
	{"batch processing is a source property", "3.0.3",
		`<properties class="x.TcpReceiverProperties"><responseConnectorProperties version="4.5.0"/><processBatch>true</processBatch><remoteAddress/><remotePort/><overrideLocalBinding/></properties>`,
		`<properties class="x.TcpReceiverProperties"><sourceConnectorProperties version="4.5.0"><processBatch>true</processBatch><firstResponse>true</firstResponse></sourceConnectorProperties><remoteAddress/><remotePort/><overrideLocalBinding/></properties>`},
	{"judging the answer is a destination property", "3.0.3",
		`<properties class="x.TcpDispatcherProperties"><queueConnectorProperties version="4.5.0"/><processHL7ACK>true</processHL7ACK></properties>`,
		`<properties class="x.TcpDispatcherProperties"><destinationConnectorProperties version="4.5.0"><validateResponse>true</validateResponse></destinationConnectorProperties><checkRemoteHost>true</checkRemoteHost></properties>`},
	{"XML bodies, multipart and binary types", "3.0.3",
		`<properties class="x.HttpReceiverProperties"><bodyOnly>false</bodyOnly></properties>`,
		`<properties class="x.HttpReceiverProperties"><xmlBody>true</xmlBody><parseMultipart>false</parseMultipart><includeMetadata>true</includeMetadata><binaryMimeTypes>application/, image/, video/, audio/</binaryMimeTypes><binaryMimeTypesRegex>false</binaryMimeTypesRegex><responseDataTypeBinary>false</responseDataTypeBinary><staticResources/></properties>`},
	{"XML bodies, multipart and binary types", "3.0.3",
		`<properties class="x.HttpReceiverProperties"><bodyOnly>true</bodyOnly></properties>`,
		`<properties class="x.HttpReceiverProperties"><xmlBody>false</xmlBody><parseMultipart>true</parseMultipart><includeMetadata>false</includeMetadata><binaryMimeTypes/><binaryMimeTypesRegex>false</binaryMimeTypesRegex><responseDataTypeBinary>false</responseDataTypeBinary><staticResources/></properties>`},
	{"proxy, response bodies, preemptive authentication", "3.0.3",
		`<properties class="x.HttpDispatcherProperties"><includeHeadersInResponse>true</includeHeadersInResponse><useAuthentication>true</useAuthentication></properties>`,
		`<properties class="x.HttpDispatcherProperties"><useAuthentication>true</useAuthentication><useProxyServer>false</useProxyServer><proxyAddress/><proxyPort/><responseXmlBody>true</responseXmlBody><responseParseMultipart>false</responseParseMultipart><responseIncludeMetadata>true</responseIncludeMetadata><responseBinaryMimeTypes>application/, image/, video/, audio/</responseBinaryMimeTypes><responseBinaryMimeTypesRegex>false</responseBinaryMimeTypesRegex><usePreemptiveAuthentication>true</usePreemptiveAuthentication><dataTypeBinary>false</dataTypeBinary></properties>`},
	{"operations are kept by service and port; a timeout", "3.0.3",
		`<properties class="x.WebServiceDispatcherProperties"><service>S</service><port>P</port><wsdlCacheId>1</wsdlCacheId><wsdlOperations><string>get</string></wsdlOperations></properties>`,
		`<properties class="x.WebServiceDispatcherProperties"><service>S</service><port>P</port><locationURI/><socketTimeout>0</socketTimeout><headers class="linked-hash-map"/><wsdlDefinitionMap><map class="linked-hash-map"><entry><string>S</string><com.mirth.connect.connectors.ws.DefinitionServiceMap_-DefinitionPortMap><map class="linked-hash-map"><entry><string>P</string><com.mirth.connect.connectors.ws.DefinitionServiceMap_-PortInformation><operations><string>get</string></operations></com.mirth.connect.connectors.ws.DefinitionServiceMap_-PortInformation></entry></map></com.mirth.connect.connectors.ws.DefinitionServiceMap_-DefinitionPortMap></entry></map></wsdlDefinitionMap></properties>`},
	{"batch properties", "3.0.3",
		`<sourceConnectorProperties><defaultQueueOnResponses><string>None</string></defaultQueueOnResponses><resourceIds/><processingThreads>1</processingThreads></sourceConnectorProperties>`,
		`<sourceConnectorProperties><resourceIds class="linked-hash-map"/><processingThreads>1</processingThreads><processBatch>false</processBatch><firstResponse>false</firstResponse></sourceConnectorProperties>`},
	{"response validation", "3.0.3",
		`<destinationConnectorProperties><resourceIds><entry/></resourceIds></destinationConnectorProperties>`,
		`<destinationConnectorProperties><resourceIds><entry/></resourceIds><validateResponse>false</validateResponse><reattachAttachments>true</reattachAttachments></destinationConnectorProperties>`},
	{"batch properties of every data type", "3.0.3",
		`<inboundProperties class="p.hl7v2.HL7v2DataTypeProperties"/>`,
		`<inboundProperties class="p.hl7v2.HL7v2DataTypeProperties"><batchProperties class="p.hl7v2.HL7v2BatchProperties"><splitType>MSH_Segment</splitType><batchScript/></batchProperties></inboundProperties>`},
	{"batch properties of every data type", "3.0.3",
		`<outboundProperties class="p.xml.XMLDataTypeProperties"/>`,
		`<outboundProperties class="p.xml.XMLDataTypeProperties"><batchProperties class="p.xml.XMLBatchProperties"><splitType>Element_Name</splitType><elementName/><level>1</level><query/><batchScript/></batchProperties></outboundProperties>`},
	{"batch properties of every data type", "3.0.3",
		`<inboundProperties class="p.DelimitedDataTypeProperties"><batchProperties><batchSplitByRecord>false</batchSplitByRecord><batchMessageDelimiter/><batchGroupingColumn>id</batchGroupingColumn></batchProperties></inboundProperties>`,
		`<inboundProperties class="p.DelimitedDataTypeProperties"><batchProperties><batchMessageDelimiter/><batchGroupingColumn>id</batchGroupingColumn><splitType>Grouping_Column</splitType></batchProperties></inboundProperties>`},
	{"batch properties of every data type", "3.0.3",
		`<inboundProperties class="p.DICOMDataTypeProperties"/>`, `<inboundProperties class="p.DICOMDataTypeProperties"/>`},
	{"the shutdown script's errors are the undeploy script's", "3.0.3",
		`<errorEventTypes><errorEventType>ANY</errorEventType><errorEventType>SHUTDOWN_SCRIPT</errorEventType></errorEventTypes>`,
		`<errorEventTypes><errorEventType>ANY</errorEventType><errorEventType>UNDEPLOY_SCRIPT</errorEventType></errorEventTypes>`},

	{"resources", "3.1.1",
		`<destinationConnectorProperties/>`,
		`<destinationConnectorProperties><resourceIds class="linked-hash-map"><entry><string>Default Resource</string><string>[Default Resource]</string></entry></resourceIds><reattachAttachments>true</reattachAttachments></destinationConnectorProperties>`},
	{"a header may have several values", "3.1.1",
		`<properties class="x.HttpDispatcherProperties"><headers><entry><string>A</string><string>1</string></entry></headers><parameters/></properties>`,
		`<properties class="x.HttpDispatcherProperties"><headers class="linked-hash-map"><entry><string>A</string><list><string>1</string></list></entry></headers><parameters class="linked-hash-map"/></properties>`},
	{"local address", "3.1.1",
		`<properties class="x.SmtpDispatcherProperties"/>`,
		`<properties class="x.SmtpDispatcherProperties"><overrideLocalBinding>false</overrideLocalBinding><localAddress>0.0.0.0</localAddress><localPort>0</localPort></properties>`},
	{"date format of acknowledgments: seconds, as before", "3.1.1",
		`<responseGenerationProperties class="x.HL7v2ResponseGenerationProperties"/>`,
		`<responseGenerationProperties class="x.HL7v2ResponseGenerationProperties"><dateFormat>yyyyMMddHHmmss</dateFormat></responseGenerationProperties>`},
	{"control id of answers: not compared, as before", "3.1.1",
		`<responseValidationProperties/>`,
		`<responseValidationProperties><validateMessageControlId>false</validateMessageControlId><originalMessageControlId>Destination_Encoded</originalMessageControlId><originalIdMapVariable/></responseValidationProperties>`},
	{"protocols are capitalized", "3.1.1",
		`<alertAction><protocol>EMAIL</protocol></alertAction>`, `<alertAction><protocol>Email</protocol></alertAction>`},

	{"polling types and a schedule", "3.2.2",
		`<pollConnectorProperties><pollingType>interval</pollingType><pollingFrequency>0</pollingFrequency><pollConnectorPropertiesAdvanced/></pollConnectorProperties>`,
		`<pollConnectorProperties><pollingType>INTERVAL</pollingType><pollingFrequency>5000</pollingFrequency><pollConnectorPropertiesAdvanced/><pollOnStart>true</pollOnStart><cronJobs/></pollConnectorProperties>`},
	{"polling types and a schedule", "3.2.2",
		`<pollConnectorProperties><pollingType>time</pollingType><pollingFrequency>90000000</pollingFrequency></pollConnectorProperties>`,
		`<pollConnectorProperties><pollingType>TIME</pollingType><pollingFrequency>86399999</pollingFrequency><pollOnStart>false</pollOnStart><cronJobs/><pollConnectorPropertiesAdvanced><weekly>true</weekly><inactiveDays><boolean>false</boolean><boolean>false</boolean><boolean>false</boolean><boolean>false</boolean><boolean>false</boolean><boolean>false</boolean><boolean>false</boolean><boolean>false</boolean></inactiveDays><dayOfMonth>1</dayOfMonth><allDay>true</allDay><startingHour>8</startingHour><startingMinute>0</startingMinute><endingHour>17</endingHour><endingMinute>0</endingMinute></pollConnectorPropertiesAdvanced></pollConnectorProperties>`},
	{"SFTP properties", "3.2.2",
		`<properties class="x.FileReceiverProperties"><scheme>sftp</scheme></properties>`,
		`<properties class="x.FileReceiverProperties"><scheme>sftp</scheme><schemeProperties class="com.mirth.connect.connectors.file.SftpSchemeProperties"><passwordAuth>true</passwordAuth><keyAuth>false</keyAuth><keyFile/><passPhrase/><hostKeyChecking>ask</hostKeyChecking><knownHostsFile/><configurationSettings/></schemeProperties></properties>`},
	{"encoding", "3.2.2",
		`<properties class="x.DatabaseReceiverProperties"/>`,
		`<properties class="x.DatabaseReceiverProperties"><encoding>DEFAULT_ENCODING</encoding></properties>`},
	{"SOAP binding", "3.2.2",
		`<properties class="x.WebServiceReceiverProperties"/>`,
		`<properties class="x.WebServiceReceiverProperties"><soapBinding>DEFAULT</soapBinding></properties>`},
	{"quotes may be longer than a character", "3.2.2",
		`<serializationProperties class="x.DelimitedSerializationProperties"><quoteChar>'</quoteChar><quoteEscapeChar>\</quoteEscapeChar></serializationProperties>`,
		`<serializationProperties class="x.DelimitedSerializationProperties"><quoteToken>'</quoteToken><quoteEscapeToken>\</quoteEscapeToken></serializationProperties>`},
	{"contexts in place of a scope", "3.2.2",
		`<codeTemplate><type>CODE</type><code>x</code><scope>3</scope></codeTemplate>`,
		`<codeTemplate><contextSet><delegate><contextType>SOURCE_RECEIVER</contextType><contextType>SOURCE_FILTER_TRANSFORMER</contextType><contextType>DESTINATION_FILTER_TRANSFORMER</contextType><contextType>DESTINATION_DISPATCHER</contextType><contextType>DESTINATION_RESPONSE_TRANSFORMER</contextType></delegate></contextSet><properties class="com.mirth.connect.model.codetemplates.BasicCodeTemplateProperties"><type>DRAG_AND_DROP_CODE</type><code>x</code></properties></codeTemplate>`},

	{"processing threads; resources have names", "3.3.1",
		`<sourceConnectorProperties><resourceIds class="linked-hash-set"><string>abc</string></resourceIds></sourceConnectorProperties>`,
		`<sourceConnectorProperties><resourceIds class="linked-hash-map"><entry><string>abc</string><string/></entry></resourceIds><processingThreads>1</processingThreads></sourceConnectorProperties>`},
	{"resources have names", "3.3.1",
		`<destinationConnectorProperties><resourceIds class="linked-hash-set"><string>Default Resource</string></resourceIds><reattachAttachments/></destinationConnectorProperties>`,
		`<destinationConnectorProperties><resourceIds class="linked-hash-map"><entry><string>Default Resource</string><string>[Default Resource]</string></entry></resourceIds><reattachAttachments/></destinationConnectorProperties>`},
	{"user names belong to HTTP authentication", "3.3.1",
		`<properties class="x.WebServiceReceiverProperties"><serviceName>Lab</serviceName><usernames><string>a</string></usernames><passwords><string>b</string></passwords></properties>`,
		`<properties class="x.WebServiceReceiverProperties"><serviceName>Lab</serviceName><pluginProperties><com.mirth.connect.plugins.httpauth.basic.BasicHttpAuthProperties><authType>BASIC</authType><realm>/services/Lab</realm><credentials class="linked-hash-map"><entry><string>a</string><string>b</string></entry></credentials></com.mirth.connect.plugins.httpauth.basic.BasicHttpAuthProperties></pluginProperties></properties>`},
	{"page size", "3.3.1",
		`<properties class="x.DocumentDispatcherProperties"><documentType>rtf</documentType></properties>`,
		`<properties class="x.DocumentDispatcherProperties"><documentType>rtf</documentType><pageWidth>210</pageWidth><pageHeight>297</pageHeight><pageUnit>MM</pageUnit></properties>`},
	{"page size", "3.3.1",
		`<properties class="x.DocumentDispatcherProperties"><documentType>pdf</documentType></properties>`,
		`<properties class="x.DocumentDispatcherProperties"><documentType>pdf</documentType><pageWidth>8.5</pageWidth><pageHeight>11</pageHeight><pageUnit>INCHES</pageUnit></properties>`},
	{"attachment handlers moved to packages", "3.3.1",
		`<attachmentProperties><className>com.mirth.connect.server.attachments.RegexAttachmentHandler</className></attachmentProperties>`,
		`<attachmentProperties><className>com.mirth.connect.server.attachments.regex.RegexAttachmentHandlerProvider</className></attachmentProperties>`},
	{"split type", "3.3.1",
		`<batchProperties class="x.JSONBatchProperties"><batchScript/></batchProperties>`,
		`<batchProperties class="x.JSONBatchProperties"><batchScript/><splitType>JavaScript</splitType></batchProperties>`},

	{"what only exports have is in exportData", "3.4.2",
		`<channel><id>c</id><sourceConnector/><properties><pruneContentDays>7</pruneContentDays><archiveEnabled>true</archiveEnabled><tags><string>adt</string></tags></properties><enabled>false</enabled><dependencyIds><string>d</string></dependencyIds></channel>`,
		`<channel><id>c</id><sourceConnector/><properties/><exportData><metadata><enabled>false</enabled><pruningSettings><pruneContentDays>7</pruneContentDays><archiveEnabled>true</archiveEnabled><pruneErroredMessages>false</pruneErroredMessages></pruningSettings></metadata><channelTags class="list"><channelTag><name>adt</name><channelIds><string>c</string></channelIds></channelTag></channelTags><dependencyIds><string>d</string></dependencyIds></exportData></channel>`},
	{"rules are elements of their own class", "3.4.2",
		`<filter><rules><rule><sequenceNumber>0</sequenceNumber><name>n</name><type>Rule Builder</type><data><entry><string>Field</string><string>f</string></entry><entry><string>Equals</string><string>5</string></entry><entry><string>Values</string><list><string>'a'</string></list></entry></data><script>generated</script><operator>NONE</operator></rule><rule><type>External Script</type><data><entry><string>Variable</string><string>/x.js</string></entry></data><operator>AND</operator></rule><rule><type>JavaScript</type><script>return true;</script><data/><operator>OR</operator></rule></rules></filter>`,
		`<filter><elements><com.mirth.connect.plugins.rulebuilder.RuleBuilderRule><field>f</field><condition>NOT_CONTAIN</condition><values><string>'a'</string></values><name>n</name><sequenceNumber>0</sequenceNumber><operator>NONE</operator><enabled>true</enabled></com.mirth.connect.plugins.rulebuilder.RuleBuilderRule><com.mirth.connect.plugins.scriptfilerule.ExternalScriptRule><scriptPath>/x.js</scriptPath><operator>AND</operator><enabled>true</enabled></com.mirth.connect.plugins.scriptfilerule.ExternalScriptRule><com.mirth.connect.plugins.javascriptrule.JavaScriptRule><script>return true;</script><operator>OR</operator><enabled>true</enabled></com.mirth.connect.plugins.javascriptrule.JavaScriptRule></elements></filter>`},
	{"steps are elements of their own class", "3.4.2",
		`<transformer><steps><step><name>m</name><type>Mapper</type><data><entry><string>Variable</string><string>v</string></entry><entry><string>Mapping</string><string>e</string></entry><entry><string>DefaultValue</string><string>'d'</string></entry><entry><string>isGlobal</string><string>globalChannel</string></entry><entry><string>RegularExpressions</string><list><string-array><string>'a'</string><string>'b'</string></string-array></list></entry></data></step></steps></transformer>`,
		`<transformer><elements><com.mirth.connect.plugins.mapper.MapperStep><variable>v</variable><mapping>e</mapping><defaultValue>'d'</defaultValue><replacements><org.apache.commons.lang3.tuple.ImmutablePair><left class="string">'a'</left><right class="string">'b'</right></org.apache.commons.lang3.tuple.ImmutablePair></replacements><scope>GLOBAL_CHANNEL</scope><name>m</name><enabled>true</enabled></com.mirth.connect.plugins.mapper.MapperStep></elements></transformer>`},
	{"steps are elements of their own class", "3.4.2",
		`<responseTransformer><steps><step><type>XSLT Step</type><data class="map"><entry><string>Source</string><string>s</string></entry><entry><string>Result</string><string>r</string></entry><entry><string>XsltTemplate</string><string>t</string></entry></data></step><step><type>Message Builder</type><data><entry><string>Variable</string><string>tmp.x</string></entry></data></step><step><type>External Script</type><data><entry><string>Variable</string><string>/y.js</string></entry></data></step><step><type>Some Plugin</type><script>made();</script></step></steps></responseTransformer>`,
		`<responseTransformer><elements><com.mirth.connect.plugins.xsltstep.XsltStep><sourceXml>s</sourceXml><resultVariable>r</resultVariable><template>t</template><useCustomFactory>false</useCustomFactory><customFactory/><enabled>true</enabled></com.mirth.connect.plugins.xsltstep.XsltStep><com.mirth.connect.plugins.messagebuilder.MessageBuilderStep><messageSegment>tmp.x</messageSegment><mapping/><defaultValue/><replacements/><enabled>true</enabled></com.mirth.connect.plugins.messagebuilder.MessageBuilderStep><com.mirth.connect.plugins.scriptfilestep.ExternalScriptStep><scriptPath>/y.js</scriptPath><enabled>true</enabled></com.mirth.connect.plugins.scriptfilestep.ExternalScriptStep><com.mirth.connect.plugins.javascriptstep.JavaScriptStep><script>made();</script><enabled>true</enabled></com.mirth.connect.plugins.javascriptstep.JavaScriptStep></elements></responseTransformer>`},
	{"type and code are properties", "3.4.2",
		`<codeTemplate><name>n</name><type>FUNCTION</type><code>function f() {}</code></codeTemplate>`,
		`<codeTemplate><name>n</name><properties class="com.mirth.connect.model.codetemplates.BasicCodeTemplateProperties"><type>FUNCTION</type><code>function f() {}</code></properties></codeTemplate>`},
	{"attachments are put back", "3.4.2",
		`<destinationConnectorProperties/>`, `<destinationConnectorProperties><reattachAttachments>true</reattachAttachments></destinationConnectorProperties>`},
	{"connections are kept open", "3.6.1",
		`<properties class="x.FileDispatcherProperties"/>`,
		`<properties class="x.FileDispatcherProperties"><keepConnectionOpen>true</keepConnectionOpen><maxIdleTime>0</maxIdleTime></properties>`},
	{"steps and rules can be turned off", "3.6.1",
		`<elements><x.Step><enabled>false</enabled></x.Step><x.Step><name>n</name></x.Step></elements>`,
		`<elements><x.Step><enabled>false</enabled></x.Step><x.Step><name>n</name><enabled>true</enabled></x.Step></elements>`},
	{"SMB versions", "3.8.1",
		`<properties class="x.FileReceiverProperties"><scheme>SMB</scheme></properties>`,
		`<properties class="x.FileReceiverProperties"><scheme>SMB</scheme><schemeProperties class="com.mirth.connect.connectors.file.SmbSchemeProperties"><smbMinVersion>SMB1</smbMinVersion><smbMaxVersion>SMB311</smbMaxVersion></schemeProperties></properties>`},
	{"messages with errors are kept", "3.11.0",
		`<pruningSettings/>`, `<pruningSettings><pruneErroredMessages>false</pruneErroredMessages></pruningSettings>`},
}

func TestMigrations(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range migrationCases {
		covered[c.what] = true
		e := parse(t, c.before)
		e.inherit(parseVersion(c.from))
		e.migrate()
		if got := xmlOf(e); got != c.after {
			t.Errorf("%s, from %s\n before %s\n    got %s\n   want %s", c.what, c.from, c.before, got, c.after)
		}
		again := parse(t, c.after)
		again.inherit(parseVersion(c.from))
		again.migrate()
		if got := xmlOf(again); got != c.after {
			t.Errorf("%s changes the newest shape\n got %s\nwant %s", c.what, got, c.after)
		}
		same := parse(t, c.before)
		same.inherit(newest)
		same.migrate()
		if got := xmlOf(same); got != xmlOf(parse(t, c.before)) {
			t.Errorf("%s changes a file of the newest version\n got %s", c.what, got)
		}
	}
	for i, m := range migrations {
		if !covered[m.what] {
			t.Errorf("no case shows %q", m.what)
		}
		if i > 0 && m.to.before(migrations[i-1].to) {
			t.Errorf("%q is out of order", m.what)
		}
	}
}

func TestVersionsMayBeMixed(t *testing.T) {
	e := parse(t, `<transformer version="3.4.0"><steps/><inboundProperties class="x.RawDataTypeProperties"/>`+
		`<outboundProperties class="x.RawDataTypeProperties" version="3.0.0"/></transformer>`)
	e.inherit(noVersion)
	e.migrate()
	if e.at("inboundProperties/batchProperties") != nil || e.at("outboundProperties/batchProperties") == nil {
		t.Errorf("got %s", xmlOf(e))
	}
}

func parse(t testing.TB, text string) *element {
	t.Helper()
	e, err := scan(text, defaultLimits)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

// xmlOf writes an element the way the cases are written.
func xmlOf(e *element) string {
	var b strings.Builder
	var write func(e *element)
	write = func(e *element) {
		b.WriteString("<" + e.name)
		for _, a := range e.attrs {
			b.WriteString(" " + a.name + `="` + a.value + `"`)
		}
		if e.text == "" && len(e.children) == 0 {
			b.WriteString("/>")
			return
		}
		b.WriteString(">" + e.text)
		for _, c := range e.children {
			write(c)
		}
		b.WriteString("</" + e.name + ">")
	}
	write(e)
	return b.String()
}
