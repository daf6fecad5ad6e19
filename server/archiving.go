package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/store"
)

// inline is how large an attachment may be that stands in the document of its message, in
// bytes. What is larger goes into files of its own, piece by piece.
const inline = 4 << 20

// document is what the archive gets of a message. What stands apart of it is in the archive
// already.
func (p *pruning) document(ctx context.Context, id int64) ([]byte, error) {
	channel := p.d.config.ID
	m, err := p.s.whole(ctx, p.d, id, false, p.restore)
	if err != nil {
		return nil, err
	}
	list, err := p.s.store.Attachments(ctx, channel, id)
	if err != nil {
		return nil, err
	}
	together := int64(0)
	for _, a := range list {
		if a.Size > inline || together+a.Size > messagefile.MaxAttachments {
			apart, err := p.apart(ctx, m.Received, id, a)
			if errors.Is(err, store.ErrNoAttachment) {
				continue // removed meanwhile
			}
			if err != nil {
				return nil, err
			}
			m.Apart = append(m.Apart, apart)
			continue
		}
		together += a.Size
		whole, err := p.s.store.Attachment(ctx, channel, id, a.ID)
		if errors.Is(err, store.ErrNoAttachment) {
			continue
		}
		if err != nil {
			return nil, err
		}
		m.Attachments = append(m.Attachments, *whole)
	}
	doc := messagefile.Document(m, true).Bytes()
	if len(doc) > messagefile.MaxDocument {
		return nil, &weir.Fault{Channel: p.d.config.Name, MessageID: id, Err: fmt.Errorf("message %d has %d MB, more than the %d MB that a document takes", id, len(doc)>>20, messagefile.MaxDocument>>20),
			Hint: "Remove it with weir message remove when it is not needed any longer."}
	}
	return doc, nil
}

// apart archives an attachment in files of its own.
func (p *pruning) apart(ctx context.Context, received time.Time, id int64, a store.AttachmentInfo) (out messagefile.Apart, err error) {
	large, content, err := p.s.store.OpenAttachment(ctx, p.d.config.ID, id, a.ID)
	if err != nil {
		return out, err
	}
	defer content.Close()
	return p.to.Apart(ctx, p.d.config.ID, received, id, a.ID, large.Type, content)
}
