package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

// A message may come again: its sender has not got the answer, or an engine was
// killed between handing it over and noting that. What tells it is a key, kept in
// the store beside the message, in the same transaction. While a message with a
// key is on its way, others with the same key wait for what becomes of it.

// duplicateKeys is what a channel knows of keys.
type duplicateKeys struct {
	connector.Duplicates
	script *script.Program // nil unless a script makes the key

	mu     sync.Mutex
	coming map[string]chan struct{} // keys of messages on their way; closed at their end
	swept  time.Time                // when keys were last forgotten
}

// duplicateScript is the setting that holds the script.
const duplicateScript = "weir.duplicateScript"

func (c *Channel) compileDuplicates() (err error) {
	d := &c.duplicates
	d.Duplicates = c.sourceSettings.Duplicates
	if d.By == connector.DuplicatesOff || d.By == "" {
		return nil
	}
	if !c.keeps.rows {
		return &weir.Fault{At: "weir.duplicates", Err: fmt.Errorf("duplicates cannot be told, since message storage %s keeps nothing", c.Config.Properties.Storage),
			Hint: "Choose message storage Metadata or above, or turn the detection off."}
	}
	if inbound := c.Config.Source.Transformer.Inbound; d.By == connector.DuplicatesByControl && inbound != "HL7V2" {
		return &weir.Fault{At: "weir.duplicates", Err: fmt.Errorf("messages of data type %s have no control id", inbound),
			Hint: "Use a script that returns the key."}
	}
	if d.By != connector.DuplicatesByScript {
		return nil
	}
	const context = "CHANNEL_PREPROCESSOR" // it sees what a preprocessor sees
	d.script, err = c.compileScript(duplicateScript, context, d.Script)
	if err == nil {
		d.script.Limits.Time = c.engine.ScriptTime
	}
	return err
}

// keyOf is the key of a message, or "" when nothing tells that it comes again.
func (c *Channel) keyOf(ctx context.Context, in *weir.Inbound) string {
	d := &c.duplicates
	switch {
	case in.Key != "":
		return "handed " + in.Key
	case in.Force: // a user sends it again on purpose
		return ""
	case d.By == connector.DuplicatesByControl:
		return controlKey(in.Text)
	case d.script == nil:
		return ""
	}
	cm := &weir.ConnectorMessage{ChannelID: c.Config.ID, ConnectorName: "Source", Received: c.now(), Status: weir.Received,
		SourceMap: in.SourceMap, ChannelMap: map[string]any{}, ConnectorMap: map[string]any{}, ResponseMap: map[string]any{}}
	cm.Set(weir.Raw, in.Text, c.sourceExec.InboundName())
	v, err := d.script.Run(ctx, c.scope(cm, script.Scope{Context: "CHANNEL_PREPROCESSOR", Vars: map[string]any{"message": in.Text}}))
	if err != nil {
		// Twice is better than not at all.
		c.log.Error("The script that tells duplicates failed; the message is taken as a new one", "connector", "Source", "error", err)
		return ""
	}
	if v == nil || textOf(v) == "" {
		return ""
	}
	return "script " + textOf(v)
}

// maxControlID is the longest control id, sending application and facility
// together, in bytes; the standard allows 199 for the first of them.
const maxControlID = 2048

// controlKey is the control id of an HL7 v2 message in ER7 form with its sender,
// MSH-10 with MSH-3 and MSH-4, or "" when it has none.
func controlKey(text string) string {
	at := strings.Index(text, "MSH")
	if at < 0 || strings.TrimLeft(text[:at], "\x0b \t\r\n\ufeff") != "" || len(text) < at+4 {
		return ""
	}
	segment := text[at:]
	if end := strings.IndexAny(segment, "\r\n"); end >= 0 {
		segment = segment[:end]
	}
	if len(segment) < 4 {
		return ""
	}
	// MSH-1 is the separator itself, so that MSH-n is the part n-1.
	fields := strings.SplitN(segment, segment[3:4], 11)
	if len(fields) < 10 || fields[9] == "" {
		return ""
	}
	key := "control " + fields[2] + "\x00" + fields[3] + "\x00" + fields[9]
	if len(key) > maxControlID {
		return ""
	}
	return key
}

// claim marks a key as that of a message on its way. It returns the first message
// under the key, 0 if there is none, and what is to be called at the end. The
// same key that is on its way already is waited for.
func (c *Channel) claim(ctx context.Context, key string, handed bool) (first int64, release func(), err error) {
	d := &c.duplicates
	for {
		d.mu.Lock()
		other := d.coming[key]
		if other == nil {
			break
		}
		d.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		}
	}
	mine := make(chan struct{})
	if d.coming == nil {
		d.coming = map[string]chan struct{}{}
	}
	d.coming[key] = mine
	d.mu.Unlock()
	release = func() {
		d.mu.Lock()
		delete(d.coming, key)
		d.mu.Unlock()
		close(mine)
	}
	first, at, err := c.store.FindKey(ctx, c.Config.ID, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return 0, release, nil
	case err != nil:
		release()
		return 0, nil, fmt.Errorf("looking for an earlier message with the same key: %w", err)
	case !handed && !c.within(first, at):
		return 0, release, nil
	}
	return first, release, nil
}

// within reports whether a message still counts as one that may come again.
func (c *Channel) within(id int64, received time.Time) bool {
	d := &c.duplicates
	c.arriving.Lock()
	last := c.lastID
	c.arriving.Unlock()
	return (d.Window == 0 || c.now().Sub(received) < d.Window) && (d.Count == 0 || last-id < int64(d.Count))
}

// receiveKeyed receives a message that may have come before.
func (c *Channel) receiveKeyed(ctx context.Context, in weir.Inbound, key string, batchID *int64) (weir.Reply, error) {
	first, release, err := c.claim(ctx, key, in.Key != "")
	if err != nil {
		return weir.Reply{}, c.fault("Source", &weir.Fault{Err: fmt.Errorf("the message was not kept: %w", err),
			Hint: "It is not acknowledged, so that the sender sends it again; see to the store."})
	}
	defer release()
	if first != 0 {
		reply, done, err := c.receiveAgain(ctx, &in, first, batchID)
		if done || err != nil {
			return reply, err
		}
	}
	c.sweep()
	return c.receiveNew(ctx, in, key, batchID)
}

// receiveAgain deals with a message that has come before; done is false if it is
// to be processed all the same.
func (c *Channel) receiveAgain(ctx context.Context, in *weir.Inbound, first int64, batchID *int64) (reply weir.Reply, done bool, err error) {
	m, err := c.store.Message(ctx, c.Config.ID, first)
	if errors.Is(err, store.ErrNotFound) {
		return reply, false, nil // somebody has removed it
	}
	if err != nil {
		return reply, false, c.fault("Source", err)
	}
	before := c.loaded(m)
	if before == nil {
		return reply, false, nil
	}
	if !m.Processed && c.sourceQueue == nil {
		return reply, true, c.fault("Source", &weir.Fault{MessageID: first, Err: fmt.Errorf("the message came before as message %d, which is not finished", first),
			Hint: "It is not acknowledged, so that the sender sends it again; the channel finishes message " + strconv.FormatInt(first, 10) + " when it is started the next time."})
	}
	answer := c.answerOf(before, in.Text)
	if in.Key != "" {
		return weir.Reply{MessageID: first, Response: answer}, true, nil
	}
	if answer != nil && answer.Status == weir.Error || before.src.Status == weir.Error {
		// Its sender was told that it failed, and does what it was asked to.
		return reply, false, nil
	}
	if c.duplicates.Then == connector.DuplicateProcessed {
		if in.SourceMap == nil {
			in.SourceMap = map[string]any{}
		}
		in.SourceMap[duplicateOf] = first
		return reply, false, nil
	}
	reply, err = c.keepDuplicate(in, before, answer, batchID)
	return reply, true, err
}

// Keys of the source map and connector map of a duplicate.
const (
	duplicateOf     = "duplicateOf"
	duplicateReason = "filterReason"
)

// keepDuplicate keeps a message that is not processed, since it has come before.
func (c *Channel) keepDuplicate(in *weir.Inbound, before *work, answer *weir.Response, batchID *int64) (weir.Reply, error) {
	w := c.newWork(*in, c.now())
	c.arriving.Lock()
	c.lastID++
	w.identify(c.lastID)
	if batchID != nil {
		if *batchID == 0 {
			*batchID = c.lastID
		}
		w.src.SourceMap["batchId"] = *batchID
	}
	c.arriving.Unlock()
	w.src.SourceMap[duplicateOf] = before.m.ID
	reason := "The message is a duplicate of message " + strconv.FormatInt(before.m.ID, 10) + ", received " + clock(before.m.Received.In(w.m.Received.Location()))
	w.src.ConnectorMap[duplicateReason] = reason
	w.src.Status, w.m.Processed = weir.Filtered, true
	w.reply = answer
	if c.duplicates.Then == connector.DuplicateFailed {
		w.src.Status = weir.Error
		w.src.Set(weir.ProcessingError, reason, "")
		w.reply = nil
		if c.sourceSettings.ResponseVariable != connector.RespondNothing {
			w.reply = c.automatic(w, weir.Error)
		}
	}
	if w.reply != nil {
		w.src.Set(weir.ResponseContent, encodeResponse(*w.reply), "")
		w.src.SendAttempts = 1
		w.src.ResponseDate = c.now()
	}
	ch := c.change(w, c.forgets(w.m), w.m.Connectors)
	ch.Lazy = !c.keeps.durableRaw
	ch.Terms = c.terms(w.src)
	if err := c.saveOnce(w, ch, w.m.Connectors); err != nil {
		return weir.Reply{}, c.notKept(w, err)
	}
	c.log.Info("A duplicate is not processed", "connector", "Source", "message", w.m.ID, "duplicate of", before.m.ID, "kept as", w.src.Status.String())
	return c.replyOf(w), nil
}

// answerOf is what the sender of an earlier message was told. Where that is not
// kept, or not any more, the data type answers anew.
func (c *Channel) answerOf(before *work, text string) *weir.Response {
	if stored := before.src.Text(weir.ResponseContent); stored != "" {
		if r, err := decodeResponse(stored); err == nil {
			return &r
		}
	}
	kept := c.keeps.source[weir.ResponseContent] && before.src.Contents[weir.Raw].Set
	if kept || c.sourceSettings.ResponseVariable == connector.RespondNothing {
		return nil
	}
	return c.automatic(c.newWork(weir.Inbound{Text: text}, c.now()), before.src.Status)
}

// Keys are kept as long as they may be asked for, and those that another channel
// handed over as long as an engine may stand still before it is started again.
const (
	keepHanded = 30 * 24 * time.Hour
	sweepEvery = time.Minute
)

// sweep has the store forget keys that nobody asks for any more.
func (c *Channel) sweep() {
	d := &c.duplicates
	if d.By != connector.DuplicatesOff && d.Window == 0 {
		return
	}
	now := c.now()
	d.mu.Lock()
	due := now.Sub(d.swept) >= sweepEvery
	if due {
		d.swept = now
	}
	d.mu.Unlock()
	if !due {
		return
	}
	if err := c.store.ForgetKeys(context.Background(), c.Config.ID, now.Add(-max(d.Window, keepHanded))); err != nil {
		c.log.Warn("Keys of old messages could not be removed; it is tried again", "error", err)
	}
}
