package config_test

import (
	"testing"

	"github.com/weir-health/weir/config"
)

func TestDelimiter(t *testing.T) {
	for in, want := range map[string]string{
		`\r`: "\r", `\r\n`: "\r\n", `0x1E`: "\x1e", `0x1e`: "\x1e", `"\t"`: "\t", `""`: "", `"`: `"`, `" "`: " ", `|`: "|", ``: "", `0xZZ`: "0xZZ", `\f\b`: "\f\b", `0xE9`: "é",
	} {
		if got := config.Delimiter(in); got != want {
			t.Errorf("Delimiter(%q) = %q, want %q", in, got, want)
		}
	}
}
