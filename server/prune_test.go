package server

import (
	"context"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/store"
)

func withPruning(settings ...string) weir.Channel {
	var g config.Group
	for i := 0; i < len(settings); i += 2 {
		g = append(g, config.Setting{Name: settings[i], Text: settings[i+1]})
	}
	return weir.Channel{Name: "Lab", Extra: config.Group{{Name: "exportData", Group: config.Group{{Name: "metadata", Group: config.Group{{Name: "pruningSettings", Group: g}}}}}}}
}

func TestRetention(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name     string
		settings []string
		want     retention
	}{
		{"nothing", nil, retention{-1, -1, -1}},
		{"messages", []string{"pruneMetaDataDays", "30"}, retention{30 * day, -1, -1}},
		{"contents sooner", []string{"pruneMetaDataDays", "30", "pruneContentDays", "7"}, retention{30 * day, 7 * day, -1}},
		{"contents later go with their messages", []string{"pruneMetaDataDays", "7", "pruneContentDays", "30"}, retention{7 * day, -1, -1}},
		{"errored ones too", []string{"pruneContentDays", "7", "pruneErroredMessages", "true"}, retention{-1, 7 * day, 0}},
		{"errored ones longer", []string{"pruneContentDays", "7", "pruneErroredMessages", "true", "pruneErroredDays", "90"}, retention{-1, 7 * day, 90 * day}},
	} {
		ch := withPruning(c.settings...)
		if got, err := retentionOf(&ch); err != nil || got != c.want {
			t.Errorf("%s: got %v, error %v, want %v", c.name, got, err, c.want)
		}
	}
	for _, text := range []string{"soon", "-1", "100001"} {
		ch := withPruning("pruneMetaDataDays", text)
		if _, err := retentionOf(&ch); err == nil {
			t.Errorf("%q days were taken", text)
		}
	}
	ch := withPruning("pruneContentDays", "7")
	ch.Properties.Storage = weir.MetadataOnly
	if got, err := retentionOf(&ch); err != nil || got.contents >= 0 {
		t.Errorf("without contents: got %v, error %v", got, err)
	}
}

// What the store is told: days, and whether an archive is to have the messages first.
func TestKeeps(t *testing.T) {
	for _, c := range []struct {
		settings []string
		demanded bool
		want     store.Retention
	}{
		{nil, true, store.Retention{}},
		{[]string{"pruneMetaDataDays", "30", "pruneContentDays", "7"}, false, store.Retention{Messages: 30, Contents: 7}},
		{[]string{"pruneMetaDataDays", "0"}, false, store.Retention{Messages: 1}},
		{[]string{"pruneMetaDataDays", "30"}, true, store.Retention{Messages: 30, Archived: true}},
		{[]string{"pruneMetaDataDays", "soon"}, false, store.Retention{}},
	} {
		s, ch := &Server{}, withPruning(c.settings...)
		s.pruner.demanded = c.demanded
		if got := s.keeps(&ch); got != c.want {
			t.Errorf("%v: got %+v, want %+v", c.settings, got, c.want)
		}
	}
}

// pruned keeps contents for a week, messages for a month and failed ones for a
// quarter of a year. What is bad fails.
const pruned = `<channel version="4.5.2">
  <id>5b4f0c5e-0000-4000-8000-000000000009</id>
  <name>Lab</name>
  <revision>1</revision>
  <sourceConnector version="4.5.2">
    <metaDataId>0</metaDataId>
    <name>sourceConnector</name>
    <properties class="com.mirth.connect.connectors.vm.VmReceiverProperties" version="4.5.2">
      <sourceConnectorProperties version="4.5.2"><respondAfterProcessing>true</respondAfterProcessing><processingThreads>1</processingThreads></sourceConnectorProperties>
    </properties>
    TRANSFORMER
    <filter version="4.5.2"><elements/></filter>
    <transportName>Channel Reader</transportName>
    <mode>SOURCE</mode>
    <enabled>true</enabled>
  </sourceConnector>
  <destinationConnectors>
    <connector version="4.5.2">
      <metaDataId>1</metaDataId>
      <name>Out</name>
      <properties class="com.mirth.connect.connectors.js.JavaScriptDispatcherProperties" version="4.5.2">
        <script>if (connectorMessage.getRawData() == 'bad') throw 'no';</script>
      </properties>
      TRANSFORMER
      <responseTransformer version="4.5.2"><elements/><inboundDataType>RAW</inboundDataType><outboundDataType>RAW</outboundDataType></responseTransformer>
      <filter version="4.5.2"><elements/></filter>
      <transportName>JavaScript Writer</transportName>
      <mode>DESTINATION</mode>
      <enabled>true</enabled>
    </connector>
  </destinationConnectors>
  <properties version="4.5.2"><messageStorageMode>PRODUCTION</messageStorageMode><initialState>STARTED</initialState></properties>
  <exportData><metadata><enabled>true</enabled><pruningSettings>
    <pruneMetaDataDays>30</pruneMetaDataDays><pruneContentDays>7</pruneContentDays><pruneErroredDays>90</pruneErroredDays>
  </pruningSettings></metadata></exportData>
</channel>`

// Contents go first, then messages; failed ones stay until their own time.
func TestPrune(t *testing.T) {
	data, channels := t.TempDir(), t.TempDir()
	write(t, filepath.Join(channels, "lab.xml"), strings.ReplaceAll(pruned, "TRANSFORMER", rawToRaw))
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	_, client, _ := run(t, Options{Data: data, Channels: channels, Listen: "none", Now: now})
	ctx := context.Background()
	for _, text := range []string{"good", "bad", "good"} {
		if _, err := client.Send(ctx, "Lab", api.NewMessage{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		days int
		want api.Pruned
		left int
	}{{1, api.Pruned{}, 3}, {8, api.Pruned{Contents: 2}, 3}, {31, api.Pruned{Messages: 2}, 1}, {91, api.Pruned{Messages: 1}, 0}} {
		ahead.Store(int64(time.Duration(c.days) * 24 * time.Hour))
		got, err := client.Prune(ctx, "Lab")
		if err != nil || got != c.want {
			t.Errorf("after %d days: got %+v, error %v, want %+v", c.days, got, err, c.want)
		}
		if n, err := client.Count(ctx, "Lab", api.MessageQuery{}); err != nil || n != c.left {
			t.Errorf("after %d days: %d are left, error %v, want %d", c.days, n, err, c.left)
		}
	}
	list, err := client.Statistics(ctx, "Lab")
	if err != nil || list[0].Current.Received != 3 {
		t.Errorf("statistics: %+v, error %v", list, err)
	}
}

// A clock that jumps forward prunes nothing; one that goes as it should, or back, does.
func TestPruneAfterClockJump(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		byClock, passed time.Duration
		refused         bool
	}{
		{0, 0, false}, {40 * day, 40 * day, false}, {3 * time.Hour, time.Hour, false}, {-100 * day, time.Hour, false},
		{2*day + time.Hour, day, true}, {3650 * day, time.Minute, true},
	} {
		if err := checkJump(c.byClock, c.passed); (err != nil) != c.refused {
			t.Errorf("%v by the clock, %v passed: error %v", c.byClock, c.passed, err)
		}
	}
	s := &Server{begun: time.Now()}
	if err := s.mayPrune(time.Now()); err != nil {
		t.Error(err)
	}
}
