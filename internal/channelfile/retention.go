package channelfile

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir/config"
)

// How long a channel keeps what stands under retention, as 30d. Mirth's exports have it among
// what Weir would call extra; a channel has it there, too, so that an export is as it was.

// pruning is where a channel has its pruning settings.
var pruning = []string{"exportData", "metadata", "pruningSettings"}

// retained are the settings that have keys of their own, in Mirth's order; the last is
// Weir's.
var retained = []struct{ key, setting string }{
	{"messages", "pruneMetaDataDays"}, {"contents", "pruneContentDays"}, {"errored", "pruneErroredDays"},
}

// withRetention puts the settings of a retention where a channel has them.
func withRetention(extra, settings config.Group) config.Group {
	if len(settings) == 0 {
		return extra
	}
	return inPlace(extra, pruning, settings)
}

func inPlace(g config.Group, path []string, settings config.Group) config.Group {
	if len(path) == 0 {
		return append(slices.Clone(settings), g...)
	}
	g = slices.Clone(g)
	i := slices.IndexFunc(g, func(s config.Setting) bool { return s.Name == path[0] })
	if i < 0 {
		g, i = append(g, config.Setting{Name: path[0]}), len(g)
	}
	g[i].Group = inPlace(g[i].Group, path[1:], settings)
	return g
}

// splitRetention takes the retention out of what a channel has, where putting it back gives
// the same again.
func splitRetention(extra config.Group) (rest, settings config.Group) {
	for _, whole := range []bool{true, false} {
		rest, settings = outOfPlace(extra, pruning, whole)
		slices.SortStableFunc(settings, func(a, b config.Setting) int { return placeOf(a) - placeOf(b) })
		if len(settings) > 0 && reflect.DeepEqual(withRetention(rest, settings), extra) {
			return rest, settings
		}
	}
	return extra, nil
}

// outOfPlace takes the settings out, and with whole also the groups that are empty then.
func outOfPlace(g config.Group, path []string, whole bool) (rest, settings config.Group) {
	if len(path) == 0 {
		for _, s := range g {
			if isRetained(s) {
				settings = append(settings, s)
			} else {
				rest = append(rest, s)
			}
		}
		return rest, settings
	}
	for _, s := range g {
		if s.Name == path[0] && s.Class == "" && s.Text == "" {
			s.Group, settings = outOfPlace(s.Group, path[1:], whole)
			if whole && len(s.Group) == 0 && len(settings) > 0 {
				continue
			}
		}
		rest = append(rest, s)
	}
	return rest, settings
}

// isRetained tells a number of days as retention has it.
func isRetained(s config.Setting) bool {
	days, err := strconv.Atoi(s.Text)
	return err == nil && days >= 0 && strconv.Itoa(days) == s.Text && len(s.Group) == 0 && s.Class == "" && placeOf(s) >= 0
}

// placeOf is where a setting stands under retention, -1 where it does not.
func placeOf(s config.Setting) int {
	return slices.IndexFunc(retained, func(r struct{ key, setting string }) bool { return r.setting == s.Name })
}

// retentionNode writes a retention.
func retentionNode(settings config.Group) *node {
	n := &node{kind: mappingKind}
	for _, r := range retained {
		if s, ok := named(settings, r.setting); ok {
			n.set(r.key, text(s.Text+"d"))
		}
	}
	return n
}

// retention reads the settings of a retention.
func (r *reader) retention(n *node) (settings config.Group) {
	m := r.mapping(n, "retention")
	for _, one := range retained {
		value := m.get(one.key)
		if value == nil {
			continue
		}
		number, isDays := strings.CutSuffix(value.text, "d")
		s := config.Setting{Name: one.setting, Text: number}
		if value.kind != textKind || !isDays || !isRetained(s) {
			r.fail(value.line, "%s of retention is not a number of days; write 30d, or leave it out to keep everything", one.key)
			continue
		}
		settings = append(settings, s)
	}
	m.end()
	return settings
}

func retentionSchema() object {
	days := func(description string) object {
		return object{"type": "string", "pattern": "^[0-9]+d$", "examples": []string{"30d"}, "description": description}
	}
	return object{"type": "object", "additionalProperties": false, "description": "How long messages are kept from their receipt; without a time for ever.",
		"properties": object{"messages": days("Messages with all they hold."), "contents": days("What messages hold."), "errored": days("Messages with an error, which go no sooner than others.")}}
}
