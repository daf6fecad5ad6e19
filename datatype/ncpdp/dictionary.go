package ncpdp

import "strings"

// entry is a line of a table.
type entry struct{ code, name string }

// dictionary is what one version of the standard calls things.
type dictionary struct {
	fields, segments         map[string]string // names by code
	fieldCodes, segmentCodes map[string]string // codes by name
	repeating                map[string]bool   // names
}

var (
	version51 = newDictionary([][]entry{fieldsOfBoth, fieldsOf51}, [][]entry{segmentsOfBoth}, repeatingInBoth)
	versionD0 = newDictionary([][]entry{fieldsOfBoth, fieldsOfD0}, [][]entry{segmentsOfBoth, segmentsOfD0}, repeatingInBoth, repeatingInD0)

	transactions, _ = index([][]entry{transactionNames})
)

func newDictionary(fields, segments [][]entry, repeating ...[]string) *dictionary {
	d := &dictionary{repeating: map[string]bool{}}
	d.fields, d.fieldCodes = index(fields)
	d.segments, d.segmentCodes = index(segments)
	for _, names := range repeating {
		for _, n := range names {
			d.repeating[n] = true
		}
	}
	return d
}

func index(tables [][]entry) (names, codes map[string]string) {
	names, codes = map[string]string{}, map[string]string{}
	for _, table := range tables {
		for _, e := range table {
			names[e.code], codes[e.name] = e.name, e.code
		}
	}
	return names, codes
}

// of returns the dictionary of a version as headers write it. What is not D.0 is
// taken for 5.1.
func of(version string) *dictionary {
	if version == "D0" {
		return versionD0
	}
	return version51
}

// named finds the dictionary for writing, as Mirth does: whichever of D0 and 51
// occurs first in the markup of a message. It is a function so that the markup
// is made only when the root's name tells nothing.
func named(rootName string, markup func() string) *dictionary {
	for _, text := range []func() string{func() string { return rootName }, markup} {
		s := text()
		d0, v51 := strings.Index(s, "D0"), strings.Index(s, "51")
		switch {
		case d0 >= 0 && (v51 < 0 || d0 < v51):
			return versionD0
		case v51 >= 0:
			return version51
		}
	}
	return version51
}

// counter and count are elements that hold the fields after them.
func isCounter(name string) bool { return strings.HasSuffix(name, "Counter") }
func isCount(name string) bool   { return strings.HasSuffix(name, "Count") }

// nameOr returns the name or code in a table, or what was looked up.
func nameOr(table map[string]string, key string) string {
	if name, ok := table[key]; ok {
		return name
	}
	return key
}
