//lint:file-ignore ST1005 the sentences are those that Mirth's clients show

package mirthapi

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/script"
)

// tried is what came of trying something.
func tried(err error, found string) (*reply, error) {
	kind := "SUCCESS"
	if err != nil {
		kind, found = "FAILURE", err.Error()
	}
	return document(mirth.El("com.mirth.connect.util.ConnectionTestResponse", mirth.Leaf("type", kind), mirth.Leaf("message", found))), nil
}

// Subject and text of an e-mail that tries settings, as Mirth's.
const (
	testSubject = "Mirth Connect Test Email"
	testText    = "Receipt of this email confirms that mail originating from this Mirth Connect Server is capable of reaching its intended destination.\n\nSMTP Configuration:\n- Host: %s\n- Port: %s"
)

func (c *call) sendTest(m script.MailSettings, to string) (*reply, error) {
	if _, err := strconv.ParseUint(m.Port, 10, 16); err != nil {
		return tried(fmt.Errorf("Invalid port: %q", m.Port), "")
	}
	err := c.engine.Mail(context.WithoutCancel(c.r.Context()), m, to, testSubject, fmt.Sprintf(testText, m.Host, m.Port))
	return tried(err, "Sucessfully sent test email to: "+to) // as Mirth spells it
}

// testEmail tries mail settings that are not saved yet.
func (c *call) testEmail() (*reply, error) {
	p, err := c.sentProperties()
	if err != nil {
		return nil, err
	}
	return c.sendTest(script.MailSettings{Host: p["host"], Port: p["port"], Timeout: p["timeout"], From: p["fromAddress"], Secure: p["encryption"],
		Login: p["authentication"] == "true", Username: p["username"], Password: p["password"]}, p["toAddress"])
}

// testSMTP tries the settings of an SMTP Sender.
func (c *call) testSMTP() (*reply, error) {
	n, err := c.root("com.mirth.connect.connectors.smtp.SmtpDispatcherProperties")
	if err != nil {
		return nil, err
	}
	at := func(name string) string { return c.engine.Resolve(n.TextAt(name)) }
	return c.sendTest(script.MailSettings{Host: at("smtpHost"), Port: at("smtpPort"), Timeout: at("timeout"), From: at("from"), Secure: at("encryption"),
		Login: at("authentication") == "true", Username: at("username"), Password: at("password")}, at("to"))
}

// testConnector tries the connection of a connector whose settings come with the
// request: it is read as the connector of a channel is.
func testConnector(root, kind string, source bool) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		properties, err := c.root(root)
		if err != nil {
			return nil, err
		}
		return c.tryConnector(properties.Renamed("properties").Class(root), kind, source)
	}
}

// testDirectory tries whether the Document Writer can write into a directory.
func (c *call) testDirectory() (*reply, error) {
	const root = "com.mirth.connect.connectors.doc.DocumentDispatcherProperties"
	properties := mirth.El("properties", mirth.Leaf("host", strings.TrimSpace(string(c.body))), mirth.Leaf("outputPattern", "test"), mirth.Leaf("output", "FILE")).Class(root).Version()
	return c.tryConnector(properties, "Document Writer", false)
}

// noChannel is the id of a channel that is not there.
const noChannel = "00000000-0000-0000-0000-000000000000"

func (c *call) tryConnector(properties *mirth.Node, kind string, source bool) (*reply, error) {
	id := c.query.Get("channelId")
	if _, err := channelFile(id); err != nil {
		id = noChannel
	}
	connector := func(name string, metaDataID int64, transport, mode string, properties *mirth.Node) *mirth.Node {
		side := func(name string) *mirth.Node {
			return mirth.El(name, mirth.El("elements"), mirth.Leaf("inboundDataType", "RAW"), mirth.Leaf("outboundDataType", "RAW")).Version()
		}
		return mirth.El(name, mirth.IntLeaf("metaDataId", metaDataID), mirth.Leaf("name", transport), properties, side("transformer"),
			mirth.El("filter", mirth.El("elements")).Version(), mirth.Leaf("transportName", transport), mirth.Leaf("mode", mode), mirth.BoolLeaf("enabled", true)).Version()
	}
	reader := mirth.El("properties").Class("com.mirth.connect.connectors.vm.VmReceiverProperties").Version()
	doc := mirth.El("channel", mirth.Leaf("id", id), mirth.Leaf("name", c.query.Get("channelName")), mirth.IntLeaf("revision", 0)).Version()
	if source {
		doc.Add(connector("sourceConnector", 0, kind, "SOURCE", properties), mirth.El("destinationConnectors"))
	} else {
		doc.Add(connector("sourceConnector", 0, "Channel Reader", "SOURCE", reader), mirth.El("destinationConnectors", connector("connector", 1, kind, "DESTINATION", properties)))
	}
	ch, err := c.read(doc)
	if err != nil {
		return tried(err, "")
	}
	of := &ch.Source
	if !source {
		of = &ch.Destinations[0]
	}
	c.note("connector", kind)
	found, err := c.engine.TestConnector(c.r.Context(), ch, of)
	return tried(err, found)
}

// postStatistics is getAllStatistics with its sets in the parts of a form.
func (c *call) postStatistics() (*reply, error) {
	parts, err := c.parts()
	if err != nil {
		return nil, err
	}
	for name, n := range parts {
		if n.Name == "boolean" {
			c.query.Set(name, n.Text)
		}
	}
	list := mirth.El("list")
	for _, ch := range c.wanted(parts["channelIds"].Texts(), c.flag("includeUndeployed")) {
		list.Add(c.channelStatistics(ch))
	}
	return document(list), nil
}

// setExtensionEnabled has no effect but to refuse what cannot be: all that there is is
// built in.
func (c *call) setExtensionEnabled() (*reply, error) {
	if !c.flag("enabled") {
		return nil, &weir.Fault{At: c.path["extensionName"], Err: fmt.Errorf("it is built in and cannot be disabled"), Hint: "Disable the channels that use it."}
	}
	return nothing, nil
}

// getChannelStates are the states of the sources' connections.
func (c *call) getChannelStates() (*reply, error) {
	n := mirth.El("map")
	for _, ch := range c.wanted(nil, false) {
		n.Add(entry(ch.ID, mirth.Leaf("string", connectionShown(ch, 0))))
	}
	return document(n), nil
}

func (c *call) getChannelState() (*reply, error) {
	ch := c.channel(c.path["channelId"])
	if ch == nil || ch.Status == nil {
		return nothing, nil
	}
	return text(connectionShown(ch, 0)), nil
}
