package pipeline

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/weir-health/weir"
)

// Shown is a stored content as a person reads it.
type Shown struct{ Name, Text string }

// Show returns the contents of a connector message for people: messages as they
// are, of a response its text and, apart, its status, maps a line for each key,
// and what was sent by the names of the settings.
func Show(cm *weir.ConnectorMessage) []Shown {
	var out []Shown
	for t := range weir.ContentTypes {
		text, ok := cm.Content(weir.ContentType(t))
		if !ok {
			continue
		}
		name := weir.ContentType(t).String()
		switch weir.ContentType(t) {
		case weir.ResponseContent, weir.ProcessedResponse:
			r, err := decodeResponse(text)
			if err != nil {
				out = append(out, Shown{name, text})
				continue
			}
			if r.Message != "" {
				out = append(out, Shown{name, r.Message})
			}
			out = append(out, Shown{name + " Status", r.String()})
		case weir.ConnectorMapContent, weir.ChannelMapContent, weir.ResponseMapContent, weir.SourceMapContent:
			out = append(out, Shown{name, showMap(text)})
		case weir.SentContent:
			out = append(out, Shown{name, showSent(cm)})
		default:
			out = append(out, Shown{name, text})
		}
	}
	return out
}

func showMap(text string) string {
	m, err := decodeMap(text)
	if err != nil {
		return text
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		b.WriteString(k + " = " + textOf(m[k]) + "\n")
	}
	return b.String()
}

func showSent(cm *weir.ConnectorMessage) string {
	text := cm.Text(weir.SentContent)
	var stored map[string]*string
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return text
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(stored)) {
		value := "(the encoded content)"
		if stored[name] != nil {
			value = *stored[name]
		}
		b.WriteString(name + " = " + value + "\n")
	}
	return b.String()
}
