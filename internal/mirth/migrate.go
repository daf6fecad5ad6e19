package mirth

import "strings"

// migration is one change that a version made to one kind of element. Files of
// older versions get it, in the order of versions; to elements that already
// have the newer shape it does nothing.
type migration struct {
	to    version // elements older than this are changed
	name  string  // of the element
	class string  // end of its class attribute, or empty for any
	what  string
	do    func(e *element)
}

// migrations is what changed from 3.0 to 4.5, as far as it has an effect on what
// runs. Versions that are missing changed nothing of that kind.
var migrations = []migration{
	{version{3, 0, 2}, "properties", "TcpReceiverProperties", "client mode has an address of its own", tcpClientAddress},

	{version{3, 1, 0}, "channel", "", "shutdown script is called undeploy script", undeployScript},
	{version{3, 1, 0}, "sourceConnector", "", "a batch of delimited data always says how it is split", delimitedWholeFile},
	{version{3, 1, 0}, "properties", "", "response and queue properties are called source and destination properties", renameShared},
	{version{3, 1, 0}, "properties", "TcpReceiverProperties", "batch processing is a source property", tcpBatch},
	{version{3, 1, 0}, "properties", "FileReceiverProperties", "batch processing is a source property", fileBatch},
	{version{3, 1, 0}, "properties", "TcpDispatcherProperties", "judging the answer is a destination property", tcpValidate},
	{version{3, 1, 0}, "properties", "HttpReceiverProperties", "XML bodies, multipart and binary types", httpListenerBody},
	{version{3, 1, 0}, "properties", "HttpDispatcherProperties", "proxy, response bodies, preemptive authentication", httpSenderBody},
	{version{3, 1, 0}, "properties", "WebServiceDispatcherProperties", "operations are kept by service and port; a timeout", wsOperations},
	{version{3, 1, 0}, "sourceConnectorProperties", "", "batch properties", sourceBatch},
	{version{3, 1, 0}, "destinationConnectorProperties", "", "response validation", validateResponse},
	{version{3, 1, 0}, "inboundProperties", "", "batch properties of every data type", batchProperties},
	{version{3, 1, 0}, "outboundProperties", "", "batch properties of every data type", batchProperties},
	{version{3, 1, 0}, "errorEventTypes", "", "the shutdown script's errors are the undeploy script's", undeployErrors},

	{version{3, 2, 0}, "sourceConnectorProperties", "", "resources", resourceSet},
	{version{3, 2, 0}, "destinationConnectorProperties", "", "resources", resourceSet},
	{version{3, 2, 0}, "properties", "HttpReceiverProperties", "a header may have several values", headerLists},
	{version{3, 2, 0}, "properties", "HttpDispatcherProperties", "a header may have several values", headerLists},
	{version{3, 2, 0}, "properties", "WebServiceDispatcherProperties", "a header may have several values", headerLists},
	{version{3, 2, 0}, "properties", "SmtpDispatcherProperties", "local address", smtpLocal},
	{version{3, 2, 0}, "responseGenerationProperties", "", "date format of acknowledgments: seconds, as before", ackDateFormat},
	{version{3, 2, 0}, "responseValidationProperties", "", "control id of answers: not compared, as before", ackControlID},
	{version{3, 2, 0}, "alertAction", "", "protocols are capitalized", alertProtocol},

	{version{3, 3, 0}, "pollConnectorProperties", "", "polling types and a schedule", polling},
	{version{3, 3, 0}, "properties", "FileReceiverProperties", "SFTP properties", sftpProperties},
	{version{3, 3, 0}, "properties", "FileDispatcherProperties", "SFTP properties", sftpProperties},
	{version{3, 3, 0}, "properties", "DatabaseReceiverProperties", "encoding", databaseEncoding},
	{version{3, 3, 0}, "properties", "WebServiceReceiverProperties", "SOAP binding", soapBinding},
	{version{3, 3, 0}, "serializationProperties", "DelimitedSerializationProperties", "quotes may be longer than a character", quoteTokens},
	{version{3, 3, 0}, "deserializationProperties", "DelimitedDeserializationProperties", "quotes may be longer than a character", quoteTokens},
	{version{3, 3, 0}, "codeTemplate", "", "contexts in place of a scope", templateContexts},

	{version{3, 4, 0}, "sourceConnectorProperties", "", "processing threads; resources have names", sourceThreads},
	{version{3, 4, 0}, "destinationConnectorProperties", "", "resources have names", resourceMap},
	{version{3, 4, 0}, "properties", "WebServiceReceiverProperties", "user names belong to HTTP authentication", wsUsers},
	{version{3, 4, 0}, "properties", "DocumentDispatcherProperties", "page size", pageSize},
	{version{3, 4, 0}, "attachmentProperties", "", "attachment handlers moved to packages", attachmentHandler},
	{version{3, 4, 0}, "batchProperties", "JSONBatchProperties", "split type", jsonSplit},

	{version{3, 5, 0}, "channel", "", "what only exports have is in exportData", channelExportData},
	{version{3, 5, 0}, "filter", "", "rules are elements of their own class", typedRules},
	{version{3, 5, 0}, "transformer", "", "steps are elements of their own class", typedSteps},
	{version{3, 5, 0}, "responseTransformer", "", "steps are elements of their own class", typedSteps},
	{version{3, 5, 0}, "codeTemplate", "", "type and code are properties", templateProperties},
	{version{3, 5, 0}, "destinationConnectorProperties", "", "attachments are put back", reattach},

	{version{3, 7, 0}, "properties", "FileDispatcherProperties", "connections are kept open", keepOpen},
	{version{3, 7, 0}, "elements", "", "steps and rules can be turned off", stepsEnabled},

	{version{3, 9, 0}, "properties", "FileReceiverProperties", "SMB versions", smbVersions},
	{version{3, 9, 0}, "properties", "FileDispatcherProperties", "SMB versions", smbVersions},

	{version{3, 12, 0}, "pruningSettings", "", "messages with errors are kept", keepErrored},
}

// byName finds the migrations of an element, in order.
var byName = func() map[string][]migration {
	index := map[string][]migration{}
	for _, m := range migrations {
		index[m.name] = append(index[m.name], m)
	}
	return index
}()

// migrate brings an element and all inside it to the newest shape.
func (p place) migrate(e *element) {
	if newest.before(e.version) {
		p.note(e, Difference, "Check what the newer version changed.", "it was written by version %s, newer than the 4.5 that Weir knows", e.version)
	}
	e.migrate()
}

func (e *element) migrate() {
	for _, m := range byName[e.name] {
		if e.version.before(m.to) && hasClass(e, m.class) {
			m.do(e)
		}
	}
	for _, c := range e.children {
		c.migrate()
	}
}

// hasClass reports whether the class attribute ends in a name; the empty name
// stands for any.
func hasClass(e *element, name string) bool {
	class := e.attr("class")
	return name == "" || class == name || strings.HasSuffix(class, "."+name)
}

func textIs(e *element, path, text string) bool { return strings.EqualFold(e.textAt(path), text) }
