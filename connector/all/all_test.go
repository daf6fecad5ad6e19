package all

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/connectortest"
)

func TestSources(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Sources {
		if seen[s.Name] || !strings.HasSuffix(s.Summary, ".") {
			t.Errorf("%s is listed twice or its summary %q is no sentence", s.Name, s.Summary)
		}
		seen[s.Name] = true
		connectortest.Declared(t, s.New())
		if got, err := connector.SettingsOfSource(s.New(), nil); err != nil || got.ProcessingThreads < 1 {
			t.Errorf("%s: shared settings %+v, %v", s.Name, got, err)
		}
	}
}

func TestDestinations(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Destinations {
		if seen[d.Name] || !strings.HasSuffix(d.Summary, ".") {
			t.Errorf("%s is listed twice or its summary %q is no sentence", d.Name, d.Summary)
		}
		seen[d.Name] = true
		connectortest.Declared(t, d.New())
		if got, err := connector.SettingsOfDestination(d.New(), nil); err != nil || got.ThreadCount < 1 {
			t.Errorf("%s: shared settings %+v, %v", d.Name, got, err)
		}
	}
}
