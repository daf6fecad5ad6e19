// Package dicom reads and writes DICOM objects: files of PS3.10 and bare data
// sets of PS3.5. It takes pixel data out of an object and puts it back, and makes
// pictures of frames.
//
// An object is read whole, and its values share memory with the bytes they were
// read from. What is written is as the widespread dcm4che 2 writes it: elements in
// the order of their tags, without group lengths but that of the file meta
// information, sequences and items of undefined length. An object without file
// meta information is written as a bare data set, implicit VR little endian.
//
// No error says what an object contains.
package dicom

import (
	"fmt"
	"strings"
)

// Tag is the group and the number of an element.
type Tag uint32

// The tags that mean something to this package.
const (
	MetaLength           Tag = 0x00020000
	TransferSyntax       Tag = 0x00020010
	SpecificCharacterSet Tag = 0x00080005
	PixelData            Tag = 0x7FE00010

	item                 Tag = 0xFFFEE000
	itemDelimitation     Tag = 0xFFFEE00D
	sequenceDelimitation Tag = 0xFFFEE0DD
)

// String returns the tag as eight hexadecimal digits, in upper case.
func (t Tag) String() string { return fmt.Sprintf("%08X", uint32(t)) }

func (t Tag) group() uint16 { return uint16(t >> 16) }

func (t Tag) isMeta() bool { return t.group() == 2 }

// isGroupLength tells the elements that only say how long their group is.
func (t Tag) isGroupLength() bool { return t&0xFFFF == 0 }

// Undefined is the Length of what ends with a delimiter.
const Undefined = -1

// Element is one element of a data set: a value, or items.
type Element struct {
	Tag   Tag
	VR    VR
	Value []byte // with its padding, in the byte order of the object

	// Items are the data sets of a sequence, or the fragments of encapsulated
	// pixel data, of which the first is the table of offsets.
	Items []Item

	// Where the element was in the file, and the length that it gave.
	Position int
	Length   int
}

// IsSequence reports whether the items are data sets.
func (e *Element) IsSequence() bool { return e.VR == SQ }

// Item is a data set inside of a sequence, or a fragment.
type Item struct {
	Elements []Element
	Fragment []byte

	Position int
	Length   int
}

// Object is a DICOM object.
type Object struct {
	Elements  []Element // file meta information first
	BigEndian bool      // the byte order of the values outside of the file meta information
}

// Find returns the element with a tag, or nil. Of two, the last one counts.
func (o *Object) Find(tag Tag) *Element { return find(o.Elements, tag) }

func find(elements []Element, tag Tag) *Element {
	for i := len(elements) - 1; i >= 0; i-- {
		if elements[i].Tag == tag {
			return &elements[i]
		}
	}
	return nil
}

// Put adds an element or replaces the ones of its tag.
func (o *Object) Put(e Element) {
	o.Remove(e.Tag)
	o.Elements = append(o.Elements, e)
}

// Remove takes the elements with a tag out.
func (o *Object) Remove(tag Tag) {
	var kept []Element
	for _, e := range o.Elements {
		if e.Tag != tag {
			kept = append(kept, e)
		}
	}
	o.Elements = kept
}

// text returns the first value of an element of characters, without padding.
func (o *Object) text(tag Tag) string {
	e := o.Find(tag)
	if e == nil {
		return ""
	}
	first, _, _ := strings.Cut(string(e.Value), `\`)
	return strings.Trim(first, " \x00")
}

// syntax is how a data set is written.
type syntax struct{ explicit, bigEndian, deflated bool }

// The transfer syntaxes that are not explicit VR little endian, as all those of
// compressed pixel data are (PS3.5 Annex A).
var syntaxes = map[string]syntax{
	"1.2.840.10008.1.2":      {},
	"1.2.840.10008.1.2.1.99": {explicit: true, deflated: true},
	"1.2.840.10008.1.2.2":    {explicit: true, bigEndian: true},
}

func syntaxOf(uid string) syntax {
	if s, ok := syntaxes[uid]; ok {
		return s
	}
	return syntax{explicit: true}
}
