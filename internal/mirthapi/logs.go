package mirthapi

import (
	"time"

	"github.com/weir-health/weir/internal/mirth"
)

// LogLine is a line of the engine's log.
type LogLine struct {
	ID                    int64 // rises
	Time                  time.Time
	Level, Category, Text string
}

// ConnectionLine is a change in a connector's connections.
type ConnectionLine struct {
	ID                     int64 // rises
	Time                   time.Time
	ChannelID, ChannelName string
	MetaDataID             int
	Connector, State, Text string
}

// date is how a java.util.Date is written.
func date(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000 ") + "UTC" }

// since reads how many lines a client wants, and which id it had last.
func (c *call) since() (limit int, last int64, err error) {
	n, err := c.number("fetchSize", 100)
	if err != nil {
		return 0, 0, err
	}
	last, err = c.number("lastLogId", 0)
	return int(min(n, MaxPage)), last, err
}

func (c *call) getServerLog() (*reply, error) {
	limit, last, err := c.since()
	if err != nil {
		return nil, err
	}
	list := mirth.El("list")
	for _, l := range c.engine.Log(limit) {
		if l.ID > last {
			list.Add(mirth.El("com.mirth.connect.plugins.serverlog.ServerLogItem", mirth.Leaf("serverId", c.engine.ServerID()), mirth.IntLeaf("id", l.ID),
				mirth.Leaf("level", l.Level), mirth.Leaf("date", date(l.Time)), mirth.Leaf("threadName", ""), mirth.Leaf("category", l.Category),
				mirth.Leaf("lineNumber", ""), mirth.Leaf("message", l.Text)))
		}
	}
	return document(list), nil
}

func (c *call) getConnectionLog() (*reply, error) {
	limit, last, err := c.since()
	if err != nil {
		return nil, err
	}
	list := mirth.El("linked-list")
	channel, one := c.path["channelId"]
	for _, l := range c.engine.ConnectionLog(MaxPage) {
		if l.ID <= last || one && l.ChannelID != channel || len(list.Children) == limit {
			continue
		}
		list.Add(mirth.El("com.mirth.connect.plugins.dashboardstatus.ConnectionLogItem", mirth.IntLeaf("logId", l.ID), mirth.Leaf("serverId", c.engine.ServerID()),
			mirth.Leaf("channelId", l.ChannelID), mirth.IntLeaf("metadataId", int64(l.MetaDataID)), mirth.Leaf("dateAdded", l.Time.Format("2006-01-02 15:04:05.000")),
			mirth.Leaf("channelName", l.ChannelName), mirth.Leaf("connectorType", l.Connector), mirth.Leaf("eventState", l.State), mirth.Leaf("information", l.Text)))
	}
	return document(list), nil
}
