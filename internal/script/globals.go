package script

import (
	"strings"
	"sync"

	"github.com/dop251/goja"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/e4x"
	"github.com/weir-health/weir/internal/script/java"
)

// globals is the prototype of the global object: it makes what a script names
// when it is first named, and puts it onto the global object itself, where the
// next read finds it.
type globals struct{ r *run }

func (g *globals) Get(name string) goja.Value {
	if g.r.p.modern {
		v := g.r.modernGlobal(name)
		if v != nil {
			g.r.set(name, v)
		}
		return v
	}
	if name == e4x.HostName {
		return g.r.xml.Bridge()
	}
	if u := g.r.template(name); u != nil {
		return g.r.load(u, name) // which puts it onto the global object
	}
	v := g.r.define(name)
	if v != nil {
		g.r.set(name, v)
	}
	return v
}

// set defines a global variable without asking the prototype.
func (r *run) set(name string, v goja.Value) {
	err := r.rt.GlobalObject().DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
	if err != nil {
		panic(err)
	}
}

// Has answers for typeof and "in", too.
func (g *globals) Has(name string) bool { return g.Get(name) != nil }

// Set leaves assignments to the global object.
func (g *globals) Set(string, goja.Value) bool { return true }
func (g *globals) Delete(string) bool          { return true }
func (g *globals) Keys() []string              { return nil }

// template returns the code template or helper that defines a function. Code
// templates come first: one may replace what the engine has.
func (r *run) template(name string) *unit {
	if u := r.p.lazy[name]; u != nil {
		return u
	}
	return helpers()[name]
}

// define makes the value of a global name; nil when there is no such name here.
func (r *run) define(name string) goja.Value {
	for _, family := range []func(string) goja.Value{r.mapGlobal, r.messageGlobal, r.engineGlobal, r.helperGlobal} {
		if v := family(name); v != nil {
			return v
		}
	}
	if v, ok := r.scope.Vars[name]; ok {
		return r.variable(v)
	}
	if c := userClasses()[name]; c != nil {
		return r.java.ClassObject(c)
	}
	for _, pkg := range r.imports {
		if r.java.HasClass(pkg, name) {
			return r.java.Class(pkg + "." + name)
		}
	}
	return nil
}

// load runs a code template and returns the function it defines.
func (r *run) load(u *unit, name string) goja.Value {
	if _, err := r.rt.RunProgram(u.program); err != nil {
		panic(err)
	}
	return r.rt.GlobalObject().Get(name)
}

// library is the Java classes with those that need this package.
var library = sync.OnceValue(func() *java.Library { return java.NewLibrary(engineClasses()) })

// userClasses are the classes that are plain names in every script.
var userClasses = sync.OnceValue(func() map[string]*java.Class {
	classes := make(map[string]*java.Class)
	for _, name := range library().Names() {
		pkg, short := name[:strings.LastIndexByte(name, '.')+1], name[strings.LastIndexByte(name, '.')+1:]
		switch pkg {
		case "com.mirth.connect.userutil.", "com.mirth.connect.server.userutil.", "com.mirth.connect.plugins.httpauth.userutil.":
			classes[short] = library().Class(name)
		}
	}
	return classes
})

// mapGlobal makes the maps and their shortcuts.
func (r *run) mapGlobal(name string) goja.Value {
	switch name {
	case "$":
		return r.native(r.lookup)
	case "$c", "$co", "$s", "$r", "$g", "$gc", "$cfg":
		return r.shortcut(name[1:])
	case "channelMap", "connectorMap", "sourceMap", "responseMap", "globalMap", "globalChannelMap", "configurationMap":
		if m := r.maps.named(r, name); m != nil {
			return r.java.ToJS(m)
		}
	case "destinationSet":
		if r.scope.DestinationSet != nil {
			return r.java.ToJS(&destinationSet{r.scope.DestinationSet, r.scope.Destinations})
		}
	}
	return nil
}

// messageGlobal makes what belongs to the message and its place.
func (r *run) messageGlobal(name string) goja.Value {
	s := r.scope
	switch name {
	case "connectorMessage":
		if s.Message != nil && s.Whole == nil {
			return r.java.ToJS(r.connectorMessage(s.Message))
		}
	case "message":
		if s.Whole != nil {
			return r.java.ToJS(&wholeMessage{r: r, m: s.Whole})
		}
	case "channelId":
		return r.string(s.ChannelID)
	case "channelName":
		return r.string(s.ChannelName)
	case "connector":
		return r.string(s.Connector)
	case "phase":
		if r.p.transformer() && !r.p.response {
			r.phase = r.rt.NewArray(r.logger)
			return r.phase
		}
	case "template":
		if r.p.transformer() {
			if r.outbound == nil {
				return goja.Null()
			}
			return r.rt.ToValue(r.outbound.Text)
		}
	case "RECEIVED", "FILTERED", "TRANSFORMED", "SENT", "QUEUED", "ERROR", "PENDING":
		if status, ok := weir.ParseStatus(name); ok && r.hasStatuses() {
			return r.java.ToJS(r.status(status))
		}
	case "response", "responseStatus", "responseStatusMessage", "responseErrorMessage":
		return r.responseGlobal(name)
	}
	return nil
}

// string returns a JavaScript string for a name that is set.
func (r *run) string(s string) goja.Value {
	if s == "" {
		return nil
	}
	return r.rt.ToValue(s)
}

// hasStatuses tells the places in which status names are variables.
func (r *run) hasStatuses() bool {
	return r.scope.Response != nil || r.scope.Whole != nil || r.scope.Context == "DESTINATION_DISPATCHER"
}

// engineGlobal makes the objects of the engine and the roots of Java.
func (r *run) engineGlobal(name string) goja.Value {
	switch name {
	case "XML", "XMLList", "QName", "Namespace", "isXMLName":
		return r.xml.Global(name)
	case "java", "javax", "org", "com", "edu", "net":
		return r.java.Package(name)
	case "Packages":
		return r.java.Package("")
	case "logger":
		return r.java.ToJS(&logger{name: ""})
	case "alerts":
		if r.scope.ChannelID != "" {
			return r.java.ToJS(&alertSender{})
		}
	case "router":
		return r.java.ToJS(&router{})
	case "replacer":
		return r.java.ToJS(&replacer{})
	case "DatabaseConnectionFactory":
		return r.java.ToJS(&java.DatabaseFactory{})
	case "contextFactory":
		return r.java.ToJS(&contextFactory{})
	}
	return nil
}

// native makes a function.
func (r *run) native(f func(goja.FunctionCall) goja.Value) goja.Value { return r.rt.ToValue(f) }

// throw ends the script's operation with one of JavaScript's errors.
func (r *run) throw(kind, message string) {
	e, err := r.rt.New(r.rt.Get(kind), r.rt.ToValue(message))
	if err != nil {
		panic(err)
	}
	panic(e)
}

// variable makes the value of one of the scope's own variables.
func (r *run) variable(v any) goja.Value {
	switch v := v.(type) {
	case string, bool, float64, int, int32, int64:
		return r.rt.ToValue(v)
	case nil:
		return goja.Null()
	}
	return r.java.ToJS(v)
}
