package server

import (
	"sync"

	"github.com/weir-health/weir"
)

// connections is the last known state of each connector's connections.
type connections struct {
	startProblem error // why a deployed channel did not start

	connMu sync.Mutex
	last   map[int]weir.ConnectionEvent
}

// connection takes what a connector reports.
func (s *Server) connection(channelID string, metaDataID int, e weir.ConnectionEvent) {
	d := s.byID(channelID)
	if d == nil {
		return
	}
	d.connMu.Lock()
	defer d.connMu.Unlock()
	if d.last == nil {
		d.last = map[int]weir.ConnectionEvent{}
	}
	d.last[metaDataID] = e
}

// connectionOf is the state that a dashboard shows.
func (d *deployed) connectionOf(metaDataID int) weir.ConnectionEvent {
	d.connMu.Lock()
	defer d.connMu.Unlock()
	return d.last[metaDataID]
}
