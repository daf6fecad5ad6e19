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
var historyFiles = map[string]string{history.Libraries: librariesFile, history.Scripts: scriptsFile, history.Alerts: alertsFile}

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

// Restore saves a library, an alert or the global scripts as they once were, with a
// new revision.
func (a *API) Restore(ctx context.Context, kind string, doc *mirth.Node, by history.By) error {
	name, ok := historyFiles[kind]
	if !ok {
		return fmt.Errorf("%s cannot be restored", kind)
	}
	a.changing.Lock()
	defer a.changing.Unlock()
	next := inOrder(doc)
	if kind != history.Scripts {
		var err error
		if next, err = a.kept(name, emptyList); err != nil {
			return err
		}
		last := revision(item(next, doc.TextAt("id")))
		if kind == history.Libraries {
			doc.SetText("revision", strconv.Itoa(max(last, revision(doc))+1)).Put(calendar("lastModified", a.now()))
		}
		next.Children = slices.DeleteFunc(next.Children, func(o *mirth.Node) bool { return o.TextAt("id") == doc.TextAt("id") })
		byName(next.Add(doc))
	}
	return a.engine.Keep(context.WithoutCancel(ctx), by, map[string][]byte{name: file(next)})
}
