package xmlhost

import "github.com/dop251/goja"

// settings are those that matter to parsing. Scripts may change them.
type settings struct{ ignoreWhitespace, ignoreComments, ignoreProcInsts bool }

// dropsProcInsts: Rhino's search for comments to ignore finds instructions.
func (s settings) dropsProcInsts() bool { return s.ignoreProcInsts || s.ignoreComments }

func (h *Host) settings() settings {
	if h.ctors[ctorXML] == nil {
		return settings{true, true, true}
	}
	on := func(name string) bool {
		v := h.ctors[ctorXML].Get(name)
		return v != nil && v.ToBoolean()
	}
	return settings{on("ignoreWhitespace"), on("ignoreComments"), on("ignoreProcessingInstructions")}
}

// settingNames are the properties of XML; see defaultSetting.
var settingNames = [...]string{
	"ignoreComments", "ignoreProcessingInstructions", "ignoreWhitespace", "prettyPrinting", "prettyIndent",
}

// defaultSetting is what channels start with. prettyPrinting and prettyIndent
// have no effect.
func defaultSetting(name string) any {
	switch name {
	case "ignoreComments", "ignoreProcessingInstructions", "ignoreWhitespace":
		return true
	case "prettyPrinting":
		return false
	case "prettyIndent":
		return 2
	}
	return nil
}

// statics is what the function XML inherits from: the settings as long as the
// script has not assigned to them, and the functions on them.
type statics struct {
	h    *Host
	made map[string]goja.Value
}

// Get reads a default or a function.
func (s *statics) Get(key string) goja.Value {
	if v := defaultSetting(key); v != nil {
		return s.h.rt.ToValue(v)
	}
	if s.made[key] != nil {
		return s.made[key]
	}
	f := s.function(key)
	if f == nil {
		return nil
	}
	if s.made == nil {
		s.made = make(map[string]goja.Value)
	}
	s.made[key] = s.h.rt.ToValue(f)
	return s.made[key]
}

func (s *statics) function(name string) func(goja.FunctionCall) goja.Value {
	xml := s.h.ctors[ctorXML]
	switch name {
	case "settings":
		return func(goja.FunctionCall) goja.Value { return s.copy(xml) }
	case "defaultSettings":
		return func(goja.FunctionCall) goja.Value { return s.copy(nil) }
	case "setSettings":
		return func(c goja.FunctionCall) goja.Value {
			from, ok := c.Argument(0).(*goja.Object)
			if !ok {
				from = s.copy(nil)
			}
			for _, name := range settingNames {
				if v := from.Get(name); v != nil {
					xml.Set(name, v)
				}
			}
			return goja.Undefined()
		}
	}
	return nil
}

// copy returns an object with the settings of from, or the defaults.
func (s *statics) copy(from *goja.Object) *goja.Object {
	o := s.h.rt.NewObject()
	for _, name := range settingNames {
		v := s.h.rt.ToValue(defaultSetting(name))
		if from != nil {
			v = from.Get(name)
		}
		o.Set(name, v)
	}
	return o
}

// Set refuses; an assignment to XML becomes its own property.
func (s *statics) Set(string, goja.Value) bool { return false }

// Has answers "key in XML".
func (s *statics) Has(key string) bool { return s.Get(key) != nil }

// Delete refuses.
func (s *statics) Delete(string) bool { return false }

// Keys lists nothing.
func (s *statics) Keys() []string { return nil }
