//lint:file-ignore ST1005 the sentences are those that Mirth's clients show

package mirthapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
)

// channels lists what the engine knows, by name.
func (a *API) channels() []*Channel {
	list := a.engine.Channels()
	slices.SortStableFunc(list, func(x, y *Channel) int { return cmp.Compare(x.Name, y.Name) })
	return list
}

func (a *API) channel(id string) *Channel {
	for _, ch := range a.engine.Channels() {
		if ch.ID == id {
			return ch
		}
	}
	return nil
}

// channelFile is where a channel is kept. Ids are those that Mirth makes; another
// text cannot become a path.
func channelFile(id string) (string, error) {
	if id == "" || len(id) > 64 || strings.Trim(id, "0123456789abcdefABCDEF-") != "" {
		return "", errors.New("the id of a channel must be a UUID")
	}
	return channelsDir + id + ".xml", nil
}

// exported is a channel as clients read it: with its metadata, what it depends on
// and its tags.
type exported struct {
	tags, dependencies *mirth.Node
	libraries          *mirth.Node // nil when they are not asked for
}

func (c *call) exporting(libraries bool) (*exported, error) {
	var e exported
	var err error
	if e.tags, err = c.kept(tagsFile, emptySet); err != nil {
		return nil, err
	}
	if e.dependencies, err = c.kept(dependenciesFile, emptySet); err != nil {
		return nil, err
	}
	if libraries {
		e.libraries, err = c.libraries()
	}
	return &e, err
}

func (e *exported) document(ch *Channel) *mirth.Node {
	doc := mirth.ChannelDocument(ch.Channel)
	data := mirth.El("exportData", metadataOf(doc, ch))
	if e.libraries != nil {
		list := mirth.El("codeTemplateLibraries")
		for _, l := range e.libraries.Children {
			if applies(l, ch.ID) {
				list.Add(l)
			}
		}
		data.Add(list)
	}
	dependents, dependencies, tags := mirth.El("dependentIds"), mirth.El("dependencyIds"), mirth.El("channelTags")
	for _, d := range e.dependencies.Children {
		if d.TextAt("dependencyId") == ch.ID {
			dependents.Add(mirth.Leaf("string", d.TextAt("dependentId")))
		}
		if d.TextAt("dependentId") == ch.ID {
			dependencies.Add(mirth.Leaf("string", d.TextAt("dependencyId")))
		}
	}
	for _, t := range e.tags.Children {
		if slices.Contains(t.At("channelIds").Texts(), ch.ID) {
			tags.Add(t)
		}
	}
	return doc.Put(data.Add(dependents, dependencies, tags))
}

// applies tells whether a library belongs to a channel.
func applies(library *mirth.Node, id string) bool {
	l := mirth.Library{
		IncludeNewChannels: library.TextAt("includeNewChannels") == "true",
		EnabledChannelIDs:  library.At("enabledChannelIds").Texts(), DisabledChannelIDs: library.At("disabledChannelIds").Texts(),
	}
	return l.Applies(id)
}

// metadataOf is the metadata inside of a channel's document, complete.
func metadataOf(doc *mirth.Node, ch *Channel) *mirth.Node {
	n := mirth.El("metadata", mirth.BoolLeaf("enabled", ch.Enabled))
	had := doc.At("exportData", "metadata")
	if last := had.At("lastModified"); last != nil {
		n.Add(last)
	} else {
		n.Add(calendar("lastModified", ch.Modified))
	}
	if pruning := had.At("pruningSettings"); pruning != nil {
		n.Add(pruning)
	} else {
		n.Add(mirth.El("pruningSettings", mirth.BoolLeaf("archiveEnabled", true), mirth.BoolLeaf("pruneErroredMessages", false)))
	}
	if user := had.At("userId"); user != nil {
		n.Add(user)
	}
	return n
}

// polls tells whether a channel's source polls.
func polls(doc *mirth.Node) bool {
	return doc.At("sourceConnector", "properties", "pollConnectorProperties") != nil
}

func (c *call) getChannels() (*reply, error) {
	ids, err := c.askedFor("channelId")
	if err != nil {
		return nil, err
	}
	e, err := c.exporting(c.flag("includeCodeTemplateLibraries"))
	if err != nil {
		return nil, err
	}
	list := mirth.El("list")
	for _, ch := range c.channels() {
		if len(ids) > 0 && !slices.Contains(ids, ch.ID) {
			continue
		}
		if doc := e.document(ch); !c.flag("pollingOnly") || polls(doc) {
			list.Add(doc)
		}
	}
	return document(list), nil
}

func (c *call) getChannel() (*reply, error) {
	ch := c.channel(c.path["channelId"])
	if ch == nil {
		return nothing, nil
	}
	e, err := c.exporting(c.flag("includeCodeTemplateLibraries"))
	if err != nil {
		return nil, err
	}
	return document(e.document(ch)), nil
}

func (c *call) getIDsAndNames() (*reply, error) {
	n := mirth.El("map")
	for _, ch := range c.channels() {
		n.Add(entry(ch.ID, mirth.Leaf("string", ch.Name)))
	}
	return document(n), nil
}

func (c *call) getConnectorNames() (*reply, error) {
	ch := c.channel(c.path["channelId"])
	if ch == nil {
		return nothing, nil
	}
	n := mirth.El("linked-hash-map")
	add := func(id int, name string) {
		n.Add(mirth.El("entry", mirth.IntLeaf("int", int64(id)), mirth.Leaf("string", name)))
	}
	add(0, "Source")
	for _, d := range ch.Destinations {
		add(d.MetaDataID, d.Name)
	}
	return document(n), nil
}

func (c *call) getMetaDataColumns() (*reply, error) {
	ch := c.channel(c.path["channelId"])
	if ch == nil {
		return nothing, nil
	}
	n := mirth.El("list")
	for _, col := range ch.Properties.MetaDataColumns {
		n.Add(mirth.El("metaDataColumn", mirth.Leaf("name", col.Name), mirth.Leaf("type", col.Type), mirth.Leaf("mappingName", col.Mapping)))
	}
	return document(n), nil
}

func (c *call) getPorts() (*reply, error) {
	n := mirth.El("list")
	for _, ch := range c.channels() {
		if port := ch.Source.Settings.Text("listenerConnectorProperties.port"); port != "" {
			n.Add(mirth.El("com.mirth.connect.donkey.model.channel.Ports", mirth.Leaf("name", strings.ToUpper(ch.Name)),
				mirth.Leaf("id", ch.ID), mirth.Leaf("port", port)))
		}
	}
	return document(n), nil
}

// read makes a channel of a document, as a file with it would be read.
func (c *call) read(doc *mirth.Node) (*weir.Channel, error) {
	im, err := mirth.ReadDocument(doc)
	if err != nil {
		return nil, err
	}
	if len(im.Channels) != 1 {
		reason := "the channel cannot be read"
		for _, n := range im.Notes {
			if n.Severity == mirth.Blocks {
				reason = strings.TrimSuffix(n.Text+". "+n.Remedy, ". ")
				break
			}
		}
		return nil, errors.New(reason)
	}
	return im.Channels[0], nil
}

// stored is a channel as it is kept: of its export data only the metadata.
func (c *call) stored(ch *weir.Channel, metadata *mirth.Node, revision int) (*mirth.Node, error) {
	doc := mirth.ChannelDocument(ch)
	if metadata == nil {
		metadata = mirth.El("metadata", mirth.BoolLeaf("enabled", true), calendar("lastModified", c.now()))
	}
	if metadata.At("lastModified") == nil {
		metadata = metadata.Clone().Add(calendar("lastModified", c.now()))
	}
	return doc.SetText("revision", strconv.Itoa(revision)).Put(mirth.El("exportData", metadata)), nil
}

// readOnly is why a channel from a file is not changed here.
func readOnly(ch *Channel) error {
	return &weir.Fault{Channel: ch.Name, Err: fmt.Errorf("the channel comes from %s and is read-only here", ch.File),
		Hint: "Change that file; the engine deploys it by itself."}
}

// valid says why a channel cannot be saved.
func (c *call) valid(ch *weir.Channel) error {
	if strings.TrimSpace(ch.Name) == "" {
		return errors.New("A channel must have a name.")
	}
	names := map[string]bool{}
	for _, d := range ch.Destinations {
		if names[d.Name] {
			return errors.New("Destination connector names must be unique.")
		}
		names[d.Name] = true
	}
	for _, other := range c.engine.Channels() {
		if other.ID != ch.ID && strings.EqualFold(other.Name, ch.Name) {
			return errors.New("A channel with that name already exists.")
		}
	}
	return nil
}

func (c *call) createChannel() (*reply, error) { return c.save(true) }
func (c *call) updateChannel() (*reply, error) { return c.save(c.flag("override")) }

// save keeps a channel that a client sent. It answers false where somebody else
// has changed the channel since the client began to edit.
func (c *call) save(override bool) (*reply, error) {
	doc, err := c.root("channel")
	if err != nil {
		return nil, err
	}
	if doc.TextAt("id") == "" {
		doc.SetText("id", c.path["channelId"])
	}
	data := doc.Remove("exportData")
	ch, err := c.read(doc)
	if err != nil {
		return nil, err
	}
	c.note("channel", ch.Name)
	if err := c.valid(ch); err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	metadata, next := data.At("metadata"), 1
	if old := c.channel(ch.ID); old != nil {
		was := mirth.ChannelDocument(old.Channel)
		next = old.Revision + 1
		if same(was, mirth.ChannelDocument(ch), "revision", "exportData", "nextMetaDataId") {
			next = old.Revision
			if !old.Kept { // nothing but what others keep of it
				return document(mirth.BoolLeaf("boolean", true)), c.addTags(data.At("channelTags"), ch.ID)
			}
		} else {
			if !old.Kept {
				return nil, readOnly(old)
			}
			if changed, ok := when(metadataOf(was, old).At("lastModified")); ok && !override && c.startEdit().Before(changed) {
				return document(mirth.BoolLeaf("boolean", false)), nil
			}
		}
		if metadata == nil {
			metadata = was.At("exportData", "metadata")
		}
		ch.NextID = max(ch.NextID, old.NextID)
	}
	kept, err := c.stored(ch, metadata, next)
	if err != nil {
		return nil, err
	}
	name, err := channelFile(ch.ID)
	if err != nil {
		return nil, err
	}
	if err := c.keep(name, kept); err != nil {
		return nil, err
	}
	c.note("revision", strconv.Itoa(next))
	return document(mirth.BoolLeaf("boolean", true)), c.addTags(data.At("channelTags"), ch.ID)
}

// startEdit is when the client began to edit; without it, now.
func (c *call) startEdit() time.Time {
	for _, layout := range []string{"2006-01-02T15:04:05-0700", "2006-01-02T15:04:05.000-0700"} {
		if t, err := time.Parse(layout, c.query.Get("startEdit")); err == nil {
			return t
		}
	}
	return c.now()
}

// addTags merges a channel's tags with the server's, by id or else by name.
func (c *call) addTags(sent *mirth.Node, id string) error {
	if len(sent.Items()) == 0 {
		return nil
	}
	tags, err := c.kept(tagsFile, emptySet)
	if err != nil {
		return err
	}
	for _, t := range sent.Children {
		var known *mirth.Node
		for _, k := range tags.Children {
			if k.TextAt("id") == t.TextAt("id") || strings.EqualFold(k.TextAt("name"), t.TextAt("name")) {
				known = k
				break
			}
		}
		if known == nil {
			known = t.Clone().Put(mirth.El("channelIds"))
			tags.Add(known)
		}
		tag(known, id)
	}
	return c.keep(tagsFile, tags)
}

// asked are the channels of a request: of its path, query, form, or body.
func (c *call) asked() ([]string, error) {
	if id, ok := c.path["channelId"]; ok {
		return []string{id}, nil
	}
	ids := c.query["channelId"]
	switch {
	case c.route.body == "form":
		form, err := c.form()
		return append(ids, form["channelId"]...), err
	case c.r.Method == http.MethodPost && c.route.body == "":
		sent, err := c.ids()
		return append(ids, sent...), err
	}
	return ids, nil
}

func (c *call) removeChannels() (*reply, error) {
	ids, err := c.asked()
	if err != nil {
		return nil, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	ctx := context.WithoutCancel(c.r.Context())
	files := map[string][]byte{}
	for _, id := range ids {
		ch := c.channel(id)
		if ch == nil {
			continue
		}
		if !ch.Kept {
			return nil, readOnly(ch)
		}
		c.note("channel", ch.Name)
		if err := c.engine.Undeploy(ctx, id); err != nil {
			c.log.Warn("The channel did not stop in order before it was removed", "channel", ch.Name, "error", err)
		}
		name, err := channelFile(id)
		if err != nil {
			return nil, err
		}
		files[name] = nil
	}
	return nothing, c.keepAll(files)
}

// edit changes the documents of channels, without a new revision.
func (c *call) edit(ids []string, change func(doc, metadata *mirth.Node)) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	files := map[string][]byte{}
	for _, ch := range c.engine.Channels() {
		if len(ids) > 0 && !slices.Contains(ids, ch.ID) {
			continue
		}
		doc := mirth.ChannelDocument(ch.Channel)
		metadata := metadataOf(doc, ch)
		doc.Put(mirth.El("exportData", metadata))
		before := string(doc.Bytes())
		if change(doc, metadata); string(doc.Bytes()) == before {
			continue
		}
		if !ch.Kept {
			return readOnly(ch)
		}
		name, err := channelFile(ch.ID)
		if err != nil {
			return err
		}
		files[name] = file(doc)
	}
	return c.keepAll(files)
}

// value is a parameter of the path or of the form.
func (c *call) value(name string) (string, error) {
	if v, ok := c.path[name]; ok {
		return v, nil
	}
	form, err := c.form()
	return form.Get(name), err
}

func (c *call) setEnabled() (*reply, error) {
	ids, err := c.asked()
	if err != nil {
		return nil, err
	}
	enabled, err := c.value("enabled")
	if err != nil {
		return nil, err
	}
	return nothing, c.edit(ids, func(_, metadata *mirth.Node) {
		metadata.SetText("enabled", strconv.FormatBool(enabled == "true"))
	})
}

func (c *call) setInitialState() (*reply, error) {
	ids, err := c.asked()
	if err != nil {
		return nil, err
	}
	state, err := c.value("initialState")
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"STARTED", "PAUSED", "STOPPED"}, state) {
		return nil, refuse(http.StatusNotFound, "Not Found")
	}
	return nothing, c.edit(ids, func(doc, _ *mirth.Node) {
		if p := doc.At("properties"); p != nil {
			p.SetText("initialState", state)
		}
	})
}

const metadataClass = "com.mirth.connect.model.ChannelMetadata"

func (c *call) getMetadata() (*reply, error) {
	n := mirth.El("map")
	for _, ch := range c.channels() {
		n.Add(entry(ch.ID, metadataOf(mirth.ChannelDocument(ch.Channel), ch).Renamed(metadataClass)))
	}
	return document(n), nil
}

func (c *call) setMetadata() (*reply, error) {
	n, err := c.root(mapRoots...)
	if err != nil {
		return nil, err
	}
	sent := map[string]*mirth.Node{}
	ids := []string{"-"} // of none, where nothing is sent
	for id, m := range pairs(n) {
		sent[id] = m
		ids = append(ids, id)
	}
	return nothing, c.edit(ids, func(doc, _ *mirth.Node) {
		doc.Put(mirth.El("exportData", sent[doc.TextAt("id")].Renamed("metadata")))
	})
}

// getSummary tells of the channels that differ from what the client has.
func (c *call) getSummary() (*reply, error) {
	cached, err := c.root(mapRoots...)
	if err != nil {
		return nil, err
	}
	return document(c.summaries("list", cached, c.flag("ignoreNewChannels"))), nil
}

func (c *call) summaries(root string, cached *mirth.Node, ignoreNew bool) *mirth.Node {
	list := mirth.El(root)
	known := map[string]*mirth.Node{}
	channels := c.channels()
	for id, header := range pairs(cached) {
		known[id] = header
		if !slices.ContainsFunc(channels, func(ch *Channel) bool { return ch.ID == id }) {
			list.Add(mirth.El("channelSummary", mirth.Leaf("channelId", id), mirth.BoolLeaf("deleted", true), mirth.BoolLeaf("undeployed", false)))
		}
	}
	for i, ch := range channels {
		header := known[ch.ID]
		if header == nil && ignoreNew {
			continue
		}
		current := header != nil && revision(header) == ch.Revision
		had, deployed := when(header.At("deployedDate"))
		sameDeploy := ch.Status == nil && !deployed || ch.Status != nil && deployed && had.UnixMilli() == ch.DeployedAt.UnixMilli()
		if current && sameDeploy {
			continue
		}
		status := mirth.El("channelStatus")
		if !current {
			doc := mirth.ChannelDocument(ch.Channel)
			doc.Remove("exportData")
			status.Add(doc)
		}
		if ch.Status != nil {
			status.Add(calendar("deployedDate", ch.DeployedAt), mirth.IntLeaf("deployedRevisionDelta", int64(ch.Revision-ch.DeployedRevision)),
				mirth.BoolLeaf("codeTemplatesChanged", false))
		}
		status.Add(mirth.IntLeaf("localChannelId", int64(i+1)))
		list.Add(mirth.El("channelSummary", mirth.Leaf("channelId", ch.ID), mirth.BoolLeaf("deleted", false),
			mirth.BoolLeaf("undeployed", ch.Status == nil && deployed), status))
	}
	return list
}
