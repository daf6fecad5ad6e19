package pipeline

import (
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Limits of what a message is found by.
const (
	maxTerms = 64  // of one message; a batch of results may have hundreds of orders
	maxTerm  = 250 // bytes of one value
)

// termFields are the fields whose first component a message is found by.
var termFields = map[string]map[int]string{
	"MSH": {10: store.ControlTerm},
	"PID": {3: store.PatientTerm},
	"ORC": {2: store.OrderTerm, 3: store.OrderTerm},
	"OBR": {2: store.OrderTerm, 3: store.OrderTerm, 18: store.OrderTerm},
}

// termsOf lists what an HL7 v2 message in ER7 form is found by. Other texts have
// nothing. It looks at the beginnings of segments alone and parses nothing.
func termsOf(text string) (terms []store.Term) {
	text = strings.TrimLeft(text, "\x0b \t\r\n\ufeff")
	if !strings.HasPrefix(text, "MSH") || len(text) < 8 {
		return nil
	}
	field, component, repetition := text[3:4], text[4:5], text[5:6]
	for text != "" && len(terms) < maxTerms {
		segment := text
		if end := strings.IndexAny(text, "\r\n"); end >= 0 {
			segment, text = text[:end], text[end+1:]
		} else {
			text = ""
		}
		if len(segment) < 4 || segment[3:4] != field {
			continue
		}
		wanted := termFields[segment[:3]]
		if wanted == nil {
			continue
		}
		number := 0
		if segment[:3] == "MSH" {
			number = 1 // MSH-1 is the separator itself
		}
		for value := range strings.SplitSeq(segment, field) {
			if kind := wanted[number]; kind != "" {
				terms = appendTerms(terms, kind, value, component, repetition)
			}
			if number++; number > 18 {
				break
			}
		}
	}
	return terms
}

// TermsOf is what a message of any channel would be found by, see termsOf.
func TermsOf(text string) []store.Term { return termsOf(text) }

func appendTerms(terms []store.Term, kind, field, component, repetition string) []store.Term {
	for one := range strings.SplitSeq(field, repetition) {
		value, _, _ := strings.Cut(one, component)
		t := store.Term{Kind: kind, Value: value}
		if value == "" || value == `""` || len(value) > maxTerm || len(terms) >= maxTerms || slices.Contains(terms, t) {
			continue
		}
		terms = append(terms, t)
	}
	return terms
}

// terms are what a message is found by without a look at its contents.
func (c *Channel) terms(src *weir.ConnectorMessage) []store.Term {
	if !c.keeps.rows || c.sourceExec.InboundName() != "HL7V2" {
		return nil
	}
	return termsOf(src.Text(weir.Raw))
}
