package script_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/wire/dicom"
)

// keeper is a host with the attachments of one message.
type keeper struct {
	recorder
	ids   []string
	parts map[string]*weir.Attachment
}

func (k *keeper) ListAttachments(context.Context, string, int64) ([]string, error) {
	return k.ids, nil
}

func (k *keeper) GetAttachment(_ context.Context, _ string, _ int64, id string) (*weir.Attachment, error) {
	return k.parts[id], nil
}

func (k *keeper) PutAttachment(context.Context, string, int64, *weir.Attachment) error { return nil }

func (k *keeper) Reattach(_ context.Context, _ *weir.ConnectorMessage, text string, _ script.Reattach) (string, error) {
	return text, nil
}

// dicomScope is a message whose pixel data is kept apart, as the DICOM attachment
// handler does it, or not.
func dicomScope(t *testing.T, name string, apart bool) (*script.Scope, *keeper) {
	t.Helper()
	file, err := os.ReadFile("../../wire/dicom/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{parts: map[string]*weir.Attachment{}}
	if apart {
		var frames [][]byte
		if file, frames, err = dicom.Split(file); err != nil {
			t.Fatal(err)
		}
		for i, f := range frames {
			id := fmt.Sprintf("F%d-x", i)
			k.ids = append([]string{id}, k.ids...) // in no order
			k.parts[id] = &weir.Attachment{ID: id, Type: "DICOM", Content: f}
		}
	}
	s := newScope()
	s.Host = k
	s.Message.Set(weir.Raw, base64.StdEncoding.EncodeToString(file), "DICOM")
	return s, k
}

func TestDICOMUtil(t *testing.T) {
	const open = "var o = DICOMUtil.byteArrayToDicomObject(DICOMUtil.getDICOMRawBytes(connectorMessage), false); "
	for _, c := range []struct{ name, body, want string }{
		{"the same object, apart or not", "return DICOMUtil.getDICOMRawBytes(connectorMessage).length > 900", "true"},
		{"base64", "return DICOMUtil.getDICOMRawData(connectorMessage) == FileUtil.encode(DICOMUtil.getDICOMMessage(connectorMessage)).replaceAll('\\r\\n', '')", "true"},
		{"slices", "return DICOMUtil.getSliceCount(connectorMessage)", "1"},
		{"a slice that is not there", "return DICOMUtil.convertDICOM('png', connectorMessage, 2) + '|' + DICOMUtil.convertDICOMToByteArray('png', connectorMessage, 0)", "|null"},
		{"a type that is not known", "return DICOMUtil.convertDICOMToByteArray('xyz', connectorMessage).length", "0"},
		{"elements", open + "return [o.getString(0x00100010), o.getInt(0x00280011), o.contains(0x00080060), o.getString(0x00200032), o.getStrings(0x00200032)[2], " +
			"o.getString(0x00101010), o.getString(0x00101010, 'none')].join()", "Müller^Jürg,4,true,0,-2,,none"},
		{"changed", open + "o.putString(0x00100010, null, 'X^Ü'); o.putString('00280010', 'US', '7'); o.remove(0x00080060); " +
			"var p = DICOMUtil.byteArrayToDicomObject(DICOMUtil.dicomObjectToByteArray(o), false); " +
			"return [p.getString(0x00100010), p.getInt(0x00280010), p.contains(0x00080060)].join()", "X^Ü,7,false"},
		{"base64 decoded", "var o = DICOMUtil.byteArrayToDicomObject(new java.lang.String(DICOMUtil.getDICOMRawData(connectorMessage)).getBytes(), true); return o.getString(0x00080060)", "OT"},
		{"merged", "var l = new java.util.ArrayList(); l.add(new Attachment('x', DICOMUtil.getDICOMRawBytes(connectorMessage), 'DICOM')); " +
			"var o = DICOMUtil.byteArrayToDicomObject(FileUtil.decode(DICOMUtil.mergeHeaderAttachments(connectorMessage, l)), false); return o.getBytes(0x7FE00010).length > 900", "true"},
		{"merged from bytes", "var l = new java.util.ArrayList(); l.add(new java.lang.String('ab').getBytes()); " +
			"var o = DICOMUtil.byteArrayToDicomObject(FileUtil.decode(DICOMUtil.mergeHeaderPixelData(DICOMUtil.getDICOMRawBytes(connectorMessage), l)), false); return o.getBytes(0x7FE00010).length", "2"},
	} {
		for _, apart := range []bool{false, true} {
			scope, _ := dicomScope(t, "explicit.dcm", apart)
			got, err := runBody(t, scope, c.body)
			if err != nil || fmt.Sprint(got) != c.want {
				t.Errorf("%s, apart %v: got %v, %v, want %s", c.name, apart, got, err, c.want)
			}
		}
	}
	for _, body := range []string{
		"DICOMUtil.byteArrayToDicomObject(new java.lang.String('SECRET').getBytes(), false)",
		"DICOMUtil.getSliceCount('SECRET')", "DICOMUtil.dicomObjectToByteArray('SECRET')", open + "o.putString(0x00280010, 'US', 'SECRET')",
		open + "o.putString(0x00280010, 'ZZ', '1')",
	} {
		scope, _ := dicomScope(t, "jpeg-lossless.dcm", true)
		if _, err := runBody(t, scope, body); err == nil || strings.Contains(err.Error(), "SECRET ") {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestDICOMPictures(t *testing.T) {
	for kind, decode := range map[string]func(b *bytes.Buffer) (image.Image, error){
		"png":  func(b *bytes.Buffer) (image.Image, error) { return png.Decode(b) },
		"jpg":  func(b *bytes.Buffer) (image.Image, error) { return jpeg.Decode(b) },
		"JPEG": func(b *bytes.Buffer) (image.Image, error) { return jpeg.Decode(b) },
		"gif":  func(b *bytes.Buffer) (image.Image, error) { return gif.Decode(b) },
	} {
		scope, _ := dicomScope(t, map[bool]string{true: "jpeg-lossless.dcm", false: "rle.dcm"}[kind == "png"], true)
		v, err := runBody(t, scope, "return DICOMUtil.convertDICOM('"+kind+"', connectorMessage, 1, true)")
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		text := fmt.Sprint(v)
		if !strings.HasSuffix(text, "\r\n") {
			t.Errorf("%s: the base64 ends with %q", kind, text[len(text)-4:])
		}
		file, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\r\n", ""))
		if err != nil {
			t.Fatal(err)
		}
		img, err := decode(bytes.NewBuffer(file))
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		grey, _, _, _ := img.At(3, 0).RGBA()
		if img.Bounds().Dx() != 4 || img.Bounds().Dy() != 2 || grey>>8 < 250 {
			t.Errorf("%s: %v, pixel %d", kind, img.Bounds(), grey>>8)
		}
	}
	for kind, want := range map[string]struct {
		begin string
		size  int
	}{"bmp": {"BM", 54 + 2*12}, "tif": {"II*\x00", 8 + 2 + 120 + 4 + 6 + 8}} {
		scope, _ := dicomScope(t, "explicit.dcm", false)
		v, err := runBody(t, scope, "return FileUtil.encode(DICOMUtil.convertDICOMToByteArray('"+kind+"', connectorMessage)).replaceAll('\\r\\n', '')")
		if err != nil {
			t.Fatal(err)
		}
		file, err := base64.StdEncoding.DecodeString(fmt.Sprint(v))
		if err != nil || len(file) != want.size || !strings.HasPrefix(string(file), want.begin) {
			t.Errorf("%s: %d bytes, want %d; %v", kind, len(file), want.size, err)
		}
	}
}
