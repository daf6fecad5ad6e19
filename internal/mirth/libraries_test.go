package mirth

import (
	"reflect"
	"testing"

	"github.com/weir-health/weir"
)

func TestApplyLibraries(t *testing.T) {
	template := func(id, kind, code string) Template {
		return Template{ID: id, Name: id + " name", Type: kind, Code: code, Contexts: []string{"CHANNEL_DEPLOY"}}
	}
	libs := []Library{
		{Name: "enabled", EnabledChannelIDs: []string{"a"}, DisabledChannelIDs: []string{"a"}, Templates: []Template{
			template("1", "FUNCTION", "/**\n\tDoc /* of it.\n*/\nfunction one() {} /* stays */"),
			template("2", "DRAG_AND_DROP_CODE", "never"),
		}},
		{Name: "other", EnabledChannelIDs: []string{"b"}, Templates: []Template{template("3", "FUNCTION", "x")}},
		{Name: "new", IncludeNewChannels: true, DisabledChannelIDs: []string{"c"}, Templates: []Template{
			template("1", "FUNCTION", "again"),
			template("4", "COMPILED_CODE", "var four = 4;"),
		}},
	}
	for _, c := range []struct {
		id   string
		want []string // library and code
	}{
		{"a", []string{"enabled: function one() {} /* stays */", "new: var four = 4;"}},
		{"b", []string{"other: x", "new: again", "new: var four = 4;"}},
		{"c", nil},
		{"", []string{"enabled: function one() {} /* stays */", "other: x", "new: var four = 4;"}},
	} {
		ch := &weir.Channel{ID: c.id, CodeTemplates: []weir.CodeTemplate{{Name: "earlier"}}}
		ApplyLibraries(ch, libs)
		var got []string
		for _, t := range ch.CodeTemplates {
			got = append(got, t.Library+": "+t.Code)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("channel %q\n got %q\nwant %q", c.id, got, c.want)
		}
	}
}

func TestLibrariesInsideAChannel(t *testing.T) {
	im := read(t, wrap("a", `<exportData><codeTemplateLibraries><codeTemplateLibrary version="4.5.2"><id>l</id><name>L</name><revision>3</revision>
<lastModified><time>1</time></lastModified><description>d</description><includeNewChannels>false</includeNewChannels>
<enabledChannelIds><string>a</string></enabledChannelIds><disabledChannelIds><string>z</string></disabledChannelIds>
<codeTemplates><codeTemplate version="4.5.2"><id>t</id><name>T</name><revision>2</revision><contextSet><delegate><contextType>CHANNEL_DEPLOY</contextType><contextType>SOURCE_RECEIVER</contextType></delegate></contextSet>
<properties class="x"><type>FUNCTION</type><code>f</code><other>o</other></properties></codeTemplate></codeTemplates></codeTemplateLibrary></codeTemplateLibraries></exportData>`))
	contexts := []string{"CHANNEL_DEPLOY", "SOURCE_RECEIVER"}
	if want := []weir.CodeTemplate{{ID: "t", Name: "T", Library: "L", Contexts: contexts, Code: "f"}}; !reflect.DeepEqual(im.Channels[0].CodeTemplates, want) {
		t.Errorf("got %+v\nwant %+v", im.Channels[0].CodeTemplates, want)
	}
	l := im.Libraries[0]
	if l.Revision != 3 || l.Description != "d" || l.DisabledChannelIDs[0] != "z" || l.Extra.Text("lastModified.time") != "1" ||
		l.Templates[0].Extra.Text("properties.other") != "o" || l.Templates[0].Revision != 2 {
		t.Errorf("got %+v", l)
	}
}

func TestMergeLibraries(t *testing.T) {
	got := MergeLibraries([]Library{{ID: "a", Revision: 2, Name: "a2"}, {Name: "none"}}, []Library{{ID: "a", Revision: 1, Name: "a1"},
		{ID: "b", Name: "b"}, {Name: "none"}, {ID: "b", Name: "later"}})
	var names []string
	for _, l := range got {
		names = append(names, l.Name)
	}
	if want := []string{"a2", "none", "later", "none"}; !reflect.DeepEqual(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}
