package mirthapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
)

const statusClass = "com.mirth.connect.donkey.model.message.Status"

func statistics(name string, st pipeline.Status) *mirth.Node {
	n := mirth.El(name).Class("linked-hash-map")
	for _, s := range []struct {
		status string
		count  int64
	}{{"RECEIVED", st.Counts.Received}, {"FILTERED", st.Counts.Filtered}, {"SENT", st.Counts.Sent}, {"ERROR", st.Counts.Error}} {
		n.Add(mirth.El("entry", mirth.Leaf(statusClass, s.status), mirth.IntLeaf("long", s.count)))
	}
	return n
}

// lifetime is what connectors counted since the beginning. As with what is counted
// now, only the source receives and only destinations send.
func lifetime(ch *Channel, of ...pipeline.Status) (sum pipeline.Status) {
	for _, conn := range of {
		n := ch.Lifetime[conn.MetaDataID]
		if len(of) > 1 && conn.MetaDataID == 0 {
			n.Sent = 0
		} else if len(of) > 1 {
			n.Received = 0
		}
		sum.Counts = sum.Counts.Add(n)
	}
	return sum
}

// dashboardStatus is a channel in the dashboard, with its connectors where it is
// deployed.
func dashboardStatus(ch *Channel) *mirth.Node {
	n := mirth.El("dashboardStatus", mirth.Leaf("channelId", ch.ID), mirth.Leaf("name", ch.Name))
	if ch.Status == nil {
		none := pipeline.Status{}
		return n.Add(mirth.Leaf("state", string(weir.Undeployed)), mirth.IntLeaf("deployedRevisionDelta", 0), statistics("statistics", none),
			statistics("lifetimeStatistics", none), mirth.El("childStatuses"), mirth.BoolLeaf("queueEnabled", false), mirth.IntLeaf("queued", 0),
			mirth.BoolLeaf("waitForPrevious", false), mirth.Leaf("statusType", "CHANNEL"))
	}
	st := *ch.Status
	n.Add(mirth.Leaf("state", string(st.State)), mirth.IntLeaf("deployedRevisionDelta", int64(ch.Revision-ch.DeployedRevision)),
		calendar("deployedDate", ch.DeployedAt), mirth.BoolLeaf("codeTemplatesChanged", false),
		statistics("statistics", st), statistics("lifetimeStatistics", lifetime(ch, st.Connectors...)))
	children := mirth.El("childStatuses")
	queues := false
	for _, conn := range st.Connectors {
		settings, wait, kind := ch.Source.Settings, false, "SOURCE_CONNECTOR"
		queue := settings.Text("sourceConnectorProperties.respondAfterProcessing") == "false"
		if conn.MetaDataID != 0 {
			kind, wait, queue = "DESTINATION_CONNECTOR", true, false
			if d := destination(ch.Channel, conn.MetaDataID); d != nil {
				wait = d.WaitForPrevious
				queue = d.Settings.Text("destinationConnectorProperties.queueEnabled") == "true"
			}
		}
		queues = queues || queue
		children.Add(mirth.El("dashboardStatus", mirth.Leaf("channelId", ch.ID), mirth.Leaf("name", conn.Name), mirth.Leaf("state", string(conn.State)),
			statistics("statistics", conn), statistics("lifetimeStatistics", lifetime(ch, conn)), mirth.El("childStatuses"),
			mirth.IntLeaf("metaDataId", int64(conn.MetaDataID)), mirth.BoolLeaf("queueEnabled", queue), mirth.IntLeaf("queued", conn.Queued),
			mirth.BoolLeaf("waitForPrevious", wait), mirth.Leaf("statusType", kind)))
	}
	return n.Add(children, mirth.BoolLeaf("queueEnabled", queues), mirth.IntLeaf("queued", st.Queued), mirth.BoolLeaf("waitForPrevious", false),
		mirth.Leaf("statusType", "CHANNEL"))
}

func destination(ch *weir.Channel, metaDataID int) *weir.Connector {
	for i := range ch.Destinations {
		if ch.Destinations[i].MetaDataID == metaDataID {
			return &ch.Destinations[i]
		}
	}
	return nil
}

// wanted are the channels that a request for statuses asks for.
func (c *call) wanted(ids []string, undeployed bool) []*Channel {
	var list []*Channel
	filter := strings.ToLower(c.query.Get("filter"))
	for _, ch := range c.channels() {
		if (len(ids) == 0 || slices.Contains(ids, ch.ID)) && (undeployed || ch.Status != nil) &&
			(filter == "" || strings.Contains(strings.ToLower(ch.Name), filter)) {
			list = append(list, ch)
		}
	}
	return list
}

func (c *call) getStatus() (*reply, error) {
	if ch := c.channel(c.path["channelId"]); ch != nil && ch.Status != nil {
		return document(dashboardStatus(ch)), nil
	}
	return nothing, nil
}

func (c *call) getStatuses() (*reply, error) {
	ids, err := c.askedFor("channelId")
	if err != nil {
		return nil, err
	}
	list := mirth.El("list")
	for _, ch := range c.wanted(ids, c.flag("includeUndeployed")) {
		list.Add(dashboardStatus(ch))
	}
	return document(list), nil
}

func (c *call) getInitialStatuses() (*reply, error) {
	size, err := c.number("fetchSize", 100)
	if err != nil {
		return nil, err
	}
	list := c.wanted(nil, false)
	n := mirth.El("dashboardChannelInfo")
	statuses, left := mirth.El("dashboardStatuses"), mirth.El("remainingChannelIds")
	for i, ch := range list {
		if int64(i) < size {
			statuses.Add(dashboardStatus(ch))
		} else {
			left.Add(mirth.Leaf("string", ch.ID))
		}
	}
	if len(left.Children) == 0 {
		left.Class("empty-set")
	}
	return document(n.Add(statuses, left, mirth.IntLeaf("deployedChannelCount", int64(len(list))))), nil
}

// control is an operation on running channels. Those that are not there, and what
// does not succeed, are an answer only where the client asks for it.
func control(action string) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		ids, err := c.asked()
		if err != nil {
			return nil, err
		}
		return nothing, c.each(ids, func(ctx context.Context, id string) error { return c.engine.Control(ctx, id, action) })
	}
}

// each does something to channels, all of them whatever becomes of one. The caller
// may go away meanwhile.
func (c *call) each(ids []string, do func(ctx context.Context, id string) error) error {
	ctx := context.WithoutCancel(c.r.Context())
	c.note("channelIds", strings.Join(ids, ", "))
	var failed error
	for _, id := range ids {
		if ch := c.channel(id); ch == nil {
			continue
		}
		if err := do(ctx, id); err != nil {
			c.log.Warn("An operation on a channel failed", "channel", id, "operation", c.route.operation, "error", err)
			failed = err
		}
	}
	if c.flag("returnErrors") {
		return failed
	}
	return nil
}

func controlConnectors(start bool) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		wanted := map[string][]int{}
		if id, ok := c.path["channelId"]; ok {
			metaDataID, err := strconv.Atoi(c.path["metaDataId"])
			if err != nil {
				return nil, refuse(http.StatusNotFound, "Not Found")
			}
			wanted[id] = []int{metaDataID}
		} else {
			n, err := c.root(mapRoots...)
			if err != nil {
				return nil, err
			}
			for id, list := range pairs(n) {
				for _, text := range list.Texts() {
					if metaDataID, err := strconv.Atoi(text); err == nil {
						wanted[id] = append(wanted[id], metaDataID)
					}
				}
			}
		}
		var ids []string
		for id := range wanted {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return nothing, c.each(ids, func(ctx context.Context, id string) error {
			var failed error
			for _, metaDataID := range wanted[id] {
				if err := c.engine.ControlConnector(ctx, id, metaDataID, start); err != nil {
					failed = err
				}
			}
			return failed
		})
	}
}

func (c *call) redeployAll() (*reply, error) {
	err := c.engine.RedeployAll(context.WithoutCancel(c.r.Context()))
	if err != nil && c.flag("returnErrors") {
		return nil, err
	}
	return nothing, nil
}

// deploy deploys channels; an empty set is all that are enabled.
func (c *call) deploy() (*reply, error) {
	ids, err := c.asked()
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		for _, ch := range c.channels() {
			ids = append(ids, ch.ID)
		}
	}
	return nothing, c.each(ids, c.engine.Deploy)
}

func (c *call) undeploy() (*reply, error) {
	ids, err := c.asked()
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		for _, ch := range c.wanted(nil, false) {
			ids = append(ids, ch.ID)
		}
	}
	return nothing, c.each(ids, c.engine.Undeploy)
}

func (c *call) channelStatistics(ch *Channel) *mirth.Node {
	var st pipeline.Status
	if ch.Status != nil {
		st = *ch.Status
	}
	return mirth.El("channelStatistics", mirth.Leaf("serverId", c.engine.ServerID()), mirth.Leaf("channelId", ch.ID),
		mirth.IntLeaf("received", st.Counts.Received), mirth.IntLeaf("sent", st.Counts.Sent), mirth.IntLeaf("error", st.Counts.Error),
		mirth.IntLeaf("filtered", st.Counts.Filtered), mirth.IntLeaf("queued", st.Queued))
}

func (c *call) getStatistics() (*reply, error) {
	if ch := c.channel(c.path["channelId"]); ch != nil && ch.Status != nil {
		return document(c.channelStatistics(ch)), nil
	}
	return nothing, nil
}

func (c *call) getAllStatistics() (*reply, error) {
	list := mirth.El("list")
	for _, ch := range c.wanted(c.query["channelId"], c.flag("includeUndeployed")) {
		list.Add(c.channelStatistics(ch))
	}
	return document(list), nil
}

// clearStatistics sets counts of connectors to 0. <null/> stands for the channel,
// whose counts are the sums of theirs.
func (c *call) clearStatistics() (*reply, error) {
	n, err := c.root(mapRoots...)
	if err != nil {
		return nil, err
	}
	var statuses []weir.Status
	for name, s := range map[string]weir.Status{"received": weir.Received, "filtered": weir.Filtered, "sent": weir.Sent, "error": weir.Error} {
		if c.flag(name) {
			statuses = append(statuses, s)
		}
	}
	if len(statuses) == 0 {
		return nothing, nil
	}
	ctx := context.WithoutCancel(c.r.Context())
	for id, list := range pairs(n) {
		if ch := c.channel(id); ch == nil || ch.Status == nil {
			continue
		}
		for _, text := range list.Texts() {
			metaDataID, err := strconv.Atoi(text)
			if err != nil {
				continue
			}
			if err := c.engine.ResetStatistics(ctx, id, metaDataID, statuses); err != nil {
				return nil, err
			}
		}
	}
	return nothing, nil
}

func (c *call) clearAllStatistics() (*reply, error) {
	for _, ch := range c.wanted(nil, false) {
		if err := c.engine.ResetLifetime(context.WithoutCancel(c.r.Context()), ch.ID); err != nil {
			return nil, err
		}
	}
	return nothing, nil
}
