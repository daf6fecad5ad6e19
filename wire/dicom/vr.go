package dicom

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// VR is a value representation (PS3.5 §6.2), such as "PN".
type VR string

// The value representations that are not only text.
const (
	AT VR = "AT"
	FD VR = "FD"
	FL VR = "FL"
	OB VR = "OB"
	OD VR = "OD"
	OF VR = "OF"
	OL VR = "OL"
	OV VR = "OV"
	OW VR = "OW"
	SL VR = "SL"
	SQ VR = "SQ"
	SS VR = "SS"
	SV VR = "SV"
	UI VR = "UI"
	UL VR = "UL"
	UN VR = "UN"
	US VR = "US"
	UV VR = "UV"
)

// text tells the representations of characters: true for those that follow the
// object's character set, false for those that are ASCII.
var text = map[VR]bool{
	"AE": false, "AS": false, "CS": false, "DA": false, "DS": false, "DT": false, "IS": false, "TM": false, UI: false, "UR": false,
	"LO": true, "LT": true, "PN": true, "SH": true, "ST": true, "UC": true, "UT": true,
}

// IsText reports whether the value is characters.
func (v VR) IsText() bool { _, ok := text[v]; return ok }

// HasCharset reports whether the characters are of the object's character set.
func (v VR) HasCharset() bool { return text[v] }

// unit is of how many bytes the numbers are that depend on the byte order.
var unit = map[VR]int{AT: 2, OW: 2, SS: 2, US: 2, FL: 4, OF: 4, OL: 4, SL: 4, UL: 4, FD: 8, OD: 8, OV: 8, SV: 8, UV: 8}

// Valid reports whether v is a value representation.
func (v VR) Valid() bool { return v.IsText() || unit[v] > 0 || v == OB || v == SQ || v == UN }

// hasLongHeader tells those whose length has four bytes in explicit VR.
func (v VR) hasLongHeader() bool {
	return slices.Contains([]VR{OB, OD, OF, OL, OV, OW, SQ, SV, "UC", UN, "UR", "UT", UV}, v)
}

// pad is what makes an odd value even.
func (v VR) pad() byte {
	if v.IsText() && v != UI {
		return ' '
	}
	return 0
}

// swapped returns a value in the other byte order.
func (v VR) swapped(value []byte) []byte {
	n := unit[v]
	if n == 0 {
		return value
	}
	out := slices.Clone(value)
	for i := 0; i+n <= len(out); i += n {
		slices.Reverse(out[i : i+n])
	}
	return out
}

// InOrder returns a value of v that is in one byte order in the other, when
// bigEndian differs from want.
func (v VR) InOrder(value []byte, bigEndian, want bool) []byte {
	if bigEndian == want {
		return value
	}
	return v.swapped(value)
}

// vrText is the dictionary of PS3.6 without names: a group, a representation, and
// the numbers of the elements in that group that have it. Where the standard
// leaves a choice, the line says US for "US or SS" and OW for "OB or OW".
//
//go:embed vr.txt
var vrText string

var dictionary = sync.OnceValue(func() map[Tag]VR {
	m := make(map[Tag]VR, 6000)
	for line := range strings.Lines(vrText) {
		fields := strings.Fields(line)
		group := number16(fields[0])
		for _, f := range fields[2:] {
			from, to, isRange := strings.Cut(f, "-")
			if !isRange {
				to = from
			}
			for n := number16(from); n <= number16(to); n++ {
				m[Tag(group<<16|n)] = VR(fields[1])
			}
		}
	}
	return m
})

func number16(s string) uint32 {
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		panic("vr.txt: " + err.Error())
	}
	return uint32(n)
}

// VROf returns the representation that the standard gives to a tag: UN when it
// knows none, as for private elements.
func VROf(tag Tag) VR {
	if tag.isGroupLength() {
		return UL
	}
	group := tag.group()
	if group&1 != 0 {
		if tag&0xFF00 == 0 {
			return "LO" // a private creator
		}
		return UN
	}
	// Curves and overlays repeat with every other group (PS3.5 §7.6).
	if high := group & 0xFF00; high == 0x5000 || high == 0x6000 {
		tag = Tag(high)<<16 | tag&0xFFFF
	}
	if v, ok := dictionary()[tag]; ok {
		return v
	}
	return UN
}
