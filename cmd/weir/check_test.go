package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/server"
)

func runCheck(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	c := root()
	c.SetOut(&out)
	c.SetArgs(append([]string{"check"}, args...))
	err := c.Execute()
	if e, ok := errors.AsType[exitStatus](err); ok {
		return out.String(), e.status
	}
	if err != nil {
		return out.String(), 1
	}
	return out.String(), 0
}

func TestCheckStatus(t *testing.T) {
	cut := filepath.Join(t.TempDir(), "cut.xml")
	if err := os.WriteFile(cut, []byte("<channel>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"runs", []string{"../../examples/channels"}, 0, "\n1 channel: 1 run unchanged"},
		{"some will not run", []string{"../../server/testdata/check"}, 1, "Lab: will not run"},
		{"JSON", []string{"--json", "../../server/testdata/check"}, 1, `"verdict": "will not run"`},
		{"a file that is cut", []string{cut}, 1, "cannot be read"},
		{"no such file", []string{"nowhere.xml"}, 2, ""},
		{"a page that cannot be written", []string{"--html", filepath.Join(cut, "page.html"), "../../examples/channels"}, 2, ""},
	} {
		if out, status := runCheck(t, c.args...); status != c.status || !strings.Contains(out, c.want) {
			t.Errorf("%s: status %d, want %d, with %q in\n%s", c.name, status, c.status, c.want, out)
		}
	}
}

// The page is one file that loads nothing, and what stands in a channel stays text.
func TestCheckPage(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile("../../server/testdata/check/channels.xml")
	if err != nil {
		t.Fatal(err)
	}
	name := "&lt;img src=x onerror=alert(1)&gt;"
	if err := os.WriteFile(filepath.Join(dir, "a.xml"), bytes.ReplaceAll(data, []byte("<name>Web</name>"), []byte("<name>"+name+"</name>")), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "page.html")
	runCheck(t, "--html", file, dir)
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	if strings.Count(text, name) < 2 || strings.Contains(text, "<img") {
		t.Error("the name of a channel is not written as text")
	}
	if m := regexp.MustCompile(`(?i)<(?:script|link|iframe|object)\b|\bsrc=|url\(|href="[^#]`).FindString(strings.ReplaceAll(text, "img src=", "")); m != "" {
		t.Errorf("the page loads something: %q", m)
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, `id="`+m[1]+`"`) {
			t.Errorf("nothing has the id %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`<(main|h1|title|html lang="en")>`).FindAllString(text, -1) {
		if strings.Count(text, m) != 1 {
			t.Errorf("%s is not there once", m)
		}
	}
}

func TestHeadline(t *testing.T) {
	for _, c := range []struct {
		summary server.Summary
		want    string
	}{
		{server.Summary{}, "There is no channel in these files."},
		{server.Summary{Channels: 1, Unchanged: 1}, "The one channel runs on Weir."},
		{server.Summary{Channels: 7, Unchanged: 7}, "All 7 channels run on Weir."},
		{server.Summary{Channels: 7, Unchanged: 4, Different: 3}, "All 7 channels run on Weir, 3 of them with differences that are listed here."},
		{server.Summary{Channels: 7, Unchanged: 6, WillNot: 1}, "6 of 7 channels run on Weir; 1 will not run as it is."},
		{server.Summary{Channels: 1, WillNot: 1}, "The one channel will not run as it is."},
	} {
		if got := headline(c.summary); got != c.want {
			t.Errorf("%+v: %q, want %q", c.summary, got, c.want)
		}
	}
}

// What keeps most channels from running stands first, once, with all of them.
func TestBlockers(t *testing.T) {
	blocks := func(texts ...string) (list []server.Problem) {
		for _, text := range texts {
			list = append(list, server.Problem{Note: mirth.Note{Severity: mirth.Blocks, Text: text}})
		}
		return list
	}
	p := pageOf(&server.Report{Channels: []server.Verdict{
		{Channel: "A", Runs: server.RunsUnchanged}, {Channel: "B", Runs: server.WillNotRun, Reasons: blocks("no fax", "no JMS", "no JMS")},
		{Channel: "C", Runs: server.WillNotRun, Reasons: blocks("no JMS")},
	}}, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	if len(p.Blockers) != 2 || p.Blockers[0].Text != "no JMS" || len(p.Blockers[0].Channels) != 2 || len(p.Blockers[1].Channels) != 1 {
		t.Errorf("blockers %+v", p.Blockers)
	}
	if p.Channels[0].Channel != "B" || p.Channels[2].Channel != "A" || p.Date != "2 January 2026" {
		t.Errorf("page %+v", p)
	}
}
