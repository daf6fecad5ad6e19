package mirth

import (
	_ "embed"
	"slices"
	"sync"

	"github.com/weir-health/weir/config"
)

//go:embed newconnectors.xml
var newConnectors string

// NewConnector returns the settings of a new connector as Mirth's editor makes
// them, in Mirth's order; nil for a transport that Mirth does not have. They are
// the caller's.
func NewConnector(transport string) config.Group {
	return slices.DeleteFunc(clone(connectorsMade()[transport]), func(s config.Setting) bool {
		return s.Group.Text("@absent") == "true"
	})
}

// ConnectorOrder has the settings that a connector may have in Mirth's order,
// those inside of groups too.
func ConnectorOrder(transport string) config.Group { return connectorsMade()[transport] }

// connectorsMade are the settings of all new connectors, by transport name.
var connectorsMade = sync.OnceValue(func() map[string]config.Group {
	root, err := scan(newConnectors, defaultLimits)
	if err != nil {
		panic(err) // the file comes with the program and a test reads it
	}
	shared, made := root.child("shared"), map[string]config.Group{}
	for _, e := range root.children[1:] {
		for _, c := range e.children {
			if common := shared.child(c.name); common != nil {
				own := c.children
				c.attrs, c.children = common.attrs, slices.Clone(common.children)
				for _, o := range own {
					c.replace(o)
				}
			}
		}
		made[e.attr("transportName")] = config.Group(e.group()[1:]) // without the transport's name
	}
	return made
})

// replace puts a child in the place of the one of its name.
func (e *element) replace(c *element) {
	for i := range e.children {
		if e.children[i].name == c.name {
			e.children[i] = c
		}
	}
}

// NewExtra is what Weir has no field for in a new channel: the resources of its
// scripts, and the empty lists of an export.
func NewExtra() config.Group {
	resources := config.Setting{Name: "resourceIds", Class: "linked-hash-map", Group: config.Group{
		{Name: "entry", Group: config.Group{{Name: "string", Text: "Default Resource"}, {Name: "string", Text: "[Default Resource]"}}}}}
	return config.Group{
		{Name: "properties", Group: config.Group{resources}},
		{Name: "exportData", Group: config.Group{{Name: "dependentIds"}, {Name: "channelTags"}}},
	}
}

// NewAttachments is the attachment handler of a new channel: none.
func NewAttachments() config.Setting {
	return config.Setting{Name: "attachmentProperties", Group: config.Group{{Name: "type", Text: "None"}, {Name: "properties"}}}
}

func clone(g config.Group) config.Group {
	made := slices.Clone(g)
	for i := range made {
		made[i].Group = clone(made[i].Group)
	}
	return made
}
