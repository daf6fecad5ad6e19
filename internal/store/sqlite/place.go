package sqlite

import (
	"errors"

	"github.com/weir-health/weir/internal/store"
)

// work is one piece of work for the writer.
type work struct {
	at place
	do func(*transaction) error
	// alone is for work on the volumes themselves: it has a transaction of weir.db of its
	// own, and then is called before anything else is written.
	then func()
}

// place says which volume a piece of work belongs to: a volume that is named, or else that
// of a message, or for what is new the channel's current one.
type place struct {
	in       *volume
	channel  int
	message  int64 // 0: of no message
	received int64 // microseconds since 1970; with insert
	insert   bool  // the message is new
	key      bool  // it brings a key
}

// errGone is the error of work for a volume that is gone.
var errGone = errors.New("the messages have gone elsewhere")

// volume finds the volume of a piece of work.
func (w *writer) volume(p *place) (v *volume, err error) {
	switch {
	case p.in != nil && p.in.gone:
		return nil, errGone
	case p.in != nil:
		v = p.in
	case p.message == 0:
		v, err = w.current(p.channel)
	case p.insert:
		v, err = w.forNew(p.channel, p.message)
	default:
		v, err = w.having(p.channel, p.message)
	}
	if err != nil || v == nil {
		return nil, err
	}
	if p.insert {
		w.announce(v, p)
	} else if p.key && !v.extent(p.channel).keys {
		w.store.volumes.raise(v, p.channel, extent{low: noExtent.low, high: noExtent.high, oldest: noExtent.oldest, newest: noExtent.newest, keys: true})
	}
	return v, nil
}

// announce tells where a new message will be, so that what comes for it after this, and
// who reads it when it is there, finds it.
func (w *writer) announce(v *volume, p *place) {
	v.messages++
	w.placed[key(p.channel, p.message, 0, 0)] = v
	e := v.extent(p.channel)
	more := extent{p.message, p.message, p.received, p.received, p.key}
	if p.received == 0 { // it is not known
		more.oldest, more.newest = noExtent.oldest, noExtent.newest
	}
	if after := e.with(more); after != e {
		w.store.volumes.raise(v, p.channel, more)
		if v != w.currents[v.class] {
			delete(w.below, p.channel)
		}
	}
}

// forNew is the volume of a new message: the current one, but for an id that some volume
// has already, where the insert is refused.
func (w *writer) forNew(channel int, id int64) (*volume, error) {
	v, err := w.current(channel)
	if err != nil || id > w.others(channel, v) {
		return v, err
	}
	other, err := w.holder(channel, id)
	if err != nil || other != nil {
		return other, err
	}
	return v, nil
}

// having is the volume that has a message; one that is nowhere has it as little as others.
func (w *writer) having(channel int, id int64) (*volume, error) {
	v := w.currents[w.store.channels.class(channel)]
	if v != nil && id > w.others(channel, v) && v.extent(channel).covers(id) {
		return v, nil
	}
	if v, err := w.holder(channel, id); v != nil || err != nil {
		return v, err
	}
	return w.current(channel)
}

// others is the highest message id that a volume other than the current one has of a
// channel: what is above need not be looked for.
func (w *writer) others(channel int, current *volume) int64 {
	if high, ok := w.below[channel]; ok {
		return high
	}
	high := int64(-1)
	for _, v := range w.store.volumes.all {
		if v != current {
			high = max(high, v.extent(channel).high)
		}
	}
	w.below[channel] = high
	return high
}

// holder looks for a message in the volumes that may have it, the newest first.
func (w *writer) holder(channel int, id int64) (*volume, error) {
	k := key(channel, id, 0, 0)
	if v := w.placed[k]; v != nil {
		return v, nil
	}
	all := w.store.volumes.all
	for i := len(all) - 1; i >= 0; i-- {
		v := all[i]
		if !v.extent(channel).covers(id) {
			continue
		}
		if err := w.connect(v); err != nil {
			return nil, fault(v.path, err)
		}
		found, err := v.conn.rows(anyMessage, k, k)
		if err != nil {
			return nil, fault(v.path, err)
		}
		if len(found) > 0 {
			return v, nil
		}
	}
	return nil, nil
}

// current is the volume for what is new of a channel.
func (w *writer) current(channel int) (*volume, error) {
	class := w.store.channels.class(channel)
	v := w.currents[class]
	if v != nil && v.day >= w.today && v.messages < w.store.perVolume && v.bytes < maxBytes {
		return v, nil
	}
	return w.roll(class)
}

// Where a day brings more than this it gets another volume. Trees of more would be deeper
// and are larger than the memory of a small machine.
const (
	maxMessages = 1_000_000
	maxBytes    = 4 << 30
)

// roll begins a new volume of a class.
func (w *writer) roll(class store.Retention) (*volume, error) {
	old := w.currents[class]
	v, err := w.create(class)
	if err != nil {
		return nil, err
	}
	w.leave(old)
	w.currents[class] = v
	clear(w.below)
	return v, nil
}
