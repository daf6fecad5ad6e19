package script

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
)

// response is a Response in a script, which may change it.
type response struct {
	weir.Response
	hasStatus bool // false: made without a status
	fixed     bool // an ImmutableResponse
	made      bool // by a script: what is empty is "", and null only where it gave null
	null      [3]bool
}

func (v *response) JavaClass() string {
	if v.fixed {
		return "com.mirth.connect.userutil.ImmutableResponse"
	}
	return "com.mirth.connect.userutil.Response"
}

func (v *response) lasting() weir.Response { return v.Response }

// String is STATUS: status message, or the status alone.
func (v *response) String() string {
	if !v.hasStatus {
		return "null"
	}
	if v.StatusMessage != "" {
		return v.Status.String() + ": " + v.StatusMessage
	}
	return v.Status.String()
}

func (v *response) status(r *run) any {
	if !v.hasStatus {
		return nil
	}
	return r.status(v.Status)
}

// Which of a response's texts a script gave as null.
const (
	nullMessage = iota
	nullStatusMessage
	nullError
)

// orNull is a text of the response, or null where there is none.
func (v *response) orNull(s string, which int) any {
	if s == "" && (!v.made || v.null[which]) {
		return nil
	}
	return s
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func responseClasses() []*java.Class {
	get := func(f func(v *response) any) func(*java.Call) any {
		return func(c *java.Call) any { return f(c.This.(*response)) }
	}
	set := func(f func(v *response, c *java.Call)) func(*java.Call) any {
		return func(c *java.Call) any {
			f(c.This.(*response), c)
			return java.Void
		}
	}
	getters := java.Methods{
		"getMessage": get(func(v *response) any {
			if v.made {
				return v.orNull(v.Message, nullMessage)
			}
			return v.Message
		}),
		"getStatusMessage": get(func(v *response) any { return v.orNull(v.StatusMessage, nullStatusMessage) }),
		"getError":         get(func(v *response) any { return v.orNull(v.Error, nullError) }),
		"toString":         get(func(v *response) any { return v.String() }),
	}
	class := &java.Class{Name: "com.mirth.connect.userutil.Response", New: newResponse, Methods: java.Methods{
		"getStatus":        func(c *java.Call) any { return c.This.(*response).status(runOf(c)) },
		"setMessage":       set(func(v *response, c *java.Call) { v.Message = c.Text(0) }),
		"setStatusMessage": set(func(v *response, c *java.Call) { v.StatusMessage = c.Text(0) }),
		"setError":         set(func(v *response, c *java.Call) { v.Error = c.Text(0) }),
		"setStatus":        set(func(v *response, c *java.Call) { v.Status, v.hasStatus = statusOf(c.Object(0)) }),
	}}
	fixed := &java.Class{Name: "com.mirth.connect.userutil.ImmutableResponse", Methods: java.Methods{
		"getNewMessageStatus": func(c *java.Call) any { return c.This.(*response).status(runOf(c)) },
	}}
	for name, m := range getters {
		class.Methods[name], fixed.Methods[name] = m, m
	}
	factory := java.Methods{}
	for name, status := range map[string]weir.Status{"Sent": weir.Sent, "Error": weir.Error, "Filtered": weir.Filtered,
		"Queued": weir.Queued, "Success": weir.Sent, "Failure": weir.Error} {
		factory["get"+name+"Response"] = func(c *java.Call) any {
			return &response{Response: weir.Response{Status: status, Message: c.Text(0)}, hasStatus: true, made: true, null: [3]bool{c.Null(0)}}
		}
	}
	return []*java.Class{
		class, fixed,
		{Name: "com.mirth.connect.userutil.ResponseFactory", Static: factory,
			New: func(*java.Call) any { return &responseFactory{} }},
		java.NewEnum(statusClass, nil, "RECEIVED", "FILTERED", "TRANSFORMED", "SENT", "QUEUED", "ERROR", "PENDING"),
		java.NewEnum("com.mirth.connect.userutil.ContentType", nil, contentNames...),
		java.NewEnum("com.mirth.connect.userutil.DeployedState", capitalised, "UNDEPLOYED", "DEPLOYING", "UNDEPLOYING",
			"STARTING", "STARTED", "PAUSING", "PAUSED", "STOPPING", "STOPPED", "SYNCING", "UNKNOWN"),
	}
}

type responseFactory struct{ _ byte }

func (*responseFactory) JavaClass() string { return "com.mirth.connect.userutil.ResponseFactory" }

func capitalised(name string) string { return name[:1] + strings.ToLower(name[1:]) }

// newResponse takes (), (message), or (status, message, status message, error).
func newResponse(c *java.Call) any {
	v := &response{made: true}
	first := 0 // where the message is
	if c.Len() == 1 {
		if o, ok := c.Object(0).(*response); ok {
			*v = *o
			return v
		}
	} else if c.Len() > 1 {
		v.Status, v.hasStatus = statusOf(c.Object(0))
		first = 1
	}
	for i, text := range []*string{&v.Message, &v.StatusMessage, &v.Error} {
		*text = c.Text(first + i)
		v.null[i] = first+i < c.Len() && c.Null(first+i)
	}
	return v
}

// responseGlobal makes the variables of a response transformer, and the channel
// script's response for the global postprocessor.
func (r *run) responseGlobal(name string) goja.Value {
	vars := r.scope.Response
	if vars == nil {
		return nil
	}
	switch name {
	case "response":
		return r.java.ToJS(&response{Response: vars.Original, hasStatus: true, fixed: true})
	case "responseStatus":
		return r.java.ToJS(r.status(vars.Status))
	case "responseStatusMessage":
		return r.variable(nullable(vars.StatusMessage))
	case "responseErrorMessage":
		return r.variable(nullable(vars.Error))
	}
	return nil
}

// readResponse reads the variables back that the script has named. Reading
// them through the global object would make those it has not.
func (r *run) readResponse() {
	vars, global := r.scope.Response, r.rt.GlobalObject()
	own := make(map[string]bool)
	for _, k := range global.GetOwnPropertyNames() {
		own[k] = true
	}
	text := func(name string, place *string) {
		if !own[name] {
			return
		}
		*place = ""
		if v := global.Get(name); !goja.IsUndefined(v) && !goja.IsNull(v) {
			*place = r.text(v)
		}
	}
	text("responseStatusMessage", &vars.StatusMessage)
	text("responseErrorMessage", &vars.Error)
	if own["responseStatus"] {
		if s, ok := statusOf(r.java.FromJS(global.Get("responseStatus"))); ok {
			vars.Status = s
		}
	}
}
