package mirthapi

import (
	"fmt"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
)

// Code templates, scripts, groups and the like may stand in files of the directory
// of channels. They are listed with those that are kept here, and are read-only: who
// saves a list with them unchanged saves the others, who changes one is told its file.

// Given is what files of the directory of channels hold of a kind.
type Given struct {
	Items *mirth.Node // a list, a set or a map
	files map[string]string
}

// Add adds what one file holds.
func (g *Given) Add(items *mirth.Node, file string) {
	if g.Items == nil {
		*g = Given{Items: &mirth.Node{Name: items.Name, Attrs: items.Attrs}, files: map[string]string{}}
	}
	for _, i := range items.Children {
		key := keyOf(i)
		if g.files[key] == "" {
			g.files[key] = file
			g.Items.Add(i)
		} else if i.Name == "channelTag" { // each channel's export has its tags
			for _, known := range g.Items.Children {
				if keyOf(known) == key {
					tag(known, i.At("channelIds").Texts()...)
				}
			}
		}
	}
}

// tag adds channels to a tag.
func tag(t *mirth.Node, channels ...string) {
	ids := t.At("channelIds")
	if ids == nil {
		ids = mirth.El("channelIds")
		t.Add(ids)
	}
	for _, id := range channels {
		if !slices.Contains(ids.Texts(), id) {
			ids.Add(mirth.Leaf("string", id))
		}
	}
}

// tagsOf are the tags of an import, and those that stand in its channels.
func tagsOf(im *mirth.Import) *mirth.Node {
	var all Given
	all.Add(mirth.KeptDocument("set", im.Tags), "here")
	for _, c := range im.Channels {
		data, _ := c.Extra.Get("exportData")
		list, _ := data.Group.Get("channelTags")
		tags := mirth.KeptDocument("set", list.Group)
		for _, t := range tags.Children {
			tag(t, c.ID)
		}
		all.Add(tags, "here")
	}
	return all.Items
}

// fault says that an item cannot be changed or removed, and where it is.
func (g Given) fault(i *mirth.Node, what, hint string) error {
	return &weir.Fault{Err: fmt.Errorf("%s comes from %s and %s here", titleOf(i), g.files[keyOf(i)], what), Hint: hint}
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
		return tagsOf(im)
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

// withoutGiven leaves of what is to be kept that which no file holds. What files
// hold can be neither changed nor left out, which would remove it: it would come
// back with the next look at the list.
func (a *API) withoutGiven(name string, data []byte) ([]byte, error) {
	given := a.engine.Given(name)
	if given.Items == nil || data == nil {
		return data, nil
	}
	n, err := mirth.ParseDocument(data, MaxWhole)
	if err != nil {
		return nil, err
	}
	items, there := map[string]*mirth.Node{}, map[string]bool{}
	for _, i := range given.Items.Children {
		items[keyOf(i)] = i
	}
	own := &mirth.Node{Name: n.Name, Attrs: n.Attrs, Short: true}
	for _, i := range n.Children {
		old := items[keyOf(i)]
		if old == nil {
			own.Add(i)
			continue
		}
		if !same(old, i, unseen...) {
			return nil, given.fault(i, "is read-only", "Change that file; the engine reads it by itself.")
		}
		there[keyOf(i)] = true
	}
	for _, i := range given.Items.Children {
		if !there[keyOf(i)] {
			return nil, given.fault(i, "cannot be removed", "Take it out of that file; the engine reads it by itself.")
		}
	}
	return file(own), nil
}

// withGivenItems adds to a backup that is restored what files hold, which stays
// as it is there.
func (a *API) withGivenItems(files map[string][]byte) error {
	for name, data := range files {
		given := a.engine.Given(name)
		if given.Items == nil || data == nil {
			continue
		}
		n, err := mirth.ParseDocument(data, MaxWhole)
		if err != nil {
			return err
		}
		files[name] = file(WithGiven(n, given))
	}
	return nil
}

// titleOf names an item.
func titleOf(i *mirth.Node) string {
	if name := i.TextAt("name"); name != "" {
		return name
	}
	return keyOf(i)
}
