package channelfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/weir-health/weir/internal/mirth"
)

const withVariables = `variables:
  port: 6661
  dir: {default: /tmp, description: Where files go.}
  password:
`

// vary is the small channel with variables in its settings.
func vary(t *testing.T) string {
	text := strings.Replace(small, "source:", withVariables+"source:", 1)
	text = strings.Replace(text, "      port: 6661", "      port: ${{port}}", 1)
	text = strings.Replace(text, "host: /tmp", "host: ${{ dir }}/adt\n      password: ${{password}}", 1)
	if strings.Count(text, "${{") != 3 {
		t.Fatalf("the small channel is not as this test wants it:\n%s", text)
	}
	return text
}

var scripts = fstest.MapFS{"scripts/tidy.js": {}}

func TestVariables(t *testing.T) {
	f, err := Read([]byte(vary(t)), scripts, types)
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("p4ss\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PROD_DIR", "/prod")
	for _, c := range []struct {
		name, values         string
		port, host, password string
		wrong                string
	}{
		{"of all channels", "password: file:" + secret + "\nport: 7001\n", "7001", "/tmp/adt", "p4ss", ""},
		{"of this channel before those of all", "password: x\nport: 7001\nSmall: {port: 7002}\nOther: {port: 7003}\n", "7002", "/tmp/adt", "x", ""},
		{"a reference inside of a text", "password: x\ndir: env:PROD_DIR\n", "6661", "/prod/adt", "x", ""},
		{"one without a value", "port: 1\n", "", "", "", "Small, Copy: password: the variable password has no value"},
		{"a reference that leads nowhere", "password: x\ndir: env:NO_SUCH_DIR\n", "", "", "", "host: the variable dir: the variable NO_SUCH_DIR is not set"},
	} {
		values, err := ReadValues([]byte(c.values))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		ch, err := Resolve(*f.Channel, types, values.For(f.Channel))
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v lacks %q", c.name, err, c.wrong)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		port, d := ch.Source.Settings.Text("listenerConnectorProperties.port"), ch.Destinations[0].Settings
		if port != c.port || d.Text("host") != c.host || d.Text("password") != c.password {
			t.Errorf("%s: %s, %+v", c.name, port, d)
		}
		if !strings.Contains(string(Write(f.Channel, nil, types)), "${{password}}") {
			t.Errorf("%s: the channel itself has the value now", c.name)
		}
	}
}

func TestVariablesAreWritten(t *testing.T) {
	f, err := Read([]byte(vary(t)), scripts, types)
	if err != nil {
		t.Fatal(err)
	}
	file := Write(f.Channel, nil, types)
	again, err := Read(file, scripts, types)
	if err != nil || string(Write(again.Channel, nil, types)) != string(file) || len(again.Channel.Variables) != 3 {
		t.Errorf("%v\n%s", err, file)
	}
	whole, err := WithValues(*f.Channel, map[string]string{"port": "1", "dir": "/d", "password": "env:P"})
	if err != nil || strings.Contains(string(mirth.WriteChannel(&whole, nil)), "${{") {
		t.Errorf("%v; variables are left in the export", err)
	}
}

// A file that declares none may hold the form as a text.
func TestVariablesAreStrict(t *testing.T) {
	text := strings.Replace(small, "host: /tmp", "host: ${{dri}}", 1)
	f, err := Read([]byte(text), scripts, types)
	if err != nil {
		t.Fatal(err)
	}
	if ch, err := Resolve(*f.Channel, types, nil); err != nil || ch.Destinations[0].Settings.Text("host") != "${{dri}}" {
		t.Errorf("%v, %+v", err, ch.Destinations)
	}
	for _, c := range []struct{ name, text, want string }{
		{"misspelled", strings.Replace(vary(t), "${{ dir }}", "${{ dri }}", 1), `there is no variable "dri"; did you mean dir?`},
		{"no name", strings.Replace(vary(t), "  port: 6661\n  dir", "  a b: 1\n  port: 6661\n  dir", 1), "is no name of a variable"},
		{"a list", strings.Replace(vary(t), withVariables, "variables: [a]\n", 1), "variables is a mapping"},
		{"another key", strings.Replace(vary(t), "description:", "help:", 1), `a variable has no key "help"`},
	} {
		if _, err := Read([]byte(c.text), scripts, types); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v lacks %q", c.name, err, c.want)
		}
	}
	for _, bad := range []string{"a", "a: [b]", "a: {b: {c: d}}", "a: null"} {
		if v, err := ReadValues([]byte(bad)); err == nil {
			t.Errorf("%q is read as %v", bad, v)
		}
	}
}
