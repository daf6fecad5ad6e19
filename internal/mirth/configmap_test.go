package mirth

import (
	"reflect"
	"testing"
)

func TestProperties(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []ConfigEntry
	}{
		{"comments belong to the key below", "# header\n\n# one\n! two\na = 1\nb=2\n",
			[]ConfigEntry{{"a", "1", "one\ntwo"}, {"b", "2", ""}}},
		{"separators", "a=1\nb : 2\nc 3\nd\ne==5\nf = \n", []ConfigEntry{{"a", "1", ""}, {"b", "2", ""}, {"c", "3", ""}, {"d", "", ""}, {"e", "=5", ""}, {"f", "", ""}}},
		{"escapes", `k\=e\:y\ 1 = C:\\dir\tx\n\u00e9\q` + "\n", []ConfigEntry{{"k=e:y 1", "C:\\dir\tx\néq", ""}}},
		{"broken escape", "a = \\u12\nb = 1", []ConfigEntry{{"a", "u12", ""}, {"b", "1", ""}}},
		{"continued lines", "a = one, \\\r\n    two\\\\\nb = 2", []ConfigEntry{{"a", `one, two\`, ""}, {"b", "2", ""}}},
		{"last line continued", "a = 1\\", []ConfigEntry{{"a", `1\`, ""}}},
		{"Latin-1", "a = Gr\xfc\xdfe", []ConfigEntry{{"a", "Grüße", ""}}},
		{"values keep their end", "a = x  \n", []ConfigEntry{{"a", "x  ", ""}}},
	} {
		im, err := ReadFile("configuration.properties", []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !reflect.DeepEqual(im.Configuration, c.want) || im.Kind != "configuration map" {
			t.Errorf("%s\n got %q\nwant %q", c.name, im.Configuration, c.want)
		}
	}
}

func TestPropertyTwice(t *testing.T) {
	im := read(t, "a = 1\na = 2\n")
	if len(im.Configuration) != 1 || im.Configuration[0].Value != "1" || len(im.Notes) != 1 || im.Notes[0].Line != 2 {
		t.Errorf("got %q, %v", im.Configuration, im.Notes)
	}
}

func TestConfigurationMap(t *testing.T) {
	im := read(t, `<map><entry><string>Deploy</string><com.mirth.connect.util.ConfigurationProperty><value>v</value><comment>c</comment></com.mirth.connect.util.ConfigurationProperty></entry>
<entry><string>plain</string><string>x</string></entry><entry><string>odd</string></entry></map>`)
	if want := []ConfigEntry{{"Deploy", "v", "c"}, {"plain", "x", ""}}; !reflect.DeepEqual(im.Configuration, want) || im.Global != nil {
		t.Errorf("got %q, %v", im.Configuration, im.Global)
	}
	if len(im.Notes) != 1 || len(im.Other) != 1 {
		t.Errorf("notes %v, other %v", im.Notes, im.Other)
	}
}
