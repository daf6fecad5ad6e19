package script

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/java"
)

// Authentication is the AuthenticationResult of a script that decides about a
// request to an HTTP listener.
type Authentication struct {
	Status          string // CHALLENGED, SUCCESS or FAILURE
	Username, Realm string
	Headers         map[string][]string // added to the answer
}

// JavaClass names the class that scripts know.
func (*Authentication) JavaClass() string { return authPackage + "AuthenticationResult" }

const authPackage = "com.mirth.connect.plugins.httpauth.userutil."

func authenticationClasses() []*java.Class {
	on := func(f func(a *Authentication, c *java.Call) any) func(*java.Call) any {
		return func(c *java.Call) any { return f(c.This.(*Authentication), c) }
	}
	status := func(c *java.Call, i int) string {
		if e, ok := c.Object(i).(*java.Enum); ok {
			return e.Name()
		}
		return c.Text(i)
	}
	made := func(name string) func(*java.Call) any {
		return func(c *java.Call) any {
			a := &Authentication{Status: name, Headers: make(map[string][]string)}
			switch name {
			case "SUCCESS":
				a.Username, a.Realm = c.Text(0), c.Text(1)
			case "CHALLENGED":
				a.Headers["WWW-Authenticate"] = []string{c.Text(0)}
			}
			return a
		}
	}
	return []*java.Class{
		java.NewEnum(authPackage+"AuthStatus", nil, "CHALLENGED", "SUCCESS", "FAILURE"),
		{Name: authPackage + "AuthenticationResult",
			New: func(c *java.Call) any {
				return &Authentication{Status: status(c, 0), Headers: make(map[string][]string)}
			},
			Static: java.Methods{"Success": made("SUCCESS"), "Failure": made("FAILURE"), "Challenged": made("CHALLENGED")},
			Methods: java.Methods{
				"getStatus": on(func(a *Authentication, c *java.Call) any {
					return c.VM.Enum(authPackage+"AuthStatus", a.Status)
				}),
				"setStatus":   on(func(a *Authentication, c *java.Call) any { a.Status = status(c, 0); return java.Void }),
				"getUsername": on(func(a *Authentication, c *java.Call) any { return nullable(a.Username) }),
				"setUsername": on(func(a *Authentication, c *java.Call) any { a.Username = c.Text(0); return java.Void }),
				"getRealm":    on(func(a *Authentication, c *java.Call) any { return nullable(a.Realm) }),
				"setRealm":    on(func(a *Authentication, c *java.Call) any { a.Realm = c.Text(0); return java.Void }),
				"getResponseHeaders": on(func(a *Authentication, c *java.Call) any {
					m := java.NewHashMap()
					for name, values := range a.Headers {
						list := java.NewList()
						for _, v := range values {
							list.Add(v)
						}
						m.Set(name, list)
					}
					return m
				}),
				"setResponseHeaders": on(func(a *Authentication, c *java.Call) any {
					a.Headers = make(map[string][]string)
					pairs, _ := c.Pairs(0)
					for _, p := range pairs {
						items, ok := (&java.Call{VM: c.VM, Args: []goja.Value{c.VM.ToJS(p.Value)}}).Items(0)
						if !ok {
							items = []any{p.Value}
						}
						for _, v := range items {
							a.Headers[java.Text(p.Key)] = append(a.Headers[java.Text(p.Key)], java.Text(v))
						}
					}
					return java.Void
				}),
				"addResponseHeader": on(func(a *Authentication, c *java.Call) any {
					a.Headers[c.Text(0)] = append(a.Headers[c.Text(0)], c.Text(1))
					return java.Void
				}),
			}},
	}
}
