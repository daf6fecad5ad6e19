package channelfile

import (
	"reflect"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/mirth"
)

const retentionHead = `name: Lab
id: 0a1b2c3d-0000-4000-8000-000000000001
source:
  type: TCP Listener
`

func group(list ...string) (g config.Group) {
	for i := 0; i < len(list); i += 2 {
		g = append(g, config.Setting{Name: list[i], Text: list[i+1]})
	}
	return g
}

// Pruning settings of every shape come back as they were, and those that are numbers of
// days stand under retention.
func TestRetentionRoundTrip(t *testing.T) {
	metadata := func(before, pruned, after config.Group) config.Group {
		g := append(before, config.Setting{Name: "pruningSettings", Group: pruned})
		g = append(g, after...)
		return config.Group{mirth.NewExtra()[0], {Name: "exportData", Group: append(mirth.NewExtra()[1].Group, config.Setting{Name: "metadata", Group: g})}}
	}
	for name, c := range map[string]struct {
		extra config.Group
		want  string // in the file
	}{
		"all":             {metadata(nil, group("pruneMetaDataDays", "30", "pruneContentDays", "7", "pruneErroredDays", "90"), nil), "retention:\n  messages: 30d\n  contents: 7d\n  errored: 90d\n"},
		"beside others":   {metadata(group("enabled", "true"), group("pruneMetaDataDays", "30", "archiveEnabled", "true"), group("userId", "1")), "retention:\n  messages: 30d\n"},
		"alone, in order": {metadata(group("enabled", "true"), group("pruneContentDays", "7"), group("userId", "1")), "retention:\n  contents: 7d\n"},
		"other order":     {metadata(nil, group("pruneContentDays", "7", "pruneMetaDataDays", "30"), nil), "pruneContentDays: 7"},
		"after another":   {metadata(nil, group("archiveEnabled", "false", "pruneMetaDataDays", "30"), nil), "pruneMetaDataDays"},
		"no number":       {metadata(nil, group("pruneMetaDataDays", "soon"), nil), "pruneMetaDataDays: soon"},
		"no time":         {metadata(nil, group("archiveEnabled", "false"), nil), "archiveEnabled"},
		"none":            {mirth.NewExtra(), "source:"},
	} {
		read, err := Read([]byte(retentionHead), nil, types)
		if err != nil {
			t.Fatal(err)
		}
		ch := read.Channel
		ch.Extra = c.extra
		file := Write(ch, nil, types)
		back, err := Read(file, nil, types)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, file)
			continue
		}
		if !reflect.DeepEqual(back.Channel.Extra, ch.Extra) {
			t.Errorf("%s: got  %+v\nwant %+v\n%s", name, back.Channel.Extra, ch.Extra, file)
		}
		if !strings.Contains(string(file), c.want) {
			t.Errorf("%s: no %q in\n%s", name, c.want, file)
		}
	}
}

// What is read is where the engine looks for it.
func TestRetentionIsRead(t *testing.T) {
	f, err := Read([]byte(retentionHead+"retention: {messages: 30d, errored: 90d}\n"), nil, types)
	if err != nil {
		t.Fatal(err)
	}
	is := func(c *weir.Channel, name, want string) {
		t.Helper()
		if got := c.Extra.Text("exportData.metadata.pruningSettings." + name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	is(f.Channel, "pruneMetaDataDays", "30")
	is(f.Channel, "pruneContentDays", "")
	is(f.Channel, "pruneErroredDays", "90")
	for _, bad := range []string{"retention: {messages: 30}", "retention: {messages: month}", "retention: {messages: -1d}", "retention: {contents: [7d]}", "retention: 30d", "retention: {message: 30d}"} {
		if _, err := Read([]byte(retentionHead+bad+"\n"), nil, types); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
