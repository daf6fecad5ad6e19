package mirthapi

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/weir-health/weir/internal/auth"
	"github.com/weir-health/weir/internal/mirth"
)

func (c *call) getServerID() (*reply, error) { return text(c.engine.ServerID()), nil }
func (c *call) getVersion() (*reply, error)  { return text(ServerVersion), nil }
func (c *call) getGUID() (*reply, error)     { return text(uuid.NewString()), nil }
func (c *call) getRhino() (*reply, error)    { return document(mirth.IntLeaf("int", 200)), nil }

// getBuildDate is the date of the version that is spoken, which clients show.
func (c *call) getBuildDate() (*reply, error) { return text("September 20, 2024"), nil }

func (c *call) getJVM() (*reply, error) { return text("Weir, built with " + runtime.Version()), nil }

// getServerStatus is 0 when all is well, and 3 while channels are deployed.
func (c *call) getServerStatus() (*reply, error) {
	status := int64(0)
	if !c.engine.Ready() {
		status = 3
	}
	return document(mirth.IntLeaf("int", status)), nil
}

func (c *call) getTimezone() (*reply, error) {
	name, offset := c.now().Zone()
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	hours := fmt.Sprint(offset / 3600)
	if minutes := offset % 3600 / 60; minutes != 0 {
		hours += fmt.Sprintf(":%02d", minutes)
	}
	return text(fmt.Sprintf("%s (%s %s%s)", name, name, sign, hours)), nil
}

func (c *call) getTime() (*reply, error) {
	return document(calendar("gregorian-calendar", c.now())), nil
}

func (c *call) getAbout() (*reply, error) {
	versions := func(names []string) *mirth.Node {
		m := mirth.El("map")
		for _, name := range names {
			m.Add(entry(name, mirth.Leaf("string", ServerVersion)))
		}
		return m
	}
	return document(mirth.El("map",
		entry("name", mirth.Leaf("string", "Weir")),
		entry("version", mirth.Leaf("string", ServerVersion)),
		entry("date", mirth.Leaf("string", "September 20, 2024")),
		entry("database", mirth.Leaf("string", "sqlite")),
		entry("channelCount", mirth.IntLeaf("int", int64(len(c.engine.Channels())))),
		entry("plugins", versions(c.pluginNames())),
		entry("connectors", versions(c.connectorNames())),
	)), nil
}

// getCharsets names what connectors read and write.
func (c *call) getCharsets() (*reply, error) {
	n := mirth.El("list")
	for _, name := range []string{"Big5", "EUC-JP", "EUC-KR", "GB18030", "GBK", "ISO-2022-JP", "ISO-8859-1", "ISO-8859-2", "ISO-8859-3",
		"ISO-8859-4", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7", "ISO-8859-8", "ISO-8859-9", "ISO-8859-13", "ISO-8859-15", "KOI8-R",
		"Shift_JIS", "US-ASCII", "UTF-16", "UTF-16BE", "UTF-16LE", "UTF-8", "windows-1250", "windows-1251", "windows-1252", "windows-1253",
		"windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258"} {
		n.Add(mirth.Leaf("string", name))
	}
	return document(n), nil
}

func (c *call) getProtocols() (*reply, error) {
	protocols := []string{"TLSv1.3", "TLSv1.2"}
	var suites []string
	for _, s := range tls.CipherSuites() {
		suites = append(suites, s.Name)
	}
	n := mirth.El("map")
	for _, e := range []struct {
		name string
		list []string
	}{
		{"supportedProtocols", protocols}, {"enabledClientProtocols", protocols}, {"enabledServerProtocols", protocols},
		{"supportedCipherSuites", suites}, {"enabledCipherSuites", suites},
	} {
		array := mirth.El("string-array")
		for _, s := range e.list {
			array.Add(mirth.Leaf("string", s))
		}
		n.Add(entry(e.name, array))
	}
	return document(n), nil
}

// exportKey is what clients encrypt exported messages with. It is made at start
// and is no key of anything that is kept here.
var exportKey = sync.OnceValue(func() string {
	key := make([]byte, 16)
	rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
})

func (c *call) getEncryption() (*reply, error) {
	n := mirth.El("com.mirth.connect.model.EncryptionSettings")
	for _, f := range [][2]string{
		{"encryptExport", "false"}, {"encryptProperties", "false"}, {"encryptionAlgorithm", "AES/CBC/PKCS5Padding"},
		{"encryptionCharset", "UTF-8"}, {"encryptionFallbackAlgorithm", "AES"}, {"encryptionFallbackCharset", "UTF-8"},
		{"encryptionKeyLength", "128"}, {"digestAlgorithm", "PBKDF2WithHmacSHA256"}, {"digestSaltSize", "8"},
		{"digestIterations", "600000"}, {"digestUsePBE", "true"}, {"digestKeySize", "256"}, {"digestFallbackAlgorithm", "SHA256"},
		{"digestFallbackSaltSize", "8"}, {"digestFallbackIterations", "1000"}, {"digestFallbackUsePBE", "false"},
		{"digestFallbackKeySize", "256"}, {"securityProvider", "org.bouncycastle.jce.provider.BouncyCastleProvider"},
		{"secretKey", exportKey()},
	} {
		n.Add(mirth.Leaf(f[0], f[1]))
	}
	return document(n), nil
}

func (c *call) getLicense() (*reply, error) {
	n := mirth.El("com.mirth.connect.model.LicenseInfo")
	for _, name := range []string{"activated", "online", "error", "warning", "padlockWarning", "padlock", "expired", "keyNotFound", "unauthorized"} {
		n.Add(mirth.BoolLeaf(name, false))
	}
	return document(n.Add(mirth.El("extensions"), mirth.El("unpermittedExtensions"), mirth.El("downloadedExtensions"))), nil
}

func (c *call) getPasswordRequirements() (*reply, error) {
	n := mirth.El("passwordRequirements", mirth.IntLeaf("minLength", auth.MinPassword))
	for _, name := range []string{"minUpper", "minLower", "minNumeric", "minSpecial", "retryLimit", "lockoutPeriod", "expiration", "gracePeriod", "reusePeriod", "reuseLimit"} {
		n.Add(mirth.IntLeaf(name, 0))
	}
	return document(n), nil
}

func (c *call) getSystemInfo() (*reply, error) {
	return document(mirth.El("com.mirth.connect.model.SystemInfo", mirth.Leaf("jvmVersion", runtime.Version()), mirth.Leaf("osName", runtime.GOOS),
		mirth.Leaf("osVersion", ""), mirth.Leaf("osArchitecture", runtime.GOARCH), mirth.Leaf("dbName", "SQLite"), mirth.Leaf("dbVersion", ""))), nil
}

// defaultSettings are those of a server that nobody has changed.
func defaultSettings() *mirth.Node {
	column := func(name, mapping string) *mirth.Node {
		return mirth.El("metaDataColumn", mirth.Leaf("name", name), mirth.Leaf("type", "STRING"), mirth.Leaf("mappingName", mapping))
	}
	return mirth.El("serverSettings",
		mirth.BoolLeaf("clearGlobalMap", true), mirth.IntLeaf("queueBufferSize", 1000),
		mirth.El("defaultMetaDataColumns", column("SOURCE", "mirth_source"), column("TYPE", "mirth_type")),
		mirth.El("defaultAdministratorBackgroundColor", mirth.IntLeaf("red", 97), mirth.IntLeaf("green", 109), mirth.IntLeaf("blue", 118), mirth.IntLeaf("alpha", 255)),
		mirth.Leaf("smtpHost", ""), mirth.Leaf("smtpPort", ""), mirth.Leaf("smtpTimeout", "5000"), mirth.Leaf("smtpFrom", ""), mirth.Leaf("smtpSecure", "0"),
		mirth.BoolLeaf("smtpAuth", false), mirth.Leaf("smtpUsername", ""), mirth.Leaf("smtpPassword", ""),
		mirth.BoolLeaf("loginNotificationEnabled", false), mirth.Leaf("loginNotificationMessage", ""),
		mirth.BoolLeaf("administratorAutoLogoutIntervalEnabled", false), mirth.IntLeaf("administratorAutoLogoutIntervalField", 5))
}

func (c *call) getSettings() (*reply, error) {
	n, err := c.kept(settingsFile, defaultSettings)
	if err != nil {
		return nil, err
	}
	return document(n), nil
}

func (c *call) getPublicSettings() (*reply, error) {
	n, err := c.kept(settingsFile, defaultSettings)
	if err != nil {
		return nil, err
	}
	n = n.Renamed("com.mirth.connect.model.PublicServerSettings")
	n.Children = slices.DeleteFunc(n.Children, func(f *mirth.Node) bool { return strings.HasPrefix(f.Name, "smtp") })
	return document(n), nil
}

func (c *call) setSettings() (*reply, error) { return c.replace(settingsFile, "serverSettings") }

func defaultUpdateSettings() *mirth.Node {
	return mirth.El("updateSettings", mirth.BoolLeaf("statsEnabled", false), mirth.IntLeaf("lastStatsTime", 0)).Version()
}

func (c *call) getUpdateSettings() (*reply, error) {
	n, err := c.kept(updateFile, defaultUpdateSettings)
	if err != nil {
		return nil, err
	}
	return document(n), nil
}

func (c *call) setUpdateSettings() (*reply, error) { return c.replace(updateFile, "updateSettings") }

// replace keeps the body as it is.
func (c *call) replace(name string, roots ...string) (*reply, error) {
	n, err := c.root(roots...)
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	return nothing, c.keep(name, n)
}

func defaultResources() *mirth.Node {
	return mirth.El("list", mirth.El("com.mirth.connect.plugins.directoryresource.DirectoryResourceProperties",
		mirth.Leaf("pluginPointName", "Directory Resource"), mirth.Leaf("type", "Directory"), mirth.Leaf("id", "Default Resource"),
		mirth.Leaf("name", "[Default Resource]"), mirth.Leaf("description", "Loads libraries from the custom-lib folder in the Mirth Connect home directory."),
		mirth.BoolLeaf("includeWithGlobalScripts", true), mirth.BoolLeaf("loadParentFirst", false), mirth.Leaf("directory", "custom-lib"),
		mirth.BoolLeaf("directoryRecursion", true)).Version())
}

func (c *call) getResources() (*reply, error) {
	n, err := c.kept(resourcesFile, defaultResources)
	if err != nil {
		return nil, err
	}
	return document(n), nil
}

func (c *call) setResources() (*reply, error) { return c.replace(resourcesFile, collectionRoots...) }

// getResourceLibraries lists no libraries: there are none of Java here.
func (c *call) getResourceLibraries() (*reply, error) { return document(emptyList()), nil }

// drivers are those that the database connectors speak.
func drivers() *mirth.Node {
	n := mirth.El("list")
	for _, d := range [][4]string{
		{"com.mysql.cj.jdbc.Driver", "MySQL", "jdbc:mysql://host:port/dbname", "SELECT * FROM ? LIMIT 1"},
		{"oracle.jdbc.driver.OracleDriver", "Oracle", "jdbc:oracle:thin:@host:port:dbname", "SELECT * FROM ? WHERE ROWNUM < 2"},
		{"org.postgresql.Driver", "PostgreSQL", "jdbc:postgresql://host:port/dbname", "SELECT * FROM ? LIMIT 1"},
		{"net.sourceforge.jtds.jdbc.Driver", "SQL Server/Sybase (jTDS)", "jdbc:jtds:sqlserver://host:port/dbname", "SELECT TOP 1 * FROM ?"},
		{"com.microsoft.sqlserver.jdbc.SQLServerDriver", "Microsoft SQL Server", "jdbc:sqlserver://host:port;databaseName=dbname", "SELECT TOP 1 * FROM ?"},
		{"org.sqlite.JDBC", "SQLite", "jdbc:sqlite:dbfile.db", "SELECT * FROM ? LIMIT 1"},
	} {
		n.Add(mirth.El("driverInfo", mirth.Leaf("className", d[0]), mirth.Leaf("name", d[1]), mirth.Leaf("template", d[2]),
			mirth.Leaf("selectLimit", d[3]), mirth.El("alternativeClassNames")))
	}
	return n
}

func (c *call) getDrivers() (*reply, error) {
	n, err := c.kept(driversFile, drivers)
	if err != nil {
		return nil, err
	}
	return document(n), nil
}

func (c *call) setDrivers() (*reply, error) { return c.replace(driversFile, collectionRoots...) }

// scriptNames are the global scripts in the order in which Mirth lists them, which
// mirthSync compares line by line.
var scriptNames = []string{"Undeploy", "Postprocessor", "Deploy", "Preprocessor"}

var defaultScripts = map[string]string{
	"Deploy":        "// This script executes once for each deploy or redeploy task\n// You only have access to the globalMap here to persist data\nreturn;",
	"Undeploy":      "// This script executes once for each deploy, undeploy, or redeploy task\n// if at least one channel was undeployed\n// You only have access to the globalMap here to persist data\nreturn;",
	"Preprocessor":  "// Modify the message variable below to pre process data\n// This script applies across all channels\nreturn message;",
	"Postprocessor": "// This script executes once after a message has been processed\n// This script applies across all channels\n// Responses returned from here will be stored as \"Postprocessor\" in the response map\n// You have access to \"response\", if returned from the channel postprocessor\nreturn;",
}

// globalScripts are all four, whichever were sent.
func (c *call) globalScripts() (*mirth.Node, error) {
	sent, err := c.kept(scriptsFile, emptyMap)
	if err != nil {
		return nil, err
	}
	return inOrder(sent), nil
}

func inOrder(sent *mirth.Node) *mirth.Node {
	scripts := map[string]string{}
	for key, value := range pairs(sent) {
		scripts[key] = value.Text
	}
	n := mirth.El("map")
	for _, name := range scriptNames {
		code, ok := scripts[name]
		if !ok {
			code = defaultScripts[name]
		}
		n.Add(entry(name, mirth.Leaf("string", code)))
	}
	return n
}

func (c *call) getGlobalScripts() (*reply, error) {
	n, err := c.globalScripts()
	if err != nil {
		return nil, err
	}
	return document(n), nil
}

func (c *call) setGlobalScripts() (*reply, error) {
	n, err := c.root(mapRoots...)
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	return nothing, c.keep(scriptsFile, inOrder(n))
}

func (c *call) getConfigurationMap() (*reply, error) {
	n, err := c.kept(configurationFile, emptyMap)
	if err != nil {
		return nil, err
	}
	return document(n), nil
}

func (c *call) setConfigurationMap() (*reply, error) {
	n, err := c.root(mapRoots...)
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	return nothing, c.keep(configurationFile, collection("map", "entry", n))
}

func (c *call) getDependencies() (*reply, error) {
	n, err := c.kept(dependenciesFile, emptySet)
	if err != nil {
		return nil, err
	}
	return document(n), nil
}

func (c *call) setDependencies() (*reply, error) {
	n, err := c.root(collectionRoots...)
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	return nothing, c.keep(dependenciesFile, collection("set", "channelDependency", n))
}

func (c *call) getTags() (*reply, error) {
	n, err := c.kept(tagsFile, emptySet)
	if err != nil {
		return nil, err
	}
	return document(n), nil
}

func (c *call) setTags() (*reply, error) {
	n, err := c.root(collectionRoots...)
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	return nothing, c.keep(tagsFile, collection("set", "channelTag", n))
}

// getConfiguration is the backup of a server: all that is kept, in Mirth's order.
func (c *call) getConfiguration() (*reply, error) {
	n := mirth.El("serverConfiguration").Version()
	add := func(name string, from *mirth.Node, err error) error {
		if err == nil {
			n.Add(&mirth.Node{Name: name, Children: from.Children, Short: true})
		}
		return err
	}
	section := func(name, kept string, absent func() *mirth.Node) error {
		from, err := c.kept(kept, absent)
		return add(name, from, err)
	}
	if err := section("channelGroups", groupsFile, emptyList); err != nil {
		return nil, err
	}
	channels := mirth.El("channels")
	for _, ch := range c.channels() {
		doc := mirth.ChannelDocument(ch.Channel)
		metadata := metadataOf(doc, ch)
		doc.Put(mirth.El("exportData", metadata))
		if state := c.query.Get("initialState"); state != "" && (!c.flag("pollingOnly") || polls(doc)) {
			doc.At("properties").SetText("initialState", state)
		}
		channels.Add(doc)
	}
	n.Add(channels)
	if err := section("channelTags", tagsFile, emptySet); err != nil {
		return nil, err
	}
	alerts, err := c.kept(alertsFile, emptyList)
	if err != nil {
		return nil, err
	}
	if c.flag("disableAlerts") {
		for _, a := range alerts.Children {
			a.SetText("enabled", "false")
		}
	}
	add("alerts", alerts, nil)
	libraries, err := c.libraries()
	if err := add("codeTemplateLibraries", libraries, err); err != nil {
		return nil, err
	}
	for _, whole := range []struct {
		file   string
		absent func() *mirth.Node
	}{{settingsFile, defaultSettings}, {updateFile, defaultUpdateSettings}} {
		one, err := c.kept(whole.file, whole.absent)
		if err != nil {
			return nil, err
		}
		n.Add(one)
	}
	scripts, err := c.globalScripts()
	if err := add("globalScripts", scripts, err); err != nil {
		return nil, err
	}
	if err := section("pluginProperties", pluginsFile, defaultPlugins); err != nil {
		return nil, err
	}
	resources, err := c.kept(resourcesFile, defaultResources)
	if err != nil {
		return nil, err
	}
	n.Add(mirth.El("resourceProperties", resources.Renamed("list")))
	if err := section("channelDependencies", dependenciesFile, emptySet); err != nil {
		return nil, err
	}
	if err := section("configurationMap", configurationFile, emptyMap); err != nil {
		return nil, err
	}
	return document(n), nil
}

// setConfiguration restores a backup: what there is gives way to what is in it,
// all at once.
func (c *call) setConfiguration() (*reply, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	// A backup takes much memory once: meanwhile it is collected sooner, so that the
	// engine does not stay as large.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	n, err := c.root("serverConfiguration")
	if err != nil {
		return nil, err
	}
	c.body = nil
	files := map[string][]byte{}
	for _, s := range []struct{ name, file, root, item string }{
		{"channelGroups", groupsFile, "list", "channelGroup"}, {"channelTags", tagsFile, "set", "channelTag"},
		{"alerts", alertsFile, "list", "alertModel"}, {"codeTemplateLibraries", librariesFile, "list", "codeTemplateLibrary"},
		{"globalScripts", scriptsFile, "map", "entry"}, {"pluginProperties", pluginsFile, "map", "entry"},
		{"channelDependencies", dependenciesFile, "set", "channelDependency"}, {"configurationMap", configurationFile, "map", "entry"},
	} {
		if s.name == "configurationMap" && !c.flag("overwriteConfigMap") {
			continue
		}
		if section := n.At(s.name); section != nil {
			list := collection(s.root, s.item, section)
			if s.name == "globalScripts" {
				list = inOrder(list)
			}
			if s.item != "entry" && s.root == "list" {
				byName(list)
			}
			files[s.file] = file(list)
		}
	}
	for name, kept := range map[string]string{"serverSettings": settingsFile, "updateSettings": updateFile} {
		if section := n.At(name); section != nil {
			files[kept] = file(section)
		}
	}
	if section := n.At("resourceProperties", "list"); section != nil {
		files[resourcesFile] = file(section)
	}
	var ids []string
	known := map[string]*Channel{}
	for _, ch := range c.engine.Channels() {
		known[ch.ID] = ch
	}
	channels := n.At("channels").Items()
	for i, doc := range channels {
		channels[i] = nil
		if doc.Name != "channel" {
			continue
		}
		id := doc.TextAt("id")
		if ch := known[id]; ch != nil && !ch.Kept {
			return nil, readOnly(ch)
		}
		fresh, err := c.read(doc)
		if err != nil {
			return nil, err
		}
		kept, err := c.stored(fresh, doc.At("exportData", "metadata"), revision(doc))
		if err != nil {
			return nil, err
		}
		name, err := channelFile(id)
		if err != nil {
			return nil, err
		}
		files[name] = file(kept)
		ids = append(ids, id)
	}
	ctx := context.WithoutCancel(c.r.Context())
	for _, ch := range c.engine.Channels() {
		if ch.Kept && ch.Status != nil {
			if err := c.engine.Undeploy(ctx, ch.ID); err != nil {
				c.log.Warn("The channel did not stop in order before the restored configuration", "channel", ch.Name, "error", err)
			}
		}
		if ch.Kept && !slices.Contains(ids, ch.ID) {
			name, err := channelFile(ch.ID)
			if err != nil {
				return nil, err
			}
			files[name] = nil
		}
	}
	c.note("channels", fmt.Sprint(len(ids)))
	if err := c.withGivenItems(files); err != nil {
		return nil, err
	}
	if err := c.keepAll(files); err != nil {
		return nil, err
	}
	if c.flag("deploy") {
		return nothing, c.engine.RedeployAll(ctx)
	}
	return nothing, nil
}

// when is a time that a client sent in a calendar element.
func when(n *mirth.Node) (time.Time, bool) {
	var ms int64
	if n == nil {
		return time.Time{}, false
	}
	if _, err := fmt.Sscanf(n.TextAt("time"), "%d", &ms); err != nil {
		return time.Time{}, false
	}
	return time.UnixMilli(ms), true
}
