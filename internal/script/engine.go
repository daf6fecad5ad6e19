package script

import (
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
)

// engineClasses are the classes that reach into the engine.
func engineClasses() []*java.Class {
	classes := mapClasses()
	classes = append(classes, messageClasses()...)
	classes = append(classes, responseClasses()...)
	classes = append(classes, routingClasses()...)
	classes = append(classes, channelClasses()...)
	classes = append(classes, attachmentClasses()...)
	classes = append(classes, serializerClasses()...)
	classes = append(classes, authenticationClasses()...)
	classes = append(classes, dicomClasses()...)
	classes = append(classes, encryptionClasses()...)
	classes = append(classes, mailClasses()...)
	classes = append(classes, configurationClasses()...)
	return append(classes, destinationSetClass(), loggerClass(), loggerFactory("org.apache.log4j.Logger"),
		loggerFactory("org.apache.logging.log4j.LogManager"), loggerFactory("org.slf4j.LoggerFactory"),
		replacerClass(), contextFactoryClass(), ackClass(), rhinoExceptionClass())
}

// runOf returns the run that a call belongs to.
func runOf(c *java.Call) *run { return c.VM.Owner.(*run) }

// loggerNames are the names under which scripts log, by Mirth's contexts.
var loggerNames = map[string]string{
	"GLOBAL_DEPLOY": "deploy", "CHANNEL_DEPLOY": "deploy", "GLOBAL_UNDEPLOY": "undeploy", "CHANNEL_UNDEPLOY": "undeploy",
	"GLOBAL_PREPROCESSOR": "preprocessor", "CHANNEL_PREPROCESSOR": "preprocessor",
	"GLOBAL_POSTPROCESSOR": "postprocessor", "CHANNEL_POSTPROCESSOR": "postprocessor",
	"CHANNEL_ATTACHMENT": "attachment", "CHANNEL_BATCH": "batch",
	"SOURCE_RECEIVER": "js-connector", "DESTINATION_DISPATCHER": "js-connector",
	"SOURCE_FILTER_TRANSFORMER": "filter", "DESTINATION_FILTER_TRANSFORMER": "filter",
	"DESTINATION_RESPONSE_TRANSFORMER": "response",
}

func loggerOf(s *Scope) string {
	if s.Logger != "" {
		return s.Logger
	}
	if name := loggerNames[s.Context]; name != "" {
		return name
	}
	return "script"
}

func (r *run) log(level Level, logger, text string) {
	if r.scope.Host != nil {
		r.scope.Host.Log(r.scope, level, logger, text)
	}
}

// host returns the engine, or throws where there is none.
func (r *run) host(c *java.Call) Host {
	if r.scope.Host == nil {
		panic(c.Throw("java.lang.IllegalStateException", "the engine cannot be reached from here"))
	}
	return r.scope.Host
}

// logger is the variable logger; an empty name is that of the script's place.
type logger struct{ name string }

func (*logger) JavaClass() string { return "org.apache.log4j.Logger" }

func loggerClass() *java.Class {
	methods := java.Methods{
		"getName": func(c *java.Call) any { return c.This.(*logger).of(runOf(c)) },
	}
	for name, level := range map[string]Level{"trace": LevelTrace, "debug": LevelDebug, "info": LevelInfo,
		"warn": LevelWarn, "error": LevelError, "fatal": LevelFatal} {
		methods[name] = func(c *java.Call) any {
			r := runOf(c)
			text := "null"
			if c.Len() > 0 && !c.Null(0) {
				text = r.text(c.Arg(0))
			}
			if c.Len() > 1 && !c.Null(1) {
				text += "\n" + r.text(c.Arg(1))
			}
			r.log(level, c.This.(*logger).of(r), text)
			return java.Void
		}
		methods["is"+string(name[0]-'a'+'A')+name[1:]+"Enabled"] = func(*java.Call) any { return true }
	}
	return &java.Class{Name: "org.apache.log4j.Logger", Methods: methods}
}

func (l *logger) of(r *run) string {
	if l.name != "" {
		return l.name
	}
	return r.logger
}

// loggerFactory is a class whose getLogger scripts call.
func loggerFactory(name string) *java.Class {
	get := func(c *java.Call) any {
		if c.Len() == 0 {
			return &logger{}
		}
		return &logger{c.Text(0)}
	}
	class := &java.Class{Name: name, Static: java.Methods{"getLogger": get, "getRootLogger": get}}
	if name == "org.apache.log4j.Logger" {
		class.Methods = loggerClass().Methods
	}
	return class
}

// replacer replaces ${…} in templates.
type replacer struct{ _ byte }

func (*replacer) JavaClass() string { return "com.mirth.connect.server.util.TemplateValueReplacer" }

func replacerClass() *java.Class {
	replace := func(c *java.Call) any {
		r := runOf(c)
		more := make(map[string]any)
		for i := 1; i < c.Len(); i++ {
			if m, ok := c.Object(i).(*connectorMessage); ok {
				for _, values := range []map[string]any{m.m.SourceMap, m.m.ChannelMap, m.m.ConnectorMap, m.m.ResponseMap} {
					add(more, values)
				}
				continue
			}
			pairs, _ := c.Pairs(i)
			for _, p := range pairs {
				more[java.Text(p.Key)] = p.Value
			}
		}
		return r.host(c).Resolve(r.scope, c.Text(0), more)
	}
	return &java.Class{Name: "com.mirth.connect.server.util.TemplateValueReplacer",
		New: func(*java.Call) any { return &replacer{} },
		Methods: java.Methods{
			"replaceValues":    replace,
			"replaceURLValues": replace,
			"hasReplaceableValues": func(c *java.Call) any {
				text := c.Text(0)
				for i := range text {
					if text[i] == '$' {
						return true
					}
				}
				return false
			},
		}}
}

// contextFactory is kept so that scripts fail only where they use a class loader.
type contextFactory struct{ _ byte }

func (*contextFactory) JavaClass() string { return "com.mirth.connect.server.userutil.ContextFactory" }

func contextFactoryClass() *java.Class {
	return &java.Class{Name: "com.mirth.connect.server.userutil.ContextFactory", Methods: java.Methods{
		"getResourceIds":         func(*java.Call) any { return java.NewFixedSet("Default Resource") },
		"getClassLoader":         func(*java.Call) any { return nil },
		"getIsolatedClassLoader": func(*java.Call) any { return nil },
	}}
}

// status returns the constant of a status.
func (r *run) status(s weir.Status) any { return r.java.Enum(statusClass, s.String()) }

const statusClass = "com.mirth.connect.userutil.Status"

// statusOf reads an argument that is a status or its name.
func statusOf(v any) (weir.Status, bool) {
	switch v := v.(type) {
	case *java.Enum:
		return weir.ParseStatus(v.Name())
	case string:
		return weir.ParseStatus(v)
	}
	return 0, false
}

func unsupported(c *java.Call, what string) any {
	panic(c.Throw("java.lang.UnsupportedOperationException", fmt.Sprintf("%s is not available here", what)))
}
