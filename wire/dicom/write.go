package dicom

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"slices"
)

// Bytes writes the object: a file when it has file meta information, which must
// name the transfer syntax, else a bare data set. The preamble is empty.
func (o *Object) Bytes() ([]byte, error) {
	meta, rest := o.split()
	if len(meta) == 0 {
		w := writer{fromBig: o.BigEndian}
		w.elements(rest)
		return w.out, nil
	}
	uid := o.text(TransferSyntax)
	if uid == "" {
		return nil, errors.New("dicom: the file meta information names no transfer syntax (0002,0010)")
	}
	head := writer{syntax: syntax{explicit: true}}
	head.elements(meta)
	w := writer{syntax: syntaxOf(uid), fromBig: o.BigEndian}
	w.out = append(make([]byte, preambleSize, preambleSize+16+len(head.out)+o.size()), "DICM"...)
	lengths := writer{syntax: head.syntax}
	lengths.header(MetaLength, UL, 4)
	w.out = append(w.out, lengths.out...)
	w.out = binary.LittleEndian.AppendUint32(w.out, uint32(len(head.out)))
	w.out = append(w.out, head.out...)
	if !w.deflated {
		w.elements(rest)
		return w.out, nil
	}
	body := writer{syntax: w.syntax, fromBig: o.BigEndian}
	body.elements(rest)
	return deflate(w.out, body.out)
}

func deflate(out, body []byte) ([]byte, error) {
	buf := bytes.NewBuffer(out)
	z, err := flate.NewWriter(buf, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	err = z.Close()
	return buf.Bytes(), err
}

// split returns the file meta information and the rest, each in order.
func (o *Object) split() (meta, rest []Element) {
	for _, e := range ordered(o.Elements) {
		if e.Tag.isMeta() {
			meta = append(meta, e)
		} else {
			rest = append(rest, e)
		}
	}
	return meta, rest
}

// ordered returns elements in the order of their tags, the last one of each, and
// no group lengths.
func ordered(elements []Element) []Element {
	out := make([]Element, 0, len(elements))
	for _, e := range elements {
		if !e.Tag.isGroupLength() {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Element) int { return int(int64(a.Tag) - int64(b.Tag)) })
	kept := out[:0]
	for i, e := range out {
		if i+1 < len(out) && out[i+1].Tag == e.Tag {
			continue
		}
		kept = append(kept, e)
	}
	return kept
}

// size is about what the values take.
func (o *Object) size() int {
	n := 0
	for _, e := range o.Elements {
		n += 12 + len(e.Value)
		for _, i := range e.Items {
			n += 8 + len(i.Fragment)
		}
	}
	return n
}

// writer appends to out. fromBig is the byte order of the values it is given.
type writer struct {
	syntax
	fromBig bool
	out     []byte
}

func (w *writer) elements(elements []Element) {
	for i := range elements {
		w.element(&elements[i])
	}
}

func (w *writer) element(e *Element) {
	switch {
	case e.IsSequence() && len(e.Items) == 0:
		w.header(e.Tag, SQ, 0)
	case e.Items != nil:
		w.header(e.Tag, e.VR, Undefined)
		for i := range e.Items {
			w.item(e, &e.Items[i])
		}
		w.header(sequenceDelimitation, "", 0)
	default:
		w.value(e)
	}
}

func (w *writer) item(e *Element, i *Item) {
	if !e.IsSequence() {
		w.header(item, "", len(i.Fragment)+len(i.Fragment)&1)
		w.out = append(w.out, i.Fragment...)
		w.even(i.Fragment, 0)
		return
	}
	elements := ordered(i.Elements)
	if len(elements) == 0 {
		w.header(item, "", 0)
		return
	}
	w.header(item, "", Undefined)
	w.elements(elements)
	w.header(itemDelimitation, "", 0)
}

// value writes an element that has no items. In explicit VR, one that is too long
// for the length of its representation becomes UN (PS3.5 §6.2.2).
func (w *writer) value(e *Element) {
	vr := e.VR
	n := len(e.Value) + len(e.Value)&1
	if w.explicit && !vr.hasLongHeader() && n > 0xFFFF {
		vr = UN
	}
	w.header(e.Tag, vr, n)
	w.out = append(w.out, e.VR.InOrder(e.Value, w.fromBig, w.bigEndian)...)
	w.even(e.Value, e.VR.pad())
}

func (w *writer) even(value []byte, pad byte) {
	if len(value)&1 != 0 {
		w.out = append(w.out, pad)
	}
}

func (w *writer) header(tag Tag, vr VR, length int) {
	order := binary.AppendByteOrder(binary.LittleEndian)
	if w.bigEndian {
		order = binary.BigEndian
	}
	w.out = order.AppendUint16(w.out, tag.group())
	w.out = order.AppendUint16(w.out, uint16(tag))
	if w.explicit && vr != "" {
		w.out = append(w.out, vr...)
		if !vr.hasLongHeader() {
			w.out = order.AppendUint16(w.out, uint16(length))
			return
		}
		w.out = append(w.out, 0, 0)
	}
	w.out = order.AppendUint32(w.out, uint32(int32(length)))
}
