package hl7v2

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// format is what a primitive data type demands of its values.
type format struct {
	longest int            // characters; 0: no matter
	pattern *regexp.Regexp // nil: no matter
}

const (
	monthDay = `(0[1-9]|1[012])((0[1-9]|[12]\d|3[01])`
	hours    = `([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,4})?)?)?`
	zone     = `([+-](0\d|1[0-4])[0-5]\d)?`
)

// formats are the primitive data types and the rules that HAPI's default
// validation has for them. A component of the type TS has those of DTM in TS.1.
var formats = map[string]format{
	"ST":  {longest: 200},
	"ID":  {longest: 200},
	"IS":  {longest: 200},
	"TX":  {longest: 65536},
	"FT":  {longest: 65536},
	"GTS": {longest: 199},
	"SNM": {},
	"SI":  {pattern: regexp.MustCompile(`^\d*$`)},
	"NM":  {pattern: regexp.MustCompile(`^[+-]?\d*\.?\d*$`)},
	"TN":  {pattern: regexp.MustCompile(`^(\d{1,2} )?(\(\d{3}\))?\d{3}-\d{4}(X\d{1,5})?(B\d{1,5})?(C.*)?$`)},
	"DT":  {pattern: regexp.MustCompile(`^\d{4}(` + monthDay + `)?)?$`)},
	"TM":  {pattern: regexp.MustCompile(`^` + hours + zone + `$`)},
	"DTM": {pattern: regexp.MustCompile(`^\d{4}(` + monthDay + `(` + hours + `)?)?)?` + zone + `$`)},
}

// validate checks a value against its data type. An empty one, and "" that means
// deleted, are always right.
func validate(dataType, value string) error {
	f := formats[dataType]
	switch {
	case value == "" || value == `""`:
		return nil
	case f.longest > 0 && utf8.RuneCountInString(value) > f.longest:
		return fmt.Errorf("the value is longer than the %d characters of the data type %s", f.longest, dataType)
	case f.pattern != nil && !f.pattern.MatchString(value):
		return fmt.Errorf("the value is not of the data type %s", dataType)
	}
	return nil
}
