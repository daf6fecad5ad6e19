package hl7v2

import (
	_ "embed"
	"strings"
	"sync"
)

// dictionaryText is what the standard says about messages, segments and data types
// in its versions, from the tables of HL7. It has one line for each:
//
//	version 2.5 like 2.4           what follows is said of 2.5, the rest is as in 2.4
//	message ACK MSH SFT* MSA ERR*  segments, in order; ? * and + are how often
//	message … PROCEDURE( PR1 ROL* )*      a group of segments
//	events ADT_A01 ADT_A04         events whose messages have that structure
//	alike ADT_A01 ADT_A04          messages with those segments, and a name of their own
//	segment MSA ID ST …            data types of the fields; * where that depends
//	type CX ST ST ID …             data types of the components; others have none
//	without type CM_AUI            is there no longer
//
//go:embed dictionary.txt
var dictionaryText string

// dictionary is what one version of the standard says.
type dictionary struct {
	version  string
	messages map[string]*structure
	segments map[string][]string
	types    map[string][]string
	events   map[string]string // an event's message, by its own name, to its structure
	alike    map[string]string // likewise, where the name stays
}

// structure is a message or group: what is in it, in order.
type structure struct {
	parts []part
	first map[string]bool // the segments that may come first in it
}

// part is a segment or group in a structure.
type part struct {
	name     string
	group    *structure // nil for a segment
	required bool
	repeats  bool
}

// unknown is the data type of a field that depends on another one or on nothing.
const unknown = "*"

var dictionaries = sync.OnceValue(func() map[string]*dictionary {
	all := make(map[string]*dictionary)
	var d *dictionary
	lines := make(map[string]map[string]string) // by version, then by what the line is about
	var now map[string]string
	var order []string
	for line := range strings.Lines(dictionaryText) {
		f := strings.Fields(line)
		switch f[0] {
		case "version":
			now = make(map[string]string)
			if len(f) == 4 {
				for k, v := range lines[f[3]] {
					now[k] = v
				}
			}
			lines[f[1]] = now
			order = append(order, f[1])
		case "without":
			delete(now, f[1]+" "+f[2])
		default:
			now[f[0]+" "+f[1]] = strings.Join(f[2:], " ")
		}
	}
	for _, version := range order {
		d = &dictionary{version, map[string]*structure{}, map[string][]string{}, map[string][]string{}, map[string]string{}, map[string]string{}}
		for about, text := range lines[version] {
			kind, name, _ := strings.Cut(about, " ")
			words := strings.Fields(text)
			switch kind {
			case "message":
				d.messages[name], _ = readStructure(words)
			case "segment":
				d.segments[name] = words
			case "type":
				d.types[name] = words
			case "events", "alike":
				into := d.events
				if kind == "alike" {
					into = d.alike
				}
				for _, event := range words {
					into[event] = name
				}
			}
		}
		all[version] = d
	}
	return all
})

// readStructure reads up to the end of a group, or of the line.
func readStructure(words []string) (s *structure, rest []string) {
	s = &structure{first: make(map[string]bool)}
	open := true // nothing required has come yet
	for len(words) > 0 && !strings.HasPrefix(words[0], ")") {
		word := words[0]
		words = words[1:]
		var p part
		if name, ok := strings.CutSuffix(word, "("); ok {
			p.name = name
			p.group, words = readStructure(words)
			word, words = words[0], words[1:]
		} else {
			p.name = strings.TrimRight(word, "?*+")
		}
		p.required = !strings.HasSuffix(word, "?") && !strings.HasSuffix(word, "*")
		p.repeats = strings.HasSuffix(word, "*") || strings.HasSuffix(word, "+")
		if open {
			if p.group == nil {
				s.first[p.name] = true
			} else {
				for name := range p.group.first {
					s.first[name] = true
				}
			}
			open = !p.required
		}
		s.parts = append(s.parts, p)
	}
	return s, words
}

// structureOf finds the structure of a message by the components of MSH-9. name is
// what its root is called.
func (d *dictionary) structureOf(code, event, explicit string) (name string, s *structure) {
	name = explicit
	switch {
	case name != "":
	case code == "ACK":
		name = code
	default:
		name = code + "_" + event
	}
	if other := d.events[name]; other != "" {
		name = other
	}
	return name, d.structure(name)
}

// structure returns the structure of that name, or nil.
func (d *dictionary) structure(name string) *structure {
	if s := d.messages[name]; s != nil {
		return s
	}
	return d.messages[d.alike[name]]
}

// isKnownType reports whether the version has a data type, with components or not.
func (d *dictionary) isKnownType(name string) bool {
	if _, ok := d.types[name]; ok {
		return true
	}
	_, ok := formats[name]
	return ok
}

// fieldType returns the data type of a field; those that the standard does not
// have are unknown.
func (d *dictionary) fieldType(segment string, number int) string {
	if types := d.segments[segment]; number <= len(types) {
		return types[number-1]
	}
	return unknown
}
