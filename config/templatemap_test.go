package config

import (
	"reflect"
	"testing"
)

type request struct{ Headers TemplateMap }

func (r *request) Fields(f *Fields) {
	f.TemplateMap(&r.Headers, "headers", "Headers of the request.")
}

// entry is an entry of a map as Mirth writes it.
func entry(name string, values ...string) Setting {
	list := Setting{Name: "list"}
	for _, v := range values {
		list.Group = append(list.Group, Setting{Name: "string", Text: v})
	}
	return Setting{Name: "entry", Group: Group{{Name: "string", Text: name}, list}}
}

func TestTemplateMap(t *testing.T) {
	g := Group{{Name: "headers", Class: "linked-hash-map", Group: Group{
		entry("X-Site", "North", "${site}"),
		entry("${name}", "1"),
		entry("None"),
		{Name: "entry", Group: Group{{Name: "string", Text: "Old"}, {Name: "string", Text: "form"}}},
		{Name: "entry", Group: Group{{Name: "string", Text: "broken"}}},
	}}}
	var r request
	if unknown, err := Decode(g, &r); err != nil || len(unknown) > 0 {
		t.Fatalf("Decode: unknown %v, %v", unknown, err)
	}
	want := TemplateMap{
		{Template{"headers.X-Site.name", "X-Site"}, []Template{{"headers.X-Site.0", "North"}, {"headers.X-Site.1", "${site}"}}},
		{Template{"headers.${name}.name", "${name}"}, []Template{{"headers.${name}.0", "1"}}},
		{Template{"headers.None.name", "None"}, nil},
		{Template{"headers.Old.name", "Old"}, []Template{{"headers.Old.0", "form"}}},
	}
	if !reflect.DeepEqual(r.Headers, want) {
		t.Errorf("decoded\n%v\nwant\n%v", r.Headers, want)
	}

	// What a file wrote is listed as templates, with its texts.
	texts := map[string]string{}
	for _, f := range List(&r) {
		if f.Kind == "template" {
			texts[f.Name] = f.Default
		}
	}
	for _, e := range want {
		for _, tpl := range append(e.Values, e.Name) {
			if text, ok := texts[tpl.Name]; !ok || text != tpl.Text {
				t.Errorf("List has %q for %s, want %q", text, tpl.Name, tpl.Text)
			}
		}
	}
	if len(texts) != 8 {
		t.Errorf("List has the templates %v", texts)
	}
}

// A map that is absent empties what was there, and nothing is listed for it.
func TestTemplateMapAbsent(t *testing.T) {
	r := request{Headers: TemplateMap{{Name: Template{Name: "headers.A.name", Text: "A"}}}}
	if _, err := Decode(nil, &r); err != nil || r.Headers != nil {
		t.Errorf("Decode: %v, %v", r.Headers, err)
	}
	if list := List(&r); len(list) != 1 || list[0].Kind != "map of templates" {
		t.Errorf("List has %d fields", len(list))
	}
}
