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

func (r *ring[T]) add(line func(id int64) T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	if len(r.lines) < keptLines {
		r.lines = append(r.lines, line(r.next))
		return
	}
	r.lines[(r.next-1)%keptLines] = line(r.next)
}

// newest are up to limit lines, the newest first.
func (r *ring[T]) newest(limit int) (list []T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range min(limit, len(r.lines)) {
		list = append(list, r.lines[(r.next-1-int64(i))%keptLines])
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
		h.lines.add(func(id int64) mirthapi.LogLine { return h.line(id, r) })
	}
	if !h.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func (h *logTail) line(id int64, r slog.Record) mirthapi.LogLine {
	line := mirthapi.LogLine{ID: id, Time: r.Time, Level: r.Level.String(), Category: "weir"}
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

func (e *mirthEngine) Log(limit int) []mirthapi.LogLine { return e.logLines.newest(limit) }

// connectionStates are the states of connections by Mirth's names.
var connectionStates = map[string]string{"idle": "Idle", "connected": "Connected", "receiving": "Receiving", "sending": "Sending",
	"waiting": "Waiting for Response", "disconnected": "Disconnected", "failed": "Failure", "denied": "Info"}

// logConnection notes what a connector reports of its connections.
func (s *Server) logConnection(d *deployed, metaDataID int, e weir.ConnectionEvent, now time.Time) {
	s.connectionLines.add(func(id int64) mirthapi.ConnectionLine {
		line := mirthapi.ConnectionLine{ID: id, Time: now, ChannelID: d.config.ID, ChannelName: d.config.Name, MetaDataID: metaDataID,
			Connector: "Source: " + d.config.Source.Type, State: connectionStates[e.State], Text: strings.TrimSpace(e.Remote + " " + e.Detail)}
		for i := range d.config.Destinations {
			if c := &d.config.Destinations[i]; c.MetaDataID == metaDataID {
				line.Connector = "Destination: " + c.Type + " - " + c.Name
			}
		}
		return line
	})
}

func (e *mirthEngine) ConnectionLog(limit int) []mirthapi.ConnectionLine {
	return e.connectionLines.newest(limit)
}
