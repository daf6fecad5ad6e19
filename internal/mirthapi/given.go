package mirthapi

import (
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
)

// Code templates, scripts, groups and the like may stand in files of the directory
// of channels. They are listed with those that are kept here, and are read-only: who
// saves a list with them unchanged saves the others, who changes one is told its file.

// Given is what files of the directory of channels hold of a kind.
type Given struct {
	Items *mirth.Node // a list, a set or a map
	File  string      // where the first of them is
}

// GivenBy is what one import holds of what a file of the API is for, nil for nothing.
func GivenBy(name string, im *mirth.Import) *mirth.Node {
	switch name {
	case librariesFile:
		list := mirth.El("list")
		for _, l := range im.Libraries {
			list.Add(mirth.WriteLibrary(l))
		}
		return list
	case scriptsFile:
		m := mirth.El("map")
		if im.Global != nil {
			for _, s := range [][2]string{{"Undeploy", im.Global.Undeploy}, {"Postprocessor", im.Global.Postprocessor},
				{"Deploy", im.Global.Deploy}, {"Preprocessor", im.Global.Preprocessor}} {
				if s[1] != "" {
					m.Add(entry(s[0], mirth.Leaf("string", s[1])))
				}
			}
		}
		return m
	case configurationFile:
		m := mirth.El("map")
		for _, e := range im.Configuration {
			value := mirth.El("com.mirth.connect.util.ConfigurationProperty", mirth.Leaf("value", e.Value))
			if e.Comment != "" {
				value.Add(mirth.Leaf("comment", e.Comment))
			}
			m.Add(entry(e.Key, value))
		}
		return m
	case dependenciesFile:
		return mirth.KeptDocument("set", im.Dependencies)
	case groupsFile:
		return mirth.KeptDocument("list", im.Groups)
	case tagsFile:
		return mirth.KeptDocument("set", im.Tags)
	case alertsFile:
		return mirth.KeptDocument("list", im.Alerts)
	case resourcesFile:
		return mirth.KeptDocument("list", im.Resources)
	}
	return nil
}

// keyOf tells the items of a kind apart: by their ids, dependencies by both of
// theirs, entries of a map by their keys.
func keyOf(item *mirth.Node) string {
	switch {
	case item.Name == "entry" && len(item.Children) > 0:
		return item.Children[0].Text
	case item.Name == "channelDependency":
		return item.TextAt("dependentId") + " " + item.TextAt("dependencyId")
	}
	return item.TextAt("id")
}

func (a *API) withGiven(name string, n *mirth.Node) *mirth.Node {
	return WithGiven(n, a.engine.Given(name))
}

// WithGiven adds what files hold to what is kept.
func WithGiven(n *mirth.Node, given Given) *mirth.Node {
	if given.Items == nil {
		return n
	}
	has := map[string]bool{}
	for _, i := range n.Children {
		has[keyOf(i)] = true
	}
	for _, i := range given.Items.Children {
		if !has[keyOf(i)] {
			n.Add(i)
		}
	}
	return n
}

// withoutGiven leaves of what is to be kept that which no file holds.
func (a *API) withoutGiven(name string, data []byte) ([]byte, error) {
	given := a.engine.Given(name)
	if given.Items == nil || data == nil {
		return data, nil
	}
	n, err := mirth.ParseDocument(data, MaxWhole)
	if err != nil {
		return nil, err
	}
	items := map[string]*mirth.Node{}
	for _, i := range given.Items.Children {
		items[keyOf(i)] = i
	}
	own := &mirth.Node{Name: n.Name, Attrs: n.Attrs, Short: true}
	for _, i := range n.Children {
		switch old := items[keyOf(i)]; {
		case old == nil:
			own.Add(i)
		case !same(old, i, unseen...):
			return nil, &weir.Fault{Err: fmt.Errorf("%s comes from %s and is read-only here", titleOf(i), given.File), Hint: "Change that file; the engine reads it by itself."}
		}
	}
	return file(own), nil
}

// titleOf names an item.
func titleOf(i *mirth.Node) string {
	if name := i.TextAt("name"); name != "" {
		return name
	}
	return keyOf(i)
}
