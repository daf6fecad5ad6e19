package dicom

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"reflect"
	"strings"
	"testing"
)

func read(t testing.TB, name string) *Object {
	t.Helper()
	o, err := Read(file(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func greys(t *testing.T, img image.Image) string {
	t.Helper()
	g, ok := img.(*image.Gray)
	if !ok {
		t.Fatalf("the picture is %T", img)
	}
	return fmt.Sprint(g.Pix)
}

// The pixels 0, 1024, 2048, 4095, 1, 2, 3, 4 of the object, through its window from
// 0 to 4096.
func TestPicture(t *testing.T) {
	const want = "[0 64 128 255 0 0 0 0]"
	for _, name := range []string{"explicit", "implicit", "bigendian", "deflated", "rle", "jpeg-lossless"} {
		o := read(t, name+".dcm")
		img, err := o.Picture(0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := greys(t, img); got != want || img.Bounds().Dx() != 4 || o.Frames() != 1 {
			t.Errorf("%s: got %s of %v", name, got, img.Bounds())
		}
	}
}

func us(n uint16) []byte { return []byte{byte(n), byte(n >> 8)} }

// pictured is an object of 2 × 1 pixels.
func pictured(kind string, samples, bits uint16, data []byte, more ...Element) *Object {
	return &Object{Elements: append([]Element{
		{Tag: samplesPerPixel, VR: US, Value: us(samples)}, {Tag: photometric, VR: "CS", Value: []byte(kind)},
		{Tag: rows, VR: US, Value: us(1)}, {Tag: columns, VR: US, Value: us(2)},
		{Tag: bitsAllocated, VR: US, Value: us(bits)}, {Tag: bitsStored, VR: US, Value: us(bits)},
		{Tag: PixelData, VR: OW, Value: data},
	}, more...)}
}

func TestKindsOfPictures(t *testing.T) {
	palette := func(channel Tag, values string) []Element {
		return []Element{
			{Tag: paletteDescription + channel, VR: US, Value: []byte{2, 0, 1, 0, 8, 0}},
			{Tag: paletteData + channel, VR: OW, Value: []byte(values)},
		}
	}
	for _, c := range []struct {
		name string
		o    *Object
		want string
	}{
		{"eight bits as they are", pictured("MONOCHROME2", 1, 8, []byte{7, 200}), "[7 200]"},
		{"black is white", pictured("MONOCHROME1", 1, 8, []byte{0, 200}), "[255 55]"},
		{"from darkest to brightest", pictured("MONOCHROME2", 1, 16, []byte{0, 1, 255, 1}), "[0 255]"},
		{"signed", pictured("MONOCHROME2", 1, 16, []byte{0xff, 0xff, 1, 0}, Element{Tag: signedPixels, VR: US, Value: us(1)}), "[0 171]"},
		{"rescaled", pictured("MONOCHROME2", 1, 16, []byte{0, 4, 0, 8}, Element{Tag: rescaleIntercept, VR: "DS", Value: []byte("-1024")},
			Element{Tag: windowCenter, VR: "DS", Value: []byte("512 ")}, Element{Tag: windowWidth, VR: "DS", Value: []byte(`1024\2`)}), "[0 255]"},
		{"colours", pictured("RGB", 3, 8, []byte{1, 2, 3, 4, 5, 6}), "[1 2 3 255 4 5 6 255]"},
		{"planes", pictured("RGB", 3, 8, []byte{1, 4, 2, 5, 3, 6}, Element{Tag: planar, VR: US, Value: us(1)}), "[1 2 3 255 4 5 6 255]"},
		{"brightness", pictured("YBR_FULL", 3, 8, []byte{50, 128, 128, 76, 85, 255}), "[50 50 50 255 254 0 0 255]"},
		{"palette", pictured("PALETTE COLOR", 1, 8, []byte{1, 2}, append(append(palette(0, "\x0a\x0b"), palette(1, "\x14\x15")...), palette(2, "\x1e\x1f")...)...),
			"[10 20 30 255 11 21 31 255]"},
	} {
		img, err := c.o.Picture(0)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := ""
		switch img := img.(type) {
		case *image.Gray:
			got = fmt.Sprint(img.Pix)
		case *image.RGBA:
			got = fmt.Sprint(img.Pix)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFrames(t *testing.T) {
	o := pictured("MONOCHROME2", 1, 8, []byte{1, 2, 3, 4}, Element{Tag: numberOfFrames, VR: "IS", Value: []byte("2 ")})
	if img, err := o.Picture(1); err != nil || greys(t, img) != "[3 4]" {
		t.Errorf("the second frame is %v, %v", img, err)
	}
	for _, n := range []int{-1, 2} {
		if _, err := o.Picture(n); err == nil {
			t.Errorf("frame %d is there", n)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 1)), nil); err != nil {
		t.Fatal(err)
	}
	half := b.Len() / 2
	o.Put(Element{Tag: TransferSyntax, VR: UI, Value: []byte("1.2.840.10008.1.2.4.50")})
	second := uint32(16 + b.Len())
	o.Put(Element{Tag: PixelData, VR: OB, Items: []Item{
		{Fragment: []byte{0, 0, 0, 0, byte(second), byte(second >> 8), 0, 0}},
		{Fragment: b.Bytes()[:half]}, {Fragment: b.Bytes()[half:]}, {Fragment: b.Bytes()},
	}})
	for n := range 2 {
		if img, err := o.Picture(n); err != nil || img.Bounds().Dx() != 2 {
			t.Errorf("frame %d of three fragments: %v", n, err)
		}
	}
}

func TestNoPicture(t *testing.T) {
	large := pictured("MONOCHROME2", 1, 16, nil)
	large.Put(Element{Tag: rows, VR: US, Value: us(65535)})
	large.Put(Element{Tag: columns, VR: US, Value: us(65535)})
	without := pictured("MONOCHROME2", 1, 8, nil)
	without.Remove(PixelData)
	jpeg2000, cut := read(t, "jpeg-lossless.dcm"), read(t, "jpeg-lossless.dcm")
	jpeg2000.Put(Element{Tag: TransferSyntax, VR: UI, Value: []byte("1.2.840.10008.1.2.4.90")})
	half := cut.Find(PixelData)
	half.Items[1].Fragment = half.Items[1].Fragment[:len(half.Items[1].Fragment)/2]
	for name, c := range map[string]struct {
		o     *Object
		words string
	}{
		"too large":    {large, "more than"},
		"too short":    {pictured("MONOCHROME2", 1, 16, []byte{1}), "shorter"},
		"no pixels":    {without, "no frame"},
		"JPEG 2000":    {jpeg2000, "cannot be decompressed"},
		"cut":          {cut, "is not lossless JPEG"},
		"sixteen bits": {pictured("RGB", 3, 16, make([]byte, 12)), "not known here"},
	} {
		if _, err := c.o.Picture(0); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What is compressed without loss gives the same picture, with every predictor of
// lossless JPEG.
func TestCompressed(t *testing.T) {
	for name, same := range map[string]string{
		"noise-lossless-1": "noise", "noise-lossless-2": "noise", "noise-lossless-3": "noise", "noise-lossless-4": "noise",
		"noise-lossless-5": "noise", "noise-lossless-6": "noise", "noise-lossless-7": "noise", "colour-lossless": "colour", "colour-rle": "colour",
	} {
		want, err := read(t, same+".dcm").Picture(0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t, name+".dcm").Picture(0)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is not the picture of %s: %v", name, same, err)
		}
	}
	if img, err := read(t, "colour-jpeg.dcm").Picture(0); err != nil || img.Bounds().Dx() != 6 {
		t.Errorf("JPEG: %v", err)
	}
}

// Nothing that can be read makes Picture panic.
func FuzzPicture(f *testing.F) {
	for _, name := range []string{"explicit", "bigendian", "rle", "jpeg-lossless", "colour-lossless", "colour-jpeg"} {
		f.Add(file(f, name+".dcm"))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		o, err := Read(in)
		if err != nil {
			return
		}
		for n := range min(o.Frames(), 2) {
			if img, err := o.Picture(n); err == nil && img.Bounds().Empty() {
				t.Error("a picture of nothing")
			}
		}
	})
}
