package attach

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// setting is attachmentProperties as an export has them.
func setting(class string, properties map[string]string) config.Setting {
	group := config.Setting{Name: "properties"}
	for _, k := range slices.Sorted(maps.Keys(properties)) {
		group.Group = append(group.Group, config.Setting{Name: "entry", Group: config.Group{
			{Name: "string", Text: k}, {Name: "string", Text: properties[k]}}})
	}
	if class != "" {
		class = "com.mirth.connect.server.attachments." + class + "AttachmentHandlerProvider"
	}
	return config.Setting{Name: "attachmentProperties", Class: class, Group: config.Group{group}}
}

// env replaces ${kind} by the source map's, or else by "channel's".
var env = Env{
	Replace: func(text string, sourceMap map[string]any) string {
		kind, ok := sourceMap["kind"].(string)
		if !ok {
			kind = "channel's"
		}
		return strings.ReplaceAll(text, "${kind}", kind)
	},
	Script: func(code string) (Script, error) {
		if code == "broken" {
			return nil, errors.New("does not compile")
		}
		return func(_ context.Context, m Message) (string, []weir.Attachment, error) {
			return code + m.Text, []weir.Attachment{{ID: "1"}}, nil
		}, nil
	},
}

func handler(t *testing.T, class string, properties map[string]string) Handler {
	t.Helper()
	h, err := New(setting(class, properties), env)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestNone(t *testing.T) {
	for _, class := range []string{"", "passthru.Passthru"} {
		if h, err := New(setting(class, nil), env); h != nil || err != nil {
			t.Errorf("%q: got %v, %v", class, h, err)
		}
	}
	if h, err := New(setting("javascript.JavaScript", nil), env); h != nil || err != nil {
		t.Errorf("JavaScript without a script: got %v, %v", h, err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		name, class string
		properties  map[string]string
		want        string
	}{
		{"custom class", "x.Custom", nil, "x.CustomAttachmentHandlerProvider is not available. Choose one"},
		{"no regular expression", "regex.Regex", map[string]string{"regex.pattern0": "a", "regex.pattern1": "(a"}, "regex.pattern1: the regular expression cannot be used"},
		{"escape cut short", "regex.Regex", map[string]string{"regex.replaceKey0": `\u12`, "regex.replaceValue0": ""}, "regex.replaceKey0: fewer than four digits"},
		{"escape is no number", "regex.Regex", map[string]string{"outbound.regex.replaceKey0": `a`, "outbound.regex.replaceValue0": `\u12xy`}, "outbound.regex.replaceKey0: what follows"},
		{"script", "javascript.JavaScript", map[string]string{"javascript.script": "broken"}, "does not compile"},
	} {
		if _, err := New(setting(c.class, c.properties), env); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestIdentity(t *testing.T) {
	for _, c := range []struct{ name, mimeType, text, wantType string }{
		{"text", "application/hl7-v2", "MSH|ü", "application/hl7-v2"},
		{"no type", "", "MSH|", "text/plain"},
		{"type from the source map", "text/${kind}", "MSH|", "text/x-lab"},
		{"nothing", "a/b", "", ""},
	} {
		h := handler(t, "identity.Identity", map[string]string{"identity.mimetype": c.mimeType})
		text, taken, err := h.Extract(context.Background(), Message{Text: c.text, SourceMap: map[string]any{"kind": "x-lab"}})
		if c.text == "" {
			if text != "" || len(taken) != 0 || err != nil {
				t.Errorf("%s: got %q, %v, %v", c.name, text, taken, err)
			}
			continue
		}
		if err != nil || len(taken) != 1 || text != taken[0].Token() || string(taken[0].Content) != c.text || taken[0].Type != c.wantType || len(taken[0].ID) != idLength {
			t.Errorf("%s: got %q, %v, %v", c.name, text, taken, err)
		}
	}
}

// Tokens are written <1>, <2> … in the order in which attachments were taken.
func TestRegex(t *testing.T) {
	for _, c := range []struct {
		name       string
		properties map[string]string
		text, want string
		taken      []string // type and content
	}{
		{"whole match", map[string]string{"regex.pattern0": "B+", "regex.mimetype0": "a/b"}, "aBBaB", "a<1>a<2>", []string{"a/b BB", "a/b B"}},
		{"last group", map[string]string{"regex.pattern0": `(OBX)\|(?:[^|]*\|){4}([^|\r]*)`}, "OBX|1|ED|P||JVBE|\rOBX|2|ED|P||MORE", "OBX|1|ED|P||<1>|\rOBX|2|ED|P||<2>",
			[]string{"text/plain JVBE", "text/plain MORE"}},
		{"blank stays", map[string]string{"regex.pattern0": `<x>([^<]*)</x>`}, "<x> \t</x><x></x><x>1</x>", "<x> \t</x><x></x><x><1></x>", []string{"text/plain 1"}},
		{"second pattern sees tokens", map[string]string{"regex.pattern0": "x+", "regex.pattern1": `\$\{ATTACH:[^}]*\}`, "regex.mimetype1": "t/2"}, "axx", "a<2>", []string{"text/plain xx", "t/2 <1>"}},
		{"number left out ends the list", map[string]string{"regex.pattern0": "x", "regex.pattern2": "y"}, "xy", "<1>y", []string{"text/plain x"}},
		{"without a number, of old exports", map[string]string{"regex.pattern": "x", "regex.mimetype": "t/o", "regex.pattern0": "y"}, "yx", "<2><1>", []string{"t/o x", "text/plain y"}},
		{"no pattern", nil, "abc", "abc", nil},
		{"Java's syntax", map[string]string{"regex.pattern0": `(?<=OBX\|)\p{Alpha}++`}, "OBX|ab1", "OBX|<1>1", []string{"text/plain ab"}},
		{"type from the source map", map[string]string{"regex.pattern0": "x", "regex.mimetype0": "t/${kind}"}, "x", "<1>", []string{"t/lab x"}},
		{"replacements", map[string]string{"regex.pattern0": "[^|]+", "regex.replaceKey0": `\\.br\\`, "regex.replaceValue0": `\r\n`, "regex.replaceKey1": "${kind}", "regex.replaceValue1": ""},
			`one\.br\labtwo`, "<1>", []string{"text/plain one\r\ntwo"}},
		{"replaced away", map[string]string{"regex.pattern0": "x", "regex.replaceKey0": "x", "regex.replaceValue0": ""}, "axb", "ab", nil},
		{"later of two equal keys", map[string]string{"regex.pattern0": "x", "regex.replaceKey0": "x", "regex.replaceValue0": "1", "regex.replaceKey1": "x", "regex.replaceValue1": "2"}, "x", "<1>", []string{"text/plain 2"}},
		{"order of a HashMap", map[string]string{"regex.pattern0": ".+", "regex.replaceKey0": "b", "regex.replaceValue0": "c", "regex.replaceKey1": "a", "regex.replaceValue1": "b"}, "ab", "<1>", []string{"text/plain cc"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := handler(t, "regex.Regex", c.properties)
			text, taken, err := h.Extract(context.Background(), Message{Text: c.text, SourceMap: map[string]any{"kind": "lab"}})
			if err != nil {
				t.Fatal(err)
			}
			number := func(s string) string {
				for i := range taken {
					s = strings.ReplaceAll(s, taken[i].Token(), "<"+string(rune('1'+i))+">")
				}
				return s
			}
			var got []string
			for _, a := range taken {
				got = append(got, number(a.Type+" "+string(a.Content)))
			}
			if number(text) != c.want || !slices.Equal(got, c.taken) {
				t.Errorf("got %q, %q\nwant %q, %q", number(text), got, c.want, c.taken)
			}
		})
	}
}

func TestRegexErrors(t *testing.T) {
	many := handler(t, "regex.Regex", map[string]string{"regex.pattern0": "x", "regex.pattern1": "y"})
	if _, taken, err := many.Extract(context.Background(), Message{Text: strings.Repeat("xy", MaxTaken/2)}); err != nil || len(taken) != MaxTaken {
		t.Errorf("as many as may be: got %d, %v", len(taken), err)
	}
	if _, _, err := many.Extract(context.Background(), Message{Text: strings.Repeat("xy", MaxTaken/2+1)}); err == nil || !strings.Contains(err.Error(), "more than 10000") {
		t.Errorf("too many: got %v", err)
	}
	h := handler(t, "regex.Regex", map[string]string{"regex.pattern0": "a(b)?"})
	if _, _, err := h.Extract(context.Background(), Message{Text: "ac"}); err == nil || !strings.Contains(err.Error(), "took no part") {
		t.Errorf("group that took no part: got %v", err)
	}
}

func TestRegexOutbound(t *testing.T) {
	h := handler(t, "regex.Regex", map[string]string{"regex.pattern0": "x", "outbound.regex.replaceKey0": `\r\n`, "outbound.regex.replaceValue0": `\\.br\\`,
		"outbound.regex.replaceKey1": "${kind}", "outbound.regex.replaceValue1": "!", "regex.replaceKey0": "one", "regex.replaceValue0": "two"})
	if got := string(h.Outbound([]byte("one\r\nchannel's"))); got != `one\.br\!` {
		t.Errorf("got %q", got)
	}
	if got := string(handler(t, "regex.Regex", nil).Outbound([]byte("\xff"))); got != "\xff" {
		t.Errorf("without replacements: got %q", got)
	}
}

func TestScriptHandler(t *testing.T) {
	h := handler(t, "javascript.JavaScript", map[string]string{"javascript.script": "code "})
	text, taken, err := h.Extract(context.Background(), Message{Text: "message"})
	if text != "code message" || len(taken) != 1 || err != nil || string(h.Outbound([]byte("a"))) != "a" {
		t.Errorf("got %q, %v, %v", text, taken, err)
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`plain ü`: "plain ü", `\r\n\t\b\f`: "\r\n\t\b\f", `\\\"\'`: `\"'`, `\x\.`: "x.", `a\`: "a",
		`A\uu0042\u+0043`: "ABC", `\ud83d\ude00`: "😀", `\0\12\377\400`: "\x00\nÿ 0", `\81`: "81",
	} {
		if got, err := unescape(in); got != want || err != nil {
			t.Errorf("unescape(%s): got %q, %v, want %q", in, got, err, want)
		}
	}
}

func FuzzUnescape(f *testing.F) {
	f.Add(`\u0041\\\n\12`)
	f.Add(`\u+`)
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := unescape(s); err == nil && !strings.Contains(s, `\`) && got != s {
			t.Errorf("unescape(%q) = %q", s, got)
		}
	})
}
