package pipeline

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datefmt"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/velocity"
)

// templated is one setting of a destination whose ${…} are replaced for each
// message.
type templated struct {
	name  string
	text  string
	tmpl  *velocity.Template
	count *atomic.Int64 // ${COUNT}, shared by the connector's templates
}

// templatesOf finds the settings of a connector that hold ${…} and compiles them.
func templatesOf(g config.Group, s config.Settings) ([]templated, error) {
	var out []templated
	count := new(atomic.Int64)
	for _, f := range config.List(s) {
		if f.Kind != "template" {
			continue
		}
		text := f.Default
		if setting, ok := g.Get(f.Name); ok {
			text = setting.Text
		}
		if !strings.Contains(text, "$") {
			continue
		}
		tmpl, err := velocity.Parse(text)
		if err != nil {
			// Mirth sends such a text as it is, and logs.
			tmpl = nil
		}
		out = append(out, templated{name: f.Name, text: text, tmpl: tmpl, count: count})
	}
	return out, nil
}

// render replaces the references for one message. A template that fails gives
// its own text, as in Mirth.
func (t templated) render(c *Channel, cm *weir.ConnectorMessage) string {
	if t.tmpl == nil {
		return t.text
	}
	text, err := t.tmpl.Render(&references{c: c, cm: cm, count: t.count})
	if err != nil {
		c.log.Warn("A template could not be evaluated and is used as it is typed", "setting", t.name,
			"connector", cm.ConnectorName, "message", cm.MessageID, "error", err)
		return t.text
	}
	return text
}

// replace replaces ${…} in any text for a message.
func (c *Channel) replace(cm *weir.ConnectorMessage, text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	tmpl, err := velocity.Parse(text)
	if err != nil {
		return text
	}
	t := templated{name: "template", text: text, tmpl: tmpl, count: new(atomic.Int64)}
	return t.render(c, cm)
}

// replaceWhole is replace for a whole message with the maps of all its
// connectors. What cannot be replaced stays as it is typed.
func (c *Channel) replaceWhole(merged *weir.ConnectorMessage, text string) string {
	tmpl, err := velocity.Parse(text)
	if err != nil {
		return text
	}
	out, err := tmpl.Render(&references{c: c, cm: merged, whole: true, count: new(atomic.Int64)})
	if err != nil {
		return text
	}
	return out
}

// Replace replaces ${…} in a text of a script: names in more first, then what
// cm has, which may be nil.
func (c *Channel) Replace(cm *weir.ConnectorMessage, text string, more map[string]any) string {
	tmpl, err := velocity.Parse(text)
	if err != nil {
		return text
	}
	out, err := tmpl.Render(&references{c: c, cm: cm, count: new(atomic.Int64), more: more})
	if err != nil {
		return text
	}
	return out
}

// resolveSetting replaces ${…} where there is no message: from the global
// channel map, the global map and the configuration map.
func (c *Channel) resolveSetting(s config.Template) string {
	if s.Constant() {
		return s.Text
	}
	tmpl, err := velocity.Parse(s.Text)
	if err != nil {
		return s.Text
	}
	text, err := tmpl.Render(&references{c: c, count: new(atomic.Int64)})
	if err != nil {
		return s.Text
	}
	return text
}

// references is what ${…} can reach; a name of the message's maps hides a
// built-in of the same name.
type references struct {
	c     *Channel
	cm    *weir.ConnectorMessage // nil: no message
	count *atomic.Int64
	more  map[string]any // hides everything else
	whole bool           // cm is a whole message with the maps of all its connectors
}

func (r *references) Get(name string) (any, bool) {
	if v, ok := r.more[name]; ok {
		return printable(v), true
	}
	if name == "HASH" && r.whole {
		return hash(r.cm), true
	}
	if cm := r.cm; cm != nil {
		for _, m := range []map[string]any{cm.ResponseMap, cm.ConnectorMap, cm.ChannelMap, cm.SourceMap} {
			if v, ok := m[name]; ok {
				return printable(v), true
			}
		}
		switch name {
		case "message":
			return messageObject{cm, r.c}, true
		case "HASH":
			return hash(cm), true
		}
	}
	if v, ok := r.c.globalChannelMap.Get(name); ok && r.cm == nil {
		return printable(v), true
	}
	switch name {
	case "channelName":
		return r.c.Config.Name, true
	case "channelId":
		return r.c.Config.ID, true
	}
	if v, ok := r.c.globalVariable(name); ok {
		return printable(v), true
	}
	return r.builtin(name)
}

func (r *references) builtin(name string) (any, bool) {
	if name == "maps" {
		return mapsTool{r}, true
	}
	return builtin(name, r.c.now(), r.count)
}

func builtin(name string, now time.Time, count *atomic.Int64) (any, bool) {
	switch name {
	case "date":
		return dateTool{now}, true
	case "DATE":
		return formatDate("dd-MM-yy_HH-mm-ss.SS", now), true
	case "COUNT":
		return count.Add(1), true
	case "UUID":
		return newUUID(), true
	case "SYSTIME":
		return strconv.FormatInt(now.UnixMilli(), 10), true
	case "originalFilename":
		return strconv.FormatInt(now.UnixMilli(), 10) + ".dat", true
	case "XmlUtil", "JsonUtil":
		return classTool(name), true
	}
	return nil, false
}

func newUUID() string {
	id, err := uuid.NewRandomFromReader(rand.Reader)
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return id.String()
}

// printable turns a value of the script world into one that templates know.
func printable(v any) any {
	switch v := v.(type) {
	case weir.Response:
		return responseObject{v}
	case *weir.Response:
		return responseObject{*v}
	case time.Time:
		return formatDate("EEE MMM dd HH:mm:ss zzz yyyy", v) // java.util.Date's own form
	case *script.Object:
		return memberObject{v}
	case *weir.MultiMap:
		return multiMapObject{v}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[k] = printable(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = printable(item)
		}
		return out
	case Portable:
		switch p := v.Portable().(type) {
		case map[string]any, []any:
			return printable(p)
		}
		return textOf(v)
	}
	return v
}

// memberObject is an object of JavaScript in a template: ${obj.name}.
type memberObject struct{ *script.Object }

func (o memberObject) Property(name string) (any, bool) {
	v, ok := o.Get(name)
	return printable(v), ok
}

func (o memberObject) Call(method string, args []any) (any, error) {
	if v, ok := o.Get(fmt.Sprint(args...)); ok && method == "get" {
		return printable(v), nil
	}
	return nil, velocity.ErrNoMethod
}

// multiMapObject is headers or parameters in a template: ${headers.getHeader('Host')}.
type multiMapObject struct{ *weir.MultiMap }

func (o multiMapObject) Property(name string) (any, bool) {
	v, ok := o.Get(name)
	return v, ok
}

func (o multiMapObject) Call(method string, args []any) (any, error) {
	if len(args) == 1 && (method == "get"+string(o.Kind()) || method == "get") {
		if v, ok := o.Get(fmt.Sprint(args[0])); ok {
			return v, nil
		}
		return nil, nil
	}
	return nil, velocity.ErrNoMethod
}

// messageObject is ${message}.
type messageObject struct {
	cm *weir.ConnectorMessage
	c  *Channel
}

func (m messageObject) String() string { return fmt.Sprintf("message %d", m.cm.MessageID) }

func (m messageObject) Property(name string) (any, bool) {
	cm := m.cm
	content := func(t weir.ContentType) (any, bool) {
		if text, ok := cm.Content(t); ok {
			return text, true
		}
		return nil, true
	}
	switch name {
	case "rawData":
		return content(weir.Raw)
	case "processedRawData":
		return content(weir.ProcessedRaw)
	case "transformedData":
		return content(weir.TransformedContent)
	case "encodedData":
		return content(weir.Encoded)
	case "messageId":
		return cm.MessageID, true
	case "channelId":
		return cm.ChannelID, true
	case "channelName":
		return m.c.Config.Name, true
	case "metaDataId":
		return cm.MetaDataID, true
	case "connectorName":
		return cm.ConnectorName, true
	case "status":
		return cm.Status.String(), true
	case "serverId":
		return script.ServerID, true
	case "receivedDate":
		return dateTool{cm.Received}, true
	case "sourceMap":
		return cm.SourceMap, true
	case "channelMap":
		return cm.ChannelMap, true
	case "connectorMap":
		return cm.ConnectorMap, true
	case "responseMap":
		return cm.ResponseMap, true
	}
	return nil, false
}

func (m messageObject) Call(method string, args []any) (any, error) {
	name, isGetter := strings.CutPrefix(method, "get")
	if isGetter && name != "" && len(args) == 0 {
		if v, ok := m.Property(strings.ToLower(name[:1]) + name[1:]); ok {
			return v, nil
		}
	}
	return nil, velocity.ErrNoMethod
}

// responseObject is a response in a template: ${d1}, ${d1.message}.
type responseObject struct{ r weir.Response }

func (o responseObject) String() string { return o.r.String() }

func (o responseObject) Property(name string) (any, bool) {
	switch name {
	case "status":
		return o.r.Status.String(), true
	case "message":
		return o.r.Message, true
	case "statusMessage":
		return o.r.StatusMessage, true
	case "error":
		return o.r.Error, true
	}
	return nil, false
}

func (o responseObject) Call(method string, args []any) (any, error) {
	name, isGetter := strings.CutPrefix(method, "get")
	if isGetter && name != "" && len(args) == 0 {
		if v, ok := o.Property(strings.ToLower(name[:1]) + name[1:]); ok {
			return v, nil
		}
	}
	return nil, velocity.ErrNoMethod
}

// dateTool is ${date}: get formats its moment with a pattern.
type dateTool struct{ now time.Time }

func (d dateTool) String() string { return formatDate("MMM d, yyyy h:mm:ss a", d.now) }

func (d dateTool) Property(string) (any, bool) { return nil, false }

func (d dateTool) Call(method string, args []any) (any, error) {
	switch {
	case method == "get" && len(args) == 1:
		f, err := datefmt.Compile(fmt.Sprint(args[0]))
		if err != nil {
			return nil, err
		}
		return f.Format(d.now), nil
	case method == "getTime" && len(args) == 0, method == "getTimeInMillis" && len(args) == 0:
		return d.now.UnixMilli(), nil
	}
	return nil, velocity.ErrNoMethod
}

func formatDate(pattern string, t time.Time) string {
	f, err := datefmt.Compile(pattern)
	if err != nil {
		return pattern
	}
	return f.Format(t)
}

// classTool is a class of the user API: ${XmlUtil.encode($name)}.
type classTool string

func (t classTool) String() string { return "class com.mirth.connect.userutil." + string(t) }

func (t classTool) Property(string) (any, bool) { return nil, false }

func (t classTool) Call(method string, args []any) (any, error) {
	result, known, err := script.CallStatic(string(t), method, args)
	if !known {
		return nil, velocity.ErrNoMethod
	}
	return result, err
}

// mapsTool is ${maps}: get searches the maps from the outermost in.
type mapsTool struct{ r *references }

func (m mapsTool) Property(string) (any, bool) { return nil, false }

func (m mapsTool) Call(method string, args []any) (any, error) {
	if method != "get" || len(args) < 1 || len(args) > 2 {
		return nil, velocity.ErrNoMethod
	}
	name := fmt.Sprint(args[0])
	c := m.r.c
	if v, ok := c.configuration()[name]; ok {
		return v, nil
	}
	if c.engine.Global != nil {
		if v, ok := c.engine.Global.Get(name); ok {
			return printable(v), nil
		}
	}
	if v, ok := c.globalChannelMap.Get(name); ok {
		return printable(v), nil
	}
	if cm := m.r.cm; cm != nil {
		for _, from := range []map[string]any{cm.SourceMap, cm.ChannelMap, cm.ConnectorMap, cm.ResponseMap} {
			if v, ok := from[name]; ok {
				return printable(v), nil
			}
		}
	}
	if len(args) == 2 {
		return args[1], nil
	}
	return nil, nil
}
