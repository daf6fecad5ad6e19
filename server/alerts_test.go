package server

import (
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
)

// mailbox is a mail server that hands on what it gets.
type mailbox chan string

func (m mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &letter{box: m}, nil }

type letter struct {
	box mailbox
	to  []string
}

func (l *letter) Mail(string, *smtp.MailOptions) error { return nil }
func (l *letter) Rcpt(to string, _ *smtp.RcptOptions) error {
	l.to = append(l.to, to)
	return nil
}
func (l *letter) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	l.box <- "to " + strings.Join(l.to, ",") + "\n" + string(text)
	return err
}
func (l *letter) Reset()        { l.to = nil }
func (l *letter) Logout() error { return nil }

// mailServer starts one on a free port.
func mailServer(t *testing.T) (box mailbox, port string) {
	t.Helper()
	box = make(mailbox, 10)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(box)
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return box, port
}

// throwing is a test channel whose source has a step that throws.
func throwing(id, name string) string {
	step := `<elements><com.mirth.connect.plugins.javascriptstep.JavaScriptStep version="4.5.2"><name>Break</name><sequenceNumber>0</sequenceNumber><enabled>true</enabled><script>throw new Error('no ward');</script></com.mirth.connect.plugins.javascriptstep.JavaScriptStep></elements>`
	return strings.Replace(testChannel(id, name, ""), "<elements/>", step, 1)
}

// An alert tells of the errors that it is about, by e-mail and by a message to a
// channel, counts them, and is silent when it is disabled.
func TestAlerts(t *testing.T) {
	box, port := mailServer(t)
	s, client, addr := alertServer(t)
	c := mirthClient(t, addr, "/api", syncHeader)
	c.login()
	settings := `<serverSettings><smtpHost>127.0.0.1</smtpHost><smtpPort>` + port + `</smtpPort><smtpFrom>weir@example.org</smtpFrom><smtpSecure>none</smtpSecure><smtpAuth>false</smtpAuth></serverSettings>`
	alert := `<alertModel version="4.5.2"><id>c0</id><name>Ward errors</name><enabled>true</enabled><trigger class="defaultTrigger" version="4.5.2"><alertChannels version="4.5.2"><newChannelSource>false</newChannelSource><newChannelDestination>false</newChannelDestination><enabledChannels><string>` + ward + `</string></enabledChannels><disabledChannels/><partialChannels/></alertChannels><errorEventTypes><errorEventType>TRANSFORMER</errorEventType></errorEventTypes><regex>no ward</regex></trigger><actionGroups><alertActionGroup version="4.5.2"><actions>` +
		`<alertAction version="4.5.2"><protocol>Email</protocol><recipient>ops@example.org</recipient></alertAction><alertAction version="4.5.2"><protocol>User</protocol><recipient>nurse1</recipient></alertAction><alertAction version="4.5.2"><protocol>Channel</protocol><recipient>` + lab + `</recipient></alertAction>` +
		`</actions><subject>${alertName} in ${channelName}</subject><template>message ${messageId} of ${connectorName}: ${errorType}, ${ward}</template></alertActionGroup></actionGroups><properties/></alertModel>`
	c.replay([]step{
		{nil, "PUT", "/server/settings", settings, 204, ""},
		{nil, "PUT", "/server/configurationMap", strings.Replace(testMap, "ward.host", "ward", 1), 204, ""},
		{nil, "POST", "/users", "<user><username>nurse1</username><email>nina@example.org</email></user>", 204, ""},
		{nil, "PUT", "/channels/" + ward, throwing(ward, "Ward"), 200, `{"boolean":true}`},
		{nil, "PUT", "/channels/" + lab, testChannel(lab, "Lab", ""), 200, `{"boolean":true}`},
		{nil, "POST", "/channels/_deploy", "<set/>", 204, ""},
		{nil, "PUT", "/alerts/c0", alert, 204, ""},
		{nil, "GET", "/alerts/statuses", "", 200, "<list>\n  <alertStatus>\n    <id>c0</id>\n    <name>Ward errors</name>\n    <enabled>true</enabled>\n    <alertedCount>0</alertedCount>"},
	})
	if _, err := client.Send(t.Context(), "Ward", api.NewMessage{Text: "a message"}); err != nil {
		t.Fatal(err)
	}
	mail := <-box
	for _, want := range []string{"to ops@example.org,nina@example.org\n", "Subject: Ward errors in Ward", "message 1 of Source: Transformer, 10.0.0.9"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the e-mail lacks %q:\n%s", want, mail)
		}
	}
	if strings.Contains(mail, "a message\r") {
		t.Errorf("the e-mail holds the message:\n%s", mail)
	}
	m, err := client.Message(t.Context(), "Lab", 1)
	if err != nil || m.Connectors[0].Contents[0].Text != "message 1 of Source: Transformer, 10.0.0.9" {
		t.Errorf("the channel got %+v, %v", m, err)
	}
	c.replay([]step{
		{nil, "GET", "/alerts/statuses", "", 200, "<list>\n  <alertStatus>\n    <id>c0</id>\n    <name>Ward errors</name>\n    <enabled>true</enabled>\n    <alertedCount>1</alertedCount>"},
		{nil, "POST", "/alerts/c0/_disable", "", 204, ""},
		{nil, "GET", "/alerts/statuses", "", 200, "<list>\n  <alertStatus>\n    <id>c0</id>\n    <name>Ward errors</name>\n    <enabled>false</enabled>\n  </alertStatus>"},
	})
	if s.alerts.list != nil {
		t.Error("a disabled alert is still there")
	}
	// Mail settings are tried out as the Administrator does.
	test := func(port string) string {
		return `<properties><property name="host">127.0.0.1</property><property name="port">` + port + `</property><property name="timeout">5000</property><property name="encryption">none</property><property name="authentication">false</property><property name="toAddress">ops@example.org</property><property name="fromAddress">weir@example.org</property></properties>`
	}
	c.replay([]step{
		{nil, "POST", "/server/_testEmail", test(port), 200, "<com.mirth.connect.util.ConnectionTestResponse>\n  <type>SUCCESS</type>"},
		{nil, "POST", "/server/_testEmail", test("x"), 200, "<com.mirth.connect.util.ConnectionTestResponse>\n  <type>FAILURE</type>\n  <message>Invalid port: &quot;x&quot;</message>"},
	})
	if mail := <-box; !strings.Contains(mail, "Mirth Connect Test Email") {
		t.Errorf("the test e-mail is\n%s", mail)
	}
}

func alertServer(t *testing.T) (*Server, *api.Client, string) {
	t.Helper()
	addr := freeAddr(t)
	s, client, _ := run(t, Options{Data: t.TempDir(), Listen: addr, AdminPassword: adminPassword})
	return s, client, addr
}

// What the Administrator tries out and looks at beside channels and messages.
func TestMirthTools(t *testing.T) {
	s, _, addr := alertServer(t)
	c := mirthClient(t, addr, "/api", syncHeader)
	c.login()
	s.global.Put("ward.beds", 12)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, open, _ := net.SplitHostPort(l.Addr().String())
	_, closed, _ := net.SplitHostPort(freeAddr(t))
	tcp := func(port string) string {
		return `<com.mirth.connect.connectors.tcp.TcpDispatcherProperties version="4.5.2"><pluginProperties/><destinationConnectorProperties version="4.5.2"/><transmissionModeProperties class="com.mirth.connect.plugins.mllpmode.MLLPModeProperties"><pluginPointName>MLLP</pluginPointName></transmissionModeProperties><remoteAddress>127.0.0.1</remoteAddress><remotePort>` + port + `</remotePort><sendTimeout>2000</sendTimeout><template>x</template></com.mirth.connect.connectors.tcp.TcpDispatcherProperties>`
	}
	file := func(dir string) string {
		return `<com.mirth.connect.connectors.file.FileReceiverProperties version="4.5.2"><pluginProperties/><scheme>FILE</scheme><host>` + dir + `</host><fileFilter>*</fileFilter></com.mirth.connect.connectors.file.FileReceiverProperties>`
	}
	const succeeded, failed = "<com.mirth.connect.util.ConnectionTestResponse>\n  <type>SUCCESS</type>", "<com.mirth.connect.util.ConnectionTestResponse>\n  <type>FAILURE</type>"
	dir := t.TempDir()
	steps := []step{
		{nil, "PUT", "/channels/" + ward, testChannel(ward, "Ward", ""), 200, `{"boolean":true}`},
		{nil, "POST", "/channels/_deploy", "<set/>", 204, ""},
		{nil, "POST", "/connectors/tcp/_testConnection?channelId=" + ward + "&channelName=Ward", tcp(open), 200, succeeded},
		{nil, "POST", "/connectors/tcp/_testConnection?channelId=&channelName=New", tcp(closed), 200, failed},
		{nil, "POST", "/connectors/tcp/_testConnection", "<java.lang.ProcessBuilder/>", 500, ""},
		{nil, "POST", "/connectors/file/_testRead?channelId=" + ward + "&channelName=Ward", file(dir), 200, succeeded},
		{nil, "POST", "/connectors/file/_testRead?channelId=" + ward + "&channelName=Ward", file(dir + "/none"), 200, failed},
		{nil, "GET", "/extensions/globalmapviewer/maps/global", "", 200, "<map>\n  <entry>\n    <string>ward.beds</string>\n    <string>&lt;string&gt;12&lt;/string&gt;</string>"},
		{nil, "POST", "/extensions/globalmapviewer/maps/_getAllMaps?includeGlobalMap=true", "<set><string>" + ward + "</string></set>", 200, "<map>\n  <entry>\n    <string>" + s.doors.id + "</string>\n    <map>\n      <entry>\n        <null/>\n        <map>\n          <entry>\n            <string>ward.beds"},
		{nil, "GET", "/extensions/dashboardstatus/channelStates", "", 200, "<map>\n  <entry>\n    <string>" + ward + "</string>\n    <string>Idle</string>"},
		{nil, "POST", "/extensions/TCP%20Sender/_setEnabled?enabled=true", "", 204, ""},
		{nil, "POST", "/extensions/TCP%20Sender/_setEnabled?enabled=false", "", 500, "<com.mirth"},
		{nil, "POST", "/channels/statistics/_getStatistics", parts("channelIds", "<set><string>"+ward+"</string></set>", "includeUndeployed", "<boolean>true</boolean>"), 200, "<list>\n  <channelStatistics>"},
	}
	c.replay(steps)
	s.log.Warn("The ward is full", "channel", "Ward", "logger", "beds")
	s.connection(ward, 1, weir.ConnectionEvent{State: "connected", Remote: "10.0.0.9:6661"})
	newest := strconv.FormatInt((*mirthEngine)(s).Log(1)[0].ID, 10)
	c.replay([]step{
		{nil, "GET", "/extensions/serverlog/?fetchSize=1", "", 200, "<list>\n  <com.mirth.connect.plugins.serverlog.ServerLogItem>\n    <serverId>" + s.doors.id},
		{nil, "GET", "/extensions/serverlog/?fetchSize=50&lastLogId=" + newest, "", 200, "<list/>"},
		{nil, "GET", "/extensions/dashboardstatus/connectionLogs/" + ward + "?fetchSize=1", "", 200, "<linked-list>\n  <com.mirth.connect.plugins.dashboardstatus.ConnectionLogItem>\n    <logId>"},
		{nil, "GET", "/extensions/dashboardstatus/connectionLogs/" + lab + "?fetchSize=1", "", 200, "<linked-list/>"},
	})
	if _, log, _ := c.send(syncHeader, "GET", "/extensions/serverlog?fetchSize=1", "", ""); !strings.Contains(log, "<message>The ward is full channel=Ward</message>") || !strings.Contains(log, "<category>beds</category>") || !strings.Contains(log, "<level>WARN</level>") {
		t.Errorf("the log: %s", log)
	}
	if _, log, _ := c.send(syncHeader, "GET", "/extensions/dashboardstatus/connectionLogs?fetchSize=1", "", ""); !strings.Contains(log, "<connectorType>Destination: Channel Writer - To nobody</connectorType>\n    <eventState>Connected</eventState>\n    <information>10.0.0.9:6661</information>") {
		t.Errorf("the connections: %s", log)
	}
	status, body, _ := c.send(syncHeader, "POST", "/connectors/doc/_testWrite?channelId="+ward+"&channelName=Ward", "text/plain", dir)
	if status != 200 || !strings.HasPrefix(body, succeeded) {
		t.Errorf("documents: %d %s", status, body)
	}
	status, path, _ := c.send(textHeader, "POST", "/events/_export", "", "")
	exported, err := os.ReadFile(path)
	if status != 200 || err != nil || !strings.Contains(string(exported), "Deploy channels") || !strings.HasPrefix(path, s.data.path) {
		t.Errorf("events: %d %q %v\n%s", status, path, err, exported)
	}
}
