package mirth

import (
	"reflect"
	"testing"

	"github.com/weir-health/weir"
)

func TestServerBackup(t *testing.T) {
	im := read(t, `<serverConfiguration version="4.5.2"><date>today</date>
<channelGroups><channelGroup version="4.5.2"><id>g</id><name>G</name><channels><channel version="4.5.2"><id>a</id><revision>0</revision></channel></channels></channelGroup></channelGroups>
<channels>`+wrap("a", "")+wrap("b", "<exportData><dependencyIds><string>a</string></dependencyIds></exportData>")+`</channels>
<channelTags><channelTag><id>t</id><name>T</name></channelTag></channelTags>
<alerts><alertModel version="3.0.0"><name>A</name><trigger class="defaultTrigger"><errorEventTypes><errorEventType>SHUTDOWN_SCRIPT</errorEventType></errorEventTypes></trigger></alertModel></alerts>
<codeTemplateLibraries><codeTemplateLibrary version="4.5.2"><id>l</id><name>L</name><enabledChannelIds><string>b</string></enabledChannelIds><codeTemplates><codeTemplate version="4.5.2"><id>t</id><properties><type>FUNCTION</type><code>f</code></properties></codeTemplate></codeTemplates></codeTemplateLibrary></codeTemplateLibraries>
<serverSettings><smtpHost>mail</smtpHost></serverSettings>
<globalScripts><entry><string>Deploy</string><string>go();</string></entry><entry><string>Preprocessor</string><string>return message;</string></entry></globalScripts>
<pluginProperties><entry><string>Data Pruner</string><properties><property name="enabled">true</property></properties></entry></pluginProperties>
<channelDependencies><channelDependency><dependentId>b</dependentId><dependencyId>a</dependencyId></channelDependency><channelDependency><dependentId>a</dependentId><dependencyId>x</dependencyId></channelDependency></channelDependencies>
<configurationMap><entry><string>k</string><com.mirth.connect.util.ConfigurationProperty><value>v</value><comment>c</comment></com.mirth.connect.util.ConfigurationProperty></entry></configurationMap>
</serverConfiguration>`)
	if im.Kind != "server backup" || len(im.Channels) != 2 || len(im.Groups) != 1 || len(im.Tags) != 1 || len(im.Libraries) != 1 {
		t.Fatalf("got %s", im.Summary())
	}
	if a, b := im.Channels[0], im.Channels[1]; !reflect.DeepEqual(a.Depends, []string{"x"}) || !reflect.DeepEqual(b.Depends, []string{"a"}) ||
		len(a.CodeTemplates) != 0 || len(b.CodeTemplates) != 1 {
		t.Errorf("got %q and %q, %d and %d templates", a.Depends, b.Depends, len(a.CodeTemplates), len(b.CodeTemplates))
	}
	if want := (weir.GlobalScripts{Deploy: "go();"}); *im.Global != want {
		t.Errorf("got %+v", *im.Global)
	}
	if want := []ConfigEntry{{"k", "v", "c"}}; !reflect.DeepEqual(im.Configuration, want) {
		t.Errorf("got %+v", im.Configuration)
	}
	if got := im.Groups.Text("channelGroup.channels.channel.id"); got != "a" {
		t.Errorf("group: got %q", got)
	}
	if got := im.Alerts.Text("alertModel.trigger.errorEventTypes.errorEventType"); got != "UNDEPLOY_SCRIPT" {
		t.Errorf("alert: got %q", got)
	}
	for path, want := range map[string]string{"date": "today", "serverSettings.smtpHost": "mail",
		"pluginProperties.entry.properties.property": "true", "pluginProperties.entry.properties.property.@name": "enabled"} {
		if got := im.Other.Text(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	if im.Blocked() || len(im.Notes) != 2 {
		t.Errorf("notes: %v", im.Notes)
	}
}

func TestGroupKeepsChannels(t *testing.T) {
	im := read(t, `<channelGroup version="4.5.2"><id>g</id><name>G</name><channels>`+wrap("a", "")+`</channels></channelGroup>`)
	if len(im.Channels) != 1 || im.Groups.Text("channelGroup.channels.channel.id") != "a" || im.Groups.Text("channelGroup.channels.channel.name") != "" {
		t.Errorf("got %+v", im.Groups)
	}
}

func TestOldCodeTemplates(t *testing.T) {
	im := read(t, `<list><codeTemplate version="3.2.2"><id>1</id><name>A</name><type>FUNCTION</type><code>f</code><scope>0</scope></codeTemplate>`+
		`<codeTemplate version="3.2.2"><id>2</id><name>B</name><type>VARIABLE</type><code>v</code><scope>0</scope></codeTemplate></list>`)
	got := Templates("any channel", im.Libraries)
	if want := []weir.CodeTemplate{{ID: "1", Name: "A", Library: looseLibrary, Contexts: allContexts, Code: "f"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if len(im.Notes) != 1 || len(im.Libraries[0].Templates) != 2 {
		t.Errorf("notes %v, libraries %+v", im.Notes, im.Libraries)
	}
}
