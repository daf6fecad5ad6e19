//lint:file-ignore ST1005 the sentences are those that Mirth's clients show

package mirthapi

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/mirth"
)

func (c *call) getGroups() (*reply, error) {
	n, err := c.kept(groupsFile, emptyList)
	if err != nil {
		return nil, err
	}
	ids, err := c.askedFor("channelGroupId")
	if err != nil {
		return nil, err
	}
	return document(chosen(byName(n), ids)), nil
}

// updateGroups makes the groups those that are sent, all of them: one that is not
// among them is deleted. Without override it answers false where that would undo
// what the client has not seen.
func (c *call) updateGroups() (*reply, error) {
	parts, err := c.parts()
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	old, err := c.kept(groupsFile, emptyList)
	if err != nil {
		return nil, err
	}
	sent := collection("list", "channelGroup", parts["channelGroups"])
	if !c.flag("override") && outdated(old, sent, parts["removedChannelGroupIds"].Texts()) {
		return boolean(false), nil
	}
	next := mirth.El("list")
	in := map[string]string{} // channel → group
	for _, g := range sent.Children {
		name := g.TextAt("name")
		if id := g.TextAt("id"); id == "Default Group" || name == "[Default Group]" || name == "Default Group" {
			return nil, errors.New("The default group cannot be changed.")
		}
		if slices.ContainsFunc(next.Children, func(o *mirth.Node) bool { return strings.EqualFold(o.TextAt("name"), name) }) {
			return nil, errors.New("A channel group with that name already exists.")
		}
		g = g.Clone()
		if channels := g.At("channels"); channels != nil {
			stubs := mirth.El("channels")
			for _, ch := range channels.Children {
				id := ch.TextAt("id")
				if in[id] != "" {
					return nil, errors.New("A channel can only be in one group.")
				}
				in[id] = name
				stubs.Add(mirth.El("channel", mirth.Leaf("id", id), mirth.IntLeaf("revision", 0)).Version())
			}
			g.Put(stubs)
		}
		next.Add(c.revised(item(old, g.TextAt("id")), g))
	}
	if err := c.keep(groupsFile, byName(next)); err != nil {
		return nil, err
	}
	return boolean(true), nil
}

// unseen are the parts of an item that do not make it another one.
var unseen = []string{"revision", "lastModified"}

// revised is an item with its new revision: one more than before where it differs.
func (c *call) revised(old, sent *mirth.Node) *mirth.Node {
	switch {
	case old == nil:
		return sent.SetText("revision", "1")
	case same(old, sent, unseen...):
		return old
	}
	sent.SetText("revision", strconv.Itoa(revision(old)+1))
	return sent.Put(calendar("lastModified", c.now()))
}

// outdated tells whether what is sent would undo what its sender has not seen: an
// item that differs and has another revision, or one that is not mentioned.
func outdated(old, sent *mirth.Node, removed []string) bool {
	for _, o := range old.Children {
		id := o.TextAt("id")
		s := item(sent, id)
		if s == nil && !slices.Contains(removed, id) {
			return true
		}
		if s != nil && revision(s) != revision(o) && !same(o, s, unseen...) {
			return true
		}
	}
	return false
}
