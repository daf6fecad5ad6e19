//lint:file-ignore ST1005 the sentences are those that Mirth's clients show

package mirthapi

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/mirth"
)

func (c *call) getAlerts() (*reply, error) {
	n, err := c.kept(alertsFile, emptyList)
	if err != nil {
		return nil, err
	}
	ids, err := c.askedFor("alertId")
	if err != nil {
		return nil, err
	}
	return document(chosen(byName(n), ids)), nil
}

func (c *call) getAlert() (*reply, error) {
	n, err := c.kept(alertsFile, emptyList)
	if err != nil {
		return nil, err
	}
	return oneOf(n, c.path["alertId"]), nil
}

// putAlert makes an alert, or puts one in the place of that with its id.
func (c *call) putAlert() (*reply, error) {
	a, err := c.root("alertModel")
	if err != nil {
		return nil, err
	}
	if id := c.path["alertId"]; a.TextAt("id") == "" && id != "" {
		a.SetText("id", id)
	}
	name := a.TextAt("name")
	c.note("alert", name)
	if a.TextAt("id") == "" || strings.TrimSpace(name) == "" {
		return nil, errors.New("An alert must have an id and a name.")
	}
	return nothing, c.changeAlerts(func(n *mirth.Node) error {
		for _, o := range n.Children {
			if o.TextAt("id") != a.TextAt("id") && strings.EqualFold(o.TextAt("name"), name) {
				return errors.New("An alert with that name already exists.")
			}
		}
		setTemplate(n, a)
		return nil
	})
}

func (c *call) changeAlerts(change func(*mirth.Node) error) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	n, err := c.kept(alertsFile, emptyList)
	if err != nil {
		return err
	}
	if err := change(n); err != nil {
		return err
	}
	return c.keep(alertsFile, byName(n))
}

func enableAlert(enabled bool) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		return nothing, c.changeAlerts(func(n *mirth.Node) error {
			if a := item(n, c.path["alertId"]); a != nil {
				a.SetText("enabled", strconv.FormatBool(enabled))
			}
			return nil
		})
	}
}

func (c *call) removeAlert() (*reply, error) {
	return nothing, c.changeAlerts(func(n *mirth.Node) error {
		n.Children = slices.DeleteFunc(n.Children, func(a *mirth.Node) bool { return a.TextAt("id") == c.path["alertId"] })
		return nil
	})
}

func (c *call) getAlertStatuses() (*reply, error) {
	n, err := c.kept(alertsFile, emptyList)
	if err != nil {
		return nil, err
	}
	list, counts := mirth.El("list"), c.engine.Alerted()
	for _, a := range byName(n).Children {
		status := mirth.El("alertStatus", mirth.Leaf("id", a.TextAt("id")), mirth.Leaf("name", a.TextAt("name")), mirth.Leaf("enabled", a.TextAt("enabled")))
		if a.TextAt("enabled") == "true" {
			status.Add(mirth.IntLeaf("alertedCount", counts[a.TextAt("id")]))
		}
		list.Add(status)
	}
	return document(list), nil
}

// alertOptions are whom an alert can be sent to.
func (c *call) alertOptions(name string) *mirth.Node {
	channels, users := mirth.El("map"), mirth.El("map")
	for _, ch := range c.channels() {
		channels.Add(entry(ch.ID, mirth.Leaf("string", ch.Name)))
	}
	for _, u := range c.accounts.Users() {
		users.Add(entry(strconv.Itoa(u.ID), mirth.Leaf("string", u.Name)))
	}
	return mirth.El(name, entry("Email", mirth.El("null")), entry("Channel", channels), entry("User", users))
}

func (c *call) getAlertOptions() (*reply, error) {
	return document(c.alertOptions("linked-hash-map")), nil
}

func (c *call) getAlertInfo() (*reply, error) {
	cached, err := c.root(mapRoots...)
	if err != nil {
		return nil, err
	}
	n := mirth.El("com.mirth.connect.model.alert.AlertInfo")
	if id := c.path["alertId"]; id != "" {
		alerts, err := c.kept(alertsFile, emptyList)
		if err != nil {
			return nil, err
		}
		if a := item(alerts, id); a != nil {
			n.Add(a.Renamed("model"))
		}
	}
	return document(n.Add(c.alertOptions("protocolOptions").Class("linked-hash-map"), c.summaries("changedChannels", cached, false))), nil
}
