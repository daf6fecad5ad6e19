package channelfile

import (
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/mirth"
)

// Of a connector's settings, of the channel's attachment handler and of what is
// under extra, a file holds what differs from a new one. A setting that a channel
// does not have at all is not written either: it means what a new one means.

// differences writes what g has in another way than a new one, or in addition.
func differences(g, base config.Group) *node {
	n := &node{kind: mappingKind}
	if isList(g) {
		return complete(g)
	}
	for _, s := range inOrder(g, base) {
		d, ok := named(base, s.Name)
		switch {
		case ok && equal(s, d):
		case ok && isMapping(s) && isMapping(d):
			setSome(n, keyOf(s.Name), differences(s.Group, d.Group))
		default:
			n.set(keyOf(s.Name), settingNode(s))
		}
	}
	if back, err := overlay(n, base); err != nil || !includes(back, g) {
		return complete(g)
	}
	return n
}

// isMapping tells a group whose settings stand for themselves from a list, a map
// and whatever has a class or a text.
func isMapping(s config.Setting) bool {
	_, isMap := mapNode(s.Group)
	return len(s.Group) > 0 && s.Class == "" && s.Text == "" && !isList(s.Group) && !isMap
}

// includes reports whether all of g is in the whole, in any order but for lists.
func includes(whole, g config.Group) bool {
	if isList(g) {
		return slices.EqualFunc(whole, g, equal)
	}
	for _, s := range g {
		o, ok := named(whole, s.Name)
		if !ok || !equal(o, s) && !(isMapping(o) && isMapping(s) && includes(o.Group, s.Group)) {
			return false
		}
	}
	return true
}

// inOrder brings settings into the order of a new one's; what that has not stays
// behind, in its order.
func inOrder(g, base config.Group) config.Group {
	g = slices.Clone(g)
	rank := func(s config.Setting) int {
		if i := slices.IndexFunc(base, func(d config.Setting) bool { return d.Name == s.Name }); i >= 0 {
			return i
		}
		return len(base)
	}
	slices.SortStableFunc(g, func(a, b config.Setting) int { return rank(a) - rank(b) })
	for i := range g {
		if d, ok := named(base, g[i].Name); ok && isMapping(g[i]) && isMapping(d) {
			g[i].Group = inOrder(g[i].Group, d.Group)
		}
	}
	return g
}

// newConnector returns what goes without saying in a connector's settings: those
// that s declares, and others. Where s is nil all are known.
func newConnector(c weir.Connector, s config.Settings) (known, extra config.Group) {
	if c.SettingsClass != mirth.ConnectorClass(c.Type) {
		return nil, nil
	}
	g := mirth.NewConnector(c.Type)
	if s == nil {
		return g, nil
	}
	return separate(g, s)
}
