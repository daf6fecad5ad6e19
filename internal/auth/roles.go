package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// LoggedIn is the permission of what every account may do.
const LoggedIn = "log in"

// Permission is something that a role may permit. Its name is Mirth's where Mirth
// has one.
type Permission struct{ Name, Text string }

// Permissions are all there are. A route that names another is nobody's.
var Permissions = []Permission{
	{"viewDashboard", "see which channels run, and their counts"},
	{"startStopChannels", "start, stop, pause and halt channels and connectors, and try connections"},
	{"deployUndeployChannels", "deploy and undeploy channels"},
	{"clearStatistics", "begin the counts of channels anew"},
	{"clearLifetimeStats", "begin the counts of all time anew"},
	{"viewChannels", "see channels as they are saved, with what stands in their settings"},
	{"manageChannels", "save and remove channels, groups and dependencies"},
	{"viewChannelGroups", "see channel groups"},
	{"viewTags", "see tags"},
	{"manageTags", "change tags"},
	{"viewCodeTemplates", "see code templates"},
	{"manageCodeTemplates", "change code templates"},
	{"viewGlobalScripts", "see the global scripts"},
	{"editGlobalScripts", "change the global scripts"},
	{"viewConfigurationMap", "see the configuration map"},
	{"editConfigurationMap", "change the configuration map"},
	{"viewAlerts", "see alerts"},
	{"manageAlerts", "change alerts"},
	{"listMessages", "see that messages came and what became of them, not what they hold"},
	{"viewMessages", "see and search what messages hold"},
	{"processMessages", "hand channels messages"},
	{"reprocessMessages", "reprocess or resend a message"},
	{"reprocessResults", "reprocess or resend many messages"},
	{"removeMessages", "remove a message"},
	{"removeResults", "remove many messages"},
	{"removeAllMessages", "remove all messages of a channel"},
	{"importMessages", "import messages"},
	{"exportMessagesServer", "export messages to the disk of the engine"},
	{"viewEvents", "see the audit trail"},
	{"viewServerLog", "see the log of the engine, with what scripts write there"},
	{"viewUsers", "see accounts, their roles and tokens"},
	{"manageUsers", "make, change and remove accounts"},
	{"manageTokens", "make and remove tokens"},
	{"viewServerSettings", "see settings of the server"},
	{"editServerSettings", "change settings of the server"},
	{"sendTestEmail", "send an e-mail to try the mail settings"},
	{"editDatabaseDrivers", "change the list of database drivers"},
	{"viewResources", "see resources"},
	{"editResources", "change resources"},
	{"reloadResources", "reload resources"},
	{"viewDatabaseTasks", "see tasks of the database"},
	{"manageDatabaseTasks", "run tasks of the database"},
	{"manageExtensions", "switch extensions"},
	{"backupServerConfiguration", "export all that the server has but its accounts"},
	{"restoreServerConfiguration", "replace all that the server has but its accounts"},
}

// Role is a set of permissions.
type Role struct {
	Name, Text  string
	Permissions []string // "*" is all
}

// Permits tells whether a role permits something.
func (r Role) Permits(permission string) bool {
	return r.Permissions[0] == "*" || slices.Contains(r.Permissions, permission)
}

// Administrator is the role that permits everything.
const Administrator = "administrator"

// The look at an engine that holds nothing of patients and no settings.
var monitoring = []string{"viewDashboard", "viewChannelGroups", "viewTags", "viewAlerts", "listMessages"}

// Roles are all there are. What a role does not name it does not permit.
var Roles = []Role{
	{Administrator, "everything", []string{"*"}},
	{"engineer", "builds channels: everything but accounts, tokens, settings of the server and its backup", slices.Concat(monitoring, []string{
		"startStopChannels", "deployUndeployChannels", "clearStatistics", "viewChannels", "manageChannels", "manageTags",
		"viewCodeTemplates", "manageCodeTemplates", "viewGlobalScripts", "editGlobalScripts", "viewConfigurationMap", "editConfigurationMap",
		"manageAlerts", "viewMessages", "processMessages", "reprocessMessages", "reprocessResults", "removeMessages", "removeResults", "removeAllMessages",
		"importMessages", "viewEvents", "viewServerLog", "viewServerSettings", "viewResources", "editResources", "reloadResources"})},
	{"operator", "runs channels: starts and stops them, sees messages and sends them again", slices.Concat(monitoring, []string{
		"startStopChannels", "clearStatistics", "viewChannels", "viewMessages", "reprocessMessages", "reprocessResults", "viewEvents", "viewServerLog"})},
	{"viewer", "sees channels and messages, changes nothing", slices.Concat(monitoring, []string{"viewChannels", "viewMessages"})},
	{"monitor", "sees that channels run and what became of messages, not what they hold", monitoring},
	{"auditor", "sees who may do what and who did what, and how channels are set up; no messages", slices.Concat(monitoring, []string{
		"viewChannels", "viewCodeTemplates", "viewGlobalScripts", "viewEvents", "viewUsers", "viewServerSettings", "viewResources"})},
}

func role(name string) *Role {
	for i := range Roles {
		if Roles[i].Name == name {
			return &Roles[i]
		}
	}
	return nil
}

// knownRoles says which of some roles are not there.
func knownRoles(names []string) error {
	if len(names) == 0 {
		return errors.New("an account needs a role")
	}
	for _, name := range names {
		if role(name) == nil {
			var all []string
			for _, r := range Roles {
				all = append(all, r.Name)
			}
			return fmt.Errorf("there is no role %q; the roles are %s", name, strings.Join(all, ", "))
		}
	}
	return nil
}

// May tells whether a user is permitted something. The empty permission is
// nobody's.
func (a *Accounts) May(u *User, permission string) bool {
	if u == nil || permission == "" {
		return false
	}
	return permission == LoggedIn || permits(u.Roles, permission)
}

func permits(roles []string, permission string) bool {
	for _, name := range roles {
		if r := role(name); r != nil && r.Permits(permission) {
			return true
		}
	}
	return false
}

// Give tells whether a user may give others these roles: nobody gives what he does
// not have.
func (a *Accounts) Give(u *User, roles []string) error {
	if err := knownRoles(roles); err != nil {
		return err
	}
	for _, p := range Permissions {
		if permits(roles, p.Name) && !a.May(u, p.Name) {
			return fmt.Errorf("%w: the role %s permits more than you have", ErrForbidden, strings.Join(roles, ", "))
		}
	}
	return nil
}

// SetRoles gives an account other roles, at once. The last administrator stays one.
func (a *Accounts) SetRoles(id int, roles []string) error {
	if err := knownRoles(roles); err != nil {
		return err
	}
	return a.change(id, func(u *User) error {
		if !slices.Contains(roles, Administrator) {
			if err := a.spareLast(id); err != nil {
				return err
			}
		}
		u.Roles = slices.Clone(roles)
		return nil
	})
}

// spareLast refuses what would leave nobody to administer; the caller holds mu.
func (a *Accounts) spareLast(id int) error {
	for _, u := range a.users {
		if u.ID != id && slices.Contains(u.Roles, Administrator) && u.Hash != "" {
			return nil
		}
	}
	if u := a.find(func(u *User) bool { return u.ID == id }); u == nil || !slices.Contains(u.Roles, Administrator) {
		return nil
	}
	return errors.New("this is the last administrator with a password; make another one first")
}
