package script

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/script/e4x"
)

// What would certainly fail, or do what nobody means, is found when a script of the
// modern dialect is deployed. The compiled code is looked at, in which types are gone
// and modules are together; the source map leads to the user's place.

// certainlyWrong are esbuild's warnings that are errors here.
var certainlyWrong = map[string]api.LogLevel{
	"call-import-namespace":   api.LogLevelError, // throws
	"class-name-will-throw":   api.LogLevelError,
	"private-name-will-throw": api.LogLevelError,
	"equals-nan":              api.LogLevelError, // never true
	"equals-new-object":       api.LogLevelError, // never true
	"impossible-typeof":       api.LogLevelError, // never true
	"suspicious-boolean-not":  api.LogLevelError, // !a in b
	"duplicate-case":          api.LogLevelError, // never reached
	"semicolon-after-return":  api.LogLevelError, // what stands on the next line is not returned
}

// checkRule refuses a rule that can only ever reject: what a rule accepts is what it
// returns. One that is empty was left so on purpose.
func checkRule(name string, r Rule) error {
	if strings.TrimSpace(r.Code) == "" || leaves.MatchString(r.Code) {
		return nil
	}
	return &Error{Script: name, Part: r.Name, Message: "the rule returns nothing, so that no message passes; write return before what has to be true"}
}

var leaves = regexp.MustCompile(`\b(?:return|throw)\b`)

// checkModern finds names that nobody declares, and doubts of e4x. context is where
// the parts run, as in [Scope]; empty where that is not known.
func (p *Program) checkModern(u *unit, code, context string) error {
	doubts, declared, err := e4x.Doubts(p.Name, code)
	if err != nil {
		return nil // goja reads it, too, and says what is wrong
	}
	place := e4x.Places(code)
	at := func(pos int, kind, text string) *Error {
		s, l, c, ok := u.modern.locate(place(pos))
		if !ok {
			return nil // not of the user's text
		}
		return &Error{Script: p.Name, Part: s.part, Line: l, Column: c, Kind: kind, Message: text}
	}
	for _, d := range doubts {
		if f := at(d.Pos, "", d.Text); f != nil {
			return f
		}
	}
	free, err := e4x.Uses(p.Name, code, e4x.Options{Modern: true})
	if err != nil {
		return nil
	}
	asked := map[string]bool{} // by typeof: such a name may be missing
	for _, use := range free {
		asked[use.Path[0]] = asked[use.Path[0]] || use.Checked
	}
	for _, use := range free {
		name := use.Path[0]
		if use.Kind == e4x.Method || asked[name] || standard()[name] {
			continue
		}
		f := at(use.Pos, "ReferenceError", name+" is not defined")
		if f == nil || modernHas(name, context, u.modern.inModule(f.Part)) {
			continue
		}
		if modernHas(name, "", true) {
			f.Message += " in the " + p.Name
		} else if near := config.Nearest(name, slices.Concat(declared, modernNamesOf(context)), len(name)/3); near != "" {
			f.Message += "; did you mean " + near + "?"
		}
		return f
	}
	return nil
}

// inModule tells a module from the parts.
func (m *modernUnit) inModule(part string) bool {
	s := m.sources[moduleSpace+":"+part]
	return s != nil && s.part == part
}

// standard are the names that JavaScript has itself.
var standard = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{"arguments": true}
	for _, n := range goja.New().GlobalObject().GetOwnPropertyNames() {
		names[n] = true
	}
	return names
})

// Places of names: those of a connector's message, of a response and so on.
var (
	namesOfMessage  = strings.Fields("connectorMessage sourceMap connectorMap channelMap responseMap connector")
	namesOfStatus   = strings.Fields("RECEIVED FILTERED TRANSFORMED SENT QUEUED ERROR PENDING")
	namesOfResponse = strings.Fields("response responseStatus responseStatusMessage responseErrorMessage")

	// modernPlaces are the names that only some places have, by context.
	modernPlaces = map[string][]string{
		"CHANNEL_DEPLOY":                   nil,
		"CHANNEL_UNDEPLOY":                 nil,
		"CHANNEL_PREPROCESSOR":             slices.Concat(namesOfMessage, []string{"destinationSet", "message"}),
		"CHANNEL_POSTPROCESSOR":            slices.Concat(namesOfStatus, []string{"message", "sourceMap", "channelMap", "responseMap"}),
		"CHANNEL_ATTACHMENT":               {"message", "sourceMap", "binary", "mirth_attachments"},
		"CHANNEL_BATCH":                    {"reader", "sourceMap"},
		"SOURCE_RECEIVER":                  slices.Concat(namesOfMessage, []string{"resultMap", "results"}),
		"SOURCE_FILTER_TRANSFORMER":        slices.Concat(namesOfMessage, []string{"destinationSet", "msg", "tmp"}),
		"DESTINATION_FILTER_TRANSFORMER":   slices.Concat(namesOfMessage, []string{"msg", "tmp"}),
		"DESTINATION_DISPATCHER":           slices.Concat(namesOfMessage, namesOfStatus),
		"DESTINATION_RESPONSE_TRANSFORMER": slices.Concat(namesOfMessage, namesOfStatus, namesOfResponse, []string{"msg", "tmp"}),
	}
)

// somewhere are the names of modernPlaces.
var somewhere = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for list := range maps.Values(modernPlaces) {
		for _, n := range list {
			names[n] = true
		}
	}
	return names
})

// modernHas reports whether a script has a name. A module serves several scripts: it
// may name what any of them has.
func modernHas(name, context string, module bool) bool {
	if somewhere()[name] {
		here, known := modernPlaces[context]
		return module || !known || slices.Contains(here, name)
	}
	_, ok := modernNames()[name]
	return ok || userClasses()[name] != nil
}

// modernNamesOf lists the names that scripts of a context have.
func modernNamesOf(context string) (names []string) {
	for _, n := range modernTable {
		names = append(names, n.name)
	}
	names = slices.Concat(names, sortedKeys(somewhere()), sortedKeys(userClasses()))
	names = slices.DeleteFunc(names, func(n string) bool { return !modernHas(n, context, false) })
	return append(names, sortedKeys(standard())...)
}

// outsideModern is [unit.outside] for the modern dialect.
func (u *unit) outsideModern() []Use {
	found, err := e4x.Uses(u.name, u.text, e4x.Options{Modern: true})
	if err != nil {
		return nil
	}
	place := e4x.Places(u.text)
	var out []Use
	for _, use := range found {
		if s, l, _, ok := u.modern.locate(place(use.Pos)); ok {
			out = append(out, Use{Use: use, Part: s.part, Line: l})
		}
	}
	return out
}
