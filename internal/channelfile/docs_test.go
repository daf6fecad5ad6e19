package channelfile

import (
	"os"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/weir-health/weir/internal/script"
)

// TestGuides holds the examples of the guides against what reads them.
func TestGuides(t *testing.T) {
	text := func(file string) string {
		data, err := os.ReadFile("../../docs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	channel := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(text("channel-format.md"))
	f, err := Read([]byte(channel[1]), fstest.MapFS{"scripts/codes.js": {Data: []byte("var codes;")}}, types)
	if err != nil {
		t.Fatal(err)
	}
	if again := Write(f.Channel, nil, types); len(f.Notes) > 0 || len(again) == 0 {
		t.Errorf("notes %v", f.Notes)
	}
	modules := map[string]string{"lib/codes.ts": "export const local = 1;", "wards.json": "{}"}
	blocks := regexp.MustCompile("(?s)```ts\n(.*?)```").FindAllStringSubmatch(text("modern.md"), -1)
	if len(blocks) < 3 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, b := range blocks {
		if _, err := script.CompileModernScript("example", "", modules, script.Part{Name: "example", Code: b[1]}); err != nil {
			t.Errorf("%v:\n%s", err, b[1])
		}
	}
}
