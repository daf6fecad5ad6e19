package script

import (
	"maps"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
)

// runMaps are the maps of a run, made when a script first uses them.
type runMaps struct {
	channel, connector, source, response *messageMap
	global, globalChannel                *sharedMap
	configuration                        *configMap
}

// scriptMap is what $(key) looks through.
type scriptMap interface {
	java.Mapping
	java.Instance
}

// named returns a map by its variable's name, or nil where scripts have none.
func (m *runMaps) named(r *run, name string) scriptMap {
	s, msg := r.scope, r.scope.Message
	of := func(place **messageMap, values *map[string]any, class string) scriptMap {
		if *place == nil {
			*place = &messageMap{r: r, values: values, class: class}
		}
		return *place
	}
	switch {
	case msg == nil && name == "sourceMap" && s.SourceMap != nil:
		return of(&m.source, &s.SourceMap, "com.mirth.connect.userutil.SourceMap")
	case msg == nil:
	case name == "channelMap":
		return of(&m.channel, &msg.ChannelMap, "com.mirth.connect.userutil.ChannelMap")
	case name == "sourceMap":
		return of(&m.source, &msg.SourceMap, "com.mirth.connect.userutil.SourceMap")
	case name == "responseMap":
		return of(&m.response, &msg.ResponseMap, "com.mirth.connect.userutil.ResponseMap")
	case name == "connectorMap" && s.Whole == nil:
		return of(&m.connector, &msg.ConnectorMap, connectorMapClass)
	}
	switch {
	case name == "globalMap" && s.Global != nil:
		if m.global == nil {
			m.global = &sharedMap{r: r, of: s.Global}
		}
		return m.global
	case name == "globalChannelMap" && s.GlobalChannel != nil:
		if m.globalChannel == nil {
			m.globalChannel = &sharedMap{r: r, of: s.GlobalChannel}
		}
		return m.globalChannel
	case name == "configurationMap" && s.Configuration != nil:
		if m.configuration == nil {
			m.configuration = &configMap{s.Configuration}
		}
		return m.configuration
	}
	return nil
}

const connectorMapClass = "com.mirth.connect.userutil.ConnectorMap"

// lookupOrder is the order in which $(key) looks.
var lookupOrder = []string{"responseMap", "connectorMap", "channelMap", "sourceMap", "globalChannelMap", "globalMap", "configurationMap"}

// lookup is $(key): the value of the first map that has the key, else "".
func (r *run) lookup(c goja.FunctionCall) goja.Value {
	key := r.text(c.Argument(0))
	for _, name := range lookupOrder {
		m := r.maps.named(r, name)
		if m == nil {
			continue
		}
		if mm, ok := m.(*messageMap); ok {
			if v, ok := mm.Own(key); ok {
				return r.java.ToJS(v)
			}
			continue
		}
		if v, ok := m.Get(key); ok {
			return r.java.ToJS(v)
		}
	}
	switch row := r.scope.Vars["resultMap"].(type) {
	case weir.Row:
		if v, ok := row.Get(key); ok {
			return r.java.ToJS(v)
		}
	case weir.Columns:
		for _, e := range row {
			if strings.EqualFold(e.Key, key) {
				return r.java.ToJS(e.Value)
			}
		}
	}
	return r.rt.ToValue("")
}

// shortcut makes $c and its like: one argument reads, two put.
func (r *run) shortcut(name string) goja.Value {
	full := map[string]string{"c": "channelMap", "co": "connectorMap", "s": "sourceMap", "r": "responseMap",
		"g": "globalMap", "gc": "globalChannelMap", "cfg": "configurationMap"}[name]
	return r.native(func(c goja.FunctionCall) goja.Value {
		m := r.maps.named(r, full)
		if m == nil {
			r.throw("ReferenceError", full+" is not defined")
		}
		call := &java.Call{VM: r.java, This: m, Args: c.Arguments}
		if len(c.Arguments) < 2 {
			v, _ := m.Get(r.text(c.Argument(0)))
			return r.java.ToJS(v)
		}
		return r.java.ToJS(m.Put(call, r.text(c.Arguments[0]), call.Object(1)))
	})
}

// messageMap is one of the maps of a connector message. While a run lasts it
// holds the JavaScript values and Java objects that scripts put there or got
// from there; [run.finish] puts what lasts in their place.
type messageMap struct {
	r      *run
	values *map[string]any
	class  string
	read   map[string]any // of the source map, which destinations share: what was read from it
}

func (m *messageMap) JavaClass() string { return m.class }
func (m *messageMap) Len() int          { return len(*m.values) }

// Own returns a value without looking elsewhere.
func (m *messageMap) Own(key string) (any, bool) {
	if v, ok := (*m.values)[key]; ok {
		return m.keep(key, v), true
	}
	if m == m.r.maps.response {
		if id, ok := m.r.scope.Destinations[key]; ok {
			key = "d" + strconv.Itoa(id)
			if v, ok := (*m.values)[key]; ok {
				return m.keep(key, v), true
			}
		}
	}
	return nil, false
}

// Get is Own, for the channel map with the source map behind it.
func (m *messageMap) Get(key any) (any, bool) {
	name := m.r.java.Text(key)
	v, ok := m.Own(name)
	if ok || m != m.r.maps.channel {
		return v, ok
	}
	source, _ := m.r.maps.named(m.r, "sourceMap").(*messageMap)
	if v, found := source.Own(name); found {
		m.r.log(LevelError, m.r.logger, "The source map entry \""+name+"\" was retrieved from the channel map. "+
			"This method of retrieval has been deprecated. Use sourceMap.get('"+name+"') instead.")
		return v, false
	}
	return nil, false
}

// keep gives a value that scripts can change the form in which the run shares
// it, so that a change is still there for the next reader.
func (m *messageMap) keep(key string, v any) any {
	if live, ok := m.read[key]; ok {
		return live
	}
	live := m.r.alive(v)
	switch {
	case live == nil:
		return v
	case m != m.r.maps.source:
		(*m.values)[key] = live
	case m.read == nil:
		m.read = map[string]any{key: live}
	default:
		m.read[key] = live
	}
	return live
}

// fixed throws where the map is the source map.
func (m *messageMap) fixed(c *java.Call) {
	if m == m.r.maps.source {
		panic(c.Throw("java.lang.UnsupportedOperationException", "the source map cannot be changed"))
	}
}

func (m *messageMap) Put(c *java.Call, key, value any) any {
	m.fixed(c)
	name := m.r.java.Text(key)
	if *m.values == nil {
		*m.values = make(map[string]any)
	}
	old := (*m.values)[name]
	(*m.values)[name] = value
	return old
}

func (m *messageMap) Remove(c *java.Call, key any) any {
	m.fixed(c)
	name := m.r.java.Text(key)
	old := (*m.values)[name]
	delete(*m.values, name)
	return old
}

func (m *messageMap) Clear(c *java.Call) {
	m.fixed(c)
	clear(*m.values)
}

// Keys are in the order of a HashMap, as far as that is one.
func (m *messageMap) Keys() []any { return hashOrder(*m.values) }

func hashOrder[V any](values map[string]V) []any {
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	m := java.NewHashMap()
	for _, k := range keys {
		m.Set(k, nil)
	}
	return m.Keys()
}

// sharedMap is a run's view of globalMap or globalChannelMap. Values that a
// script can change are its own: other runs get copies, and what it changed is
// put back when it ends, if nobody else has put something there since.
type sharedMap struct {
	r    *run
	of   *SharedMap
	mine map[string]borrowed
	puts map[string]replaced
}

// replaced is what the run has put under a key, and what was there before it.
type replaced struct{ before, now *shared }

// borrowed is a value of a shared map that a run has put or read.
type borrowed struct {
	from *shared
	live any
}

func (m *sharedMap) JavaClass() string {
	return "com.mirth.connect.server.util.GlobalVariableStore"
}
func (m *sharedMap) Len() int    { return len(m.of.Snapshot()) }
func (m *sharedMap) Keys() []any { return hashOrder(m.of.Snapshot()) }

func (m *sharedMap) Get(key any) (any, bool) {
	name := m.r.java.Text(key)
	s := m.of.get(name)
	if s == nil {
		return nil, false
	}
	if b, ok := m.mine[name]; ok && b.from == s {
		return b.live, true
	}
	if live := m.r.alive(s.value); live != nil {
		m.borrow(name, s, live)
		return live, true
	}
	return s.value, true
}

func (m *sharedMap) borrow(name string, s *shared, live any) {
	if m.mine == nil {
		m.mine = make(map[string]borrowed)
	}
	m.mine[name] = borrowed{s, live}
}

func (m *sharedMap) Put(c *java.Call, key, value any) any {
	if key == nil || value == nil {
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	name := m.r.java.Text(key)
	lasting, changed := m.r.lasting(value)
	old, now := m.of.put(name, lasting)
	m.noted(name, old, now)
	delete(m.mine, name)
	if changed {
		m.borrow(name, now, value)
	} else if _, ok := value.(java.Instance); ok {
		m.r.java.Settle(false) // other runs may look into it from now on
	}
	if old == nil {
		return nil
	}
	return old.value
}

func (m *sharedMap) noted(name string, before, now *shared) {
	if first, again := m.puts[name]; again && before == first.now {
		before = first.before
	}
	if m.puts == nil {
		m.puts = make(map[string]replaced)
	}
	m.puts[name] = replaced{before, now}
}

// takeBack undoes what the run has put. It was ended because memory ran short: what filled
// it must not stay and have the next runs ended, too.
func (m *sharedMap) takeBack() {
	for name, p := range m.puts {
		m.of.takeBack(name, p.before, p.now)
	}
}

func (m *sharedMap) Remove(c *java.Call, key any) any { return m.of.Remove(m.r.java.Text(key)) }
func (m *sharedMap) Clear(c *java.Call)               { m.of.Clear() }

// finish puts back what the run has changed.
func (m *sharedMap) finish() {
	for name, b := range m.mine {
		now, _ := m.r.final(b.live)
		if now != nil && !reflect.DeepEqual(now, b.from.value) {
			m.of.replace(name, b.from, now)
		}
	}
}

// configMap is the configuration map.
type configMap struct{ values map[string]string }

func (m *configMap) JavaClass() string { return "com.mirth.connect.userutil.ConfigurationMap" }
func (m *configMap) Len() int          { return len(m.values) }
func (m *configMap) Keys() []any       { return hashOrder(m.values) }

func (m *configMap) Get(key any) (any, bool) {
	v, ok := m.values[java.Text(key)]
	if !ok {
		return nil, false
	}
	return v, true
}

func (m *configMap) Put(c *java.Call, _, _ any) any {
	panic(c.Throw("java.lang.UnsupportedOperationException", "the configuration map cannot be changed by scripts"))
}
func (m *configMap) Remove(c *java.Call, _ any) any { return m.Put(c, nil, nil) }
func (m *configMap) Clear(c *java.Call)             { m.Put(c, nil, nil) }

// finish gives the maps their lasting form and reads back the response
// variables.
func (r *run) finish() {
	r.ending = true
	for _, m := range []*messageMap{r.maps.channel, r.maps.connector, r.maps.response} {
		if m == nil {
			continue
		}
		for k, v := range *m.values {
			if now, changed := r.final(v); changed {
				(*m.values)[k] = now
			}
		}
	}
	for _, m := range []*sharedMap{r.maps.global, r.maps.globalChannel} {
		switch {
		case m == nil:
		case r.guard.reasonSoFar() == errMemory:
			m.takeBack()
		default:
			m.finish()
		}
	}
	r.java.Settle(true)
	if r.scope.Response != nil {
		r.readResponse()
	}
}

// final is lasting at the end of a run. A value whose own code fails, or is
// interrupted, while it is looked at leaves nil.
func (r *run) final(v any) (now any, changed bool) {
	defer func() {
		if x := recover(); x != nil {
			now, changed = nil, true
		}
	}()
	return r.lasting(v)
}

// mapClasses are the classes of the maps.
func mapClasses() []*java.Class {
	var classes []*java.Class
	for _, name := range []string{"com.mirth.connect.userutil.ChannelMap", "com.mirth.connect.userutil.SourceMap",
		"com.mirth.connect.userutil.ResponseMap", connectorMapClass, "com.mirth.connect.userutil.ConfigurationMap"} {
		classes = append(classes, &java.Class{Name: name, Super: "java.util.Map"})
	}
	return append(classes, sharedMapClass())
}

// sharedMapClass has, besides the methods of a java.util.Map, those that hold the lock of a
// key: getSync, putSync and so on, with lock and unlock. It is no java.util.Map, so
// its entries are no properties.
func sharedMapClass() *java.Class {
	plain := java.MapMethods()
	methods := java.Methods{
		"getVariables": func(c *java.Call) any { return javaMap(c.This.(*sharedMap).of.Snapshot()) },
		"lock": func(c *java.Call) any {
			m := c.This.(*sharedMap)
			select {
			case <-m.of.lock(c.Text(0)):
			case <-m.r.ctx.Done():
				panic(c.Throw("java.lang.InterruptedException", "waiting for the lock was ended"))
			}
			return java.Void
		},
		"unlock": func(c *java.Call) any {
			select {
			case c.This.(*sharedMap).of.lock(c.Text(0)) <- struct{}{}:
			default:
				panic(c.Throw("java.lang.IllegalMonitorStateException", "the key is not locked"))
			}
			return java.Void
		},
	}
	for _, name := range []string{"get", "put", "putAll", "remove", "clear", "containsKey"} {
		methods[name+"Sync"] = plain[name]
	}
	maps.Copy(methods, plain)
	return &java.Class{Name: "com.mirth.connect.server.util.GlobalVariableStore", Methods: methods}
}

// destinationSet is the variable of that name.
type destinationSet struct {
	set   *DestinationSet
	names map[string]int
}

func (*destinationSet) JavaClass() string { return "com.mirth.connect.server.userutil.DestinationSet" }

// ids reads an argument: a metadata id, a destination's name, or a collection of
// them. Names that no destination has are left out.
func (d *destinationSet) ids(c *java.Call) []int {
	items, many := c.Items(0)
	if !many {
		items = []any{c.Object(0)}
	}
	var ids []int
	for _, v := range items {
		switch v := v.(type) {
		case float64:
			ids = append(ids, int(v))
		case int32:
			ids = append(ids, int(v))
		case int64:
			ids = append(ids, int(v))
		default:
			if id, ok := d.names[c.VM.Text(v)]; ok {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func destinationSetClass() *java.Class {
	return &java.Class{Name: "com.mirth.connect.server.userutil.DestinationSet",
		// Outside of the source connector scripts make one that does nothing.
		New: func(*java.Call) any { return &destinationSet{set: NewDestinationSet(nil)} },
		Methods: java.Methods{
			"remove": func(c *java.Call) any {
				d := c.This.(*destinationSet)
				return d.set.Remove(d.ids(c)...)
			},
			"removeAllExcept": func(c *java.Call) any {
				d := c.This.(*destinationSet)
				return d.set.Keep(d.ids(c)...)
			},
			"removeAll": func(c *java.Call) any { return c.This.(*destinationSet).set.Keep() },
			"toString": func(c *java.Call) any {
				var ids []string
				for _, id := range c.This.(*destinationSet).set.IDs() {
					ids = append(ids, strconv.Itoa(id))
				}
				return "[" + strings.Join(ids, ", ") + "]"
			},
		}}
}

// javaMap is a Java map of a Go one, in the order of its keys.
func javaMap(values map[string]any) *java.Map {
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	m := java.NewMap()
	for _, k := range keys {
		m.Set(k, values[k])
	}
	return m
}
