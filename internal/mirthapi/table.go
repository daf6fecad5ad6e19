package mirthapi

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/weir-health/weir/internal/auth"
)

const (
	cookieName = "JSESSIONID" // also that of Weir's own API

	// public is the permission of what is served without a log-in.
	public = "public"
	anyone = auth.LoggedIn
)

// route is one operation.
type route struct {
	method, path string
	permission   string // without one nobody is served
	operation    string // Mirth's name of it
	do           func(*call) (*reply, error)

	kind   string // of the answer: "" XML or JSON, "bare" JSON or text, "text"
	body   string // "" XML or JSON, "text", "form", "multipart", "none": not looked at
	limit  int    // of the body in bytes; 0 is MaxBody
	ownToo bool   // also permitted to the user whose id is in the path
	segs   []string
}

func (rt *route) match(segments []string) (params map[string]string, fixed int, ok bool) {
	if len(segments) != len(rt.segs) {
		return nil, 0, false
	}
	for i, s := range rt.segs {
		if name, param := strings.CutPrefix(s, "{"); param {
			if params == nil {
				params = map[string]string{}
			}
			params[strings.TrimSuffix(name, "}")] = segments[i]
		} else if s != segments[i] {
			return nil, 0, false
		} else {
			fixed++
		}
	}
	return params, fixed, true
}

// types are those in which an answer can be given, the preferred one first.
func (rt *route) types(out *reply) []string {
	switch {
	case rt.kind == "text" || out.isText:
		return []string{typeText}
	case rt.kind == "bare":
		return []string{typeJSON, typeText}
	}
	return []string{typeXML, typeJSON}
}

// reads are operations that only look, and at nothing that is somebody's health.
// All others are events.
func (rt *route) quiet() bool {
	switch rt.operation {
	case "getAllMaps", "getGlobalMap", "getGlobalChannelMap", "getMessageContent", "searchMessages", "getAttachment", "getAttachmentsByMessageId", "getDICOMMessage", "getServerConfiguration":
		return false
	case "login", "logout", "inactivityLogout": // which make their own
		return true
	case "checkUserPassword":
		return true
	}
	return strings.HasPrefix(rt.operation, "get") || strings.HasPrefix(rt.operation, "is")
}

// title is the operation as Mirth's events name it: "Deploy channels".
func (rt *route) title() string {
	var b strings.Builder
	for i, r := range rt.operation {
		switch {
		case i == 0:
			b.WriteRune(unicode.ToUpper(r))
		case unicode.IsUpper(r):
			b.WriteByte(' ')
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// table is every operation there is. It is set in init order by routes, and read
// only from then on.
var table = prepare(routes())

func prepare(list []route) []route {
	for i := range list {
		list[i].segs = strings.Split(strings.Trim(list[i].path, "/"), "/")
	}
	return list
}

// Operations lists the method and the path of every operation.
func Operations() (list [][2]string) {
	for _, rt := range table {
		list = append(list, [2]string{rt.method, rt.path})
	}
	return list
}

func routes() []route {
	return []route{
		// Users
		{method: post, path: "/users/_login", permission: public, operation: "login", do: (*call).login, body: "form", limit: MaxLogin},
		{method: post, path: "/users/_logout", permission: anyone, operation: "logout", do: (*call).logout, body: "none"},
		{method: post, path: "/users/_inactivityLogout", permission: anyone, operation: "inactivityLogout", do: (*call).logout, body: "none"},
		{method: post, path: "/users", permission: "manageUsers", operation: "createUser", do: (*call).createUser},
		{method: get, path: "/users", permission: anyone, operation: "getAllUsers", do: (*call).getUsers},
		{method: get, path: "/users/current", permission: anyone, operation: "getCurrentUser", do: (*call).getCurrentUser},
		{method: post, path: "/users/_checkPassword", permission: anyone, operation: "checkUserPassword", do: (*call).checkPassword, body: "text", limit: MaxLogin},
		{method: get, path: "/users/{userIdOrName}", permission: "manageUsers", operation: "getUser", do: (*call).getUser},
		{method: put, path: "/users/{userId}", permission: "manageUsers", ownToo: true, operation: "updateUser", do: (*call).updateUser},
		{method: put, path: "/users/{userId}/password", permission: "manageUsers", ownToo: true, operation: "updateUserPassword", do: (*call).updatePassword, body: "text", limit: MaxLogin},
		{method: del, path: "/users/{userId}", permission: "manageUsers", operation: "removeUser", do: (*call).removeUser},
		{method: get, path: "/users/{userId}/loggedIn", permission: "manageUsers", ownToo: true, operation: "isUserLoggedIn", do: (*call).isLoggedIn},
		{method: get, path: "/users/{userId}/preferences", permission: "manageUsers", ownToo: true, operation: "getUserPreferences", do: (*call).getPreferences},
		{method: get, path: "/users/{userId}/preferences/{name}", permission: "manageUsers", ownToo: true, operation: "getUserPreference", do: (*call).getPreference, kind: "text"},
		{method: put, path: "/users/{userId}/preferences", permission: "manageUsers", ownToo: true, operation: "setUserPreferences", do: (*call).setPreferences},
		{method: put, path: "/users/{userId}/preferences/{name}", permission: "manageUsers", ownToo: true, operation: "setUserPreference", do: (*call).setPreference, body: "text"},
		{method: post, path: "/users/{userId}/notificationAcknowledged", permission: "manageUsers", ownToo: true, operation: "userNotificationAcknowledged", do: (*call).done, body: "none"},

		// Server
		{method: get, path: "/server/id", permission: anyone, operation: "getServerId", do: (*call).getServerID, kind: "text"},
		{method: get, path: "/server/version", permission: public, operation: "getVersion", do: (*call).getVersion, kind: "text"},
		{method: get, path: "/server/buildDate", permission: anyone, operation: "getBuildDate", do: (*call).getBuildDate, kind: "text"},
		{method: get, path: "/server/status", permission: public, operation: "getStatus", do: (*call).getServerStatus},
		{method: get, path: "/server/timezone", permission: anyone, operation: "getServerTimezone", do: (*call).getTimezone, kind: "text"},
		{method: get, path: "/server/time", permission: anyone, operation: "getServerTime", do: (*call).getTime},
		{method: get, path: "/server/jvm", permission: anyone, operation: "getJVMName", do: (*call).getJVM, kind: "text"},
		{method: get, path: "/server/about", permission: anyone, operation: "getAbout", do: (*call).getAbout},
		{method: get, path: "/server/configuration", permission: "backupServerConfiguration", operation: "getServerConfiguration", do: (*call).getConfiguration},
		{method: put, path: "/server/configuration", permission: "restoreServerConfiguration", operation: "setServerConfiguration", do: (*call).setConfiguration, limit: MaxWhole},
		{method: get, path: "/server/charsets", permission: anyone, operation: "getAvailableCharsetEncodings", do: (*call).getCharsets},
		{method: get, path: "/server/settings", permission: "viewServerSettings", operation: "getServerSettings", do: (*call).getSettings},
		{method: put, path: "/server/settings", permission: "editServerSettings", operation: "setServerSettings", do: (*call).setSettings},
		{method: get, path: "/server/publicSettings", permission: anyone, operation: "getPublicServerSettings", do: (*call).getPublicSettings},
		{method: get, path: "/server/property", permission: anyone, operation: "getProperty", do: (*call).done, kind: "text"},
		{method: get, path: "/server/encryption", permission: "viewServerSettings", operation: "getEncryptionSettings", do: (*call).getEncryption},
		{method: post, path: "/server/_testEmail", permission: "sendTestEmail", operation: "sendTestEmail", do: (*call).testEmail},
		{method: get, path: "/server/updateSettings", permission: anyone, operation: "getUpdateSettings", do: (*call).getUpdateSettings},
		{method: put, path: "/server/updateSettings", permission: "editServerSettings", operation: "setUpdateSettings", do: (*call).setUpdateSettings},
		{method: get, path: "/server/licenseInfo", permission: anyone, operation: "getLicenseInfo", do: (*call).getLicense},
		{method: post, path: "/server/_generateGUID", permission: anyone, operation: "getGuid", do: (*call).getGUID, kind: "text", body: "none"},
		{method: get, path: "/server/globalScripts", permission: "viewGlobalScripts", operation: "getGlobalScripts", do: (*call).getGlobalScripts},
		{method: put, path: "/server/globalScripts", permission: "editGlobalScripts", operation: "setGlobalScripts", do: (*call).setGlobalScripts},
		{method: get, path: "/server/configurationMap", permission: "viewConfigurationMap", operation: "getConfigurationMap", do: (*call).getConfigurationMap},
		{method: put, path: "/server/configurationMap", permission: "editConfigurationMap", operation: "setConfigurationMap", do: (*call).setConfigurationMap},
		{method: get, path: "/server/databaseDrivers", permission: anyone, operation: "getDatabaseDrivers", do: (*call).getDrivers},
		{method: put, path: "/server/databaseDrivers", permission: "editDatabaseDrivers", operation: "setDatabaseDrivers", do: (*call).setDrivers},
		{method: get, path: "/server/passwordRequirements", permission: anyone, operation: "getPasswordRequirements", do: (*call).getPasswordRequirements},
		{method: get, path: "/server/resources", permission: "viewResources", operation: "getResources", do: (*call).getResources},
		{method: put, path: "/server/resources", permission: "editResources", operation: "setResources", do: (*call).setResources},
		{method: post, path: "/server/resources/{resourceId}/_reload", permission: "reloadResources", operation: "reloadResource", do: (*call).done, body: "none"},
		{method: get, path: "/server/channelDependencies", permission: anyone, operation: "getChannelDependencies", do: (*call).getDependencies},
		{method: put, path: "/server/channelDependencies", permission: "manageChannels", operation: "setChannelDependencies", do: (*call).setDependencies},
		{method: get, path: "/server/channelMetadata", permission: anyone, operation: "getChannelMetadata", do: (*call).getMetadata},
		{method: put, path: "/server/channelMetadata", permission: "manageChannels", operation: "setChannelMetadata", do: (*call).setMetadata},
		{method: get, path: "/server/protocolsAndCipherSuites", permission: anyone, operation: "getProtocolsAndCipherSuites", do: (*call).getProtocols},
		{method: get, path: "/server/channelTags", permission: "viewTags", operation: "getChannelTags", do: (*call).getTags},
		{method: put, path: "/server/channelTags", permission: "manageTags", operation: "updateChannelTags", do: (*call).setTags},
		{method: get, path: "/server/rhinoLanguageVersion", permission: anyone, operation: "getRhinoLanguageVersion", do: (*call).getRhino},

		// Channels
		{method: post, path: "/channels", permission: "manageChannels", operation: "createChannel", do: (*call).createChannel, kind: "bare"},
		{method: get, path: "/channels", permission: "viewChannels", operation: "getChannels", do: (*call).getChannels},
		{method: post, path: "/channels/_getChannels", permission: "viewChannels", operation: "getChannels", do: (*call).getChannels},
		{method: get, path: "/channels/idsAndNames", permission: "viewChannels", operation: "getChannelIdsAndNames", do: (*call).getIDsAndNames},
		{method: get, path: "/channels/portsInUse", permission: "viewChannels", operation: "getChannelPortsInUse", do: (*call).getPorts},
		{method: post, path: "/channels/_getSummary", permission: "viewChannels", operation: "getChannelSummary", do: (*call).getSummary},
		{method: post, path: "/channels/_setEnabled", permission: "manageChannels", operation: "setChannelEnabled", do: (*call).setEnabled, body: "form", limit: MaxForm},
		{method: post, path: "/channels/{channelId}/enabled/{enabled}", permission: "manageChannels", operation: "setChannelEnabled", do: (*call).setEnabled, body: "none"},
		{method: post, path: "/channels/_setInitialState", permission: "manageChannels", operation: "setChannelInitialState", do: (*call).setInitialState, body: "form", limit: MaxForm},
		{method: post, path: "/channels/{channelId}/initialState/{initialState}", permission: "manageChannels", operation: "setChannelInitialState", do: (*call).setInitialState, body: "none"},
		{method: get, path: "/channels/{channelId}", permission: "viewChannels", operation: "getChannel", do: (*call).getChannel},
		{method: put, path: "/channels/{channelId}", permission: "manageChannels", operation: "updateChannel", do: (*call).updateChannel, kind: "bare"},
		{method: del, path: "/channels/{channelId}", permission: "manageChannels", operation: "removeChannel", do: (*call).removeChannels},
		{method: del, path: "/channels", permission: "manageChannels", operation: "removeChannels", do: (*call).removeChannels},
		{method: post, path: "/channels/_removeChannels", permission: "manageChannels", operation: "removeChannels", do: (*call).removeChannels},
		{method: get, path: "/channels/{channelId}/connectorNames", permission: "viewMessages", operation: "getConnectorNames", do: (*call).getConnectorNames},
		{method: get, path: "/channels/{channelId}/metaDataColumns", permission: "viewMessages", operation: "getMetaDataColumns", do: (*call).getMetaDataColumns},

		// Groups
		{method: get, path: "/channelgroups", permission: "viewChannelGroups", operation: "getChannelGroups", do: (*call).getGroups},
		{method: post, path: "/channelgroups/_getChannelGroups", permission: "viewChannelGroups", operation: "getChannelGroups", do: (*call).getGroups},
		{method: post, path: "/channelgroups/_bulkUpdate", permission: "manageChannels", operation: "updateChannelGroups", do: (*call).updateGroups, kind: "bare", body: "multipart"},

		// What runs
		{method: get, path: "/channels/{channelId}/status", permission: "viewDashboard", operation: "getChannelStatus", do: (*call).getStatus},
		{method: get, path: "/channels/statuses", permission: "viewDashboard", operation: "getChannelStatusList", do: (*call).getStatuses},
		{method: post, path: "/channels/statuses/_getChannelStatusList", permission: "viewDashboard", operation: "getChannelStatusList", do: (*call).getStatuses},
		{method: get, path: "/channels/statuses/initial", permission: "viewDashboard", operation: "getChannelStatusListInitial", do: (*call).getInitialStatuses},
		{method: post, path: "/channels/{channelId}/_start", permission: "startStopChannels", operation: "startChannels", do: control("start"), body: "none"},
		{method: post, path: "/channels/_start", permission: "startStopChannels", operation: "startChannels", do: control("start"), body: "form", limit: MaxForm},
		{method: post, path: "/channels/{channelId}/_stop", permission: "startStopChannels", operation: "stopChannels", do: control("stop"), body: "none"},
		{method: post, path: "/channels/_stop", permission: "startStopChannels", operation: "stopChannels", do: control("stop"), body: "form", limit: MaxForm},
		{method: post, path: "/channels/{channelId}/_halt", permission: "startStopChannels", operation: "haltChannels", do: control("halt"), body: "none"},
		{method: post, path: "/channels/_halt", permission: "startStopChannels", operation: "haltChannels", do: control("halt"), body: "form", limit: MaxForm},
		{method: post, path: "/channels/{channelId}/_pause", permission: "startStopChannels", operation: "pauseChannels", do: control("pause"), body: "none"},
		{method: post, path: "/channels/_pause", permission: "startStopChannels", operation: "pauseChannels", do: control("pause"), body: "form", limit: MaxForm},
		{method: post, path: "/channels/{channelId}/_resume", permission: "startStopChannels", operation: "resumeChannels", do: control("resume"), body: "none"},
		{method: post, path: "/channels/_resume", permission: "startStopChannels", operation: "resumeChannels", do: control("resume"), body: "form", limit: MaxForm},
		{method: post, path: "/channels/{channelId}/connector/{metaDataId}/_start", permission: "startStopChannels", operation: "startConnectors", do: controlConnectors(true), body: "none"},
		{method: post, path: "/channels/_startConnectors", permission: "startStopChannels", operation: "startConnectors", do: controlConnectors(true)},
		{method: post, path: "/channels/{channelId}/connector/{metaDataId}/_stop", permission: "startStopChannels", operation: "stopConnectors", do: controlConnectors(false), body: "none"},
		{method: post, path: "/channels/_stopConnectors", permission: "startStopChannels", operation: "stopConnectors", do: controlConnectors(false)},
		{method: post, path: "/channels/_redeployAll", permission: "deployUndeployChannels", operation: "redeployAllChannels", do: (*call).redeployAll, body: "none"},
		{method: post, path: "/channels/{channelId}/_deploy", permission: "deployUndeployChannels", operation: "deployChannels", do: (*call).deploy, body: "none"},
		{method: post, path: "/channels/_deploy", permission: "deployUndeployChannels", operation: "deployChannels", do: (*call).deploy},
		{method: post, path: "/channels/{channelId}/_undeploy", permission: "deployUndeployChannels", operation: "undeployChannels", do: (*call).undeploy, body: "none"},
		{method: post, path: "/channels/_undeploy", permission: "deployUndeployChannels", operation: "undeployChannels", do: (*call).undeploy},
		{method: get, path: "/channels/statistics", permission: "viewDashboard", operation: "getAllStatistics", do: (*call).getAllStatistics},
		{method: post, path: "/channels/statistics/_getStatistics", permission: "viewDashboard", operation: "getAllStatistics", do: (*call).postStatistics, body: "multipart"},
		{method: get, path: "/channels/{channelId}/statistics", permission: "viewDashboard", operation: "getStatistics", do: (*call).getStatistics},
		{method: post, path: "/channels/_clearStatistics", permission: "clearStatistics", operation: "clearStatistics", do: (*call).clearStatistics},
		{method: post, path: "/channels/_clearAllStatistics", permission: "clearLifetimeStats", operation: "clearAllStatistics", do: (*call).clearAllStatistics, body: "none"},

		// Code templates
		{method: get, path: "/codeTemplateLibraries", permission: "viewCodeTemplates", operation: "getCodeTemplateLibraries", do: (*call).getLibraries},
		{method: post, path: "/codeTemplateLibraries/_getCodeTemplateLibraries", permission: "viewCodeTemplates", operation: "getCodeTemplateLibraries", do: (*call).getLibraries},
		{method: get, path: "/codeTemplateLibraries/{libraryId}", permission: "viewCodeTemplates", operation: "getCodeTemplateLibrary", do: (*call).getLibrary},
		{method: put, path: "/codeTemplateLibraries", permission: "manageCodeTemplates", operation: "updateCodeTemplateLibraries", do: (*call).updateLibraries},
		{method: get, path: "/codeTemplates", permission: "viewCodeTemplates", operation: "getCodeTemplates", do: (*call).getTemplates},
		{method: post, path: "/codeTemplates/_getCodeTemplates", permission: "viewCodeTemplates", operation: "getCodeTemplates", do: (*call).getTemplates},
		{method: get, path: "/codeTemplates/{codeTemplateId}", permission: "viewCodeTemplates", operation: "getCodeTemplate", do: (*call).getTemplate},
		{method: post, path: "/codeTemplates/_getSummary", permission: "viewCodeTemplates", operation: "getCodeTemplateSummary", do: (*call).getTemplateSummary},
		{method: put, path: "/codeTemplates/{codeTemplateId}", permission: "manageCodeTemplates", operation: "updateCodeTemplate", do: (*call).updateTemplate},
		{method: del, path: "/codeTemplates/{codeTemplateId}", permission: "manageCodeTemplates", operation: "removeCodeTemplate", do: (*call).removeTemplate},
		{method: post, path: "/codeTemplateLibraries/_bulkUpdate", permission: "manageCodeTemplates", operation: "updateCodeTemplatesAndLibraries", do: (*call).bulkUpdateLibraries, body: "multipart"},

		// Alerts
		{method: post, path: "/alerts", permission: "manageAlerts", operation: "createAlert", do: (*call).putAlert},
		{method: get, path: "/alerts", permission: "viewAlerts", operation: "getAlert", do: (*call).getAlerts},
		{method: post, path: "/alerts/_getAlerts", permission: "viewAlerts", operation: "getAlert", do: (*call).getAlerts},
		{method: get, path: "/alerts/statuses", permission: "viewAlerts", operation: "getAlertStatusList", do: (*call).getAlertStatuses},
		{method: get, path: "/alerts/options", permission: "viewAlerts", operation: "getAlertProtocolOptions", do: (*call).getAlertOptions},
		{method: post, path: "/alerts/_getInfo", permission: "viewAlerts", operation: "getAlertInfo", do: (*call).getAlertInfo},
		{method: post, path: "/alerts/{alertId}/_getInfo", permission: "viewAlerts", operation: "getAlertInfo", do: (*call).getAlertInfo},
		{method: get, path: "/alerts/{alertId}", permission: "viewAlerts", operation: "getAlert", do: (*call).getAlert},
		{method: put, path: "/alerts/{alertId}", permission: "manageAlerts", operation: "updateAlert", do: (*call).putAlert},
		{method: post, path: "/alerts/{alertId}/_enable", permission: "manageAlerts", operation: "enableAlert", do: enableAlert(true), body: "none"},
		{method: post, path: "/alerts/{alertId}/_disable", permission: "manageAlerts", operation: "disableAlert", do: enableAlert(false), body: "none"},
		{method: del, path: "/alerts/{alertId}", permission: "manageAlerts", operation: "removeAlert", do: (*call).removeAlert},

		// Messages
		{method: post, path: "/channels/{channelId}/messages", permission: "processMessages", operation: "processMessages", do: (*call).processMessage, body: "text"},
		{method: post, path: "/channels/{channelId}/messagesWithObj", permission: "processMessages", operation: "processMessages", do: (*call).processRaw},
		{method: get, path: "/channels/{channelId}/messages", permission: "viewMessages", operation: "searchMessages", do: (*call).searchMessages},
		{method: post, path: "/channels/{channelId}/messages/_search", permission: "viewMessages", operation: "searchMessages", do: (*call).searchMessages},
		{method: get, path: "/channels/{channelId}/messages/count", permission: "viewMessages", operation: "getSearchCount", do: (*call).countMessages},
		{method: post, path: "/channels/{channelId}/messages/count/_search", permission: "viewMessages", operation: "getSearchCount", do: (*call).countMessages},
		{method: get, path: "/channels/{channelId}/messages/maxMessageId", permission: "viewMessages", operation: "getMaxMessageId", do: (*call).getMaxMessageID},
		{method: get, path: "/channels/{channelId}/messages/{messageId}", permission: "viewMessages", operation: "getMessageContent", do: (*call).getMessage},
		{method: get, path: "/channels/{channelId}/messages/{messageId}/attachments", permission: "viewMessages", operation: "getAttachmentsByMessageId", do: (*call).getAttachments},
		{method: get, path: "/channels/{channelId}/messages/{messageId}/attachments/{attachmentId}", permission: "viewMessages", operation: "getAttachment", do: (*call).getAttachment},
		{method: post, path: "/channels/{channelId}/messages/_reprocessWithFilter", permission: "reprocessResults", operation: "reprocessMessages", do: (*call).reprocess},
		{method: post, path: "/channels/{channelId}/messages/_reprocess", permission: "reprocessResults", operation: "reprocessMessages", do: (*call).reprocess, body: "none"},
		{method: post, path: "/channels/{channelId}/messages/{messageId}/_reprocess", permission: "reprocessMessages", operation: "reprocessMessage", do: (*call).reprocess, body: "none"},
		{method: post, path: "/channels/{channelId}/messages/_remove", permission: "removeResults", operation: "removeMessages", do: (*call).removeMessages},
		{method: del, path: "/channels/{channelId}/messages", permission: "removeResults", operation: "removeMessages", do: (*call).removeMessages},
		{method: del, path: "/channels/{channelId}/messages/_removeAll", permission: "removeAllMessages", operation: "removeAllMessages", do: (*call).removeAllMessages},
		{method: del, path: "/channels/{channelId}/messages/{messageId}", permission: "removeMessages", operation: "removeMessage", do: (*call).removeMessage},
		{method: del, path: "/channels/_removeAllMessages", permission: "removeAllMessages", operation: "removeAllMessages", do: (*call).removeAllMessages},
		{method: post, path: "/channels/_removeAllMessagesPost", permission: "removeAllMessages", operation: "removeAllMessages", do: (*call).removeAllMessages},
		{method: post, path: "/channels/{channelId}/messages/_import", permission: "importMessages", operation: "importMessage", do: (*call).importMessage},
		{method: post, path: "/channels/{channelId}/messages/_importFromPath", permission: "importMessages", operation: "importMessageServer", do: (*call).importFromPath, body: "text", limit: MaxLogin},
		{method: post, path: "/channels/{channelId}/messages/_export", permission: "exportMessagesServer", operation: "exportMessage", do: (*call).exportMessages, body: "none"},
		{method: post, path: "/channels/{channelId}/messages/_exportUsingFilter", permission: "exportMessagesServer", operation: "exportMessage", do: (*call).exportUsingFilter, body: "multipart"},
		{method: post, path: "/channels/{channelId}/messages/{messageId}/attachments/{attachmentId}/_export", permission: "exportMessagesServer", operation: "exportAttachment", do: (*call).exportAttachment, body: "text", limit: MaxLogin},
		{method: post, path: "/channels/_auditAccessedPHIMessage", permission: anyone, operation: "auditAccessedPHIMessage", do: (*call).auditOnly},
		{method: post, path: "/channels/_auditQueriedPHIMessage", permission: anyone, operation: "auditQueriedPHIMessage", do: (*call).auditOnly},
		{method: post, path: "/channels/_auditExportMessages", permission: anyone, operation: "auditExportMessages", do: (*call).auditOnly},
		{method: post, path: "/channels/_auditExportMessagesSuccess", permission: anyone, operation: "auditExportMessagesSuccess", do: (*call).auditOnly},

		// Events
		{method: get, path: "/events/maxEventId", permission: "viewEvents", operation: "getMaxEventId", do: (*call).getMaxEventID, kind: "bare"},
		{method: get, path: "/events", permission: "viewEvents", operation: "getEvents", do: (*call).getEvents},
		{method: post, path: "/events/_search", permission: "viewEvents", operation: "getEvents", do: (*call).getEvents},
		{method: get, path: "/events/count", permission: "viewEvents", operation: "getEventCount", do: (*call).countEvents, kind: "bare"},
		{method: post, path: "/events/count/_search", permission: "viewEvents", operation: "getEventCount", do: (*call).countEvents, kind: "bare"},
		{method: post, path: "/events/_export", permission: "viewEvents", operation: "exportAllEvents", do: (*call).exportEvents, kind: "text", body: "none"},
		{method: get, path: "/events/{eventId}", permission: "viewEvents", operation: "getEvent", do: (*call).getEvent},

		// Extensions
		{method: get, path: "/extensions/connectors", permission: anyone, operation: "getConnectorMetaData", do: (*call).getConnectorTypes},
		{method: get, path: "/extensions/plugins", permission: anyone, operation: "getPluginMetaData", do: (*call).getPlugins},
		{method: get, path: "/extensions/{extensionName}", permission: anyone, operation: "getMetaDataByName", do: (*call).getExtension},
		{method: get, path: "/extensions/{extensionName}/enabled", permission: anyone, operation: "isExtensionEnabled", do: (*call).isExtensionEnabled},
		{method: get, path: "/extensions/{extensionName}/properties", permission: "viewServerSettings", operation: "getPluginProperties", do: (*call).getPluginProperties},
		{method: put, path: "/extensions/{extensionName}/properties", permission: "editServerSettings", operation: "setPluginProperties", do: (*call).setPluginProperties},
		{method: post, path: "/extensions/{extensionName}/_setEnabled", permission: "manageExtensions", operation: "setExtensionEnabled", do: (*call).setExtensionEnabled, body: "none"},
		{method: get, path: "/extensions/dashboardstatus/channelStates", permission: "viewDashboard", operation: "getChannelStates", do: (*call).getChannelStates},
		{method: get, path: "/extensions/dashboardstatus/channelStates/{channelId}", permission: "viewDashboard", operation: "getChannelState", do: (*call).getChannelState, kind: "text"},
		{method: get, path: "/extensions/dashboardstatus/connectorStates", permission: "viewDashboard", operation: "getStates", do: (*call).getConnectorStates},
		{method: get, path: "/extensions/dashboardstatus/connectionLogs", permission: "viewDashboard", operation: "getConnectionInfoLogs", do: (*call).getConnectionLog},
		{method: get, path: "/extensions/dashboardstatus/connectionLogs/{channelId}", permission: "viewDashboard", operation: "getConnectionInfoLogs", do: (*call).getConnectionLog},
		{method: get, path: "/extensions/serverlog", permission: "viewServerLog", operation: "getMirthServerLogs", do: (*call).getServerLog},
		{method: get, path: "/extensions/globalmapviewer/maps/all", permission: "viewMessages", operation: "getAllMaps", do: (*call).getMaps},
		{method: get, path: "/extensions/globalmapviewer/maps/global", permission: "viewMessages", operation: "getGlobalMap", do: (*call).getMap},
		{method: get, path: "/extensions/globalmapviewer/maps/{channelId}", permission: "viewMessages", operation: "getGlobalChannelMap", do: (*call).getMap},
		{method: post, path: "/extensions/globalmapviewer/maps/_getAllMaps", permission: "viewMessages", operation: "getAllMaps", do: (*call).getMaps},
		{method: get, path: "/extensions/directoryresource/resources/{resourceId}/libraries", permission: anyone, operation: "getLibraries", do: (*call).getResourceLibraries},
		{method: get, path: "/extensions/datapruner/status", permission: "viewServerSettings", operation: "getDataPrunerStatusMap", do: (*call).getPruner},
		{method: post, path: "/extensions/datapruner/_start", permission: "removeResults", operation: "startDataPruner", do: (*call).startPruner, body: "none"},
		{method: post, path: "/extensions/datapruner/_stop", permission: "removeResults", operation: "stopDataPruner", do: (*call).stopPruner, body: "none"},

		// Connections that are tried. Mirth lets everybody do that who has logged in.
		{method: post, path: "/connectors/tcp/_testConnection", permission: "manageChannels", operation: "testConnection", do: testConnector("com.mirth.connect.connectors.tcp.TcpDispatcherProperties", "TCP Sender", false)},
		{method: post, path: "/connectors/http/_testConnection", permission: "manageChannels", operation: "testConnection", do: testConnector("com.mirth.connect.connectors.http.HttpDispatcherProperties", "HTTP Sender", false)},
		{method: post, path: "/connectors/ws/_testConnection", permission: "manageChannels", operation: "testConnection", do: testConnector("com.mirth.connect.connectors.ws.WebServiceDispatcherProperties", "Web Service Sender", false)},
		{method: post, path: "/connectors/file/_testRead", permission: "manageChannels", operation: "testRead", do: testConnector("com.mirth.connect.connectors.file.FileReceiverProperties", "File Reader", true)},
		{method: post, path: "/connectors/file/_testWrite", permission: "manageChannels", operation: "testWrite", do: testConnector("com.mirth.connect.connectors.file.FileDispatcherProperties", "File Writer", false)},
		{method: post, path: "/connectors/doc/_testWrite", permission: "manageChannels", operation: "testWrite", do: (*call).testDirectory, body: "text", limit: MaxLogin},
		{method: post, path: "/connectors/smtp/_sendTestEmail", permission: "manageChannels", operation: "sendTestEmail", do: (*call).testSMTP},

		{method: get, path: "/databaseTasks", permission: "viewServerSettings", operation: "getDatabaseTasks", do: (*call).getDatabaseTasks},
		// What Weir does not do, and says so.
		{method: get, path: "/databaseTasks/{databaseTaskId}", permission: "viewServerSettings", operation: "getDatabaseTask", do: (*call).none},
		{method: post, path: "/databaseTasks/{databaseTaskId}/_run", permission: "editServerSettings", operation: "runDatabaseTask", do: noTasks, body: "none"},
		{method: post, path: "/databaseTasks/{databaseTaskId}/_cancel", permission: "editServerSettings", operation: "cancelDatabaseTask", do: noTasks, body: "none"},
		{method: post, path: "/extensions/_install", permission: "manageExtensions", operation: "installExtension", do: noExtensions, body: "none"},
		{method: post, path: "/extensions/_uninstall", permission: "manageExtensions", operation: "uninstallExtension", do: noExtensions, body: "none"},
		{method: post, path: "/channels/{channelId}/messages/{messageId}/_getDICOMMessage", permission: "viewMessages", operation: "getDICOMMessage", do: noDICOM, body: "none"},
		{method: post, path: "/connectors/jdbc/_getTables", permission: "manageChannels", operation: "getTables", do: noTables, body: "none"},
		{method: get, path: "/connectors/jms/templates", permission: "viewChannels", operation: "getTemplates", do: (*call).noTemplates},
		{method: get, path: "/connectors/jms/templates/{templateName}", permission: "viewChannels", operation: "getTemplate", do: (*call).none},
		{method: put, path: "/connectors/jms/templates/{templateName}", permission: "manageChannels", operation: "saveTemplate", do: noJMS, body: "none"},
		{method: del, path: "/connectors/jms/templates/{templateName}", permission: "manageChannels", operation: "saveTemplate", do: noJMS, body: "none"},
		{method: post, path: "/connectors/ws/_cacheWsdlFromUrl", permission: "manageChannels", operation: "cacheWsdlFromUrl", do: noWSDL, body: "none"},
		{method: post, path: "/connectors/ws/_isWsdlCached", permission: "manageChannels", operation: "isWsdlCached", do: (*call).notCached, body: "none"},
		{method: post, path: "/connectors/ws/_getDefinition", permission: "manageChannels", operation: "getDefinition", do: noWSDL, body: "none"},
		{method: post, path: "/connectors/ws/_generateEnvelope", permission: "manageChannels", operation: "generateEnvelope", do: noWSDL, body: "none"},
		{method: post, path: "/connectors/ws/_getSoapAction", permission: "manageChannels", operation: "getSoapAction", do: noWSDL, body: "none"},
		{method: get, path: "/system/stats", permission: anyone, operation: "getStats", do: (*call).getStats},
		{method: get, path: "/system/info", permission: anyone, operation: "getJVMInfo", do: (*call).getSystemInfo},
		{method: post, path: "/usageData/_generate", permission: anyone, operation: "getUsageData", do: (*call).done, kind: "text", body: "none"},
	}
}
