package channelfile

import (
	"slices"
	"strings"

	"github.com/weir-health/weir/config"
)

// Settings are written as they would be expected in YAML: a text by itself, a
// group as a mapping. What XML has beside that has keys of its own:
//
//	"@class": linked-hash-map     the class attribute
//	"@unit": s                    any other attribute, which is a setting of that name
//	"@text": words                the text of an element that holds others, too
//	"@items": [a, b]              the items of a list that has a class or a text
//	"@map": {key: value}          entries of a text and a text or a list of texts
//
// Children of which several have one name, and those called string, int, long,
// boolean or null, are a list: strings as they are, others as {name: value}.
const (
	classKey = "@class"
	textKey  = "@text"
	itemsKey = "@items"
	mapKey   = "@map"
	// wholeKey tells that a group has nothing from the defaults.
	wholeKey = "@complete"
)

// reserved keys are doubled where they are the name of a setting.
var reserved = []string{classKey, textKey, itemsKey, mapKey, wholeKey}

func keyOf(name string) string {
	if slices.Contains(reserved, strings.TrimPrefix(name, "@")) || slices.Contains(reserved, name) {
		return "@" + name
	}
	return name
}

func nameOf(key string) string {
	if slices.Contains(reserved, strings.TrimPrefix(key, "@")) {
		return strings.TrimPrefix(key, "@")
	}
	return key
}

// settingNode writes one setting.
func settingNode(s config.Setting) *node {
	if len(s.Group) == 0 && s.Class == "" {
		return text(s.Text)
	}
	if pairs, ok := replacements(s); ok {
		return pairs
	}
	body := groupNode(s.Group)
	entries, isMap := mapNode(s.Group)
	if s.Class == "" && s.Text == "" && !isMap {
		return body
	}
	n := &node{kind: mappingKind}
	if s.Class != "" {
		n.set(classKey, text(s.Class))
	}
	if s.Text != "" {
		n.set(textKey, text(s.Text))
	}
	switch {
	case isMap:
		n.set(mapKey, entries)
	case body.kind == listKind:
		n.set(itemsKey, body)
	default:
		n.entries = append(n.entries, body.entries...)
	}
	return n
}

// groupNode writes settings as a mapping, or as a list.
func groupNode(g config.Group) *node {
	if isList(g) {
		n := &node{kind: listKind}
		for _, s := range g {
			item := settingNode(s)
			if s.Name != "string" || item.kind != textKind {
				in := &node{}
				in.set(keyOf(s.Name), item)
				item = in
			}
			n.items = append(n.items, item)
		}
		return n
	}
	n := &node{kind: mappingKind}
	for _, s := range g {
		n.set(keyOf(s.Name), settingNode(s))
	}
	return n
}

func isList(g config.Group) bool {
	seen := map[string]bool{}
	for _, s := range g {
		if seen[s.Name] {
			return true
		}
		seen[s.Name] = true
	}
	if len(g) != 1 {
		return false
	}
	return slices.Contains([]string{"string", "int", "long", "boolean", "null"}, g[0].Name)
}

// mapNode writes a group of entries that each are a text and a text, or a text
// and a list of texts.
func mapNode(g config.Group) (*node, bool) {
	n := &node{kind: mappingKind}
	for _, s := range g {
		if s.Name != "entry" || s.Class != "" || s.Text != "" || len(s.Group) != 2 || !isString(s.Group[0]) || n.get(s.Group[0].Text) != nil {
			return nil, false
		}
		value := s.Group[1]
		switch {
		case isString(value):
			n.set(s.Group[0].Text, text(value.Text))
		case value.Name == "list" && value.Class == "" && value.Text == "" && !slices.ContainsFunc(value.Group, func(s config.Setting) bool { return !isString(s) }):
			list := &node{kind: listKind}
			for _, item := range value.Group {
				list.items = append(list.items, text(item.Text))
			}
			n.set(s.Group[0].Text, list)
		default:
			return nil, false
		}
	}
	return n, len(g) > 0
}

func isString(s config.Setting) bool {
	return s.Name == "string" && s.Class == "" && len(s.Group) == 0
}

// pairName is the class of a step's replacements, of which each is a list of two.
const pairName = "org.apache.commons.lang3.tuple.ImmutablePair"

func replacements(s config.Setting) (*node, bool) {
	if s.Name != "replacements" || s.Class != "" || s.Text != "" {
		return nil, false
	}
	n := &node{kind: listKind}
	for _, p := range s.Group {
		if p.Name != pairName || p.Class != "" || p.Text != "" || len(p.Group) != 2 {
			return nil, false
		}
		pair := &node{kind: listKind}
		for i, side := range p.Group {
			if side.Name != [2]string{"left", "right"}[i] || side.Class != "string" || len(side.Group) > 0 {
				return nil, false
			}
			pair.items = append(pair.items, text(side.Text))
		}
		n.items = append(n.items, pair)
	}
	return n, true
}

// readSetting is the way back.
func readSetting(name string, n *node) (config.Setting, error) {
	s := config.Setting{Name: name}
	switch n.kind {
	case textKind:
		s.Text = n.text
	case listKind:
		g, err := readItems(n, name == "replacements")
		s.Group = g
		return s, err
	case mappingKind:
		for _, e := range n.entries {
			var err error
			switch e.key {
			case classKey, textKey:
				if e.value.kind != textKind {
					return s, errAt(e.line, "%s is a text", e.key)
				}
				*map[string]*string{classKey: &s.Class, textKey: &s.Text}[e.key] = e.value.text
				continue
			case itemsKey:
				var items config.Group
				if e.value.kind != listKind {
					return s, errAt(e.line, "%s is a list", e.key)
				}
				items, err = readItems(e.value, false)
				s.Group = append(s.Group, items...)
			case mapKey:
				var entries config.Group
				entries, err = readMap(e.value)
				s.Group = append(s.Group, entries...)
			case wholeKey:
				return s, errAt(e.line, "%s has no meaning here", e.key)
			default:
				var inside config.Setting
				inside, err = readSetting(nameOf(e.key), e.value)
				s.Group = append(s.Group, inside)
			}
			if err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

func readItems(n *node, pairs bool) (config.Group, error) {
	var g config.Group
	for _, item := range n.items {
		switch {
		case pairs && item.kind == listKind:
			if len(item.items) != 2 || item.items[0].kind != textKind || item.items[1].kind != textKind {
				return nil, errAt(item.line, "a replacement is a list of two texts: the pattern, and what stands in its place")
			}
			g = append(g, config.Setting{Name: pairName, Group: config.Group{
				{Name: "left", Class: "string", Text: item.items[0].text}, {Name: "right", Class: "string", Text: item.items[1].text}}})
		case item.kind == textKind:
			g = append(g, config.Setting{Name: "string", Text: item.text})
		case item.kind == mappingKind && len(item.entries) == 1:
			s, err := readSetting(nameOf(item.entries[0].key), item.entries[0].value)
			if err != nil {
				return nil, err
			}
			g = append(g, s)
		default:
			return nil, errAt(item.line, "an item of a list is a text, or {name: value} with the name of its element")
		}
	}
	return g, nil
}

func readMap(n *node) (config.Group, error) {
	if n.kind != mappingKind {
		return nil, errAt(n.line, "%s is a mapping of keys to values", mapKey)
	}
	var g config.Group
	for _, e := range n.entries {
		value := config.Setting{Name: "string", Text: e.value.text}
		switch e.value.kind {
		case listKind:
			items, err := readItems(e.value, false)
			if err != nil {
				return nil, err
			}
			value = config.Setting{Name: "list", Group: items}
		case mappingKind:
			return nil, errAt(e.line, "the value of %s is a text or a list of texts", quote(e.key))
		}
		g = append(g, config.Setting{Name: "entry", Group: config.Group{{Name: "string", Text: e.key}, value}})
	}
	return g, nil
}

// readGroup reads a mapping or list of settings.
func readGroup(n *node) (config.Group, error) {
	if n == nil {
		return nil, nil
	}
	if n.kind == textKind && n.text != "" {
		return nil, errAt(n.line, "here are names with values, not a text")
	}
	s, err := readSetting("", n)
	if err == nil && (s.Class != "" || s.Text != "") {
		err = errAt(n.line, "%s and %s have no meaning here", classKey, textKey)
	}
	return s.Group, err
}

// changes writes what differs in a group from its defaults: nothing where it is
// the same, null for what is missing. Where that would not lead back to the group,
// because its order is another, all of it is written.
func changes(g, defaults config.Group) *node {
	n := &node{kind: mappingKind}
	if isList(g) || isList(defaults) {
		return complete(g)
	}
	for _, d := range defaults {
		s, ok := named(g, d.Name)
		switch {
		case !ok:
			n.set(keyOf(d.Name), &node{kind: nothing})
		case equal(s, d):
		case len(d.Group) > 0 && len(s.Group) > 0 && s.Class == d.Class && s.Text == d.Text:
			if inside := changes(s.Group, d.Group); len(inside.entries) > 0 {
				n.set(keyOf(d.Name), inside)
			}
		default:
			n.set(keyOf(d.Name), settingNode(s))
		}
	}
	for _, s := range g {
		if !slices.ContainsFunc(defaults, func(d config.Setting) bool { return d.Name == s.Name }) {
			n.set(keyOf(s.Name), settingNode(s))
		}
	}
	if back, err := overlay(n, defaults); err != nil || !slices.EqualFunc(back, g, equal) {
		return complete(g)
	}
	return n
}

func named(g config.Group, name string) (config.Setting, bool) {
	i := slices.IndexFunc(g, func(s config.Setting) bool { return s.Name == name })
	if i < 0 {
		return config.Setting{}, false
	}
	return g[i], true
}

func complete(g config.Group) *node {
	n := &node{}
	n.set(wholeKey, settingNode(config.Setting{Group: g}))
	return n
}

func equal(a, b config.Setting) bool {
	return a.Name == b.Name && a.Text == b.Text && a.Class == b.Class && slices.EqualFunc(a.Group, b.Group, equal)
}

// overlay puts what a file says over the defaults.
func overlay(n *node, defaults config.Group) (config.Group, error) {
	if n == nil || n.kind == nothing {
		return defaults, nil
	}
	if whole := n.get(wholeKey); whole != nil {
		return readGroup(whole)
	}
	if n.kind != mappingKind {
		return nil, errAt(n.line, "here are names with values")
	}
	var g config.Group
	for _, d := range defaults {
		v := n.get(keyOf(d.Name))
		switch {
		case v == nil:
			g = append(g, d)
		case v.kind == nothing:
		case v.kind == mappingKind && len(d.Group) > 0 && v.get(classKey) == nil && v.get(mapKey) == nil && v.get(itemsKey) == nil:
			inside, err := overlay(v, d.Group)
			if err != nil {
				return nil, err
			}
			d.Group = inside
			g = append(g, d)
		default:
			s, err := readSetting(d.Name, v)
			if err != nil {
				return nil, err
			}
			g = append(g, s)
		}
	}
	for _, e := range n.entries {
		name := nameOf(e.key)
		if slices.ContainsFunc(defaults, func(d config.Setting) bool { return d.Name == name }) {
			continue
		}
		s, err := readSetting(name, e.value)
		if err != nil {
			return nil, err
		}
		g = append(g, s)
	}
	return g, nil
}
