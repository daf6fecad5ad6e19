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
		"serializationProperties.useStrictParser=true",
		"deserializationProperties.useStrictParser=true",
		"responseGenerationProperties.dateFormat=yyyyn",
	} {
		dt := with(t, setting)
		name, _, _ := strings.Cut(setting, "=")
		if err := dt.CheckSettings(); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: got %v, want an error at %s", setting, err, name)
		}
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`\r`: "\r", `\r\n`: "\r\n", `0x1E`: "\x1e", `0x1e`: "\x1e", `"\t"`: "\t", `""`: "", `|`: "|", ``: "", `0xZZ`: "0xZZ", `\f\b`: "\f\b", `0xE9`: "é",
	} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}
