package dicom

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"strconv"
	"strings"
)

// MaxPixels is how many pixels a frame may have.
const MaxPixels = 64 << 20

// The elements that describe pixels (PS3.3 §C.7.6.3).
const (
	samplesPerPixel    Tag = 0x00280002
	photometric        Tag = 0x00280004
	planar             Tag = 0x00280006
	numberOfFrames     Tag = 0x00280008
	rows               Tag = 0x00280010
	columns            Tag = 0x00280011
	bitsAllocated      Tag = 0x00280100
	bitsStored         Tag = 0x00280101
	signedPixels       Tag = 0x00280103
	windowCenter       Tag = 0x00281050
	windowWidth        Tag = 0x00281051
	rescaleIntercept   Tag = 0x00281052
	rescaleSlope       Tag = 0x00281053
	paletteDescription Tag = 0x00281101 // of red; green and blue follow
	paletteData        Tag = 0x00281201
)

// Frames returns how many pictures the object has.
func (o *Object) Frames() int {
	if o.Find(PixelData) == nil {
		return 0
	}
	if n, err := strconv.Atoi(o.text(numberOfFrames)); err == nil && n > 0 {
		return n
	}
	return 1
}

// Picture makes a picture of a frame, the first of which is 0. Grey values go
// through the window of the object, or from its darkest to its brightest pixel
// where it has none.
//
// It knows pixels that are not compressed, RLE, lossless JPEG, and JPEG of eight
// bits.
func (o *Object) Picture(frame int) (image.Image, error) {
	if frame < 0 || frame >= o.Frames() {
		return nil, fmt.Errorf("dicom: there is no frame %d; the object has %d", frame, o.Frames())
	}
	p, err := o.pixels()
	if err != nil {
		return nil, err
	}
	data, err := o.frame(p, frame)
	if err != nil {
		return nil, err
	}
	switch uid := o.text(TransferSyntax); uid {
	case "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51":
		return decodeJPEG(data)
	case "1.2.840.10008.1.2.5":
		if data, err = p.unpackRLE(data); err != nil {
			return nil, err
		}
		p.planar = true
	case "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70":
		if data, err = p.unpackLossless(data); err != nil {
			return nil, err
		}
		p.planar = false
	default:
		if o.Find(PixelData).Items != nil {
			return nil, fmt.Errorf("dicom: pixel data of the transfer syntax %s cannot be decompressed here", uid)
		}
	}
	return p.picture(o, data)
}

func decodeJPEG(data []byte) (image.Image, error) {
	size, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("dicom: the frame is not a JPEG picture of eight bits")
	}
	if size.Width*size.Height > MaxPixels {
		return nil, errTooLarge
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("dicom: the JPEG picture is broken")
	}
	return img, nil
}

var errTooLarge = fmt.Errorf("dicom: a frame has more than %d pixels", MaxPixels)

// pixels is how the pixels of an object are laid out.
type pixels struct {
	width, height int
	samples       int // per pixel
	bytes         int // per sample
	stored        int // bits that count
	signed        bool
	planar        bool // all red samples come before all green ones
	order         binary.ByteOrder
	kind          string
}

func (o *Object) pixels() (*pixels, error) {
	p := &pixels{
		width: o.number(columns, 0), height: o.number(rows, 0), samples: o.number(samplesPerPixel, 1),
		bytes: (o.number(bitsAllocated, 8) + 7) / 8, signed: o.number(signedPixels, 0) == 1, planar: o.number(planar, 0) == 1,
		order: o.order(), kind: o.text(photometric),
	}
	p.stored = o.number(bitsStored, 8*p.bytes)
	switch {
	case p.width == 0 || p.height == 0:
		return nil, errors.New("dicom: the object does not say how large its picture is")
	case p.width*p.height > MaxPixels:
		return nil, errTooLarge
	case p.samples != 1 && p.samples != 3 || p.bytes > 2 || p.stored > 8*p.bytes || p.stored == 0 || p.samples == 3 && p.bytes != 1:
		return nil, fmt.Errorf("dicom: pictures of %d samples with %d bits are not known here", p.samples, 8*p.bytes)
	}
	return p, nil
}

func (o *Object) order() binary.ByteOrder {
	if o.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// number returns a value of the representation US.
func (o *Object) number(tag Tag, missing int) int {
	if e := o.Find(tag); e != nil && len(e.Value) >= 2 {
		return int(o.order().Uint16(e.Value))
	}
	return missing
}

func (o *Object) decimal(tag Tag) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(o.text(tag)), 64)
	return f, err == nil
}

func (p *pixels) frameSize() int { return p.width * p.height * p.samples * p.bytes }

// frame returns the bytes of one frame.
func (o *Object) frame(p *pixels, n int) ([]byte, error) {
	e := o.Find(PixelData)
	if e.Items == nil {
		size := p.frameSize()
		if len(e.Value) < size*(n+1) {
			return nil, errors.New("dicom: the pixel data is shorter than its pictures")
		}
		return e.Value[size*n : size*(n+1)], nil
	}
	if len(e.Items) < 2 {
		return nil, errors.New("dicom: the pixel data has no fragments")
	}
	fragments := e.Items[1:]
	switch frames := o.Frames(); {
	case len(fragments) == frames:
		return fragments[n].Fragment, nil
	case frames == 1:
		return joined(fragments), nil
	default:
		return byOffset(e.Items[0].Fragment, fragments, n)
	}
}

func joined(fragments []Item) []byte {
	var out []byte
	for _, f := range fragments {
		out = append(out, f.Fragment...)
	}
	return out
}

// byOffset finds the fragments of a frame by the table of offsets (PS3.5 §A.4).
func byOffset(table []byte, fragments []Item, n int) ([]byte, error) {
	if len(table) < 4*(n+1) {
		return nil, errors.New("dicom: the table of offsets does not tell to which frames the fragments belong")
	}
	from, to := int(binary.LittleEndian.Uint32(table[4*n:])), math.MaxInt
	if len(table) >= 4*(n+2) {
		to = int(binary.LittleEndian.Uint32(table[4*(n+1):]))
	}
	var mine []Item
	at := 0
	for _, f := range fragments {
		if at >= from && at < to {
			mine = append(mine, f)
		}
		at += 8 + len(f.Fragment)
	}
	return joined(mine), nil
}

// unpackRLE unpacks the segments of a frame (PS3.5 Annex G): one for each byte of
// each sample, the most significant first.
func (p *pixels) unpackRLE(data []byte) ([]byte, error) {
	errBroken := errors.New("dicom: the frame is not compressed as RLE says")
	count := p.samples * p.bytes
	if len(data) < 64 || int(binary.LittleEndian.Uint32(data)) != count || count > 15 {
		return nil, errBroken
	}
	plane := p.width * p.height
	out := make([]byte, plane*count)
	for s := range count {
		from, to := int(binary.LittleEndian.Uint32(data[4+4*s:])), len(data)
		if s+1 < count {
			to = int(binary.LittleEndian.Uint32(data[8+4*s:]))
		}
		if from > to || to > len(data) {
			return nil, errBroken
		}
		sample, byteOf := s/p.bytes, s%p.bytes
		at := sample*plane*p.bytes + byteOf
		if p.order == binary.ByteOrder(binary.LittleEndian) {
			at = sample*plane*p.bytes + p.bytes - 1 - byteOf
		}
		if !unpackBits(data[from:to], out, at, p.bytes, plane) {
			return nil, errBroken
		}
	}
	return out, nil
}

// unpackBits writes count bytes to out, step apart, and reports whether all came.
func unpackBits(in, out []byte, at, step, count int) bool {
	put := func(b byte) {
		if count > 0 {
			out[at] = b
			at += step
			count--
		}
	}
	for len(in) > 1 && count > 0 {
		switch n := int(int8(in[0])); {
		case n >= 0:
			n++
			if len(in) < 1+n {
				return false
			}
			for _, b := range in[1 : 1+n] {
				put(b)
			}
			in = in[1+n:]
		case n > -128:
			for range 1 - n {
				put(in[1])
			}
			in = in[2:]
		default:
			in = in[1:]
		}
	}
	return count == 0
}

func (p *pixels) picture(o *Object, data []byte) (image.Image, error) {
	switch {
	case p.samples == 3:
		return p.colours(data), nil
	case p.kind == "PALETTE COLOR":
		return p.palette(o, data)
	}
	return p.greys(o, data), nil
}

// colours makes a picture of three samples: red, green and blue, or brightness and
// two differences (PS3.3 §C.7.6.3.1.2).
func (p *pixels) colours(data []byte) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, p.width, p.height))
	plane := p.width * p.height
	for i := range plane {
		a, b, c := 3*i, 3*i+1, 3*i+2
		if p.planar {
			a, b, c = i, plane+i, 2*plane+i
		}
		out := img.Pix[4*i : 4*i+4 : 4*i+4]
		out[0], out[1], out[2], out[3] = data[a], data[b], data[c], 255
		if strings.HasPrefix(p.kind, "YBR") {
			y, cb, cr := float64(data[a]), float64(data[b])-128, float64(data[c])-128
			out[0], out[1], out[2] = level(y+1.402*cr), level(y-0.344136*cb-0.714136*cr), level(y+1.772*cb)
		}
	}
	return img
}

func level(f float64) byte { return byte(max(0, min(255, math.Round(f)))) }

func (p *pixels) palette(o *Object, data []byte) (image.Image, error) {
	img := image.NewRGBA(image.Rect(0, 0, p.width, p.height))
	for channel := range 3 {
		d, table := o.Find(paletteDescription+Tag(channel)), o.Find(paletteData+Tag(channel))
		if d == nil || len(d.Value) < 6 || table == nil {
			return nil, errors.New("dicom: the palette is not complete")
		}
		first, bits := int(o.order().Uint16(d.Value[2:])), o.order().Uint16(d.Value[4:])
		for i := range p.width * p.height {
			n := max(0, p.sample(data, i)-first)
			var v byte
			if bits <= 8 && len(table.Value) > 0 {
				v = table.Value[min(n, len(table.Value)-1)]
			} else if len(table.Value) >= 2 {
				n = min(n, len(table.Value)/2-1)
				v = byte(o.order().Uint16(table.Value[2*n:]) >> 8)
			}
			img.Pix[4*i+channel], img.Pix[4*i+3] = v, 255
		}
	}
	return img, nil
}

// sample returns the grey value of a pixel.
func (p *pixels) sample(data []byte, i int) int {
	v := uint32(data[i*p.bytes])
	if p.bytes == 2 {
		v = uint32(p.order.Uint16(data[2*i:]))
	}
	v &= 1<<p.stored - 1
	if p.signed && v>>(p.stored-1) != 0 {
		return int(v) - 1<<p.stored
	}
	return int(v)
}

// greys makes a picture of one sample. Without a window, eight bits stay as they
// are.
func (p *pixels) greys(o *Object, data []byte) image.Image {
	img := image.NewGray(image.Rect(0, 0, p.width, p.height))
	low, high, ok := o.window()
	if !ok {
		low, high = p.bounds(data)
	}
	scale := 256 / (high - low + 1)
	for i := range p.width * p.height {
		v := level((float64(p.sample(data, i)) - low) * scale)
		if p.kind == "MONOCHROME1" {
			v = 255 - v
		}
		img.Pix[i] = v
	}
	return img
}

func (p *pixels) bounds(data []byte) (low, high float64) {
	if p.stored <= 8 && !p.signed {
		return 0, 255
	}
	least, most := p.sample(data, 0), p.sample(data, 0)
	for i := range p.width * p.height {
		v := p.sample(data, i)
		least, most = min(least, v), max(most, v)
	}
	return float64(least), float64(most)
}

// window returns the stored values that become black and white. The window of the
// object is in the units that slope and intercept make.
func (o *Object) window() (low, high float64, ok bool) {
	center, ok := o.decimal(windowCenter)
	width, has := o.decimal(windowWidth)
	if !ok || !has || width <= 0 {
		return 0, 0, false
	}
	slope, has := o.decimal(rescaleSlope)
	if !has || slope == 0 {
		slope = 1
	}
	intercept, _ := o.decimal(rescaleIntercept)
	low, high = (center-width/2-intercept)/slope, (center+width/2-intercept)/slope
	return min(low, high), max(low, high), true
}
