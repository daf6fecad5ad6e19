package shadow

import (
	"fmt"
	"regexp"
	"strings"
)

// Masks are rules that say which differences do not count. A rule is one of
//
//	MSH-7  PID-3.1  OBX-*  ZZ1     a place of HL7 v2, with all that is inside of it
//	/patient/@updated  /a/b        a place of XML or JSON, likewise
//	sent.outputPattern  status     what is compared beside the message
//	re:REGEX                       what it finds is cut out of both texts before
//
// and may begin with the name of the connector for which alone it holds, and ": ".
// Numbers of segments, repetitions and elements in brackets may be left out.
type Masks []mask

type mask struct {
	where string // the connector; empty is all
	place string
	cut   *regexp.Regexp
}

// Default masks what differs with each run: the time and the control id of a
// message and of an acknowledgment.
var Default = []string{"MSH-7", "MSH-10"}

// MaxRules is how many rules there may be.
const MaxRules = 1000

// ParseMasks reads rules, one for each text; empty ones and those that begin with #
// are left out.
func ParseMasks(rules ...string) (Masks, error) {
	var masks Masks
	for _, rule := range rules {
		text := strings.TrimSpace(rule)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if len(masks) == MaxRules {
			return nil, fmt.Errorf("there are more than %d rules", MaxRules)
		}
		var m mask
		if !strings.HasPrefix(text, "re:") {
			if where, rest, ok := strings.Cut(text, ": "); ok {
				m.where, text = where, strings.TrimSpace(rest)
			}
		}
		if expression, ok := strings.CutPrefix(text, "re:"); ok {
			var err error
			if m.cut, err = regexp.Compile(expression); err != nil {
				return nil, fmt.Errorf("the rule %q: %w", rule, err)
			}
		} else if strings.ContainsAny(text, " \t") || text == "" {
			return nil, fmt.Errorf("the rule %q is neither a place such as PID-3.1 or /a/b nor re: with an expression", rule)
		}
		m.place = text
		masks = append(masks, m)
	}
	return masks, nil
}

// of are the rules that hold for a connector.
func (m Masks) of(where string) Masks {
	var list Masks
	for _, one := range m {
		if one.where == "" || one.where == where {
			list = append(list, one)
		}
	}
	return list
}

func (m Masks) cut(text string) string {
	for _, one := range m {
		if one.cut != nil {
			text = one.cut.ReplaceAllString(text, "")
		}
	}
	return text
}

// hides tells whether a place is masked, or stands in one that is.
func (m Masks) hides(place string) bool {
	for _, one := range m {
		if one.cut == nil && (covers(one.place, place) || covers(one.place, numbers.ReplaceAllString(place, ""))) {
			return true
		}
	}
	return false
}

var numbers = regexp.MustCompile(`\[[0-9]+\]`)

// covers tells whether a place is a rule's or inside of it; * stands for any name
// or number.
func covers(rule, place string) bool {
	for rule != "" {
		switch {
		case rule[0] == '*':
			rule = rule[1:]
			place = place[len(place)-len(strings.TrimLeft(place, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:")):]
		case place == "" || rule[0] != place[0]:
			return false
		default:
			rule, place = rule[1:], place[1:]
		}
	}
	return place == "" || strings.ContainsRune("-./[ ", rune(place[0]))
}

// Hides tells whether something that is compared beside the message, such as the
// status, is masked for a connector.
func (m Masks) Hides(where, what string) bool { return m.of(where).hides(what) }
