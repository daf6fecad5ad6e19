package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/store"
)

// Messages out of the engine as documents, and in again.

// whole reads a message with all that a document has of it. restore makes what is not
// kept because it follows from the rest, see [Server.restorer].
func (s *Server) whole(ctx context.Context, d *deployed, id int64, attachments bool, restore func(*weir.Message)) (*messagefile.Message, error) {
	m, err := s.store.Message(ctx, d.config.ID, id)
	if err != nil {
		return nil, err
	}
	restore(m)
	pipeline.DecodeMaps(m)
	out := &messagefile.Message{Message: m, ServerID: s.doors.id, ChannelName: d.config.Name}
	if !attachments {
		return out, nil
	}
	list, err := s.store.Attachments(ctx, d.config.ID, id)
	if err != nil {
		return nil, err
	}
	size := int64(0)
	for _, info := range list {
		if size += info.Size; size > messagefile.MaxAttachments {
			return nil, &weir.Fault{Channel: d.config.Name, MessageID: id, Err: fmt.Errorf("its attachments have more than the %d MB that a document takes", messagefile.MaxAttachments>>20),
				Hint: "Export it without attachments; weir message show --attachment writes each."}
		}
	}
	for _, info := range list {
		a, err := s.store.Attachment(ctx, d.config.ID, id, info.ID)
		if errors.Is(err, store.ErrNoAttachment) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		out.Attachments = append(out.Attachments, *a)
	}
	return out, nil
}

// restorer makes the contents that are not kept. That takes the channel's data types; of
// one that would not run they are left out.
func (s *Server) restorer(ctx context.Context, d *deployed) func(*weir.Message) {
	if p := s.running(d); p != nil {
		return p.Restore
	}
	if config, err := d.resolved(s.opt); err == nil {
		engine := s.engine()
		engine.GlobalChannel = d.globalMap()
		if p, err := pipeline.New(ctx, config, engine); err == nil {
			return p.Restore
		}
	}
	return func(*weir.Message) {}
}

// eachWhole visits the messages that a query finds, oldest first. One that was removed
// meanwhile is left out.
func (s *Server) eachWhole(ctx context.Context, d *deployed, q api.MessageQuery, attachments bool, visit func(*messagefile.Message) error) error {
	var ids []int64
	err := s.pages(ctx, d, q, func(page []*weir.Message) error {
		if ids = append(ids, idsOf(page)...); len(ids) > api.MaxExport {
			return fmt.Errorf("more than %d messages are selected: export them in parts, with --since and --until", api.MaxExport)
		}
		return nil
	})
	if err != nil {
		return err
	}
	restore := s.restorer(ctx, d)
	for _, id := range slices.Backward(ids) {
		m, err := s.whole(ctx, d, id, attachments, restore)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil {
			err = visit(m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *engineAPI) Export(ctx context.Context, channel string, q api.MessageQuery, how api.Exporting, visit func(doc []byte) error) error {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return err
	}
	count := 0
	err = s.eachWhole(ctx, d, q, !how.Bare, func(m *messagefile.Message) error {
		doc := messagefile.Document(m, true)
		if how.Encrypt {
			if err := messagefile.Encrypt(doc, s.sealExport); err != nil {
				return err
			}
		}
		count++
		return visit(doc.Bytes())
	})
	if count > 0 {
		s.log.Info("Messages were exported", "channel", d.config.Name, "messages", count)
	}
	return err
}

func (e *engineAPI) PutAttachment(ctx context.Context, channel string, id int64, attachment, kind string, content io.Reader) error {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return err
	}
	if row, err := s.row(ctx, d, id); err != nil || row == nil {
		return errors.Join(err, fmt.Errorf("%w message %d in channel %s", api.ErrUnknown, id, d.config.Name))
	}
	blob, err := s.store.KeepBlob(ctx, d.config.ID, content, d.config.Properties.EncryptAttachments)
	if err == nil {
		if err = s.store.PutLarge(ctx, d.config.ID, id, &store.Large{ID: attachment, Type: kind, Blob: *blob}); err != nil {
			err = errors.Join(err, s.store.DropBlob(context.WithoutCancel(ctx), blob.Loose(d.config.ID)))
		}
	}
	if err != nil {
		return &weir.Fault{Channel: d.config.Name, MessageID: id, Err: fmt.Errorf("message %d: attachment %s was not kept: %w", id, attachment, err)}
	}
	return nil
}

// exportPlace binds what exports encrypt, as scriptPlace does for scripts.
const exportPlace = "export"

func (s *Server) sealExport(plain []byte) ([]byte, error)  { return s.keys.Seal(plain, exportPlace) }
func (s *Server) openExport(sealed []byte) ([]byte, error) { return s.keys.Open(sealed, exportPlace) }

func (e *engineAPI) Import(ctx context.Context, channel string, from io.Reader, how api.Importing) (out api.Outcome, err error) {
	s := (*Server)(e)
	d, p, err := s.deployedChannel(channel)
	if err != nil {
		return out, err
	}
	defer func() {
		if out.Done > 0 {
			s.log.Info("Messages were imported", "channel", d.config.Name, "messages", out.Done)
		}
	}()
	r := messagefile.NewReader(from, 0)
	for {
		m, err := r.Message(s.openExport)
		if err == io.EOF {
			return out, nil
		}
		bad := new(messagefile.DocumentError)
		if err != nil && !errors.As(err, &bad) {
			return out, fmt.Errorf("ended after %d messages: %w", out.Done, err)
		}
		var id int64
		if err == nil {
			id, err = p.Import(context.WithoutCancel(ctx), pipeline.Imported{Message: m.Message, Attachments: m.Attachments, Once: how.Once})
		}
		switch {
		case errors.Is(err, pipeline.ErrImported):
			out.There++
			out.List(id)
		case err != nil:
			if out.Failed++; out.Failed == 1 {
				out.Problem = err.Error()
			}
		default:
			out.Done++
			out.List(id)
		}
	}
}
