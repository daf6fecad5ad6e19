package hl7v2

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
)

// Limits of the shared cache of names. What is beyond them is made anew each
// time, so that messages with invented names cannot fill the memory.
const (
	cachedSegments    = 512
	cachedNameLength  = 8 // bytes of a segment's name
	cachedFields      = 64
	cachedComponents  = 16
	componentsReserve = cachedComponents * 16 // bytes, a guess
)

// names is the cache: names such as "PID.5.1" are the same strings in all trees.
// The map is replaced, never changed.
var names struct {
	sync.Mutex
	bySegment atomic.Pointer[map[string]*segmentNames]
}

// segmentNames are the names of the elements of one kind of segment.
type segmentNames struct {
	name   string
	header bool
	fields [cachedFields]atomic.Pointer[fieldNames]
}

// fieldNames are the names of a field and its components.
type fieldNames struct {
	name       string
	components []string
}

func namesOf(segment string) *segmentNames {
	if all := names.bySegment.Load(); all != nil {
		if s, ok := (*all)[segment]; ok {
			return s
		}
	}
	s := &segmentNames{name: segment, header: isHeader(segment)}
	if len(segment) <= cachedNameLength {
		s.name = string([]byte(segment)) // does not hold on to the message
		s = s.keep()
	}
	return s
}

// keep puts s into the cache, unless it is full or has one by now.
func (s *segmentNames) keep() *segmentNames {
	names.Lock()
	defer names.Unlock()
	old := map[string]*segmentNames{}
	if p := names.bySegment.Load(); p != nil {
		old = *p
	}
	if other, ok := old[s.name]; ok {
		return other
	}
	if len(old) < cachedSegments {
		next := maps.Clone(old)
		next[s.name] = s
		names.bySegment.Store(&next)
	}
	return s
}

// field returns the names of a field, numbered from 1.
func (s *segmentNames) field(number int) *fieldNames {
	if number > cachedFields {
		return &fieldNames{name: numbered(s.name, number)}
	}
	slot := &s.fields[number-1]
	if f := slot.Load(); f != nil {
		return f
	}
	f := newFieldNames(numbered(s.name, number))
	slot.Store(f)
	return f
}

// newFieldNames writes all names into one string and cuts it.
func newFieldNames(name string) *fieldNames {
	var ends [cachedComponents]int
	text := make([]byte, 0, componentsReserve)
	for i := range ends {
		text = append(append(text, name...), '.')
		text = strconv.AppendInt(text, int64(i+1), 10)
		ends[i] = len(text)
	}
	f := &fieldNames{name: name, components: make([]string, cachedComponents)}
	all, from := string(text), 0
	for i, end := range ends {
		f.components[i] = all[from:end]
		from = end
	}
	return f
}

// component returns the name of a component, numbered from 1.
func (f *fieldNames) component(number int) string {
	if number <= len(f.components) {
		return f.components[number-1]
	}
	return numbered(f.name, number)
}

func numbered(name string, number int) string {
	return string(strconv.AppendInt(append(append(make([]byte, 0, len(name)+4), name...), '.'), int64(number), 10))
}
