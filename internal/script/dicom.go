package script

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
	"github.com/weir-health/weir/wire/dicom"
)

// dicomType is the name of the data type, and the type of attachments that hold
// pixel data.
const dicomType = "DICOM"

// dicomObject is a DICOM object in a script, with the methods of dcm4che's that
// scripts call.
type dicomObject struct{ o *dicom.Object }

func (*dicomObject) JavaClass() string { return "org.dcm4che2.data.BasicDicomObject" }

func dicomClasses() []*java.Class {
	return []*java.Class{
		{Name: "com.mirth.connect.server.userutil.DICOMUtil", Static: java.Methods{
			"getDICOMRawData": func(c *java.Call) any {
				b, encoded := runOf(c).dicomOf(c, messageAt(c, 0))
				if b != nil {
					return base64.StdEncoding.EncodeToString(b)
				}
				return encoded
			},
			"getDICOMRawBytes": rawDICOM,
			"getDICOMMessage":  rawDICOM,
			"getSliceCount": func(c *java.Call) any {
				o, err := dicom.Read(rawDICOM(c).([]byte))
				check(c, err)
				return int32(o.Frames())
			},
			"convertDICOM": func(c *java.Call) any {
				b := picture(c)
				if b == nil {
					return ""
				}
				return chunkedBase64(b)
			},
			"convertDICOMToByteArray": func(c *java.Call) any {
				if b := picture(c); b != nil {
					return b
				}
				return nil
			},
			"mergeHeaderAttachments": func(c *java.Call) any {
				var parts [][]byte
				items, _ := c.Items(1)
				for _, item := range items {
					if a, ok := item.(*attachment); ok {
						parts = append(parts, a.Content)
					}
				}
				return base64.StdEncoding.EncodeToString(merge(c, dicomHeader(messageAt(c, 0)), parts))
			},
			"mergeHeaderPixelData": func(c *java.Call) any {
				var parts [][]byte
				items, _ := c.Items(1)
				for _, item := range items {
					if b, ok := item.([]byte); ok {
						parts = append(parts, b)
					}
				}
				return base64.StdEncoding.EncodeToString(merge(c, c.Bytes(0), parts))
			},
			"byteArrayToDicomObject": func(c *java.Call) any {
				b := c.Bytes(0)
				if c.Len() > 1 && c.Bool(1) {
					b = decodeBase64(string(b))
				}
				o, err := dicom.Read(b)
				if err != nil {
					panic(c.Throw("java.io.IOException", err.Error()))
				}
				return &dicomObject{o}
			},
			"dicomObjectToByteArray": func(c *java.Call) any {
				o, ok := c.Object(0).(*dicomObject)
				if !ok {
					panic(c.Throw("java.lang.IllegalArgumentException", "that is no DICOM object"))
				}
				b, err := o.o.Bytes()
				if err != nil {
					panic(c.Throw("java.io.IOException", err.Error()))
				}
				return b
			},
		}},
		{Name: "org.dcm4che2.data.BasicDicomObject", New: func(*java.Call) any { return &dicomObject{new(dicom.Object)} }, Methods: dicomMethods()},
	}
}

func messageAt(c *java.Call, i int) *weir.ConnectorMessage {
	m, ok := c.Object(i).(*connectorMessage)
	if !ok {
		panic(c.Throw("java.lang.IllegalArgumentException", "give a connector message"))
	}
	return m.m
}

// dicomOf returns the object of a message with its pixel data, or what the message
// came with where that is not kept apart.
func (r *run) dicomOf(c *java.Call, m *weir.ConnectorMessage) (object []byte, encoded string) {
	encoded = m.Text(weir.Raw)
	ids, err := r.attachments(c).ListAttachments(r.ctx, m.ChannelID, m.MessageID)
	check(c, err)
	slices.Sort(ids) // the ids of several fragments begin with their number
	var parts [][]byte
	for i, id := range ids {
		a := r.attachment(c, m.ChannelID, m.MessageID, id, false)
		if a == nil || i == 0 && a.Type != dicomType {
			return nil, encoded
		}
		parts = append(parts, a.Content)
	}
	if len(parts) == 0 {
		return nil, encoded
	}
	return merge(c, dicomHeader(m), parts), ""
}

// dicomHeader is the object that a message was encoded to, or the one it came with.
func dicomHeader(m *weir.ConnectorMessage) []byte {
	for _, t := range []weir.ContentType{weir.Encoded, weir.Raw} {
		if content := m.Contents[t]; content.Set && content.DataType == dicomType {
			return decodeBase64(content.Text)
		}
	}
	return nil
}

func merge(c *java.Call, header []byte, parts [][]byte) []byte {
	if header == nil {
		return []byte{}
	}
	b, err := dicom.Join(header, parts)
	if err != nil {
		panic(c.Throw("com.mirth.connect.donkey.model.message.MessageSerializerException", err.Error()))
	}
	return b
}

func rawDICOM(c *java.Call) any {
	object, encoded := runOf(c).dicomOf(c, messageAt(c, 0))
	if object == nil {
		object = decodeBase64(encoded)
	}
	return object
}

// picture makes an image file from a slice, which counts from 1 and is the first
// one unless given: (type, message[, slice][, autoThreshold]). As in Mirth the
// threshold changes nothing, and a slice that is not there is a line in the log
// and no file.
func picture(c *java.Call) []byte {
	slice := 1
	if c.Len() > 2 && c.IsNumber(2) {
		slice = c.Int(2)
	}
	rest := &java.Call{VM: c.VM, Args: c.Args[1:]}
	o, err := dicom.Read(rawDICOM(rest).([]byte))
	check(c, err)
	r := runOf(c)
	if slice < 1 || slice > o.Frames() {
		r.log(LevelError, r.logger, fmt.Sprintf("DICOM: there is no slice %d in message %d", slice, messageAt(c, 1).MessageID))
		return nil
	}
	img, err := o.Picture(slice - 1)
	check(c, err)
	b, err := imageFile(img, c.Text(0))
	check(c, err)
	return b
}

// imageFile writes a picture; a type that is not known gives an empty file, as
// Java's ImageIO does.
func imageFile(img image.Image, kind string) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch strings.ToLower(kind) {
	case "jpg", "jpeg":
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 100})
	case "png":
		err = png.Encode(&b, img)
	case "gif":
		err = gif.Encode(&b, img, nil)
	case "bmp":
		writeBMP(&b, img)
	case "tif", "tiff":
		writeTIFF(&b, img)
	}
	if b.Len() == 0 {
		return []byte{}, err
	}
	return b.Bytes(), err
}

// writeBMP writes 24 bits for each pixel, from the last row to the first.
func writeBMP(b *bytes.Buffer, img image.Image) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	row := (3*w + 3) &^ 3
	b.WriteString("BM")
	le := binary.LittleEndian
	out := le.AppendUint32(nil, uint32(54+row*h))
	for _, n := range []uint32{0, 54, 40, uint32(w), uint32(h), 1 | 24<<16, 0, uint32(row * h), 2835, 2835, 0, 0} {
		out = le.AppendUint32(out, n)
	}
	b.Write(out)
	line := make([]byte, row)
	for y := h - 1; y >= 0; y-- {
		for x := range w {
			red, green, blue, _ := img.At(x, y).RGBA()
			line[3*x], line[3*x+1], line[3*x+2] = byte(blue>>8), byte(green>>8), byte(red>>8)
		}
		b.Write(line)
	}
}

// writeTIFF writes one strip of eight bits for each sample, without compression.
func writeTIFF(b *bytes.Buffer, img image.Image) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	_, grey := img.(*image.Gray)
	samples := 3
	if grey {
		samples = 1
	}
	le := binary.LittleEndian
	const entries, short, long = 10, 3, 4
	end := 8 + 2 + 12*entries + 4
	bits := end // three numbers, where they do not fit into the entry
	data := bits + 6
	out := append([]byte("II*\x00"), 8, 0, 0, 0, entries, 0)
	entry := func(tag, kind uint16, count, value int) {
		out = le.AppendUint16(le.AppendUint16(out, tag), kind)
		out = le.AppendUint32(le.AppendUint32(out, uint32(count)), uint32(value))
	}
	entry(256, long, 1, w)
	entry(257, long, 1, h)
	if grey {
		entry(258, short, 1, 8)
	} else {
		entry(258, short, 3, bits)
	}
	entry(259, short, 1, 1)             // no compression
	entry(262, short, 1, (samples+1)/2) // 1: black is zero; 2: red, green and blue
	entry(273, long, 1, data)
	entry(277, short, 1, samples)
	entry(278, long, 1, h)
	entry(279, long, 1, w*h*samples)
	entry(284, short, 1, 1) // samples of a pixel stand together
	out = append(out, 0, 0, 0, 0, 8, 0, 8, 0, 8, 0)
	b.Write(out)
	for y := range h {
		for x := range w {
			red, green, blue, _ := img.At(x, y).RGBA()
			b.WriteByte(byte(red >> 8))
			if !grey {
				b.WriteByte(byte(green >> 8))
				b.WriteByte(byte(blue >> 8))
			}
		}
	}
}

func chunkedBase64(b []byte) string {
	text := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for chunk := range slices.Chunk([]byte(text), 76) {
		out.Write(chunk)
		out.WriteString("\r\n")
	}
	return out.String()
}

func dicomMethods() java.Methods {
	on := func(f func(o *dicom.Object, c *java.Call) any) func(*java.Call) any {
		return func(c *java.Call) any { return f(c.This.(*dicomObject).o, c) }
	}
	value := func(o *dicom.Object, c *java.Call) (string, bool) {
		e := o.Find(dicomTag(c))
		if e == nil {
			return "", false
		}
		return valueText(o, e), true
	}
	return java.Methods{
		"contains": on(func(o *dicom.Object, c *java.Call) any { return o.Find(dicomTag(c)) != nil }),
		"getString": on(func(o *dicom.Object, c *java.Call) any {
			text, ok := value(o, c)
			if first, _, _ := strings.Cut(text, `\`); ok && first != "" {
				return first
			}
			if c.Len() > 1 {
				return c.Object(1)
			}
			return nil
		}),
		"getStrings": on(func(o *dicom.Object, c *java.Call) any {
			text, ok := value(o, c)
			if !ok {
				return nil
			}
			var out []any
			for one := range strings.SplitSeq(text, `\`) {
				out = append(out, one)
			}
			return out
		}),
		"getInt": on(func(o *dicom.Object, c *java.Call) any {
			text, _ := value(o, c)
			first, _, _ := strings.Cut(text, `\`)
			if n, err := strconv.Atoi(strings.TrimSpace(first)); err == nil {
				return int32(n)
			}
			if c.Len() > 1 {
				return int32(c.Int(1))
			}
			return int32(0)
		}),
		"getBytes": on(func(o *dicom.Object, c *java.Call) any {
			if e := o.Find(dicomTag(c)); e != nil {
				return e.Value
			}
			return nil
		}),
		"putString": on(func(o *dicom.Object, c *java.Call) any {
			tag, vr := dicomTag(c), vrArgument(c)
			text := c.Text(2)
			e := dicom.Element{Tag: tag, VR: vr}
			var err error
			if e.Value, err = vr.Parse(text, o.Charsets()); err != nil {
				panic(c.Throw("java.lang.IllegalArgumentException", err.Error()))
			}
			e.Value = vr.InOrder(e.Value, false, o.BigEndian && tag>>16 != 2)
			o.Put(e)
			return java.Void
		}),
		"putBytes": on(func(o *dicom.Object, c *java.Call) any {
			o.Put(dicom.Element{Tag: dicomTag(c), VR: vrArgument(c), Value: c.Bytes(2)})
			return java.Void
		}),
		"remove": on(func(o *dicom.Object, c *java.Call) any {
			o.Remove(dicomTag(c))
			return java.Void
		}),
		"clear":   on(func(o *dicom.Object, c *java.Call) any { o.Elements = nil; return java.Void }),
		"size":    on(func(o *dicom.Object, c *java.Call) any { return int32(len(o.Elements)) }),
		"isEmpty": on(func(o *dicom.Object, c *java.Call) any { return len(o.Elements) == 0 }),
	}
}

// dicomTag reads a tag, which is a number, or hexadecimal digits.
func dicomTag(c *java.Call) dicom.Tag {
	if c.IsNumber(0) {
		return dicom.Tag(uint32(int64(c.Float(0))))
	}
	n, err := strconv.ParseUint(c.Text(0), 16, 32)
	if err != nil {
		panic(c.Throw("java.lang.IllegalArgumentException", "a tag is a number, or eight hexadecimal digits"))
	}
	return dicom.Tag(n)
}

// vrArgument reads a representation; null means the standard's.
func vrArgument(c *java.Call) dicom.VR {
	if c.Null(1) {
		return dicom.VROf(dicomTag(c))
	}
	vr := dicom.VR(c.Text(1))
	if !vr.Valid() {
		panic(c.Throw("java.lang.IllegalArgumentException", "that is no value representation"))
	}
	return vr
}

func valueText(o *dicom.Object, e *dicom.Element) string {
	return e.VR.Text(e.Value, o.BigEndian && e.Tag>>16 != 2, o.Charsets())
}
