package channelfile

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// reference is a setting that says where its value is.
var reference = regexp.MustCompile(`^env:([A-Za-z_][A-Za-z0-9_]*)$`)

// maxSecret is the largest file that a reference may lead to, in bytes.
const maxSecret = 1 << 20

func isReference(text string, secret bool) bool {
	return reference.MatchString(text) || secret && strings.HasPrefix(text, "file:/")
}

// withoutReferences leaves out the settings whose values are elsewhere, so that
// the others can be checked.
func withoutReferences(g config.Group) config.Group {
	var left config.Group
	for _, s := range g {
		if len(s.Group) == 0 && (reference.MatchString(s.Text) || variable.MatchString(s.Text)) {
			continue
		}
		s.Group = withoutReferences(s.Group)
		left = append(left, s)
	}
	return left
}

// Resolve returns a channel with the values that its settings refer to: those of its
// variables, env:NAME in any setting of a connector or data type, file:/path in
// those that are secrets. Errors name the connector and the setting, never a value.
func Resolve(ch weir.Channel, t Types, values map[string]string) (weir.Channel, error) {
	ch, err := WithValues(ch, values)
	if err != nil {
		return ch, err
	}
	secrets := func(s config.Settings) map[string]bool {
		names := map[string]bool{}
		if s != nil {
			for _, f := range config.List(s) {
				names[f.Name] = f.Secret
			}
		}
		return names
	}
	resolve := func(label string, g *config.Group, secret map[string]bool) error {
		resolved, err := resolveGroup(*g, "", secret)
		if err != nil {
			return &weir.Fault{Channel: ch.Name, Connector: label, Err: err, Hint: "Set it where the engine is started, and deploy the channel again."}
		}
		*g = resolved
		return nil
	}
	connector := func(label string, c *weir.Connector, find func(string) config.Settings) error {
		for _, side := range []struct {
			g *config.Group
			s config.Settings
		}{
			{&c.Settings, find(c.Type)},
			{&c.Transformer.InboundSettings, nil}, {&c.Transformer.OutboundSettings, nil},
			{&c.ResponseTransformer.InboundSettings, nil}, {&c.ResponseTransformer.OutboundSettings, nil},
		} {
			if err := resolve(label, side.g, secrets(side.s)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := connector("Source", &ch.Source, t.Source); err != nil {
		return ch, err
	}
	ch.Destinations = append([]weir.Connector(nil), ch.Destinations...)
	for i := range ch.Destinations {
		if err := connector(ch.Destinations[i].Name, &ch.Destinations[i], t.Destination); err != nil {
			return ch, err
		}
	}
	return ch, nil
}

func resolveGroup(g config.Group, prefix string, secret map[string]bool) (config.Group, error) {
	if len(g) == 0 {
		return g, nil
	}
	made := make(config.Group, len(g))
	for i, s := range g {
		name := prefix + s.Name
		var err error
		if len(s.Group) == 0 && s.Text != "" {
			s.Text, err = resolveText(s.Text, secret[name])
		} else {
			s.Group, err = resolveGroup(s.Group, name+".", secret)
			made[i] = s
			if err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		made[i] = s
	}
	return made, nil
}

func resolveText(text string, secret bool) (string, error) {
	if m := reference.FindStringSubmatch(text); m != nil {
		value, ok := os.LookupEnv(m[1])
		if !ok {
			return "", fmt.Errorf("the variable %s is not set", m[1])
		}
		return value, nil
	}
	file, ok := strings.CutPrefix(text, "file:")
	if !ok || !isReference(text, secret) {
		return text, nil
	}
	info, err := os.Stat(file)
	if err == nil && info.Size() > maxSecret {
		err = fmt.Errorf("%s has more than %d bytes", file, maxSecret)
	}
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(file)
	return strings.TrimRight(string(data), "\r\n"), err
}

// WithoutReferences returns a channel without the settings that are references,
// so that the rest can be tried where their values are not.
func WithoutReferences(ch weir.Channel) weir.Channel {
	ch.Source.Settings = withoutReferences(ch.Source.Settings)
	ch.Destinations = append([]weir.Connector(nil), ch.Destinations...)
	for i := range ch.Destinations {
		ch.Destinations[i].Settings = withoutReferences(ch.Destinations[i].Settings)
	}
	return ch
}
