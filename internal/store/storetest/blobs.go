package storetest

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing/iotest"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// keep keeps a content as a blob and returns the attachment that is to have it.
func (s *suite) keep(id, content string, encrypt bool) store.Large {
	s.Helper()
	// What is read comes in pieces of odd lengths, as from a network.
	b, err := s.KeepBlob(ctx, channelID, iotest.HalfReader(strings.NewReader(content)), encrypt)
	if err != nil {
		s.Fatalf("keep %d bytes: %v", len(content), err)
	}
	return store.Large{ID: id, Type: "text/plain", Blob: *b}
}

// withLarge is received with large attachments.
func withLarge(id int64, list ...store.Large) *store.Change {
	c := received(id, "raw")
	c.Large = list
	return c
}

// reads checks that an attachment is read piece by piece.
func (s *suite) reads(id int64, attachmentID, want string) {
	s.Helper()
	a, r, err := s.OpenAttachment(ctx, channelID, id, attachmentID)
	if err != nil {
		s.Fatalf("open attachment %s of message %d: %v", attachmentID, id, err)
	}
	defer r.Close()
	got, err := io.ReadAll(iotest.HalfReader(r))
	if err != nil || string(got) != want || a.Size != int64(len(want)) {
		s.Errorf("attachment %s of message %d: got %d bytes of %d, error %v, want %d", attachmentID, id, len(got), a.Size, err, len(want))
	}
}

// loose checks how many blobs are loose, and removes them.
func (s *suite) loose(want int) {
	s.Helper()
	for again := false; ; again = true {
		list, err := s.LooseBlobs(ctx, 1000)
		if err != nil || len(list) != want {
			s.Fatalf("loose blobs: got %v, error %v, want %d", list, err, want)
		}
		if again {
			return
		}
		for _, l := range list {
			if is, err := s.IsLoose(ctx, l); l.ChannelID != channelID || !is || err != nil {
				s.Errorf("blob %s of channel %s: loose %v, error %v", l.ID, l.ChannelID, is, err)
			}
			if err := s.DropBlob(ctx, l); err != nil {
				s.Fatal(err)
			}
		}
		want = 0
	}
}

func largeAttachments(s *suite) {
	contents := map[string]string{
		"a-empty": "", "b-byte": "x", "c-part": noise(store.ChunkSize), "d-transaction": noise(store.PartsAtOnce * store.ChunkSize),
		"e-more": noise(2*store.PartsAtOnce*store.ChunkSize + 1), "f-repetitive": strings.Repeat("JVBERi0xLjQK", 500_000),
	}
	var list []store.Large
	var want []weir.Attachment
	for id, content := range contents {
		list = append(list, s.keep(id, content, strings.Contains(id, "e")))
		want = append(want, weir.Attachment{ID: id, Type: "text/plain", Content: []byte(content)})
	}
	c := withLarge(1, list...)
	small := weir.Attachment{ID: "small", Type: "text/plain", Content: []byte("beside the large ones")}
	c.Attachments = []weir.Attachment{small}
	s.save(c)
	s.save(attached(2, small))
	want = append(want, small)
	check := func() {
		s.Helper()
		s.holds(1, want...)
		for id, content := range contents {
			s.reads(1, id, content)
		}
		s.reads(1, "small", "beside the large ones")
		s.noAttachment(1, list[0].Blob.ID)
		s.noAttachment(0, list[0].Blob.ID)
	}
	check()
	if a, err := s.Attachment(ctx, channelID, 1, "e-more"); err != nil || !a.Encrypted {
		s.Errorf("e-more: %+v, error %v, want it encrypted", a != nil && a.Encrypted, err)
	}
	s.reopen()
	check()
	s.loose(0)
	if _, _, err := s.OpenAttachment(ctx, channelID, 2, "e-more"); !errors.Is(err, store.ErrNoAttachment) {
		s.Errorf("of another message: got error %v", err)
	}
}

func looseBlobs(s *suite) {
	// What an engine that dies has made: a blob without parts, one with some, one that
	// is whole but that no message has.
	if err := s.NewBlob(ctx, channelID, &store.Blob{ID: "nothing"}); err != nil {
		s.Fatal(err)
	}
	half := &store.Blob{ID: "half"}
	if err := s.NewBlob(ctx, channelID, half); err != nil {
		s.Fatal(err)
	}
	if err := s.PutParts(ctx, channelID, half, 0, [][]byte{bytes.Repeat([]byte("a"), store.ChunkSize)}); err != nil {
		s.Fatal(err)
	}
	s.keep("a", noise((store.PartsDropped+2)*store.ChunkSize), false)
	kept := s.keep("a", noise(3*store.ChunkSize), false)
	s.save(withLarge(1, kept))
	s.reopen()
	s.loose(3)
	if err := s.DropBlob(ctx, kept.Loose(channelID)); err != nil {
		s.Fatal(err)
	}
	if is, err := s.IsLoose(ctx, kept.Loose(channelID)); is || err != nil {
		s.Errorf("the blob that was given away: loose %v, error %v", is, err)
	}
	s.reads(1, "a", noise(3*store.ChunkSize)) // it is not loose, so it stays

	// Whatever takes the attachment away makes its blob loose.
	replaced := s.keep("a", "second", false)
	if err := s.PutLarge(ctx, channelID, 1, &replaced); err != nil {
		s.Fatal(err)
	}
	s.reads(1, "a", "second")
	s.loose(1)
	if err := s.PutAttachment(ctx, channelID, 1, &weir.Attachment{ID: "a", Content: []byte("third")}); err != nil {
		s.Fatal(err)
	}
	s.reads(1, "a", "third")
	s.loose(1)

	s.save(withLarge(2, s.keep("a", "of 2", false)))
	ch := delivered(2, 1, weir.Sent)
	ch.DropAttachments = true
	s.save(ch)
	s.loose(1)

	for id := int64(3); id <= 5; id++ {
		s.save(withLarge(id, s.keep("a", "content", false), s.keep("b", "content", false)))
	}
	if err := s.RemoveContents(ctx, channelID, []int64{3}); err != nil {
		s.Fatal(err)
	}
	s.loose(2)
	if _, err := s.Remove(ctx, channelID, []int64{4}, false); err != nil {
		s.Fatal(err)
	}
	s.loose(2)
	s.reads(5, "a", "content")
}

func blobOnce(s *suite) {
	a := s.keep("a", "content", false)
	s.save(withLarge(1, a))
	s.refused(withLarge(2, a), store.ErrNoBlob)
	s.refused(withLarge(3, store.Large{ID: "a", Blob: store.Blob{ID: "never made"}}), store.ErrNoBlob)
	if err := s.PutLarge(ctx, channelID, 1, &store.Large{ID: "b", Blob: a.Blob}); !errors.Is(err, store.ErrNoBlob) {
		s.Errorf("given away again: got error %v, want %v", err, store.ErrNoBlob)
	}
	b := s.keep("b", "of a message that is not there", false)
	if err := s.PutLarge(ctx, channelID, 9, &b); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("without the message: got error %v, want %v", err, store.ErrNotFound)
	}
	if err := s.PutParts(ctx, channelID, &a.Blob, 1, [][]byte{{1}}); !errors.Is(err, store.ErrNoBlob) {
		s.Errorf("more parts of one that is given away: got error %v, want %v", err, store.ErrNoBlob)
	}
	if err := s.NewBlob(ctx, "never opened", &store.Blob{ID: "x"}); err == nil {
		s.Error("a blob of a channel that was not opened was taken")
	}
	for id := int64(1); id <= 3; id++ { // the change that was refused is not there in part either
		list, err := s.Attachments(ctx, channelID, id)
		if want := id == 1; err != nil || (len(list) == 1) != want {
			s.Errorf("attachments of message %d: %v, error %v", id, list, err)
		}
	}
	s.reads(1, "a", "content")
	s.loose(1)
}

func brokenContent(s *suite) {
	// The second is what a connection that is cut gives.
	for _, cut := range []error{errors.New("the sender is gone"), io.ErrUnexpectedEOF} {
		content := io.MultiReader(strings.NewReader(noise((store.PartsAtOnce+1)*store.ChunkSize)), iotest.ErrReader(cut))
		if _, err := s.KeepBlob(ctx, channelID, content, false); !errors.Is(err, cut) {
			s.Errorf("got error %v, want %v", err, cut)
		}
		s.loose(0)
	}
}

func moveAttachments(s *suite) {
	small := weir.Attachment{ID: "small", Type: "text/plain", Content: []byte("at first")}
	other := weir.Attachment{ID: "other", Type: "text/plain", Content: []byte("other")}
	c := attached(1, small, other)
	large := s.keep("large", "large", false)
	c.Large = []store.Large{large}
	s.save(c)
	for id := int64(2); id < 2+store.AttachmentPage; id++ {
		s.save(attached(id, small))
	}
	seen := map[string]int{}
	err := s.EachAttachment(ctx, func(channel string, id int64, a *store.Large) error {
		if channel != channelID || id > 1 && a.ID != "small" || (a.ID == "large") != (a.Blob.ID == large.Blob.ID) || a.Type != "text/plain" || a.Place != "" {
			s.Errorf("message %d of channel %s: %+v", id, channel, a)
		}
		seen[a.ID]++
		return nil
	})
	if err != nil || seen["small"] != 1+store.AttachmentPage || seen["other"] != 1 || seen["large"] != 1 {
		s.Errorf("seen %v, error %v", seen, err)
	}
	to := s.keep("small", "elsewhere", false)
	if err := s.MoveLarge(ctx, channelID, 1, &to, ""); err != nil {
		s.Fatal(err)
	}
	s.reads(1, "small", "elsewhere")
	again := s.keep("large", "once more", true)
	if err := s.MoveLarge(ctx, channelID, 1, &again, large.Blob.ID); err != nil {
		s.Fatal(err)
	}
	s.reads(1, "large", "once more")
	s.reads(1, "other", "other")
	late := s.keep("large", "too late", false)
	for _, was := range []string{large.Blob.ID, ""} {
		if err := s.MoveLarge(ctx, channelID, 1, &late, was); !errors.Is(err, store.ErrNoAttachment) {
			s.Errorf("what has another content by now: got error %v, want %v", err, store.ErrNoAttachment)
		}
	}
	taken := store.Large{ID: "large", Blob: to.Blob}
	if err := s.MoveLarge(ctx, channelID, 1, &taken, again.Blob.ID); !errors.Is(err, store.ErrNoBlob) {
		s.Errorf("a blob that is given away: got error %v, want %v", err, store.ErrNoBlob)
	}
	s.reads(1, "large", "once more")
	s.loose(2) // the first one, and the one that came too late
}
