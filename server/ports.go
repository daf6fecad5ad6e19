package server

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/mirth"
)

// SharedPort is a port that several channels listen on. The first that starts
// has it; the others do not start.
type SharedPort struct {
	Port      int        `json:"port"`
	Listeners []Listener `json:"listeners"`
}

// Listener is a channel that listens.
type Listener struct {
	Channel string `json:"channel"`
	Address string `json:"address"`
	File    string `json:"file"`
	Path    string `json:"path"`
	Line    int    `json:"line,omitempty"`

	id   string
	port int
}

// ports finds the ports that enabled channels share, and notes for each of them,
// by id.
func (c *checker) ports() map[string][]Problem {
	var all []Listener
	for _, ch := range c.set.Channels {
		p := c.opt.parts(ch)[0]
		host := declaredText(p, "listenerConnectorProperties.host")
		port, err := strconv.Atoi(c.configured(declaredText(p, "listenerConnectorProperties.port")))
		if err != nil || port == 0 || !ch.Enabled || p.Settings.Text("serverMode") == "false" {
			continue
		}
		at := c.locate(ch)
		path, line := at.find(at.setting("Source", "listenerConnectorProperties.port"))
		all = append(all, Listener{ch.Name, net.JoinHostPort(c.configured(host), strconv.Itoa(port)), c.set.Files[ch.ID], path, line, ch.ID, port})
	}
	notes := map[string][]Problem{}
	seen := map[int]bool{}
	for i, a := range all {
		sharing := []Listener{a}
		var names []string
		for j, b := range all {
			if i != j && a.port == b.port && overlap(a.Address, b.Address) {
				sharing = append(sharing, b)
				names = append(names, b.Channel)
			}
		}
		if len(names) == 0 {
			continue
		}
		notes[a.id] = []Problem{{a.File, mirth.Note{Channel: a.Channel, Path: a.Path, Line: a.Line, Severity: mirth.Warning, About: aboutPort,
			Text:   fmt.Sprintf("port %d is also that of %s: only the first to start has it", a.port, several(names)),
			Remedy: "Give each a port of its own, or disable all but one."}}}
		if !seen[a.port] {
			seen[a.port] = true
			c.report.Ports = append(c.report.Ports, SharedPort{a.port, sharing})
		}
	}
	return notes
}

// several names a few of many.
func several(names []string) string {
	const few = 5
	if len(names) > few {
		names = append(slices.Clone(names[:few]), fmt.Sprintf("%d others", len(names)-few))
	}
	return strings.Join(names, ", ")
}

// configured is a setting with the value of the configuration map that it is, or
// as it stands.
func (c *checker) configured(text string) string {
	text = strings.TrimSpace(text)
	if name, ok := strings.CutPrefix(text, "${"); ok && strings.HasSuffix(name, "}") {
		if value, ok := c.set.Configuration[strings.TrimSuffix(name, "}")]; ok {
			return value
		}
	}
	return text
}

// overlap tells whether two addresses of one port are in each other's way.
func overlap(a, b string) bool {
	a, _, _ = net.SplitHostPort(a)
	b, _, _ = net.SplitHostPort(b)
	return a == b || everyAddress(a) || everyAddress(b)
}

func everyAddress(host string) bool { return host == "" || host == "0.0.0.0" || host == "::" }
