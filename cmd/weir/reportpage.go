package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/server"
)

//go:embed reportpage.html
var reportHTML string

// reportPage is the page that weir check writes: one file, with nothing to load.
var reportPage = template.Must(template.New("report").Funcs(template.FuncMap{"kind": kindOf, "join": strings.Join, "count": count[int], "sentence": sentence}).Parse(reportHTML))

type page struct {
	*server.Report
	Version  string
	Date     string
	Headline string
	Outcomes []pageOutcome
	Blockers []pageBlocker
	Channels []pageChannel // those that will not run first
}

// pageOutcome is how many channels do what.
type pageOutcome struct {
	Number             int
	Class, Sign, Title string
}

// pageBlocker is a reason why channels will not run, with all that have it.
type pageBlocker struct {
	Text, Remedy string
	Channels     []*pageChannel
}

type pageChannel struct {
	server.Verdict
	Number      int
	Class, Sign string // a sign beside the colour
	Lists       []pageList
}

type pageList struct {
	Title    string
	Problems []server.Problem
}

// looks are the class in the style sheet and the sign of each outcome; the order is
// that of the page, what needs work before what does not.
var looks = []struct {
	outcome            server.Outcome
	class, sign, title string
}{
	{server.WillNotRun, "no", "✕", "will not run"},
	{server.RunsDifferent, "differs", "≠", "run with differences"},
	{server.RunsUnchanged, "ok", "✓", "run unchanged"},
}

func pageOf(r *server.Report, now time.Time) page {
	s := r.Summary
	p := page{Report: r, Version: version, Date: now.Format("2 January 2006"), Headline: headline(s)}
	counts := map[server.Outcome]int{server.WillNotRun: s.WillNot, server.RunsDifferent: s.Different, server.RunsUnchanged: s.Unchanged}
	for _, l := range slices.Backward(looks) {
		p.Outcomes = append(p.Outcomes, pageOutcome{counts[l.outcome], l.class, l.sign, l.title})
	}
	for _, l := range looks {
		for _, v := range r.Channels {
			if v.Runs == l.outcome {
				p.Channels = append(p.Channels, pageChannel{Verdict: v, Number: len(p.Channels) + 1, Class: l.class, Sign: l.sign, Lists: listsOf(v)})
			}
		}
	}
	p.Blockers = blockers(p.Channels)
	return p
}

// headline is the page in one sentence or two.
func headline(s server.Summary) string {
	switch {
	case s.Channels == 0:
		return "There is no channel in these files."
	case s.Channels == 1 && s.WillNot == 1:
		return "The one channel will not run as it is."
	}
	runs := s.Unchanged + s.Different
	text := fmt.Sprintf("%d of %s run on Weir", runs, count(s.Channels, "channel"))
	switch {
	case runs == s.Channels && s.Channels == 1:
		text = "The one channel runs on Weir"
	case runs == s.Channels:
		text = fmt.Sprintf("All %d channels run on Weir", s.Channels)
	}
	if s.Different > 0 {
		text += fmt.Sprintf(", %d of them with differences that are listed here", s.Different)
	}
	if s.WillNot > 0 {
		text += fmt.Sprintf("; %d will not run as they are", s.WillNot)
		if s.WillNot == 1 {
			text = strings.Replace(text, "will not run as they are", "will not run as it is", 1)
		}
	}
	return text + "."
}

// sentence ends a text as one.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimRight(text[size:], ". ") + "."
}

func listsOf(v server.Verdict) (made []pageList) {
	lists := []pageList{{Title: "Will not run, because"}, {Title: "Runs differently"}, {"Should not stay as it is", v.Warnings},
		{"Scripts reach", v.Reaches}, {Title: "Kept without effect"}}
	for _, reason := range v.Reasons {
		to := map[mirth.Severity]int{mirth.Blocks: 0, mirth.Difference: 1, mirth.Info: 4}[reason.Severity]
		lists[to].Problems = append(lists[to].Problems, reason)
	}
	for _, l := range lists {
		if len(l.Problems) > 0 {
			made = append(made, l)
		}
	}
	return made
}

// blockers groups the reasons why channels will not run, those of most channels
// first: what is worth doing first.
func blockers(channels []pageChannel) []pageBlocker {
	var list []pageBlocker
	for i := range channels {
		c := &channels[i]
		for _, r := range c.Reasons {
			if r.Severity != mirth.Blocks {
				continue
			}
			at := slices.IndexFunc(list, func(b pageBlocker) bool { return b.Text == r.Text })
			if at < 0 {
				list, at = append(list, pageBlocker{Text: r.Text, Remedy: r.Remedy}), len(list)
			}
			if !slices.Contains(list[at].Channels, c) {
				list[at].Channels = append(list[at].Channels, c)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b pageBlocker) int { return len(b.Channels) - len(a.Channels) })
	return list
}
