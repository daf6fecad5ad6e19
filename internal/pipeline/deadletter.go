package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/internal/script"
)

// A dead-letter channel gets the messages that end in ERROR at a destination.
//
// The way is safe against a kill at any point. First the message is saved as
// PENDING with deadLetterChannelId in its connector map: from there on it is not
// sent any more, and the next start goes on with handing it over. Then it is
// handed over under a key that is the same each time, so that the other channel
// takes it once. Last it is saved as ERROR.

// Keys of the connector map of a message that was handed on, and of the source
// map that it has there.
const (
	deadLetterChannel = "deadLetterChannelId"
	deadLetterMessage = "deadLetterMessageId"

	deadLetterDestination = "deadLetterDestination"
	deadLetterError       = "deadLetterError"
	deadLetterAttempts    = "deadLetterAttempts"
)

func (d *destination) checkDeadLetters() error {
	if d.settings.DeadLetters.Channel == d.c.Config.ID {
		return &weir.Fault{At: "weir.deadLetterChannel", Err: errors.New("the dead-letter channel is the channel itself"),
			Hint: "Name another channel's id, or none."}
	}
	return nil
}

// conclude gives up a queued message that was tried often enough, and hands one
// that has ended in ERROR to the dead-letter channel.
func (d *destination) conclude(ctx context.Context, w *work, cm *weir.ConnectorMessage) {
	s := &d.settings.DeadLetters
	if s.Channel == "" || w.cut.Load() {
		return
	}
	if cm.Status == weir.Queued && s.Attempts > 0 && cm.SendAttempts >= s.Attempts {
		d.giveUp(cm)
	}
	if cm.Status == weir.Error {
		d.bury(ctx, w, cm)
	}
}

// giveUp ends a queued message in ERROR, with what was answered last.
func (d *destination) giveUp(cm *weir.ConnectorMessage) {
	r, _ := cm.ResponseMap[d.key].(weir.Response)
	r.Status = weir.Error
	r.StatusMessage = fmt.Sprintf("Given up after %d attempts: %s", cm.SendAttempts, r.StatusMessage)
	cm.Status = weir.Error
	cm.Set(weir.ResponseContent, encodeResponse(r), "")
	cm.ResponseMap[d.key] = r
	d.c.log.Warn("A queued message is given up", "connector", d.cfg.Name, "message", cm.MessageID, "attempts", cm.SendAttempts)
}

// bury hands a message that ended in ERROR to the dead-letter channel. Where that
// does not take it, it stays here in ERROR, and says why.
func (d *destination) bury(ctx context.Context, w *work, cm *weir.ConnectorMessage) {
	target := d.settings.DeadLetters.Channel
	cm.ConnectorMap[deadLetterChannel] = target
	if d.c.keeps.recovers {
		cm.Status = weir.Pending
		if err := d.c.saveWithSource(ctx, w, false, cm); err != nil {
			d.c.log.Error("The message is left PENDING", "connector", d.cfg.Name, "message", cm.MessageID, "error", err)
			w.cut.Store(true)
			return
		}
	}
	id, err := d.handOver(ctx, target, cm)
	if err != nil && w.halted(ctx) {
		return // it is still PENDING
	}
	cm.Status = weir.Error
	if err != nil {
		delete(cm.ConnectorMap, deadLetterChannel)
		cm.Set(weir.ProcessingError, cm.Text(weir.ProcessingError)+"\nThe message was not handed to the dead-letter channel: "+err.Error(), "")
		d.c.log.Error("The dead-letter channel does not take the message; it stays in ERROR", "connector", d.cfg.Name,
			"message", cm.MessageID, "target", target, "error", err)
		return
	}
	cm.ConnectorMap[deadLetterMessage] = id
}

// handOver has the dead-letter channel receive a message, and returns its id there.
func (d *destination) handOver(ctx context.Context, target string, cm *weir.ConnectorMessage) (int64, error) {
	trail := connector.Trail(cm.SourceMap, cm.ChannelID, cm.MessageID)
	if ids, _ := trail["sourceChannelIds"].([]any); slices.Contains(ids, any(target)) {
		return 0, &weir.Fault{At: "weir.deadLetterChannel", Err: fmt.Errorf("the message has come from channel %s and would go round", target),
			Hint: "Name a dead-letter channel that does not lead back."}
	}
	text := cm.Text(weir.Raw)
	if cm.Contents[weir.Encoded].Set {
		text = cm.Text(weir.Encoded)
	}
	// Attachments stay with this message; the other channel finds them by its id.
	text, err := d.c.Reattach(ctx, cm, text, script.Reattach{Expand: true})
	if err != nil {
		return 0, err
	}
	source := maps.Clone(cm.SourceMap)
	if source == nil {
		source = map[string]any{}
	}
	delete(source, destinationSetKey)
	maps.Copy(source, trail)
	source[deadLetterDestination] = d.cfg.Name
	source[deadLetterAttempts] = int32(cm.SendAttempts)
	if r, ok := cm.ResponseMap[d.key].(weir.Response); ok {
		source[deadLetterError] = r.StatusMessage
	}
	reply, err := d.c.engine.Route(ctx, target, weir.Inbound{
		Text: text, SourceMap: source, Key: fmt.Sprintf("dead letter %s %d %d", cm.ChannelID, cm.MessageID, cm.MetaDataID),
	})
	return reply.MessageID, err
}
