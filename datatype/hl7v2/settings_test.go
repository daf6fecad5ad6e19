package hl7v2

import (
	"strings"
	"testing"
)

func TestCheckSettings(t *testing.T) {
	if err := New().CheckSettings(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	for _, setting := range []string{
		"responseGenerationProperties.dateFormat=yyyyn",
	} {
		dt := with(t, setting)
		name, _, _ := strings.Cut(setting, "=")
		if err := dt.CheckSettings(); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: got %v, want an error at %s", setting, err, name)
		}
	}
}
