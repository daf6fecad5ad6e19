package mirth

import (
	"fmt"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// readServer reads a server backup. Its users, settings and plugin properties
// are kept as written.
func (im *Import) readServer(e *element) {
	for _, c := range e.children {
		var add func(*Import, *element)
		switch c.name {
		case "channels":
			add = (*Import).addChannel
		case "channelGroups":
			add = (*Import).addGroup
		case "channelTags":
			add = (*Import).addTag
		case "alerts":
			add = (*Import).addAlert
		case "codeTemplateLibraries":
			add = (*Import).addLibrary
		case "channelDependencies":
			add = (*Import).addDependency
		case "codeTemplates": // before 3.3
			for _, t := range c.children {
				im.addTemplate(t)
			}
			continue
		case "resourceProperties":
			for _, list := range c.children {
				for _, r := range list.children {
					im.addResource(r)
				}
			}
			continue
		case "globalScripts", "configurationMap":
			if err := im.readMap(c); err != nil {
				im.keep(c)
			}
			continue
		default:
			im.keep(c)
			continue
		}
		for i, item := range c.children {
			if isKind(c.name, item.name) {
				add(im, item)
				continue
			}
			place{im: im}.in("serverConfiguration").in(c.name).item(item.name, i+1).note(item, Info, "",
				"<%s> is not expected there; it is kept and has no effect", shown(item.name))
			im.Other = append(im.Other, item.setting())
		}
	}
	for _, ch := range im.Channels {
		ApplyLibraries(ch, im.libraries)
	}
}

// isKind reports whether an element belongs into a section of a backup.
func isKind(section, name string) bool {
	return map[string]string{"channels": "channel", "channelGroups": "channelGroup", "channelTags": "channelTag",
		"alerts": "alertModel", "codeTemplateLibraries": "codeTemplateLibrary", "channelDependencies": "channelDependency"}[section] == name
}

// keep keeps a section that Weir has no words for.
func (im *Import) keep(e *element) {
	im.Other = append(im.Other, e.setting())
	if len(e.children) > 0 {
		place{im: im}.in("serverConfiguration").in(e.name).note(e, Info, "Set what you need of it in Weir's own settings.",
			"<%s> is kept and has no effect", shown(e.name))
	}
}

// addGroup reads a channel group with the channels inside. The group itself is
// kept with their ids alone.
func (im *Import) addGroup(e *element) {
	g := e.setting()
	for i, s := range g.Group {
		if s.Name != "channels" {
			continue
		}
		for j, c := range s.Group {
			if _, complete := c.Group.Get("sourceConnector"); complete {
				g.Group[i].Group[j].Group = slices.DeleteFunc(c.Group, func(s config.Setting) bool { return s.Name != "id" })
			}
		}
	}
	im.Groups = append(im.Groups, g)
	for _, c := range e.child("channels").each() {
		if c.child("sourceConnector") != nil {
			im.addChannel(c)
		}
	}
}

func (im *Import) addAlert(e *element) {
	place{im: im}.in(e.name).migrate(e)
	im.Alerts = append(im.Alerts, e.setting())
}

func (im *Import) addTag(e *element) { im.Tags = append(im.Tags, e.setting()) }

// directoryResource is the class of the resources that an open engine has: a
// directory with Java libraries.
const directoryResource = "com.mirth.connect.plugins.directoryresource.DirectoryResourceProperties"

// addResource keeps a resource. Whatever libraries it has, they are Java's.
func (im *Import) addResource(e *element) {
	im.Resources = append(im.Resources, e.setting())
	if e.textAt("id") != "Default Resource" {
		place{im: im}.in(e.name).note(e, Difference, "See which classes are missing, and what stands in for each.",
			"the resource %q names Java libraries, which Weir does not load", shown(e.textAt("name")))
	}
}

func (im *Import) addOther(e *element) { im.Other = append(im.Other, e.setting()) }

func (im *Import) addDependency(e *element) { im.Dependencies = append(im.Dependencies, e.setting()) }

// applyDependencies tells the channels of the file what they depend on.
func (im *Import) applyDependencies() {
	channels := map[string]*weir.Channel{}
	for _, ch := range im.Channels {
		channels[ch.ID] = ch
	}
	done := map[[2]string]bool{}
	for _, ch := range im.Channels {
		for _, id := range ch.Depends {
			done[[2]string{ch.ID, id}] = true
		}
	}
	for _, d := range im.Dependencies {
		pair := [2]string{d.Group.Text("dependentId"), d.Group.Text("dependencyId")}
		if ch := channels[pair[0]]; ch != nil && !done[pair] {
			done[pair] = true
			ch.Depends = append(ch.Depends, pair[1])
		}
	}
}

// Summary says in one line what an import holds.
func (im *Import) Summary() string {
	s := im.Kind
	for _, part := range []struct {
		n         int
		one, many string
	}{{len(im.Channels), "channel", "channels"}, {len(im.Libraries), "code template library", "code template libraries"},
		{len(im.Configuration), "configuration entry", "configuration entries"}, {len(im.Alerts), "alert", "alerts"}, {len(im.Groups), "group", "groups"},
		{len(im.Tags), "tag", "tags"}, {len(im.Resources), "resource", "resources"}, {im.Messages, "message", "messages"}} {
		switch {
		case part.n == 1 && part.one != im.Kind:
			s += ", 1 " + part.one
		case part.n > 1:
			s += fmt.Sprintf(", %d %s", part.n, part.many)
		}
	}
	return s
}
