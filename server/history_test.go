package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/internal/history"
)

// Whatever is saved by whatever way is kept with who and why, and comes back.
func TestHistory(t *testing.T) {
	addr := freeAddr(t)
	data := t.TempDir()
	s, client, stop := run(t, Options{Data: data, Listen: addr, AdminPassword: adminPassword})
	ctx := t.Context()
	c := mirthClient(t, addr, "/api", syncHeader)
	c.login()
	library := func(code string) step {
		return step{nil, "POST", "/codeTemplateLibraries/_bulkUpdate?override=true", parts("libraries", "<list>"+testLibrary+"</list>",
			"updatedCodeTemplates", "<list>"+strings.Replace(testTemplate, "toUpperCase", code, 1)+"</list>"), 200, "<codeTemplateLibrarySaveResult>\n  <overrideNeeded>false"}
	}
	scripts := func(code string) step {
		return step{nil, "PUT", "/server/globalScripts", strings.Replace(testScripts, "return;", code, 1), 204, ""}
	}
	c.replay([]step{
		{nil, "PUT", "/channels/" + ward, testChannel(ward, "Ward", "one"), 200, `{"boolean":true}`},
		{nil, "PUT", "/channels/" + ward + "?override=true", testChannel(ward, "Ward", "two"), 200, `{"boolean":true}`},
		{nil, "PUT", "/channels/" + ward + "?override=true", testChannel(ward, "Ward", "two"), 200, `{"boolean":true}`}, // the same
		library("toUpperCase"), library("trim"),
		scripts("return 1;"), scripts("return 2;"),
		{nil, "PUT", "/alerts/c0", testAlert, 204, ""}, {nil, "POST", "/alerts/c0/_disable", "", 204, ""}, {nil, "DELETE", "/alerts/c0", "", 204, ""},
		{nil, "PUT", "/server/configurationMap", testMap, 204, ""}, {nil, "PUT", "/server/configurationMap", strings.Replace(testMap, "10.0.0.9", "10.0.0.8", 1), 204, ""},
		{nil, "PUT", "/server/channelTags", `<set><channelTag><id>t1</id><name>adt</name><channelIds/></channelTag></set>`, 204, ""},
		{nil, "PUT", "/server/channelTags", `<set><channelTag><id>t1</id><name>adt</name><channelIds><string>` + ward + `</string></channelIds></channelTag></set>`, 204, ""},
		{nil, "PUT", "/server/channelDependencies", `<set><channelDependency><dependentId>` + lab + `</dependentId><dependencyId>` + ward + `</dependencyId></channelDependency></set>`, 204, ""},
		{nil, "PUT", "/server/channelDependencies", `<set/>`, 204, ""},
		{nil, "POST", "/channelgroups/_bulkUpdate?override=true", parts("channelGroups", "<set>"+testGroup+"</set>"), 200, `{"boolean":true}`},
		{nil, "POST", "/channelgroups/_bulkUpdate?override=true", parts("channelGroups", "<set/>"), 200, `{"boolean":true}`},
	})
	// A channel that is applied as a file takes the place of what the API saved.
	file, err := client.File(ctx, ward)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Apply(ctx, []byte(strings.Replace(string(file), "description: two", "description: three", 1)), "a try"); err != nil {
		t.Fatal(err)
	}
	for kind, object := range map[string]string{history.Channels: "Ward", history.Libraries: "Ward library", history.Scripts: "global", history.Alerts: "Ward errors",
		history.Groups: "Wards", history.Tags: "adt", history.Configuration: "global", history.Dependencies: "global"} {
		list, err := client.History(ctx, kind, object)
		if err != nil {
			t.Fatal(err)
		}
		want := 2
		if kind == history.Channels || kind == history.Alerts {
			want = 3
		}
		if len(list) != want || list[0].Number != want || kind != history.Channels && list[0].Who != "admin" {
			t.Errorf("%s: %+v", kind, list)
		}
		if kind == history.Channels && (list[0].Why != "a try" || list[0].How != "Apply channel file" || !strings.HasSuffix(list[0].Who, "on this machine")) {
			t.Errorf("%s: %+v", kind, list[0])
		}
		number := 1
		if err := client.Rollback(ctx, kind, object, number, "it was better"); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if list, err = client.History(ctx, kind, object); err != nil || len(list) != want+1 || list[0].Why != "it was better" || list[0].How != "rollback to 1" {
			t.Errorf("%s after going back: %+v %v", kind, list, err)
		}
	}
	c.replay([]step{
		{nil, "GET", "/channels/" + ward, "", 200, "<channel version=\"4.5.2\">\n  <id>" + ward + "</id>\n  <nextMetaDataId>2</nextMetaDataId>\n  <name>Ward</name>\n  <description>one</description>\n  <revision>3</revision>"},
		{nil, "GET", "/alerts", "", 200, "<list>\n  <alertModel version=\"4.5.2\">\n    <id>c0</id>\n    <name>Ward errors</name>\n    <enabled>true"},
	})
	for path, part := range map[string]string{"/codeTemplates": "toUpperCase", "/server/globalScripts": "return 1;", "/server/configurationMap": "<value>10.0.0.9</value>",
		"/server/channelTags": "<channelIds/>", "/server/channelDependencies": "<dependencyId>" + ward, "/channelgroups": "<name>Wards</name>"} {
		if _, body, _ := c.send(syncHeader, "GET", path, "", ""); !strings.Contains(body, part) {
			t.Errorf("%s: %s", path, body)
		}
	}
	if s.globalDeploy.source.Deploy != "return 1;" {
		t.Errorf("the engine runs %+v", s.globalDeploy.source)
	}
	// One who began to edit before that does not undo it.
	c.replay([]step{
		{nil, "PUT", "/channels/" + ward + "?override=false&startEdit=2026-01-01T00:00:00%2B0000", testChannel(ward, "Ward", "four"), 200, `{"boolean":false}`},
		{nil, "DELETE", "/channels/" + ward, "", 204, ""},
	})
	list, err := client.History(ctx, history.Channels, "Ward")
	if err != nil || !list[0].Removed {
		t.Errorf("after its removal: %+v %v", list, err)
	}
	wantError(t, "back to nothing", client.Rollback(ctx, history.Channels, "Ward", list[0].Number, ""), "was removed")
	if err := client.Rollback(ctx, history.Channels, "Ward", 2, ""); err != nil || s.byID(ward) == nil {
		t.Errorf("it did not come back: %v", err)
	}
	wantError(t, "a revision that is not there", client.Rollback(ctx, history.Channels, "Ward", 99, ""), "revision 99")
	wantError(t, "a channel that never was", client.Rollback(ctx, history.Channels, "Nobody", 1, ""), "nothing of")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	// A start finds the same and adds nothing.
	before, _ := s.history.Entries(history.Channels, ward)
	s, _, stop = run(t, Options{Data: data, Listen: "none"})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if after, err := s.history.Entries(history.Channels, ward); err != nil || len(after) != len(before) {
		t.Errorf("after a start: %+v %v", after, err)
	}
}

// What comes from the directory of channel files has a history, and is changed there.
func TestHistoryOfFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "ward.xml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(testChannel(ward, "Ward", "one"))
	s, client, _ := run(t, Options{Data: t.TempDir(), Channels: dir, Listen: "none"})
	s.rememberAll(t.Context()) // which it does by itself, a moment later
	write(testChannel(ward, "Ward", "two"))
	s.reload(t.Context())
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	s.reload(t.Context())
	list, err := client.History(t.Context(), history.Channels, ward)
	if err != nil || len(list) != 3 || !list[0].Removed || list[1].How != "channel files" || list[2].How != "found at start" {
		t.Errorf("history: %+v %v", list, err)
	}
	write(testChannel(ward, "Ward", "two"))
	s.reload(t.Context())
	wantError(t, "a channel from a file", client.Rollback(t.Context(), history.Channels, ward, 1, ""), "comes from")

	// What stands beside channels has a history, too, until its file is gone.
	groups, entries := filepath.Join(dir, "groups.xml"), filepath.Join(dir, "map.xml")
	for path, text := range map[string]string{groups: "<list>" + testGroup + "</list>", entries: testMap} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.reload(t.Context())
	if err := os.WriteFile(groups, []byte("<list>"+strings.Replace(testGroup, "<description>", "<description>of the house", 1)+"</list>"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.reload(t.Context())
	wantError(t, "a group from a file", client.Rollback(t.Context(), history.Groups, "Wards", 1, ""), groups)
	if err := os.Remove(groups); err != nil {
		t.Fatal(err)
	}
	s.reload(t.Context())
	if list, err = client.History(t.Context(), history.Groups, "Wards"); err != nil || len(list) != 3 || !list[0].Removed || list[1].How != "channel files" {
		t.Errorf("history of a group: %+v %v", list, err)
	}
	if _, text, err := (*engineAPI)(s).Revision(history.Configuration, history.Global, 1); err != nil || !strings.Contains(string(text), "10.0.0.9") {
		t.Errorf("history of the configuration map: %s %v", text, err)
	}
}
