package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/channelfile"
	"github.com/weir-health/weir/internal/history"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/mirthapi"
)

// Whatever way a channel, library, global script or alert is saved, its text goes
// into the history; what cannot be written there is a line in the log, as the
// change itself has been made.

const historyDir = "history"

// remember keeps revisions.
func (s *Server) remember(list ...history.Saved) {
	if err := s.history.Keep(list...); err != nil {
		s.log.Error("The history cannot be written; the changes have been made", "error", err)
	}
}

func (s *Server) savedChannel(d *deployed, by history.By) history.Saved {
	return history.Saved{Kind: history.Channels, Entry: history.Entry{ID: d.config.ID, Name: d.config.Name, Revision: d.config.Revision, By: by},
		Text: channelfile.Write(&d.config, d.libs, s.opt.types())}
}

// rememberChanges keeps the channels that are not as they were before.
func (s *Server) rememberChanges(before []*deployed, by history.By) {
	was := map[string]*deployed{}
	for _, d := range before {
		was[d.config.ID] = d
	}
	var list []history.Saved
	for _, d := range s.list() {
		old := was[d.config.ID]
		delete(was, d.config.ID)
		if old == d || old != nil && reflect.DeepEqual(old.config, d.config) {
			continue
		}
		list = append(list, s.savedChannel(d, by))
	}
	for id, d := range was {
		list = append(list, history.Saved{Kind: history.Channels, Entry: history.Entry{ID: id, Name: d.config.Name, Revision: d.config.Revision, Removed: true, By: by}})
	}
	s.remember(list...)
}

// rememberAll keeps what was found at the start, where it is not what was kept last:
// files may have changed while the engine stood still.
func (s *Server) rememberAll(ctx context.Context) {
	by := history.By{How: "found at start"}
	for part := range slices.Chunk(s.list(), 50) {
		s.changing.Lock() // or a change that is made meanwhile would come before
		var list []history.Saved
		for _, d := range part {
			if ctx.Err() == nil && s.byID(d.config.ID) == d {
				list = append(list, s.savedChannel(d, by))
			}
		}
		s.remember(list...)
		s.changing.Unlock()
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	s.rememberFiles(s.imports, s.globalDeploy.source, by)
}

// rememberFiles keeps what stands in channel files beside channels.
func (s *Server) rememberFiles(imports map[string]*mirth.Import, global weir.GlobalScripts, by history.By) {
	var list []history.Saved
	for _, kind := range history.Kinds {
		name := mirthapi.HistoryFile(kind)
		if _, single := history.Singles[kind]; single || name == "" {
			continue
		}
		items := mirth.El("list")
		for _, file := range slices.Sorted(maps.Keys(imports)) {
			if im := imports[file]; im.Kind != "channel" { // what that holds belongs to the text of the channel
				items.Add(mirthapi.GivenBy(name, im).Items()...)
			}
		}
		list = append(list, savedItems(kind, items, by)...)
		list = append(list, s.removedItems(kind, items, by)...)
	}
	if global != (weir.GlobalScripts{}) {
		list = append(list, savedSingle(history.Scripts, mirthapi.GlobalScripts(global), by))
	}
	for _, kind := range []string{history.Configuration, history.Dependencies} {
		if doc := s.allOf(kind, nil); doc != nil && len(doc.Children) > 0 {
			list = append(list, savedSingle(kind, doc, by))
		}
	}
	s.remember(list...)
}

// allOf is the document of a kind: what is kept, or is given here, with what channel
// files hold. It is nil where that cannot be read.
func (s *Server) allOf(kind string, kept *mirth.Node) *mirth.Node {
	e, name := (*mirthEngine)(s), mirthapi.HistoryFile(kind)
	if kept == nil {
		kept = mirth.El(map[string]string{history.Configuration: "map", history.Dependencies: "set", history.Tags: "set"}[kind])
		data, err := e.Kept(name)
		if err == nil && data != nil {
			kept, err = mirth.ParseDocument(data, mirthapi.MaxWhole)
		}
		if err != nil {
			s.log.Error("The history is not written of a file that cannot be read", "file", name, "error", err)
			return nil
		}
	}
	return mirthapi.WithGiven(kept, e.Given(name))
}

func savedSingle(kind string, doc *mirth.Node, by history.By) history.Saved {
	return history.Saved{Kind: kind, Entry: history.Entry{ID: history.Global, Name: history.Singles[kind], By: by}, Text: doc.Bytes()}
}

// savedItems are the items of a document as revisions, each once.
func savedItems(kind string, doc *mirth.Node, by history.By) (list []history.Saved) {
	there := map[string]bool{}
	for _, item := range doc.Items() {
		id := item.TextAt("id")
		if there[id] {
			continue
		}
		there[id] = true
		e := history.Entry{ID: id, Name: item.TextAt("name"), By: by}
		fmt.Sscanf(item.TextAt("revision"), "%d", &e.Revision)
		list = append(list, history.Saved{Kind: kind, Entry: e, Text: item.Bytes()})
	}
	return list
}

// rememberDocument keeps the items of a document that the Mirth API has written.
func (s *Server) rememberDocument(name string, data []byte, by history.By) {
	kind := mirthapi.HistoryKind(name)
	if kind == "" {
		return
	}
	doc := mirth.El("list")
	if data != nil {
		var err error
		if doc, err = mirth.ParseDocument(data, mirthapi.MaxWhole); err != nil {
			s.log.Error("The history cannot be written; the change has been made", "kind", kind, "error", err)
			return
		}
	}
	if _, single := history.Singles[kind]; single {
		if kind != history.Scripts {
			doc = s.allOf(kind, doc)
		}
		s.remember(savedSingle(kind, doc, by))
		return
	}
	s.remember(append(savedItems(kind, doc, by), s.removedItems(kind, doc, by)...)...)
}

// removedItems are those of which the history does not know yet that they are gone:
// they are neither in this document nor kept or in a channel file.
func (s *Server) removedItems(kind string, doc *mirth.Node, by history.By) (list []history.Saved) {
	known, err := s.history.Objects(kind)
	if err != nil {
		s.log.Error("The history cannot be read", "kind", kind, "error", err)
		return nil
	}
	var elsewhere *mirth.Node
	has := func(n *mirth.Node, id string) bool {
		return slices.ContainsFunc(n.Items(), func(i *mirth.Node) bool { return i.TextAt("id") == id })
	}
	for _, e := range known {
		if e.Removed || has(doc, e.ID) {
			continue
		}
		if elsewhere == nil {
			if elsewhere = s.allOf(kind, nil); elsewhere == nil {
				return nil
			}
		}
		if !has(elsewhere, e.ID) {
			list = append(list, history.Saved{Kind: kind, Entry: history.Entry{ID: e.ID, Name: e.Name, Revision: e.Revision, Removed: true, By: by}})
		}
	}
	return list
}

// object finds an object of the history by id or by the name it has or had last.
func (s *Server) object(kind, name string) (history.Entry, error) {
	if !slices.Contains(history.Kinds, kind) {
		return history.Entry{}, fmt.Errorf("%w kind %q: there are %s", api.ErrUnknown, kind, strings.Join(history.Kinds, ", "))
	}
	list, err := s.history.Objects(kind)
	if err != nil {
		return history.Entry{}, err
	}
	for _, by := range []func(history.Entry) string{func(e history.Entry) string { return e.ID }, func(e history.Entry) string { return e.Name }} {
		// One that is there goes before one of the same name that was removed.
		for _, removed := range []bool{false, true} {
			for _, e := range list {
				if by(e) == name && e.Removed == removed {
					return e, nil
				}
			}
		}
	}
	return history.Entry{}, fmt.Errorf("%w object %q: the history has nothing of it among the %s; see what it has with weir history list %s", api.ErrUnknown, name, kind, kind)
}

func (e *engineAPI) History(kind, name string) ([]history.Entry, error) {
	s := (*Server)(e)
	if name == "" {
		return s.history.Objects(kind)
	}
	o, err := s.object(kind, name)
	if err != nil {
		return nil, err
	}
	return s.history.Entries(kind, o.ID)
}

func (e *engineAPI) Revision(kind, name string, number int) (history.Entry, []byte, error) {
	s := (*Server)(e)
	o, err := s.object(kind, name)
	if err != nil {
		return o, nil, err
	}
	found, text, err := s.history.Get(kind, o.ID, number)
	if errors.Is(err, history.ErrUnknown) {
		err = fmt.Errorf("%w revision %d of %s; see them with weir history list %s %q", api.ErrUnknown, number, o.Name, kind, o.Name)
	}
	return found, text, err
}

// Rollback saves a revision again, as the newest one.
func (e *engineAPI) Rollback(ctx context.Context, kind, name string, number int, by history.By) error {
	s := (*Server)(e)
	found, text, err := e.Revision(kind, name, number)
	if err != nil {
		return err
	}
	if found.Removed {
		return &weir.Fault{Err: fmt.Errorf("with revision %d %s was removed", number, found.Name), Hint: "Go back to the one before."}
	}
	by.How = fmt.Sprintf("rollback to %d", number)
	if kind != history.Channels {
		doc, err := mirth.ParseDocument(text, mirthapi.MaxWhole)
		if err != nil {
			return err
		}
		return s.mirth.Restore(ctx, kind, doc, by)
	}
	f, err := channelfile.Read(text, nil, s.opt.types())
	if err != nil {
		return err
	}
	list, err := s.history.Entries(kind, found.ID)
	if err != nil {
		return err
	}
	// Mirth's clients tell by revision and time of change whether theirs is the newest.
	for _, e := range list {
		f.Channel.Revision = max(f.Channel.Revision, e.Revision)
	}
	f.Channel.Revision++
	f.Channel.Extra = without(f.Channel.Extra, "exportData", "metadata", "lastModified")
	_, err = e.Apply(ctx, channelfile.Write(f.Channel, f.Libraries, s.opt.types()), by)
	return err
}

// without is a group without one setting.
func without(g config.Group, path ...string) config.Group {
	var out config.Group
	for _, set := range g {
		if set.Name == path[0] {
			if len(path) == 1 {
				continue
			}
			set.Group = without(set.Group, path[1:]...)
		}
		out = append(out, set)
	}
	return out
}
