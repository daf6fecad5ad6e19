package blob

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Use is how many attachments are in a place, and how large they are together.
type Use struct {
	Place       string
	New         bool // new ones go there
	Attachments int64
	Bytes       int64
}

// Uses tells what is in which place: the database and those that are set up, and others
// that attachments are in nevertheless.
func (k *Keeper) Uses(ctx context.Context) ([]Use, error) {
	found := map[string]*Use{InDatabase: {}}
	for name := range k.o.Places {
		found[name] = &Use{}
	}
	err := k.EachAttachment(ctx, func(_ string, _ int64, a *store.Large) error {
		u := found[whereIs(a)]
		if u == nil {
			u = &Use{}
			found[whereIs(a)] = u
		}
		u.Attachments++
		u.Bytes += a.Size
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	var list []Use
	for name, u := range found {
		u.Place, u.New = name, name == k.o.Into || name == InDatabase && !k.outside()
		list = append(list, *u)
	}
	slices.SortFunc(list, func(a, b Use) int { return strings.Compare(a.Place, b.Place) })
	return list, nil
}

// whereIs is the name of the place that an attachment's content is in.
func whereIs(a *store.Large) string {
	if a.Place == "" {
		return InDatabase
	}
	name, _, _ := strings.Cut(a.Place, ":")
	return name
}

// Moved is what a move has done.
type Moved struct {
	Attachments, Bytes int64
	// Failed are those that could not be moved; they are where they were. Reason is why the
	// first of them was not.
	Failed int64
	Reason error
}

// maxFailed is after how many failures in a row a move gives up: the place does not answer.
const maxFailed = 5

// Move moves the contents of all attachments that are in one place to another, while
// messages come and go. Each is copied, is durable there, and is then the attachment's;
// what it had is removed after that. So one that is ended in the midst goes on when it is
// begun again.
func (k *Keeper) Move(ctx context.Context, from, to string) (done Moved, err error) {
	for _, name := range []string{from, to} {
		if name != InDatabase && k.o.Places[name] == nil {
			return done, &weir.Fault{Err: fmt.Errorf("there is no place %q for attachments", name), Hint: "Places are " + strings.Join(k.places(), ", ") + "."}
		}
	}
	if from == to {
		return done, &weir.Fault{Err: errors.New("the attachments are there already"), Hint: "Name two places."}
	}
	defer k.nudge()
	inRow := 0
	err = k.EachAttachment(ctx, func(channelID string, messageID int64, a *store.Large) error {
		if err := ctx.Err(); err != nil || whereIs(a) != from {
			return err
		}
		err := k.move(ctx, to, channelID, messageID, a)
		switch {
		case err == nil:
			inRow = 0
			done.Attachments++
			done.Bytes += a.Size
		case errors.Is(err, store.ErrNoAttachment): // removed or replaced meanwhile
		case ctx.Err() != nil, errors.Is(err, store.ErrClosed):
			return err
		default:
			if done.Failed++; done.Failed == 1 {
				done.Reason = err
			}
			if inRow++; inRow == maxFailed {
				return err
			}
			k.o.Log.Warn("An attachment could not be moved", "message", messageID, "attachment", a.ID, "error", err)
		}
		return nil
	})
	return done, err
}

func (k *Keeper) places() []string {
	list := []string{InDatabase}
	for name := range k.o.Places {
		list = append(list, name)
	}
	slices.Sort(list[1:])
	return list
}

// move moves one attachment.
func (k *Keeper) move(ctx context.Context, to, channelID string, messageID int64, a *store.Large) error {
	defer k.alone(channelID, messageID, a.ID)()
	now, content, err := k.OpenAttachment(ctx, channelID, messageID, a.ID)
	if err != nil {
		return err
	}
	defer content.Close()
	if now.Blob.ID != a.Blob.ID {
		return store.ErrNoAttachment
	}
	var b *store.Blob
	if to == InDatabase {
		b, err = store.KeepBlob(ctx, k, channelID, content, now.Encrypted)
	} else {
		b, err = k.keepOutside(ctx, to, channelID, content, now.Encrypted)
	}
	if err != nil {
		return err
	}
	moved := store.Large{ID: now.ID, Type: now.Type, Blob: *b}
	if b.Size == now.Size {
		err = k.MoveLarge(ctx, channelID, messageID, &moved, now.Blob.ID)
	} else {
		err = fmt.Errorf("%d of %d bytes were read", b.Size, now.Size)
	}
	if err != nil {
		k.drop(ctx, channelID, []store.Large{moved})
		return err
	}
	k.made([]store.Large{moved})
	return nil
}
