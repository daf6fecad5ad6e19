package script

import (
	"encoding/base64"

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
		headersClass("com.mirth.connect.userutil.MessageHeaders", weir.Headers),
		headersClass("com.mirth.connect.userutil.MessageParameters", weir.Parameters),
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
type headers struct{ *weir.MultiMap }

func (h *headers) JavaClass() string {
	if h.Kind() == weir.Parameters {
		return "com.mirth.connect.userutil.MessageParameters"
	}
	return "com.mirth.connect.userutil.MessageHeaders"
}

// headersClass has the methods of both, since a message map holds the same kind
// of value for headers and for parameters.
func headersClass(name string, kind weir.MultiMapKind) *java.Class {
	first := func(c *java.Call) any {
		if v, ok := c.This.(*headers).Get(c.Text(0)); ok {
			return v
		}
		return nil
	}
	list := func(c *java.Call) any {
		h := c.This.(*headers)
		if !h.Contains(c.Text(0)) {
			return nil
		}
		v := h.List(c.Text(0))
		items := make([]any, len(v))
		for i, s := range v {
			items[i] = s
		}
		return java.NewFixedList(items...)
	}
	return &java.Class{Name: name,
		New: func(c *java.Call) any {
			h := &headers{weir.NewMultiMap(kind)}
			pairs, _ := c.Pairs(0)
			for _, p := range pairs {
				items, _ := (&java.Call{VM: c.VM, Args: []goja.Value{c.VM.ToJS(p.Value)}}).Items(0)
				h.Add(java.Text(p.Key))
				for _, v := range items {
					h.Add(java.Text(p.Key), java.Text(v))
				}
			}
			return h
		},
		Methods: java.Methods{
			"get": first, "getHeader": first, "getParameter": first,
			"getHeaderList": list, "getParameterList": list,
			"contains": func(c *java.Call) any { return c.This.(*headers).Contains(c.Text(0)) },
			"getKeys": func(c *java.Call) any {
				var keys []any
				for _, k := range c.This.(*headers).Keys() {
					keys = append(keys, k)
				}
				return java.NewFixedSet(keys...)
			},
			"toString": func(c *java.Call) any { return c.This.(*headers).String() },
		}}
}
