package java

import "strconv"

// Rhino shows what a java.util.Map holds as properties: map.key and map['key'] read and
// write an entry, for-in runs over the keys, and an entry hides a method of its name.

// Owner is a [Mapping] whose Get looks in other places, too.
type Owner interface {
	Own(key string) (any, bool)
}

// asMap returns the map whose entries are properties, or nil.
func (w *wrapper) asMap() mapping {
	if m, ok := w.value.(mapping); ok && w.class.Is("java.util.Map") {
		return m
	}
	return nil
}

func valueAt(m mapping, name string) (any, bool) {
	if o, ok := m.(Owner); ok {
		return o.Own(name)
	}
	return m.Get(keyFor(name))
}

// keyFor is the key that a property's name stands for: a number is an Integer.
func keyFor(name string) any {
	if n, err := strconv.ParseInt(name, 10, 32); err == nil && n >= 0 && strconv.FormatInt(n, 10) == name {
		return int32(n)
	}
	return name
}

func namesOf(m mapping) []string {
	keys := m.Keys()
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = Text(k)
	}
	return names
}
