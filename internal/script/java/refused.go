package java

import "strings"

const (
	processInstead = "Weir never starts programs for scripts; let a File Writer hand over what the program needs, and start it outside of the engine"
	listenInstead  = "scripts do not listen; use a TCP Listener, an HTTP Listener or another source"
	sftpInstead    = "use a File Reader or File Writer with the sftp or ftp scheme, and router.routeMessage to reach it"
)

// refused lists the classes that reach outside of the engine in ways that no
// grant opens, by what is said about them.
var refused = map[string]string{
	processInstead: `java.lang.Runtime java.lang.ProcessBuilder java.lang.Process`,
	listenInstead:  `java.net.ServerSocket java.net.DatagramSocket`,
	sftpInstead:    `com.jcraft.jsch.JSch org.apache.commons.net.ftp.FTPClient`,
}

func refusedClasses() []*Class {
	var classes []*Class
	for instead, names := range refused {
		for _, name := range strings.Fields(names) {
			classes = append(classes, &Class{Name: name, Instead: instead})
		}
	}
	return classes
}

// insteads advise for families of classes that Weir does not have.
var insteads = []struct{ prefix, advice string }{
	{"com.mirth.connect.server.controllers", "Engine internals are not reachable; use ChannelUtil and configurationMap."},
	{"com.mirth.connect.client", "Use Weir's REST API from outside, or ChannelUtil."},
	{"com.mirth.connect.model", "Engine internals are not reachable; use ChannelUtil and configurationMap, or Weir's REST API from outside."},
	{"com.mirth.connect.util.ErrorMessageBuilder", "Write the text in the script, of e.message and e.lineNumber."},
	{"org.apache.http", "Weir has the everyday part of HttpClient 4; for the rest use an HTTP Sender destination, and router.routeMessage to reach it."},
	{"org.apache.pdfbox", "Use a Document Writer destination."},
	{"com.lowagie", "Use a Document Writer destination."},
	{"javax.mail", "Use an SMTP Sender destination."},
	{"org.apache.commons.mail", "Use an SMTP Sender destination."},
	{"com.jcraft.jsch", "Use a File Writer or File Reader with the sftp scheme."},
	{"javax.xml.parsers", "Read it with new XML(text) and E4X, or with DocumentBuilder."},
	{"javax.xml.validation", "Weir has no XML Schema; look at what matters with E4X or XPath."},
	{"javax.xml.stream", "Read it with new XML(text) and E4X, or with DocumentBuilder."},
	{"org.xml.sax", "Read it with new XML(text) and E4X, or with DocumentBuilder."},
	{"org.w3c.dom", "Write it with javax.xml.transform.Transformer."},
	{"java.awt", "Weir has no images; DICOMUtil.convertDICOM makes those of DICOM objects."},
	{"javax.imageio", "Weir has no images; DICOMUtil.convertDICOM makes those of DICOM objects."},
	{"java.net.URLClassLoader", "Weir runs no code of Java; write what the class does in JavaScript."},
	{"javax.jms", "Use a JMS Sender destination, and router.routeMessage to reach it."},
	{"org.apache.activemq", "Use a JMS Sender destination, and router.routeMessage to reach it."},
	{"org.apache.commons.configuration", "Use java.util.Properties, or configurationMap."},
	{"org.apache.commons.db", "Use DatabaseConnectionFactory."},
	{"com.nimbusds", "Sign the token with java.security.Signature and java.util.Base64."},
	{"org.bouncycastle.openpgp", "Weir has no OpenPGP; decrypt or encrypt the files outside of the engine."},
	{"org.mozilla.javascript", "The script engine is not reachable; write it in JavaScript."},
	{"com.google.gson", "Use JSON.parse and JSON.stringify."},
	{"com.fasterxml.jackson", "Use JSON.parse and JSON.stringify."},
	{"ca.uhn", "Build the resource as a JavaScript object and JSON.stringify it."},
	{"org.hl7.fhir", "Build the resource as a JavaScript object and JSON.stringify it."},
}

// insteadOf returns what to use in the place of a class, if that is known.
func insteadOf(name string) string {
	for _, i := range insteads {
		if strings.HasPrefix(name, i.prefix) {
			return i.advice
		}
	}
	return ""
}

// Advice returns what to use in the place of a class that Weir does not have, as
// a sentence; "" where nothing better is known.
func Advice(name string) string { return insteadOf(name) }
