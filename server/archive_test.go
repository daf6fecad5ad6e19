package server

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/archive"
)

// archived is an engine whose clock can be put forward, with the channel of TestPrune
// and three messages, of which the second has failed.
func archived(t *testing.T, opt Options, change ...string) (s *Server, client *api.Client, ahead func(days int)) {
	t.Helper()
	opt.Data, opt.Channels = t.TempDir(), t.TempDir()
	write(t, filepath.Join(opt.Channels, "lab.xml"), strings.NewReplacer(append(change, "TRANSFORMER", rawToRaw)...).Replace(pruned))
	var days atomic.Int64
	opt.Now = func() time.Time { return time.Now().AddDate(0, 0, int(days.Load())) }
	if opt.Prune == "" {
		opt.Prune = noPruning
	}
	s, client, _ = run(t, opt)
	for _, text := range []string{"good", "bad", "better"} {
		if _, err := client.Send(t.Context(), "Lab", api.NewMessage{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	return s, client, func(n int) { days.Store(int64(n)) }
}

// archivedTexts lists what an archive has, as id:raw.
func archivedTexts(t *testing.T, place string, keys []byte) string {
	t.Helper()
	r, err := archive.NewReader(t.Context(), place, keys)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	err = r.Each(t.Context(), archive.Query{Channel: "Lab"}, func(m *archive.Message) error {
		list = append(list, fmt.Sprintf("%d:%s", m.ID, m.Connector(0).Text(weir.Raw)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}

// What is pruned is in the archive first: contents, then messages; and comes back.
func TestPruneArchives(t *testing.T) {
	place := t.TempDir()
	s, client, ahead := archived(t, Options{Listen: "none", Archive: place})
	for _, c := range []struct {
		days int
		want api.Pruned
		has  string
	}{
		{8, api.Pruned{Contents: 2, Archived: 2}, "1:good 3:better"},
		{9, api.Pruned{}, "1:good 3:better"},
		{31, api.Pruned{Messages: 2, Archived: 2}, "1:good 3:better"},
		{91, api.Pruned{Messages: 1, Archived: 1}, "1:good 3:better 2:bad"},
	} {
		ahead(c.days)
		p, err := client.PruneAll(t.Context())
		if err != nil || p.Running || *p.Last != c.want {
			t.Errorf("after %d days: got %+v %+v, error %v, want %+v", c.days, p, p.Last, err, c.want)
		}
		if got := archivedTexts(t, place, nil); got != c.has {
			t.Errorf("after %d days the archive has %q, want %q", c.days, got, c.has)
		}
	}
	if left, _ := os.ReadDir(s.data.file(spoolDir)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	r, err := archive.NewReader(t.Context(), place, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // what was restored is not restored again
		var docs bytes.Buffer
		if err := r.Each(t.Context(), archive.Query{}, func(m *archive.Message) error { docs.Write(m.Document); return nil }); err != nil {
			t.Fatal(err)
		}
		got, err := client.Import(t.Context(), "Lab", &docs, api.Importing{Once: true})
		if err != nil || got.Done+got.There != 3 || got.Failed > 0 {
			t.Errorf("restored: %+v, error %v", got, err)
		}
		if n, err := client.Count(t.Context(), "Lab", api.MessageQuery{}); err != nil || n != 3 {
			t.Errorf("%d messages are back, error %v", n, err)
		}
	}
	// Pruned and archived once more, they are still those that they were.
	if _, err := client.PruneAll(t.Context()); err != nil {
		t.Error(err)
	}
	n := 0
	if err := r.Each(t.Context(), archive.Query{}, func(*archive.Message) error { n++; return nil }); err != nil || n != 3 {
		t.Errorf("the archive has %d messages, error %v, want 3", n, err)
	}
}

// An engine that dies between writing and removing loses nothing and doubles nothing;
// what begins anew between stays.
func TestArchiveCut(t *testing.T) {
	place := t.TempDir()
	s, client, ahead := archived(t, Options{Listen: "none", Archive: place})
	d := s.find("Lab")
	ahead(31)
	var out api.Pruned
	cut := pruning{s: s, d: d, to: s.pruner.archive, out: &out}
	seen, left, err := cut.keep(t.Context(), []int64{1, 3})
	if err != nil || len(seen) != 2 || len(left) > 0 {
		t.Fatalf("kept %d, left %d, error %v", len(seen), len(left), err)
	}
	if got := archivedTexts(t, place, nil); got != "1:good 3:better" {
		t.Errorf("the archive has %q", got)
	}
	if _, err := client.Reprocess(t.Context(), "Lab", api.MessageQuery{After: 0, Before: 2}, api.Again{Replace: true}); err != nil {
		t.Fatal(err)
	}
	if n, err := cut.remove(t.Context(), []int64{1}, seen); err != nil || n != 0 {
		t.Errorf("%d messages were removed that are not as they were archived, error %v", n, err)
	}
	got, err := client.Prune(t.Context(), "Lab")
	if err != nil || got.Messages != 2 || got.Archived != 2 {
		t.Errorf("got %+v, error %v", got, err)
	}
	if got := archivedTexts(t, place, nil); got != "1:good 3:better" {
		t.Errorf("the archive has %q", got)
	}
}

// Nothing is removed that the archive does not have.
func TestArchiveFails(t *testing.T) {
	t.Run("the place cannot be written to", func(t *testing.T) {
		place := filepath.Join(t.TempDir(), "file")
		write(t, place, "no directory")
		_, client, ahead := archived(t, Options{Listen: "none", Archive: place})
		ahead(31)
		if _, err := client.Prune(t.Context(), "Lab"); err == nil || !strings.Contains(err.Error(), "archive") {
			t.Errorf("got error %v", err)
		}
		if n, _ := client.Count(t.Context(), "Lab", api.MessageQuery{}); n != 3 {
			t.Errorf("%d messages are left", n)
		}
	})
	encrypted := []string{"<messageStorageMode>", "<encryptData>true</encryptData><messageStorageMode>"}
	t.Run("what is encrypted would be readable", func(t *testing.T) {
		place := t.TempDir()
		_, client, ahead := archived(t, Options{Listen: "none", Archive: place}, encrypted...)
		ahead(31)
		if _, err := client.Prune(t.Context(), "Lab"); err == nil || !strings.Contains(err.Error(), "--archive-recipient") {
			t.Errorf("got error %v", err)
		}
		if p, err := client.Pruning(t.Context()); err != nil || p.Archive != place {
			t.Errorf("got %+v, error %v", p, err)
		}
	})
	t.Run("and is encrypted, for the one who has the key", func(t *testing.T) {
		place := t.TempDir()
		identity, recipient, err := archive.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		_, client, ahead := archived(t, Options{Listen: "none", Archive: place, ArchiveRecipients: []string{recipient}}, encrypted...)
		ahead(31)
		if got, err := client.Prune(t.Context(), "Lab"); err != nil || got.Messages != 2 {
			t.Errorf("got %+v, error %v", got, err)
		}
		if got := archivedTexts(t, place, []byte(identity)); got != "1:good 3:better" {
			t.Errorf("the archive has %q", got)
		}
	})
	t.Run("the channel is not archived", func(t *testing.T) {
		place := t.TempDir()
		_, client, ahead := archived(t, Options{Listen: "none", Archive: place}, "<pruningSettings>", "<pruningSettings><archiveEnabled>false</archiveEnabled>")
		ahead(31)
		if got, err := client.Prune(t.Context(), "Lab"); err != nil || got != (api.Pruned{Messages: 2}) {
			t.Errorf("got %+v, error %v", got, err)
		}
		if left, _ := os.ReadDir(place); len(left) > 0 {
			t.Errorf("the archive has %v", left)
		}
	})
}

func TestPollTimes(t *testing.T) {
	at := time.Date(2026, 3, 10, 12, 0, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"03:00": time.Date(2026, 3, 11, 3, 0, 0, 0, time.Local), "23:59": time.Date(2026, 3, 10, 23, 59, 0, 0, time.Local),
		"6h": time.Date(2026, 3, 10, 18, 0, 0, 0, time.Local), "0 30 12 * * ?": time.Date(2026, 3, 10, 12, 30, 0, 0, time.Local),
	} {
		s, err := pollTimes(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := s.Next(at); !got.Equal(want) {
			t.Errorf("%s: next is %v, want %v", text, got, want)
		}
	}
	if s, err := pollTimes("off"); s != nil || err != nil {
		t.Errorf("off: got %v, error %v", s, err)
	}
	for _, text := range []string{"25:00", "daily", "1s", "48h", "0 0 99 * * ?"} {
		if _, err := pollTimes(text); err == nil {
			t.Errorf("%q is a time", text)
		}
	}
}

// The engine prunes by itself, at its times.
func TestPrunesItself(t *testing.T) {
	s, client, ahead := archived(t, Options{Listen: "none", Prune: "0/1 * * * * ?"})
	ahead(31)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if n, err := client.Count(t.Context(), "Lab", api.MessageQuery{}); err != nil || n == 1 {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if st := s.pruningState(); st.Next == nil || st.Times != "0/1 * * * * ?" {
		t.Errorf("got %+v", st)
	}
}

// The Administrator's settings of the data pruner say when, where no option does.
func TestMirthPruner(t *testing.T) {
	addr := freeAddr(t)
	s, client, _ := run(t, Options{Data: t.TempDir(), Listen: addr, AdminPassword: adminPassword})
	c := mirthClient(t, addr, "/api/4.5.2", javaHeader)
	c.login()
	if st, err := client.Pruning(context.Background()); err != nil || st.Times != DefaultPrune || st.Next == nil {
		t.Errorf("at first: %+v, error %v", st, err)
	}
	polling := "<com.mirth.connect.donkey.model.channel.PollConnectorProperties version=\"4.5.2\">\n  <pollingType>TIME</pollingType>\n  <pollingHour>4</pollingHour>\n  <pollingMinute>30</pollingMinute>\n  <cronJobs/>\n</com.mirth.connect.donkey.model.channel.PollConnectorProperties>"
	properties := func(enabled string) string {
		text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(polling)
		return "<properties><property name=\"enabled\">" + enabled + "</property><property name=\"archiveEnabled\">&lt;boolean&gt;true&lt;/boolean&gt;</property><property name=\"pollingProperties\">" + text + "</property></properties>"
	}
	path := "/extensions/" + url.PathEscape("Data Pruner") + "/properties"
	c.replay([]step{
		{nil, "PUT", path, properties("true"), 204, ""},
		{nil, "GET", path, "", 200, "<properties>\n  <property name=\"enabled\">true</property>"},
		{nil, "POST", "/extensions/datapruner/_start", "", 200, "<gregorian-calendar>\n  <time>"},
		{nil, "POST", "/extensions/datapruner/_stop", "", 204, ""},
		{nil, "GET", "/extensions/datapruner/status", "", 200, "<map>\n  <entry>\n    <string>currentState</string>"},
	})
	if st := s.pruningState(); st.Next == nil || st.Next.Hour() != 4 || st.Next.Minute() != 30 || !s.pruner.demanded {
		t.Errorf("got %+v, archive %t", st, s.pruner.demanded)
	}
	c.replay([]step{{nil, "PUT", path, properties("false"), 204, ""}})
	if st := s.pruningState(); st.Next != nil || st.Times != noPruning {
		t.Errorf("switched off: %+v", st)
	}
	if _, err := s.archiveFor(&weir.Channel{Name: "Lab"}); err == nil || !strings.Contains(err.Error(), "there is no archive") {
		t.Errorf("with nowhere to archive: got error %v", err)
	}
}
