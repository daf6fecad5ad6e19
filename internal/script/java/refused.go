package java

import "strings"

const (
	filesInstead   = "use a File Reader or File Writer connector"
	networkInstead = "use an HTTP Sender, TCP Sender or other connector, and router.routeMessage to reach it"
	databaseAccess = "use a Database Reader or Database Writer connector"
	processInstead = "Weir never starts programs for scripts"
)

func notGranted(class, instead string) string {
	return "access is not granted to this channel's scripts; " + instead
}

// refused lists the classes that reach outside of the engine, by what is said
// about them.
var refused = map[string]string{
	filesInstead: `java.io.File java.io.FileReader java.io.FileWriter java.io.FileInputStream java.io.FileOutputStream
		java.io.RandomAccessFile java.nio.file.Files java.nio.file.Paths java.nio.file.Path org.apache.commons.io.FileUtils`,
	networkInstead: `java.net.Socket java.net.ServerSocket java.net.DatagramSocket java.net.InetAddress java.net.HttpURLConnection
		javax.net.ssl.HttpsURLConnection org.apache.http.impl.client.HttpClients org.apache.http.impl.client.HttpClientBuilder
		org.apache.http.impl.client.DefaultHttpClient com.jcraft.jsch.JSch org.apache.commons.net.ftp.FTPClient
		com.mirth.connect.server.userutil.SMTPConnectionFactory com.mirth.connect.server.userutil.SMTPConnection`,
	databaseAccess: `com.mirth.connect.server.userutil.DatabaseConnectionFactory com.mirth.connect.server.userutil.DatabaseConnection
		com.mirth.connect.server.userutil.MirthCachedRowSet java.sql.DriverManager`,
	processInstead: `java.lang.Runtime java.lang.ProcessBuilder java.lang.Process`,
}

func refusedClasses() []*Class {
	var classes []*Class
	for instead, names := range refused {
		for _, name := range strings.Fields(names) {
			classes = append(classes, &Class{Name: name, Instead: notGranted(name, instead)})
		}
	}
	return classes
}

// insteads advise for families of classes that Weir does not have.
var insteads = []struct{ prefix, advice string }{
	{"com.mirth.connect.server.controllers", "Engine internals are not reachable; use ChannelUtil and configurationMap."},
	{"com.mirth.connect.client", "Use Weir's REST API from outside, or ChannelUtil."},
	{"org.apache.http", "Use an HTTP Sender destination, and router.routeMessage to reach it."},
	{"org.apache.pdfbox", "Use a Document Writer destination."},
	{"com.lowagie", "Use a Document Writer destination."},
	{"javax.mail", "Use an SMTP Sender destination."},
	{"org.apache.commons.mail", "Use an SMTP Sender destination."},
	{"com.jcraft.jsch", "Use a File Writer or File Reader with the sftp scheme."},
	{"java.sql", "Use a Database Reader or Database Writer."},
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
