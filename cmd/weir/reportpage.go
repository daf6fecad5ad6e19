package main

import (
	_ "embed"
	"html/template"
	"strings"

	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/server"
)

//go:embed reportpage.html
var reportHTML string

// reportPage is the page that weir check writes: one file, with nothing to load.
var reportPage = template.Must(template.New("report").Funcs(template.FuncMap{"kind": kindOf, "join": strings.Join}).Parse(reportHTML))

type page struct {
	*server.Report
	Version  string
	Channels []pageChannel
}

type pageChannel struct {
	server.Verdict
	Number int
	Class  string // of the style sheet
	Lists  []pageList
}

type pageList struct {
	Title    string
	Problems []server.Problem
}

func pageOf(r *server.Report) page {
	p := page{Report: r, Version: version}
	for i, v := range r.Channels {
		c := pageChannel{Verdict: v, Number: i + 1, Class: map[server.Outcome]string{server.RunsUnchanged: "ok", server.RunsDifferent: "differs", server.WillNotRun: "no"}[v.Runs]}
		lists := []pageList{{Title: "Will not run, because"}, {Title: "Runs differently"}, {"Should not stay as it is", v.Warnings},
			{"Scripts reach", v.Reaches}, {Title: "Kept without effect"}}
		for _, reason := range v.Reasons {
			to := map[mirth.Severity]int{mirth.Blocks: 0, mirth.Difference: 1, mirth.Info: 4}[reason.Severity]
			lists[to].Problems = append(lists[to].Problems, reason)
		}
		for _, l := range lists {
			if len(l.Problems) > 0 {
				c.Lists = append(c.Lists, l)
			}
		}
		p.Channels = append(p.Channels, c)
	}
	return p
}
