package pipeline

import (
	"github.com/weir-health/weir"
)

// selectResponse chooses what the sender is told, as the source's response
// variable says, and keeps it with the source.
func (c *Channel) selectResponse(w *work) {
	w.reply = c.response(w)
	if w.reply == nil {
		return
	}
	w.src.Set(weir.ResponseContent, encodeResponse(*w.reply), "")
	w.src.SendAttempts = 1
	w.src.ResponseDate = c.now()
}

func (c *Channel) response(w *work) *weir.Response {
	switch v := c.sourceSettings.ResponseVariable; v {
	case "None", "":
		return nil
	case "Auto-generate (Before processing)":
		return c.automatic(w, weir.Received)
	case "Auto-generate (After source transformer)":
		return c.automatic(w, w.src.Status)
	case "Auto-generate (Destinations completed)":
		return c.automatic(w, c.worst(w))
	default:
		value, ok := w.src.ResponseMap[v]
		if !ok || value == nil {
			return nil
		}
		if r, ok := value.(weir.Response); ok {
			return &r
		}
		if r, ok := value.(*weir.Response); ok && r != nil {
			return r
		}
		return &weir.Response{Status: weir.Sent, Message: textOf(value)}
	}
}

// worst is the status that the destinations leave the sender with: ERROR before
// QUEUED before SENT before FILTERED; ERROR when a destination that the channel
// has did not come to run.
func (c *Channel) worst(w *work) weir.Status {
	status := weir.Sent
	ran := w.m.Connectors[1:]
	if len(ran) < len(c.destinations) {
		status = weir.Error
	}
	rank := map[weir.Status]int{weir.Filtered: 1, weir.Sent: 2, weir.Queued: 3, weir.Error: 4}
	best := 0
	for _, cm := range ran {
		if r := rank[cm.Status]; r > best {
			best, status = r, cm.Status
		}
	}
	return status
}

// automatic lets the source's data type answer. It always answers the message
// as received. A message that cannot be answered gets nothing, as in Mirth.
func (c *Channel) automatic(w *work, status weir.Status) *weir.Response {
	responder, ok := c.sourceExec.Inbound.(weir.Responder)
	if !ok {
		return &weir.Response{Status: status}
	}
	resolve := func(text string) string { return c.replace(w.src, text) }
	text, err := responder.Respond(c.headOf(w, w.src.Text(weir.Raw)), status, resolve, c.now())
	if err != nil {
		c.log.Error("No acknowledgment can be made for the message; nothing is sent back", "message", w.m.ID, "error", err)
		return nil
	}
	if text == "" {
		return nil
	}
	return &weir.Response{Status: status, Message: text}
}
