package dicom

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Limits of what is read.
const (
	MaxDepth    = 64        // sequences inside one another
	MaxElements = 1_000_000 // elements and items of one object
	MaxInflated = 512 << 20 // bytes of a deflated data set
)

// ErrNotDICOM is returned for bytes that do not begin as DICOM does.
var ErrNotDICOM = errors.New("dicom: the bytes are not DICOM")

// preambleSize is how many bytes of a file come before DICM (PS3.10 §7.1).
const preambleSize = 128

// Read reads a DICOM file, or a data set without a file around it; how the latter
// is written is told by its first element.
func Read(file []byte) (*Object, error) {
	r := &reader{data: file}
	if len(file) >= preambleSize+4 && string(file[preambleSize:preambleSize+4]) == "DICM" {
		r.pos = preambleSize + 4
	}
	if err := r.guess(); err != nil {
		return nil, err
	}
	o := new(Object)
	for r.isMeta() {
		e, ok, err := r.element()
		if err != nil || !ok {
			return o, err
		}
		o.Elements = append(o.Elements, e)
	}
	if uid := o.text(TransferSyntax); uid != "" {
		if err := r.change(syntaxOf(uid)); err != nil {
			return nil, err
		}
	}
	o.BigEndian = r.bigEndian
	elements, err := r.dataSet(len(r.data), true)
	o.Elements = append(o.Elements, elements...)
	return o, err
}

// reader reads data from pos on. In a deflated data set, data is what is inflated
// and origin is where it began in the file.
type reader struct {
	syntax
	data   []byte
	pos    int
	origin int
	depth  int
	count  int
}

// guess tells from the first element how it is written: in which byte order its
// tag is one of the dictionary, and whether its representation follows.
func (r *reader) guess() error {
	head := r.data[r.pos:]
	if len(head) < 8 {
		return ErrNotDICOM
	}
	for _, bigEndian := range []bool{false, true} {
		r.bigEndian = bigEndian
		if v := VROf(r.tag(head)); v != UN {
			written := VR(head[4:6])
			r.explicit = written == v || written.Valid()
			return nil
		}
	}
	return ErrNotDICOM
}

func (r *reader) order() binary.ByteOrder {
	if r.bigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (r *reader) tag(b []byte) Tag {
	return Tag(r.order().Uint16(b))<<16 | Tag(r.order().Uint16(b[2:]))
}

func (r *reader) isMeta() bool {
	return len(r.data)-r.pos >= 8 && r.tag(r.data[r.pos:]).isMeta()
}

// change goes on in another syntax, behind the file meta information.
func (r *reader) change(s syntax) error {
	r.syntax = s
	if !s.deflated {
		return nil
	}
	in := flate.NewReader(bytes.NewReader(r.data[r.pos:]))
	out, err := io.ReadAll(io.LimitReader(in, MaxInflated+1))
	switch {
	case len(out) > MaxInflated:
		return fmt.Errorf("dicom: the data set inflates to more than %d bytes", MaxInflated)
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("dicom: the data set is not deflated as its transfer syntax says")
	}
	r.origin, r.data, r.pos = r.pos, out, 0
	return nil
}

func (r *reader) fail(at int, problem string) error {
	return fmt.Errorf("dicom: byte %d: %s", r.origin+at, problem)
}

// header is the beginning of an element, item or delimiter.
type header struct {
	tag    Tag
	vr     VR // empty for items and delimiters, and in implicit VR
	length int
	at     int
}

// header reads one; ok is false at the end of the data, where a few bytes that
// are none are left alone.
func (r *reader) header() (h header, ok bool, err error) {
	b := r.data[r.pos:]
	if len(b) < 8 {
		return h, false, nil
	}
	h.at, h.tag = r.pos, r.tag(b)
	if r.count++; r.count > MaxElements {
		return h, false, fmt.Errorf("dicom: there are more than %d elements", MaxElements)
	}
	r.pos += 8
	if r.explicit && h.tag.group() != 0xFFFE {
		h.vr = VR(b[4:6])
		if !h.vr.Valid() {
			h.vr = VROf(h.tag)
		}
		if !h.vr.hasLongHeader() {
			h.length = int(r.order().Uint16(b[6:]))
			return h, true, nil
		}
		if len(b) < 12 {
			return h, false, nil
		}
		r.pos += 4
		b = b[4:]
	}
	length := r.order().Uint32(b[4:])
	h.length = int(length)
	if length == 0xFFFFFFFF {
		h.length = Undefined
	}
	return h, true, nil
}

func (r *reader) take(h header, end int) ([]byte, error) {
	if h.length < 0 || h.length > end-r.pos {
		return nil, r.fail(h.at, "a value is longer than what contains it")
	}
	value := r.data[r.pos : r.pos+h.length : r.pos+h.length]
	r.pos += h.length
	return value, nil
}

// dataSet reads elements up to end, or to the delimiter of an item. With open the
// data may end without one.
func (r *reader) dataSet(end int, open bool) ([]Element, error) {
	var out []Element
	for r.pos < end {
		e, ok, err := r.elementBefore(end)
		if err != nil {
			return nil, err
		}
		if !ok {
			if !open {
				return nil, r.fail(r.pos, "an item has no end")
			}
			r.pos = end
			return out, nil
		}
		if e.Tag == itemDelimitation {
			return out, nil
		}
		if e.Tag.group() == 0xFFFE {
			return nil, r.fail(e.Position-r.origin, "an item or delimiter stands where an element is expected")
		}
		out = append(out, e)
	}
	return out, nil
}

func (r *reader) element() (Element, bool, error) { return r.elementBefore(len(r.data)) }

func (r *reader) elementBefore(end int) (e Element, ok bool, err error) {
	h, ok, err := r.header()
	if err != nil || !ok {
		return e, ok, err
	}
	e = Element{Tag: h.tag, VR: h.vr, Position: r.origin + h.at, Length: h.length}
	if h.tag.group() == 0xFFFE {
		return e, true, nil
	}
	// The items of a sequence of unknown representation are written in implicit
	// VR little endian (PS3.5 §6.2.2), and so is what has none here.
	before := r.syntax
	defer func() { r.syntax = before }()
	if e.VR == "" || e.VR == UN {
		e.VR = VROf(h.tag)
		if h.vr == UN {
			r.syntax = syntax{}
		}
	}
	if h.length == Undefined || e.VR == SQ {
		return e, true, r.items(&e, h, end)
	}
	e.Value, err = r.take(h, end)
	return e, true, err
}

// items reads what is inside of a sequence or of encapsulated pixel data. A
// sequence whose representation is unknown shows itself by an item of undefined
// length; until then its items are taken for fragments.
func (r *reader) items(e *Element, h header, end int) error {
	if h.length != Undefined {
		if h.length > end-r.pos {
			return r.fail(h.at, "a sequence is longer than what contains it")
		}
		end = r.pos + h.length
	}
	if r.depth++; r.depth > MaxDepth {
		return fmt.Errorf("dicom: more than %d sequences are inside one another", MaxDepth)
	}
	defer func() { r.depth-- }()
	start := r.pos
	e.Items = []Item{}
	for r.pos < end {
		i, ok, err := r.header()
		if err != nil {
			return err
		}
		if !ok || i.tag == sequenceDelimitation {
			if !ok {
				r.pos = end
			}
			return nil
		}
		if i.tag != item {
			return r.fail(i.at, "a sequence contains something that is no item")
		}
		if i.length == Undefined && e.VR != SQ {
			if e.VR != UN {
				return r.fail(i.at, "a fragment has no length")
			}
			e.VR, e.Items, r.pos = SQ, e.Items[:0], start
			continue
		}
		one, err := r.item(e.VR == SQ, i, end)
		if err != nil {
			return err
		}
		e.Items = append(e.Items, one)
	}
	return nil
}

func (r *reader) item(isDataSet bool, h header, end int) (i Item, err error) {
	i = Item{Position: r.origin + h.at, Length: h.length}
	switch {
	case !isDataSet:
		i.Fragment, err = r.take(h, end)
	case h.length == Undefined:
		i.Elements, err = r.dataSet(end, true)
	case h.length > end-r.pos:
		err = r.fail(h.at, "an item is longer than what contains it")
	default:
		i.Elements, err = r.dataSet(r.pos+h.length, false)
	}
	return i, err
}
