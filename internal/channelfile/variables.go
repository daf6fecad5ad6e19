package channelfile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// A channel file declares variables, and writes ${{name}} in settings of connectors
// and data types where their values go. Velocity has no such form: what is replaced
// for each message, ${name}, stays.

// variable is a use of a variable.
var (
	variable     = regexp.MustCompile(`\$\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
)

// variables reads the declarations: a default, or a mapping with it, or nothing for
// a variable that has none.
func (r *reader) variables(n *node) []weir.Variable {
	if n == nil || n.kind == nothing {
		return nil
	}
	if n.kind != mappingKind {
		r.fail(n.line, "variables is a mapping of names to defaults")
		return nil
	}
	var list []weir.Variable
	for _, e := range n.entries {
		if !variableName.MatchString(e.key) {
			r.fail(e.line, "%s is no name of a variable: letters, digits, _, - and . behind a letter", quote(e.key))
		}
		v := weir.Variable{Name: e.key}
		switch e.value.kind {
		case nothing:
		case textKind:
			v.Default, v.HasDefault = e.value.text, true
		default:
			m := r.mapping(e.value, "a variable")
			v.Help = m.text("description", "")
			if d := m.get("default"); d != nil && d.kind != nothing {
				v.Default, v.HasDefault = m.text("default", ""), true
			}
			m.end()
		}
		list = append(list, v)
	}
	return list
}

// uses checks the variables in settings against those that are declared. Without
// a declaration in the file the form means nothing.
func (r *reader) uses(n *node, g config.Group, prefix string) {
	if len(r.declared) == 0 {
		return
	}
	var names []string
	for _, v := range r.declared {
		names = append(names, v.Name)
	}
	for _, s := range g {
		for _, m := range variable.FindAllStringSubmatch(s.Text, -1) {
			if !slices.Contains(names, m[1]) {
				r.fail(lineOf(n, prefix+s.Name), "there is no variable %s%s; declare it under variables", quote(m[1]), suggest(m[1], names))
			}
		}
		r.uses(n, s.Group, prefix+s.Name+".")
	}
}

func variablesNode(list []weir.Variable) *node {
	n := &node{kind: mappingKind}
	for _, v := range list {
		value := &node{kind: nothing}
		if v.HasDefault {
			value = text(v.Default)
		}
		if v.Help != "" {
			m := &node{kind: mappingKind}
			if v.HasDefault {
				m.set("default", value)
			}
			m.set("description", text(v.Help))
			value = m
		}
		n.set(v.Name, value)
	}
	return n
}

// Values are what an environment gives to variables: to those of all channels, and
// by the name of a channel to those of it alone.
type Values struct {
	All     map[string]string
	Channel map[string]map[string]string
}

// ReadValues reads a file of values: names with values, and names of channels with
// such names:
//
//	labHost: lab.example.org
//	labPassword: file:/run/secrets/lab
//	ADT from ward 7: {port: 6671}
func ReadValues(data []byte) (Values, error) {
	v := Values{All: map[string]string{}, Channel: map[string]map[string]string{}}
	n, err := parse(data)
	if err != nil {
		return v, err
	}
	if n.kind != mappingKind {
		return v, errors.New("the file is not a mapping of names to values")
	}
	for _, e := range n.entries {
		switch e.value.kind {
		case textKind:
			v.All[e.key] = e.value.text
		case mappingKind:
			own := map[string]string{}
			for _, inside := range e.value.entries {
				if inside.value.kind != textKind {
					return v, errAt(inside.line, "the value of %s is a text", quote(inside.key))
				}
				own[inside.key] = inside.value.text
			}
			v.Channel[e.key] = own
		default:
			return v, errAt(e.line, "the value of %s is a text, or for a channel a mapping", quote(e.key))
		}
	}
	return v, nil
}

// For are the values of a channel's variables: its own, else those of all, else the
// defaults. A variable without any is left out.
func (v Values) For(ch *weir.Channel) map[string]string {
	if len(ch.Variables) == 0 {
		return nil
	}
	values := map[string]string{}
	for _, d := range ch.Variables {
		if d.HasDefault {
			values[d.Name] = d.Default
		}
		for _, from := range []map[string]string{v.All, v.Channel[ch.Name]} {
			if value, ok := from[d.Name]; ok {
				values[d.Name] = value
			}
		}
	}
	return values
}

// withValues returns settings with the values of variables in their texts. A value
// that is all of a text may be a reference and stays one; inside of a text it is
// followed.
func withValues(g config.Group, prefix string, values map[string]string) (config.Group, error) {
	made := slices.Clone(g)
	for i := range made {
		s := &made[i]
		name := prefix + s.Name
		var err error
		if s.Group, err = withValues(s.Group, name+".", values); err != nil {
			return nil, err
		}
		if !strings.Contains(s.Text, "${{") {
			continue
		}
		s.Text = variable.ReplaceAllStringFunc(s.Text, func(use string) string {
			called := variable.FindStringSubmatch(use)[1]
			value, ok := values[called]
			if !ok {
				err = errors.Join(err, fmt.Errorf("%s: the variable %s has no value", name, called))
				return use
			}
			if use == s.Text {
				return value
			}
			value, failed := resolveText(value, true)
			if failed != nil {
				err = errors.Join(err, fmt.Errorf("%s: the variable %s: %w", name, called, failed))
			}
			return value
		})
		if err != nil {
			return nil, err
		}
	}
	return made, nil
}

// WithValues returns a channel with the values of its variables and without the
// variables themselves, for an engine that does not know them. References stay.
func WithValues(ch weir.Channel, values map[string]string) (weir.Channel, error) {
	if len(ch.Variables) == 0 {
		return ch, nil
	}
	fill := func(label string, c *weir.Connector) error {
		for _, g := range []*config.Group{&c.Settings, &c.Transformer.InboundSettings, &c.Transformer.OutboundSettings,
			&c.ResponseTransformer.InboundSettings, &c.ResponseTransformer.OutboundSettings} {
			made, err := withValues(*g, "", values)
			if err != nil {
				return &weir.Fault{Channel: ch.Name, Connector: label, Err: err, Hint: "Give it with --variables FILE or --set NAME=VALUE, or a default in the channel's file."}
			}
			*g = made
		}
		return nil
	}
	if err := fill("Source", &ch.Source); err != nil {
		return ch, err
	}
	ch.Destinations = slices.Clone(ch.Destinations)
	for i := range ch.Destinations {
		if err := fill(ch.Destinations[i].Name, &ch.Destinations[i]); err != nil {
			return ch, err
		}
	}
	ch.Variables = nil
	return ch, nil
}
