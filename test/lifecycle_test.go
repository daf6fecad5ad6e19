package test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/internal/api"
)

// A user finds messages, sends, reprocesses, resends and removes them, and resets
// the statistics, with the commands that the help texts name. A killed engine has
// all of it.
func TestLifecycle(t *testing.T) {
	_, sink := newSink(t)
	channels, dir := t.TempDir(), t.TempDir()
	install(t, channels, "A", sink)
	data := filepath.Join(dir, "data")
	e := start(t, data, channels)
	do := func(args ...string) string {
		t.Helper()
		return mustWeir(t, dir, append(args, "--data", data)...)
	}
	refused := func(want string, args ...string) {
		t.Helper()
		out, err := weir(t, dir, append(args, "--data", data)...)
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("weir %s: error %v, want one with %q:\n%s", strings.Join(args, " "), err, want, out)
		}
	}
	for i := 1; i <= 4; i++ {
		text := fmt.Sprintf("MSH|^~\\&|LAB|NORTH|EHR|MAIN|20260310||ORU^R01|CTL%d|P|2.5\rPID|1||%d^^^MRN||DOE^J%d\rOBR|1|P%d|ACC%d\r", i, 500+i%2, i, i, i)
		if err := os.WriteFile(filepath.Join(dir, "m.hl7"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		mustContain(t, do("message", "send", "A-best", "m.hl7", "--source-map", "by=hand"), fmt.Sprintf("message %d", i), "MSA|AA|CTL")
	}

	ids := func(q api.MessageQuery) string {
		t.Helper()
		list, err := e.API.Messages(context.Background(), "A-best", q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		var b strings.Builder
		for _, m := range list {
			fmt.Fprintf(&b, "%d ", m.ID)
		}
		return strings.TrimSpace(b.String())
	}
	for _, c := range []struct {
		name string
		q    api.MessageQuery
		want string
	}{
		{"all", api.MessageQuery{}, "4 3 2 1"},
		{"control id", api.MessageQuery{Control: "CTL3"}, "3"},
		{"patient", api.MessageQuery{Patient: "501"}, "3 1"},
		{"patient, next page", api.MessageQuery{Patient: "501", Limit: 1, Before: 3}, "1"},
		{"accession number", api.MessageQuery{Order: "ACC2"}, "2"},
		{"text, in any case", api.MessageQuery{Text: "doe^j4"}, "4"},
		{"text of nobody", api.MessageQuery{Text: "nobody"}, ""},
		{"connector and status", api.MessageQuery{Connector: []string{"Destination 1"}, Status: []string{"SENT"}, After: 2}, "4 3"},
		{"metadata", api.MessageQuery{MetaData: []string{"TYPE~oru"}, Before: 3}, "2 1"},
		{"errors", api.MessageQuery{Failed: true}, ""},
	} {
		if got := ids(c.q); got != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
	mustContain(t, do("message", "list", "A-best", "--search", "J4", "--since", "1h"), "SENT", "4   ")

	mustContain(t, do("message", "list", "--patient", "501", "--limit", "1"), "CHANNEL", "A-best", "3   ")
	mustContain(t, do("message", "list", "--search", "J4"), "A-best", "4   ")
	refused("name it", "message", "list", "--before", "3")

	mustContain(t, do("message", "reprocess", "A-best", "1"), "done: 1", "message 5")
	mustContain(t, do("message", "list", "A-best", "--after", "4"), "reprocesses 1")
	mustContain(t, do("message", "reprocess", "A-best", "2", "--replace", "--destination", "Destination 1"), "done: 1", "message 2")
	mustContain(t, do("message", "resend", "A-best", "3", "--destination", "Destination 1"), "done: 1")
	refused("selects 2 messages; nothing was done. To go on, say so with --sure 2", "message", "reprocess", "A-best", "--patient", "500")
	mustContain(t, do("message", "reprocess", "A-best", "--patient", "500", "--sure", "2"), "done: 2", "message 6", "message 7")
	refused("say which messages", "message", "remove", "A-best")
	refused("unknown connector", "message", "resend", "A-best", "1", "--destination", "9")
	refused("no metadata column", "message", "list", "A-best", "--metadata", "x=1")

	mustContain(t, do("message", "remove-content", "A-best", "4"), "done: 1")
	refused("raw content is not kept", "message", "reprocess", "A-best", "4")
	mustContain(t, do("message", "remove", "A-best", "--control", "CTL1", "--sure", "2"), "done: 2")
	if got := ids(api.MessageQuery{}); got != "7 6 4 3 2" {
		t.Errorf("after removing two: %q", got)
	}

	mustContain(t, do("channel", "statistics", "A-best"), "Source         7")
	do("channel", "statistics", "A-best", "--reset")
	do("channel", "stop", "A-best", "Source")
	mustContain(t, do("channel", "status", "A-best"), "A-best: PAUSED")
	refused("without a queue", "channel", "stop", "A-best", "Destination 1")
	mustContain(t, do("message", "send", "A-best", "m.hl7"), "message 8")
	e.kill()

	e = start(t, data, channels)
	list, err := e.API.Statistics(context.Background(), "A-best")
	if err != nil || list[0].Current.Received != 1 || list[0].Lifetime.Received != 8 || list[1].Lifetime.Sent != 8 {
		t.Errorf("after a crash: %+v, error %v", list, err)
	}
	mustContain(t, do("message", "remove", "A-best", "--all", "--sure", "6"), "done: 6")
	if got := ids(api.MessageQuery{}); got != "" {
		t.Errorf("after removing all: %q", got)
	}
	do("channel", "statistics", "A-best", "--reset-lifetime")
	if list, err = e.API.Statistics(context.Background(), "A-best"); err != nil || list[0].Lifetime.Received != 0 {
		t.Errorf("after a reset of all: %+v, error %v", list, err)
	}
	e.stop()
}
