package mirth

import (
	"strconv"
	"strings"
)

// 3.0.2

// tcpClientAddress gives a listener in client mode, which used the listener's
// address for the remote side, a remote address of its own.
func tcpClientAddress(e *element) {
	address, port := "", ""
	listener := e.child("listenerConnectorProperties")
	if e.child("remoteAddress") == nil && !e.boolAt("serverMode", true) && listener != nil {
		address, port = listener.textAt("host"), listener.textAt("port")
		listener.addMissing("host", "").text = "0.0.0.0"
		listener.addMissing("port", "").text = "0"
	}
	e.addMissing("remoteAddress", address)
	e.addMissing("remotePort", port)
	e.addMissing("overrideLocalBinding", "false")
}

// 3.1.0

func renameShared(e *element) {
	e.rename("responseConnectorProperties", "sourceConnectorProperties")
	e.rename("queueConnectorProperties", "destinationConnectorProperties")
}

// delimitedWholeFile turns batch processing off for a file reader of delimited
// data that names no way to split: the whole file was then one message.
func delimitedWholeFile(e *element) {
	props, inbound := e.child("properties"), e.at("transformer/inboundProperties")
	if props == nil || inbound == nil || !hasClass(props, "FileReceiverProperties") || !hasClass(inbound, "DelimitedDataTypeProperties") {
		return
	}
	process, batch := props.child("processBatch"), inbound.child("batchProperties")
	if process == nil || batch.child("batchSplitByRecord") == nil || batch.boolAt("batchSplitByRecord", true) {
		return
	}
	if batch.textAt("batchMessageDelimiter")+batch.textAt("batchGroupingColumn")+batch.textAt("batchScript") == "" {
		process.text = "false"
	}
}

// tcpBatch: of a batch, a TCP listener answered the first message.
func tcpBatch(e *element) {
	source := e.child("sourceConnectorProperties")
	if source != nil && e.child("processBatch") != nil {
		e.move("processBatch", source, "processBatch")
		source.addMissing("firstResponse", "true")
	}
}

func fileBatch(e *element) {
	e.move("processBatch", e.child("sourceConnectorProperties"), "processBatch")
}

func sourceBatch(e *element) {
	e.addMissing("processBatch", "false")
	e.addMissing("firstResponse", "false")
	e.remove("defaultQueueOffResponses") // choices of the editor
	e.remove("defaultQueueOnResponses")
}

func tcpValidate(e *element) {
	e.addMissing("checkRemoteHost", "true")
	e.move("processHL7ACK", e.child("destinationConnectorProperties"), "validateResponse")
}

func validateResponse(e *element) { e.addMissing("validateResponse", "false") }

// oldBinaryTypes is what an HTTP connector with an XML body took for binary.
const oldBinaryTypes = "application/, image/, video/, audio/"

func httpListenerBody(e *element) {
	xml := !e.boolAt("bodyOnly", true)
	e.remove("bodyOnly")
	binary := ""
	if xml {
		binary = oldBinaryTypes
	}
	e.addMissing("xmlBody", strconv.FormatBool(xml))
	e.addMissing("parseMultipart", strconv.FormatBool(!xml))
	e.addMissing("includeMetadata", strconv.FormatBool(xml))
	e.addMissing("binaryMimeTypes", binary)
	e.addMissing("binaryMimeTypesRegex", "false")
	e.addMissing("responseDataTypeBinary", "false")
	e.addMissing("staticResources", "")
}

func httpSenderBody(e *element) {
	xml := e.boolAt("includeHeadersInResponse", false)
	e.remove("includeHeadersInResponse")
	binary := ""
	if xml {
		binary = oldBinaryTypes
	}
	e.addMissing("useProxyServer", "false")
	e.addMissing("proxyAddress", "")
	e.addMissing("proxyPort", "")
	e.addMissing("responseXmlBody", strconv.FormatBool(xml))
	e.addMissing("responseParseMultipart", strconv.FormatBool(!xml))
	e.addMissing("responseIncludeMetadata", strconv.FormatBool(xml))
	e.addMissing("responseBinaryMimeTypes", binary)
	e.addMissing("responseBinaryMimeTypesRegex", "false")
	e.addMissing("usePreemptiveAuthentication", strconv.FormatBool(e.boolAt("useAuthentication", false)))
	e.addMissing("dataTypeBinary", "false")
}

// wsOperations keeps the list of operations, which only the editor uses, under
// the service and port it was read for.
func wsOperations(e *element) {
	e.remove("wsdlCacheId")
	e.addMissing("locationURI", "")
	e.addMissing("socketTimeout", "0")
	e.addMissing("headers", "")
	operations := e.remove("wsdlOperations")
	service, port := e.textAt("service"), e.textAt("port")
	if strings.TrimSpace(service) == "" || strings.TrimSpace(port) == "" || e.child("wsdlDefinitionMap") != nil {
		return
	}
	entry := func(in *element, key, class string) *element {
		m := in.add("map", "")
		m.setAttr("class", "linked-hash-map")
		pair := m.add("entry", "")
		pair.add("string", key)
		return pair.add("com.mirth.connect.connectors.ws.DefinitionServiceMap_-"+class, "")
	}
	ports := entry(e.add("wsdlDefinitionMap", ""), service, "DefinitionPortMap")
	list := entry(ports, port, "PortInformation").add("operations", "")
	for _, text := range operations.items() {
		list.add("string", text)
	}
}

// 3.2.0

// headerLists makes the values of headers and parameters lists.
func headerLists(e *element) {
	for _, name := range []string{"headers", "responseHeaders", "parameters"} {
		c := e.child(name)
		if c == nil {
			continue
		}
		c.setAttr("class", "linked-hash-map")
		for _, pair := range c.children {
			if len(pair.children) == 2 && pair.children[1].name == "string" {
				value := *pair.children[1]
				pair.children[1] = &element{name: "list", children: []*element{&value}, line: value.line, version: value.version}
			}
		}
	}
}

func resourceSet(e *element) {
	if e.child("resourceIds") == nil {
		c := e.add("resourceIds", "")
		c.setAttr("class", "linked-hash-set")
		c.add("string", "Default Resource")
	}
}

func smtpLocal(e *element) {
	e.addMissing("overrideLocalBinding", "false")
	e.addMissing("localAddress", "0.0.0.0")
	e.addMissing("localPort", "0")
}

// 3.3.0

func sftpProperties(e *element) {
	if !textIs(e, "scheme", "SFTP") || e.child("schemeProperties") != nil {
		return
	}
	c := e.add("schemeProperties", "")
	c.setAttr("class", "com.mirth.connect.connectors.file.SftpSchemeProperties")
	for _, s := range [][2]string{{"passwordAuth", "true"}, {"keyAuth", "false"}, {"keyFile", ""}, {"passPhrase", ""},
		{"hostKeyChecking", "ask"}, {"knownHostsFile", ""}, {"configurationSettings", ""}} {
		c.add(s[0], s[1])
	}
}

func databaseEncoding(e *element) { e.addMissing("encoding", "DEFAULT_ENCODING") }

func soapBinding(e *element) { e.addMissing("soapBinding", "DEFAULT") }

// 3.4.0

func sourceThreads(e *element) {
	e.addMissing("processingThreads", "1")
	resourceMap(e)
}

// resourceMap makes a map of ids and names of the set of ids.
func resourceMap(e *element) {
	c := e.child("resourceIds")
	if c == nil || c.child("entry") != nil {
		return
	}
	ids := c.children
	c.children = nil
	c.setAttr("class", "linked-hash-map")
	for _, id := range ids {
		pair := c.add("entry", "")
		pair.children = append(pair.children, id)
		name := ""
		if id.text == "Default Resource" {
			name = "[Default Resource]"
		}
		pair.add("string", name)
	}
}

// wsUsers moves the users of a web service listener to HTTP authentication.
func wsUsers(e *element) {
	users, passwords := e.remove("usernames").items(), e.remove("passwords").items()
	if len(users) == 0 || len(passwords) == 0 {
		return
	}
	auth := e.addMissing("pluginProperties", "").add("com.mirth.connect.plugins.httpauth.basic.BasicHttpAuthProperties", "")
	auth.add("authType", "BASIC")
	service := "Mirth"
	if c := e.child("serviceName"); c != nil {
		service = c.text
	}
	auth.add("realm", "/services/"+service)
	credentials := auth.add("credentials", "")
	credentials.setAttr("class", "linked-hash-map")
	for i := range min(len(users), len(passwords)) {
		pair := credentials.add("entry", "")
		pair.add("string", users[i])
		pair.add("string", passwords[i])
	}
}

func pageSize(e *element) {
	width, height, unit := "8.5", "11", "INCHES"
	if e.textAt("documentType") == "rtf" {
		width, height, unit = "210", "297", "MM"
	}
	e.addMissing("pageWidth", width)
	e.addMissing("pageHeight", height)
	e.addMissing("pageUnit", unit)
}

// 3.5.0

func reattach(e *element) { e.addMissing("reattachAttachments", "true") }

// 3.7.0

func keepOpen(e *element) {
	e.addMissing("keepConnectionOpen", "true")
	e.addMissing("maxIdleTime", "0")
}

// 3.9.0

// smbVersions keeps the oldest protocol allowed where a channel used it.
func smbVersions(e *element) {
	if !textIs(e, "scheme", "SMB") || e.child("schemeProperties") != nil {
		return
	}
	c := e.add("schemeProperties", "")
	c.setAttr("class", "com.mirth.connect.connectors.file.SmbSchemeProperties")
	c.add("smbMinVersion", "SMB1")
	c.add("smbMaxVersion", "SMB311")
}
