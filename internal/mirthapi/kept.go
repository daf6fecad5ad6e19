package mirthapi

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/history"
	"github.com/weir-health/weir/internal/mirth"
)

// Files of the API. What is in channels/ is read by the engine; the rest is kept
// for clients alone, but for the server's settings and the alerts.
const (
	channelsDir       = "channels/"
	librariesFile     = channelsDir + "code-templates.xml"
	scriptsFile       = channelsDir + "global-scripts.xml"
	configurationFile = channelsDir + "configuration-map.xml"
	dependenciesFile  = channelsDir + "channel-dependencies.xml"
	groupsFile        = "settings/channel-groups.xml"
	tagsFile          = "settings/channel-tags.xml"
	alertsFile        = Alerts
	resourcesFile     = "settings/resources.xml"
	settingsFile      = ServerSettings
	updateFile        = "settings/update.xml"
	pluginsFile       = PluginsFile
	driversFile       = "settings/drivers.xml"
)

// Files that the engine reads, too: the server's settings and the alerts.
const (
	ServerSettings = "settings/server.xml"
	Alerts         = "settings/alerts.xml"
)

// kept reads a file of the API; where there is none, it is what absent makes.
func (a *API) kept(name string, absent func() *mirth.Node) (*mirth.Node, error) {
	data, err := a.engine.Kept(name)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return a.withGiven(name, absent()), nil
	}
	n, err := mirth.ParseDocument(data, MaxWhole)
	if err != nil {
		return nil, &weir.Fault{At: name, Err: err, Hint: "Restore the file in the data directory from a backup, or remove it."}
	}
	return a.withGiven(name, n), nil
}

// keep replaces one file.
func (c *call) keep(name string, n *mirth.Node) error {
	return c.keepAll(map[string][]byte{name: file(n)})
}

// keepAll replaces files. The caller may go away; what was begun is done.
func (c *call) keepAll(files map[string][]byte) error {
	for name := range files {
		var err error
		if files[name], err = c.withoutGiven(name, files[name]); err != nil {
			return err
		}
	}
	return c.engine.Keep(context.WithoutCancel(c.r.Context()), history.By{Who: c.user.Name, How: "Mirth API: " + c.route.title()}, files)
}

// file is a document as it is kept; nil for none.
func file(n *mirth.Node) []byte {
	if n == nil {
		return nil
	}
	return append(n.Bytes(), '\n')
}

func emptyList() *mirth.Node { return mirth.El("list") }
func emptySet() *mirth.Node  { return mirth.El("set") }
func emptyMap() *mirth.Node  { return mirth.El("map") }

// collection is a list of those items that have the name, in a root of its own.
func collection(root, item string, of *mirth.Node) *mirth.Node {
	n := mirth.El(root)
	for _, i := range of.Items() {
		if i.Name == item {
			n.Add(i)
		}
	}
	return n
}

// byName sorts items as Mirth lists them: by name, in order of code points.
func byName(n *mirth.Node) *mirth.Node {
	slices.SortStableFunc(n.Children, func(a, b *mirth.Node) int { return cmp.Compare(a.TextAt("name"), b.TextAt("name")) })
	return n
}

// chosen leaves the items whose ids are asked for; none asked for is all.
func chosen(n *mirth.Node, ids []string) *mirth.Node {
	if len(ids) > 0 {
		n.Children = slices.DeleteFunc(n.Children, func(i *mirth.Node) bool { return !slices.Contains(ids, i.TextAt("id")) })
	}
	return n
}

// item finds an item by its id.
func item(n *mirth.Node, id string) *mirth.Node {
	for _, i := range n.Items() {
		if i.TextAt("id") == id {
			return i
		}
	}
	return nil
}

// oneOf answers with the item of an id, or with nothing.
func oneOf(n *mirth.Node, id string) *reply {
	if i := item(n, id); i != nil {
		return document(i)
	}
	return nothing
}

// same tells whether two documents hold the same but for elements of these names
// in their roots.
func same(a, b *mirth.Node, but ...string) bool {
	if a == nil || b == nil {
		return a == b
	}
	a, b = a.Clone(), b.Clone()
	for _, name := range but {
		a.Remove(name)
		b.Remove(name)
	}
	strip(a)
	strip(b)
	return string(a.Bytes()) == string(b.Bytes())
}

// strip makes nodes equal that differ in how they are written.
func strip(n *mirth.Node) {
	n.Short = true
	for _, c := range n.Children {
		strip(c)
	}
}

func revision(n *mirth.Node) int {
	var r int
	fmt.Sscanf(n.TextAt("revision"), "%d", &r)
	return r
}

// entry is an entry of a map.
func entry(key string, value *mirth.Node) *mirth.Node {
	return mirth.El("entry", mirth.Leaf("string", key), value)
}

// pairs gives the entries of a map: the text of the key, and the value.
func pairs(n *mirth.Node) func(yield func(string, *mirth.Node) bool) {
	return func(yield func(string, *mirth.Node) bool) {
		for _, e := range n.Items() {
			if e.Name == "entry" && len(e.Children) == 2 && !yield(e.Children[0].Text, e.Children[1]) {
				return
			}
		}
	}
}
