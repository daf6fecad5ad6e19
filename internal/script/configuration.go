package script

import (
	"strings"

	"github.com/weir-health/weir/internal/script/java"
)

// ServerVersion is what scripts see of the server's version: the one of Mirth Connect
// whose behaviour they find here.
const ServerVersion = "4.5.2"

const controllers = "com.mirth.connect.server.controllers."

// named is a value that is nothing but its class.
type named struct{ class string }

func (n *named) JavaClass() string { return n.class }

// configurationClasses are those of the engine's controllers that channels ask for the
// server's identity. They are no part of the user API; other controllers are refused.
func configurationClasses() []*java.Class {
	const controller, settings, factory = controllers + "ConfigurationController", "com.mirth.connect.model.ServerSettings", controllers + "ControllerFactory"
	one := map[string]*named{controller: {controller}, settings: {settings}, factory: {factory}}
	made := func(class string) func(*java.Call) any {
		return func(*java.Call) any { return one[class] }
	}
	identity := func(pick func(name, environment string) string) func(*java.Call) any {
		return func(c *java.Call) any {
			id, ok := runOf(c).host(c).(Identity)
			if !ok {
				return nil
			}
			name, environment, err := id.ServerIdentity()
			if err != nil {
				panic(c.Throw("com.mirth.connect.client.core.ControllerException", err.Error()))
			}
			return given(pick(name, environment))
		}
	}
	name := identity(func(name, _ string) string { return name })
	refused := java.Methods{"createConfigurationController": made(controller)}
	for _, other := range strings.Fields("Alert Channel CodeTemplate Database Engine Event Extension Message Migration Script Usage User") {
		refused["create"+other+"Controller"] = func(c *java.Call) any {
			panic(c.VM.ThrowJava(&java.Throwable{Class: "java.lang.UnsupportedOperationException", HasText: true, Plain: true,
				Message: "the engine's " + other + "Controller is not reachable; use ChannelUtil, or the REST API from outside"}))
		}
	}
	return []*java.Class{
		{Name: controller, Static: java.Methods{"getInstance": made(controller)}, Methods: java.Methods{
			"getServerId":       func(*java.Call) any { return ServerID },
			"getServerName":     name,
			"getServerVersion":  func(*java.Call) any { return ServerVersion },
			"getServerSettings": made(settings),
		}},
		{Name: controllers + "DefaultConfigurationController", Super: controller, Static: java.Methods{"create": made(controller), "getInstance": made(controller)}},
		{Name: settings, Methods: java.Methods{
			"getServerName":      name,
			"getEnvironmentName": identity(func(_, environment string) string { return environment }),
		}},
		{Name: factory, Static: java.Methods{"getFactory": made(factory)}, Methods: refused},
	}
}
