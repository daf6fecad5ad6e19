package script

import (
	"encoding/base64"
	"sort"
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
)

// rawMessage is a RawMessage.
type rawMessage struct {
	text         string
	bytes        []byte
	binary       bool
	destinations any // what the script gave, or nil
	ids          []int
	sourceMap    *java.Map
}

func (*rawMessage) JavaClass() string { return "com.mirth.connect.userutil.RawMessage" }

func newRawMessage(c *java.Call) any {
	m := &rawMessage{sourceMap: java.NewHashMap()}
	if b, ok := c.Object(0).([]byte); ok {
		m.bytes, m.binary = b, true
	} else {
		m.text = c.Text(0)
	}
	if items, ok := c.Items(1); ok && c.Len() > 1 {
		m.destinations = java.NewList(items...)
		m.ids = []int{}
		d := &destinationSet{names: runOf(c).scope.Destinations}
		m.ids = append(m.ids, d.ids(&java.Call{VM: c.VM, Args: c.Args[1:2]})...)
	}
	if pairs, ok := c.Pairs(2); ok && c.Len() > 2 {
		for _, p := range pairs {
			m.sourceMap.Set(java.Text(p.Key), p.Value)
		}
	}
	return m
}

// inbound is the message as the engine receives it.
func (m *rawMessage) inbound(r *run) *weir.Inbound {
	in := &weir.Inbound{Text: m.text, Destinations: m.ids, SourceMap: make(map[string]any)}
	if m.binary {
		in.Binary, in.Text = true, base64.StdEncoding.EncodeToString(m.bytes)
	}
	for _, p := range m.sourceMap.Pairs() {
		in.SourceMap[java.Text(p.Key)], _ = r.lasting(p.Value)
	}
	return in
}

// router is a VMRouter.
type router struct{ _ byte }

func (*router) JavaClass() string { return "com.mirth.connect.server.userutil.VMRouter" }

// alertSender is the variable alerts.
type alertSender struct{ _ byte }

func (*alertSender) JavaClass() string { return "com.mirth.connect.server.userutil.AlertSender" }

func routingClasses() []*java.Class {
	raw := func(f func(m *rawMessage) any) func(*java.Call) any {
		return func(c *java.Call) any { return f(c.This.(*rawMessage)) }
	}
	rawMethods := java.Methods{
		"getRawData": raw(func(m *rawMessage) any {
			if m.binary {
				return nil
			}
			return m.text
		}),
		"getRawBytes": raw(func(m *rawMessage) any {
			if m.binary {
				return m.bytes
			}
			return nil
		}),
		"getDestinationMetaDataIds": raw(func(m *rawMessage) any { return m.destinations }),
		"getSourceMap":              raw(func(m *rawMessage) any { return m.sourceMap }),
		"getChannelMap":             raw(func(m *rawMessage) any { return m.sourceMap }),
		"isBinary":                  raw(func(m *rawMessage) any { return java.Object(m.binary) }),
		"clearMessage": raw(func(m *rawMessage) any {
			m.text, m.bytes = "", nil
			return java.Void
		}),
	}
	return []*java.Class{
		{Name: "com.mirth.connect.userutil.RawMessage", New: newRawMessage, Methods: rawMethods},
		{Name: "com.mirth.connect.server.userutil.RawMessage", New: newRawMessage, Methods: rawMethods},
		{Name: "com.mirth.connect.server.userutil.VMRouter", New: func(*java.Call) any { return &router{} },
			Methods: java.Methods{"routeMessage": route, "routeMessageByChannelId": route}},
		{Name: "com.mirth.connect.server.userutil.AlertSender", New: func(*java.Call) any { return &alertSender{} },
			Methods: java.Methods{"sendAlert": func(c *java.Call) any {
				r := runOf(c)
				r.host(c).Alert(r.scope, c.Text(0))
				return java.Void
			}}},
		headersClass("com.mirth.connect.userutil.MessageHeaders", "Header"),
		headersClass("com.mirth.connect.userutil.MessageParameters", "Parameter"),
	}
}

// route never throws: a message that could not be routed is a response.
func route(c *java.Call) any {
	r := runOf(c)
	var in weir.Inbound
	if m, ok := c.Object(1).(*rawMessage); ok {
		in = *m.inbound(r)
	} else {
		in = weir.Inbound{Text: c.Text(1), SourceMap: make(map[string]any)}
	}
	if m := r.scope.Message; m != nil {
		in.SourceMap["sourceChannelId"] = m.ChannelID
		in.SourceMap["sourceMessageId"] = m.MessageID
	} else if r.scope.ChannelID != "" {
		in.SourceMap["sourceChannelId"] = r.scope.ChannelID
	}
	answer, err := r.host(c).Route(r.ctx, c.Text(0), in)
	if err != nil {
		r.log(LevelError, r.logger, "Routing a message to channel "+c.Text(0)+" failed: "+err.Error())
		return &response{Response: weir.Response{Status: weir.Error, StatusMessage: "Error routing message to channel " + c.Text(0),
			Error: err.Error()}, hasStatus: true}
	}
	if answer == nil {
		return nil
	}
	return &response{Response: *answer, hasStatus: true}
}

// headers are MessageHeaders and MessageParameters: names with lists of values.
type headers struct {
	values map[string][]string
	class  string
}

func newHeaders(values map[string][]string) *headers {
	return &headers{values, "com.mirth.connect.userutil.MessageHeaders"}
}

func (h *headers) JavaClass() string { return h.class }

// Portable gives the values.
func (h *headers) Portable() any {
	out := make(map[string]any, len(h.values))
	for k, v := range h.values {
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		out[k] = list
	}
	return out
}

// String is the form of a map.
func (h *headers) String() string {
	var b strings.Builder
	for _, k := range h.names() {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(k + "=[" + strings.Join(h.values[k], ", ") + "]")
	}
	return "{" + b.String() + "}"
}

func (h *headers) names() []string {
	names := make([]string, 0, len(h.values))
	for k := range h.values {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}

// find ignores case: header names do.
func (h *headers) find(name string) []string {
	if v, ok := h.values[name]; ok {
		return v
	}
	for k, v := range h.values {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

// headersClass has the methods of both, since a message map holds the same kind
// of value for headers and for parameters.
func headersClass(name, word string) *java.Class {
	first := func(c *java.Call) any {
		if v := c.This.(*headers).find(c.Text(0)); len(v) > 0 {
			return v[0]
		}
		return nil
	}
	list := func(c *java.Call) any {
		v := c.This.(*headers).find(c.Text(0))
		if v == nil {
			return nil
		}
		items := make([]any, len(v))
		for i, s := range v {
			items[i] = s
		}
		return java.NewFixedList(items...)
	}
	return &java.Class{Name: name,
		New: func(c *java.Call) any {
			h := &headers{make(map[string][]string), name}
			pairs, _ := c.Pairs(0)
			for _, p := range pairs {
				items, _ := (&java.Call{VM: c.VM, Args: []goja.Value{c.VM.ToJS(p.Value)}}).Items(0)
				for _, v := range items {
					h.values[java.Text(p.Key)] = append(h.values[java.Text(p.Key)], java.Text(v))
				}
			}
			return h
		},
		Methods: java.Methods{
			"get": first, "getHeader": first, "getParameter": first,
			"getHeaderList": list, "getParameterList": list,
			"contains": func(c *java.Call) any { return c.This.(*headers).find(c.Text(0)) != nil },
			"getKeys": func(c *java.Call) any {
				var keys []any
				for _, k := range c.This.(*headers).names() {
					keys = append(keys, k)
				}
				return java.NewFixedSet(keys...)
			},
			"toString": func(c *java.Call) any { return c.This.(*headers).String() },
		}}
}
