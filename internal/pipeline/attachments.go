package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/attach"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

// compileAttachments makes the channel's attachment handler.
func (c *Channel) compileAttachments() (err error) {
	c.attachments, err = attach.New(c.Config.Properties.AttachmentHandler, attach.Env{
		Replace: func(text string, sourceMap map[string]any) string { return c.Replace(nil, text, sourceMap) },
		Script:  c.attachmentScript,
	})
	c.extracting = make(chan struct{}, c.sourceSettings.ProcessingThreads)
	return err
}

func (c *Channel) attachmentScript(code string) (attach.Script, error) {
	p, err := c.compileScript("attachment script", "CHANNEL_ATTACHMENT", code)
	if err != nil {
		return nil, err
	}
	p.Limits.Time = c.engine.ScriptTime
	c.attaching = p
	return func(ctx context.Context, m attach.Message) (string, []weir.Attachment, error) {
		added := script.NewAttachmentList()
		v, err := p.Run(ctx, c.scope(nil, script.Scope{
			Context: "CHANNEL_ATTACHMENT", SourceMap: m.SourceMap,
			Vars: map[string]any{"message": m.Text, "binary": m.Binary, "mirth_attachments": added},
		}))
		if err != nil {
			return "", nil, err
		}
		text := m.Text
		if v != nil { // a script that returns nothing leaves the message alone
			text = textOf(v)
		}
		return text, script.AttachmentsIn(added), nil
	}, nil
}

// extract takes the attachments out of a message, before it has an id and before
// anything of it is kept. As many messages at once as the channel has processing
// threads: the script may count on being alone where there is one.
func (c *Channel) extract(ctx context.Context, in *weir.Inbound) (taken extracted, err error) {
	if in.Stream != nil {
		if c.streams() {
			taken.large, taken.head, err = c.takeStream(ctx, in)
			if err != nil || in.Text == "" || len(taken.large) > 0 || c.streaming.whole != nil {
				return taken, err
			}
		} else if err := c.hold(in); err != nil { // since Receive has asked, global scripts have come
			return taken, err
		}
	}
	taken.list, err = c.extractText(ctx, in)
	return taken, err
}

// extracted is what was taken out of a message, until that is kept.
type extracted struct {
	list  []weir.Attachment
	large []store.Large // their contents are kept already
	head  string        // how the content begins that nobody holds
}

func (c *Channel) extractText(ctx context.Context, in *weir.Inbound) (taken []weir.Attachment, err error) {
	if c.attachments == nil {
		return nil, nil
	}
	run := c.running()
	select {
	case c.extracting <- struct{}{}:
		defer func() { <-c.extracting }()
	case <-ctx.Done():
		return nil, c.fault("Source", ctx.Err())
	}
	defer func() {
		if p := recover(); p != nil {
			c.failure("Source", 0, p)
			taken, err = nil, c.fault("Source", weir.Unusable(errors.New("the attachment handler failed in a way it should not")))
		}
	}()
	if in.SourceMap == nil {
		in.SourceMap = map[string]any{}
	}
	text, taken, err := c.attachments.Extract(run.ctx, attach.Message{Text: in.Text, Binary: in.Binary, SourceMap: in.SourceMap})
	if err == nil {
		err = checkTaken(taken)
	}
	switch {
	case err != nil && run.ctx.Err() != nil:
		return nil, c.fault("Source", errHalted)
	case err != nil:
		c.tell(AttachmentHandlerError, &weir.ConnectorMessage{ConnectorName: "Source"}, "Attachment handler error", err)
		return nil, c.fault("Source", weir.Unusable(fmt.Errorf("attachments cannot be taken out of the message: %w", err)))
	}
	in.Text = text
	if !c.Config.Properties.StoreAttachments {
		return nil, nil
	}
	for i := range taken {
		taken[i].Encrypted = c.Config.Properties.EncryptAttachments
	}
	return taken, nil
}

// checkTaken refuses more attachments, and larger ones, than can be kept.
func checkTaken(taken []weir.Attachment) error {
	for i := range taken {
		if len(taken[i].Content) > store.MaxAttachment {
			return weir.WithHint(fmt.Errorf("an attachment has %d MB, more than the %d MB that can be kept", len(taken[i].Content)>>20, store.MaxAttachment>>20),
				"attachmentProperties", "Let the sender split it.")
		}
	}
	return attach.Check(taken)
}

// Reattach replaces the attachment tokens in a text of one of the channel's
// messages.
func (c *Channel) Reattach(ctx context.Context, cm *weir.ConnectorMessage, text string, how script.Reattach) (string, error) {
	var outbound func([]byte) []byte
	if c.attachments != nil {
		outbound = c.attachments.Outbound
	}
	return reattach(ctx, c.store, outbound, cm, text, how, c.engine.holdAtMost())
}

// Reattach is [Channel.Reattach] for a message whose channel is not deployed.
func Reattach(ctx context.Context, s store.Store, cm *weir.ConnectorMessage, text string, how script.Reattach) (string, error) {
	return reattach(ctx, s, nil, cm, text, how, DefaultHoldAtMost)
}

func reattach(ctx context.Context, s store.Store, outbound func([]byte) []byte, cm *weir.ConnectorMessage, text string, how script.Reattach, limit int64) (string, error) {
	var held int64
	t := attach.Tokens{
		ChannelID: cm.ChannelID, MessageID: cm.MessageID, Expand: how.Expand, Local: how.Local, Outbound: outbound,
		Content: func(channelID string, messageID int64, id string) ([]byte, bool, error) {
			info, err := s.Large(ctx, channelID, messageID, id) // its size comes before its content
			if err == nil {
				held += info.Size
				err = store.CheckHeld(held, limit)
			}
			var a *weir.Attachment
			if err == nil {
				a, err = s.Attachment(ctx, channelID, messageID, id)
			}
			if errors.Is(err, store.ErrNoAttachment) {
				return nil, false, nil
			}
			if err != nil {
				return nil, false, err
			}
			return a.Content, true, nil
		},
		DICOM: func() (string, error) {
			all, err := Attachments(ctx, s, cm.ChannelID, cm.MessageID)
			if err != nil {
				return "", err
			}
			return attach.Object(cm, all)
		},
	}
	return t.Replace(text)
}

// Attachments reads all attachments of a message, in order of their ids.
func Attachments(ctx context.Context, s store.Store, channelID string, messageID int64) ([]weir.Attachment, error) {
	infos, err := s.Attachments(ctx, channelID, messageID)
	if err != nil {
		return nil, err
	}
	all := make([]weir.Attachment, 0, len(infos))
	for _, info := range infos {
		a, err := s.Attachment(ctx, channelID, messageID, info.ID)
		if errors.Is(err, store.ErrNoAttachment) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, *a)
	}
	return all, nil
}

// attachTo gives a connector what it needs to put attachments into what it sends,
// and to make some.
func (d *destination) attachTo(ctx context.Context, out *weir.Outbound, cm *weir.ConnectorMessage) {
	out.ReattachStream = func(ctx context.Context, text string) (*weir.Stream, bool, error) {
		return d.stream(ctx, cm, text)
	}
	out.Reattach = func(text string) (string, error) {
		if !attach.Has(text) {
			return text, nil
		}
		text, err := d.c.Reattach(ctx, cm, text, script.Reattach{Expand: !d.settings.ReattachAttachments})
		if err != nil {
			return "", fmt.Errorf("put attachments back: %w", err)
		}
		return text, nil
	}
	if !d.c.keeps.rows {
		return
	}
	out.Attach = func(ctx context.Context, content []byte, mimeType string) (string, error) {
		a := weir.Attachment{ID: newUUID(), Type: mimeType, Content: content, Encrypted: d.c.Config.Properties.EncryptAttachments}
		if err := d.c.store.PutAttachment(ctx, cm.ChannelID, cm.MessageID, &a); err != nil {
			return "", err
		}
		return a.Token(), nil
	}
}
