package server

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirthapi"
)

// keptLines is how many lines of the log, and how many events of connections, are
// held for dashboards.
const keptLines = 1000

// ring holds the last lines of something, which are numbered from 1.
type ring[T any] struct {
	mu    sync.Mutex
	lines []T
	next  int64
}

func (r *ring[T]) add(line T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	if len(r.lines) < keptLines {
		r.lines = append(r.lines, line)
		return
	}
	r.lines[(r.next-1)%keptLines] = line
}

// newest are up to limit lines as they are shown, the newest first.
func newest[T, Shown any](r *ring[T], limit int, show func(id int64, line T) Shown) (list []Shown) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range min(int64(limit), int64(len(r.lines))) {
		list = append(list, show(r.next-i, r.lines[(r.next-1-i)%keptLines]))
	}
	return list
}

// logTail is a log that also holds its last lines.
type logTail struct {
	slog.Handler
	lines *ring[mirthapi.LogLine]
	attrs []slog.Attr
}

func (h *logTail) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || h.Handler.Enabled(ctx, level)
}

func (h *logTail) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelInfo {
		h.lines.add(h.line(r))
	}
	if !h.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func (h *logTail) line(r slog.Record) mirthapi.LogLine {
	line := mirthapi.LogLine{Time: r.Time, Level: r.Level.String(), Category: "weir"}
	text := []string{r.Message}
	attr := func(a slog.Attr) bool {
		if a.Key == "logger" {
			line.Category = a.Value.String()
		} else {
			text = append(text, fmt.Sprintf("%s=%v", a.Key, a.Value))
		}
		return true
	}
	for _, a := range h.attrs {
		attr(a)
	}
	r.Attrs(attr)
	line.Text = strings.Join(text, " ")
	return line
}

func (h *logTail) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logTail{h.Handler.WithAttrs(attrs), h.lines, append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)}
}

func (h *logTail) WithGroup(name string) slog.Handler {
	return &logTail{h.Handler.WithGroup(name), h.lines, h.attrs}
}

func (e *mirthEngine) Log(limit int) []mirthapi.LogLine {
	return newest(&e.logLines, limit, func(id int64, line mirthapi.LogLine) mirthapi.LogLine {
		line.ID = id
		return line
	})
}

// connectionStates are the states of connections by Mirth's names.
var connectionStates = map[string]string{"idle": "Idle", "connected": "Connected", "receiving": "Receiving", "sending": "Sending",
	"waiting": "Waiting for Response", "disconnected": "Disconnected", "failed": "Failure", "denied": "Info"}

// connectionChange is what a connector reported of its connections. It is a line only
// when somebody looks: several come with each message.
type connectionChange struct {
	time                   time.Time
	channelID, channelName string
	metaDataID             int
	kind, name             string // of the connector; the source has no name
	event                  weir.ConnectionEvent
}

// logConnection notes what a connector reports of its connections.
func (s *Server) logConnection(d *deployed, metaDataID int, e weir.ConnectionEvent, now time.Time) {
	c := connectionChange{now, d.config.ID, d.config.Name, metaDataID, d.config.Source.Type, "", e}
	for i := range d.config.Destinations {
		if to := &d.config.Destinations[i]; to.MetaDataID == metaDataID {
			c.kind, c.name = to.Type, to.Name
		}
	}
	s.connectionLines.add(c)
}

func (c connectionChange) line(id int64) mirthapi.ConnectionLine {
	connector := "Source: " + c.kind
	if c.metaDataID != 0 {
		connector = "Destination: " + c.kind + " - " + c.name
	}
	return mirthapi.ConnectionLine{ID: id, Time: c.time, ChannelID: c.channelID, ChannelName: c.channelName, MetaDataID: c.metaDataID,
		Connector: connector, State: connectionStates[c.event.State], Text: strings.TrimSpace(c.event.Remote + " " + c.event.Detail)}
}

func (e *mirthEngine) ConnectionLog(limit int) []mirthapi.ConnectionLine {
	return newest(&e.connectionLines, limit, func(id int64, c connectionChange) mirthapi.ConnectionLine { return c.line(id) })
}
