package archive

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/store"
)

// Reader reads an archive.
type Reader struct {
	Place Place
	keys  []age.Identity
}

// NewReader opens an archive for reading. keys is the text of a file with keys of age,
// nil where nothing is encrypted.
func NewReader(ctx context.Context, where string, keys []byte) (*Reader, error) {
	r := &Reader{}
	var err error
	if keys != nil {
		if r.keys, err = identitiesOf(keys); err != nil {
			return nil, err
		}
	}
	r.Place, err = OpenPlace(ctx, where)
	return r, err
}

// Channel is a channel that an archive has messages of.
type Channel struct{ ID, Name string }

// Channels lists the channels by their ids.
func (r *Reader) Channels(ctx context.Context) ([]Channel, error) {
	names, err := r.Place.List(ctx, "")
	if err != nil {
		return nil, err
	}
	var list []Channel
	for _, folder := range names {
		folder, ok := strings.CutSuffix(folder, "/")
		id, err := url.PathUnescape(folder)
		if !ok || err != nil {
			continue
		}
		c := Channel{ID: id}
		if f, err := r.Place.Get(ctx, path.Join(folder, nameFile)); err == nil {
			text, _ := io.ReadAll(io.LimitReader(f, 4096))
			f.Close()
			c.Name = strings.TrimSpace(string(text))
		}
		list = append(list, c)
	}
	return list, nil
}

// Query selects messages of an archive.
type Query struct {
	Channel      string // id or name; "" is all
	Since, Until time.Time
	ID           int64 // that it has, or had when it was imported; 0 is all

	Control, Patient, Order string        // of HL7 v2, as an engine finds them
	Statuses                []weir.Status // any connector with one of these
	Text                    string        // in any content, in upper or lower case
}

// Message is a message as an archive has it.
type Message struct {
	*messagefile.Message
	Document []byte // good until visit returns
	File     string
}

// Each visits the messages that a query selects, each once however often it was written:
// channel by channel, day by day, as they were written.
func (r *Reader) Each(ctx context.Context, q Query, visit func(*Message) error) error {
	channels, err := r.Channels(ctx)
	if err != nil {
		return err
	}
	found := false
	for _, c := range channels {
		if q.Channel != "" && q.Channel != c.ID && q.Channel != c.Name {
			continue
		}
		found = true
		err := r.eachDay(ctx, url.PathEscape(c.ID), q, func(day string) error { return r.day(ctx, day, q, visit) })
		if err != nil {
			return err
		}
	}
	if !found && q.Channel != "" {
		return &weir.Fault{Err: fmt.Errorf("the archive has no channel %q", q.Channel), Hint: "weir archive search without a channel lists what there is."}
	}
	return nil
}

// eachDay visits the folders of days, oldest first.
func (r *Reader) eachDay(ctx context.Context, folder string, q Query, visit func(day string) error) error {
	var walk func(at string, depth int) error
	walk = func(at string, depth int) error {
		names, err := r.Place.List(ctx, at)
		if err != nil {
			return err
		}
		for _, name := range names {
			name, ok := strings.CutSuffix(name, "/")
			if !ok {
				continue
			}
			next := path.Join(at, name)
			if depth < 2 {
				if err := walk(next, depth+1); err != nil {
					return err
				}
				continue
			}
			day, err := time.Parse("2006/01/02", strings.TrimPrefix(next, folder+"/"))
			if err != nil || !q.Since.IsZero() && !day.AddDate(0, 0, 1).After(q.Since) || !q.Until.IsZero() && !day.Before(q.Until) {
				continue
			}
			if err := visit(next); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(folder, 0)
}

// version is what one file has of a message.
type version struct {
	file  int
	place int // in the file
	whole bool
}

type identity struct {
	id       int64
	received int64 // milliseconds
}

// day visits the messages of a day: first it finds out which of a message's versions is
// to be taken, where there are several files.
func (r *Reader) day(ctx context.Context, folder string, q Query, visit func(*Message) error) error {
	names, err := r.Place.List(ctx, folder)
	if err != nil {
		return err
	}
	files := slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, plain) && !strings.HasSuffix(n, secret) })
	best := map[identity]version{}
	if len(files) > 1 {
		for i, name := range files {
			at := 0
			err := r.file(ctx, path.Join(folder, name), func(m *Message) error {
				v := version{i, at, hasContents(m)}
				at++
				if old, ok := best[identityOf(m)]; !ok || v.whole || !old.whole {
					best[identityOf(m)] = v
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	for i, name := range files {
		at := -1
		err := r.file(ctx, path.Join(folder, name), func(m *Message) error {
			at++
			if v, ok := best[identityOf(m)]; ok && (v.file != i || v.place != at) || !q.selects(m) {
				return nil
			}
			return visit(m)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (q *Query) selects(m *Message) bool {
	if q.ID != 0 && q.ID != m.ID && q.ID != m.ImportID || !q.Since.IsZero() && m.Received.Before(q.Since) || !q.Until.IsZero() && !m.Received.Before(q.Until) {
		return false
	}
	if len(q.Statuses) > 0 && !slices.ContainsFunc(m.Connectors, func(cm *weir.ConnectorMessage) bool { return slices.Contains(q.Statuses, cm.Status) }) {
		return false
	}
	if q.Control+q.Patient+q.Order != "" {
		terms := pipeline.TermsOf(m.Connector(0).Text(weir.Raw))
		for kind, value := range map[string]string{store.ControlTerm: q.Control, store.PatientTerm: q.Patient, store.OrderTerm: q.Order} {
			if value != "" && !slices.Contains(terms, store.Term{Kind: kind, Value: value}) {
				return false
			}
		}
	}
	return q.Text == "" || holds(m, strings.ToLower(q.Text))
}

func holds(m *Message, text string) bool {
	for _, cm := range m.Connectors {
		for t := range cm.Contents {
			if strings.Contains(strings.ToLower(cm.Contents[t].Text), text) {
				return true
			}
		}
	}
	return false
}

// identityOf tells messages of a channel apart: one that came back by an import is the
// one that it was.
func identityOf(m *Message) identity {
	id := m.ID
	if m.ImportID != 0 && m.ImportChannelID == "" {
		id = m.ImportID
	}
	return identity{id, m.Received.UnixMilli()}
}

func hasContents(m *Message) bool {
	for _, cm := range m.Connectors {
		for t := range cm.Contents {
			if cm.Contents[t].Set && weir.ContentType(t) != weir.ProcessingError && weir.ContentType(t) != weir.PostprocessorError && weir.ContentType(t) != weir.ResponseError {
				return true
			}
		}
	}
	return false
}

// file visits the messages of one file.
func (r *Reader) file(ctx context.Context, name string, visit func(*Message) error) error {
	f, err := r.Place.Get(ctx, name)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := unpacked(f, name, r.keys)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer z.Close()
	docs := messagefile.NewReader(z, 0)
	for {
		doc, err := docs.Next()
		if err == io.EOF {
			return nil
		}
		var m *messagefile.Message
		if err == nil {
			m, err = messagefile.ParseText(doc, nil)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := visit(&Message{Message: m, Document: doc, File: name}); err != nil {
			return err
		}
	}
}
