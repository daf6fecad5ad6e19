package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

func everyField(s *suite) {
	source := &weir.ConnectorMessage{
		MessageID: 7, ChannelID: channelID, ConnectorName: "Source", Received: start, Status: weir.Transformed,
		SendAttempts: 1, ResponseDate: start.Add(time.Second), MetaData: map[string]any{"MRN": "12345"},
	}
	destination := &weir.ConnectorMessage{
		MessageID: 7, MetaDataID: 1023, ChannelID: channelID, ConnectorName: "Lab, über TCP", Received: start.Add(time.Microsecond),
		Status: weir.Queued, ChainID: 3, OrderID: 2, SendAttempts: 41, SendDate: start.Add(time.Minute),
		ResponseDate: start.Add(time.Hour), Doubtful: true,
	}
	change := &store.Change{
		Message: &weir.Message{ID: 7, ChannelID: channelID, Received: start, OriginalID: 3},
		Insert:  true,
		Connectors: []store.ConnectorChange{
			{Connector: source, Insert: true},
			{Connector: destination, Insert: true},
		},
	}
	for t := weir.Raw; int(t) < weir.ContentTypes; t++ {
		for i, c := range []*weir.ConnectorMessage{source, destination} {
			c.Set(t, fmt.Sprintf("content %d of %d", t, c.MetaDataID), fmt.Sprintf("TYPE%d", t))
			change.Connectors[i].Contents = append(change.Connectors[i].Contents, t)
		}
	}
	s.save(change)
	want := *change.Message
	want.Connectors = []*weir.ConnectorMessage{source, destination}
	s.same(s.message(7), &want)

	// The rows are saved as a whole: what was set and is not any more is gone.
	want.Processed = true
	change.Message = &want
	change.Insert = false
	*destination = weir.ConnectorMessage{MessageID: 7, MetaDataID: 1023, ChannelID: channelID, Status: weir.Sent, ChainID: 1}
	change.Connectors = []store.ConnectorChange{{Connector: destination, Drop: true}}
	s.save(change)
	s.same(s.message(7), &want)
}

func hardTexts(s *suite) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	texts := map[string]string{
		"NUL":                "a\x00b\x00",
		"not UTF-8":          "\xff\xfe\x80\xc3",
		"every byte":         string(every),
		"UTF-8":              "Ærøskøbing 東京 👩‍⚕️",
		"HL7 in a frame":     "\x0bMSH|^~\\&|A|B\r\x1c\r",
		"quotes":             `'; DROP TABLE messages; -- "`,
		"just not packed":    strings.Repeat("a", 500),
		"repetitive":         strings.Repeat("OBX|1|NM|\r", 4000),
		"cannot be squeezed": noise(100_000),
	}
	id := int64(0)
	for name, text := range texts {
		id++
		c := received(id, text)
		source := c.Connectors[0].Connector
		source.ConnectorName = name + texts["UTF-8"]
		source.MetaData = map[string]any{"text": text, "Ærø \x00 \"": "a name"}
		s.save(c)
		want := *c.Message
		want.Connectors = []*weir.ConnectorMessage{source}
		s.same(s.message(id), &want)
	}
}

// noise is text that does not compress, the same each time.
func noise(n int) string {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b)
	return string(b)
}

func metadataTypes(s *suite) {
	c := received(1, "x")
	source := c.Connectors[0].Connector
	source.MetaData = map[string]any{
		"empty": "", "number text": "1.50", "true text": "true", "number": 1234567890.000001, "whole": 5.0,
		"huge": 9.999999999999999e15, "negative": -0.1, "yes": true, "no": false,
		"time": time.Date(2024, 3, 10, 1, 59, 59, 123456789, time.FixedZone("", -5*3600)),
		"day":  time.Date(1899, 1, 1, 0, 0, 0, 0, time.UTC),
		"json": `{"time":"2024-03-10T01:59:59Z"}`,
	}
	s.save(c)
	want := *c.Message
	want.Connectors = []*weir.ConnectorMessage{source}
	s.same(s.message(1), &want)

	c.Insert, c.Connectors[0].Insert = false, false
	source.MetaData = map[string]any{"nothing": nil, "count": 3}
	s.save(c)
	source.MetaData = map[string]any{"count": 3.0}
	s.same(s.message(1), &want)

	source.MetaData = map[string]any{"bad": []string{"a"}}
	if err := s.Save(ctx, c); err == nil || !strings.Contains(err.Error(), "bad") {
		s.Errorf("metadata value of an unknown type: got error %v, want one that names the column", err)
	}
}

func emptyIsNotAbsent(s *suite) {
	c := received(1, "")
	c.Connectors[0].Contents = []weir.ContentType{weir.Raw, weir.Encoded}
	s.save(c)
	m := s.message(1)
	if got := m.Connectors[0].Contents[weir.Raw]; got != (weir.Content{DataType: "HL7V2", Set: true}) {
		s.Errorf("empty content: got %+v", got)
	}
	if got := m.Connectors[0].Contents[weir.Encoded]; got.Set {
		s.Errorf("absent content: got %+v", got)
	}
}

func bigContents(s *suite) {
	for id, text := range []string{strings.Repeat("OBX|1|ED|PDF^Base64^", 1<<20), noise(20 << 20)} {
		c := received(int64(id+1), text)
		s.save(c)
		if got := s.message(int64(id + 1)).Connectors[0].Text(weir.Raw); got != text {
			s.Errorf("message %d: got %d bytes that differ, want %d", id+1, len(got), len(text))
		}
	}
}

func slots(s *suite) {
	c := received(1, "first raw")
	source := c.Connectors[0].Connector
	s.save(c)
	c.Insert, c.Connectors[0].Insert = false, false

	source.Set(weir.Raw, "raw of slot 2", "RAW")
	source.Set(weir.ResponseContent, "ack", "HL7V2")
	c.Connectors[0].Slot = 2
	c.Connectors[0].Contents = []weir.ContentType{weir.Raw, weir.ResponseContent}
	s.save(c)

	source.Set(weir.Raw, "raw of slot 1", "RAW")
	source.Set(weir.Encoded, "encoded of slot 1", "XML")
	c.Connectors[0].Slot = 1
	c.Connectors[0].Contents = []weir.ContentType{weir.Raw, weir.Encoded}
	s.save(c)

	got := s.message(1).Connectors[0]
	for t, want := range map[weir.ContentType]string{weir.Raw: "raw of slot 2", weir.Encoded: "encoded of slot 1", weir.ResponseContent: "ack"} {
		if got.Text(t) != want {
			s.Errorf("%v: got %q, want %q", t, got.Text(t), want)
		}
	}

	// Listed but not set hides what lies below.
	source.Contents[weir.Encoded] = weir.Content{}
	c.Connectors[0].Slot = 3
	c.Connectors[0].Contents = []weir.ContentType{weir.Encoded}
	s.save(c)
	if got := s.message(1).Connectors[0].Contents[weir.Encoded]; got.Set {
		s.Errorf("hidden content: got %+v", got)
	}
}

func replace(s *suite) {
	c := received(1, "first")
	source := c.Connectors[0].Connector
	source.Set(weir.Encoded, "encoded", "XML")
	c.Connectors[0].Contents = []weir.ContentType{weir.Raw, weir.Encoded}
	s.save(c)
	c.Insert, c.Connectors[0].Insert = false, false

	c.Connectors[0].Contents = nil // the slot stays as it is
	s.save(c)
	if got := s.message(1).Connectors[0].Text(weir.Encoded); got != "encoded" {
		s.Errorf("after a change without contents: got %q, want %q", got, "encoded")
	}
	source.Set(weir.Raw, "second", "RAW")
	c.Connectors[0].Contents = []weir.ContentType{weir.Raw}
	s.save(c)
	got := s.message(1).Connectors[0]
	if got.Text(weir.Raw) != "second" || got.Contents[weir.Encoded].Set {
		s.Errorf("replaced slot: got raw %q, encoded %+v", got.Text(weir.Raw), got.Contents[weir.Encoded])
	}

	// That a slot holds nothing may be a mistake.
	for _, text := range []string{"third", "fourth"} {
		source.Set(weir.Encoded, text, "RAW")
		c.Connectors[0].Slot, c.Connectors[0].Empty, c.Connectors[0].Contents = 1, true, []weir.ContentType{weir.Encoded}
		s.save(c)
		if got := s.message(1).Connectors[0].Text(weir.Encoded); got != text {
			s.Errorf("slot that was said to be empty: got %q, want %q", got, text)
		}
	}
}

func drop(s *suite) {
	s.save(received(1, "raw"))
	s.save(delivered(1, 1, weir.Sent))
	s.save(received(2, "raw of the next"))

	c := delivered(1, 1, weir.Sent)
	c.Counts = nil
	c.Connectors[0].Drop = true // the source's
	c.Connectors[1].Insert = false
	c.Connectors[1].Contents = nil
	s.save(c)
	m := s.message(1)
	if m.Connectors[0].Contents[weir.Raw].Set || m.Connectors[1].Text(weir.Encoded) != "encoded 1 for 1" {
		s.Errorf("after a drop of the source's: got %+v and %+v", m.Connectors[0].Contents, m.Connectors[1].Contents)
	}
	if got := s.message(2).Connectors[0].Text(weir.Raw); got != "raw of the next" {
		s.Errorf("next message: got %q", got)
	}

	// Drop comes before what the same change writes.
	c.Connectors = c.Connectors[1:]
	c.Connectors[0].Drop = true
	c.Connectors[0].Connector.Set(weir.SentContent, "sent", "RAW")
	c.Connectors[0].Contents = []weir.ContentType{weir.SentContent}
	s.save(c)
	got := s.message(1).Connector(1)
	if got.Text(weir.SentContent) != "sent" || got.Contents[weir.Encoded].Set {
		s.Errorf("drop and write: got %+v", got.Contents)
	}
}

// encrypted contents and plain ones stand beside each other: a channel may change
// its mind.
func encrypted(s *suite) {
	c := received(1, noise(1000))
	source := c.Connectors[0].Connector
	c.Encrypt, c.EncryptMetaData = true, true
	source.MetaData = map[string]any{"MRN": "12345", "when": start}
	s.save(c)
	want := *c.Message
	want.Connectors = []*weir.ConnectorMessage{source}
	s.same(s.message(1), &want)
	if list, err := s.Messages(ctx, store.Query{ChannelID: channelID}); err != nil || len(list) != 1 || list[0].Connectors[0].MetaData["MRN"] != "12345" {
		s.Errorf("listed: %v, %v", list, err)
	}
	c.EncryptMetaData = false
	c.Insert, c.Connectors[0].Insert = false, false
	source.Set(weir.Encoded, source.Text(weir.Raw), "HL7V2")
	c.Connectors[0].Slot, c.Connectors[0].Contents = 1, []weir.ContentType{weir.Encoded}
	c.Source = source
	c.Encrypt = false
	s.save(c)
	source.Set(weir.ResponseContent, "", "HL7V2")
	c.Connectors[0].Slot, c.Connectors[0].Contents = 2, []weir.ContentType{weir.ResponseContent}
	c.Encrypt = true
	c.Attachments = []weir.Attachment{{ID: "a", Type: "text/plain", Content: []byte(noise(store.ChunkSize + 10)), Encrypted: true}, {ID: "b", Content: []byte("plain")}}
	s.save(c)
	s.reopen()
	s.same(s.message(1), &want)
	s.holds(1, c.Attachments...)
	for id, sealed := range map[string]bool{"a": true, "b": false} {
		if a, err := s.Attachment(ctx, channelID, 1, id); err != nil || a.Encrypted != sealed {
			s.Errorf("attachment %s: %v, %v", id, a.Encrypted, err)
		}
	}
}

func errorMask(s *suite) {
	c := received(1, "raw")
	source := c.Connectors[0].Connector
	source.Status = weir.Error
	source.Set(weir.ProcessingError, "line 3", "")
	source.Set(weir.ResponseError, "timeout", "")
	c.Connectors[0].Contents = []weir.ContentType{weir.Raw, weir.ProcessingError, weir.ResponseError}
	s.save(c)
	listed, err := s.Messages(ctx, store.Query{ChannelID: channelID})
	if err != nil || len(listed) != 1 {
		s.Fatalf("list: got %d messages, error %v", len(listed), err)
	}
	if got := listed[0].Connectors[0].Errors(); got != 5 {
		s.Errorf("listed: got errors %d, want 5", got)
	}
	if got := listed[0].Connectors[0].Text(weir.ProcessingError); got != "" {
		s.Errorf("listed: got content %q", got)
	}

	// One is over; the other's text is dropped.
	c.Insert, c.Connectors[0].Insert = false, false
	source.Contents[weir.ProcessingError] = weir.Content{}
	c.Connectors[0].Contents = nil
	s.save(c)
	if got := s.message(1).Connectors[0]; got.Errors() != 4 || got.Text(weir.ResponseError) != "timeout" {
		s.Errorf("one error over: got errors %d, text %q", got.Errors(), got.Text(weir.ResponseError))
	}
	c.Connectors[0].Drop = true
	s.save(c)
	if got := s.message(1).Connectors[0]; got.Errors() != 4 || got.Text(weir.ResponseError) != "" {
		s.Errorf("after drop: got errors %d, text %q", got.Errors(), got.Text(weir.ResponseError))
	}
}
