package server

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir/internal/mirth"
)

// TestFilesAreListed: what stands in files of the directory of channels is listed by
// the Mirth API and in its backup, is not changed there, and is not kept twice.
func TestFilesAreListed(t *testing.T) {
	dir, addr := t.TempDir(), freeAddr(t)
	library := strings.Replace(testLibrary, `<codeTemplate version="4.5.2"><id>b1</id></codeTemplate>`, testTemplate, 1)
	for name, text := range map[string]string{
		"a-library.xml": library, "b-scripts.xml": `<map><entry><string>Deploy</string><string>logger.info('up');</string></entry></map>`, "c-map.xml": testMap,
		"d-groups.xml": "<list>" + testGroup + "</list>", "e-alerts.xml": testAlert, "f-resources.xml": testResource,
		"g-tags.xml":   `<set><channelTag><id>t1</id><name>adt</name><channelIds/></channelTag></set>`,
		"h-depend.xml": `<set><channelDependency><dependentId>` + ward + `</dependentId><dependencyId>` + lab + `</dependencyId></channelDependency></set>`,
		"ward.xml":     testChannel(ward, "Ward", ""),
	} {
		write(t, filepath.Join(dir, name), text)
	}
	s, _, _ := run(t, Options{Data: t.TempDir(), Channels: dir, Listen: addr, AdminPassword: adminPassword})
	c := mirthClient(t, addr, "/api", javaHeader)
	c.login()
	get := func(path string) string {
		t.Helper()
		status, body, _ := c.send(javaHeader, "GET", path, "", "")
		if status != 200 {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		return body
	}
	backup := get("/server/configuration")
	for path, want := range map[string]string{
		"/codeTemplateLibraries?includeCodeTemplates=true": "<name>Ward library</name>", "/codeTemplates": "function shout", "/server/globalScripts": "logger.info(&apos;up&apos;);",
		"/server/configurationMap": "<value>10.0.0.9</value>", "/channelgroups": `<channelGroup version="4.5.2">`, "/alerts": `<alertModel version="4.5.2">`,
		"/server/resources": "<name>[Default Resource]</name>", "/server/channelTags": "<name>adt</name>", "/server/channelDependencies": "<dependencyId>" + lab,
	} {
		if body := get(path); !strings.Contains(body, want) {
			t.Errorf("%s lacks %s:\n%s", path, want, body)
		}
		if !strings.Contains(backup, want) {
			t.Errorf("the backup lacks %s", want)
		}
	}
	// A client saves what it has read, with more.
	list := strings.Replace(get("/codeTemplateLibraries?includeCodeTemplates=true"), "</list>",
		`<codeTemplateLibrary version="4.5.2"><id>own</id><name>Own</name><revision>1</revision><codeTemplates/></codeTemplateLibrary></list>`, 1)
	if status, body, _ := c.send(javaHeader, "PUT", "/codeTemplateLibraries?override=true", "application/xml", list); status != 200 {
		t.Fatal(status, body)
	}
	kept, err := os.ReadFile(filepath.Join(s.data.path, "channels", "code-templates.xml"))
	if err != nil || strings.Contains(string(kept), "Ward library") || !strings.Contains(string(kept), "Own") {
		t.Errorf("%v; kept is %s", err, kept)
	}
	if got := get("/codeTemplateLibraries"); !strings.Contains(got, "Ward library") || !strings.Contains(got, "<name>Own</name>") {
		t.Errorf("after a save: %s", got)
	}
	if status, body, _ := c.send(javaHeader, "PUT", "/server/globalScripts", "application/xml", get("/server/globalScripts")); status != 204 {
		t.Error(status, body)
	}
	if got := s.globalDeploy.source.Deploy; got != "logger.info('up');" {
		t.Errorf("the deploy script is %q", got)
	}
	for path, change := range map[string][2]string{
		"/server/configurationMap": {"10.0.0.9", "10.0.0.8"}, "/server/channelTags": {"adt", "oru"}, "/server/globalScripts": {"up", "down"},
	} {
		status, body, _ := c.send(javaHeader, "PUT", path, "application/xml", strings.Replace(get(path), change[0], change[1], 1))
		if status < 400 || !strings.Contains(body, dir) {
			t.Errorf("a change of %s is answered %d %s", path, status, body)
		}
	}
	// What a file holds does not go away by a request either, and says where it is.
	for _, r := range []struct{ method, path, kind, body string }{
		{"DELETE", "/alerts/c0", "", ""}, {"DELETE", "/channels/" + ward, "", ""}, {"DELETE", "/codeTemplates/b1", "", ""},
		{"PUT", "/server/channelTags", "application/xml", "<set/>"}, {"PUT", "/server/configurationMap", "application/xml", "<map/>"},
		{"PUT", "/server/channelDependencies", "application/xml", "<set/>"}, {"PUT", "/server/globalScripts", "application/xml", "<map/>"},
	} {
		if status, body, _ := c.send(javaHeader, r.method, r.path, r.kind, r.body); status < 400 || !strings.Contains(body, dir) {
			t.Errorf("%s %s is answered %d %s", r.method, r.path, status, body)
		}
	}
	// A backup that lacks it is restored beside it.
	if status, body, _ := c.send(javaHeader, "PUT", "/server/configuration", "application/xml", "<serverConfiguration><channelTags/><alerts/></serverConfiguration>"); status != 204 {
		t.Error(status, body)
	}
	if got := get("/server/channelTags"); !strings.Contains(got, "adt") {
		t.Errorf("tags after a restore: %s", got)
	}
}

// Tags that stand in the exports of channels are listed, each once with all of its channels.
func TestTagsOfChannelFiles(t *testing.T) {
	dir, addr := t.TempDir(), freeAddr(t)
	tagged := func(id, name string, tags ...string) string {
		list := ""
		for _, tag := range tags {
			list += `<channelTag><id>` + tag + `</id><name>` + tag + ` tag</name><channelIds><string>` + id + `</string></channelIds></channelTag>`
		}
		return strings.Replace(testChannel(id, name, ""), "</channel>", "<exportData><metadata><enabled>false</enabled></metadata><channelTags>"+list+"</channelTags></exportData></channel>", 1)
	}
	write(t, filepath.Join(dir, "ward.xml"), tagged(ward, "Ward", "t1", "t2"))
	write(t, filepath.Join(dir, "lab.xml"), tagged(lab, "Lab", "t1"))
	run(t, Options{Data: t.TempDir(), Channels: dir, Listen: addr, AdminPassword: adminPassword})
	c := mirthClient(t, addr, "/api", javaHeader)
	c.login()
	_, body, _ := c.send(javaHeader, "GET", "/server/channelTags", "", "")
	want := map[string][]string{"t1": {lab, ward}, "t2": {ward}}
	got := map[string][]string{}
	n, err := mirth.ParseDocument([]byte(body), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range n.Children {
		got[tag.TextAt("id")] = slices.Sorted(slices.Values(tag.At("channelIds").Texts()))
	}
	for _, list := range want {
		slices.Sort(list)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v of\n%s", got, want, body)
	}
}
