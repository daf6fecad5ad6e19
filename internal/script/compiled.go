package script

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"weak"
)

// compiled are the units that deployed channels have in use. Equal texts are
// compiled once: channels are cloned, and libraries of code templates are in all
// of them. A unit goes when the last program that has it does.
var compiled = struct {
	sync.Mutex
	units map[string]weak.Pointer[unit]
}{units: make(map[string]weak.Pointer[unit])}

// sharedUnit returns the unit of an equal text, or makes it.
func sharedUnit(key string, compile func() (*unit, error)) (*unit, error) {
	compiled.Lock()
	u := compiled.units[key].Value()
	compiled.Unlock()
	if u != nil {
		return u, nil
	}
	u, err := compile()
	if err != nil {
		return nil, err
	}
	compiled.Lock()
	defer compiled.Unlock()
	compiled.units[key] = weak.Make(u)
	runtime.AddCleanup(u, func(key string) {
		compiled.Lock()
		defer compiled.Unlock()
		if compiled.units[key].Value() == nil {
			delete(compiled.units, key)
		}
	}, key)
	return u, nil
}

// key tells texts apart that become different units: by their name, the number of
// their first literal, where the parts are, and all that they say.
func (s *source) key(name string, firstLiteral int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %d", name, firstLiteral)
	for _, sec := range s.sections {
		fmt.Fprintf(&b, " %q %d %d", sec.part, sec.start, sec.end)
	}
	b.WriteByte('\n')
	b.WriteString(s.text.String())
	return b.String()
}
