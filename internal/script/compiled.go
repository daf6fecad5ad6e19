package script

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"sync"
	"weak"
)

// compiled are the units that deployed channels have in use. Equal texts are
// compiled once: channels are cloned, and libraries of code templates are in all
// of them. A unit goes when the last program that has it does.
var compiled = struct {
	sync.Mutex
	units map[unitKey]weak.Pointer[unit]
}{units: make(map[unitKey]weak.Pointer[unit])}

// unitKey is a hash of all that makes a unit.
type unitKey [sha256.Size]byte

// sharedUnit returns the unit of an equal text, or makes it.
func sharedUnit(key unitKey, compile func() (*unit, error)) (*unit, error) {
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
	runtime.AddCleanup(u, func(key unitKey) {
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
func (s *source) key(name string, firstLiteral int) unitKey {
	b := sha256.New()
	fmt.Fprintf(b, "%q %d", name, firstLiteral)
	for _, sec := range s.sections {
		fmt.Fprintf(b, " %q %d %d", sec.part, sec.start, sec.end)
	}
	fmt.Fprintf(b, "\n%s", s.text.String())
	return unitKey(b.Sum(nil))
}
