//lint:file-ignore ST1005 the sentences are those that Mirth's clients show

package mirthapi

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/mirth"
)

// libraries are all code template libraries with their templates.
func (c *call) libraries() (*mirth.Node, error) {
	n, err := c.kept(librariesFile, emptyList)
	if err != nil {
		return nil, err
	}
	return byName(n), nil
}

const templateName = "codeTemplate"

// stub is a library that names its templates by their ids alone.
func stub(library *mirth.Node) *mirth.Node {
	l := library.Clone()
	templates := mirth.El("codeTemplates")
	for _, t := range library.At("codeTemplates").Items() {
		templates.Add(mirth.El(templateName, mirth.Leaf("id", t.TextAt("id"))).Version())
	}
	return l.Put(templates)
}

func (c *call) getLibraries() (*reply, error) {
	n, err := c.libraries()
	if err != nil {
		return nil, err
	}
	ids, err := c.askedFor("libraryId")
	if err != nil {
		return nil, err
	}
	return document(c.shownLibraries(chosen(n, ids))), nil
}

func (c *call) shownLibraries(n *mirth.Node) *mirth.Node {
	if !c.flag("includeCodeTemplates") {
		for i, l := range n.Children {
			n.Children[i] = stub(l)
		}
	}
	return n
}

func (c *call) getLibrary() (*reply, error) {
	n, err := c.libraries()
	if err != nil {
		return nil, err
	}
	return oneOf(c.shownLibraries(n), c.path["libraryId"]), nil
}

// templates are those of all libraries, by name.
func templates(libraries *mirth.Node) *mirth.Node {
	n := mirth.El("list")
	for _, l := range libraries.Children {
		for _, t := range l.At("codeTemplates").Items() {
			if item(n, t.TextAt("id")) == nil {
				n.Add(t)
			}
		}
	}
	return byName(n)
}

func (c *call) getTemplates() (*reply, error) {
	n, err := c.libraries()
	if err != nil {
		return nil, err
	}
	ids, err := c.askedFor("codeTemplateId")
	if err != nil {
		return nil, err
	}
	return document(chosen(templates(n), ids)), nil
}

func (c *call) getTemplate() (*reply, error) {
	n, err := c.libraries()
	if err != nil {
		return nil, err
	}
	return oneOf(templates(n), c.path["codeTemplateId"]), nil
}

func (c *call) getTemplateSummary() (*reply, error) {
	known, err := c.root(mapRoots...)
	if err != nil {
		return nil, err
	}
	n, err := c.libraries()
	if err != nil {
		return nil, err
	}
	const class = "com.mirth.connect.model.codetemplates.CodeTemplateSummary"
	list, all := mirth.El("list"), templates(n)
	had := map[string]string{}
	for id, rev := range pairs(known) {
		had[id] = rev.Text
		if item(all, id) == nil {
			list.Add(mirth.El(class, mirth.Leaf("codeTemplateId", id), mirth.BoolLeaf("deleted", true)))
		}
	}
	for _, t := range all.Children {
		id := t.TextAt("id")
		if rev, ok := had[id]; !ok || rev != t.TextAt("revision") {
			list.Add(mirth.El(class, mirth.Leaf("codeTemplateId", id), mirth.BoolLeaf("deleted", false), t))
		}
	}
	return document(list), nil
}

// stray holds the templates that came without a library, until one names them: in
// Mirth they exist by themselves.
const strayFile = "settings/code-templates.xml"

// replaced puts the templates that libraries name by id into them, from those that
// are known.
func replaced(sent, known *mirth.Node) (*mirth.Node, error) {
	out := mirth.El("list")
	for _, l := range sent.Children {
		l = l.Clone()
		if slices.ContainsFunc(out.Children, func(o *mirth.Node) bool { return strings.EqualFold(o.TextAt("name"), l.TextAt("name")) }) {
			return nil, errors.New("A code template library with that name already exists.")
		}
		if list := l.At("codeTemplates"); list != nil {
			full := mirth.El("codeTemplates")
			for _, t := range list.Children {
				if k := item(known, t.TextAt("id")); k != nil {
					full.Add(k)
				} else if t.At("properties") != nil {
					full.Add(t)
				} else {
					full.Add(mirth.El(templateName, mirth.Leaf("id", t.TextAt("id"))).Version())
				}
			}
			l.Put(full)
		}
		out.Add(l)
	}
	return out, nil
}

// allTemplates are those of libraries, and those that no library has.
func (c *call) allTemplates(libraries *mirth.Node) (*mirth.Node, error) {
	all := templates(libraries)
	all.Children = slices.DeleteFunc(all.Children, func(t *mirth.Node) bool { return t.At("properties") == nil })
	loose, err := c.kept(strayFile, emptyList)
	if err != nil {
		return nil, err
	}
	for _, t := range loose.Children {
		if item(all, t.TextAt("id")) == nil {
			all.Add(t)
		}
	}
	return all, nil
}

// keepLibraries keeps libraries, and apart from them the templates they lack.
func (c *call) keepLibraries(libraries, known *mirth.Node) error {
	loose := mirth.El("list")
	inside := templates(libraries)
	for _, t := range known.Children {
		if item(inside, t.TextAt("id")) == nil {
			loose.Add(t)
		}
	}
	files := map[string][]byte{librariesFile: file(byName(libraries)), strayFile: nil}
	if len(loose.Children) > 0 {
		files[strayFile] = file(loose)
	}
	return c.keepAll(files)
}

// revisedLibraries gives libraries their new revisions. What a library has of a
// template is its id: its revision is its own.
func (c *call) revisedLibraries(old, sent *mirth.Node) {
	for i, l := range sent.Children {
		before := item(old, l.TextAt("id"))
		full := l.At("codeTemplates")
		s := stub(l)
		if before != nil {
			before = stub(before)
		}
		r := c.revised(before, s).Clone()
		if full != nil {
			r.Put(full)
		}
		sent.Children[i] = r
	}
}

func stubs(n *mirth.Node) *mirth.Node {
	out := mirth.El("list")
	for _, l := range n.Children {
		out.Add(stub(l))
	}
	return out
}

// updateLibraries makes the libraries those that are sent, all of them.
func (c *call) updateLibraries() (*reply, error) {
	n, err := c.root(collectionRoots...)
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	old, err := c.libraries()
	if err != nil {
		return nil, err
	}
	sent := collection("list", "codeTemplateLibrary", n)
	if !c.flag("override") && outdated(stubs(old), stubs(sent), nil) {
		return boolean(false), nil
	}
	known, err := c.allTemplates(old)
	if err != nil {
		return nil, err
	}
	next, err := replaced(sent, known)
	if err != nil {
		return nil, err
	}
	c.revisedLibraries(old, next)
	if err := c.keepLibraries(next, known); err != nil {
		return nil, err
	}
	return boolean(true), nil
}

func (c *call) updateTemplate() (*reply, error) {
	t, err := c.root(templateName)
	if err != nil {
		return nil, err
	}
	id := t.TextAt("id")
	if id == "" {
		id = c.path["codeTemplateId"]
		t.SetText("id", id)
	}
	c.note("codeTemplate", t.TextAt("name"))
	c.changing.Lock()
	defer c.changing.Unlock()
	libraries, err := c.libraries()
	if err != nil {
		return nil, err
	}
	known, err := c.allTemplates(libraries)
	if err != nil {
		return nil, err
	}
	old := item(known, id)
	if old != nil && !c.flag("override") && revision(old) != revision(t) && !same(old, t, unseen...) {
		return boolean(false), nil
	}
	for _, k := range known.Children {
		if k.TextAt("id") != id && strings.EqualFold(k.TextAt("name"), t.TextAt("name")) {
			return nil, errors.New("A code template with that name already exists.")
		}
	}
	setTemplate(known, c.revised(old, t))
	next, err := replaced(libraries, known)
	if err != nil {
		return nil, err
	}
	if err := c.keepLibraries(next, known); err != nil {
		return nil, err
	}
	return boolean(true), nil
}

func setTemplate(list, t *mirth.Node) {
	for i, k := range list.Children {
		if k.TextAt("id") == t.TextAt("id") {
			list.Children[i] = t
			return
		}
	}
	list.Add(t)
}

// removeTemplate removes a template; the library that held it gets a new revision.
func (c *call) removeTemplate() (*reply, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	libraries, err := c.libraries()
	if err != nil {
		return nil, err
	}
	known, err := c.allTemplates(libraries)
	if err != nil {
		return nil, err
	}
	c.dropTemplates(libraries, known, []string{c.path["codeTemplateId"]})
	return nothing, c.keepLibraries(libraries, known)
}

func (c *call) dropTemplates(libraries, known *mirth.Node, ids []string) {
	gone := func(t *mirth.Node) bool { return slices.Contains(ids, t.TextAt("id")) }
	known.Children = slices.DeleteFunc(known.Children, gone)
	for _, l := range libraries.Children {
		list := l.At("codeTemplates")
		if list == nil || !slices.ContainsFunc(list.Children, gone) {
			continue
		}
		list.Children = slices.DeleteFunc(list.Children, gone)
		l.SetText("revision", strconv.Itoa(revision(l)+1)).Put(calendar("lastModified", c.now()))
	}
}

// bulkUpdateLibraries saves libraries and templates together.
func (c *call) bulkUpdateLibraries() (*reply, error) {
	parts, err := c.parts()
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	old, err := c.libraries()
	if err != nil {
		return nil, err
	}
	known, err := c.allTemplates(old)
	if err != nil {
		return nil, err
	}
	sent := collection("list", "codeTemplateLibrary", parts["libraries"])
	changed := collection("list", templateName, parts["updatedCodeTemplates"])
	if !c.flag("override") {
		conflict := outdated(stubs(old), stubs(sent), parts["removedLibraryIds"].Texts())
		for _, t := range changed.Children {
			k := item(known, t.TextAt("id"))
			conflict = conflict || k != nil && revision(k) != revision(t) && !same(k, t, unseen...)
		}
		if conflict {
			return document(mirth.El("codeTemplateLibrarySaveResult", mirth.BoolLeaf("overrideNeeded", true), mirth.BoolLeaf("librariesSuccess", false),
				mirth.El("libraryResults"), mirth.El("codeTemplateResults"))), nil
		}
	}
	results := mirth.El("codeTemplateResults")
	for _, t := range changed.Children {
		fresh := c.revised(item(known, t.TextAt("id")), t)
		setTemplate(known, fresh)
		results.Add(entry(t.TextAt("id"), c.result("CodeTemplateUpdateResult", fresh)))
	}
	// Templates that are sent whole inside of a library are known by that.
	for _, t := range templates(sent).Children {
		if t.At("properties") != nil && item(known, t.TextAt("id")) == nil {
			setTemplate(known, c.revised(nil, t.Clone()))
		}
	}
	c.dropTemplates(sent, known, parts["removedCodeTemplateIds"].Texts())
	next, err := replaced(sent, known)
	if err != nil {
		return nil, err
	}
	c.revisedLibraries(old, next)
	if err := c.keepLibraries(next, known); err != nil {
		return nil, err
	}
	libraries := mirth.El("libraryResults")
	for _, l := range next.Children {
		libraries.Add(entry(l.TextAt("id"), c.result("LibraryUpdateResult", l)))
	}
	return document(mirth.El("codeTemplateLibrarySaveResult", mirth.BoolLeaf("overrideNeeded", false), mirth.BoolLeaf("librariesSuccess", true),
		libraries, results)), nil
}

func (c *call) result(kind string, of *mirth.Node) *mirth.Node {
	n := mirth.El("com.mirth.connect.model.codetemplates.CodeTemplateLibrarySaveResult_-" + kind)
	if kind == "CodeTemplateUpdateResult" {
		n.Add(mirth.BoolLeaf("success", true))
	}
	n.Add(mirth.Leaf("newRevision", of.TextAt("revision")))
	if last := of.At("lastModified"); last != nil {
		return n.Add(last.Renamed("newLastModified"))
	}
	return n.Add(calendar("newLastModified", c.now()))
}
