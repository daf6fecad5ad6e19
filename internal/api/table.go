package api

import (
	"net/http"
	"slices"

	"github.com/weir-health/weir/internal/auth"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

const (
	// public is the permission of what is served without a log-in.
	public = "public"
	anyone = auth.LoggedIn
)

// routes are every operation there is, with the permission that it needs.
func routes() []route {
	return slices.Concat(ownRoutes(), channelRoutes(), messageRoutes(), accountRoutes(), historyRoutes(), attachmentRoutes())
}

func ownRoutes() []route {
	return []route{
		{method: get, path: "/openapi.json", permission: public, name: "Describe the API", handler: op((*call).describe)},
		{method: post, path: "/session", permission: public, name: "Login", handler: op((*call).login), limit: maxLogin},
		{method: del, path: "/session", permission: anyone, name: "Logout", handler: op((*call).logout)},
		{method: get, path: "/me", permission: anyone, name: "Tell who asks", handler: op((*call).me)},
		{method: put, path: "/me/password", permission: anyone, name: "Change own password", handler: op((*call).ownPassword), limit: maxLogin},
	}
}

const channelPath = "/channels/{channel}"

func channelRoutes() []route {
	list := []route{
		{method: get, path: "/channels", permission: "viewDashboard", name: "List channels", handler: op((*call).channels)},
		{method: put, path: "/channels", permission: "manageChannels", name: "Apply channel file", handler: op((*call).apply), limit: maxFile},
		{method: get, path: channelPath + "/file", permission: "viewChannels", name: "Get channel file", handler: op((*call).file)},
		{method: post, path: channelPath + "/test", permission: "startStopChannels", name: "Test connections", handler: op((*call).test)},
		{method: post, path: channelPath + "/prune", permission: "removeResults", name: "Prune channel", handler: op((*call).prune)},
		{method: get, path: "/pruning", permission: "viewDashboard", name: "Get pruning", handler: op((*call).pruning)},
		{method: post, path: "/pruning", permission: "removeResults", name: "Prune channels", handler: op((*call).pruneAll)},
		{method: del, path: "/pruning", permission: "removeResults", name: "Stop pruning", handler: op((*call).stopPruning)},
		{method: get, path: channelPath + "/statistics", permission: "viewDashboard", name: "Get statistics", handler: op((*call).statistics)},
		{method: del, path: channelPath + "/statistics", permission: "clearStatistics", name: "Reset statistics", handler: op((*call).resetStatistics)},
	}
	for _, does := range []struct{ action, permission, name string }{
		{"start", "startStopChannels", "Start channel"}, {"stop", "startStopChannels", "Stop channel"},
		{"pause", "startStopChannels", "Pause channel"}, {"halt", "startStopChannels", "Halt channel"},
		{"deploy", "deployUndeployChannels", "Deploy channel"}, {"undeploy", "deployUndeployChannels", "Undeploy channel"},
	} {
		list = append(list, route{method: post, path: channelPath + "/" + does.action, permission: does.permission, name: does.name, handler: op(control(does.action))})
	}
	for _, does := range []struct{ action, name string }{{"start", "Start connector"}, {"stop", "Stop connector"}} {
		list = append(list, route{method: post, path: channelPath + "/connectors/{connector}/" + does.action, permission: "startStopChannels",
			name: does.name, handler: op(controlConnector(does.action))})
	}
	return list
}

func messageRoutes() []route {
	const messages, message = channelPath + "/messages", channelPath + "/messages/{id}"
	return []route{
		{method: get, path: messages, permission: "listMessages", name: "Find messages", handler: op((*call).messages), record: true},
		{method: get, path: messages + "/count", permission: "listMessages", name: "Count messages", handler: op((*call).count)},
		{method: post, path: messages, permission: "processMessages", name: "Send message", handler: op((*call).send), limit: MaxMessage},
		{method: get, path: message, permission: "viewMessages", name: "View message", handler: op((*call).message), record: true},
		{method: get, path: message + "/attachments/{attachment}", permission: "viewMessages", name: "View attachment", handler: op((*call).attachment), record: true},
		{method: put, path: message + "/attachments/{attachment}", permission: "importMessages", name: "Put attachment", handler: op((*call).putAttachment)},
		{method: get, path: messages + "/export", permission: "viewMessages", name: "Export messages", handler: op((*call).export), record: true},
		{method: post, path: messages + "/import", permission: "importMessages", name: "Import messages", handler: op((*call).importMessages)},
		{method: post, path: messages + "/reprocess", permission: "reprocessResults", name: "Reprocess messages", handler: op((*call).reprocess)},
		{method: post, path: message + "/reprocess", permission: "reprocessMessages", name: "Reprocess message", handler: op((*call).reprocessOne)},
		{method: post, path: messages + "/resend", permission: "reprocessResults", name: "Resend messages", handler: op((*call).resend)},
		{method: post, path: message + "/resend", permission: "reprocessMessages", name: "Resend message", handler: op((*call).resendOne)},
		{method: del, path: messages, permission: "removeResults", name: "Remove messages", handler: op((*call).remove)},
		{method: del, path: message, permission: "removeMessages", name: "Remove message", handler: op((*call).removeOne)},
		{method: del, path: messages + "/contents", permission: "removeResults", name: "Remove contents of messages", handler: op((*call).removeContents)},
		{method: del, path: message + "/contents", permission: "removeMessages", name: "Remove contents of message", handler: op((*call).removeContentsOfOne)},
	}
}

func accountRoutes() []route {
	return []route{
		{method: get, path: "/roles", permission: anyone, name: "List roles", handler: op((*call).roles)},
		{method: get, path: "/users", permission: "viewUsers", name: "List users", handler: op((*call).users)},
		{method: post, path: "/users", permission: "manageUsers", name: "Create user", handler: op((*call).addUser)},
		{method: get, path: "/users/{user}", permission: "viewUsers", name: "Get user", handler: op((*call).getUser)},
		{method: del, path: "/users/{user}", permission: "manageUsers", name: "Remove user", handler: op((*call).removeUser)},
		{method: put, path: "/users/{user}/roles", permission: "manageUsers", name: "Set roles of user", handler: op((*call).setRoles)},
		{method: put, path: "/users/{user}/password", permission: "manageUsers", name: "Set password of user", handler: op((*call).setPassword), limit: maxLogin},
		{method: post, path: "/users/{user}/unlock", permission: "manageUsers", name: "Unlock user", handler: op((*call).unlock)},
		{method: get, path: "/tokens", permission: "viewUsers", name: "List tokens", handler: op((*call).tokens)},
		{method: post, path: "/tokens", permission: "manageTokens", name: "Create token", handler: op((*call).makeToken)},
		{method: del, path: "/tokens/{token}", permission: "manageTokens", name: "Remove token", handler: op((*call).removeToken)},
		{method: get, path: "/events", permission: "viewEvents", name: "List events", handler: op((*call).events)},
	}
}
