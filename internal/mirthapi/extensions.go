package mirthapi

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/weir-health/weir/internal/mirth"
)

// Clients load their panels for connectors and data types by what is listed here.
// The names of classes are those of Mirth's own client; nothing here loads them.

// connectorParts are what a client needs of Mirth's connectors: its folder, and
// the beginning of its classes.
var connectorParts = map[string]struct{ path, class, protocol string }{
	"Channel Reader": {"vm", "vm.Channel", "vm"}, "Channel Writer": {"vm", "vm.Channel", "vm"},
	"TCP Listener": {"tcp", "tcp.Tcp", "tcp"}, "TCP Sender": {"tcp", "tcp.Tcp", "tcp"},
	"HTTP Listener": {"http", "http.Http", "http"}, "HTTP Sender": {"http", "http.Http", "http"},
	"File Reader": {"file", "file.File", "file"}, "File Writer": {"file", "file.File", "file"},
	"Database Reader": {"jdbc", "jdbc.Database", "jdbc"}, "Database Writer": {"jdbc", "jdbc.Database", "jdbc"},
	"JavaScript Reader": {"js", "js.JavaScript", "js"}, "JavaScript Writer": {"js", "js.JavaScript", "js"},
	"JMS Listener": {"jms", "jms.Jms", "jms"}, "JMS Sender": {"jms", "jms.Jms", "jms"},
	"DICOM Listener": {"dimse", "dimse.DICOM", "dicom"}, "DICOM Sender": {"dimse", "dimse.DICOM", "dicom"},
	"Web Service Listener": {"ws", "ws.WebService", "ws"}, "Web Service Sender": {"ws", "ws.WebService", "ws"},
	"SMTP Sender": {"smtp", "smtp.Smtp", "smtp"}, "Document Writer": {"doc", "doc.Document", "doc"},
}

func head(n *mirth.Node, name string) *mirth.Node {
	return n.Add(mirth.Leaf("name", name), mirth.Leaf("author", "Weir"), mirth.Leaf("mirthVersion", ServerVersion),
		mirth.Leaf("pluginVersion", ServerVersion), mirth.Leaf("url", ""), mirth.Leaf("description", name))
}

func connectorType(name string, source bool) *mirth.Node {
	part, ok := connectorParts[name]
	if !ok {
		return nil // Weir's own, which no client of Mirth has a panel for
	}
	class := "com.mirth.connect.connectors." + part.class
	_, panel, _ := strings.Cut(name, " ")
	server, shared, kind := "Dispatcher", "DispatcherProperties", "DESTINATION"
	if source {
		server, shared, kind = "Receiver", "ReceiverProperties", "SOURCE"
	}
	n := head(mirth.El("connectorMetaData").SetAttr("path", part.path), name)
	return n.Add(mirth.Leaf("serverClassName", class+server), mirth.Leaf("sharedClassName", class+shared),
		mirth.Leaf("clientClassName", class+panel[strings.LastIndex(panel, " ")+1:]), mirth.Leaf("transformers", ""),
		mirth.Leaf("protocol", part.protocol), mirth.Leaf("type", kind))
}

func (c *call) connectorTypes() []*mirth.Node {
	var list []*mirth.Node
	for _, name := range c.engine.Sources() {
		if n := connectorType(name, true); n != nil {
			list = append(list, n)
		}
	}
	for _, name := range c.engine.Destinations() {
		if n := connectorType(name, false); n != nil {
			list = append(list, n)
		}
	}
	return list
}

func (c *call) connectorNames() []string {
	var names []string
	for _, n := range c.connectorTypes() {
		names = append(names, n.TextAt("name"))
	}
	return names
}

func (c *call) getConnectorTypes() (*reply, error) {
	n := mirth.El("map")
	for _, t := range c.connectorTypes() {
		n.Add(entry(t.TextAt("name"), t))
	}
	return document(n), nil
}

// plugins are those parts of Mirth's client that have something to show here, with
// the class that shows it.
var plugins = []struct{ name, path, client string }{
	{"JavaScript Step", "javascriptstep", "com.mirth.connect.plugins.javascriptstep.JavaScriptStepPlugin"},
	{"Mapper", "mapper", "com.mirth.connect.plugins.mapper.MapperPlugin"},
	{"Message Builder", "messagebuilder", "com.mirth.connect.plugins.messagebuilder.MessageBuilderPlugin"},
	{"External Script Step", "scriptfilestep", "com.mirth.connect.plugins.scriptfilestep.ExternalScriptStepPlugin"},
	{"XSLT Step", "xsltstep", "com.mirth.connect.plugins.xsltstep.XsltStepPlugin"},
	{"Destination Set Filter", "destinationsetfilter", "com.mirth.connect.plugins.destinationsetfilter.DestinationSetFilterPlugin"},
	{"JavaScript Rule", "javascriptrule", "com.mirth.connect.plugins.javascriptrule.JavaScriptRulePlugin"},
	{"Rule Builder", "rulebuilder", "com.mirth.connect.plugins.rulebuilder.RuleBuilderPlugin"},
	{"External Script Rule", "scriptfilerule", "com.mirth.connect.plugins.scriptfilerule.ExternalScriptRulePlugin"},
	{"Dashboard Connector Status", "dashboardstatus", "com.mirth.connect.plugins.dashboardstatus.DashboardConnectorStatusClient"},
	{"MLLP Transmission Mode", "mllpmode", "com.mirth.connect.plugins.mllpmode.MLLPModePlugin"},
	{"Directory Resource", "directoryresource", "com.mirth.connect.plugins.directoryresource.DirectoryResourceClientPlugin"},
}

var dataTypeParts = map[string]struct{ path, class string }{
	"HL7V2": {"datatype-hl7v2", "hl7v2.HL7v2"}, "HL7V3": {"datatype-hl7v3", "hl7v3.HL7V3"}, "XML": {"datatype-xml", "xml.XML"},
	"JSON": {"datatype-json", "json.JSON"}, "RAW": {"datatype-raw", "raw.Raw"}, "DELIMITED": {"datatype-delimited", "delimited.Delimited"},
	"EDI/X12": {"datatype-edi", "edi.EDI"}, "NCPDP": {"datatype-ncpdp", "ncpdp.NCPDP"}, "DICOM": {"datatype-dicom", "dicom.DICOM"},
}

func (c *call) pluginNodes() []*mirth.Node {
	var list []*mirth.Node
	add := func(name, path, client string) {
		list = append(list, head(mirth.El("pluginMetaData").SetAttr("path", path), name).Add(mirth.El("clientClasses",
			mirth.El("pluginClass", mirth.Leaf("name", client), mirth.IntLeaf("weight", 0)))))
	}
	for _, p := range plugins {
		add(p.name, p.path, p.client)
	}
	for _, name := range c.engine.DataTypes() {
		if part, ok := dataTypeParts[name]; ok {
			add(name+" Data Type", part.path, "com.mirth.connect.plugins.datatypes."+part.class+"DataTypeClientPlugin")
		}
	}
	return list
}

func (c *call) pluginNames() []string {
	var names []string
	for _, n := range c.pluginNodes() {
		names = append(names, n.TextAt("name"))
	}
	return names
}

func (c *call) getPlugins() (*reply, error) {
	n := mirth.El("map")
	for _, p := range c.pluginNodes() {
		n.Add(entry(p.TextAt("name"), p))
	}
	return document(n), nil
}

func (c *call) getExtension() (*reply, error) {
	for _, n := range append(c.connectorTypes(), c.pluginNodes()...) {
		if n.TextAt("name") == c.path["extensionName"] {
			return document(n), nil
		}
	}
	return nothing, nil
}

func (c *call) isExtensionEnabled() (*reply, error) {
	name := c.path["extensionName"]
	return boolean(slices.Contains(c.connectorNames(), name) || slices.Contains(c.pluginNames(), name)), nil
}

// defaultPlugins are the settings of plugins of a server that nobody has changed.
func defaultPlugins() *mirth.Node { return mirth.El("map") }

func (c *call) getPluginProperties() (*reply, error) {
	n, err := c.kept(pluginsFile, defaultPlugins)
	if err != nil {
		return nil, err
	}
	wanted := c.query["propertyKeys"]
	for name, p := range pairs(n) {
		if name != c.path["extensionName"] {
			continue
		}
		if len(wanted) > 0 {
			p.Children = slices.DeleteFunc(p.Children, func(one *mirth.Node) bool { return !slices.Contains(wanted, one.Attr("name")) })
		}
		return document(p), nil
	}
	return document(mirth.El("properties")), nil
}

func (c *call) setPluginProperties() (*reply, error) {
	sent, err := c.root("properties")
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	n, err := c.kept(pluginsFile, defaultPlugins)
	if err != nil {
		return nil, err
	}
	name, merge := c.path["extensionName"], c.flag("mergeProperties")
	var known *mirth.Node
	for key, p := range pairs(n) {
		if key == name {
			known = p
		}
	}
	if known == nil {
		if len(n.Children) >= 1000 {
			return nil, errors.New("there are too many plugins with properties")
		}
		known = mirth.El("properties")
		n.Add(entry(name, known))
	}
	if !merge {
		known.Children = nil
	}
	for _, p := range sent.Children {
		known.Children = slices.DeleteFunc(known.Children, func(k *mirth.Node) bool { return k.Attr("name") == p.Attr("name") })
		known.Add(p)
	}
	return nothing, c.keep(pluginsFile, n)
}

// stateColors are the colours of connection states in the dashboard.
var stateColors = map[string][3]int64{"Idle": {255, 255, 0}, "Connected": {0, 255, 0}, "Receiving": {0, 255, 0}, "Sending": {0, 255, 0},
	"Reading": {0, 255, 0}, "Writing": {0, 255, 0}, "Polling": {0, 255, 0}, "Disconnected": {255, 0, 0}}

// connectionShown is the state of a connector's connection by Mirth's name.
func connectionShown(ch *Channel, metaDataID int) string {
	switch state, _ := ch.Connection(metaDataID); state {
	case "connected":
		return "Connected"
	case "disconnected", "failed":
		return "Disconnected"
	}
	return "Idle"
}

func (c *call) getConnectorStates() (*reply, error) {
	n := mirth.El("map")
	for _, ch := range c.wanted(nil, false) {
		for _, conn := range ch.Status.Connectors {
			shown := connectionShown(ch, conn.MetaDataID)
			color := stateColors[shown]
			key := ch.ID + "_" + mirth.IntLeaf("", int64(conn.MetaDataID)).Text
			n.Add(entry(key, mirth.El("object-array", mirth.El("awt-color", mirth.IntLeaf("red", color[0]), mirth.IntLeaf("green", color[1]),
				mirth.IntLeaf("blue", color[2]), mirth.IntLeaf("alpha", 255)), mirth.Leaf("string", shown))))
		}
	}
	return document(n), nil
}

// getDatabaseTasks lists none: there is nothing to clean up.
func (c *call) getDatabaseTasks() (*reply, error) { return document(emptyMap()), nil }

// getMaps are the global map, under null, and those of channels; none asked for is
// the maps of all that are deployed.
func (c *call) getMaps() (*reply, error) {
	ids := c.query["channelId"]
	if c.r.Method == http.MethodPost {
		var err error
		if ids, err = c.ids(); err != nil {
			return nil, err
		}
	} else if len(ids) == 0 {
		for _, ch := range c.wanted(nil, false) {
			ids = append(ids, ch.ID)
		}
	}
	all := mirth.El("map")
	if c.flag("includeGlobalMap") {
		values, _ := c.engine.Maps("")
		all.Add(mirth.El("entry", mirth.El("null"), mapNode(values)))
	}
	for _, id := range ids {
		if values, ok := c.engine.Maps(id); ok {
			all.Add(entry(id, mapNode(values)))
		}
	}
	return document(mirth.El("map", entry(c.engine.ServerID(), all))), nil
}

// getMap is the global map, or that of the channel in the path.
func (c *call) getMap() (*reply, error) {
	values, ok := c.engine.Maps(c.path["channelId"])
	if !ok {
		return nothing, nil
	}
	return document(mapNode(values)), nil
}

// mapNode is a map whose values are documents in texts, as clients read them.
func mapNode(values map[string]string) *mirth.Node {
	n := mirth.El("map")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		n.Add(entry(name, mirth.Leaf("string", string(mirth.Leaf("string", values[name]).Bytes()))))
	}
	return n
}
