package mirthapi

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/history"
	"github.com/weir-health/weir/internal/mirth"
)

// historyFiles are the files whose items have a history.
var historyFiles = map[string]string{history.Libraries: librariesFile, history.Scripts: scriptsFile, history.Alerts: alertsFile,
	history.Groups: groupsFile, history.Tags: tagsFile, history.Configuration: configurationFile, history.Dependencies: dependenciesFile}

// HistoryFile is the file of the API with what is of a kind, "" where there is none.
func HistoryFile(kind string) string { return historyFiles[kind] }

// HistoryKind is the kind of what a file of the API holds, "" where it has no
// history of its own.
func HistoryKind(file string) string {
	for kind, name := range historyFiles {
		if name == file {
			return kind
		}
	}
	return ""
}

// GlobalScripts are global scripts as clients read them.
func GlobalScripts(g weir.GlobalScripts) *mirth.Node {
	n := mirth.El("map")
	for name, code := range map[string]string{"Deploy": g.Deploy, "Undeploy": g.Undeploy, "Preprocessor": g.Preprocessor, "Postprocessor": g.Postprocessor} {
		if code != "" {
			n.Add(entry(name, mirth.Leaf("string", code)))
		}
	}
	return inOrder(n)
}

// Restore saves a library, an alert, the global scripts or another document as they
// once were, with a new revision.
func (a *API) Restore(ctx context.Context, kind string, doc *mirth.Node, by history.By) error {
	name, ok := historyFiles[kind]
	if !ok {
		return fmt.Errorf("%s cannot be restored", kind)
	}
	a.changing.Lock()
	defer a.changing.Unlock()
	next := doc
	if kind == history.Scripts {
		next = inOrder(doc)
	}
	if _, single := history.Singles[kind]; !single {
		absent := emptyList
		if kind == history.Tags {
			absent = emptySet
		}
		var err error
		if next, err = a.kept(name, absent); err != nil {
			return err
		}
		last := revision(item(next, doc.TextAt("id")))
		if kind == history.Libraries || kind == history.Groups {
			doc.SetText("revision", strconv.Itoa(max(last, revision(doc))+1)).Put(calendar("lastModified", a.now()))
		}
		next.Children = slices.DeleteFunc(next.Children, func(o *mirth.Node) bool { return o.TextAt("id") == doc.TextAt("id") })
		byName(next.Add(doc))
	}
	own, err := a.withoutGiven(name, file(next))
	if err != nil {
		return err
	}
	return a.engine.Keep(context.WithoutCancel(ctx), by, map[string][]byte{name: own})
}
