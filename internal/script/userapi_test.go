package script_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
)

// engineHost is a host with two channels, whose work is done at once.
type engineHost struct {
	recorder
	controls []script.Control
}

func (h *engineHost) Channels() []script.Channel {
	return []script.Channel{
		{ID: "ch", Name: "Channel", State: weir.Started, Connectors: map[int]weir.State{0: weir.Started, 1: weir.Stopped}},
		{ID: "idle", Name: "Idle", State: weir.Undeployed},
	}
}

func (h *engineHost) Control(_ context.Context, c script.Control) error {
	h.controls = append(h.controls, c)
	return nil
}

func (h *engineHost) Count(channelID string, metaDataID int, s weir.Status) (int64, bool) {
	return 3, metaDataID < 2
}

func (h *engineHost) Route(context.Context, string, weir.Inbound) (*weir.Response, error) {
	return &weir.Response{Status: weir.Sent, Message: "routed"}, nil
}

func (h *engineHost) Resolve(_ *script.Scope, template string, more map[string]any) string {
	return strings.ReplaceAll(template, "${a}", "A")
}

func (h *engineHost) DataTypeDefaults(string, bool) map[string]any {
	return map[string]any{"useStrictParser": false}
}

// TestUserAPI has every class and method of the user API answer, and looks at
// what it answers with: a JavaScript type, a Java class, null or undefined.
// Classes that reach files, networks and databases are tested where they live.
func TestUserAPI(t *testing.T) {
	const kind = `function kind(v) {
		if (v === null || v === undefined) return String(v);
		return typeof v == 'object' && v.getClass ? String(v.getClass().getName()) : typeof v;
	}
	`
	const text, list, util, server = "java.lang.String", "java.util.ArrayList", "com.mirth.connect.userutil.", "com.mirth.connect.server.userutil."
	groups := []struct {
		name  string
		where string // of: destination, whole, response, source
		cases [][2]string
	}{
		{"ImmutableConnectorMessage", "", [][2]string{
			{"connectorMessage", util + "ImmutableConnectorMessage"},
			{"connectorMessage.getMetaDataId()", "number"}, {"connectorMessage.getChannelId()", text},
			{"connectorMessage.getChannelName()", text}, {"connectorMessage.getConnectorName()", text},
			{"connectorMessage.getServerId()", text}, {"connectorMessage.getReceivedDate()", "java.util.GregorianCalendar"},
			{"connectorMessage.getSendAttempts()", "number"}, {"connectorMessage.getSendDate()", "null"},
			{"connectorMessage.getResponseDate()", "null"}, {"connectorMessage.getStatus()", util + "Status"},
			{"connectorMessage.getMessageId()", "number"},
			{"connectorMessage.getMessageContent(ContentType.RAW)", util + "ImmutableMessageContent"},
			{"connectorMessage.getContent(ContentType.SENT)", "null"},
			{"connectorMessage.getRaw()", util + "ImmutableMessageContent"}, {"connectorMessage.getProcessedRaw()", "null"},
			{"connectorMessage.getTransformed()", "null"}, {"connectorMessage.getEncoded()", util + "ImmutableMessageContent"},
			{"connectorMessage.getResponse()", "null"}, {"connectorMessage.getResponseTransformed()", "null"},
			{"connectorMessage.getProcessedResponse()", "null"}, {"connectorMessage.getRawData()", text},
			{"connectorMessage.getProcessedRawData()", "null"}, {"connectorMessage.getTransformedData()", "null"},
			{"connectorMessage.getEncodedData()", text}, {"connectorMessage.getResponseTransformedData()", "null"},
			{"connectorMessage.getResponseData()", "null"}, {"connectorMessage.getProcessedResponseData()", "null"},
			{"connectorMessage.getSourceMap()", util + "SourceMap"}, {"connectorMessage.getConnectorMap()", util + "ConnectorMap"},
			{"connectorMessage.getChannelMap()", util + "ChannelMap"}, {"connectorMessage.getResponseMap()", util + "ResponseMap"},
			{"connectorMessage.getProcessingError()", "null"}, {"connectorMessage.getPostProcessorError()", "null"},
			{"connectorMessage.getResponseError()", "null"},
			{"connectorMessage.getDestinationIdMap().get('Dest 2')", "java.lang.Integer"},
			{"connectorMessage.getDestinationNameMap().get('Dest 2')", text}, {"connectorMessage.rawData", text},
		}},
		{"ImmutableMessageContent", "", [][2]string{
			{"connectorMessage.getRaw().getContentType()", util + "ContentType"}, {"connectorMessage.getRaw().getContent()", text},
			{"connectorMessage.getRaw().getMessageId()", "number"}, {"connectorMessage.getRaw().getMetaDataId()", "number"},
			{"connectorMessage.getRaw().getDataType()", text},
		}},
		{"ImmutableMessage", "whole", [][2]string{
			{"message", util + "ImmutableMessage"}, {"message.getMessageId()", "java.lang.Long"}, {"message.getServerId()", text},
			{"message.getChannelId()", text}, {"message.getReceivedDate()", "java.util.GregorianCalendar"},
			{"message.isProcessed()", "boolean"}, {"message.getOriginalId()", "null"}, {"message.getImportId()", "null"},
			{"message.getImportChannelId()", "null"}, {"message.getAttachments().size()", "number"},
			{"message.getConnectorMessages().get(0)", util + "ImmutableConnectorMessage"},
			{"message.getConnectorMessages().get(1).getRawData()", text},
			{"message.getMergedConnectorMessage()", util + "ImmutableConnectorMessage"},
			{"message.getDestinationIdMap().get('Dest 1')", "java.lang.Integer"},
			{"message.getDestinationNameMap().get('Dest 1')", text},
		}},
		{"enums", "", [][2]string{
			{"[" + enumNames("ContentType", "RAW PROCESSED_RAW TRANSFORMED ENCODED SENT RESPONSE RESPONSE_TRANSFORMED PROCESSED_RESPONSE CONNECTOR_MAP CHANNEL_MAP RESPONSE_MAP PROCESSING_ERROR POSTPROCESSOR_ERROR RESPONSE_ERROR SOURCE_MAP") + "].length == 15", "boolean"},
			{"[" + enumNames("Status", "RECEIVED FILTERED TRANSFORMED SENT QUEUED ERROR PENDING") + "].length", "number"},
			{"[" + enumNames("DeployedState", "UNDEPLOYED DEPLOYING UNDEPLOYING STARTING STARTED PAUSING PAUSED STOPPING STOPPED SYNCING UNKNOWN") + "].length", "number"},
			{"[" + enumNames("AuthStatus", "CHALLENGED SUCCESS FAILURE") + "].length", "number"},
			{"Status.valueOf('SENT')", util + "Status"}, {"Status.values().length", "number"}, {"Status.SENT.name()", text},
			{"Status.SENT.ordinal()", "number"}, {"Status.SENT.compareTo(Status.ERROR)", "number"}, {"DeployedState.STARTED.toString()", text},
		}},
		{"RawMessage", "", [][2]string{
			{"new RawMessage('x').getRawData()", text}, {"new RawMessage('x').getRawBytes()", "null"},
			{"new RawMessage(new java.lang.String('x').getBytes()).getRawBytes()", "byte[]"},
			{"new RawMessage(new java.lang.String('x').getBytes(), [1]).getRawData()", "null"},
			{"new RawMessage('x').getDestinationMetaDataIds()", "null"}, {"new RawMessage('x', [1, 2]).getDestinationMetaDataIds()", list},
			{"new RawMessage('x', null, {a: 1}).getSourceMap().get('a')", "java.lang.Double"},
			{"new RawMessage('x', Lists.list(1), Maps.map('a', 'b')).getChannelMap().get('a')", text},
			{"new RawMessage('x').isBinary()", "java.lang.Boolean"}, {"new RawMessage('x').clearMessage()", "undefined"},
		}},
		{"maps", "", [][2]string{
			{"channelMap", util + "ChannelMap"}, {"sourceMap", util + "SourceMap"}, {"responseMap", util + "ResponseMap"},
			{"channelMap.put('a', 1)", "null"}, {"(channelMap.put('a', 1), channelMap.get('a'))", "java.lang.Double"}, {"channelMap.containsKey('a')", "boolean"},
			{"channelMap.keySet().size()", "number"}, {"channelMap.entrySet().iterator()", "java.util.Iterator"},
			{"channelMap.values().isEmpty()", "boolean"}, {"channelMap.size()", "number"}, {"channelMap.isEmpty()", "boolean"},
			{"channelMap.remove('a')", "null"}, {"channelMap.putAll({b: 1})", "undefined"}, {"channelMap.clear()", "undefined"},
			{"globalMap.put('a', 'b')", text}, {"globalMap.get('a')", text}, {"globalMap.containsKey('a')", "boolean"},
			{"globalMap.getVariables().get('a')", text}, {"globalMap.putAll(Maps.map('c', 1))", "undefined"},
			{"globalMap.lock('a')", "undefined"}, {"(globalMap.lock('a'), globalMap.unlock('a'))", "undefined"}, {"globalMap.containsKeySync('a')", "boolean"},
			{"globalMap.putSync('a', 'c')", text}, {"globalMap.getSync('a')", text}, {"globalMap.putAllSync({d: 1})", "undefined"},
			{"globalMap.removeSync('a')", text}, {"globalMap.clearSync()", "undefined"}, {"globalMap.toString()", text},
			{"globalChannelMap.clear()", "undefined"}, {"configurationMap.get('site')", text}, {"$cfg('site')", text},
		}},
		{"DestinationSet", "source", [][2]string{
			{"destinationSet", server + "DestinationSet"}, {"destinationSet.remove(5)", "boolean"}, {"destinationSet.remove('Dest 1')", "boolean"},
			{"destinationSet.remove(['Dest 1', 3])", "boolean"}, {"destinationSet.removeAllExcept('Dest 2')", "boolean"},
			{"destinationSet.removeAllExcept([2])", "boolean"}, {"destinationSet.removeAll()", "boolean"},
		}},
		{"Response", "", [][2]string{
			{"new Response().getMessage()", text}, {"new Response().getStatus()", "null"}, {"new Response('m').getMessage()", text},
			{"new Response(SENT, 'm').getStatus()", util + "Status"}, {"new Response(SENT, 'm', 's').getStatusMessage()", text},
			{"new Response(SENT, 'm', 's', 'e').getError()", text}, {"new Response(SENT, 'm').getError()", text}, {"new Response(SENT, null).getMessage()", "null"},
			{"new Response().setMessage('m')", "undefined"}, {"new Response().setStatus(Status.ERROR)", "undefined"},
			{"new Response().setStatusMessage('m')", "undefined"}, {"new Response().setError('m')", "undefined"},
			{"new Response(SENT, 'm', 's').toString()", text},
			{"ResponseFactory.getSentResponse('m')", util + "Response"}, {"ResponseFactory.getErrorResponse('m')", util + "Response"},
			{"ResponseFactory.getFilteredResponse('m')", util + "Response"}, {"ResponseFactory.getQueuedResponse('m')", util + "Response"},
		}},
		{"ImmutableResponse", "response", [][2]string{
			{"response", util + "ImmutableResponse"}, {"response.getMessage()", text}, {"response.getNewMessageStatus()", util + "Status"},
			{"response.getError()", "null"}, {"response.getStatusMessage()", "null"}, {"response.getStatus", "undefined"},
			{"response.setMessage", "undefined"}, {"responseStatus", util + "Status"}, {"responseErrorMessage", "null"},
		}},
		{"MessageHeaders", "", [][2]string{
			{"new MessageHeaders({A: ['1', '2']}).get('A')", text}, {"new MessageHeaders({A: ['1']}).getHeader('B')", "null"},
			{"new MessageHeaders({A: ['1']}).getHeaderList('A')", list}, {"new MessageHeaders({A: ['1']}).getKeys().size()", "number"},
			{"new MessageHeaders({A: ['1']}).contains('A')", "boolean"}, {"new MessageHeaders({A: ['1']}).toString()", text},
			{"new MessageParameters({A: ['1']}).getParameter('A')", text}, {"new MessageParameters({A: ['1']}).getParameterList('B')", "null"},
			{"new MessageParameters({A: ['1']}).contains('B')", "boolean"}, {"new MessageParameters({A: ['1']}).getKeys().isEmpty()", "boolean"},
		}},
		{"VMRouter", "", [][2]string{
			{"router", server + "VMRouter"}, {"new VMRouter().routeMessage('Channel', 'm')", util + "Response"},
			{"router.routeMessage('Channel', new RawMessage('m'))", util + "Response"},
			{"router.routeMessageByChannelId('ch', 'm')", util + "Response"}, {"alerts", server + "AlertSender"},
			{"alerts.sendAlert('text')", "undefined"},
		}},
		{"ChannelUtil", "", [][2]string{
			{"ChannelUtil.getChannelNames()", list}, {"ChannelUtil.getChannelIds()", list}, {"ChannelUtil.getDeployedChannelNames()", list},
			{"ChannelUtil.getDeployedChannelIds()", list}, {"ChannelUtil.getChannelName('ch')", text},
			{"ChannelUtil.getDeployedChannelName('ch')", text}, {"ChannelUtil.getDeployedChannelId('Channel')", text},
			{"ChannelUtil.getDeployedChannelName('idle')", "null"}, {"ChannelUtil.startChannel('ch')", server + "Future"},
			{"ChannelUtil.stopChannel('Channel')", server + "Future"}, {"ChannelUtil.pauseChannel('ch')", server + "Future"},
			{"ChannelUtil.resumeChannel('ch')", server + "Future"}, {"ChannelUtil.haltChannel('ch')", server + "Future"},
			{"ChannelUtil.deployChannel('ch')", server + "Future"}, {"ChannelUtil.undeployChannel('ch')", server + "Future"},
			{"ChannelUtil.startConnector('ch', 1)", server + "Future"}, {"ChannelUtil.stopConnector('ch', 1)", server + "Future"},
			{"ChannelUtil.resetStatistics('ch')", server + "Future"}, {"ChannelUtil.resetStatistics('ch', 1)", server + "Future"},
			{"ChannelUtil.resetStatistics('ch', null, [Status.SENT]).get()", "null"},
			{"ChannelUtil.getChannelState('ch')", util + "DeployedState"}, {"ChannelUtil.getConnectorState('ch', 1)", util + "DeployedState"},
			{"ChannelUtil.getConnectorState('ch', 7)", "null"}, {"ChannelUtil.isChannelDeployed('idle')", "boolean"},
			{"ChannelUtil.getReceivedCount('ch')", "java.lang.Long"}, {"ChannelUtil.getFilteredCount('ch', 1)", "java.lang.Long"},
			{"ChannelUtil.getQueuedCount('ch')", "java.lang.Long"}, {"ChannelUtil.getSentCount('ch')", "java.lang.Long"},
			{"ChannelUtil.getErrorCount('ch', 7)", "null"},
			{"ChannelUtil.startChannel('ch').get(1000)", "null"}, {"ChannelUtil.startChannel('ch').get(1, java.util.concurrent.TimeUnit.SECONDS)", "null"},
			{"ChannelUtil.startChannel('ch').isDone()", "boolean"}, {"ChannelUtil.startChannel('ch').isCancelled()", "boolean"},
			{"ChannelUtil.startChannel('nope').cancel(true)", "boolean"},
		}},
		{"ACKGenerator", "", [][2]string{
			{`ACKGenerator.generateAckResponse('MSH|^~\\&|A|B|C|D|1||ADT^A01|9|P|2.5\r', 'AA', 'ok')`, text},
			{`new ACKGenerator().generateAckResponse('MSH|^~\\&|A|B|C|D|1||ADT^A01|9|P|2.5\r', false, 'AE', 'no', 'yyyyMMdd', 'e')`, text},
			{`ACKGenerator.generateAckResponse('MSH|^~\\&|A|B|C|D|1||ADT^A01|9|P|2.5\r', 'XML', 'AA', 'ok', 'yyyyMMdd', '')`, text},
		}},
		{"text", "", [][2]string{
			{"DateUtil.getDate('yyyy', '2024')", "java.util.Date"}, {"DateUtil.formatDate('yyyy', new Date())", text},
			{"DateUtil.getCurrentDate('yyyy')", text}, {"DateUtil.convertDate('yyyy', 'yy', '2024')", text},
			{"UUIDGenerator.getUUID()", text}, {"HashUtil.generate('x')", text}, {"HashUtil.generate('x', 'UTF-8', 'MD5')", text},
			{"HashUtil.generate(new java.lang.String('x').getBytes(), 'SHA-1')", text},
			{"XmlUtil.prettyPrint('<a/>')", text}, {"XmlUtil.encode('<')", text}, {"XmlUtil.encode(new java.lang.String('abc').toCharArray(), 1, 1)", text},
			{"XmlUtil.decode('&eacute;')", text}, {"XmlUtil.toJson('<a/>')", text}, {"XmlUtil.toJson('<a/>', true)", text},
			{"XmlUtil.toJson('<a/>', true, true, true, true)", text}, {"XmlUtil.toJson('<a/>', true, true, true, true, true, true)", text},
			{"JsonUtil.prettyPrint('{}')", text}, {"JsonUtil.escape('x')", text}, {"JsonUtil.toXml('{\"a\":1}')", text},
			{"JsonUtil.toXml('{\"a\":1}', true, true)", text},
			{"Lists.list()", util + "ListBuilder"}, {"Lists.list('a').append('b')", util + "ListBuilder"},
			{"Lists.list(Lists.list('a')).size()", "number"}, {"Maps.map()", util + "MapBuilder"},
			{"Maps.map('a', 1).add('b', 2)", util + "MapBuilder"}, {"Maps.map(Maps.map('a', 1)).get('a')", "java.lang.Double"},
			{"NCPDPUtil.formatNCPDPNumber('123D', 2)", text}, {"FileUtil.encode(new java.lang.String('x').getBytes())", text},
			{"FileUtil.decode('eA==')", "byte[]"},
		}},
		{"SerializerFactory", "", [][2]string{
			{"SerializerFactory.getSerializer('HL7V2').toXML('MSH|^~\\\\&|A\\r')", text}, {"SerializerFactory.getSerializer('nope')", "null"},
			{"SerializerFactory.getSerializer('hl7v2', null, null).fromXML('<HL7Message><MSH><MSH.1>|</MSH.1><MSH.2>^~\\\\&amp;</MSH.2></MSH></HL7Message>')", text},
			{"SerializerFactory.getDefaultSerializationProperties('HL7V2').get('useStrictParser')", "java.lang.Boolean"},
			{"SerializerFactory.getDefaultDeserializationProperties('HL7V2').size()", "number"},
			{"typeof SerializerFactory.getHL7Serializer(false, false, true, true, true).toXML", "string"},
			{"typeof SerializerFactory.getX12Serializer(true).fromXML", "string"}, {"typeof SerializerFactory.getEDISerializer('~', '*', ':').toJSON", "string"},
			{"typeof SerializerFactory.getNCPDPSerializer('a', 'b', 'c').fromJSON", "string"},
			{"SerializerFactory.getSerializer('HL7V2').getMetaDataFromMessage('MSH|^~\\\\&|A||||||ADT^A01\\r').get('mirth_type')", text},
			{"SerializerFactory.getSerializer('HL7V2').populateMetaData('MSH|^~\\\\&|A\\r', new java.util.HashMap())", "undefined"},
		}},
		{"environment", "", [][2]string{
			{"contextFactory.getResourceIds().size()", "number"}, {"contextFactory.getClassLoader()", "null"},
			{"contextFactory.getIsolatedClassLoader()", "null"}, {"logger.trace('x')", "undefined"}, {"logger.debug('x')", "undefined"},
			{"logger.info('x')", "undefined"}, {"logger.warn('x')", "undefined"}, {"logger.error('x', new java.lang.Exception('y'))", "undefined"},
			{"logger.fatal('x')", "undefined"}, {"logger.isDebugEnabled()", "boolean"},
			{"Packages.org.apache.log4j.Logger.getLogger('x').info('y')", "undefined"},
			{"Packages.org.apache.logging.log4j.LogManager.getLogger('x').warn('y')", "undefined"},
			{"replacer.replaceValues('${a}')", text}, {"replacer.replaceValues('${a}', connectorMessage)", text},
			{"replacer.replaceValues('${a}', Maps.map('a', 1))", text}, {"replacer.replaceValues('${a}', 'ch', 'Channel')", text},
			{"replacer.replaceValues('${a}', 'ch', 'Channel', Maps.map('a', 1))", text},
			{"replacer.replaceURLValues('${a}', connectorMessage)", text}, {"replacer.hasReplaceableValues('${a}')", "boolean"},
		}},
		{"AuthenticationResult", "", [][2]string{
			{"new AuthenticationResult(AuthStatus.SUCCESS).getStatus()", "com.mirth.connect.plugins.httpauth.userutil.AuthStatus"},
			{"AuthenticationResult.Success().getUsername()", "null"}, {"AuthenticationResult.Success('u', 'r').getRealm()", text},
			{"AuthenticationResult.Failure().setStatus(AuthStatus.SUCCESS)", "undefined"}, {"AuthenticationResult.Failure().setUsername('u')", "undefined"},
			{"AuthenticationResult.Failure().setRealm('r')", "undefined"}, {"AuthenticationResult.Challenged('h').getResponseHeaders().get('WWW-Authenticate').get(0)", text},
			{"AuthenticationResult.Failure().setResponseHeaders(Maps.map('A', Lists.list('b')))", "undefined"},
			{"AuthenticationResult.Failure().addResponseHeader('A', 'b')", "undefined"},
		}},
		{"names", "", [][2]string{
			{"new com.mirth.connect.userutil.Response('m').message", text}, {"Packages.com.mirth.connect.server.userutil.UUIDGenerator.getUUID()", text},
			{"new Packages.com.mirth.connect.userutil.RawMessage('m').rawData", text},
		}},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.cases {
				scope := newScope()
				scope.Host = &engineHost{}
				m := scope.Message
				m.Received, m.Status = time.Unix(0, 0), weir.Received
				m.Set(weir.Raw, "raw", "HL7V2")
				m.Set(weir.Encoded, "encoded", "HL7V2")
				switch g.where {
				case "whole":
					source := *m
					source.MetaDataID = 0
					scope.Whole = &weir.Message{ID: 7, ChannelID: "ch", Received: m.Received, Connectors: []*weir.ConnectorMessage{&source, m}}
					scope.Message = nil
				case "source":
					scope.DestinationSet = script.NewDestinationSet([]int{1, 2})
				case "response":
					scope.Response = &script.ResponseVars{Original: weir.Response{Status: weir.Sent, Message: "m"}}
				}
				scope.Global.Put("a", "x")
				got, err := runBody(t, scope, kind+"return kind("+c[0]+")")
				want := c[1]
				if err != nil {
					t.Errorf("%s\n failed: %s\n want %s", c[0], detail(err), want)
				} else if got != want {
					t.Errorf("%s\n got %v\nwant %s", c[0], got, want)
				}
			}
		})
	}
}

// enumNames writes the constants of an enum, each of which must be there.
func enumNames(class, names string) string {
	var out []string
	for _, n := range strings.Fields(names) {
		out = append(out, class+"."+n+".name()")
	}
	return strings.Join(out, ", ")
}
