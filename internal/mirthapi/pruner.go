package mirthapi

import (
	"fmt"
	"time"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/mirth"
)

// PluginsFile is where the properties of plugins are kept, those of the data pruner
// among them.
const PluginsFile = "settings/plugins.xml"

// prunerName is the data pruner's name among plugins.
const prunerName = "Data Pruner"

// Pruner is the data pruner as a user of the Administrator has set it.
type Pruner struct {
	Enabled bool
	Archive bool
	Polling config.Group // for poll.Settings
}

// ReadPruner finds the settings of the data pruner in the kept properties of plugins.
func ReadPruner(kept []byte) (p Pruner, ok bool, err error) {
	if len(kept) == 0 {
		return p, false, nil
	}
	all, err := mirth.ParseDocument(kept, MaxWhole)
	if err != nil {
		return p, false, err
	}
	for name, properties := range pairs(all) {
		if name != prunerName {
			continue
		}
		values := map[string]string{}
		for _, one := range properties.Items() {
			values[one.Attr("name")] = one.Text
		}
		if _, ok := values["enabled"]; !ok {
			return p, false, nil
		}
		p.Enabled = values["enabled"] == "true"
		if text := values["archiveEnabled"]; text == "true" {
			p.Archive = true
		} else if text != "" && text != "false" { // a document with one truth
			n, err := mirth.ParseDocument([]byte(text), MaxForm)
			if err != nil {
				return p, false, fmt.Errorf("archiveEnabled: %w", err)
			}
			p.Archive = n.Text == "true"
		}
		if text := values["pollingProperties"]; text != "" {
			n, err := mirth.ParseDocument([]byte(text), MaxForm)
			if err != nil {
				return p, false, fmt.Errorf("pollingProperties: %w", err)
			}
			p.Polling = config.Group{{Name: "pollConnectorProperties", Group: groupOf(n)}}
		}
		return p, true, nil
	}
	return p, false, nil
}

func groupOf(n *mirth.Node) (g config.Group) {
	for _, c := range n.Children {
		g = append(g, config.Setting{Name: c.Name, Text: c.Text, Group: groupOf(c)})
	}
	return g
}

// Pruning is what the data pruner does, has done and will do; a zero time is none.
type Pruning struct {
	Running            bool
	Channel            string
	Began, Ended, Next time.Time
}

// shownTime is a time as the Administrator shows that of the pruner.
const shownTime = "Jan 2, 2006 3:04:05 PM"

func (c *call) getPruner() (*reply, error) {
	p := c.engine.Pruning()
	show := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.Local().Format(shownTime)
	}
	state := "Not running"
	if p.Running {
		state = "Pruning channel " + p.Channel
	}
	n := mirth.El("map")
	for _, e := range [][2]string{{"currentState", state}, {"currentProcess", show(p.Began)}, {"lastProcess", show(p.Ended)}, {"nextProcess", show(p.Next)}, {"isRunning", fmt.Sprint(p.Running)}} {
		n.Add(entry(e[0], mirth.Leaf("string", e[1])))
	}
	return document(n), nil
}

func (c *call) startPruner() (*reply, error) {
	return document(calendar("gregorian-calendar", c.engine.StartPruning())), nil
}

func (c *call) stopPruner() (*reply, error) {
	c.engine.StopPruning()
	return nothing, nil
}
