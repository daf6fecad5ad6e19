package server

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/internal/history"
)

// client speaks to the Mirth API as one of the real clients does.
type client struct {
	t      testing.TB
	base   string // with /api and a version
	header http.Header
	cookie *http.Cookie
	http   http.Client
}

const adminPassword = "correct horse battery"

func mirthClient(t testing.TB, addr, prefix string, header http.Header) *client {
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(tr.CloseIdleConnections)
	return &client{t: t, base: "https://" + addr + prefix, header: header, http: http.Client{Transport: tr}}
}

// The headers of the Java clients, which are the command line and the Administrator,
// and of mirthSync.
var (
	javaHeader = http.Header{"X-Requested-With": {"nextgen-connect-client"}, "Accept": {"application/xml", "application/json"}}
	bareHeader = http.Header{"X-Requested-With": {"nextgen-connect-client"}, "Accept": {"application/json", "text/plain"}}
	textHeader = http.Header{"X-Requested-With": {"nextgen-connect-client"}, "Accept": {"text/plain"}}
	syncHeader = http.Header{"X-Requested-With": {"XMLHttpRequest"}}
)

// send sends a request; contentType tells what the body is.
func (c *client) send(header http.Header, method, path, contentType, body string) (int, string, http.Header) {
	c.t.Helper()
	var reader io.Reader
	if contentType != "" {
		reader = io.MultiReader(strings.NewReader(body)) // of unknown length: chunked, as the Java clients send
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = header.Clone()
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if c.cookie != nil {
		r.AddCookie(c.cookie)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, k := range resp.Cookies() {
		c.cookie = k
	}
	return resp.StatusCode, string(data), resp.Header
}

func (c *client) login() {
	c.t.Helper()
	status, body, header := c.send(c.header, "POST", "/users/_login", "application/x-www-form-urlencoded",
		url.Values{"username": {"admin"}, "password": {adminPassword}}.Encode())
	want := "<com.mirth.connect.model.LoginStatus>\n  <status>SUCCESS</status>\n  <message></message>\n</com.mirth.connect.model.LoginStatus>"
	if status != 200 || body != want || header.Get("Content-Type") != "application/xml" {
		c.t.Fatalf("login: %d %q %v", status, body, header)
	}
	if c.cookie == nil || c.cookie.Name != "JSESSIONID" || !c.cookie.Secure || !c.cookie.HttpOnly || !strings.HasSuffix(c.base, c.cookie.Path) {
		c.t.Fatalf("login: cookie %v", c.cookie)
	}
}

// step is one exchange of a transcript: what is sent, the status, and how the
// answer begins.
type step struct {
	header             http.Header
	method, path, body string
	status             int
	begins             string
}

func (c *client) replay(steps []step) {
	c.t.Helper()
	for _, s := range steps {
		kind := "application/xml"
		switch {
		case s.body == "":
			kind = ""
		case strings.HasSuffix(s.path, "assword"):
			kind = "text/plain"
		case strings.HasPrefix(s.body, "channelId="):
			kind = "application/x-www-form-urlencoded"
		case strings.HasPrefix(s.body, "--"):
			kind = "multipart/form-data;boundary=Boundary_1"
		}
		header := s.header
		if header == nil {
			header = c.header
		}
		status, body, h := c.send(header, s.method, s.path, kind, s.body)
		if status != s.status || !strings.HasPrefix(body, s.begins) || status == 204 && (body != "" || h.Get("Content-Type") != "") {
			c.t.Errorf("%s %s\n got %d %.600q\nwant %d %q", s.method, s.path, status, body, s.status, s.begins)
		}
	}
}

// parts is a multipart body as the Java client makes it.
func parts(named ...string) string {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.SetBoundary("Boundary_1")
	for i := 0; i < len(named); i += 2 {
		p, _ := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/xml"}, "Content-Disposition": {`form-data; name="` + named[i] + `"`}})
		io.WriteString(p, named[i+1])
	}
	w.Close()
	return b.String()
}

const (
	ward = "0f1e2d3c-0000-4000-8000-000000000001"
	lab  = "0f1e2d3c-0000-4000-8000-000000000002"
)

// testChannel is a channel from JavaScript-free parts, which takes what users send.
func testChannel(id, name, extra string) string {
	props := `<sourceConnectorProperties version="4.5.2"><responseVariable>None</responseVariable><respondAfterProcessing>true</respondAfterProcessing></sourceConnectorProperties>`
	transformer := `<transformer version="4.5.2"><elements/><inboundDataType>RAW</inboundDataType><outboundDataType>RAW</outboundDataType></transformer><filter version="4.5.2"><elements/></filter>`
	return `<channel version="4.5.2"><id>` + id + `</id><nextMetaDataId>2</nextMetaDataId><name>` + name + `</name><description>` + extra + `</description><revision>0</revision>
<sourceConnector version="4.5.2"><metaDataId>0</metaDataId><name>sourceConnector</name><properties class="com.mirth.connect.connectors.vm.VmReceiverProperties" version="4.5.2"><pluginProperties/>` + props + `</properties>` + transformer + `<transportName>Channel Reader</transportName><mode>SOURCE</mode><enabled>true</enabled><waitForPrevious>true</waitForPrevious></sourceConnector>
<destinationConnectors><connector version="4.5.2"><metaDataId>1</metaDataId><name>To nobody</name><properties class="com.mirth.connect.connectors.vm.VmDispatcherProperties" version="4.5.2"><pluginProperties/><destinationConnectorProperties version="4.5.2"><queueEnabled>false</queueEnabled></destinationConnectorProperties><channelId>none</channelId><channelTemplate>${message.encodedData}</channelTemplate><mapVariables/></properties>` + transformer + `<transportName>Channel Writer</transportName><mode>DESTINATION</mode><enabled>true</enabled><waitForPrevious>true</waitForPrevious></connector></destinationConnectors>
<preprocessingScript>return message;</preprocessingScript><postprocessingScript>return;</postprocessingScript><deployScript>return;</deployScript><undeployScript>return;</undeployScript>
<properties version="4.5.2"><clearGlobalChannelMap>true</clearGlobalChannelMap><messageStorageMode>DEVELOPMENT</messageStorageMode><initialState>STARTED</initialState><metaDataColumns/></properties>
<exportData><metadata><enabled>true</enabled><lastModified><time>1767171600000</time><timezone>Europe/Berlin</timezone></lastModified><pruningSettings><pruneMetaDataDays>30</pruneMetaDataDays><archiveEnabled>true</archiveEnabled><pruneErroredMessages>false</pruneErroredMessages></pruningSettings></metadata></exportData></channel>`
}

const (
	testAlert    = `<alertModel version="4.5.2"><id>c0</id><name>Ward errors</name><enabled>true</enabled><trigger class="defaultTrigger" version="4.5.2"/><actionGroups/><properties/></alertModel>`
	testTemplate = `<codeTemplate version="4.5.2"><id>b1</id><name>shout</name><revision>1</revision><contextSet><delegate><contextType>SOURCE_FILTER_TRANSFORMER</contextType></delegate></contextSet><properties class="com.mirth.connect.model.codetemplates.BasicCodeTemplateProperties"><type>FUNCTION</type><code>function shout(s) { return s.toUpperCase(); }</code></properties></codeTemplate>`
	testLibrary  = `<codeTemplateLibrary version="4.5.2"><id>b0</id><name>Ward library</name><revision>1</revision><description></description><includeNewChannels>true</includeNewChannels><enabledChannelIds/><disabledChannelIds/><codeTemplates><codeTemplate version="4.5.2"><id>b1</id></codeTemplate></codeTemplates></codeTemplateLibrary>`
	testGroup    = `<channelGroup version="4.5.2"><id>aa</id><name>Wards</name><revision>1</revision><description></description><channels><channel version="4.5.2"><id>` + ward + `</id><revision>0</revision></channel></channels></channelGroup>`
	testMap      = `<map><entry><string>ward.host</string><com.mirth.connect.util.ConfigurationProperty><value>10.0.0.9</value><comment>ward host</comment></com.mirth.connect.util.ConfigurationProperty></entry></map>`
	testScripts  = `<map><entry><string>Deploy</string><string>return;</string></entry></map>`
	testResource = `<list><com.mirth.connect.plugins.directoryresource.DirectoryResourceProperties version="4.5.2"><pluginPointName>Directory Resource</pluginPointName><type>Directory</type><id>Default Resource</id><name>[Default Resource]</name></com.mirth.connect.plugins.directoryresource.DirectoryResourceProperties></list>`
)

func mirthServer(t testing.TB) (s *Server, addr string) {
	addr = freeAddr(t)
	s, _, _ = run(t, Options{Data: t.TempDir(), Listen: addr, AdminPassword: adminPassword})
	return s, addr
}

// A session of the command line, each of its commands in the order of the recording.
func TestMirthCommandLine(t *testing.T) {
	_, addr := mirthServer(t)
	c := mirthClient(t, addr, "/api/4.5.2", javaHeader)
	c.login()
	channels := step{method: "GET", path: "/channels/?pollingOnly=false&includeCodeTemplateLibraries=false", status: 200, begins: "<list>\n  <channel version=\"4.5.2\">\n    <id>"}
	statuses := step{method: "GET", path: "/channels/statuses?includeUndeployed=false", status: 200, begins: "<list>\n  <dashboardStatus>\n    <channelId>"}
	statistics := "<channelStatistics>\n  <serverId>"
	c.replay([]step{
		{textHeader, "GET", "/server/version", "", 200, "4.5.2"},
		{nil, "GET", "/channels/?pollingOnly=false&includeCodeTemplateLibraries=false", "", 200, "<list/>"},
		{bareHeader, "PUT", "/channels/" + ward + "?override=true&startEdit=2026-01-31T08:15:00%2B0000", testChannel(ward, "Ward ADT In", ""), 200, `{"boolean":true}`},
		{bareHeader, "PUT", "/channels/" + lab + "?override=true&startEdit=2026-01-31T08:15:00%2B0000", testChannel(lab, "Lab Sink", ""), 200, `{"boolean":true}`},
		channels,
		{nil, "GET", "/server/channelMetadata", "", 200, "<map>\n  <entry>\n    <string>0f1e2d3c"},
		{nil, "GET", "/channels/statuses?includeUndeployed=false", "", 200, "<list/>"}, // nothing is deployed by saving
		{nil, "POST", "/channels/_redeployAll?returnErrors=false", "", 204, ""},
		statuses,
		{nil, "GET", "/channels/" + ward + "/statistics", "", 200, statistics},
		{nil, "POST", "/channels/" + ward + "/_stop?returnErrors=false", "", 204, ""},
		{nil, "POST", "/channels/" + ward + "/_start?returnErrors=false", "", 204, ""},
		{nil, "POST", "/channels/" + ward + "/_pause?returnErrors=false", "", 204, ""},
		{nil, "POST", "/channels/" + ward + "/_resume?returnErrors=false", "", 204, ""},
		{nil, "POST", "/channels/" + lab + "/_halt?returnErrors=false", "", 204, ""},
		{nil, "POST", "/channels/" + lab + "/_start?returnErrors=false", "", 204, ""},
		{nil, "POST", "/channels/_undeploy?returnErrors=false", "<linked-hash-set><string>" + lab + "</string></linked-hash-set>", 204, ""},
		{nil, "POST", "/channels/_deploy?returnErrors=false", "<linked-hash-set><string>" + lab + "</string></linked-hash-set>", 204, ""},
		{nil, "POST", "/channels/" + lab + "/enabled/false", "", 204, ""},
		{nil, "POST", "/channels/" + lab + "/enabled/true", "", 204, ""},
		{bareHeader, "PUT", "/channels/" + lab + "?override=true", testChannel(lab, "Lab Sink 2", ""), 200, `{"boolean":true}`},
		{nil, "GET", "/server/channelDependencies", "", 200, "<set/>"},
		{nil, "GET", "/alerts/", "", 200, "<list/>"},
		{nil, "PUT", "/alerts/c0", testAlert, 204, ""},
		{nil, "GET", "/alerts/", "", 200, "<list>\n  <alertModel version=\"4.5.2\">"},
		{nil, "PUT", "/server/globalScripts", testScripts, 204, ""},
		{nil, "GET", "/server/globalScripts", "", 200, "<map>\n  <entry>\n    <string>Undeploy</string>"},
		{nil, "GET", "/codeTemplateLibraries?includeCodeTemplates=false", "", 200, "<list/>"},
		{nil, "POST", "/codeTemplateLibraries/_bulkUpdate?override=true", parts("libraries", "<list>"+testLibrary+"</list>", "removedLibraryIds", "<set/>", "updatedCodeTemplates", "<list>"+testTemplate+"</list>", "removedCodeTemplateIds", "<set/>"),
			200, "<codeTemplateLibrarySaveResult>\n  <overrideNeeded>false</overrideNeeded>\n  <librariesSuccess>true</librariesSuccess>\n  <libraryResults>\n    <entry>\n      <string>b0</string>"},
		{nil, "GET", "/codeTemplateLibraries?includeCodeTemplates=true", "", 200, "<list>\n  <codeTemplateLibrary version=\"4.5.2\">"},
		{nil, "GET", "/codeTemplates", "", 200, "<list>\n  <codeTemplate version=\"4.5.2\">\n    <id>b1</id>"},
		{nil, "PUT", "/codeTemplates/b1?override=true", strings.Replace(testTemplate, "toUpperCase", "toLowerCase", 1), 200, "<boolean>true</boolean>"},
		{nil, "PUT", "/server/configurationMap", testMap, 204, ""},
		{nil, "GET", "/server/configurationMap", "", 200, "<map>\n  <entry>\n    <string>ward.host</string>\n    <com.mirth.connect.util.ConfigurationProperty>\n      <value>10.0.0.9</value>\n      <comment>ward host</comment>"},
		{nil, "GET", "/server/configuration?pollingOnly=false&disableAlerts=false", "", 200, "<serverConfiguration version=\"4.5.2\">\n  <channelGroups/>\n  <channels>\n    <channel version="},
		{nil, "GET", "/users/", "", 200, "<list>\n  <user>\n    <id>1</id>\n    <username>admin</username>"},
		{nil, "POST", "/users/_checkPassword", "Secr3t!pw", 204, ""},
		{nil, "POST", "/users/", "<user><username>nurse1</username><email>nina@example.org</email></user>", 204, ""},
		{nil, "GET", "/users/nurse1", "", 200, "<user>\n  <id>2</id>\n  <username>nurse1</username>\n  <email>nina@example.org</email>"},
		{nil, "PUT", "/users/2/password", "Secr3t!pw", 204, ""},
		{nil, "PUT", "/users/2/password", "short", 200, "<list>\n  <string>Password is too short"},
		{nil, "DELETE", "/users/2", "", 204, ""},
		{bareHeader, "GET", "/events/maxEventId", "", 200, `{"int":`},
		{nil, "POST", "/events/_search?offset=0&limit=21", "<eventFilter/>", 200, "<list>\n  <event>\n    <dateTime>"},
		{nil, "POST", "/events/_search?offset=2000&limit=21", "<eventFilter/>", 200, "<list/>"},
		{nil, "GET", "/channels/" + ward + "/messages/maxMessageId", "", 200, "<long>0</long>"},
		{nil, "POST", "/channels/" + ward + "/messagesWithObj", "<com.mirth.connect.donkey.model.message.RawMessage><rawData>a message</rawData></com.mirth.connect.donkey.model.message.RawMessage>", 201, "<long>1</long>"},
		{nil, "GET", "/channels/" + ward + "/messages/maxMessageId", "", 200, "<long>1</long>"},
		{nil, "GET", "/server/encryption", "", 200, "<com.mirth.connect.model.EncryptionSettings>"},
		{nil, "POST", "/channels/" + ward + "/messages/_search?includeContent=true&offset=0&limit=3", "<messageFilter><maxMessageId>4</maxMessageId></messageFilter>", 200, "<list>\n  <message>\n    <messageId>1</messageId>"},
		{nil, "POST", "/channels/" + ward + "/messages/_search?includeContent=true&offset=2&limit=3", "<messageFilter><maxMessageId>4</maxMessageId></messageFilter>", 200, "<list/>"},
		{nil, "GET", "/channels/" + ward + "/messages?textSearch=A+MESSAGE", "", 200, "<list>\n  <message>\n    <messageId>1</messageId>"},
		{nil, "GET", "/channels/" + ward + "/messages?rawContentSearch=message", "", 200, "<list>\n  <message>\n    <messageId>1</messageId>"},
		{nil, "GET", "/channels/" + ward + "/messages?textSearch=sourceconnector", "", 200, "<list/>"},
		{nil, "GET", "/channels/" + ward + "/messages?textSearch=source", "", 200, "<list>\n  <message>\n    <messageId>1</messageId>"},
		{nil, "GET", "/channels/" + ward + "/messages?textSearch=messages", "", 200, "<list/>"},
		{nil, "GET", "/channels/" + ward + "/messages/1/attachments?includeContent=true", "", 200, "<list/>"},
	})
	// What was exported is imported again, under a new id.
	_, message, _ := c.send(javaHeader, "GET", "/channels/"+ward+"/messages/1", "", "")
	c.replay([]step{
		{nil, "POST", "/channels/" + ward + "/messages/_import", message, 204, ""},
		{nil, "GET", "/channels/" + ward + "/messages/2", "", 200, "<message>\n  <messageId>2</messageId>"},
		statuses,
		{nil, "POST", "/channels/_clearStatistics?received=true&filtered=true&sent=true&error=true", "<map><entry><string>" + ward + "</string><list><null/><int>0</int><int>1</int></list></entry></map>", 204, ""},
		{nil, "POST", "/channels/_clearAllStatistics", "", 204, ""},
		{nil, "DELETE", "/channels/_removeAllMessages?channelId=" + lab + "&channelId=" + ward + "&restartRunningChannels=true&clearStatistics=false", "", 204, ""},
		{nil, "POST", "/channels/" + ward + "/messages/_search?includeContent=true&offset=0&limit=3", "<messageFilter/>", 200, "<list/>"},
		{nil, "DELETE", "/codeTemplates/b1", "", 204, ""},
		{nil, "PUT", "/codeTemplateLibraries?override=true", "<list/>", 200, "<boolean>true</boolean>"},
		{nil, "DELETE", "/channels/" + lab, "", 204, ""},
		channels,
	})
	_, backup, _ := c.send(javaHeader, "GET", "/server/configuration", "", "")
	c.replay([]step{
		{nil, "PUT", "/server/configuration?deploy=false&overwriteConfigMap=false", backup, 204, ""},
		{nil, "GET", "/channels/statuses?includeUndeployed=false", "", 200, "<list/>"},
		channels,
		{nil, "POST", "/users/_logout", "", 204, ""},
		{nil, "GET", "/channels", "", 401, ""},
	})
}

// mirthSync: a push to an empty server, a pull, a push without force, a deployment.
func TestMirthSync(t *testing.T) {
	_, addr := mirthServer(t)
	c := mirthClient(t, addr, "/api", syncHeader)
	c.login()
	groups := parts("channelGroups", "<set>"+testGroup+"</set>", "removedChannelGroupsIds", "<set/>")
	const declared = `<?xml version="1.0" encoding="UTF-8"?>`
	c.replay([]step{
		{nil, "GET", "/codeTemplateLibraries", "", 200, "<list/>"},
		{nil, "GET", "/channelgroups", "", 200, "<list/>"},
		{nil, "PUT", "/server/configurationMap/", declared + testMap, 204, ""},
		{nil, "PUT", "/server/globalScripts/", declared + testScripts, 204, ""},
		{nil, "PUT", "/server/resources/", declared + testResource, 204, ""},
		{nil, "POST", "/codeTemplateLibraries/_bulkUpdate?override=true", parts("libraries", "<list>"+testLibrary+"</list>", "updatedCodeTemplates", "<list/>"), 200, "<codeTemplateLibrarySaveResult>\n  <overrideNeeded>false"},
		{nil, "PUT", "/codeTemplates/b1?override=true", declared + testTemplate, 200, "<boolean>true</boolean>"},
		{nil, "POST", "/channelgroups/_bulkUpdate?override=true", groups, 200, `{"boolean":true}`},
		{nil, "PUT", "/channels/" + ward + "?override=true", declared + testChannel(ward, "Ward", ""), 200, `{"boolean":true}`},
		{nil, "PUT", "/alerts/c0", declared + testAlert, 204, ""},
		{nil, "GET", "/codeTemplateLibraries", "", 200, "<list>\n  <codeTemplateLibrary version=\"4.5.2\">\n    <id>b0</id>"},
		{nil, "GET", "/server/resources", "", 200, "<list>\n  <com.mirth.connect.plugins.directoryresource"},
		{nil, "GET", "/codeTemplates", "", 200, "<list>\n  <codeTemplate version=\"4.5.2\">\n    <id>b1</id>"},
		{nil, "GET", "/channelgroups", "", 200, "<list>\n  <channelGroup version=\"4.5.2\">\n    <id>aa</id>"},
		{nil, "GET", "/channels", "", 200, "<list>\n  <channel version=\"4.5.2\">\n    <id>" + ward},
		{nil, "GET", "/alerts", "", 200, "<list>\n  <alertModel"},
		// Without force what is unchanged is taken, what differs with another revision is not.
		{nil, "PUT", "/channels/" + ward + "?override=false", testChannel(ward, "Ward", ""), 200, `{"boolean":true}`},
		{nil, "POST", "/channelgroups/_bulkUpdate?override=false", groups, 200, `{"boolean":true}`},
		{nil, "POST", "/channelgroups/_bulkUpdate?override=false", strings.Replace(strings.Replace(groups, "<description></description>", "<description>x</description>", 1), "<revision>1<", "<revision>7<", 1), 200, `{"boolean":false}`},
		{nil, "POST", "/codeTemplateLibraries/_bulkUpdate?override=false", parts("libraries", "<list/>", "updatedCodeTemplates", "<list/>"), 200, "<codeTemplateLibrarySaveResult>\n  <overrideNeeded>true</overrideNeeded>\n  <librariesSuccess>false"},
		{nil, "PUT", "/channels/" + ward + "?override=false&startEdit=2020-01-01T00:00:00%2B0000", testChannel(ward, "Ward", "changed"), 200, `{"boolean":false}`},
		// An empty set, or what mirthSync makes of one, is all channels.
		{nil, "POST", "/channels/_deploy?returnErrors=true&debug=false", "<set>clojure.lang.LazySeq@3268c1ae</set>", 204, ""},
		{nil, "GET", "/channels/statuses", "", 200, "<list>\n  <dashboardStatus>"},
		{nil, "GET", "/server/configuration", "", 200, "<serverConfiguration"},
	})
	// Pushing what was pulled changes nothing.
	_, pulled, _ := c.send(syncHeader, "GET", "/channels/"+ward, "", "")
	if status, body, _ := c.send(syncHeader, "PUT", "/channels/"+ward+"?override=true", "application/xml", pulled); status != 200 || body != `{"boolean":true}` {
		t.Fatalf("pushing back: %d %s", status, body)
	}
	if _, again, _ := c.send(syncHeader, "GET", "/channels/"+ward, "", ""); again != pulled {
		t.Errorf("the channel changed:\n%s\nwas\n%s", again, pulled)
	}
	wrong := mirthClient(t, addr, "/api", syncHeader)
	status, body, _ := wrong.send(syncHeader, "POST", "/users/_login", "application/x-www-form-urlencoded", "username=admin&password=wrong")
	if status != 401 || !strings.Contains(body, "<status>FAIL</status>") {
		t.Errorf("wrong password: %d %s", status, body)
	}
}

// The Administrator from its log-in to the dashboard and its other screens.
func TestMirthAdministrator(t *testing.T) {
	_, addr := mirthServer(t)
	c := mirthClient(t, addr, "/api/4.5.2", javaHeader)
	c.login()
	get := func(path, begins string) step { return step{nil, "GET", path, "", 200, begins} }
	textual := func(path, begins string) step { return step{textHeader, "GET", path, "", 200, begins} }
	c.replay([]step{
		get("/server/publicSettings", "<com.mirth.connect.model.PublicServerSettings>"), get("/server/about", "<map>"),
		get("/server/protocolsAndCipherSuites", "<map>"), get("/extensions/plugins", "<map>"), get("/extensions/connectors", "<map>"),
		get("/extensions/TCP%20Sender/enabled", "<boolean>true</boolean>"),
		get("/users/1/preferences?name=initialTagsChannels", "<properties/>"), get("/channelgroups/", "<list/>"),
		get("/server/channelDependencies", "<set/>"), get("/server/charsets", "<list>"),
		{textHeader, "GET", "/users/1/preferences/backgroundColor", "", 204, ""},
		textual("/server/id", ""), textual("/server/timezone", ""), get("/server/time", "<gregorian-calendar>"),
		textual("/server/buildDate", ""), get("/server/rhinoLanguageVersion", "<int>200</int>"), get("/server/resources", "<list>"),
		get("/channels/idsAndNames", "<map/>"), get("/server/channelTags", "<set/>"),
		get("/extensions/directoryresource/resources/Default%20Resource/libraries", "<list/>"),
		get("/extensions/dashboardstatus/connectorStates?serverId=", "<map/>"),
		get("/channels/statuses/initial?fetchSize=100&filter=", "<dashboardChannelInfo>"),
		get("/extensions/serverlog/?fetchSize=50", "<list>"), get("/alerts/options", "<linked-hash-map>"),
		get("/server/licenseInfo", "<com.mirth.connect.model.LicenseInfo>"),
		{nil, "POST", "/codeTemplates/_getSummary", "<map/>", 200, "<list/>"},
		{textHeader, "GET", "/server/property?group=padlock&name=padlockMessage", "", 204, ""},
		get("/users/1/preferences?name=firstlogin&name=showNotificationPopup", "<properties>\n  <property name=\"firstlogin\">false</property>"),
		get("/server/updateSettings", "<updateSettings version=\"4.5.2\">"),
		{textHeader, "POST", "/usageData/_generate", "<map/>", 204, ""},
		{bareHeader, "POST", "/channels/", testChannel(ward, "Ward", ""), 200, `{"boolean":true}`},
		{nil, "POST", "/channels/_deploy", "<set/>", 204, ""},
		{nil, "POST", "/channels/_getSummary?ignoreNewChannels=false", "<map/>", 200, "<list>\n  <channelSummary>\n    <channelId>" + ward},
		{nil, "POST", "/channels/_stop?returnErrors=true", "channelId=" + ward, 204, ""},
		{nil, "POST", "/channels/_start?returnErrors=true", "channelId=" + ward, 204, ""},
		get("/channels/"+ward+"/connectorNames", "<linked-hash-map>\n  <entry>\n    <int>0</int>\n    <string>Source</string>"),
		get("/channels/"+ward+"/metaDataColumns", "<list/>"),
		get("/server/settings", "<serverSettings>"), get("/alerts/statuses", "<list/>"),
		{nil, "POST", "/extensions/globalmapviewer/maps/_getAllMaps?includeGlobalMap=true", "<set/>", 200, "<map>"},
	})
}

// What scripts and people do with plain HTTP.
func TestMirthPlain(t *testing.T) {
	_, addr := mirthServer(t)
	c := mirthClient(t, addr, "/api", syncHeader)
	basic := syncHeader.Clone()
	r := &http.Request{Header: basic}
	r.SetBasicAuth("admin", adminPassword)
	accept := func(kind string) http.Header {
		h := basic.Clone()
		h.Set("Accept", kind)
		return h
	}
	c.replay([]step{
		{http.Header{}, "GET", "/server/version", "", 400, "<html>"},
		{nil, "GET", "/server/version", "", 200, "4.5.2"},
		{nil, "GET", "/server/status", "", 200, "<int>0</int>"},
		{nil, "GET", "/users", "", 401, "<html>"},
		{basic, "GET", "/channels/unknown", "", 204, ""},
		{basic, "GET", "/users/999", "", 404, "<html>"},
		{basic, "GET", "/nothing", "", 404, "<html>"},
		{basic, "POST", "/channels/unknown/_start?returnErrors=true", "", 204, ""},
		{accept("text/plain"), "POST", "/channels", testChannel(ward, "Ward", ""), 200, "true"},
		{accept("application/json"), "POST", "/channels", testChannel(lab, "Ward", ""), 500, "<com.mirth.connect.client.core.ControllerException>"},
		{accept("application/json"), "GET", "/server/channelTags", "", 200, `{"set":null}`},
		{accept("text/plain"), "GET", "/channels", "", 406, "STATUS: 406"},
		{basic, "GET", "/events/maxEventId", "", 200, `{"int":`},
		{basic, "DELETE", "/server/version", "", 405, ""},
		{basic, "PUT", "/server/globalScripts", "<map><entry>", 500, ""},
		{basic, "POST", "/users", "<user><username> </username></user>", 400, "username cannot be blank."},
	})
	for _, s := range []struct {
		method, path, kind, body string
		status                   int
	}{
		{"PUT", "/server/globalScripts", "text/csv", "a,b", 415},
		{"POST", "/users", "application/json", `{"user":{"username":"zed","firstName":"Z"}}`, 204},
	} {
		if status, body, _ := c.send(basic, s.method, s.path, s.kind, s.body); status != s.status {
			t.Errorf("%s %s: %d %s", s.method, s.path, status, body)
		}
	}
}

// Bodies that name classes to run code, as known attacks send them, sent to every
// route: nothing is made by them, with or without a session.
func TestMirthAttacks(t *testing.T) {
	s, addr := mirthServer(t)
	mark := filepath.Join(t.TempDir(), "made-by-an-attack")
	payloads := []string{
		// CVE-2023-37679: a handler in a proxy.
		`<sorted-set><string>x</string><dynamic-proxy><interface>java.lang.Comparable</interface><handler class="java.beans.EventHandler"><target class="java.lang.ProcessBuilder"><command><string>touch</string><string>` + mark + `</string></command></target><action>start</action></handler></dynamic-proxy></sorted-set>`,
		// CVE-2023-43208: a chain of transformers in an event utility.
		`<sorted-set><string>x</string><dynamic-proxy><interface>java.lang.Comparable</interface><handler class="org.apache.commons.lang3.event.EventUtils$EventBindingInvocationHandler"><target class="org.apache.commons.collections4.functors.ChainedTransformer"><iTransformers><org.apache.commons.collections4.functors.ConstantTransformer><iConstant class="java-class">java.lang.Runtime</iConstant></org.apache.commons.collections4.functors.ConstantTransformer><org.apache.commons.collections4.functors.InvokerTransformer><iMethodName>exec</iMethodName><iArgs><string>touch ` + mark + `</string></iArgs></org.apache.commons.collections4.functors.InvokerTransformer></iTransformers></target><methodName>transform</methodName><eventTypes><string>compareTo</string></eventTypes></handler></dynamic-proxy></sorted-set>`,
		`<!DOCTYPE x [<!ENTITY e SYSTEM "file://` + mark + `">]><user><username>&e;</username></user>`,
	}
	in := mirthClient(t, addr, "/api", syncHeader)
	in.login()
	out := mirthClient(t, addr, "/api", syncHeader)
	before := len(s.doors.accounts.Users())
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		for _, path := range []string{"/users", "/users/1", "/users/_checkPassword", "/channels", "/channels/" + ward, "/channels/_deploy", "/channels/_getSummary",
			"/channels/_clearStatistics", "/channels/" + ward + "/messages/_import", "/channels/" + ward + "/messages/_search", "/channels/_startConnectors",
			"/server/channelMetadata", "/alerts", "/alerts/x", "/codeTemplates/x", "/codeTemplates/_getSummary", "/events/_search", "/extensions/x/properties",
			"/users/_login", "/users/1/preferences"} {
			for i, body := range payloads {
				if status, _, _ := out.send(syncHeader, method, path, "application/xml", body); status < 400 {
					t.Errorf("payload %d, %s %s without a session: %d", i, method, path, status)
				}
				in.send(syncHeader, method, path, "application/xml", body)
			}
		}
	}
	if _, err := os.Stat(mark); !os.IsNotExist(err) {
		t.Error("an attack made a file")
	}
	if now := len(s.doors.accounts.Users()); now != before {
		t.Errorf("%d accounts, %d before", now, before)
	}
	if len(s.list()) != 0 {
		t.Error("there are channels")
	}
	if status, body, _ := in.send(syncHeader, "GET", "/alerts", "", ""); status != 200 || body != "<list/>" {
		t.Errorf("alerts: %d %s", status, body)
	}
}

// A channel from a file is shown and not changed.
func TestMirthReadOnly(t *testing.T) {
	dir, addr := t.TempDir(), freeAddr(t)
	if err := os.WriteFile(filepath.Join(dir, "ward.xml"), []byte(testChannel(ward, "Ward", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, Options{Data: t.TempDir(), Channels: dir, Listen: addr, AdminPassword: adminPassword})
	c := mirthClient(t, addr, "/api", syncHeader)
	c.login()
	c.replay([]step{
		{nil, "GET", "/channels/statuses", "", 200, "<list>\n  <dashboardStatus>"},
		{nil, "PUT", "/channels/" + ward + "?override=true", testChannel(ward, "Ward", ""), 200, `{"boolean":true}`},
		{nil, "PUT", "/channels/" + ward + "?override=true", testChannel(ward, "Ward", "changed"), 500, "<com.mirth.connect.client.core.ControllerException>"},
		{nil, "DELETE", "/channels/" + ward, "", 500, ""},
	})
}

// What a channel depends on is told apart from it, and decides the order of
// deployment. A revision is kept with who saved it, and saving the same again
// makes none.
func TestMirthDependencies(t *testing.T) {
	s, addr := mirthServer(t)
	c := mirthClient(t, addr, "/api", syncHeader)
	c.login()
	dependency := "<set><channelDependency><dependentId>" + ward + "</dependentId><dependencyId>" + lab + "</dependencyId></channelDependency></set>"
	c.replay([]step{
		{nil, "PUT", "/channels/" + ward, testChannel(ward, "Ward", ""), 200, `{"boolean":true}`},
		{nil, "PUT", "/channels/" + lab, testChannel(lab, "Lab", ""), 200, `{"boolean":true}`},
		{nil, "PUT", "/server/channelDependencies", dependency, 204, ""},
		{nil, "GET", "/server/channelDependencies", "", 200, "<set>\n  <channelDependency>\n    <dependentId>" + ward},
		{nil, "PUT", "/channels/" + ward + "?override=true", testChannel(ward, "Ward", ""), 200, `{"boolean":true}`},
		{nil, "PUT", "/channels/" + ward + "?override=true", testChannel(ward, "Ward", "changed"), 200, `{"boolean":true}`},
	})
	if d := s.byID(ward); len(d.config.Depends) != 1 || d.config.Depends[0] != lab || d.config.Revision != 2 {
		t.Errorf("depends on %v, revision %d", d.config.Depends, d.config.Revision)
	}
	kept, err := s.history.Entries(history.Channels, ward)
	if err != nil || len(kept) != 3 || kept[0].Revision != 2 || kept[0].Who != "admin" || kept[0].How != "Mirth API: Update channel" {
		t.Fatalf("history: %+v %v", kept, err)
	}
	if _, text, err := s.history.Get(history.Channels, ward, 3); err != nil || !strings.Contains(string(text), "description: changed") {
		t.Errorf("history: %s %v", text, err)
	}
}

// The first account is made with the link of the log, once.
func TestSetup(t *testing.T) {
	addr := freeAddr(t)
	s, _, _ := run(t, Options{Data: t.TempDir(), Listen: addr})
	c := mirthClient(t, addr, "", syncHeader)
	form := func(token string) (int, string) {
		status, body, _ := c.send(syncHeader, "POST", "/setup", "application/x-www-form-urlencoded",
			fmt.Sprintf("token=%s&username=ada&password=%s", token, url.QueryEscape(adminPassword)))
		return status, body
	}
	// What was typed stays in the form, as text.
	if status, body := form(url.QueryEscape(`"><b>wrong`)); status != 403 || !strings.Contains(body, `value="&#34;&gt;&lt;b&gt;wrong"`) || !strings.Contains(body, `value="ada"`) {
		t.Errorf("wrong token: %d %s", status, body)
	}
	token := s.doors.accounts.Setup()
	if status, body := form(token); status != 200 {
		t.Errorf("right token: %d %s", status, body)
	}
	if status, _ := form(token); status == 200 {
		t.Error("the link was good twice")
	}
	if u := s.doors.accounts.ByName("ada"); u == nil {
		t.Error("there is no account")
	}
}
