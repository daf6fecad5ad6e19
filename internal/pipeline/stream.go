package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/internal/attach"
	"github.com/weir-health/weir/internal/store"
)

// A message may be too large for memory. Its content then goes to the store as it is
// read and is an attachment, and its text is the token of that: what the attachment
// handler Entire Message does to every message. Channels that have no handler do so too
// where nobody can tell: no step reads the content, and destinations send it as a whole.

const (
	// DefaultStreamAbove is the size in bytes above which a message is not held in memory,
	// where its channel allows that.
	DefaultStreamAbove = 4 << 20
	// DefaultHoldAtMost is the most that is held in memory of one message, in bytes.
	DefaultHoldAtMost = 512 << 20

	// headSize is how much of a content that nobody holds can be looked at where the
	// engine itself needs to: the MSH segment for an acknowledgment.
	headSize = 64 << 10
)

// streaming is what a channel does with contents that are too large for memory.
type streaming struct {
	whole     attach.Whole // the handler that makes an attachment of all of a message
	automatic bool         // there is no handler, and need not be one
	changes   string       // bytes at which data types would change what passes; see held
}

// compileStreaming comes when all else is compiled.
func (c *Channel) compileStreaming() {
	s := &c.streaming
	if c.sourceSettings.ProcessBatch || c.duplicates.readsContent() {
		return
	}
	s.whole, _ = c.attachments.(attach.Whole)
	if c.attachments != nil || !c.keeps.rows || !c.keeps.source[weir.Raw] {
		return
	}
	if c.preprocessor != nil || c.postprocessor != nil || len(c.sourceScripts) > 0 || namesContent(c.Config.Source.Settings, "", nil) {
		return
	}
	var ok bool
	if s.changes, ok = c.sourceExec.ChangesAt(); !ok {
		return
	}
	for _, d := range c.destinations {
		changes, ok := d.exec.ChangesAt()
		if !ok || d.response != nil && d.response.Active() || len(d.scripts) > 0 || !d.settings.ReattachAttachments || !d.sendsWhole() {
			return
		}
		s.changes += changes
	}
	s.automatic = true
}

// readsContent reports whether the key of a message is made from its content.
func (d *duplicateKeys) readsContent() bool {
	return d.script != nil || d.By != "" && d.By != connector.DuplicatesOff
}

// sendsWhole reports whether the destination's settings have the content as a whole or
// not at all.
func (d *destination) sendsWhole() bool {
	known := map[string]bool{}
	for _, t := range d.templates {
		known[t.name] = true
		if t.text != "${message.encodedData}" && t.text != "${message.rawData}" && readsContent(t.text) {
			return false
		}
	}
	return !namesContent(d.cfg.Settings, "", known)
}

// namesContent reports whether the content is named in settings other than those that
// are known: some are templates in lists and maps, others a connector's own affair.
func namesContent(g config.Group, in string, known map[string]bool) bool {
	for _, s := range g {
		if !known[in+s.Name] && readsContent(s.Text) || namesContent(s.Group, in+s.Name+".", known) {
			return true
		}
	}
	return false
}

// readsContent reports whether a text may refer to a content.
func readsContent(template string) bool {
	if !strings.Contains(template, "$") {
		return false
	}
	for _, name := range []string{"awData", "ncodedData", "ransformedData", "HASH", "JsonUtil", "XmlUtil"} {
		if strings.Contains(template, name) {
			return true
		}
	}
	return false
}

// streams reports whether contents go through the channel now without being held.
func (c *Channel) streams() bool {
	if c.streaming.whole != nil {
		return true
	}
	g := c.globalScripts() // which may be changed while the channel runs
	return c.streaming.automatic && (g == nil || g.Preprocessor == nil && g.Postprocessor == nil)
}

// streamAbove is what the source is told.
func (c *Channel) streamAbove() int64 {
	if !c.streams() {
		return 0
	}
	return c.engine.streamAbove()
}

func (e *Engine) streamAbove() int64 {
	if e.StreamAbove == 0 {
		return DefaultStreamAbove
	}
	return max(e.StreamAbove, 0)
}

func (e *Engine) holdAtMost() int64 {
	if e.HoldAtMost == 0 {
		return DefaultHoldAtMost
	}
	return e.HoldAtMost
}

// fits refuses a message that may not be held in memory.
func (c *Channel) fits(size int64) error {
	limit := c.engine.holdAtMost()
	if size <= limit {
		return nil
	}
	return c.fault("Source", &weir.Fault{
		Err:  weir.Unusable(fmt.Errorf("the message has more than the %d MB that are held in memory, and the channel reads its content as a whole", limit>>20)),
		Hint: "Choose the attachment handler Entire Message, so that the content goes through without being held, or raise the limit with --hold-at-most.",
	})
}

// hold reads a content into memory, for a channel that cannot do without.
func (c *Channel) hold(in *weir.Inbound) error {
	limit := c.engine.holdAtMost()
	var text strings.Builder
	n, err := io.Copy(&text, io.LimitReader(in.Stream, limit+1))
	if err != nil {
		return c.fault("Source", fmt.Errorf("the message was not received completely: %w", err))
	}
	in.Text, in.Stream = text.String(), nil
	return c.fits(n)
}

// takeStream makes an attachment of a content that nobody holds, and its token the
// message's text. What it returns is kept already, and is the message's with its first
// save; drop is for what does not come to that.
func (c *Channel) takeStream(ctx context.Context, in *weir.Inbound) (large []store.Large, head string, err error) {
	run := c.running()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(run.ctx, cancel)()
	content := &watched{Reader: in.Stream, wanted: c.streaming.changes}
	in.Stream = nil
	a := store.Large{ID: newUUID(), Type: attach.DefaultType}
	p := &c.Config.Properties
	encrypt := p.EncryptAttachments
	if c.streaming.whole != nil {
		a.Type = c.streaming.whole.Whole(in.SourceMap)
		if !p.StoreAttachments || !c.keeps.rows {
			n, err := io.Copy(io.Discard, content)
			if err == nil && n > 0 {
				in.Text = token(a.ID)
			}
			return nil, "", c.notReceived(err)
		}
	} else {
		encrypt = encrypt || p.EncryptData // it is the message's content
	}
	blob, err := c.store.KeepBlob(ctx, c.Config.ID, content, encrypt)
	if err != nil {
		if run.ctx.Err() != nil {
			err = errHalted
		}
		return nil, "", c.notReceived(err)
	}
	a.Blob = *blob
	large = []store.Large{a}
	switch {
	case blob.Size == 0: // as the handler does
		c.drop(large)
		return nil, "", nil
	case c.streaming.whole == nil && content.seen:
		defer c.drop(large)
		return nil, "", c.readBack(ctx, in, &a)
	}
	in.Text = token(a.ID)
	if c.streaming.whole == nil {
		head = content.head.String()
	}
	return large, head, nil
}

func token(id string) string { return (&weir.Attachment{ID: id}).Token() }

func (c *Channel) notReceived(err error) error {
	if err == nil {
		return nil
	}
	return c.fault("Source", weir.WithHint(fmt.Errorf("the message was not kept: %w", err), "",
		"It is not acknowledged, so that the sender sends it again; see to the connection and the store."))
}

// readBack takes a content into memory after all, since a data type changes it in
// passing, as HL7V2 does to line breaks.
func (c *Channel) readBack(ctx context.Context, in *weir.Inbound, a *store.Large) error {
	if err := c.fits(a.Size); err != nil {
		return err
	}
	var text strings.Builder
	text.Grow(int(a.Size))
	r, err := c.store.OpenBlob(ctx, c.Config.ID, &a.Blob)
	if err == nil {
		_, err = io.Copy(&text, r)
		r.Close()
	}
	in.Text = text.String()
	return c.notReceived(err)
}

// drop removes contents of a message that is not kept.
func (c *Channel) drop(large []store.Large) {
	for i := range large {
		if err := c.store.DropBlob(context.Background(), large[i].Loose(c.Config.ID)); err != nil {
			c.log.Warn("The content of a message that was not kept could not be removed yet", "error", err)
		}
	}
}

// watched is a content on its way that remembers how it began, and whether it had one of
// the wanted bytes.
type watched struct {
	io.Reader
	wanted string
	seen   bool
	head   bytes.Buffer
}

func (r *watched) Read(p []byte) (n int, err error) {
	n, err = r.Reader.Read(p)
	if room := headSize - r.head.Len(); room > 0 {
		r.head.Write(p[:min(n, room)])
	}
	for i := 0; i < len(r.wanted) && !r.seen; i++ {
		r.seen = bytes.IndexByte(p[:n], r.wanted[i]) >= 0
	}
	return n, err
}

// headOf is the text of a message, or how its content begins where that is not held: it
// is enough for what data types find at the beginning. Of what the handler Entire Message
// has taken out nobody sees anything, as in Mirth.
func (c *Channel) headOf(w *work, text string) string {
	if !c.streaming.automatic {
		return text
	}
	id, ok := attach.Alone(text)
	if !ok {
		return text
	}
	if w.head != "" {
		return w.head
	}
	_, r, err := c.store.OpenAttachment(context.Background(), w.m.ChannelID, w.m.ID, id)
	if err != nil {
		return text
	}
	defer r.Close()
	head, err := io.ReadAll(io.LimitReader(r, headSize))
	if err != nil {
		return text
	}
	return string(head)
}

// stream returns a text with attachments put back, to be read piece by piece, if the
// attachments in it are too large to be put into a text.
func (d *destination) stream(ctx context.Context, cm *weir.ConnectorMessage, text string) (*weir.Stream, bool, error) {
	c := d.c
	if !attach.Has(text) || !d.settings.ReattachAttachments || !attach.PutsBackUnchanged(c.attachments) {
		return nil, false, nil
	}
	t := attach.Tokens{ChannelID: cm.ChannelID, MessageID: cm.MessageID}
	pieces, ok := t.Pieces(text)
	if !ok {
		return nil, false, nil
	}
	var size, attached int64
	for i := range pieces {
		p := &pieces[i]
		if p.ID == "" {
			size += int64(len(p.Text))
			continue
		}
		a, err := c.store.Large(ctx, p.ChannelID, p.MessageID, p.ID)
		if errors.Is(err, store.ErrNoAttachment) {
			p.ID = "" // it gives nothing
			continue
		}
		if err != nil {
			return nil, false, fmt.Errorf("put attachments back: %w", err)
		}
		attached += a.Size
	}
	if attached <= c.engine.streamAbove() {
		return nil, false, nil
	}
	return &weir.Stream{Size: size + attached, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return &together{ctx: ctx, store: c.store, pieces: pieces}, nil
	}}, true, nil
}

// together reads pieces one after another.
type together struct {
	ctx    context.Context
	store  store.Store
	pieces []attach.Piece // what is not opened yet
	open   io.ReadCloser
}

func (t *together) Read(p []byte) (n int, err error) {
	for {
		if t.open == nil {
			if len(t.pieces) == 0 {
				return 0, io.EOF
			}
			if err := t.next(); err != nil {
				return 0, err
			}
		}
		n, err = t.open.Read(p)
		if err == io.EOF {
			err = t.Close()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (t *together) next() (err error) {
	piece := t.pieces[0]
	t.pieces = t.pieces[1:]
	t.open = io.NopCloser(strings.NewReader(piece.Text))
	if piece.ID != "" {
		_, t.open, err = t.store.OpenAttachment(t.ctx, piece.ChannelID, piece.MessageID, piece.ID)
	}
	return err
}

func (t *together) Close() (err error) {
	if t.open != nil {
		err = t.open.Close()
		t.open = nil
	}
	return err
}

// reopened hands a stored content over again without holding it, where a text stands for
// one that is too large, and all of the text does.
func (c *Channel) reopened(ctx context.Context, m *weir.Message, text string) (io.ReadCloser, error) {
	id, ok := attach.Alone(text)
	if !ok {
		return nil, nil
	}
	a, err := c.store.Large(ctx, m.ChannelID, m.ID, id)
	switch {
	case errors.Is(err, store.ErrNoAttachment):
		return nil, nil
	case err != nil || a.Size <= c.engine.streamAbove():
		return nil, err
	}
	_, content, err := c.store.OpenAttachment(ctx, m.ChannelID, m.ID, id)
	return content, err
}
