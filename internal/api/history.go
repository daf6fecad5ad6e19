package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/history"
)

// historyRoutes are the same operations for each kind; what they need is what it
// takes to see and to save one.
func historyRoutes() []route {
	var list []route
	for _, kind := range []struct{ kind, one, view, manage string }{
		{history.Channels, "channel", "viewChannels", "manageChannels"}, {history.Libraries, "library", "viewCodeTemplates", "manageCodeTemplates"},
		{history.Scripts, "global scripts", "viewGlobalScripts", "editGlobalScripts"}, {history.Alerts, "alert", "viewAlerts", "manageAlerts"},
		{history.Groups, "channel group", "viewChannelGroups", "manageChannels"}, {history.Tags, "channel tag", "viewTags", "manageTags"},
		{history.Configuration, "configuration map", "viewConfigurationMap", "editConfigurationMap"},
		{history.Dependencies, "channel dependencies", "viewChannels", "manageChannels"},
	} {
		path := "/history/" + kind.kind
		list = append(list,
			route{method: get, path: path, permission: kind.view, name: "List " + kind.kind + " with a history", handler: op(objects(kind.kind))},
			route{method: get, path: path + "/{object}", permission: kind.view, name: "List revisions of " + kind.one, handler: op(revisions(kind.kind))},
			route{method: get, path: path + "/{object}/{number}", permission: kind.view, name: "Get revision of " + kind.one, handler: op(revision(kind.kind))},
			route{method: post, path: path + "/{object}/{number}/rollback", permission: kind.manage, name: "Roll back " + kind.one, handler: op(rollback(kind.kind))})
	}
	return list
}

func objects(kind string) func(*call, none, none) ([]history.Entry, error) {
	return func(c *call, _, _ none) ([]history.Entry, error) { return c.engine.History(kind, "") }
}

func revisions(kind string) func(*call, none, none) ([]history.Entry, error) {
	return func(c *call, _, _ none) ([]history.Entry, error) {
		return c.engine.History(kind, c.r.PathValue("object"))
	}
}

func (c *call) number() (int, error) {
	n, err := strconv.Atoi(c.r.PathValue("number"))
	if err != nil || n < 1 {
		return 0, invalid{http.StatusBadRequest, fmt.Errorf("%q is no number of a revision", c.r.PathValue("number"))}
	}
	return n, nil
}

func revision(kind string) func(*call, none, none) (Text, error) {
	return func(c *call, _, _ none) (Text, error) {
		n, err := c.number()
		if err != nil {
			return "", err
		}
		_, text, err := c.engine.Revision(kind, c.r.PathValue("object"), n)
		return Text(text), err
	}
}

func rollback(kind string) func(*call, reason, none) (none, error) {
	return func(c *call, q reason, _ none) (none, error) {
		n, err := c.number()
		if err != nil {
			return none{}, err
		}
		return none{}, c.engine.Rollback(c.r.Context(), kind, c.r.PathValue("object"), n, c.by(q))
	}
}

func historyPath(kind, object string) (string, error) {
	if !slices.Contains(history.Kinds, kind) {
		return "", fmt.Errorf("%q has no history; what has one: %s", kind, strings.Join(history.Kinds, ", "))
	}
	path := "/history/" + kind
	if object != "" {
		path += "/" + url.PathEscape(object)
	}
	return path, nil
}

// History lists the revisions of an object, newest first; without one the newest
// of every object.
func (c *Client) History(ctx context.Context, kind, object string) (list []history.Entry, err error) {
	path, err := historyPath(kind, object)
	if err == nil {
		err = c.do(ctx, "GET", path, &list)
	}
	return list, err
}

// Revision is the text of a revision.
func (c *Client) Revision(ctx context.Context, kind, object string, number int) ([]byte, error) {
	path, err := historyPath(kind, object)
	if err != nil {
		return nil, err
	}
	return c.fetch(ctx, "GET", path+"/"+strconv.Itoa(number))
}

// Rollback saves a revision again, as the newest.
func (c *Client) Rollback(ctx context.Context, kind, object string, number int, why string) error {
	path, err := historyPath(kind, object)
	if err != nil {
		return err
	}
	return c.do(ctx, "POST", path+"/"+strconv.Itoa(number)+"/rollback?"+writeQuery(reason{why}).Encode(), nil)
}
