package java

import (
	"strings"
	"sync"
)

// returned tells of what class the value of a method is, for those that scripts call
// something on, one line for a class: methods, > and the class that they return;
// "own" is the class itself, and new stands for new. It serves to find methods that are missing without
// running a script, so that what is not here is simply not looked into.
const returned = `
java.lang.Byte: new > java.lang.Integer
java.lang.Short: new > java.lang.Integer
java.lang.Float: new > java.lang.Double
java.lang.Character: new > java.lang.String
java.util.AbstractMap.SimpleEntry: new > java.util.Map.Entry
org.apache.http.impl.client.DefaultHttpClient: new > org.apache.http.impl.client.CloseableHttpClient
java.lang.String: trim toUpperCase toLowerCase substring replace replaceAll replaceFirst concat strip repeat valueOf format join > java.lang.String
java.lang.StringBuilder: append insert reverse delete deleteCharAt replace > own
java.lang.StringBuilder: toString substring > java.lang.String
java.lang.StringBuffer: append insert reverse delete deleteCharAt replace > own
java.lang.StringBuffer: toString substring > java.lang.String
java.lang.Integer: toString toHexString toBinaryString > java.lang.String
java.io.File: getParentFile getAbsoluteFile getCanonicalFile > java.io.File
java.io.File: getName getPath getAbsolutePath getCanonicalPath > java.lang.String
java.text.SimpleDateFormat: format > java.lang.String
java.text.SimpleDateFormat: parse > java.util.Date
java.text.DecimalFormat: format > java.lang.String
java.util.Calendar: getInstance > java.util.GregorianCalendar
java.util.Calendar: getTime > java.util.Date
java.util.TimeZone: getTimeZone getDefault > java.util.TimeZone
java.util.UUID: randomUUID fromString nameUUIDFromBytes > java.util.UUID
java.util.UUID: toString > java.lang.String
java.util.Base64: getEncoder getMimeEncoder getUrlEncoder > java.util.Base64.Encoder
java.util.Base64: getDecoder getMimeDecoder getUrlDecoder > java.util.Base64.Decoder
java.util.Base64.Encoder: encodeToString > java.lang.String
java.util.regex.Pattern: compile > java.util.regex.Pattern
java.util.regex.Pattern: matcher > java.util.regex.Matcher
java.security.MessageDigest: getInstance > java.security.MessageDigest
javax.crypto.Cipher: getInstance > javax.crypto.Cipher
javax.crypto.Mac: getInstance > javax.crypto.Mac
java.time.LocalDate: now of parse ofEpochDay ofYearDay plusDays plusWeeks plusMonths plusYears minusDays minusWeeks minusMonths minusYears withDayOfMonth withMonth withYear > java.time.LocalDate
java.time.LocalDate: format toString > java.lang.String
java.time.LocalDate: atStartOfDay > java.time.LocalDateTime
java.time.LocalDateTime: now of parse plusDays plusHours plusMinutes plusSeconds plusWeeks plusMonths plusYears minusDays minusHours minusMinutes minusSeconds minusWeeks minusMonths minusYears > java.time.LocalDateTime
java.time.LocalDateTime: format toString > java.lang.String
java.time.LocalDateTime: toLocalDate > java.time.LocalDate
java.time.LocalDateTime: toLocalTime > java.time.LocalTime
java.time.LocalDateTime: atZone > java.time.ZonedDateTime
java.time.LocalTime: now of parse plusHours plusMinutes minusHours minusMinutes > java.time.LocalTime
java.time.ZonedDateTime: now parse plusDays plusHours plusMinutes minusDays minusHours minusMinutes withZoneSameInstant > java.time.ZonedDateTime
java.time.ZonedDateTime: format toString > java.lang.String
java.time.ZonedDateTime: toLocalDate > java.time.LocalDate
java.time.ZonedDateTime: toLocalDateTime > java.time.LocalDateTime
java.time.ZonedDateTime: toInstant > java.time.Instant
java.time.Instant: now parse ofEpochMilli ofEpochSecond plusSeconds plusMillis minusSeconds minusMillis > java.time.Instant
java.time.format.DateTimeFormatter: ofPattern withZone withLocale > java.time.format.DateTimeFormatter
javax.xml.parsers.DocumentBuilderFactory: newInstance newDefaultInstance > javax.xml.parsers.DocumentBuilderFactory
javax.xml.parsers.DocumentBuilderFactory: newDocumentBuilder > javax.xml.parsers.DocumentBuilder
javax.xml.parsers.DocumentBuilder: parse newDocument > org.w3c.dom.Document
org.w3c.dom.Document: getDocumentElement createElement createElementNS > org.w3c.dom.Element
org.w3c.dom.Document: getElementsByTagName getElementsByTagNameNS > org.w3c.dom.NodeList
org.w3c.dom.Element: getElementsByTagName getElementsByTagNameNS > org.w3c.dom.NodeList
org.w3c.dom.Element: getAttribute getAttributeNS getTagName > java.lang.String
org.w3c.dom.Node: getChildNodes > org.w3c.dom.NodeList
org.w3c.dom.Node: getNodeName > java.lang.String
javax.xml.xpath.XPathFactory: newInstance > javax.xml.xpath.XPathFactory
javax.xml.xpath.XPathFactory: newXPath > javax.xml.xpath.XPath
javax.xml.xpath.XPath: compile > javax.xml.xpath.XPathExpression
javax.xml.transform.TransformerFactory: newInstance > javax.xml.transform.TransformerFactory
javax.xml.transform.TransformerFactory: newTransformer > javax.xml.transform.Transformer
com.mirth.connect.server.userutil.UUIDGenerator: getUUID > java.lang.String
com.mirth.connect.server.userutil.DateUtil: getCurrentDate formatDate convertDate > java.lang.String
com.mirth.connect.server.userutil.DateUtil: getDate > java.util.Date
com.mirth.connect.server.userutil.FileUtil: read encode > java.lang.String
com.mirth.connect.userutil.XmlUtil: prettyPrint toJson encode > java.lang.String
com.mirth.connect.userutil.JsonUtil: prettyPrint toXml escape > java.lang.String
com.mirth.connect.userutil.ResponseFactory: getSentResponse getErrorResponse getFilteredResponse getQueuedResponse > com.mirth.connect.userutil.Response
com.mirth.connect.userutil.Response: getMessage getStatusMessage getError > java.lang.String
com.mirth.connect.userutil.Lists: list > com.mirth.connect.userutil.ListBuilder
com.mirth.connect.userutil.ListBuilder: append > own
com.mirth.connect.userutil.Maps: map > com.mirth.connect.userutil.MapBuilder
com.mirth.connect.userutil.MapBuilder: add > own
com.mirth.connect.server.userutil.DatabaseConnectionFactory: createDatabaseConnection > com.mirth.connect.server.userutil.DatabaseConnection
com.mirth.connect.server.userutil.DatabaseConnection: executeCachedQuery executeUpdateAndGetGeneratedKeys > com.mirth.connect.server.userutil.MirthCachedRowSet
com.mirth.connect.server.userutil.DatabaseConnection: getConnection > java.sql.Connection
java.sql.DriverManager: getConnection > java.sql.Connection
com.mirth.connect.server.userutil.SMTPConnectionFactory: createSMTPConnection > com.mirth.connect.server.userutil.SMTPConnection
`

// returns are those of the text, by class, a blank and the method.
var returns = sync.OnceValue(func() map[string]string {
	all := make(map[string]string)
	for _, line := range strings.Split(strings.TrimSpace(returned), "\n") {
		class, rest, _ := strings.Cut(line, ": ")
		methods, result, _ := strings.Cut(rest, " > ")
		if result == "own" {
			result = class
		}
		for _, m := range strings.Fields(methods) {
			all[class+" "+m] = result
		}
	}
	return all
})

// Returned returns the class of what a method of a class gives, nil where that is not
// known. The class may be nil.
func (l *Library) Returned(c *Class, method string) *Class {
	for ; c != nil; c = l.classes[c.Super] {
		if name, ok := returns()[c.Name+" "+method]; ok {
			return l.classes[name]
		}
	}
	return nil
}

// Made returns the class of what new of a class gives: itself but for a few.
func (l *Library) Made(c *Class) *Class {
	if other := l.Returned(c, "new"); other != nil {
		return other
	}
	return c
}

// HasMethod reports whether instances of a class have a method of that name.
func (c *Class) HasMethod(name string) bool { return c.methods[name] != nil }

// ReturnedNames are the classes that methods return, by class, a blank and the method.
func ReturnedNames() map[string]string { return returns() }
