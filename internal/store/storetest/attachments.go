package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// attached is received with attachments.
func attached(id int64, list ...weir.Attachment) *store.Change {
	c := received(id, "raw")
	c.Attachments = list
	return c
}

// holds checks that a message has those attachments and no others.
func (s *suite) holds(id int64, want ...weir.Attachment) {
	s.Helper()
	slices.SortFunc(want, func(a, b weir.Attachment) int { return strings.Compare(a.ID, b.ID) })
	var infos []store.AttachmentInfo
	for _, a := range want {
		infos = append(infos, store.AttachmentInfo{ID: a.ID, Type: a.Type, Size: int64(len(a.Content))})
	}
	if got, err := s.Attachments(ctx, channelID, id); err != nil || !slices.Equal(got, infos) {
		s.Fatalf("attachments of message %d: got %v, error %v, want %v", id, got, err, infos)
	}
	for _, a := range want {
		got, err := s.Attachment(ctx, channelID, id, a.ID)
		if err != nil {
			s.Fatalf("attachment %s of message %d: %v", a.ID, id, err)
		}
		if got.ID != a.ID || got.Type != a.Type || !bytes.Equal(got.Content, a.Content) {
			s.Errorf("attachment %s of message %d: got %s, %s, %d bytes; want %s, %d bytes", a.ID, id, got.ID, got.Type, len(got.Content), a.Type, len(a.Content))
		}
	}
}

func (s *suite) noAttachment(id int64, attachmentID string) {
	s.Helper()
	if _, err := s.Attachment(ctx, channelID, id, attachmentID); !errors.Is(err, store.ErrNoAttachment) {
		s.Errorf("attachment %s of message %d: got error %v, want %v", attachmentID, id, err, store.ErrNoAttachment)
	}
}

func attachments(s *suite) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	list := []weir.Attachment{
		{ID: "c-empty", Type: "text/plain", Content: []byte{}},
		{ID: "a-bytes", Type: "application/octet-stream", Content: every},
		{ID: "d-repetitive", Type: "text/plain; ü", Content: bytes.Repeat([]byte("JVBERi0xLjQK"), 300_000)},
		{ID: "b-noise", Type: "", Content: []byte(noise(20 << 20))},
		{ID: "e-one chunk", Type: "image/png", Content: []byte(noise(store.ChunkSize))},
		{ID: "f-a byte more", Type: "image/png", Content: []byte(noise(store.ChunkSize + 1))},
	}
	s.save(attached(1, list...))
	s.save(attached(2, weir.Attachment{ID: "a-bytes", Type: "text/plain", Content: []byte("of another message")}))
	s.holds(1, slices.Clone(list)...)
	s.reopen()
	s.holds(1, list...)
	s.holds(2, weir.Attachment{ID: "a-bytes", Type: "text/plain", Content: []byte("of another message")})
	s.holds(3)
	s.noAttachment(1, "a-byte")
	s.noAttachment(3, "a-bytes")
}

func attachmentsChange(s *suite) {
	a := weir.Attachment{ID: "a", Type: "text/plain", Content: []byte(noise(3 * store.ChunkSize))}
	b := weir.Attachment{ID: "b", Type: "text/plain", Content: []byte("b")}
	s.save(attached(1, a, b))
	s.save(attached(2, a))

	a.Type, a.Content = "text/xml", []byte("shorter")
	if err := s.PutAttachment(ctx, channelID, 1, &a); err != nil {
		s.Fatal(err)
	}
	c := weir.Attachment{ID: "c", Type: "text/plain", Content: []byte("made later")}
	if err := s.PutAttachment(ctx, channelID, 1, &c); err != nil {
		s.Fatal(err)
	}
	s.holds(1, a, b, c)

	ch := delivered(1, 1, weir.Sent)
	ch.DropAttachments = true
	d := weir.Attachment{ID: "d", Type: "text/plain", Content: []byte("comes after the drop")}
	ch.Attachments = []weir.Attachment{d}
	s.save(ch)
	s.holds(1, d)
	s.noAttachment(1, "a")
	if got, err := s.Attachments(ctx, channelID, 2); err != nil || len(got) != 1 {
		s.Errorf("attachments of the next message: got %v, error %v", got, err)
	}
}

func attachmentAlone(s *suite) {
	a := weir.Attachment{ID: "a", Type: "text/plain", Content: []byte("a")}
	for _, where := range []struct {
		channel string
		message int64
	}{{channelID, 1}, {channelID, 0}, {channelID, -1}, {"never opened", 1}} {
		if err := s.PutAttachment(ctx, where.channel, where.message, &a); !errors.Is(err, store.ErrNotFound) {
			s.Errorf("message %d of channel %s: got error %v, want %v", where.message, where.channel, err, store.ErrNotFound)
		}
	}
	lazy := received(1, "raw")
	lazy.Lazy = true
	s.save(lazy)
	if err := s.PutAttachment(ctx, channelID, 1, &a); err != nil { // would be refused if it overtook the message
		s.Errorf("after a lazy message: %v", err)
	}
	s.holds(1, a)

	large := weir.Attachment{ID: "b", Content: make([]byte, store.MaxAttachment+1)}
	if err := s.PutAttachment(ctx, channelID, 1, &large); err == nil || !strings.Contains(err.Error(), "512 MB") {
		s.Errorf("too large: got error %v, want one that names the limit", err)
	}
	s.refused(delivered(2, 1, weir.Sent), store.ErrNotFound)
	c := delivered(2, 1, weir.Sent)
	c.Attachments = []weir.Attachment{a}
	s.refused(c, store.ErrNotFound)
	s.holds(2)
}

// Whatever becomes of a change in its group, its attachments share that.
func attachmentsTogether(s *suite) {
	s.save(received(1, "raw"))
	of := func(id int64) weir.Attachment {
		return weir.Attachment{ID: "a", Type: "text/plain", Content: []byte(fmt.Sprintf("of %d", id))}
	}
	var all sync.WaitGroup
	for id := int64(2); id < 100; id++ {
		all.Go(func() {
			c, want := attached(id, of(id)), error(nil)
			if id%5 == 0 {
				c, want = attached(1, of(id)), store.ErrExists
			}
			if err := s.Save(ctx, c); !errors.Is(err, want) {
				s.Errorf("change %d: got error %v, want %v", id, err, want)
			}
		})
	}
	all.Wait()
	s.holds(1)
	for id := int64(2); id < 100; id++ {
		if id%5 == 0 {
			s.holds(id)
			continue
		}
		s.holds(id, of(id))
	}
	if err := s.Close(); err != nil {
		s.Fatal(err)
	}
	if _, err := s.Attachment(ctx, channelID, 2, "a"); !errors.Is(err, store.ErrClosed) {
		s.Errorf("after close: got error %v, want %v", err, store.ErrClosed)
	}
}
