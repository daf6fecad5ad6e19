package channelfile

import "github.com/weir-health/weir/config"

// suggest names the known key that is nearest to one that is not.
func suggest(key string, known []string) string {
	best := config.Nearest(key, known, len(key)/2+1)
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

func suggestSetting(name string, fields []*config.Field) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return suggest(name, names)
}
