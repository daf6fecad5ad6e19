package server

import (
	"errors"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/pipeline"
)

// connections is what each connector last reported of its connections.
type connections struct {
	startProblem error // why a deployed channel did not start

	connMu sync.Mutex
	last   map[int]connection
}

// connection is what a dashboard shows of a connector's connections.
type connection struct {
	weir.ConnectionEvent
	denied   int64  // not let in, since the channel was deployed
	failure  string // the last one
	failedAt time.Time
}

// connection takes what a connector reports.
func (s *Server) connection(channelID string, metaDataID int, e weir.ConnectionEvent) {
	d := s.byID(channelID)
	if d == nil {
		return
	}
	now := s.opt.Now()
	d.report(metaDataID, e, now)
	s.logConnection(d, metaDataID, e, now)
	if e.State == "failed" && metaDataID == 0 {
		// Destinations tell of each failed attempt by themselves, with its message.
		s.failed(pipeline.ErrorEvent{ChannelID: channelID, ChannelName: d.config.Name, Connector: "Source", Type: d.config.Source.Type,
			Kind: pipeline.SourceConnectorError, Text: "Error of the source", Err: errors.New(e.Detail)})
	}
}

func (d *connections) report(metaDataID int, e weir.ConnectionEvent, now time.Time) {
	d.connMu.Lock()
	defer d.connMu.Unlock()
	if d.last == nil {
		d.last = map[int]connection{}
	}
	c := d.last[metaDataID]
	if e.State == "failed" {
		c.failure, c.failedAt = e.Detail, now
	}
	switch open := c.Count; e.State {
	case "denied": // which leaves the others as they are
		c.denied++
	case "connected", "disconnected":
		c.ConnectionEvent = e
		if e.State == "disconnected" && e.Count > 0 {
			c.State = "connected" // others are
		}
	default:
		c.ConnectionEvent = e
		if e.Count == 0 {
			c.Count = open // it was about one of them, or about none
		}
	}
	d.last[metaDataID] = c
}

// connectionOf is the state that a dashboard shows.
func (d *connections) connectionOf(metaDataID int) connection {
	d.connMu.Lock()
	defer d.connMu.Unlock()
	return d.last[metaDataID]
}
