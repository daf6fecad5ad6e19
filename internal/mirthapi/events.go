package mirthapi

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir/internal/audit"
	"github.com/weir-health/weir/internal/mirth"
)

func (c *call) getMaxEventID() (*reply, error) {
	return document(mirth.IntLeaf("int", c.trail.MaxID())), nil
}

// calendarLayout is how a time stands in a query.
const calendarLayout = "2006-01-02T15:04:05.000-0700"

// eventFilter reads what events are wanted from the query, or from a filter.
func (c *call) eventFilter() (func(*audit.Event) bool, error) {
	get := func(name string) string { return c.query.Get(name) }
	levels := c.query["level"]
	from, _ := time.Parse(calendarLayout, get("startDate"))
	to, _ := time.Parse(calendarLayout, get("endDate"))
	if c.r.Method == http.MethodPost {
		n, err := c.root("eventFilter")
		if err != nil {
			return nil, err
		}
		get = func(name string) string { return n.TextAt(name) }
		levels = n.At("levels").Texts()
		from, _ = when(n.At("startDate"))
		to, _ = when(n.At("endDate"))
	}
	bound := func(name string, absent int64) int64 {
		if v, err := strconv.ParseInt(get(name), 10, 64); err == nil {
			return v
		}
		return absent
	}
	least, most, id, user := bound("minEventId", 0), bound("maxEventId", 1<<62), bound("id", -1), bound("userId", -1)
	name, attribute := strings.ToLower(get("name")), strings.ToLower(get("attributeSearch"))
	outcome, address, server := get("outcome"), get("ipAddress"), get("serverId")
	ours := server == "" || server == c.engine.ServerID()
	return func(e *audit.Event) bool {
		return ours && e.ID >= least && e.ID <= most && (id < 0 || e.ID == id) && (user < 0 || int64(e.UserID) == user) &&
			(len(levels) == 0 || slices.Contains(levels, e.Level)) && (outcome == "" || e.Outcome == outcome) &&
			(address == "" || strings.Contains(e.Address, address)) && strings.Contains(strings.ToLower(e.Name), name) &&
			(from.IsZero() || !e.Time.Before(from)) && (to.IsZero() || !e.Time.After(to)) &&
			(attribute == "" || slices.ContainsFunc(e.Attributes, func(a audit.Attribute) bool {
				return strings.Contains(strings.ToLower(a.Name+"\n"+a.Value), attribute)
			}))
	}, nil
}

// page reads offset and limit.
func (c *call) pageOf() (offset, limit int, err error) {
	o, err := c.number("offset", 0)
	if err != nil {
		return 0, 0, err
	}
	l, err := c.number("limit", MaxPage)
	return int(min(o, 1<<30)), int(min(l, MaxPage)), err
}

func (c *call) getEvents() (*reply, error) {
	match, err := c.eventFilter()
	if err != nil {
		return nil, err
	}
	offset, limit, err := c.pageOf()
	if err != nil {
		return nil, err
	}
	found, _, err := c.trail.Find(match, offset, limit)
	if err != nil {
		return nil, err
	}
	list := mirth.El("list")
	for i := range found {
		list.Add(c.eventNode(&found[i]))
	}
	return document(list), nil
}

func (c *call) countEvents() (*reply, error) {
	match, err := c.eventFilter()
	if err != nil {
		return nil, err
	}
	_, count, err := c.trail.Find(match, 0, 0)
	if err != nil {
		return nil, err
	}
	return document(mirth.IntLeaf("long", int64(count))), nil
}

// exportEvents writes the audit trail into a file in the directory of exports, as Mirth
// does into its own, and answers with its path.
func (c *call) exportEvents() (*reply, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"id", "eventTime", "level", "name", "outcome", "userId", "who", "ipAddress", "serverId", "attributes"})
	for before := c.trail.MaxID() + 1; ; {
		found, _, err := c.trail.Find(func(e *audit.Event) bool { return e.ID < before }, 0, exportAtOnce)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			var attributes []string
			for _, a := range e.Attributes {
				attributes = append(attributes, a.Name+"="+a.Value)
			}
			w.Write([]string{strconv.FormatInt(e.ID, 10), e.Time.Format(time.RFC3339Nano), e.Level, e.Name, e.Outcome, strconv.Itoa(e.UserID), e.Who, e.Address, c.engine.ServerID(), strings.Join(attributes, "; ")})
		}
		if len(found) < exportAtOnce {
			break
		}
		before = found[len(found)-1].ID
	}
	w.Flush()
	dir, err := c.engine.Exports()
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	name := "events-" + c.now().UTC().Format("20060102T150405.000") + ".csv"
	return text(filepath.Join(dir.Name(), name)), dir.WriteFile(name, b.Bytes(), 0o600)
}

// exportAtOnce is how many events are held in memory.
const exportAtOnce = 100_000

func (c *call) getEvent() (*reply, error) {
	id, err := strconv.ParseInt(c.path["eventId"], 10, 64)
	if err != nil {
		return nil, refuse(http.StatusNotFound, "Not Found")
	}
	found, _, err := c.trail.Find(func(e *audit.Event) bool { return e.ID == id }, 0, 1)
	if err != nil || len(found) == 0 {
		return nothing, err
	}
	return document(c.eventNode(&found[0])), nil
}

func (c *call) eventNode(e *audit.Event) *mirth.Node {
	attributes := mirth.El("attributes").Class("linked-hash-map")
	for _, a := range e.Attributes {
		attributes.Add(entry(a.Name, mirth.Leaf("string", a.Value)))
	}
	n := mirth.El("event", mirth.IntLeaf("dateTime", e.Time.UnixMilli()), mirth.IntLeaf("nanoTime", e.Time.UnixNano()), mirth.IntLeaf("id", e.ID),
		calendar("eventTime", e.Time), mirth.Leaf("level", e.Level), mirth.Leaf("name", e.Name), attributes, mirth.Leaf("outcome", e.Outcome),
		mirth.IntLeaf("userId", int64(e.UserID)))
	if e.Address != "" {
		n.Add(mirth.Leaf("ipAddress", e.Address))
	}
	return n.Add(mirth.Leaf("serverId", c.engine.ServerID()))
}

// auditOnly is a client that tells what its user looked at: the event is all of it.
func (c *call) auditOnly() (*reply, error) {
	n, err := c.root(mapRoots...)
	if err != nil {
		return nil, err
	}
	for name, value := range pairs(n) {
		if strings.HasSuffix(strings.ToLower(name), "id") || name == "channel" { // not the patient's name
			c.note(name, value.Text)
		}
	}
	return nothing, nil
}
