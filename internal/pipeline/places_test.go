package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// An error in a script of any place names the script, and the line and column in
// the text that the user wrote: one of syntax when the channel is deployed, one
// of a run where it happens.
func TestPlacesOfErrors(t *testing.T) {
	file := func(code string) string {
		path := filepath.Join(t.TempDir(), "script.js")
		if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	step := func(kind string, settings ...string) weir.Step {
		s := weir.Step{Type: kind, Name: "mine", Enabled: true}
		for i := 0; i < len(settings); i += 2 {
			s.Settings = append(s.Settings, config.Setting{Name: settings[i], Text: settings[i+1]})
		}
		return s
	}
	template := func(code string) func(*weir.Channel) {
		return func(c *weir.Channel) {
			c.CodeTemplates = []weir.CodeTemplate{
				{Name: "first", Contexts: []string{"SOURCE_FILTER_TRANSFORMER"}, Code: "/* one */ function first() {}"},
				{Name: "mine", Contexts: []string{"SOURCE_FILTER_TRANSFORMER"}, Code: code},
			}
			c.Source.Transformer.Steps = js("\n\nmine()")
		}
	}
	for _, k := range []struct {
		kind, part string
		script     func(code string) func(*weir.Channel)
	}{
		{"deploy", "deploy script", func(code string) func(*weir.Channel) { return func(c *weir.Channel) { c.Deploy = code } }},
		{"undeploy", "undeploy script", func(code string) func(*weir.Channel) { return func(c *weir.Channel) { c.Undeploy = code } }},
		{"preprocessor", "preprocessor", func(code string) func(*weir.Channel) { return func(c *weir.Channel) { c.Preprocessor = code } }},
		{"postprocessor", "postprocessor", func(code string) func(*weir.Channel) { return func(c *weir.Channel) { c.Postprocessor = code } }},
		{"attachment", "attachment script", scripted},
		{"batch", "batch script", func(code string) func(*weir.Channel) { return scriptBatch("RAW", code) }},
		{"reader", "reader", func(code string) func(*weir.Channel) {
			return func(c *weir.Channel) { c.Source.Type = "reads " + code }
		}},
		{"writer", "writer", func(code string) func(*weir.Channel) {
			return func(c *weir.Channel) { c.Destinations[0].Type = "writes " + code }
		}},
		{"source filter", "rule 0", func(code string) func(*weir.Channel) {
			return func(c *weir.Channel) { c.Source.Filter = js(code) }
		}},
		{"second step of the source", "step 1: mine", func(code string) func(*weir.Channel) {
			return func(c *weir.Channel) {
				c.Source.Transformer.Steps = append(js("var a = <a>\n<b/></a>;"), step("JavaScript", "script", code))
			}
		}},
		{"destination filter", "rule 0", func(code string) func(*weir.Channel) { return destinations(withFilter(dest(1), code)) }},
		{"destination transformer", "step 0", func(code string) func(*weir.Channel) { return destinations(withSteps(dest(1), code)) }},
		{"response transformer", "step 0", func(code string) func(*weir.Channel) { return destinations(withResponse(dest(1), code)) }},
		{"external script", "step 1: mine", func(code string) func(*weir.Channel) {
			return func(c *weir.Channel) {
				c.Source.Transformer.Steps = append(js("var a;"), step("External Script", "scriptPath", file(code)))
			}
		}},
		{"external rule", "rule 0: mine", func(code string) func(*weir.Channel) {
			return func(c *weir.Channel) {
				c.Source.Filter = []weir.Step{step("External Script", "scriptPath", file(code))}
			}
		}},
		{"code template that is a function", "code template: mine", func(code string) func(*weir.Channel) {
			return template("function mine() {" + code + "\n}")
		}},
		{"code template that is more", "code template: mine", func(code string) func(*weir.Channel) {
			return template("function mine() {" + code + "\n}\nvar more = 1;")
		}},
	} {
		for _, e := range []struct{ name, code, want string }{
			{"syntax", "\n  var = 2;", "line 2, column 7: SyntaxError"},
			{"end of the text", "\n  if (a) {", "SyntaxError"},
			{"name", "\r\n  nowhere.x = 1;", "line 2, column 3: ReferenceError: nowhere is not defined"},
			{"behind E4X", "var x = <a>\n{1}</a>; for each (var y in x) {}\n\tx.b.@c = 1; nowhere();", "line 3, column 21: ReferenceError: nowhere is not defined"},
			{"in a function", "function f() {\n  var u;\n  return u.v.w;\n}\nf();", "line 3, column 12: TypeError"},
			{"thrown", "\n throw new Error('x')", "line 2, column 8: the script threw Error"},
			{"Java's", "\n\n new java.util.ArrayList().get(7)", "line 3, column 31: the script threw java.lang.IndexOutOfBoundsException"},
		} {
			t.Run(k.kind+"/"+e.name, func(t *testing.T) {
				got := errorsOf(t, both(destinations(dest(1)), k.script(e.code)))
				if want := k.part + ", " + e.want; !strings.Contains(got, want) && !(e.name == "end of the text" && strings.Contains(got, k.part+", line ") && strings.Contains(got, e.want)) {
					t.Errorf("%q\n got %s\nwant %s", e.code, got, want)
				}
			})
		}
	}

	// What is made from a form names the step; its place is that in the script
	// which is made, as in Mirth.
	for _, s := range []weir.Step{
		step("Mapper", "variable", "v", "mapping", "msg[", "scope", "CHANNEL"),
		step("Message Builder", "messageSegment", "msg.x", "mapping", "nowhere.y"),
		step("Message Builder", "messageSegment", "msg x", "mapping", "1"),
		step("Destination Set Filter", "behavior", "REMOVE", "field", "nowhere.x", "condition", "EQUALS"),
	} {
		t.Run(s.Type, func(t *testing.T) {
			got := errorsOf(t, func(c *weir.Channel) { c.Source.Transformer.Steps = append(js("var a;"), s) })
			if !strings.Contains(got, "step 1: mine, line ") {
				t.Errorf("got %s", got)
			}
		})
	}
}

// errorsOf deploys a channel, runs all its scripts on one message, and returns
// what went wrong, in all places where it is told.
func errorsOf(t *testing.T, setup func(*weir.Channel)) string {
	r := newRig(t, setup)
	defer r.store.Store.Close()
	var told []string
	tell := func(err error) {
		if err != nil {
			told = append(told, err.Error())
		}
	}
	r.engine.Source = func(name string) (weir.SourceType, bool) {
		return weir.SourceType{Name: name, New: func() weir.Source { return &readingSource{testSource{rig: r}, strings.TrimPrefix(name, "reads ")} }}, true
	}
	r.engine.Destination = func(name string) (weir.DestinationType, bool) {
		return weir.DestinationType{Name: name, New: func() weir.Destination {
			return &writingDestination{testDestination{rig: r}, strings.TrimPrefix(name, "writes ")}
		}}, true
	}
	ctx := context.Background()
	c, err := New(ctx, r.cfg, r.engine)
	if err != nil {
		return err.Error()
	}
	tell(c.Deploy(ctx))
	tell(c.Start(ctx))
	if r.env.Run != nil {
		_, err = r.env.Run(ctx, "reader")
		tell(err)
	}
	_, err = c.Receive(ctx, weir.Inbound{Text: "<a/>"})
	tell(err)
	tell(c.Undeploy(ctx))
	if m, err := r.store.Message(ctx, r.cfg.ID, 1); err == nil {
		for _, cm := range m.Connectors {
			for _, content := range []weir.ContentType{weir.ProcessingError, weir.PostprocessorError, weir.ResponseError} {
				told = append(told, cm.Text(content))
			}
		}
	}
	return strings.Join(append(told, fmt.Sprint(r.log)), "\n")
}

// readingSource and writingDestination have a script of the test's.
type readingSource struct {
	testSource
	code string
}

func (s *readingSource) Scripts() []weir.Script {
	if s.code == "Test In" {
		s.code = ""
	}
	return []weir.Script{{Name: "reader", Context: "SOURCE_RECEIVER", Code: s.code}}
}

type writingDestination struct {
	testDestination
	code string
}

func (d *writingDestination) Scripts() []weir.Script {
	if d.code == "Test Out" {
		d.code = ""
	}
	return []weir.Script{{Name: "writer", Context: "DESTINATION_DISPATCHER", Code: d.code}}
}

func (d *writingDestination) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	if _, err := d.env.Run(ctx, "writer", m); err != nil {
		return weir.Response{}, errors.Join(errors.New("the script"), err)
	}
	return sentOK, nil
}
