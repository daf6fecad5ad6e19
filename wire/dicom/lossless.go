package dicom

import "errors"

var errLossless = errors.New("dicom: the frame is not lossless JPEG as its transfer syntax says")

// unpackLossless decompresses a frame of lossless JPEG (ITU-T T.81 Annex H), the
// usual compression of archives. Its samples are those of the object, little
// endian, those of one pixel together.
func (p *pixels) unpackLossless(data []byte) ([]byte, error) {
	d := &lossless{in: data, pixels: p}
	for {
		marker, segment, ok := d.next()
		if !ok {
			return nil, errLossless
		}
		switch marker {
		case 0xC3:
			ok = d.frame(segment)
		case 0xC4:
			ok = d.tables(segment)
		case 0xDD:
			if ok = len(segment) == 2; ok {
				d.interval = int(segment[0])<<8 | int(segment[1])
			}
		case 0xDA:
			if !d.scan(segment) {
				return nil, errLossless
			}
			return d.samples()
		case 0xD9:
			ok = false
		}
		if !ok {
			return nil, errLossless
		}
	}
}

type lossless struct {
	*pixels
	in       []byte
	huffman  [4]*huffman
	order    []byte // ids of the components
	use      []int  // the table of each
	depth    uint   // bits of a sample
	interval int    // pixels between restarts; 0: none

	predictor byte
	shift     uint
	bits      uint32
	have      uint
	done      bool // a marker ends the bits
}

// next returns the next segment with a marker, without what entropy coding may
// have left before it.
func (d *lossless) next() (marker byte, segment []byte, ok bool) {
	for len(d.in) >= 2 && (d.in[0] != 0xFF || d.in[1] == 0xFF || d.in[1] == 0) {
		d.in = d.in[1:]
	}
	if len(d.in) < 2 {
		return 0, nil, false
	}
	marker, d.in = d.in[1], d.in[2:]
	if marker == 0xD8 || marker == 0xD9 {
		return marker, nil, true
	}
	if len(d.in) < 2 {
		return 0, nil, false
	}
	n := int(d.in[0])<<8 | int(d.in[1])
	if n < 2 || n > len(d.in) {
		return 0, nil, false
	}
	segment, d.in = d.in[2:n], d.in[n:]
	return marker, segment, true
}

func (d *lossless) frame(s []byte) bool {
	if len(s) < 6 || len(s) != 6+3*int(s[5]) || int(s[5]) != d.pixels.samples {
		return false
	}
	d.depth = uint(s[0])
	if d.depth < 2 || int(d.depth) > 8*d.bytes || int(s[1])<<8|int(s[2]) != d.height || int(s[3])<<8|int(s[4]) != d.width {
		return false
	}
	for c := s[6:]; len(c) > 0; c = c[3:] {
		if c[1] != 0x11 { // all components have all samples
			return false
		}
		d.order = append(d.order, c[0])
	}
	return true
}

func (d *lossless) tables(s []byte) bool {
	for len(s) > 0 {
		if len(s) < 17 || s[0] > 3 {
			return false
		}
		h, n := newHuffman(s[1:17], s[17:])
		if h == nil {
			return false
		}
		d.huffman[s[0]], s = h, s[17+n:]
	}
	return true
}

// scan reads the header of the scan, which must have all components.
func (d *lossless) scan(s []byte) bool {
	n := len(d.order)
	if n == 0 || len(s) != 4+2*n || int(s[0]) != n {
		return false
	}
	for i, id := range d.order {
		table := int(s[2+2*i] >> 4)
		if s[1+2*i] != id || table > 3 || d.huffman[table] == nil {
			return false
		}
		d.use = append(d.use, table)
	}
	d.predictor, d.shift = s[1+2*n], uint(s[3+2*n]&15)
	return d.predictor >= 1 && d.predictor <= 7 && d.shift < d.depth
}

// samples decodes the entropy-coded data.
func (d *lossless) samples() ([]byte, error) {
	n := len(d.order)
	row := d.width * n
	above, line := make([]int32, row), make([]int32, row)
	out := make([]byte, 0, d.frameSize())
	start := int32(1) << (d.depth - d.shift - 1)
	fresh := true // the line is predicted as the first one
	for pixel := range d.width * d.height {
		x := pixel % d.width
		if x == 0 && pixel > 0 {
			above, line = line, above
			fresh = false
		}
		restarted := d.interval > 0 && pixel > 0 && pixel%d.interval == 0
		if restarted {
			if !d.restart() {
				return nil, errLossless
			}
			fresh = true
		}
		for c := range n {
			at := x*n + c
			difference, ok := d.difference(d.huffman[d.use[c]])
			if !ok {
				return nil, errLossless
			}
			var guess int32
			switch {
			case restarted || pixel == 0:
				guess = start
			case fresh:
				guess = start
				if x > 0 {
					guess = line[at-n]
				}
			case x == 0:
				guess = above[at]
			default:
				guess = d.predict(line[at-n], above[at], above[at-n])
			}
			line[at] = (guess + difference) & 0xFFFF
			v := line[at] << d.shift
			out = append(out, byte(v))
			if d.bytes == 2 {
				out = append(out, byte(v>>8))
			}
		}
	}
	return out, nil
}

// predict guesses a sample from the ones on the left, above, and left above.
func (d *lossless) predict(left, above, corner int32) int32 {
	switch d.predictor {
	case 1:
		return left
	case 2:
		return above
	case 3:
		return corner
	case 4:
		return left + above - corner
	case 5:
		return left + (above-corner)>>1
	case 6:
		return above + (left-corner)>>1
	}
	return (left + above) >> 1
}

// restart passes over a restart marker.
func (d *lossless) restart() bool {
	d.bits, d.have, d.done = 0, 0, false
	if len(d.in) < 2 || d.in[0] != 0xFF || d.in[1]&0xF8 != 0xD0 {
		return false
	}
	d.in = d.in[2:]
	return true
}

// bit returns the next bit. A byte FF of the data has a 0 behind it.
func (d *lossless) bit() (uint32, bool) {
	if d.have == 0 {
		if d.done || len(d.in) == 0 || d.in[0] == 0xFF && (len(d.in) == 1 || d.in[1] != 0) {
			d.done = true
			return 0, false
		}
		d.bits, d.have = uint32(d.in[0]), 8
		if d.in[0] == 0xFF {
			d.in = d.in[1:]
		}
		d.in = d.in[1:]
	}
	d.have--
	return d.bits >> d.have & 1, true
}

// difference returns the next difference: its size, then its bits.
func (d *lossless) difference(h *huffman) (int32, bool) {
	size, ok := h.decode(d)
	switch {
	case !ok || size > 16:
		return 0, false
	case size == 0:
		return 0, true
	case size == 16:
		return 1 << 15, true
	}
	var v int32
	for range size {
		b, ok := d.bit()
		if !ok {
			return 0, false
		}
		v = v<<1 | int32(b)
	}
	if v < 1<<(size-1) {
		v -= 1<<size - 1
	}
	return v, true
}

// huffman is a table of codes (ITU-T T.81 Annex C): of each length, the first code
// and where its values begin.
type huffman struct {
	first, count, at [17]int32
	values           []byte
}

func newHuffman(counts, values []byte) (h *huffman, used int) {
	h = new(huffman)
	code := int32(0)
	for length := 1; length <= 16; length++ {
		h.first[length], h.count[length], h.at[length] = code, int32(counts[length-1]), int32(used)
		used += int(counts[length-1])
		code = (code + int32(counts[length-1])) << 1
	}
	if used > len(values) {
		return nil, 0
	}
	h.values = values[:used]
	return h, used
}

func (h *huffman) decode(d *lossless) (byte, bool) {
	code := int32(0)
	for length := 1; length <= 16; length++ {
		b, ok := d.bit()
		if !ok {
			return 0, false
		}
		code = code<<1 | int32(b)
		if i := code - h.first[length]; i >= 0 && i < h.count[length] {
			return h.values[h.at[length]+i], true
		}
	}
	return 0, false
}
